// SPDX-License-Identifier: BSD-2-Clause
//
// Buffers on their way to memory. Holds the completion of each until axi_wr has
// reported its bytes written, then passes it on. Requests to axi_wr are made in
// the order of s_buf, so reports come in that order. If a buffer's write failed,
// it and the rest of its frame carry TLSNIC_RXF_ERROR.
//
// One buffer a cycle; one cycle from the report to m_cpl.

module rx_done #(
  parameter int unsigned NUM_QUEUES = 4,
  parameter int unsigned DEPTH      = 64,            // buffers, a power of two
  localparam int unsigned Q_W       = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1
) (
  input  logic                  clk,
  input  logic                  rst,
  output logic                  busy,

  input  logic                  s_buf_valid,
  output logic                  s_buf_ready,
  input  logic [Q_W-1:0]        s_buf_queue,
  input  logic [15:0]           s_buf_index,         // of the RX ring
  input  logic [15:0]           s_buf_len,           // bytes
  input  logic                  s_buf_start,         // first of its frame
  input  logic                  s_buf_end,           // last of its frame
  input  tlsnic_pkg::rx_meta_t  s_buf_meta,

  input  logic                  s_wr_done_valid,
  input  logic                  s_wr_done_err,

  output logic                  m_cpl_valid,
  input  logic                  m_cpl_ready,
  output tlsnic_pkg::cpl_t      m_cpl,

  output logic [NUM_QUEUES-1:0] holding,             // has buffers of the queue
  output logic                  err_write            // pulse
);

  localparam int unsigned LVL_W   = $clog2(DEPTH) + 1;
  localparam int unsigned BUF_W   = Q_W + 16 + 16 + 1 + 1 + 16 + 32 + 16 + 16;

  logic             buf_valid, buf_ready;
  logic [Q_W-1:0]   queue;
  logic [15:0]      index, len, flags, frame_len, vlan_tci, all_flags;
  logic [31:0]      hash;
  logic             first, last;
  logic             rep_valid, rep_err, rep_ready;
  logic [LVL_W-1:0] buf_level, rep_level;
  logic             err_q, err;                      // earlier in this frame, including now
  logic             pop;

  fifo #(.WIDTH(BUF_W), .DEPTH(DEPTH)) u_buf (
    .clk, .rst,
    .s_valid (s_buf_valid),
    .s_ready (s_buf_ready),
    .s_data  ({s_buf_queue, s_buf_index, s_buf_len, s_buf_start, s_buf_end, s_buf_meta.flags,
               s_buf_meta.hash, s_buf_meta.vlan_tci, s_buf_meta.frame_len}),
    .m_valid (buf_valid),
    .m_ready (buf_ready),
    .m_data  ({queue, index, len, first, last, flags, hash, vlan_tci, frame_len}),
    .level   (buf_level)
  );

  fifo #(.WIDTH(1), .DEPTH(DEPTH)) u_report (
    .clk, .rst,
    .s_valid (s_wr_done_valid),
    .s_ready (rep_ready),
    .s_data  (s_wr_done_err),
    .m_valid (rep_valid),
    .m_ready (pop),
    .m_data  (rep_err),
    .level   (rep_level)
  );

  assign m_cpl_valid = buf_valid && rep_valid;
  assign pop         = m_cpl_valid && m_cpl_ready;
  assign buf_ready   = rep_valid && m_cpl_ready;
  assign err         = rep_err || (err_q && !first);
  assign err_write   = s_wr_done_valid && s_wr_done_err;

  always_ff @(posedge clk) begin
    if (pop)
      err_q <= err;
    if (rst)
      err_q <= 1'b0;
  end

  always_comb begin
    all_flags = 16'd0;
    if (last)
      all_flags = flags | 16'(tlsnic_abi_pkg::TLSNIC_RXF_END);
    if (first)
      all_flags = all_flags | 16'(tlsnic_abi_pkg::TLSNIC_RXF_START);
    if (err)
      all_flags = all_flags | 16'(tlsnic_abi_pkg::TLSNIC_RXF_ERROR);
  end

  always_comb begin
    m_cpl       = '0;
    m_cpl.queue = 5'(queue);
    m_cpl.entry[tlsnic_abi_pkg::CPL_RX_TYPE_LSB  +: 8]  = 8'(tlsnic_abi_pkg::TLSNIC_CPL_RX);
    m_cpl.entry[tlsnic_abi_pkg::CPL_RX_INDEX_LSB +: 16] = index;
    m_cpl.entry[tlsnic_abi_pkg::CPL_RX_FLAGS_LSB +: 16] = all_flags;
    m_cpl.entry[tlsnic_abi_pkg::CPL_RX_LEN_LSB   +: 16] = len;
    if (last) begin
      m_cpl.entry[tlsnic_abi_pkg::CPL_RX_HASH_LSB      +: 32] = hash;
      m_cpl.entry[tlsnic_abi_pkg::CPL_RX_FRAME_LEN_LSB +: 16] = frame_len;
      m_cpl.entry[tlsnic_abi_pkg::CPL_RX_VLAN_TCI_LSB  +: 16] = vlan_tci;
    end
  end

  // ---- Buffers held for each queue ----------------------------------------

  logic [LVL_W-1:0] held_q [NUM_QUEUES];
  logic             push;

  assign push = s_buf_valid && s_buf_ready;

  always_ff @(posedge clk) begin
    if (push && !(pop && queue == s_buf_queue))
      held_q[s_buf_queue] <= held_q[s_buf_queue] + LVL_W'(1);
    if (pop && !(push && queue == s_buf_queue))
      held_q[queue] <= held_q[queue] - LVL_W'(1);
    if (rst) begin
      for (int q = 0; q < NUM_QUEUES; q++)
        held_q[q] <= '0;
    end
  end

  always_comb begin
    for (int q = 0; q < NUM_QUEUES; q++)
      holding[q] = held_q[q] != '0;
  end

  assign busy = buf_valid;

  logic unused;
  assign unused = &{1'b0, rep_ready, rep_level, buf_level, s_buf_meta.queue};

endmodule
