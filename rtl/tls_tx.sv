// SPDX-License-Identifier: BSD-2-Clause
//
// TLS TX engine: encrypts the TLS records in the TCP stream of marked packets,
// TLS 1.2 and 1.3 with AES-GCM, wherever packets cut them, and writes the tag
// over its placeholder. Packets without TLS and context items go through the
// same pipe, so order is kept.
//
// s_pkt to m_pkt: one beat a cycle, about 40 cycles of latency; s_pkt_meta is
// constant through a packet. The status goes with each beat: from the first one on
// whose bytes are void it is not 0, up to the packet's last. On m_pkt it is
// also not 0 with every beat that is not encrypted as it should be; that of the last
// beat is the packet's. Each context item (one beat) and each packet with a seek
// takes one command from s_ctx, whatever its status is.
//
// m_tag gives the tags of records to be returned. What is made of a packet's last beat
// and waits while m_tag_hold is high comes behind the tags of the packet.
//
// Events are one cycle long. ev_packet: a TLS packet left with status 0, it had
// ev_bytes bytes of the stream and the ends of ev_records records, and a seek or not.

module tls_tx #(
  parameter int unsigned DATA_W  = 512,        // 128, 256 or 512
  parameter int unsigned NUM_CTX = 1024,        // a power of two
  localparam int unsigned LEN_W  = $clog2(DATA_W / 8 + 1)
) (
  input  logic                  clk,
  input  logic                  rst,
  output logic                  wipe_busy,     // contexts are being wiped, after rst
  output logic                  busy,

  input  logic                  s_pkt_valid,
  output logic                  s_pkt_ready,
  input  logic [DATA_W-1:0]     s_pkt_data,
  input  logic                  s_pkt_last,
  input  logic [LEN_W-1:0]      s_pkt_nbytes,
  input  tlsnic_pkg::tx_meta_t  s_pkt_meta,
  input  logic [7:0]            s_pkt_status,

  input  logic                  s_ctx_valid,
  output logic                  s_ctx_ready,
  input  tlsnic_pkg::ctx_cmd_t  s_ctx,

  input  logic                  cfg_tags,      // return tags
  input  logic [15:0]           cfg_tag_min,   // least length field of a record that is not cut
  output logic                  m_tag_hold,
  output logic                  m_tag_valid,
  input  logic                  m_tag_ready,
  output tlsnic_pkg::cpl_t      m_tag,

  output logic                  m_pkt_valid,
  input  logic                  m_pkt_ready,
  output logic [DATA_W-1:0]     m_pkt_data,
  output logic                  m_pkt_last,
  output logic [LEN_W-1:0]      m_pkt_nbytes,
  output tlsnic_pkg::tx_meta_t  m_pkt_meta,
  output logic [7:0]            m_pkt_status,

  output logic                  ev_packet,
  output logic [15:0]           ev_bytes,
  output logic [11:0]           ev_records,
  output logic                  ev_seek,
  output logic                  ev_tag,
  output logic                  ev_ctx_write,
  output logic                  ev_ctx_delete,
  output logic                  ev_drop_ctx,
  output logic                  ev_drop_seq,
  output logic                  ev_drop_record,
  output logic                  ev_drop_broken,
  output logic                  ev_drop_seek
);

  localparam int unsigned LANES  = DATA_W / 128;
  localparam int unsigned POS_W  = $clog2(DATA_W / 8);
  localparam int unsigned NBLK_W = $clog2(LANES + 1);
  localparam int unsigned CTX_W  = $clog2(NUM_CTX);
  localparam int unsigned USER_W = 8 + LEN_W + 1;
  localparam int unsigned META_W = $bits(m_pkt_meta);
  // Beats between the walker and m_pkt: the latency of aes_gcm, a cycle in the
  // walker's op register, the FIFO and the credit each, and some slack.
  localparam int unsigned DEPTH  = 2 ** $clog2(aes_gcm_pkg::LATENCY + 6);
  localparam int unsigned CNT_W  = $clog2(DEPTH) + 1;

  // ---- beats and contexts ---------------------------------------------------

  logic                 f_s_ready, f_valid, f_ready, f_first, f_last, f_known, f_busy;
  logic [DATA_W-1:0]    f_data;
  logic [LEN_W-1:0]     f_nbytes, f_begin;
  tlsnic_pkg::tx_meta_t f_meta;
  logic [7:0]           f_status;
  tls_pkg::secret_t     f_secret, rsp_secret, wr_secret_data;
  tls_pkg::place_t      f_place, rsp_place, wr_place_data;
  logic                 req_valid, rsp_valid, rsp_ready, wr_secret, wr_place;
  logic [CTX_W-1:0]     req_ctx, wr_ctx;

  tls_fetch #(.DATA_W(DATA_W), .NUM_CTX(NUM_CTX)) u_fetch (
    .clk, .rst,
    .busy     (f_busy),
    .s_valid  (s_pkt_valid && !wipe_busy),
    .s_ready  (f_s_ready),
    .s_data   (s_pkt_data),
    .s_last   (s_pkt_last),
    .s_nbytes (s_pkt_nbytes),
    .s_meta   (s_pkt_meta),
    .s_status (s_pkt_status),
    .req_valid, .req_ctx, .rsp_valid, .rsp_ready, .rsp_secret, .rsp_place,
    .m_valid  (f_valid),
    .m_ready  (f_ready),
    .m_data   (f_data),
    .m_first  (f_first),
    .m_last   (f_last),
    .m_nbytes (f_nbytes),
    .m_begin  (f_begin),
    .m_meta   (f_meta),
    .m_status (f_status),
    .m_known  (f_known),
    .m_secret (f_secret),
    .m_place  (f_place)
  );

  assign s_pkt_ready = f_s_ready && !wipe_busy;

  tls_ctx #(.NUM_CTX(NUM_CTX)) u_ctx (
    .clk, .rst,
    .req_valid, .req_ctx, .rsp_valid, .rsp_ready, .rsp_secret, .rsp_place,
    .wr_secret, .wr_place, .wr_ctx, .wr_secret_data, .wr_place_data
  );

  // ---- ops ------------------------------------------------------------------

  logic                 op_valid, op_key256, op_ks_hold;
  logic [255:0]         op_key;
  logic [95:0]          op_nonce;
  logic [31:0]          op_ctr;
  logic [NBLK_W-1:0]    op_aes_n;
  logic [DATA_W-1:0]    op_data;
  logic [POS_W-1:0]     op_c_beg, op_b_beg, op_t_beg;
  logic [LEN_W-1:0]     op_c_len, op_b_len;
  logic [4:0]           op_t_len;
  logic                 op_t_given;
  logic [3:0]           op_ks_off, op_t_off;
  logic [CTX_W-1:0]     op_slot;
  logic                 op_gh_load, op_gh_new, op_gh_pad, op_gh_len, op_gh_save;
  logic [127:0]         op_gh_block;
  logic                 op_h_init, op_wipe, op_beat_last;
  logic [USER_W-1:0]    op_user;
  logic                 w_busy, g_busy, room, beat, meta_valid, tag_room;
  tlsnic_pkg::tx_meta_t meta;
  tls_pkg::along_t      along;
  logic [7:0]           ev_status;

  tls_walk #(.DATA_W(DATA_W), .NUM_CTX(NUM_CTX)) u_walk (
    .clk, .rst, .wipe_busy,
    .busy         (w_busy),
    .s_valid      (f_valid),
    .s_ready      (f_ready),
    .s_data       (f_data),
    .s_first      (f_first),
    .s_last       (f_last),
    .s_nbytes     (f_nbytes),
    .s_begin      (f_begin),
    .s_meta       (f_meta),
    .s_status     (f_status),
    .s_known      (f_known),
    .s_secret     (f_secret),
    .s_place      (f_place),
    .s_ctx_valid, .s_ctx_ready, .s_ctx,
    .wr_secret, .wr_place, .wr_ctx, .wr_secret_data, .wr_place_data,
    .m_valid      (op_valid),
    .m_key        (op_key),
    .m_key256     (op_key256),
    .m_nonce      (op_nonce),
    .m_ctr        (op_ctr),
    .m_aes_n      (op_aes_n),
    .m_data       (op_data),
    .m_c_beg      (op_c_beg),
    .m_c_len      (op_c_len),
    .m_ks_hold    (op_ks_hold),
    .m_ks_off     (op_ks_off),
    .m_slot       (op_slot),
    .m_gh_load    (op_gh_load),
    .m_gh_new     (op_gh_new),
    .m_gh_pad     (op_gh_pad),
    .m_gh_len     (op_gh_len),
    .m_gh_save    (op_gh_save),
    .m_gh_block   (op_gh_block),
    .m_h_init     (op_h_init),
    .m_wipe       (op_wipe),
    .m_b_beg      (op_b_beg),
    .m_b_len      (op_b_len),
    .m_t_beg      (op_t_beg),
    .m_t_len      (op_t_len),
    .m_t_given    (op_t_given),
    .m_t_off      (op_t_off),
    .m_beat_last  (op_beat_last),
    .m_user       (op_user),
    .room         (room && tag_room),
    .beat,
    .m_meta_valid (meta_valid),
    .m_meta       (meta),
    .along,
    .ev_packet, .ev_bytes, .ev_records, .ev_seek, .ev_ctx_write, .ev_ctx_delete, .ev_status
  );

  assign ev_drop_ctx    = ev_status == tlsnic_abi_pkg::TLSNIC_STATUS_TLS_CTX[7:0];
  assign ev_drop_seq    = ev_status == tlsnic_abi_pkg::TLSNIC_STATUS_TLS_SEQ[7:0];
  assign ev_drop_record = ev_status == tlsnic_abi_pkg::TLSNIC_STATUS_TLS_RECORD[7:0];
  assign ev_drop_broken = ev_status == tlsnic_abi_pkg::TLSNIC_STATUS_TLS_BROKEN[7:0];
  assign ev_drop_seek   = ev_status == tlsnic_abi_pkg::TLSNIC_STATUS_TLS_SEEK[7:0];

  logic              g_valid, tag_valid;
  logic [DATA_W-1:0] g_data;
  logic [USER_W-1:0] g_user;
  logic [127:0]      tag;
  logic [CTX_W-1:0]  tag_slot;

  aes_gcm #(.DATA_W(DATA_W), .NUM_CTX(NUM_CTX), .USER_W(USER_W)) u_gcm (
    .clk, .rst,
    .busy        (g_busy),
    .s_valid     (op_valid),
    .s_key       (op_key),
    .s_key256    (op_key256),
    .s_nonce     (op_nonce),
    .s_ctr       (op_ctr),
    .s_aes_n     (op_aes_n),
    .s_data      (op_data),
    .s_c_beg     (op_c_beg),
    .s_c_len     (op_c_len),
    .s_ks_hold   (op_ks_hold),
    .s_ks_off    (op_ks_off),
    .s_auth_only (1'b0),
    .s_decrypt   (1'b0),
    .s_slot      (op_slot),
    .s_gh_load   (op_gh_load),
    .s_gh_new    (op_gh_new),
    .s_gh_aad    (op_gh_new),
    .s_gh_pad    (op_gh_pad),
    .s_gh_len    (op_gh_len),
    .s_gh_save   (op_gh_save),
    .s_gh_block  (op_gh_block),
    .s_h_slot    (op_slot),
    .s_h_init    (op_h_init),
    .s_wipe      (op_wipe),
    .s_b_beg     (op_b_beg),
    .s_b_len     (op_b_len),
    .s_t_beg     (op_t_beg),
    .s_t_len     (op_t_len),
    .s_t_off     (op_t_off),
    .s_t_given   (op_t_given),
    .s_beat_last (op_beat_last),
    .s_user      (op_user),
    .m_valid     (g_valid),
    .m_data      (g_data),
    .m_user      (g_user),
    .m_tag_valid (tag_valid),
    .m_tag       (tag),
    .m_tag_slot  (tag_slot)
  );

  // ---- tags -----------------------------------------------------------------

  logic t_busy;

  tls_tags #(.DATA_W(DATA_W), .CTX_W(CTX_W)) u_tags (
    .clk, .rst,
    .busy      (t_busy),
    .room      (tag_room),
    .cfg_on    (cfg_tags),
    .cfg_min   (cfg_tag_min),
    .s_valid   (f_valid && f_ready),
    .s_first   (f_first),
    .s_data    (f_data),
    .s_meta    (f_meta),
    .along,
    .meta,
    .tag_valid,
    .tag,
    .hold      (m_tag_hold),
    .m_valid   (m_tag_valid),
    .m_ready   (m_tag_ready),
    .m_cpl     (m_tag)
  );

  assign ev_tag = m_tag_valid && m_tag_ready;

  // ---- out ------------------------------------------------------------------

  logic             pop, data_ready, meta_ready, meta_held;
  logic [CNT_W-1:0] beats_q, beats_d;              // on their way, FIFO included
  logic [CNT_W-1:0] data_level, meta_level;
  logic             room_q;

  fifo #(.WIDTH(DATA_W + USER_W), .DEPTH(DEPTH)) u_data (
    .clk, .rst,
    .s_valid (g_valid),
    .s_ready (data_ready),
    .s_data  ({g_user, g_data}),
    .m_valid (m_pkt_valid),
    .m_ready (m_pkt_ready),
    .m_data  ({m_pkt_status, m_pkt_nbytes, m_pkt_last, m_pkt_data}),
    .level   (data_level)
  );

  fifo #(.WIDTH(META_W), .DEPTH(DEPTH)) u_meta (
    .clk, .rst,
    .s_valid (meta_valid),
    .s_ready (meta_ready),
    .s_data  (meta),
    .m_valid (meta_held),
    .m_ready (pop && m_pkt_last),
    .m_data  (m_pkt_meta),
    .level   (meta_level)
  );

  assign pop     = m_pkt_valid && m_pkt_ready;
  assign beats_d = beats_q + CNT_W'(beat) - CNT_W'(pop);
  assign room    = room_q;
  assign busy    = f_busy || w_busy || g_busy || t_busy || beats_q != '0;

  always_ff @(posedge clk) begin
    if (rst) begin
      beats_q <= '0;
      room_q  <= 1'b1;
    end else begin
      beats_q <= beats_d;
      room_q  <= beats_d != CNT_W'(DEPTH);
    end
  end

  // Room is kept for all beats, so the FIFOs are never full.
  logic unused;

  assign unused = &{1'b0, data_ready, meta_ready, meta_held, data_level, meta_level, tag_slot};

endmodule
