// SPDX-License-Identifier: BSD-2-Clause
//
// Network side, transmit: packets of the TX stream become frames on the wire.
//
//   tx_tso -> tx_csum -> frame_buf -> checksum laid in -> tx_pad -> vlan_insert -> wire
//
// The frame buffer is the point of no return: a frame with a status other than 0
// beside its last beat, or one that is refused here (length, place of the checksum), is
// dropped in front of it, and what is behind it reaches the wire whole and without a gap.
// Every item with meta.complete and every one with a status gets its completion at the
// same point, with its last frame, in the order of the stream. CTX_* items end there.
//
// soft_rst ends what has not reached the buffer and forgets completions. What is in
// the buffer still goes out: the wire never sees half a frame.
//
// One beat a cycle; 4 cycles from the last beat in to the first on the wire, for
// packets that are not cut (tx_tso).
// Offsets count from the packet's start, before a tag is put in. With the tag the
// frame is at least 60 bytes long, zeros at its end.

module net_tx #(
  parameter int unsigned DATA_W = 512
) (
  input  logic                       clk,
  input  logic                       rst,
  input  logic                       soft_rst,       // the packets' side alone

  input  logic                       s_pkt_valid,
  output logic                       s_pkt_ready,
  input  logic [DATA_W-1:0]          s_pkt_data,
  input  logic                       s_pkt_last,
  input  logic [$clog2(DATA_W/8):0]  s_pkt_nbytes,
  input  tlsnic_pkg::tx_meta_t       s_pkt_meta,
  input  logic [7:0]                 s_pkt_status,   // with last; to be cut: from the first wrong beat on

  output logic                       m_cpl_valid,
  input  logic                       m_cpl_ready,
  output tlsnic_pkg::cpl_t           m_cpl,
  output logic                       done_valid,     // pulse: an item ends without completion,
  output logic [4:0]                 done_queue,     // one of this queue

  output logic                       m_wire_tvalid,
  input  logic                       m_wire_tready,
  output logic [DATA_W-1:0]          m_wire_tdata,
  output logic [DATA_W/8-1:0]        m_wire_tkeep,
  output logic                       m_wire_tlast,

  output net_pkg::tx_ev_t            ev,
  output logic                       busy
);

  localparam int unsigned B     = DATA_W / 8;
  localparam int unsigned LEN_W = $clog2(B) + 1;

  logic in_rst;

  assign in_rst = rst || soft_rst;

  // ---- Segmentation --------------------------------------------------------

  logic                 g_valid, g_ready, g_last, tso_busy;
  logic [DATA_W-1:0]    g_data;
  logic [LEN_W-1:0]     g_nbytes;
  tlsnic_pkg::tx_meta_t g_meta;
  logic [7:0]           g_status;
  net_pkg::tx_part_t    g_part;

  tx_tso #(.DATA_W (DATA_W)) u_tso (
    .clk,
    .rst      (in_rst),
    .busy     (tso_busy),
    .s_valid  (s_pkt_valid),
    .s_ready  (s_pkt_ready),
    .s_data   (s_pkt_data),
    .s_last   (s_pkt_last),
    .s_nbytes (s_pkt_nbytes),
    .s_meta   (s_pkt_meta),
    .s_status (s_pkt_status),
    .m_valid  (g_valid),
    .m_ready  (g_ready),
    .m_data   (g_data),
    .m_last   (g_last),
    .m_nbytes (g_nbytes),
    .m_meta   (g_meta),
    .m_status (g_status),
    .m_part   (g_part)
  );

  // ---- Verdict and checksum ----------------------------------------------

  logic                 c_valid, c_ready, c_last;
  logic [DATA_W-1:0]    c_data;
  logic [LEN_W-1:0]     c_nbytes;
  tlsnic_pkg::tx_meta_t c_meta;
  logic [7:0]           c_status;
  net_pkg::tx_part_t    c_part;
  logic [15:0]          c_len, c_csum;
  logic [13:0]          c_csum_pos;
  logic                 c_csum_put;

  tx_csum #(.DATA_W (DATA_W)) u_csum (
    .clk,
    .rst        (in_rst),
    .s_valid    (g_valid),
    .s_ready    (g_ready),
    .s_data     (g_data),
    .s_last     (g_last),
    .s_nbytes   (g_nbytes),
    .s_meta     (g_meta),
    .s_status   (g_status),
    .s_part     (g_part),
    .m_valid    (c_valid),
    .m_ready    (c_ready),
    .m_data     (c_data),
    .m_last     (c_last),
    .m_nbytes   (c_nbytes),
    .m_meta     (c_meta),
    .m_status   (c_status),
    .m_part     (c_part),
    .m_len      (c_len),
    .m_csum_put (c_csum_put),
    .m_csum     (c_csum),
    .m_csum_pos (c_csum_pos)
  );

  logic is_packet, buf_ready, cpl_ready, c_end, c_item_end;

  assign is_packet = c_meta.kind == tlsnic_pkg::TX_PACKET;
  assign c_ready   = buf_ready && cpl_ready;
  assign c_end     = c_valid && c_ready && c_last;

  assign c_item_end = c_end && c_part.last;

  // ---- Completions --------------------------------------------------------

  // what a completion is made of; the whole entry would be mostly zeros
  typedef struct packed {
    logic [4:0]  qp;
    logic [7:0]  status;
    logic [15:0] index;
    logic [31:0] ctx;
  } done_t;

  done_t c_done, done;
  logic  wants_cpl;

  assign wants_cpl  = c_meta.complete || c_status != 8'd0;
  assign done_valid = c_item_end && !wants_cpl;
  assign done_queue = c_meta.queue;

  always_comb begin
    c_done.qp     = c_meta.queue;
    c_done.status = c_status;
    c_done.index  = c_meta.index;
    c_done.ctx    = c_meta.tls || !is_packet ? c_meta.ctx : 32'd0;
  end

  localparam int unsigned CPL_DEPTH = 16;

  logic [$clog2(CPL_DEPTH):0] unused_level;

  fifo #(
    .WIDTH ($bits(c_done)),
    .DEPTH (CPL_DEPTH)
  ) u_done (
    .clk,
    .rst     (in_rst),
    .s_valid (c_item_end && wants_cpl),
    .s_ready (cpl_ready),
    .s_data  (c_done),
    .m_valid (m_cpl_valid),
    .m_ready (m_cpl_ready),
    .m_data  (done),
    .level   (unused_level)
  );

  always_comb begin
    m_cpl.queue = done.qp;
    m_cpl.entry = '0;
    m_cpl.entry[tlsnic_abi_pkg::CPL_TX_TYPE_LSB +: 8]    = tlsnic_abi_pkg::TLSNIC_CPL_TX[7:0];
    m_cpl.entry[tlsnic_abi_pkg::CPL_TX_STATUS_LSB +: 8]  = done.status;
    m_cpl.entry[tlsnic_abi_pkg::CPL_TX_INDEX_LSB +: 16]  = done.index;
    m_cpl.entry[tlsnic_abi_pkg::CPL_TX_CTX_LSB +: 32]    = done.ctx;
  end

  // ---- Frames ------------------------------------------------------------

  typedef struct packed {
    logic        csum_put;
    logic [15:0] csum;
    logic [13:0] csum_pos;
    logic        vlan;
    logic [15:0] vlan_tci;
    logic [15:0] wire_len;                   // with tag and padding
  } info_t;

  // shortest frame on the wire without FCS
  localparam logic [15:0] WIRE_MIN = 16'd60;

  info_t             c_info, f_info;
  logic              f_valid, f_ready, f_first, f_last, buf_busy;
  logic [DATA_W-1:0] f_data;
  logic [LEN_W-1:0]  f_nbytes;
  logic [15:0]       tagged_len;

  assign tagged_len = c_len + (c_meta.vlan ? 16'd4 : 16'd0);

  always_comb begin
    c_info.csum_put = c_csum_put;
    c_info.csum     = c_csum;
    c_info.csum_pos = c_csum_pos;
    c_info.vlan     = c_meta.vlan;
    c_info.vlan_tci = c_meta.vlan_tci;
    c_info.wire_len = tagged_len < WIRE_MIN ? WIRE_MIN : tagged_len;
  end

  frame_buf #(
    .DATA_W  (DATA_W),
    .MAX_LEN (tlsnic_abi_pkg::TLSNIC_TX_MAX_LEN),
    .INFO_W  ($bits(c_info))
  ) u_buf (
    .clk, .rst,
    .s_valid  (c_valid && cpl_ready),
    .s_ready  (buf_ready),
    .s_data   (c_data),
    .s_last   (c_last),
    .s_nbytes (c_nbytes),
    .s_drop   (c_status != 8'd0 || !is_packet),
    .s_info   (c_info),
    .s_abort  (soft_rst),
    .m_valid  (f_valid),
    .m_ready  (f_ready),
    .m_data   (f_data),
    .m_first  (f_first),
    .m_last   (f_last),
    .m_nbytes (f_nbytes),
    .m_info   (f_info),
    .busy     (buf_busy)
  );

  // the two bytes of the checksum may lie in two beats
  localparam int unsigned BEAT_W = 14 - $clog2(B);

  logic [BEAT_W-1:0] beat_q;                 // number of this beat in its frame
  logic [13:0]       csum_pos1;
  logic [DATA_W-1:0] sealed;

  assign csum_pos1 = f_info.csum_pos + 14'd1;

  always_comb begin
    sealed = f_data;
    if (f_valid && f_info.csum_put) begin
      if (f_info.csum_pos[13 -: BEAT_W] == beat_q)
        sealed[8 * f_info.csum_pos[$clog2(B)-1:0] +: 8] = f_info.csum[7:0];
      if (csum_pos1[13 -: BEAT_W] == beat_q)
        sealed[8 * csum_pos1[$clog2(B)-1:0] +: 8] = f_info.csum[15:8];
    end
  end

  always_ff @(posedge clk) begin
    if (f_valid && f_ready)
      beat_q <= f_last ? '0 : beat_q + BEAT_W'(1);
    if (rst)
      beat_q <= '0;
  end

  logic              p_valid, p_ready, p_last;
  logic [DATA_W-1:0] p_data;
  logic [LEN_W-1:0]  p_nbytes;
  logic              p_first_q;              // the next beat is a first one
  logic [LEN_W-1:0]  wire_nbytes;

  tx_pad #(.DATA_W (DATA_W)) u_pad (
    .clk, .rst,
    .min_len  (f_info.vlan ? 7'(WIRE_MIN - 16'd4) : 7'(WIRE_MIN)),
    .s_valid  (f_valid),
    .s_ready  (f_ready),
    .s_data   (sealed),
    .s_last   (f_last),
    .s_nbytes (f_nbytes),
    .m_valid  (p_valid),
    .m_ready  (p_ready),
    .m_data   (p_data),
    .m_last   (p_last),
    .m_nbytes (p_nbytes)
  );

  always_ff @(posedge clk) begin
    if (p_valid && p_ready)
      p_first_q <= p_last;
    if (rst)
      p_first_q <= 1'b1;
  end

  vlan_insert #(.DATA_W (DATA_W)) u_vlan (
    .clk, .rst,
    .s_valid  (p_valid),
    .s_ready  (p_ready),
    .s_data   (p_data),
    .s_first  (p_first_q),
    .s_last   (p_last),
    .s_nbytes (p_nbytes),
    .s_tag    (f_info.vlan),
    .s_tci    (f_info.vlan_tci),
    .m_valid  (m_wire_tvalid),
    .m_ready  (m_wire_tready),
    .m_data   (m_wire_tdata),
    .m_last   (m_wire_tlast),
    .m_nbytes (wire_nbytes)
  );

  assign m_wire_tkeep = ~(B'({B{1'b1}}) << wire_nbytes);

  // ---- Statistics ----------------------------------------------------------

  logic group, bcast, group_q, bcast_q;      // group: multicast or broadcast

  assign group = f_first ? sealed[0] : group_q;
  assign bcast = f_first ? &sealed[47:0] : bcast_q;

  always_ff @(posedge clk) begin
    if (f_valid && f_first) begin
      group_q <= group;
      bcast_q <= bcast;
    end
    ev.frame.valid <= f_valid && f_ready && f_last;
    ev.frame.mcast <= group && !bcast;
    ev.frame.bcast <= bcast;
    ev.frame.len   <= f_info.wire_len;
    ev.drop_dma    <= c_end && c_status == tlsnic_abi_pkg::TLSNIC_STATUS_DMA[7:0];
    ev.drop_desc   <= c_end && c_status == tlsnic_abi_pkg::TLSNIC_STATUS_DESC[7:0];
    ev.tso_packet  <= c_end && c_part.cut && c_part.first && c_status == 8'd0;
    ev.tso_frame   <= c_end && c_part.cut && c_status == 8'd0;
    if (rst)
      ev <= '0;
  end

  logic unused;
  assign unused = &{1'b0, c_meta};

  assign busy = s_pkt_valid || c_valid || m_cpl_valid || buf_busy || m_wire_tvalid ||
                tso_busy || ev.frame.valid || ev.drop_dma || ev.drop_desc || ev.tso_frame;

endmodule
