// SPDX-License-Identifier: BSD-2-Clause
//
// Memory of one word a slot, for a stage of a pipe that reads the word of an
// op's slot and may write it back.
//
// The slot of an op is read two cycles before its stage (s_*), so that a register stands
// behind the memory, whose output is slow. In its stage `word` is what was read, or zero if
// none was asked for. `held`: the op before has just written that slot; w_data is the word,
// and `word` zero. `fresh`: what the stage holds is not to be used, because there is a word,
// or because the op begins anew (s_new) and has none.
//
// That an op writes is said in the cycle before its stage (v_*), what it writes comes in
// the cycle after (w_data), and is in a register for a cycle on its way to the memory. An
// op sees what the one before it writes. An access a cycle. Nothing stays behind in the
// registers.

module gcm_slots #(
    parameter int unsigned WIDTH = 128,
    parameter int unsigned SLOTS = 256,
    localparam int unsigned SLOT_W = $clog2(SLOTS)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              s_load,      // with valid, as s_new and v_write
    input  logic              s_new,
    input  logic [SLOT_W-1:0] s_slot,
    output logic [WIDTH-1:0]  word,
    output logic              held,
    output logic              fresh,

    input  logic              v_write,
    input  logic [SLOT_W-1:0] v_slot,
    input  logic [WIDTH-1:0]  w_data
);

  // Block RAM: what is on its way to the slot that is read goes round the memory, so that
  // may read anything then.
  (* ram_style = "block", no_rw_check *)
  logic [WIDTH-1:0]  memory [0:SLOTS-1];
  logic [WIDTH-1:0]  read_q, round_q, word_q, z_data_q; // what is not in use is zero
  logic [SLOT_W-1:0] x_slot_q, w_slot_q, z_slot_q, slot_q;
  logic              x_write_q, w_write_q, z_write_q;
  logic              load_q, new_q, late_q, now_q, there_q, held_q, fresh_q;
  logic              load, past, now, next, last;   // who writes: four ops before, three, two, one

  assign load = s_load && !s_new;
  assign past = z_write_q && z_slot_q == s_slot;
  assign now  = w_write_q && w_slot_q == s_slot;
  assign next = x_write_q && x_slot_q == s_slot;
  assign last = x_write_q && x_slot_q == slot_q;

  always_ff @(posedge clk) begin
    if (z_write_q) memory[z_slot_q] <= z_data_q;
  end

  always_ff @(posedge clk) begin
    if (load) read_q <= memory[s_slot];
    if (rst || (load ? past || now || next : load_q)) read_q <= '0;
  end

  always_ff @(posedge clk) begin
    if (load) round_q <= z_data_q;
    if (rst || (load ? !past || now || next : load_q)) round_q <= '0;
  end

  always_ff @(posedge clk) begin
    if (load_q) word_q <= read_q | round_q | (now_q ? z_data_q : '0) | (late_q ? w_data : '0);
    if (rst || (load_q ? last : there_q)) word_q <= '0;
  end

  always_ff @(posedge clk) begin
    if (w_write_q) z_data_q <= w_data;
    if (rst || (z_write_q && !w_write_q)) z_data_q <= '0;
  end

  always_ff @(posedge clk) begin
    load_q    <= load;
    new_q     <= s_new;
    now_q     <= load && now && !next;
    late_q    <= load && next;
    there_q   <= load_q;
    held_q    <= load_q && last;
    fresh_q   <= new_q || (load_q && !last);
    x_write_q <= v_write;
    w_write_q <= x_write_q;
    z_write_q <= w_write_q;
    if (load) slot_q <= s_slot;
    if (v_write) x_slot_q <= v_slot;
    if (x_write_q) w_slot_q <= x_slot_q;
    if (w_write_q) z_slot_q <= w_slot_q;
    if (rst) begin
      load_q    <= '0;
      new_q     <= '0;
      now_q     <= '0;
      late_q    <= '0;
      there_q   <= '0;
      held_q    <= '0;
      fresh_q   <= '0;
      x_write_q <= '0;
      w_write_q <= '0;
      z_write_q <= '0;
    end
  end

  assign word  = word_q;
  assign held  = held_q;
  assign fresh = fresh_q;

endmodule
