// SPDX-License-Identifier: BSD-2-Clause
//
// One part of the state that a pipe stage carries from op to op, and its memory
// of one word a slot.
//
// An op is seen twice: in the cycle before its stage (s_*), when its slot is
// read, and in its stage (x_*), where `state` is what it begins with: the word
// of its slot if it loads, else x_next of the op before. A word written by the
// op just before is seen. Write data may differ from x_next.
// Throughput one op a cycle. Nothing of a word stays in the read and forward
// registers; the held state stays.

module gcm_slots #(
    parameter int unsigned WIDTH = 128,
    parameter int unsigned SLOTS = 256,
    localparam int unsigned SLOT_W = $clog2(SLOTS)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              s_load,      // with valid
    input  logic [SLOT_W-1:0] s_slot,

    input  logic              x_valid,
    output logic [WIDTH-1:0]  state,
    input  logic [WIDTH-1:0]  x_next,
    input  logic              x_write,     // with valid
    input  logic [SLOT_W-1:0] x_slot,
    input  logic [WIDTH-1:0]  x_data
);

  logic [WIDTH-1:0] memory [0:SLOTS-1];
  logic [WIDTH-1:0] held_q, read_q, forward_q;
  logic             load_q, same_q, wrote_q;

  always_comb begin
    state = held_q;
    if (load_q) state = same_q ? forward_q : read_q;
  end

  always_ff @(posedge clk) begin
    if (x_write) memory[x_slot] <= x_data;
  end

  always_ff @(posedge clk) begin
    load_q <= s_load;
    if (s_load) begin
      read_q <= memory[s_slot];
      same_q <= x_write && x_slot == s_slot;
    end else if (load_q) begin
      read_q <= '0;
    end
    wrote_q <= x_write;
    if (x_write) forward_q <= x_data;
    else if (wrote_q) forward_q <= '0;
    if (x_valid) held_q <= x_next;
    if (rst) begin
      load_q    <= '0;
      wrote_q   <= '0;
      read_q    <= '0;
      forward_q <= '0;
      held_q    <= '0;
    end
  end

endmodule
