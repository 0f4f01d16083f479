// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "nic_priv.h"

/* ---- queues ------------------------------------------------------------------ */

static void free_items(struct nic_queue *k, uint16_t from, uint16_t to)
{
	for (; from != to; from++) {
		unsigned int i = from & (k->tx_size - 1);

		rte_pktmbuf_free(k->items[i].m);
		k->items[i].m = NULL;
		if (k->items[i].key)
			memset(k->tx + i * TLSNIC_TXD_SIZE, 0, TLSNIC_TXD_SIZE);
	}
}

static void tx_drop(struct nic_queue *k)
{
	free_items(k, k->tx_done, k->tx_tail);
	k->tx_tail = k->tx_posted = k->tx_written = k->tx_done = k->tx_hint[0] = k->tx_hint[1] = 0;
}

void nic_queue_drop(struct nic_queue *k)
{
	if (k->items)
		tx_drop(k);
	for (unsigned int i = 0; k->bufs && i < k->rx_size; i++)
		rte_pktmbuf_free(k->bufs[i]);
	rte_pktmbuf_free(k->head);
	rte_free(k->tx);
	rte_free(k->rx);
	rte_free(k->cq);
	free(k->items);
	free(k->spans);
	free(k->bufs);
	free(k->written);
	memset(k, 0, sizeof(*k));
}

static void set_ring(struct nic *n, unsigned int q, uint32_t reg, const void *base, unsigned int size)
{
	nic_qwrite(n, q, reg, (uintptr_t)base);
	nic_qwrite(n, q, reg + 4, (uintptr_t)base >> 32);
	nic_qwrite(n, q, reg + 8, __builtin_ctz(size));
}

int nic_queue_on(struct nic *n, unsigned int q, const struct nic_queue_options *o)
{
	static const struct nic_queue_options none;
	struct nic_queue *k;

	o = o ? o : &none;
	if (q >= n->queues || n->q[q].on || o->log2_tx > 12 || o->log2_rx > 12 || o->log2_cq > 15)
		return -EINVAL;
	k = &n->q[q];
	nic_queue_drop(k);
	k->tx_size = 1u << (o->log2_tx ? o->log2_tx : 10);
	k->rx_size = 1u << (o->log2_rx ? o->log2_rx : 8);
	k->cq_size = 1u << (o->log2_cq ? o->log2_cq : 12);
	k->buf_len = o->buf_len ? o->buf_len : 2048;
	k->pool = o->pool ? o->pool : env.packets;
	if (k->buf_len + RTE_PKTMBUF_HEADROOM > rte_pktmbuf_data_room_size(k->pool))
		return -EINVAL;
	k->tx = rte_zmalloc("tx", k->tx_size * TLSNIC_TXD_SIZE, 64);
	k->rx = rte_zmalloc("rx", k->rx_size * TLSNIC_RXD_SIZE, 64);
	k->cq = rte_zmalloc("cq", k->cq_size * TLSNIC_CPL_SIZE, 64);
	k->items = calloc(k->tx_size, sizeof(*k->items));
	k->spans = calloc(k->tx_size, sizeof(*k->spans));
	k->bufs = calloc(k->rx_size, sizeof(*k->bufs));
	k->written = calloc(k->cq_size, sizeof(*k->written));
	if (!k->tx || !k->rx || !k->cq || !k->items || !k->spans || !k->bufs || !k->written) {
		nic_queue_drop(k);
		return -ENOMEM;
	}
	k->on = true;
	set_ring(n, q, TLSNIC_Q_CQ_BASE_LO, k->cq, k->cq_size);
	set_ring(n, q, TLSNIC_Q_TX_BASE_LO, k->tx, k->tx_size);
	set_ring(n, q, TLSNIC_Q_RX_BASE_LO, k->rx, k->rx_size);
	nic_qwrite(n, q, TLSNIC_Q_RX_BUF_LEN, k->buf_len);
	nic_qwrite(n, q, TLSNIC_Q_CQ_CTRL, TLSNIC_Q_ENABLE);
	nic_qwrite(n, q, TLSNIC_Q_RX_CTRL, TLSNIC_Q_ENABLE);
	nic_qwrite(n, q, TLSNIC_Q_TX_CTRL, TLSNIC_Q_ENABLE);
	return n->violations ? -EFAULT : 0;
}

/* Turns a ring off and waits until the card has let go of it, which it may not while another queue's completions are full. */
static int turn_off(struct nic *n, unsigned int q, uint32_t ctrl)
{
	nic_qwrite(n, q, ctrl, 0);
	for (int i = 0; i < NIC_POLLS; i++) {
		if (!(nic_qread(n, q, ctrl) & TLSNIC_Q_ACTIVE))
			return 0;
		for (unsigned int o = 0; o < n->queues; o++)
			if (n->q[o].on && nic_reap(n, o, ~0u) < 0)
				return -EFAULT;
		tlsnic_sim_run(n->sim, 16);
	}
	nic_violation(n, "queue %u: ACTIVE stays in register 0x%x", q, ctrl);
	return -ETIMEDOUT;
}

int nic_queue_off(struct nic *n, unsigned int q)
{
	int ret;

	if (q >= n->queues || !n->q[q].on)
		return -EINVAL;
	ret = turn_off(n, q, TLSNIC_Q_TX_CTRL);
	if (!ret)
		ret = turn_off(n, q, TLSNIC_Q_RX_CTRL);
	if (!ret)
		ret = nic_reap(n, q, ~0u);
	if (ret >= 0)
		ret = turn_off(n, q, TLSNIC_Q_CQ_CTRL);
	/* a card that has not let go would write into freed memory */
	if (!ret)
		nic_queue_drop(&n->q[q]);
	return ret;
}

int nic_tx_restart(struct nic *n, unsigned int q)
{
	int ret;

	if (q >= n->queues || !n->q[q].on)
		return -EINVAL;
	ret = turn_off(n, q, TLSNIC_Q_TX_CTRL);
	if (!ret)
		ret = nic_reap(n, q, ~0u);
	if (ret < 0)
		return ret;
	tx_drop(&n->q[q]);
	nic_qwrite(n, q, TLSNIC_Q_TX_CTRL, TLSNIC_Q_ENABLE);
	return n->violations ? -EFAULT : 0;
}

/* ---- TX ------------------------------------------------------------------------ */

static void put_slot(struct nic_queue *k, const void *slot, uint64_t addr, uint32_t len)
{
	unsigned int i = k->tx_tail++ & (k->tx_size - 1);

	memcpy(k->tx + i * TLSNIC_TXD_SIZE, slot, TLSNIC_TXD_SIZE);
	k->spans[i] = (struct nic_span){ .addr = addr, .len = len };
	k->items[i] = (struct nic_item){ 0 };
}

static struct nic_item *last_item(struct nic_queue *k)
{
	return &k->items[(k->tx_tail - 1) & (k->tx_size - 1)];
}

static void end_item(struct nic_queue *k, struct rte_mbuf *m, void *cookie)
{
	struct nic_item *it = last_item(k);

	it->m = m;
	it->cookie = cookie;
	it->last = true;
}

int nic_tx_seek(struct nic *n, unsigned int q, const struct tlsnic_txd_seek *seek, struct rte_mbuf *m,
		const struct tlsnic_txd_packet *d, void *cookie)
{
	static const struct tlsnic_txd_packet plain = { .flags = TLSNIC_TXF_COMPLETE };
	struct nic_queue *k = &n->q[q];
	struct tlsnic_txd_packet p = d ? *d : plain;
	unsigned int segs = 0;

	for (const struct rte_mbuf *s = m; s; s = s->next, segs++)
		if (!s->data_len)
			return -EINVAL;
	if (nic_tx_room(n, q) < segs + !!seek)
		return -ENOSPC;
	if (seek) {
		struct tlsnic_txd_seek slot = *seek;

		slot.op = TLSNIC_TXD_SEEK;
		put_slot(k, &slot, 0, 0);
	}
	p.op = TLSNIC_TXD_PACKET;
	p.flags = (p.flags & ~TLSNIC_TXF_END) | (m->next ? 0 : TLSNIC_TXF_END);
	p.len = m->data_len;
	p.addr = rte_pktmbuf_iova(m);
	put_slot(k, &p, p.addr, p.len);
	for (const struct rte_mbuf *s = m->next; s; s = s->next) {
		struct tlsnic_txd_segment t = {
			.op = TLSNIC_TXD_SEGMENT, .flags = s->next ? 0 : TLSNIC_TXF_END,
			.len = s->data_len, .addr = rte_pktmbuf_iova(s),
		};

		put_slot(k, &t, t.addr, t.len);
	}
	end_item(k, m, cookie);
	return segs + !!seek;
}

int nic_tx(struct nic *n, unsigned int q, struct rte_mbuf *m, const struct tlsnic_txd_packet *d, void *cookie)
{
	return nic_tx_seek(n, q, NULL, m, d, cookie);
}

int nic_tx_slot(struct nic *n, unsigned int q, const void *slot, bool last, struct rte_mbuf *m, void *cookie)
{
	struct nic_queue *k = &n->q[q];
	struct tlsnic_txd_packet p;
	bool data;

	if (!nic_tx_room(n, q))
		return -ENOSPC;
	memcpy(&p, slot, sizeof(p));
	data = p.op == TLSNIC_TXD_PACKET || p.op == TLSNIC_TXD_SEGMENT;
	put_slot(k, slot, data ? p.addr : 0, data ? p.len : 0);
	if (last)
		end_item(k, m, cookie);
	else
		last_item(k)->m = m;
	return 1;
}

int nic_ctx_write(struct nic *n, unsigned int q, const struct tlsnic_txd_ctx *ctx, const uint8_t key[32],
		  void *cookie)
{
	struct nic_queue *k = &n->q[q];
	struct tlsnic_txd_ctx w = *ctx;

	if (nic_tx_room(n, q) < 2)
		return -ENOSPC;
	w.op = TLSNIC_TXD_CTX_WRITE;
	put_slot(k, &w, 0, 0);
	put_slot(k, key, 0, 0);
	end_item(k, NULL, cookie);
	last_item(k)->key = true;
	return 2;
}

int nic_ctx_delete(struct nic *n, unsigned int q, uint32_t ctx, uint8_t flags, void *cookie)
{
	struct tlsnic_txd_ctx d = { .op = TLSNIC_TXD_CTX_DELETE, .flags = flags, .ctx = ctx };

	if (!nic_tx_room(n, q))
		return -ENOSPC;
	put_slot(&n->q[q], &d, 0, 0);
	end_item(&n->q[q], NULL, cookie);
	return 1;
}

void nic_ring(struct nic *n, unsigned int q)
{
	struct nic_queue *k = &n->q[q];
	uint64_t now = nic_cycle(n);

	if (k->tx_posted == k->tx_tail)
		return;
	for (uint16_t i = k->tx_posted; i != k->tx_tail; i++)
		k->items[i & (k->tx_size - 1)].posted = now;
	/* first: the card reads while the register is written */
	k->tx_posted = k->tx_tail;
	nic_qwrite(n, q, TLSNIC_Q_TX_TAIL, k->tx_tail);
}

/* ---- completions ------------------------------------------------------------------ */

static int reap_tx(struct nic *n, unsigned int q, const struct tlsnic_cpl_tx *c, uint64_t written)
{
	struct nic_queue *k = &n->q[q];
	const struct nic_item *it = &k->items[(c->index - 1) & (k->tx_size - 1)];
	uint16_t ahead = c->index - k->tx_done;
	struct nic_done d = {
		.status = c->status, .index = c->index, .ctx = c->ctx, .written = written,
		.cookie = it->last ? it->cookie : NULL, .posted = it->posted,
	};

	if (!ahead || ahead > (uint16_t)(k->tx_posted - k->tx_done)) {
		nic_violation(n, "TX completion of queue %u has index %u; completed are %u, posted %u", q, c->index,
			      k->tx_done, k->tx_posted);
		return -EFAULT;
	}
	k->tx_cpls++;
	if (n->ops.done)
		n->ops.done(n->ops.opaque, q, &d);
	free_items(k, k->tx_done, c->index);
	k->tx_done = c->index;
	return 0;
}

static void finish_frame(struct nic *n, unsigned int q, const struct tlsnic_cpl_rx *c)
{
	struct nic_queue *k = &n->q[q];
	struct rte_mbuf *m = k->head;

	k->head = k->tail = NULL;
	k->rx_frames++;
	memcpy(rte_mbuf_to_priv(m), c, sizeof(*c));
	m->hash.rss = c->hash;
	m->vlan_tci = c->vlan_tci;
	if (c->flags & TLSNIC_RXF_L3_OK)
		m->ol_flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	if (c->flags & TLSNIC_RXF_L4_OK)
		m->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	if (c->flags & TLSNIC_RXF_VLAN)
		m->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	if (c->flags & (TLSNIC_RXF_HASH_L3 | TLSNIC_RXF_HASH_L4))
		m->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	if (m->pkt_len != c->frame_len)
		nic_violation(n, "RX frame of queue %u: frame_len %u, buffers hold %u", q, c->frame_len, m->pkt_len);
	if (n->ops.rx)
		n->ops.rx(n->ops.opaque, q, m);
	else
		rte_pktmbuf_free(m);
}

/* Takes the buffer of the next completion out of the books. */
static struct rte_mbuf *take_buf(struct nic_queue *k)
{
	unsigned int i = k->rx_next++ & (k->rx_size - 1);
	struct rte_mbuf *m = k->bufs[i];

	k->bufs[i] = NULL;
	return m;
}

/* Passes over buffers whose completions were lost to failed writes. */
static void pass_lost(struct nic *n, struct nic_queue *k, const struct tlsnic_cpl_rx *c)
{
	if ((!n->failed && !tlsnic_sim_stats(n->sim)->dma_errors) ||
	    (uint16_t)(c->index - k->rx_next) >= (uint16_t)(k->rx_posted - k->rx_next))
		return;
	while (k->rx_next != c->index) {
		rte_pktmbuf_free(take_buf(k));
		k->torn = true;
	}
	if (c->flags & TLSNIC_RXF_START)
		k->torn = false;
	if (k->torn || c->flags & TLSNIC_RXF_START) {
		rte_pktmbuf_free(k->head);
		k->head = k->tail = NULL;
	}
}

static int reap_rx(struct nic *n, unsigned int q, const struct tlsnic_cpl_rx *c)
{
	struct nic_queue *k = &n->q[q];
	struct rte_mbuf *m;

	pass_lost(n, k, c);
	if (k->torn && c->index == k->rx_next && k->rx_next != k->rx_posted) {
		rte_pktmbuf_free(take_buf(k));
		return 0;
	}
	if (c->index != k->rx_next || k->rx_next == k->rx_posted || c->len > k->buf_len ||
	    !(c->flags & TLSNIC_RXF_START) != !!k->head) {
		nic_violation(n, "RX completion of queue %u: index %u, len %u, flags 0x%x; next is %u of %u posted, %s a frame",
			      q, c->index, c->len, c->flags, k->rx_next, k->rx_posted, k->head ? "within" : "not within");
		return -EFAULT;
	}
	k->rx_cpls++;
	m = take_buf(k);	/* not NULL: posted */
	m->data_len = m->pkt_len = c->len;
	if (k->head) {
		k->tail->next = m;
		k->head->nb_segs++;
		k->head->pkt_len += c->len;
	} else {
		k->head = m;
	}
	k->tail = m;
	if (c->flags & TLSNIC_RXF_END)
		finish_frame(n, q, c);
	return 0;
}

static void tell_cons(struct nic *n, unsigned int q)
{
	struct nic_queue *k = &n->q[q];

	if (k->cq_told == k->cq_cons)
		return;
	k->cq_told = k->cq_cons;
	nic_qwrite(n, q, TLSNIC_Q_CQ_CONS, k->cq_cons);
}

int nic_reap(struct nic *n, unsigned int q, unsigned int max)
{
	struct nic_queue *k = &n->q[q];
	unsigned int count = 0;
	int ret = 0;

	while (count < max && !ret) {
		unsigned int i = k->cq_cons & (k->cq_size - 1);
		union {
			struct tlsnic_cpl_tx tx;
			struct tlsnic_cpl_rx rx;
			struct tlsnic_cpl_tag tag;
		} c;

		memcpy(&c, k->cq + i * TLSNIC_CPL_SIZE, TLSNIC_CPL_SIZE);
		if (!(c.tx.phase & TLSNIC_CPL_PHASE) == !(k->cq_cons & k->cq_size))
			break;
		k->cq_cons++;
		count++;
		if (c.tx.type == TLSNIC_CPL_TX) {
			ret = reap_tx(n, q, &c.tx, k->written[i]);
		} else if (c.tx.type == TLSNIC_CPL_RX) {
			ret = reap_rx(n, q, &c.rx);
		} else if (c.tx.type == TLSNIC_CPL_TAG) {
			k->tag_cpls++;
			if (n->ops.tag)
				n->ops.tag(n->ops.opaque, q, &c.tag);
		} else {
			nic_violation(n, "completion %u of queue %u has type %u", (uint16_t)(k->cq_cons - 1), q, c.tx.type);
			ret = -EFAULT;
		}
	}
	tell_cons(n, q);
	return ret ? ret : (int)count;
}

void nic_arm(struct nic *n, unsigned int q)
{
	struct nic_queue *k = &n->q[q];

	k->cq_told = k->cq_cons;
	nic_qwrite(n, q, TLSNIC_Q_CQ_CONS, k->cq_cons | TLSNIC_CQ_ARM);
}

int nic_skip_lost(struct nic *n, unsigned int q)
{
	struct nic_queue *k = &n->q[q];
	uint16_t prod = nic_qread(n, q, TLSNIC_Q_CQ_PROD);
	unsigned int lost = 0;

	while (k->cq_cons != prod) {
		uint32_t phase;
		unsigned int i = k->cq_cons & (k->cq_size - 1);

		memcpy(&phase, k->cq + (i + 1) * TLSNIC_CPL_SIZE - 4, 4);
		if (!(phase & TLSNIC_CPL_PHASE) != !(k->cq_cons & k->cq_size))
			break;
		/* the entry of the lap before stays; give it this lap's phase */
		phase ^= TLSNIC_CPL_PHASE;
		memcpy(k->cq + (i + 1) * TLSNIC_CPL_SIZE - 4, &phase, 4);
		k->cq_cons++;
		lost++;
	}
	if ((int16_t)(k->cq_cons - k->cq_prod) > 0)
		k->cq_prod = k->cq_cons;
	tell_cons(n, q);
	return lost;
}

int nic_rx_post(struct nic *n, unsigned int q, unsigned int count)
{
	struct nic_queue *k = &n->q[q];
	unsigned int done = 0;

	while (done < count && (uint16_t)(k->rx_tail - k->rx_next) < k->rx_size) {
		unsigned int i = k->rx_tail & (k->rx_size - 1);
		struct rte_mbuf *m = rte_pktmbuf_alloc(k->pool);
		struct tlsnic_rxd d = { 0 };

		if (!m)
			break;
		d.addr = rte_pktmbuf_iova(m);
		memcpy(k->rx + i * TLSNIC_RXD_SIZE, &d, sizeof(d));
		k->bufs[i] = m;
		k->rx_tail++;
		done++;
	}
	if (done) {
		k->rx_posted = k->rx_tail;
		nic_qwrite(n, q, TLSNIC_Q_RX_TAIL, k->rx_tail);
	}
	return done;
}
