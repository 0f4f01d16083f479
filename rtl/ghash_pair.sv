// SPDX-License-Identifier: BSD-2-Clause
//
// GHASH of a block an op by a multiplier of two stages. Two sums take the blocks in
// turn, S[i] = (S[i-2] ^ B[i]) H^2, so that each product has two ops' time; only the
// lengths, the last block of all, are multiplied by H:
//   Y = S[n-1] ^ (S[n-2] ^ B[n]) H  =  B[1] H^n ^ B[2] H^(n-1) ^ ... ^ B[n] H.
// The state of a slot is the pair {older, newer} = {S[i-1], S[i]}. When a record has
// ended newer is its tag, and older is not looked at any more.
//
// Stages: sum, and choice of the power (s_*); first half of the product (p_*); second
// half (y_*). The older sum is of the first stage, the newer of the second: what the
// op before makes of them is then there when an op wants it. a_* is the op one cycle
// before s_*: its slot is read. s_aux is E(J0) with s_len, H with s_h_init.
//
// Latency 3 from s_* to m_hash, an op a cycle. m_hash is Y after the op, or before
// it if it begins a record and does not end it; in the order of bytes.

module ghash_pair #(
    parameter int unsigned NUM_CTX = 256,
    localparam int unsigned SLOT_W = $clog2(NUM_CTX)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              a_load,      // with valid
    input  logic              a_new,
    input  logic [SLOT_W-1:0] a_slot,

    input  logic              s_valid,
    input  logic              s_load,
    input  logic              s_count,     // a block is absorbed
    input  logic [127:0]      s_block,
    input  logic [127:0]      s_aux,
    input  logic              s_new,
    input  logic              s_len,
    input  logic              s_save,
    input  logic [SLOT_W-1:0] s_slot,
    input  logic              s_h_init,
    input  logic              s_wipe,
    input  logic [SLOT_W-1:0] s_h_slot,
    input  logic              s_hash,      // m_hash is wanted

    output logic [127:0]      m_hash
);

  logic              s_write;
  logic [SLOT_W-1:0] s_write_slot;

  assign s_write      = s_valid && (s_save || s_wipe);
  assign s_write_slot = s_wipe ? s_h_slot : s_slot;

  // ---- power ---------------------------------------------------------------

  // {H^2, H}. made_q is what was last stored.
  logic [255:0] powers_q, powers_word, made_q;
  logic         powers_held, made_valid_q;
  logic [287:0] b_q;

  gcm_slots #(
      .WIDTH(256),
      .SLOTS(NUM_CTX)
  ) u_h (
      .clk,
      .rst,
      .s_load (a_load),
      .s_slot (a_slot),
      .word   (powers_word),
      .held   (powers_held),
      .x_write(s_valid && (s_h_init || s_wipe)),
      .x_slot (s_h_slot),
      .w_data (made_q)
  );

  always_ff @(posedge clk) begin : power
    logic [255:0] powers;
    logic [127:0] h;

    powers = '0;
    h      = '0;
    if (s_valid) begin
      powers   = s_load ? (powers_held ? made_q : powers_word) : powers_q;
      powers_q <= powers;
      b_q      <= gf128_pkg::factors(s_len ? powers[127:0] : powers[255:128]);
      if (s_h_init) begin
        h      = gf128_pkg::turn(s_aux);
        made_q <= {gf128_pkg::square(h), h};
      end
    end
    made_valid_q <= s_valid && s_h_init;
    if (rst || (made_valid_q && !(s_valid && s_h_init))) made_q <= '0;
    if (rst || (s_valid && s_wipe)) begin
      powers_q <= '0;
      b_q      <= '0;
    end
    if (rst) made_valid_q <= '0;
  end

  // ---- sum -----------------------------------------------------------------

  logic [127:0] older_q, older_word, older, base, sum_q;
  logic [127:0] prior, newer, after_op;
  logic         older_held, p_absorb_q;

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_older (
      .clk,
      .rst,
      .s_load (a_load && !a_new),
      .s_slot (a_slot),
      .word   (older_word),
      .held   (older_held),
      .x_write(s_write),
      .x_slot (s_write_slot),
      .w_data (older)
  );

  // older: behind the op in the next stage, which makes its newer sum the older one
  // by absorbing a block. A word that is not wanted is zero.
  assign older = p_absorb_q ? newer : older_q;
  assign base  = older_word ^ (s_new || (s_load && !older_held) ? '0 : older);

  always_ff @(posedge clk) begin : sum
    if (s_valid && s_count) sum_q <= base ^ gf128_pkg::turn(s_block);
    if (s_valid || p_absorb_q) older_q <= s_valid ? base : older;
    p_absorb_q <= s_valid && s_count;
    if (rst || (s_valid && s_wipe)) begin
      sum_q   <= '0;
      older_q <= '0;
    end
    if (rst) p_absorb_q <= '0;
  end

  // ---- first half of the product -------------------------------------------

  logic              p_valid_q, p_load_q, p_new_q, p_len_q, p_write_q, p_wipe_q, p_hash_q;
  logic              y_absorb_q, y_hash_q, y_before_q, newer_held;
  logic [SLOT_W-1:0] p_slot_q;
  logic [127:0]      p_aux_q, newer_word, rest_q, before_q;
  logic [575:0]      parts_q;                // zero if no block is absorbed

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_newer (
      .clk,
      .rst,
      .s_load (s_valid && s_load),
      .s_slot (s_slot),
      .word   (newer_word),
      .held   (newer_held),
      .x_write(p_write_q),
      .x_slot (p_slot_q),
      .w_data (after_op)
  );

  assign prior  = newer_word ^ (p_load_q && !newer_held ? '0 : after_op);
  assign newer  = p_new_q ? '0 : prior;

  always_ff @(posedge clk) begin : first
    p_valid_q <= s_valid;
    p_load_q  <= s_valid && s_load;
    p_new_q   <= s_valid && s_new;
    p_write_q <= s_write;
    p_wipe_q  <= s_valid && s_wipe;
    if (s_valid) begin
      p_len_q  <= s_len;
      p_hash_q <= s_hash;
      p_slot_q <= s_write_slot;
    end
    if (s_valid || p_valid_q) p_aux_q <= s_valid && s_len ? gf128_pkg::turn(s_aux) : '0;

    if (p_absorb_q) parts_q <= gf128_pkg::parts(gf128_pkg::factors(sum_q), b_q);
    else if (y_absorb_q) parts_q <= '0;
    // what is added to the product, and all that there is without one
    if (p_valid_q || y_absorb_q) rest_q <= (p_absorb_q && !p_len_q ? '0 : newer) ^ p_aux_q;
    if (p_valid_q && p_hash_q) before_q <= prior;
    y_absorb_q <= p_absorb_q;
    y_hash_q   <= p_valid_q && p_hash_q;
    y_before_q <= p_new_q && !p_len_q;
    if (rst || p_wipe_q) begin                // it has no product on its way
      rest_q   <= '0;
      before_q <= '0;
    end
    if (rst) begin
      parts_q    <= '0;
      p_valid_q  <= '0;
      p_load_q   <= '0;
      p_new_q    <= '0;
      p_write_q  <= '0;
      p_wipe_q   <= '0;
      p_aux_q    <= '0;
      y_absorb_q <= '0;
      y_hash_q   <= '0;
    end
  end

  // ---- second half ---------------------------------------------------------

  always_comb begin
    after_op = rest_q;
    if (y_absorb_q) after_op = rest_q ^ gf128_pkg::reduce(gf128_pkg::sum_of(parts_q));
  end

  always_ff @(posedge clk)
    if (y_hash_q) m_hash <= gf128_pkg::turn(y_before_q ? before_q : after_op);

endmodule
