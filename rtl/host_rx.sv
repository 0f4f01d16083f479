// SPDX-License-Identifier: BSD-2-Clause
//
// RX rings and frames to host memory. Ports are final; the body follows.

module host_rx #(
    parameter int unsigned DATA_W     = 512,
    parameter int unsigned NUM_QUEUES = 4
) (
    input  logic                         clk,
    input  logic                         rst,      // hard or soft reset
    output logic                         busy,

    input  logic                         reg_wr,
    input  logic                         reg_rd,
    input  logic [15:0]                  reg_addr,
    input  logic [31:0]                  reg_wdata,
    output logic [31:0]                  reg_rdata,

    input  logic                         s_pkt_valid,
    output logic                         s_pkt_ready,
    input  logic [DATA_W-1:0]            s_pkt_data,
    input  logic                         s_pkt_last,
    input  logic [$clog2(DATA_W/8):0]    s_pkt_nbytes,
    input  tlsnic_pkg::rx_meta_t         s_pkt_meta,   // constant through the frame

    output logic                         m_rd_req_valid,
    input  logic                         m_rd_req_ready,
    output logic [63:0]                  m_rd_req_addr,
    output logic [15:0]                  m_rd_req_len,
    input  logic                         s_rd_rsp_valid,
    input  logic [DATA_W-1:0]            s_rd_rsp_data,
    input  logic                         s_rd_rsp_last,
    input  logic                         s_rd_rsp_err,

    output logic                         m_wr_req_valid,
    input  logic                         m_wr_req_ready,
    output logic [63:0]                  m_wr_req_addr,
    output logic [15:0]                  m_wr_req_len,
    output logic                         m_wr_dat_valid,
    input  logic                         m_wr_dat_ready,
    output logic [DATA_W-1:0]            m_wr_dat_data,
    input  logic                         s_wr_done_valid,
    input  logic                         s_wr_done_err,

    output logic                         m_cpl_valid,
    input  logic                         m_cpl_ready,
    output tlsnic_pkg::cpl_t             m_cpl,

    output logic                         ev_no_buffer,  // pulses
    output logic                         err_read,
    output logic                         err_write,
    output logic                         err_doorbell
);
endmodule
