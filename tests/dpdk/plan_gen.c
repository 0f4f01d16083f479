// SPDX-License-Identifier: BSD-2-Clause
//
// Plans of chance. A profile says what a run is mostly about; what it leaves
// open (bus, rings, ciphers, cuts) is drawn from the seed as well.
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "plan_gen.h"

// ---- steps ------------------------------------------------------------------

static struct step *add(struct gen *g, enum plan_op op)
{
	struct step *s = plan_add(g->p, op);

	s->a[A_SEED] = 1 + gen_below(g, 1u << 30);
	return s;
}

static void add_run(struct gen *g, uint32_t cycles)
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

static struct step *add_card(struct gen *g)
{
	struct step *s = add(g, STEP_CARD);
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

static void add_rxconf(struct gen *g, bool open)
{
	struct step *s = add(g, STEP_RXCONF);

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
	struct step *s = add(g, STEP_OPEN);

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
static void opened(struct gen *g, const struct step *s)
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
static uint32_t distance(const struct gen_conn *c, unsigned int records, uint32_t at, bool from_end)
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

static uint32_t imix(struct gen *g)
{
	uint32_t x = gen_below(g, 12);

	return x < 7 ? 1 + gen_below(g, 40) : x < 11 ? 516 + gen_below(g, 20) : 1448;
}

/* How much of a connection the next packet takes: mostly up to a place that matters. */
static uint32_t cut(struct gen *g, const struct gen_conn *c)
{
	struct conn_record l = conn_layout(&c->open, c->k);
	uint32_t len;

	switch (gen_below(g, 14)) {
	case 0: len = distance(c, gen_below(g, 3), 0, false); break;
	case 1: len = distance(c, gen_below(g, 2), 1 + gen_below(g, 4), false); break;
	case 2: len = distance(c, gen_below(g, 2), 5 + gen_below(g, 8), false); break;
	case 3: len = distance(c, gen_below(g, 2), l.header + gen_below(g, 34), false); break;
	case 4: len = distance(c, gen_below(g, 2), 16 * gen_below(g, 5) + l.header, false); break;
	case 5: case 6: len = distance(c, gen_below(g, 2), gen_below(g, 17), true); break;
	case 7: len = 1 + gen_below(g, 3); break;
	case 8: len = 1448; break;
	case 9: len = 1 + gen_below(g, 8900); break;
	case 10: len = 1 + gen_below(g, 300); break;
	default: len = imix(g); break;
	}
	return len > 8900 ? 8900 : len;
}

struct step *gen_send(struct gen *g, unsigned int number_of, uint32_t len)
{
	struct step *s = add(g, STEP_SEND);

	s->a[A_CONN] = number_of;
	s->a[A_LEN] = len;
	s->a[A_SEGS] = gen_below(g, 3) ? 1 + gen_below(g, 4) : 1 + gen_below(g, 32);
	s->a[A_VLAN] = gen_below(g, 8) ? 0 : 1 + gen_below(g, 65536);
	s->a[A_QUIET] = gen_below(g, 2);
	s->a[A_NOCSUM] = gen_below(g, 10) == 0;
	advance(&g->conn[number_of], len);
	return s;
}

static void plain(struct gen *g, unsigned int q)
{
	struct step *s = add(g, STEP_PLAIN);

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

static void rx(struct gen *g)
{
	struct step *s = add(g, STEP_RX);

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

static void buffers(struct gen *g)
{
	struct step *s = plan_add(g->p, STEP_POST);

	s->a[A_Q] = gen_below(g, 4);
	s->a[A_N] = 1 + gen_below(g, gen_below(g, 3) ? 16 : 200);
}

static void clock_step(struct gen *g)
{
	if (gen_below(g, 3))
		plan_add(g->p, STEP_RING)->a[A_Q] = gen_below(g, 3) ? 0 : 1 + gen_below(g, 4);
	add_run(g, gen_below(g, gen_below(g, 4) ? 60 : 1500));
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
		s = add(g, STEP_DELETE);
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
		s = add(g, STEP_RESYNC);
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
		opened(g, s);
		for (int i = 0; i < 6; i++)
			gen_send(g, c, cut(g, k) % 200);
		break;
	}
}

static void bad(struct gen *g, unsigned int kind)
{
	struct step *s = add(g, STEP_BAD);

	s->a[A_Q] = gen_below(g, 4);
	s->a[A_KIND] = kind;
	s->a[A_QUIET] = gen_below(g, 2);
}

/* Each way in which a record can be wrong, its header whole in a packet or cut before the wrong byte. */
static void wrong_records(struct gen *g, unsigned int c, uint32_t ctx, unsigned int q)
{
	static const uint8_t byte[WRONG_RECORDS] = { [WRONG_MAJOR] = 1, [WRONG_MINOR] = 2, [WRONG_SHORT] = 4, [WRONG_EMPTY] = 4 };

	for (unsigned int how = 1; how < WRONG_RECORDS; how++)
		for (unsigned int way = 0; way < 4; way++) {
			struct step *s = gen_open(g, c, ctx, q, MIX_SMALL);
			unsigned int at = how < WRONG_NONCE_0 ? byte[how] : 5 + how - WRONG_NONCE_0, k = 1 + gen_below(g, 3);

			s->a[A_TLS] = 12 + way % 2;
			s->a[A_WRONG] = how;
			s->a[A_AT] = k;
			opened(g, s);
			if (way / 2)
				gen_send(g, c, distance(&g->conn[c], k - 1, 1 + gen_below(g, at), false));
			gen_send(g, c, 100 + gen_below(g, 300));
			gen_send(g, c, gen_below(g, 100));
			if (gen_below(g, 4) == 0)
				clock_step(g);
		}
}

/* An item of one beat, between two packets of a connection. */
static void between(struct gen *g, unsigned int q)
{
	struct step *s;

	switch (gen_below(g, 4)) {
	case 0:
		s = add(g, STEP_DELETE);
		s->a[A_CTX] = g->contexts - 1 - q;
		s->a[A_Q] = q;
		s->a[A_QUIET] = gen_below(g, 2);
		break;
	case 1:
		gen_open(g, PLAN_CONNS - 1 - q, g->contexts - 1 - q, q, MIX_SMALL);
		break;
	default:
		s = add(g, STEP_PLAIN);
		s->a[A_Q] = q;
		s->a[A_LEN] = 14 + gen_below(g, 3);
		s->a[A_NOCSUM] = 1;
		s->a[A_QUIET] = gen_below(g, 2);
		break;
	}
}

/* Steps by their weights, n of them. */
static void some(struct gen *g, const struct weights *w, unsigned int conns, unsigned int n)
{
	unsigned int all = w->send + w->plain + w->rx + w->post + w->clock + w->disorder + w->bad + w->off + w->reset + w->wire +
			   w->bus + w->conf + w->fail + w->open;

	while (n--) {
		int x = gen_below(g, all);
		struct step *s;

		if ((x -= w->send) < 0) {
			unsigned int c = gen_below(g, conns), burst = gen_below(g, 4) ? 1 : 2 + gen_below(g, 5);

			for (; burst; burst--) {
				gen_send(g, c, cut(g, &g->conn[c]));
				if (burst > 1 && gen_below(g, 3) == 0)
					between(g, g->conn[c].open.a[A_Q]);
			}
		} else if ((x -= w->plain) < 0) {
			plain(g, gen_below(g, 4));
			if (w->fail && gen_below(g, 4) == 0)
				g->p->s[g->p->n - 1].a[A_FAIL] = 1 + gen_below(g, 9216);
		} else if ((x -= w->rx) < 0) {
			rx(g);
		} else if ((x -= w->post) < 0) {
			buffers(g);
			if (w->fail && gen_below(g, 8) == 0)
				g->p->s[g->p->n - 1].a[A_FAIL] = 1 + gen_below(g, 4000);
		} else if ((x -= w->clock) < 0) {
			clock_step(g);
		} else if ((x -= w->disorder) < 0) {
			disorder(g, conns);
		} else if ((x -= w->bad) < 0) {
			bad(g, gen_below(g, BADS));
		} else if ((x -= w->off) < 0) {
			s = add(g, STEP_OFF);
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
			add(g, STEP_RESET);
			for (unsigned int c = 0; c < conns; c++)
				if (gen_below(g, 3))
					gen_open(g, c, g->conn[c].open.a[A_CTX], g->conn[c].open.a[A_Q], gen_below(g, MIXES));
		} else if ((x -= w->wire) < 0) {
			plan_add(g->p, STEP_WIRE)->a[A_HOLD] = gen_below(g, 2);
		} else if ((x -= w->bus) < 0) {
			gen_bus(g, plan_add(g->p, STEP_BUS));
		} else if ((x -= w->conf) < 0) {
			add_rxconf(g, false);
		} else if ((x -= w->fail) < 0) {
			unsigned int c = gen_below(g, conns);
			struct gen_conn save = g->conn[c];

			s = gen_send(g, c, cut(g, &g->conn[c]));
			s->a[A_FAIL] = 1 + gen_below(g, s->a[A_LEN] + 54);
			g->conn[c] = save;
			if (gen_below(g, 2)) {
				gen_send(g, c, cut(g, &g->conn[c]));
				s = add(g, STEP_RESYNC);
				s->a[A_CONN] = c;
				s->a[A_KIND] = gen_below(g, 2);
			}
		} else {
			unsigned int c = gen_below(g, conns);

			gen_open(g, c, g->conn[c].open.a[A_CTX], gen_below(g, 4), gen_below(g, MIXES));
		}
	}
}

// ---- profiles -------------------------------------------------------------------

static void open_some(struct gen *g, unsigned int n, int mix)
{
	for (unsigned int c = 0; c < n; c++)
		gen_open(g, c, (c * 37 + gen_below(g, 3) * 512) % g->contexts, gen_below(g, 4), mix < 0 ? gen_below(g, MIXES) : (unsigned int)mix);
}

/* A packet's end at every place of a record, twice in one place, for each version and cipher. */
static void cuts(struct gen *g)
{
	add_card(g);
	for (unsigned int way = 0; way < 4; way++) {
		struct gen_conn *c = &g->conn[way];
		struct step *s = gen_open(g, way, way * 5, way, gen_below(g, 2) ? MIX_BLOCKS : MIX_SMALL);

		s->a[A_TLS] = 12 + way % 2;
		s->a[A_AES] = 1 + way / 2;
		opened(g, s);
		for (uint32_t place = 0; place < 46; place++) {
			bool tag = place >= 29;

			gen_send(g, way, distance(c, gen_below(g, 2), tag ? place - 29 : place, tag));
			if (gen_below(g, 2))
				gen_send(g, way, 1 + gen_below(g, 3));
			if (gen_below(g, 6) == 0)
				plain(g, way);
			if (gen_below(g, 4) == 0)
				between(g, way);
			if (gen_below(g, 4) == 0)
				clock_step(g);
		}
		/* one by one through a whole record and a little more */
		s = gen_open(g, way, way * 5, way, MIX_TINY);
		s->a[A_TLS] = 12 + way % 2;
		s->a[A_AES] = 1 + way / 2;
		opened(g, s);
		for (int i = 0; i < 60; i++)
			gen_send(g, way, 1);
	}
}

static void mixed(struct gen *g)
{
	static const struct weights w = { .send = 60, .plain = 10, .clock = 14, .disorder = 2, .wire = 1, .open = 3, .bus = 1 };
	unsigned int n = 4 + gen_below(g, 40);

	add_card(g);
	open_some(g, n, -1);
	some(g, &w, n, 350);
}

/* A thousand at once, packet by packet. */
static void thousand(struct gen *g)
{
	struct step *s = add_card(g);
	unsigned int n = g->contexts < 1000 ? g->contexts : 1000, queues = gen_below(g, 2) ? 4 : 1;

	s->a[A_TX] = 6 + gen_below(g, 7);
	s->a[A_CQ] = s->a[A_TX] + 1;
	for (unsigned int c = 0; c < n; c++)
		gen_open(g, c, c, gen_below(g, queues), gen_below(g, 3) ? MIX_WEB : MIX_SMALL);
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < n; i++) {
			gen_send(g, (i * 7 + round) % n, imix(g));
			if (gen_below(g, 40) == 0)
				clock_step(g);
		}
	}
}

/* Records up to 2^14 and what 16 bits of length carry. */
static void large(struct gen *g)
{
	static const uint32_t sizes[] = { 1448, 8900, 8900, 536, 4000 };
	struct step *s = add_card(g);
	unsigned int n = 4;

	if (s->a[A_STALL] > 100000)
		s->a[A_STALL] = 20000;
	for (unsigned int c = 0; c < n; c++) {
		s = gen_open(g, c, c, gen_below(g, 2), c % 2 ? MIX_OVER : gen_below(g, 2) ? MIX_FULL : MIX_OVER);
		s->a[A_TLS] = 12 + c % 2;
		s->a[A_AES] = 1 + c / 2;
		opened(g, s);
	}
	for (unsigned int i = 0; i < 60; i++) {
		unsigned int c = gen_below(g, n);

		gen_send(g, c, gen_below(g, 4) ? sizes[gen_below(g, 5)] : cut(g, &g->conn[c]));
		if (gen_below(g, 6) == 0)
			clock_step(g);
	}
	for (unsigned int c = 0; c < n; c++)
		gen_send(g, c, 9216);
	/* many records in a packet */
	gen_open(g, 0, 0, 0, MIX_EMPTY);
	gen_open(g, 1, 1, 1, MIX_TINY);
	for (unsigned int i = 0; i < 8; i++)
		gen_send(g, i % 2, 100 + gen_below(g, 8800));
}

static void orders(struct gen *g)
{
	static const struct weights w = { .send = 40, .plain = 6, .clock = 12, .disorder = 40, .open = 3 };
	unsigned int n = 3 + gen_below(g, 10);

	add_card(g);
	gen_send(g, 500 + gen_below(g, 500), 100);	/* never opened */
	open_some(g, n, gen_below(g, 2) ? -1 : MIX_SMALL);
	wrong_records(g, 0, g->conn[0].open.a[A_CTX], g->conn[0].open.a[A_Q]);
	some(g, &w, n, 300);
}

/* Every way to write slots that are wrong, with traffic around. */
static void slots(struct gen *g)
{
	static const struct weights w = { .send = 10, .plain = 10, .clock = 6, .bad = 8, .open = 2 };
	unsigned int n = 6, first = gen_below(g, BADS);

	add_card(g);
	open_some(g, n, MIX_SMALL);
	for (unsigned int i = 0; i < BADS; i++) {
		bad(g, (first + i) % BADS);
		some(g, &w, n, 1 + gen_below(g, 6));
	}
}

static void from_wire(struct gen *g)
{
	static const struct weights w = { .rx = 50, .post = 30, .clock = 10, .conf = 2, .bus = 1 };

	add_card(g);
	add_rxconf(g, gen_below(g, 2));
	for (int i = 0; i < 8; i++)
		buffers(g);
	some(g, &w, 1, 500);
}

/* All at once. */
static void storm(struct gen *g)
{
	static const struct weights w = {
		.send = 50, .plain = 12, .rx = 30, .post = 30, .clock = 24, .disorder = 6, .bad = 2, .off = 2, .reset = 1, .wire = 3,
		.bus = 2, .conf = 1, .open = 3
	};
	unsigned int n = 4 + gen_below(g, 12);

	add_card(g);
	add_rxconf(g, gen_below(g, 2));
	open_some(g, n, -1);
	for (int i = 0; i < 4; i++) {
		struct step *s;

		some(g, &w, n, 100);
		s = add(g, STEP_FAULT);
		s->a[A_Q] = gen_below(g, 4);
		s->a[A_KIND] = FAULT_TX_DOORBELL + gen_below(g, FAULT_KINDS - FAULT_TX_DOORBELL);
	}
	/* a reset in which nothing is lost */
	plan_add(g->p, STEP_SETTLE);
	add(g, STEP_RESET);
	open_some(g, n, -1);
	some(g, &w, n, 30);
}

static void faults(struct gen *g)
{
	static const struct weights w = {
		.send = 40, .plain = 12, .rx = 15, .post = 15, .clock = 16, .disorder = 3, .fail = 10, .off = 1, .open = 4
	};
	struct step *s = add_card(g);
	unsigned int n = 3 + gen_below(g, 8);
	bool chance = false;

	if (gen_below(g, 2)) {
		s->a[A_RDERR] = 1000 + gen_below(g, 60000);
		s->a[A_WRERR] = 50000 + gen_below(g, 400000);
		chance = true;
	}
	add_rxconf(g, true);
	open_some(g, n, -1);
	for (int i = 0; i < 12; i++) {
		some(g, &w, n, 25);
		if (gen_below(g, 3) == 0)
			bad(g, BAD_DESC_READ);
		if (gen_below(g, 3) == 0) {
			struct step *f = add(g, STEP_FAULT);

			f->a[A_Q] = gen_below(g, 4);
			f->a[A_KIND] = gen_below(g, FAULT_KINDS);
		}
		if (gen_below(g, 2)) {
			for (int q = 0; q < 4; q++) {
				struct step *b = plan_add(g->p, STEP_POST);

				b->a[A_Q] = q;
				b->a[A_N] = 4 + gen_below(g, 8);
				b->a[A_FAIL] = chance ? 0 : 1 + gen_below(g, 64);
			}
			for (int k = 0; k < 6; k++)
				rx(g);
			add_run(g, 500);
		}
		if (gen_below(g, 2))
			plan_add(g->p, STEP_SETTLE);
	}
}

/* Indices past 2^16, the ends of rings in the middle of everything. */
static void laps(struct gen *g)
{
	struct step *s = add_card(g);

	s->a[A_TX] = s->a[A_RXR] = 6 + gen_below(g, 2);
	s->a[A_CQ] = 6 + gen_below(g, 4);
	s->a[A_BUF] = 64 << gen_below(g, 2);
	s->a[A_LAT0] = 0;
	s->a[A_LAT1] = gen_below(g, 20);
	s->a[A_STALL] = 0;
	if (s->a[A_RXR] < 8)
		s->a[A_RXR] = 8;	/* a frame of 144 buffers fits */
	add_rxconf(g, true);
	g->p->s[g->p->n - 1].a[A_RSS] = 0;
	g->p->s[g->p->n - 1].a[A_MAXF] = 9216;
	gen_open(g, 0, 3, 1, MIX_WEB);
	for (int i = 0; i < 2200; i++) {
		struct step *p = add(g, STEP_PLAIN);

		p->a[A_Q] = 1;
		p->a[A_LEN] = 64 + gen_below(g, 60);
		p->a[A_SEGS] = gen_below(g, 10) ? 32 : 31;
		p->a[A_QUIET] = gen_below(g, 2);
		if (i % 50 == 0) {
			gen_open(g, 0, 3, 1, MIX_WEB);
			gen_send(g, 0, 700);
		}
		if (i % 4)
			continue;
		for (int q = 0; q < 4; q++) {
			p = plan_add(g->p, STEP_POST);
			p->a[A_Q] = q;
			p->a[A_N] = 256;
		}
		p = add(g, STEP_RX);
		p->a[A_LEN] = 9100;
		add_run(g, 600);
	}
}

/* Numbers that carry, byte by byte, in records of a few bytes. */
static void carries(struct gen *g)
{
	struct step *s = add_card(g);
	uint32_t sent[33] = { 0 };	/* step c opens connection c */

	for (unsigned int way = 0; way < 4; way++)
		for (unsigned int bytes = 1; bytes <= 8; bytes++) {
			unsigned int c = way * 8 + bytes;
			uint64_t ones = bytes == 8 ? ~0ull : (1ull << 8 * bytes) - 1;

			s = gen_open(g, c, c * 3 % g->contexts, way, gen_below(g, 2) ? MIX_TINY : MIX_SMALL);
			s->a[A_TLS] = 12 + way % 2;
			s->a[A_AES] = 1 + way / 2;
			s->a[A_SN] = (((uint64_t)gen_below(g, ~0u) << 32 | gen_below(g, ~0u)) & ~ones) + ones - gen_below(g, 3);
			s->a[A_IV] = (((uint64_t)gen_below(g, ~0u) << 32 | gen_below(g, ~0u)) & ~ones) + ones - gen_below(g, 3);
			s->a[A_SEQ] = (uint32_t)-(1 + gen_below(g, 200));
			opened(g, s);
		}
	for (unsigned int i = 0; i < 320; i++) {
		unsigned int c = 1 + i % 32;

		s = gen_send(g, c, cut(g, &g->conn[c]) % 200);
		/* every other connection's number becomes 0 right behind its third packet */
		sent[c] += s->a[A_LEN];
		if (i / 32 == 2 && c % 4 > 1 && sent[c])
			g->p->s[c].a[A_SEQ] = (uint32_t)-sent[c];
		if (gen_below(g, 10) == 0)
			clock_step(g);
	}
}

/* Checksums: every length and start, odd and even, with and without TLS. */
static void sums(struct gen *g)
{
	struct step *card = add_card(g);

	/* and so much at once that the completions do not fit */
	card->a[A_TX] = 9;
	card->a[A_CQ] = 6;
	gen_open(g, 0, 1, 0, MIX_WEB);
	gen_open(g, 1, 2, 1, MIX_1K);
	for (unsigned int len = 0; len < 128; len++) {
		struct step *s = add(g, STEP_PLAIN);

		s->a[A_Q] = gen_below(g, 4);
		s->a[A_KIND] = len % 4;
		s->a[A_LEN] = len + 64 * gen_below(g, 4);
		s->a[A_SEGS] = 1 + gen_below(g, 3);
		s->a[A_IP6] = gen_below(g, 2);
		s->a[A_TCPOPT] = gen_below(g, 11);
		s->a[A_IPOPT] = gen_below(g, 11);
		s = gen_send(g, len % 2, len);
		s->a[A_NOCSUM] = 0;
	}
	for (int i = 0; i < 200; i++) {
		struct step *s = add(g, STEP_PLAIN);

		s->a[A_LEN] = 60 + i % 7;
		if (i % 100 == 99) {
			plan_add(g->p, STEP_RING);
			add_run(g, 20000);
		}
	}
}

static const struct profile {
	const char *name;
	void (*make)(struct gen *g);
} profiles[] = {
	{ "cuts", cuts }, { "mixed", mixed }, { "thousand", thousand }, { "large", large }, { "orders", orders }, { "slots", slots },
	{ "rx", from_wire }, { "storm", storm }, { "faults", faults }, { "laps", laps }, { "carries", carries }, { "sums", sums },
};

const char *const plan_profiles[] = {
	"cuts", "mixed", "thousand", "large", "orders", "slots", "rx", "storm", "faults", "laps", "carries", "sums", NULL
};

int plan_make(struct plan *p, const char *profile, uint64_t seed, unsigned int contexts)
{
	const unsigned int n = sizeof(profiles) / sizeof(profiles[0]);

	for (unsigned int i = 0; i < n; i++) {
		struct gen *g;

		if (strcmp(profile, "any") ? strcmp(profiles[i].name, profile) : seed % n != i)
			continue;
		g = calloc(1, sizeof(*g));
		if (!g)
			abort();
		g->p = p;
		g->contexts = contexts;
		g->rng = rng_seed(seed * 16 + i);
		profiles[i].make(g);
		free(g);
		return 0;
	}
	return -1;
}
