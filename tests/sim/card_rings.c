// SPDX-License-Identifier: BSD-2-Clause
//
// The whole card where it is not treated well: rings that are full, wrap, stop or
// hold nonsense; memory that fails, is late, or answers in another order; resets
// under traffic; interrupts.

#include "card.h"

#define TX_RX_LOOP (TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE | TLSNIC_CTRL_LOOPBACK)

static struct card c;
static uint8_t buf[16384];

static void start(uint32_t ctrl, const struct tlsnic_sim_options *opt)
{
	card_new(&c, opt);
	for (unsigned int q = 0; q < c.queues; q++)
		card_queue_on(&c, q, 6, 6, 7, 2048);
	card_enable(&c, ctrl);
}

static void send_marked(unsigned int q, uint32_t number, uint32_t len)
{
	memset(buf, number, len);
	memcpy(buf, &number, 4);
	buf[12] = 0x88;
	card_send(&c, q, buf, len, 1, NULL);
}

/* One frame out by each queue: everything works. */
static void works(void)
{
	for (unsigned int q = 0; q < c.queues; q++) {
		unsigned int n = c.out.count;

		if (!c.q[q].on)
			card_queue_on(&c, q, 6, 6, 7, 2048);
		card_enable(&c, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
		send_marked(q, 77 + q, 300 + q);
		card_ring(&c, q);
		card_settle(&c);
		frames_expect("a frame afterwards", &c.out, n, buf, 300 + q);
		tap_u64("its status", c.last_tx.status, TLSNIC_STATUS_OK);
	}
	card_rx_post(&c, 0, 8);
	card_wire_in(&c, buf, 100, false);
	card_settle(&c);
	if (!c.in.count || c.in.f[c.in.count - 1].len != 100)
		tap_fail("no frame comes in afterwards");
}

static void full_completion_ring(void)
{
	uint32_t sent = 0;

	card_new(&c, NULL);
	card_queue_on(&c, 0, 7, 6, 6, 2048);
	card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 120; i++)
			send_marked(0, sent++, 60);
		card_ring(&c, 0);
		card_cycles(&c, 20000);
		tap_u64("entries in the ring",
			(uint16_t)(card_rd(&c, card_qreg(0, TLSNIC_Q_CQ_PROD)) - c.q[0].cq_cons), 64);
		tap_u64("one is taken", card_reap(&c, 0, 1), 1);
		card_cycles(&c, 2000);
		tap_u64("entries in the ring",
			(uint16_t)(card_rd(&c, card_qreg(0, TLSNIC_Q_CQ_PROD)) - c.q[0].cq_cons), 64);
		card_settle(&c);
		tap_u64("frames", c.out.count, sent);
		tap_u64("last completion", c.q[0].tx_done, c.q[0].tx_tail);
	}
	for (uint32_t i = 0; i < c.out.count; i++)
		if (memcmp(c.out.f[i].data, &i, 4))
			tap_fail("frame %u is another", i);
	card_free(&c);
}

/* Indices run over 2^16. */
static void wrap(void)
{
	uint32_t sent = 0;

	card_new(&c, NULL);
	card_queue_on(&c, 0, 9, 9, 11, 128);
	card_enable(&c, TX_RX_LOOP);
	while (sent < 70000 && !tap.failures) {
		card_rx_post(&c, 0, 512);
		for (int i = 0; i < 400; i++)
			send_marked(0, sent++, 60);
		card_ring(&c, 0);
		card_settle(&c);
		tap_u64("frames", c.in.count, 400);
		for (uint32_t i = 0; i < c.in.count && !tap.failures; i++) {
			uint32_t number = sent - 400 + i;

			memset(buf, number, 60);
			memcpy(buf, &number, 4);
			buf[12] = 0x88;
			frames_expect("loop", &c.in, i, buf, 60);
		}
		frames_clear(&c.in);
	}
	card_free(&c);
}

static uint32_t errors(void)
{
	uint32_t e = card_rd(&c, TLSNIC_REG_ERROR);

	card_wr(&c, TLSNIC_REG_ERROR, e);
	return e;
}

static void doorbells(void)
{
	start(TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE, NULL);
	errors();
	c.no_access = true;
	for (int i = 0; i < 3; i++) {
		static const uint32_t regs[] = { TLSNIC_Q_TX_TAIL, TLSNIC_Q_RX_TAIL, TLSNIC_Q_CQ_CONS };
		unsigned int irqs = c.irqs[0];

		card_wr(&c, card_qreg(i, regs[i]), i == 2 ? 1 : 65);
		card_run(&c);
		tap_u64("ERROR", errors(), TLSNIC_ERR_DOORBELL);
		tap_u64("interrupts of vector 0", c.irqs[0], irqs + 1);
		tap_u64("ERROR when cleared", card_rd(&c, TLSNIC_REG_ERROR), 0);
	}
	c.no_access = false;
	works();
	card_free(&c);
}

struct wrong {
	const char *name;
	struct tlsnic_txd_packet d;
	uint32_t len;		/* of the frame, in two segments; 0: d is one slot as it is */
	bool halts;
};

static void wrong_packets(void)
{
	static const struct wrong cases[] = {
		{ "13 bytes", { 0 }, 13, false },
		{ "9217 bytes", { 0 }, 9217, false },
		{ "16383 bytes", { 0 }, 16383, false },
		{ "l3_start", { .l3_start = 1 }, 100, false },
		{ "small mss", { .flags = TLSNIC_TXF_CSUM, .mss = 63, .l3_start = 14, .csum_start = 34, .csum_offset = 16 }, 100, false },
		{ "mss without checksum", { .mss = 100, .l3_start = 14, .csum_start = 34, .csum_offset = 16 }, 100, false },
		{ "mss, no TCP", { .flags = TLSNIC_TXF_CSUM, .mss = 100, .l3_start = 14, .csum_start = 34, .csum_offset = 6 }, 100, false },
		{ "mss, no room for IP", { .flags = TLSNIC_TXF_CSUM, .mss = 100, .l3_start = 15, .csum_start = 34, .csum_offset = 16 },
		  100, false },
		{ "mss, TCP too late", { .flags = TLSNIC_TXF_CSUM, .mss = 100, .l3_start = 14, .csum_start = 237, .csum_offset = 16 },
		  1000, false },
		{ "mss, TCP goes beyond", { .flags = TLSNIC_TXF_CSUM, .mss = 100, .l3_start = 14, .csum_start = 81, .csum_offset = 16 },
		  100, false },
		{ "checksum starts at the end", { .flags = TLSNIC_TXF_CSUM, .csum_start = 100, .csum_offset = 0 }, 100, false },
		{ "checksum starts beyond", { .flags = TLSNIC_TXF_CSUM, .csum_start = 65535, .csum_offset = 6 }, 100, false },
		{ "checksum goes beyond", { .flags = TLSNIC_TXF_CSUM, .csum_start = 50, .csum_offset = 49 }, 100, false },
		{ "checksum goes far beyond", { .flags = TLSNIC_TXF_CSUM, .csum_start = 50, .csum_offset = 65500 }, 100, false },
		{ "TLS starts beyond", { .flags = TLSNIC_TXF_TLS, .stream_offset = 101 }, 100, false },
		{ "length 0", { .op = TLSNIC_TXD_PACKET, .flags = TLSNIC_TXF_END | TLSNIC_TXF_COMPLETE,
				.addr = CARD_MEM_BASE }, 0, false },
		{ "unknown flag", { .op = TLSNIC_TXD_PACKET, .flags = TLSNIC_TXF_END | 0x80, .len = 60,
				    .addr = CARD_MEM_BASE }, 0, false },
		{ "op 0", { .op = 0, .len = 60 }, 0, true },
		{ "op 6", { .op = 6, .len = 60 }, 0, true },
		{ "op 255", { .op = 255, .flags = 255 }, 0, true },
		{ "segment without a packet", { .op = TLSNIC_TXD_SEGMENT, .flags = TLSNIC_TXF_END, .len = 60,
						.addr = CARD_MEM_BASE }, 0, true },
	};
	uint64_t drops = 0;

	start(TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]) && !tap.failures; i++) {
		const struct wrong *w = &cases[i];
		unsigned int n = c.out.count, q = i % c.queues, cpls = c.q[q].tx_cpls;
		uint32_t ctrl;

		errors();
		if (w->len) {
			struct tlsnic_txd_packet d = w->d;

			/* a dropped packet always has a completion */
			memset(buf, 0, w->len);
			card_send(&c, q, buf, w->len, 2, &d);
		} else {
			card_slot(&c, q, &w->d);
		}
		send_marked(q, i, 200);
		card_ring(&c, q);
		card_settle(&c);
		ctrl = card_rd(&c, card_qreg(q, TLSNIC_Q_TX_CTRL));
		tap_u64("HALTED", !!(ctrl & TLSNIC_Q_HALTED), w->halts);
		tap_u64("ERROR", errors(), w->halts ? TLSNIC_ERR_DESC : 0);
		if (w->halts) {
			tap_u64("frames", c.out.count, n);
			card_queue_off(&c, q);
			card_queue_on(&c, q, 6, 6, 7, 2048);
		} else {
			drops++;
			tap_u64("completions", c.q[q].tx_cpls, cpls + 2);
			frames_expect("the next one", &c.out, n, buf, 200);
			tap_u64("frames", c.out.count, n + 1);
		}
		tap_u64("statistics: refused", card_stat(&c, TLSNIC_STAT_TX_DROP_DESC), drops);
		if (tap.failures)
			tap_fail("the case: %s", w->name);
	}
	works();
	card_free(&c);
}

/* Items that are cut: what follows is not the slot that must follow, or nothing follows. */
static void wrong_order(void)
{
	for (int i = 0; i < 7 && !tap.failures; i++) {
		struct tlsnic_txd_packet p = { .op = TLSNIC_TXD_PACKET, .len = 60, .addr = CARD_MEM_BASE };
		struct tlsnic_txd_ctx x = { .op = i == 3 ? TLSNIC_TXD_CTX_WRITE : TLSNIC_TXD_CTX_DELETE };
		struct tlsnic_txd_seek s = { .op = TLSNIC_TXD_SEEK };

		start(TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE, NULL);
		errors();
		if (i < 3)
			card_slot(&c, 0, &p);	/* without END */
		for (int k = i; k > 3; k = k == 6 ? 4 : 3)	/* one, or two in a row */
			card_slot(&c, 0, &s);
		if (i == 1 || i == 3 || i == 5)
			card_slot(&c, 0, &x);
		if (i < 2)
			send_marked(0, 1, 100);
		/* a doorbell posts whole items */
		card_ring(&c, 0);
		card_settle(&c);
		tap_u64("ERROR", errors(), TLSNIC_ERR_DESC);
		tap_u64("CTRL", card_rd(&c, card_qreg(0, TLSNIC_Q_TX_CTRL)) & TLSNIC_Q_HALTED, TLSNIC_Q_HALTED);
		tap_u64("frames", c.out.count, 0);
		card_queue_off(&c, 0);
		works();
		card_free(&c);
	}
}

/* Slots, doorbells and rings of pure chance. */
static void nonsense(void)
{
	struct tlsnic_sim_options opt = { .seed = tap.seed, .latency_max = 60, .reorder = true };

	start(TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE, &opt);
	for (int round = 0; round < 150 && !tap.failures; round++) {
		c.lenient = true;
		for (int i = 0; i < 40; i++) {
			struct tlsnic_txd_packet d;
			unsigned int q = card_rnd(&c, c.queues);

			card_random_bytes(&c, &d, sizeof(d));
			d.op = card_rnd(&c, 20) ? 1 + card_rnd(&c, 4) : card_rnd(&c, 256);
			d.flags = card_rnd(&c, 8) ? card_rnd(&c, 32) : card_rnd(&c, 256);
			if (card_rnd(&c, 8))
				d.addr = CARD_MEM_BASE + card_rnd(&c, CARD_MEM_SIZE / 2);
			if (card_rnd(&c, 2))
				d.len = card_rnd(&c, 2000);
			if (card_rnd(&c, 4))
				d.mss = d.l3_start = 0;
			if (card_rnd(&c, 2)) {
				d.csum_start = card_rnd(&c, 100);
				d.csum_offset = card_rnd(&c, 100);
				d.stream_offset = card_rnd(&c, 100);
			}
			if (card_rnd(&c, 4))
				d.ctx = card_rnd(&c, 300);
			card_slot(&c, q, &d);
			card_wr(&c, card_qreg(q, TLSNIC_Q_TX_TAIL), card_rnd(&c, 10) ? c.q[q].tx_tail : card_rnd(&c, ~0u));
			card_cycles(&c, card_rnd(&c, 50));
		}
		card_run(&c);
		/* what was sent is of no interest, that it ends is */
		for (unsigned int q = 0; q < c.queues; q++) {
			if (round % 4 == 3)
				continue;
			card_queue_off(&c, q);
		}
		card_reset(&c);
		c.lenient = false;
		frames_clear(&c.out);
		c.brk = CARD_MEM_BASE;
		if (round % 10 == 0)
			works();
		for (unsigned int q = 0; q < c.queues; q++)
			if (!c.q[q].on)
				card_queue_on(&c, q, 6, 6, 7, 2048);
		card_enable(&c, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
	}
	card_free(&c);
}

static void fail_range(uint64_t from, uint64_t len)
{
	c.fail_from = from;
	c.fail_to = from + len;
}

static void read_errors(void)
{
	unsigned int n;

	start(TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE, NULL);
	errors();
	/* of a TX descriptor: that queue halts, the next goes on */
	send_marked(0, 1, 100);
	fail_range(c.q[0].tx, 64);
	card_ring(&c, 0);
	card_settle(&c);
	tap_u64("ERROR", errors(), TLSNIC_ERR_READ);
	tap_u64("CTRL", card_rd(&c, card_qreg(0, TLSNIC_Q_TX_CTRL)) & TLSNIC_Q_HALTED, TLSNIC_Q_HALTED);
	tap_u64("frames", c.out.count, 0);
	fail_range(0, 0);
	card_ring(&c, 0);
	card_settle(&c);
	tap_u64("halted stays halted", c.out.count, 0);
	send_marked(1, 2, 100);
	card_ring(&c, 1);
	card_settle(&c);
	tap_u64("another queue's frame", c.out.count, 1);
	card_queue_off(&c, 0);

	/* of an RX descriptor */
	fail_range(c.q[1].rx, 16);
	card_rx_post(&c, 1, 20);
	card_run(&c);
	fail_range(0, 0);
	for (uint32_t i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4)
		card_wr(&c, TLSNIC_REG_RSS_TABLE + i, 0x01010101);
	card_wire_in(&c, buf, 100, false);
	card_settle(&c);
	tap_u64("ERROR", errors(), TLSNIC_ERR_READ);
	tap_u64("CTRL", card_rd(&c, card_qreg(1, TLSNIC_Q_RX_CTRL)) & TLSNIC_Q_HALTED, TLSNIC_Q_HALTED);
	tap_u64("frames in", c.in.count, 0);
	card_queue_off(&c, 1);

	/* of data: the packet is dropped, wherever in it, and the next is not */
	n = c.out.count;
	for (unsigned int i = 0; i < 60 && !tap.failures; i++) {
		struct tlsnic_txd_packet d = { .flags = i % 2 ? TLSNIC_TXF_COMPLETE : 0 };
		struct card_packet p = { .segs = 3, .d = d };
		unsigned int cpls = c.q[2].tx_cpls, k = i % 3;

		for (unsigned int s = 0; s < 3; s++) {
			p.len[s] = 40 + card_rnd(&c, 3000);
			p.addr[s] = CARD_MEM_BASE + CARD_MEM_SIZE / 2 + (s << 16) + card_rnd(&c, 4096);
		}
		fail_range(p.addr[k] + card_rnd(&c, p.len[k]), 1);
		card_packet(&c, 2, &p);
		card_ring(&c, 2);
		card_settle(&c);
		tap_u64("completions", c.q[2].tx_cpls, cpls + 1);
		tap_u64("status", c.last_tx.status, TLSNIC_STATUS_DMA);
		tap_u64("frames", c.out.count, n + i);
		fail_range(0, 0);
		send_marked(2, i, 200);
		card_ring(&c, 2);
		card_settle(&c);
		frames_expect("the next one", &c.out, n + i, buf, 200);
		tap_u64("statistics: lost", card_stat(&c, TLSNIC_STAT_TX_DROP_DMA), i + 1);
	}
	tap_u64("ERROR", errors(), 0);
	for (uint32_t i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4)
		card_wr(&c, TLSNIC_REG_RSS_TABLE + i, 0);
	works();
	card_free(&c);
}

static void write_errors(void)
{
	start(TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE, NULL);
	errors();
	/* into the second of three buffers: the frame comes, marked as damaged */
	card_rx_post(&c, 0, 8);
	memset(buf, 0x31, 6000);
	fail_range(c.q[0].bufs + 2048 + 64 + 100, 1);
	card_wire_in(&c, buf, 6000, false);
	card_wire_in(&c, buf, 500, false);
	card_settle(&c);
	tap_u64("ERROR", errors(), TLSNIC_ERR_WRITE);
	tap_u64("frames", c.in.count, 2);
	if (c.in.count == 2) {
		tap_u64("marked", !!(c.in.f[0].cpl.flags & TLSNIC_RXF_ERROR), 1);
		tap_u64("the next one", c.in.f[1].cpl.flags & TLSNIC_RXF_ERROR, 0);
		frames_expect("the next one", &c.in, 1, buf, 500);
	}
	/* of a completion: it is lost, and the driver told so */
	fail_range(c.q[3].cq, 4096);
	send_marked(3, 5, 100);
	card_ring(&c, 3);
	card_run(&c);
	tap_u64("the frame", c.out.count, 1);
	tap_u64("ERROR", errors(), TLSNIC_ERR_WRITE);
	tap_u64("vector 0", c.irqs[0] >= 1, 1);
	fail_range(0, 0);
	card_reset(&c);
	works();
	card_free(&c);
}

/* Everything moves, then the reset comes at any moment. */
static void reset_anywhere(void)
{
	struct tlsnic_sim_options opt = {
		.seed = tap.seed, .latency_min = 5, .latency_max = 400, .reorder = true, .interleave = true,
		.stall_ppm = 50000
	};

	card_new(&c, &opt);
	for (int round = 0; round < 120 && !tap.failures; round++) {
		c.brk = CARD_MEM_BASE;
		frames_clear(&c.in);
		frames_clear(&c.out);
		for (unsigned int q = 0; q < c.queues; q++) {
			card_queue_on(&c, q, 6, 6, 7, 512);
			card_rx_post(&c, q, 64);
			card_wr(&c, card_qreg(q, TLSNIC_Q_CQ_CONS), TLSNIC_CQ_ARM);
		}
		card_enable(&c, TX_RX_LOOP);
		for (int i = 0; i < 40; i++)
			send_marked(i % c.queues, i, 60 + card_rnd(&c, 2000));
		c.wire_full = round % 3 == 0;
		for (unsigned int q = 0; q < c.queues; q++)
			card_ring(&c, q);
		card_cycles(&c, card_rnd(&c, 1500));
		if (round % 8 == 7) {
			tlsnic_sim_reset(c.sim);
			while (!(card_rd(&c, TLSNIC_REG_STATUS) & TLSNIC_STATUS_READY))
				;
			for (unsigned int q = 0; q < c.queues; q++)
				c.q[q].on = false;
		} else {
			card_reset(&c);
		}
		c.wire_full = false;
		c.no_access = true;	/* READY: the card touches nothing any more */
		card_cycles(&c, 3000);
		for (unsigned int q = 0; q < c.queues; q++) {
			tap_u64("CTRL", card_rd(&c, card_qreg(q, TLSNIC_Q_TX_CTRL)), 0);
			tap_u64("CTRL", card_rd(&c, card_qreg(q, TLSNIC_Q_RX_CTRL)), 0);
			tap_u64("CTRL", card_rd(&c, card_qreg(q, TLSNIC_Q_CQ_CTRL)), 0);
		}
		tap_u64("CTRL", card_rd(&c, TLSNIC_REG_CTRL), 0);
		c.no_access = false;
		frames_clear(&c.in);
		frames_clear(&c.out);
		memset(c.irqs, 0, sizeof(c.irqs));
		works();
		tap_u64("frames afterwards", c.out.count, c.queues);
		card_reset(&c);
	}
	card_free(&c);
}

/* Turning a ring off under traffic: nothing is half done, nothing is touched afterwards. */
static void off_anywhere(void)
{
	struct tlsnic_sim_options opt = { .seed = tap.seed, .latency_max = 300, .reorder = true, .stall_ppm = 20000 };

	card_new(&c, &opt);
	for (int round = 0; round < 120 && !tap.failures; round++) {
		unsigned int q = card_rnd(&c, c.queues);

		c.brk = CARD_MEM_BASE;
		card_queue_on(&c, q, 6, 6, 7, 1024);
		card_rx_post(&c, q, 64);
		card_enable(&c, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
		for (uint32_t i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4)
			card_wr(&c, TLSNIC_REG_RSS_TABLE + i, q * 0x01010101);
		frames_clear(&c.out);
		frames_clear(&c.in);
		for (int i = 0; i < 20; i++)
			send_marked(q, i, 60 + card_rnd(&c, 2000));
		card_ring(&c, q);
		memset(buf, 0x77, 1500);
		for (int i = 0; i < 6; i++)
			tlsnic_sim_wire_rx(c.sim, buf, 60 + card_rnd(&c, 1400), false);
		card_cycles(&c, card_rnd(&c, 1000));
		card_wr(&c, card_qreg(q, TLSNIC_Q_RX_CTRL), 0);
		card_wr(&c, card_qreg(q, TLSNIC_Q_TX_CTRL), 0);
		for (int i = 0; i < 20000; i++) {
			card_reap(&c, q, ~0u);
			if (!((card_rd(&c, card_qreg(q, TLSNIC_Q_TX_CTRL)) |
			       card_rd(&c, card_qreg(q, TLSNIC_Q_RX_CTRL))) & TLSNIC_Q_ACTIVE))
				break;
		}
		card_queue_off(&c, q);
		card_reap(&c, q, ~0u);
		c.no_access = true;
		card_run(&c);
		c.no_access = false;
		/* each frame that left is whole, and has its completion */
		for (uint32_t i = 0; i < c.out.count; i++)
			if (memcmp(c.out.f[i].data, &i, 4))
				tap_fail("frame %u is another", i);
		tap_u64("completions", c.q[q].tx_cpls, c.out.count);
	}
	for (uint32_t i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4)
		card_wr(&c, TLSNIC_REG_RSS_TABLE + i, 0);
	works();
	card_free(&c);
}

static void interrupts(void)
{
	start(TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE, NULL);
	for (unsigned int v = 0; v <= c.queues + 2; v++) {
		card_wr(&c, TLSNIC_REG_IRQ_TEST, v);
		card_run(&c);
		for (unsigned int w = 0; w <= c.queues; w++)
			tap_u64("test of a vector", c.irqs[w], w <= v);
	}
	for (unsigned int q = 0; q < c.queues; q++) {
		unsigned int v = TLSNIC_VECTOR_QUEUE + q;

		memset(c.irqs, 0, sizeof(c.irqs));
		send_marked(q, 0, 60);
		card_ring(&c, q);
		card_run(&c);
		tap_u64("not armed", c.irqs[v], 0);
		card_wr(&c, card_qreg(q, TLSNIC_Q_CQ_CONS), c.q[q].cq_cons | TLSNIC_CQ_ARM);
		card_run(&c);
		tap_u64("armed with a completion waiting", c.irqs[v], 1);
		send_marked(q, 1, 60);
		card_ring(&c, q);
		card_run(&c);
		tap_u64("once", c.irqs[v], 1);
		card_settle(&c);
		card_wr(&c, card_qreg(q, TLSNIC_Q_CQ_CONS), c.q[q].cq_cons | TLSNIC_CQ_ARM);
		card_run(&c);
		tap_u64("armed with none waiting", c.irqs[v], 1);
		send_marked(q, 2, 60);
		card_ring(&c, q);
		card_run(&c);
		tap_u64("then it comes", c.irqs[v], 2);
		/* a frame from the wire, too */
		card_settle(&c);
		for (uint32_t i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4)
			card_wr(&c, TLSNIC_REG_RSS_TABLE + i, q * 0x01010101);
		card_rx_post(&c, q, 8);
		card_wr(&c, card_qreg(q, TLSNIC_Q_CQ_CONS), c.q[q].cq_cons | TLSNIC_CQ_ARM);
		card_wire_in(&c, buf, 60, false);
		card_run(&c);
		tap_u64("for a frame", c.irqs[v], 3);
		card_settle(&c);
		for (unsigned int w = 0; w <= c.queues; w++)
			if (w != v)
				tap_u64("other vectors", c.irqs[w], 0);
	}
	card_free(&c);
}

/* The interrupt comes after the completion's data, whatever the memory does. */
static void interrupt_order(void)
{
	struct tlsnic_sim_options opt = { .seed = tap.seed, .latency_max = 200, .reorder = true, .stall_ppm = 100000 };

	start(TLSNIC_CTRL_TX_ENABLE, &opt);
	for (int i = 0; i < 200 && !tap.failures; i++) {
		unsigned int q = card_rnd(&c, c.queues), v = TLSNIC_VECTOR_QUEUE + q, before = c.irqs[v];

		card_wr(&c, card_qreg(q, TLSNIC_Q_CQ_CONS), c.q[q].cq_cons | TLSNIC_CQ_ARM);
		send_marked(q, i, 60 + card_rnd(&c, 500));
		card_ring(&c, q);
		while (c.irqs[v] == before && !tlsnic_sim_idle(c.sim))
			card_cycles(&c, 1);
		tap_u64("interrupts", c.irqs[v], before + 1);
		if (!card_reap(&c, q, 1))
			tap_fail("interrupt %d: no completion is there", i);
		card_settle(&c);
	}
	card_free(&c);
}

static void moderation(void)
{
	const uint32_t gap = 3000;
	unsigned int n = 0;
	uint64_t last = 0;

	start(TLSNIC_CTRL_TX_ENABLE, NULL);
	card_queue_off(&c, 2);
	card_wr(&c, card_qreg(2, TLSNIC_Q_IRQ_CYCLES), gap);
	card_queue_on(&c, 2, 6, 6, 7, 2048);
	for (int i = 0; i < 20 && !tap.failures; i++) {
		card_wr(&c, card_qreg(2, TLSNIC_Q_CQ_CONS), c.q[2].cq_cons | TLSNIC_CQ_ARM);
		send_marked(2, i, 60);
		card_ring(&c, 2);
		card_run(&c);	/* busy until the timer has run */
		tap_u64("interrupts", c.irqs[3], ++n);
		if (last && c.irq_cycle[3] - last < gap)
			tap_fail("interrupt after %llu cycles, expected at least %u",
				 (unsigned long long)(c.irq_cycle[3] - last), gap);
		if (last && c.irq_cycle[3] - last > gap + 300)
			tap_fail("interrupt after %llu cycles, expected about %u",
				 (unsigned long long)(c.irq_cycle[3] - last), gap);
		last = c.irq_cycle[3];
		card_settle(&c);
	}
	/* written while the ring is on: the wait that has begun stays as long as it was */
	card_wr(&c, card_qreg(2, TLSNIC_Q_IRQ_CYCLES), 1000000);
	card_wr(&c, card_qreg(2, TLSNIC_Q_IRQ_COUNT), 5);
	card_wr(&c, card_qreg(2, TLSNIC_Q_CQ_CONS), c.q[2].cq_cons | TLSNIC_CQ_ARM);
	send_marked(2, 20, 60);
	card_ring(&c, 2);
	card_run(&c);
	tap_u64("interrupts", c.irqs[3], ++n);
	if (c.irq_cycle[3] - last > gap + 300)
		tap_fail("interrupt after %llu cycles, expected about %u",
			 (unsigned long long)(c.irq_cycle[3] - last), gap);
	card_reap(&c, 2, ~0u);
	card_wr(&c, card_qreg(2, TLSNIC_Q_CQ_CONS), c.q[2].cq_cons | TLSNIC_CQ_ARM);
	/* then enough completions end the wait */
	for (int i = 1; i <= 10; i++) {
		send_marked(2, i, 60);
		card_ring(&c, 2);
		card_cycles(&c, 2000);
		tap_u64("interrupts", c.irqs[3], n + (i % 5 == 0));
		if (i % 5 == 0) {
			n++;
			card_reap(&c, 2, ~0u);
			card_wr(&c, card_qreg(2, TLSNIC_Q_CQ_CONS), c.q[2].cq_cons | TLSNIC_CQ_ARM);
		}
	}
	/* those that wait already count, too */
	for (int i = 0; i < 3; i++)
		send_marked(2, i, 60);
	card_ring(&c, 2);
	card_cycles(&c, 2000);
	tap_u64("interrupts with 3 of 5 completions", c.irqs[3], n);
	card_wr(&c, card_qreg(2, TLSNIC_Q_IRQ_COUNT), 3);
	card_cycles(&c, 100);
	tap_u64("interrupts with 3 of 3 completions", c.irqs[3], n + 1);
	card_free(&c);
}

static void link_changes(void)
{
	start(TLSNIC_CTRL_TX_ENABLE, NULL);
	errors();
	for (int i = 0; i < 6; i++) {
		bool up = i % 2;
		unsigned int before = c.irqs[0];

		tlsnic_sim_set_link(c.sim, up);
		card_run(&c);
		tap_u64("STATUS", card_rd(&c, TLSNIC_REG_STATUS) & TLSNIC_STATUS_LINK, up ? TLSNIC_STATUS_LINK : 0);
		tap_u64("ERROR", errors(), TLSNIC_ERR_LINK);
		tap_u64("interrupts", c.irqs[0], before + 1);
	}
	card_free(&c);
}

/* A wire that takes nothing for a while costs time and nothing else. */
static void wire_held(void)
{
	uint32_t sent = 0;

	start(TLSNIC_CTRL_TX_ENABLE, NULL);
	while (sent < 400 && !tap.failures) {
		c.wire_full = card_rnd(&c, 2);
		for (int i = 0; i < 10 && card_tx_room(&c, 0) > 2; i++, sent++)
			send_marked(0, sent, 60 + sent * 7 % 2000);
		card_ring(&c, 0);
		card_cycles(&c, 3000);
		card_reap(&c, 0, ~0u);
		c.wire_full = false;
		card_cycles(&c, card_rnd(&c, 300));
	}
	card_settle(&c);
	tap_u64("frames", c.out.count, sent);
	for (uint32_t i = 0; i < c.out.count && !tap.failures; i++) {
		memset(buf, i, 2100);
		memcpy(buf, &i, 4);
		buf[12] = 0x88;
		frames_expect("held", &c.out, i, buf, 60 + i * 7 % 2000);
	}
	card_free(&c);
}

/*
 * Loopback on all queues under every disorder the bus allows. With errors a frame may be
 * lost or marked, never changed; and a reset always helps.
 */
static void torture(unsigned int error_ppm)
{
	static const unsigned int latencies[] = { 0, 40, 1000 };
	unsigned int arrived = 0, posted = 0;

	for (int round = 0; round < 12 && !tap.failures; round++) {
		struct tlsnic_sim_options opt = {
			.seed = tap.seed * 100 + round, .latency_max = latencies[round % 3], .reorder = round % 2,
			.interleave = round / 2 % 2, .stall_ppm = round / 4 % 3 * 150000,
			.read_error_ppm = error_ppm, .write_error_ppm = error_ppm,
		};

		card_new(&c, &opt);
		c.lenient = error_ppm;
		for (unsigned int q = 0; q < c.queues; q++)
			card_queue_on(&c, q, 6 + round % 3, 7, 8, 64 << round % 6);
		card_enable(&c, TX_RX_LOOP);
		for (uint32_t i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4)
			card_wr(&c, TLSNIC_REG_RSS_TABLE + i, 0x00010203 % c.queues * 0x01010101);
		for (int burst = 0; burst < 60 && !tap.failures; burst++) {
			for (unsigned int q = 0; q < c.queues; q++) {
				unsigned int n = card_rnd(&c, 6);

				/* with lost completions a ring may stay full: then no more */
				for (; n && card_tx_room(&c, q) > 8; n--, posted++) {
					uint32_t len = 60 + card_rnd(&c, card_rnd(&c, 8) ? 500 : 9100);

					for (uint32_t k = 0; k < len; k++)
						buf[k] = posted * 17 + k * (len | 1);
					memcpy(buf, &posted, 4);
					memcpy(buf + 4, &len, 4);
					buf[12] = 0x88;
					buf[13] = 0;
					card_send(&c, q, buf, len, 1 + card_rnd(&c, 8), NULL);
				}
				card_rx_post(&c, q, card_rnd(&c, 128));
				card_ring(&c, q);
				card_cycles(&c, card_rnd(&c, 400));
				if (!error_ppm)
					card_reap(&c, q, ~0u);
			}
		}
		if (error_ppm) {
			card_run(&c);
			opt.read_error_ppm = opt.write_error_ppm = 0;
			tlsnic_sim_set_options(c.sim, &opt);
			card_reset(&c);
			c.lenient = false;
			works();
			card_free(&c);
			continue;
		}
		card_settle(&c);
		for (unsigned int i = 0; i < c.in.count && !tap.failures; i++) {
			uint32_t number, len;

			memcpy(&number, c.in.f[i].data, 4);
			memcpy(&len, c.in.f[i].data + 4, 4);
			for (uint32_t k = 0; k < len && k < sizeof(buf); k++)
				buf[k] = number * 17 + k * (len | 1);
			memcpy(buf, &number, 4);
			memcpy(buf + 4, &len, 4);
			buf[12] = 0x88;
			buf[13] = 0;
			frames_expect("loop", &c.in, i, buf, len);
		}
		arrived += c.in.count;
		tap_u64("frames and drops", c.in.count + card_stat(&c, TLSNIC_STAT_RX_NO_BUFFER),
			card_stat(&c, TLSNIC_STAT_TX_FRAMES));
		for (unsigned int q = 0; q < c.queues; q++)
			tap_u64("last completion", c.q[q].tx_done, c.q[q].tx_tail);
		card_free(&c);
	}
	if (!error_ppm && arrived < posted / 4)
		tap_fail("of %u frames only %u arrived: the test tests little", posted, arrived);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("completion ring full", full_completion_ring());
	TAP_RUN("indices wrap", wrap());
	TAP_RUN("doorbells beyond the ring", doorbells());
	TAP_RUN("wrong packets", wrong_packets());
	TAP_RUN("slots out of place", wrong_order());
	TAP_RUN("random slots and doorbells", nonsense());
	TAP_RUN("host reads that fail", read_errors());
	TAP_RUN("host writes that fail", write_errors());
	TAP_RUN("reset at any moment", reset_anywhere());
	TAP_RUN("rings turned off at any moment", off_anywhere());
	TAP_RUN("interrupts", interrupts());
	TAP_RUN("interrupts come after completions", interrupt_order());
	TAP_RUN("interrupt moderation", moderation());
	TAP_RUN("link changes", link_changes());
	TAP_RUN("wire held", wire_held());
	TAP_RUN("disorder on the bus", torture(0));
	TAP_RUN("errors on the bus", torture(20000));
	return tap_end();
}
