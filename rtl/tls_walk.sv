// SPDX-License-Identifier: BSD-2-Clause
//
// Second stage of the TLS engine: holds one beat and the context of its packet,
// and turns the beat into ops of aes_gcm, one a cycle. Most beats are one op; a
// record's end inside a beat costs one or two more (see tls_record). Beats that
// are not TLS, or whose packet is to be dropped, are one op that passes them.
//
// A packet's context is judged with its first beat, moves along with each op,
// and is written back with the packet's last op. The next packet's context was
// read before that: when it is the same one, it stays here instead.
//
// A packet with a seek takes its command with its first beat, which costs two
// cycles: its place is the seek's, and is written back only if the context goes on
// from there. Else what was read before is right for the next packet.
//
// A context item takes a command and then is one op: a key's H, or a wipe. After
// a reset every context is wiped, one a cycle.
//
// m_* is registered and all zero in cycles without an op; s_secret does not
// outlive the packet.

module tls_walk #(
  parameter int unsigned DATA_W  = 512,
  parameter int unsigned NUM_CTX = 1024,
  localparam int unsigned B      = DATA_W / 8,
  localparam int unsigned LANES  = DATA_W / 128,
  localparam int unsigned POS_W  = $clog2(B),
  localparam int unsigned LEN_W  = $clog2(B + 1),
  localparam int unsigned NBLK_W = $clog2(LANES + 1),
  localparam int unsigned CTX_W  = $clog2(NUM_CTX),
  localparam int unsigned USER_W = 8 + LEN_W + 1
) (
  input  logic                  clk,
  input  logic                  rst,
  output logic                  wipe_busy,
  output logic                  busy,

  // from tls_fetch
  input  logic                  s_valid,
  output logic                  s_ready,
  input  logic [DATA_W-1:0]     s_data,
  input  logic                  s_first,
  input  logic                  s_last,
  input  logic [LEN_W-1:0]      s_nbytes,
  input  logic [LEN_W-1:0]      s_begin,
  input  tlsnic_pkg::tx_meta_t  s_meta,
  input  logic [7:0]            s_status,
  input  logic                  s_known,
  input  tls_pkg::secret_t      s_secret,
  input  tls_pkg::place_t       s_place,

  input  logic                  s_ctx_valid,
  output logic                  s_ctx_ready,
  input  tlsnic_pkg::ctx_cmd_t  s_ctx,

  // to tls_ctx
  output logic                  wr_secret,
  output logic                  wr_place,
  output logic [CTX_W-1:0]      wr_ctx,
  output tls_pkg::secret_t      wr_secret_data,
  output tls_pkg::place_t       wr_place_data,

  // to aes_gcm
  output logic                  m_valid,
  output logic [255:0]          m_key,
  output logic                  m_key256,
  output logic [95:0]           m_nonce,
  output logic [31:0]           m_ctr,
  output logic [NBLK_W-1:0]     m_aes_n,
  output logic [DATA_W-1:0]     m_data,
  output logic [POS_W-1:0]      m_c_beg,
  output logic [LEN_W-1:0]      m_c_len,
  output logic                  m_ks_hold,
  output logic [3:0]            m_ks_off,
  output logic [CTX_W-1:0]      m_slot,
  output logic                  m_gh_load,
  output logic                  m_gh_new,
  output logic                  m_gh_pad,
  output logic                  m_gh_len,
  output logic                  m_gh_save,
  output logic [127:0]          m_gh_block,
  output logic                  m_h_init,
  output logic                  m_wipe,
  output logic [POS_W-1:0]      m_b_beg,
  output logic [LEN_W-1:0]      m_b_len,
  output logic [POS_W-1:0]      m_t_beg,
  output logic [4:0]            m_t_len,
  output logic                  m_t_given,
  output logic [3:0]            m_t_off,
  output logic                  m_beat_last,
  output logic [USER_W-1:0]     m_user,       // status, bytes, last

  input  logic                  room,         // for one more beat behind aes_gcm
  output logic                  beat,         // a beat is on its way, from now on
  output logic                  m_meta_valid, // once a packet, no later than its first beat
  output tlsnic_pkg::tx_meta_t  m_meta,

  output tls_pkg::along_t       along,

  output logic                  ev_packet,
  output logic [15:0]           ev_bytes,
  output logic [11:0]           ev_records,
  output logic                  ev_seek,
  output logic                  ev_ctx_write,
  output logic                  ev_ctx_delete,
  output logic [7:0]            ev_status     // of what ended, if it is not 0
);

  localparam logic [7:0] ST_OK     = tlsnic_abi_pkg::TLSNIC_STATUS_OK[7:0];
  localparam logic [7:0] ST_CTX    = tlsnic_abi_pkg::TLSNIC_STATUS_TLS_CTX[7:0];
  localparam logic [7:0] ST_SEQ    = tlsnic_abi_pkg::TLSNIC_STATUS_TLS_SEQ[7:0];
  localparam logic [7:0] ST_RECORD = tlsnic_abi_pkg::TLSNIC_STATUS_TLS_RECORD[7:0];
  localparam logic [7:0] ST_BROKEN = tlsnic_abi_pkg::TLSNIC_STATUS_TLS_BROKEN[7:0];
  localparam logic [7:0] ST_SEEK   = tlsnic_abi_pkg::TLSNIC_STATUS_TLS_SEEK[7:0];

  // ---- what is held ---------------------------------------------------------

  logic                 valid_q;              // a beat, with what follows
  logic [DATA_W-1:0]    data_q;
  logic                 first_q, last_q;
  logic [LEN_W-1:0]     e_q;                  // its bytes
  logic [LEN_W-1:0]     p_q;                  // where the walk is
  logic [LEN_W-1:0]     own_q;                // bytes before are in earlier ops
  logic [LEN_W-1:0]     stream_q;             // stream bytes in the beat
  logic [7:0]           status_q;             // from upstream
  logic [103:0]         win_q;                // the header that begins or goes on here

  tlsnic_pkg::tx_meta_t meta_q;               // the packet, with what follows
  logic                 tls_q;
  logic                 fresh_q;              // aes_gcm has not loaded the context yet
  logic                 touched_q;            // the context has moved
  logic                 wait_q;               // the context command is to be taken,
  logic                 taken_q;              // or was in the last cycle
  logic                 cmd_delete_q;
  logic                 seek_q;               // the packet has a seek, with what follows
  logic                 go_on_q, has_tag_q;
  logic [127:0]         tag_q;                // of the record that the seek is to
  logic                 foreign_q, foreign_d; // place_q is in that record's payload or tag
  logic [7:0]           drop_q;               // status since an earlier op
  logic [15:0]          bytes_q;
  logic [11:0]          records_q;

  logic                 known_q;              // secret_q, place_q are context ctx_q
  logic [CTX_W-1:0]     ctx_q;
  tls_pkg::secret_t     secret_q;
  tls_pkg::place_t      place_q, place_d;

  logic                 wipe_q;
  logic [CTX_W-1:0]     wipe_ctx_q;

  // ---- verdict --------------------------------------------------------------

  logic [7:0] verdict, status;
  logic       walk, step;

  always_comb begin
    verdict = ST_OK;
    if (tls_q && first_q) begin
      if (!place_q.valid)
        verdict = ST_CTX;
      else if (place_q.broken)
        verdict = ST_BROKEN;
      else if (place_q.seq != meta_q.seq)
        verdict = ST_SEQ;
    end
    if (status_q != ST_OK)
      status = status_q;
    else if (drop_q != ST_OK)
      status = drop_q;
    else
      status = verdict;
  end

  // A beat without stream bytes leaves the context as it is, but may be used to
  // make the keystream block that the stream will begin in.
  assign walk = valid_q && tls_q && status == ST_OK;
  assign step = walk && !wait_q && (p_q != e_q || place_q.phase == tls_pkg::PH_CIPHER);

  // ---- the step -------------------------------------------------------------

  logic              bad, record_end, begins, pad, finish, ks_hold;
  logic [POS_W-1:0]  c_beg, t_beg;
  logic [LEN_W-1:0]  next_p, c_len;
  logic [4:0]        t_len;
  logic [3:0]        ks_off;
  logic [15:0]       ks_blk;
  logic [NBLK_W-1:0] ks_n;
  logic [127:0]      gh_block;
  tls_pkg::place_t   next_place;

  tls_record #(.DATA_W(DATA_W)) u_record (
    .tls13  (secret_q.tls13),
    .place  (place_q),
    .foreign(foreign_q),
    .held   (!fresh_q),
    .p      (p_q),
    .e      (e_q),
    .win    (win_q),
    .next_p, .next_place, .bad, .record_end,
    .c_beg, .c_len, .t_beg, .t_len, .ks_hold, .ks_off, .ks_blk, .ks_n,
    .begins, .pad, .finish, .gh_block
  );

  logic is_ctx, ctx_ok, refuse, issue, beat_end, packet_end;

  assign is_ctx      = meta_q.kind != tlsnic_pkg::TX_PACKET;
  assign s_ctx_ready = valid_q && wait_q && !taken_q;
  assign refuse      = step && (bad || (foreign_q && !has_tag_q && place_q.phase == tls_pkg::PH_TAG));
  assign issue       = valid_q && room && !refuse && !wait_q;
  assign beat_end    = issue && (!step || next_p == e_q);
  assign packet_end  = beat_end && last_q;
  assign beat        = beat_end;
  assign s_ready     = !wipe_q && (!valid_q || beat_end);

  // ---- context --------------------------------------------------------------

  always_comb begin
    place_d = place_q;
    if (issue && step) begin
      place_d = next_place;
      if (beat_end)
        place_d.seq = place_q.seq + 32'(stream_q);
    end
    // The stream went on and the packet will not: nothing may follow.
    if (refuse || (packet_end && tls_q && !walk && touched_q))
      place_d.broken = 1'b1;
  end

  logic             cmd_ok, seek_ok, seek_foreign, seek_go_on, seek_has_tag;
  logic [127:0]     seek_tag;
  logic [7:0]       cmd_status;
  tls_pkg::secret_t cmd_secret;
  tls_pkg::place_t  cmd_place, seek_place;

  tls_command #(.CTX_W(CTX_W)) u_command (
    .cmd   (s_ctx),
    .tls13 (secret_q.tls13),
    .place (place_q),
    .seq   (meta_q.seq),
    .cmd_ok, .cmd_secret, .cmd_place,
    .seek_ok, .seek_place, .seek_foreign, .seek_go_on, .seek_has_tag, .seek_tag
  );

  // A context that is not valid is named first.
  always_comb begin
    if (is_ctx)
      cmd_status = status_q != ST_OK ? status_q : cmd_ok ? ST_OK : ST_CTX;
    else
      cmd_status = seek_ok || !place_q.valid ? ST_OK : ST_SEEK;
  end

  // The context goes on behind a seek only where GHASH knows the record.
  logic [7:0] end_status;                     // status, at the packet's end
  logic       keep;                           // place_d is the context's

  assign foreign_d  = foreign_q && !(issue && step && record_end);
  assign end_status = status != ST_OK || !last_q || !go_on_q || !foreign_d ? status : ST_SEEK;
  assign keep       = !seek_q || (go_on_q && end_status == ST_OK);

  assign ctx_ok         = is_ctx && status == ST_OK;
  assign wr_secret      = wipe_q || (packet_end && ctx_ok);
  assign wr_place       = wipe_q || (packet_end && (ctx_ok || (tls_q && known_q && keep)));
  assign wr_ctx         = wipe_q ? wipe_ctx_q : ctx_q;
  assign wr_secret_data = wipe_q ? '0 : secret_q;
  assign wr_place_data  = wipe_q ? '0 : place_d;

  logic held;                                 // the context of the packet that comes in

  assign held = known_q && keep && ctx_q == s_meta.ctx[CTX_W-1:0];

  always_ff @(posedge clk) begin
    if (s_ready && s_valid && s_first) begin
      if (s_known && held) begin
        place_q  <= place_d;
      end else begin
        secret_q <= s_known ? s_secret : '0;
        place_q  <= s_known ? s_place : '0;
      end
      known_q  <= s_known;
      ctx_q    <= s_meta.ctx[CTX_W-1:0];
    end else if (packet_end) begin
      secret_q <= '0;
      place_q  <= '0;
      known_q  <= 1'b0;
    end else if (s_ctx_ready && s_ctx_valid && !is_ctx) begin
      place_q  <= seek_place;
    end else if (s_ctx_ready && s_ctx_valid) begin
      secret_q <= cmd_status == ST_OK ? cmd_secret : '0;
      place_q  <= cmd_status == ST_OK ? cmd_place : '0;
      known_q  <= cmd_status == ST_OK;
      ctx_q    <= s_ctx.ctx[CTX_W-1:0];
    end else begin
      place_q  <= place_d;
    end
    if (rst) begin
      secret_q <= '0;
      place_q  <= '0;
      known_q  <= 1'b0;
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      wipe_q     <= 1'b1;
      wipe_ctx_q <= '0;
    end else if (wipe_q) begin
      wipe_q     <= wipe_ctx_q != CTX_W'(NUM_CTX - 1);
      wipe_ctx_q <= wipe_ctx_q + CTX_W'(1);
    end
  end

  // ---- beat and packet ------------------------------------------------------

  // Where the next header is, if one is in reach: behind this op, or in a new
  // beat or behind a seek, where one that is cut goes on or the rest of a tag comes
  // first.
  logic             load, fresh;              // fresh: with a context that is read
  logic [POS_W-1:0] past, win_at;             // past: the beat's first stream byte

  assign load  = !valid_q || beat_end;
  assign fresh = load && s_first && !held;

  always_comb begin
    if ((fresh ? s_place.phase : place_d.phase) == tls_pkg::PH_TAG)
      past = POS_W'(16) - POS_W'(fresh ? s_place.tag_cnt : place_d.tag_cnt);
    else
      past = POS_W'(0) - POS_W'(fresh ? s_place.hdr_cnt : place_d.hdr_cnt);
    if (load)
      win_at = s_begin[POS_W-1:0] + past;
    else
      win_at = taken_q ? p_q[POS_W-1:0] + past : next_p[POS_W-1:0];
  end

  always_ff @(posedge clk) begin
    if (s_ready && s_valid) begin
      valid_q  <= 1'b1;
      data_q   <= s_data;
      first_q  <= s_first;
      last_q   <= s_last;
      e_q      <= s_nbytes;
      p_q      <= s_begin;
      own_q    <= '0;
      stream_q <= s_nbytes - s_begin;
      status_q <= s_status;
    end else if (beat_end) begin
      valid_q  <= 1'b0;
    end else if (step && issue) begin
      p_q      <= next_p;
      own_q    <= next_p;
    end
    if (load ? s_valid : (step && issue) || taken_q)
      win_q    <= 104'({2{load ? s_data : data_q}} >> {win_at, 3'd0});
    if (rst)
      valid_q <= 1'b0;
  end

  always_ff @(posedge clk) begin
    if (s_ready && s_valid && s_first) begin
      meta_q    <= s_meta;
      tls_q     <= s_meta.kind == tlsnic_pkg::TX_PACKET && s_meta.tls;
      fresh_q   <= 1'b1;
      touched_q <= 1'b0;
      wait_q    <= s_meta.kind != tlsnic_pkg::TX_PACKET || s_meta.seek;
      taken_q   <= 1'b0;
      seek_q    <= s_meta.kind == tlsnic_pkg::TX_PACKET && s_meta.seek;
      go_on_q   <= 1'b0;
      foreign_q <= 1'b0;
      drop_q    <= ST_OK;
      bytes_q   <= '0;
      records_q <= '0;
    end else if (valid_q) begin
      taken_q <= s_ctx_ready && s_ctx_valid && !is_ctx;
      if (s_ctx_ready && s_ctx_valid) begin
        wait_q       <= !is_ctx;
        cmd_delete_q <= s_ctx.is_delete;
        drop_q       <= cmd_status;
        if (!is_ctx) begin                    // a key must not get in here
          tag_q     <= seek_tag;
          has_tag_q <= seek_has_tag;
          go_on_q   <= seek_go_on;
          foreign_q <= seek_foreign;
        end
      end
      if (taken_q)
        wait_q <= 1'b0;
      if (refuse)
        drop_q <= foreign_q ? ST_SEEK : ST_RECORD;
      else if (beat_end && drop_q == ST_OK)
        drop_q <= status;
      if (issue && step) begin
        fresh_q   <= 1'b0;
        foreign_q <= foreign_d;
        touched_q <= touched_q || p_q != e_q;
        if (record_end)
          records_q <= records_q + 12'd1;
        if (beat_end)
          bytes_q <= bytes_q + 16'(stream_q);
      end
    end
  end

  // ---- op -------------------------------------------------------------------

  logic        use_key;
  logic [95:0] nonce;
  logic [63:0] iv;

  assign use_key = step ? ks_n != '0 || finish : ctx_ok && !cmd_delete_q;
  assign iv      = tls_pkg::swap64(secret_q.tls13 ? place_q.iv ^ place_q.rec_sn : place_q.iv);
  assign nonce   = {iv, secret_q.salt};

  always_ff @(posedge clk) begin
    m_valid     <= issue || wipe_q;
    m_key       <= '0;
    m_key256    <= 1'b0;
    m_nonce     <= '0;
    m_ctr       <= '0;
    m_aes_n     <= '0;
    m_c_len     <= '0;
    m_ks_hold   <= 1'b0;
    m_gh_load   <= 1'b0;
    m_gh_new    <= 1'b0;
    m_gh_pad    <= 1'b0;
    m_gh_len    <= 1'b0;
    m_gh_save   <= 1'b0;
    m_h_init    <= 1'b0;
    m_wipe      <= wipe_q;
    m_t_len     <= '0;
    m_t_given   <= 1'b0;
    m_b_len     <= '0;
    m_beat_last <= 1'b0;
    m_slot      <= wipe_q ? wipe_ctx_q : ctx_q;
    if (issue) begin
      m_data      <= data_q;
      m_b_beg     <= own_q[POS_W-1:0];
      m_b_len     <= (beat_end ? e_q : next_p) - own_q;
      m_beat_last <= beat_end;
      m_user      <= {end_status, e_q, last_q};
      if (use_key) begin
        m_key     <= secret_q.key;
        m_key256  <= secret_q.key256;
        m_nonce   <= nonce;
      end
      if (step) begin
        m_ctr      <= 32'(ks_blk) + 32'd2;
        m_aes_n    <= ks_n;
        m_c_beg    <= c_beg;
        m_c_len    <= c_len;
        m_ks_hold  <= ks_hold;
        m_ks_off   <= ks_off;
        m_gh_load  <= fresh_q;
        m_gh_new   <= begins;
        m_gh_pad   <= pad;
        m_gh_len   <= finish;
        m_gh_save  <= packet_end && keep;
        m_gh_block <= foreign_q ? tag_q : gh_block;
        m_t_beg    <= t_beg;
        m_t_len    <= t_len;
        m_t_given  <= foreign_q;
        m_t_off    <= finish ? 4'd0 : place_q.tag_cnt;
      end else if (ctx_ok) begin
        m_h_init   <= !cmd_delete_q;
        m_wipe     <= cmd_delete_q;
      end
    end
    if (rst)
      m_valid <= 1'b0;
  end

  assign m_meta_valid = issue && beat_end && first_q;
  assign m_meta       = meta_q;
  assign wipe_busy    = wipe_q;
  assign busy         = valid_q || wipe_q || m_valid;

  assign along.step       = issue && step;
  assign along.first      = fresh_q;
  assign along.midway     = place_q.phase != tls_pkg::PH_HEADER || place_q.hdr_cnt != 4'd0;
  assign along.finish     = finish;
  assign along.record_end = record_end;
  assign along.bytes      = 7'(next_p - p_q);
  assign along.rec_len    = next_place.pos + (secret_q.tls13 ? 16'd16 : 16'd24);
  assign along.rec_sn     = place_q.rec_sn[31:0];
  assign along.returns    = !seek_q || go_on_q;
  assign along.packet_end = packet_end;

  // ---- events ---------------------------------------------------------------

  always_ff @(posedge clk) begin
    ev_packet     <= packet_end && walk && end_status == ST_OK && !rst;
    ev_bytes      <= bytes_q + 16'(stream_q);
    ev_records    <= records_q + 12'(step && record_end);
    ev_seek       <= seek_q;
    ev_ctx_write  <= packet_end && ctx_ok && !cmd_delete_q && !rst;
    ev_ctx_delete <= packet_end && ctx_ok && cmd_delete_q && !rst;
    ev_status     <= packet_end && !rst ? end_status : ST_OK;
  end

endmodule
