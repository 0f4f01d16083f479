// SPDX-License-Identifier: BSD-2-Clause
//
// Frames from the wire: made, judged by the model, and looked for in the RX rings.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define PATIENCE	2000000	/* cycles until a card that takes no frame is taken to hang */

static const uint8_t station[6] = { 0x02, 0x12, 0x34, 0x56, 0x78, 0x9a };

static void be16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

/* A packet of the kind, in r->packet. */
static void make_packet(struct run *r, const struct step *s, unsigned int kind)
{
	static uint8_t payload[16384];
	struct rng g = rng_seed(s->a[A_SEED] ^ 0xfeed);
	struct packet *p = &r->packet;

	memset(p, 0, offsetof(struct packet, bytes));
	p->vlan = s->a[A_VLAN];
	p->tci = s->a[A_VLAN] - 1;
	p->ipv6 = s->a[A_IP6];
	p->proto = kind == RX_TCP || (kind != RX_UDP && kind != RX_UDP_NOSUM && kind != RX_L4_LEN && s->a[A_SEED] & 1) ? PACKET_TCP : PACKET_UDP;
	p->ip_options = p->ipv6 ? 0 : s->a[A_IPOPT] % 11;
	p->tcp_options = s->a[A_TCPOPT] % 11;
	rng_bytes(&g, p->src, 16);
	rng_bytes(&g, p->dst, 16);
	p->sport = rng_below(&g, 65536);
	p->dport = rng_below(&g, 65536);
	p->seq = rng_next(&g);
	p->payload_len = s->a[A_LEN] % 12001;
	rng_bytes(&g, payload, p->payload_len);
	p->payload = payload;
	packet_build(p);
	if (p->len < 60) {	/* padding is part of no sum */
		rng_bytes(&g, p->bytes + p->len, 60 - p->len);
		p->len = 60;
	}
	switch (kind) {
	case RX_UDP_NOSUM:
		be16(p->bytes + p->l4 + 6, 0);
		break;
	case RX_FRAGMENT:
		if (!p->ipv6)
			be16(p->bytes + p->l3 + 6, rng_below(&g, 2) ? 0x2000 : rng_range(&g, 1, 0x1fff));
		break;
	case RX_L3_BAD:
		if (!p->ipv6)
			p->bytes[p->l3 + 8] ^= 1 << rng_below(&g, 8);
		break;
	case RX_L4_BAD:
		p->bytes[p->l4 + rng_below(&g, 4)] ^= 1 << rng_below(&g, 8);
		break;
	case RX_IP_SHORT:
	case RX_IP_LONG:
		be16(p->bytes + p->l3 + (p->ipv6 ? 4 : 2), kind == RX_IP_LONG ? p->len + rng_range(&g, 1, 40000) : rng_below(&g, 60));
		break;
	case RX_L4_LEN:
		be16(p->bytes + p->l4 + 4, rng_below(&g, 2) ? rng_below(&g, 65536) : rng_below(&g, 20));
		break;
	case RX_OTHER_PROTO:
		p->bytes[p->l3 + (p->ipv6 ? 6 : 9)] = rng_below(&g, 2) ? 1 : 47;
		break;
	case RX_NOT_IP:
		p->bytes[p->l3] ^= 0x10 << rng_below(&g, 4);
		break;
	default:
		break;
	}
}

/* Makes the frame of a step; returns its length. */
static uint32_t make_frame(struct run *r, const struct step *s, unsigned int kind, uint8_t *out)
{
	struct rng g = rng_seed(s->a[A_SEED]);
	uint32_t len = s->a[A_LEN] % 12001;

	if (kind == RX_RAW || kind == RX_RUNT || kind == RX_NOISE) {
		if (kind == RX_RUNT)
			len = 1 + len % 13;
		else if (len < 14)
			len = 14;
		rng_bytes(&g, out, len);
		if (kind == RX_RAW) {
			memcpy(out, station, 6);
			be16(out + 12, 0x88b5);
			if (s->a[A_VLAN] && len >= 18) {
				be16(out + 12, 0x8100);
				be16(out + 14, s->a[A_VLAN] - 1);
				be16(out + 16, 0x88b5);
			}
		}
	} else {
		make_packet(r, s, kind);
		len = r->packet.len;
		memcpy(out, r->packet.bytes, len);
		memcpy(out, station, 6);
	}
	switch (kind) {
	case RX_MCAST: rng_bytes(&g, out, 6); out[0] |= 1; out[1] &= 0x7f; break;
	case RX_BCAST: memset(out, 0xff, 6); break;
	case RX_STRANGER: out[rng_below(&g, 6)] ^= rng_below(&g, 2) ? 2 : 0x40; break;
	default: break;
	}
	if (len >= 12)
		frame_mark(out, 0xf0, r->next_id);
	return len;
}

static void sample_filter(struct run *r, const struct rx_verdict *v, const uint8_t *frame)
{
	unsigned int what;

	if (v->fate == RX_FATE_BAD || v->fate == RX_FATE_IGNORED)
		return;
	if (r->rx.promisc)
		what = 0;
	else if (v->bcast)
		what = 2;
	else if (v->mcast)
		what = v->fate == RX_FATE_FILTERED ? 4 : r->rx.allmulti ? 5 : 3;
	else
		what = memcmp(frame, r->rx.mac, 6) ? 6 : 1;
	cover_hit(r->cover, COVER_FILTER, what);
}

static void sample_delivered(struct run *r, const struct pending *p, unsigned int buffers)
{
	static const uint32_t sizes[] = { 128, 1024 };
	unsigned int type = p->data[12] << 8 | p->data[13], tag = 0, ip, hash = 0;

	cover_hit(r->cover, COVER_RX_BUFFERS, cover_few(buffers) - 1, cover_class(r->q[p->v.queue].opt.buf_len, sizes, 2));
	cover_hit(r->cover, COVER_RX_LENGTH, cover_length(p->v.len));
	if (type == 0x8100) {
		tag = 1;
		type = p->data[16] << 8 | p->data[17];
	}
	if (p->v.flags & TLSNIC_RXF_VLAN)
		tag = 2;
	ip = type == 0x0800 ? 0 : type == 0x86dd ? 1 : 2;
	cover_hit(r->cover, COVER_RX_VLAN, tag, ip);
	if (p->v.flags & TLSNIC_RXF_HASH_L3)
		hash = 1 + 3 * ip;
	if (p->v.flags & TLSNIC_RXF_HASH_L4)
		hash = 2 + 3 * ip + (p->data[(tag == 1 ? 18 : 14) + (ip ? 6 : 9)] == PACKET_UDP);
	cover_hit(r->cover, COVER_RX_HASH, hash);
}

/* Buffers of a ring that no frame on its way will take. */
static int free_buffers(struct run *r, unsigned int q)
{
	const struct nic_queue *n = &r->nic->q[q];
	int left = n->on ? (uint16_t)(n->rx_posted - n->rx_next) : 0;

	for (const struct pending *p = r->rx_first; p; p = p->next)
		if (!p->gone && p->v.fate == RX_FATE_DELIVERED && p->v.queue == q)
			left -= p->need;
	return left;
}

void run_rx(struct run *r, const struct step *s)
{
	static uint8_t frame[16384];
	unsigned int kind = s->a[A_KIND] % RX_KINDS;
	uint32_t len = make_frame(r, s, kind, frame);
	struct pending *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		abort();
	/* while loopback turns, a frame of the wire is received or not */
	if (r->turned)
		run_settle(r);
	p->data = malloc(len + 1);
	if (!p->data)
		abort();
	p->bad = s->a[A_BADFCS];
	p->v = model_rx(&r->rx, frame, len, p->bad, p->data);
	if (r->loop) {
		p->v.fate = RX_FATE_IGNORED;
		p->thrown = true;
		cover_hit(r->cover, COVER_EVENT, 24);
	}
	p->wire_len = len;
	p->id = r->next_id++;
	p->step = r->step;
	p->kind = kind;
	if (p->v.fate == RX_FATE_DELIVERED) {
		uint32_t buf = r->nic->q[p->v.queue].on ? r->nic->q[p->v.queue].buf_len : 64;

		p->need = (p->v.len + buf - 1) / buf;
		p->may_drop = free_buffers(r, p->v.queue) < (int)p->need;
	}
	sample_filter(r, &p->v, frame);
	*r->rx_last = p;
	r->rx_last = &p->next;
	for (unsigned int waited = 0; (err = nic_wire_offer(r->nic, frame, len, p->bad)) == -EAGAIN && !run_failed(r); waited += 64) {
		run_clock(r, 64);
		if (waited > 20000)
			r->hold = false;
		if (waited > PATIENCE)
			run_fail(r, "the card takes no frame from the wire in %u cycles", PATIENCE);
	}
	if (!run_failed(r))
		run_error(r, err);
}

// ---- what arrives -----------------------------------------------------------------

static void compare(struct run *r, unsigned int q, const struct pending *p, struct rte_mbuf *m, const struct tlsnic_cpl_rx *c)
{
	uint16_t flags = c->flags & ~(TLSNIC_RXF_START | TLSNIC_RXF_END | TLSNIC_RXF_ERROR);
	static uint8_t copy[16384];
	const uint8_t *data;

	if (q != p->v.queue)
		run_fail(r, "frame of step %u came in queue %u, expected %u", p->step, q, p->v.queue);
	else if (m->pkt_len != p->v.len)
		run_fail(r, "frame of step %u has %u bytes, expected %u", p->step, m->pkt_len, p->v.len);
	else if (flags != p->v.flags)
		run_fail(r, "frame of step %u (%s) has flags 0x%04x, expected 0x%04x", p->step, plan_rx_names[p->kind], flags, p->v.flags);
	else if (c->hash != p->v.hash)
		run_fail(r, "frame of step %u (%s) has hash 0x%08x, expected 0x%08x", p->step, plan_rx_names[p->kind], c->hash, p->v.hash);
	else if (p->v.flags & TLSNIC_RXF_VLAN && c->vlan_tci != p->v.tci)
		run_fail(r, "frame of step %u has vlan_tci 0x%04x, expected 0x%04x", p->step, c->vlan_tci, p->v.tci);
	if (run_failed(r) || c->flags & TLSNIC_RXF_ERROR)
		return;
	data = rte_pktmbuf_read(m, 0, m->pkt_len, copy);
	run_digest(r, data, m->pkt_len);
	for (uint32_t i = 0; i < p->v.len; i++)
		if (data[i] != p->data[i]) {
			run_fail(r, "frame of step %u (%s), %u bytes, differs at byte %u: expected %02x, got %02x", p->step,
				 plan_rx_names[p->kind], p->v.len, i, p->data[i], data[i]);
			return;
		}
}

/* True if an injected error has hit the bytes that were written. */
static bool damaged(const struct run *r, const struct rte_mbuf *m)
{
	for (; m; m = m->next)
		for (unsigned int f = 0; f < r->nic->nfaults; f++) {
			uint64_t a = rte_pktmbuf_iova(m);

			if (a < r->nic->faults[f].addr + r->nic->faults[f].len && r->nic->faults[f].addr < a + m->data_len)
				return true;
		}
	return false;
}

static void no_buffer(struct run *r, struct pending *p)
{
	static const uint32_t sizes[] = { 128, 1024 };

	model_stat(&r->model, TLSNIC_STAT_RX_NO_BUFFER, 1, true);
	cover_hit(r->cover, COVER_RX_BUFFERS, 5, cover_class(r->q[p->v.queue].opt.buf_len, sizes, 2));
	p->gone = true;
}

void run_rx_frame(void *run, unsigned int q, struct rte_mbuf *m)
{
	struct run *r = run;
	const struct tlsnic_cpl_rx *c = nic_rx_cpl(m);
	bool bad = damaged(r, m);
	uint8_t head[16] = { 0 }, from;
	uint32_t id = 0;
	struct pending *p;
	bool told;

	run_digest(r, c, 16);
	r->res->rx_frames++;
	memcpy(head, rte_pktmbuf_mtod(m, void *), m->data_len < 16 ? m->data_len : 16);
	told = frame_told(head, m->pkt_len, &from, &id);
	if (told && from < r->queues && run_looping(r)) {
		run_loop_back(r, from, id, q, m);
		return;
	}
	for (p = r->rx_first; p; p = p->next) {
		if (p->gone || p->v.fate != RX_FATE_DELIVERED || p->v.queue != q)
			continue;
		/* what an error has left of a frame need not tell its number */
		if (bad ? p->v.len == m->pkt_len : told && p->id == id)
			break;
		if (!p->may_drop) {
			run_fail(r, "queue %u: expected the frame of step %u, got %s %u", q, p->step, told ? "frame" : "something else,", id);
			break;
		}
		no_buffer(r, p);
	}
	if (!p)
		run_fail(r, "queue %u: a frame of %u bytes (%u) that was not expected", q, m->pkt_len, id);
	if (run_failed(r)) {
		rte_pktmbuf_free(m);
		return;
	}
	if (!!(c->flags & TLSNIC_RXF_ERROR) != bad) {
		run_fail(r, "frame of step %u: RXF_ERROR is %s, and %s of its writes was made to fail", p->step,
			 c->flags & TLSNIC_RXF_ERROR ? "set" : "clear", bad ? "one" : "none");
	} else {
		compare(r, q, p, m, c);
	}
	if (bad) {
		r->errors_must |= TLSNIC_ERR_WRITE;
		cover_hit(r->cover, COVER_FAULT, 5, r->wrerr != 0);
	}
	sample_delivered(r, p, m->nb_segs);
	p->gone = true;
	rte_pktmbuf_free(m);
}

static void count_all(struct run *r)
{
	while (r->rx_first) {
		struct pending *p = r->rx_first;

		model_rx_count(&r->model, &p->v, p->wire_len, true);
		if (!run_failed(r) && !p->thrown)
			cover_hit(r->cover, COVER_RX, p->kind, p->v.fate);
		r->rx_first = p->next;
		free(p->data);
		free(p);
	}
	r->rx_last = &r->rx_first;
}

void run_rx_settled(struct run *r)
{
	for (struct pending *p = r->rx_first; p; p = p->next) {
		if (p->gone || p->v.fate != RX_FATE_DELIVERED)
			continue;
		if (!p->may_drop)
			run_fail(r, "queue %u: the frame of step %u (%s, %u bytes) does not arrive", p->v.queue, p->step,
				 plan_rx_names[p->kind], p->v.len);
		else
			no_buffer(r, p);
	}
	count_all(r);
}

void run_rx_doubt(struct run *r, int q)
{
	for (struct pending *p = r->rx_first; p; p = p->next) {
		if (p->gone || (q >= 0 && (p->v.fate != RX_FATE_DELIVERED || p->v.queue != (unsigned int)q)))
			continue;
		if (q >= 0) {
			/* the frame did come into the card; whether its ring dropped it or was cut off nobody knows */
			model_stat(&r->model, TLSNIC_STAT_RX_NO_BUFFER, 1, false);
		} else {
			model_stat(&r->model, TLSNIC_STAT_RX_NO_BUFFER, 1, false);
			model_rx_count(&r->model, &p->v, p->wire_len, false);
			p->v.fate = RX_FATE_IGNORED;
		}
		p->gone = true;
	}
	if (q < 0)
		count_all(r);
}

// ---- buffers and configuration ---------------------------------------------------------

void run_rx_post(struct run *r, const struct step *s)
{
	unsigned int q = s->a[A_Q] % PLAN_QUEUES, want = s->a[A_N] ? s->a[A_N] : 1;
	struct nic_queue *n = &r->nic->q[q];
	uint16_t first = n->rx_tail;
	int done;

	if (!n->on)
		return;
	done = nic_rx_post(r->nic, q, want);
	if (run_error(r, done < 0 ? done : 0) || !done)
		return;
	if ((n->rx_tail & (n->rx_size - 1)) == 0)
		cover_hit(r->cover, COVER_WRAP, 4);
	if ((first & (n->rx_size - 1)) > (n->rx_tail & (n->rx_size - 1)))
		cover_hit(r->cover, COVER_WRAP, 5);
	/* a byte of one of these buffers that cannot be written; what comes back in loopback has to tell its number */
	if (!run_looping(r) && (s->a[A_FAIL] || (r->wrerr && rng_below(&r->rng, 1000000) < r->wrerr)) &&
	    r->nic->nfaults < NIC_MAX_FAULTS - 8) {
		uint64_t which = s->a[A_FAIL] ? s->a[A_FAIL] - 1 : rng_below(&r->rng, 1u << 20);
		struct rte_mbuf *m = n->bufs[(first + which % done) & (n->rx_size - 1)];

		nic_fault(r->nic, rte_pktmbuf_iova(m) + which / done % (n->buf_len < 64 ? n->buf_len : 64), 1);
		r->errors_may |= TLSNIC_ERR_WRITE;
		r->q[q].rx_fault = true;
	}
}

void run_rx_config(struct run *r, const struct step *s)
{
	struct rng g = rng_seed(s->a[A_SEED]);
	uint32_t ctrl = s->a[A_CTRL] & (TLSNIC_CTRL_RX_ENABLE | TLSNIC_CTRL_PROMISC | TLSNIC_CTRL_ALLMULTI | TLSNIC_CTRL_VLAN_STRIP);
	uint32_t word;

	run_settle(r);
	if (run_failed(r))
		return;
	r->rx.queues = r->nic->queues;
	r->rx.enable = ctrl & TLSNIC_CTRL_RX_ENABLE;
	r->rx.promisc = ctrl & TLSNIC_CTRL_PROMISC;
	r->rx.allmulti = ctrl & TLSNIC_CTRL_ALLMULTI;
	r->rx.strip = ctrl & TLSNIC_CTRL_VLAN_STRIP;
	r->rx.max_frame = s->a[A_MAXF] ? s->a[A_MAXF] & 0xffff : 9216;
	r->rx.rss_types = s->a[A_RSS] & 63;
	r->rx.mcast = s->a[A_MCAST];
	memcpy(r->rx.mac, station, 6);
	rng_bytes(&g, r->rx.key, sizeof(r->rx.key));
	for (unsigned int i = 0; i < TLSNIC_RSS_TABLE_LEN; i++)
		r->rx.table[i] = rng_below(&g, PLAN_QUEUES);
	nic_write(r->nic, TLSNIC_REG_MAX_FRAME, r->rx.max_frame);
	nic_write(r->nic, TLSNIC_REG_MAC_LO, station[0] | station[1] << 8 | station[2] << 16 | (uint32_t)station[3] << 24);
	nic_write(r->nic, TLSNIC_REG_MAC_HI, station[4] | station[5] << 8);
	nic_write(r->nic, TLSNIC_REG_MCAST_LO, r->rx.mcast);
	nic_write(r->nic, TLSNIC_REG_MCAST_HI, r->rx.mcast >> 32);
	nic_write(r->nic, TLSNIC_REG_RSS_CTRL, r->rx.rss_types);
	for (unsigned int i = 0; i < TLSNIC_RSS_KEY_LEN; i += 4) {
		memcpy(&word, r->rx.key + i, 4);
		nic_write(r->nic, TLSNIC_REG_RSS_KEY + i, word);
	}
	for (unsigned int i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4) {
		memcpy(&word, r->rx.table + i, 4);
		nic_write(r->nic, TLSNIC_REG_RSS_TABLE + i, word);
	}
	r->ctrl = ctrl | TLSNIC_CTRL_TX_ENABLE | (r->model.tags ? TLSNIC_CTRL_TLS_TAGS : 0) | (r->loop ? TLSNIC_CTRL_LOOPBACK : 0);
	nic_write(r->nic, TLSNIC_REG_CTRL, r->ctrl);
	r->rxconf = *s;
}
