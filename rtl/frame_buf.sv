// SPDX-License-Identifier: BSD-2-Clause
//
// Store-and-forward frame buffer. A frame is offered at the output only when its
// last beat is in; then it comes out without a gap for as long as m_ready is
// high. A frame whose last beat comes with s_drop, or that is longer than MAX_LEN
// bytes, leaves no trace. s_info goes in with the last beat and comes out with
// every beat of the frame.
//
// One beat a cycle in and out. Two cycles from the last beat in to the first
// beat out. s_ready does not depend on m_ready of the same cycle.

module frame_buf #(
  parameter int unsigned DATA_W  = 512,
  parameter int unsigned BYTES   = 65536,          // a power of two
  parameter int unsigned MAX_LEN = 9216,           // less than BYTES
  parameter int unsigned FRAMES  = 64,             // a power of two
  parameter int unsigned INFO_W  = 32,
  localparam int unsigned B      = DATA_W / 8
) (
  input  logic                 clk,
  input  logic                 rst,

  input  logic                 s_valid,
  output logic                 s_ready,
  input  logic [DATA_W-1:0]    s_data,
  input  logic                 s_last,
  input  logic [$clog2(B):0]   s_nbytes,
  input  logic                 s_drop,             // with last
  input  logic [INFO_W-1:0]    s_info,             // with last
  input  logic                 s_abort,            // forget the frame that is coming in

  output logic                 m_valid,
  input  logic                 m_ready,
  output logic [DATA_W-1:0]    m_data,
  output logic                 m_first,
  output logic                 m_last,
  output logic [$clog2(B):0]   m_nbytes,
  output logic [INFO_W-1:0]    m_info,

  output logic                 busy                // holds a whole frame
);

  localparam int unsigned DEPTH     = BYTES / B;
  localparam int unsigned ADDR_W    = $clog2(DEPTH);
  localparam int unsigned MAX_BEATS = (MAX_LEN + B - 1) / B;
  localparam int unsigned LEN_W     = $clog2(B) + 1;

  logic [DATA_W-1:0] mem [DEPTH];
  logic [ADDR_W:0]   wr_q, start_q, rd_q;          // start: of the frame coming in
  logic [ADDR_W:0]   held, used;
  logic              full, over;                   // over: the frame is too long
  logic              take, store, commit;

  // ---- In ----------------------------------------------------------------

  logic              frame_ready;
  logic              frame_valid, frame_take;
  logic [ADDR_W-1:0] frame_end;
  logic [LEN_W-1:0]  frame_nbytes;
  logic [INFO_W-1:0] frame_info;

  assign held    = wr_q - start_q;
  assign used    = wr_q - rd_q;
  assign full    = used[ADDR_W];
  assign over    = held == (ADDR_W+1)'(MAX_BEATS);
  assign s_ready = frame_ready && !full;
  assign take    = s_valid && s_ready;
  assign store   = take && !over;
  assign commit  = store && s_last && !s_drop;

  always_ff @(posedge clk) begin
    if (store)
      mem[wr_q[ADDR_W-1:0]] <= s_data;
  end

  always_ff @(posedge clk) begin
    if (commit) begin
      wr_q    <= wr_q + (ADDR_W+1)'(1);
      start_q <= wr_q + (ADDR_W+1)'(1);
    end else if ((take && s_last) || s_abort) begin
      wr_q    <= start_q;
    end else if (store) begin
      wr_q    <= wr_q + (ADDR_W+1)'(1);
    end
    if (rst) begin
      wr_q    <= '0;
      start_q <= '0;
    end
  end

  logic [$clog2(FRAMES):0] unused_level;

  fifo #(
    .WIDTH (ADDR_W + LEN_W + INFO_W),
    .DEPTH (FRAMES)
  ) u_frames (
    .clk, .rst,
    .s_valid (commit),
    .s_ready (frame_ready),
    .s_data  ({wr_q[ADDR_W-1:0], s_nbytes, s_info}),
    .m_valid (frame_valid),
    .m_ready (frame_take),
    .m_data  ({frame_end, frame_nbytes, frame_info}),
    .level   (unused_level)
  );

  // ---- Out ---------------------------------------------------------------

  logic read, read_last, first_q;                  // first_q: the next read is a first beat

  assign read       = frame_valid && (!m_valid || m_ready);
  assign read_last  = rd_q[ADDR_W-1:0] == frame_end;
  assign frame_take = read && read_last;

  always_ff @(posedge clk) begin
    if (read)
      m_data <= mem[rd_q[ADDR_W-1:0]];
  end

  always_ff @(posedge clk) begin
    if (read) begin
      m_valid  <= 1'b1;
      m_first  <= first_q;
      m_last   <= read_last;
      m_nbytes <= read_last ? frame_nbytes : LEN_W'(B);
      if (first_q)
        m_info <= frame_info;
      first_q  <= read_last;
      rd_q     <= rd_q + (ADDR_W+1)'(1);
    end else if (m_ready) begin
      m_valid  <= 1'b0;
    end
    if (rst) begin
      m_valid <= 1'b0;
      first_q <= 1'b1;
      rd_q    <= '0;
    end
  end

  assign busy = frame_valid || m_valid;

endmodule
