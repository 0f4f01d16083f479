// SPDX-License-Identifier: BSD-2-Clause
//
// Memory of one word a slot, for a stage of a pipe that reads the word of an
// op's slot and may write it back.
//
// The slot of an op is read in the cycle before its stage (s_*); `word` is valid
// in its stage, but if `held` is up, w_data is the word: the op before writes it.
// What an op writes comes in the cycle after its stage, out of registers (w_*);
// an op sees what the one two before it writes. An access a cycle. No word stays
// in the read register.

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

    input  logic              w_valid,
    input  logic [SLOT_W-1:0] w_slot,
    input  logic [WIDTH-1:0]  w_data
);

  // Block RAM: what is written while the same slot is read goes round it, so the
  // memory may read anything then.
  (* ram_style = "block", no_rw_check *)
  logic [WIDTH-1:0]  memory [0:SLOTS-1];
  logic [WIDTH-1:0]  read_q, round_q;        // the one that is not in use is zero
  logic [SLOT_W-1:0] slot_q;
  logic              load_q, same;

  assign same = w_valid && w_slot == s_slot;

  always_ff @(posedge clk) begin
    if (w_valid) memory[w_slot] <= w_data;
  end

  always_ff @(posedge clk) begin
    if (s_load) read_q <= memory[s_slot];
    if (rst || (s_load ? same : load_q)) read_q <= '0;
  end

  always_ff @(posedge clk) begin
    load_q <= s_load;
    if (s_load) begin
      slot_q  <= s_slot;
      round_q <= w_data;
    end
    if (rst || (s_load ? !same : load_q)) round_q <= '0;
    if (rst) load_q <= '0;
  end

  assign word = read_q | round_q;
  assign held = w_valid && w_slot == slot_q;

endmodule
