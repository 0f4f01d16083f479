// SPDX-License-Identifier: BSD-2-Clause
//
// AXI4 read master for several clients; ARID is the client's number.
//
// A client asks for len bytes (1 to 16384) from any address. The request is cut
// into INCR bursts that stay inside 4 KiB and MAX_BURST beats; up to OUTSTANDING
// bursts a client are under way. Its data come back in the order asked for, as
// on the bus: the first beat holds the byte of address addr at byte addr % B.
// The data of one client are in order; those of different clients interleave
// as the bus has them. There is no ready on responses: a client asks only for
// what it has room for.
//
// Timing: request to AR 2 cycles, R to response 1 cycle; one burst and one beat a cycle.
// flush: takes no more requests, discards what comes until `drained`.

module axi_rd #(
  parameter int unsigned DATA_W      = 512,
  parameter int unsigned CLIENTS     = 3,            // at most 16
  parameter int unsigned OUTSTANDING = 16,           // a power of two
  parameter int unsigned MAX_BURST   = 32768 / DATA_W, // beats; 4 KiB
  localparam int unsigned B          = DATA_W / 8
) (
  input  logic                  clk,
  input  logic                  rst,                 // not at a soft reset
  input  logic                  flush,
  output logic                  drained,
  output logic                  busy,

  input  logic [CLIENTS-1:0]    s_req_valid,
  output logic [CLIENTS-1:0]    s_req_ready,
  input  logic [CLIENTS*64-1:0] s_req_addr,
  input  logic [CLIENTS*16-1:0] s_req_len,

  output logic [CLIENTS-1:0]    m_rsp_valid,
  output logic [DATA_W-1:0]     m_rsp_data,
  output logic                  m_rsp_last,          // of the request
  output logic                  m_rsp_err,           // this beat of it, or one before, failed

  output logic [3:0]            m_axi_arid,
  output logic [63:0]           m_axi_araddr,
  output logic [7:0]            m_axi_arlen,
  output logic [2:0]            m_axi_arsize,
  output logic [1:0]            m_axi_arburst,
  output logic                  m_axi_arvalid,
  input  logic                  m_axi_arready,
  input  logic [3:0]            m_axi_rid,
  input  logic [DATA_W-1:0]     m_axi_rdata,
  input  logic [1:0]            m_axi_rresp,
  input  logic                  m_axi_rlast,
  input  logic                  m_axi_rvalid,
  output logic                  m_axi_rready
);

  localparam int unsigned LGB   = $clog2(B);
  localparam int unsigned CL_W  = CLIENTS > 1 ? $clog2(CLIENTS) : 1;
  localparam int unsigned OUT_W = $clog2(OUTSTANDING);
  localparam int unsigned BT_W  = 16 - LGB;          // beats of a request

  // ---- Requests, cut into bursts -------------------------------------------

  logic [CLIENTS-1:0]    act_q;
  logic [63:0]           addr_q  [CLIENTS];
  logic [14:0]           rem_q   [CLIENTS];          // bytes
  logic [CLIENTS-1:0][OUT_W:0] out_q;            // bursts under way
  logic [CLIENTS-1:0][OUTSTANDING-1:0] end_q;    // burst ends its request
  logic [CLIENTS-1:0][OUT_W-1:0] out_wr_q, out_rd_q;

  logic [CLIENTS-1:0]    can_go;
  logic                  any_go, go;
  logic [CL_W-1:0]       last_q, cl;

  always_comb begin
    for (int i = 0; i < CLIENTS; i++)
      can_go[i] = act_q[i] && !out_q[i][OUT_W];
  end

  rr_pick #(.N(CLIENTS)) u_pick (.req(can_go), .last(last_q), .any(any_go), .pick(cl));

  logic [63:0]     cur_addr;
  logic [14:0]     cur_rem;
  logic [LGB-1:0]  cur_off;
  logic [BT_W-1:0] beats_all, beats_page, beats;
  logic [15:0]     bytes_most;                       // that these beats hold
  logic            cur_end;

  assign cur_addr   = addr_q[cl];
  assign cur_rem    = rem_q[cl];
  assign cur_off    = cur_addr[LGB-1:0];
  assign beats_all  = BT_W'((16'(cur_rem) + 16'(cur_off) + 16'(B - 1)) >> LGB);
  assign beats_page = BT_W'(4096 / B) - BT_W'(cur_addr[11:LGB]);

  always_comb begin
    beats = beats_all;
    if (beats > beats_page)
      beats = beats_page;
    if (beats > BT_W'(MAX_BURST))
      beats = BT_W'(MAX_BURST);
  end

  assign cur_end    = beats == beats_all;
  assign bytes_most = {beats, LGB'(0)} - 16'(cur_off);
  assign go         = any_go && !flush && (!m_axi_arvalid || m_axi_arready);

  always_comb begin
    s_req_ready = ~act_q;
    if (go && cur_end)
      s_req_ready[cl] = 1'b1;
    if (flush)
      s_req_ready = '0;
  end

  assign m_axi_arsize  = 3'(LGB);
  assign m_axi_arburst = 2'b01;

  always_ff @(posedge clk) begin
    if (m_axi_arready)
      m_axi_arvalid <= 1'b0;
    if (go) begin
      m_axi_arvalid <= 1'b1;
      m_axi_arid    <= 4'(cl);
      m_axi_araddr  <= cur_addr;
      m_axi_arlen   <= 8'(beats - BT_W'(1));
      last_q        <= cl;
      addr_q[cl]    <= cur_addr + 64'(bytes_most);
      rem_q[cl]     <= cur_rem - 15'(bytes_most);
      if (cur_end)
        act_q[cl] <= 1'b0;
    end
    for (int i = 0; i < CLIENTS; i++) begin
      if (s_req_valid[i] && s_req_ready[i]) begin
        act_q[i]  <= 1'b1;
        addr_q[i] <= s_req_addr[64*i +: 64];
        rem_q[i]  <= s_req_len[16*i +: 15];
      end
    end
    if (flush)
      act_q <= '0;
    if (rst) begin
      act_q         <= '0;
      last_q        <= '0;
      m_axi_arvalid <= 1'b0;
    end
  end

  // ---- Responses ------------------------------------------------------------

  logic [CLIENTS-1:0] err_q, mine, sent, done;

  assign m_axi_rready = 1'b1;

  always_comb begin
    for (int i = 0; i < CLIENTS; i++) begin
      sent[i] = go && cl == CL_W'(i);
      mine[i] = m_axi_rvalid && m_axi_rid == 4'(i) && out_q[i] != '0;
      done[i] = mine[i] && m_axi_rlast;
    end
  end

  always_ff @(posedge clk) begin
    for (int i = 0; i < CLIENTS; i++) begin
      if (sent[i]) begin
        end_q[i][out_wr_q[i]] <= cur_end;
        out_wr_q[i]           <= out_wr_q[i] + OUT_W'(1);
      end
      if (done[i])
        out_rd_q[i] <= out_rd_q[i] + OUT_W'(1);
      if (sent[i] != done[i])
        out_q[i] <= sent[i] ? out_q[i] + 1'b1 : out_q[i] - 1'b1;
      if (mine[i])
        err_q[i] <= (err_q[i] || m_axi_rresp[1]) && !(m_axi_rlast && end_q[i][out_rd_q[i]]);
      if (rst) begin
        out_q[i]    <= '0;
        out_wr_q[i] <= '0;
        out_rd_q[i] <= '0;
        err_q[i]    <= 1'b0;
      end
      if (flush)
        err_q[i] <= 1'b0;
    end
  end

  logic [CLIENTS-1:0] ends, errs;

  always_comb begin
    for (int i = 0; i < CLIENTS; i++) begin
      ends[i] = mine[i] && m_axi_rlast && end_q[i][out_rd_q[i]];
      errs[i] = mine[i] && (err_q[i] || m_axi_rresp[1]);
    end
  end

  // Keys come this way: nothing is left in the register after it was used.
  always_ff @(posedge clk) begin
    m_rsp_valid <= flush ? '0 : mine;
    m_rsp_last  <= ends != '0;
    m_rsp_err   <= errs != '0;
    if (mine != '0 && !flush)
      m_rsp_data <= m_axi_rdata;
    else if (m_rsp_valid != '0)
      m_rsp_data <= '0;
    if (rst) begin
      m_rsp_valid <= '0;
      m_rsp_data  <= '0;
    end
  end

  logic [CLIENTS-1:0] under_way;

  always_comb begin
    for (int i = 0; i < CLIENTS; i++)
      under_way[i] = out_q[i] != '0;
  end

  assign drained = !m_axi_arvalid && under_way == '0;
  assign busy    = !drained || act_q != '0 || m_rsp_valid != '0 || s_req_valid != '0;

  logic unused;
  assign unused = &{1'b0, m_axi_rresp[0]};

endmodule
