// SPDX-License-Identifier: BSD-2-Clause
//
// Steps of chance, of which profiles are made.
#include <stdlib.h>
#include <string.h>

#include "../../include/uapi/linux/tlsnic.h"
#include "conn.h"
#include "plan_gen.h"

// ---- steps ------------------------------------------------------------------

struct step *gen_add(struct gen *g, enum plan_op op)
{
	struct step *s = plan_add(g->p, op);

	s->a[A_SEED] = 1 + gen_below(g, 1u << 30);
	return s;
}

void gen_run(struct gen *g, uint32_t cycles)
{
	plan_add(g->p, STEP_RUN)->a[A_N] = cycles;
}

struct step *gen_bus(struct gen *g, struct step *s)
{
	static const uint32_t latencies[] = { 0, 1, 20, 50, 200, 400, 1000 };

	s->a[A_LAT1] = latencies[gen_below(g, 7)];
	s->a[A_LAT0] = gen_below(g, 2) ? 0 : gen_below(g, s->a[A_LAT1] + 1);
	s->a[A_ORDER] = gen_below(g, 4);
	s->a[A_STALL] = gen_below(g, 2) ? 0 : gen_below(g, 3) ? gen_below(g, 150000) : 300000;
	return s;
}

struct step *gen_card(struct gen *g)
{
	struct step *s = gen_add(g, STEP_CARD);
	static const uint16_t bufs[] = { 64, 128, 256, 512, 1024, 2048 };

	/* the least more often than any other: small rings wrap */
	s->a[A_TX] = gen_below(g, 2) ? 6 : 6 + gen_below(g, 7);
	s->a[A_RXR] = gen_below(g, 2) ? 6 : 6 + gen_below(g, 7);
	s->a[A_CQ] = gen_below(g, 2) ? 6 + gen_below(g, 3) : 6 + gen_below(g, 10);
	s->a[A_BUF] = bufs[gen_below(g, 6)];
	if (gen_below(g, 3) == 0) {
		s->a[A_ICYC] = 1 + gen_below(g, 3000);
		s->a[A_ICNT] = gen_below(g, 2) ? 0 : 1 + gen_below(g, 8);
	}
	return gen_bus(g, s);
}

void gen_rxconf(struct gen *g, bool open)
{
	struct step *s = gen_add(g, STEP_RXCONF);

	s->a[A_CTRL] = 4 | (open || gen_below(g, 3) == 0 ? 0x10 : 0) | (gen_below(g, 4) == 0 ? 0x20 : 0) | (gen_below(g, 2) ? 0x40 : 0);
	s->a[A_RSS] = gen_below(g, 64);
	s->a[A_MAXF] = gen_below(g, 2) ? 9216 : 1518 + gen_below(g, 9000);
	s->a[A_MCAST] = (uint64_t)gen_below(g, ~0u) << 32 | gen_below(g, ~0u);
	if (!open && gen_below(g, 12) == 0)
		s->a[A_CTRL] &= ~4ull;
}

// ---- connections ---------------------------------------------------------------

/* A number whose lowest bytes are all ones, or nearly, so that it carries soon. */
static uint64_t carrying(struct gen *g)
{
	unsigned int bytes = 1 + gen_below(g, 8);
	uint64_t ones = bytes == 8 ? ~0ull : (1ull << 8 * bytes) - 1;
	uint64_t high = ((uint64_t)gen_below(g, ~0u) << 32 | gen_below(g, ~0u)) & ~ones;

	return (high | ones) - gen_below(g, 3);
}

static uint64_t number(struct gen *g)
{
	switch (gen_below(g, 4)) {
	case 0: return 0;
	case 1: return carrying(g);
	default: return (uint64_t)gen_below(g, ~0u) << 32 | gen_below(g, ~0u);
	}
}

struct step *gen_open(struct gen *g, unsigned int number_of, uint32_t ctx, unsigned int q, unsigned int mix)
{
	struct gen_conn *c = &g->conn[number_of];
	struct step *s = gen_add(g, STEP_OPEN);

	s->a[A_CONN] = number_of;
	s->a[A_CTX] = ctx;
	s->a[A_Q] = q;
	s->a[A_TLS] = 12 + gen_below(g, 2);
	s->a[A_AES] = 1 + gen_below(g, 2);
	s->a[A_SEQ] = gen_below(g, 4) ? gen_below(g, ~0u) : (uint32_t)-(1 + gen_below(g, 2000));
	s->a[A_SN] = number(g);
	s->a[A_IV] = number(g);
	s->a[A_MIX] = mix;
	s->a[A_IP6] = gen_below(g, 2);
	s->a[A_IPOPT] = gen_below(g, 4) ? 0 : gen_below(g, 11);
	s->a[A_TCPOPT] = gen_below(g, 2) ? 3 : gen_below(g, 11);
	s->a[A_QUIET] = gen_below(g, 2);
	c->open = *s;
	c->k = c->off = 0;
	c->live = true;
	return s;
}

/* Takes over what was changed in the step after gen_open(). */
void gen_opened(struct gen *g, const struct step *s)
{
	g->conn[s->a[A_CONN]].open = *s;
}

static void advance(struct gen_conn *c, uint32_t len)
{
	struct conn_record l = conn_layout(&c->open, c->k);

	c->off += len;
	while (c->off >= l.whole) {
		c->off -= l.whole;
		l = conn_layout(&c->open, ++c->k);
	}
}

/* Bytes from where the connection is to byte at of a record, of this one or the next that is further. */
uint32_t gen_distance(const struct gen_conn *c, unsigned int records, uint32_t at, bool from_end)
{
	uint32_t base = 0;

	for (uint64_t k = c->k;; k++) {
		struct conn_record l = conn_layout(&c->open, k);
		uint32_t place = from_end ? l.header + l.body + at : at;

		if (base + place > c->off && !records--)
			return base + place - c->off;
		base += l.whole;
		if (k > c->k + 40)
			return 1;
	}
}

uint32_t gen_imix(struct gen *g)
{
	uint32_t x = gen_below(g, 12);

	return x < 7 ? 1 + gen_below(g, 40) : x < 11 ? 516 + gen_below(g, 20) : 1448;
}

/* How much of a connection the next packet takes: mostly up to a place that matters. */
uint32_t gen_cut(struct gen *g, const struct gen_conn *c)
{
	struct conn_record l = conn_layout(&c->open, c->k);
	uint32_t len;

	switch (gen_below(g, 14)) {
	case 0: len = gen_distance(c, gen_below(g, 3), 0, false); break;
	case 1: len = gen_distance(c, gen_below(g, 2), 1 + gen_below(g, 4), false); break;
	case 2: len = gen_distance(c, gen_below(g, 2), 5 + gen_below(g, 8), false); break;
	case 3: len = gen_distance(c, gen_below(g, 2), l.header + gen_below(g, 34), false); break;
	case 4: len = gen_distance(c, gen_below(g, 2), 16 * gen_below(g, 5) + l.header, false); break;
	case 5: case 6: len = gen_distance(c, gen_below(g, 2), gen_below(g, 17), true); break;
	case 7: len = 1 + gen_below(g, 3); break;
	case 8: len = 1448; break;
	case 9: len = 1 + gen_below(g, 8900); break;
	case 10: len = 1 + gen_below(g, 300); break;
	default: len = gen_imix(g); break;
	}
	return len > 8900 ? 8900 : len;
}

struct step *gen_send(struct gen *g, unsigned int number_of, uint32_t len)
{
	struct step *s = gen_add(g, STEP_SEND);

	s->a[A_CONN] = number_of;
	s->a[A_LEN] = len;
	s->a[A_SEGS] = gen_below(g, 3) ? 1 + gen_below(g, 4) : 1 + gen_below(g, 32);
	s->a[A_VLAN] = gen_below(g, 8) ? 0 : 1 + gen_below(g, 65536);
	s->a[A_QUIET] = gen_below(g, 2);
	s->a[A_NOCSUM] = gen_below(g, 10) == 0;
	advance(&g->conn[number_of], len);
	return s;
}

// ---- seeks, and packets that are cut into frames ------------------------------------

static uint32_t mss(struct gen *g)
{
	static const uint32_t sizes[] = { 64, 88, 536, 1220, 1440, 1448, 1460, 8948 };

	switch (gen_below(g, 4)) {
	case 0: return 64 + gen_below(g, 200);
	case 1: return 64 + gen_below(g, 8885);
	default: return sizes[gen_below(g, 8)];
	}
}

/* FIN, PSH and CWR, in all combinations. */
static uint32_t tcp_flags(struct gen *g)
{
	uint32_t x = gen_below(g, 8);

	return 1 + (0x10 | (x & 1) | (x & 2) << 2 | (x & 4) << 5);
}

static uint32_t large_len(struct gen *g, uint32_t size)
{
	uint32_t len;

	switch (gen_below(g, 8)) {
	case 0: len = 1 + gen_below(g, 65400); break;
	case 1: len = size * (1 + gen_below(g, 4)); break;
	case 2: len = size * (1 + gen_below(g, 4)) + 1 + gen_below(g, 3); break;
	case 3: len = 1 + gen_below(g, size); break;
	default: len = 1 + gen_below(g, 10000); break;
	}
	return len > 65400 ? 65400 : len;
}

struct step *gen_seek_to(struct gen *g, unsigned int number, unsigned int records, uint32_t place, uint32_t len, unsigned int flags)
{
	struct gen_conn *c = &g->conn[number], save = *c, at;
	uint64_t k = c->k > records ? c->k - records : 0;
	uint32_t back = c->off;
	struct step *s;

	for (uint64_t i = k; i < c->k; i++)
		back += conn_layout(&c->open, i).whole;
	s = gen_send(g, number, len);
	at = (struct gen_conn){ .open = c->open, .k = k, .off = place, .live = true };
	advance(&at, 0);
	advance(&at, len);
	*c = flags & PLAN_SEEK_CONTINUE ? at : save;
	s->a[A_SEEK] = PLAN_SEEK | flags;
	if (back >= place)
		s->a[A_BACK] = back - place;
	else
		s->a[A_SKIP] = place - back;
	return s;
}

void gen_seek(struct gen *g, unsigned int number)
{
	struct gen_conn *c = &g->conn[number];
	unsigned int records = gen_below(g, 4) ? gen_below(g, 4) : gen_below(g, 40), flags = 0;
	struct gen_conn save;
	struct conn_record l;
	uint32_t place, end, len;
	struct step *s;
	bool foreign, tag;

	records = c->k > records ? records : c->k;
	l = conn_layout(&c->open, c->k - records);
	end = l.header + l.body;
	switch (gen_below(g, 8)) {
	case 0: place = 0; break;
	case 1: place = 1 + gen_below(g, 4); break;
	case 2: place = gen_below(g, l.header); break;
	case 3: place = l.header; break;
	case 4: place = l.header + 16 * gen_below(g, 1 + l.body / 16); break;
	case 5: place = end + gen_below(g, 16); break;
	default: place = l.header + gen_below(g, l.body + 1); break;
	}
	foreign = place >= l.header;
	switch (gen_below(g, 8)) {
	case 0: len = place < end ? 1 + gen_below(g, end - place) : 1; break;
	case 1: len = place < end ? end - place : 1; break;
	case 2: len = l.whole - place; break;
	case 3: len = place < end ? end - place + gen_below(g, 16) : 1; break;
	case 4: len = l.whole - place + 1 + gen_below(g, l.header); break;
	case 5: len = l.whole - place + 1 + gen_below(g, 3000); break;
	case 6: len = 1 + gen_below(g, 1448); break;
	default: len = 1448; break;
	}
	len = len > 8900 ? 8900 : len ? len : 1;
	tag = foreign && place + len > end;
	/* seldom what must be refused */
	if ((tag && gen_below(g, 16)) || gen_below(g, 3) == 0)
		flags |= PLAN_SEEK_TAG;
	if (!foreign || place + len >= l.whole ? (flags & PLAN_SEEK_TAG || !tag) && gen_below(g, 2) : gen_below(g, 24) == 0)
		flags |= PLAN_SEEK_CONTINUE;
	save = g->conn[number];
	s = gen_seek_to(g, number, records, place, len, flags);
	if (g->features & TLSNIC_FEAT_TSO && gen_below(g, 6) == 0)
		s->a[A_MSS] = mss(g);
	if (gen_below(g, 16) == 0) {
		s->a[A_WRONG] = 1 + gen_below(g, SEEK_WRONGS - 1);
		g->conn[number] = save;		/* which goes nowhere */
	}
}

struct step *gen_seek_ahead(struct gen *g, unsigned int number, uint32_t place, uint32_t len, unsigned int flags)
{
	struct gen_conn *c = &g->conn[number], save = *c;
	uint32_t skip = conn_layout(&c->open, c->k).whole - c->off + place;
	struct step *s;

	advance(c, skip);
	s = gen_send(g, number, len);
	s->a[A_SEEK] = PLAN_SEEK | flags;
	s->a[A_SKIP] = skip;
	if (!(flags & PLAN_SEEK_CONTINUE))
		*c = save;
	return s;
}

void gen_wrong_seeks(struct gen *g, unsigned int number)
{
	struct conn_record l = conn_layout(&g->conn[number].open, g->conn[number].k);
	struct gen_conn save = g->conn[number];

	for (unsigned int go_on = 0; go_on < 2; go_on++) {
		unsigned int flags = go_on ? PLAN_SEEK_CONTINUE : 0;

		for (unsigned int how = 1; how < SEEK_WRONGS; how++) {
			gen_seek_to(g, number, 0, 1 + gen_below(g, l.header - 1), l.whole, flags)->a[A_WRONG] = how;
			g->conn[number] = save;
		}
		/* into the tag without one; and to an end from which nothing can go on */
		gen_seek_to(g, number, 0, l.header, l.whole - l.header, flags);
		g->conn[number] = save;
		gen_seek_to(g, number, 0, l.header, 1 + gen_below(g, l.body - 1), flags | PLAN_SEEK_TAG);
		g->conn[number] = save;
	}
}

struct step *gen_large_of(struct gen *g, unsigned int number, uint32_t size, uint32_t len)
{
	struct step *s = gen_send(g, number, len);

	s->a[A_MSS] = size;
	s->a[A_FLAGS] = tcp_flags(g);
	return s;
}

void gen_large(struct gen *g, unsigned int number)
{
	uint32_t size = mss(g);

	gen_large_of(g, number, size, large_len(g, size));
}

void gen_large_plain(struct gen *g, unsigned int q)
{
	struct step *s;

	gen_plain(g, q);
	s = &g->p->s[g->p->n - 1];
	s->a[A_KIND] = FRAME_TCP;
	s->a[A_MSS] = mss(g);
	s->a[A_LEN] = gen_below(g, 40) ? large_len(g, s->a[A_MSS]) : 0;
	s->a[A_FLAGS] = tcp_flags(g);
}

void gen_sizes(struct gen *g, unsigned int number, unsigned int q)
{
	static const uint32_t sizes[] = { TLSNIC_TSO_MIN_MSS, 88, 89, 536, 1448, 1449, 8948 };

	for (unsigned int i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint32_t size = sizes[i / 2], more = i % 2 * (1 + gen_below(g, 3));
		struct step *s;

		gen_large_of(g, number, size, size * (1 + gen_below(g, 4)) + more);
		gen_large_plain(g, q);
		s = &g->p->s[g->p->n - 1];
		s->a[A_MSS] = size;
		s->a[A_LEN] = size * (1 + gen_below(g, 4)) + more;
	}
}

void gen_plain(struct gen *g, unsigned int q)
{
	struct step *s = gen_add(g, STEP_PLAIN);

	s->a[A_Q] = q;
	s->a[A_KIND] = gen_below(g, 6) ? gen_below(g, 3) : FRAME_UDP_ZERO;
	s->a[A_LEN] = gen_below(g, 12) ? gen_below(g, gen_below(g, 2) ? 100 : 1500) : gen_below(g, 9217);
	if (gen_below(g, 30) == 0)
		s->a[A_LEN] = 9216;
	s->a[A_SEGS] = gen_below(g, 3) ? 1 + gen_below(g, 3) : 1 + gen_below(g, 32);
	s->a[A_VLAN] = gen_below(g, 5) ? 0 : 1 + gen_below(g, 65536);
	s->a[A_QUIET] = gen_below(g, 2);
	s->a[A_NOCSUM] = gen_below(g, 3) == 0;
	s->a[A_IP6] = gen_below(g, 2);
	s->a[A_IPOPT] = gen_below(g, 4) ? 0 : gen_below(g, 11);
	s->a[A_TCPOPT] = gen_below(g, 2) ? 3 : gen_below(g, 11);
}

void gen_rx(struct gen *g)
{
	struct step *s = gen_add(g, STEP_RX);

	s->a[A_KIND] = gen_below(g, 3) ? gen_below(g, RX_KINDS) : gen_below(g, 3);
	s->a[A_LEN] = gen_below(g, 12) ? gen_below(g, gen_below(g, 2) ? 200 : 1500) : gen_below(g, 11000);
	if (gen_below(g, 30) == 0)
		s->a[A_LEN] = 9216;
	s->a[A_VLAN] = gen_below(g, 3) ? 0 : 1 + gen_below(g, 65536);
	s->a[A_IP6] = gen_below(g, 2);
	s->a[A_IPOPT] = gen_below(g, 4) ? 0 : gen_below(g, 11);
	s->a[A_TCPOPT] = gen_below(g, 2) ? 3 : gen_below(g, 11);
	s->a[A_BADFCS] = gen_below(g, 15) == 0;
}

void gen_buffers(struct gen *g)
{
	struct step *s = plan_add(g->p, STEP_POST);

	s->a[A_Q] = gen_below(g, 4);
	s->a[A_N] = 1 + gen_below(g, gen_below(g, 3) ? 16 : 200);
}

void gen_clock(struct gen *g)
{
	if (gen_below(g, 3))
		plan_add(g->p, STEP_RING)->a[A_Q] = gen_below(g, 3) ? 0 : 1 + gen_below(g, 4);
	gen_run(g, gen_below(g, gen_below(g, 4) ? 60 : 1500));
}

// ---- what a driver would not do ----------------------------------------------------

static void disorder(struct gen *g, unsigned int n)
{
	static const uint32_t offs[] = { 1, -1, 100, -100, 0x80000000, 0x7fffffff, 0x10000, 1448 };
	unsigned int c = gen_below(g, n);
	struct gen_conn *k = &g->conn[c], save = *k;
	struct step *s;

	switch (gen_below(g, 10)) {
	case 0:	/* again */
		s = gen_send(g, c, 1 + gen_below(g, 600));
		s->a[A_BACK] = 1 + gen_below(g, 600);
		*k = save;
		break;
	case 1:	/* ahead */
		s = gen_send(g, c, 1 + gen_below(g, 600));
		s->a[A_SKIP] = 1 + gen_below(g, 3000);
		*k = save;
		break;
	case 2: case 3:	/* with another number */
		s = gen_send(g, c, 1 + gen_below(g, 600));
		s->a[A_DSEQ] = offs[gen_below(g, 8)];
		*k = save;
		break;
	case 4:	/* another's context, or one out of range */
		s = gen_send(g, c, 1 + gen_below(g, 600));
		s->a[A_OTHER] = 1 + (gen_below(g, 2) ? g->conn[gen_below(g, n)].open.a[A_CTX] : g->contexts << gen_below(g, 20) | gen_below(g, 9));
		*k = save;
		break;
	case 5:	/* deleted, and sometimes written at once with another key */
		s = gen_add(g, STEP_DELETE);
		s->a[A_CTX] = k->open.a[A_CTX];
		s->a[A_Q] = k->open.a[A_Q];
		s->a[A_QUIET] = gen_below(g, 2);
		if (gen_below(g, 2))
			gen_open(g, c, k->open.a[A_CTX], k->open.a[A_Q], gen_below(g, MIXES));
		else if (gen_below(g, 2))
			gen_send(g, c, 1 + gen_below(g, 300));
		break;
	case 6:	/* written again in the middle of it */
		gen_open(g, c, k->open.a[A_CTX], k->open.a[A_Q], gen_below(g, MIXES));
		break;
	case 7:	/* taken up at a boundary, or inside of the next packet */
		s = gen_add(g, STEP_RESYNC);
		s->a[A_CONN] = c;
		s->a[A_KIND] = gen_below(g, 2);
		if (!s->a[A_KIND] && k->off)
			advance(k, conn_layout(&k->open, k->k).whole - k->off);
		break;
	case 8:	/* nothing of the stream */
		gen_send(g, c, 0);
		break;
	default:	/* a record that is none */
		s = gen_open(g, c, k->open.a[A_CTX], k->open.a[A_Q], gen_below(g, 2) ? MIX_SMALL : MIX_TINY);
		s->a[A_WRONG] = 1 + gen_below(g, WRONG_RECORDS - 1);
		s->a[A_AT] = 1 + gen_below(g, 4);
		gen_opened(g, s);
		for (int i = 0; i < 6; i++)
			gen_send(g, c, gen_cut(g, k) % 200);
		break;
	}
}

void gen_bad(struct gen *g, unsigned int kind)
{
	struct step *s = gen_add(g, STEP_BAD);

	s->a[A_Q] = gen_below(g, 4);
	s->a[A_KIND] = kind;
	s->a[A_QUIET] = gen_below(g, 2);
}

/* Each way in which a record can be wrong, its header whole in a packet or cut before the wrong byte. */
void gen_wrong_records(struct gen *g, unsigned int c, uint32_t ctx, unsigned int q)
{
	static const uint8_t byte[WRONG_RECORDS] = { [WRONG_MAJOR] = 1, [WRONG_MINOR] = 2, [WRONG_SHORT] = 4, [WRONG_EMPTY] = 4 };

	for (unsigned int how = 1; how < WRONG_RECORDS; how++)
		for (unsigned int way = 0; way < 4; way++) {
			struct step *s = gen_open(g, c, ctx, q, MIX_SMALL);
			unsigned int at = how < WRONG_NONCE_0 ? byte[how] : 5 + how - WRONG_NONCE_0, k = 1 + gen_below(g, 3);

			s->a[A_TLS] = 12 + way % 2;
			s->a[A_WRONG] = how;
			s->a[A_AT] = k;
			gen_opened(g, s);
			if (way / 2)
				gen_send(g, c, gen_distance(&g->conn[c], k - 1, 1 + gen_below(g, at), false));
			gen_send(g, c, 100 + gen_below(g, 300));
			gen_send(g, c, gen_below(g, 100));
			if (gen_below(g, 4) == 0)
				gen_clock(g);
		}
}

/* An item of one beat, between two packets of a connection. */
void gen_between(struct gen *g, unsigned int q)
{
	struct step *s;

	switch (gen_below(g, 4)) {
	case 0:
		s = gen_add(g, STEP_DELETE);
		s->a[A_CTX] = g->contexts - 1 - q;
		s->a[A_Q] = q;
		s->a[A_QUIET] = gen_below(g, 2);
		break;
	case 1:
		gen_open(g, PLAN_CONNS - 1 - q, g->contexts - 1 - q, q, MIX_SMALL);
		break;
	default:
		s = gen_add(g, STEP_PLAIN);
		s->a[A_Q] = q;
		s->a[A_LEN] = 14 + gen_below(g, 3);
		s->a[A_NOCSUM] = 1;
		s->a[A_QUIET] = gen_below(g, 2);
		break;
	}
}

void gen_reset(struct gen *g, bool hard, unsigned int conns)
{
	gen_add(g, STEP_RESET)->a[A_KIND] = hard;
	for (unsigned int c = 0; c < conns; c++)
		if (gen_below(g, 3))
			gen_open(g, c, g->conn[c].open.a[A_CTX], g->conn[c].open.a[A_Q], gen_below(g, MIXES));
}

void gen_loop(struct gen *g, bool on)
{
	plan_add(g->p, STEP_LOOP)->a[A_N] = on;
}

/* Steps by their weights, n of them. */
void gen_some(struct gen *g, const struct weights *w, unsigned int conns, unsigned int n)
{
	unsigned int all = w->send + w->plain + w->rx + w->post + w->clock + w->disorder + w->bad + w->off + w->reset + w->loop + w->wire +
			   w->bus + w->conf + w->fail + w->open + w->seek + w->large;

	while (n--) {
		int x = gen_below(g, all);
		struct step *s;

		if ((x -= w->send) < 0) {
			unsigned int c = gen_below(g, conns), burst = gen_below(g, 4) ? 1 : 2 + gen_below(g, 5);

			for (; burst; burst--) {
				gen_send(g, c, gen_cut(g, &g->conn[c]));
				if (burst > 1 && gen_below(g, 3) == 0)
					gen_between(g, g->conn[c].open.a[A_Q]);
			}
		} else if ((x -= w->plain) < 0) {
			gen_plain(g, gen_below(g, 4));
			if (w->fail && gen_below(g, 4) == 0)
				g->p->s[g->p->n - 1].a[A_FAIL] = 1 + gen_below(g, 9216);
		} else if ((x -= w->rx) < 0) {
			gen_rx(g);
		} else if ((x -= w->post) < 0) {
			gen_buffers(g);
			if (w->fail && gen_below(g, 8) == 0)
				g->p->s[g->p->n - 1].a[A_FAIL] = 1 + gen_below(g, 4000);
		} else if ((x -= w->clock) < 0) {
			gen_clock(g);
		} else if ((x -= w->disorder) < 0) {
			disorder(g, conns);
		} else if ((x -= w->bad) < 0) {
			gen_bad(g, gen_below(g, BADS));
		} else if ((x -= w->off) < 0) {
			s = gen_add(g, STEP_OFF);
			s->a[A_Q] = gen_below(g, 4);
			if (gen_below(g, 2)) {
				s->a[A_TX] = 6 + gen_below(g, 4);
				s->a[A_RXR] = 6 + gen_below(g, 4);
				s->a[A_CQ] = 7 + gen_below(g, 4);
				s->a[A_BUF] = 64u << gen_below(g, 6);
			}
		} else if ((x -= w->reset) < 0) {
			if (gen_below(g, 3) == 0)
				plan_add(g->p, STEP_SETTLE);
			gen_reset(g, gen_below(g, 3) == 0, conns);
		} else if ((x -= w->loop) < 0) {
			gen_loop(g, gen_below(g, 2));
		} else if ((x -= w->wire) < 0) {
			plan_add(g->p, STEP_WIRE)->a[A_HOLD] = gen_below(g, 2);
		} else if ((x -= w->bus) < 0) {
			gen_bus(g, plan_add(g->p, STEP_BUS));
		} else if ((x -= w->conf) < 0) {
			gen_rxconf(g, false);
		} else if ((x -= w->seek) < 0) {
			gen_seek(g, gen_below(g, conns));
		} else if ((x -= w->large) < 0) {
			if (gen_below(g, 3))
				gen_large(g, gen_below(g, conns));
			else
				gen_large_plain(g, gen_below(g, 4));
		} else if ((x -= w->fail) < 0) {
			unsigned int c = gen_below(g, conns);
			struct gen_conn save = g->conn[c];

			if (w->large && gen_below(g, 2))
				gen_large(g, c);
			else if (w->seek && gen_below(g, 2))
				gen_seek(g, c);
			else
				gen_send(g, c, gen_cut(g, &g->conn[c]));
			s = &g->p->s[g->p->n - 1];
			s->a[A_FAIL] = 1 + gen_below(g, s->a[A_LEN] + 54);
			g->conn[c] = save;
			if (gen_below(g, 2)) {
				gen_send(g, c, gen_cut(g, &g->conn[c]));
				s = gen_add(g, STEP_RESYNC);
				s->a[A_CONN] = c;
				s->a[A_KIND] = gen_below(g, 2);
			}
		} else {
			unsigned int c = gen_below(g, conns);

			gen_open(g, c, g->conn[c].open.a[A_CTX], gen_below(g, 4), gen_below(g, MIXES));
		}
	}
}
