// SPDX-License-Identifier: BSD-2-Clause
//
// Slots that no driver writes.
#include <string.h>

#include "run.h"

#define HEADERS	54	/* of what could be TCP over IPv4 */

struct bad {
	struct run *r;
	unsigned int q;
	struct rte_mbuf *m[MODEL_MAX_SLOTS];
	struct tlsnic_txd_segment slot[MODEL_MAX_SLOTS];	/* all kinds of slot have its size */
	unsigned int n;
};

static struct tlsnic_txd_packet *as_packet(struct bad *b, unsigned int i)
{
	return (struct tlsnic_txd_packet *)&b->slot[i];
}

static struct tlsnic_txd_ctx *as_ctx(struct bad *b, unsigned int i)
{
	return (struct tlsnic_txd_ctx *)&b->slot[i];
}

/* A packet of segs segments with len bytes in each. */
static void packet(struct bad *b, unsigned int segs, uint32_t len)
{
	uint8_t bytes[2048];

	memset(bytes, 0x5b, sizeof(bytes));
	frame_mark(bytes, b->q, b->r->next_id);
	for (unsigned int i = 0; i < segs; i++, b->n++) {
		b->m[b->n] = run_chain(b->r, bytes, len < 1900 ? len : 1900, 1, i);
		b->slot[b->n].op = i ? TLSNIC_TXD_SEGMENT : TLSNIC_TXD_PACKET;
		b->slot[b->n].len = len;
		/* what would run over other packets' memory points to none: the card must not read it */
		b->slot[b->n].addr = b->m[b->n] && len < 1900 ? rte_pktmbuf_iova(b->m[b->n]) : 4096;
		b->slot[b->n].flags = i + 1 == segs ? TLSNIC_TXF_END : 0;
	}
}

static void context(struct bad *b, uint8_t op, uint32_t ctx)
{
	struct tlsnic_txd_ctx *x = as_ctx(b, b->n++);

	x->op = op;
	x->ctx = ctx;
	x->cipher = TLSNIC_CIPHER_AES_GCM_128;
	x->version = TLSNIC_TLS_1_3;
	/* its key is any slot */
	if (op == TLSNIC_TXD_CTX_WRITE)
		memset(&b->slot[b->n++], 0x33, 16);
}

static void seek(struct bad *b)
{
	struct tlsnic_txd_seek *k = (struct tlsnic_txd_seek *)&b->slot[b->n++];

	k->op = TLSNIC_TXD_SEEK;
	k->rec_len = 1000;
}

/* A packet of len bytes that would be cut: TCP over IPv4. */
static void large(struct bad *b, uint32_t len)
{
	struct tlsnic_txd_packet *p = as_packet(b, b->n);
	uint8_t *h;

	packet(b, 1, len);
	if (!b->m[0])
		return;
	h = rte_pktmbuf_mtod(b->m[0], uint8_t *);
	h[12] = 8;
	h[13] = 0;
	h[14] = 0x45;
	h[23] = 6;
	h[46] = 0x50;
	p->flags |= TLSNIC_TXF_CSUM;
	p->csum_start = 34;
	p->csum_offset = 16;
	p->l3_start = 14;
	p->mss = 100;
}

/* More bytes behind it than may be cut. */
static void far(struct bad *b)
{
	unsigned int n = b->n;

	packet(b, 1, 65536 - 500);
	b->slot[n].op = TLSNIC_TXD_SEGMENT;
	b->slot[n].flags = TLSNIC_TXF_END;
}

/* IPv4 options and TCP options that make the headers too long; or longer than the packet. */
static void long_headers(struct bad *b, uint32_t x)
{
	uint8_t *h = rte_pktmbuf_mtod(b->m[0], uint8_t *);
	struct tlsnic_txd_packet *p = as_packet(b, 0);
	uint32_t l3 = 216 - 20;

	if (x % 2) {	/* 500 bytes hold 197 + 20 + 60 */
		memset(h + 14, 0x5b, 300);
		h[l3] = 0x45;
		h[l3 + 9] = 6;
		h[l3 + 20 + 12] = 0xf0;
		p->l3_start = l3;
		p->csum_start = l3 + 20;
	} else {
		h[46] = 0xf0;
		p->len = 34 + 24 + x / 2 % 36;
	}
}

/* Frames that are too long: an mss of so much that there are two, or a byte too many. */
static void wide(struct bad *b, uint32_t x)
{
	struct tlsnic_txd_packet *p = as_packet(b, 0);

	p->mss = TLSNIC_TX_MAX_LEN - 54 + 1 + x % 100;
	p->flags &= ~TLSNIC_TXF_END;
	for (int i = 0; i < 5; i++) {
		unsigned int n = b->n;

		packet(b, 1, 1800);
		b->slot[n].op = TLSNIC_TXD_SEGMENT;
		b->slot[n].flags = i == 4 ? TLSNIC_TXF_END : 0;
	}
}

/* Fills in the slots of a kind. x: a number of its own. */
static void make(struct bad *b, enum bad_kind kind, uint32_t x)
{
	uint32_t contexts = b->r->model.contexts, ctx = x % contexts;
	struct tlsnic_txd_packet *p = as_packet(b, 0);

	switch (kind) {
	case BAD_SHORT: packet(b, 1, 13); break;
	case BAD_LONG: packet(b, 9, 1024); packet(b, 1, 1); b->slot[8].flags = 0; b->slot[9].op = TLSNIC_TXD_SEGMENT; break;
	case BAD_FAR: packet(b, 1, 65535); break;
	case BAD_MSS: packet(b, 2, 100); p->mss = 1 << x % 16; break;
	case BAD_RESERVED: packet(b, 1, 100); p->l3_start = 1 << x % 16; break;
	case BAD_FLAG: packet(b, 1, 100); p->flags |= 0x20 << x % 3; break;
	case BAD_LEN0: packet(b, 1, 100); p->len = 0; break;
	case BAD_SEG_LEN0: packet(b, 3, 100); b->slot[1 + x % 2].len = 0; break;
	case BAD_SEG_FLAG: packet(b, 3, 100); b->slot[1 + x % 2].flags |= 2 << x % 7; break;
	case BAD_SEG_RES: packet(b, 3, 100); b->slot[1 + x % 2].reserved = 1u << x % 32; break;
	case BAD_SEG_RES2: packet(b, 3, 100); b->slot[1 + x % 2].reserved2 = 1ull << x % 64; break;
	case BAD_SEG_RES3: packet(b, 3, 100); b->slot[1 + x % 2].reserved3 = 1ull << x % 64; break;
	case BAD_SEGS33: packet(b, 33, 20); break;
	case BAD_SEGS40: packet(b, 40, 20); break;
	case BAD_CSUM_END: packet(b, 1, 100); p->flags |= TLSNIC_TXF_CSUM; p->csum_start = 100; break;
	case BAD_CSUM_FAR: packet(b, 1, 100); p->flags |= TLSNIC_TXF_CSUM; p->csum_start = 65535 - x % 100; p->csum_offset = 6; break;
	case BAD_CSUM_LAST: packet(b, 1, 100); p->flags |= TLSNIC_TXF_CSUM; p->csum_start = 99 - x % 50; p->csum_offset = x % 50; break;
	case BAD_CSUM_OFF: packet(b, 1, 100); p->flags |= TLSNIC_TXF_CSUM; p->csum_start = 50; p->csum_offset = 65500 + x % 36; break;
	case BAD_STREAM:
		packet(b, 1, 100);
		p->flags |= TLSNIC_TXF_TLS;
		p->ctx = ctx;
		p->stream_offset = x % 2 ? 101 : 65535;
		break;
	case BAD_CTX_FLAG: context(b, TLSNIC_TXD_CTX_WRITE, ctx); as_ctx(b, 0)->flags = 1 << (x % 7 ? 1 + x % 7 : 0); break;
	case BAD_DEL_FLAG: context(b, TLSNIC_TXD_CTX_DELETE, ctx); as_ctx(b, 0)->flags = 1 << (x % 7 ? 1 + x % 7 : 0); break;
	case BAD_CTX_RANGE: context(b, TLSNIC_TXD_CTX_WRITE, ctx | contexts << x % 22); break;
	case BAD_DEL_RANGE: context(b, TLSNIC_TXD_CTX_DELETE, ctx | contexts << x % 22); break;
	case BAD_CIPHER: context(b, TLSNIC_TXD_CTX_WRITE, ctx); as_ctx(b, 0)->cipher = x % 2 ? 0 : 3 + x % 253; break;
	case BAD_VERSION: context(b, TLSNIC_TXD_CTX_WRITE, ctx); as_ctx(b, 0)->version = x % 2 ? 11 : 14 + x % 242; break;
	case BAD_OP0: packet(b, 1, 100); p->op = 0; packet(b, 1, 100); break;
	case BAD_TSO_NO_SUM: large(b, 500); p->flags &= ~TLSNIC_TXF_CSUM; break;
	case BAD_TSO_OFFSET: large(b, 500); p->csum_offset = 6; break;
	case BAD_TSO_L3: large(b, 500); p->l3_start = p->csum_start - x % 20; break;
	case BAD_TSO_MSS: large(b, 500); p->mss = 63 - x % 62; break;
	case BAD_TSO_FAR: large(b, 500); b->slot[0].flags &= ~TLSNIC_TXF_END; far(b); break;
	case BAD_TSO_VERSION: large(b, 500); rte_pktmbuf_mtod(b->m[0], uint8_t *)[14] = (x % 2 ? 0x55 : 0x05); break;
	case BAD_TSO_PROTO: large(b, 500); rte_pktmbuf_mtod(b->m[0], uint8_t *)[23] = x % 2 ? 17 : 7; break;
	case BAD_TSO_DOFF: large(b, 500); rte_pktmbuf_mtod(b->m[0], uint8_t *)[46] = x % 5 << 4; break;
	case BAD_TSO_LONG: large(b, 500); long_headers(b, x); break;
	case BAD_TSO_FRAME: large(b, 1700); wide(b, x); break;
	case BAD_OP6: packet(b, 1, 100); p->op = 6 + x % 250; packet(b, 1, 100); break;
	case BAD_OP255: packet(b, 1, 100); memset(p, 0xff, 32); packet(b, 1, 100); break;
	case BAD_LONE_SEG: packet(b, 1, 100); p->op = TLSNIC_TXD_SEGMENT; packet(b, 1, 100); break;
	case BAD_PKT_IN_PKT: packet(b, 1, 100); p->flags = 0; packet(b, 1, 100); break;
	case BAD_CTX_IN_PKT: packet(b, 2, 100); b->slot[1].flags = 0; context(b, TLSNIC_TXD_CTX_DELETE, ctx); packet(b, 1, 100); break;
	case BAD_CUT_PKT: packet(b, 2, 100); b->n = 1; break;
	case BAD_CUT_SEGS: packet(b, 12, 100); b->n = 2 + x % 10; break;
	case BAD_CUT_CTX: context(b, TLSNIC_TXD_CTX_WRITE, ctx); b->n = 1; break;
	case BAD_SEEK_SEG: seek(b); packet(b, 1, 100); b->slot[1].op = TLSNIC_TXD_SEGMENT; break;
	case BAD_SEEK_SEEK: seek(b); seek(b); packet(b, 1, 100); break;
	case BAD_SEEK_CTX: seek(b); context(b, TLSNIC_TXD_CTX_DELETE, ctx); break;
	case BAD_CUT_SEEK: seek(b); break;
	default: break;
	}
}

/* The read of a slot fails: what it holds is as good as any. */
static void failing_slots(struct run *r, const struct step *s, unsigned int q)
{
	unsigned int n = 1 + s->a[A_SEED] % 12, bad = s->a[A_SEED] / 12 % n;
	struct nic_queue *k = &r->nic->q[q];

	if (!run_room(r, q, n))
		return;
	run_ring(r, q);
	nic_fault(r->nic, (uintptr_t)k->tx + ((k->tx_tail + bad) & (k->tx_size - 1)) * TLSNIC_TXD_SIZE, TLSNIC_TXD_SIZE);
	for (unsigned int i = 0; i < n && !run_failed(r); i++) {
		struct step p = { .op = STEP_PLAIN };

		p.a[A_Q] = q;
		p.a[A_LEN] = 60 + i;
		p.a[A_SEED] = s->a[A_SEED] + i;
		p.a[A_QUIET] = i % 2;
		run_plain(r, &p);
	}
	r->q[q].slots_fail = true;
	cover_hit(r->cover, COVER_FAULT, 3, 0);
	run_ring(r, q);
}

/* RX entries that cannot be read: the ring stops, frames for it are lost. */
static void failing_entries(struct run *r, const struct step *s, unsigned int q)
{
	unsigned int n = 1 + s->a[A_SEED] % 24, bad = s->a[A_SEED] / 24 % 8 % n;
	struct nic_queue *k = &r->nic->q[q];

	if ((uint16_t)(k->rx_tail - k->rx_next) + n > k->rx_size)
		return;
	nic_fault(r->nic, (uintptr_t)k->rx + ((k->rx_tail + bad) & (k->rx_size - 1)) * TLSNIC_RXD_SIZE, TLSNIC_RXD_SIZE);
	r->q[q].entries_fail = true;
	run_error(r, nic_rx_post(r->nic, q, n) == (int)n ? 0 : -1);
	for (unsigned int i = 0; i < 6 && !run_failed(r); i++) {
		struct step f = { .op = STEP_RX };

		f.a[A_KIND] = RX_TCP;
		f.a[A_LEN] = s->a[A_SEED] * (i + 1) % 3000;
		f.a[A_SEED] = s->a[A_SEED] + i;
		run_rx(r, &f);
	}
}

/* A completion that cannot be written: it is lost, and ERROR says so. */
static void failing_completion(struct run *r, const struct step *s, unsigned int q)
{
	struct nic_queue *k = &r->nic->q[q];
	unsigned int bad = s->a[A_SEED] % 8;

	nic_fault(r->nic, (uintptr_t)k->cq + ((k->cq_prod + bad) & (k->cq_size - 1)) * TLSNIC_CPL_SIZE, TLSNIC_CPL_SIZE);
	r->q[q].cpl_fail = true;
	for (unsigned int i = 0; i < 12 && !run_failed(r); i++) {
		struct step p = { .op = STEP_PLAIN };

		p.a[A_Q] = q;
		p.a[A_LEN] = 60 + i;
		p.a[A_SEED] = s->a[A_SEED] + i;
		run_plain(r, &p);
	}
	cover_hit(r->cover, COVER_FAULT, 6, 0);
}

/* A doorbell that makes a ring fuller than it is: ignored, and ERROR says so. Traffic goes on. */
static void bad_doorbell(struct run *r, unsigned int kind, unsigned int q)
{
	const struct nic_queue *k = &r->nic->q[q];

	/* a ring that has stopped takes none */
	if (r->q[q].halting || r->q[q].slots_fail)
		run_settle(r);
	if (run_failed(r))
		return;
	if (kind == FAULT_TX_DOORBELL)
		nic_qwrite(r->nic, q, TLSNIC_Q_TX_TAIL, (uint16_t)(k->tx_posted + k->tx_size + 1));
	else if (kind == FAULT_RX_DOORBELL)
		nic_qwrite(r->nic, q, TLSNIC_Q_RX_TAIL, (uint16_t)(k->rx_posted + k->rx_size + 1));
	else
		nic_qwrite(r->nic, q, TLSNIC_Q_CQ_CONS, (uint16_t)(k->cq_cons - 1));
	r->errors_must |= TLSNIC_ERR_DOORBELL;
	cover_hit(r->cover, COVER_EVENT, 12 + kind - FAULT_TX_DOORBELL);
}

static void link_change(struct run *r)
{
	tlsnic_sim_set_link(r->nic->sim, false);
	run_clock(r, 100);
	if (nic_read(r->nic, TLSNIC_REG_STATUS) & TLSNIC_STATUS_LINK)
		run_fail(r, "the link is down, and STATUS says up");
	tlsnic_sim_set_link(r->nic->sim, true);
	run_clock(r, 100);
	if (!(nic_read(r->nic, TLSNIC_REG_STATUS) & TLSNIC_STATUS_LINK))
		run_fail(r, "the link is up, and STATUS says down");
	r->errors_must |= TLSNIC_ERR_LINK;
	cover_hit(r->cover, COVER_EVENT, 15);
}

void run_fault(struct run *r, const struct step *s)
{
	unsigned int q = s->a[A_Q] % PLAN_QUEUES, kind = s->a[A_KIND] % FAULT_KINDS;

	if (kind == FAULT_LINK) {
		link_change(r);
		return;
	}
	if (kind >= FAULT_TX_DOORBELL) {
		bad_doorbell(r, kind, q);
		return;
	}

	/* nothing else is to be hit */
	run_settle(r);
	if (run_failed(r) || r->loop)
		return;
	if (kind == FAULT_ENTRIES)
		failing_entries(r, s, q);
	else
		failing_completion(r, s, q);
	run_settle(r);
}

void run_bad(struct run *r, const struct step *s)
{
	unsigned int q = s->a[A_Q] % PLAN_QUEUES, kind = s->a[A_KIND] % BADS;
	struct bad b = { .r = r, .q = q };
	uint16_t first;

	/* found where packets are cut */
	if (kind >= BAD_TSO_VERSION && kind <= BAD_TSO_FRAME && !(r->features & TLSNIC_FEAT_TSO))
		return;
	/* how far the queue went is told by the wire */
	if (kind == BAD_DESC_READ && run_looping(r))
		return;
	cover_hit(r->cover, COVER_MALFORMED, kind);
	if (kind == BAD_DESC_READ) {
		failing_slots(r, s, q);
		return;
	}
	if (!run_room(r, q, MODEL_MAX_SLOTS))
		return;
	make(&b, kind, s->a[A_SEED]);
	/* contexts that it names through another ring stay in order */
	if (b.slot[0].op == TLSNIC_TXD_CTX_WRITE || b.slot[0].op == TLSNIC_TXD_CTX_DELETE)
		run_bind(r, as_ctx(&b, 0)->ctx, q);
	if (kind < BAD_HALTS && !s->a[A_QUIET])
		b.slot[0].flags |= TLSNIC_TXF_COMPLETE;
	first = r->nic->q[q].tx_tail;
	for (unsigned int i = 0; i < b.n; i++)
		nic_tx_slot(r->nic, q, &b.slot[i], i + 1 == b.n, b.m[i], NULL);
	for (unsigned int i = b.n; i < MODEL_MAX_SLOTS; i++)
		rte_pktmbuf_free(b.m[i]);
	run_track(r, q, first, r->next_id);
	r->next_id += MODEL_MAX_SLOTS;
	if (kind >= BAD_HALTS) {
		r->q[q].halting = true;
		run_ring(r, q);
	}
}
