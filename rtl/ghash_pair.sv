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
// op before makes of them is then there when an op wants it. The slot of an op is read
// two cycles before it is needed: d_* is the op two cycles before s_*, a_* the one after
// that. s_aux is E(J0) with s_len, H with s_h_init.
//
// Latency 3 from s_* to m_hash, an op a cycle. m_hash is Y after the op, or before
// it if it begins a record and does not end it; in the order of bytes.

module ghash_pair #(
    parameter int unsigned NUM_CTX = 256,
    localparam int unsigned SLOT_W = $clog2(NUM_CTX)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              d_load,      // with valid
    input  logic              d_new,       // with valid
    input  logic [SLOT_W-1:0] d_slot,
    input  logic              a_load,
    input  logic [SLOT_W-1:0] a_slot,
    input  logic              a_write,
    input  logic [SLOT_W-1:0] a_write_slot,
    input  logic              a_h_write,
    input  logic [SLOT_W-1:0] a_h_slot,

    input  logic              s_valid,
    input  logic              s_count,     // a block is absorbed
    input  logic [127:0]      s_block,
    input  logic [127:0]      s_aux,
    input  logic              s_new,
    input  logic              s_len,
    input  logic              s_h_init,
    input  logic              s_wipe,
    input  logic              s_hash,      // m_hash is wanted

    output logic [127:0]      m_hash
);

  // ---- power ---------------------------------------------------------------

  // {H^2, H}. made_q is what was last stored.
  logic [255:0] powers_q, powers_word, made_q;
  logic         powers_held, powers_fresh, made_valid_q;
  logic [287:0] b_q;

  gcm_slots #(
      .WIDTH(256),
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

  always_ff @(posedge clk) begin : power
    logic [255:0] powers;
    logic [127:0] h;

    powers = '0;
    h      = '0;
    if (s_valid) begin
      powers   = powers_held ? made_q : powers_fresh ? powers_word : powers_q;
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

  logic [127:0] older_q, older_word, sum_q;
  logic         older_held, older_fresh, p_absorb_q;

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_older (
      .clk,
      .rst,
      .s_load (d_load),
      .s_new  (d_new),
      .s_slot (d_slot),
      .word   (older_word),
      .held   (older_held),
      .fresh  (older_fresh),
      .v_write(a_write),
      .v_slot (a_write_slot),
      .w_data (older)
  );

  // older: behind the op in the next stage, which makes its newer sum the older one
  // by absorbing a block. A word that is not wanted is zero.
  //
  // The product comes last. So whatever a sum has besides is made without it (x_rest), as
  // is whether it goes in (x_takes), and it is added at the end, through one gate.
  logic [127:0] product, newer, newer_rest, older, older_rest, base, base_rest;
  logic         newer_takes, older_takes, base_takes;

  assign older_rest  = p_absorb_q ? newer_rest : older_q;
  assign older_takes = p_absorb_q && newer_takes;
  assign base_rest   = older_word ^ (older_fresh ? '0 : older_rest);
  assign base_takes  = !older_fresh && older_takes;
  assign older       = older_rest ^ (older_takes ? product : '0);
  assign base        = base_rest ^ (base_takes ? product : '0);

  always_ff @(posedge clk) begin : sum
    if (s_valid && s_count)
      sum_q <= base_rest ^ gf128_pkg::turn(s_block) ^ (base_takes ? product : '0);
    if (s_valid || p_absorb_q) older_q <= s_valid ? base : older;
    p_absorb_q <= s_valid && s_count;
    if (rst || (s_valid && s_wipe)) begin
      sum_q   <= '0;
      older_q <= '0;
    end
    if (rst) p_absorb_q <= '0;
  end

  // ---- first half of the product -------------------------------------------

  logic              p_valid_q, p_multiply_q, p_new_q, p_len_q, s_write_q, p_wipe_q, p_hash_q;
  logic              y_absorb_q, y_hash_q, y_before_q, newer_held, newer_fresh;
  logic [SLOT_W-1:0] s_write_slot_q;
  logic [127:0]      p_aux_q, newer_word, after_op, rest_q, before_q;
  logic [575:0]      parts_q;                // zero if no block is absorbed

  gcm_slots #(
      .WIDTH(128),
      .SLOTS(NUM_CTX)
  ) u_newer (
      .clk,
      .rst,
      .s_load (a_load),
      .s_new  (1'b0),
      .s_slot (a_slot),
      .word   (newer_word),
      .held   (newer_held),
      .fresh  (newer_fresh),
      .v_write(s_write_q),
      .v_slot (s_write_slot_q),
      .w_data (after_op)
  );

  assign newer_takes = !newer_fresh && !p_new_q;
  assign newer_rest  = p_new_q ? '0 : newer_word ^ (newer_fresh ? '0 : rest_q);
  assign newer       = newer_rest ^ (newer_takes ? product : '0);

  always_ff @(posedge clk) begin : first
    p_valid_q <= s_valid;
    p_new_q   <= s_valid && s_new;
    s_write_q <= a_write;
    if (a_write) s_write_slot_q <= a_write_slot;
    p_wipe_q  <= s_valid && s_wipe;
    if (s_valid) begin
      p_len_q  <= s_len;
      p_hash_q <= s_hash;
    end
    if (s_valid || p_valid_q) p_aux_q <= s_valid && s_len ? gf128_pkg::turn(s_aux) : '0;

    // p_absorb_q is on the longest paths: hundreds of enables have a register of their own
    p_multiply_q <= s_valid && s_count;
    if (p_multiply_q) parts_q <= gf128_pkg::parts(gf128_pkg::factors(sum_q), b_q);
    else if (y_absorb_q) parts_q <= '0;
    // what is added to the product, and all that there is without one
    if (p_valid_q || y_absorb_q) rest_q <= (p_absorb_q && !p_len_q ? '0 : newer) ^ p_aux_q;
    if (p_valid_q && p_hash_q) before_q <= newer_word ^ (newer_fresh ? '0 : after_op);
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
      p_new_q    <= '0;
      s_write_q  <= '0;
      p_wipe_q   <= '0;
      p_aux_q    <= '0;
      y_absorb_q <= '0;
      y_hash_q   <= '0;
    end
  end

  // ---- second half ---------------------------------------------------------

  always_comb begin
    product = '0;
    if (y_absorb_q) product = gf128_pkg::reduce(gf128_pkg::sum_of(parts_q));
  end

  assign after_op = rest_q ^ product;

  always_ff @(posedge clk)
    if (y_hash_q) m_hash <= gf128_pkg::turn(y_before_q ? before_q : after_op);

  // What is held is in the stages' own registers.
  logic unused;
  assign unused = &{1'b0, older_held, newer_held};

endmodule
