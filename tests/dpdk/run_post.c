// SPDX-License-Identifier: BSD-2-Clause
//
// Steps that post TX slots.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../common/be64.h"
#include "run.h"

#define SMALL_SEG	1900	/* larger segments come from the pool of large mbufs */
#define LARGE_SEG	9200	/* the largest that fits in one of those, at any alignment */
#define TURNS		4000	/* of the clock until a ring that does not drain is settled */

enum order {
	ORDER_NEXT, ORDER_BEHIND, ORDER_AHEAD, ORDER_LESS, ORDER_MORE, ORDER_HALF, ORDER_OTHER, ORDER_NEVER, ORDER_DELETED,
	ORDER_RANGE, ORDER_EMPTY, ORDER_AFTER_DMA, ORDER_AFTER_DROP, ORDER_BOUNDARY, ORDER_INSIDE, ORDER_HOST
};

bool run_room(struct run *r, unsigned int q, unsigned int slots)
{
	if (r->q[q].halting || r->q[q].slots_fail || r->nic->nfaults > NIC_MAX_FAULTS - 8)
		run_settle(r);
	for (int turn = 0; !run_failed(r) && nic_tx_room(r->nic, q) < slots; turn++) {
		if (!turn)
			cover_hit(r->cover, COVER_EVENT, 6);
		run_ring(r, q);
		if (turn > 4)
			r->hold = false;
		run_clock(r, 200);
		if (turn == TURNS || (tlsnic_sim_idle(r->nic->sim) && turn > 8)) {
			run_settle(r);
			if (!run_failed(r) && nic_tx_room(r->nic, q) < slots)
				run_fail(r, "queue %u: %u free slots at rest, %u are needed", q, nic_tx_room(r->nic, q), slots);
		}
	}
	return !run_failed(r);
}

static void sample_post(struct run *r, unsigned int q, uint16_t first, uint16_t end)
{
	const struct nic_queue *n = &r->nic->q[q];
	unsigned int mask = n->tx_size - 1;

	if (end < first)
		cover_hit(r->cover, COVER_WRAP, 3);
	if ((uint16_t)(end - first) > 1 && (first & mask) > ((end - 1) & mask))
		cover_hit(r->cover, COVER_WRAP, n->tx[(first & mask) * 32] == TLSNIC_TXD_CTX_WRITE ? 2u : 1u);
	if (!(end & mask))
		cover_hit(r->cover, COVER_WRAP, 0);
}

/* The first of these bytes whose read fails; len: none. */
static uint32_t faulty(const struct nic *n, uint64_t addr, uint32_t len)
{
	uint32_t first = len;

	for (unsigned int f = 0; f < n->nfaults; f++) {
		uint64_t at = n->faults[f].addr > addr ? n->faults[f].addr - addr : 0;

		if (at < first && addr + at < n->faults[f].addr + n->faults[f].len)
			first = at;
	}
	return first;
}

static void find_faults(const struct nic *n, struct item *i)
{
	for (uint32_t s = 0, at = 0; s < i->nsegs; at += i->seg[s++].len) {
		uint32_t first = faulty(n, i->seg[s].addr, i->seg[s].len);

		if (first == i->seg[s].len || (i->read_failed && i->fail_at <= at + first))
			continue;
		i->read_failed = true;
		i->fail_at = at + first;
	}
}

void run_track(struct run *r, unsigned int q, uint16_t first, uint32_t id)
{
	struct run_queue *k = &r->q[q];
	struct nic_queue *n = &r->nic->q[q];
	uint8_t slots[MODEL_MAX_SLOTS][32];
	unsigned int count = (uint16_t)(n->tx_tail - first);
	struct item *list = NULL;

	for (unsigned int i = 0; i < count && i < MODEL_MAX_SLOTS; i++)
		memcpy(slots[i], n->tx + ((first + i) & (n->tx_size - 1)) * TLSNIC_TXD_SIZE, TLSNIC_TXD_SIZE);
	sample_post(r, q, first, n->tx_tail);
	model_items((const uint8_t (*)[32])slots, count, first, &list);
	for (struct item *i = list; i; i = i->next) {
		uint8_t flags = i->kind == ITEM_PACKET ? i->d.flags : i->x.flags;

		i->queue = q;
		i->step = r->step;
		i->id = id++;
		find_faults(r->nic, i);
		if (k->tail)
			k->tail->next = i;
		else
			k->head = i;
		k->tail = i;
		k->quiet = flags & TLSNIC_TXF_COMPLETE ? 0 : k->quiet + count;
	}
}

void run_ring(struct run *r, unsigned int q)
{
	struct nic_queue *n = &r->nic->q[q];
	static const uint32_t limits[] = { 2, 8, 32 };
	uint16_t slots = n->tx_tail - n->tx_posted;

	if (!n->on || !slots || run_failed(r))
		return;
	cover_hit(r->cover, COVER_DOORBELL, (unsigned int)n->tx_tail % 8, cover_class(slots, limits, 3));
	nic_ring(r->nic, q);
}

/* A completion is asked for so often that the ring never fills with items that have none. */
static bool must_complete(struct run *r, unsigned int q, unsigned int slots)
{
	return r->q[q].quiet + slots + 33 > r->nic->q[q].tx_size / 2;
}

/*
 * An mbuf with these bytes, at any place in a cache line, now and then over the end of a page (mbufs of a page
 * or less never are: only a large one can).
 */
static struct rte_mbuf *segment(struct run *r, struct rng *g, const uint8_t *data, uint32_t len)
{
	bool over = len > 1 && rng_below(g, 16) == 0;
	struct rte_mbuf *m = rte_pktmbuf_alloc(over || len > SMALL_SEG ? r->large : env.packets);

	if (!m && len <= SMALL_SEG)
		m = rte_pktmbuf_alloc(env.packets);
	if (!m)
		return NULL;
	m->data_off += rng_below(g, 64);
	if (over && m->pool == r->large) {
		uint64_t start = rte_mbuf_iova_get(m), page = (start + m->data_off + len + 4095) & ~4095ull;
		uint64_t off = page - start - rng_range(g, 1, len - 1);

		if (off + len <= m->buf_len)
			m->data_off = off;
	}
	m->data_len = m->pkt_len = len;
	memcpy(rte_pktmbuf_mtod(m, void *), data, len);
	return m;
}

struct rte_mbuf *run_chain(struct run *r, const uint8_t *data, uint32_t len, unsigned int segs, uint64_t seed)
{
	struct rng g = rng_seed(seed ^ 0x5e95);
	struct rte_mbuf *first = NULL, *last = NULL;
	uint32_t at = 0;

	segs = segs > TLSNIC_TX_MAX_SEGMENTS ? TLSNIC_TX_MAX_SEGMENTS : segs > len ? len : segs ? segs : 1;
	if (segs < (len + LARGE_SEG - 1) / LARGE_SEG)
		segs = (len + LARGE_SEG - 1) / LARGE_SEG;
	for (unsigned int i = 0; i < segs; i++) {
		uint32_t most = len - at - (segs - 1 - i), n = most;	/* a byte at least for each to come */
		struct rte_mbuf *m;

		if (i + 1 < segs) {
			n = rng_below(&g, 3) ? 1 + rng_below(&g, 1 + (len - at) / (segs - i) * 2) : rng_below(&g, 2) ? 64 : 16;
			n = n > most ? most : n;
		}
		/* what is left has to fit in what is left */
		if (n > LARGE_SEG)
			n = LARGE_SEG;
		if (len - at - n > (segs - 1 - i) * LARGE_SEG)
			n = len - at - (segs - 1 - i) * LARGE_SEG;
		m = segment(r, &g, data + at, n);
		if (!m) {
			rte_pktmbuf_free(first);
			return NULL;
		}
		if (first) {
			last->next = m;
			first->nb_segs++;
			first->pkt_len += n;
		} else {
			first = m;
		}
		last = m;
		at += n;
	}
	return first;
}

/* The byte of a packet whose read is to fail. */
static void fail_byte(struct run *r, struct rte_mbuf *m, uint32_t at, bool chance)
{
	unsigned int seg = 0, last = m->nb_segs - 1;

	for (; m; at -= m->data_len, m = m->next, seg++) {
		if (at >= m->data_len)
			continue;
		nic_fault(r->nic, rte_pktmbuf_iova(m) + at, 1);
		cover_hit(r->cover, COVER_FAULT, seg == last ? 2u : !seg ? 0u : 1u, chance);
		if (seg == last && !seg)
			cover_hit(r->cover, COVER_FAULT, 0, chance);
		return;
	}
}

/* Fields that no flag makes valid may hold anything. */
static void litter(struct tlsnic_txd_packet *d, uint64_t seed)
{
	struct rng g = rng_seed(seed ^ 0x1177e5);
	struct tlsnic_txd_packet any;

	rng_bytes(&g, &any, sizeof(any));
	if (!(d->flags & TLSNIC_TXF_TLS)) {
		d->ctx = any.ctx;
		d->seq = any.seq;
		d->stream_offset = any.stream_offset;
	}
	if (!(d->flags & TLSNIC_TXF_CSUM)) {
		d->csum_start = any.csum_start;
		d->csum_offset = any.csum_offset;
	}
	if (!(d->flags & TLSNIC_TXF_VLAN))
		d->vlan_tci = any.vlan_tci;
}

/* Posts a packet; note: what kind of order it is, + 1. */
static void post(struct run *r, unsigned int q, const struct step *s, const uint8_t *data, uint32_t len,
		 struct tlsnic_txd_packet *d, const struct tlsnic_txd_seek *seek, unsigned int note)
{
	unsigned int segs = s->a[A_SEGS] > len / LARGE_SEG + 1 ? s->a[A_SEGS] : len / LARGE_SEG + 1;
	struct rte_mbuf *m;
	uint16_t first;
	int slots;

	segs = (segs > 32 ? 32 : segs) + !!seek;
	if (!run_room(r, q, segs))
		return;
	if (data != r->frame)
		memcpy(r->frame, data, len);
	frame_mark(r->frame, q, r->next_id);
	m = run_chain(r, r->frame, len, s->a[A_SEGS], s->a[A_SEED]);
	if (!m) {
		/* they come back */
		run_settle(r);
		m = run_chain(r, r->frame, len, s->a[A_SEGS], s->a[A_SEED]);
	}
	if (!m) {
		run_fail(r, "no mbufs are left");
		return;
	}
	if (s->a[A_FAIL])
		fail_byte(r, m, (s->a[A_FAIL] - 1) % len, false);
	else if (r->rderr && rng_below(&r->rng, 1000000) < r->rderr)
		fail_byte(r, m, rng_below(&r->rng, len), true);
	if (!s->a[A_QUIET] || must_complete(r, q, segs))
		d->flags |= TLSNIC_TXF_COMPLETE;
	if (s->a[A_VLAN]) {
		d->flags |= TLSNIC_TXF_VLAN;
		d->vlan_tci = s->a[A_VLAN] - 1;
	}
	if (s->a[A_SEED] & 1)
		litter(d, s->a[A_SEED]);
	first = r->nic->q[q].tx_tail;
	slots = nic_tx_seek(r->nic, q, seek, m, d, NULL);
	if (run_error(r, slots < 0 ? slots : 0))
		return;
	run_track(r, q, first, r->next_id++);
	r->q[q].tail->note = note;
}

/*
 * Makes r->frame a packet to be cut into frames: the headers of p, which has no payload, and this one. Lengths, and the
 * sum of an IPv4 header, may hold anything. Returns its length.
 */
static uint32_t large(struct run *r, const struct step *s, struct packet *p, const uint8_t *payload, uint32_t len,
		      struct tlsnic_txd_packet *d)
{
	struct rng g = rng_seed(s->a[A_SEED] ^ 0x750);
	uint8_t *ip = r->frame + p->l3, *tcp = r->frame + p->l4;
	uint32_t sum;

	if (len > TLSNIC_TSO_MAX_LEN - p->data)
		len = TLSNIC_TSO_MAX_LEN - p->data;
	memcpy(r->frame, p->bytes, p->data);
	memcpy(r->frame + p->data, payload, len);
	if (s->a[A_FLAGS])
		tcp[13] = s->a[A_FLAGS] - 1;
	/* the sum of the pseudo header without the length that packet_build() has put there */
	sum = packet_sum(tcp + 16, 2, 0xffff & ~(p->data - p->l4));
	tcp[16] = sum >> 8;
	tcp[17] = sum;
	rng_bytes(&g, ip + (p->ipv6 ? 4 : 2), 2);
	if (!p->ipv6) {
		rng_bytes(&g, ip + 4, 2);
		rng_bytes(&g, ip + 10, 2);
	}
	d->mss = s->a[A_MSS];
	if (d->mss < TLSNIC_TSO_MIN_MSS)
		d->mss = TLSNIC_TSO_MIN_MSS;
	if (p->data + d->mss > TLSNIC_TX_MAX_LEN)
		d->mss = TLSNIC_TX_MAX_LEN - p->data;
	d->l3_start = p->l3;
	d->flags |= TLSNIC_TXF_CSUM;
	d->csum_start = p->l4;
	d->csum_offset = 16;
	return p->data + len;
}

// ---- connections ----------------------------------------------------------------

struct conn *run_conn(struct run *r, const struct step *s)
{
	unsigned int number = s->a[A_CONN] % PLAN_CONNS;

	if (!r->conn[number]) {
		/* a step of a connection that was never opened: it has no context */
		struct step open = { .op = STEP_OPEN };

		r->conn[number] = calloc(1, sizeof(struct conn));
		if (!r->conn[number])
			abort();
		open.a[A_CTX] = number;
		open.a[A_TLS] = TLSNIC_TLS_1_2;
		conn_open(r->conn[number], &open, number);
		r->conn[number]->closed = true;
	}
	return r->conn[number];
}

/*
 * A context is used through one ring at a time, as the contract says. Another ring may have it when all is at
 * rest.
 */
void run_bind(struct run *r, uint32_t ctx, unsigned int q)
{
	if (ctx >= r->model.contexts || r->queue_of[ctx] == q + 1)
		return;
	if (r->queue_of[ctx])
		run_settle(r);
	r->queue_of[ctx] = q + 1;
}

static void post_write(struct run *r, const struct step *s, unsigned int q, const struct tlsnic_txd_ctx *x, const uint8_t key[32])
{
	struct tlsnic_txd_ctx c = *x;
	uint16_t first;
	int err;

	run_bind(r, c.ctx, q);
	if (!run_room(r, q, 2))
		return;
	c.flags = !s->a[A_QUIET] || must_complete(r, q, 2) ? TLSNIC_TXF_COMPLETE : 0;
	first = r->nic->q[q].tx_tail;
	err = nic_ctx_write(r->nic, q, &c, key, NULL);
	if (!run_error(r, err < 0 ? err : 0))
		run_track(r, q, first, r->next_id++);
}

void run_open(struct run *r, const struct step *s)
{
	static const uint32_t limits[] = { 8, 64, 256, 1000 };
	struct conn *c = run_conn(r, s);
	struct tlsnic_txd_ctx x;

	r->open += c->closed;
	c->closed = false;
	c->dropped = c->failed = false;
	conn_open(c, s, s->a[A_CONN] % PLAN_CONNS);
	session_ctx(&c->s, c->ctx, s->a[A_SEQ], c->s.seq_no, 0, &x);
	/* what DPDK knows as record number and nonce are one; here they need not be */
	memcpy(x.iv, c->s.iv, 8);
	if (s->a[A_TLS])
		x.version = s->a[A_TLS];
	if (s->a[A_AES])
		x.cipher = s->a[A_AES];
	post_write(r, s, c->queue, &x, c->s.key);
	if (c->ctx < r->model.contexts)
		r->owner[c->ctx] = c;
	r->many_queues |= c->queue != 0;
	cover_hit(r->cover, COVER_CONNS, cover_class(r->open, limits, 4), r->many_queues);
}

void run_resync(struct run *r, const struct step *s)
{
	struct conn *c = run_conn(r, s);
	struct tlsnic_txd_ctx x;
	uint32_t start;
	uint64_t k = conn_boundary(c, c->at, &start), iv;

	session_ctx(&c->s, c->ctx, (uint32_t)c->open.a[A_SEQ] + start, c->s.seq_no + k, 0, &x);
	memcpy(&iv, c->s.iv, 8);
	if (c->s.version == TLSNIC_TLS_1_2)
		iv = __builtin_bswap64(__builtin_bswap64(iv) + k);
	memcpy(x.iv, &iv, 8);
	/* kind 0: the host skips to the boundary; else it goes on from where it is */
	c->hw = start;
	if (!s->a[A_KIND])
		c->at = start;
	c->resynced = true;
	c->dropped = c->failed = false;
	post_write(r, s, c->queue, &x, c->s.key);
	if (c->ctx < r->model.contexts)
		r->owner[c->ctx] = c;
}

void run_delete(struct run *r, const struct step *s)
{
	struct rng g = rng_seed(s->a[A_SEED]);
	uint32_t ctx = s->a[A_CTX];
	struct tlsnic_txd_ctx x;
	unsigned int q = s->a[A_Q] % PLAN_QUEUES;
	uint16_t first;
	int err;

	/* through the ring that has it */
	if (ctx < r->model.contexts && r->queue_of[ctx])
		q = r->queue_of[ctx] - 1;
	run_bind(r, ctx, q);
	if (!run_room(r, q, 1))
		return;
	first = r->nic->q[q].tx_tail;
	/* all else in its slot means nothing */
	rng_bytes(&g, &x, sizeof(x));
	x.op = TLSNIC_TXD_CTX_DELETE;
	x.flags = !s->a[A_QUIET] || must_complete(r, q, 1) ? TLSNIC_TXF_COMPLETE : 0;
	x.ctx = ctx;
	err = nic_tx_slot(r->nic, q, &x, true, NULL, NULL);
	if (run_error(r, err < 0 ? err : 0))
		return;
	run_track(r, q, first, r->next_id++);
	if (ctx < r->model.contexts)
		r->owner[ctx] = NULL;
}

static enum order order_of(struct run *r, const struct conn *c, const struct step *s, uint32_t ctx, uint32_t len)
{
	int32_t off = (uint32_t)s->a[A_DSEQ];

	if (ctx >= r->model.contexts)
		return ORDER_RANGE;
	if (!r->owner[ctx])
		return c->closed ? ORDER_NEVER : ORDER_DELETED;
	if (r->owner[ctx] != c)
		return ORDER_OTHER;
	if (off)
		return off == 1 ? ORDER_MORE : off == -1 ? ORDER_LESS : off == INT32_MIN ? ORDER_HALF : off < 0 ? ORDER_BEHIND : ORDER_AHEAD;
	if (s->a[A_BACK] || s->a[A_SKIP])
		return s->a[A_BACK] ? ORDER_BEHIND : ORDER_AHEAD;
	if (!len)
		return ORDER_EMPTY;
	if (c->resynced)
		return c->hw > c->at ? ORDER_INSIDE : ORDER_BOUNDARY;
	return c->failed ? ORDER_AFTER_DMA : c->dropped ? ORDER_AFTER_DROP : ORDER_NEXT;
}

/* The seek to byte at of the stream, spoiled if the step says so. False: this place has none. */
static bool make_seek(struct conn *c, const struct step *s, uint32_t at, struct tlsnic_txd_seek *k, struct tlsnic_txd_packet *d)
{
	unsigned int header = REF_HEADER + (c->s.version == TLSNIC_TLS_1_2 ? REF_NONCE : 0);
	uint32_t start;
	uint64_t n = conn_record_at(c, at, &start);
	const uint8_t *h = c->down + start;

	memset(k, 0, sizeof(*k));
	k->rec_len = h[3] << 8 | h[4];
	k->offset = at - start;
	/* beyond the header it may hold anything */
	k->rec_type = k->offset < header ? h[0] : s->a[A_SEED];
	put64(k->rec_sn, c->s.seq_no + n);
	if (s->a[A_SEEK] & PLAN_SEEK_TAG) {
		k->flags |= TLSNIC_SEEK_TAG;
		conn_tag(c, n, k->tag);
	}
	if (s->a[A_SEEK] & PLAN_SEEK_CONTINUE)
		k->flags |= TLSNIC_SEEK_CONTINUE;
	switch (s->a[A_WRONG]) {
	case SEEK_BEHIND: k->offset = REF_HEADER + k->rec_len + s->a[A_SEED] % 3 * 100; break;
	case SEEK_SHORT: k->rec_len = s->a[A_SEED] % (c->s.version == TLSNIC_TLS_1_2 ? 24 : 17); k->offset = 0; break;
	case SEEK_FLAG: k->flags |= 4 << s->a[A_SEED] % 6; break;
	case SEEK_RESERVED: k->reserved = 1 << s->a[A_SEED] % 8; break;
	case SEEK_NOT_TLS: d->flags &= ~TLSNIC_TXF_TLS; break;
	case SEEK_NUMBER:
		/* far away, and where the packet shows it: another nonce in the record than in its header */
		if (c->s.version != TLSNIC_TLS_1_2 || k->offset >= header)
			return false;
		k->rec_sn[2] ^= 0x80;
		break;
	default: break;
	}
	return true;
}

void run_send(struct run *r, const struct step *s)
{
	struct conn *c = run_conn(r, s);
	uint32_t back = s->a[A_BACK] < c->at ? s->a[A_BACK] : c->at;
	bool cut = s->a[A_MSS] && r->features & TLSNIC_FEAT_TSO, seeks = s->a[A_SEEK] && r->features & TLSNIC_FEAT_TLS_SEEK;
	uint32_t from = c->at - back + (uint32_t)s->a[A_SKIP], front = 0, total;
	uint32_t len = s->a[A_LEN] % ((cut ? TLSNIC_TSO_MAX_LEN : TLSNIC_TX_MAX_LEN) + 1);
	uint32_t ctx = s->a[A_OTHER] ? s->a[A_OTHER] - 1 : c->ctx;
	bool next = !back && !s->a[A_SKIP] && !s->a[A_DSEQ] && !s->a[A_OTHER] && !s->a[A_FAIL] && !s->a[A_SEEK];
	struct tlsnic_txd_packet d = { 0 };
	struct packet *p = &r->packet;
	struct tlsnic_txd_seek k;
	enum order order;

	if (s->a[A_SKIP] > 100000)
		from = c->at;
	run_bind(r, ctx, c->queue);
	conn_need(c, from + len);
	conn_packet(c, from, cut ? 0 : len, false, p);
	if (cut) {
		total = large(r, s, p, c->down + from, len, &d);
		len = total - p->data;
	} else {
		if (p->len > TLSNIC_TX_MAX_LEN) {
			len -= p->len - TLSNIC_TX_MAX_LEN;
			conn_packet(c, from, len, false, p);
		}
		total = p->len;
		memcpy(r->frame, p->bytes, total);
	}
	if (c->hw > from)
		front = c->hw - from;
	if (front > len)
		front = len;
	/* what the host has to encrypt */
	if (front)
		conn_wire(c, from, front, r->frame + p->data);
	order = order_of(r, c, s, ctx, len);
	if (!s->a[A_NOCSUM] && !cut) {
		d.flags |= TLSNIC_TXF_CSUM;
		d.csum_start = p->l4;
		d.csum_offset = 16;
	}
	if (front >= len && len && next) {
		order = ORDER_HOST;
	} else {
		d.flags |= TLSNIC_TXF_TLS;
		d.ctx = ctx;
		d.stream_offset = p->data + front;
		d.seq = p->seq + front + (uint32_t)s->a[A_DSEQ];
	}
	if (seeks)
		seeks = make_seek(c, s, from + front, &k, &d);
	post(r, c->queue, s, r->frame, total, &d, seeks ? &k : NULL, s->a[A_SEEK] ? 0 : order + 1);
	if (s->a[A_SEEK]) {
		/* as the context does, if all was right */
		if (seeks && s->a[A_SEEK] & PLAN_SEEK_CONTINUE && !s->a[A_WRONG] && !s->a[A_FAIL]) {
			c->at = from + len;
			c->hw = 0;
		}
	} else if (next) {
		c->at = from + len;
		if (order != ORDER_HOST && len)
			c->resynced = c->failed = c->dropped = false;
	} else {
		c->dropped = true;
		c->failed |= s->a[A_FAIL] != 0;
	}
}

// ---- other packets ------------------------------------------------------------------

/* A TCP or UDP packet of random content; a UDP one whose sum comes out as 0 if asked for. */
static void random_packet(struct run *r, const struct step *s, struct packet *p)
{
	static uint8_t payload[TLSNIC_TX_MAX_LEN];
	struct rng g = rng_seed(s->a[A_SEED] ^ 0x9ac7);
	uint32_t len = s->a[A_MSS] ? 0 : s->a[A_LEN] % 9101;

	memset(p, 0, offsetof(struct packet, bytes));
	p->ipv6 = s->a[A_IP6];
	p->proto = s->a[A_KIND] == FRAME_TCP ? PACKET_TCP : PACKET_UDP;
	p->ip_options = p->ipv6 ? 0 : s->a[A_IPOPT] % 11;
	p->tcp_options = s->a[A_TCPOPT] % 11;
	rng_bytes(&g, p->src, 16);
	rng_bytes(&g, p->dst, 16);
	p->sport = rng_below(&g, 65536);
	p->dport = rng_below(&g, 65536);
	p->seq = rng_next(&g);
	rng_bytes(&g, payload, len);
	p->payload = payload;
	p->payload_len = len;
	if (s->a[A_KIND] == FRAME_UDP_ZERO && len >= 2) {
		uint32_t sum;

		payload[0] = payload[1] = 0;
		packet_build(p);
		/* what is missing from the sum of all ones */
		sum = p->bytes[p->l4 + 6] << 8 | p->bytes[p->l4 + 7];
		payload[0] = sum >> 8;
		payload[1] = sum;
	}
	p->pseudo_only = s->a[A_MSS] || !s->a[A_NOCSUM];
	packet_build(p);
}

/* To be cut into frames, not of TLS. */
static void plain_large(struct run *r, const struct step *s, unsigned int q)
{
	static uint8_t payload[TLSNIC_TSO_MAX_LEN];
	struct rng g = rng_seed(s->a[A_SEED] ^ 0x1a96e);
	uint32_t len = s->a[A_LEN] % TLSNIC_TSO_MAX_LEN;
	struct tlsnic_txd_packet d = { 0 };

	random_packet(r, s, &r->packet);
	rng_bytes(&g, payload, len);
	len = large(r, s, &r->packet, payload, len, &d);
	r->frame[0] &= ~1;
	post(r, q, s, r->frame, len, &d, NULL, 0);
}

void run_plain(struct run *r, const struct step *s)
{
	unsigned int q = s->a[A_Q] % PLAN_QUEUES;
	struct tlsnic_txd_packet d = { 0 };
	struct packet *p = &r->packet;
	struct rng g = rng_seed(s->a[A_SEED]);

	if (s->a[A_MSS] && s->a[A_KIND] == FRAME_TCP && r->features & TLSNIC_FEAT_TSO) {
		plain_large(r, s, q);
		return;
	}
	if (s->a[A_KIND] != FRAME_RAW) {
		random_packet(r, s, p);
		if (!s->a[A_NOCSUM]) {
			d.flags |= TLSNIC_TXF_CSUM;
			d.csum_start = p->l4;
			d.csum_offset = p->proto == PACKET_TCP ? 16 : 6;
		}
	} else {
		p->len = s->a[A_LEN];
		if (p->len < TLSNIC_TX_MIN_LEN)
			p->len = TLSNIC_TX_MIN_LEN;
		if (p->len > TLSNIC_TX_MAX_LEN)
			p->len = TLSNIC_TX_MAX_LEN;
		rng_bytes(&g, p->bytes, p->len);
		p->bytes[12] = 0x88;
		p->bytes[13] = 0xb5;
		/* a sum anywhere behind the header, odd places among them */
		if (!s->a[A_NOCSUM] && p->len >= 20) {
			d.flags |= TLSNIC_TXF_CSUM;
			d.csum_start = rng_range(&g, 14, p->len - 2);
			d.csum_offset = rng_below(&g, p->len - 1 - d.csum_start);
		}
	}
	/* unicast, multicast, broadcast */
	switch (rng_below(&g, 6)) {
	case 0: memset(p->bytes, 0xff, 6); break;
	case 1: p->bytes[0] |= 1; break;
	default: p->bytes[0] &= ~1; break;
	}
	post(r, q, s, p->bytes, p->len, &d, NULL, 0);
}
