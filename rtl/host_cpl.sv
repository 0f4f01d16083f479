// SPDX-License-Identifier: BSD-2-Clause
//
// Completion rings in host memory. Takes completions from N_IN sources, adds
// phase and place, writes each as one request of 32 bytes, and counts it in
// PROD once the write's response is in.
//
// Completions of one source stay in order. A full ring holds up the sources
// whose next completion is for it, until the consumer index moves or the ring is
// turned off, and no other source: a ring with room for all that its queue
// pair can have in flight is never full. What comes for a ring that is off is
// thrown away. A completion whose write failed counts as written.
//
// One completion a cycle; 3 cycles from s_cpl to the request.

module host_cpl #(
  parameter int unsigned DATA_W     = 512,
  parameter int unsigned NUM_QUEUES = 4,
  parameter int unsigned N_IN       = 2,
  localparam int unsigned CPL_W     = 5 + 256   // tlsnic_pkg::cpl_t
) (
  input  logic                      clk,
  input  logic                      rst,
  output logic                      busy,

  input  logic                      reg_wr,
  input  logic                      reg_rd,
  input  logic [15:0]               reg_addr,
  input  logic [31:0]               reg_wdata,
  output logic [31:0]               reg_rdata,

  input  logic [N_IN-1:0]           s_cpl_valid,
  output logic [N_IN-1:0]           s_cpl_ready,
  input  logic [N_IN*CPL_W-1:0]     s_cpl,

  // axi_wr client
  output logic                      m_wr_req_valid,
  input  logic                      m_wr_req_ready,
  output logic [63:0]               m_wr_req_addr,
  output logic [15:0]               m_wr_req_len,
  output logic                      m_wr_dat_valid,
  input  logic                      m_wr_dat_ready,
  output logic [DATA_W-1:0]         m_wr_dat_data,
  input  logic                      s_wr_done_valid,
  input  logic                      s_wr_done_err,

  // To host_irq. An arm pulse comes with the cq_waiting that its doorbell left.
  output logic [NUM_QUEUES-1:0]     cq_active,
  output logic [NUM_QUEUES-1:0]     cq_arm,
  output logic [NUM_QUEUES*16-1:0]  cq_waiting,    // written, not yet consumed

  output logic                      err_write,     // pulses
  output logic                      err_doorbell
);

  localparam int unsigned Q_W     = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1;
  localparam int unsigned IN_W    = N_IN > 1 ? $clog2(N_IN) : 1;
  localparam int unsigned PENDING = 64;     // writes without a response
  localparam int unsigned AHEAD   = 8;      // writes not yet taken by axi_wr

  // ---- Rings --------------------------------------------------------------

  logic [NUM_QUEUES-1:0][63:6] base;
  logic [NUM_QUEUES-1:0][3:0]  size;            // log2
  logic [NUM_QUEUES-1:0][15:0] cons;
  logic [NUM_QUEUES-1:0][15:0] prod_q;          // next to be placed
  logic [NUM_QUEUES-1:0][15:0] done_q;          // next to be written: PROD
  logic [NUM_QUEUES-1:0]       start, halted, open, full, idle;

  logic                        place;           // a completion gets its place
  logic [Q_W-1:0]              place_queue;
  logic                        done_valid;
  logic [Q_W-1:0]              done_queue;

  logic [Q_W-1:0]              rq;
  logic                        on_queue, regs_busy, door;

  ring_regs #(
    .NUM_QUEUES (NUM_QUEUES),
    .AT         (8'(tlsnic_abi_pkg::TLSNIC_Q_CQ_BASE_LO)),
    .SIZE_MAX   (4'd15)
  ) u_regs (
    .clk, .rst,
    .busy      (regs_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata, .reg_rdata, .on_queue,
    .reg_queue (rq),
    .base, .size, .start,
    .active    (cq_active),
    .halted, .open, .idle,
    .halt      ('0),
    .door_room (prod_q[rq] - cons[rq]),
    .door, .err_doorbell,
    .index     (cons),
    .at_index  (done_q)
  );

  // The consumer may have seen an entry in memory before its response came back.
  always_comb begin
    for (int q = 0; q < NUM_QUEUES; q++) begin
      idle[q] = done_q[q] == prod_q[q];
      full[q] = 16'(prod_q[q] - cons[q]) == 16'd1 << size[q];
      if (16'(prod_q[q] - cons[q]) > 16'(prod_q[q] - done_q[q]))
        cq_waiting[16 * q +: 16] = done_q[q] - cons[q];
      else
        cq_waiting[16 * q +: 16] = 16'd0;
    end
  end

  always_ff @(posedge clk) begin
    cq_arm <= '0;
    if (door)
      cq_arm[rq] <= (reg_wdata & tlsnic_abi_pkg::TLSNIC_CQ_ARM) != 32'd0;
    if (place)
      prod_q[place_queue] <= prod_q[place_queue] + 16'd1;
    if (done_valid)
      done_q[done_queue] <= done_q[done_queue] + 16'd1;
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (start[q] || rst) begin
        prod_q[q] <= 16'd0;
        done_q[q] <= 16'd0;
      end
    end
    if (rst)
      cq_arm <= '0;
  end

  // ---- Sources take turns; each completion gets its place -----------------

  logic [N_IN-1:0]   can;                // its turn may be now
  logic [IN_W-1:0]   last_q, pick;
  logic              some, slot_free;          // stage 1 can take one
  logic [CPL_W-1:0]  cpl;
  logic              cpl_open;
  logic              placed_q;
  logic [255:0]      entry_q;
  logic [Q_W-1:0]    queue_q;
  logic [15:0]       index_q;

  always_comb begin
    for (int i = 0; i < N_IN; i++)
      can[i] = s_cpl_valid[i] && !(6'(s_cpl[CPL_W * i + 256 +: 5]) < 6'(NUM_QUEUES)
                                   && open[s_cpl[CPL_W * i + 256 +: Q_W]]
                                   && full[s_cpl[CPL_W * i + 256 +: Q_W]]);
  end

  rr_pick #(.N(N_IN)) u_pick (.req(can), .last(last_q), .any(some), .pick(pick));

  assign cpl         = s_cpl[CPL_W * pick +: CPL_W];
  assign place_queue = cpl[256 +: Q_W];
  assign cpl_open    = 6'(cpl[256 +: 5]) < 6'(NUM_QUEUES) && open[place_queue];
  assign place       = some && slot_free && cpl_open;

  always_comb begin
    s_cpl_ready       = '0;
    s_cpl_ready[pick] = some && slot_free;
  end

  logic        push, req_ready, dat_ready, pend_ready;

  assign push      = placed_q && req_ready && dat_ready && pend_ready;
  assign slot_free = !placed_q || push;

  always_ff @(posedge clk) begin
    if (push)
      placed_q <= 1'b0;
    if (some && slot_free)
      last_q <= pick;
    if (place) begin
      placed_q <= 1'b1;
      entry_q  <= cpl[255:0];
      queue_q  <= place_queue;
      index_q  <= prod_q[place_queue];
    end
    if (rst) begin
      placed_q <= 1'b0;
      last_q   <= '0;
    end
  end

  // ---- Writes -------------------------------------------------------------

  localparam int unsigned AHEAD_W   = $clog2(AHEAD) + 1;
  localparam int unsigned PENDING_W = $clog2(PENDING) + 1;

  logic [63:5]          addr;
  logic [15:0]          lap, slot;
  logic [255:0]         entry, dat;
  logic                 dat_pop, pend_valid;
  logic [AHEAD_W-1:0]   req_level, dat_level;
  logic [PENDING_W-1:0] pend_level;

  assign lap  = index_q >> size[queue_q];
  assign slot = index_q & ((16'd1 << size[queue_q]) - 16'd1);
  assign addr = {base[queue_q], 1'b0} + 59'(slot);

  always_comb begin
    entry = entry_q;
    if (!lap[0])
      entry = entry | (256'(tlsnic_abi_pkg::TLSNIC_CPL_PHASE) << tlsnic_abi_pkg::CPL_TX_PHASE_LSB);
  end

  fifo #(.WIDTH(59), .DEPTH(AHEAD)) u_req (
    .clk, .rst,
    .s_valid (push),
    .s_ready (req_ready),
    .s_data  (addr),
    .m_valid (m_wr_req_valid),
    .m_ready (m_wr_req_ready),
    .m_data  (m_wr_req_addr[63:5]),
    .level   (req_level)
  );

  fifo #(.WIDTH(256), .DEPTH(AHEAD)) u_dat (
    .clk, .rst,
    .s_valid (push),
    .s_ready (dat_ready),
    .s_data  (entry),
    .m_valid (m_wr_dat_valid),
    .m_ready (dat_pop),
    .m_data  (dat),
    .level   (dat_level)
  );

  fifo #(.WIDTH(Q_W), .DEPTH(PENDING)) u_pend (
    .clk, .rst,
    .s_valid (push),
    .s_ready (pend_ready),
    .s_data  (queue_q),
    .m_valid (pend_valid),
    .m_ready (s_wr_done_valid),
    .m_data  (done_queue),
    .level   (pend_level)
  );

  assign m_wr_req_addr[4:0] = 5'd0;
  assign m_wr_req_len       = 16'(tlsnic_abi_pkg::TLSNIC_CPL_SIZE);

  generate
    if (DATA_W >= 256) begin : g_one_beat
      // Lanes that are not the entry's are not strobed.
      assign m_wr_dat_data = {DATA_W / 256{dat}};
      assign dat_pop       = m_wr_dat_ready;
    end else begin : g_two_beats
      logic half_q;

      assign m_wr_dat_data = half_q ? dat[255:128] : dat[127:0];
      assign dat_pop       = m_wr_dat_ready && half_q;

      always_ff @(posedge clk) begin
        if (m_wr_dat_valid && m_wr_dat_ready)
          half_q <= !half_q;
        if (rst)
          half_q <= 1'b0;
      end
    end
  endgenerate

  assign done_valid = s_wr_done_valid && pend_valid;
  assign err_write  = done_valid && s_wr_done_err;

  // A completion that waits for room in its ring keeps its source busy, not us.
  assign busy = some || placed_q || pend_valid || regs_busy || |cq_arm;

  logic unused;
  assign unused = &{1'b0, on_queue, halted, lap[15:1], req_level, dat_level, pend_level};

endmodule
