// SPDX-License-Identifier: BSD-2-Clause
//
// Which bytes of a beat lie in the range [beg, fin) of the packet, when byte 0 of
// the beat is byte `pos` of the packet. Combinational.

module byte_mask #(
  parameter int unsigned DATA_W = 512,
  localparam int unsigned B     = DATA_W / 8
) (
  input  logic [16:0]  pos,
  input  logic [16:0]  beg,
  input  logic [16:0]  fin,
  output logic [B-1:0] mask
);

  // bytes of the beat from byte `from` of the packet on
  function automatic logic [B-1:0] onward(input logic [16:0] from, input logic [16:0] at);
    logic [16:0] gap;
    gap = from - at;
    if (from <= at)
      onward = '1;
    else if (gap >= 17'(B))
      onward = '0;
    else
      onward = {B{1'b1}} << gap[$clog2(B)-1:0];
  endfunction

  assign mask = onward(beg, pos) & ~onward(fin, pos);

endmodule
