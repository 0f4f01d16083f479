// SPDX-License-Identifier: BSD-2-Clause
//
// Takes the 802.1Q tag (TPID 0x8100) out of a frame, when `strip` is high on the
// first beat and the tag lies in it whole. m_tag and m_tci hold through the frame.
// s_bad comes with the last beat and leaves with the last beat. One beat a cycle,
// without a gap also between frames; a beat leaves when the next one is there or
// when it was the last.

module vlan_strip #(
  parameter int unsigned DATA_W = 512,
  localparam int unsigned LEN_W = $clog2(DATA_W / 8) + 1
) (
  input  logic              clk,
  input  logic              rst,
  input  logic              strip,

  input  logic              s_valid,
  output logic              s_ready,
  input  logic [DATA_W-1:0] s_data,
  input  logic              s_last,
  input  logic [LEN_W-1:0]  s_nbytes,
  input  logic              s_bad,

  output logic              m_valid,
  input  logic              m_ready,
  output logic [DATA_W-1:0] m_data,
  output logic              m_first,
  output logic              m_last,
  output logic [LEN_W-1:0]  m_nbytes,
  output logic              m_bad,
  output logic              m_tag,
  output logic [15:0]       m_tci
);

  localparam int unsigned B = DATA_W / 8;

  // The beat that waits; of a tagged frame, B-4 bytes that wait for four more.
  logic              valid_q, first_q, last_q, bad_q;
  logic [DATA_W-1:0] data_q;
  logic [LEN_W-1:0]  nbytes_q;
  logic              start_q;              // the next beat in is a first one

  logic take, has_tag, join_last;

  assign s_ready   = !valid_q || m_ready;
  assign take      = s_valid && s_ready;
  assign has_tag   = strip && s_nbytes >= LEN_W'(16) && s_data[111:96] == 16'h0081;

  // the beat that comes is used up by the four bytes
  assign join_last = m_tag && !start_q && s_last && s_nbytes <= LEN_W'(4);

  always_ff @(posedge clk) begin
    if (take) begin
      valid_q  <= !join_last;
      first_q  <= start_q;
      last_q   <= s_last;
      bad_q    <= s_bad;
      start_q  <= s_last;
      if (start_q) begin
        m_tag <= has_tag;
        m_tci <= {s_data[119:112], s_data[127:120]};
        if (has_tag) begin
          data_q       <= s_data >> 32;
          data_q[95:0] <= s_data[95:0];
          nbytes_q     <= s_nbytes - LEN_W'(4);
        end else begin
          data_q       <= s_data;
          nbytes_q     <= s_nbytes;
        end
      end else if (m_tag) begin
        data_q   <= s_data >> 32;
        nbytes_q <= s_nbytes - LEN_W'(4);
      end else begin
        data_q   <= s_data;
        nbytes_q <= s_nbytes;
      end
    end else if (m_valid && m_ready) begin
      valid_q <= 1'b0;
    end
    if (rst) begin
      valid_q <= 1'b0;
      start_q <= 1'b1;
    end
  end

  always_comb begin
    m_valid  = valid_q && (last_q || s_valid);
    m_first  = first_q;
    m_data   = data_q;
    m_last   = last_q;
    m_nbytes = nbytes_q;
    m_bad    = bad_q;
    if (m_tag && !last_q) begin
      m_data[DATA_W-1 -: 32] = s_data[31:0];
      m_last   = join_last;
      m_nbytes = join_last ? LEN_W'(B - 4) + s_nbytes : LEN_W'(B);
      m_bad    = s_bad;
    end
  end

endmodule
