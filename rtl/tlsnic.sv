// SPDX-License-Identifier: BSD-2-Clause
//
// The card. Host side: BAR0 as an AXI4-Lite slave; host memory as an AXI4 master
// for data and a narrow one that reads descriptors and headers, so that these take
// nothing from the bandwidth of the data; one port that asks for MSI-X interrupts. Network side: AXI4-Stream of
// frames without FCS, tuser on the last beat of a bad one.
//
// busy is 0 when nothing will happen until an input changes: a simulation may
// stop the clock then.

module tlsnic #(
  parameter int unsigned DATA_W     = 512,    // 128, 256 or 512
  parameter int unsigned NUM_QUEUES = 4,      // 1 to 32
  parameter int unsigned NUM_CTX    = 1024,    // a power of two
  parameter int unsigned CLK_KHZ    = 250000,
  localparam int unsigned B         = DATA_W / 8,
  localparam int unsigned LEN_W     = $clog2(B) + 1
) (
  input  logic              clk,
  input  logic              rst,
  input  logic              link_up,
  output logic              busy,

  input  logic [15:0]       s_axil_awaddr,
  input  logic              s_axil_awvalid,
  output logic              s_axil_awready,
  input  logic [31:0]       s_axil_wdata,
  input  logic [3:0]        s_axil_wstrb,
  input  logic              s_axil_wvalid,
  output logic              s_axil_wready,
  output logic [1:0]        s_axil_bresp,
  output logic              s_axil_bvalid,
  input  logic              s_axil_bready,
  input  logic [15:0]       s_axil_araddr,
  input  logic              s_axil_arvalid,
  output logic              s_axil_arready,
  output logic [31:0]       s_axil_rdata,
  output logic [1:0]        s_axil_rresp,
  output logic              s_axil_rvalid,
  input  logic              s_axil_rready,

  output logic [3:0]        m_axi_arid,
  output logic [63:0]       m_axi_araddr,
  output logic [7:0]        m_axi_arlen,
  output logic [2:0]        m_axi_arsize,
  output logic [1:0]        m_axi_arburst,
  output logic              m_axi_arvalid,
  input  logic              m_axi_arready,
  input  logic [3:0]        m_axi_rid,
  input  logic [DATA_W-1:0] m_axi_rdata,
  input  logic [1:0]        m_axi_rresp,
  input  logic              m_axi_rlast,
  input  logic              m_axi_rvalid,
  output logic              m_axi_rready,
  output logic [3:0]        m_axi_awid,
  output logic [63:0]       m_axi_awaddr,
  output logic [7:0]        m_axi_awlen,
  output logic [2:0]        m_axi_awsize,
  output logic [1:0]        m_axi_awburst,
  output logic              m_axi_awvalid,
  input  logic              m_axi_awready,
  output logic [DATA_W-1:0] m_axi_wdata,
  output logic [B-1:0]      m_axi_wstrb,
  output logic              m_axi_wlast,
  output logic              m_axi_wvalid,
  input  logic              m_axi_wready,
  input  logic [3:0]        m_axi_bid,
  input  logic [1:0]        m_axi_bresp,
  input  logic              m_axi_bvalid,
  output logic              m_axi_bready,

  output logic [3:0]        m_axi_desc_arid,
  output logic [63:0]       m_axi_desc_araddr,
  output logic [7:0]        m_axi_desc_arlen,
  output logic [2:0]        m_axi_desc_arsize,
  output logic [1:0]        m_axi_desc_arburst,
  output logic              m_axi_desc_arvalid,
  input  logic              m_axi_desc_arready,
  input  logic [3:0]        m_axi_desc_rid,
  input  logic [127:0]      m_axi_desc_rdata,
  input  logic [1:0]        m_axi_desc_rresp,
  input  logic              m_axi_desc_rlast,
  input  logic              m_axi_desc_rvalid,
  output logic              m_axi_desc_rready,

  output logic              m_irq_valid,
  input  logic              m_irq_ready,
  output logic [7:0]        m_irq_vector,

  output logic              m_wire_tvalid,
  input  logic              m_wire_tready,
  output logic [DATA_W-1:0] m_wire_tdata,
  output logic [B-1:0]      m_wire_tkeep,
  output logic              m_wire_tlast,

  input  logic              s_wire_tvalid,
  output logic              s_wire_tready,
  input  logic [DATA_W-1:0] s_wire_tdata,
  input  logic [B-1:0]      s_wire_tkeep,
  input  logic              s_wire_tlast,
  input  logic              s_wire_tuser
);

  // ---- Registers and reset --------------------------------------------------

  logic          reg_wr, reg_rd;
  logic [15:0]   reg_addr;
  logic [31:0]   reg_wdata;
  logic [31:0]   tx_rdata, rx_rdata, cpl_rdata, irq_rdata, stats_rdata;
  logic          soft_rst, blk_rst, flush, rd_drained, ds_drained, wr_drained;
  logic          desc_wipe_busy, ctx_wipe_busy;
  logic          tx_enable, rx_enable, loopback, promisc, allmulti, vlan_strip, tls_tags;
  logic [15:0]   tag_min;
  logic [47:0]   mac;
  logic [63:0]   mcast_hash;
  logic [15:0]   max_frame;
  logic [5:0]    rss_ctrl;
  logic [319:0]  rss_key;
  logic [1023:0] rss_table;
  logic          tx_err_read, tx_err_doorbell, tx_err_desc;
  logic          rx_err_read, rx_err_write, rx_err_doorbell;
  logic          cpl_err_write, cpl_err_doorbell;
  logic          misc_irq, irq_test;
  logic [7:0]    irq_test_vector;
  logic          csr_busy, axi_rd_busy, axi_ds_busy, axi_wr_busy, host_tx_busy, host_rx_busy, host_cpl_busy;
  logic          host_irq_busy, tls_tx_busy, net_tx_busy, net_rx_busy, loopback_busy;

  assign blk_rst = rst || soft_rst;

  csr #(
    .DATA_W     (DATA_W),
    .NUM_QUEUES (NUM_QUEUES),
    .NUM_CTX    (NUM_CTX),
    .CLK_KHZ    (CLK_KHZ)
  ) u_csr (
    .clk, .rst,
    .s_axil_awaddr, .s_axil_awvalid, .s_axil_awready,
    .s_axil_wdata, .s_axil_wstrb, .s_axil_wvalid, .s_axil_wready,
    .s_axil_bresp, .s_axil_bvalid, .s_axil_bready,
    .s_axil_araddr, .s_axil_arvalid, .s_axil_arready,
    .s_axil_rdata, .s_axil_rresp, .s_axil_rvalid, .s_axil_rready,
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata,
    .reg_rdata    (tx_rdata | rx_rdata | cpl_rdata | irq_rdata | stats_rdata),
    .soft_rst, .flush,
    .drained      (rd_drained && ds_drained && wr_drained),
    .wipe_busy    (desc_wipe_busy || ctx_wipe_busy),
    .tx_enable, .rx_enable, .loopback, .promisc, .allmulti, .vlan_strip, .tls_tags, .tag_min,
    .mac, .mcast_hash, .max_frame, .rss_ctrl, .rss_key, .rss_table,
    .link_up,
    .err_read     (tx_err_read || rx_err_read),
    .err_write    (rx_err_write || cpl_err_write),
    .err_doorbell (tx_err_doorbell || rx_err_doorbell || cpl_err_doorbell),
    .err_desc     (tx_err_desc),
    .misc_irq, .irq_test, .irq_test_vector,
    .busy         (csr_busy)
  );

  // ---- Host memory ----------------------------------------------------------

  localparam int unsigned DS_CLIENTS = 3;      // descriptors: TX, RX; TX headers
  localparam int unsigned WR_CLIENTS = 2;      // RX data, completions

  logic                         rd_req_valid, rd_req_ready, rd_rsp_valid;
  logic [63:0]                  rd_req_addr;
  logic [15:0]                  rd_req_len;
  logic [DATA_W-1:0]            rd_rsp_data;
  logic                         rd_rsp_last, rd_rsp_err;
  logic [DS_CLIENTS-1:0]        ds_req_valid, ds_req_ready, ds_rsp_valid;
  logic [DS_CLIENTS*64-1:0]     ds_req_addr;
  logic [DS_CLIENTS*16-1:0]     ds_req_len;
  logic [127:0]                 ds_rsp_data;
  logic                         ds_rsp_last, ds_rsp_err;
  logic [WR_CLIENTS-1:0]        wr_req_valid, wr_req_ready, wr_dat_valid, wr_dat_ready;
  logic [WR_CLIENTS-1:0]        wr_done_valid, wr_done_err;
  logic [WR_CLIENTS*64-1:0]     wr_req_addr;
  logic [WR_CLIENTS*16-1:0]     wr_req_len;
  logic [WR_CLIENTS*DATA_W-1:0] wr_dat_data;

  axi_rd #(.DATA_W(DATA_W), .CLIENTS(1), .OUTSTANDING(32)) u_axi_rd (
    .clk, .rst, .flush,
    .drained     (rd_drained),
    .busy        (axi_rd_busy),
    .s_req_valid (rd_req_valid),
    .s_req_ready (rd_req_ready),
    .s_req_addr  (rd_req_addr),
    .s_req_len   (rd_req_len),
    .m_rsp_valid (rd_rsp_valid),
    .m_rsp_data  (rd_rsp_data),
    .m_rsp_last  (rd_rsp_last),
    .m_rsp_err   (rd_rsp_err),
    .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize, .m_axi_arburst,
    .m_axi_arvalid, .m_axi_arready,
    .m_axi_rid, .m_axi_rdata, .m_axi_rresp, .m_axi_rlast, .m_axi_rvalid, .m_axi_rready
  );

  axi_rd #(.DATA_W(128), .CLIENTS(DS_CLIENTS), .OUTSTANDING(32)) u_axi_rd_desc (
    .clk, .rst, .flush,
    .drained       (ds_drained),
    .busy          (axi_ds_busy),
    .s_req_valid   (ds_req_valid),
    .s_req_ready   (ds_req_ready),
    .s_req_addr    (ds_req_addr),
    .s_req_len     (ds_req_len),
    .m_rsp_valid   (ds_rsp_valid),
    .m_rsp_data    (ds_rsp_data),
    .m_rsp_last    (ds_rsp_last),
    .m_rsp_err     (ds_rsp_err),
    .m_axi_arid    (m_axi_desc_arid),
    .m_axi_araddr  (m_axi_desc_araddr),
    .m_axi_arlen   (m_axi_desc_arlen),
    .m_axi_arsize  (m_axi_desc_arsize),
    .m_axi_arburst (m_axi_desc_arburst),
    .m_axi_arvalid (m_axi_desc_arvalid),
    .m_axi_arready (m_axi_desc_arready),
    .m_axi_rid     (m_axi_desc_rid),
    .m_axi_rdata   (m_axi_desc_rdata),
    .m_axi_rresp   (m_axi_desc_rresp),
    .m_axi_rlast   (m_axi_desc_rlast),
    .m_axi_rvalid  (m_axi_desc_rvalid),
    .m_axi_rready  (m_axi_desc_rready)
  );

  axi_wr #(.DATA_W(DATA_W), .N_CLIENTS(WR_CLIENTS)) u_axi_wr (
    .clk, .rst, .flush,
    .drained      (wr_drained),
    .busy         (axi_wr_busy),
    .s_req_valid  (wr_req_valid),
    .s_req_ready  (wr_req_ready),
    .s_req_addr   (wr_req_addr),
    .s_req_len    (wr_req_len),
    .s_dat_valid  (wr_dat_valid),
    .s_dat_ready  (wr_dat_ready),
    .s_dat_data   (wr_dat_data),
    .m_done_valid (wr_done_valid),
    .m_done_err   (wr_done_err),
    .m_axi_awid, .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize, .m_axi_awburst,
    .m_axi_awvalid, .m_axi_awready,
    .m_axi_wdata, .m_axi_wstrb, .m_axi_wlast, .m_axi_wvalid, .m_axi_wready,
    .m_axi_bid, .m_axi_bresp, .m_axi_bvalid, .m_axi_bready
  );

  // ---- Transmit -------------------------------------------------------------

  logic                 h_valid, h_ready, h_last, t_valid, t_ready, t_last;
  logic [DATA_W-1:0]    h_data, t_data;
  logic [LEN_W-1:0]     h_nbytes, t_nbytes;
  tlsnic_pkg::tx_meta_t h_meta, t_meta;
  logic [7:0]           h_status, t_status;
  logic                 ctx_valid, ctx_ready;
  tlsnic_pkg::ctx_cmd_t ctx;
  logic                 quiet_valid;
  logic [4:0]           quiet_queue;
  net_pkg::tx_ev_t      tx_ev;

  logic                 tag_hold, tag_valid, tag_ready, end_valid, end_ready, tx_cpl_valid, tx_cpl_ready;
  tlsnic_pkg::cpl_t     tag_cpl, end_cpl, tx_cpl;
  logic [1:0]           left_valid;
  logic [9:0]           left_queue;

  host_tx #(.DATA_W(DATA_W), .NUM_QUEUES(NUM_QUEUES)) u_host_tx (
    .clk,
    .rst              (blk_rst),
    .tx_enable,
    .wipe_busy        (desc_wipe_busy),
    .busy             (host_tx_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata,
    .reg_rdata        (tx_rdata),
    .m_desc_req_valid (ds_req_valid[0]),
    .m_desc_req_ready (ds_req_ready[0]),
    .m_desc_req_addr  (ds_req_addr[63:0]),
    .m_desc_req_len   (ds_req_len[15:0]),
    .s_desc_rsp_valid (ds_rsp_valid[0]),
    .s_desc_rsp_data  (ds_rsp_data),
    .s_desc_rsp_last  (ds_rsp_last),
    .s_desc_rsp_err   (ds_rsp_err),
    .m_head_req_valid (ds_req_valid[2]),
    .m_head_req_ready (ds_req_ready[2]),
    .m_head_req_addr  (ds_req_addr[191:128]),
    .m_head_req_len   (ds_req_len[47:32]),
    .s_head_rsp_valid (ds_rsp_valid[2]),
    .m_data_req_valid (rd_req_valid),
    .m_data_req_ready (rd_req_ready),
    .m_data_req_addr  (rd_req_addr),
    .m_data_req_len   (rd_req_len),
    .s_data_rsp_valid (rd_rsp_valid),
    .s_data_rsp_data  (rd_rsp_data),
    .s_data_rsp_last  (rd_rsp_last),
    .s_data_rsp_err   (rd_rsp_err),
    .m_pkt_valid      (h_valid),
    .m_pkt_ready      (h_ready),
    .m_pkt_data       (h_data),
    .m_pkt_last       (h_last),
    .m_pkt_nbytes     (h_nbytes),
    .m_pkt_meta       (h_meta),
    .m_pkt_status     (h_status),
    .m_ctx_valid      (ctx_valid),
    .m_ctx_ready      (ctx_ready),
    .m_ctx            (ctx),
    .s_done_valid     (left_valid),
    .s_done_queue     (left_queue),
    .err_read         (tx_err_read),
    .err_doorbell     (tx_err_doorbell),
    .err_desc         (tx_err_desc)
  );

  logic        tls_packet, tls_ctx_write, tls_ctx_delete;
  logic        tls_drop_ctx, tls_drop_seq, tls_drop_record, tls_drop_broken, tls_drop_seek;
  logic        tls_seek, tls_tag;
  logic [15:0] tls_bytes;
  logic [11:0] tls_records;

  tls_tx #(.DATA_W(DATA_W), .NUM_CTX(NUM_CTX)) u_tls_tx (
    .clk,
    .rst           (blk_rst),
    .wipe_busy     (ctx_wipe_busy),
    .busy          (tls_tx_busy),
    .s_pkt_valid   (h_valid),
    .s_pkt_ready   (h_ready),
    .s_pkt_data    (h_data),
    .s_pkt_last    (h_last),
    .s_pkt_nbytes  (h_nbytes),
    .s_pkt_meta    (h_meta),
    .s_pkt_status  (h_status),
    .s_ctx_valid   (ctx_valid),
    .s_ctx_ready   (ctx_ready),
    .s_ctx         (ctx),
    .cfg_tags      (tls_tags),
    .cfg_tag_min   (tag_min),
    .m_tag_hold    (tag_hold),
    .m_tag_valid   (tag_valid),
    .m_tag_ready   (tag_ready),
    .m_tag         (tag_cpl),
    .m_pkt_valid   (t_valid),
    .m_pkt_ready   (t_ready),
    .m_pkt_data    (t_data),
    .m_pkt_last    (t_last),
    .m_pkt_nbytes  (t_nbytes),
    .m_pkt_meta    (t_meta),
    .m_pkt_status  (t_status),
    .ev_packet     (tls_packet),
    .ev_bytes      (tls_bytes),
    .ev_records    (tls_records),
    .ev_seek       (tls_seek),
    .ev_tag        (tls_tag),
    .ev_ctx_write  (tls_ctx_write),
    .ev_ctx_delete (tls_ctx_delete),
    .ev_drop_ctx   (tls_drop_ctx),
    .ev_drop_seq   (tls_drop_seq),
    .ev_drop_record(tls_drop_record),
    .ev_drop_broken(tls_drop_broken),
    .ev_drop_seek  (tls_drop_seek)
  );

  logic              w_tx_valid, w_tx_ready, w_tx_last;
  logic [DATA_W-1:0] w_tx_data;
  logic [B-1:0]      w_tx_keep;

  net_tx #(.DATA_W(DATA_W)) u_net_tx (
    .clk, .rst, .soft_rst,
    .s_pkt_valid   (t_valid),
    .s_pkt_ready   (t_ready),
    .s_pkt_data    (t_data),
    .s_pkt_last    (t_last),
    .s_pkt_nbytes  (t_nbytes),
    .s_pkt_meta    (t_meta),
    .s_pkt_status  (t_status),
    .m_cpl_valid   (end_valid),
    .m_cpl_ready   (end_ready),
    .m_cpl         (end_cpl),
    .done_valid    (quiet_valid),
    .done_queue    (quiet_queue),
    .m_wire_tvalid (w_tx_valid),
    .m_wire_tready (w_tx_ready),
    .m_wire_tdata  (w_tx_data),
    .m_wire_tkeep  (w_tx_keep),
    .m_wire_tlast  (w_tx_last),
    .ev            (tx_ev),
    .busy          (net_tx_busy)
  );

  tx_cpl u_tx_cpl (
    .s_tag_hold   (tag_hold),
    .s_tag_valid  (tag_valid),
    .s_tag_ready  (tag_ready),
    .s_tag        (tag_cpl),
    .s_done_valid (end_valid),
    .s_done_ready (end_ready),
    .s_done       (end_cpl),
    .quiet_valid, .quiet_queue,
    .m_cpl_valid  (tx_cpl_valid),
    .m_cpl_ready  (tx_cpl_ready),
    .m_cpl        (tx_cpl),
    .left_valid, .left_queue
  );

  // ---- Wire, receive --------------------------------------------------------

  logic                 w_rx_valid, w_rx_ready, w_rx_last, w_rx_user;
  logic [DATA_W-1:0]    w_rx_data;
  logic [B-1:0]         w_rx_keep;
  logic                 r_valid, r_ready, r_last;
  logic [DATA_W-1:0]    r_data;
  logic [LEN_W-1:0]     r_nbytes;
  tlsnic_pkg::rx_meta_t r_meta;
  logic                 rx_cpl_valid, rx_cpl_ready;
  tlsnic_pkg::cpl_t     rx_cpl;
  net_pkg::rx_ev_t      rx_ev;
  logic                 rx_no_buffer;

  net_loopback #(.DATA_W(DATA_W)) u_loopback (
    .clk, .rst,
    .cfg_loopback (loopback),
    .s_tx_tvalid  (w_tx_valid),
    .s_tx_tready  (w_tx_ready),
    .s_tx_tdata   (w_tx_data),
    .s_tx_tkeep   (w_tx_keep),
    .s_tx_tlast   (w_tx_last),
    .m_rx_tvalid  (w_rx_valid),
    .m_rx_tready  (w_rx_ready),
    .m_rx_tdata   (w_rx_data),
    .m_rx_tkeep   (w_rx_keep),
    .m_rx_tlast   (w_rx_last),
    .m_rx_tuser   (w_rx_user),
    .m_wire_tvalid, .m_wire_tready, .m_wire_tdata, .m_wire_tkeep, .m_wire_tlast,
    .s_wire_tvalid, .s_wire_tready, .s_wire_tdata, .s_wire_tkeep, .s_wire_tlast, .s_wire_tuser,
    .busy         (loopback_busy)
  );

  net_rx #(.DATA_W(DATA_W), .NUM_QUEUES(NUM_QUEUES)) u_net_rx (
    .clk, .rst, .soft_rst,
    .cfg_enable     (rx_enable),
    .cfg_promisc    (promisc),
    .cfg_allmulti   (allmulti),
    .cfg_vlan_strip (vlan_strip),
    .cfg_mac        (mac),
    .cfg_mcast      (mcast_hash),
    .cfg_max_frame  (max_frame),
    .cfg_rss_types  (rss_ctrl),
    .cfg_rss_key    (rss_key),
    .cfg_rss_table  (rss_table),
    .s_wire_tvalid  (w_rx_valid),
    .s_wire_tready  (w_rx_ready),
    .s_wire_tdata   (w_rx_data),
    .s_wire_tkeep   (w_rx_keep),
    .s_wire_tlast   (w_rx_last),
    .s_wire_tuser   (w_rx_user),
    .m_pkt_valid    (r_valid),
    .m_pkt_ready    (r_ready),
    .m_pkt_data     (r_data),
    .m_pkt_last     (r_last),
    .m_pkt_nbytes   (r_nbytes),
    .m_pkt_meta     (r_meta),
    .ev             (rx_ev),
    .busy           (net_rx_busy)
  );

  host_rx #(.DATA_W(DATA_W), .NUM_QUEUES(NUM_QUEUES)) u_host_rx (
    .clk,
    .rst             (blk_rst),
    .busy            (host_rx_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata,
    .reg_rdata       (rx_rdata),
    .s_pkt_valid     (r_valid),
    .s_pkt_ready     (r_ready),
    .s_pkt_data      (r_data),
    .s_pkt_last      (r_last),
    .s_pkt_nbytes    (r_nbytes),
    .s_pkt_meta      (r_meta),
    .m_rd_req_valid  (ds_req_valid[1]),
    .m_rd_req_ready  (ds_req_ready[1]),
    .m_rd_req_addr   (ds_req_addr[127:64]),
    .m_rd_req_len    (ds_req_len[31:16]),
    .s_rd_rsp_valid  (ds_rsp_valid[1]),
    .s_rd_rsp_data   (ds_rsp_data),
    .s_rd_rsp_last   (ds_rsp_last),
    .s_rd_rsp_err    (ds_rsp_err),
    .m_wr_req_valid  (wr_req_valid[0]),
    .m_wr_req_ready  (wr_req_ready[0]),
    .m_wr_req_addr   (wr_req_addr[63:0]),
    .m_wr_req_len    (wr_req_len[15:0]),
    .m_wr_dat_valid  (wr_dat_valid[0]),
    .m_wr_dat_ready  (wr_dat_ready[0]),
    .m_wr_dat_data   (wr_dat_data[DATA_W-1:0]),
    .s_wr_done_valid (wr_done_valid[0]),
    .s_wr_done_err   (wr_done_err[0]),
    .m_cpl_valid     (rx_cpl_valid),
    .m_cpl_ready     (rx_cpl_ready),
    .m_cpl           (rx_cpl),
    .ev_no_buffer    (rx_no_buffer),
    .err_read        (rx_err_read),
    .err_write       (rx_err_write),
    .err_doorbell    (rx_err_doorbell)
  );

  // ---- Completions, interrupts, statistics ----------------------------------

  logic [NUM_QUEUES-1:0]    cq_active, cq_arm;
  logic [NUM_QUEUES*16-1:0] cq_waiting;

  host_cpl #(.DATA_W(DATA_W), .NUM_QUEUES(NUM_QUEUES), .N_IN(2)) u_host_cpl (
    .clk,
    .rst             (blk_rst),
    .busy            (host_cpl_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata,
    .reg_rdata       (cpl_rdata),
    .s_cpl_valid     ({rx_cpl_valid, tx_cpl_valid}),
    .s_cpl_ready     ({rx_cpl_ready, tx_cpl_ready}),
    .s_cpl           ({rx_cpl, tx_cpl}),
    .m_wr_req_valid  (wr_req_valid[1]),
    .m_wr_req_ready  (wr_req_ready[1]),
    .m_wr_req_addr   (wr_req_addr[127:64]),
    .m_wr_req_len    (wr_req_len[31:16]),
    .m_wr_dat_valid  (wr_dat_valid[1]),
    .m_wr_dat_ready  (wr_dat_ready[1]),
    .m_wr_dat_data   (wr_dat_data[2*DATA_W-1:DATA_W]),
    .s_wr_done_valid (wr_done_valid[1]),
    .s_wr_done_err   (wr_done_err[1]),
    .cq_active, .cq_arm, .cq_waiting,
    .err_write       (cpl_err_write),
    .err_doorbell    (cpl_err_doorbell)
  );

  host_irq #(.NUM_QUEUES(NUM_QUEUES)) u_host_irq (
    .clk,
    .rst       (blk_rst),
    .busy      (host_irq_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata,
    .reg_rdata (irq_rdata),
    .cq_active, .cq_arm, .cq_waiting,
    .irq_misc  (misc_irq),
    .irq_test, .irq_test_vector,
    .m_irq_valid, .m_irq_ready, .m_irq_vector
  );

  // Counters live through a soft reset.
  net_stats u_stats (
    .clk, .rst, .reg_rd, .reg_addr,
    .reg_rdata (stats_rdata),
    .tx_ev, .rx_ev, .rx_no_buffer,
    .tls_packet, .tls_bytes, .tls_records, .tls_ctx_write, .tls_ctx_delete,
    .tls_seek, .tls_tag,
    .tls_drop_ctx, .tls_drop_seq, .tls_drop_record, .tls_drop_broken, .tls_drop_seek
  );

  assign busy = csr_busy || axi_rd_busy || axi_ds_busy || axi_wr_busy || host_tx_busy || host_rx_busy
              || host_cpl_busy || host_irq_busy || tls_tx_busy || net_tx_busy || net_rx_busy
              || loopback_busy;

endmodule
