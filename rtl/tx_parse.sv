// SPDX-License-Identifier: BSD-2-Clause
//
// TX descriptors to items. Takes a queue with posted slots, reads one whole
// item (a packet with all of its slots, or a context item), checks it, and hands
// on: its record (meta, status) to the packer; its segments to the data
// fetcher, only when the packet is good; its context to the command port.
//
// A packet that is wrong in itself (length, offsets, reserved bits, more than
// TLSNIC_TX_MAX_SEGMENTS) becomes a record with TLSNIC_STATUS_DESC and none of
// its data is read. A slot that makes it impossible to tell where the next item
// starts halts the queue; what was begun leaves no trace.
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
                         OP_DELETE  = 8'(tlsnic_abi_pkg::TLSNIC_TXD_CTX_DELETE);
  localparam logic [7:0] F_END      = 8'(tlsnic_abi_pkg::TLSNIC_TXF_END),
                         F_COMPLETE = 8'(tlsnic_abi_pkg::TLSNIC_TXF_COMPLETE),
                         F_CSUM     = 8'(tlsnic_abi_pkg::TLSNIC_TXF_CSUM),
                         F_VLAN     = 8'(tlsnic_abi_pkg::TLSNIC_TXF_VLAN),
                         F_TLS      = 8'(tlsnic_abi_pkg::TLSNIC_TXF_TLS);
  localparam logic [7:0] F_PACKET   = F_END | F_COMPLETE | F_CSUM | F_VLAN | F_TLS;
  localparam int unsigned LGB       = $clog2(BEAT);
  localparam int unsigned MAX_SEGS  = tlsnic_abi_pkg::TLSNIC_TX_MAX_SEGMENTS;

  typedef enum logic [2:0] {
    IDLE,
    READ,                                        // waits for a slot
    SLOT,                                        // looks at it
    SEND,                                        // hands the item on
    HALT                                         // gives it and the queue up
  } state_t;

  typedef enum logic [1:0] { WANT_ITEM, WANT_SEGMENT, WANT_KEY } want_t;

  state_t                state_q;
  want_t                 want_q;
  logic [Q_W-1:0]        queue_q;
  logic [255:0]          slot_q;
  tlsnic_pkg::tx_meta_t  meta_q;
  logic [159:0]          secret_q;               // salt, IV and record number, until the key is here
  logic [7:0]            cipher_q, version_q;
  logic                  bad_q;                  // STATUS_DESC
  logic [16:0]           total_q;                // bytes so far, stuck above the limit
  logic [5:0]            segs_q;
  logic                  head_q;                 // a header may pay

  // ---- Fields of the slot ---------------------------------------------------

  logic [7:0]  op, flags;
  logic [15:0] len;
  logic [31:0] ctx;
  logic        is_packet, is_segment, is_write, is_delete, is_key, misplaced;
  logic        reserved_set, last_seg, extra_beat;
  logic [16:0] total;
  logic        too_much;

  assign op    = slot_q[tlsnic_abi_pkg::TXD_PACKET_OP_LSB +: 8];
  assign flags = slot_q[tlsnic_abi_pkg::TXD_PACKET_FLAGS_LSB +: 8];
  assign len   = slot_q[tlsnic_abi_pkg::TXD_PACKET_LEN_LSB +: 16];
  assign ctx   = slot_q[tlsnic_abi_pkg::TXD_PACKET_CTX_LSB +: 32];

  assign is_key     = want_q == WANT_KEY;
  assign is_packet  = want_q == WANT_ITEM && op == OP_PACKET;
  assign is_write   = want_q == WANT_ITEM && op == OP_WRITE;
  assign is_delete  = want_q == WANT_ITEM && op == OP_DELETE;
  assign is_segment = want_q == WANT_SEGMENT && op == OP_SEGMENT;
  assign misplaced  = !(is_key || is_packet || is_write || is_delete || is_segment);
  assign last_seg   = (flags & F_END) != 8'd0;
  assign extra_beat = (LGB + 1)'(seg_addr[LGB-1:0]) + (LGB + 1)'(LGB'(len - 16'd1)) >= (LGB + 1)'(BEAT);

  always_comb begin
    reserved_set = 1'b0;
    if (is_packet)
      reserved_set = (flags & ~F_PACKET) != 8'd0
        || slot_q[tlsnic_abi_pkg::TXD_PACKET_MSS_LSB +: 16] != 16'd0
        || slot_q[tlsnic_abi_pkg::TXD_PACKET_L3_START_LSB +: 16] != 16'd0;
    if (is_segment)
      reserved_set = (flags & ~F_END) != 8'd0
        || slot_q[tlsnic_abi_pkg::TXD_SEGMENT_RESERVED_LSB +: 32] != 32'd0
        || slot_q[tlsnic_abi_pkg::TXD_SEGMENT_RESERVED2_LSB +: 64] != 64'd0
        || slot_q[tlsnic_abi_pkg::TXD_SEGMENT_RESERVED3_LSB +: 64] != 64'd0;
    if (is_write || is_delete)
      reserved_set = (flags & ~F_COMPLETE) != 8'd0;
  end

  assign total    = (is_packet ? 17'd0 : total_q) + 17'(len);
  assign too_much = total > 17'(tlsnic_abi_pkg::TLSNIC_TX_MAX_LEN)
                  || (is_segment && segs_q == 6'(MAX_SEGS));

  // ---- Flow -----------------------------------------------------------------

  logic slot_bad, takes_seg, slot_ok, ctx_push, offsets_bad, bad;

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
            && 18'(meta_q.csum_start) + 18'(meta_q.csum_offset) + 18'd2 > 18'(total_q)));
  assign bad = bad_q || offsets_bad;

  assign m_rec_valid  = state_q == SEND;
  assign m_rec_status = bad ? 8'(tlsnic_abi_pkg::TLSNIC_STATUS_DESC)
                            : 8'(tlsnic_abi_pkg::TLSNIC_STATUS_OK);
  assign m_rec_data   = meta_q.kind == tlsnic_pkg::TX_PACKET && !bad;
  assign m_rec_head   = m_rec_data && head_q && total_q >= 17'(HEAD_FROM);

  always_comb begin
    m_rec_meta       = meta_q;
    m_rec_meta.index = cur_cons;
    // the context items of the stream have their commands; a refused one has none
    if (bad) begin
      m_rec_meta.kind = tlsnic_pkg::TX_PACKET;
      m_rec_meta.tls  = 1'b0;
      m_rec_meta.csum = 1'b0;
      m_rec_meta.vlan = 1'b0;
    end
  end

  assign item_out     = m_rec_valid && m_rec_ready;
  assign item_halt    = state_q == HALT;
  assign item_end     = item_out || item_halt;
  assign seg_commit   = item_out && m_rec_data;
  assign seg_rollback = item_end && !seg_commit;

  assign m_ctx_valid = pop && ctx_push;

  always_comb begin
    m_ctx           = '0;
    m_ctx.is_delete = is_delete;
    m_ctx.ctx       = is_delete ? ctx : meta_q.ctx;
    if (is_key) begin
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
          total_q <= too_much ? 17'(tlsnic_abi_pkg::TLSNIC_TX_MAX_LEN + 1) : total;
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
          meta_q.csum_start  <= slot_q[tlsnic_abi_pkg::TXD_PACKET_CSUM_START_LSB +: 16];
          meta_q.csum_offset <= slot_q[tlsnic_abi_pkg::TXD_PACKET_CSUM_OFFSET_LSB +: 16];
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
        if (is_key)
          secret_q <= '0;
        if (misplaced)
          state_q <= HALT;
      end

      SEND: if (m_rec_ready)
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
