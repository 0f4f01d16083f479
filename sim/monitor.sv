// SPDX-License-Identifier: BSD-2-Clause
//
// Taps of the wire monitor (monitor.h): TX packets as they come out of host memory, what
// comes with them at the context command port, and what became of each. Bound to
// the card in the simulation only. Wires alone: no key stays here.

module monitor #(
  parameter int unsigned DATA_W = 512
) (
  input logic                      pkt_move,     // host_tx to tls_tx
  input logic                      pkt_last,
  input logic [$clog2(DATA_W/8):0] pkt_nbytes,
  input logic [DATA_W-1:0]         pkt_data,
  input logic [7:0]                pkt_status,
  input tlsnic_pkg::tx_meta_t      pkt_meta,

  input logic                      ctx_move,
  input tlsnic_pkg::ctx_cmd_t      ctx,

  input logic                      end_move,     // a packet or frame in front of the frame buffer
  input logic [7:0]                end_status,
  input logic                      end_item,     // the last of its packet
  input tlsnic_pkg::tx_meta_t      end_meta,

  input logic                      loop_move,    // a beat that turns back inside the card
  input logic                      soft_rst
);

  // Each field begins at a byte: see struct Meta and struct Command in monitor.h.
  logic [5:0]        strobe  /*verilator public_flat_rd*/;
  logic [DATA_W-1:0] data    /*verilator public_flat_rd*/;
  logic [199:0]      meta    /*verilator public_flat_rd*/;
  logic [503:0]      command /*verilator public_flat_rd*/;
  logic [31:0]       ended   /*verilator public_flat_rd*/;

  assign strobe  = {soft_rst, loop_move, end_move, ctx_move, pkt_move && pkt_last, pkt_move};
  assign data    = pkt_data;
  assign meta    = {pkt_meta.l3_start, pkt_meta.seq, pkt_meta.ctx, pkt_meta.mss, pkt_meta.stream_offset,
                    pkt_meta.vlan_tci, pkt_meta.csum_offset, pkt_meta.csum_start, pkt_meta.index,
                    3'd0, pkt_meta.queue,
                    2'd0, pkt_meta.seek, pkt_meta.tls, pkt_meta.vlan, pkt_meta.csum, pkt_meta.kind,
                    8'(pkt_nbytes), pkt_status};
  assign command = {6'd0, ctx.is_delete, ctx.is_seek, ctx.ctx, ctx.cipher, ctx.version, ctx.seq, ctx.salt,
                    ctx.iv, ctx.rec_sn, ctx.key};
  assign ended   = {end_meta.index, end_meta.queue, end_meta.kind == tlsnic_pkg::TX_PACKET, end_item, 1'd0, end_status};

  logic unused;

  assign unused = &{1'b0, pkt_meta, end_meta};

endmodule

bind tlsnic monitor #(.DATA_W(DATA_W)) u_monitor (
  .pkt_move   (h_valid && h_ready),
  .pkt_last   (h_last),
  .pkt_nbytes (h_nbytes),
  .pkt_data   (h_data),
  .pkt_status (h_status),
  .pkt_meta   (h_meta),
  .ctx_move   (ctx_valid && ctx_ready),
  .ctx        (ctx),
  .end_move   (u_net_tx.c_valid && u_net_tx.c_ready && u_net_tx.c_last),
  .end_status (u_net_tx.c_status),
  .end_item   (u_net_tx.c_part.last),
  .end_meta   (u_net_tx.c_meta),
  .loop_move  (w_rx_valid && w_rx_ready && u_loopback.rx_loop_q),
  .soft_rst   (soft_rst)
);
