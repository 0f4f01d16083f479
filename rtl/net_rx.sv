// SPDX-License-Identifier: BSD-2-Clause
//
// Network side, receive: frames from the wire, judged and described, to the host
// side.
//
//   wire -> vlan_strip -> three stages with rx_filter, rx_parse, csum_acc,
//           toeplitz beside them -> frame_buf -> m_pkt
//
// Frames that are bad (the MAC says so, tkeep with holes, under 14 bytes), not for
// this station, or too long are dropped in front of the buffer and counted, the
// first cause in this order. A frame of up to MAX_WIRE_LEN bytes fits. While
// cfg_enable is 0 on a frame's first beat, the frame is thrown away uncounted.
// Padding behind the IP packet is delivered but neither summed nor judged.
//
// soft_rst drops all that is inside; the rest of a frame that it cut is taken from the
// wire and thrown away.
//
// One beat a cycle, also in frames of one beat. s_wire_tready is low only while the
// buffer is full: nothing is lost inside. 6 cycles from a frame's last beat in to its
// first beat out.

module net_rx #(
  parameter int unsigned DATA_W     = 512,
  parameter int unsigned NUM_QUEUES = 4
) (
  input  logic                       clk,
  input  logic                       rst,
  input  logic                       soft_rst,       // all but the place in the wire's frame

  // registers of the card, may change at any time
  input  logic                       cfg_enable,     // TLSNIC_CTRL_RX_ENABLE
  input  logic                       cfg_promisc,
  input  logic                       cfg_allmulti,
  input  logic                       cfg_vlan_strip,
  input  logic [47:0]                cfg_mac,        // address byte 0 in 7:0
  input  logic [63:0]                cfg_mcast,      // MCAST_HI, MCAST_LO
  input  logic [15:0]                cfg_max_frame,
  input  logic [5:0]                 cfg_rss_types,  // TLSNIC_RSS_*
  input  logic [319:0]               cfg_rss_key,    // key byte 0 in 7:0
  input  logic [1023:0]              cfg_rss_table,  // entry 0 in 7:0

  input  logic                       s_wire_tvalid,
  output logic                       s_wire_tready,
  input  logic [DATA_W-1:0]          s_wire_tdata,
  input  logic [DATA_W/8-1:0]        s_wire_tkeep,
  input  logic                       s_wire_tlast,
  input  logic                       s_wire_tuser,   // with last: the frame is bad

  output logic                       m_pkt_valid,
  input  logic                       m_pkt_ready,
  output logic [DATA_W-1:0]          m_pkt_data,
  output logic                       m_pkt_last,
  output logic [$clog2(DATA_W/8):0]  m_pkt_nbytes,
  output tlsnic_pkg::rx_meta_t       m_pkt_meta,     // from the first beat on

  output net_pkg::rx_ev_t            ev,
  output logic                       busy
);

  localparam int unsigned B     = DATA_W / 8;
  localparam int unsigned LEN_W = $clog2(B) + 1;

  localparam logic [16:0] MIN_LEN      = 17'd14;     // without a stripped tag
  localparam logic [16:0] MAX_WIRE_LEN = tlsnic_abi_pkg::TLSNIC_TX_MAX_LEN[16:0] + 17'd4;

  // ---- From the wire ----------------------------------------------------------

  logic             in_rst;
  logic             w_take, w_ready;
  logic             w_mid_d, w_mid_q;                // inside a frame
  logic             skip_q;                          // the frame was cut by soft_rst
  logic [LEN_W-1:0] w_nbytes;
  logic             w_bad, w_bad_q;                  // _q: in an earlier beat of the frame

  assign in_rst        = rst || soft_rst;
  assign s_wire_tready = w_ready || skip_q;
  assign w_take        = s_wire_tvalid && s_wire_tready;
  assign w_mid_d       = w_take ? !s_wire_tlast : w_mid_q;

  always_ff @(posedge clk) begin
    w_mid_q <= w_mid_d;
    if (soft_rst)
      skip_q <= w_mid_d;
    else if (!w_mid_d)
      skip_q <= 1'b0;
    if (rst) begin
      w_mid_q <= 1'b0;
      skip_q  <= 1'b0;
    end
  end

  always_comb begin
    w_nbytes = LEN_W'(B);
    w_bad    = w_bad_q;
    if (s_wire_tvalid) begin
      if (s_wire_tlast) begin
        w_nbytes = '0;
        for (int unsigned i = 0; i < B; i++)
          if (s_wire_tkeep[i])
            w_nbytes = LEN_W'(i + 1);
        w_bad = w_bad_q || s_wire_tuser || w_nbytes == '0 ||
                s_wire_tkeep != ~(B'({B{1'b1}}) << w_nbytes);
      end else begin
        w_bad = w_bad_q || s_wire_tkeep != '1;
      end
    end
  end

  always_ff @(posedge clk) begin
    if (w_take)
      w_bad_q <= w_bad && !s_wire_tlast;
    if (in_rst)
      w_bad_q <= 1'b0;
  end

  logic              en;                             // all stages move
  logic              v_valid, v_first, v_last, v_bad, v_tag;
  logic [DATA_W-1:0] v_data;
  logic [LEN_W-1:0]  v_nbytes;
  logic [15:0]       v_tci;

  vlan_strip #(.DATA_W (DATA_W)) u_strip (
    .clk,
    .rst      (in_rst),
    .strip    (cfg_vlan_strip),
    .s_valid  (s_wire_tvalid && !skip_q),
    .s_ready  (w_ready),
    .s_data   (s_wire_tdata),
    .s_last   (s_wire_tlast),
    .s_nbytes (w_nbytes),
    .s_bad    (w_bad),
    .m_valid  (v_valid),
    .m_ready  (en),
    .m_data   (v_data),
    .m_first  (v_first),
    .m_last   (v_last),
    .m_nbytes (v_nbytes),
    .m_bad    (v_bad),
    .m_tag    (v_tag),
    .m_tci    (v_tci)
  );

  // ---- Stages -----------------------------------------------------------------

  typedef struct packed {
    logic             first;
    logic             last;
    logic [LEN_W-1:0] nbytes;
    logic             bad;                           // with last
    logic             tag;
    logic [15:0]      tci;
    logic [16:0]      pos;                           // of byte 0 in the frame
    logic [16:0]      len;                           // of the frame up to this beat
  } beat_t;

  typedef struct packed {
    logic enable;
    logic pass;
    logic mcast;
    logic bcast;
  } verdict_t;

  beat_t              v_beat, p1_beat_q, p2_beat_q, p3_beat_q;
  logic [DATA_W-1:0]  p1_data_q, p2_data_q, p3_data_q;
  logic               p1_valid_q, p2_valid_q, p3_valid_q;
  verdict_t           p1_verdict, p2_verdict_q, p3_verdict_q;
  logic               p1_enable_q;
  net_pkg::rx_found_t p2_found, p3_found_q;
  logic               v_load, p2_load, p3_load;
  logic [2:0]         beat_q;                        // number of the next beat, stays at 7
  logic [16:0]        pos_q;                         // of the next beat, stays beyond the most
  logic               buf_ready;

  assign en      = !p3_valid_q || buf_ready;
  assign v_load  = en && v_valid;
  assign p2_load = en && p1_valid_q;
  assign p3_load = en && p2_valid_q;

  always_comb begin
    v_beat.first  = v_first;
    v_beat.last   = v_last;
    v_beat.nbytes = v_nbytes;
    v_beat.bad    = v_bad;
    v_beat.tag    = v_tag;
    v_beat.tci    = v_tci;
    v_beat.pos    = pos_q;
    v_beat.len    = pos_q + 17'(v_nbytes);
  end

  always_ff @(posedge clk) begin
    if (v_load) begin
      if (v_last) begin
        beat_q <= '0;
        pos_q  <= '0;
      end else begin
        if (beat_q != '1)
          beat_q <= beat_q + 3'd1;
        pos_q <= v_beat.len <= MAX_WIRE_LEN ? v_beat.len : MAX_WIRE_LEN + 17'd1;
      end
      p1_data_q <= v_data;
      p1_beat_q <= v_beat;
      if (v_first)
        p1_enable_q <= cfg_enable;
    end
    if (p2_load) begin
      p2_data_q    <= p1_data_q;
      p2_beat_q    <= p1_beat_q;
      p2_verdict_q <= p1_verdict;
    end
    if (p3_load) begin
      p3_data_q    <= p2_data_q;
      p3_beat_q    <= p2_beat_q;
      p3_verdict_q <= p2_verdict_q;
      p3_found_q   <= p2_found;
    end
    if (en) begin
      p1_valid_q <= v_valid;
      p2_valid_q <= p1_valid_q;
      p3_valid_q <= p2_valid_q;
    end
    if (in_rst) begin
      p1_valid_q <= 1'b0;
      p2_valid_q <= 1'b0;
      p3_valid_q <= 1'b0;
      beat_q     <= '0;
      pos_q      <= '0;
    end
  end

  assign p1_verdict.enable = p1_enable_q;

  rx_filter u_filter (
    .clk,
    .promisc  (cfg_promisc),
    .allmulti (cfg_allmulti),
    .station  (cfg_mac),
    .mcast    (cfg_mcast),
    .load     (v_load && v_first),
    .addr     (v_data[47:0]),
    .pass     (p1_verdict.pass),
    .is_mcast (p1_verdict.mcast),
    .is_bcast (p1_verdict.bcast)
  );

  logic         p2_ip;
  logic [16:0]  l3_beg, l4_beg, l4_fin;
  logic [287:0] hash_in;
  logic [15:0]  pseudo;

  rx_parse #(.DATA_W (DATA_W)) u_parse (
    .clk,
    .cfg_rss_types,
    .s1_load (v_load),
    .s1_beat (beat_q),
    .s1_data (v_data),
    .s2_load (p2_load),
    .s2_last (p1_beat_q.last),
    .s2_len  (p1_beat_q.len),
    .ip      (p2_ip),
    .l3_beg,
    .l4_beg,
    .l4_fin,
    .found   (p2_found),
    .hash_in,
    .s3_load (p3_load && p2_beat_q.last),
    .pseudo
  );

  // ---- To stage 3: sums and hash ------------------------------------------------

  logic [B-1:0] l3_mask, l4_mask;
  logic         sum_load;
  logic [15:0]  l3_sum, l4_sum;
  logic [31:0]  hash;

  byte_mask #(.DATA_W (DATA_W)) u_l3_mask (
    .pos  (p2_beat_q.pos),
    .beg  (l3_beg),
    .fin  (l4_beg),
    .mask (l3_mask)
  );

  byte_mask #(.DATA_W (DATA_W)) u_l4_mask (
    .pos  (p2_beat_q.pos),
    .beg  (l4_beg),
    .fin  (l4_fin),
    .mask (l4_mask)
  );

  // a first beat always, for it clears the sum
  assign sum_load = p3_load && (p2_ip || p2_beat_q.first);

  csum_acc #(.DATA_W (DATA_W)) u_l3_sum (
    .clk,
    .load       (sum_load),
    .load_first (p2_beat_q.first),
    .load_mask  (l3_mask),
    .load_data  (p2_data_q),
    .sum        (l3_sum)
  );

  csum_acc #(.DATA_W (DATA_W)) u_l4_sum (
    .clk,
    .load       (sum_load),
    .load_first (p2_beat_q.first),
    .load_mask  (l4_mask),
    .load_data  (p2_data_q),
    .sum        (l4_sum)
  );

  toeplitz #(.BYTES (36)) u_hash (
    .clk,
    .key  (cfg_rss_key),
    .load (p3_load && p2_beat_q.last && (p2_found.hash_l3 || p2_found.hash_l4)),
    .data (hash_in),
    .hash
  );

  // ---- Verdict, with the last beat in stage 3 -------------------------------------

  tlsnic_pkg::rx_meta_t meta;
  logic [16:0] wire_len, l4_total;
  logic        bad, filtered, too_long, accept, ending;
  logic        l3_good, l4_good;
  logic [7:0]  entry;

  assign wire_len = p3_beat_q.len + (p3_beat_q.tag ? 17'd4 : 17'd0);
  assign bad      = p3_beat_q.bad || p3_beat_q.len < MIN_LEN;
  assign filtered = !bad && !p3_verdict_q.pass;
  assign too_long = !bad && !filtered &&
                    (wire_len > {1'b0, cfg_max_frame} || wire_len > MAX_WIRE_LEN);
  assign accept   = p3_verdict_q.enable && !bad && !filtered && !too_long;
  assign ending   = p3_valid_q && buf_ready && p3_beat_q.last;

  // with its checksum in it a sum that is right is 0 in ones' complement
  assign l3_good  = l3_sum == '1;
  assign l4_total = 17'(l4_sum) + 17'(pseudo);
  assign l4_good  = l4_total[15:0] + 16'(l4_total[16]) == '1;

  always_comb begin
    meta  = '0;
    entry = '0;
    if (p3_valid_q && p3_beat_q.last) begin
      if (p3_found_q.hash_l3 || p3_found_q.hash_l4)
        meta.hash = hash;
      entry          = cfg_rss_table[8 * meta.hash[6:0] +: 8] % 8'(NUM_QUEUES);
      meta.queue     = entry[4:0];
      meta.vlan_tci  = p3_beat_q.tag ? p3_beat_q.tci : '0;
      meta.frame_len = p3_beat_q.len[15:0];
      if (p3_found_q.ip6 || (p3_found_q.ip4 && l3_good)) begin
        meta.flags = meta.flags | tlsnic_abi_pkg::TLSNIC_RXF_L3_OK[15:0];
        if (p3_found_q.l4_csum && l4_good)
          meta.flags = meta.flags | tlsnic_abi_pkg::TLSNIC_RXF_L4_OK[15:0];
      end
      if (p3_beat_q.tag)
        meta.flags = meta.flags | tlsnic_abi_pkg::TLSNIC_RXF_VLAN[15:0];
      if (p3_found_q.hash_l3)
        meta.flags = meta.flags | tlsnic_abi_pkg::TLSNIC_RXF_HASH_L3[15:0];
      if (p3_found_q.hash_l4)
        meta.flags = meta.flags | tlsnic_abi_pkg::TLSNIC_RXF_HASH_L4[15:0];
    end
  end

  logic buf_busy, unused_first;

  frame_buf #(
    .DATA_W  (DATA_W),
    .MAX_LEN (32'(MAX_WIRE_LEN)),
    .INFO_W  ($bits(meta))
  ) u_buf (
    .clk,
    .rst      (in_rst),
    .s_valid  (p3_valid_q),
    .s_ready  (buf_ready),
    .s_data   (p3_data_q),
    .s_last   (p3_beat_q.last),
    .s_nbytes (p3_beat_q.nbytes),
    .s_drop   (!accept),
    .s_info   (meta),
    .s_abort  (1'b0),
    .m_valid  (m_pkt_valid),
    .m_ready  (m_pkt_ready),
    .m_data   (m_pkt_data),
    .m_first  (unused_first),
    .m_last   (m_pkt_last),
    .m_nbytes (m_pkt_nbytes),
    .m_info   (m_pkt_meta),
    .busy     (buf_busy)
  );

  // ---- Statistics -----------------------------------------------------------------

  always_ff @(posedge clk) begin
    ev.frame.valid <= ending && accept;
    ev.frame.mcast <= p3_verdict_q.mcast;
    ev.frame.bcast <= p3_verdict_q.bcast;
    ev.frame.len   <= wire_len[15:0];
    ev.bad         <= ending && p3_verdict_q.enable && bad;
    ev.filtered    <= ending && p3_verdict_q.enable && filtered;
    ev.too_long    <= ending && p3_verdict_q.enable && too_long;
    ev.csum_bad    <= ending && accept && ((p3_found_q.ip4 && !l3_good) ||
                                           (p3_found_q.l4_csum && !l4_good));
    if (in_rst)
      ev <= '0;
  end

  logic unused;
  assign unused = &{1'b0, p3_beat_q, entry};

  assign busy = s_wire_tvalid || v_valid || p1_valid_q || p2_valid_q || p3_valid_q || buf_busy ||
                ev.frame.valid || ev.bad || ev.filtered || ev.too_long || ev.csum_bad;

endmodule
