// SPDX-License-Identifier: BSD-2-Clause
//
// Completion rings. Ports are final; the body follows.

module host_cpl #(
    parameter int unsigned DATA_W     = 512,
    parameter int unsigned NUM_QUEUES = 4,
    parameter int unsigned N_IN       = 2     // sources of completions
) (
    input  logic                         clk,
    input  logic                         rst,      // hard or soft reset
    output logic                         busy,

    input  logic                         reg_wr,
    input  logic                         reg_rd,
    input  logic [15:0]                  reg_addr,
    input  logic [31:0]                  reg_wdata,
    output logic [31:0]                  reg_rdata,

    input  logic [N_IN-1:0]              s_cpl_valid,
    output logic [N_IN-1:0]              s_cpl_ready,
    input  logic [N_IN*$bits(tlsnic_pkg::cpl_t)-1:0] s_cpl,   // source i at i * $bits(cpl_t)

    output logic                         m_wr_req_valid,
    input  logic                         m_wr_req_ready,
    output logic [63:0]                  m_wr_req_addr,
    output logic [15:0]                  m_wr_req_len,
    output logic                         m_wr_dat_valid,
    input  logic                         m_wr_dat_ready,
    output logic [DATA_W-1:0]            m_wr_dat_data,
    input  logic                         s_wr_done_valid,
    input  logic                         s_wr_done_err,

    // To host_irq. An arm pulse comes with the cq_waiting that its doorbell leaves.
    output logic [NUM_QUEUES-1:0]        cq_active,
    output logic [NUM_QUEUES-1:0]        cq_arm,
    output logic [NUM_QUEUES*16-1:0]     cq_waiting,   // entries in memory, not yet consumed

    output logic                         err_write,    // pulses
    output logic                         err_doorbell
);
endmodule
