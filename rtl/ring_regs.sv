// SPDX-License-Identifier: BSD-2-Clause
//
// Registers of one kind of ring, of all queues: base, size, on and off, the host's
// index (the doorbell). RX and completion rings stand on it.
//
// A write to CTRL with ENABLE turns a ring on: start is high for a cycle, then active,
// with the index at 0. Without ENABLE, a ring that is active is no longer open, and
// goes off in the first cycle in which it is idle. halt is a pulse from whoever
// works on the ring: it is halted then until it goes off. A ring is open while
// it is active and neither about to go off nor halted.
//
// Base and size are written only while a ring is not active; a size out of range becomes
// the nearest. A doorbell for a ring that is not open has no effect. One for an open ring
// moves its index, by no more than door_room, or is refused with err_doorbell.
//
// Register bus: a write shows one cycle after reg_wr, reg_rdata comes one cycle after
// reg_rd. on_queue and reg_queue say which queue's page reg_addr is in, for registers that are
// the user's, and door_room is for reg_queue: all in the same cycle.

module ring_regs #(
  parameter int unsigned NUM_QUEUES = 4,
  parameter logic [7:0]  AT         = 8'h00,     // of BASE_LO; the others follow as TX's do
  parameter logic [3:0]  SIZE_MAX   = 4'd12,     // log2
  localparam int unsigned Q_W       = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1
) (
  input  logic                        clk,
  input  logic                        rst,
  output logic                        busy,      // a ring is going on or off, or err_doorbell

  input  logic                        reg_wr,
  input  logic                        reg_rd,
  input  logic [15:0]                 reg_addr,
  input  logic [31:0]                 reg_wdata,
  output logic [31:0]                 reg_rdata,
  output logic                        on_queue,
  output logic [Q_W-1:0]              reg_queue,

  output logic [NUM_QUEUES-1:0][63:6] base,
  output logic [NUM_QUEUES-1:0][3:0]  size,      // log2
  output logic [NUM_QUEUES-1:0]       start,
  output logic [NUM_QUEUES-1:0]       active,
  output logic [NUM_QUEUES-1:0]       halted,
  output logic [NUM_QUEUES-1:0]       open,
  input  logic [NUM_QUEUES-1:0]       idle,
  input  logic [NUM_QUEUES-1:0]       halt,

  input  logic [15:0]                 door_room, // of reg_queue
  output logic                        door,      // reg_queue's index moves, or is written again
  output logic                        err_doorbell,
  output logic [NUM_QUEUES-1:0][15:0] index,     // the host's
  input  logic [NUM_QUEUES-1:0][15:0] at_index   // the card's, for its register
);

  localparam logic [3:0] SIZE_MIN = 4'd6;

  logic [NUM_QUEUES-1:0] enable_q, stop_q;
  logic [7:0]            page, at;
  logic [3:0]            new_size;
  logic                  knock;

  assign page      = reg_addr[15:8] - 8'(tlsnic_abi_pkg::TLSNIC_REG_QUEUE >> 8);
  assign at        = reg_addr[7:0] - AT;
  assign on_queue  = page < 8'(NUM_QUEUES);
  assign reg_queue = page[Q_W-1:0];

  assign start = enable_q & ~active;
  assign open  = active & ~stop_q & ~halted;
  assign busy  = |stop_q || enable_q != active || err_doorbell;

  assign new_size = reg_wdata < 32'(SIZE_MIN) ? SIZE_MIN : reg_wdata > 32'(SIZE_MAX) ? SIZE_MAX : reg_wdata[3:0];

  assign knock = reg_wr && on_queue && at == 8'(tlsnic_abi_pkg::TLSNIC_Q_TX_TAIL) && open[reg_queue];
  assign door  = knock && 16'(reg_wdata[15:0] - index[reg_queue]) <= door_room;

  always_ff @(posedge clk) begin
    err_doorbell <= knock && !door;
    if (reg_wr && on_queue) begin
      case (at)
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_BASE_LO): if (!active[reg_queue]) base[reg_queue][31:6]  <= reg_wdata[31:6];
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_BASE_HI): if (!active[reg_queue]) base[reg_queue][63:32] <= reg_wdata;
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_SIZE):    if (!active[reg_queue]) size[reg_queue] <= new_size;
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_CTRL):    enable_q[reg_queue] <= reg_wdata[0];
        default: ;
      endcase
    end
    if (door)
      index[reg_queue] <= reg_wdata[15:0];

    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (active[q]) begin
        if (!enable_q[q])
          stop_q[q]   <= 1'b1;
        if (halt[q])
          halted[q] <= 1'b1;
        if (stop_q[q] && idle[q]) begin
          active[q]   <= 1'b0;
          stop_q[q]   <= 1'b0;
          halted[q]   <= 1'b0;
        end
      end else if (enable_q[q]) begin
        active[q] <= 1'b1;
        index[q]  <= 16'd0;
      end
    end

    if (rst) begin
      err_doorbell <= 1'b0;
      enable_q     <= '0;
      active       <= '0;
      stop_q       <= '0;
      halted       <= '0;
      base         <= '0;
      size         <= {NUM_QUEUES{SIZE_MIN}};
      index        <= '0;
    end
  end

  always_ff @(posedge clk) begin
    reg_rdata <= '0;
    if (reg_rd && on_queue) begin
      case (at)
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_BASE_LO): reg_rdata <= {base[reg_queue][31:6], 6'd0};
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_BASE_HI): reg_rdata <= base[reg_queue][63:32];
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_SIZE):    reg_rdata <= 32'(size[reg_queue]);
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_CTRL):
          reg_rdata <= {29'd0, halted[reg_queue], active[reg_queue], enable_q[reg_queue]};
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_TAIL):    reg_rdata <= {16'd0, index[reg_queue]};
        8'(tlsnic_abi_pkg::TLSNIC_Q_TX_HEAD):    reg_rdata <= {16'd0, at_index[reg_queue]};
        default: ;
      endcase
    end
  end

  logic unused;
  assign unused = &{1'b0, page[7:Q_W]};

endmodule
