// SPDX-License-Identifier: BSD-2-Clause
//
// Headers of a packet that is cut into frames: keeps them as they come, reads and
// checks them, and gives them out again for each frame with what differs in it.
//
// Reading: the user shows the bytes at look_pos, at least as many as LOOK, with `look`,
// until look_last. For this it steps through the packet: look_pos only grows. From
// the cycle after the last look `bad` says whether the packet can be cut and hlen
// where its payload begins. `load` stores a beat of the headers, from the first on;
// all of them go in before the first `step`.
//
// Frames: `step` makes the frame that was prepared the current one and prepares the
// next: so two steps come before the first frame. m_data is the beat rd_index of the current frame's headers; combinational.

module tso_header #(
  parameter int unsigned DATA_W = 512,
  localparam int unsigned B     = DATA_W / 8,
  localparam int unsigned LOOK  = 14,
  localparam int unsigned MAX   = tlsnic_abi_pkg::TLSNIC_TSO_MAX_HEADERS,
  localparam int unsigned I_W   = $clog2(MAX / B)
) (
  input  logic              clk,

  input  logic              start,               // a new packet
  input  tlsnic_pkg::tx_meta_t s_meta,           // of it, from the next cycle on

  output logic [7:0]        look_pos,
  input  logic              look,
  input  logic [8*LOOK-1:0] look_data,
  output logic              look_last,           // this look is the last
  output logic              bad,
  output logic [8:0]        hlen,

  input  logic              load,
  input  logic [I_W-1:0]    load_index,
  input  logic [DATA_W-1:0] load_data,

  input  logic              step,
  output logic [15:0]       pay,                 // payload bytes of the current frame
  output logic              first,
  output logic              last,
  input  logic              rd_en,
  input  logic [I_W-1:0]    rd_index,
  output logic [DATA_W-1:0] m_data
);

  function automatic logic [15:0] swap(input logic [15:0] x);
    swap = {x[7:0], x[15:8]};
  endfunction

  // ones' complement sum
  function automatic logic [15:0] fold(input logic [17:0] x);
    logic [16:0] once;
    once = 17'(x[15:0]) + 17'(x[17:16]);
    fold = once[15:0] + 16'(once[16]);
  endfunction

  // ---- Reading ----------------------------------------------------------------

  localparam logic [7:0] NEXT_HOP_BY_HOP = 8'd0,
                         NEXT_TCP        = 8'd6,
                         NEXT_ROUTING    = 8'd43,
                         NEXT_OPTIONS    = 8'd60,
                         NEXT_MOBILITY   = 8'd135;
  localparam logic [7:0] IP6_LEN         = 8'd40;
  localparam logic [7:0] TCP_SEQ         = 8'd4;   // in the TCP header

  typedef enum logic [1:0] { LOOK_IP, LOOK_EXT, LOOK_TCP } look_t;

  look_t       look_q;
  logic [7:0]  pos_q;                            // of the extension header
  logic        ip6_q, bad_q;
  logic [15:0] total_q, id_q, ipsum_q;           // of the IPv4 header as it came
  logic [31:0] seq_q;
  logic [3:0]  doff_q;
  logic [7:0]  flags_q;
  logic [15:0] tcpsum_q;

  logic [7:0]  byte0, byte1, after;              // after: what comes behind this header
  logic [11:0] at;                               // where that begins
  logic        skip;                             // an extension header that may stand there

  assign byte0 = look_data[7:0];
  assign byte1 = look_data[15:8];

  assign look_pos = look_q == LOOK_IP  ? s_meta.l3_start
                  : look_q == LOOK_TCP ? s_meta.csum_start[7:0] + TCP_SEQ : pos_q;

  always_comb begin
    after = byte0;
    at    = 12'(pos_q) + {1'b0, byte1, 3'd0} + 12'd8;
    if (look_q == LOOK_IP) begin
      after = look_data[55:48];
      at    = 12'(s_meta.l3_start) + 12'(IP6_LEN);
      if (byte0[7:4] == 4'd4) begin
        after = look_data[79:72];
        at    = 12'(s_meta.l3_start) + 12'({byte0[3:0], 2'd0});
      end
    end
  end

  assign skip = after == NEXT_HOP_BY_HOP || after == NEXT_ROUTING || after == NEXT_OPTIONS || after == NEXT_MOBILITY;

  always_ff @(posedge clk) begin
    if (look) begin
      if (look_q == LOOK_TCP) begin
        seq_q    <= {swap(look_data[15:0]), swap(look_data[31:16])};
        doff_q   <= look_data[71:68];
        flags_q  <= look_data[79:72];
        tcpsum_q <= swap(look_data[111:96]);
      end else begin
        // on to TCP if it is there, else past the header found
        pos_q <= at[7:0];
        if (after == NEXT_TCP) begin
          look_q <= LOOK_TCP;
          bad_q  <= at != 12'(s_meta.csum_start);
        end else begin
          look_q <= LOOK_EXT;
          if (!skip || at >= 12'(s_meta.csum_start)) begin
            look_q <= LOOK_TCP;
            bad_q  <= 1'b1;
          end
        end
        if (look_q == LOOK_IP) begin
          ip6_q   <= byte0[7:4] == 4'd6;
          total_q <= swap(look_data[31:16]);
          id_q    <= swap(look_data[47:32]);
          ipsum_q <= swap(look_data[95:80]);
          if (byte0[7:4] == 4'd4 ? byte0[3:0] < 4'd5 || after != NEXT_TCP : byte0[7:4] != 4'd6) begin
            look_q <= LOOK_TCP;
            bad_q  <= 1'b1;
          end
        end
      end
    end
    if (start) begin
      look_q <= LOOK_IP;
      bad_q  <= 1'b0;
    end
  end

  // ---- Verdict ------------------------------------------------------------------

  localparam logic [16:0] MAX_LEN = tlsnic_abi_pkg::TLSNIC_TX_MAX_LEN[16:0];

  logic [15:0] payload, full;                    // of the packet, of its first frame

  assign look_last = look_q == LOOK_TCP;
  assign hlen      = 9'(s_meta.csum_start[7:0]) + 9'({doff_q, 2'd0});
  assign payload   = s_meta.len - 16'(hlen);
  assign full      = payload < s_meta.mss ? payload : s_meta.mss;
  assign bad       = bad_q || doff_q < 4'd5 || hlen > 9'(MAX) || 16'(hlen) > s_meta.len
                   || 17'(hlen) + 17'(full) > MAX_LEN;

  // ---- Sum of the IPv4 header as it came ----------------------------------------

  logic [B-1:0] mask;
  logic [15:0]  sum, ip_sum;

  byte_mask #(.DATA_W (DATA_W)) u_mask (
    .pos  (17'({load_index, {$clog2(B){1'b0}}})),
    .beg  (17'(s_meta.l3_start)),
    .fin  (17'(s_meta.csum_start)),
    .mask
  );

  csum_acc #(.DATA_W (DATA_W)) u_acc (
    .clk,
    .load,
    .load_first (load_index == '0),
    .load_mask  (mask),
    .load_data,
    .sum
  );

  assign ip_sum = s_meta.l3_start[0] ? sum : swap(sum);

  // ---- Frames -------------------------------------------------------------------
  //
  // n_: the frame that is prepared. Sums are without what changes.

  logic        fresh_q;                          // nothing is prepared
  logic [15:0] rest_q, rest, take;               // payload behind the frame that is prepared
  logic [15:0] n_pay_q, n_len_q, n_id_q;         // n_len: length field of the IP header
  logic        n_last_q, n_first_q;
  logic [15:0] base_q, id_now_q, len_q, ip_csum_q, tcp_csum_q;
  logic [31:0] seq_now_q;
  logic [15:0] minus;                            // what is taken out of the sum
  logic [15:0] l3_head;                          // what the length field counts of the headers

  assign minus   = ~fold(18'(total_q) + 18'(id_q) + 18'(ipsum_q));
  assign rest    = fresh_q ? payload : rest_q;
  assign take    = rest < s_meta.mss ? rest : s_meta.mss;
  assign l3_head = 16'(hlen) - 16'(s_meta.l3_start) - (ip6_q ? 16'(IP6_LEN) : 16'd0);

  always_ff @(posedge clk) begin
    if (step) begin
      fresh_q    <= 1'b0;
      rest_q     <= rest - take;
      n_pay_q    <= take;
      n_len_q    <= take + l3_head;
      n_last_q   <= rest <= s_meta.mss;
      n_first_q  <= fresh_q;
      n_id_q     <= fresh_q ? id_q : n_id_q + 16'd1;
      if (fresh_q)
        base_q   <= fold(18'(ip_sum) + 18'(minus));
      pay        <= n_pay_q;
      first      <= n_first_q;
      last       <= n_last_q;
      len_q      <= n_len_q;
      id_now_q   <= n_id_q;
      ip_csum_q  <= ~fold(18'(base_q) + 18'(n_len_q) + 18'(n_id_q));
      tcp_csum_q <= fold(18'(tcpsum_q) + 18'(n_pay_q) + 18'({doff_q, 2'd0}));
      seq_now_q  <= n_first_q ? seq_q : seq_now_q + 32'(s_meta.mss);
    end
    if (start)
      fresh_q <= 1'b1;
  end

  // ---- Headers out --------------------------------------------------------------
  //
  // Bytes 0 to 11 of the IP header and 4 to 17 of the TCP header are laid over where
  // they differ.

  localparam logic [7:0] FIN = 8'h01, PSH = 8'h08, CWR = 8'h80;

  logic [DATA_W-1:0] mem [MAX / B];
  logic [95:0]       ip_new;
  logic [11:0]       ip_put;
  logic [111:0]      tcp_new;
  logic [13:0]       tcp_put;
  logic [7:0]        tcp_at;

  always_ff @(posedge clk) begin
    if (load)
      mem[load_index] <= load_data;
  end

  assign ip_put  = ip6_q ? 12'b0000_0011_0000 : 12'b1100_0011_1100;
  assign tcp_put = 14'b11_0010_0000_1111;
  assign tcp_at  = s_meta.csum_start[7:0] + TCP_SEQ;

  always_comb begin
    ip_new  = '0;
    tcp_new = '0;
    if (rd_en) begin
      ip_new[31:16]   = swap(len_q);
      ip_new[47:32]   = swap(ip6_q ? len_q : id_now_q);
      ip_new[95:80]   = swap(ip_csum_q);
      tcp_new[31:0]   = {swap(seq_now_q[15:0]), swap(seq_now_q[31:16])};
      tcp_new[79:72]  = flags_q & ~(first ? 8'd0 : CWR) & ~(last ? 8'd0 : FIN | PSH);
      tcp_new[111:96] = swap(tcp_csum_q);
    end
  end

  // over two beats, of which this is the lower, the upper or neither
  localparam int unsigned LGB = $clog2(B);

  logic [2*DATA_W-1:0] ip_wide, tcp_wide;
  logic [2*B-1:0]      ip_lanes, tcp_lanes;

  always_comb begin
    m_data    = '0;
    ip_wide   = '0;
    tcp_wide  = '0;
    ip_lanes  = '0;
    tcp_lanes = '0;
    if (rd_en) begin
      ip_wide   = (2 * DATA_W)'(ip_new) << {s_meta.l3_start[LGB-1:0], 3'd0};
      ip_lanes  = (2 * B)'(ip_put) << s_meta.l3_start[LGB-1:0];
      tcp_wide  = (2 * DATA_W)'(tcp_new) << {tcp_at[LGB-1:0], 3'd0};
      tcp_lanes = (2 * B)'(tcp_put) << tcp_at[LGB-1:0];
      m_data    = mem[rd_index];
      for (int unsigned i = 0; i < B; i++) begin
        if (rd_index == s_meta.l3_start[7:LGB] && ip_lanes[i])
          m_data[8*i +: 8] = ip_wide[8*i +: 8];
        if (rd_index == s_meta.l3_start[7:LGB] + I_W'(1) && ip_lanes[B+i])
          m_data[8*i +: 8] = ip_wide[8*(B+i) +: 8];
        if (rd_index == tcp_at[7:LGB] && tcp_lanes[i])
          m_data[8*i +: 8] = tcp_wide[8*i +: 8];
        if (rd_index == tcp_at[7:LGB] + I_W'(1) && tcp_lanes[B+i])
          m_data[8*i +: 8] = tcp_wide[8*(B+i) +: 8];
      end
    end
  end

  logic unused;
  assign unused = &{1'b0, s_meta, look_data};

endmodule
