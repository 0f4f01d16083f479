// SPDX-License-Identifier: BSD-2-Clause
//
// Fetches the descriptors of the RX rings ahead of their use and keeps up to
// CACHE of them a queue.
//
// A descriptor is a beat. Up to 16 are read at once, none across a multiple of 16, so none
// across the end of a ring. A queue is looked at when poke says that its tail,
// head or fetch_on may have changed; a look takes 3 cycles. Up to READS reads are
// out. Descriptors count as landed once the whole read is in without an error;
// an error halts the queue: after the pulse on `halt` nothing lands any more.
//
// The address of index get_index comes one cycle after `get`, and stays. It is
// meaningful if the index was before `landed` when asked for.

module rx_desc #(
  parameter int unsigned NUM_QUEUES = 4,
  localparam int unsigned Q_W       = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1
) (
  input  logic                      clk,
  input  logic                      rst,
  output logic                      busy,

  // Rings: look_queue chooses, the answer comes in the same cycle.
  output logic [Q_W-1:0]            look_queue,
  input  logic [63:6]               ring_base,
  input  logic [3:0]                ring_size,     // log2
  input  logic [15:0]               ring_tail,
  input  logic [15:0]               ring_head,
  input  logic                      ring_fetch_on, // may be read
  input  logic [NUM_QUEUES-1:0]     poke,          // pulse
  input  logic [NUM_QUEUES-1:0]     clear,         // pulse: indices from 0, nothing outstanding

  output logic [NUM_QUEUES-1:0]     reading,       // reads outstanding
  output logic [NUM_QUEUES-1:0]     halt,          // pulse

  input  logic                      get,
  input  logic [Q_W-1:0]            get_queue,
  input  logic [15:0]               get_index,
  output logic [63:6]               got_addr,
  output logic [15:0]               landed,        // of get_queue, same cycle

  // axi_rd client
  output logic                      m_rd_req_valid,
  input  logic                      m_rd_req_ready,
  output logic [63:0]               m_rd_req_addr,
  output logic [15:0]               m_rd_req_len,
  input  logic                      s_rd_rsp_valid,
  input  logic [127:0]              s_rd_rsp_data,
  input  logic                      s_rd_rsp_last,
  input  logic                      s_rd_rsp_err
);

  localparam int unsigned CACHE  = 64;            // descriptors a queue
  localparam int unsigned READS  = 8;
  localparam int unsigned ROW_W  = $clog2(CACHE);
  localparam int unsigned LVL_W  = $clog2(READS) + 1;

  // ---- Which queue, how many ----------------------------------------------

  typedef enum logic [1:0] { PICK, LOOK, ASK } state_t;

  state_t                state_q;
  logic [NUM_QUEUES-1:0] check_q;                 // to be looked at
  logic [Q_W-1:0]        queue_q, pick;
  logic [15:0]           fetch_q [NUM_QUEUES];    // next index to be read
  logic [15:0]           avail, room, slot;
  logic [4:0]            group, want;
  logic                  some, ask;
  logic                  out_ready;
  logic [63:4]           addr_q;
  logic [4:0]            want_q;

  rr_pick #(.N(NUM_QUEUES)) u_pick (.req(check_q), .last(queue_q), .any(some), .pick(pick));

  assign look_queue = queue_q;
  assign avail      = ring_tail - fetch_q[queue_q];
  assign room       = 16'(CACHE) - (fetch_q[queue_q] - ring_head);
  assign slot       = fetch_q[queue_q] & ((16'd1 << ring_size) - 16'd1);
  assign group      = 5'd16 - {1'b0, fetch_q[queue_q][3:0]};
  assign want       = avail < 16'(group) ? avail[4:0] : group;
  assign ask        = ring_fetch_on && want != 5'd0 && 16'(want) <= room;

  always_ff @(posedge clk) begin
    case (state_q)
      PICK: if (some) begin
        queue_q       <= pick;
        check_q[pick] <= 1'b0;
        state_q       <= LOOK;
      end
      LOOK: begin
        if (!ask) begin
          state_q <= PICK;
        end else if (out_ready) begin
          state_q          <= ASK;
          addr_q           <= {ring_base, 2'd0} + 60'(slot);
          want_q           <= want;
          fetch_q[queue_q] <= fetch_q[queue_q] + 16'(want);
          if (avail != 16'(want))
            check_q[queue_q] <= 1'b1;
        end
      end
      ASK: if (m_rd_req_ready)
        state_q <= PICK;
      /* verilator coverage_off */ // no such state; in hardware that fell into one, the way out
      default: state_q <= PICK;
      /* verilator coverage_on */
    endcase
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (poke[q])
        check_q[q] <= 1'b1;
      if (clear[q])
        fetch_q[q] <= 16'd0;
    end
    if (rst) begin
      state_q <= PICK;
      check_q <= '0;
      queue_q <= '0;
    end
  end

  assign m_rd_req_valid = state_q == ASK;
  assign m_rd_req_addr  = {addr_q, 4'd0};
  assign m_rd_req_len   = {7'd0, want_q, 4'd0};

  // ---- Answers ------------------------------------------------------------

  logic             out_push, out_valid, out_pop;
  logic [Q_W-1:0]   out_queue;
  logic [15:0]      out_first;
  logic [4:0]       out_count;
  logic [LVL_W-1:0] out_level;
  logic [15:0]      landed_q [NUM_QUEUES];
  logic [LVL_W-1:0] reads_q [NUM_QUEUES];         // outstanding
  logic [NUM_QUEUES-1:0] halted_q;
  logic [3:0]       beat_q;
  logic [ROW_W-1:0] row;

  assign out_push = state_q == LOOK && ask && out_ready;
  assign out_pop  = s_rd_rsp_valid && s_rd_rsp_last && out_valid;

  fifo #(.WIDTH(Q_W + 16 + 5), .DEPTH(READS)) u_out (
    .clk, .rst,
    .s_valid (state_q == LOOK && ask),
    .s_ready (out_ready),
    .s_data  ({queue_q, fetch_q[queue_q], want}),
    .m_valid (out_valid),
    .m_ready (s_rd_rsp_valid && s_rd_rsp_last),
    .m_data  ({out_queue, out_first, out_count}),
    .level   (out_level)
  );

  assign landed = landed_q[get_queue];

  always_ff @(posedge clk) begin
    halt <= '0;
    if (s_rd_rsp_valid)
      beat_q <= s_rd_rsp_last ? 4'd0 : beat_q + 4'd1;
    if (out_pop) begin
      if (s_rd_rsp_err) begin
        halt[out_queue]     <= !halted_q[out_queue];
        halted_q[out_queue] <= 1'b1;
      end else if (!halted_q[out_queue]) begin
        landed_q[out_queue] <= out_first + 16'(out_count);
      end
    end
    if (out_push && !(out_pop && out_queue == queue_q))
      reads_q[queue_q] <= reads_q[queue_q] + LVL_W'(1);
    if (out_pop && !(out_push && out_queue == queue_q))
      reads_q[out_queue] <= reads_q[out_queue] - LVL_W'(1);
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (clear[q]) begin
        landed_q[q] <= 16'd0;
        halted_q[q] <= 1'b0;
      end
    end
    if (rst) begin
      halt   <= '0;
      beat_q <= 4'd0;
      for (int q = 0; q < NUM_QUEUES; q++)
        reads_q[q] <= '0;
    end
  end

  always_comb begin
    for (int q = 0; q < NUM_QUEUES; q++)
      reading[q] = reads_q[q] != '0;
  end

  assign busy = some || state_q != PICK || out_valid || |halt;

  // ---- Cache: descriptor i of a queue in row i % CACHE ---------------------

  logic [63:6] mem [CACHE << Q_W];

  assign row = ROW_W'(out_first) + ROW_W'(beat_q);

  always_ff @(posedge clk) begin
    if (s_rd_rsp_valid)
      mem[{out_queue, row}] <= s_rd_rsp_data[63:6];
    if (get)
      got_addr <= mem[{get_queue, ROW_W'(get_index)}];
  end

  logic unused;
  assign unused = &{1'b0, out_level, s_rd_rsp_data, get_index};

endmodule
