// SPDX-License-Identifier: BSD-2-Clause
//
// First stage of the TLS engine: holds one beat, asks for the context of a TLS
// packet as its first beat comes in, and says where in each beat the TLS stream
// begins. A packet's first beat leaves together with its context; the context
// is zero (not valid) when its number is out of range or the packet is not TLS.
//
// One beat a cycle, latency one cycle when the context comes as fast.

module tls_fetch #(
  parameter int unsigned DATA_W  = 512,
  parameter int unsigned NUM_CTX = 1024,
  localparam int unsigned B      = DATA_W / 8,
  localparam int unsigned LEN_W  = $clog2(B + 1),
  localparam int unsigned CTX_W  = $clog2(NUM_CTX)
) (
  input  logic                  clk,
  input  logic                  rst,
  output logic                  busy,

  input  logic                  s_valid,
  output logic                  s_ready,
  input  logic [DATA_W-1:0]     s_data,
  input  logic                  s_last,
  input  logic [LEN_W-1:0]      s_nbytes,
  input  tlsnic_pkg::tx_meta_t  s_meta,
  input  logic [7:0]            s_status,

  // to tls_ctx; never more than one request without its response
  output logic                  req_valid,
  output logic [CTX_W-1:0]      req_ctx,
  input  logic                  rsp_valid,
  output logic                  rsp_ready,
  input  tls_pkg::secret_t      rsp_secret,
  input  tls_pkg::place_t       rsp_place,

  output logic                  m_valid,
  input  logic                  m_ready,
  output logic [DATA_W-1:0]     m_data,
  output logic                  m_first,
  output logic                  m_last,
  output logic [LEN_W-1:0]      m_nbytes,
  output logic [LEN_W-1:0]      m_begin,      // first stream byte; m_nbytes: none here
  output tlsnic_pkg::tx_meta_t  m_meta,
  output logic [7:0]            m_status,
  output logic                  m_known,      // TLS packet, context number in range
  output tls_pkg::secret_t      m_secret,     // with m_first
  output tls_pkg::place_t       m_place       // with m_first
);

  logic                 valid_q, first_q, last_q, known_q;
  logic [DATA_W-1:0]    data_q;
  logic [LEN_W-1:0]     nbytes_q;
  tlsnic_pkg::tx_meta_t meta_q;
  logic [7:0]           status_q;
  logic [15:0]          offset_q;             // of the stream, from this beat's start
  logic                 first;                // the beat at s_* begins a packet
  logic                 s_tls, s_known, take, late, after;

  assign s_tls     = s_meta.kind == tlsnic_pkg::TX_PACKET && s_meta.tls;
  assign s_known   = s_tls && (s_meta.ctx >> CTX_W) == 32'd0;
  assign s_ready   = !valid_q || (m_valid && m_ready);
  assign take      = s_valid && s_ready;
  assign first     = !after;

  assign req_valid = take && first && s_known;
  assign req_ctx   = s_meta.ctx[CTX_W-1:0];
  assign m_valid   = valid_q && (!first_q || !known_q || rsp_valid);
  assign rsp_ready = valid_q && first_q && known_q && m_ready;

  // the stream begins behind the packet's end: the packet must not leave
  assign late      = meta_q.kind == tlsnic_pkg::TX_PACKET && meta_q.tls &&
                     last_q && offset_q > 16'(nbytes_q);

  assign m_data    = data_q;
  assign m_first   = first_q;
  assign m_last    = last_q;
  assign m_nbytes  = nbytes_q;
  assign m_begin   = offset_q < 16'(nbytes_q) ? offset_q[LEN_W-1:0] : nbytes_q;
  assign m_meta    = meta_q;
  assign m_status  = status_q == 8'd0 && late ? tlsnic_abi_pkg::TLSNIC_STATUS_DESC[7:0] : status_q;
  assign m_known   = known_q;
  assign m_secret  = rsp_secret;
  assign m_place   = rsp_place;
  assign busy      = valid_q;

  always_ff @(posedge clk) begin
    if (take) begin
      data_q   <= s_data;
      first_q  <= first;
      last_q   <= s_last;
      nbytes_q <= s_nbytes;
      meta_q   <= s_meta;
      status_q <= s_status;
      known_q  <= s_known;
      if (first)
        offset_q <= s_meta.stream_offset;
      else
        offset_q <= offset_q < 16'(B) ? 16'd0 : offset_q - 16'(B);
      after    <= !s_last;
    end
    if (take)
      valid_q <= 1'b1;
    else if (m_ready && m_valid)
      valid_q <= 1'b0;
    if (rst) begin
      valid_q <= 1'b0;
      after   <= 1'b0;
    end
  end

endmodule
