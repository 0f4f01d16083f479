// SPDX-License-Identifier: BSD-2-Clause
#include "card.h"

#define RUN_LIMIT	2000000ull	/* cycles until a card is taken to hang */
#define POOL_SIZE	(16u << 20)	/* for card_send(), at the end of mem */

static bool inside(uint64_t addr, size_t len)
{
	return addr >= CARD_MEM_BASE && addr - CARD_MEM_BASE <= CARD_MEM_SIZE &&
	       len <= CARD_MEM_SIZE - (addr - CARD_MEM_BASE);
}

static bool fails(const struct card *c, uint64_t addr, size_t len)
{
	return addr < c->fail_to && addr + len > c->fail_from;
}

static int mem_read(void *opaque, uint64_t addr, void *buf, size_t len, enum tlsnic_sim_dma kind)
{
	struct card *c = opaque;

	if (c->no_access)
		tap_fail("card reads %zu bytes at 0x%llx when it must not", len, (unsigned long long)addr);
	if (!inside(addr, len)) {
		if (!c->lenient)
			tap_fail("card reads %zu bytes at 0x%llx: not memory", len, (unsigned long long)addr);
		return -1;
	}
	if (fails(c, addr, len))
		return -1;
	memcpy(buf, card_ptr(c, addr), len);
	return 0;
}

static int mem_write(void *opaque, uint64_t addr, const void *buf, size_t len, enum tlsnic_sim_dma kind)
{
	struct card *c = opaque;

	if (c->no_access)
		tap_fail("card writes %zu bytes at 0x%llx when it must not", len, (unsigned long long)addr);
	if (!inside(addr, len)) {
		if (!c->lenient)
			tap_fail("card writes %zu bytes at 0x%llx: not memory", len, (unsigned long long)addr);
		return -1;
	}
	if (fails(c, addr, len))
		return -1;
	for (uint64_t i = addr - CARD_MEM_BASE; i < addr - CARD_MEM_BASE + len; i++) {
		if (c->touchable[i / 8] & 1 << i % 8)
			continue;
		tap_fail("card writes at 0x%llx, which is not its memory", (unsigned long long)(i + CARD_MEM_BASE));
		return 0;
	}
	memcpy(card_ptr(c, addr), buf, len);
	return 0;
}

static void irq(void *opaque, unsigned int vector)
{
	struct card *c = opaque;

	if (vector > c->queues) {
		tap_fail("interrupt %u of %u vectors", vector, c->queues + 1);
		return;
	}
	c->irqs[vector]++;
	c->irq_cycle[vector] = tlsnic_sim_cycle(c->sim);
}

static bool wire_tx(void *opaque, const void *frame, size_t len)
{
	struct card *c = opaque;

	if (c->wire_full)
		return false;
	frames_add(&c->out, frame, len);
	return true;
}

static void violation(void *opaque, const char *text)
{
	struct card *c = opaque;

	c->violations++;
	snprintf(c->violation, sizeof(c->violation), "%s", text);
	if (!c->may_violate)
		tap_fail("wire monitor: %s", text);
}

static void wire_fault(void *opaque, void *frame, size_t len)
{
	struct card *c = opaque;

	if (c->wire_fault)
		c->wire_fault(c, frame, len);
}

// ---- the card ---------------------------------------------------------------

static void wait_ready(struct card *c)
{
	for (int i = 0; i < 10000; i++)
		if (card_rd(c, TLSNIC_REG_STATUS) & TLSNIC_STATUS_READY)
			return;
	tap_fail("card never gets ready");
}

void card_new(struct card *c, const struct tlsnic_sim_options *options)
{
	static const struct tlsnic_sim_ops ops = {
		.mem_read = mem_read, .mem_write = mem_write, .irq = irq, .wire_tx = wire_tx,
		.violation = violation, .wire_fault = wire_fault,
	};
	struct tlsnic_sim_options opt = { .seed = tap.seed };

	if (options)
		opt = *options;
	if (!opt.trace_file)
		opt.trace_file = tap.trace;
	memset(c, 0, sizeof(*c));
	c->mem = calloc(1, CARD_MEM_SIZE);
	c->touchable = calloc(1, CARD_MEM_SIZE / 8);
	c->brk = CARD_MEM_BASE;
	c->rng = opt.seed * 2 + 1;
	c->queues = CARD_MAX_QUEUES;
	c->sim = tlsnic_sim_create(&opt, &ops, c);
	if (!c->mem || !c->touchable || !c->sim) {
		printf("Bail out! no card\n");
		exit(1);
	}
	wait_ready(c);
	c->queues = card_rd(c, TLSNIC_REG_QUEUES);
	if (!c->queues || c->queues > CARD_MAX_QUEUES) {
		printf("Bail out! a card of %u queues\n", c->queues);
		exit(1);
	}
}

void card_free(struct card *c)
{
	tap_u64("errors in the AXI protocol", tlsnic_sim_stats(c->sim)->protocol_errors, 0);
	tlsnic_sim_destroy(c->sim);
	frames_clear(&c->in);
	frames_clear(&c->out);
	for (unsigned int q = 0; q < CARD_MAX_QUEUES; q++)
		free(c->q[q].partial.data);
	free(c->mem);
	free(c->touchable);
}

uint32_t card_rd(struct card *c, uint32_t reg)
{
	uint32_t value;
	int err = tlsnic_sim_bar_read(c->sim, reg, &value, 4);

	if (err)
		tap_fail("read of register 0x%x: error %d", reg, err);
	return value;
}

void card_wr(struct card *c, uint32_t reg, uint32_t value)
{
	int err = tlsnic_sim_bar_write(c->sim, reg, &value, 4);

	if (err)
		tap_fail("write of register 0x%x: error %d", reg, err);
}

uint32_t card_qreg(unsigned int q, uint32_t reg)
{
	return TLSNIC_REG_QUEUE + q * TLSNIC_QUEUE_STRIDE + reg;
}

uint64_t card_stat(struct card *c, unsigned int stat)
{
	uint64_t low = card_rd(c, TLSNIC_REG_STATS + 8 * stat);

	return low | (uint64_t)card_rd(c, TLSNIC_REG_STATS + 8 * stat + 4) << 32;
}

void card_reset(struct card *c)
{
	card_wr(c, TLSNIC_REG_CTRL, TLSNIC_CTRL_RESET);
	wait_ready(c);
	for (unsigned int q = 0; q < c->queues; q++)
		c->q[q].on = false;
	memset(c->touchable, 0, CARD_MEM_SIZE / 8);
}

void card_run(struct card *c)
{
	if (tlsnic_sim_run(c->sim, RUN_LIMIT) == RUN_LIMIT && !tlsnic_sim_idle(c->sim))
		tap_fail("card does not come to rest in %llu cycles", RUN_LIMIT);
}

void card_cycles(struct card *c, uint64_t cycles)
{
	tlsnic_sim_run(c->sim, cycles);
}

void card_settle(struct card *c)
{
	unsigned int n = 1;
	uint64_t ran = 0;

	/* in short turns: a card whose completion ring is full is not idle */
	while ((n || !tlsnic_sim_idle(c->sim)) && ran < RUN_LIMIT) {
		ran = n ? 0 : ran;
		ran += tlsnic_sim_run(c->sim, 2000);
		n = 0;
		for (unsigned int q = 0; q < c->queues; q++)
			if (c->q[q].on)
				n += card_reap(c, q, ~0u);
		if (tap.failures > 100)
			return;
	}
	if (ran >= RUN_LIMIT)
		tap_fail("card does not come to rest in %llu cycles", RUN_LIMIT);
}

uint32_t card_rnd(struct card *c, uint32_t below)
{
	uint64_t x = c->rng;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	c->rng = x;
	return below ? (x * 0x2545f4914f6cdd1dull >> 32) % below : 0;
}

void card_random_bytes(struct card *c, void *p, size_t n)
{
	for (uint8_t *b = p; n--;)
		*b++ = card_rnd(c, 256);
}

// ---- memory -----------------------------------------------------------------

uint64_t card_alloc(struct card *c, size_t len, size_t align)
{
	uint64_t addr = (c->brk + align - 1) / align * align;

	c->brk = addr + len;
	if (c->brk > CARD_MEM_BASE + CARD_MEM_SIZE - POOL_SIZE) {
		printf("Bail out! the test uses more than its memory\n");
		exit(1);
	}
	return addr;
}

void *card_ptr(struct card *c, uint64_t addr)
{
	return c->mem + (addr - CARD_MEM_BASE);
}

void card_allow(struct card *c, uint64_t addr, size_t len, bool allow)
{
	for (uint64_t i = addr - CARD_MEM_BASE; len--; i++) {
		if (allow)
			c->touchable[i / 8] |= 1 << i % 8;
		else
			c->touchable[i / 8] &= ~(1 << i % 8);
	}
}

static uint64_t pool(struct card *c, size_t len)
{
	static uint64_t at;	/* goes round; tests run one card at a time */

	if (at < CARD_MEM_BASE + CARD_MEM_SIZE - POOL_SIZE || at + len + 64 > CARD_MEM_BASE + CARD_MEM_SIZE)
		at = CARD_MEM_BASE + CARD_MEM_SIZE - POOL_SIZE;
	at += len;
	return at - len;
}

// ---- queues -----------------------------------------------------------------

static void set_ring(struct card *c, unsigned int q, uint32_t regs, uint64_t base, unsigned int log2)
{
	card_wr(c, card_qreg(q, regs), base);
	card_wr(c, card_qreg(q, regs + 4), base >> 32);
	card_wr(c, card_qreg(q, regs + 8), log2);
}

void card_queue_on(struct card *c, unsigned int q, unsigned int log2_tx, unsigned int log2_rx,
		   unsigned int log2_cq, unsigned int buf_len)
{
	struct card_queue *n = &c->q[q];

	free(n->partial.data);
	memset(n, 0, sizeof(*n));
	n->on = true;
	n->log2_tx = log2_tx;
	n->log2_rx = log2_rx;
	n->log2_cq = log2_cq;
	n->buf_len = buf_len;
	n->tx = card_alloc(c, TLSNIC_TXD_SIZE << log2_tx, 64);
	n->rx = card_alloc(c, TLSNIC_RXD_SIZE << log2_rx, 64);
	n->cq = card_alloc(c, TLSNIC_CPL_SIZE << log2_cq, 64);
	/* a gap between two buffers shows who writes too far */
	n->bufs = card_alloc(c, (size_t)(buf_len + 64) << log2_rx, 64);
	card_allow(c, n->cq, TLSNIC_CPL_SIZE << log2_cq, true);
	memset(card_ptr(c, n->cq), 0, TLSNIC_CPL_SIZE << log2_cq);
	set_ring(c, q, TLSNIC_Q_CQ_BASE_LO, n->cq, log2_cq);
	set_ring(c, q, TLSNIC_Q_TX_BASE_LO, n->tx, log2_tx);
	set_ring(c, q, TLSNIC_Q_RX_BASE_LO, n->rx, log2_rx);
	card_wr(c, card_qreg(q, TLSNIC_Q_RX_BUF_LEN), buf_len);
	card_wr(c, card_qreg(q, TLSNIC_Q_CQ_CTRL), TLSNIC_Q_ENABLE);
	card_wr(c, card_qreg(q, TLSNIC_Q_TX_CTRL), TLSNIC_Q_ENABLE);
	card_wr(c, card_qreg(q, TLSNIC_Q_RX_CTRL), TLSNIC_Q_ENABLE);
}

static void wait_inactive(struct card *c, unsigned int q, uint32_t ctrl)
{
	card_wr(c, card_qreg(q, ctrl), 0);
	for (int i = 0; i < 20000; i++) {
		if (!(card_rd(c, card_qreg(q, ctrl)) & TLSNIC_Q_ACTIVE))
			return;
		card_cycles(c, 16);
	}
	tap_fail("queue %u: ACTIVE stays in register 0x%x", q, ctrl);
}

void card_queue_off(struct card *c, unsigned int q)
{
	struct card_queue *n = &c->q[q];

	wait_inactive(c, q, TLSNIC_Q_TX_CTRL);
	wait_inactive(c, q, TLSNIC_Q_RX_CTRL);
	wait_inactive(c, q, TLSNIC_Q_CQ_CTRL);
	n->on = false;
	card_allow(c, n->cq, TLSNIC_CPL_SIZE << n->log2_cq, false);
	card_allow(c, n->bufs, (size_t)(n->buf_len + 64) << n->log2_rx, false);
}

void card_enable(struct card *c, uint32_t ctrl)
{
	card_wr(c, TLSNIC_REG_MAX_FRAME, 9216);
	card_wr(c, TLSNIC_REG_CTRL, ctrl | TLSNIC_CTRL_PROMISC);
}

static uint64_t rx_buf(struct card *c, unsigned int q, uint16_t index)
{
	struct card_queue *n = &c->q[q];

	return n->bufs + (uint64_t)(index & ((1u << n->log2_rx) - 1)) * (n->buf_len + 64);
}

void card_rx_post(struct card *c, unsigned int q, unsigned int count)
{
	struct card_queue *n = &c->q[q];

	while (count-- && (uint16_t)(n->rx_tail - n->rx_next) < 1u << n->log2_rx) {
		uint16_t i = n->rx_tail++;
		struct tlsnic_rxd d = { .addr = rx_buf(c, q, i) };

		memset(card_ptr(c, d.addr), 0xee, n->buf_len + 64);
		card_allow(c, d.addr, n->buf_len, true);
		memcpy(card_ptr(c, n->rx + (uint64_t)(i & ((1u << n->log2_rx) - 1)) * sizeof(d)), &d, sizeof(d));
	}
	card_wr(c, card_qreg(q, TLSNIC_Q_RX_TAIL), n->rx_tail);
}

unsigned int card_tx_room(struct card *c, unsigned int q)
{
	struct card_queue *n = &c->q[q];

	return (1u << n->log2_tx) - (uint16_t)(n->tx_tail - n->tx_done);
}

void card_slot(struct card *c, unsigned int q, const void *slot)
{
	struct card_queue *n = &c->q[q];

	memcpy(card_ptr(c, n->tx + (uint64_t)(n->tx_tail++ & ((1u << n->log2_tx) - 1)) * TLSNIC_TXD_SIZE), slot,
	       TLSNIC_TXD_SIZE);
}

void card_packet(struct card *c, unsigned int q, const struct card_packet *p)
{
	struct tlsnic_txd_packet d = p->d;

	d.op = TLSNIC_TXD_PACKET;
	d.addr = p->addr[0];
	d.len = p->len[0];
	if (p->segs == 1)
		d.flags |= TLSNIC_TXF_END;
	card_slot(c, q, &d);
	for (unsigned int i = 1; i < p->segs; i++) {
		struct tlsnic_txd_segment s = {
			.op = TLSNIC_TXD_SEGMENT, .len = p->len[i], .addr = p->addr[i],
			.flags = i + 1 == p->segs ? TLSNIC_TXF_END : 0,
		};

		card_slot(c, q, &s);
	}
}

void card_ring(struct card *c, unsigned int q)
{
	card_wr(c, card_qreg(q, TLSNIC_Q_TX_TAIL), c->q[q].tx_tail);
}

uint64_t card_pool(struct card *c, const void *data, uint32_t n, unsigned int skip)
{
	uint64_t addr = (pool(c, n + 128) + 63) / 64 * 64 + skip;

	memcpy(card_ptr(c, addr), data, n);
	return addr;
}

void card_send(struct card *c, unsigned int q, const void *frame, uint32_t len, unsigned int segs,
	       const struct tlsnic_txd_packet *d)
{
	struct card_packet p = { .segs = segs };
	uint32_t at = 0;

	if (d)
		p.d = *d;
	else
		p.d.flags = TLSNIC_TXF_COMPLETE;
	if (p.segs > 8)
		p.segs = 8;
	if (p.segs > len)
		p.segs = len;
	for (unsigned int i = 0; i < p.segs; i++) {
		uint32_t left = len - at - (p.segs - 1 - i);	/* at least one byte for each to come */
		uint32_t n = i + 1 == p.segs ? len - at : 1 + card_rnd(c, card_rnd(c, 3) ? left : left < 20 ? left : 20);

		p.addr[i] = card_pool(c, (const uint8_t *)frame + at, n,
				      c->align ? card_rnd(c, 64) / c->align * c->align : card_rnd(c, 64));
		p.len[i] = n;
		at += n;
	}
	card_packet(c, q, &p);
}

void card_ctx_write(struct card *c, unsigned int q, const struct tlsnic_txd_ctx *ctx, const uint8_t key[32])
{
	struct tlsnic_txd_ctx d = *ctx;

	d.op = TLSNIC_TXD_CTX_WRITE;
	card_slot(c, q, &d);
	card_slot(c, q, key);
}

void card_ctx_delete(struct card *c, unsigned int q, uint32_t ctx)
{
	struct tlsnic_txd_ctx d = { .op = TLSNIC_TXD_CTX_DELETE, .flags = TLSNIC_TXF_COMPLETE, .ctx = ctx };

	card_slot(c, q, &d);
}

static void rx_completion(struct card *c, unsigned int q, const struct tlsnic_cpl_rx *cpl)
{
	struct card_queue *n = &c->q[q];
	struct frame *f = &n->partial;
	uint64_t buf = rx_buf(c, q, cpl->index);
	const uint8_t *data = card_ptr(c, buf);

	if (cpl->index != n->rx_next)
		tap_fail("queue %u: RX completion of index %u, expected %u", q, cpl->index, n->rx_next);
	n->rx_next++;
	if (!(cpl->flags & TLSNIC_RXF_START) != !!f->buffers)
		tap_fail("queue %u: START is %s in buffer %u of a frame", q,
			 cpl->flags & TLSNIC_RXF_START ? "set" : "clear", f->buffers);
	if (cpl->len > n->buf_len || !cpl->len) {
		tap_fail("queue %u: completion of %u bytes in a buffer of %u", q, cpl->len, n->buf_len);
		return;
	}
	if (!(cpl->flags & TLSNIC_RXF_END) && cpl->len != n->buf_len)
		tap_fail("queue %u: %u bytes in a buffer of %u that is not the last", q, cpl->len, n->buf_len);
	f->data = realloc(f->data, f->len + cpl->len);
	memcpy(f->data + f->len, data, cpl->len);
	f->len += cpl->len;
	f->buffers++;
	card_allow(c, buf, n->buf_len, false);
	if (!(cpl->flags & TLSNIC_RXF_END))
		return;
	if (cpl->frame_len != f->len)
		tap_fail("queue %u: frame_len %u, buffers hold %u", q, cpl->frame_len, f->len);
	frames_add(&c->in, f->data, f->len);
	c->in.f[c->in.count - 1].queue = q;
	c->in.f[c->in.count - 1].buffers = f->buffers;
	c->in.f[c->in.count - 1].cpl = *cpl;
	free(f->data);
	memset(f, 0, sizeof(*f));
}

static void tx_completion(struct card *c, unsigned int q, const struct tlsnic_cpl_tx *cpl)
{
	struct card_queue *n = &c->q[q];

	if ((uint16_t)(cpl->index - n->tx_done) > (uint16_t)(n->tx_tail - n->tx_done) || cpl->index == n->tx_done)
		tap_fail("queue %u: TX completion of index %u, posted are %u to %u", q, cpl->index, n->tx_done,
			 n->tx_tail);
	n->tx_done = cpl->index;
	n->tx_cpls++;
	c->last_tx = *cpl;
	if (c->on_tx)
		c->on_tx(c, q, cpl);
}

unsigned int card_reap(struct card *c, unsigned int q, unsigned int max)
{
	struct card_queue *n = &c->q[q];
	unsigned int count;

	for (count = 0; count < max; count++) {
		const struct tlsnic_cpl_tx *cpl;
		uint32_t want = n->cq_cons >> n->log2_cq & 1 ? 0 : TLSNIC_CPL_PHASE;

		cpl = card_ptr(c, n->cq + (uint64_t)(n->cq_cons & ((1u << n->log2_cq) - 1)) * TLSNIC_CPL_SIZE);
		if ((cpl->phase & TLSNIC_CPL_PHASE) != want)
			break;
		n->cq_cons++;
		if (cpl->type == TLSNIC_CPL_TX)
			tx_completion(c, q, cpl);
		else if (cpl->type == TLSNIC_CPL_RX)
			rx_completion(c, q, (const void *)cpl);
		else
			tap_fail("queue %u: completion of type %u", q, cpl->type);
	}
	if (count)
		card_wr(c, card_qreg(q, TLSNIC_Q_CQ_CONS), n->cq_cons);
	return count;
}

void card_wire_in(struct card *c, const void *frame, uint32_t len, bool bad)
{
	for (uint64_t n = 0; !tlsnic_sim_wire_rx(c->sim, frame, len, bad); n += 64) {
		card_cycles(c, 64);
		if (n > RUN_LIMIT) {
			tap_fail("card takes no frame in %llu cycles", RUN_LIMIT);
			return;
		}
	}
}

// ---- frames -----------------------------------------------------------------

void frames_add(struct frames *l, const void *data, uint32_t len)
{
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->f = realloc(l->f, l->room * sizeof(*l->f));
	}
	l->f[l->count] = (struct frame){ .len = len, .data = malloc(len) };
	memcpy(l->f[l->count++].data, data, len);
}

void frames_clear(struct frames *l)
{
	for (unsigned int i = 0; i < l->count; i++)
		free(l->f[i].data);
	free(l->f);
	memset(l, 0, sizeof(*l));
}

void frames_expect(const char *what, const struct frames *l, unsigned int i, const void *data, uint32_t len)
{
	if (i >= l->count) {
		tap_fail("%s: frame %u of %u bytes is missing", what, i, len);
		return;
	}
	if (l->f[i].len != len)
		tap_fail("%s: frame %u: expected %u bytes, got %u", what, i, len, l->f[i].len);
	else
		tap_bytes(what, l->f[i].data, data, len);
}
