// SPDX-License-Identifier: BSD-2-Clause
//
// Lengthens short frames with zeros to min_len bytes (at most 64, constant
// through a frame). Combinational but for a count: no latency; a beat that must
// be added takes a cycle. Bytes beyond nbytes of a last beat may be anything.

module tx_pad #(
  parameter int unsigned DATA_W = 512,
  localparam int unsigned LEN_W = $clog2(DATA_W / 8) + 1
) (
  input  logic              clk,
  input  logic              rst,
  input  logic [6:0]        min_len,

  input  logic              s_valid,
  output logic              s_ready,
  input  logic [DATA_W-1:0] s_data,
  input  logic              s_last,
  input  logic [LEN_W-1:0]  s_nbytes,

  output logic              m_valid,
  input  logic              m_ready,
  output logic [DATA_W-1:0] m_data,
  output logic              m_last,
  output logic [LEN_W-1:0]  m_nbytes
);

  localparam int unsigned B = DATA_W / 8;

  logic [7:0]   pos_q;                     // bytes of the frame before this beat; stays at 64
  logic         done_q;                    // the frame itself is out: zeros follow
  logic [7:0]   want, have;                // bytes from this beat on: at least, now
  logic         pad;
  logic [B-1:0] keep;

  assign want = pos_q < {1'b0, min_len} ? {1'b0, min_len} - pos_q : 8'd0;
  assign have = done_q ? 8'd0 : 8'(s_nbytes);
  assign pad  = (done_q || s_last) && have < want;
  assign keep = ~({B{1'b1}} << have);      // have < B, or no byte is masked

  always_comb begin
    m_valid  = s_valid;
    m_data   = s_data;
    m_last   = s_last;
    m_nbytes = s_nbytes;
    s_ready  = m_ready;
    if (s_valid && pad) begin
      if (have < 8'(B))
        for (int unsigned i = 0; i < B; i++)
          if (!keep[i])
            m_data[8*i +: 8] = 8'd0;
      m_last   = want <= 8'(B);
      m_nbytes = m_last ? want[LEN_W-1:0] : LEN_W'(B);
      s_ready  = m_ready && m_last;        // the last beat waits until the zeros are out
    end
  end

  always_ff @(posedge clk) begin
    if (m_valid && m_ready) begin
      done_q <= pad && !m_last;
      if (m_last)
        pos_q <= 8'd0;
      else if (pos_q < 8'd64)
        pos_q <= pos_q + 8'(B);
    end
    if (rst) begin
      done_q <= 1'b0;
      pos_q  <= 8'd0;
    end
  end

endmodule
