// SPDX-License-Identifier: BSD-2-Clause
//
// From ranges of beats to the blocks that GHASH absorbs: keeps the residual
// (the bytes since the last whole block) and its length, for each slot.
//
// The window is LANES blocks for the multipliers and one for the new residual.
// The n blocks that an op absorbs stand at the upper end of the LANES, so that
// the last one always meets H^1, and what is left over falls into the residual.
//
// Stages: count (x_*, with c_len), range rotated to its place behind the residual,
// which is its place modulo the beat (d_*), window (a_*). k_* is the op one cycle
// before x_*: its slot is read.
// Latency 3 from x_* to m_*, an op a cycle.

module ghash_align #(
    parameter int unsigned DATA_W  = 512,
    parameter int unsigned NUM_CTX = 256,
    localparam int unsigned LANES  = DATA_W / 128,
    localparam int unsigned POS_W  = $clog2(DATA_W / 8),
    localparam int unsigned LEN_W  = $clog2(DATA_W / 8 + 1),
    localparam int unsigned NBLK_W = $clog2(LANES + 1),
    localparam int unsigned SLOT_W = $clog2(NUM_CTX)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              k_load,      // with valid
    input  logic [SLOT_W-1:0] k_slot,

    input  logic              x_valid,
    input  logic              x_load,
    input  logic [LEN_W-1:0]  x_c_len,
    input  logic              x_new,
    input  logic              x_aad,
    input  logic              x_pad,
    input  logic              x_len,
    input  logic              x_write,     // save or wipe, with valid
    input  logic              x_wipe,
    input  logic [SLOT_W-1:0] x_write_slot,

    input  logic              d_valid,
    input  logic [DATA_W-1:0] d_range,
    input  logic [POS_W-1:0]  d_c_beg,
    input  logic              d_load,      // with valid
    input  logic [SLOT_W-1:0] d_slot,

    input  logic              a_valid,
    input  logic              a_load,
    input  logic              a_new,
    input  logic              a_aad,
    input  logic              a_len,
    input  logic [127:0]      a_block,     // AAD or lengths
    input  logic              a_write,     // with valid
    input  logic              a_wipe,
    input  logic [SLOT_W-1:0] a_write_slot,

    output logic [NBLK_W-1:0] m_count,     // blocks to absorb, the last m_count
    output logic [DATA_W-1:0] m_blocks
);

  localparam int unsigned TOTAL_W = LEN_W + 1;          // 0..16*(LANES+1)

  // ---- count ---------------------------------------------------------------

  logic [4:0]         kept_q, kept_word;                // residual bytes
  logic               kept_held;
  logic [NBLK_W-1:0]  d_count_q, a_count_q;
  logic [TOTAL_W-1:0] d_up_q, a_up_q;
  logic [DATA_W-1:0]  a_range_q;

  gcm_slots #(
      .WIDTH(5),
      .SLOTS(NUM_CTX)
  ) u_kept (
      .clk,
      .rst,
      .s_load (k_load),
      .s_slot (k_slot),
      .word   (kept_word),
      .held   (kept_held),
      .x_write,
      .x_slot (x_write_slot),
      .w_data (kept_q)
  );

  always_ff @(posedge clk) begin : count
    logic [4:0]         kept;
    logic [TOTAL_W-1:0] total;
    logic [NBLK_W:0]    whole, absorb;

    kept   = x_new ? (x_aad ? 5'd16 : 5'd0) : x_load && !kept_held ? kept_word : kept_q;
    total  = '0;
    whole  = '0;
    absorb = '0;
    if (x_valid) begin
      total = TOTAL_W'(kept) + TOTAL_W'(x_c_len);
      if (x_pad || x_len) begin
        whole  = (NBLK_W + 1)'((total + TOTAL_W'(15)) >> 4);
        kept_q <= '0;
      end else begin
        whole = (NBLK_W + 1)'(total >> 4);
        if (whole > (NBLK_W + 1)'(LANES)) whole = (NBLK_W + 1)'(LANES);
        kept_q <= x_wipe ? '0 : 5'(total - TOTAL_W'({whole, 4'b0}));
      end
      absorb = whole + (NBLK_W + 1)'(x_len);
      d_count_q   <= x_wipe ? '0 : absorb[NBLK_W-1:0];
      d_up_q      <= TOTAL_W'(kept) + TOTAL_W'({(NBLK_W + 1)'(LANES) - absorb, 4'b0});
`ifndef SYNTHESIS
      if (absorb > (NBLK_W + 1)'(LANES) && !x_wipe && !rst)
        $error("%m: more blocks to absorb than lanes: %0d", absorb);
`endif
    end
    if (rst) kept_q <= '0;
  end

  // ---- range to its place --------------------------------------------------

  always_ff @(posedge clk) begin : place
    logic [POS_W-1:0] turn;

    turn = d_c_beg - d_up_q[POS_W-1:0];
    if (d_valid) begin
      a_count_q <= d_count_q;
      a_up_q    <= d_up_q;
      a_range_q <= turn == 0 ? d_range : DATA_W'({2{d_range}} >> {turn, 3'b0});
    end
  end

  // ---- window --------------------------------------------------------------

  logic [127:0]      residual_q, residual_word;
  logic              residual_held;

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_residual (
      .clk,
      .rst,
      .s_load (d_load),
      .s_slot (d_slot),
      .word   (residual_word),
      .held   (residual_held),
      .x_write(a_write),
      .x_slot (a_write_slot),
      .w_data (residual_q)
  );

  always_ff @(posedge clk) begin : merge
    logic [127:0]      head;
    logic [DATA_W-1:0] blocks, mask;
    logic [127:0]      rest;

    head   = '0;
    mask   = '0;
    blocks = '0;
    rest   = '0;
    if (a_valid) begin
      head = residual_q;
      if (a_load && !residual_held) head = residual_word;
      if (a_new) head = a_aad ? a_block : '0;

      // below the place of the range stands what went round: it is left over
      mask   = {DATA_W{1'b1}} << {a_up_q, 3'b0};
      blocks = a_range_q & mask;
      rest   = a_range_q[127:0] & ~mask[127:0];
      if (a_count_q == 0) rest = rest | head;
      for (int i = 1; i <= LANES; i++)
        if (a_count_q == NBLK_W'(i))
          blocks[128*(LANES-i)+:128] = blocks[128*(LANES-i)+:128] | head;
      if (a_len) blocks[DATA_W-1-:128] = blocks[DATA_W-1-:128] | a_block;

      m_count    <= a_count_q;
      m_blocks   <= blocks;
      residual_q <= rest;
    end
    if (rst || (a_valid && a_wipe)) residual_q <= '0;
  end

endmodule
