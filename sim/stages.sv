// SPDX-License-Identifier: BSD-2-Clause
//
// Handshakes of the streams between the stages of the card, for stage accounting
// (tlsnic_sim_stages()). Bound to the card in the simulation only; each line
// has its name at the same place in stages.cc.

module stages #(
  parameter int unsigned N = 22
) (
  input logic [N-1:0] valid,
  input logic [N-1:0] ready,
  input logic         tx_busy,                   // packets are under way
  input logic         rx_busy
);

  logic [N-1:0] stage_valid /*verilator public_flat_rd*/;
  logic [N-1:0] stage_ready /*verilator public_flat_rd*/;
  logic [1:0]   stage_busy  /*verilator public_flat_rd*/;

  assign stage_valid = valid;
  assign stage_ready = ready;
  assign stage_busy  = {rx_busy, tx_busy};

endmodule

bind tlsnic stages u_stages (
  .tx_busy (host_tx_busy || tls_tx_busy || net_tx_busy),
  .rx_busy (net_rx_busy || host_rx_busy),
  .valid ({
    tx_cpl_valid,                                // 21
    rx_cpl_valid,
    m_axi_wvalid,
    m_axi_awvalid,
    r_valid,
    s_wire_tvalid,
    m_wire_tvalid,                               // 15
    u_net_tx.f_valid,
    u_net_tx.c_valid,
    t_valid,
    u_tls_tx.u_walk.valid_q,
    u_tls_tx.f_valid,
    h_valid,                                     // 9
    u_host_tx.hd_valid,
    u_host_tx.dat_valid,
    u_host_tx.u_fetch.some,
    u_host_tx.rec_valid,
    u_host_tx.req_valid,
    m_axi_rvalid,
    m_axi_arvalid,
    m_axi_desc_rvalid,
    m_axi_desc_arvalid                           // 0
  }),
  .ready ({
    tx_cpl_ready,
    rx_cpl_ready,
    m_axi_wready,
    m_axi_awready,
    r_ready,
    s_wire_tready,
    m_wire_tready,
    u_net_tx.f_ready,
    u_net_tx.c_ready,
    t_ready,
    u_tls_tx.u_walk.issue,
    u_tls_tx.f_ready,
    h_ready,
    u_host_tx.hd_ready,
    u_host_tx.dat_ready,
    u_host_tx.u_fetch.ask || u_host_tx.u_fetch.head_ask,
    u_host_tx.rec_ready,
    u_host_tx.req_ready,
    m_axi_rready,
    m_axi_arready,
    m_axi_desc_rready,
    m_axi_desc_arready
  })
);
