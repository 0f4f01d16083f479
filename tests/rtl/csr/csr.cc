// SPDX-License-Identifier: BSD-2-Clause
//
// BAR0: what the contract says of each register of the card, the register bus,
// AXI4-Lite under any order of its channels, and the reset sequence.

#include <map>

#include "Vcsr.h"
#include "tb.h"

#include <linux/tlsnic.h>

constexpr unsigned OKAY = 0, SLVERR = 2;

struct Bench {
	Testbench<Vcsr> tb;
	Random rnd;
	unsigned stall = 0;		/* channels wait up to so many cycles */
	std::map<uint16_t, uint32_t> other; /* registers of another block on the bus */
	unsigned bus_writes = 0, bus_reads = 0;
	unsigned misc = 0, tests = 0, test_vector = 0;
	unsigned resp = OKAY;		/* of the last access */
	uint32_t next_rdata = 0;

	explicit Bench(uint64_t seed) : rnd(seed)
	{
		Vcsr &top = *tb.top;

		top.s_axil_awvalid = top.s_axil_wvalid = top.s_axil_arvalid = 0;
		top.s_axil_bready = top.s_axil_rready = 0;
		top.reg_rdata = 0;
		top.drained = 1;
		top.wipe_busy = 0;
		top.link_up = 0;
		top.err_read = top.err_write = top.err_doorbell = top.err_desc = 0;
		tb.reset();
		for (int i = 0; i < 20; i++)
			step();
	}

	void step()
	{
		Vcsr &top = *tb.top;

		tb.eval();
		next_rdata = 0;
		if (top.reg_rd) {
			auto it = other.find(top.reg_addr);

			next_rdata = it == other.end() ? 0 : it->second;
			bus_reads++;
		}
		if (top.reg_wr) {
			bus_writes++;
			if (top.reg_addr >= TLSNIC_REG_QUEUE)
				other[top.reg_addr] = top.reg_wdata;
		}
		misc += top.misc_irq;
		if (top.irq_test) {
			tests++;
			test_vector = top.irq_test_vector;
		}
		tb.clock();
		/* only in the cycle after reg_rd: csr must look at no other time */
		top.reg_rdata = next_rdata;
		tb.eval();
	}

	void write(uint16_t addr, uint32_t value, unsigned strb = 0xf)
	{
		Vcsr &top = *tb.top;
		unsigned aw = rnd.below(stall + 1), w = rnd.below(stall + 1), b = rnd.below(stall + 1);
		bool aw_done = false, w_done = false;

		for (unsigned i = 0;; i++) {
			if (i == 200) {
				tap_fail("write to 0x%04x is not answered", addr);
				return;
			}
			top.s_axil_awvalid = !aw_done && i >= aw;
			top.s_axil_awaddr = top.s_axil_awvalid ? addr : rnd.next();
			top.s_axil_wvalid = !w_done && i >= w;
			top.s_axil_wdata = top.s_axil_wvalid ? value : rnd.next();
			top.s_axil_wstrb = top.s_axil_wvalid ? strb : rnd.next() & 0xf;
			tb.eval();
			aw_done |= top.s_axil_awvalid && top.s_axil_awready;
			w_done |= top.s_axil_wvalid && top.s_axil_wready;
			if (top.s_axil_bvalid) {
				if (!aw_done || !w_done)
					tap_fail("B before AW and W");
				if (b--) {
					step();
					continue;
				}
				resp = top.s_axil_bresp;
				top.s_axil_bready = 1;
				step();
				top.s_axil_bready = 0;
				return;
			}
			step();
		}
	}

	uint32_t read(uint16_t addr)
	{
		Vcsr &top = *tb.top;
		unsigned ar = rnd.below(stall + 1), r = rnd.below(stall + 1);
		bool ar_done = false;

		for (unsigned i = 0;; i++) {
			if (i == 200) {
				tap_fail("read of 0x%04x is not answered", addr);
				return 0;
			}
			top.s_axil_arvalid = !ar_done && i >= ar;
			top.s_axil_araddr = top.s_axil_arvalid ? addr : rnd.next();
			tb.eval();
			ar_done |= top.s_axil_arvalid && top.s_axil_arready;
			if (top.s_axil_rvalid) {
				uint32_t value = top.s_axil_rdata;

				if (r--) {
					step();
					continue;
				}
				resp = top.s_axil_rresp;
				top.s_axil_rready = 1;
				step();
				top.s_axil_rready = 0;
				return value;
			}
			step();
		}
	}
};

struct Reg {
	const char *name;
	uint16_t addr;
	uint32_t reset, writable; /* value after reset, bits that can be written */
};

static const Reg regs[] = {
	{ "ID", TLSNIC_REG_ID, TLSNIC_ID, 0 },
	{ "VERSION", TLSNIC_REG_VERSION, TLSNIC_VERSION, 0 },
	{ "QUEUES", TLSNIC_REG_QUEUES, 4, 0 },
	{ "CONTEXTS", TLSNIC_REG_CONTEXTS, 1024, 0 },
	{ "DATA_WIDTH", TLSNIC_REG_DATA_WIDTH, 512, 0 },
	{ "CLK_KHZ", TLSNIC_REG_CLK_KHZ, 250000, 0 },
	{ "FEATURES", TLSNIC_REG_FEATURES,
	  TLSNIC_FEAT_TLS_TX | TLSNIC_FEAT_TLS13 | TLSNIC_FEAT_TSO | TLSNIC_FEAT_TLS_SEEK, 0 },
	{ "CTRL", TLSNIC_REG_CTRL, 0,
	  TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE | TLSNIC_CTRL_LOOPBACK | TLSNIC_CTRL_PROMISC
		  | TLSNIC_CTRL_ALLMULTI | TLSNIC_CTRL_VLAN_STRIP | TLSNIC_CTRL_TLS_TAGS },
	{ "STATUS", TLSNIC_REG_STATUS, TLSNIC_STATUS_READY, 0 },
	{ "ERROR", TLSNIC_REG_ERROR, 0, 0 },
	{ "SCRATCH", TLSNIC_REG_SCRATCH, 0, 0xffffffff },
	{ "MAC_LO", TLSNIC_REG_MAC_LO, 0, 0xffffffff },
	{ "MAC_HI", TLSNIC_REG_MAC_HI, 0, 0x0000ffff },
	{ "MCAST_LO", TLSNIC_REG_MCAST_LO, 0, 0xffffffff },
	{ "MCAST_HI", TLSNIC_REG_MCAST_HI, 0, 0xffffffff },
	{ "MAX_FRAME", TLSNIC_REG_MAX_FRAME, 1518, 0x0000ffff },
	{ "IRQ_TEST", TLSNIC_REG_IRQ_TEST, 0, 0 },
	{ "RSS_CTRL", TLSNIC_REG_RSS_CTRL, 0, 0x3f },
	{ "TLS_TAG_MIN", TLSNIC_REG_TLS_TAG_MIN, 0, 0x0000ffff },
};

static void test_card_registers(Bench &b)
{
	for (const Reg &r : regs)
		tap_u64(r.name, b.read(r.addr), r.reset);
	for (const Reg &r : regs) {
		/* RESET of CTRL has its own test */
		uint32_t keep = r.addr == TLSNIC_REG_CTRL ? TLSNIC_CTRL_RESET : 0;

		for (uint32_t value : { 0xffffffffu, 0u, 0x5a5aa5a5u, 0xa5a55a5au, (uint32_t)b.rnd.next() }) {
			b.write(r.addr, value & ~keep);
			tap_u64("write response", b.resp, OKAY);
			tap_u64(r.name, b.read(r.addr),
				(value & ~keep & r.writable) | (r.writable ? 0 : r.reset));
		}
	}
}

/* All writable registers hold values of their own; the outputs show them. */
static void test_outputs(Bench &b)
{
	Vcsr &top = *b.tb.top;
	uint8_t key[TLSNIC_RSS_KEY_LEN], table[TLSNIC_RSS_TABLE_LEN];
	uint32_t word;

	b.rnd.fill(key, sizeof(key));
	b.rnd.fill(table, sizeof(table));
	for (unsigned i = 0; i < sizeof(key); i += 4) {
		memcpy(&word, key + i, 4);
		b.write(TLSNIC_REG_RSS_KEY + i, word);
	}
	for (unsigned i = 0; i < sizeof(table); i += 4) {
		memcpy(&word, table + i, 4);
		b.write(TLSNIC_REG_RSS_TABLE + i, word);
	}
	b.write(TLSNIC_REG_MAC_LO, 0x44332211);
	b.write(TLSNIC_REG_MAC_HI, 0x6655);
	b.write(TLSNIC_REG_MCAST_LO, 0x01234567);
	b.write(TLSNIC_REG_MCAST_HI, 0x89abcdef);
	b.write(TLSNIC_REG_MAX_FRAME, 9018);
	b.write(TLSNIC_REG_RSS_CTRL, 0x15);
	b.write(TLSNIC_REG_TLS_TAG_MIN, 0x1234);
	tap_bytes("rss_key", port_bytes(top.rss_key), key, sizeof(key));
	tap_bytes("rss_table", port_bytes(top.rss_table), table, sizeof(table));
	for (unsigned i = 0; i < sizeof(key); i += 4) {
		memcpy(&word, key + i, 4);
		tap_u64("RSS_KEY", b.read(TLSNIC_REG_RSS_KEY + i), word);
	}
	for (unsigned i = 0; i < sizeof(table); i += 4) {
		memcpy(&word, table + i, 4);
		tap_u64("RSS_TABLE", b.read(TLSNIC_REG_RSS_TABLE + i), word);
	}
	tap_u64("mac", top.mac, 0x665544332211);
	tap_u64("mcast_hash", top.mcast_hash, 0x89abcdef01234567);
	tap_u64("max_frame", top.max_frame, 9018);
	tap_u64("rss_ctrl", top.rss_ctrl, 0x15);
	tap_u64("tag_min", top.tag_min, 0x1234);
	for (unsigned bit = 1; bit < 8; bit++) {
		b.write(TLSNIC_REG_CTRL, 1u << bit);
		tap_u64("tx_enable", top.tx_enable, 1u << bit == TLSNIC_CTRL_TX_ENABLE);
		tap_u64("rx_enable", top.rx_enable, 1u << bit == TLSNIC_CTRL_RX_ENABLE);
		tap_u64("loopback", top.loopback, 1u << bit == TLSNIC_CTRL_LOOPBACK);
		tap_u64("promisc", top.promisc, 1u << bit == TLSNIC_CTRL_PROMISC);
		tap_u64("allmulti", top.allmulti, 1u << bit == TLSNIC_CTRL_ALLMULTI);
		tap_u64("vlan_strip", top.vlan_strip, 1u << bit == TLSNIC_CTRL_VLAN_STRIP);
		tap_u64("tls_tags", top.tls_tags, 1u << bit == TLSNIC_CTRL_TLS_TAGS);
	}
}

/* Addresses of nobody read 0, take writes, and change nothing. */
static void test_unknown(Bench &b)
{
	static const uint16_t addrs[] = { 0x4c, 0x7c, TLSNIC_REG_RSS_KEY + TLSNIC_RSS_KEY_LEN, 0xfc,
					  TLSNIC_REG_RSS_TABLE + TLSNIC_RSS_TABLE_LEN, 0x3fc, 0x8000, 0xfffc };

	b.write(TLSNIC_REG_SCRATCH, 0x12345678);
	for (uint16_t addr : addrs) {
		b.other.clear();
		b.write(addr, 0xffffffff);
		tap_u64("write response", b.resp, OKAY);
		b.other.clear();
		tap_u64("unknown register", b.read(addr), 0);
		tap_u64("read response", b.resp, OKAY);
	}
	tap_u64("SCRATCH", b.read(TLSNIC_REG_SCRATCH), 0x12345678);
	for (const Reg &r : regs)
		if (r.addr != TLSNIC_REG_SCRATCH)
			tap_u64(r.name, b.read(r.addr), r.reset);
}

static void test_refused(Bench &b)
{
	unsigned writes;

	b.write(TLSNIC_REG_SCRATCH, 0x12345678);
	writes = b.bus_writes;
	for (unsigned strb = 0; strb < 15; strb++) {
		b.write(TLSNIC_REG_SCRATCH, 0xffffffff, strb);
		tap_u64("response to a narrow write", b.resp, SLVERR);
	}
	for (unsigned odd = 1; odd < 4; odd++) {
		b.write(TLSNIC_REG_SCRATCH + odd, 0xffffffff);
		tap_u64("response to an unaligned write", b.resp, SLVERR);
		tap_u64("unaligned read", b.read(TLSNIC_REG_SCRATCH + odd), 0xffffffff);
		tap_u64("response to an unaligned read", b.resp, SLVERR);
	}
	tap_u64("writes on the register bus", b.bus_writes, writes);
	tap_u64("SCRATCH", b.read(TLSNIC_REG_SCRATCH), 0x12345678);
	tap_u64("read response", b.resp, OKAY);
}

/* Registers of other blocks, with channels in any order and waits anywhere. */
static void test_bus(Bench &b)
{
	std::map<uint16_t, uint32_t> want;

	b.stall = 5;
	for (unsigned i = 0; i < 2000; i++) {
		uint16_t addr = TLSNIC_REG_QUEUE + 4 * b.rnd.below(512);

		if (b.rnd.one_in(2)) {
			want[addr] = b.rnd.next();
			b.write(addr, want[addr]);
		} else {
			tap_u64("register of another block", b.read(addr), want.count(addr) ? want[addr] : 0);
		}
	}
}

/* Both channels busy all the time: neither starves. */
static void test_fair(Bench &b)
{
	Vcsr &top = *b.tb.top;
	unsigned writes = 0, reads = 0;

	top.s_axil_awvalid = top.s_axil_wvalid = top.s_axil_arvalid = 1;
	top.s_axil_bready = top.s_axil_rready = 1;
	top.s_axil_awaddr = top.s_axil_araddr = TLSNIC_REG_SCRATCH;
	top.s_axil_wstrb = 0xf;
	for (unsigned i = 0; i < 700; i++) {
		b.tb.eval();
		writes += top.s_axil_bvalid;
		reads += top.s_axil_rvalid;
		b.step();
	}
	if (writes < 90 || reads < 90)
		tap_fail("%u writes and %u reads in 700 cycles", writes, reads);
}

static void test_error(Bench &b)
{
	Vcsr &top = *b.tb.top;
	CData *inputs[] = { &top.err_read, &top.err_write, &top.err_doorbell, &top.err_desc };
	static const uint32_t bits[] = { TLSNIC_ERR_READ, TLSNIC_ERR_WRITE, TLSNIC_ERR_DOORBELL, TLSNIC_ERR_DESC };
	uint32_t want = 0;

	for (unsigned i = 0; i < 4; i++) {
		*inputs[i] = 1;
		b.step();
		*inputs[i] = 0;
		b.step();
		want |= bits[i];
		tap_u64("ERROR", b.read(TLSNIC_REG_ERROR), want);
		tap_u64("interrupts", b.misc, i + 1);
		/* again while it is set: no other interrupt */
		*inputs[i] = 1;
		b.step();
		*inputs[i] = 0;
		b.step();
		tap_u64("interrupts", b.misc, i + 1);
	}
	b.write(TLSNIC_REG_ERROR, TLSNIC_ERR_WRITE | 0xffffff00);
	want &= ~TLSNIC_ERR_WRITE;
	tap_u64("ERROR after a 1 was written", b.read(TLSNIC_REG_ERROR), want);
	/* a cause in the very cycle in which it is cleared is not lost */
	top.err_desc = 1;
	b.write(TLSNIC_REG_ERROR, 0xffffffff);
	top.err_desc = 0;
	tap_u64("ERROR", b.read(TLSNIC_REG_ERROR), TLSNIC_ERR_DESC);
	b.write(TLSNIC_REG_ERROR, 0xffffffff);
	tap_u64("ERROR", b.read(TLSNIC_REG_ERROR), 0);
	b.misc = 0;
	top.err_desc = 1;
	b.step();
	top.err_desc = 0;
	b.step();
	b.step();
	tap_u64("interrupts after it was cleared", b.misc, 1);
}

static void test_link(Bench &b)
{
	Vcsr &top = *b.tb.top;

	for (unsigned up : { 1u, 0u, 1u }) {
		b.misc = 0;
		top.link_up = up;
		b.tb.eval();
		tap_u64("busy when the link changes", top.busy, 1);
		for (int i = 0; i < 4; i++)
			b.step();
		tap_u64("STATUS", b.read(TLSNIC_REG_STATUS), TLSNIC_STATUS_READY | (up ? TLSNIC_STATUS_LINK : 0));
		tap_u64("ERROR", b.read(TLSNIC_REG_ERROR), TLSNIC_ERR_LINK);
		tap_u64("interrupts", b.misc, 1);
		b.write(TLSNIC_REG_ERROR, TLSNIC_ERR_LINK);
		tap_u64("ERROR", b.read(TLSNIC_REG_ERROR), 0);
	}
}

static void test_irq_test(Bench &b)
{
	for (unsigned v = 0; v <= 4; v++) {
		b.tests = 0;
		b.write(TLSNIC_REG_IRQ_TEST, v);
		tap_u64("interrupts asked for", b.tests, 1);
		tap_u64("vector", b.test_vector, v);
	}
	b.tests = 0;
	for (uint32_t v : { 5u, 255u, 256u, 0x80000001u })
		b.write(TLSNIC_REG_IRQ_TEST, v);
	tap_u64("interrupts for vectors that do not exist", b.tests, 0);
}

static void test_reset(Bench &b)
{
	Vcsr &top = *b.tb.top;

	top.link_up = 1;
	for (const Reg &r : regs)
		if (r.writable)
			b.write(r.addr, r.addr == TLSNIC_REG_CTRL ? r.writable : 0xffffffff);
	b.write(TLSNIC_REG_RSS_KEY, 1);
	b.write(TLSNIC_REG_RSS_TABLE, 1);
	top.drained = 0;
	b.write(TLSNIC_REG_CTRL, TLSNIC_CTRL_RESET | TLSNIC_CTRL_TX_ENABLE);
	for (unsigned i = 0; i < 50; i++) {
		b.step();
		tap_u64("soft_rst while AXI drains", top.soft_rst, 1);
		tap_u64("flush while AXI drains", top.flush, 1);
		tap_u64("busy", top.busy, 1);
	}
	tap_u64("STATUS", b.read(TLSNIC_REG_STATUS), TLSNIC_STATUS_LINK);
	tap_u64("CTRL", b.read(TLSNIC_REG_CTRL), TLSNIC_CTRL_RESET);
	top.drained = 1;
	top.wipe_busy = 1;
	for (unsigned i = 0; i < 50; i++)
		b.step();
	tap_u64("soft_rst while the contexts are wiped", top.soft_rst, 0);
	tap_u64("STATUS", b.read(TLSNIC_REG_STATUS), TLSNIC_STATUS_LINK);
	top.wipe_busy = 0;
	b.step();
	b.step();
	tap_u64("STATUS", b.read(TLSNIC_REG_STATUS), TLSNIC_STATUS_LINK | TLSNIC_STATUS_READY);
	for (const Reg &r : regs)
		if (r.addr != TLSNIC_REG_STATUS)
			tap_u64(r.name, b.read(r.addr), r.reset);
	tap_u64("RSS_KEY", b.read(TLSNIC_REG_RSS_KEY), 0);
	tap_u64("RSS_TABLE", b.read(TLSNIC_REG_RSS_TABLE), 0);
	tap_u64("busy", top.busy, 0);
}

/* A stopped clock must not miss an access, nor run on after it. */
static void test_busy(Bench &b)
{
	Vcsr &top = *b.tb.top;

	tap_u64("busy at rest", top.busy, 0);
	top.s_axil_arvalid = 1;
	b.tb.eval();
	tap_u64("busy with a read", top.busy, 1);
	top.s_axil_arvalid = 0;
	top.s_axil_awvalid = top.s_axil_wvalid = 1;
	b.tb.eval();
	tap_u64("busy with a write", top.busy, 1);
	top.s_axil_awvalid = top.s_axil_wvalid = 0;
	b.read(TLSNIC_REG_ID);
	b.write(TLSNIC_REG_SCRATCH, 1);
	b.step();
	tap_u64("busy after accesses", top.busy, 0);
	top.err_read = 1;
	b.step();
	top.err_read = 0;
	b.tb.eval();
	tap_u64("busy until the interrupt is passed on", top.busy, 1);
	b.step();
	tap_u64("busy at rest", top.busy, 0);
}

#define RUN(name, test)				\
	TAP_RUN(name, do {			\
		Bench b(tap.seed);		\
		test(b);			\
	} while (0))

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	RUN("card registers", test_card_registers);
	RUN("outputs", test_outputs);
	RUN("addresses of nobody", test_unknown);
	RUN("refused accesses", test_refused);
	RUN("register bus", test_bus);
	RUN("reads and writes at once", test_fair);
	RUN("ERROR", test_error);
	RUN("link", test_link);
	RUN("IRQ_TEST", test_irq_test);
	RUN("reset", test_reset);
	RUN("busy", test_busy);
	return tap_end();
}
