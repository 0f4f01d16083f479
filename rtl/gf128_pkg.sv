// SPDX-License-Identifier: BSD-2-Clause
//
// GF(2^128) of GHASH as polynomials: bit i is the coefficient of x^i, modulo
// x^128 + x^7 + x^2 + x + 1. Functions, all combinational.

package gf128_pkg;

  // A block in the order of its bytes (bit 7 of byte 0 is x^0) to a polynomial,
  // and back.
  function automatic logic [63:0] turn64(input logic [63:0] b);
    logic [63:0] t;
    t = ((b >> 1) & 64'h5555555555555555) | ((b & 64'h5555555555555555) << 1);
    t = ((t >> 2) & 64'h3333333333333333) | ((t & 64'h3333333333333333) << 2);
    turn64 = ((t >> 4) & 64'h0f0f0f0f0f0f0f0f) | ((t & 64'h0f0f0f0f0f0f0f0f) << 4);
  endfunction

  function automatic logic [127:0] turn(input logic [127:0] b);
    turn = {turn64(b[127:64]), turn64(b[63:0])};
  endfunction

  // The product, not reduced: two levels of Karatsuba over products of 32 bits,
  // whose rows are masked and added as words, the form that simulates fastest.
  // Three rows make a bit of six inputs, a look-up table of most FPGAs, and up to
  // six of these sums another: tools keep to a tree, but do not make one of a chain.
  function automatic logic [63:0] mul32(input logic [31:0] x, input logic [31:0] y);
    logic [63:0] low, high, wide;
    low  = '0;
    high = '0;
    wide = {32'b0, y};
    for (int i = 0; i < 18; i += 3)
      low = low ^ (({64{x[i]}} & (wide << i)) ^ ({64{x[i+1]}} & (wide << (i + 1)))
                   ^ ({64{x[i+2]}} & (wide << (i + 2))));
    for (int i = 18; i < 30; i += 3)
      high = high ^ (({64{x[i]}} & (wide << i)) ^ ({64{x[i+1]}} & (wide << (i + 1)))
                     ^ ({64{x[i+2]}} & (wide << (i + 2))));
    high  = high ^ (({64{x[30]}} & (wide << 30)) ^ ({64{x[31]}} & (wide << 31)));
    mul32 = low ^ high;
  endfunction

  // Of the products of three 32-bit parts: low, high, both added.
  function automatic logic [127:0] join64(input logic [63:0] lo, input logic [63:0] hi,
                                          input logic [63:0] both);
    join64 = {hi, lo} ^ {32'b0, both ^ lo ^ hi, 32'b0};
  endfunction

  function automatic logic [255:0] join128(input logic [127:0] lo, input logic [127:0] hi,
                                           input logic [127:0] both);
    join128 = {hi, lo} ^ {64'b0, both ^ lo ^ hi, 64'b0};
  endfunction

  function automatic logic [127:0] mul64(input logic [63:0] x, input logic [63:0] y);
    mul64 = join64(mul32(x[31:0], y[31:0]), mul32(x[63:32], y[63:32]),
                   mul32(x[31:0] ^ x[63:32], y[31:0] ^ y[63:32]));
  endfunction

  function automatic logic [255:0] mul(input logic [127:0] x, input logic [127:0] y);
    mul = join128(mul64(x[63:0], y[63:0]), mul64(x[127:64], y[127:64]),
                  mul64(x[63:0] ^ x[127:64], y[63:0] ^ y[127:64]));
  endfunction

  // The same in steps, for registers between them: the nine factors of 32 bits on
  // each side, their products, and the sum of those.
  function automatic logic [95:0] factors64(input logic [63:0] x);
    factors64 = {x[31:0] ^ x[63:32], x};
  endfunction

  function automatic logic [287:0] factors(input logic [127:0] x);
    factors = {factors64(x[63:0] ^ x[127:64]), factors64(x[127:64]), factors64(x[63:0])};
  endfunction

  function automatic logic [575:0] parts(input logic [287:0] f, input logic [287:0] g);
    for (int i = 0; i < 9; i++) parts[64*i+:64] = mul32(f[32*i+:32], g[32*i+:32]);
  endfunction

  function automatic logic [255:0] sum_of(input logic [575:0] p);
    sum_of = join128(join64(p[63:0], p[127:64], p[191:128]),
                     join64(p[255:192], p[319:256], p[383:320]),
                     join64(p[447:384], p[511:448], p[575:512]));
  endfunction

  function automatic logic [127:0] reduce(input logic [255:0] p);
    logic [127:0] hi;
    logic [134:0] fold;
    logic [6:0]   top;
    hi     = p[255:128];
    fold   = {7'b0, hi} ^ {6'b0, hi, 1'b0} ^ {5'b0, hi, 2'b0} ^ {hi, 7'b0};
    top    = fold[134:128];
    reduce = p[127:0] ^ fold[127:0] ^ {121'b0, top} ^ {120'b0, top, 1'b0}
           ^ {119'b0, top, 2'b0} ^ {114'b0, top, 7'b0};
  endfunction

  // A square only spreads the coefficients.
  function automatic logic [127:0] square(input logic [127:0] a);
    logic [255:0] spread;
    spread = '0;
    for (int i = 0; i < 128; i++) spread[2*i] = a[i];
    square = reduce(spread);
  endfunction

endpackage
