// SPDX-License-Identifier: BSD-2-Clause
//
// BAR0: AXI4-Lite slave, register bus master, and the card's own registers.
//
// Register bus: reg_wr or reg_rd is high for one cycle with reg_addr (and
// reg_wdata). Each block answers on its reg_rdata one cycle after reg_rd, with 0
// where the address is not its own; the top level ORs them into reg_rdata. A read
// takes 3 cycles from AR to R, a write 2 from AW and W to B. Writes with
// other than four byte lanes and addresses that are no multiple of 4 are
// answered SLVERR and have no effect.
//
// Reset by TLSNIC_CTRL_RESET: soft_rst resets all blocks while the AXI masters,
// told by flush, take what the host still owes them; then the context memory is
// wiped. STATUS.READY is 0 all that time, and after rst too.

module csr #(
  parameter int unsigned DATA_W     = 512,
  parameter int unsigned NUM_QUEUES = 4,
  parameter int unsigned NUM_CTX    = 1024,
  parameter int unsigned CLK_KHZ    = 250000
) (
  input  logic          clk,
  input  logic          rst,

  input  logic [15:0]   s_axil_awaddr,
  input  logic          s_axil_awvalid,
  output logic          s_axil_awready,
  input  logic [31:0]   s_axil_wdata,
  input  logic [3:0]    s_axil_wstrb,
  input  logic          s_axil_wvalid,
  output logic          s_axil_wready,
  output logic [1:0]    s_axil_bresp,
  output logic          s_axil_bvalid,
  input  logic          s_axil_bready,
  input  logic [15:0]   s_axil_araddr,
  input  logic          s_axil_arvalid,
  output logic          s_axil_arready,
  output logic [31:0]   s_axil_rdata,
  output logic [1:0]    s_axil_rresp,
  output logic          s_axil_rvalid,
  input  logic          s_axil_rready,

  output logic          reg_wr,
  output logic          reg_rd,
  output logic [15:0]   reg_addr,
  output logic [31:0]   reg_wdata,
  input  logic [31:0]   reg_rdata,       // of all other blocks, ORed

  output logic          soft_rst,
  output logic          flush,           // to the AXI masters
  input  logic          drained,         // nothing outstanding on AXI
  input  logic          wipe_busy,       // contexts are being wiped

  output logic          tx_enable,
  output logic          rx_enable,
  output logic          loopback,
  output logic          promisc,
  output logic          allmulti,
  output logic          vlan_strip,
  output logic          tls_tags,
  output logic [15:0]   tag_min,
  output logic [47:0]   mac,             // byte 0 in bits 7:0
  output logic [63:0]   mcast_hash,
  output logic [15:0]   max_frame,
  output logic [5:0]    rss_ctrl,        // TLSNIC_RSS_*
  output logic [319:0]  rss_key,         // byte 0 in bits 7:0
  output logic [1023:0] rss_table,       // entry 0 in bits 7:0

  input  logic          link_up,
  input  logic          err_read,        // pulses, TLSNIC_ERR_*
  input  logic          err_write,
  input  logic          err_doorbell,
  input  logic          err_desc,

  output logic          misc_irq,        // pulse: a cause was set in ERROR
  output logic          irq_test,        // pulse
  output logic [7:0]    irq_test_vector, // existing vector, with irq_test

  output logic          busy
);

  // ---- AXI4-Lite ----------------------------------------------------------

  localparam logic [1:0] OKAY = 2'b00, SLVERR = 2'b10;

  typedef enum logic [2:0] {
    BUS_IDLE, BUS_WRITE, BUS_READ, BUS_GET, BUS_BRESP, BUS_RRESP
  } bus_t;

  bus_t        bus_q;
  logic        bad_q;                    // refused: wrong width or address
  logic        wrote_q;                  // last access was a write: a read goes first
  logic [15:0] addr_q;
  logic [31:0] wdata_q, rdata_q, own_rdata_q;
  logic        want_wr, take_wr, take_rd;

  assign want_wr = s_axil_awvalid && s_axil_wvalid;
  assign take_wr = bus_q == BUS_IDLE && want_wr && !(wrote_q && s_axil_arvalid);
  assign take_rd = bus_q == BUS_IDLE && s_axil_arvalid && !take_wr;

  assign s_axil_awready = take_wr;
  assign s_axil_wready  = take_wr;
  assign s_axil_arready = take_rd;
  assign s_axil_bvalid  = bus_q == BUS_BRESP;
  assign s_axil_rvalid  = bus_q == BUS_RRESP;
  assign s_axil_bresp   = bad_q ? SLVERR : OKAY;
  assign s_axil_rresp   = bad_q ? SLVERR : OKAY;
  assign s_axil_rdata   = rdata_q;

  assign reg_wr    = bus_q == BUS_WRITE && !bad_q;
  assign reg_rd    = bus_q == BUS_READ;
  assign reg_addr  = addr_q;
  assign reg_wdata = wdata_q;

  always_ff @(posedge clk) begin
    case (bus_q)
      BUS_IDLE: begin
        if (take_wr) begin
          bus_q   <= BUS_WRITE;
          addr_q  <= s_axil_awaddr;
          wdata_q <= s_axil_wdata;
          bad_q   <= s_axil_wstrb != 4'hf || s_axil_awaddr[1:0] != 2'd0;
          wrote_q <= 1'b1;
        end else if (take_rd) begin
          bus_q   <= BUS_READ;
          addr_q  <= s_axil_araddr;
          bad_q   <= s_axil_araddr[1:0] != 2'd0;
          wrote_q <= 1'b0;
        end
      end
      BUS_WRITE: begin
        bus_q   <= BUS_BRESP;
        wdata_q <= '0;
      end
      BUS_READ:  bus_q <= BUS_GET;
      BUS_GET: begin
        bus_q   <= BUS_RRESP;
        rdata_q <= bad_q ? '1 : reg_rdata | own_rdata_q;
      end
      BUS_BRESP: if (s_axil_bready) bus_q <= BUS_IDLE;
      BUS_RRESP: if (s_axil_rready) bus_q <= BUS_IDLE;
      /* verilator coverage_off */ // no such state; in hardware that fell into one, the way out
      default:   bus_q <= BUS_IDLE;
      /* verilator coverage_on */
    endcase
    if (rst) begin
      bus_q   <= BUS_IDLE;
      wrote_q <= 1'b0;
    end
  end

  // ---- Reset --------------------------------------------------------------

  typedef enum logic [1:0] { RST_DONE, RST_DRAIN, RST_WIPE } rst_t;

  rst_t       rst_q;
  logic [1:0] settle_q;                  // lets drained and wipe_busy follow
  logic       wr_ctrl;

  assign wr_ctrl  = reg_wr && reg_addr == 16'(tlsnic_abi_pkg::TLSNIC_REG_CTRL);
  assign soft_rst = rst_q == RST_DRAIN;
  assign flush    = soft_rst;

  always_ff @(posedge clk) begin
    if (settle_q != 2'd0)
      settle_q <= settle_q - 2'd1;
    case (rst_q)
      RST_DRAIN: if (settle_q == 2'd0 && drained) begin
        rst_q    <= RST_WIPE;
        settle_q <= 2'd3;
      end
      RST_WIPE: if (settle_q == 2'd0 && !wipe_busy)
        rst_q <= RST_DONE;
      default: ;
    endcase
    if (wr_ctrl && (reg_wdata & tlsnic_abi_pkg::TLSNIC_CTRL_RESET) != 0) begin
      rst_q    <= RST_DRAIN;
      settle_q <= 2'd3;
    end
    if (rst) begin
      rst_q    <= RST_WIPE;
      settle_q <= 2'd3;
    end
  end

  // ---- Registers ----------------------------------------------------------

  localparam int unsigned CTRL_W = 8;

  logic [CTRL_W-1:1] ctrl_q;             // all but RESET
  logic [4:0]        error_q, cause;
  logic              link_q;
  logic [31:0]       scratch_q;
  logic              wr_own;             // a write to a register that a reset clears
  logic              misc_irq_q, irq_test_q;
  logic [7:0]        irq_test_vector_q;
  logic [3:0]        key_word;
  logic [4:0]        table_word;
  logic              at_key, at_table;

  assign tx_enable  = ctrl_q[1];
  assign rx_enable  = ctrl_q[2];
  assign loopback   = ctrl_q[3];
  assign promisc    = ctrl_q[4];
  assign allmulti   = ctrl_q[5];
  assign vlan_strip = ctrl_q[6];
  assign tls_tags   = ctrl_q[7];

  assign misc_irq        = misc_irq_q;
  assign irq_test        = irq_test_q;
  assign irq_test_vector = irq_test_vector_q;

  assign key_word   = reg_addr[5:2];
  assign at_key     = reg_addr[15:6] == 10'(tlsnic_abi_pkg::TLSNIC_REG_RSS_KEY >> 6) && key_word < 4'd10;
  assign table_word = reg_addr[6:2];
  assign at_table   = reg_addr[15:7] == 9'(tlsnic_abi_pkg::TLSNIC_REG_RSS_TABLE >> 7);

  assign cause  = {link_up != link_q, err_desc, err_doorbell, err_write, err_read};
  assign wr_own = reg_wr && reg_addr[15:9] == 7'd0;

  always_ff @(posedge clk) begin
    link_q     <= link_up;
    irq_test_q <= 1'b0;
    misc_irq_q <= (cause & ~error_q) != 5'd0;
    error_q    <= error_q | cause;

    if (wr_own) begin
      case (reg_addr)
        16'(tlsnic_abi_pkg::TLSNIC_REG_CTRL):      ctrl_q <= reg_wdata[CTRL_W-1:1];
        16'(tlsnic_abi_pkg::TLSNIC_REG_ERROR):     error_q <= (error_q & ~reg_wdata[4:0]) | cause;
        16'(tlsnic_abi_pkg::TLSNIC_REG_SCRATCH):   scratch_q <= reg_wdata;
        16'(tlsnic_abi_pkg::TLSNIC_REG_MAC_LO):    mac[31:0] <= reg_wdata;
        16'(tlsnic_abi_pkg::TLSNIC_REG_MAC_HI):    mac[47:32] <= reg_wdata[15:0];
        16'(tlsnic_abi_pkg::TLSNIC_REG_MCAST_LO):  mcast_hash[31:0] <= reg_wdata;
        16'(tlsnic_abi_pkg::TLSNIC_REG_MCAST_HI):  mcast_hash[63:32] <= reg_wdata;
        16'(tlsnic_abi_pkg::TLSNIC_REG_MAX_FRAME): max_frame <= reg_wdata[15:0];
        16'(tlsnic_abi_pkg::TLSNIC_REG_RSS_CTRL):  rss_ctrl <= reg_wdata[5:0];
        16'(tlsnic_abi_pkg::TLSNIC_REG_TLS_TAG_MIN): tag_min <= reg_wdata[15:0];
        16'(tlsnic_abi_pkg::TLSNIC_REG_IRQ_TEST): begin
          irq_test_q        <= reg_wdata <= NUM_QUEUES;
          irq_test_vector_q <= reg_wdata[7:0];
        end
        default: ;
      endcase
      if (at_key)
        rss_key[32 * key_word +: 32] <= reg_wdata;
      if (at_table)
        rss_table[32 * table_word +: 32] <= reg_wdata;
    end

    if (rst || soft_rst) begin
      ctrl_q     <= '0;
      error_q    <= '0;
      scratch_q  <= '0;
      mac        <= '0;
      mcast_hash <= '0;
      max_frame  <= 16'd1518;
      rss_ctrl   <= '0;
      tag_min    <= '0;
      rss_key    <= '0;
      rss_table  <= '0;
      misc_irq_q <= 1'b0;
      irq_test_q <= 1'b0;
    end
  end

  localparam logic [31:0] FEATURES = tlsnic_abi_pkg::TLSNIC_FEAT_TLS_TX | tlsnic_abi_pkg::TLSNIC_FEAT_TLS13
                                   | tlsnic_abi_pkg::TLSNIC_FEAT_TSO | tlsnic_abi_pkg::TLSNIC_FEAT_TLS_SEEK;

  logic [31:0] own_rdata;

  always_comb begin
    own_rdata = 32'd0;
    if (reg_rd) begin
      case (reg_addr)
        16'(tlsnic_abi_pkg::TLSNIC_REG_ID):         own_rdata = tlsnic_abi_pkg::TLSNIC_ID;
        16'(tlsnic_abi_pkg::TLSNIC_REG_VERSION):    own_rdata = tlsnic_abi_pkg::TLSNIC_VERSION;
        16'(tlsnic_abi_pkg::TLSNIC_REG_QUEUES):     own_rdata = NUM_QUEUES;
        16'(tlsnic_abi_pkg::TLSNIC_REG_CONTEXTS):   own_rdata = NUM_CTX;
        16'(tlsnic_abi_pkg::TLSNIC_REG_DATA_WIDTH): own_rdata = DATA_W;
        16'(tlsnic_abi_pkg::TLSNIC_REG_CLK_KHZ):    own_rdata = CLK_KHZ;
        16'(tlsnic_abi_pkg::TLSNIC_REG_FEATURES):   own_rdata = FEATURES;
        16'(tlsnic_abi_pkg::TLSNIC_REG_CTRL):       own_rdata = {24'd0, ctrl_q, rst_q != RST_DONE};
        16'(tlsnic_abi_pkg::TLSNIC_REG_STATUS):     own_rdata = {30'd0, rst_q == RST_DONE, link_q};
        16'(tlsnic_abi_pkg::TLSNIC_REG_ERROR):      own_rdata = {27'd0, error_q};
        16'(tlsnic_abi_pkg::TLSNIC_REG_SCRATCH):    own_rdata = scratch_q;
        16'(tlsnic_abi_pkg::TLSNIC_REG_MAC_LO):     own_rdata = mac[31:0];
        16'(tlsnic_abi_pkg::TLSNIC_REG_MAC_HI):     own_rdata = {16'd0, mac[47:32]};
        16'(tlsnic_abi_pkg::TLSNIC_REG_MCAST_LO):   own_rdata = mcast_hash[31:0];
        16'(tlsnic_abi_pkg::TLSNIC_REG_MCAST_HI):   own_rdata = mcast_hash[63:32];
        16'(tlsnic_abi_pkg::TLSNIC_REG_MAX_FRAME):  own_rdata = {16'd0, max_frame};
        16'(tlsnic_abi_pkg::TLSNIC_REG_RSS_CTRL):   own_rdata = {26'd0, rss_ctrl};
        16'(tlsnic_abi_pkg::TLSNIC_REG_TLS_TAG_MIN): own_rdata = {16'd0, tag_min};
        default:                                    own_rdata = 32'd0;
      endcase
      if (at_key)
        own_rdata = rss_key[32 * key_word +: 32];
      if (at_table)
        own_rdata = rss_table[32 * table_word +: 32];
    end
  end

  always_ff @(posedge clk) begin
    if (reg_rd)
      own_rdata_q <= own_rdata;
  end

  assign busy = bus_q != BUS_IDLE || want_wr || s_axil_arvalid || rst_q != RST_DONE
              || link_up != link_q || misc_irq_q || irq_test_q;

endmodule
