// SPDX-License-Identifier: BSD-2-Clause
//
// AES-128 and AES-256 encryption, LANES blocks a cycle, all of one key, which
// may change every cycle: the keys of the rounds are made along the pipe.
//
// s_valid has a bit a lane. Latency 15 cycles. The blocks of lanes that were not
// valid are zero; so are all registers of the pipe in bubbles.
// Byte 0 of keys and blocks is in bits 7:0; AES-128 uses key bits 127:0.

module aes_pipe #(
    parameter int unsigned LANES = 1
) (
    input  logic                 clk,
    input  logic                 rst,

    input  logic [LANES-1:0]     s_valid,
    input  logic                 s_key256,
    input  logic [255:0]         s_key,
    input  logic [128*LANES-1:0] s_block,

    output logic [128*LANES-1:0] m_block
);

  for (genvar i = 0; i <= 15; i++) begin : g_stage
    logic [LANES-1:0]     valid;
    logic                 key256;
    logic [255:0]         window;
    logic [128*LANES-1:0] block;

    if (i == 0) begin : g_in
      assign valid  = s_valid;
      assign key256 = s_key256;
      assign window = s_key;
      assign block  = s_block;
    end else begin : g_round
      aes_round #(
          .ROUND(i - 1),
          .LANES(LANES)
      ) u_round (
          .clk,
          .rst,
          .s_valid (g_stage[i-1].valid),
          .s_key256(g_stage[i-1].key256),
          .s_window(g_stage[i-1].window),
          .s_block (g_stage[i-1].block),
          .m_valid (valid),
          .m_key256(key256),
          .m_window(window),
          .m_block (block)
      );
    end
  end

  assign m_block = g_stage[15].block;

  logic unused;
  assign unused = &{1'b0, g_stage[15].valid, g_stage[15].key256, g_stage[15].window};

endmodule
