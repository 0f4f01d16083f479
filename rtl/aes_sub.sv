// SPDX-License-Identifier: BSD-2-Clause
//
// The S-box on four bytes, read into a register: in block RAM (two bytes each), or
// with SBOX_RAM = 0 in look-up tables. For synthesis only: tools map a table best
// in a small module of its own (a quarter of the LUTs is saved); a simulation is
// faster if all bytes of a round share one table (aes_round).
//
// Latency 1; what was not valid becomes zero, by the reset of the register.

module aes_sub #(
    parameter bit SBOX_RAM = 1'b1
) (
    input  logic        clk,
    input  logic        rst,

    input  logic        s_valid,
    input  logic [31:0] s_word,
    output logic [31:0] m_word
);

  if (SBOX_RAM) begin : g_ram
    (* rom_style = "block" *)
    logic [7:0] sbox [0:255];
    initial begin
      for (int i = 0; i < 256; i++) sbox[i] = aes_gcm_pkg::SBOX[8*(255-i)+:8];
    end

    always_ff @(posedge clk) begin
      for (int i = 0; i < 4; i++) m_word[8*i+:8] <= sbox[s_word[8*i+:8]];
      if (!s_valid || rst) m_word <= '0;
    end
  end else begin : g_lut
    logic [7:0] sbox [0:255];
    initial begin
      for (int i = 0; i < 256; i++) sbox[i] = aes_gcm_pkg::SBOX[8*(255-i)+:8];
    end

    always_ff @(posedge clk) begin
      for (int i = 0; i < 4; i++) m_word[8*i+:8] <= sbox[s_word[8*i+:8]];
      if (!s_valid || rst) m_word <= '0;
    end
  end

endmodule
