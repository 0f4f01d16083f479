// SPDX-License-Identifier: BSD-2-Clause
//
// AXI4 write master for N_CLIENTS clients. Ports are final; see below.

module axi_wr #(
    parameter int unsigned DATA_W      = 512,
    parameter int unsigned N_CLIENTS   = 2,
    parameter int unsigned MAX_BURST   = 64,  // beats
    parameter int unsigned OUTSTANDING = 32   // bursts, power of two
) (
    input  logic                        clk,
    input  logic                        rst,       // hard reset only
    input  logic                        flush,     // soft reset: finish what AXI holds, forget the rest
    output logic                        drained,   // flush, and nothing is left
    output logic                        busy,

    input  logic [N_CLIENTS-1:0]        s_req_valid,
    output logic [N_CLIENTS-1:0]        s_req_ready,
    input  logic [N_CLIENTS*64-1:0]     s_req_addr,
    input  logic [N_CLIENTS*16-1:0]     s_req_len,
    input  logic [N_CLIENTS-1:0]        s_dat_valid,
    output logic [N_CLIENTS-1:0]        s_dat_ready,
    input  logic [N_CLIENTS*DATA_W-1:0] s_dat_data,
    output logic [N_CLIENTS-1:0]        m_done_valid,
    output logic [N_CLIENTS-1:0]        m_done_err,

    output logic [3:0]                  m_axi_awid,
    output logic [63:0]                 m_axi_awaddr,
    output logic [7:0]                  m_axi_awlen,
    output logic [2:0]                  m_axi_awsize,
    output logic [1:0]                  m_axi_awburst,
    output logic                        m_axi_awvalid,
    input  logic                        m_axi_awready,
    output logic [DATA_W-1:0]           m_axi_wdata,
    output logic [DATA_W/8-1:0]         m_axi_wstrb,
    output logic                        m_axi_wlast,
    output logic                        m_axi_wvalid,
    input  logic                        m_axi_wready,
    input  logic [3:0]                  m_axi_bid,
    input  logic [1:0]                  m_axi_bresp,
    input  logic                        m_axi_bvalid,
    output logic                        m_axi_bready
);
endmodule
