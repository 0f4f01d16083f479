// SPDX-License-Identifier: BSD-2-Clause
//
// Product of two polynomials over GF(2) of degree below 128, not reduced:
// bit i is the coefficient of x^i. Combinational; zero when not enabled.
//
// Two levels of Karatsuba over products of 32 bits, whose rows are masked and
// added as words: the form that simulates fastest.

module gf128_mul (
    input  logic         enable,
    input  logic [127:0] a,
    input  logic [127:0] b,
    output logic [254:0] product
);

  function automatic logic [63:0] mul32(input logic [31:0] x, input logic [31:0] y);
    logic [63:0] sum, wide;
    sum  = '0;
    wide = {32'b0, y};
    for (int i = 0; i < 32; i++) sum = sum ^ ({64{x[i]}} & (wide << i));
    mul32 = sum;
  endfunction

  function automatic logic [127:0] mul64(input logic [63:0] x, input logic [63:0] y);
    logic [63:0] lo, hi, mid;
    lo    = mul32(x[31:0], y[31:0]);
    hi    = mul32(x[63:32], y[63:32]);
    mid   = mul32(x[31:0] ^ x[63:32], y[31:0] ^ y[63:32]) ^ lo ^ hi;
    mul64 = {hi, lo} ^ {32'b0, mid, 32'b0};
  endfunction

  logic [127:0] lo, hi, mid;
  logic         unused;

  always_comb begin
    lo      = '0;
    hi      = '0;
    mid     = '0;
    product = '0;
    if (enable) begin
      lo  = mul64(a[63:0], b[63:0]);
      hi  = mul64(a[127:64], b[127:64]);
      mid = mul64(a[63:0] ^ a[127:64], b[63:0] ^ b[127:64]) ^ lo ^ hi;
      product = {hi[126:0], lo} ^ {63'b0, mid, 64'b0};
    end
  end
  assign unused = hi[127];

endmodule
