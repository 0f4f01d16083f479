// SPDX-License-Identifier: BSD-2-Clause
//
// Interrupt moderation and the MSI-X request port. Ports are final; the body
// follows.

module host_irq #(
    parameter int unsigned NUM_QUEUES = 4
) (
    input  logic                      clk,
    input  logic                      rst,      // hard or soft reset
    output logic                      busy,

    input  logic                      reg_wr,
    input  logic                      reg_rd,
    input  logic [15:0]               reg_addr,
    input  logic [31:0]               reg_wdata,
    output logic [31:0]               reg_rdata,

    input  logic [NUM_QUEUES-1:0]     cq_active,       // from host_cpl
    input  logic [NUM_QUEUES-1:0]     cq_arm,
    input  logic [NUM_QUEUES*16-1:0]  cq_waiting,

    input  logic                      irq_misc,        // pulse: raise vector 0
    input  logic                      irq_test,        // pulse: raise irq_test_vector
    input  logic [7:0]                irq_test_vector, // ignored beyond NUM_QUEUES

    output logic                      m_irq_valid,
    input  logic                      m_irq_ready,
    output logic [7:0]                m_irq_vector
);
endmodule
