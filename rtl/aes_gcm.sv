// SPDX-License-Identifier: BSD-2-Clause
//
// AES-GCM as a pipe of operations ("ops"): key-agile AES-128/256 in counter
// mode, GHASH, and the tag, on beats of a packet whose records may begin and
// end at any byte.
//
// Throughput: one op a cycle, LANES = DATA_W/128 AES blocks and LANES GHASH
// blocks an op, whatever key, record or slot the next op has. Latency: an op
// with s_valid in cycle t has its outputs in cycle t + aes_gcm_pkg::LATENCY.
// The pipe never stalls: there is no s_ready and no m_ready, the user keeps
// room for what it has sent in.
//
// What one op does, in this order (BYTES = DATA_W/8):
//
// 1. AES. Lane i < s_aes_n makes the keystream block
//    E(s_key, s_nonce || s_ctr + i). The counter of payload block i of a
//    record is i + 2. s_key is byte 0 in bits 7:0; AES-128 uses bits 127:0.
//    With s_gh_len lane LANES-1 makes E(s_key, s_nonce || 1), with s_h_init it
//    makes E(s_key, 0); then s_aes_n <= LANES-1, and s_gh_len and s_h_init
//    exclude each other. An op without AES work need not drive the key.
//
// 2. Cipher range: bytes [s_c_beg, s_c_beg + s_c_len) of the beat, all of one
//    record. The keystream is the held block followed by this op's blocks if
//    s_ks_hold, else this op's blocks alone; the first cipher byte meets byte
//    s_ks_off of its first block. The held block is the last one (lane
//    s_aes_n-1) of the latest earlier op with s_aes_n > 0. So in the middle of
//    a record each op has s_ks_hold = (s_ks_off != 0) and as many new blocks
//    as it lacks, and a segment that takes up a record inside a block begins
//    without s_ks_hold, or is primed by an op with s_aes_n = 1, s_c_len = 0.
//    s_auth_only: the range is left as it is, but hashed (long AAD).
//    s_decrypt:   GHASH takes the range before, not after, the keystream.
//
// 3. GHASH on the state Y, residual (0 to 16 bytes not yet absorbed) and H:
//    s_gh_load: take state and H of s_slot from the GHASH memory; else go on
//               with what the last op left, whatever its slot was.
//    s_gh_new:  Y = 0, residual empty; H as loaded or held.
//    s_gh_aad:  with s_gh_new: residual = s_gh_block, a whole block.
//    The cipher range is appended to the residual, and whole blocks are
//    absorbed, LANES at most; the rest (up to 16 bytes) is the new residual.
//    s_gh_pad:  what would remain is padded with zeros and absorbed too.
//    s_gh_len:  s_gh_pad, then s_gh_block (the lengths) is absorbed, and
//               Y = tag = Y ^ E(J0) with this op's nonce. Not with s_gh_aad.
//    The blocks absorbed in one op, with s_gh_pad and s_gh_len, are LANES at
//    most, LANES-1 in an op with s_h_init when LANES is 4.
//    s_gh_save: state (Y or the tag, and residual) goes to memory of s_slot.
//               A load of the same slot in the very next op sees it.
//    One lane has two sums for Y (ghash_pair), which s_gh_len makes one.
//
// 4. s_h_init:  H of the key and its powers are stored for s_h_slot. It may be
//               part of an op whose GHASH work belongs to another slot. The
//               very next op may load the slot.
//    s_wipe:    state and H of s_h_slot become zero, and so do the state and H
//               held in the pipe and the held keystream block. No other work
//               in that op but passing a beat.
//
// 5. Output. The op owns the bytes [s_b_beg, s_b_beg + s_b_len) of its beat:
//    cipher bytes with the keystream, bytes [s_t_beg, s_t_beg + s_t_len)
//    replaced by bytes of the tag from s_t_off on, others as they came. The
//    tag is Y after this op, or, with s_gh_new and no s_gh_len, Y before it
//    (the end of a tag and the start of the next record in one op). With
//    s_t_given the bytes are those of s_gh_block instead, for a tag that is known
//    already; not with s_gh_aad or s_gh_len.
//    Ops of a beat follow each other; the op with s_beat_last completes it:
//    m_valid, m_data and m_user (of that op). Bytes that no op owned are zero.
//    Every op with s_gh_len also gives m_tag_valid, m_tag, m_tag_slot (s_slot)
//    in the same cycle in which it would give its beat.
//
// A part of an earlier record is sent again by ops without s_gh_save: they leave
// the memory as it is, so the next load goes on with the state that was saved.
//
// Keys: registers of the AES pipe are zero in bubbles; H stays in the GHASH
// memory and in the held H until s_wipe. Reset clears the pipe, not the
// memory: wipe every slot after it.
//
// Block bytes are on the bus in their order: byte 0 in bits 7:0.

module aes_gcm #(
    parameter int unsigned DATA_W  = 512,
    parameter int unsigned NUM_CTX = 256,
    parameter int unsigned USER_W  = 32,
    parameter bit SBOX_RAM         = 1'b1,                    // S-boxes in block RAM
    localparam int unsigned LANES  = DATA_W / 128,
    localparam int unsigned POS_W  = $clog2(DATA_W / 8),      // a byte of the beat
    localparam int unsigned LEN_W  = $clog2(DATA_W / 8 + 1),  // 0..BYTES
    localparam int unsigned NBLK_W = $clog2(LANES + 1),       // 0..LANES
    localparam int unsigned SLOT_W = $clog2(NUM_CTX)
) (
    input  logic              clk,
    input  logic              rst,
    output logic              busy,        // an op is in the pipe

    input  logic              s_valid,
    // AES
    input  logic [255:0]      s_key,
    input  logic              s_key256,
    input  logic [95:0]       s_nonce,
    input  logic [31:0]       s_ctr,
    input  logic [NBLK_W-1:0] s_aes_n,
    // beat and cipher range
    input  logic [DATA_W-1:0] s_data,
    input  logic [POS_W-1:0]  s_c_beg,
    input  logic [LEN_W-1:0]  s_c_len,
    input  logic              s_ks_hold,
    input  logic [3:0]        s_ks_off,
    input  logic              s_auth_only,
    input  logic              s_decrypt,
    // GHASH
    input  logic [SLOT_W-1:0] s_slot,
    input  logic              s_gh_load,
    input  logic              s_gh_new,
    input  logic              s_gh_aad,
    input  logic              s_gh_pad,
    input  logic              s_gh_len,
    input  logic              s_gh_save,
    input  logic [127:0]      s_gh_block,
    input  logic [SLOT_W-1:0] s_h_slot,
    input  logic              s_h_init,
    input  logic              s_wipe,
    // output assembly
    input  logic [POS_W-1:0]  s_b_beg,
    input  logic [LEN_W-1:0]  s_b_len,
    input  logic [POS_W-1:0]  s_t_beg,
    input  logic [4:0]        s_t_len,
    input  logic [3:0]        s_t_off,
    input  logic              s_t_given,
    input  logic              s_beat_last,
    input  logic [USER_W-1:0] s_user,

    output logic              m_valid,
    output logic [DATA_W-1:0] m_data,
    output logic [USER_W-1:0] m_user,
    output logic              m_tag_valid,
    output logic [127:0]      m_tag,
    output logic [SLOT_W-1:0] m_tag_slot
);

  // Control that goes with an op behind the AES pipe.
  typedef struct packed {
    logic [NBLK_W-1:0] aes_n;
    logic [POS_W-1:0]  c_beg;
    logic [LEN_W-1:0]  c_len;
    logic              ks_hold;
    logic [3:0]        ks_off;
    logic              auth_only;
    logic              decrypt;
    logic [SLOT_W-1:0] slot;
    logic              gh_load;
    logic              gh_new;
    logic              gh_aad;
    logic              gh_pad;
    logic              gh_len;
    logic              gh_save;
    logic [127:0]      gh_block;
    logic [SLOT_W-1:0] h_slot;
    logic              h_init;
    logic              wipe;
    logic [POS_W-1:0]  b_beg;
    logic [LEN_W-1:0]  b_len;
    logic [POS_W-1:0]  t_beg;
    logic [4:0]        t_len;
    logic [3:0]        t_off;
    logic              t_given;
    logic              beat_last;
    logic [USER_W-1:0] user;
  } op_t;

  // ---- AES, and the op waiting beside it -----------------------------------

  localparam int unsigned AES_LATENCY = 29;

  logic [LANES-1:0]  lane_valid;
  logic [DATA_W-1:0] lane_block, aes_block;

  // Of a counter block, behind the nonce. (The nonce is no argument: a simulator may
  // keep those, and part of it is secret.)
  function automatic logic [31:0] be32(input logic [31:0] ctr);
    be32 = {ctr[7:0], ctr[15:8], ctr[23:16], ctr[31:24]};
  endfunction

  always_comb begin
    lane_valid = '0;
    lane_block = '0;
    if (s_valid) begin
      for (int l = 0; l < LANES; l++) begin
        lane_valid[l] = NBLK_W'(l) < s_aes_n;
        if (lane_valid[l]) lane_block[128*l+:128] = {be32(s_ctr + l), s_nonce};
      end
      if (s_gh_len || s_h_init) begin
        lane_valid[LANES-1] = 1'b1;
        lane_block[DATA_W-1-:128] = s_gh_len ? {be32(32'd1), s_nonce} : '0;
      end
    end
  end

  aes_pipe #(
      .LANES(LANES),
      .SBOX_RAM(SBOX_RAM)
  ) u_aes (
      .clk,
      .rst,
      .s_valid (lane_valid),
      .s_key256(s_key256),
      .s_key   (s_key),
      .s_block (lane_block),
      .m_block (aes_block)
  );

  // The op is written to a small ring when it comes and read two cycles before its blocks
  // come out; the places move on while anything waits.
  op_t                    s_op, j_op, k_op;
  logic [AES_LATENCY-1:0] wait_q;                       // bit i: an op is i+1 cycles in
  logic [4:0]             place_q, due_q;               // to write, to read
  op_t                    op_ring [0:31];
  logic [DATA_W-1:0]      data_ring [0:31];
  logic                   j_valid, k_valid;
  logic [DATA_W-1:0]      j_data, k_data;

  always_comb begin
    s_op = '0;
    if (s_valid) begin
      s_op.aes_n     = s_aes_n;
      s_op.c_beg     = s_c_beg;
      s_op.c_len     = s_c_len;
      s_op.ks_hold   = s_ks_hold;
      s_op.ks_off    = s_ks_off;
      s_op.auth_only = s_auth_only;
      s_op.decrypt   = s_decrypt;
      s_op.slot      = s_slot;
      s_op.gh_load   = s_gh_load;
      s_op.gh_new    = s_gh_new;
      s_op.gh_aad    = s_gh_aad;
      s_op.gh_pad    = s_gh_pad;
      s_op.gh_len    = s_gh_len;
      s_op.gh_save   = s_gh_save;
      s_op.gh_block  = s_gh_block;
      s_op.h_slot    = s_h_slot;
      s_op.h_init    = s_h_init;
      s_op.wipe      = s_wipe;
      s_op.b_beg     = s_b_beg;
      s_op.b_len     = s_b_len;
      s_op.t_beg     = s_t_beg;
      s_op.t_len     = s_t_len;
      s_op.t_off     = s_t_off;
      s_op.t_given   = s_t_given;
      s_op.beat_last = s_beat_last;
      s_op.user      = s_user;
    end
  end

  always_ff @(posedge clk) begin
    if (s_valid) begin
      op_ring[place_q]   <= s_op;
      data_ring[place_q] <= s_data;
    end
    if (wait_q[AES_LATENCY-3]) begin
      j_op   <= op_ring[due_q];
      j_data <= data_ring[due_q];
    end
    if (j_valid) begin
      k_op   <= j_op;
      k_data <= j_data;
    end
    if (s_valid || wait_q != 0) begin
      place_q <= place_q + 5'd1;
      due_q   <= due_q + 5'd1;
    end
    wait_q <= {wait_q[AES_LATENCY-2:0], s_valid};
    if (rst) begin
      wait_q  <= '0;
      place_q <= '0;
      due_q   <= -5'(AES_LATENCY - 2);
    end
  end

  assign j_valid = wait_q[AES_LATENCY-2];
  assign k_valid = wait_q[AES_LATENCY-1];

  // ---- the op through the stages behind ------------------------------------

  op_t  x_op, w_op, d_op, a_op, g_op, p_op, y_op, t_op;
  logic x_valid, w_valid, d_valid, a_valid, g_valid, p_valid, y_valid, t_valid, u_valid;

  always_ff @(posedge clk) begin
    x_valid <= k_valid;
    w_valid <= x_valid;
    d_valid <= w_valid;
    a_valid <= d_valid;
    g_valid <= a_valid;
    p_valid <= g_valid;
    y_valid <= p_valid;
    t_valid <= y_valid;
    u_valid <= t_valid;
    if (k_valid) x_op <= k_op;
    if (x_valid) w_op <= x_op;
    if (w_valid) d_op <= w_op;
    if (d_valid) a_op <= d_op;
    if (a_valid) g_op <= a_op;
    if (g_valid) p_op <= g_op;
    if (p_valid) y_op <= p_op;
    if (y_valid) t_op <= y_op;
    if (rst) begin
      x_valid <= '0;
      w_valid <= '0;
      d_valid <= '0;
      a_valid <= '0;
      g_valid <= '0;
      p_valid <= '0;
      y_valid <= '0;
      t_valid <= '0;
      u_valid <= '0;
    end
  end

  // E(J0) or H on its way to GHASH; zero when there is none.
  logic              k_aux;
  logic [127:0]      x_aux_q, w_aux_q, d_aux_q, a_aux_q, g_aux_q;
  logic [4:0]        aux_q;                             // bit i: stage x, w, d, a, g has one
  logic [DATA_W-1:0] k_blocks;

  assign k_aux = k_valid && (k_op.gh_len || k_op.h_init);

  always_comb begin
    k_blocks = '0;
    if (k_valid) begin
      k_blocks = aes_block;
      if (k_aux) k_blocks[DATA_W-1-:128] = '0;
    end
  end

  always_ff @(posedge clk) begin
    aux_q <= {aux_q[3:0], k_aux};
    if (k_aux || aux_q != 0) begin
      x_aux_q <= k_aux ? aes_block[DATA_W-1-:128] : '0;
      w_aux_q <= x_aux_q;
      d_aux_q <= w_aux_q;
      a_aux_q <= d_aux_q;
      g_aux_q <= a_aux_q;
    end
    if (rst) begin
      aux_q   <= '0;
      x_aux_q <= '0;
      w_aux_q <= '0;
      d_aux_q <= '0;
      a_aux_q <= '0;
      g_aux_q <= '0;
    end
  end

  // ---- keystream, GHASH, assembly ------------------------------------------

  logic [DATA_W-1:0] x_data_q, w_data_q, d_data, d_range, a_data_q, g_data_q, p_data_q, y_data_q,
                     t_data_q, g_blocks;
  logic [NBLK_W-1:0] g_count;
  logic [127:0]      t_hash;

  gcm_keystream #(
      .DATA_W(DATA_W)
  ) u_keystream (
      .clk,
      .rst,
      .k_valid,
      .k_blocks,
      .k_aes_n    (k_op.aes_n),
      .k_hold     (k_op.ks_hold),
      .k_off      (k_op.ks_off),
      .k_c_beg    (k_op.c_beg),
      .k_cipher   (k_op.c_len != 0),
      .k_wipe     (k_op.wipe),
      .x_valid,
      .x_c_beg    (x_op.c_beg),
      .x_c_len    (x_op.c_len),
      .w_valid,
      .w_data     (w_data_q),
      .w_auth_only(w_op.auth_only),
      .w_decrypt  (w_op.decrypt),
      .m_data     (d_data),
      .m_range    (d_range)
  );

  always_ff @(posedge clk) begin
    if (k_valid) x_data_q <= k_data;
    if (x_valid) w_data_q <= x_data_q;
    if (d_valid) a_data_q <= d_data;
    if (a_valid) g_data_q <= a_data_q;
    if (g_valid) p_data_q <= g_data_q;
    if (p_valid) y_data_q <= p_data_q;
    if (y_valid) t_data_q <= y_data_q;
  end

  ghash_align #(
      .DATA_W (DATA_W),
      .NUM_CTX(NUM_CTX)
  ) u_align (
      .clk,
      .rst,
      .j_load      (j_valid && j_op.gh_load),
      .j_new       (j_valid && j_op.gh_new),
      .j_slot      (j_op.slot),
      .k_write     (k_valid && (k_op.gh_save || k_op.wipe)),
      .k_write_slot(k_op.wipe ? k_op.h_slot : k_op.slot),
      .x_valid,
      .x_c_len     (x_op.c_len),
      .x_aad       (x_op.gh_aad),
      .x_pad       (x_op.gh_pad),
      .x_len       (x_op.gh_len),
      .x_wipe      (x_op.wipe),
      .w_valid,
      .w_c_beg     (w_op.c_beg),
      .w_c_len     (w_op.c_len),
      .w_pad       (w_op.gh_pad),
      .w_len       (w_op.gh_len),
      .w_wipe      (w_op.wipe),
      .w_load      (w_valid && w_op.gh_load),
      .w_new       (w_valid && w_op.gh_new),
      .w_slot      (w_op.slot),
      .d_valid,
      .d_range,
      .d_write     (d_valid && (d_op.gh_save || d_op.wipe)),
      .d_write_slot(d_op.wipe ? d_op.h_slot : d_op.slot),
      .a_valid,
      .a_aad       (a_op.gh_aad),
      .a_len       (a_op.gh_len),
      .a_block     (a_op.gh_block),
      .a_wipe      (a_op.wipe),
      .m_count     (g_count),
      .m_blocks    (g_blocks)
  );

  logic              a_write, a_h_write, g_hash;
  logic [SLOT_W-1:0] a_write_slot;

  assign a_write      = a_valid && (a_op.gh_save || a_op.wipe);
  assign a_write_slot = a_op.wipe ? a_op.h_slot : a_op.slot;
  assign a_h_write    = a_valid && (a_op.h_init || a_op.wipe);

  assign g_hash = g_op.gh_len || (g_op.t_len != 0 && !g_op.t_given);

  if (LANES == 1) begin : g_one
    ghash_pair #(
        .NUM_CTX(NUM_CTX)
    ) u_ghash (
        .clk,
        .rst,
        .d_load  (d_valid && d_op.gh_load),
        .d_new   (d_valid && d_op.gh_new),
        .d_slot  (d_op.slot),
        .a_load  (a_valid && a_op.gh_load),
        .a_slot  (a_op.slot),
        .a_write     (a_write),
        .a_write_slot(a_write_slot),
        .a_h_write   (a_h_write),
        .a_h_slot    (a_op.h_slot),
        .s_valid (g_valid),
        .s_count (g_count[0]),
        .s_block (g_blocks),
        .s_aux   (g_aux_q),
        .s_new   (g_op.gh_new),
        .s_len   (g_op.gh_len),
        .s_h_init(g_op.h_init),
        .s_wipe  (g_op.wipe),
        .s_hash  (g_hash),
        .m_hash  (t_hash)
    );
  end else begin : g_lanes
    ghash #(
        .DATA_W (DATA_W),
        .NUM_CTX(NUM_CTX)
    ) u_ghash (
        .clk,
        .rst,
        .d_load  (d_valid && d_op.gh_load),
        .d_slot  (d_op.slot),
        .a_write     (a_write),
        .a_write_slot(a_write_slot),
        .a_h_write   (a_h_write),
        .a_h_slot    (a_op.h_slot),
        .x_valid (g_valid),
        .x_count (g_count),
        .x_blocks(g_blocks),
        .x_aux   (g_aux_q),
        .x_new   (g_op.gh_new),
        .x_len   (g_op.gh_len),
        .x_h_init(g_op.h_init),
        .x_wipe  (g_op.wipe),
        .x_hash  (g_hash),
        .m_hash  (t_hash)
    );
  end

  gcm_assemble #(
      .DATA_W(DATA_W)
  ) u_assemble (
      .clk,
      .rst,
      .y_valid,
      .y_t_beg(y_op.t_beg[3:0]),
      .y_t_off(y_op.t_off),
      .s_valid(t_valid),
      .s_last (t_op.beat_last),
      .s_data (t_data_q),
      .s_b_beg(t_op.b_beg),
      .s_b_len(t_op.b_len),
      .s_t_beg(t_op.t_beg),
      .s_t_len(t_op.t_len),
      .s_tag  (t_op.t_given ? t_op.gh_block : t_hash),
      .m_valid,
      .m_data
  );

  logic              u_tagged_q;
  logic [127:0]      u_hash_q;
  logic [SLOT_W-1:0] u_slot_q;
  logic [USER_W-1:0] u_user_q;

  always_ff @(posedge clk) begin
    u_tagged_q  <= t_valid && t_op.gh_len && !rst;
    m_tag_valid <= u_tagged_q && !rst;
    if (t_valid) begin
      u_user_q <= t_op.user;
      if (t_op.gh_len) begin
        u_hash_q <= t_hash;
        u_slot_q <= t_op.slot;
      end
    end
    if (u_valid) m_user <= u_user_q;
    if (u_tagged_q) begin
      m_tag      <= u_hash_q;
      m_tag_slot <= u_slot_q;
    end
  end

  assign busy = s_valid || wait_q != 0 || x_valid || w_valid || d_valid || a_valid || g_valid
             || p_valid || y_valid || t_valid || u_valid || m_valid;

  // The last stages look at fewer and fewer of its fields.
  logic unused;
  assign unused = &{1'b0, t_op};

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin
    if (s_valid && !rst) begin
      if ((s_gh_len || s_h_init) && s_aes_n == NBLK_W'(LANES))
        $error("%m: no lane left for E(J0) or H");
      if (s_t_given && (s_gh_len || s_gh_aad)) $error("%m: s_gh_block is two things");
      if (int'(s_c_beg) + int'(s_c_len) > DATA_W / 8) $error("%m: cipher range beyond the beat");
    end
  end
`endif

endmodule
