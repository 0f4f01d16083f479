// SPDX-License-Identifier: BSD-2-Clause
//
// Puts an 802.1Q tag behind the two addresses of a frame: s_tag and s_tci are
// looked at with the first beat, which holds at least 13 bytes. One register
// stage, one beat a cycle; a tagged frame whose last beat has no room for the four
// bytes takes a cycle more.

module vlan_insert #(
  parameter int unsigned DATA_W = 512,
  localparam int unsigned LEN_W = $clog2(DATA_W / 8) + 1
) (
  input  logic              clk,
  input  logic              rst,

  input  logic              s_valid,
  output logic              s_ready,
  input  logic [DATA_W-1:0] s_data,
  input  logic              s_first,
  input  logic              s_last,
  input  logic [LEN_W-1:0]  s_nbytes,
  input  logic              s_tag,
  input  logic [15:0]       s_tci,

  output logic              m_valid,
  input  logic              m_ready,
  output logic [DATA_W-1:0] m_data,
  output logic              m_last,
  output logic [LEN_W-1:0]  m_nbytes
);

  localparam int unsigned B = DATA_W / 8;

  logic             move;                  // the output register takes a beat
  logic [31:0]      carry_q;               // bytes pushed out of the beat before
  logic             extra_q;               // the frame's last bytes are in carry_q
  logic [LEN_W-1:0] extra_nbytes_q;
  logic             spill;

  assign move    = !m_valid || m_ready;
  assign s_ready = move && !extra_q;
  assign spill   = s_tag && s_nbytes > LEN_W'(B - 4);

  always_ff @(posedge clk) begin
    if (move) begin
      m_valid <= s_valid || extra_q;
      if (extra_q) begin
        m_data[31:0] <= carry_q;
        m_last       <= 1'b1;
        m_nbytes     <= extra_nbytes_q;
        extra_q      <= 1'b0;
      end else if (s_valid) begin
        if (s_tag) begin
          m_data  <= {s_data[DATA_W-33:0], carry_q};
          carry_q <= s_data[DATA_W-1 -: 32];
          if (s_first)                     // TPID 0x8100 and the TCI, both big-endian
            m_data[127:0] <= {s_tci[7:0], s_tci[15:8], 16'h0081, s_data[95:0]};
        end else begin
          m_data  <= s_data;
        end
        m_last         <= s_last && !spill;
        m_nbytes       <= !s_tag ? s_nbytes :
                          spill ? LEN_W'(B) : s_nbytes + LEN_W'(4);
        extra_q        <= s_last && spill;
        extra_nbytes_q <= s_nbytes - LEN_W'(B - 4);
      end
    end
    if (rst) begin
      m_valid <= 1'b0;
      extra_q <= 1'b0;
    end
  end

endmodule
