// SPDX-License-Identifier: BSD-2-Clause
//
// TX descriptor RAM: DEPTH slots a queue, filled by reads of host memory, read
// by the parser. Slots hold keys, so each is overwritten with zeros as it is
// consumed, what is left of a queue when it is turned off, and all of it after
// rst (init_busy).
//
// Timing: a slot is two beats; it is there in the cycle after `land`; rd_slot is
// combinational. Data from the bus cannot wait and write first; then wipe, then clear.

module tx_desc #(
  parameter int unsigned NUM_QUEUES = 4,
  parameter int unsigned DEPTH      = 32,        // slots a queue, a power of two, at least 16
  localparam int unsigned Q_W       = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1,
  localparam int unsigned D_W       = $clog2(DEPTH)
) (
  input  logic              clk,
  input  logic              rst,
  output logic              init_busy,
  output logic              busy,

  // from tx_ring: reads to be made
  input  logic              s_req_valid,
  output logic              s_req_ready,
  input  logic [Q_W-1:0]    s_req_queue,
  input  logic [D_W-1:0]    s_req_index,
  input  logic [3:0]        s_req_slots,
  input  logic [63:0]       s_req_addr,
  output logic              land_valid,
  output logic [Q_W-1:0]    land_queue,
  output logic [3:0]        land_slots,
  output logic              land_err,

  input  logic              s_clr_valid,
  input  logic [Q_W-1:0]    s_clr_queue,
  output logic              clr_done,

  // to axi_rd
  output logic              m_rd_req_valid,
  input  logic              m_rd_req_ready,
  output logic [63:0]       m_rd_req_addr,
  output logic [15:0]       m_rd_req_len,
  input  logic              s_rd_rsp_valid,
  input  logic [127:0]      s_rd_rsp_data,
  input  logic              s_rd_rsp_last,
  input  logic              s_rd_rsp_err,

  // parser
  input  logic [Q_W-1:0]    rd_queue,
  input  logic [D_W-1:0]    rd_index,
  output logic [255:0]      rd_slot,
  input  logic              wipe_valid,          // of the slot at rd_queue, rd_index
  output logic              wipe_ready
);

  // ---- Reads under way ------------------------------------------------------

  localparam int unsigned INFO_W = Q_W + D_W + 4;

  logic              info_ready, info_valid, info_pop;
  logic [INFO_W-1:0] info;
  logic [4:0]        info_level;
  logic [Q_W-1:0]    in_queue;
  logic [D_W-1:0]    in_index, in_at, in_at_q;
  logic [3:0]        in_slots;
  logic              in_more_q;                  // within a read, after its first slot
  logic              half_q;                     // the second half of a slot is next
  logic [127:0]      low_q;                      // its first half, 0 again after use

  assign s_req_ready    = m_rd_req_ready && info_ready && !init_busy;
  assign m_rd_req_valid = s_req_valid && info_ready && !init_busy;
  assign m_rd_req_addr  = s_req_addr;
  assign m_rd_req_len   = {7'd0, s_req_slots, 5'd0};

  fifo #(.WIDTH(INFO_W), .DEPTH(16)) u_info (
    .clk, .rst,
    .s_valid (s_req_valid && s_req_ready),
    .s_ready (info_ready),
    .s_data  ({s_req_queue, s_req_index, s_req_slots}),
    .m_valid (info_valid),
    .m_ready (info_pop),
    .m_data  (info),
    .level   (info_level)
  );

  assign {in_queue, in_index, in_slots} = info;
  assign in_at = in_more_q ? in_at_q : in_index;

  assign info_pop   = s_rd_rsp_valid && s_rd_rsp_last;
  assign land_valid = info_pop;
  assign land_queue = in_queue;
  assign land_slots = in_slots;
  assign land_err   = s_rd_rsp_err;

  always_ff @(posedge clk) begin
    if (s_rd_rsp_valid) begin
      half_q <= !half_q;
      low_q  <= half_q ? '0 : s_rd_rsp_data;
      if (half_q) begin
        in_more_q <= !s_rd_rsp_last;
        in_at_q   <= in_at + D_W'(1);
      end
    end
    if (rst) begin
      half_q    <= 1'b0;
      low_q     <= '0;
      in_more_q <= 1'b0;
    end
  end

  // ---- RAM ------------------------------------------------------------------

  localparam int unsigned A_W = Q_W + D_W;

  logic [255:0]   mem [1 << A_W];
  logic           clr_q, init_q, clr_step, in_write;
  logic [A_W-1:0] clr_at_q, clr_last, wr_at;

  assign in_write   = s_rd_rsp_valid && half_q;
  assign wipe_ready = !in_write;
  assign clr_step   = clr_q && !in_write && !wipe_valid;
  assign init_busy  = init_q;
  assign rd_slot    = mem[{rd_queue, rd_index}];
  assign wr_at      = in_write ? {in_queue, in_at} : wipe_valid ? {rd_queue, rd_index} : clr_at_q;

  always_ff @(posedge clk) begin
    if (in_write || wipe_valid || clr_step)
      mem[wr_at] <= in_write ? {s_rd_rsp_data, low_q} : '0;
  end

  assign clr_done = clr_step && clr_at_q == clr_last && !init_q;

  always_ff @(posedge clk) begin
    if (clr_step)
      clr_at_q <= clr_at_q + A_W'(1);
    if (clr_step && clr_at_q == clr_last) begin
      clr_q  <= 1'b0;
      init_q <= 1'b0;
    end else if (!clr_q && s_clr_valid) begin
      clr_q     <= 1'b1;
      clr_at_q <= {s_clr_queue, D_W'(0)};
      clr_last  <= {s_clr_queue, {D_W{1'b1}}};
    end
    if (rst) begin
      clr_q     <= 1'b1;
      init_q    <= 1'b1;
      clr_at_q <= '0;
      clr_last  <= '1;
    end
  end

  assign busy = clr_q || s_clr_valid || info_valid || s_req_valid;

  logic unused;
  assign unused = &{1'b0, info_level};

endmodule
