// SPDX-License-Identifier: BSD-2-Clause
//
// Synchronous FIFO, first word falls through. One word a cycle in and out, also
// at the same time; a word is at the output one cycle after it went in. s_ready
// and m_valid come from registers. What was popped stays in the RAM until it is
// overwritten: nothing that must be wiped may pass through.

module fifo #(
  parameter int unsigned WIDTH = 8,
  parameter int unsigned DEPTH = 16,               // a power of two, at least 2
  localparam int unsigned LEVEL_W = $clog2(DEPTH) + 1
) (
  input  logic               clk,
  input  logic               rst,

  input  logic               s_valid,
  output logic               s_ready,
  input  logic [WIDTH-1:0]   s_data,

  output logic               m_valid,
  input  logic               m_ready,
  output logic [WIDTH-1:0]   m_data,

  output logic [LEVEL_W-1:0] level                 // words held
);

  localparam int unsigned PTR_W = $clog2(DEPTH);

  logic [WIDTH-1:0]   mem [DEPTH];
  logic [PTR_W-1:0]   wr_q, rd_q;
  logic [LEVEL_W-1:0] level_q;
  logic               full_q, some_q;
  logic               push, pop;

  assign s_ready = !full_q;
  assign m_valid = some_q;
  assign m_data  = mem[rd_q];
  assign level   = level_q;
  assign push    = s_valid && s_ready;
  assign pop     = m_valid && m_ready;

  always_ff @(posedge clk) begin
    if (push)
      mem[wr_q] <= s_data;
  end

  always_ff @(posedge clk) begin
    if (push)
      wr_q <= wr_q + PTR_W'(1);
    if (pop)
      rd_q <= rd_q + PTR_W'(1);
    if (push && !pop) begin
      level_q <= level_q + LEVEL_W'(1);
      full_q  <= level_q == LEVEL_W'(DEPTH - 1);
      some_q  <= 1'b1;
    end else if (pop && !push) begin
      level_q <= level_q - LEVEL_W'(1);
      full_q  <= 1'b0;
      some_q  <= level_q != LEVEL_W'(1);
    end
    if (rst) begin
      wr_q    <= '0;
      rd_q    <= '0;
      level_q <= '0;
      full_q  <= 1'b0;
      some_q  <= 1'b0;
    end
  end

endmodule
