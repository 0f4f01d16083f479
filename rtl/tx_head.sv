// SPDX-License-Identifier: BSD-2-Clause
//
// Headers of TX packets, their first bytes, up to BYTES: read through the
// descriptor port and offered in the order asked for, each as a whole and from byte 0
// on. So a header takes nothing from the data port, and the packer can lay it
// before the data without a cycle of its own. What lies behind a header's last byte
// is undefined.
//
// A beat that comes is shifted to the header's alignment; the bytes that belong to the
// word before meet those that waited in carry_q.

module tx_head #(
  parameter int unsigned BYTES = 128,            // a power of two
  parameter int unsigned DEPTH = 32,             // headers, a power of two
  localparam int unsigned N_W  = $clog2(BYTES) + 1
) (
  input  logic               clk,
  input  logic               rst,

  input  logic               s_req_valid,
  output logic               s_req_ready,
  input  logic [63:0]        s_req_addr,
  input  logic [N_W-1:0]     s_req_len,          // 1 to BYTES

  // axi_rd of 128 bits
  output logic               m_rd_req_valid,
  input  logic               m_rd_req_ready,
  output logic [63:0]        m_rd_req_addr,
  output logic [15:0]        m_rd_req_len,
  input  logic               s_rd_rsp_valid,
  input  logic [127:0]       s_rd_rsp_data,
  input  logic               s_rd_rsp_last,
  input  logic               s_rd_rsp_err,

  output logic               m_valid,
  input  logic               m_ready,
  output logic [8*BYTES-1:0] m_data,
  output logic [N_W-1:0]     m_len,
  output logic               m_err               // its read failed
);

  localparam int unsigned WORDS = BYTES / 16;
  localparam int unsigned W_W   = $clog2(WORDS) + 1;
  localparam int unsigned D_W   = $clog2(DEPTH);

  // Headers asked for, come, taken.
  logic [D_W:0]     req_q, come_q, out_q;
  logic [N_W+3:0]   shape_mem [DEPTH];           // length, offset in the first beat
  logic [DEPTH-1:0] err_q;
  logic             room, ask, end_come;
  logic [3:0]       off, unused_off;

  assign room           = req_q != {~out_q[D_W], out_q[D_W-1:0]};
  assign m_rd_req_valid = s_req_valid && room;
  assign s_req_ready    = m_rd_req_ready && room;
  assign m_rd_req_addr  = s_req_addr;
  assign m_rd_req_len   = 16'(s_req_len);
  assign ask            = s_req_valid && s_req_ready;
  assign end_come       = s_rd_rsp_valid && s_rd_rsp_last;
  assign off            = shape_mem[come_q[D_W-1:0]][3:0];

  always_ff @(posedge clk) begin
    if (ask)
      shape_mem[req_q[D_W-1:0]] <= {s_req_len, s_req_addr[3:0]};
  end

  always_ff @(posedge clk) begin
    if (ask)
      req_q <= req_q + (D_W + 1)'(1);
    if (end_come) begin
      come_q                  <= come_q + (D_W + 1)'(1);
      err_q[come_q[D_W-1:0]]  <= s_rd_rsp_err;
    end
    if (m_valid && m_ready)
      out_q <= out_q + (D_W + 1)'(1);
    if (rst) begin
      req_q  <= '0;
      come_q <= '0;
      out_q  <= '0;
    end
  end

  // ---- Alignment ------------------------------------------------------------

  logic [W_W-1:0] beat_q;                        // number of the beat that comes
  logic [127:0]   carry_q, turned, merged;

  always_comb begin
    turned = '0;
    merged = '0;
    if (s_rd_rsp_valid) begin
      turned = 128'({2{s_rd_rsp_data}} >> {off, 3'd0});
      for (int unsigned i = 0; i < 16; i++)
        merged[8*i +: 8] = 5'(i) + 5'(off) < 5'd16 ? carry_q[8*i +: 8] : turned[8*i +: 8];
    end
  end

  always_ff @(posedge clk) begin
    if (s_rd_rsp_valid) begin
      carry_q <= turned;
      beat_q  <= s_rd_rsp_last ? '0 : beat_q + W_W'(1);
    end
    if (rst)
      beat_q <= '0;
  end

  // the word before is whole now; with the last beat so is its own
  for (genvar w = 0; w < WORDS; w++) begin : g_word
    logic [127:0] mem [DEPTH];
    logic         whole, own;

    assign whole = s_rd_rsp_valid && beat_q == W_W'(w + 1);
    assign own   = end_come && beat_q == W_W'(w);

    always_ff @(posedge clk) begin
      if (whole || own)
        mem[come_q[D_W-1:0]] <= whole ? merged : turned;
    end

    assign m_data[128*w +: 128] = mem[out_q[D_W-1:0]];
  end

  assign m_valid             = come_q != out_q;
  assign {m_len, unused_off} = shape_mem[out_q[D_W-1:0]];
  assign m_err               = err_q[out_q[D_W-1:0]];

  logic unused;
  assign unused = &{1'b0, unused_off};

endmodule
