// SPDX-License-Identifier: BSD-2-Clause
//
// Bus beats of segments to the TX packet stream: the bytes of all segments of a
// packet in a row, from byte 0 of its first beat on. Items without data (context
// items, packets refused for their descriptors) become one beat of one byte 0.
//
// One bus beat a cycle goes in, across segments and packets alike, so a packet takes
// as many cycles as its segments take bus beats; a header comes beside them and takes
// none. What does not fill a beat waits in acc_q; acc_q is sent when more comes
// than it holds, or when the packet is over, and then the next packet's first
// beat goes in beside it. The output holds two beats, since with a header two may
// be complete at once.
//
// m_pkt_status is not 0 from the first beat on that holds a byte of a failed read.

module tx_pack #(
  parameter int unsigned DATA_W = 512,
  parameter int unsigned HEAD   = 128,           // longest header, at least a beat
  localparam int unsigned B     = DATA_W / 8,
  localparam int unsigned LGB   = $clog2(B),
  localparam int unsigned HD_W  = $clog2(HEAD) + 1
) (
  input  logic                 clk,
  input  logic                 rst,
  output logic                 busy,

  input  logic                 s_rec_valid,
  output logic                 s_rec_ready,
  input  tlsnic_pkg::tx_meta_t s_rec_meta,
  input  logic [7:0]           s_rec_status,
  input  logic                 s_rec_data,       // segments belong to it,
  input  logic                 s_rec_head,       // they begin with a header

  input  logic                 s_head_valid,
  output logic                 s_head_ready,
  input  logic [8*HEAD-1:0]    s_head_data,      // from byte 0 on
  input  logic [HD_W-1:0]      s_head_len,
  input  logic                 s_head_err,

  input  logic                 s_seg_valid,
  output logic                 s_seg_ready,
  input  logic [LGB-1:0]       s_seg_off,
  input  logic [15:0]          s_seg_len,
  input  logic                 s_seg_last,

  input  logic                 s_dat_valid,
  output logic                 s_dat_ready,
  input  logic [DATA_W-1:0]    s_dat_data,
  input  logic                 s_dat_err,        // this beat of the segment, or one before, failed

  output logic                 m_pkt_valid,
  input  logic                 m_pkt_ready,
  output logic [DATA_W-1:0]    m_pkt_data,
  output logic                 m_pkt_last,
  output logic [LGB:0]         m_pkt_nbytes,
  output tlsnic_pkg::tx_meta_t m_pkt_meta,
  output logic [7:0]           m_pkt_status
);

  // ---- The header -----------------------------------------------------------
  //
  // Full beats of it go straight to the output, one a cycle; with the last of them,
  // or alone, what is left (1 to B bytes) takes the place of acc_q.

  localparam int unsigned C_W = HD_W - LGB;      // beats of a header

  logic              headed_q;                   // it is done with
  logic [C_W-1:0]    head_at_q;                  // beats of it that were sent
  logic              head, head_take, head_full, head_end;
  logic [HD_W-1:0]   head_left;
  logic [LGB:0]      head_rest;
  logic [DATA_W-1:0] head_beat, head_acc;

  assign head         = s_rec_valid && s_rec_head && !headed_q;
  assign head_left    = s_head_len - {head_at_q, LGB'(0)};
  assign head_full    = head && s_head_valid && head_left > HD_W'(B);
  assign head_end     = head && s_head_valid && head_left <= HD_W'(2 * B);
  assign head_rest    = (LGB + 1)'(head_full ? head_left - HD_W'(B) : head_left);
  assign s_head_ready = head_take && head_end;

  always_comb begin
    head_beat = '0;
    head_acc  = '0;
    if (head) begin
      head_beat = s_head_data[8 * {head_at_q, LGB'(0)} +: DATA_W];
      head_acc  = head_beat;
      if (head_full)
        head_acc = DATA_W'(s_head_data >> 8 * ({head_at_q, LGB'(0)} + HD_W'(B)));
    end
  end

  // ---- The beat that is offered ---------------------------------------------

  logic            more_q;                       // not the first beat of its segment
  logic [15:0]     left_q;                       // bytes of the segment from this beat on
  logic            err_q;                        // an earlier byte of the packet failed
  logic [LGB-1:0]  off;
  logic [15:0]     left;
  logic [LGB:0]    space, n;
  logic            seg_done, in_valid, in_last, in_err, take;
  logic [7:0]      in_status;

  assign off      = more_q ? '0 : s_seg_off;
  assign left     = more_q ? left_q : s_seg_len;
  assign space    = (LGB + 1)'(B) - (LGB + 1)'(off);
  assign seg_done = left <= 16'(space);
  assign n        = !s_rec_data ? (LGB + 1)'(1) : seg_done ? left[LGB:0] : space;
  assign in_valid = s_rec_valid && (!s_rec_data || (s_seg_valid && s_dat_valid)) && (!head || head_end);
  assign in_last  = !s_rec_data || (seg_done && s_seg_last);
  assign in_err   = err_q || (head && s_head_err);

  assign in_status = s_rec_status != 8'd0 || !s_rec_data ? s_rec_status
                   : in_err || s_dat_err ? 8'(tlsnic_abi_pkg::TLSNIC_STATUS_DMA)
                   : 8'(tlsnic_abi_pkg::TLSNIC_STATUS_OK);

  assign s_dat_ready = take && s_rec_data;
  assign s_seg_ready = take && s_rec_data && seg_done;
  assign s_rec_ready = take && in_last;

  always_ff @(posedge clk) begin
    if (take && s_rec_data) begin
      more_q <= !seg_done;
      left_q <= left - 16'(n);
      err_q  <= !in_last && (in_err || s_dat_err);
    end else if (s_head_ready) begin
      err_q  <= in_err;
    end
    if (take && in_last)
      headed_q <= 1'b0;
    else if (s_head_ready)
      headed_q <= 1'b1;
    if (head_take)
      head_at_q <= head_end ? '0 : head_at_q + C_W'(1);
    if (rst) begin
      more_q    <= 1'b0;
      err_q     <= 1'b0;
      headed_q  <= 1'b0;
      head_at_q <= '0;
    end
  end

  // ---- Alignment ------------------------------------------------------------

  logic [DATA_W-1:0]    acc_q, acc, turned, merged, keep;
  logic [LGB:0]         fill_q, fill;            // bytes in acc_q; of those before the beat
  logic                 over_q;                  // acc_q ends its packet
  tlsnic_pkg::tx_meta_t meta_q;                  // of that packet
  logic [7:0]           status_q;
  logic [LGB-1:0]       turn;
  logic [LGB+1:0]       sum;
  logic                 spill;
  logic [1:0]           room;                    // beats that the output can take
  logic                 emit;                    // of acc_q, over

  assign acc   = head ? head_acc : acc_q;
  assign fill  = head ? head_rest : over_q ? '0 : fill_q;
  assign turn  = off - fill[LGB-1:0];            // to the right
  assign sum   = (LGB + 2)'(fill) + (LGB + 2)'(n);
  assign spill = sum > (LGB + 2)'(B);

  assign take      = in_valid && 2'(over_q) + 2'(head_full) + 2'(spill) <= room;
  assign head_take = head && s_head_valid && 2'(over_q) + 2'(head_full) <= room;
  assign emit      = over_q && room != 2'd0;

  always_comb begin
    turned = '0;
    keep   = '0;
    merged = '0;
    if (in_valid) begin
      if (s_rec_data)
        turned = DATA_W'({s_dat_data, s_dat_data} >> {turn, 3'd0});
      keep   = ~({DATA_W{1'b1}} << {fill, 3'd0});
      merged = (acc & keep) | (turned & ~keep);
    end
  end

  always_ff @(posedge clk) begin
    if (take) begin
      acc_q  <= spill ? turned : merged;
      fill_q <= spill ? (LGB + 1)'(sum - (LGB + 2)'(B)) : sum[LGB:0];
      over_q <= in_last;
      if (in_last) begin
        status_q <= in_status;
        meta_q   <= s_rec_meta;
      end
    end else if (head_take) begin
      acc_q  <= head_acc;
      fill_q <= head_end ? head_rest : '0;
      over_q <= 1'b0;
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

  typedef struct packed {
    logic                 last;
    logic [LGB:0]         nbytes;
    tlsnic_pkg::tx_meta_t meta;
    logic [7:0]           status;
    logic [DATA_W-1:0]    data;
  } beat_t;

  beat_t      tail, whole, out_q, next_q, first;
  logic       next_valid_q, out_free, send_whole, send_both;
  logic [1:0] sent;

  assign send_whole = (head_take && head_full) || (take && spill);
  assign send_both  = head_take && head_full && take && spill;
  assign sent       = 2'(emit) + 2'(send_whole) + 2'(send_both);
  assign out_free   = !m_pkt_valid || m_pkt_ready;
  assign room       = out_free ? 2'd2 - 2'(next_valid_q) : 2'd1 - 2'(next_valid_q);

  // Of two in one cycle the second is `whole` in any case.
  always_comb begin
    tail.last    = 1'b1;
    tail.nbytes  = fill_q;
    tail.meta    = meta_q;
    tail.status  = status_q;
    tail.data    = '0;
    if (emit)
      tail.data  = acc_q & ~({DATA_W{1'b1}} << {fill_q, 3'd0});
    whole.last   = 1'b0;
    whole.nbytes = (LGB + 1)'(B);
    whole.meta   = s_rec_meta;
    whole.status = (take && spill ? in_err || (s_dat_err && !fill[LGB]) : s_head_err)
                 ? 8'(tlsnic_abi_pkg::TLSNIC_STATUS_DMA) : 8'd0;
    whole.data   = take && spill ? merged : head_beat;
    first        = whole;
    if (emit) begin
      first        = tail;
    end else if (send_both) begin
      first.data   = head_beat;
      first.status = s_head_err ? 8'(tlsnic_abi_pkg::TLSNIC_STATUS_DMA) : 8'd0;
    end
  end

  always_ff @(posedge clk) begin
    if (out_free) begin
      m_pkt_valid  <= next_valid_q || sent != 2'd0;
      next_valid_q <= next_valid_q ? sent != 2'd0 : sent[1];
      if (next_valid_q)
        out_q <= next_q;
      else if (sent != 2'd0)
        out_q <= first;
      if (next_valid_q && sent != 2'd0)
        next_q <= first;
      else if (sent[1])
        next_q <= whole;
    end else if (sent != 2'd0) begin
      next_valid_q <= 1'b1;
      next_q       <= first;
    end
    if (rst) begin
      m_pkt_valid  <= 1'b0;
      next_valid_q <= 1'b0;
    end
  end

  assign m_pkt_data   = out_q.data;
  assign m_pkt_last   = out_q.last;
  assign m_pkt_nbytes = out_q.nbytes;
  assign m_pkt_meta   = out_q.meta;
  assign m_pkt_status = out_q.status;

  assign busy = m_pkt_valid || fill_q != '0 || s_rec_valid;

endmodule
