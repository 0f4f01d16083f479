// SPDX-License-Identifier: BSD-2-Clause
//
// Between the network blocks and the wire. With cfg_loopback, what net_tx sends
// goes to net_rx, the wire sends nothing, and frames that come from the wire are
// taken and thrown away. Each direction changes over between two frames, so no
// frame is ever cut or joined. Combinational paths only: no latency.

module net_loopback #(
  parameter int unsigned DATA_W = 512
) (
  input  logic                clk,
  input  logic                rst,
  input  logic                cfg_loopback,

  // from net_tx
  input  logic                s_tx_tvalid,
  output logic                s_tx_tready,
  input  logic [DATA_W-1:0]   s_tx_tdata,
  input  logic [DATA_W/8-1:0] s_tx_tkeep,
  input  logic                s_tx_tlast,

  // to net_rx
  output logic                m_rx_tvalid,
  input  logic                m_rx_tready,
  output logic [DATA_W-1:0]   m_rx_tdata,
  output logic [DATA_W/8-1:0] m_rx_tkeep,
  output logic                m_rx_tlast,
  output logic                m_rx_tuser,

  // the wire
  output logic                m_wire_tvalid,
  input  logic                m_wire_tready,
  output logic [DATA_W-1:0]   m_wire_tdata,
  output logic [DATA_W/8-1:0] m_wire_tkeep,
  output logic                m_wire_tlast,
  input  logic                s_wire_tvalid,
  output logic                s_wire_tready,
  input  logic [DATA_W-1:0]   s_wire_tdata,
  input  logic [DATA_W/8-1:0] s_wire_tkeep,
  input  logic                s_wire_tlast,
  input  logic                s_wire_tuser,

  output logic                busy
);

  logic tx_loop_q, rx_loop_q;                    // where TX goes, RX comes from
  logic tx_mid_q, wire_mid_q;                    // inside a frame
  logic tx_mid_d, wire_mid_d;
  logic tx_offered;

  // TX waits while it goes to RX but RX still finishes a frame of the wire
  always_comb begin
    m_wire_tdata  = s_tx_tdata;
    m_wire_tkeep  = s_tx_tkeep;
    m_wire_tlast  = s_tx_tlast;
    m_wire_tvalid = s_tx_tvalid && !tx_loop_q;
    s_tx_tready   = tx_loop_q ? rx_loop_q && m_rx_tready : m_wire_tready;

    s_wire_tready = rx_loop_q || m_rx_tready;
    if (rx_loop_q) begin
      m_rx_tdata  = s_tx_tdata;
      m_rx_tkeep  = s_tx_tkeep;
      m_rx_tlast  = s_tx_tlast;
      m_rx_tuser  = 1'b0;
      m_rx_tvalid = s_tx_tvalid && tx_loop_q;
    end else begin
      m_rx_tdata  = s_wire_tdata;
      m_rx_tkeep  = s_wire_tkeep;
      m_rx_tlast  = s_wire_tlast;
      m_rx_tuser  = s_wire_tuser;
      m_rx_tvalid = s_wire_tvalid;
    end
  end

  assign tx_offered = s_tx_tvalid && (!tx_loop_q || rx_loop_q);
  assign tx_mid_d   = s_tx_tvalid && s_tx_tready ? !s_tx_tlast : tx_mid_q;
  assign wire_mid_d = s_wire_tvalid && s_wire_tready ? !s_wire_tlast : wire_mid_q;

  always_ff @(posedge clk) begin
    tx_mid_q   <= tx_mid_d;
    wire_mid_q <= wire_mid_d;

    // a beat that was offered and not taken must not change its path
    if (!tx_mid_d && !(tx_offered && !s_tx_tready))
      tx_loop_q <= cfg_loopback;

    // RX follows once TX has changed, which it does between two of its frames; a
    // frame of the wire must end first, whether it is received or thrown away
    if (!wire_mid_d && tx_loop_q == cfg_loopback &&
        !(m_rx_tvalid && !m_rx_tready))
      rx_loop_q <= cfg_loopback;

    if (rst) begin
      tx_mid_q   <= 1'b0;
      wire_mid_q <= 1'b0;
      tx_loop_q  <= 1'b0;
      rx_loop_q  <= 1'b0;
    end
  end

  assign busy = tx_loop_q != cfg_loopback || rx_loop_q != cfg_loopback;

endmodule
