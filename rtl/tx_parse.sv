// SPDX-License-Identifier: BSD-2-Clause
//
// TX descriptors to items. Takes a queue with posted slots, reads one whole
// item (a packet with all of its slots, or a context item), checks it, and hands
// on: its record (meta, status) to the packer; its segments to the data
// fetcher, only when the packet is good; its context to the command port. There
// also goes the seek of a packet, together with the packet's record.
//
// A packet that is wrong in itself (length, offsets, reserved bits, more than
// TLSNIC_TX_MAX_SEGMENTS) becomes a record with TLSNIC_STATUS_DESC and none of
// its data is read; its seek is forgotten. A slot that makes it impossible to tell where the
// next item starts halts the queue; what was begun leaves no trace.
//
// A long packet may have a header, which is read by another way than the rest
// (tx_head): its first segment if that is short and not all, or the beginning of it if for
// its alignment it would take a beat more than its length does. Short packets
// would only move the load.
//
// Timing: 2 cycles a slot and 2 an item. Every slot is wiped in the RAM as it is used,
// and in slot_q when it carried secrets.

module tx_parse #(
  parameter int unsigned NUM_QUEUES = 4,
  parameter int unsigned DEPTH      = 32,
  parameter int unsigned BEAT       = 64,        // of the data port, bytes
  parameter int unsigned HEAD_MAX   = 128,       // longest header,
  parameter int unsigned HEAD_FROM  = 640,       // shortest packet that has one
  localparam int unsigned Q_W       = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1,
  localparam int unsigned D_W       = $clog2(DEPTH)
) (
  input  logic                 clk,
  input  logic                 rst,
  output logic                 busy,

  // tx_ring
  input  logic                 pick_valid,
  input  logic [Q_W-1:0]       pick_queue,
  output logic                 pick_take,
  input  logic [D_W-1:0]       cur_index,
  input  logic [15:0]          cur_cons,
  input  logic                 cur_valid,
  input  logic                 cur_none,
  output logic                 pop,
  output logic                 item_end,
  output logic                 item_halt,
  output logic                 item_out,

  // tx_desc
  output logic [Q_W-1:0]       rd_queue,
  output logic [D_W-1:0]       rd_index,
  input  logic [255:0]         rd_slot,
  output logic                 wipe_valid,
  input  logic                 wipe_ready,

  // segments: kept back until the packet is known to be good
  output logic                 seg_push,
  input  logic                 seg_ready,
  output logic [63:0]          seg_addr,
  output logic [15:0]          seg_len,
  output logic                 seg_last,         // of the packet
  output logic                 seg_commit,
  output logic                 seg_rollback,

  // record of the item
  output logic                 m_rec_valid,
  input  logic                 m_rec_ready,
  output tlsnic_pkg::tx_meta_t m_rec_meta,
  output logic [7:0]           m_rec_status,
  output logic                 m_rec_data,       // segments belong to it,
  output logic                 m_rec_head,       // they begin with a header

  output logic                 m_ctx_valid,
  input  logic                 m_ctx_ready,
  output tlsnic_pkg::ctx_cmd_t m_ctx
);

  localparam logic [7:0] OP_PACKET  = 8'(tlsnic_abi_pkg::TLSNIC_TXD_PACKET),
                         OP_SEGMENT = 8'(tlsnic_abi_pkg::TLSNIC_TXD_SEGMENT),
                         OP_WRITE   = 8'(tlsnic_abi_pkg::TLSNIC_TXD_CTX_WRITE),
                         OP_DELETE  = 8'(tlsnic_abi_pkg::TLSNIC_TXD_CTX_DELETE),
                         OP_SEEK    = 8'(tlsnic_abi_pkg::TLSNIC_TXD_SEEK);
  localparam logic [7:0] F_END      = 8'(tlsnic_abi_pkg::TLSNIC_TXF_END),
                         F_COMPLETE = 8'(tlsnic_abi_pkg::TLSNIC_TXF_COMPLETE),
                         F_CSUM     = 8'(tlsnic_abi_pkg::TLSNIC_TXF_CSUM),
                         F_VLAN     = 8'(tlsnic_abi_pkg::TLSNIC_TXF_VLAN),
                         F_TLS      = 8'(tlsnic_abi_pkg::TLSNIC_TXF_TLS);
  localparam logic [7:0] F_PACKET   = F_END | F_COMPLETE | F_CSUM | F_VLAN | F_TLS;
  localparam logic [7:0] F_SEEK_TAG = 8'(tlsnic_abi_pkg::TLSNIC_SEEK_TAG),
                         F_SEEK_ON  = 8'(tlsnic_abi_pkg::TLSNIC_SEEK_CONTINUE);
  localparam int unsigned LGB       = $clog2(BEAT);
  localparam int unsigned MAX_SEGS  = tlsnic_abi_pkg::TLSNIC_TX_MAX_SEGMENTS;

  typedef enum logic [2:0] {
    IDLE,
    READ,                                        // waits for a slot
    SLOT,                                        // looks at it
    SEND,                                        // hands the item on
    HALT                                         // gives it and the queue up
  } state_t;

  typedef enum logic [1:0] { WANT_ITEM, WANT_PACKET, WANT_SEGMENT, WANT_KEY } want_t;

  state_t                state_q;
  want_t                 want_q;
  logic [Q_W-1:0]        queue_q;
  logic [255:0]          slot_q;
  tlsnic_pkg::tx_meta_t  meta_q;
  logic [159:0]          secret_q;               // salt, IV and record number, until the key is here
  logic [7:0]            cipher_q, version_q;
  tlsnic_pkg::seek_t     seek_q;
  logic                  seeks_q;                // seek_q belongs to the item
  logic                  bad_q;                  // STATUS_DESC
  logic [16:0]           total_q;                // bytes so far, stuck above the limit
  logic [5:0]            segs_q;
  logic                  head_q;                 // a header may pay

  // ---- Fields of the slot ---------------------------------------------------

  logic [7:0]  op, flags;
  logic [15:0] len;
  logic [31:0] ctx;
  logic [15:0] mss;                              // of the packet
  logic        is_packet, is_segment, is_write, is_delete, is_seek, is_key, misplaced;
  logic        reserved_set, last_seg, extra_beat;
  logic [16:0] total, max_len;
  logic        too_much;

  assign op    = slot_q[tlsnic_abi_pkg::TXD_PACKET_OP_LSB +: 8];
  assign flags = slot_q[tlsnic_abi_pkg::TXD_PACKET_FLAGS_LSB +: 8];
  assign len   = slot_q[tlsnic_abi_pkg::TXD_PACKET_LEN_LSB +: 16];
  assign ctx   = slot_q[tlsnic_abi_pkg::TXD_PACKET_CTX_LSB +: 32];

  assign is_key     = want_q == WANT_KEY;
  assign is_packet  = (want_q == WANT_ITEM || want_q == WANT_PACKET) && op == OP_PACKET;
  assign is_seek    = want_q == WANT_ITEM && op == OP_SEEK;
  assign is_write   = want_q == WANT_ITEM && op == OP_WRITE;
  assign is_delete  = want_q == WANT_ITEM && op == OP_DELETE;
  assign is_segment = want_q == WANT_SEGMENT && op == OP_SEGMENT;
  assign misplaced  = !(is_key || is_packet || is_write || is_delete || is_segment || is_seek);
  assign last_seg   = (flags & F_END) != 8'd0;
  assign extra_beat = (LGB + 1)'(seg_addr[LGB-1:0]) + (LGB + 1)'(LGB'(len - 16'd1)) >= (LGB + 1)'(BEAT);

  always_comb begin
    reserved_set = 1'b0;
    if (is_packet)
      reserved_set = (flags & ~F_PACKET) != 8'd0
        || (want_q == WANT_PACKET && (flags & F_TLS) == 8'd0)
        || (mss == 16'd0 ? l3_start != 16'd0 : tso_bad);
    if (is_segment)
      reserved_set = (flags & ~F_END) != 8'd0
        || slot_q[tlsnic_abi_pkg::TXD_SEGMENT_RESERVED_LSB +: 32] != 32'd0
        || slot_q[tlsnic_abi_pkg::TXD_SEGMENT_RESERVED2_LSB +: 64] != 64'd0
        || slot_q[tlsnic_abi_pkg::TXD_SEGMENT_RESERVED3_LSB +: 64] != 64'd0;
    if (is_write || is_delete)
      reserved_set = (flags & ~F_COMPLETE) != 8'd0;
    if (is_seek)
      reserved_set = (flags & ~(F_SEEK_TAG | F_SEEK_ON)) != 8'd0
        || slot_q[tlsnic_abi_pkg::TXD_SEEK_RESERVED_LSB +: 8] != 8'd0;
  end

  assign total    = (is_packet ? 17'd0 : total_q) + 17'(len);
  assign max_len  = mss == 16'd0 ? 17'(tlsnic_abi_pkg::TLSNIC_TX_MAX_LEN)
                                 : 17'(tlsnic_abi_pkg::TLSNIC_TSO_MAX_LEN);
  assign too_much = total > max_len || (is_segment && segs_q == 6'(MAX_SEGS));

  // ---- Segmentation -----------------------------------------------------------

  // shortest headers of both layers, place of the TCP checksum
  localparam logic [16:0] IP_LEN   = 17'd20,
                          TCP_LEN  = 17'd20;
  localparam logic [15:0] TCP_CSUM = 16'd16;

  logic [15:0] l3_start, csum_start, csum_offset;
  logic        tso_bad;

  assign l3_start    = slot_q[tlsnic_abi_pkg::TXD_PACKET_L3_START_LSB +: 16];
  assign csum_start  = slot_q[tlsnic_abi_pkg::TXD_PACKET_CSUM_START_LSB +: 16];
  assign csum_offset = slot_q[tlsnic_abi_pkg::TXD_PACKET_CSUM_OFFSET_LSB +: 16];
  assign mss         = is_packet ? slot_q[tlsnic_abi_pkg::TXD_PACKET_MSS_LSB +: 16] : meta_q.mss;
  assign tso_bad     = mss < 16'(tlsnic_abi_pkg::TLSNIC_TSO_MIN_MSS)
    || (flags & F_CSUM) == 8'd0 || csum_offset != TCP_CSUM
    || 17'(l3_start) + IP_LEN > 17'(csum_start)
    || 17'(csum_start) + TCP_LEN > 17'(tlsnic_abi_pkg::TLSNIC_TSO_MAX_HEADERS);

  // ---- Flow -----------------------------------------------------------------

  logic slot_bad, takes_seg, slot_ok, ctx_push, seek_push, offsets_bad, bad;

  assign slot_bad  = reserved_set
                   || ((is_packet || is_segment) && (len == 16'd0 || too_much));
  assign takes_seg = (is_packet || (is_segment && !bad_q)) && !slot_bad;
  assign ctx_push  = (is_key || is_delete) && !(is_key ? bad_q : reserved_set);
  assign slot_ok   = (!takes_seg || seg_ready) && (!ctx_push || m_ctx_ready);

  assign pick_take  = state_q == IDLE && pick_valid;
  assign rd_queue   = queue_q;
  assign rd_index   = cur_index;
  assign wipe_valid = state_q == SLOT && slot_ok;
  assign pop        = wipe_valid && wipe_ready;

  assign seg_push = pop && takes_seg;
  assign seg_addr = slot_q[tlsnic_abi_pkg::TXD_PACKET_ADDR_LSB +: 64];
  assign seg_len  = len;
  assign seg_last = last_seg;

  assign offsets_bad = meta_q.kind == tlsnic_pkg::TX_PACKET
    && (total_q < 17'(tlsnic_abi_pkg::TLSNIC_TX_MIN_LEN)
        || (meta_q.tls && 17'(meta_q.stream_offset) > total_q)
        || (meta_q.csum
            && 18'(meta_q.csum_start) + 18'(meta_q.csum_offset) + 18'd2 > 18'(total_q))
        || (meta_q.mss != 16'd0 && 17'(meta_q.csum_start) + TCP_LEN > total_q));
  assign bad = bad_q || offsets_bad;

  // record and seek go in the same cycle
  assign seek_push    = state_q == SEND && seeks_q && !bad;
  assign m_rec_valid  = state_q == SEND && (!seek_push || m_ctx_ready);
  assign m_rec_status = bad ? 8'(tlsnic_abi_pkg::TLSNIC_STATUS_DESC)
                            : 8'(tlsnic_abi_pkg::TLSNIC_STATUS_OK);
  assign m_rec_data   = meta_q.kind == tlsnic_pkg::TX_PACKET && !bad;
  assign m_rec_head   = m_rec_data && head_q && total_q >= 17'(HEAD_FROM);

  always_comb begin
    m_rec_meta       = meta_q;
    m_rec_meta.len   = total_q[15:0];
    m_rec_meta.index = cur_cons;
    m_rec_meta.seek  = seeks_q;
    // the context items of the stream have their commands; a refused one has none
    if (bad) begin
      m_rec_meta.kind = tlsnic_pkg::TX_PACKET;
      m_rec_meta.tls  = 1'b0;
      m_rec_meta.csum = 1'b0;
      m_rec_meta.vlan = 1'b0;
      m_rec_meta.seek = 1'b0;
      m_rec_meta.mss  = 16'd0;
    end
  end

  assign item_out     = m_rec_valid && m_rec_ready;
  assign item_halt    = state_q == HALT;
  assign item_end     = item_out || item_halt;
  assign seg_commit   = item_out && m_rec_data;
  assign seg_rollback = item_end && !seg_commit;

  assign m_ctx_valid = (pop && ctx_push) || (seek_push && m_rec_ready);

  always_comb begin
    m_ctx           = '0;
    m_ctx.is_delete = is_delete;
    m_ctx.is_seek   = seek_push;
    m_ctx.ctx       = is_delete ? ctx : meta_q.ctx;
    if (seek_push) begin
      m_ctx.key     = 256'(seek_q);
    end else if (is_key) begin
      m_ctx.cipher  = cipher_q;
      m_ctx.version = version_q;
      m_ctx.seq     = meta_q.seq;
      {m_ctx.rec_sn, m_ctx.iv, m_ctx.salt} = secret_q;
      m_ctx.key     = slot_q;
    end
  end

  always_ff @(posedge clk) begin
    case (state_q)
      IDLE: if (pick_valid) begin
        state_q <= READ;
        want_q  <= WANT_ITEM;
        seeks_q <= 1'b0;
        queue_q <= pick_queue;
      end

      READ: if (cur_valid) begin
        slot_q  <= rd_slot;
        state_q <= SLOT;
      end else if (cur_none) begin
        state_q <= HALT;
      end

      SLOT: if (pop) begin
        slot_q  <= '0;
        bad_q   <= slot_bad || (want_q != WANT_ITEM && bad_q);
        state_q <= SEND;

        if (is_packet || is_segment) begin
          total_q <= too_much ? max_len + 17'd1 : total;
          if (takes_seg)
            segs_q <= is_packet ? 6'd1 : segs_q + 6'd1;
          if (!last_seg) begin
            want_q  <= WANT_SEGMENT;
            state_q <= READ;
          end
        end
        if (is_packet) begin
          head_q             <= len <= 16'(HEAD_MAX) ? !last_seg : extra_beat;
          meta_q             <= '0;
          meta_q.kind        <= tlsnic_pkg::TX_PACKET;
          meta_q.queue       <= 5'(queue_q);
          meta_q.complete    <= (flags & F_COMPLETE) != 8'd0;
          meta_q.csum        <= (flags & F_CSUM) != 8'd0;
          meta_q.vlan        <= (flags & F_VLAN) != 8'd0;
          meta_q.tls         <= (flags & F_TLS) != 8'd0;
          meta_q.ctx         <= ctx;
          meta_q.seq         <= slot_q[tlsnic_abi_pkg::TXD_PACKET_SEQ_LSB +: 32];
          meta_q.stream_offset <= slot_q[tlsnic_abi_pkg::TXD_PACKET_STREAM_OFFSET_LSB +: 16];
          meta_q.csum_start  <= csum_start;
          meta_q.csum_offset <= csum_offset;
          meta_q.mss         <= mss;
          meta_q.l3_start    <= l3_start[7:0];
          meta_q.vlan_tci    <= slot_q[tlsnic_abi_pkg::TXD_PACKET_VLAN_TCI_LSB +: 16];
        end
        if (is_write || is_delete) begin
          meta_q          <= '0;
          meta_q.kind     <= is_write ? tlsnic_pkg::TX_CTX_WRITE : tlsnic_pkg::TX_CTX_DELETE;
          meta_q.queue    <= 5'(queue_q);
          meta_q.complete <= (flags & F_COMPLETE) != 8'd0;
          meta_q.ctx      <= ctx;
          if (is_write)
            meta_q.seq <= slot_q[tlsnic_abi_pkg::TXD_CTX_SEQ_LSB +: 32];
        end
        if (is_write) begin
          cipher_q  <= slot_q[tlsnic_abi_pkg::TXD_CTX_CIPHER_LSB +: 8];
          version_q <= slot_q[tlsnic_abi_pkg::TXD_CTX_VERSION_LSB +: 8];
          secret_q  <= slot_q[tlsnic_abi_pkg::TXD_CTX_SALT_LSB +: 160];
          want_q    <= WANT_KEY;
          state_q   <= READ;
        end
        if (is_seek) begin
          seeks_q         <= 1'b1;
          seek_q.has_tag  <= (flags & F_SEEK_TAG) != 8'd0;
          seek_q.go_on    <= (flags & F_SEEK_ON) != 8'd0;
          seek_q.rec_len  <= slot_q[tlsnic_abi_pkg::TXD_SEEK_REC_LEN_LSB +: 16];
          seek_q.offset   <= slot_q[tlsnic_abi_pkg::TXD_SEEK_OFFSET_LSB +: 16];
          seek_q.rec_type <= slot_q[tlsnic_abi_pkg::TXD_SEEK_REC_TYPE_LSB +: 8];
          seek_q.rec_sn   <= slot_q[tlsnic_abi_pkg::TXD_SEEK_REC_SN_LSB +: 64];
          seek_q.tag      <= slot_q[tlsnic_abi_pkg::TXD_SEEK_TAG_LSB +: 128];
          want_q          <= WANT_PACKET;
          state_q         <= READ;
        end
        if (is_key)
          secret_q <= '0;
        if (misplaced)
          state_q <= HALT;
      end

      SEND: if (item_out)
        state_q <= IDLE;

      HALT: begin
        state_q  <= IDLE;
        secret_q <= '0;
      end

      /* verilator coverage_off */ // no such state; in hardware that fell into one, the way out
      default: state_q <= IDLE;
      /* verilator coverage_on */
    endcase

    if (rst) begin
      state_q  <= IDLE;
      slot_q   <= '0;
      secret_q <= '0;
      queue_q  <= '0;
    end
  end

  assign busy = state_q != IDLE;

endmodule
