// SPDX-License-Identifier: BSD-2-Clause
//
// Round ROUND (1 to 14) of AES for LANES blocks under one key, and the step of
// the key expansion that makes the key of the next round.
//
// A window of two round keys travels with the blocks: {newer, older}, where the
// newer is the key of the round. AES-128 does its ten rounds in the last ten:
// until then its key waits in `newer`, and its blocks outside. Round 4 takes
// them in (s_enter, zero for AES-256) and adds the first key, which is all that
// a round does to a block that is zero behind the table.
//
// Two stages: the table, then all that is linear. Latency 2, throughput LANES
// blocks a cycle. A lane that is not valid, and the window when none is, become
// zero, so that no key stays behind.

module aes_round #(
    parameter int unsigned ROUND = 1,
    parameter int unsigned LANES = 1,
    /* verilator lint_off UNUSEDPARAM */ // of synthesis: aes_sub
    parameter bit SBOX_RAM       = 1'b1
    /* verilator lint_on UNUSEDPARAM */
) (
    input  logic                 clk,
    input  logic                 rst,

    input  logic [LANES-1:0]     s_valid,
    input  logic                 s_key256,
    input  logic [255:0]         s_window,
    input  logic [128*LANES-1:0] s_block,
    input  logic [128*LANES-1:0] s_enter,    // one cycle after the rest

    output logic [LANES-1:0]     m_valid,
    output logic                 m_key256,
    output logic [255:0]         m_window,
    output logic [128*LANES-1:0] m_block
);

  // The round that takes in blocks of AES-128 and makes the first step of its key.
  localparam int unsigned ENTER = 4;
  localparam int unsigned LAST  = 14;

  logic [LANES-1:0]     valid_q;
  logic                 key256_q;
  logic [255:0]         window_q;
  logic [128*LANES-1:0] sub_q;               // behind SubBytes and ShiftRows
  logic [31:0]          word_q;              // SubWord of the newer key's last word
  logic                 working;             // else all registers are zero and stay so

  // Zeroing comes last in each process: it is then the reset of the flip-flops and
  // needs no gate in front of them. `working` saves a simulation the work of idle rounds;
  // in hardware it would be an enable of hundreds of flip-flops which changes nothing.

`ifdef SYNTHESIS
  assign working = 1'b1;
`else
  assign working = s_valid != 0 || valid_q != 0 || m_valid != 0;
`endif

  // ---- table ---------------------------------------------------------------

  always_ff @(posedge clk) begin
    if (working) begin
      valid_q  <= s_valid;
      key256_q <= s_key256;
      window_q <= s_window;
    end
    if (rst || (working && s_valid == 0)) window_q <= '0;
    if (rst) valid_q <= '0;
  end

`ifdef SYNTHESIS
  for (genvar l = 0; l < LANES; l++) begin : g_sub
    for (genvar c = 0; c < 4; c++) begin : g_column
      aes_sub #(.SBOX_RAM(SBOX_RAM)) u_sub (
          .clk,
          .rst,
          .s_valid(s_valid[l] && (s_key256 || ROUND > ENTER)),
          .s_word ({s_block[128*l+32*((c+3)%4)+24+:8], s_block[128*l+32*((c+2)%4)+16+:8],
                    s_block[128*l+32*((c+1)%4)+8+:8], s_block[128*l+32*c+:8]}),
          .m_word (sub_q[128*l+32*c+:32])
      );
    end
  end
  if (ROUND < LAST) begin : g_word
    aes_sub #(.SBOX_RAM(SBOX_RAM)) u_sub (
        .clk,
        .rst,
        .s_valid(s_valid != 0),
        .s_word (s_window[255:224]),
        .m_word (word_q)
    );
  end else begin : g_no_word
    assign word_q = '0;
  end
`else
  // A memory with constant content simulates much faster than a case.
  logic [7:0] sbox [0:255];
  initial begin
    for (int i = 0; i < 256; i++) sbox[i] = aes_gcm_pkg::SBOX[8*(255-i)+:8];
  end

  function automatic logic [31:0] sub(input logic [7:0] b3, input logic [7:0] b2,
                                      input logic [7:0] b1, input logic [7:0] b0);
    sub = {sbox[b3], sbox[b2], sbox[b1], sbox[b0]};
  endfunction

  always_ff @(posedge clk) begin : table_step
    logic [31:0] c0, c1, c2, c3;
    {c3, c2, c1, c0} = '0;                   // a simulator keeps them otherwise
    if (working) begin
      for (int l = 0; l < LANES; l++) begin
        {c3, c2, c1, c0} = s_block[128*l+:128];
        if (s_valid[l] && (s_key256 || ROUND > ENTER))
          // ShiftRows: row r comes from the column r further on
          sub_q[128*l+:128] <= {sub(c2[31:24], c1[23:16], c0[15:8], c3[7:0]),
                                sub(c1[31:24], c0[23:16], c3[15:8], c2[7:0]),
                                sub(c0[31:24], c3[23:16], c2[15:8], c1[7:0]),
                                sub(c3[31:24], c2[23:16], c1[15:8], c0[7:0])};
        else sub_q[128*l+:128] <= '0;
      end
      word_q <= '0;
      if (s_valid != 0 && ROUND < LAST)
        word_q <= sub(s_window[255:248], s_window[247:240], s_window[239:232], s_window[231:224]);
    end
    if (rst) begin
      sub_q  <= '0;
      word_q <= '0;
    end
  end
`endif

  // ---- key expansion -------------------------------------------------------

  // rcon of FIPS 197, by its index
  /* verilator coverage_off */ // for constants only, which the tools work out
  function automatic logic [31:0] rcon(input logic [31:0] n);
    rcon = n <= 8 ? 32'd1 << (n - 1) : n == 9 ? 32'h1b : 32'h36;
  endfunction
  /* verilator coverage_on */

  // Of a key of 256 bits every other step has neither RotWord nor a constant.
  localparam bit STEP128 = ROUND >= ENTER;
  localparam bit ROT256  = ROUND % 2 == 1;
  localparam logic [31:0] RCON128 = STEP128 ? rcon(ROUND - ENTER + 1) : '0;
  localparam logic [31:0] RCON256 = ROT256 ? rcon((ROUND + 1) / 2) : '0;

  logic [127:0] older, newer;

  assign older = window_q[127:0];
  assign newer = window_q[255:128];

  always_ff @(posedge clk) begin : key_step
    logic [127:0] made;
    logic [31:0]  word;

    made = '0;
    word = '0;
    if (working) begin
      made = key256_q ? older : newer;
      word = {word_q[7:0], word_q[31:8]} ^ (key256_q ? RCON256 : RCON128);
      if (key256_q && !ROT256) word = word_q;
      if (key256_q || STEP128) begin
        made[31:0]   = made[31:0] ^ word;
        made[63:32]  = made[63:32] ^ made[31:0];
        made[95:64]  = made[95:64] ^ made[63:32];
        made[127:96] = made[127:96] ^ made[95:64];
      end
      m_window <= {made, newer};
      m_valid  <= valid_q;
      m_key256 <= key256_q;
    end
    if (rst || (working && valid_q == 0) || ROUND == LAST) m_window <= '0;
    if (rst) m_valid <= '0;
  end

  // ---- blocks --------------------------------------------------------------

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

  always_ff @(posedge clk) begin : mix_step
    logic [31:0] d0, d1, d2, d3;
    {d3, d2, d1, d0} = '0;
    if (working) begin
      for (int l = 0; l < LANES; l++) begin
        {d3, d2, d1, d0} = sub_q[128*l+:128];
        if (ROUND < LAST) begin
          d0 = mix_column(d0);
          d1 = mix_column(d1);
          d2 = mix_column(d2);
          d3 = mix_column(d3);
        end
        m_block[128*l+:128] <= {d3, d2, d1, d0} ^ newer
                               ^ (ROUND == ENTER ? s_enter[128*l+:128] : '0);
      end
    end
    for (int l = 0; l < LANES; l++)
      if (rst || (working && !(valid_q[l] && (key256_q || ROUND >= ENTER))))
        m_block[128*l+:128] <= '0;
  end

  logic unused;
  assign unused = &{1'b0, s_enter, word_q, older};

endmodule
