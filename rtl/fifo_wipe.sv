// SPDX-License-Identifier: BSD-2-Clause
//
// A small FIFO for secrets: registers, zeroed when their word is popped; m_data
// is 0 while m_valid is. One word a cycle; a word is at the output one cycle
// after it went in.

module fifo_wipe #(
  parameter int unsigned WIDTH = 8,
  parameter int unsigned DEPTH = 4                 // a power of two, at least 2
) (
  input  logic             clk,
  input  logic             rst,

  input  logic             s_valid,
  output logic             s_ready,
  input  logic [WIDTH-1:0] s_data,

  output logic             m_valid,
  input  logic             m_ready,
  output logic [WIDTH-1:0] m_data
);

  localparam int unsigned PTR_W = $clog2(DEPTH);

  logic [DEPTH-1:0][WIDTH-1:0] word_q;
  logic [PTR_W:0]              wr_q, rd_q;

  assign s_ready = wr_q != {~rd_q[PTR_W], rd_q[PTR_W-1:0]};
  assign m_valid = wr_q != rd_q;
  assign m_data  = word_q[rd_q[PTR_W-1:0]];

  logic push, pop;

  assign push = s_valid && s_ready;
  assign pop  = m_valid && m_ready;

  // Each word by itself: a simulator may keep what is written to a word that is
  // chosen by an index.
  for (genvar i = 0; i < DEPTH; i++) begin : g_word
    always_ff @(posedge clk) begin
      if (push && wr_q[PTR_W-1:0] == PTR_W'(i))
        word_q[i] <= s_data;
      else if (pop && rd_q[PTR_W-1:0] == PTR_W'(i))
        word_q[i] <= '0;
      if (rst)
        word_q[i] <= '0;
    end
  end

  always_ff @(posedge clk) begin
    if (push)
      wr_q <= wr_q + (PTR_W + 1)'(1);
    if (pop)
      rd_q <= rd_q + (PTR_W + 1)'(1);
    if (rst) begin
      wr_q <= '0;
      rd_q <= '0;
    end
  end

endmodule
