// SPDX-License-Identifier: BSD-2-Clause
/*
 * The harness's view of the card: plain frames both ways through mbuf chains, several queues, reset,
 * creation; and that the checks of DMA fire when they must.
 */
#include <errno.h>
#include <time.h>

#include "../common/tap.h"
#include "nic.h"
#include "rng.h"

#define MAX_FRAMES	512

struct frame {
	uint32_t len;
	uint8_t *data;
};

/* What came out, on the wire or through RX rings. */
struct seen {
	struct frame wire[MAX_FRAMES], rx[MAX_FRAMES];
	unsigned int nwire, nrx, done, status[8], cookies;
	struct nic_done last;
};

static void keep(struct frame *f, const void *data, uint32_t len)
{
	f->len = len;
	f->data = malloc(len);
	memcpy(f->data, data, len);
}

static bool on_wire(void *opaque, const void *frame, size_t len)
{
	struct seen *s = opaque;

	if (s->nwire < MAX_FRAMES)
		keep(&s->wire[s->nwire++], frame, len);
	return true;
}

static void on_done(void *opaque, unsigned int q, const struct nic_done *d)
{
	struct seen *s = opaque;

	s->done++;
	s->status[d->status & 7]++;
	s->cookies += d->cookie != NULL;
	s->last = *d;
}

static void on_rx(void *opaque, unsigned int q, struct rte_mbuf *m)
{
	struct seen *s = opaque;
	uint8_t *data = malloc(m->pkt_len + 1);

	if (s->nrx < MAX_FRAMES) {
		keep(&s->rx[s->nrx++], rte_pktmbuf_read(m, 0, m->pkt_len, data), m->pkt_len);
		tap_u64("frame_len", nic_rx_cpl(m)->frame_len, m->pkt_len);
	}
	free(data);
	rte_pktmbuf_free(m);
}

static void forget(struct seen *s)
{
	for (unsigned int i = 0; i < s->nwire; i++)
		free(s->wire[i].data);
	for (unsigned int i = 0; i < s->nrx; i++)
		free(s->rx[i].data);
	memset(s, 0, sizeof(*s));
}

static struct nic *new_card(struct seen *s, const struct tlsnic_sim_options *sim, uint32_t ctrl)
{
	struct tlsnic_sim_options defaults = { .seed = tap.seed };
	struct nic_options o = { .sim = &defaults };
	struct nic_ops ops = { .done = on_done, .rx = on_rx, .wire_tx = on_wire, .opaque = s, .wire = s };
	struct nic *n;

	if (sim)
		defaults = *sim;
	defaults.trace_file = tap.trace;
	memset(s, 0, sizeof(*s));
	n = nic_create(&o, &ops);
	if (!n) {
		printf("Bail out! no card\n");
		exit(1);
	}
	nic_enable(n, ctrl);
	return n;
}

static void end_card(struct nic *n, struct seen *s)
{
	if (n->violations)
		tap_fail("%u violations, the first: %s", n->violations, n->violation);
	if (nic_destroy(n) && !tap.failures)
		tap_fail("the card broke a rule of AXI");
	forget(s);
}

static void must(const char *what, int ret)
{
	if (ret < 0)
		tap_fail("%s: %s", what, strerror(-ret));
}

static void random_frame(struct rng *r, uint8_t *f, uint32_t len)
{
	rng_bytes(r, f, len);
	f[0] &= ~1;
	f[12] = 0x88;	/* local experimental EtherType */
	f[13] = 0xb5;
}

/* A chain with random cuts and alignments. */
static struct rte_mbuf *random_chain(struct rng *r, const uint8_t *f, uint32_t len)
{
	unsigned int segs = 1 + rng_below(r, 8), least = (len + 1899) / 1900;
	uint32_t cut[32];
	uint8_t align[32];

	segs = segs < least ? least : segs;
	for (unsigned int i = 0; i < segs; i++) {
		/* within a segment's reach of the equal cuts */
		cut[i] = (uint64_t)len * (i + 1) / segs;
		if (segs > 1 && len / segs > 4)
			cut[i] -= rng_below(r, len / segs - 2 < 100 ? len / segs - 2 : 100);
		align[i] = rng_below(r, 64);
	}
	return env_chain(env.packets, f, len, segs, segs > 1 ? cut : NULL, align);
}

static void expect_wire(struct seen *s, unsigned int i, const uint8_t *f, uint32_t len)
{
	uint8_t padded[60] = { 0 };
	uint32_t want = len < 60 ? 60 : len;

	if (i >= s->nwire) {
		tap_fail("frame %u of %u bytes is missing", i, len);
		return;
	}
	tap_u64("length on the wire", s->wire[i].len, want);
	if (s->wire[i].len != want)
		return;
	tap_bytes("frame on the wire", s->wire[i].data, f, len);
	if (len < 60)
		tap_bytes("padding", s->wire[i].data + len, padded, 60 - len);
}

/* Chains out of one queue. */
static void tx(const struct tlsnic_sim_options *sim)
{
	static uint8_t f[200][9216];
	uint32_t len[200];
	struct rng r = rng_seed(tap.seed);
	unsigned int avail = rte_mempool_avail_count(env.packets);
	struct seen s;
	struct nic *n = new_card(&s, sim, TLSNIC_CTRL_TX_ENABLE);

	must("queue", nic_queue_on(n, 0, NULL));
	for (unsigned int i = 0; i < 200; i++) {
		struct rte_mbuf *m;

		len[i] = i < 100 ? 14 + rng_below(&r, 1500) : rng_range(&r, 14, 9216);
		random_frame(&r, f[i], len[i]);
		m = random_chain(&r, f[i], len[i]);
		if (!m) {
			tap_fail("no chain for %u bytes", len[i]);
			break;
		}
		while (nic_tx(n, 0, m, NULL, &s) == -ENOSPC) {
			nic_ring(n, 0);
			must("settle", nic_settle(n));
		}
		if (rng_below(&r, 4) == 0)
			nic_ring(n, 0);
	}
	nic_ring(n, 0);
	must("settle", nic_settle(n));
	for (unsigned int i = 0; i < 200; i++)
		expect_wire(&s, i, f[i], len[i]);
	tap_u64("frames", s.nwire, 200);
	tap_u64("completions", s.done, 200);
	tap_u64("completions with their cookie", s.cookies, 200);
	tap_u64("completions that are OK", s.status[TLSNIC_STATUS_OK], 200);
	tap_u64("TX_FRAMES", nic_stat(n, TLSNIC_STAT_TX_FRAMES), 200);
	if (s.last.written <= s.last.posted)
		tap_fail("completion in cycle %llu of what was posted in %llu", (unsigned long long)s.last.written,
			 (unsigned long long)s.last.posted);
	end_card(n, &s);
	tap_u64("mbufs in the pool", rte_mempool_avail_count(env.packets), avail);
}

/* From the wire through RX rings, over several buffers each. */
static void rx(const struct tlsnic_sim_options *sim)
{
	static uint8_t f[200][9216];
	uint32_t len[200];
	struct nic_queue_options o = { .buf_len = 256 };
	struct rng r = rng_seed(tap.seed + 1);
	unsigned int avail = rte_mempool_avail_count(env.packets), need = 0;
	struct seen s;
	struct nic *n = new_card(&s, sim, TLSNIC_CTRL_RX_ENABLE);

	must("queue", nic_queue_on(n, 0, &o));
	for (unsigned int i = 0; i < 200; i++) {
		len[i] = i < 100 ? rng_range(&r, 60, 1514) : rng_range(&r, 60, 9216);
		random_frame(&r, f[i], len[i]);
		/* wait before frames on their way and this one need more buffers than there are */
		need += (len[i] + 255) / 256;
		if (need > 256 || rng_below(&r, 3) == 0) {
			must("settle", nic_settle(n));
			need = (len[i] + 255) / 256;
		}
		nic_rx_post(n, 0, 256);
		must("frame", nic_wire_rx(n, f[i], len[i], false));
	}
	must("settle", nic_settle(n));
	tap_u64("frames", s.nrx, 200);
	tap_u64("RX_NO_BUFFER", nic_stat(n, TLSNIC_STAT_RX_NO_BUFFER), 0);
	for (unsigned int i = 0; i < s.nrx; i++) {
		tap_u64("length", s.rx[i].len, len[i]);
		if (s.rx[i].len == len[i])
			tap_bytes("frame", s.rx[i].data, f[i], len[i]);
	}
	must("frame of 0 bytes", nic_wire_rx(n, f[0], 0, false) == -EINVAL ? 0 : -EIO);
	end_card(n, &s);
	tap_u64("mbufs in the pool", rte_mempool_avail_count(env.packets), avail);
}

/* All queues at once, looped back inside the card; rings small enough to wrap. */
static void queues(void)
{
	struct nic_queue_options o = { .log2_tx = 6, .log2_rx = 6, .log2_cq = 7 };
	struct rng r = rng_seed(tap.seed);
	struct tlsnic_sim_options sim = { .seed = tap.seed, .latency_min = 20, .latency_max = 300, .reorder = true,
					  .interleave = true, .stall_ppm = 100000 };
	unsigned int sent = 0;
	struct seen s;
	struct nic *n = new_card(&s, &sim, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE | TLSNIC_CTRL_LOOPBACK);

	for (unsigned int q = 0; q < n->queues; q++)
		must("queue", nic_queue_on(n, q, &o));
	for (unsigned int i = 0; i < 400; i++) {
		unsigned int q = rng_below(&r, n->queues);
		uint8_t f[1514];
		uint32_t len = rng_range(&r, 60, 1514);
		struct rte_mbuf *m;

		random_frame(&r, f, len);
		m = random_chain(&r, f, len);
		for (unsigned int k = 0; k < n->queues; k++)
			nic_rx_post(n, k, 64);
		if (nic_tx(n, q, m, NULL, NULL) > 0)
			sent++;
		else
			rte_pktmbuf_free(m);
		nic_ring(n, q);
		if (i % 16 == 0)
			must("settle", nic_settle(n));
	}
	must("settle", nic_settle(n));
	tap_u64("completions", s.done, sent);
	tap_u64("frames received", nic_stat(n, TLSNIC_STAT_RX_FRAMES), sent);
	tap_u64("frames on the wire", s.nwire, 0);
	for (unsigned int q = 0; q < n->queues; q++)
		must("queue off", nic_queue_off(n, q));
	must("run", nic_run(n, 0));
	end_card(n, &s);
}

static void post_one(struct nic *n, const struct tlsnic_txd_packet *d)
{
	uint8_t f[100] = { 2 };
	struct rte_mbuf *m = env_chain(env.packets, f, sizeof(f), 1, NULL, NULL);

	must("packet", nic_tx(n, 0, m, d, n));
	nic_ring(n, 0);
}

/* Reset with work in flight: nothing comes back, nothing leaks, the card goes on. */
static void reset(void)
{
	unsigned int avail = rte_mempool_avail_count(env.packets);
	struct seen s;
	struct nic *n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE);

	must("queue", nic_queue_on(n, 0, NULL));
	nic_rx_post(n, 0, 100);
	for (unsigned int i = 0; i < 50; i++)
		post_one(n, NULL);
	must("reset", nic_reset(n));
	tap_u64("mbufs in the pool", rte_mempool_avail_count(env.packets), avail);
	forget(&s);
	nic_enable(n, TLSNIC_CTRL_TX_ENABLE);
	must("queue", nic_queue_on(n, 0, NULL));
	post_one(n, NULL);
	must("settle", nic_settle(n));
	tap_u64("completions", s.done, 1);
	end_card(n, &s);
}

/* A slot that halts the queue, and the way out of it. */
static void raw_slots(void)
{
	struct tlsnic_txd_packet d = { .op = TLSNIC_TXD_PACKET, .len = 64,
				       .flags = TLSNIC_TXF_END | TLSNIC_TXF_COMPLETE, .addr = 0x1000 };
	struct seen s;
	struct nic *n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE);

	must("queue", nic_queue_on(n, 0, NULL));
	/* an address that is no memory: a failed read, and no violation */
	must("slot", nic_tx_slot(n, 0, &d, true, NULL, n));
	nic_ring(n, 0);
	must("settle", nic_settle(n));
	tap_u64("completions", s.done, 1);
	tap_u64("status", s.last.status, TLSNIC_STATUS_DMA);
	if (s.last.cookie != n)
		tap_fail("the cookie is lost");
	/* a segment where a packet begins */
	d.op = TLSNIC_TXD_SEGMENT;
	must("slot", nic_tx_slot(n, 0, &d, true, NULL, NULL));
	nic_ring(n, 0);
	must("settle", nic_settle(n));
	tap_u64("error", nic_read(n, TLSNIC_REG_ERROR) & TLSNIC_ERR_DESC, TLSNIC_ERR_DESC);
	tap_u64("halted", nic_qread(n, 0, TLSNIC_Q_TX_CTRL) & TLSNIC_Q_HALTED, TLSNIC_Q_HALTED);
	must("restart", nic_tx_restart(n, 0));
	post_one(n, NULL);
	must("settle", nic_settle(n));
	tap_u64("frames", s.nwire, 1);
	end_card(n, &s);
}

/* Errors at chosen addresses: TX data, RX buffers, completions. */
static void faults(void)
{
	uint8_t f[100] = { 2 };
	struct seen s;
	struct nic *n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
	struct rte_mbuf *m = env_chain(env.packets, f, sizeof(f), 1, NULL, NULL);

	must("queue", nic_queue_on(n, 0, NULL));
	tap_u64("fault", nic_fault(n, rte_pktmbuf_iova(m) + 50, 1), 0);
	must("packet", nic_tx(n, 0, m, NULL, NULL));
	nic_ring(n, 0);
	must("settle", nic_settle(n));
	tap_u64("hits", n->faults[0].hits, 1);
	tap_u64("status", s.last.status, TLSNIC_STATUS_DMA);
	nic_faults_clear(n);

	/* two of three completions are lost; the third still counts for all */
	nic_fault(n, (uintptr_t)n->q[0].cq + TLSNIC_CPL_SIZE, 2 * TLSNIC_CPL_SIZE);
	for (int i = 0; i < 3; i++)
		post_one(n, NULL);
	must("settle", nic_settle(n));
	tap_u64("completions", s.done, 1);
	tap_u64("lost", nic_skip_lost(n, 0), 2);
	must("settle", nic_settle(n));
	tap_u64("completions", s.done, 2);
	tap_u64("free slots", nic_tx_room(n, 0), n->q[0].tx_size);
	nic_faults_clear(n);

	nic_rx_post(n, 0, 4);
	nic_fault(n, rte_pktmbuf_iova(n->q[0].bufs[1]), 64);
	for (int i = 0; i < 3; i++)
		must("frame", nic_wire_rx(n, f, sizeof(f), false));
	must("settle", nic_settle(n));
	tap_u64("frames", s.nrx, 3);
	tap_u64("write error", nic_read(n, TLSNIC_REG_ERROR) & TLSNIC_ERR_WRITE, TLSNIC_ERR_WRITE);
	end_card(n, &s);
}

/* One interrupt each time a queue is armed, and none for the others. */
static void interrupts(void)
{
	struct seen s;
	struct nic *n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE);

	for (unsigned int q = 0; q < n->queues; q++)
		must("queue", nic_queue_on(n, q, NULL));
	post_one(n, NULL);
	must("run", nic_run(n, 0));
	tap_u64("interrupts of a queue that is not armed", n->irqs[TLSNIC_VECTOR_QUEUE], 0);
	nic_arm(n, 0);
	must("run", nic_run(n, 0));
	tap_u64("interrupts for what was there", n->irqs[TLSNIC_VECTOR_QUEUE], 1);
	must("settle", nic_settle(n));
	nic_arm(n, 0);
	must("run", nic_run(n, 0));
	tap_u64("interrupts for nothing", n->irqs[TLSNIC_VECTOR_QUEUE], 1);
	post_one(n, NULL);
	post_one(n, NULL);
	must("settle", nic_settle(n));
	tap_u64("interrupts for what came", n->irqs[TLSNIC_VECTOR_QUEUE], 2);
	if (n->irq_cycle[TLSNIC_VECTOR_QUEUE] > nic_cycle(n))
		tap_fail("an interrupt of the future");
	for (unsigned int v = 0; v <= n->queues; v++)
		if (v != TLSNIC_VECTOR_QUEUE)
			tap_u64("interrupts of others", n->irqs[v], 0);
	/* a cause of error has its own vector */
	nic_qwrite(n, 0, TLSNIC_Q_TX_TAIL, 0x8000);
	must("settle", nic_settle(n));
	tap_u64("doorbell error", nic_read(n, TLSNIC_REG_ERROR), TLSNIC_ERR_DOORBELL);
	tap_u64("interrupts for errors", n->irqs[TLSNIC_VECTOR_MISC], 1);
	end_card(n, &s);
}

/* ---- the checks ------------------------------------------------------------------ */

/* Expects one violation that says what. The card is none the worse: this test lied to it. */
static void caught(struct nic *n, const char *what, int ret)
{
	tap_u64("return", ret, -EFAULT);
	if (!n->violations || !strstr(n->violation, what))
		tap_fail("expected a violation with '%s', got '%s'", what, n->violation);
	n->violations = 0;
}

static void catches_reads(void)
{
	struct seen s;
	struct nic *n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE);
	struct nic_queue *k = &n->q[0];
	uint8_t f[100] = { 2 };

	must("queue", nic_queue_on(n, 0, NULL));
	/* the books say less than the slot */
	must("packet", nic_tx(n, 0, env_chain(env.packets, f, sizeof(f), 1, NULL, NULL), NULL, NULL));
	k->spans[0].len = 20;
	nic_ring(n, 0);
	caught(n, "for TX data: byte 0 of the 20-byte segment of TX ring 0, slot 0", nic_settle(n));
	nic_destroy(n);
	forget(&s);

	/* or they have the segment where nothing is posted */
	n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE);
	k = &n->q[0];
	must("queue", nic_queue_on(n, 0, NULL));
	must("packet", nic_tx(n, 0, env_chain(env.packets, f, sizeof(f), 1, NULL, NULL), NULL, NULL));
	k->spans[7] = k->spans[0];
	k->spans[0].len = 0;
	nic_ring(n, 0);
	caught(n, "slot 7, which is not posted (any more)", nic_settle(n));
	nic_destroy(n);
	forget(&s);

	/* a doorbell that the books do not know */
	n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE);
	must("queue", nic_queue_on(n, 0, NULL));
	nic_qwrite(n, 0, TLSNIC_Q_TX_TAIL, 3);
	caught(n, "for TX descriptors: TX ring 0, slot 0", nic_settle(n));
	nic_destroy(n);
	forget(&s);
	n = new_card(&s, NULL, TLSNIC_CTRL_RX_ENABLE);
	must("queue", nic_queue_on(n, 0, NULL));
	nic_qwrite(n, 0, TLSNIC_Q_RX_TAIL, 3);
	caught(n, "for RX descriptors: RX ring 0, entry 0", nic_settle(n));
	nic_destroy(n);
	forget(&s);
}

static void catches_writes(void)
{
	uint8_t f[100] = { 2 };
	struct seen s;
	struct nic *n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
	struct rte_mbuf *m;

	must("queue", nic_queue_on(n, 0, NULL));
	/* a buffer shorter than the card has been told */
	nic_rx_post(n, 0, 4);
	n->q[0].buf_len = 64;
	must("frame", nic_wire_rx(n, f, sizeof(f), false));
	caught(n, "writes 100 bytes", nic_settle(n));
	nic_destroy(n);
	forget(&s);

	/* memory of the host that is nobody's buffer */
	n = new_card(&s, NULL, TLSNIC_CTRL_RX_ENABLE);
	must("queue", nic_queue_on(n, 0, NULL));
	nic_rx_post(n, 0, 1);
	m = n->q[0].bufs[0];
	n->q[0].bufs[0] = NULL;
	must("frame", nic_wire_rx(n, f, sizeof(f), false));
	caught(n, "for RX data: memory of the host that was not posted", nic_settle(n));
	rte_pktmbuf_free(m);
	nic_destroy(n);
	forget(&s);

	/* a completion that is not the next */
	n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE);
	must("queue", nic_queue_on(n, 0, NULL));
	n->q[0].cq_prod = 5;
	post_one(n, NULL);
	caught(n, "completion ring 0, entry 0; next is 5", nic_settle(n));
	nic_destroy(n);
	forget(&s);
}

/* A card that cannot come to rest is an error, not a hang of the test. */
static bool never(void *opaque, const void *frame, size_t len)
{
	return false;
}

static void hang(void)
{
	struct seen s;
	struct nic *n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE);

	must("queue", nic_queue_on(n, 0, NULL));
	n->ops.wire_tx = never;
	for (int i = 0; i < 50; i++)
		post_one(n, NULL);
	tap_u64("run", nic_run(n, 3000), -ETIMEDOUT);
	n->ops.wire_tx = on_wire;
	must("settle", nic_settle(n));
	tap_u64("frames", s.nwire, 50);
	end_card(n, &s);
}

static void creation(void)
{
	unsigned int avail = rte_mempool_avail_count(env.packets);
	struct timespec a, b;
	struct seen s;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < 20; i++) {
		struct nic *n = new_card(&s, NULL, TLSNIC_CTRL_TX_ENABLE);

		must("queue", nic_queue_on(n, 0, NULL));
		nic_rx_post(n, 0, 16);
		post_one(n, NULL);
		must("settle", nic_settle(n));
		tap_u64("frames", s.nwire, 1);
		end_card(n, &s);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("# %.1f ms a card\n", ((b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6) / 20);
	tap_u64("mbufs in the pool", rte_mempool_avail_count(env.packets), avail);
}

int main(int argc, char **argv)
{
	struct tlsnic_sim_options late, disorder;

	tap_begin(argc, argv);
	if (env_start(NULL)) {
		printf("Bail out! no DPDK\n");
		return 1;
	}
	late = (struct tlsnic_sim_options){ .seed = tap.seed, .latency_min = 250, .latency_max = 600 };
	disorder = (struct tlsnic_sim_options){ .seed = tap.seed, .latency_max = 400, .reorder = true, .interleave = true,
						.stall_ppm = 150000 };
	TAP_RUN("chains out", tx(NULL));
	TAP_RUN("chains out, late memory", tx(&late));
	TAP_RUN("chains out, memory in disorder", tx(&disorder));
	TAP_RUN("frames in", rx(NULL));
	TAP_RUN("frames in, late memory", rx(&late));
	TAP_RUN("frames in, memory in disorder", rx(&disorder));
	TAP_RUN("all queues, small rings", queues());
	TAP_RUN("reset with work in flight", reset());
	TAP_RUN("raw slots and a halted queue", raw_slots());
	TAP_RUN("errors at chosen addresses", faults());
	TAP_RUN("interrupts", interrupts());
	TAP_RUN("reads out of bounds are caught", catches_reads());
	TAP_RUN("writes out of bounds are caught", catches_writes());
	TAP_RUN("a card that hangs", hang());
	TAP_RUN("cards one after another", creation());
	return tap_end();
}
