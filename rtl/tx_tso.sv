// SPDX-License-Identifier: BSD-2-Clause
//
// TCP segmentation in the packet stream: a packet with meta.mss becomes frames, each
// with the packet's headers (tso_header) and mss bytes of its payload, the last
// one with what remains. All others pass as they are, in the same cycle.
//
// m_part says which frame of its packet a beat belongs to. The beat that ends the item
// (part.last) carries its status: that of the first beat that came with one, or DESC
// for headers that cannot be cut. What was begun when a status came ends there with
// it, and so must be dropped; the rest of the packet is swallowed.
//
// One beat a cycle comes out, whatever the lengths: header and payload meet in one
// beat, and so do the last bytes of one input beat and the first of the next. A packet that
// is cut takes 5 cycles before that, and one for each beat that holds headers and for each
// IPv6 extension header.
//
// Payload byte p of frame k is byte p + k * mss of the packet, if p is counted from the
// frame's start. So all beats of a frame are turned by the same number of bytes, k * mss
// modulo the beat; bytes come from the beat that was taken last and from the one on offer.

module tx_tso #(
  parameter int unsigned DATA_W = 512,
  localparam int unsigned B     = DATA_W / 8,
  localparam int unsigned LGB   = $clog2(B),
  localparam int unsigned LEN_W = LGB + 1
) (
  input  logic                 clk,
  input  logic                 rst,
  output logic                 busy,

  input  logic                 s_valid,
  output logic                 s_ready,
  input  logic [DATA_W-1:0]    s_data,
  input  logic                 s_last,
  input  logic [LEN_W-1:0]     s_nbytes,
  input  tlsnic_pkg::tx_meta_t s_meta,
  input  logic [7:0]           s_status,         // mss not 0: not 0 from the first wrong beat on

  output logic                 m_valid,
  input  logic                 m_ready,
  output logic [DATA_W-1:0]    m_data,
  output logic                 m_last,
  output logic [LEN_W-1:0]     m_nbytes,
  output tlsnic_pkg::tx_meta_t m_meta,
  output logic [7:0]           m_status,
  output net_pkg::tx_part_t    m_part
);

  localparam int unsigned I_W  = $clog2(tlsnic_abi_pkg::TLSNIC_TSO_MAX_HEADERS / B);
  localparam int unsigned LOOK = 14;             // bytes that tso_header wants to see

  typedef enum logic [2:0] {
    PASS,
    READ,                                        // looks at the headers
    FILL,                                        // takes the rest of them
    STEP0, STEP1,                                // the first frame is made ready
    SEND,
    DROP                                         // a status came
  } state_t;

  state_t               state_q;
  tlsnic_pkg::tx_meta_t meta_q;
  logic [DATA_W-1:0]    prev_q;                  // the beat taken last
  logic [I_W:0]         beats_q;                 // taken, while there may be headers in them
  logic [7:0]           status_q;

  // the register at the output
  logic                 o_valid, o_last, o_free;
  logic [DATA_W-1:0]    o_data;
  logic [LEN_W-1:0]     o_nbytes;
  logic [7:0]           o_status;
  net_pkg::tx_part_t    o_part;

  logic                 start, take, cut;

  assign cut    = s_valid && s_meta.kind == tlsnic_pkg::TX_PACKET && s_meta.mss != 16'd0;
  assign start  = state_q == PASS && cut && o_free;
  assign o_free = !o_valid || m_ready;

  // the beat that is made
  logic [13:0]      pos_q, left;                 // bytes of the frame before this beat, from it on
  logic [LGB-1:0]   turn_q, spare_q, spare;      // spare: bytes of prev_q that were not used
  logic [LEN_W-1:0] n, head_n, fresh;            // bytes of it; of headers, of payload
  logic             more, send, frame_end, failed;

  // ---- Headers ------------------------------------------------------------------

  logic [7:0]        look_pos, look_end;
  logic              look, look_last, head_bad, in_view;
  logic [8:0]        hlen;
  logic              load, step, first, last;
  logic [15:0]       pay;
  logic [DATA_W-1:0] head_data, turned;
  logic              head_end;                   // the beat on offer has the last of them

  assign look_end  = look_pos + 8'(LOOK - 1);
  assign in_view   = (I_W + 1)'(look_end[7:LGB]) == beats_q;
  assign look      = state_q == READ && s_valid && s_status == 8'd0 && in_view;
  assign head_end  = {beats_q, LGB'(0)} + 9'(B) >= hlen;
  assign load      = take && (state_q == READ || state_q == FILL);

  tso_header #(.DATA_W (DATA_W)) u_header (
    .clk,
    .start,
    .s_meta     (meta_q),
    .look_pos,
    .look,
    .look_data  (turned[8*LOOK-1:0]),
    .look_last,
    .bad        (head_bad),
    .hlen,
    .load,
    .load_index (beats_q[I_W-1:0]),
    .load_data  (s_data),
    .step,
    .pay, .first, .last,
    .rd_en      (state_q == SEND && head_n != '0),
    .rd_index   (pos_q[LGB +: I_W]),
    .m_data     (head_data)
  );

  // ---- The beat that is made ----------------------------------------------------

  assign left      = 14'(hlen) + 14'(pay) - pos_q;
  assign frame_end = left <= 14'(B);
  assign n         = frame_end ? left[LEN_W-1:0] : LEN_W'(B);

  always_comb begin
    head_n = '0;
    if (pos_q < 14'(hlen)) begin
      head_n = LEN_W'(B);
      if (14'(hlen) - pos_q < 14'(B))
        head_n = LEN_W'(14'(hlen) - pos_q);
    end
  end

  assign fresh  = n - head_n;
  assign more   = fresh > LEN_W'(spare_q);       // the beat on offer is needed
  assign failed = state_q == SEND && more && s_valid && s_status != 8'd0;
  assign send   = state_q == SEND && o_free && (!more || (s_valid && s_status == 8'd0));
  assign spare  = spare_q - fresh[LGB-1:0];
  assign step   = state_q == STEP0 || state_q == STEP1 || (send && frame_end);

  logic [LEN_W-1:0]  from;                       // this byte of prev_q on is to be used
  logic [LGB-1:0]    turn;
  logic [DATA_W-1:0] keep, merged, head_keep;

  always_comb begin
    from = LEN_W'(B) - LEN_W'(spare_q);
    turn = turn_q;
    if (state_q == READ) begin
      turn = look_pos[LGB-1:0];
      from = look_end[7:LGB] == look_pos[7:LGB] ? LEN_W'(B) : LEN_W'(turn);
    end
    keep      = '0;
    merged    = '0;
    turned    = '0;
    head_keep = '0;
    if (state_q == READ || state_q == SEND) begin
      keep      = {DATA_W{1'b1}} << {from, 3'd0};
      merged    = (prev_q & keep) | (s_data & ~keep);
      turned    = DATA_W'({2{merged}} >> {turn, 3'd0});
      head_keep = ~({DATA_W{1'b1}} << {head_n, 3'd0});
    end
  end

  // ---- Flow ---------------------------------------------------------------------

  logic drop_end;

  assign drop_end = state_q == DROP && s_valid && s_last && o_free;

  always_comb begin
    case (state_q)
      PASS:    take = !cut && !o_valid && m_ready;
      READ:    take = s_valid && s_status == 8'd0 && !in_view;
      FILL:    take = s_valid && s_status == 8'd0 && !head_bad;
      SEND:    take = send && more;
      DROP:    take = s_valid && (!s_last || o_free);
      default: take = 1'b0;
    endcase
  end

  assign s_ready = take;

  always_ff @(posedge clk) begin
    case (state_q)
      PASS: if (start)
        state_q <= READ;

      READ: if (look && look_last)
        state_q <= FILL;
      else if (s_valid && s_status != 8'd0)
        state_q <= DROP;

      FILL: if (head_bad || (s_valid && s_status != 8'd0))
        state_q <= DROP;
      else if (take && head_end)
        state_q <= STEP0;

      STEP0: state_q <= STEP1;
      STEP1: state_q <= SEND;

      SEND: if (send && frame_end && last)
        state_q <= PASS;
      else if (failed)
        state_q <= DROP;

      DROP: if (drop_end)
        state_q <= PASS;

      /* verilator coverage_off */ // no such state; in hardware that fell into one, the way out
      default: state_q <= PASS;
      /* verilator coverage_on */
    endcase

    if (start) begin
      meta_q  <= s_meta;
      beats_q <= '0;
    end
    if (take && state_q != PASS) begin
      prev_q  <= s_data;
      if (load)
        beats_q <= beats_q + (I_W + 1)'(1);
    end
    if (state_q != DROP)
      status_q <= s_valid && s_status != 8'd0 ? s_status : 8'(tlsnic_abi_pkg::TLSNIC_STATUS_DESC);

    if (state_q == STEP1) begin
      pos_q   <= '0;
      turn_q  <= '0;
      spare_q <= LGB'(0) - hlen[LGB-1:0];
    end else if (send) begin
      pos_q   <= frame_end ? '0 : pos_q + 14'(B);
      spare_q <= spare;
      if (frame_end)
        turn_q <= turn_q + pay[LGB-1:0];
    end
    if (rst)
      state_q <= PASS;
  end

  always_ff @(posedge clk) begin
    if (m_ready)
      o_valid <= 1'b0;
    if (send || drop_end) begin
      o_valid  <= 1'b1;
      o_last   <= drop_end || frame_end;
      o_nbytes <= drop_end ? LEN_W'(1) : n;
      o_status <= drop_end ? status_q : 8'd0;
      o_part   <= {1'b1, first, drop_end || last};
      if (send)
        o_data <= (head_data & head_keep) | (turned & ~head_keep);
    end
    if (rst)
      o_valid <= 1'b0;
  end

  // ---- Output -------------------------------------------------------------------

  assign m_valid  = o_valid || (state_q == PASS && s_valid && !cut);
  assign m_data   = o_valid ? o_data   : s_data;
  assign m_last   = o_valid ? o_last   : s_last;
  assign m_nbytes = o_valid ? o_nbytes : s_nbytes;
  assign m_meta   = o_valid ? meta_q   : s_meta;
  assign m_status = o_valid ? o_status : s_status;
  assign m_part   = o_valid ? o_part   : 3'b011;

  assign busy = state_q != PASS || o_valid;

  logic unused;
  assign unused = &{1'b0, look_end, pay};

endmodule
