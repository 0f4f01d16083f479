// SPDX-License-Identifier: BSD-2-Clause
//
// RX rings: takes frames from the network side and writes them into the buffers
// that the host posted, a completion for each.
//
// A frame is dropped (ev_no_buffer) if its ring is off or halted, or if the
// buffers posted when it starts do not hold all of it. It waits for a descriptor
// that is posted but still on its way. If the read of a descriptor fails in the
// middle of a frame, the rest of the frame is dropped, and no completion with
// TLSNIC_RXF_END comes for it.
//
// A ring is ACTIVE until no frame is in the middle of it, no descriptor read and
// no buffer write is out, and all of its completions are handed to host_cpl.
// Writes to base, size and buffer length while it is ACTIVE, and doorbells while
// it is off or being turned off, have no effect.
//
// Each buffer costs one cycle beside its beats: the time that its completion
// takes on the memory bus. From the first beat of a frame to the data at axi_wr are
// 3 cycles.

module host_rx #(
  parameter int unsigned DATA_W     = 512,
  parameter int unsigned NUM_QUEUES = 4
) (
  input  logic                         clk,
  input  logic                         rst,
  output logic                         busy,

  input  logic                         reg_wr,
  input  logic                         reg_rd,
  input  logic [15:0]                  reg_addr,
  input  logic [31:0]                  reg_wdata,
  output logic [31:0]                  reg_rdata,

  input  logic                         s_pkt_valid,
  output logic                         s_pkt_ready,
  input  logic [DATA_W-1:0]            s_pkt_data,
  input  logic                         s_pkt_last,
  input  logic [$clog2(DATA_W/8):0]    s_pkt_nbytes,
  input  tlsnic_pkg::rx_meta_t         s_pkt_meta,   // constant through the frame

  // axi_rd client: descriptors, on the port of 128 bits
  output logic                         m_rd_req_valid,
  input  logic                         m_rd_req_ready,
  output logic [63:0]                  m_rd_req_addr,
  output logic [15:0]                  m_rd_req_len,
  input  logic                         s_rd_rsp_valid,
  input  logic [127:0]                 s_rd_rsp_data,
  input  logic                         s_rd_rsp_last,
  input  logic                         s_rd_rsp_err,

  // axi_wr client: frames
  output logic                         m_wr_req_valid,
  input  logic                         m_wr_req_ready,
  output logic [63:0]                  m_wr_req_addr,
  output logic [15:0]                  m_wr_req_len,
  output logic                         m_wr_dat_valid,
  input  logic                         m_wr_dat_ready,
  output logic [DATA_W-1:0]            m_wr_dat_data,
  input  logic                         s_wr_done_valid,
  input  logic                         s_wr_done_err,

  output logic                         m_cpl_valid,
  input  logic                         m_cpl_ready,
  output tlsnic_pkg::cpl_t             m_cpl,

  output logic                         ev_no_buffer, // pulses
  output logic                         err_read,
  output logic                         err_write,
  output logic                         err_doorbell
);

  localparam int unsigned B     = DATA_W / 8;
  localparam int unsigned Q_W   = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1;
  localparam int unsigned AHEAD = 8;                 // beats not yet taken by axi_wr
  localparam int unsigned REQS  = 4;                 // buffers not yet taken by axi_wr

  localparam logic [8:0] BUF_MAX = 9'd256;           // in units of 64 bytes

  // ---- Rings --------------------------------------------------------------

  logic [NUM_QUEUES-1:0][63:6] base;
  logic [NUM_QUEUES-1:0][3:0]  size;                 // log2
  logic [NUM_QUEUES-1:0][8:0]  buf_q;                // buffer length / 64
  logic [NUM_QUEUES-1:0][15:0] tail, head_q;
  logic [NUM_QUEUES-1:0]       start, active, halted;
  logic [NUM_QUEUES-1:0]       open;                 // takes frames and doorbells
  logic [NUM_QUEUES-1:0]       poke, halt, reading, holding, in_frame;

  logic [Q_W-1:0]              rq;
  logic                        on_queue, at_buf, door, regs_busy;
  logic [31:0]                 regs_rdata, buf_rdata_q;
  logic [8:0]                  new_buf;
  logic                        buf_open;             // a buffer gets its first beat
  logic [Q_W-1:0]              queue_q;              // of the frame

  ring_regs #(.NUM_QUEUES(NUM_QUEUES), .AT(8'(tlsnic_abi_pkg::TLSNIC_Q_RX_BASE_LO))) u_regs (
    .clk, .rst,
    .busy      (regs_busy),
    .reg_wr, .reg_rd, .reg_addr, .reg_wdata,
    .reg_rdata (regs_rdata),
    .on_queue,
    .reg_queue (rq),
    .base, .size, .start, .active, .halted, .open,
    .idle      (~(in_frame | reading | holding)),
    .halt,
    .door_room ((16'd1 << size[rq]) - (tail[rq] - head_q[rq])),
    .door, .err_doorbell,
    .index     (tail),
    .at_index  (head_q)
  );

  assign at_buf    = on_queue && reg_addr[7:0] == 8'(tlsnic_abi_pkg::TLSNIC_Q_RX_BUF_LEN);
  assign reg_rdata = regs_rdata | buf_rdata_q;
  assign new_buf   = reg_wdata[31:6] == 26'd0 ? 9'd1
                     : reg_wdata[31:6] > 26'(BUF_MAX) ? BUF_MAX : reg_wdata[14:6];

  always_comb begin
    poke = start;
    if (door)
      poke[rq] = 1'b1;
    if (buf_open)
      poke[queue_q] = 1'b1;
  end

  always_ff @(posedge clk) begin
    buf_rdata_q <= reg_rd && at_buf ? {17'd0, buf_q[rq], 6'd0} : 32'd0;
    if (reg_wr && at_buf && !active[rq])
      buf_q[rq] <= new_buf;
    if (buf_open)
      head_q[queue_q] <= head_q[queue_q] + 16'd1;
    for (int q = 0; q < NUM_QUEUES; q++)
      if (start[q] || rst)
        head_q[q] <= 16'd0;
    if (rst)
      buf_q <= {NUM_QUEUES{9'd1}};
  end

  // ---- Frames to buffers --------------------------------------------------

  // LOOK: what does the ring of this frame offer for the next buffer?
  // FILL: move the beats of one buffer.
  // DROP: swallow what is left of the frame.
  typedef enum logic [1:0] { LOOK, FILL, DROP } state_t;

  state_t         state_q;
  logic           mid_q;                             // not the frame's first buffer
  logic           opened_q;                          // first beat of the buffer is through
  logic           open_q, halt_seen_q, here_q;       // seen in LOOK: ring, next descriptor
  logic [15:0]    posted_q;
  logic [8:0]     units_q;                           // buffer length / 64
  logic [15:0]    rest_q;                            // of the frame, from this buffer on
  logic [15:0]    left_q;                            // of this buffer, from this beat on
  logic           known;                             // queue exists
  logic [Q_W-1:0] look_rx;
  logic [15:0]    landed;
  logic [63:6]    addr;
  logic [15:0]    rest, len, left;
  logic [24:0]    units;
  logic           fits, refuse, first_ok, take, buf_last;
  logic           req_ready, dat_ready, hold_ready;

  assign known   = 6'(s_pkt_meta.queue) < 6'(NUM_QUEUES);
  assign look_rx = s_pkt_meta.queue[Q_W-1:0];

  assign rest     = mid_q ? rest_q : s_pkt_meta.frame_len;
  assign len      = rest > {1'b0, units_q, 6'd0} ? {1'b0, units_q, 6'd0} : rest;
  assign left     = opened_q ? left_q : len;
  assign buf_last = left <= 16'(B);

  // Both in units of 64 bytes.
  assign units    = 25'(s_pkt_meta.frame_len) + 25'd63;
  assign fits     = 25'(posted_q) * 25'(units_q) >= 25'(units[24:6]);
  assign refuse   = mid_q ? halt_seen_q : !open_q || !fits;
  assign first_ok = !refuse && here_q && req_ready && hold_ready;
  assign take     = state_q == FILL && s_pkt_valid && dat_ready && (opened_q || first_ok);
  assign buf_open = take && !opened_q;

  assign s_pkt_ready = state_q == DROP || (state_q == FILL && dat_ready && (opened_q || first_ok));

  always_ff @(posedge clk) begin
    ev_no_buffer <= 1'b0;
    case (state_q)
      LOOK: if (s_pkt_valid) begin
        state_q     <= FILL;
        queue_q     <= known ? look_rx : '0;
        open_q      <= known && open[look_rx];
        halt_seen_q <= halted[look_rx];
        here_q      <= landed != head_q[look_rx];
        posted_q    <= tail[look_rx] - head_q[look_rx];
        units_q     <= buf_q[look_rx];
      end
      FILL: if (s_pkt_valid) begin
        if (take) begin
          opened_q <= !buf_last;
          left_q   <= left - 16'(B);
          if (!opened_q) begin
            rest_q <= rest - len;
            mid_q  <= rest != len;
          end
          if (buf_last)
            state_q <= LOOK;
        end else if (!opened_q && refuse) begin
          state_q      <= DROP;
          ev_no_buffer <= 1'b1;
        end else if (!opened_q && !here_q) begin
          state_q <= LOOK;
        end
      end
      DROP: if (s_pkt_valid && s_pkt_last) begin
        state_q <= LOOK;
        mid_q   <= 1'b0;
      end
      /* verilator coverage_off */ // no such state; in hardware that fell into one, the way out
      default: state_q <= LOOK;
      /* verilator coverage_on */
    endcase
    if (rst) begin
      state_q      <= LOOK;
      mid_q        <= 1'b0;
      opened_q     <= 1'b0;
      ev_no_buffer <= 1'b0;
    end
  end

  // From the look at the ring to the last beat.
  always_comb begin
    in_frame = '0;
    in_frame[queue_q] = mid_q || state_q == FILL;
  end

  // ---- Descriptors --------------------------------------------------------

  logic           desc_busy;
  logic [Q_W-1:0] look_desc;

  rx_desc #(.NUM_QUEUES(NUM_QUEUES)) u_desc (
    .clk, .rst,
    .busy          (desc_busy),
    .look_queue    (look_desc),
    .ring_base     (base[look_desc]),
    .ring_size     (size[look_desc]),
    .ring_tail     (tail[look_desc]),
    .ring_head     (head_q[look_desc]),
    .ring_fetch_on (active[look_desc] && !halted[look_desc]
                    && (open[look_desc] || in_frame[look_desc])),
    .poke,
    .clear         (start),
    .reading, .halt,
    .get           (state_q == LOOK && s_pkt_valid),
    .get_queue     (look_rx),
    .get_index     (head_q[look_rx]),
    .got_addr      (addr),
    .landed,
    .m_rd_req_valid, .m_rd_req_ready, .m_rd_req_addr, .m_rd_req_len,
    .s_rd_rsp_valid, .s_rd_rsp_data, .s_rd_rsp_last, .s_rd_rsp_err
  );

  assign err_read = |halt;

  // ---- Requests, data, completions ----------------------------------------

  logic [$clog2(REQS):0]  req_level;
  logic [$clog2(AHEAD):0] dat_level;
  logic [63:6]            req_addr;
  logic                   done_busy;

  fifo #(.WIDTH(58 + 16), .DEPTH(REQS)) u_req (
    .clk, .rst,
    .s_valid (buf_open),
    .s_ready (req_ready),
    .s_data  ({addr, len}),
    .m_valid (m_wr_req_valid),
    .m_ready (m_wr_req_ready),
    .m_data  ({req_addr, m_wr_req_len}),
    .level   (req_level)
  );

  assign m_wr_req_addr = {req_addr, 6'd0};

  fifo #(.WIDTH(DATA_W), .DEPTH(AHEAD)) u_dat (
    .clk, .rst,
    .s_valid (take),
    .s_ready (dat_ready),
    .s_data  (s_pkt_data),
    .m_valid (m_wr_dat_valid),
    .m_ready (m_wr_dat_ready),
    .m_data  (m_wr_dat_data),
    .level   (dat_level)
  );

  rx_done #(.NUM_QUEUES(NUM_QUEUES)) u_done (
    .clk, .rst,
    .busy        (done_busy),
    .s_buf_valid (buf_open),
    .s_buf_ready (hold_ready),
    .s_buf_queue (queue_q),
    .s_buf_index (head_q[queue_q]),
    .s_buf_len   (len),
    .s_buf_start (!mid_q),
    .s_buf_end   (rest == len),
    .s_buf_meta  (s_pkt_meta),
    .s_wr_done_valid, .s_wr_done_err,
    .m_cpl_valid, .m_cpl_ready, .m_cpl,
    .holding, .err_write
  );

  assign busy = s_pkt_valid || state_q == FILL || desc_busy || m_wr_req_valid || m_wr_dat_valid || done_busy
              || regs_busy || ev_no_buffer;

  logic unused;
  assign unused = &{1'b0, s_pkt_nbytes, units[5:0], req_level, dat_level};

endmodule
