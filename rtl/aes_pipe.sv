// SPDX-License-Identifier: BSD-2-Clause
//
// AES-128 and AES-256 encryption, LANES blocks a cycle, all of one key, which
// may change every cycle: the keys of the rounds are made along the pipe.
//
// s_valid has a bit a lane. Latency LATENCY = 29 cycles: one for the first
// AddRoundKey, two for each of 14 rounds. AES-128 works in the last ten; its
// blocks wait beside the first four. The blocks of lanes that were not valid are
// zero; so are all registers of the pipe in bubbles.
// Byte 0 of keys and blocks is in bits 7:0; AES-128 uses key bits 127:0.

module aes_pipe #(
    parameter int unsigned LANES = 1,
    parameter bit SBOX_RAM       = 1'b1
) (
    input  logic                 clk,
    input  logic                 rst,

    input  logic [LANES-1:0]     s_valid,
    input  logic                 s_key256,
    input  logic [255:0]         s_key,
    input  logic [128*LANES-1:0] s_block,

    output logic [128*LANES-1:0] m_block
);

  // ---- first AddRoundKey, of AES-256 ---------------------------------------

  logic [LANES-1:0]     valid_q;
  logic                 key256_q;
  logic [255:0]         window_q;
  logic [128*LANES-1:0] block_q;

  always_ff @(posedge clk) begin
    if (|s_valid) window_q <= {s_key256 ? s_key[255:128] : s_key[127:0], s_key[127:0]};
    if (rst || (valid_q != 0 && s_valid == 0)) window_q <= '0;
    for (int l = 0; l < LANES; l++) begin
      if (s_valid[l]) block_q[128*l+:128] <= s_block[128*l+:128] ^ s_key[127:0];
      if (rst || (s_valid[l] ? !s_key256 : valid_q[l])) block_q[128*l+:128] <= '0;
    end
    valid_q  <= s_valid;
    key256_q <= s_key256;
    if (rst) valid_q <= '0;
  end

  // ---- blocks of AES-128 on their way to round 4 ---------------------------

  localparam int unsigned WAIT = 8;

  for (genvar i = 0; i <= WAIT; i++) begin : g_wait
    logic [LANES-1:0]     valid;
    logic [128*LANES-1:0] block;

    if (i == 0) begin : g_in
      assign valid = s_key256 ? '0 : s_valid;
      assign block = s_block;
    end else begin : g_step
      always_ff @(posedge clk) begin
        for (int l = 0; l < LANES; l++) begin
          if (g_wait[i-1].valid[l]) block[128*l+:128] <= g_wait[i-1].block[128*l+:128];
          if (rst || (valid[l] && !g_wait[i-1].valid[l])) block[128*l+:128] <= '0;
        end
        valid <= g_wait[i-1].valid;
        if (rst) valid <= '0;
      end
    end
  end

  // ---- rounds --------------------------------------------------------------

  for (genvar i = 0; i <= 14; i++) begin : g_stage
    logic [LANES-1:0]     valid;
    logic                 key256;
    logic [255:0]         window;
    logic [128*LANES-1:0] block;

    if (i == 0) begin : g_in
      assign valid  = valid_q;
      assign key256 = key256_q;
      assign window = window_q;
      assign block  = block_q;
    end else begin : g_round
      aes_round #(
          .ROUND(i),
          .LANES(LANES),
          .SBOX_RAM(SBOX_RAM)
      ) u_round (
          .clk,
          .rst,
          .s_valid (g_stage[i-1].valid),
          .s_key256(g_stage[i-1].key256),
          .s_window(g_stage[i-1].window),
          .s_block (g_stage[i-1].block),
          .s_enter (g_wait[WAIT].block),
          .m_valid (valid),
          .m_key256(key256),
          .m_window(window),
          .m_block (block)
      );
    end
  end

  assign m_block = g_stage[14].block;

  logic unused;
  assign unused = &{1'b0, g_stage[14].valid, g_stage[14].key256, g_stage[14].window,
                    g_wait[WAIT].valid};

endmodule
