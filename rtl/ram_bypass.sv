// SPDX-License-Identifier: BSD-2-Clause
//
// Memory of WORDS words, one read and one write port, a read and a write a cycle. A
// read sees the write of its own cycle. Made for block RAM: what goes round the memory
// has a register of its own, and the memory may read anything in that cycle.
//
// The word comes one cycle after r_valid and stays until the next read, or until
// clear, which makes it zero: no secret lingers. rst clears the word and leaves the
// memory as it is.

module ram_bypass #(
  parameter int unsigned WIDTH  = 128,
  parameter int unsigned WORDS  = 256,               // a power of two
  localparam int unsigned ADDR_W = $clog2(WORDS)
) (
  input  logic              clk,
  input  logic              rst,

  input  logic              r_valid,
  input  logic [ADDR_W-1:0] r_addr,
  input  logic              clear,                  // where r_valid is not up
  output logic [WIDTH-1:0]  word,

  input  logic              w_valid,
  input  logic [ADDR_W-1:0] w_addr,
  input  logic [WIDTH-1:0]  w_data
);

  (* ram_style = "block", no_rw_check *)
  logic [WIDTH-1:0] memory [0:WORDS-1];
  logic [WIDTH-1:0] read_q, round_q;                // the one that is not in use is zero
  logic             round;

  assign round = w_valid && w_addr == r_addr;
  assign word  = read_q | round_q;

  always_ff @(posedge clk) begin
    if (w_valid) memory[w_addr] <= w_data;
  end

  // Zeroing comes last: it is the reset of the memory's output register.
  always_ff @(posedge clk) begin
    if (r_valid) read_q <= memory[r_addr];
    if (rst || (r_valid ? round : clear)) read_q <= '0;
  end

  always_ff @(posedge clk) begin
    if (r_valid) round_q <= w_data;
    if (rst || (r_valid ? !round : clear)) round_q <= '0;
  end

endmodule
