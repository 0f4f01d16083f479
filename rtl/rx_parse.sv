// SPDX-License-Identifier: BSD-2-Clause
//
// Finds the IP and the TCP or UDP header of a frame: IPv4 with options, IPv6 without
// extension headers, behind at most one 802.1Q tag. It works beside a pipeline of
// three stages and keeps what belongs to each, so that frames may follow each
// other without a gap:
//
//   s1_load  a beat enters stage 1: header bytes are collected
//   s2_load  it moves to stage 2: the ranges to be summed are known for this
//            beat, whatever DATA_W is, since no range begins before the fields
//            that bound it. With the last beat `found` and `hash_in` are known
//   s3_load  the last beat moves to stage 3: `pseudo` is known
//
// The ranges mean something only for a beat of an IP packet (`ip`), and their sums
// only if `found` says so.

module rx_parse #(
  parameter int unsigned DATA_W = 512
) (
  input  logic               clk,
  input  logic [5:0]         cfg_rss_types,    // TLSNIC_RSS_*

  input  logic               s1_load,
  input  logic [2:0]         s1_beat,          // its number, stays at 7
  input  logic [DATA_W-1:0]  s1_data,

  input  logic               s2_load,
  input  logic               s2_last,
  input  logic [16:0]        s2_len,           // of the frame, with last
  output logic               ip,
  output logic [16:0]        l3_beg,           // IPv4 header: l3_beg to l4_beg
  output logic [16:0]        l4_beg,
  output logic [16:0]        l4_fin,           // end of the IP packet, before padding
  output net_pkg::rx_found_t found,
  output logic [287:0]       hash_in,          // byte 0 in bits 7:0

  input  logic               s3_load,
  output logic [15:0]        pseudo            // sum of the pseudo-header
);

  localparam logic [7:0]  PROTO_TCP = 8'd6, PROTO_UDP = 8'd17;
  localparam logic [16:0] TCP_MIN   = 17'd20, UDP_MIN = 17'd8;

  // ---- Stage 1: the first bytes of the frame -------------------------------

  // 18 bytes of Ethernet and tag, 60 of IP, 13 of TCP
  localparam int unsigned HDR_BEATS = (91 * 8 + DATA_W - 1) / DATA_W;
  localparam int unsigned L3_W      = 8 * (60 + 13);

  logic [HDR_BEATS*DATA_W-1:0] hdr;
  logic                        s1_early_q;     // the beat in stage 1 is part of it

  for (genvar k = 0; k < HDR_BEATS; k++) begin : g_hdr
    logic [DATA_W-1:0] beat_q;

    always_ff @(posedge clk) begin
      if (s1_load && s1_beat == 3'(k))
        beat_q <= s1_data;
    end
    assign hdr[k*DATA_W +: DATA_W] = beat_q;
  end

  always_ff @(posedge clk) begin
    if (s1_load)
      s1_early_q <= s1_beat < 3'(HDR_BEATS);
  end

  // ---- To stage 2, with every beat: ranges ----------------------------------

  function automatic logic [15:0] swap(input logic [15:0] x);
    swap = {x[7:0], x[15:8]};
  endfunction

  logic            has_tag, ip4, ip6;
  logic [15:0]     ethertype, ip_len;
  logic [L3_W-1:0] l3;
  logic [16:0]     beg, hlen, hdr_fin, fin;

  always_comb begin
    has_tag   = 1'b0;
    ethertype = '0;
    beg       = '0;
    l3        = '0;
    ip4       = 1'b0;
    ip6       = 1'b0;
    hlen      = '0;
    hdr_fin   = '0;
    ip_len    = '0;
    fin       = '0;
    if (s2_load && (s1_early_q || s2_last)) begin
      has_tag   = hdr[111:96] == 16'h0081;
      ethertype = has_tag ? swap(hdr[143:128]) : swap(hdr[111:96]);
      beg       = has_tag ? 17'd18 : 17'd14;
      l3        = has_tag ? hdr[8*18 +: L3_W] : hdr[8*14 +: L3_W];
      ip4       = ethertype == 16'h0800 && l3[7:4] == 4'd4 && l3[3:0] >= 4'd5;
      ip6       = ethertype == 16'h86dd && l3[7:4] == 4'd6;
      hlen      = ip4 ? {11'd0, l3[3:0], 2'b00} : 17'd40;
      hdr_fin   = beg + hlen;
      ip_len    = ip4 ? swap(l3[31:16]) : swap(l3[47:32]);
      fin       = (ip4 ? beg : hdr_fin) + {1'b0, ip_len};
    end
  end

  always_ff @(posedge clk) begin
    if (s2_load && s1_early_q) begin         // later beats change nothing
      ip     <= ip4 || ip6;
      l3_beg <= beg;
      l4_beg <= hdr_fin;
      l4_fin <= fin;
    end
  end

  // ---- To stage 2, with the last beat: what the frame is --------------------

  net_pkg::rx_found_t found_d;
  logic [103:0]       l4;                  // first bytes of the L4 header
  logic [255:0]       addrs_d, addrs_q;
  logic [287:0]       hash_in_d;
  logic [7:0]         proto_d, proto_q;
  logic [16:0]        l4_len_d, l4_len_q;
  logic               whole, fragment, is_tcp, is_udp, sane, has_l4, has_csum;
  logic [2:0]         types;               // UDP, TCP, IP

  always_comb begin
    found_d   = '0;
    l4        = '0;
    addrs_d   = '0;
    hash_in_d = '0;
    proto_d   = '0;
    l4_len_d  = '0;
    whole     = 1'b0;
    fragment  = 1'b0;
    is_tcp    = 1'b0;
    is_udp    = 1'b0;
    sane      = 1'b0;
    has_l4    = 1'b0;
    has_csum  = 1'b0;
    types     = '0;
    if (s2_load && s2_last && (ip4 || ip6)) begin
      whole    = hdr_fin <= s2_len;
      fragment = ip4 && (l3[53:48] != '0 || l3[63:56] != '0);
      proto_d  = ip4 ? l3[79:72] : l3[55:48];
      l4_len_d = fin - hdr_fin;

      for (int unsigned i = 5; i < 16; i++)
        if (hlen[5:2] == 4'(i))
          l4 = l3[32*i +: 104];

      is_tcp   = proto_d == PROTO_TCP && l4_len_d >= TCP_MIN;
      is_udp   = proto_d == PROTO_UDP && l4_len_d >= UDP_MIN;
      has_l4   = whole && !fragment && fin >= hdr_fin && fin <= s2_len && (is_tcp || is_udp);

      // the lengths that the L4 header tells must be those that IP tells
      sane     = is_tcp ? l4[103:100] >= 4'd5 && {11'd0, l4[103:100], 2'b00} <= l4_len_d
                        : {1'b0, swap(l4[47:32])} == l4_len_d;
      has_csum = is_tcp || l4[63:48] != '0;

      if (ip4)
        addrs_d[63:0] = l3[159:96];
      else
        addrs_d = l3[319:64];

      types = ip4 ? cfg_rss_types[2:0] : cfg_rss_types[5:3];
      found_d.ip4     = ip4 && whole;
      found_d.ip6     = ip6 && whole;
      found_d.l4_csum = has_l4 && sane && has_csum;
      found_d.hash_l4 = has_l4 && (is_tcp ? types[1] : types[2]);
      found_d.hash_l3 = whole && types[0] && !found_d.hash_l4;

      hash_in_d[255:0] = addrs_d;
      if (found_d.hash_l4) begin
        if (ip4)
          hash_in_d[95:64]   = l4[31:0];
        else
          hash_in_d[287:256] = l4[31:0];
      end
    end
  end

  always_ff @(posedge clk) begin
    if (s2_load && s2_last) begin
      found    <= found_d;
      addrs_q  <= addrs_d;
      hash_in  <= hash_in_d;
      proto_q  <= proto_d;
      l4_len_q <= l4_len_d;
    end
  end

  // ---- To stage 3: pseudo-header ---------------------------------------------

  logic [35:0] words;
  logic [17:0] wide;
  logic [16:0] once;

  always_comb begin
    words = '0;
    if (s3_load) begin
      for (int unsigned i = 0; i < 8; i++)
        words = words + 36'(addrs_q[32*i +: 32]);
      words = words + 36'({proto_q, 8'd0}) + 36'(swap(l4_len_q[15:0]));
    end
  end

  assign wide = 18'(words[15:0]) + 18'(words[31:16]) + 18'(words[35:32]);
  assign once = 17'(wide[15:0]) + 17'(wide[17:16]);

  always_ff @(posedge clk) begin
    if (s3_load)
      pseudo <= once[15:0] + 16'(once[16]);
  end

  logic unused;
  assign unused = &{1'b0, hdr, l4, l4_len_q[16]};

endmodule
