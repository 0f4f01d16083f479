// SPDX-License-Identifier: BSD-2-Clause
//
// Statistics: 64-bit counters at TLSNIC_REG_STATS on the register bus. Reading a
// low word holds the high word of the same counter for the read that follows.
// An event is counted in the cycle after its pulse; all may come at once.
// rst clears the counters.

module net_stats (
  input  logic            clk,
  input  logic            rst,

  input  logic            reg_rd,
  input  logic [15:0]     reg_addr,
  output logic [31:0]     reg_rdata,         // one cycle after reg_rd

  input  net_pkg::tx_ev_t tx_ev,
  input  net_pkg::rx_ev_t rx_ev,
  input  logic            rx_no_buffer,

  input  logic            tls_packet,
  input  logic [15:0]     tls_bytes,         // with tls_packet
  input  logic [11:0]     tls_records,       // with tls_packet
  input  logic            tls_seek,          // with tls_packet: it had a seek
  input  logic            tls_tag,
  input  logic            tls_ctx_write,
  input  logic            tls_ctx_delete,
  input  logic            tls_drop_ctx,
  input  logic            tls_drop_seq,
  input  logic            tls_drop_record,
  input  logic            tls_drop_broken,
  input  logic            tls_drop_seek
);

  localparam int unsigned COUNT = tlsnic_abi_pkg::TLSNIC_STAT_COUNT;
  localparam int unsigned SIZES = tlsnic_abi_pkg::TLSNIC_STAT_TX_GE_1519 - tlsnic_abi_pkg::TLSNIC_STAT_TX_LE_64 + 1;

  // Which of the ranges a length falls in. They are named with the FCS counted.
  function automatic logic [SIZES-1:0] size_range(input logic [15:0] len);
    size_range[0] = len <= 16'd60;
    size_range[1] = len >= 16'd61   && len <= 16'd123;
    size_range[2] = len >= 16'd124  && len <= 16'd251;
    size_range[3] = len >= 16'd252  && len <= 16'd507;
    size_range[4] = len >= 16'd508  && len <= 16'd1019;
    size_range[5] = len >= 16'd1020 && len <= 16'd1514;
    size_range[6] = len >= 16'd1515;
  endfunction

  net_pkg::frame_ev_t tx_frame, rx_frame;
  logic [COUNT-1:0]   step;                  // counters that move

  assign tx_frame = tx_ev.frame;
  assign rx_frame = rx_ev.frame;

  always_comb begin
    step = '0;
    if (tx_frame.valid) begin
      step[tlsnic_abi_pkg::TLSNIC_STAT_TX_FRAMES] = 1'b1;
      step[tlsnic_abi_pkg::TLSNIC_STAT_TX_BYTES]  = 1'b1;
      step[tlsnic_abi_pkg::TLSNIC_STAT_TX_MCAST]  = tx_frame.mcast;
      step[tlsnic_abi_pkg::TLSNIC_STAT_TX_BCAST]  = tx_frame.bcast;
      step[tlsnic_abi_pkg::TLSNIC_STAT_TX_LE_64 +: SIZES] = size_range(tx_frame.len);
    end
    step[tlsnic_abi_pkg::TLSNIC_STAT_TX_DROP_DMA]  = tx_ev.drop_dma;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TX_DROP_DESC] = tx_ev.drop_desc;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TX_TSO_PACKETS] = tx_ev.tso_packet;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TX_TSO_FRAMES]  = tx_ev.tso_frame;
    if (rx_frame.valid) begin
      step[tlsnic_abi_pkg::TLSNIC_STAT_RX_FRAMES] = 1'b1;
      step[tlsnic_abi_pkg::TLSNIC_STAT_RX_BYTES]  = 1'b1;
      step[tlsnic_abi_pkg::TLSNIC_STAT_RX_MCAST]  = rx_frame.mcast;
      step[tlsnic_abi_pkg::TLSNIC_STAT_RX_BCAST]  = rx_frame.bcast;
      step[tlsnic_abi_pkg::TLSNIC_STAT_RX_LE_64 +: SIZES] = size_range(rx_frame.len);
    end
    step[tlsnic_abi_pkg::TLSNIC_STAT_RX_BAD]          = rx_ev.bad;
    step[tlsnic_abi_pkg::TLSNIC_STAT_RX_TOO_LONG]     = rx_ev.too_long;
    step[tlsnic_abi_pkg::TLSNIC_STAT_RX_FILTERED]     = rx_ev.filtered;
    step[tlsnic_abi_pkg::TLSNIC_STAT_RX_CSUM_BAD]     = rx_ev.csum_bad;
    step[tlsnic_abi_pkg::TLSNIC_STAT_RX_NO_BUFFER]    = rx_no_buffer;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_PACKETS]     = tls_packet;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_BYTES]       = tls_packet;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_RECORDS]     = tls_packet;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_CTX_WRITES]  = tls_ctx_write;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_CTX_DELETES] = tls_ctx_delete;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_DROP_CTX]    = tls_drop_ctx;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_DROP_SEQ]    = tls_drop_seq;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_DROP_RECORD] = tls_drop_record;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_DROP_BROKEN] = tls_drop_broken;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_SEEKS]       = tls_packet && tls_seek;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_SEEK_BYTES]  = tls_packet && tls_seek;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_TAGS]        = tls_tag;
    step[tlsnic_abi_pkg::TLSNIC_STAT_TLS_DROP_SEEK]   = tls_drop_seek;
  end

  // registers, not a RAM: any number of them moves in one cycle
  (* mem2reg *)
  logic [63:0] count_q [COUNT];

  always_ff @(posedge clk) begin
    if (step != '0) begin
      for (int unsigned i = 0; i < COUNT; i++) begin
        if (step[i]) begin
          if (i == tlsnic_abi_pkg::TLSNIC_STAT_TX_BYTES)
            count_q[i] <= count_q[i] + 64'(tx_frame.len);
          else if (i == tlsnic_abi_pkg::TLSNIC_STAT_RX_BYTES)
            count_q[i] <= count_q[i] + 64'(rx_frame.len);
          else if (i == tlsnic_abi_pkg::TLSNIC_STAT_TLS_BYTES || i == tlsnic_abi_pkg::TLSNIC_STAT_TLS_SEEK_BYTES)
            count_q[i] <= count_q[i] + 64'(tls_bytes);
          else if (i == tlsnic_abi_pkg::TLSNIC_STAT_TLS_RECORDS)
            count_q[i] <= count_q[i] + 64'(tls_records);
          else
            count_q[i] <= count_q[i] + 64'd1;
        end
      end
    end
    if (rst)
      for (int unsigned i = 0; i < COUNT; i++)
        count_q[i] <= 64'd0;
  end

  // ---- Register bus --------------------------------------------------------

  localparam int unsigned IDX_W = $clog2(COUNT);

  logic [15:0]      offset;
  logic [IDX_W-1:0] idx;
  logic             mine;
  logic [31:0]      high_q;

  assign offset = reg_addr - tlsnic_abi_pkg::TLSNIC_REG_STATS[15:0];
  assign mine   = reg_rd && reg_addr >= tlsnic_abi_pkg::TLSNIC_REG_STATS[15:0] && offset < 16'(8 * COUNT);
  assign idx    = offset[3 +: IDX_W];

  always_ff @(posedge clk) begin
    reg_rdata <= '0;
    if (mine) begin
      if (offset[2]) begin
        reg_rdata <= high_q;
      end else begin
        reg_rdata <= count_q[idx][31:0];
        high_q    <= count_q[idx][63:32];
      end
    end
    if (rst) begin
      reg_rdata <= '0;
      high_q    <= '0;
    end
  end

endmodule
