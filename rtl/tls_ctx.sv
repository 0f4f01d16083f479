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

  localparam int unsigned SECRET_W = $bits(wr_secret_data);
  localparam int unsigned PLACE_W  = $bits(wr_place_data);

  logic [SECRET_W-1:0] secret_mem [NUM_CTX];
  logic [PLACE_W-1:0]  place_mem  [NUM_CTX];
  logic [SECRET_W-1:0] secret_q;
  logic [PLACE_W-1:0]  place_q;
  logic                valid_q;
  logic                same;

  assign same       = req_ctx == wr_ctx;
  assign rsp_valid  = valid_q;
  assign rsp_secret = secret_q;
  assign rsp_place  = place_q;

  always_ff @(posedge clk) begin
    if (wr_secret)
      secret_mem[wr_ctx] <= wr_secret_data;
    if (wr_place)
      place_mem[wr_ctx] <= wr_place_data;
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      valid_q  <= 1'b0;
      secret_q <= '0;
      place_q  <= '0;
    end else if (req_valid) begin
      valid_q  <= 1'b1;
      secret_q <= wr_secret && same ? wr_secret_data : secret_mem[req_ctx];
      place_q  <= wr_place && same ? wr_place_data : place_mem[req_ctx];
    end else if (rsp_ready) begin
      valid_q  <= 1'b0;
      secret_q <= '0;
      place_q  <= '0;
    end
  end

endmodule
