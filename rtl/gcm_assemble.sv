// SPDX-License-Identifier: BSD-2-Clause
//
// Puts beats together from the bytes that their ops own; tag bytes replace
// others. Bytes that no op owned are zero. Latency 1, an op a cycle.

module gcm_assemble #(
    parameter int unsigned DATA_W = 512,
    localparam int unsigned LANES = DATA_W / 128,
    localparam int unsigned POS_W = $clog2(DATA_W / 8),
    localparam int unsigned LEN_W = $clog2(DATA_W / 8 + 1)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              s_valid,
    input  logic              s_last,      // the op completes the beat
    input  logic [DATA_W-1:0] s_data,
    input  logic [POS_W-1:0]  s_b_beg,
    input  logic [LEN_W-1:0]  s_b_len,
    input  logic [POS_W-1:0]  s_t_beg,
    input  logic [4:0]        s_t_len,
    input  logic [3:0]        s_t_off,
    input  logic [127:0]      s_tag,

    output logic              m_valid,
    output logic [DATA_W-1:0] m_data
);

  logic [DATA_W-1:0] part_q;
  logic              part_valid_q;

  always_ff @(posedge clk) begin : merge
    logic [DATA_W-1:0] beat, owned, mask;
    logic [127:0]      tag;
    logic [3:0]        turn;

    // the tag is a block: rotated, it lies right in every block of the beat
    turn  = s_t_off - s_t_beg[3:0];
    tag   = '0;
    mask  = '0;
    owned = '1;
    beat  = s_data;
    if (s_valid) begin
      if (s_t_len != 0) begin
        tag  = 128'({2{s_tag}} >> {turn, 3'b0});
        mask = ~({DATA_W{1'b1}} << {s_t_len, 3'b0}) << {s_t_beg, 3'b0};
        beat = (s_data & ~mask) | ({LANES{tag}} & mask);
      end
      if (s_b_len != LEN_W'(DATA_W / 8)) begin
        owned = ~({DATA_W{1'b1}} << {s_b_len, 3'b0}) << {s_b_beg, 3'b0};
        beat  = beat & owned;
      end
      if (part_valid_q) beat = beat | part_q;
      part_valid_q <= !s_last;
      if (s_last) m_data <= beat;
      else part_q <= beat;
    end
    m_valid <= s_valid && s_last;
    if (rst) begin
      m_valid      <= '0;
      part_valid_q <= '0;
    end
  end

endmodule
