// SPDX-License-Identifier: BSD-2-Clause
//
// Toeplitz hash, as RSS defines it: the XOR of the 32-bit windows of the key that
// begin at the places of the input's one bits, both read from the upper bit of
// byte 0 on. Shorter input is filled up with zeros, which adds nothing. `load`
// takes the input; the hash is out from the next cycle to the next load.

module toeplitz #(
  parameter int unsigned BYTES = 36
) (
  input  logic                    clk,
  input  logic [8*(BYTES+4)-1:0]  key,     // byte 0 in bits 7:0
  input  logic                    load,
  input  logic [8*BYTES-1:0]      data,    // byte 0 in bits 7:0
  output logic [31:0]             hash
);

  logic [31:0] hash_d;
  logic [38:0] window;                     // the key's bits that a byte can meet

  always_comb begin
    hash_d = '0;
    window = '0;
    if (load) begin
      for (int unsigned i = 0; i < BYTES; i++) begin
        window = {key[8*i +: 8], key[8*i+8 +: 8], key[8*i+16 +: 8], key[8*i+24 +: 8],
                  key[8*i+33 +: 7]};
        for (int unsigned k = 0; k < 8; k++)
          hash_d = hash_d ^ (window[38-k -: 32] & {32{data[8*i+7-k]}});
      end
    end
  end

  always_ff @(posedge clk) begin
    if (load)
      hash <= hash_d;
  end

endmodule
