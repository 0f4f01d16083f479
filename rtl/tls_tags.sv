// SPDX-License-Identifier: BSD-2-Clause
//
// Return of tags: pairs each tag that comes out of aes_gcm with what is known
// of its record, and makes completions of those that are asked for: all tags of records
// that are cut, and of others by their length.
//
// A record is cut when a packet ends inside it, or when a frame boundary of a packet
// with mss may lie inside it: in one of the ops that touch it. Frames are counted
// from the end of the TCP header, whose length is in the packet.
//
// Whether a tag is asked for is known with the op that ends its record or its
// packet, before the packet's last beat is out. hold is high while a tag
// waits for which it is known: a completion that is made of the packet's last beat and
// then waits while hold is high comes behind all tags of its packet.
//
// One tag a cycle. room: for the tag of one more op.

module tls_tags #(
  parameter int unsigned DATA_W = 512,
  parameter int unsigned CTX_W  = 10
) (
  input  logic                 clk,
  input  logic                 rst,
  output logic                 busy,
  output logic                 room,

  input  logic                 cfg_on,
  input  logic [15:0]          cfg_min,       // least length field of a record that is not cut

  // beats on their way into the walker
  input  logic                 s_valid,
  input  logic                 s_first,
  input  logic [DATA_W-1:0]    s_data,
  input  tlsnic_pkg::tx_meta_t s_meta,

  // ops on their way out of it
  input  tls_pkg::along_t      along,
  input  tlsnic_pkg::tx_meta_t meta,

  // from aes_gcm
  input  logic                 tag_valid,
  input  logic [127:0]         tag,

  output logic                 hold,
  output logic                 m_valid,
  input  logic                 m_ready,
  output tlsnic_pkg::cpl_t     m_cpl
);

  localparam int unsigned B     = DATA_W / 8;
  localparam int unsigned POS_W = $clog2(B);
  localparam int unsigned DEPTH = 2 ** $clog2(aes_gcm_pkg::LATENCY + 6);
  localparam int unsigned CNT_W = $clog2(DEPTH) + 1;

  // ---- frame boundaries -----------------------------------------------------

  logic [15:0]      doff_at, doff_q, headers_q;       // of the TCP header's data offset
  logic [POS_W-1:0] doff_pos;

  assign doff_at  = s_first ? s_meta.csum_start + 16'd12 : doff_q;
  assign doff_pos = doff_at[POS_W-1:0];

  always_ff @(posedge clk) begin
    if (s_valid && s_meta.mss != 16'd0) begin
      doff_q <= doff_at - 16'(B);
      if (doff_at < 16'(B))
        headers_q <= s_meta.csum_start + 16'({s_data[8*doff_pos + 4 +: 4], 2'd0});
    end
  end

  logic [15:0] ahead, next, next_q, bytes;            // next: to the next boundary, not 0
  logic        begun_q;                               // bytes of the packet's stream are behind
  logic        far, far_q, at_boundary;               // far: where it is is not known

  assign bytes = along.step ? 16'(along.bytes) : 16'd0;
  assign ahead = meta.stream_offset - headers_q;
  assign far   = begun_q ? far_q : ahead >= meta.mss;
  assign next  = begun_q ? next_q : meta.mss - ahead;
  assign at_boundary = meta.mss != 16'd0 && bytes != 16'd0 && (far || next <= bytes);

  always_ff @(posedge clk) begin
    if (bytes != 16'd0) begin
      begun_q <= 1'b1;
      far_q   <= far;
      next_q  <= next <= bytes ? next + meta.mss - bytes : next - bytes;
    end
    if (along.packet_end || rst)
      begun_q <= 1'b0;
  end

  // ---- records --------------------------------------------------------------

  typedef struct packed {
    logic             wanted;
    logic [4:0]       qp;
    logic [CTX_W-1:0] ctx;
    logic [31:0]      rec_sn;
  } record_t;

  logic    cut, cut_q;                                // the record that the op begins in
  logic    on, finish, leaves;
  logic    open_q, known_q;                           // record_q: a tag will come; wanted is known
  record_t record_q, head;

  assign cut    = (along.first ? along.midway : cut_q) || at_boundary;
  assign on     = cfg_on && along.returns;
  assign finish = along.step && along.finish;
  assign leaves = along.packet_end && !(along.step && along.record_end);

  always_ff @(posedge clk) begin
    if (along.step)
      cut_q <= along.record_end ? at_boundary : cut;
    if (finish) begin
      open_q          <= 1'b1;
      known_q         <= along.record_end || along.packet_end;
      record_q.wanted <= on && (cut || leaves || along.rec_len >= cfg_min);
      record_q.qp     <= meta.queue;
      record_q.ctx    <= meta.ctx[CTX_W-1:0];
      record_q.rec_sn <= along.rec_sn;
    end else if (known_q) begin
      open_q  <= 1'b0;
      known_q <= 1'b0;
    end else if (open_q && (along.step || along.packet_end)) begin
      known_q <= (along.step && along.record_end) || along.packet_end;
      if (on && ((along.step && at_boundary) || leaves))
        record_q.wanted <= 1'b1;
    end
    if (rst) begin
      open_q  <= 1'b0;
      known_q <= 1'b0;
    end
  end

  // ---- completions ----------------------------------------------------------

  logic             head_valid, tag_held, pop, record_ready, tag_ready;
  logic [127:0]     head_tag;
  logic [CNT_W-1:0] count_q, count_d;                 // tags on their way
  logic [CNT_W-1:0] record_level, tag_level;

  fifo #(.WIDTH($bits(record_q)), .DEPTH(DEPTH)) u_record (
    .clk, .rst,
    .s_valid (known_q),
    .s_ready (record_ready),
    .s_data  (record_q),
    .m_valid (head_valid),
    .m_ready (pop),
    .m_data  (head),
    .level   (record_level)
  );

  fifo #(.WIDTH(128), .DEPTH(DEPTH)) u_tag (
    .clk, .rst,
    .s_valid (tag_valid),
    .s_ready (tag_ready),
    .s_data  (tag),
    .m_valid (tag_held),
    .m_ready (pop),
    .m_data  (head_tag),
    .level   (tag_level)
  );

  assign hold    = head_valid && tag_held;
  assign m_valid = hold && head.wanted;
  assign pop     = hold && (m_ready || !head.wanted);
  assign count_d = count_q + CNT_W'(finish) - CNT_W'(pop);
  assign busy    = count_q != '0;

  always_comb begin
    m_cpl.queue = head.qp;
    m_cpl.entry = '0;
    m_cpl.entry[tlsnic_abi_pkg::CPL_TAG_TYPE_LSB +: 8]    = tlsnic_abi_pkg::TLSNIC_CPL_TAG[7:0];
    m_cpl.entry[tlsnic_abi_pkg::CPL_TAG_CTX_LSB +: 32]    = 32'(head.ctx);
    m_cpl.entry[tlsnic_abi_pkg::CPL_TAG_TAG_LSB +: 128]   = head_tag;
    m_cpl.entry[tlsnic_abi_pkg::CPL_TAG_REC_SN_LSB +: 32] = head.rec_sn;
  end

  always_ff @(posedge clk) begin
    count_q <= count_d;
    room    <= count_d != CNT_W'(DEPTH);
    if (rst) begin
      count_q <= '0;
      room    <= 1'b1;
    end
  end

  // Room is kept for all tags, so the FIFOs are never full.
  logic unused;

  assign unused = &{1'b0, record_ready, tag_ready, record_level, tag_level, s_meta, meta};

endmodule
