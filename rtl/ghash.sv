// SPDX-License-Identifier: BSD-2-Clause
//
// GHASH of LANES blocks an op, two or four (one: ghash_pair), with Y and the powers of H of each slot:
//   Y' = (Y ^ B1) H^n ^ B2 H^(n-1) ^ ... ^ Bn H,  n = x_count.
// The n blocks are the last n of x_blocks; lane j multiplies by H^(LANES-j).
//
// d_* is the op two cycles before x_*: its slot is read. a_* is the one after that:
// what it will write. In x_* it is done: Y in
// a cycle, so that the next op may go on with it. x_aux is E(J0) with x_len
// (Y' ^ E(J0), the tag, is the new Y) and H with x_h_init, for which lane 0 of
// four makes H^3: that op absorbs three blocks at most.
//
// Latency 3 to m_hash, an op a cycle. m_hash is Y after the op, or before it if it begins
// a record and does not end it; in the order of bytes.

module ghash #(
    parameter int unsigned DATA_W  = 512,
    parameter int unsigned NUM_CTX = 256,
    localparam int unsigned LANES  = DATA_W / 128,
    localparam int unsigned NBLK_W = $clog2(LANES + 1),
    localparam int unsigned SLOT_W = $clog2(NUM_CTX)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              d_load,      // with valid
    input  logic [SLOT_W-1:0] d_slot,
    input  logic              a_write,     // with valid, as all of these
    input  logic [SLOT_W-1:0] a_write_slot,
    input  logic              a_h_write,
    input  logic [SLOT_W-1:0] a_h_slot,

    input  logic              x_valid,
    input  logic [NBLK_W-1:0] x_count,
    input  logic [DATA_W-1:0] x_blocks,
    input  logic [127:0]      x_aux,
    input  logic              x_new,
    input  logic              x_len,
    input  logic              x_h_init,
    input  logic              x_wipe,
    input  logic              x_hash,      // m_hash is wanted

    output logic [127:0]      m_hash
);

  // Polynomials all. Powers: H^1 lowest. made_q is what was last stored.
  logic [127:0]      y_q, y_word;
  logic [DATA_W-1:0] powers_q, powers_word, made_q;
  logic [127:0]      hash_q, late_q;         // as late as ghash_pair
  logic              y_held, y_fresh, powers_held, powers_fresh, h_write_q;
  logic [1:0]        hash_valid_q;

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_y (
      .clk,
      .rst,
      .s_load (d_load),
      .s_new  (1'b0),
      .s_slot (d_slot),
      .word   (y_word),
      .held   (y_held),
      .fresh  (y_fresh),
      .v_write(a_write),
      .v_slot (a_write_slot),
      .w_data (y_q)
  );

  gcm_slots #(
      .WIDTH(DATA_W),
      .SLOTS(NUM_CTX)
  ) u_h (
      .clk,
      .rst,
      .s_load (d_load),
      .s_new  (1'b0),
      .s_slot (d_slot),
      .word   (powers_word),
      .held   (powers_held),
      .fresh  (powers_fresh),
      .v_write(a_h_write),
      .v_slot (a_h_slot),
      .w_data (made_q)
  );

  always_ff @(posedge clk) begin : step
    logic [127:0]      before_op, y, aux, h2, h3, a, b;
    logic [DATA_W-1:0] powers;
    logic [255:0]      product, sum;

    before_op = y_fresh ? y_word : y_q;
    powers    = powers_held ? made_q : powers_fresh ? powers_word : powers_q;
    y         = x_new ? '0 : before_op;
    aux       = '0;
    h2        = '0;
    h3        = '0;
    a         = '0;
    b         = '0;
    product   = '0;
    sum       = '0;

    if (x_valid) begin
      aux = gf128_pkg::turn(x_aux);                     // zero if there is none
      if (x_h_init) h2 = gf128_pkg::square(aux);

      for (int j = 0; j < LANES; j++) begin
        a = gf128_pkg::turn(x_blocks[128*j+:128]);
        if (x_count == NBLK_W'(LANES - j)) a = a ^ y;
        b = powers[128*(LANES-1-j)+:128];
        if (LANES == 4 && j == 0 && x_h_init) begin
          a = aux;
          b = h2;
        end
        if (x_count >= NBLK_W'(LANES - j) || (LANES == 4 && j == 0 && x_h_init)) begin
          product = gf128_pkg::mul(a, b);
          if (LANES == 4 && j == 0 && x_h_init) h3 = gf128_pkg::reduce(product);
          else sum = sum ^ product;
        end
      end
      if (x_count != 0) y = gf128_pkg::reduce(sum);
      if (x_len) y = y ^ aux;

      y_q      <= y;
      powers_q <= powers;
      if (x_hash) hash_q <= gf128_pkg::turn(x_new && !x_len ? before_op : y);
    end

    if (x_valid && x_h_init)
      made_q <= LANES == 4 ? DATA_W'({gf128_pkg::square(h2), h3, h2, aux}) : DATA_W'({h2, aux});
    if (rst || (h_write_q && !(x_valid && x_h_init))) made_q <= '0;
    h_write_q <= x_valid && x_h_init && !rst;
    if (rst || (x_valid && x_wipe)) begin
      y_q      <= '0;
      powers_q <= '0;
    end
    hash_valid_q <= {hash_valid_q[0], x_valid && x_hash};
    if (hash_valid_q[0]) late_q <= hash_q;
    if (hash_valid_q[1]) m_hash <= late_q;
  end

  logic unused;
  assign unused = &{1'b0, y_held};           // it is y_q then

endmodule
