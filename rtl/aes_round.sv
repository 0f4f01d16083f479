// SPDX-License-Identifier: BSD-2-Clause
//
// One stage of the AES pipe: round ROUND of LANES blocks under one key, and the
// step of the key expansion that makes the key of the next round. Round 0 is
// the first AddRoundKey.
//
// A window of two round keys travels with the blocks: {newer, older}, where the
// newer is the key of the round (in round 0 the older is, and the newer is the
// second half of a 256-bit key). AES-128 ends in round 10 and passes through
// the others.
//
// Latency 1, throughput LANES blocks a cycle. A lane that is not valid, and the
// window when none is, become zero, so that no key stays behind.

module aes_round #(
    parameter int unsigned ROUND = 1,
    parameter int unsigned LANES = 1
) (
    input  logic                 clk,
    input  logic                 rst,

    input  logic [LANES-1:0]     s_valid,
    input  logic                 s_key256,
    input  logic [255:0]         s_window,
    input  logic [128*LANES-1:0] s_block,

    output logic [LANES-1:0]     m_valid,
    output logic                 m_key256,
    output logic [255:0]         m_window,
    output logic [128*LANES-1:0] m_block
);

  // Entry 0 first.
  localparam logic [2047:0] SBOX = {
    256'h637c777bf26b6fc53001672bfed7ab76ca82c97dfa5947f0add4a2af9ca472c0,
    256'hb7fd9326363ff7cc34a5e5f171d8311504c723c31896059a071280e2eb27b275,
    256'h09832c1a1b6e5aa0523bd6b329e32f8453d100ed20fcb15b6acbbe394a4c58cf,
    256'hd0efaafb434d338545f9027f503c9fa851a3408f929d38f5bcb6da2110fff3d2,
    256'hcd0c13ec5f974417c4a77e3d645d197360814fdc222a908846eeb814de5e0bdb,
    256'he0323a0a4906245cc2d3ac629195e479e7c8376d8dd54ea96c56f4ea657aae08,
    256'hba78252e1ca6b4c6e8dd741f4bbd8b8a703eb5664803f60e613557b986c11d9e,
    256'he1f8981169d98e949b1e87e9ce5528df8ca1890dbfe6426841992d0fb054bb16
  };

  // A memory with constant content simulates much faster than a case.
  logic [7:0] sbox [0:255];
  initial begin
    for (int i = 0; i < 256; i++) sbox[i] = SBOX[8*(255-i)+:8];
  end

  // ---- key expansion -------------------------------------------------------

  // rcon of FIPS 197, by the number of the round key that is made
  /* verilator coverage_off */ // for constants only, which the tools work out
  function automatic logic [7:0] rcon(input logic [31:0] n);
    rcon = n <= 8 ? 8'(1 << (n - 1)) : n == 9 ? 8'h1b : 8'h36;
  endfunction
  /* verilator coverage_on */

  localparam int unsigned NEXT = ROUND + 1;
  localparam logic [7:0] RCON128 = NEXT <= 10 ? rcon(NEXT) : 8'h00;
  localparam logic [7:0] RCON256 = NEXT % 2 == 0 ? rcon(NEXT / 2) : 8'h00;

  // The four substitutions of a step: RotWord or not, SubWord, round constant.
  function automatic logic [31:0] key_word(input logic [31:0] w, input logic rotate,
                                           input logic [7:0] constant);
    logic [31:0] t;
    t = rotate ? {w[7:0], w[31:8]} : w;
    key_word = {sbox[t[31:24]], sbox[t[23:16]], sbox[t[15:8]], sbox[t[7:0]] ^ constant};
  endfunction

  logic [127:0] older, newer;

  assign older = s_window[127:0];
  assign newer = s_window[255:128];

  always_ff @(posedge clk) begin : key_step
    logic [127:0] made;
    logic [31:0]  word;
    made = '0;
    word = '0;
    if (|s_valid) begin
      if (ROUND < 14) begin
        made = s_key256 || ROUND == 0 ? older : newer;
        word = key_word(ROUND == 0 ? older[127:96] : newer[127:96],
                        !s_key256 || NEXT % 2 == 0, s_key256 ? RCON256 : RCON128);
        made[31:0]   = made[31:0] ^ word;
        made[63:32]  = made[63:32] ^ made[31:0];
        made[95:64]  = made[95:64] ^ made[63:32];
        made[127:96] = made[127:96] ^ made[95:64];
      end
      m_window <= ROUND == 0 ? {s_key256 ? newer : made, older} : {made, newer};
    end else if (|m_valid) begin
      m_window <= '0;
    end
    m_valid  <= s_valid;
    m_key256 <= s_key256;
    if (rst) begin
      m_valid  <= '0;
      m_window <= '0;
    end
  end

  // ---- rounds --------------------------------------------------------------

  // Each byte of the word times x.
  function automatic logic [31:0] xtime(input logic [31:0] w);
    logic [31:0] top;
    top = (w >> 7) & 32'h01010101;
    xtime = ((w & 32'h7f7f7f7f) << 1) ^ top ^ (top << 1) ^ (top << 3) ^ (top << 4);
  endfunction

  function automatic logic [31:0] mix_column(input logic [31:0] w);
    logic [31:0] x2, x3;
    x2 = xtime(w);
    x3 = x2 ^ w;
    mix_column = x2 ^ {x3[7:0], x3[31:8]} ^ {w[15:0], w[31:16]} ^ {w[23:0], w[31:24]};
  endfunction

  function automatic logic [31:0] sub_bytes(input logic [7:0] b3, input logic [7:0] b2,
                                            input logic [7:0] b1, input logic [7:0] b0);
    sub_bytes = {sbox[b3], sbox[b2], sbox[b1], sbox[b0]};
  endfunction

  for (genvar l = 0; l < LANES; l++) begin : g_lane
    always_ff @(posedge clk) begin : round_step
      logic [31:0] c0, c1, c2, c3, d0, d1, d2, d3;
      {c3, c2, c1, c0} = s_block[128*l+:128];
      {d3, d2, d1, d0} = '0;
      if (s_valid[l]) begin
        if (ROUND == 0) begin
          m_block[128*l+:128] <= s_block[128*l+:128] ^ older;
        end else if (ROUND <= 10 || s_key256) begin
          // ShiftRows: row r comes from the column r further on
          d0 = sub_bytes(c3[31:24], c2[23:16], c1[15:8], c0[7:0]);
          d1 = sub_bytes(c0[31:24], c3[23:16], c2[15:8], c1[7:0]);
          d2 = sub_bytes(c1[31:24], c0[23:16], c3[15:8], c2[7:0]);
          d3 = sub_bytes(c2[31:24], c1[23:16], c0[15:8], c3[7:0]);
          if (ROUND < 10 || (ROUND < 14 && s_key256)) begin
            d0 = mix_column(d0);
            d1 = mix_column(d1);
            d2 = mix_column(d2);
            d3 = mix_column(d3);
          end
          m_block[128*l+:128] <= {d3, d2, d1, d0} ^ newer;
        end else begin
          m_block[128*l+:128] <= s_block[128*l+:128];
        end
      end else if (m_valid[l]) begin
        m_block[128*l+:128] <= '0;
      end
      if (rst) m_block[128*l+:128] <= '0;
    end
  end

endmodule
