// SPDX-License-Identifier: BSD-2-Clause
//
// Contexts of the TLS engine: one read port with request and response, one
// write port. The response comes one cycle after the request here; who asks must
// not rely on that, so that a slower memory can take this one's place. What it
// must keep: a response shows every write up to the cycle before it came.
//
// rsp_valid stays until rsp_ready. There is no next request before the cycle in
// which the response is taken. The output register is zero whenever rsp_valid
// is 0: no key lingers in it.

module tls_ctx #(
  parameter int unsigned NUM_CTX = 1024,            // a power of two
  localparam int unsigned CTX_W  = $clog2(NUM_CTX)
) (
  input  logic               clk,
  input  logic               rst,                  // leaves the memory as it is

  input  logic               req_valid,
  input  logic [CTX_W-1:0]   req_ctx,
  output logic               rsp_valid,
  input  logic               rsp_ready,
  output tls_pkg::secret_t   rsp_secret,
  output tls_pkg::place_t    rsp_place,

  input  logic               wr_secret,            // write wr_secret_data
  input  logic               wr_place,             // write wr_place_data
  input  logic [CTX_W-1:0]   wr_ctx,
  input  tls_pkg::secret_t   wr_secret_data,
  input  tls_pkg::place_t    wr_place_data
);

  logic [$bits(wr_secret_data)-1:0] secret;
  logic [$bits(wr_place_data)-1:0]  place;
  logic                             valid_q;

  assign rsp_valid  = valid_q;
  assign rsp_secret = secret;
  assign rsp_place  = place;

  ram_bypass #(.WIDTH($bits(wr_secret_data)), .WORDS(NUM_CTX)) u_secret (
    .clk, .rst,
    .r_valid(req_valid), .r_addr(req_ctx), .clear(rsp_ready), .word(secret),
    .w_valid(wr_secret), .w_addr(wr_ctx), .w_data(wr_secret_data)
  );

  ram_bypass #(.WIDTH($bits(wr_place_data)), .WORDS(NUM_CTX)) u_place (
    .clk, .rst,
    .r_valid(req_valid), .r_addr(req_ctx), .clear(rsp_ready), .word(place),
    .w_valid(wr_place), .w_addr(wr_ctx), .w_data(wr_place_data)
  );

  always_ff @(posedge clk) begin
    if (req_valid)
      valid_q <= 1'b1;
    else if (rsp_ready)
      valid_q <= 1'b0;
    if (rst)
      valid_q <= 1'b0;
  end

endmodule
