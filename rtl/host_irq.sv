// SPDX-License-Identifier: BSD-2-Clause
//
// Interrupt moderation, and the port that asks for MSI-X interrupts.
//
// The vector of a queue pair fires when the ring is armed and completions wait
// in it, not sooner than IRQ_CYCLES after the last interrupt of that vector was
// taken, or as soon as IRQ_COUNT completions wait. Both may be written at any time: IRQ_CYCLES
// is looked at when an interrupt is taken, IRQ_COUNT always. It disarms. The condition is a
// level of registers, so a completion that comes together with the doorbell that
// arms is not lost. Pulses of irq_misc and irq_test raise their vectors without
// condition. Requests for a vector that still waits to be taken merge with it.
//
// m_irq_vector is stable until m_irq_ready; vectors take turns, one in two cycles.
// IRQ_CYCLES is counted only while the clock runs: when busy is 0 it does not matter.

module host_irq #(
  parameter int unsigned NUM_QUEUES = 4
) (
  input  logic                      clk,
  input  logic                      rst,
  output logic                      busy,

  input  logic                      reg_wr,
  input  logic                      reg_rd,
  input  logic [15:0]               reg_addr,
  input  logic [31:0]               reg_wdata,
  output logic [31:0]               reg_rdata,

  input  logic [NUM_QUEUES-1:0]     cq_active,       // from host_cpl
  input  logic [NUM_QUEUES-1:0]     cq_arm,
  input  logic [NUM_QUEUES*16-1:0]  cq_waiting,

  input  logic                      irq_misc,        // pulse: vector 0
  input  logic                      irq_test,        // pulse: irq_test_vector
  input  logic [7:0]                irq_test_vector, // nothing beyond NUM_QUEUES

  output logic                      m_irq_valid,
  input  logic                      m_irq_ready,
  output logic [7:0]                m_irq_vector
);

  localparam int unsigned NV   = NUM_QUEUES + 1;
  localparam int unsigned V_W  = $clog2(NV);
  localparam int unsigned Q_W  = NUM_QUEUES > 1 ? $clog2(NUM_QUEUES) : 1;

  logic [23:0]              cycles_q [NUM_QUEUES];
  logic [15:0]              count_q  [NUM_QUEUES];
  logic [NUM_QUEUES*24-1:0] timer_q;              // 24 bits each
  logic [NUM_QUEUES-1:0]    armed_q, due, wanted;
  logic [NV-1:0]            pending_q;
  logic                     valid_q;
  logic [V_W-1:0]           vector_q, pick;
  logic                     some, sent;

  // ---- Registers ----------------------------------------------------------

  logic [7:0]     page;
  logic [Q_W-1:0] rq;
  logic           own;

  assign page = reg_addr[15:8] - 8'(tlsnic_abi_pkg::TLSNIC_REG_QUEUE >> 8);
  assign own  = page < 8'(NUM_QUEUES);
  assign rq   = page[Q_W-1:0];

  always_ff @(posedge clk) begin
    if (reg_wr && own) begin
      case (reg_addr[7:0])
        8'(tlsnic_abi_pkg::TLSNIC_Q_IRQ_CYCLES): cycles_q[rq] <= reg_wdata[23:0];
        8'(tlsnic_abi_pkg::TLSNIC_Q_IRQ_COUNT):  count_q[rq]  <= reg_wdata[15:0];
        default: ;
      endcase
    end
    if (rst) begin
      for (int q = 0; q < NUM_QUEUES; q++) begin
        cycles_q[q] <= '0;
        count_q[q]  <= '0;
      end
    end
  end

  always_ff @(posedge clk) begin
    reg_rdata <= '0;
    if (reg_rd && own) begin
      case (reg_addr[7:0])
        8'(tlsnic_abi_pkg::TLSNIC_Q_IRQ_CYCLES): reg_rdata <= 32'(cycles_q[rq]);
        8'(tlsnic_abi_pkg::TLSNIC_Q_IRQ_COUNT):  reg_rdata <= 32'(count_q[rq]);
        default: ;
      endcase
    end
  end

  // ---- Moderation ---------------------------------------------------------

  always_comb begin
    for (int q = 0; q < NUM_QUEUES; q++) begin
      wanted[q] = armed_q[q] && cq_waiting[16 * q +: 16] != 16'd0;
      due[q]    = wanted[q] && !pending_q[q + 1]
                  && (timer_q[24 * q +: 24] == 24'd0
                      || (count_q[q] != 16'd0 && cq_waiting[16 * q +: 16] >= count_q[q]));
    end
  end

  always_ff @(posedge clk) begin
    armed_q <= ((armed_q & ~due) | cq_arm) & cq_active;
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (timer_q[24 * q +: 24] != 24'd0)
        timer_q[24 * q +: 24] <= timer_q[24 * q +: 24] - 24'd1;
      if (sent && vector_q == V_W'(q + 1))
        timer_q[24 * q +: 24] <= cycles_q[q];
      if (!cq_active[q])
        timer_q[24 * q +: 24] <= 24'd0;
    end
    if (rst) begin
      armed_q <= '0;
      timer_q <= '0;
    end
  end

  // ---- MSI-X port ---------------------------------------------------------

  assign sent = valid_q && m_irq_ready;

  rr_pick #(.N(NV)) u_pick (.req(pending_q), .last(vector_q), .any(some), .pick(pick));

  always_ff @(posedge clk) begin
    if (sent) begin
      pending_q[vector_q] <= 1'b0;
      valid_q             <= 1'b0;
    end else if (!valid_q && some) begin
      valid_q  <= 1'b1;
      vector_q <= pick;
    end
    if (irq_misc)
      pending_q[0] <= 1'b1;
    for (int q = 0; q < NUM_QUEUES; q++)
      if (due[q])
        pending_q[q + 1] <= 1'b1;
    if (irq_test && irq_test_vector < 8'(NV))
      pending_q[irq_test_vector[V_W-1:0]] <= 1'b1;
    if (rst) begin
      pending_q <= '0;
      valid_q   <= 1'b0;
      vector_q  <= '0;
    end
  end

  assign m_irq_valid  = valid_q;
  assign m_irq_vector = 8'(vector_q);

  assign busy = some || |wanted || |cq_arm || irq_misc || irq_test;

  logic unused;
  assign unused = &{1'b0, page[7:Q_W], reg_wdata[31:24]};

endmodule
