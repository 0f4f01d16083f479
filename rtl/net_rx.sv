// SPDX-License-Identifier: BSD-2-Clause
//
// Network side, receive.

module net_rx #(
  parameter int unsigned DATA_W     = 512,
  parameter int unsigned NUM_QUEUES = 4
) (
  input  logic                       clk,
  input  logic                       rst,

  // registers of the card, may change at any time
  input  logic                       cfg_enable,     // TLSNIC_CTRL_RX_ENABLE
  input  logic                       cfg_promisc,
  input  logic                       cfg_allmulti,
  input  logic                       cfg_vlan_strip,
  input  logic [47:0]                cfg_mac,        // address byte 0 in 7:0
  input  logic [63:0]                cfg_mcast,      // MCAST_HI, MCAST_LO
  input  logic [15:0]                cfg_max_frame,
  input  logic [5:0]                 cfg_rss_types,  // TLSNIC_RSS_*
  input  logic [319:0]               cfg_rss_key,    // key byte 0 in 7:0
  input  logic [1023:0]              cfg_rss_table,  // entry 0 in 7:0

  input  logic                       s_wire_tvalid,
  output logic                       s_wire_tready,
  input  logic [DATA_W-1:0]          s_wire_tdata,
  input  logic [DATA_W/8-1:0]        s_wire_tkeep,
  input  logic                       s_wire_tlast,
  input  logic                       s_wire_tuser,   // with last: the frame is bad

  output logic                       m_pkt_valid,
  input  logic                       m_pkt_ready,
  output logic [DATA_W-1:0]          m_pkt_data,
  output logic                       m_pkt_last,
  output logic [$clog2(DATA_W/8):0]  m_pkt_nbytes,
  output tlsnic_pkg::rx_meta_t       m_pkt_meta,     // from the first beat on

  output net_pkg::rx_ev_t            ev,
  output logic                       busy
);
endmodule
