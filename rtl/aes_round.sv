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
  function automatic logic [7:0] rcon(input logic [31:0] n);
    rcon = n <= 8 ? 8'(1 << (n - 1)) : n == 9 ? 8'h1b : 8'h36;
  endfunction

  localparam int unsigned NEXT = ROUND + 1;
  localparam logic [7:0] RCON128 = NEXT <= 10 ? rcon(NEXT) : 8'h00;
  localparam logic [7:0] RCON256 = NEXT % 2 == 0 ? rcon(NEXT / 2) : 8'h00;

  logic [127:0] older, newer, made;
  logic [31:0]  last, turned, subst;
  logic         rotate;

  assign older = s_window[127:0];
  assign newer = s_window[255:128];

  always_comb begin
    made   = '0;
    last   = '0;
    turned = '0;
    subst  = '0;
    rotate = '0;
    if (|s_valid && ROUND < 14) begin
      made   = s_key256 || ROUND == 0 ? older : newer;
      last   = ROUND == 0 ? older[127:96] : newer[127:96];
      rotate = !s_key256 || NEXT % 2 == 0;
      turned = rotate ? {last[7:0], last[31:8]} : last;
      subst  = {sbox[turned[31:24]], sbox[turned[23:16]], sbox[turned[15:8]], sbox[turned[7:0]]};
      subst[7:0]   = subst[7:0] ^ (s_key256 ? RCON256 : RCON128);
      made[31:0]   = made[31:0] ^ subst;
      made[63:32]  = made[63:32] ^ made[31:0];
      made[95:64]  = made[95:64] ^ made[63:32];
      made[127:96] = made[127:96] ^ made[95:64];
    end
  end

  always_ff @(posedge clk) begin
    m_valid  <= s_valid;
    m_key256 <= s_key256;
    if (|s_valid) m_window <= ROUND == 0 ? {s_key256 ? newer : made, older} : {made, newer};
    else if (|m_valid) m_window <= '0;
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

  for (genvar l = 0; l < LANES; l++) begin : g_lane
    logic [127:0] in, out;
    logic [31:0]  w0, w1, w2, w3;
    assign in = s_block[128*l+:128];

    always_comb begin
      w0  = '0;
      w1  = '0;
      w2  = '0;
      w3  = '0;
      out = in;
      if (s_valid[l]) begin
        if (ROUND == 0) begin
          out = in ^ older;
        end else if (ROUND <= 10 || s_key256) begin
          w0 = {sbox[in[127:120]], sbox[in[87:80]], sbox[in[47:40]], sbox[in[7:0]]};
          w1 = {sbox[in[31:24]], sbox[in[119:112]], sbox[in[79:72]], sbox[in[39:32]]};
          w2 = {sbox[in[63:56]], sbox[in[23:16]], sbox[in[111:104]], sbox[in[71:64]]};
          w3 = {sbox[in[95:88]], sbox[in[55:48]], sbox[in[15:8]], sbox[in[103:96]]};
          if (ROUND < 10 || (ROUND < 14 && s_key256)) begin
            w0 = mix_column(w0);
            w1 = mix_column(w1);
            w2 = mix_column(w2);
            w3 = mix_column(w3);
          end
          out = {w3, w2, w1, w0} ^ newer;
        end
      end
    end

    always_ff @(posedge clk) begin
      if (rst) m_block[128*l+:128] <= '0;
      else if (s_valid[l]) m_block[128*l+:128] <= out;
      else if (m_valid[l]) m_block[128*l+:128] <= '0;
    end
  end

endmodule
