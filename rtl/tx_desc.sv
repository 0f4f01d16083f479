// SPDX-License-Identifier: BSD-2-Clause
//
// TX descriptor RAM: DEPTH slots a queue, filled by reads of host memory, read
// by the parser. Slots hold keys, so each is overwritten with zeros as it is
// consumed, what is left of a queue when it is turned off, and all of it after
// rst (init_busy).
//
// Timing: a slot is there in the cycle after `land`; rd_slot is combinational.
// Data from the bus cannot wait and write first; then wipe, then clear.

module tx_desc #(
  parameter int unsigned DATA_W     = 512,
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
  input  logic [DATA_W-1:0] s_rd_rsp_data,
  input  logic              s_rd_rsp_last,
  input  logic              s_rd_rsp_err,

  // parser
  input  logic [Q_W-1:0]    rd_queue,
  input  logic [D_W-1:0]    rd_index,
  output logic [255:0]      rd_slot,
  input  logic              wipe_valid,          // of the slot at rd_queue, rd_index
  output logic              wipe_ready
);

  localparam int unsigned BANKS  = DATA_W > 256 ? 2 : 1;   // slots a beat
  localparam int unsigned LGBK   = BANKS - 1;              // log2
  localparam int unsigned HALVES = DATA_W < 256 ? 2 : 1;   // beats a slot
  localparam int unsigned ROWS   = (1 << Q_W) * DEPTH / BANKS;
  localparam int unsigned R_W    = Q_W + D_W - LGBK;

  // ---- Reads under way ------------------------------------------------------

  localparam int unsigned INFO_W = Q_W + D_W + 4;

  logic              info_ready, info_valid, info_pop;
  logic [INFO_W-1:0] info;
  logic [4:0]        info_level;
  logic [Q_W-1:0]    in_queue;
  logic [D_W-1:0]    in_index, in_first_q, in_at;
  logic [3:0]        in_slots, in_left_q, in_left;
  logic              in_more_q;                  // within a read, after its first slot

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
  assign in_at   = in_more_q ? in_first_q : in_index;
  assign in_left = in_more_q ? in_left_q : in_slots;

  assign info_pop   = s_rd_rsp_valid && s_rd_rsp_last;
  assign land_valid = info_pop;
  assign land_queue = in_queue;
  assign land_slots = in_slots;
  assign land_err   = s_rd_rsp_err;

  // ---- What is written ------------------------------------------------------

  logic [BANKS-1:0]      in_write;               // slots of this beat
  logic [BANKS*256-1:0]  in_data;
  logic [3:0]            in_step;
  logic                  in_whole;               // this beat completes what it writes

  generate
    if (HALVES == 2) begin : g_half
      logic         half_q;                      // the second half of a slot is next
      logic [127:0] low_q;                       // its first half, 0 again after use

      assign in_whole = half_q;
      assign in_data  = {s_rd_rsp_data, low_q};
      assign in_write = 1'b1;
      assign in_step  = 4'd1;

      always_ff @(posedge clk) begin
        if (s_rd_rsp_valid) begin
          half_q <= !half_q;
          low_q  <= half_q ? '0 : s_rd_rsp_data;
        end
        if (rst) begin
          half_q <= 1'b0;
          low_q  <= '0;
        end
      end
    end else if (BANKS == 2) begin : g_two
      assign in_whole = 1'b1;
      assign in_data  = s_rd_rsp_data;
      assign in_write = {in_at[0] || in_left > 4'd1, !in_at[0]};
      assign in_step  = in_write == 2'b11 ? 4'd2 : 4'd1;
    end else begin : g_one
      assign in_whole = 1'b1;
      assign in_data  = s_rd_rsp_data;
      assign in_write = 1'b1;
      assign in_step  = 4'd1;
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (s_rd_rsp_valid) begin
      if (in_whole) begin
        in_more_q  <= !s_rd_rsp_last;
        in_first_q <= in_at + D_W'(in_step);
        in_left_q  <= in_left - in_step;
      end
    end
    if (rst) begin
      in_more_q <= 1'b0;
    end
  end

  // ---- RAM ------------------------------------------------------------------

  logic                clr_q, init_q;
  logic [R_W-1:0]      clr_row_q, clr_last;
  logic                clr_step;
  logic [Q_W+D_W-1:0]  in_place, rd_place;
  logic [R_W-1:0]      wr_row;
  logic [BANKS-1:0]    wr_en;
  logic [BANKS*256-1:0] wr_data, rd_row;

  assign in_place   = {in_queue, in_at};
  assign rd_place   = {rd_queue, rd_index};
  assign wipe_ready = !s_rd_rsp_valid;
  assign clr_step   = clr_q && !s_rd_rsp_valid && !wipe_valid;
  assign init_busy  = init_q;

  generate
    if (BANKS == 2) begin : g_sel
      assign rd_slot = rd_place[0] ? rd_row[511:256] : rd_row[255:0];
    end else begin : g_nosel
      assign rd_slot = rd_row;
    end
  endgenerate

  always_comb begin
    wr_row  = clr_row_q;
    wr_en   = {BANKS{clr_step}};
    wr_data = '0;
    if (s_rd_rsp_valid) begin
      wr_row  = in_place[Q_W+D_W-1:LGBK];
      wr_en   = in_whole ? in_write : '0;
      wr_data = in_data;
    end else if (wipe_valid) begin
      wr_row = rd_place[Q_W+D_W-1:LGBK];
      for (int b = 0; b < BANKS; b++)
        wr_en[b] = BANKS == 1 || rd_place[0] == b[0];
    end
  end

  for (genvar b = 0; b < BANKS; b++) begin : g_bank
    logic [255:0] mem [ROWS];

    always_ff @(posedge clk) begin
      if (wr_en[b])
        mem[wr_row] <= wr_data[256*b +: 256];
    end

    assign rd_row[256*b +: 256] = mem[rd_place[Q_W+D_W-1:LGBK]];
  end

  assign clr_done = clr_step && clr_row_q == clr_last && !init_q;

  always_ff @(posedge clk) begin
    if (clr_step)
      clr_row_q <= clr_row_q + R_W'(1);
    if (clr_step && clr_row_q == clr_last) begin
      clr_q  <= 1'b0;
      init_q <= 1'b0;
    end else if (!clr_q && s_clr_valid) begin
      clr_q     <= 1'b1;
      clr_row_q <= {s_clr_queue, (D_W - LGBK)'(0)};
      clr_last  <= {s_clr_queue, {(D_W - LGBK){1'b1}}};
    end
    if (rst) begin
      clr_q     <= 1'b1;
      init_q    <= 1'b1;
      clr_row_q <= '0;
      clr_last  <= R_W'(ROWS - 1);
    end
  end

  assign busy = clr_q || s_clr_valid || info_valid || s_req_valid;

  logic unused;
  assign unused = &{1'b0, info_level, in_place};

endmodule
