// SPDX-License-Identifier: BSD-2-Clause
//
// Judges a frame of the TX stream and works out its L4 checksum as it goes by:
// one register stage, one beat a cycle. With m_last:
//   m_status   what came with the packet, else DESC when its length or the place
//              of the checksum is impossible;
//   m_csum     the checksum, byte 0 in bits 7:0, to be laid at m_csum_pos when
//              m_csum_put. The field holds the pseudo-header's sum and is summed
//              with the rest, as the stack leaves it.

module tx_csum #(
  parameter int unsigned DATA_W = 512,
  localparam int unsigned LEN_W = $clog2(DATA_W / 8) + 1
) (
  input  logic                 clk,
  input  logic                 rst,

  input  logic                 s_valid,
  output logic                 s_ready,
  input  logic [DATA_W-1:0]    s_data,
  input  logic                 s_last,
  input  logic [LEN_W-1:0]     s_nbytes,
  input  tlsnic_pkg::tx_meta_t s_meta,
  input  logic [7:0]           s_status,
  input  net_pkg::tx_part_t    s_part,

  output logic                 m_valid,
  input  logic                 m_ready,
  output logic [DATA_W-1:0]    m_data,
  output logic                 m_last,
  output logic [LEN_W-1:0]     m_nbytes,
  output tlsnic_pkg::tx_meta_t m_meta,
  output logic [7:0]           m_status,
  output net_pkg::tx_part_t    m_part,
  output logic [15:0]          m_len,
  output logic                 m_csum_put,
  output logic [15:0]          m_csum,
  output logic [13:0]          m_csum_pos
);

  localparam int unsigned B = DATA_W / 8;
  localparam logic [16:0] MIN_LEN = tlsnic_abi_pkg::TLSNIC_TX_MIN_LEN[16:0];
  localparam logic [16:0] MAX_LEN = tlsnic_abi_pkg::TLSNIC_TX_MAX_LEN[16:0];

  logic         load;
  logic         first_q;                   // the next beat is a first one
  logic [16:0]  pos_q;                     // of the next beat; stays once beyond MAX_LEN
  logic [16:0]  pos, fin;
  logic [B-1:0] mask;
  logic [15:0]  sum, folded;
  logic [16:0]  len_q;                     // of the packet up to the beat inside
  logic [7:0]   status_q;
  logic [17:0]  field_end;
  logic         bad_desc;

  assign s_ready = !m_valid || m_ready;
  assign load    = s_valid && s_ready;
  assign pos     = first_q ? 17'd0 : pos_q;
  assign fin     = pos + 17'(s_nbytes);

  byte_mask #(.DATA_W (DATA_W)) u_mask (
    .pos,
    .beg  ({1'b0, s_meta.csum_start}),
    .fin,
    .mask
  );

  csum_acc #(.DATA_W (DATA_W)) u_acc (
    .clk,
    .load       (load && s_meta.csum),
    .load_first (first_q),
    .load_mask  (mask),
    .load_data  (s_data),
    .sum
  );

  always_ff @(posedge clk) begin
    if (load) begin
      m_valid  <= 1'b1;
      m_data   <= s_data;
      m_last   <= s_last;
      m_nbytes <= s_nbytes;
      m_meta   <= s_meta;
      m_part   <= s_part;
      status_q <= s_status;
      first_q  <= s_last;
      len_q    <= fin;
      if (fin <= MAX_LEN)
        pos_q  <= fin;
      else
        pos_q  <= MAX_LEN + 17'd1;
    end else if (m_ready) begin
      m_valid  <= 1'b0;
    end
    if (rst) begin
      m_valid <= 1'b0;
      first_q <= 1'b1;
    end
  end

  // ---- Verdict, with the last beat ---------------------------------------

  assign m_len      = len_q[15:0];
  assign m_csum_pos = m_meta.csum_start[13:0] + m_meta.csum_offset[13:0];
  assign field_end  = 18'(m_meta.csum_start) + 18'(m_meta.csum_offset) + 18'd2;
  assign bad_desc   = m_meta.kind == tlsnic_pkg::TX_PACKET &&
                      (len_q < MIN_LEN || len_q > MAX_LEN ||
                       (m_meta.csum && field_end > 18'(len_q)));
  assign m_status   = status_q != 8'd0 ? status_q :
                      bad_desc ? tlsnic_abi_pkg::TLSNIC_STATUS_DESC[7:0] : 8'd0;

  // UDP: a sum of 0 would mean that there is none
  localparam logic [15:0] UDP_CSUM_OFFSET = 16'd6;

  assign folded     = ~(m_meta.csum_start[0] ? {sum[7:0], sum[15:8]} : sum);
  assign m_csum     = folded == 16'd0 && m_meta.csum_offset == UDP_CSUM_OFFSET ? 16'hffff : folded;
  assign m_csum_put = m_meta.csum;

endmodule
