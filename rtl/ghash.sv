// SPDX-License-Identifier: BSD-2-Clause
//
// GHASH of LANES blocks an op, with Y and the powers of H of each slot:
//   Y' = (Y ^ B1) H^n ^ B2 H^(n-1) ^ ... ^ Bn H,  n = x_count.
// The n blocks are the last n of x_blocks; lane j multiplies by H^(LANES-j).
//
// a_* is the op one cycle before x_*: its slot is read. In x_* it is done: Y in
// a cycle, so that the next op may go on with it. x_aux is E(J0) with x_len
// (Y' ^ E(J0), the tag, is the new Y) and H with x_h_init. With x_h_init lane 0
// of four makes H^3.
//
// Latency 1: m_hash is Y after the op, or before it if it begins a record and
// does not end it; in the order of bytes.

module ghash #(
    parameter int unsigned DATA_W  = 512,
    parameter int unsigned NUM_CTX = 256,
    localparam int unsigned LANES  = DATA_W / 128,
    localparam int unsigned NBLK_W = $clog2(LANES + 1),
    localparam int unsigned SLOT_W = $clog2(NUM_CTX)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              a_load,      // with valid
    input  logic [SLOT_W-1:0] a_slot,

    input  logic              x_valid,
    input  logic [NBLK_W-1:0] x_count,
    input  logic [DATA_W-1:0] x_blocks,
    input  logic [127:0]      x_aux,
    input  logic              x_new,
    input  logic              x_len,
    input  logic              x_save,
    input  logic [SLOT_W-1:0] x_slot,
    input  logic              x_h_init,
    input  logic              x_wipe,
    input  logic [SLOT_W-1:0] x_h_slot,
    input  logic              x_hash,      // m_hash is wanted

    output logic [127:0]      m_hash
);

  // Bytes of a block to coefficients and back: bit 7 of byte 0 is x^0.
  function automatic logic [63:0] turn64(input logic [63:0] b);
    logic [63:0] t;
    t = ((b >> 1) & 64'h5555555555555555) | ((b & 64'h5555555555555555) << 1);
    t = ((t >> 2) & 64'h3333333333333333) | ((t & 64'h3333333333333333) << 2);
    turn64 = ((t >> 4) & 64'h0f0f0f0f0f0f0f0f) | ((t & 64'h0f0f0f0f0f0f0f0f) << 4);
  endfunction

  function automatic logic [127:0] turn(input logic [127:0] b);
    turn = {turn64(b[127:64]), turn64(b[63:0])};
  endfunction

  // Modulo x^128 + x^7 + x^2 + x + 1.
  function automatic logic [127:0] reduce(input logic [254:0] p);
    logic [127:0] hi;
    logic [133:0] fold;
    logic [5:0]   top;
    hi     = {1'b0, p[254:128]};
    fold   = {6'b0, hi} ^ {5'b0, hi, 1'b0} ^ {4'b0, hi, 2'b0} ^ {hi[126:0], 7'b0};
    top    = fold[133:128];
    reduce = p[127:0] ^ fold[127:0] ^ {122'b0, top} ^ {121'b0, top, 1'b0}
           ^ {120'b0, top, 2'b0} ^ {115'b0, top, 7'b0};
  endfunction

  // A square only spreads the coefficients.
  function automatic logic [127:0] square(input logic [127:0] a);
    logic [254:0] spread;
    spread = '0;
    for (int i = 0; i < 128; i++) spread[2*i] = a[i];
    square = reduce(spread);
  endfunction

  // ---- state ---------------------------------------------------------------

  logic [127:0]      y_held, y_in, y_out;
  logic [DATA_W-1:0] powers, powers_next, powers_new;   // H^1 lowest

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_y (
      .clk,
      .rst,
      .s_load (a_load),
      .s_slot (a_slot),
      .x_valid(x_valid),
      .state  (y_held),
      .x_next (y_out),
      .x_write(x_valid && (x_save || x_wipe)),
      .x_slot (x_wipe ? x_h_slot : x_slot),
      .x_data (y_out)
  );

  gcm_slots #(
      .WIDTH(DATA_W),
      .SLOTS(NUM_CTX)
  ) u_h (
      .clk,
      .rst,
      .s_load (a_load),
      .s_slot (a_slot),
      .x_valid(x_valid),
      .state  (powers),
      .x_next (powers_next),
      .x_write(x_valid && (x_h_init || x_wipe)),
      .x_slot (x_h_slot),
      .x_data (powers_new)
  );

  // ---- multipliers ---------------------------------------------------------

  logic [127:0] h1, h2, aux;
  logic [255*LANES-1:0] product;
  logic [254:0] sum;

  always_comb begin
    aux = '0;
    h1  = '0;
    h2  = '0;
    if (x_valid && (x_h_init || x_len)) aux = turn(x_aux);
    if (x_valid && x_h_init) begin
      h1 = aux;
      if (LANES > 1) h2 = square(h1);
    end
  end

  assign y_in = x_new ? '0 : y_held;

  for (genvar j = 0; j < LANES; j++) begin : g_lane
    localparam int unsigned POWER = LANES - j;
    logic         enable;
    logic [127:0] a, b;

    always_comb begin
      enable = x_valid && x_count >= NBLK_W'(POWER);
      a      = '0;
      b      = powers[128*(POWER-1)+:128];
      if (enable) a = turn(x_blocks[128*j+:128]) ^ (x_count == NBLK_W'(POWER) ? y_in : '0);
      if (POWER == 4 && x_valid && x_h_init) begin
        enable = 1'b1;
        a      = h1;
        b      = h2;
      end
    end

    gf128_mul u_mul (
        .enable,
        .a,
        .b,
        .product(product[255*j+:255])
    );
  end

  assign powers_next = x_wipe ? '0 : powers;

  if (LANES == 1) begin : g_powers
    assign powers_new = h1;
  end else if (LANES == 2) begin : g_powers
    assign powers_new = {h2, h1};
  end else begin : g_powers
    always_comb begin
      powers_new = '0;
      if (x_valid && x_h_init) powers_new = {square(h2), reduce(product[254:0]), h2, h1};
    end
  end

  always_comb begin
    sum   = '0;
    y_out = y_in;
    if (x_valid) begin
      for (int j = 0; j < LANES; j++)
        if (!(j == 0 && LANES == 4 && x_h_init)) sum = sum ^ product[255*j+:255];
      if (x_count != 0) y_out = reduce(sum);
      if (x_len) y_out = y_out ^ aux;
      if (x_wipe) y_out = '0;
    end
  end

  always_ff @(posedge clk) begin
    if (x_valid && x_hash) m_hash <= turn(x_new && !x_len ? y_held : y_out);
  end

endmodule
