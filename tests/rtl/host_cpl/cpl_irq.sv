// SPDX-License-Identifier: BSD-2-Clause
//
// host_cpl and host_irq as the card joins them.

module cpl_irq #(
  parameter int unsigned DATA_W     = 512,
  parameter int unsigned NUM_QUEUES = 5
) (
  input  logic              clk,
  input  logic              rst,
  output logic              busy,

  input  logic              reg_wr,
  input  logic              reg_rd,
  input  logic [15:0]       reg_addr,
  input  logic [31:0]       reg_wdata,
  output logic [31:0]       reg_rdata,

  input  logic [1:0]        s_cpl_valid,
  output logic [1:0]        s_cpl_ready,
  input  tlsnic_pkg::cpl_t  s_cpl0,
  input  tlsnic_pkg::cpl_t  s_cpl1,

  output logic              m_wr_req_valid,
  input  logic              m_wr_req_ready,
  output logic [63:0]       m_wr_req_addr,
  output logic [15:0]       m_wr_req_len,
  output logic              m_wr_dat_valid,
  input  logic              m_wr_dat_ready,
  output logic [DATA_W-1:0] m_wr_dat_data,
  input  logic              s_wr_done_valid,
  input  logic              s_wr_done_err,

  output logic              err_write,
  output logic              err_doorbell,

  input  logic              irq_misc,
  input  logic              irq_test,
  input  logic [7:0]        irq_test_vector,
  output logic              m_irq_valid,
  input  logic              m_irq_ready,
  output logic [7:0]        m_irq_vector
);

  logic                     cpl_busy, irq_busy;
  logic [31:0]              cpl_rdata, irq_rdata;
  logic [NUM_QUEUES-1:0]    cq_active, cq_arm;
  logic [NUM_QUEUES*16-1:0] cq_waiting;

  host_cpl #(.DATA_W(DATA_W), .NUM_QUEUES(NUM_QUEUES)) u_cpl (
    .clk, .rst, .busy(cpl_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata, .reg_rdata(cpl_rdata),
    .s_cpl_valid, .s_cpl_ready, .s_cpl({s_cpl1, s_cpl0}),
    .m_wr_req_valid, .m_wr_req_ready, .m_wr_req_addr, .m_wr_req_len,
    .m_wr_dat_valid, .m_wr_dat_ready, .m_wr_dat_data,
    .s_wr_done_valid, .s_wr_done_err,
    .cq_active, .cq_arm, .cq_waiting,
    .err_write, .err_doorbell
  );

  host_irq #(.NUM_QUEUES(NUM_QUEUES)) u_irq (
    .clk, .rst, .busy(irq_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata, .reg_rdata(irq_rdata),
    .cq_active, .cq_arm, .cq_waiting,
    .irq_misc, .irq_test, .irq_test_vector,
    .m_irq_valid, .m_irq_ready, .m_irq_vector
  );

  assign busy      = cpl_busy || irq_busy;
  assign reg_rdata = cpl_rdata | irq_rdata;

endmodule
