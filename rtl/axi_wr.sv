// SPDX-License-Identifier: BSD-2-Clause
//
// AXI4 write master. A client hands over a request (address, 1 to 16384 bytes)
// and then its bytes as raw bus beats: the first beat holds the byte at the
// address in lane address % B, the number of beats follows from the length. The
// clients take turns request by request. m_done pulses once a request, in the
// client's order, when the write responses of all its bursts are in.
//
// A request is cut where a burst would cross an aligned block of 4 KiB or of
// MAX_BURST beats. One burst a cycle is issued, one beat a cycle is written; up
// to OUTSTANDING bursts wait for their response. All bursts have ID 0, and a
// burst's first beat follows its address. From a request to its first beat on
// the bus are 3 cycles, from the last response to m_done one.
//
// While flush is high no request is taken; bursts whose address is out are
// filled up with beats that write nothing, and no m_done comes. drained is high
// when the bus owes nothing. The clients are in reset from the first cycle of
// flush to its last.

module axi_wr #(
  parameter int unsigned DATA_W      = 512,
  parameter int unsigned N_CLIENTS   = 2,   // at least 2
  parameter int unsigned MAX_BURST   = 64,  // beats, a power of two up to 256
  parameter int unsigned OUTSTANDING = 64   // a power of two
) (
  input  logic                        clk,
  input  logic                        rst,      // hard reset
  input  logic                        flush,
  output logic                        drained,
  output logic                        busy,

  input  logic [N_CLIENTS-1:0]        s_req_valid,
  output logic [N_CLIENTS-1:0]        s_req_ready,
  input  logic [N_CLIENTS*64-1:0]     s_req_addr,
  input  logic [N_CLIENTS*16-1:0]     s_req_len,   // bytes
  input  logic [N_CLIENTS-1:0]        s_dat_valid,
  output logic [N_CLIENTS-1:0]        s_dat_ready,
  input  logic [N_CLIENTS*DATA_W-1:0] s_dat_data,
  output logic [N_CLIENTS-1:0]        m_done_valid,
  output logic [N_CLIENTS-1:0]        m_done_err,  // with m_done_valid

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

  localparam int unsigned B       = DATA_W / 8;
  localparam int unsigned OFF_W   = $clog2(B);
  localparam int unsigned CHUNK   = MAX_BURST * B < 4096 ? MAX_BURST * B : 4096;
  localparam int unsigned CHUNK_W = $clog2(CHUNK);
  localparam int unsigned CL_W    = $clog2(N_CLIENTS);
  localparam int unsigned OUT_W   = $clog2(OUTSTANDING) + 1;

  localparam int unsigned BURST_W = CL_W + 8 + 2 * OFF_W;

  // What the beats of a burst need to know.
  typedef struct packed {
    logic [CL_W-1:0]  client;
    logic [7:0]       len;               // beats - 1
    logic [OFF_W-1:0] first;             // first byte of the first beat
    logic [OFF_W-1:0] last;              // last byte of the last beat
  } burst_t;

  // ---- Requests -----------------------------------------------------------

  logic [CL_W-1:0] last_client_q, pick;
  logic            split_q;              // a request is being cut
  logic [CL_W-1:0] client_q;
  logic [63:0]     addr_q;
  logic [15:0]     left_q;
  logic            some, take, issue;

  rr_pick #(.N(N_CLIENTS)) u_pick (.req(s_req_valid), .last(last_client_q), .any(some), .pick(pick));

  // ---- Bursts -------------------------------------------------------------

  logic [15:0]      chunk_left, n;       // bytes to the block's end, of this burst
  logic [15:0]      span;                // from the first beat's lane 0 to the last byte
  logic             end_req;
  logic             aw_q;
  logic [63:0]      awaddr_q;
  burst_t           burst_q, head;
  logic             burst_end_req_q;     // the last burst of its request
  logic [OUT_W-1:0] out_q;               // bursts from issue to response
  logic             aw_done, b_done;

  assign chunk_left = 16'(CHUNK) - 16'(addr_q[CHUNK_W-1:0]);
  assign end_req    = left_q <= chunk_left;
  assign n          = end_req ? left_q : chunk_left;
  assign span       = 16'(addr_q[OFF_W-1:0]) + n - 16'd1;
  assign issue      = split_q && !flush && (!aw_q || m_axi_awready) && out_q != OUT_W'(OUTSTANDING);
  assign take       = some && !flush && (!split_q || (issue && end_req));
  assign aw_done    = aw_q && m_axi_awready;

  always_comb begin
    s_req_ready       = '0;
    s_req_ready[pick] = take;
  end

  always_ff @(posedge clk) begin
    if (aw_done)
      aw_q <= 1'b0;
    if (issue) begin
      aw_q     <= 1'b1;
      awaddr_q <= addr_q;
      burst_q  <= {client_q, span[OFF_W +: 8], addr_q[OFF_W-1:0], span[OFF_W-1:0]};
      burst_end_req_q <= end_req;
      addr_q   <= addr_q + 64'(n);
      left_q   <= left_q - n;
      if (end_req)
        split_q <= 1'b0;
    end
    if (take) begin
      split_q       <= 1'b1;
      client_q      <= pick;
      last_client_q <= pick;
      addr_q        <= s_req_addr[64 * pick +: 64];
      left_q        <= s_req_len[16 * pick +: 16];
    end
    if (issue && !b_done)
      out_q <= out_q + OUT_W'(1);
    else if (b_done && !issue)
      out_q <= out_q - OUT_W'(1);
    if (rst) begin
      aw_q          <= 1'b0;
      out_q         <= '0;
      last_client_q <= '0;
    end
    if (rst || flush)
      split_q <= 1'b0;
  end

  assign m_axi_awid    = 4'd0;
  assign m_axi_awaddr  = awaddr_q;
  assign m_axi_awlen   = burst_q.len;
  assign m_axi_awsize  = 3'(OFF_W);
  assign m_axi_awburst = 2'b01;
  assign m_axi_awvalid = aw_q;

  // ---- Beats --------------------------------------------------------------

  logic              head_valid, head_ready, order_ready;
  logic [OUT_W-1:0]  order_level;
  logic              beat, beat_last;
  logic [7:0]        beat_q;             // number of the next beat in its burst
  logic [B-1:0]      strb;
  logic              w_q, wlast_q;
  logic [DATA_W-1:0] wdata_q;
  logic [B-1:0]      wstrb_q;

  fifo #(.WIDTH(BURST_W), .DEPTH(OUTSTANDING)) u_order (
    .clk, .rst,
    .s_valid (aw_done),
    .s_ready (order_ready),
    .s_data  (burst_q),
    .m_valid (head_valid),
    .m_ready (head_ready),
    .m_data  (head),
    .level   (order_level)
  );

  assign beat       = head_valid && (!w_q || m_axi_wready) && (flush || s_dat_valid[head.client]);
  assign beat_last  = beat_q == head.len;
  assign head_ready = beat && beat_last;

  always_comb begin
    s_dat_ready              = '0;
    s_dat_ready[head.client] = head_valid && !flush && (!w_q || m_axi_wready);
  end

  always_comb begin
    strb = '1;
    if (beat_q == 8'd0)
      strb = strb << head.first;
    if (beat_last)
      strb = strb & ({B{1'b1}} >> ~head.last);
  end

  always_ff @(posedge clk) begin
    if (w_q && m_axi_wready)
      w_q <= 1'b0;
    if (beat) begin
      w_q     <= 1'b1;
      wdata_q <= s_dat_data[DATA_W * head.client +: DATA_W];
      wstrb_q <= flush ? '0 : strb;
      wlast_q <= beat_last;
      beat_q  <= beat_last ? 8'd0 : beat_q + 8'd1;
    end
    if (rst) begin
      w_q    <= 1'b0;
      beat_q <= 8'd0;
    end
  end

  assign m_axi_wdata  = wdata_q;
  assign m_axi_wstrb  = wstrb_q;
  assign m_axi_wlast  = wlast_q;
  assign m_axi_wvalid = w_q;

  // ---- Responses ----------------------------------------------------------

  logic                 resp_valid, resp_ready, resp_end_req;
  logic [OUT_W-1:0]     resp_level;
  logic [CL_W-1:0]      resp_client;
  logic [N_CLIENTS-1:0] err_q, done_q, done_err_q;
  logic                 err;

  fifo #(.WIDTH(CL_W + 1), .DEPTH(OUTSTANDING)) u_resp (
    .clk, .rst,
    .s_valid (aw_done),
    .s_ready (resp_ready),
    .s_data  ({burst_q.client, burst_end_req_q}),
    .m_valid (resp_valid),
    .m_ready (m_axi_bvalid),
    .m_data  ({resp_client, resp_end_req}),
    .level   (resp_level)
  );

  assign b_done = m_axi_bvalid && resp_valid;
  assign err    = m_axi_bresp[1] || err_q[resp_client];

  always_ff @(posedge clk) begin
    done_q     <= '0;
    done_err_q <= '0;
    if (b_done) begin
      err_q[resp_client]      <= err && !resp_end_req;
      done_q[resp_client]     <= resp_end_req && !flush;
      done_err_q[resp_client] <= resp_end_req && err;
    end
    if (rst || flush)
      err_q <= '0;
    if (rst) begin
      done_q     <= '0;
      done_err_q <= '0;
    end
  end

  assign m_axi_bready = 1'b1;
  assign m_done_valid = done_q;
  assign m_done_err   = done_err_q;

  assign drained = flush && out_q == '0;
  assign busy    = some || split_q || out_q != '0 || |done_q;

  // out_q keeps both FIFOs from overflowing; all IDs are the same.
  logic unused;
  assign unused = &{1'b0, order_ready, order_level, resp_ready, resp_level, m_axi_bid, m_axi_bresp[0],
                    span[15:OFF_W+8 < 16 ? OFF_W+8 : 15]};

endmodule
