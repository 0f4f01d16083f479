// SPDX-License-Identifier: BSD-2-Clause
//
// Round-robin choice, combinational: the first request after `last`, around
// the end. The user keeps `last`.

module rr_pick #(
  parameter int unsigned N      = 4,
  localparam int unsigned IDX_W = N > 1 ? $clog2(N) : 1
) (
  input  logic [N-1:0]     req,
  input  logic [IDX_W-1:0] last,
  output logic             any,
  output logic [IDX_W-1:0] pick
);

  assign any = req != '0;

  always_comb begin
    pick = '0;
    for (int i = N - 1; i >= 0; i--)
      if (req[i])
        pick = IDX_W'(i);
    for (int i = N - 1; i >= 0; i--)
      if (req[i] && IDX_W'(i) > last)
        pick = IDX_W'(i);
  end

endmodule
