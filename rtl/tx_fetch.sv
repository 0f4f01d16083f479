// SPDX-License-Identifier: BSD-2-Clause
//
// Data of TX segments from host memory. Segments wait in a small RAM until their
// packet is committed; then each is read, in pieces that end at multiples of PIECE, made
// as soon as the data FIFO has room for all beats of one, so that responses can always be
// taken. What came is offered as bus beats, and beside them for each piece where it lies
// in them; for the packer it is a segment like any other.
// A packet's header, if it has one, is handed on to tx_head instead: its first
// segment when that is short, else the first bytes of it, so that the rest begins
// with a beat and does not take one more than it must.
//
// The segment RAM holds two packets of the most segments, so that the one being
// parsed always fits when those before it are gone.

module tx_fetch #(
  parameter int unsigned DATA_W   = 512,
  parameter int unsigned MAX_SEGS = 32,
  parameter int unsigned HEAD_MAX = 128,         // bytes, at least a beat
  parameter int unsigned DEPTH    = 262144 / DATA_W,  // beats of data; 32 KiB
  parameter int unsigned PIECE    = 8192,        // bytes, a power of two, at most the data FIFO's
  localparam int unsigned B       = DATA_W / 8,
  localparam int unsigned LGB     = $clog2(B)
) (
  input  logic              clk,
  input  logic              rst,
  output logic              busy,

  input  logic              seg_push,
  output logic              seg_ready,
  input  logic [63:0]       seg_addr,
  input  logic [15:0]       seg_len,
  input  logic              seg_last,            // of the packet
  input  logic              seg_commit,          // all pushed so far,
  input  logic              seg_head,            // which begin with a header
  input  logic              seg_rollback,        // all pushed since the last commit

  output logic              m_head_valid,
  input  logic              m_head_ready,
  output logic [63:0]       m_head_addr,
  output logic [$clog2(HEAD_MAX):0] m_head_len,

  output logic              m_rd_req_valid,
  input  logic              m_rd_req_ready,
  output logic [63:0]       m_rd_req_addr,
  output logic [15:0]       m_rd_req_len,
  input  logic              s_rd_rsp_valid,
  input  logic [DATA_W-1:0] s_rd_rsp_data,
  input  logic              s_rd_rsp_last,
  input  logic              s_rd_rsp_err,

  // pieces asked for, in order, without headers
  output logic              m_seg_valid,
  input  logic              m_seg_ready,
  output logic [LGB-1:0]    m_seg_off,           // of its first byte in its first beat
  output logic [15:0]       m_seg_len,
  output logic              m_seg_last,

  // their beats
  output logic              m_dat_valid,
  input  logic              m_dat_ready,
  output logic [DATA_W-1:0] m_dat_data,
  output logic              m_dat_err            // this beat of the piece, or one before, failed
);

  // ---- Segments, with commit and rollback -----------------------------------

  localparam int unsigned P_W = $clog2(2 * MAX_SEGS);

  logic [80:0]    mem [2 * MAX_SEGS];
  logic [P_W:0]   wr_q, commit_q, rd_q;
  logic [80:0]    head;
  logic [63:0]    seg_at, addr;                  // of the segment, of what is left of it
  logic [15:0]    seg_n, lead;
  logic [15:0]    gone_q, left, most, len;       // bytes of the segment: asked for, not, of a piece, of this one
  logic           last, some, ask, ask_end, issue;
  logic [2*MAX_SEGS-1:0] head_q;                 // at a packet's first segment: there is a header
  logic           first_q, is_head, short, head_ask;

  assign seg_ready = wr_q != {~rd_q[P_W], rd_q[P_W-1:0]};
  assign some      = rd_q != commit_q;
  assign head      = mem[rd_q[P_W-1:0]];
  assign {last, seg_n, seg_at} = head;

  always_ff @(posedge clk) begin
    if (seg_push)
      mem[wr_q[P_W-1:0]] <= {seg_last, seg_len, seg_addr};
  end

  assign is_head = first_q && head_q[rd_q[P_W-1:0]] && gone_q == 16'd0;
  assign short   = seg_n <= 16'(HEAD_MAX);
  assign lead    = 16'(B) - 16'(seg_at[LGB-1:0]);
  assign addr    = seg_at + 64'(gone_q);
  assign left    = seg_n - gone_q;
  assign most    = 16'(PIECE) - 16'(addr[$clog2(PIECE)-1:0]);
  assign ask_end = left <= most;
  assign len     = ask_end ? left : most;

  assign m_head_valid = some && is_head;
  assign m_head_addr  = seg_at;
  assign m_head_len   = ($clog2(HEAD_MAX) + 1)'(short ? seg_n : lead);
  assign head_ask     = m_head_valid && m_head_ready;
  assign issue        = (ask && ask_end) || (head_ask && short);

  always_ff @(posedge clk) begin
    if (seg_push)
      wr_q <= wr_q + (P_W + 1)'(1);
    if (seg_commit) begin
      commit_q                  <= wr_q;
      head_q[commit_q[P_W-1:0]] <= seg_head;
    end
    if (seg_rollback)
      wr_q <= commit_q;
    if (issue) begin
      rd_q    <= rd_q + (P_W + 1)'(1);
      first_q <= last;
      gone_q  <= '0;
    end else if (head_ask) begin
      gone_q  <= lead;
    end else if (ask) begin
      gone_q  <= gone_q + len;
    end
    if (rst) begin
      first_q  <= 1'b1;
      gone_q   <= '0;
      wr_q     <= '0;
      commit_q <= '0;
      rd_q     <= '0;
    end
  end

  // ---- Reads ----------------------------------------------------------------

  localparam int unsigned C_W = $clog2(DEPTH) + 1;

  logic [C_W-1:0] room_q;                        // beats nobody was promised
  logic [16:0]    end_off;
  logic [C_W-1:0] beats;
  logic           info_ready, pop;
  logic [6:0]     info_level;

  assign end_off = 17'(len) + 17'(addr[LGB-1:0]) + 17'(B - 1);
  assign beats   = C_W'(end_off >> LGB);

  assign m_rd_req_valid = some && !is_head && info_ready && beats <= room_q;
  assign m_rd_req_addr  = addr;
  assign m_rd_req_len   = len;
  assign ask            = m_rd_req_valid && m_rd_req_ready;
  assign pop            = m_dat_valid && m_dat_ready;

  always_ff @(posedge clk) begin
    if (ask || pop)
      room_q <= room_q - (ask ? beats : '0) + C_W'(pop);
    if (rst)
      room_q <= C_W'(DEPTH);
  end

  fifo #(.WIDTH(LGB + 17), .DEPTH(64)) u_info (
    .clk, .rst,
    .s_valid (ask),
    .s_ready (info_ready),
    .s_data  ({addr[LGB-1:0], len, last && ask_end}),
    .m_valid (m_seg_valid),
    .m_ready (m_seg_ready),
    .m_data  ({m_seg_off, m_seg_len, m_seg_last}),
    .level   (info_level)
  );

  logic           dat_ready;                     // always: there was room before the read
  logic [C_W-1:0] dat_level;

  fifo #(.WIDTH(DATA_W + 1), .DEPTH(DEPTH)) u_data (
    .clk, .rst,
    .s_valid (s_rd_rsp_valid),
    .s_ready (dat_ready),
    .s_data  ({s_rd_rsp_err, s_rd_rsp_data}),
    .m_valid (m_dat_valid),
    .m_ready (m_dat_ready),
    .m_data  ({m_dat_err, m_dat_data}),
    .level   (dat_level)
  );

  assign busy = some || m_seg_valid || m_dat_valid;

  logic unused;
  assign unused = &{1'b0, s_rd_rsp_last, dat_ready, info_level, dat_level};

endmodule
