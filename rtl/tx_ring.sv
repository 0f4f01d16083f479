// SPDX-License-Identifier: BSD-2-Clause
//
// TX rings: registers of all queues, and who is next. Each queue has four
// free-running indices, tail >= fetch >= land >= cons: posted by the driver, asked
// of host memory, arrived in the descriptor RAM, parsed. Slots between cons and
// fetch have their place in that RAM.
//
// Fetching: round robin, up to 8 slots a read, cut at multiples of 8 (so never
// at the end of a ring), when the RAM has room for a whole batch.
// Turning off: no new packet is begun; ACTIVE falls when the one in the parser is
// finished, every read has come back, every item has left the card
// (s_done) and what is left in the descriptor RAM is wiped.

module tx_ring #(
  parameter int unsigned NUM_QUEUES = 4,
  parameter int unsigned DEPTH      = 32,        // slots a queue in the descriptor RAM
  localparam int unsigned Q_W       = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1,
  localparam int unsigned D_W       = $clog2(DEPTH)
) (
  input  logic             clk,
  input  logic             rst,
  input  logic             tx_enable,            // gates the beginning of items and reads
  output logic             busy,

  input  logic             reg_wr,
  input  logic             reg_rd,
  input  logic [15:0]      reg_addr,
  input  logic [31:0]      reg_wdata,
  output logic [31:0]      reg_rdata,

  // descriptor reads
  output logic             m_req_valid,
  input  logic             m_req_ready,
  output logic [Q_W-1:0]   m_req_queue,
  output logic [D_W-1:0]   m_req_index,          // place of the first slot in the RAM
  output logic [3:0]       m_req_slots,          // 1 to 8
  output logic [63:0]      m_req_addr,
  input  logic             s_land_valid,         // a read has come back
  input  logic [Q_W-1:0]   s_land_queue,
  input  logic [3:0]       s_land_slots,
  input  logic             s_land_err,

  // wiping of a queue's part of the RAM
  output logic             m_clr_valid,
  output logic [Q_W-1:0]   m_clr_queue,
  input  logic             m_clr_done,

  // parser: takes a queue, pops its slots one by one, ends
  output logic             pick_valid,
  output logic [Q_W-1:0]   pick_queue,
  input  logic             pick_take,
  output logic [D_W-1:0]   cur_index,            // of the queue taken: next slot in the RAM,
  output logic [15:0]      cur_cons,             // its ring index,
  output logic             cur_valid,            // it is there,
  output logic             cur_none,             // it will never be
  input  logic             pop,
  input  logic             item_end,
  input  logic             item_halt,            // with item_end: slot out of place
  input  logic             item_out,             // with item_end: it goes on to the wire side

  // items that left the card; two may in one cycle
  input  logic [1:0]       s_done_valid,
  input  logic [9:0]       s_done_queue,

  output logic             err_read,
  output logic             err_doorbell,
  output logic             err_desc
);

  localparam int unsigned OUT_W = 12;            // more than the card can hold

  logic [NUM_QUEUES-1:0]            enable_q, active_q, halted_q, dead_q;
  logic [NUM_QUEUES-1:0][57:0]      base_q;      // bits 63:6
  logic [NUM_QUEUES-1:0][3:0]       size_q;      // log2
  logic [NUM_QUEUES-1:0][15:0]      tail_q, fetch_q, land_q, cons_q;
  logic [NUM_QUEUES-1:0][3:0]       reads_q;     // under way
  logic [NUM_QUEUES-1:0][OUT_W-1:0] out_q;       // items beyond the parser

  // ---- Register bus ---------------------------------------------------------

  logic [15:0]     reg_off;
  logic            reg_mine, wr;
  logic [Q_W-1:0]  rq;
  logic [7:0]      at;
  logic [15:0]     room, advance;

  assign reg_off  = reg_addr - 16'(tlsnic_abi_pkg::TLSNIC_REG_QUEUE);
  assign reg_mine = reg_addr >= 16'(tlsnic_abi_pkg::TLSNIC_REG_QUEUE)
                  && reg_off[15:8] < 8'(NUM_QUEUES);
  assign rq       = reg_off[8 +: Q_W];
  assign at       = reg_off[7:0];
  assign wr       = reg_wr && reg_mine;

  assign room     = (16'd1 << size_q[rq]) - (tail_q[rq] - fetch_q[rq]);
  assign advance  = reg_wdata[15:0] - tail_q[rq];

  always_ff @(posedge clk) begin
    if (reg_rd) begin
      reg_rdata <= '0;
      if (reg_mine) begin
        case (at)
          8'(tlsnic_abi_pkg::TLSNIC_Q_TX_BASE_LO): reg_rdata <= {base_q[rq][25:0], 6'd0};
          8'(tlsnic_abi_pkg::TLSNIC_Q_TX_BASE_HI): reg_rdata <= base_q[rq][57:26];
          8'(tlsnic_abi_pkg::TLSNIC_Q_TX_SIZE):    reg_rdata <= {28'd0, size_q[rq]};
          8'(tlsnic_abi_pkg::TLSNIC_Q_TX_CTRL):
            reg_rdata <= {29'd0, halted_q[rq], active_q[rq], enable_q[rq]};
          8'(tlsnic_abi_pkg::TLSNIC_Q_TX_TAIL):    reg_rdata <= {16'd0, tail_q[rq]};
          8'(tlsnic_abi_pkg::TLSNIC_Q_TX_HEAD):    reg_rdata <= {16'd0, fetch_q[rq]};
          default: ;
        endcase
      end
    end
  end

  // ---- Choice of the queue to fetch for and of the queue to parse -----------

  logic [NUM_QUEUES-1:0] may_fetch, may_parse, parsing, stopping;
  logic                  parse_q;                // the parser has taken a queue,
  logic [Q_W-1:0]        cur_q;                  // this one
  logic [Q_W-1:0]        fetch_last_q, fq;
  logic                  fetch_any, fetch_go;
  logic [15:0]           posted;
  logic [3:0]            batch, slots;

  always_comb begin
    for (int q = 0; q < NUM_QUEUES; q++) begin
      parsing[q]   = parse_q && cur_q == Q_W'(q);
      may_fetch[q] = active_q[q] && !halted_q[q] && (parsing[q] || (enable_q[q] && tx_enable))
                   && tail_q[q] != fetch_q[q] && !reads_q[q][3]
                   && fetch_q[q] - cons_q[q] <= 16'(DEPTH - 8);
      may_parse[q] = enable_q[q] && tx_enable && !dead_q[q] && cons_q[q] != land_q[q];
      stopping[q]  = active_q[q] && !enable_q[q] && !parsing[q] && reads_q[q] == '0
                   && out_q[q] == '0;
    end
  end

  rr_pick #(.N(NUM_QUEUES)) u_fetch_pick (
    .req(may_fetch), .last(fetch_last_q), .any(fetch_any), .pick(fq)
  );
  rr_pick #(.N(NUM_QUEUES)) u_parse_pick (
    .req(may_parse), .last(cur_q), .any(pick_valid), .pick(pick_queue)
  );

  assign posted   = tail_q[fq] - fetch_q[fq];
  assign batch    = 4'd8 - {1'b0, fetch_q[fq][2:0]};
  assign slots    = posted < 16'(batch) ? posted[3:0] : batch;
  assign fetch_go = fetch_any && (!m_req_valid || m_req_ready);

  assign cur_cons  = cons_q[cur_q];
  assign cur_index = D_W'(cur_cons);
  assign cur_valid = cur_cons != land_q[cur_q];
  // A doorbell posts whole items, so nothing more comes for one that is cut short.
  assign cur_none  = !cur_valid && (halted_q[cur_q] || cur_cons == tail_q[cur_q]);

  // ---- One queue at a time is wiped on its way off --------------------------

  logic           clr_q, clr_any;
  logic [Q_W-1:0] clr_queue_q, clr_pick;

  rr_pick #(.N(NUM_QUEUES)) u_clr_pick (
    .req(stopping), .last(clr_queue_q), .any(clr_any), .pick(clr_pick)
  );

  assign m_clr_valid = clr_q;
  assign m_clr_queue = clr_queue_q;

  // ---- State ------------------------------------------------------------------

  logic [15:0] ring_index;

  assign ring_index = fetch_q[fq] & ((16'd1 << size_q[fq]) - 16'd1);

  always_ff @(posedge clk) begin
    err_read     <= s_land_valid && s_land_err && !halted_q[s_land_queue];
    err_desc     <= item_end && item_halt && !halted_q[cur_q];
    err_doorbell <= 1'b0;

    if (m_req_ready)
      m_req_valid <= 1'b0;
    if (fetch_go) begin
      m_req_valid  <= 1'b1;
      m_req_queue  <= fq;
      m_req_index  <= D_W'(fetch_q[fq]);
      m_req_slots  <= slots;
      m_req_addr   <= {base_q[fq], 6'd0} + {43'd0, ring_index, 5'd0};
      fetch_q[fq]  <= fetch_q[fq] + 16'(slots);
      fetch_last_q <= fq;
    end

    if (s_land_valid) begin
      if (s_land_err)
        halted_q[s_land_queue] <= 1'b1;
      else if (!halted_q[s_land_queue])
        land_q[s_land_queue] <= land_q[s_land_queue] + 16'(s_land_slots);
    end

    for (int q = 0; q < NUM_QUEUES; q++) begin
      reads_q[q] <= reads_q[q] + 4'(fetch_go && fq == Q_W'(q))
                  - 4'(s_land_valid && s_land_queue == Q_W'(q));
      out_q[q]   <= out_q[q] + OUT_W'(item_end && item_out && cur_q == Q_W'(q))
                  - OUT_W'(s_done_valid[0] && s_done_queue[4:0] == 5'(q))
                  - OUT_W'(s_done_valid[1] && s_done_queue[9:5] == 5'(q));
    end

    if (pick_take) begin
      parse_q <= 1'b1;
      cur_q   <= pick_queue;
    end
    if (pop)
      cons_q[cur_q] <= cons_q[cur_q] + 16'd1;
    if (item_end) begin
      parse_q <= 1'b0;
      if (item_halt) begin
        halted_q[cur_q] <= 1'b1;
        dead_q[cur_q]   <= 1'b1;
      end
    end

    if (m_clr_done) begin
      clr_q                 <= 1'b0;
      active_q[clr_queue_q] <= 1'b0;
      halted_q[clr_queue_q] <= 1'b0;
      dead_q[clr_queue_q]   <= 1'b0;
    end else if (!clr_q && clr_any) begin
      clr_q       <= 1'b1;
      clr_queue_q <= clr_pick;
    end

    if (wr) begin
      case (at)
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_BASE_LO):
          if (!active_q[rq]) base_q[rq][25:0] <= reg_wdata[31:6];
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_BASE_HI):
          if (!active_q[rq]) base_q[rq][57:26] <= reg_wdata;
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_SIZE):
          if (!active_q[rq] && reg_wdata >= 32'd6 && reg_wdata <= 32'd12)
            size_q[rq] <= reg_wdata[3:0];
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_CTRL): begin
          if ((reg_wdata & tlsnic_abi_pkg::TLSNIC_Q_ENABLE) == '0) begin
            enable_q[rq] <= 1'b0;
          end else if (!active_q[rq]) begin
            enable_q[rq] <= 1'b1;
            active_q[rq] <= 1'b1;
            tail_q[rq]   <= '0;
            fetch_q[rq]  <= '0;
            land_q[rq]   <= '0;
            cons_q[rq]   <= '0;
          end
        end
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_TAIL): begin
          if (enable_q[rq]) begin
            if (advance <= room)
              tail_q[rq] <= reg_wdata[15:0];
            else
              err_doorbell <= 1'b1;
          end
        end
        default: ;
      endcase
    end

    if (rst) begin
      enable_q     <= '0;
      active_q     <= '0;
      halted_q     <= '0;
      dead_q       <= '0;
      base_q       <= '0;
      size_q       <= {NUM_QUEUES{4'd6}};
      tail_q       <= '0;
      fetch_q      <= '0;
      land_q       <= '0;
      cons_q       <= '0;
      reads_q      <= '0;
      out_q        <= '0;
      m_req_valid  <= 1'b0;
      parse_q      <= 1'b0;
      cur_q        <= '0;
      fetch_last_q <= '0;
      clr_q        <= 1'b0;
      clr_queue_q  <= '0;
      err_read     <= 1'b0;
      err_desc     <= 1'b0;
      err_doorbell <= 1'b0;
    end
  end

  assign busy = m_req_valid || fetch_any || pick_valid || parse_q || reads_q != '0
              || clr_q || clr_any || err_read || err_desc || err_doorbell;

endmodule
