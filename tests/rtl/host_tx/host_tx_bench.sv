// SPDX-License-Identifier: BSD-2-Clause
//
// host_tx and axi_rd as they are in the card, with the fields of the packet
// stream and of the context port as ports of their own, and a look into
// whatever may hold a key.

module host_tx_bench #(
  parameter int unsigned DATA_W  = 512,
  localparam int unsigned QUEUES = 4
) (
  input  logic              clk,
  input  logic              rst,
  input  logic              soft_rst,            // with flush
  output logic              drained,
  output logic              wipe_busy,
  output logic              busy,
  input  logic              tx_enable,

  input  logic              reg_wr,
  input  logic              reg_rd,
  input  logic [15:0]       reg_addr,
  input  logic [31:0]       reg_wdata,
  output logic [31:0]       reg_rdata,
  output logic              err_read,
  output logic              err_doorbell,
  output logic              err_desc,

  output logic [3:0]        arid,
  output logic [63:0]       araddr,
  output logic [7:0]        arlen,
  output logic [2:0]        arsize,
  output logic [1:0]        arburst,
  output logic              arvalid,
  input  logic              arready,
  input  logic [3:0]        rid,
  input  logic [DATA_W-1:0] rdata,
  input  logic [1:0]        rresp,
  input  logic              rlast,
  input  logic              rvalid,
  output logic              rready,

  output logic [3:0]        d_arid,
  output logic [63:0]       d_araddr,
  output logic [7:0]        d_arlen,
  output logic [2:0]        d_arsize,
  output logic [1:0]        d_arburst,
  output logic              d_arvalid,
  input  logic              d_arready,
  input  logic [3:0]        d_rid,
  input  logic [127:0]      d_rdata,
  input  logic [1:0]        d_rresp,
  input  logic              d_rlast,
  input  logic              d_rvalid,
  output logic              d_rready,

  output logic              pkt_valid,
  input  logic              pkt_ready,
  output logic [DATA_W-1:0] pkt_data,
  output logic              pkt_last,
  output logic [7:0]        pkt_nbytes,
  output logic [7:0]        pkt_status,
  output logic [1:0]        pkt_kind,
  output logic [4:0]        pkt_queue,
  output logic [15:0]       pkt_index,
  output logic              pkt_complete,
  output logic              pkt_csum,
  output logic [15:0]       pkt_csum_start,
  output logic [15:0]       pkt_csum_offset,
  output logic              pkt_vlan,
  output logic [15:0]       pkt_vlan_tci,
  output logic              pkt_tls,
  output logic [31:0]       pkt_ctx,
  output logic [31:0]       pkt_seq,
  output logic [15:0]       pkt_stream_offset,
  output logic [15:0]       pkt_len,
  output logic              pkt_seek,
  output logic [15:0]       pkt_mss,
  output logic [7:0]        pkt_l3_start,

  output logic              ctx_valid,
  input  logic              ctx_ready,
  output logic              ctx_delete,
  output logic              ctx_seek,
  output logic              ctx_has_tag,         // of a seek
  output logic              ctx_go_on,
  output logic [15:0]       ctx_rec_len,
  output logic [15:0]       ctx_offset,
  output logic [7:0]        ctx_rec_type,
  output logic [191:0]      ctx_sn_tag,
  output logic [31:0]       ctx_number,
  output logic [7:0]        ctx_cipher,
  output logic [7:0]        ctx_version,
  output logic [31:0]       ctx_seq,
  output logic [159:0]      ctx_salt_iv_sn,
  output logic [255:0]      ctx_key,

  input  logic [1:0]        done_valid,
  input  logic [9:0]        done_queue,

  input  logic              look,                // for secrets
  output logic              secret_left
);

  localparam int unsigned LEN_W = $clog2(DATA_W / 8) + 1;

  logic                 req_valid, req_ready, rsp_valid, rsp_last, rsp_err;
  logic [63:0]          req_addr;
  logic [15:0]          req_len;
  logic [DATA_W-1:0]    rsp_data;
  logic [1:0]           d_req_valid, d_req_ready, d_rsp_valid;
  logic [127:0]         d_req_addr;
  logic [31:0]          d_req_len;
  logic                 d_rsp_last, d_rsp_err;
  logic [127:0]         d_rsp_data;
  logic                 rd_busy, d_rd_busy, tx_busy, rd_drained, d_drained;
  tlsnic_pkg::tx_meta_t meta;
  tlsnic_pkg::ctx_cmd_t ctx;
  tlsnic_pkg::seek_t    seek;
  logic [LEN_W-1:0]     nbytes;

  host_tx #(.DATA_W(DATA_W), .NUM_QUEUES(QUEUES)) u_host_tx (
    .clk,
    .rst              (rst || soft_rst),
    .tx_enable, .wipe_busy,
    .busy             (tx_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata, .reg_rdata,
    .m_desc_req_valid (d_req_valid[0]),
    .m_desc_req_ready (d_req_ready[0]),
    .m_desc_req_addr  (d_req_addr[63:0]),
    .m_desc_req_len   (d_req_len[15:0]),
    .s_desc_rsp_valid (d_rsp_valid[0]),
    .s_desc_rsp_data  (d_rsp_data),
    .s_desc_rsp_last  (d_rsp_last),
    .s_desc_rsp_err   (d_rsp_err),
    .m_head_req_valid (d_req_valid[1]),
    .m_head_req_ready (d_req_ready[1]),
    .m_head_req_addr  (d_req_addr[127:64]),
    .m_head_req_len   (d_req_len[31:16]),
    .s_head_rsp_valid (d_rsp_valid[1]),
    .m_data_req_valid (req_valid),
    .m_data_req_ready (req_ready),
    .m_data_req_addr  (req_addr),
    .m_data_req_len   (req_len),
    .s_data_rsp_valid (rsp_valid),
    .s_data_rsp_data  (rsp_data),
    .s_data_rsp_last  (rsp_last),
    .s_data_rsp_err   (rsp_err),
    .m_pkt_valid      (pkt_valid),
    .m_pkt_ready      (pkt_ready),
    .m_pkt_data       (pkt_data),
    .m_pkt_last       (pkt_last),
    .m_pkt_nbytes     (nbytes),
    .m_pkt_meta       (meta),
    .m_pkt_status     (pkt_status),
    .m_ctx_valid      (ctx_valid),
    .m_ctx_ready      (ctx_ready),
    .m_ctx            (ctx),
    .s_done_valid     (done_valid),
    .s_done_queue     (done_queue),
    .err_read, .err_doorbell, .err_desc
  );

  axi_rd #(.DATA_W(DATA_W), .CLIENTS(1), .OUTSTANDING(32)) u_axi_rd (
    .clk, .rst,
    .flush         (soft_rst),
    .drained       (rd_drained),
    .busy          (rd_busy),
    .s_req_valid   (req_valid),
    .s_req_ready   (req_ready),
    .s_req_addr    (req_addr),
    .s_req_len     (req_len),
    .m_rsp_valid   (rsp_valid),
    .m_rsp_data    (rsp_data),
    .m_rsp_last    (rsp_last),
    .m_rsp_err     (rsp_err),
    .m_axi_arid    (arid),
    .m_axi_araddr  (araddr),
    .m_axi_arlen   (arlen),
    .m_axi_arsize  (arsize),
    .m_axi_arburst (arburst),
    .m_axi_arvalid (arvalid),
    .m_axi_arready (arready),
    .m_axi_rid     (rid),
    .m_axi_rdata   (rdata),
    .m_axi_rresp   (rresp),
    .m_axi_rlast   (rlast),
    .m_axi_rvalid  (rvalid),
    .m_axi_rready  (rready)
  );

  axi_rd #(.DATA_W(128), .CLIENTS(2), .OUTSTANDING(32)) u_axi_rd_desc (
    .clk, .rst,
    .flush         (soft_rst),
    .drained       (d_drained),
    .busy          (d_rd_busy),
    .s_req_valid   (d_req_valid),
    .s_req_ready   (d_req_ready),
    .s_req_addr    (d_req_addr),
    .s_req_len     (d_req_len),
    .m_rsp_valid   (d_rsp_valid),
    .m_rsp_data    (d_rsp_data),
    .m_rsp_last    (d_rsp_last),
    .m_rsp_err     (d_rsp_err),
    .m_axi_arid    (d_arid),
    .m_axi_araddr  (d_araddr),
    .m_axi_arlen   (d_arlen),
    .m_axi_arsize  (d_arsize),
    .m_axi_arburst (d_arburst),
    .m_axi_arvalid (d_arvalid),
    .m_axi_arready (d_arready),
    .m_axi_rid     (d_rid),
    .m_axi_rdata   (d_rdata),
    .m_axi_rresp   (d_rresp),
    .m_axi_rlast   (d_rlast),
    .m_axi_rvalid  (d_rvalid),
    .m_axi_rready  (d_rready)
  );

  assign seek              = $bits(seek)'(ctx.key);
  assign busy              = tx_busy || rd_busy || d_rd_busy;
  assign drained           = rd_drained && d_drained;
  assign pkt_nbytes        = 8'(nbytes);
  assign pkt_kind          = meta.kind;
  assign pkt_queue         = meta.queue;
  assign pkt_index         = meta.index;
  assign pkt_complete      = meta.complete;
  assign pkt_csum          = meta.csum;
  assign pkt_csum_start    = meta.csum_start;
  assign pkt_csum_offset   = meta.csum_offset;
  assign pkt_vlan          = meta.vlan;
  assign pkt_vlan_tci      = meta.vlan_tci;
  assign pkt_tls           = meta.tls;
  assign pkt_ctx           = meta.ctx;
  assign pkt_seq           = meta.seq;
  assign pkt_stream_offset = meta.stream_offset;
  assign pkt_len           = meta.len;
  assign pkt_seek          = meta.seek;
  assign pkt_mss           = meta.mss;
  assign pkt_l3_start      = meta.l3_start;
  assign ctx_delete        = ctx.is_delete;
  assign ctx_seek          = ctx.is_seek;
  assign ctx_has_tag       = seek.has_tag;
  assign ctx_go_on         = seek.go_on;
  assign ctx_rec_len       = seek.rec_len;
  assign ctx_offset        = seek.offset;
  assign ctx_rec_type      = seek.rec_type;
  assign ctx_sn_tag        = {seek.tag, seek.rec_sn};
  assign ctx_number        = ctx.ctx;
  assign ctx_cipher        = ctx.cipher;
  assign ctx_version       = ctx.version;
  assign ctx_seq           = ctx.seq;
  assign ctx_salt_iv_sn    = {ctx.rec_sn, ctx.iv, ctx.salt};
  assign ctx_key           = ctx.key;

  logic in_ram;

  always_comb begin
    in_ram = 1'b0;
    if (look)
      for (int i = 0; i < QUEUES * 64; i++)
        in_ram |= u_host_tx.u_desc.mem[i] != '0;
  end

  assign secret_left = look && (in_ram || u_host_tx.u_desc.low_q != '0 || u_host_tx.u_parse.slot_q != '0
                                || u_host_tx.u_parse.secret_q != '0
                                || u_host_tx.u_ctx.word_q != '0 || d_rsp_data != '0);

endmodule
