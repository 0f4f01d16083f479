// SPDX-License-Identifier: BSD-2-Clause
//
// GHASH of a block an op by a multiplier of two stages. Two sums take the blocks in
// turn, S[i] = (S[i-2] ^ B[i]) H^2, so that each product has two ops' time; only the
// lengths, the last block of all, are multiplied by H:
//   Y = S[n-1] ^ (S[n-2] ^ B[n]) H  =  B[1] H^n ^ B[2] H^(n-1) ^ ... ^ B[n] H.
// The state of a slot is the pair {older, newer} = {S[i-1], S[i]}. When a record has
// ended newer is its tag, and older is not looked at any more.
//
// Stages: power (a_*), sum and first half of the product (x_*), second half (y_*).
// The older sum is of stage x, the newer of stage y: there is then no wait for a
// product, and no third place where it may be. d_* is the op one cycle before a_*.
// a_aux is H with a_h_init; x_aux is E(J0) with x_len.
//
// Latency 2 from x_* to m_hash, an op a cycle. m_hash is Y after the op, or before
// it if it begins a record and does not end it; in the order of bytes.

module ghash_pair #(
    parameter int unsigned NUM_CTX = 256,
    localparam int unsigned SLOT_W = $clog2(NUM_CTX)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              d_load,      // with valid
    input  logic [SLOT_W-1:0] d_slot,

    input  logic              a_valid,
    input  logic              a_load,
    input  logic [SLOT_W-1:0] a_slot,
    input  logic              a_new,
    input  logic              a_len,
    input  logic [127:0]      a_aux,
    input  logic              a_h_init,
    input  logic              a_wipe,
    input  logic [SLOT_W-1:0] a_h_slot,

    input  logic              x_valid,
    input  logic              x_load,
    input  logic              x_count,     // a block is absorbed
    input  logic [127:0]      x_block,
    input  logic [127:0]      x_aux,
    input  logic              x_new,
    input  logic              x_len,
    input  logic              x_save,
    input  logic [SLOT_W-1:0] x_slot,
    input  logic              x_wipe,
    input  logic [SLOT_W-1:0] x_h_slot,
    input  logic              x_hash,      // m_hash is wanted

    output logic [127:0]      m_hash
);

  // ---- power ---------------------------------------------------------------

  // {H^2, H}. made_q is what was last stored.
  logic [255:0] powers_q, powers_word, made_q;
  logic         powers_held, h_write_q;
  logic [127:0] b_q;

  gcm_slots #(
      .WIDTH(256),
      .SLOTS(NUM_CTX)
  ) u_h (
      .clk,
      .rst,
      .s_load (d_load),
      .s_slot (d_slot),
      .word   (powers_word),
      .held   (powers_held),
      .x_write(a_valid && (a_h_init || a_wipe)),
      .x_slot (a_h_slot),
      .w_data (made_q)
  );

  always_ff @(posedge clk) begin : power
    logic [255:0] powers;
    logic [127:0] h;

    if (a_valid) begin
      powers   = a_load ? (powers_held ? made_q : powers_word) : powers_q;
      powers_q <= powers;
      b_q      <= a_len ? powers[127:0] : powers[255:128];
    end else begin
      powers = '0;
    end

    h = '0;
    h_write_q <= a_valid && a_h_init;
    if (a_valid && a_h_init) begin
      h      = gf128_pkg::turn(a_aux);
      made_q <= {gf128_pkg::square(h), h};
    end else if (h_write_q) begin
      made_q <= '0;
    end
    if (rst || (a_valid && a_wipe)) begin
      powers_q <= '0;
      b_q      <= '0;
    end
    if (rst) begin
      made_q    <= '0;
      h_write_q <= '0;
    end
  end

  // ---- sum, first half of the product --------------------------------------

  logic [127:0] older_q, older_word, older, base;
  logic [127:0] newer_q, newer_word, newer;
  logic         older_held, newer_held, absorb, y_absorb_q;
  logic [575:0] parts_q;

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_older (
      .clk,
      .rst,
      .s_load (a_valid && a_load && !a_new),
      .s_slot (a_slot),
      .word   (older_word),
      .held   (older_held),
      .x_write(x_valid && (x_save || x_wipe)),
      .x_slot (x_wipe ? x_h_slot : x_slot),
      .w_data (older)
  );

  // older: behind the op in stage y, which makes its newer sum the older one by
  // absorbing a block. A word that is not asked for is zero.
  assign older  = y_absorb_q ? newer : older_q;
  assign base   = older_word ^ (x_new || (x_load && !older_held) ? '0 : older);
  assign absorb = x_valid && x_count;

  always_ff @(posedge clk) begin : first
    if (absorb) parts_q <= gf128_pkg::parts(base ^ gf128_pkg::turn(x_block), b_q);
    else if (y_absorb_q) parts_q <= '0;
    if (x_valid || y_absorb_q) older_q <= x_valid ? base : older;
    y_absorb_q <= absorb;
    if (rst || (x_valid && x_wipe)) older_q <= '0;
    if (rst) begin
      parts_q    <= '0;
      y_absorb_q <= '0;
    end
  end

  // ---- second half ---------------------------------------------------------

  logic              y_valid_q, y_load_q, y_new_q, y_len_q, y_wipe_q, y_write_q, y_hash_q;
  logic [SLOT_W-1:0] y_slot_q;
  logic [127:0]      y_aux_q, before_op;

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_newer (
      .clk,
      .rst,
      .s_load (x_valid && x_load),
      .s_slot (x_slot),
      .word   (newer_word),
      .held   (newer_held),
      .x_write(y_write_q),
      .x_slot (y_slot_q),
      .w_data (newer_q)
  );

  assign before_op = newer_word ^ (y_load_q && !newer_held ? '0 : newer_q);
  assign newer     = y_new_q ? '0 : before_op;

  always_ff @(posedge clk) begin : second
    logic [127:0] y;

    y = '0;
    if (y_valid_q) begin
      if (y_absorb_q) y = gf128_pkg::reduce(gf128_pkg::sum_of(parts_q));
      if (!y_absorb_q || y_len_q) y = y ^ newer;
      y = y ^ y_aux_q;                                  // zero if there is none
      newer_q <= y;
      if (y_hash_q) m_hash <= gf128_pkg::turn(y_new_q && !y_len_q ? before_op : y);
    end
    if (rst || (y_valid_q && y_wipe_q)) newer_q <= '0;

    y_valid_q <= x_valid;
    y_write_q <= x_valid && (x_save || x_wipe);
    if (x_valid || y_valid_q) y_aux_q <= x_valid && x_len ? gf128_pkg::turn(x_aux) : '0;
    if (x_valid) begin
      y_load_q <= x_load;
      y_new_q  <= x_new;
      y_len_q  <= x_len;
      y_wipe_q <= x_wipe;
      y_hash_q <= x_hash;
      y_slot_q <= x_wipe ? x_h_slot : x_slot;
    end
    if (rst) begin
      y_valid_q <= '0;
      y_write_q <= '0;
      y_aux_q   <= '0;
    end
  end

endmodule
