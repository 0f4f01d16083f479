// SPDX-License-Identifier: BSD-2-Clause
//
// Host side, transmit: TX rings to the TX packet stream, in ring order, and
// round robin over the queues item by item (a packet or a context item).
//
//   tx_ring    registers, indices, which queue is next
//   tx_desc    descriptor RAM, reads of descriptors
//   tx_parse   slots to items, checks
//   tx_fetch   reads of data
//   tx_head    reads of headers
//   tx_pack    bus beats to packed beats
//
// Reads of several packets are under way at a time. A packet leaves with its
// completion still to be written: meta.queue, index and complete go with it, and
// whoever takes it off the stream for good says so at s_done, so that a queue
// turned off is only reported so when none of its packets is left.

module host_tx #(
  parameter int unsigned DATA_W     = 512,
  parameter int unsigned NUM_QUEUES = 4
) (
  input  logic                       clk,
  input  logic                       rst,        // hard or soft reset
  input  logic                       tx_enable,
  output logic                       wipe_busy,  // after rst: descriptor RAM is being wiped
  output logic                       busy,

  input  logic                       reg_wr,
  input  logic                       reg_rd,
  input  logic [15:0]                reg_addr,
  input  logic [31:0]                reg_wdata,
  output logic [31:0]                reg_rdata,

  // axi_rd of 128 bits: descriptors
  output logic                       m_desc_req_valid,
  input  logic                       m_desc_req_ready,
  output logic [63:0]                m_desc_req_addr,
  output logic [15:0]                m_desc_req_len,
  input  logic                       s_desc_rsp_valid,
  input  logic [127:0]               s_desc_rsp_data,
  input  logic                       s_desc_rsp_last,
  input  logic                       s_desc_rsp_err,
  output logic                       m_head_req_valid,   // headers
  input  logic                       m_head_req_ready,
  output logic [63:0]                m_head_req_addr,
  output logic [15:0]                m_head_req_len,
  input  logic                       s_head_rsp_valid,   // with s_desc_rsp_data, last, err
  // axi_rd of DATA_W bits: data
  output logic                       m_data_req_valid,
  input  logic                       m_data_req_ready,
  output logic [63:0]                m_data_req_addr,
  output logic [15:0]                m_data_req_len,
  input  logic                       s_data_rsp_valid,
  input  logic [DATA_W-1:0]          s_data_rsp_data,
  input  logic                       s_data_rsp_last,
  input  logic                       s_data_rsp_err,

  output logic                       m_pkt_valid,
  input  logic                       m_pkt_ready,
  output logic [DATA_W-1:0]          m_pkt_data,
  output logic                       m_pkt_last,
  output logic [$clog2(DATA_W/8):0]  m_pkt_nbytes,
  output tlsnic_pkg::tx_meta_t       m_pkt_meta,
  output logic [7:0]                 m_pkt_status,  // not 0 from the first beat on that is wrong

  output logic                       m_ctx_valid,
  input  logic                       m_ctx_ready,
  output tlsnic_pkg::ctx_cmd_t       m_ctx,      // 0 while not valid

  // packets and context items that are done with, up to two a cycle
  input  logic [1:0]                 s_done_valid,
  input  logic [9:0]                 s_done_queue,

  output logic                       err_read,   // pulses
  output logic                       err_doorbell,
  output logic                       err_desc
);

  localparam int unsigned DEPTH = 64;            // descriptor RAM, slots a queue
  localparam int unsigned Q_W   = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1;
  localparam int unsigned D_W   = $clog2(DEPTH);
  localparam int unsigned LGB   = $clog2(DATA_W / 8);
  localparam int unsigned HEAD  = 128;           // longest header, bytes
  localparam int unsigned HD_W  = $clog2(HEAD) + 1;

  logic           ring_busy, desc_busy, parse_busy, fetch_busy, pack_busy;

  logic           req_valid, req_ready, land_valid, land_err, clr_valid, clr_done;
  logic [Q_W-1:0] req_queue, land_queue, clr_queue;
  logic [D_W-1:0] req_index;
  logic [3:0]     req_slots, land_slots;
  logic [63:0]    req_addr;

  logic           pick_valid, pick_take, cur_valid, cur_none, pop;
  logic           item_end, item_halt, item_out;
  logic [Q_W-1:0] pick_queue;
  logic [D_W-1:0] cur_index;
  logic [15:0]    cur_cons;

  tx_ring #(.NUM_QUEUES(NUM_QUEUES), .DEPTH(DEPTH)) u_ring (
    .clk, .rst, .tx_enable,
    .busy         (ring_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata, .reg_rdata,
    .m_req_valid  (req_valid),
    .m_req_ready  (req_ready),
    .m_req_queue  (req_queue),
    .m_req_index  (req_index),
    .m_req_slots  (req_slots),
    .m_req_addr   (req_addr),
    .s_land_valid (land_valid),
    .s_land_queue (land_queue),
    .s_land_slots (land_slots),
    .s_land_err   (land_err),
    .m_clr_valid  (clr_valid),
    .m_clr_queue  (clr_queue),
    .m_clr_done   (clr_done),
    .pick_valid, .pick_queue, .pick_take,
    .cur_index, .cur_cons, .cur_valid, .cur_none,
    .pop, .item_end, .item_halt, .item_out,
    .s_done_valid, .s_done_queue,
    .err_read, .err_doorbell, .err_desc
  );

  logic [Q_W-1:0] rd_queue;
  logic [D_W-1:0] rd_index;
  logic [255:0]   rd_slot;
  logic           wipe_valid, wipe_ready;

  tx_desc #(.NUM_QUEUES(NUM_QUEUES), .DEPTH(DEPTH)) u_desc (
    .clk, .rst,
    .init_busy      (wipe_busy),
    .busy           (desc_busy),
    .s_req_valid    (req_valid),
    .s_req_ready    (req_ready),
    .s_req_queue    (req_queue),
    .s_req_index    (req_index),
    .s_req_slots    (req_slots),
    .s_req_addr     (req_addr),
    .land_valid, .land_queue, .land_slots, .land_err,
    .s_clr_valid    (clr_valid),
    .s_clr_queue    (clr_queue),
    .clr_done,
    .m_rd_req_valid (m_desc_req_valid),
    .m_rd_req_ready (m_desc_req_ready),
    .m_rd_req_addr  (m_desc_req_addr),
    .m_rd_req_len   (m_desc_req_len),
    .s_rd_rsp_valid (s_desc_rsp_valid),
    .s_rd_rsp_data  (s_desc_rsp_data),
    .s_rd_rsp_last  (s_desc_rsp_last),
    .s_rd_rsp_err   (s_desc_rsp_err),
    .rd_queue, .rd_index, .rd_slot, .wipe_valid, .wipe_ready
  );

  logic                 seg_push, seg_ready, seg_last, seg_commit, seg_rollback, rec_head;
  logic [63:0]          seg_addr;
  logic [15:0]          seg_len;
  logic                 rec_valid, rec_ready, rec_data;
  tlsnic_pkg::tx_meta_t rec_meta;
  logic [7:0]           rec_status;
  logic                 cmd_valid, cmd_ready;
  tlsnic_pkg::ctx_cmd_t cmd;

  // A header and the descriptors of its packet take about 10 beats of their port.
  tx_parse #(
    .NUM_QUEUES (NUM_QUEUES),
    .DEPTH      (DEPTH),
    .BEAT       (DATA_W / 8),
    .HEAD_MAX   (HEAD),
    .HEAD_FROM  (10 * DATA_W / 8)
  ) u_parse (
    .clk, .rst,
    .busy         (parse_busy),
    .pick_valid, .pick_queue, .pick_take,
    .cur_index, .cur_cons, .cur_valid, .cur_none,
    .pop, .item_end, .item_halt, .item_out,
    .rd_queue, .rd_index, .rd_slot, .wipe_valid, .wipe_ready,
    .seg_push, .seg_ready, .seg_addr, .seg_len, .seg_last, .seg_commit, .seg_rollback,
    .m_rec_valid  (rec_valid),
    .m_rec_ready  (rec_ready),
    .m_rec_meta   (rec_meta),
    .m_rec_status (rec_status),
    .m_rec_data   (rec_data),
    .m_rec_head   (rec_head),
    .m_ctx_valid  (cmd_valid),
    .m_ctx_ready  (cmd_ready),
    .m_ctx        (cmd)
  );

  fifo_wipe #(.WIDTH($bits(cmd)), .DEPTH(4)) u_ctx (
    .clk, .rst,
    .s_valid (cmd_valid),
    .s_ready (cmd_ready),
    .s_data  (cmd),
    .m_valid (m_ctx_valid),
    .m_ready (m_ctx_ready),
    .m_data  (m_ctx)
  );

  localparam int unsigned REC_W = $bits(rec_meta) + 10;

  logic                 out_valid, out_ready, out_data, out_head;
  tlsnic_pkg::tx_meta_t out_meta;
  logic [7:0]           out_status;
  logic [5:0]           rec_level;

  fifo #(.WIDTH(REC_W), .DEPTH(32)) u_rec (
    .clk, .rst,
    .s_valid (rec_valid),
    .s_ready (rec_ready),
    .s_data  ({rec_meta, rec_status, rec_data, rec_head}),
    .m_valid (out_valid),
    .m_ready (out_ready),
    .m_data  ({out_meta, out_status, out_data, out_head}),
    .level   (rec_level)
  );

  logic              sg_valid, sg_ready, sg_last, dat_valid, dat_ready, dat_err;
  logic [LGB-1:0]    sg_off;
  logic [15:0]       sg_len;
  logic [DATA_W-1:0] dat_data;
  logic              ask_head, ask_head_ready;
  logic [63:0]       ask_head_addr;
  logic [HD_W-1:0]   ask_head_len;

  tx_fetch #(
    .DATA_W   (DATA_W),
    .MAX_SEGS (tlsnic_abi_pkg::TLSNIC_TX_MAX_SEGMENTS),
    .HEAD_MAX (HEAD)
  ) u_fetch (
    .clk, .rst,
    .busy           (fetch_busy),
    .seg_push, .seg_ready, .seg_addr, .seg_len, .seg_last, .seg_commit, .seg_rollback,
    .seg_head       (rec_head),
    .m_head_valid   (ask_head),
    .m_head_ready   (ask_head_ready),
    .m_head_addr    (ask_head_addr),
    .m_head_len     (ask_head_len),
    .m_rd_req_valid (m_data_req_valid),
    .m_rd_req_ready (m_data_req_ready),
    .m_rd_req_addr  (m_data_req_addr),
    .m_rd_req_len   (m_data_req_len),
    .s_rd_rsp_valid (s_data_rsp_valid),
    .s_rd_rsp_data  (s_data_rsp_data),
    .s_rd_rsp_last  (s_data_rsp_last),
    .s_rd_rsp_err   (s_data_rsp_err),
    .m_seg_valid    (sg_valid),
    .m_seg_ready    (sg_ready),
    .m_seg_off      (sg_off),
    .m_seg_len      (sg_len),
    .m_seg_last     (sg_last),
    .m_dat_valid    (dat_valid),
    .m_dat_ready    (dat_ready),
    .m_dat_data     (dat_data),
    .m_dat_err      (dat_err)
  );

  logic              hd_valid, hd_ready, hd_err;
  logic [8*HEAD-1:0] hd_data;
  logic [HD_W-1:0]   hd_len;

  tx_head #(.BYTES(HEAD)) u_head (
    .clk, .rst,
    .s_req_valid    (ask_head),
    .s_req_ready    (ask_head_ready),
    .s_req_addr     (ask_head_addr),
    .s_req_len      (ask_head_len),
    .m_rd_req_valid (m_head_req_valid),
    .m_rd_req_ready (m_head_req_ready),
    .m_rd_req_addr  (m_head_req_addr),
    .m_rd_req_len   (m_head_req_len),
    .s_rd_rsp_valid (s_head_rsp_valid),
    .s_rd_rsp_data  (s_desc_rsp_data),
    .s_rd_rsp_last  (s_desc_rsp_last),
    .s_rd_rsp_err   (s_desc_rsp_err),
    .m_valid        (hd_valid),
    .m_ready        (hd_ready),
    .m_data         (hd_data),
    .m_len          (hd_len),
    .m_err          (hd_err)
  );

  tx_pack #(.DATA_W(DATA_W), .HEAD(HEAD)) u_pack (
    .clk, .rst,
    .busy         (pack_busy),
    .s_rec_valid  (out_valid),
    .s_rec_ready  (out_ready),
    .s_rec_meta   (out_meta),
    .s_rec_status (out_status),
    .s_rec_data   (out_data),
    .s_rec_head   (out_head),
    .s_head_valid (hd_valid),
    .s_head_ready (hd_ready),
    .s_head_data  (hd_data),
    .s_head_len   (hd_len),
    .s_head_err   (hd_err),
    .s_seg_valid  (sg_valid),
    .s_seg_ready  (sg_ready),
    .s_seg_off    (sg_off),
    .s_seg_len    (sg_len),
    .s_seg_last   (sg_last),
    .s_dat_valid  (dat_valid),
    .s_dat_ready  (dat_ready),
    .s_dat_data   (dat_data),
    .s_dat_err    (dat_err),
    .m_pkt_valid, .m_pkt_ready, .m_pkt_data, .m_pkt_last, .m_pkt_nbytes, .m_pkt_meta,
    .m_pkt_status
  );

  assign busy = ring_busy || desc_busy || parse_busy || fetch_busy || pack_busy || m_ctx_valid;

  logic unused;
  assign unused = &{1'b0, rec_level};

endmodule
