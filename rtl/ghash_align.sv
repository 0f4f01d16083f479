// SPDX-License-Identifier: BSD-2-Clause
//
// From ranges of beats to the blocks that GHASH absorbs: keeps the residual
// (the bytes since the last whole block) and its length, for each slot.
//
// The window is LANES blocks for the multipliers and one for the new residual.
// The n blocks that an op absorbs stand at the upper end of the LANES, so that
// the last one always meets H^1, and what is left over falls into the residual.
//
// Stages: length of the residual (x_*, with c_len), count of blocks, and what to rotate by
// (w_*), range rotated to its place behind the residual, which is its place modulo the beat
// (d_*), window (a_*). The
// slot of an op is read two cycles before it is needed: j_* is the op two cycles before x_*;
// what it will write is said one cycle before that: k_*.
// Latency 4 from x_* to m_*, an op a cycle.

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

    input  logic              j_load,      // with valid, as j_new
    input  logic              j_new,
    input  logic [SLOT_W-1:0] j_slot,

    input  logic              k_write,     // save or wipe, with valid
    input  logic [SLOT_W-1:0] k_write_slot,

    input  logic              x_valid,
    input  logic [LEN_W-1:0]  x_c_len,
    input  logic              x_aad,
    input  logic              x_pad,
    input  logic              x_len,
    input  logic              x_wipe,

    input  logic              w_valid,
    input  logic [POS_W-1:0]  w_c_beg,
    input  logic [LEN_W-1:0]  w_c_len,
    input  logic              w_pad,
    input  logic              w_len,
    input  logic              w_wipe,
    input  logic              w_load,      // with valid, as w_new
    input  logic              w_new,
    input  logic [SLOT_W-1:0] w_slot,

    input  logic              d_valid,
    input  logic [DATA_W-1:0] d_range,
    input  logic              d_write,     // as k_write
    input  logic [SLOT_W-1:0] d_write_slot,

    input  logic              a_valid,
    input  logic              a_aad,
    input  logic              a_len,
    input  logic [127:0]      a_block,     // AAD or lengths
    input  logic              a_wipe,

    output logic [NBLK_W-1:0] m_count,     // blocks to absorb, the last m_count
    output logic [DATA_W-1:0] m_blocks
);

  localparam int unsigned TOTAL_W = LEN_W + 1;          // 0..16*(LANES+1)

  // ---- length of the residual ----------------------------------------------

  logic [4:0]         kept_q, kept_word, w_kept_q;      // residual bytes
  logic               kept_held, kept_fresh;

  gcm_slots #(
      .WIDTH(5),
      .SLOTS(NUM_CTX)
  ) u_kept (
      .clk,
      .rst,
      .s_load (j_load),
      .s_new  (j_new),
      .s_slot (j_slot),
      .word   (kept_word),
      .held   (kept_held),
      .fresh  (kept_fresh),
      .v_write(k_write),
      .v_slot (k_write_slot),
      .w_data (kept_q)
  );

  always_ff @(posedge clk) begin : length
    logic [4:0] kept;

    kept = kept_word | {x_aad, 4'b0} | (kept_fresh ? '0 : kept_q);
    if (x_valid) begin
      // what is left of all behind whole blocks; a block if there are LANES + 1
      w_kept_q <= kept;
      kept_q   <= {kept[4] && x_c_len == LEN_W'(DATA_W / 8), kept[3:0] + x_c_len[3:0]};
      if (x_pad || x_len || x_wipe) kept_q <= '0;
    end
    if (rst) kept_q <= '0;
  end

  // ---- count ---------------------------------------------------------------

  logic [NBLK_W-1:0]  d_count_q, a_count_q;
  logic [TOTAL_W-1:0] d_up_q;                           // place of the range in the window
  logic [POS_W-1:0]   turn_q;                           // bytes to rotate down by

  always_ff @(posedge clk) begin : count
    logic [TOTAL_W-1:0] total;
    logic [NBLK_W:0]    whole, absorb;
    logic [TOTAL_W-1:0] up;

    total  = '0;
    whole  = '0;
    absorb = '0;
    up     = '0;
    if (w_valid) begin
      total = TOTAL_W'(w_kept_q) + TOTAL_W'(w_c_len);
      whole = (NBLK_W + 1)'(total[TOTAL_W-1:4]);
      if (w_pad || w_len) whole = whole + (NBLK_W + 1)'(total[3:0] != 0);
      else if (whole > (NBLK_W + 1)'(LANES)) whole = (NBLK_W + 1)'(LANES);
      absorb = whole + (NBLK_W + 1)'(w_len);
      up     = {(TOTAL_W - 4)'(w_kept_q[4]) + (TOTAL_W - 4)'(LANES) - (TOTAL_W - 4)'(absorb),
                w_kept_q[3:0]};
      d_count_q <= w_wipe ? '0 : absorb[NBLK_W-1:0];
      d_up_q    <= up;
      turn_q    <= w_c_beg - up[POS_W-1:0];
`ifndef SYNTHESIS
      if (absorb > (NBLK_W + 1)'(LANES) && !w_wipe && !rst)
        $error("%m: more blocks to absorb than lanes: %0d", absorb);
`endif
    end
  end

  // ---- range to its place --------------------------------------------------

  logic [DATA_W-1:0] a_mask_q;                          // from the place on
  logic [DATA_W-1:0] a_range_q;

  always_ff @(posedge clk) begin : place
    if (d_valid) begin
      a_count_q <= d_count_q;
      a_mask_q  <= {DATA_W{1'b1}} << {d_up_q, 3'b0};
      a_range_q <= turn_q == 0 ? d_range : DATA_W'({2{d_range}} >> {turn_q, 3'b0});
    end
  end

  // ---- window --------------------------------------------------------------

  logic [127:0]      residual_q, residual_word;
  logic              residual_held, residual_fresh;

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_residual (
      .clk,
      .rst,
      .s_load (w_load),
      .s_new  (w_new),
      .s_slot (w_slot),
      .word   (residual_word),
      .held   (residual_held),
      .fresh  (residual_fresh),
      .v_write(d_write),
      .v_slot (d_write_slot),
      .w_data (residual_q)
  );

  always_ff @(posedge clk) begin : merge
    logic [127:0]      head;
    logic [DATA_W-1:0] blocks;
    logic [127:0]      rest;

    head   = '0;
    blocks = '0;
    rest   = '0;
    if (a_valid) begin
      head = residual_word;
      if (a_aad) head = head | a_block;
      if (!residual_fresh) head = head | residual_q;

      // below the place of the range stands what went round: it is left over
      blocks = a_range_q & a_mask_q;
      rest   = a_range_q[127:0] & ~a_mask_q[127:0];
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

  // What is held is in the stage's own registers.
  logic unused;
  assign unused = &{1'b0, kept_held, residual_held};

endmodule
