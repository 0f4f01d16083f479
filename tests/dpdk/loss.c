// SPDX-License-Identifier: BSD-2-Clause
//
// The application, TCP's sender, and what runs them all in rounds.
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "loss.h"

#define ROUNDS		20000	/* until a run in which not all has arrived has failed */
#define IDLE		3	/* rounds without progress until the sender sends again */
#define MAX_LARGE	64000	/* payload of a packet that is cut */
#define LARGE_BUF	9344
#define BUFS		2048

void loss_fail(struct loss *l, const char *fmt, ...)
{
	va_list ap;

	if (l->failed)
		return;
	l->failed = true;
	va_start(ap, fmt);
	vsnprintf(l->error, sizeof(l->error), fmt, ap);
	va_end(ap);
}

// ---- TCP -------------------------------------------------------------------------

static void enqueue(struct loss *l, struct loss_conn *c, uint32_t at, uint32_t len)
{
	if (!len)
		return;
	/* the queue ahead of the driver drops: by itself, and because it is full */
	if (rng_below(&l->rng, 1000000) < l->drop || c->waiting == LOSS_QDISC) {
		l->sum->dropped++;
		return;
	}
	c->qdisc[(c->first + c->waiting++) % LOSS_QDISC] = (struct loss_packet){
		.at = at, .len = len, .flags = TCP_ACK | (rng_below(&l->rng, 2) ? TCP_PSH : 0),
	};
}

/* The most that a packet from here on may have. */
static uint32_t most(struct loss *l, const struct loss_conn *c)
{
	uint32_t n;

	if (!c->tso || rng_below(&l->rng, 4) == 0)
		return c->mss;
	n = MAX_LARGE / c->mss;
	return c->mss * rng_range(&l->rng, 1, rng_below(&l->rng, 4) ? n < 12 ? n : 12 : n);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The application writes whole records. */
static void write_more(struct loss *l, struct loss_conn *c)
{
	while (c->written < c->len && c->written - c->nxt < c->window && rng_below(&l->rng, 4)) {
		uint32_t k = loss_record_at(c, c->written);

		loss_written(l, c, k);
		c->written = c->rec[k].start + c->rec[k].len;
	}
}

static void send_new(struct loss *l, struct loss_conn *c)
{
	uint32_t limit = least(c->written, c->una + c->window);

	while (c->nxt < limit && c->waiting < LOSS_QDISC) {
		uint32_t n = least(most(l, c), limit - c->nxt);

		/* not always as much as fits */
		if (rng_below(&l->rng, 16) == 0)
			n = 1 + rng_below(&l->rng, n);
		enqueue(l, c, c->nxt, n);
		c->nxt += n;
		if (rng_below(&l->rng, 24) == 0)
			break;
	}
}

/* Sends bytes again; where packets begin and end has nothing to do with how it was the first time. */
static void resend(struct loss *l, struct loss_conn *c, uint32_t from, uint32_t to)
{
	/* collapsed with what is before */
	if (rng_below(&l->rng, 6) == 0)
		from = from - c->una > c->mss ? from - rng_below(&l->rng, c->mss) : c->una;
	while (from < to) {
		uint32_t n = least(most(l, c), c->nxt - from);

		/* what was written before the offload lies in packets of its own, mostly */
		if (from < c->prefix && rng_below(&l->rng, 4))
			n = least(n, c->prefix - from);
		/* split, or to the end of what is missing */
		if (rng_below(&l->rng, 4) == 0)
			n = 1 + rng_below(&l->rng, n);
		else if (rng_below(&l->rng, 2))
			n = least(n, to - from);
		enqueue(l, c, from, n);
		from += n;
		if (rng_below(&l->rng, 4) == 0)
			return;
	}
}

/* What is missing at the receiver: it says so in its acknowledgements. */
static void resend_holes(struct loss *l, struct loss_conn *c)
{
	uint32_t at = c->una, holes = rng_range(&l->rng, 1, 6);

	while (holes-- && at < c->nxt) {
		uint32_t from, to;
		const uint8_t *p = memchr(c->have + at, 0, c->nxt - at);

		if (!p)
			return;
		from = p - c->have;
		p = memchr(c->have + from, 1, c->nxt - from);
		to = p ? p - c->have : c->nxt;
		/* nothing behind the last byte says that it is missing */
		if (!p && c->idle < IDLE)
			return;
		resend(l, c, from, to);
		at = to;
	}
}

static void acknowledge(struct loss *l, struct loss_conn *c)
{
	uint32_t una = c->una;

	if (rng_below(&l->rng, 4) == 0 || c->rcv == c->una)
		return;
	/* the middle of a segment, and of a record */
	c->una = rng_below(&l->rng, 8) ? c->rcv : c->una + 1 + rng_below(&l->rng, c->rcv - c->una);
	/* what was written back for a drop in the driver is in no order with what the receiver has */
	if (c->una > c->nxt)
		c->nxt = c->una;
	if (c->una != una) {
		c->idle = 0;
		loss_acked(l, c);
	}
}

static void step(struct loss *l, struct loss_conn *c)
{
	c->idle++;
	acknowledge(l, c);
	write_more(l, c);
	send_new(l, c);
	if (c->idle >= IDLE || rng_below(&l->rng, 3) == 0)
		resend_holes(l, c);
	/* for nothing: a timer that was too early, an acknowledgement that was lost */
	if (c->nxt > c->una && (rng_below(&l->rng, 40) == 0 || c->idle > 8 * IDLE)) {
		uint32_t from = rng_below(&l->rng, 2) ? c->una : c->una + rng_below(&l->rng, c->nxt - c->una);

		resend(l, c, from, least(c->nxt, from + 1 + rng_below(&l->rng, 4 * c->mss)));
	}
	/* the queue hands on what it wants to */
	for (unsigned int n = rng_below(&l->rng, 3) ? c->waiting : rng_below(&l->rng, c->waiting + 1); n && !l->failed; n--) {
		struct loss_packet p = c->qdisc[c->first];

		c->first = (c->first + 1) % LOSS_QDISC;
		c->waiting--;
		loss_xmit(l, c, &p);
		if (rng_below(&l->rng, 3) == 0)
			nic_ring(l->nic, c->queue);
	}
	nic_ring(l->nic, c->queue);
}

// ---- a run -----------------------------------------------------------------------

static uint32_t any_share(struct rng *r, uint32_t most)
{
	switch (rng_below(r, 4)) {
	case 0: return 0;
	case 1: return rng_below(r, most / 10);
	default: return rng_below(r, most + 1);
	}
}

static void draw(struct loss *l, uint64_t seed, const struct loss_options *o, struct tlsnic_sim_options *sim)
{
	static const unsigned int latency[] = { 0, 20, 100, 400 };
	static const uint32_t mins[] = { 0, 24, 64, 1024, 0xffff };
	struct rng *r = &l->rng;

	*r = rng_seed(seed ^ 0x1055);
	*sim = (struct tlsnic_sim_options){
		.seed = seed, .latency_min = rng_below(r, 4) ? 0 : 20, .latency_max = latency[rng_below(r, 4)],
		.reorder = rng_below(r, 2), .interleave = rng_below(r, 2), .stall_ppm = rng_below(r, 4) ? 0 : rng_below(r, 100000),
		.trace_file = o->trace,
	};
	if (sim->latency_max < sim->latency_min)
		sim->latency_max = sim->latency_min;
	l->loss = any_share(r, 200000);
	l->reorder = any_share(r, 200000);
	l->dup = any_share(r, 100000);
	l->drop = any_share(r, 200000);
	l->refuse = rng_below(r, 3) ? 0 : any_share(r, 200000);
	l->tag_min = mins[rng_below(r, 5)];
	l->conns = rng_range(r, 1, LOSS_CONNS);
	l->talk = o->talk;
}

static bool start(struct loss *l, const struct tlsnic_sim_options *sim, const struct loss_options *o)
{
	static struct rte_mempool *pool;	/* for the life of the process */
	struct nic_options options = { .sim = sim, .pcap = o->pcap };
	struct nic_ops ops = { .wire_tx = loss_wire, .tag = loss_tag, .done = loss_done, .opaque = l, .wire = l };
	struct nic_queue_options queue = { .log2_tx = rng_range(&l->rng, 6, 10), .log2_cq = rng_range(&l->rng, 7, 12) };

	if (!pool)
		pool = env_pool("loss", BUFS, LARGE_BUF);
	l->pool = pool;
	l->nic = nic_create(&options, &ops);
	if (!l->nic || !pool) {
		loss_fail(l, "no card or no memory, see above");
		return false;
	}
	l->can_seek = l->nic->features & TLSNIC_FEAT_TLS_SEEK && rng_below(&l->rng, 12);
	l->queues = l->nic->queues < 3 ? l->nic->queues : 3;
	for (unsigned int q = 0; q < l->queues; q++)
		if (nic_queue_on(l->nic, q, &queue))
			loss_fail(l, "queue %u does not turn on", q);
	if (l->nic->features & TLSNIC_FEAT_TLS_SEEK)
		nic_write(l->nic, TLSNIC_REG_TLS_TAG_MIN, l->tag_min);
	nic_enable(l->nic, TLSNIC_CTRL_TX_ENABLE | (l->can_seek ? TLSNIC_CTRL_TLS_TAGS : 0));
	for (unsigned int i = 0; i < l->conns && !l->failed; i++)
		loss_conn_init(l, &l->conn[i], i);
	return !l->failed;
}

static bool over(const struct loss *l)
{
	for (unsigned int i = 0; i < l->conns; i++)
		if (l->conn[i].una < l->conn[i].len)
			return false;
	return true;
}

static void compare(struct loss *l, const char *what, unsigned int stat, uint64_t want)
{
	uint64_t got = nic_stat(l->nic, stat);

	if (got != want)
		loss_fail(l, "the card counts %llu %s, %llu were posted", (unsigned long long)got, what, (unsigned long long)want);
}

static void rounds(struct loss *l)
{
	int err;

	for (l->round = 0; l->round < ROUNDS && !over(l) && !l->failed; l->round++) {
		for (unsigned int i = 0; i < l->conns && !l->failed; i++)
			step(l, &l->conn[i]);
		err = nic_cycles(l->nic, rng_range(&l->rng, 50, rng_below(&l->rng, 4) ? 600 : 4000));
		for (unsigned int q = 0; q < l->queues && !err; q++) {
			err = nic_reap(l->nic, q, ~0u);
			err = err > 0 ? 0 : err;
		}
		if (err)
			loss_fail(l, "%s", l->nic->violation);
		loss_arrive(l);
	}
	for (unsigned int i = 0; i < l->conns; i++) {
		struct loss_conn *c = &l->conn[i];

		if (c->una < c->len)
			loss_fail(l, "connection %u: after %u rounds, %u of %u bytes have arrived in order, %u are sent, %u acknowledged", i,
				  l->round, c->rcv, c->len, c->nxt, c->una);
	}
}

bool loss_run(uint64_t seed, const struct loss_options *o, struct loss_counts *sum, char *error)
{
	struct loss *l = calloc(1, sizeof(*l));
	struct tlsnic_sim_options sim;
	bool ok;

	if (!l)
		abort();
	l->sum = sum;
	draw(l, seed, o, &sim);
	if (start(l, &sim, o))
		rounds(l);
	if (!l->failed && nic_settle(l->nic))
		loss_fail(l, "the card does not come to rest: %s", l->nic->violation);
	for (unsigned int i = 0; i < l->conns && !l->failed; i++)
		loss_verify(l, &l->conn[i]);
	if (!l->failed) {
		compare(l, "packets of TLS", TLSNIC_STAT_TLS_PACKETS, l->tls);
		compare(l, "bytes of TLS", TLSNIC_STAT_TLS_BYTES, l->tls_bytes);
		compare(l, "seeks", TLSNIC_STAT_TLS_SEEKS, l->seeks);
		compare(l, "bytes of seeks", TLSNIC_STAT_TLS_SEEK_BYTES, l->seek_bytes);
	}
	if (l->nic) {
		sum->cycles += nic_cycle(l->nic);
		if (nic_destroy(l->nic))
			loss_fail(l, "the card broke a rule of the bus, see above");
	}
	for (unsigned int i = 0; i < l->nheld; i++)
		free(l->held[i].data);
	for (unsigned int i = 0; i < l->conns; i++)
		loss_conn_free(&l->conn[i]);
	sum->runs++;
	ok = !l->failed;
	memcpy(error, l->error, sizeof(l->error));
	free(l);
	return ok;
}
