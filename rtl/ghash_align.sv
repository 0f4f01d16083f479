// SPDX-License-Identifier: BSD-2-Clause
//
// From ranges of beats to the blocks that GHASH absorbs: keeps the residual
// (the bytes since the last whole block) and its length, for each slot.
//
// The window is LANES blocks for the multipliers and one for the new residual.
// The n blocks that an op absorbs stand at the upper end of the LANES, so that
// the last one always meets H^1, and what is left over falls into the residual.
//
// Stages: count (x_*, with c_len), range down to byte 0 (d_*), range up behind
// the residual (a_*). k_* is the op one cycle before x_*: its slot is read.
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

  logic [4:0]         kept, rest;                       // residual bytes
  logic [TOTAL_W-1:0] total, up;
  logic [NBLK_W:0]    whole;
  logic [NBLK_W-1:0]  absorb;

  gcm_slots #(
      .WIDTH(5),
      .SLOTS(NUM_CTX)
  ) u_count (
      .clk,
      .rst,
      .s_load (k_load),
      .s_slot (k_slot),
      .x_valid(x_valid),
      .state  (kept),
      .x_next (rest),
      .x_write(x_write),
      .x_slot (x_write_slot),
      .x_data (rest)
  );

  logic [4:0] first;

  always_comb begin
    first  = '0;
    total  = '0;
    whole  = '0;
    absorb = '0;
    rest   = '0;
    up     = '0;
    if (x_valid && !x_wipe) begin
      if (!x_new) first = kept;
      else if (x_aad) first = 5'd16;
      total = TOTAL_W'(first) + TOTAL_W'(x_c_len);
      if (x_pad || x_len) begin
        whole  = (NBLK_W + 1)'((total + TOTAL_W'(15)) >> 4);
        absorb = NBLK_W'(whole) + NBLK_W'(x_len);
      end else begin
        whole = (NBLK_W + 1)'(total >> 4);
        if (whole > (NBLK_W + 1)'(LANES)) whole = (NBLK_W + 1)'(LANES);
        absorb = NBLK_W'(whole);
        rest = 5'(total - TOTAL_W'({whole, 4'b0}));
      end
      up = TOTAL_W'(first) + TOTAL_W'({NBLK_W'(LANES) - absorb, 4'b0});
    end
  end

  logic [NBLK_W-1:0]  d_count_q, a_count_q;
  logic [TOTAL_W-1:0] d_up_q, a_up_q;
  logic [DATA_W-1:0]  a_range_q;

  always_ff @(posedge clk) begin
    if (x_valid) begin
      d_count_q <= absorb;
      d_up_q    <= up;
    end
    if (d_valid) begin
      a_count_q <= d_count_q;
      a_up_q    <= d_up_q;
      a_range_q <= d_c_beg == 0 ? d_range : d_range >> {d_c_beg, 3'b0};
    end
  end

  // ---- window --------------------------------------------------------------

  logic [127:0]        residual, head, tail;
  logic [DATA_W+127:0] window;

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_residual (
      .clk,
      .rst,
      .s_load (d_load),
      .s_slot (d_slot),
      .x_valid(a_valid),
      .state  (residual),
      .x_next (tail),
      .x_write(a_write),
      .x_slot (a_write_slot),
      .x_data (tail)
  );

  always_comb begin
    head   = '0;
    window = '0;
    if (a_valid && !a_wipe) begin
      if (!a_new) head = residual;
      else if (a_aad) head = a_block;
      window = {128'b0, a_range_q} << {a_up_q, 3'b0};
      for (int i = 0; i <= LANES; i++)
        if (NBLK_W'(i) == a_count_q)
          window[128*(LANES-i)+:128] = window[128*(LANES-i)+:128] | head;
      if (a_len) window[DATA_W-1-:128] = window[DATA_W-1-:128] | a_block;
    end
    tail = window[DATA_W+127-:128];
  end

  always_ff @(posedge clk) begin
    if (a_valid) begin
      m_count  <= a_count_q;
      m_blocks <= window[DATA_W-1:0];
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin
    if (x_valid && !rst && int'(whole) + int'(x_len) > LANES)
      $error("%m: more blocks to absorb than lanes: %0d", int'(whole) + int'(x_len));
  end
`endif

endmodule
