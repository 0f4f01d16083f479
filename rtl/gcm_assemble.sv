// SPDX-License-Identifier: BSD-2-Clause
//
// Puts beats together from the bytes that their ops own; tag bytes replace
// others. Bytes that no op owned are zero. Latency 1, an op a cycle.

module gcm_assemble #(
    parameter int unsigned DATA_W = 512,
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

  logic [DATA_W-1:0] owned, beat, tag, tag_mask, part_q;
  logic              part_valid_q;

  always_comb begin
    owned    = '0;
    tag      = '0;
    tag_mask = '0;
    beat     = '0;
    if (s_valid) begin
      owned = s_data;
      if (s_t_len != 0) begin
        tag_mask = ~({DATA_W{1'b1}} << {s_t_len, 3'b0}) << {s_t_beg, 3'b0};
        tag      = DATA_W'(s_tag >> {s_t_off, 3'b0}) << {s_t_beg, 3'b0};
        owned    = (owned & ~tag_mask) | (tag & tag_mask);
      end
      if (s_b_len != LEN_W'(DATA_W / 8))
        owned = owned & (~({DATA_W{1'b1}} << {s_b_len, 3'b0}) << {s_b_beg, 3'b0});
      beat = owned;
      if (part_valid_q) beat = beat | part_q;
    end
  end

  always_ff @(posedge clk) begin
    m_valid <= s_valid && s_last;
    if (s_valid) begin
      part_valid_q <= !s_last;
      if (s_last) m_data <= beat;
      else part_q <= beat;
    end
    if (rst) begin
      m_valid      <= '0;
      part_valid_q <= '0;
    end
  end

endmodule
