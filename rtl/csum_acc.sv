// SPDX-License-Identifier: BSD-2-Clause
//
// Ones'-complement sum (RFC 1071) of chosen bytes of a packet, a beat a cycle.
// `load` takes a beat; one cycle later `sum` is that of the packet up to this
// beat, until the next load. Bytes pair up as they stand in the packet: a range that
// starts at an odd byte gives the sum with its two bytes exchanged. Byte 0 of a
// word is in bits 7:0 of the sum, so that it can be laid into a beat as it is.

module csum_acc #(
  parameter int unsigned DATA_W = 512,
  localparam int unsigned B     = DATA_W / 8
) (
  input  logic              clk,
  input  logic              load,
  input  logic              load_first,    // first beat of a packet
  input  logic [B-1:0]      load_mask,     // bytes to be summed
  input  logic [DATA_W-1:0] load_data,
  output logic [15:0]       sum
);

  // 32-bit words make the tree one level shorter and carry the same sum, since
  // 2^16 and 2^32 are both 1 modulo 2^16 - 1
  localparam int unsigned WORDS  = DATA_W / 32;
  localparam int unsigned PART_W = 32 + $clog2(WORDS);

  logic [PART_W-1:0] part_d, part_q;       // of the beat inside
  logic [15:0]       acc_q;                // of the beats before

  always_comb begin
    part_d = '0;
    if (load) begin
      for (int unsigned i = 0; i < WORDS; i++)
        part_d = part_d + PART_W'(load_data[32*i +: 32] &
                                  {{8{load_mask[4*i+3]}}, {8{load_mask[4*i+2]}},
                                   {8{load_mask[4*i+1]}}, {8{load_mask[4*i]}}});
    end
  end

  logic [18:0] wide;
  logic [16:0] once;

  assign wide = 19'(part_q[15:0]) + 19'(part_q[31:16]) + 19'(part_q[PART_W-1:32]) + 19'(acc_q);
  assign once = 17'(wide[15:0]) + 17'(wide[18:16]);
  assign sum  = once[15:0] + 16'(once[16]);

  always_ff @(posedge clk) begin
    if (load) begin
      part_q <= part_d;
      acc_q  <= load_first ? 16'd0 : sum;
    end
  end

endmodule
