// SPDX-License-Identifier: BSD-2-Clause
//
// Bus beats of segments to the TX packet stream: the bytes of all segments of a
// packet in a row, from byte 0 of its first beat on. Items without data (context
// items, packets refused for their descriptors) become one beat of one byte 0.
//
// One bus beat a cycle goes in, across segments and packets alike, so a packet
// takes as many cycles as its segments take bus beats. What does not fill a beat
// waits in acc_q; acc_q is sent when more comes than it holds, or when the
// packet is over, and then the next packet's first beat goes in beside it.

module tx_pack #(
  parameter int unsigned DATA_W = 512,
  localparam int unsigned B     = DATA_W / 8,
  localparam int unsigned LGB   = $clog2(B)
) (
  input  logic                 clk,
  input  logic                 rst,
  output logic                 busy,

  input  logic                 s_rec_valid,
  output logic                 s_rec_ready,
  input  tlsnic_pkg::tx_meta_t s_rec_meta,
  input  logic [7:0]           s_rec_status,
  input  logic                 s_rec_data,       // segments belong to it

  input  logic                 s_seg_valid,
  output logic                 s_seg_ready,
  input  logic [LGB-1:0]       s_seg_off,
  input  logic [15:0]          s_seg_len,
  input  logic                 s_seg_last,

  input  logic                 s_dat_valid,
  output logic                 s_dat_ready,
  input  logic [DATA_W-1:0]    s_dat_data,
  input  logic                 s_dat_err,

  output logic                 m_pkt_valid,
  input  logic                 m_pkt_ready,
  output logic [DATA_W-1:0]    m_pkt_data,
  output logic                 m_pkt_last,
  output logic [LGB:0]         m_pkt_nbytes,
  output tlsnic_pkg::tx_meta_t m_pkt_meta,
  output logic [7:0]           m_pkt_status
);

  // ---- The beat that is offered ---------------------------------------------

  logic            more_q;                       // not the first beat of its segment
  logic [15:0]     left_q;                       // bytes of the segment from this beat on
  logic            err_q;                        // an earlier segment of the packet failed
  logic [LGB-1:0]  off;
  logic [15:0]     left;
  logic [LGB:0]    space, n;
  logic            seg_done, in_valid, in_last, take;
  logic [7:0]      in_status;

  assign off      = more_q ? '0 : s_seg_off;
  assign left     = more_q ? left_q : s_seg_len;
  assign space    = (LGB + 1)'(B) - (LGB + 1)'(off);
  assign seg_done = left <= 16'(space);
  assign n        = !s_rec_data ? (LGB + 1)'(1) : seg_done ? left[LGB:0] : space;
  assign in_valid = s_rec_valid && (!s_rec_data || (s_seg_valid && s_dat_valid));
  assign in_last  = !s_rec_data || (seg_done && s_seg_last);

  assign in_status = s_rec_status != 8'd0 || !s_rec_data ? s_rec_status
                   : err_q || s_dat_err ? 8'(tlsnic_abi_pkg::TLSNIC_STATUS_DMA)
                   : 8'(tlsnic_abi_pkg::TLSNIC_STATUS_OK);

  assign s_dat_ready = take && s_rec_data;
  assign s_seg_ready = take && s_rec_data && seg_done;
  assign s_rec_ready = take && in_last;

  always_ff @(posedge clk) begin
    if (take && s_rec_data) begin
      more_q <= !seg_done;
      left_q <= left - 16'(n);
      err_q  <= !in_last && (err_q || s_dat_err);
    end
    if (rst) begin
      more_q <= 1'b0;
      err_q  <= 1'b0;
    end
  end

  // ---- Alignment ------------------------------------------------------------

  logic [DATA_W-1:0]    acc_q, turned, merged, keep;
  logic [LGB:0]         fill_q, fill;            // bytes in acc_q; of those that stay
  logic                 over_q;                  // acc_q ends its packet
  tlsnic_pkg::tx_meta_t meta_q;
  logic [7:0]           status_q;
  logic [LGB-1:0]       turn;
  logic [LGB+1:0]       sum;
  logic                 spill, out_free, emit;

  assign fill  = over_q ? '0 : fill_q;
  assign turn  = off - fill[LGB-1:0];            // to the right
  assign sum   = (LGB + 2)'(fill) + (LGB + 2)'(n);
  assign spill = sum > (LGB + 2)'(B);

  assign out_free = !m_pkt_valid || m_pkt_ready;
  assign take     = in_valid && (out_free || !(over_q || spill));
  assign emit     = out_free && (over_q || (in_valid && spill));

  always_comb begin
    turned = '0;
    keep   = '0;
    merged = '0;
    if (in_valid) begin
      if (s_rec_data)
        turned = DATA_W'({s_dat_data, s_dat_data} >> {turn, 3'd0});
      keep   = ~({DATA_W{1'b1}} << {fill, 3'd0});
      merged = (acc_q & keep) | (turned & ~keep);
    end
  end

  always_ff @(posedge clk) begin
    if (take) begin
      acc_q  <= spill ? turned : merged;
      fill_q <= spill ? (LGB + 1)'(sum - (LGB + 2)'(B)) : sum[LGB:0];
      over_q <= in_last;
      if (in_last)
        status_q <= in_status;
      if (fill == '0)
        meta_q <= s_rec_meta;
    end else if (emit) begin
      fill_q <= '0;
      over_q <= 1'b0;
    end
    if (rst) begin
      fill_q <= '0;
      over_q <= 1'b0;
    end
  end

  // ---- Output ---------------------------------------------------------------

  logic [DATA_W-1:0] valid_bits;

  always_comb begin
    valid_bits = '0;
    if (over_q)
      valid_bits = ~({DATA_W{1'b1}} << {fill_q, 3'd0});
  end

  always_ff @(posedge clk) begin
    if (m_pkt_ready)
      m_pkt_valid <= 1'b0;
    if (emit) begin
      m_pkt_valid  <= 1'b1;
      m_pkt_last   <= over_q;
      m_pkt_data   <= over_q ? acc_q & valid_bits : merged;
      m_pkt_nbytes <= over_q ? fill_q : (LGB + 1)'(B);
      m_pkt_meta   <= meta_q;
      m_pkt_status <= over_q ? status_q : 8'd0;
    end
    if (rst)
      m_pkt_valid <= 1'b0;
  end

  assign busy = m_pkt_valid || fill_q != '0 || s_rec_valid;

endmodule
