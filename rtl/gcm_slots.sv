// SPDX-License-Identifier: BSD-2-Clause
//
// Memory of one word a slot, for a stage of a pipe that reads the word of an
// op's slot and may write it back.
//
// The slot of an op is read in the cycle before its stage (s_*); `word` is valid
// in its stage, but if `held` is up, w_data is the word: the op before writes it.
// That an op writes is known in its stage (x_*), what it writes comes in the cycle
// after (w_data). An op sees what the one two before it writes. An access a cycle.
// A word that was not asked for, or that is held, is zero; none stays behind.

module gcm_slots #(
    parameter int unsigned WIDTH = 128,
    parameter int unsigned SLOTS = 256,
    localparam int unsigned SLOT_W = $clog2(SLOTS)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              s_load,
    input  logic [SLOT_W-1:0] s_slot,
    output logic [WIDTH-1:0]  word,
    output logic              held,

    input  logic              x_write,
    input  logic [SLOT_W-1:0] x_slot,
    input  logic [WIDTH-1:0]  w_data
);

  // Block RAM: what is written while the same slot is read goes round it, so the
  // memory may read anything then.
  (* ram_style = "block", no_rw_check *)
  logic [WIDTH-1:0]  memory [0:SLOTS-1];
  logic [WIDTH-1:0]  read_q, round_q;        // the one that is not in use is zero
  logic [SLOT_W-1:0] w_slot_q;
  logic              w_valid_q, load_q, held_q, next, same;

  assign next = x_write && x_slot == s_slot;
  assign same = w_valid_q && w_slot_q == s_slot;

  always_ff @(posedge clk) begin
    if (w_valid_q) memory[w_slot_q] <= w_data;
  end

  always_ff @(posedge clk) begin
    if (s_load) read_q <= memory[s_slot];
    if (rst || (s_load ? same || next : load_q)) read_q <= '0;
  end

  always_ff @(posedge clk) begin
    if (s_load) round_q <= w_data;
    if (rst || (s_load ? !same || next : load_q)) round_q <= '0;
  end

  always_ff @(posedge clk) begin
    load_q    <= s_load;
    held_q    <= s_load && next;
    w_valid_q <= x_write;
    if (x_write) w_slot_q <= x_slot;
    if (rst) begin
      load_q    <= '0;
      held_q    <= '0;
      w_valid_q <= '0;
    end
  end

  assign word = read_q | round_q;
  assign held = held_q;

endmodule
