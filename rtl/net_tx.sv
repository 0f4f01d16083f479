// SPDX-License-Identifier: BSD-2-Clause
//
// Network side, transmit.

module net_tx #(
  parameter int unsigned DATA_W = 512
) (
  input  logic                       clk,
  input  logic                       rst,

  input  logic                       s_pkt_valid,
  output logic                       s_pkt_ready,
  input  logic [DATA_W-1:0]          s_pkt_data,
  input  logic                       s_pkt_last,
  input  logic [$clog2(DATA_W/8):0]  s_pkt_nbytes,
  input  tlsnic_pkg::tx_meta_t       s_pkt_meta,
  input  logic [7:0]                 s_pkt_status,   // with last

  output logic                       m_cpl_valid,
  input  logic                       m_cpl_ready,
  output tlsnic_pkg::cpl_t           m_cpl,

  output logic                       m_wire_tvalid,
  input  logic                       m_wire_tready,
  output logic [DATA_W-1:0]          m_wire_tdata,
  output logic [DATA_W/8-1:0]        m_wire_tkeep,
  output logic                       m_wire_tlast,

  output net_pkg::tx_ev_t            ev,
  output logic                       busy
);
endmodule
