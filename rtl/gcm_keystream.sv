// SPDX-License-Identifier: BSD-2-Clause
//
// Keystream onto the beat: three stages. k_*: the held block, if it is asked for,
// and this op's blocks behind it make the stream; its bytes from k_off on are
// wanted, no more than a beat, so byte i of the stream may stand at i modulo the
// beat. x_*: they are rotated to the first cipher byte. w_*: they are added to the range.
// The range as GHASH wants it goes out beside the beat, other bytes zero.
//
// Latency 3 from k_* to m_*, an op a cycle.

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
    input  logic [POS_W-1:0]  k_c_beg,
    input  logic              k_cipher,    // the op has a cipher range
    input  logic              k_wipe,

    input  logic              x_valid,
    input  logic [POS_W-1:0]  x_c_beg,
    input  logic [LEN_W-1:0]  x_c_len,

    input  logic              w_valid,
    input  logic [DATA_W-1:0] w_data,
    input  logic              w_auth_only,
    input  logic              w_decrypt,

    output logic [DATA_W-1:0] m_data,
    output logic [DATA_W-1:0] m_range
);

  logic [127:0]      held_q;
  logic [DATA_W-1:0] ks_q, placed_q;
  logic [POS_W-1:0]  turn_q;                 // bytes to rotate down by
  logic [DATA_W-1:0] range_q;                // mask of the cipher range

  always_ff @(posedge clk) begin : stream
    logic [DATA_W-1:0] behind;               // the blocks behind the held one
    logic [127:0]      old;                  // bytes that are wanted of that

    old    = '0;
    behind = '0;
    if (k_valid) begin
      old           = {128{1'b1}} << {k_off, 3'b0};
      behind        = k_blocks << 128;
      behind[127:0] = (held_q & old) | (k_blocks[DATA_W-1-:128] & ~old);
      if (k_cipher) begin
        ks_q   <= k_hold ? behind : k_blocks;
        turn_q <= POS_W'(k_off) - k_c_beg;
      end
      for (int i = 0; i < LANES; i++)
        if (k_aes_n == NBLK_W'(i + 1)) held_q <= k_blocks[128*i+:128];
    end
    if (rst || (k_valid && k_wipe)) held_q <= '0;
    if (rst) ks_q <= '0;
  end

  always_ff @(posedge clk) begin : place
    logic [DATA_W-1:0] range;

    range = '0;
    if (x_valid) begin
      if (x_c_len != 0) begin
        range    = ~({DATA_W{1'b1}} << {x_c_len, 3'b0});
        if (x_c_beg != 0) range = range << {x_c_beg, 3'b0};
        placed_q <= DATA_W'({2{ks_q}} >> {turn_q, 3'b0});
      end
      range_q <= range;
    end
    if (rst) placed_q <= '0;
  end

  always_ff @(posedge clk) begin : add
    logic [DATA_W-1:0] data;

    data = w_data;
    if (w_valid) begin
      if (!w_auth_only) data = w_data ^ (placed_q & range_q);
      m_data  <= data;
      m_range <= (w_decrypt ? w_data : data) & range_q;
    end
  end

endmodule
