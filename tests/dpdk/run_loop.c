// SPDX-License-Identifier: BSD-2-Clause
//
// Loopback: what a ring sends comes back to the RX rings, or leaves, as long as the card has not turned.
//
// Each direction turns between two frames, so of what a ring has sent since all was at rest a front
// has gone the old way and the rest the new one. It is only known at rest where that was, so
// frames are kept until then.
#include <stdlib.h>
#include <string.h>

#include "run.h"

void run_loop(struct run *r, const struct step *s)
{
	bool on = s->a[A_N], busy = false, rx = r->rx_first || r->turned;

	if (on == r->loop || run_failed(r))
		return;
	for (unsigned int q = 0; q < r->queues; q++)
		rx |= r->q[q].rx_fault || r->q[q].slots_fail || r->q[q].halting;
	/* frames of the wire that the turn would meet, and what tells by frames on the wire */
	if (rx)
		run_settle(r);
	if (run_failed(r))
		return;
	for (unsigned int q = 0; q < r->queues; q++)
		busy |= r->q[q].head || r->q[q].seen.n || r->q[q].expect.n;
	cover_hit(r->cover, COVER_EVENT, (on ? 18u : 20u) + busy);
	r->ctrl ^= TLSNIC_CTRL_LOOPBACK;
	r->loop = on;
	r->turned = true;
	nic_write(r->nic, TLSNIC_REG_CTRL, r->ctrl);
	run_error(r, 0);
}

void run_loop_back(struct run *r, unsigned int from, uint32_t id, unsigned int q, struct rte_mbuf *m)
{
	struct run_queue *k = &r->q[from];
	struct looped *l = calloc(1, sizeof(*l));
	const uint8_t *data;

	if (!l)
		abort();
	l->id = id;
	l->len = m->pkt_len;
	l->cpl = *nic_rx_cpl(m);
	l->data = malloc(l->len);
	if (!l->data)
		abort();
	data = rte_pktmbuf_read(m, 0, l->len, l->data);
	if (data != l->data)
		memcpy(l->data, data, l->len);
	run_digest(r, l->data, l->len);
	if (l->cpl.flags & TLSNIC_RXF_ERROR)
		run_fail(r, "queue %u: a frame in loopback has RXF_ERROR, and no write has failed", q);
	if (!k->back[q])
		k->back_end[q] = &k->back[q];
	*k->back_end[q] = l;
	k->back_end[q] = &l->next;
	rte_pktmbuf_free(m);
}

static void drop(struct run_queue *k, unsigned int q)
{
	struct looped *l = k->back[q];

	k->back[q] = l->next;
	free(l->data);
	free(l);
}

void run_loop_free(struct run *r, unsigned int q)
{
	for (unsigned int to = 0; to < PLAN_QUEUES; to++)
		while (r->q[q].back[to])
			drop(&r->q[q], to);
}

/* A buffer was wanting at some time, for all that is known. */
static bool may_drop(const struct run *r, const struct rx_verdict *v)
{
	const struct nic_queue *n = &r->nic->q[v->queue];

	return !n->on || (int16_t)(r->q[v->queue].rx_settled - n->rx_next) < (int)((v->len + n->buf_len - 1) / n->buf_len);
}

/* What differs between a frame as it must come and as it came; NULL: nothing. */
static const char *difference(const struct rx_verdict *v, const uint8_t *data, const struct looped *l)
{
	if (l->len != v->len)
		return "length";
	if ((l->cpl.flags & ~(TLSNIC_RXF_START | TLSNIC_RXF_END)) != v->flags)
		return "flags";
	if (l->cpl.hash != v->hash)
		return "hash";
	if (v->flags & TLSNIC_RXF_VLAN && l->cpl.vlan_tci != v->tci)
		return "vlan_tci";
	return memcmp(l->data, data, l->len) ? "content" : NULL;
}

/* Frame e of ring q has turned back, or may have. */
static void turned_back(struct run *r, unsigned int q, const struct frame *e)
{
	static uint8_t data[TLSNIC_SIM_MAX_FRAME];
	struct rx_verdict v = model_rx(&r->rx, e->data, e->len, false, data);
	bool cut = e->cut, tls = e->tls, certain = !e->may;
	const struct looped *l;
	const char *what = NULL;

	if (v.fate == RX_FATE_DELIVERED) {
		l = r->q[q].back[v.queue];
		if (l && l->id == e->id)
			what = difference(&v, data, l);
		if (l && l->id == e->id && !what) {
			model_rx_count(&r->model, &v, e->len, true);
			cover_hit(r->cover, COVER_LOOP, tls, cut, 0);
			drop(&r->q[q], v.queue);
			return;
		}
		if (certain && !may_drop(r, &v)) {
			run_fail(r, "queue %u: frame %u of %u bytes (step %u) %s in loopback to queue %u%s%s", q, e->id, e->len, e->step,
				 what ? "differs" : "does not arrive", v.queue, what ? ": " : "", what ? what : "");
			return;
		}
		model_stat(&r->model, TLSNIC_STAT_RX_NO_BUFFER, 1, certain);
	}
	model_rx_count(&r->model, &v, e->len, certain);
	if (certain)
		cover_hit(r->cover, COVER_LOOP, tls, cut, v.fate == RX_FATE_DELIVERED ? 4u : v.fate == RX_FATE_FILTERED ? 1u :
			  v.fate == RX_FATE_TOO_LONG ? 2u : 3u);
}

static bool same(const struct frame *a, const struct frame *b)
{
	return a->id == b->id && a->len == b->len && !memcmp(a->data, b->data, a->len);
}

void run_loop_settle(struct run *r, unsigned int q)
{
	struct run_queue *k = &r->q[q];
	struct frame *e, *w;

	if (!run_looping(r) || run_failed(r))
		return;
	/* on: what has left is a front; off: what has left is the rest */
	if (r->loop)
		run_match(r, q);
	while (!run_failed(r) && (e = run_front(&k->expect)) && !(r->loop && k->seen.n)) {
		w = run_front(&k->seen);
		if (w && same(e, w))
			break;
		turned_back(r, q, e);
		run_pop(&k->expect);
	}
	run_match(r, q);
	for (unsigned int to = 0; to < PLAN_QUEUES && !run_failed(r); to++)
		if (k->back[to])
			run_fail(r, "queue %u: frame %u came in loopback to queue %u, where it does not belong", q, k->back[to]->id, to);
}

void run_loop_rest(struct run *r)
{
	r->turned = false;
	for (unsigned int q = 0; q < r->queues; q++)
		r->q[q].rx_settled = r->nic->q[q].rx_posted;
}
