// SPDX-License-Identifier: BSD-2-Clause
//
// Keystream onto the beat: two stages. k_*: this op's blocks, behind the held
// one if it is asked for, move down by k_off bytes. x_*: they move up to the
// first cipher byte and are added to the range. The range as GHASH wants it
// goes out beside the beat, other bytes zero.
//
// Latency 2 from k_* to m_*, an op a cycle.

module gcm_keystream #(
    parameter int unsigned DATA_W = 512,
    localparam int unsigned LANES  = DATA_W / 128,
    localparam int unsigned POS_W  = $clog2(DATA_W / 8),
    localparam int unsigned LEN_W  = $clog2(DATA_W / 8 + 1),
    localparam int unsigned NBLK_W = $clog2(LANES + 1)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              k_valid,
    input  logic [DATA_W-1:0] k_blocks,
    input  logic [NBLK_W-1:0] k_aes_n,
    input  logic              k_hold,
    input  logic [3:0]        k_off,
    input  logic              k_cipher,    // the op has a cipher range
    input  logic              k_wipe,

    input  logic              x_valid,
    input  logic [DATA_W-1:0] x_data,
    input  logic [POS_W-1:0]  x_c_beg,
    input  logic [LEN_W-1:0]  x_c_len,
    input  logic              x_auth_only,
    input  logic              x_decrypt,

    output logic [DATA_W-1:0] m_data,
    output logic [DATA_W-1:0] m_range
);

  logic [127:0]      held_q;
  logic [DATA_W-1:0] ks_q;

  always_ff @(posedge clk) begin : down
    logic [DATA_W+127:0] stream;

    stream = {128'b0, k_blocks};
    if (k_hold) stream = {k_blocks, held_q};
    stream = stream >> {k_off, 3'b0};
    if (k_valid) begin
      if (k_cipher) ks_q <= stream[DATA_W-1:0];
      for (int i = 0; i < LANES; i++)
        if (k_aes_n == NBLK_W'(i + 1)) held_q <= k_blocks[128*i+:128];
      if (k_wipe) held_q <= '0;
    end
    if (rst) begin
      ks_q   <= '0;
      held_q <= '0;
    end
  end

  always_ff @(posedge clk) begin : up
    logic [DATA_W-1:0] ks, mask, data;

    ks   = ks_q;
    mask = '0;
    data = x_data;
    if (x_valid) begin
      if (x_c_len != 0) begin
        mask = ~({DATA_W{1'b1}} << {x_c_len, 3'b0});
        if (x_c_beg != 0) begin
          mask = mask << {x_c_beg, 3'b0};
          ks   = ks << {x_c_beg, 3'b0};
        end
        if (!x_auth_only) data = x_data ^ (ks & mask);
      end
      m_data  <= data;
      m_range <= (x_decrypt ? x_data : data) & mask;
    end
  end

endmodule
