// SPDX-License-Identifier: BSD-2-Clause
//
// Decides by its destination address whether a frame is for this station. `load`
// takes an address; the verdict is out from the next cycle to the next load. The
// multicast filter is indexed by the upper six bits of the IEEE CRC-32 of the address,
// as Linux's ether_crc() counts it: preset to ones, not inverted, first bit on top.

module rx_filter (
  input  logic        clk,
  input  logic        promisc,
  input  logic        allmulti,
  input  logic [47:0] station,             // byte 0 in bits 7:0
  input  logic [63:0] mcast,

  input  logic        load,
  input  logic [47:0] addr,                // byte 0 in bits 7:0

  output logic        pass,
  output logic        is_mcast,            // but not broadcast
  output logic        is_bcast
);

  function automatic logic [5:0] crc_top(input logic [47:0] bytes);
    logic [31:0] crc;
    crc = '1;
    for (int unsigned i = 0; i < 48; i++)
      crc = {crc[30:0], 1'b0} ^ (crc[31] ^ bytes[i] ? 32'h04c11db7 : 32'd0);
    crc_top = crc[31:26];
  endfunction

  logic bcast_d, hit;

  assign bcast_d = &addr;

  always_comb begin
    hit = 1'b0;
    if (load)
      hit = mcast[crc_top(addr)];
  end

  always_ff @(posedge clk) begin
    if (load) begin
      is_bcast <= bcast_d;
      is_mcast <= addr[0] && !bcast_d;
      pass     <= promisc || bcast_d ||
                  (addr[0] ? allmulti || hit : addr == station);
    end
  end

endmodule
