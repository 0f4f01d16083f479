// SPDX-License-Identifier: BSD-2-Clause
//
// Puts beats together from the bytes that their ops own; tag bytes replace
// others. Bytes that no op owned are zero. Two stages: the tag rotated, for which its place
// comes one cycle before the rest (y_*); merged. Latency 2, an op a cycle.

module gcm_assemble #(
    parameter int unsigned DATA_W = 512,
    localparam int unsigned LANES = DATA_W / 128,
    localparam int unsigned POS_W = $clog2(DATA_W / 8),
    localparam int unsigned LEN_W = $clog2(DATA_W / 8 + 1)
) (
    input  logic              clk,
    input  logic              rst,

    input  logic              y_valid,
    input  logic [3:0]        y_t_beg,     // its lowest bits
    input  logic [3:0]        y_t_off,

    input  logic              s_valid,
    input  logic              s_last,      // the op completes the beat
    input  logic [DATA_W-1:0] s_data,
    input  logic [POS_W-1:0]  s_b_beg,
    input  logic [LEN_W-1:0]  s_b_len,
    input  logic [POS_W-1:0]  s_t_beg,
    input  logic [4:0]        s_t_len,
    input  logic [127:0]      s_tag,

    output logic              m_valid,
    output logic [DATA_W-1:0] m_data
);

  // ---- the tag to its place ------------------------------------------------

  logic [3:0]        turn_q;
  logic [127:0]      tag_q;
  logic [DATA_W-1:0] data_q, tag_at_q, owned_q;    // masks of the tag's bytes, of the op's
  logic              valid_q, last_q, has_tag_q, whole_q;

  always_ff @(posedge clk) begin : rotate
    logic whole;

    if (y_valid) turn_q <= y_t_off - y_t_beg;

    whole = s_b_len == LEN_W'(DATA_W / 8);
    if (s_valid) begin
      if (s_t_len != 0) begin
        tag_at_q <= ~({DATA_W{1'b1}} << {s_t_len, 3'b0}) << {s_t_beg, 3'b0};
        // the tag is a block: rotated, it lies right in every block of the beat
        tag_q <= 128'({2{s_tag}} >> {turn_q, 3'b0});
      end
      if (!whole) owned_q <= ~({DATA_W{1'b1}} << {s_b_len, 3'b0}) << {s_b_beg, 3'b0};
      data_q    <= s_data;
      has_tag_q <= s_t_len != 0;
      whole_q   <= whole;
      last_q    <= s_last;
    end
    valid_q <= s_valid && !rst;
  end

  // ---- merge ---------------------------------------------------------------

  logic [DATA_W-1:0] part_q;
  logic              part_valid_q;

  always_ff @(posedge clk) begin : merge
    logic [DATA_W-1:0] beat;

    beat = data_q;
    if (valid_q) begin
      if (has_tag_q) beat = (beat & ~tag_at_q) | ({LANES{tag_q}} & tag_at_q);
      if (!whole_q) beat = beat & owned_q;
      if (part_valid_q) beat = beat | part_q;
      part_valid_q <= !last_q;
      if (last_q) m_data <= beat;
      else part_q <= beat;
    end
    m_valid <= valid_q && last_q;
    if (rst) begin
      m_valid      <= '0;
      part_valid_q <= '0;
    end
  end

endmodule
