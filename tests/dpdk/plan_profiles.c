// SPDX-License-Identifier: BSD-2-Clause
//
// A profile says what a run is mostly about; what it leaves open (bus, rings, ciphers,
// cuts) is drawn from the seed as well.
#include <stdlib.h>
#include <string.h>

#include "../../include/uapi/linux/tlsnic.h"
#include "conn.h"
#include "plan_gen.h"

static void open_some(struct gen *g, unsigned int n, int mix)
{
	for (unsigned int c = 0; c < n; c++)
		gen_open(g, c, (c * 37 + gen_below(g, 3) * 512) % g->contexts, gen_below(g, 4), mix < 0 ? gen_below(g, MIXES) : (unsigned int)mix);
}

/* A packet's end at every place of a record, twice in one place, for each version and cipher. */
static void cuts(struct gen *g)
{
	gen_card(g);
	for (unsigned int way = 0; way < 4; way++) {
		struct gen_conn *c = &g->conn[way];
		struct step *s = gen_open(g, way, way * 5, way, gen_below(g, 2) ? MIX_BLOCKS : MIX_SMALL);

		s->a[A_TLS] = 12 + way % 2;
		s->a[A_AES] = 1 + way / 2;
		gen_opened(g, s);
		for (uint32_t place = 0; place < 46; place++) {
			bool tag = place >= 29;

			gen_send(g, way, gen_distance(c, gen_below(g, 2), tag ? place - 29 : place, tag));
			if (gen_below(g, 2))
				gen_send(g, way, 1 + gen_below(g, 3));
			if (gen_below(g, 6) == 0)
				gen_plain(g, way);
			if (gen_below(g, 4) == 0)
				gen_between(g, way);
			if (gen_below(g, 4) == 0)
				gen_clock(g);
		}
		/* one by one through a whole record and a little more */
		s = gen_open(g, way, way * 5, way, MIX_TINY);
		s->a[A_TLS] = 12 + way % 2;
		s->a[A_AES] = 1 + way / 2;
		gen_opened(g, s);
		for (int i = 0; i < 60; i++)
			gen_send(g, way, 1);
	}
}

static void mixed(struct gen *g)
{
	static const struct weights w = { .send = 60, .plain = 10, .clock = 14, .disorder = 2, .wire = 1, .open = 3, .bus = 1 };
	unsigned int n = 4 + gen_below(g, 40);

	gen_card(g);
	open_some(g, n, -1);
	gen_some(g, &w, n, 350);
}

/* A thousand at once, packet by packet. */
static void thousand(struct gen *g)
{
	struct step *s = gen_card(g);
	unsigned int n = g->contexts < 1000 ? g->contexts : 1000, queues = gen_below(g, 2) ? 4 : 1;

	s->a[A_TX] = 6 + gen_below(g, 7);
	s->a[A_CQ] = s->a[A_TX] + 1;
	for (unsigned int c = 0; c < n; c++)
		gen_open(g, c, c, gen_below(g, queues), gen_below(g, 3) ? MIX_WEB : MIX_SMALL);
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < n; i++) {
			gen_send(g, (i * 7 + round) % n, gen_imix(g));
			if (gen_below(g, 40) == 0)
				gen_clock(g);
		}
	}
}

/* Records up to 2^14 and what 16 bits of length carry. */
static void large(struct gen *g)
{
	static const uint32_t sizes[] = { 1448, 8900, 8900, 536, 4000 };
	struct step *s = gen_card(g);
	unsigned int n = 4;

	if (s->a[A_STALL] > 100000)
		s->a[A_STALL] = 20000;
	for (unsigned int c = 0; c < n; c++) {
		s = gen_open(g, c, c, gen_below(g, 2), c % 2 ? MIX_OVER : gen_below(g, 2) ? MIX_FULL : MIX_OVER);
		s->a[A_TLS] = 12 + c % 2;
		s->a[A_AES] = 1 + c / 2;
		gen_opened(g, s);
	}
	for (unsigned int i = 0; i < 60; i++) {
		unsigned int c = gen_below(g, n);

		gen_send(g, c, gen_below(g, 4) ? sizes[gen_below(g, 5)] : gen_cut(g, &g->conn[c]));
		if (gen_below(g, 6) == 0)
			gen_clock(g);
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

	gen_card(g);
	gen_send(g, 500 + gen_below(g, 500), 100);	/* never opened */
	open_some(g, n, gen_below(g, 2) ? -1 : MIX_SMALL);
	gen_wrong_records(g, 0, g->conn[0].open.a[A_CTX], g->conn[0].open.a[A_Q]);
	gen_some(g, &w, n, 300);
}

/* Every way to write slots that are wrong, with traffic around. */
static void slots(struct gen *g)
{
	static const struct weights w = { .send = 10, .plain = 10, .clock = 6, .bad = 8, .open = 2 };
	unsigned int n = 6, first = gen_below(g, BADS);

	gen_card(g);
	open_some(g, n, MIX_SMALL);
	for (unsigned int i = 0; i < BADS; i++) {
		gen_bad(g, (first + i) % BADS);
		gen_some(g, &w, n, 1 + gen_below(g, 6));
	}
}

static void fill_rx(struct gen *g)
{
	for (unsigned int q = 0; q < PLAN_QUEUES; q++) {
		struct step *s = plan_add(g->p, STEP_POST);

		s->a[A_Q] = q;
		s->a[A_N] = 4096;
	}
}

static void from_wire(struct gen *g)
{
	static const struct weights w = { .rx = 50, .post = 30, .clock = 10, .conf = 2, .bus = 1 };

	gen_card(g);
	gen_rxconf(g, gen_below(g, 2));
	for (int i = 0; i < 8; i++)
		gen_buffers(g);
	gen_some(g, &w, 1, 500);
	/* damaged ones of each kind, and frames of many buffers */
	gen_rxconf(g, true);
	for (unsigned int kind = 0; kind < RX_KINDS; kind++) {
		gen_rx(g);
		g->p->s[g->p->n - 1].a[A_KIND] = kind;
		g->p->s[g->p->n - 1].a[A_BADFCS] = 1;
	}
	g->p->s[g->p->n - RX_KINDS - 1].a[A_MAXF] = 9216;
	for (unsigned int q = 0; q < PLAN_QUEUES; q++) {
		struct step *s = gen_add(g, STEP_OFF);

		s->a[A_Q] = q;
		s->a[A_TX] = s->a[A_CQ] = 7;
		s->a[A_RXR] = 8;
		s->a[A_BUF] = 128;
	}
	for (unsigned int i = 0; i < 8; i++) {
		fill_rx(g);
		gen_rx(g);
		g->p->s[g->p->n - 1].a[A_KIND] = i % 3;
		g->p->s[g->p->n - 1].a[A_LEN] = 4300 + 800 * (i % 4);
	}
}

/* All at once. */
static void storm(struct gen *g)
{
	static const struct weights w = {
		.send = 50, .plain = 12, .rx = 30, .post = 30, .clock = 24, .disorder = 6, .bad = 2, .off = 2, .reset = 1, .loop = 1, .wire = 3,
		.bus = 2, .conf = 1, .open = 3
	};
	unsigned int n = 4 + gen_below(g, 12);

	gen_card(g);
	gen_rxconf(g, gen_below(g, 2));
	open_some(g, n, -1);
	for (int i = 0; i < 4; i++) {
		struct step *s;

		gen_some(g, &w, n, 100);
		s = gen_add(g, STEP_FAULT);
		s->a[A_Q] = gen_below(g, 4);
		s->a[A_KIND] = FAULT_TX_DOORBELL + gen_below(g, FAULT_KINDS - FAULT_TX_DOORBELL);
	}
	/* resets in which nothing is lost */
	for (int hard = 0; hard < 2; hard++) {
		plan_add(g->p, STEP_SETTLE);
		gen_add(g, STEP_RESET)->a[A_KIND] = hard;
		open_some(g, n, -1);
		gen_some(g, &w, n, 20);
	}
}

static void faults(struct gen *g)
{
	static const struct weights w = {
		.send = 40, .plain = 12, .rx = 15, .post = 15, .clock = 16, .disorder = 3, .fail = 10, .off = 1, .open = 4
	};
	struct step *s = gen_card(g);
	unsigned int n = 3 + gen_below(g, 8);
	bool chance = false;

	if (gen_below(g, 2)) {
		s->a[A_RDERR] = 1000 + gen_below(g, 60000);
		s->a[A_WRERR] = 50000 + gen_below(g, 400000);
		chance = true;
	}
	gen_rxconf(g, true);
	open_some(g, n, -1);
	for (int i = 0; i < 12; i++) {
		gen_some(g, &w, n, 25);
		if (gen_below(g, 3) == 0)
			gen_bad(g, BAD_DESC_READ);
		if (gen_below(g, 3) == 0) {
			struct step *f = gen_add(g, STEP_FAULT);

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
				gen_rx(g);
			gen_run(g, 500);
		}
		if (gen_below(g, 2))
			plan_add(g->p, STEP_SETTLE);
	}
}

/* Indices past 2^16, the ends of rings in the middle of everything. */
static void laps(struct gen *g)
{
	struct step *s = gen_card(g);

	s->a[A_TX] = s->a[A_RXR] = 6 + gen_below(g, 2);
	s->a[A_CQ] = 6 + gen_below(g, 4);
	s->a[A_BUF] = 64 << gen_below(g, 2);
	s->a[A_LAT0] = 0;
	s->a[A_LAT1] = gen_below(g, 20);
	s->a[A_STALL] = 0;
	if (s->a[A_RXR] < 8)
		s->a[A_RXR] = 8;	/* a frame of 144 buffers fits */
	gen_rxconf(g, true);
	g->p->s[g->p->n - 1].a[A_RSS] = 0;
	g->p->s[g->p->n - 1].a[A_MAXF] = 9216;
	gen_open(g, 0, 3, 1, MIX_WEB);
	for (int i = 0; i < 2200; i++) {
		struct step *p = gen_add(g, STEP_PLAIN);

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
		p = gen_add(g, STEP_RX);
		p->a[A_LEN] = 9100;
		gen_run(g, 600);
	}
}

/* Numbers that carry, byte by byte, in records of a few bytes. */
static void carries(struct gen *g)
{
	struct step *s = gen_card(g);
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
			gen_opened(g, s);
		}
	for (unsigned int i = 0; i < 320; i++) {
		unsigned int c = 1 + i % 32;

		s = gen_send(g, c, gen_cut(g, &g->conn[c]) % 200);
		/* every other connection's number becomes 0 right behind its third packet */
		sent[c] += s->a[A_LEN];
		if (i / 32 == 2 && c % 4 > 1 && sent[c])
			g->p->s[c].a[A_SEQ] = (uint32_t)-sent[c];
		if (gen_below(g, 10) == 0)
			gen_clock(g);
	}
}

/* Checksums: every length and start, odd and even, with and without TLS. */
static void sums(struct gen *g)
{
	struct step *card = gen_card(g);

	/* and so much at once that the completions do not fit */
	card->a[A_TX] = 9;
	card->a[A_CQ] = 6;
	gen_open(g, 0, 1, 0, MIX_WEB);
	gen_open(g, 1, 2, 1, MIX_1K);
	for (unsigned int len = 0; len < 128; len++) {
		struct step *s = gen_add(g, STEP_PLAIN);

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
		struct step *s = gen_add(g, STEP_PLAIN);

		s->a[A_LEN] = 60 + i % 7;
		if (i % 100 == 99) {
			plan_add(g->p, STEP_RING);
			gen_run(g, 20000);
		}
	}
}

/*
 * Seeks to every place of a record, with and without the tag, to every kind of end; with the stream going on between
 * them, and with contexts that were never written, are deleted, broken.
 */
static void seeks(struct gen *g)
{
	static const struct weights w = { .send = 30, .seek = 60, .plain = 4, .clock = 14, .disorder = 4, .fail = 2, .open = 2 };
	unsigned int n = 4 + gen_below(g, 5);
	struct step *s;

	gen_card(g);
	gen_send(g, 900, 100);
	gen_seek_to(g, 900, 0, 0, 50, 0);		/* never opened */
	for (unsigned int c = 0; c < n; c++) {
		s = gen_open(g, c, c * 5, c % 4, gen_below(g, 2) ? MIX_SMALL : gen_below(g, MIXES));
		s->a[A_TLS] = 12 + c % 2;
		s->a[A_AES] = 1 + c / 2 % 2;
		gen_opened(g, s);
		if (gen_below(g, 2))
			gen_send(g, c, gen_cut(g, &g->conn[c]));
	}
	for (unsigned int c = 0; c < n; c++)
		for (unsigned int place = 0; place < 46; place++) {
			unsigned int records = gen_below(g, 4) ? 0 : gen_below(g, 6), flags = gen_below(g, 2) ? PLAN_SEEK_TAG : 0;
			struct gen_conn *k = &g->conn[c];
			struct conn_record l;

			records = k->k > records ? records : k->k;
			l = conn_layout(&k->open, k->k - records);
			if (place >= l.whole)
				continue;
			if (gen_below(g, 2))
				gen_send(g, c, gen_cut(g, k) % 300);
			else
				gen_seek_to(g, c, records, place, 1 + gen_below(g, l.whole - place), flags | PLAN_SEEK_TAG);
			/* up to the end and over it */
			records = k->k > records ? records : k->k;
			l = conn_layout(&k->open, k->k - records);
			if (place < l.whole)
				gen_seek_to(g, c, records, place, l.whole - place + gen_below(g, 20) * gen_below(g, 10), PLAN_SEEK_TAG |
					    (gen_below(g, 2) ? PLAN_SEEK_CONTINUE : 0));
			if (gen_below(g, 4) == 0)
				gen_clock(g);
		}
	/* what must be refused, and records to come */
	for (unsigned int way = 0; way < 2; way++) {
		unsigned int c = n + way;

		s = gen_open(g, c, c * 5, way, MIX_BLOCKS);
		s->a[A_TLS] = 12 + way;
		gen_opened(g, s);
		gen_send(g, c, gen_below(g, 3) ? gen_distance(&g->conn[c], 1, 0, false) : 30);
		gen_wrong_seeks(g, c);
		gen_seek_ahead(g, c, gen_below(g, 3), 1 + gen_below(g, 100), 0);
		gen_seek_ahead(g, c, 0, 60, PLAN_SEEK_CONTINUE);
		gen_send(g, c, 100);
	}
	gen_some(g, &w, n, 250);
}

/* Packets of up to 64 KiB that are cut into frames, with all that can come between. */
static void segments(struct gen *g)
{
	static const struct weights w = {
		.large = 40, .send = 10, .seek = 12, .plain = 6, .clock = 16, .disorder = 2, .bad = 1, .fail = 3, .open = 3, .off = 1, .wire = 1
	};
	unsigned int n = 4 + gen_below(g, 5);
	struct step *s = gen_card(g);

	if (s->a[A_STALL] > 100000)
		s->a[A_STALL] = 20000;
	for (unsigned int c = 0; c < n; c++) {
		s = gen_open(g, c, c * 3, c % 4, gen_below(g, 3) ? MIX_FULL + gen_below(g, 2) : gen_below(g, MIXES));
		s->a[A_TLS] = 12 + c % 2;
		s->a[A_AES] = 1 + c / 2 % 2;
		gen_opened(g, s);
	}
	gen_some(g, &w, n, 120);
	s = gen_open(g, n, n * 3, 0, MIX_1K);
	gen_sizes(g, n, 0);
	/* a record that is none, a few frames behind the first */
	s = gen_open(g, n, n * 3, 0, MIX_1K);
	s->a[A_WRONG] = 1 + gen_below(g, WRONG_EMPTY);
	s->a[A_AT] = 2 + gen_below(g, 3);
	gen_opened(g, s);
	gen_large_of(g, n, 536, 6000);
	plan_add(g->p, STEP_SETTLE);
	gen_add(g, STEP_RESET);
}

/* A frame of each kind: plain and TLS, short and long, of a packet that is cut and not. */
static void each_frame(struct gen *g, unsigned int c)
{
	struct step *s;

	gen_send(g, c, 1 + gen_below(g, 500));
	gen_send(g, c, 5000);
	gen_large_of(g, c, 200, 1500);
	gen_large_of(g, c, 8948, 20000);
	for (int i = 0; i < 4; i++) {
		gen_large_plain(g, i);
		s = &g->p->s[g->p->n - 1];
		s->a[A_LEN] = i % 2 ? 5000 : gen_below(g, 1000);
		s->a[A_MSS] = i < 2 ? 0 : i % 2 ? 4000 : 100;
	}
	plan_add(g->p, STEP_RING);
}

/* What is sent comes back, for a while; RX is open, or filters, or takes short frames only, or none. */
static void loopback(struct gen *g)
{
	static const struct weights w = {
		.send = 40, .plain = 15, .large = 8, .seek = 6, .rx = 10, .post = 25, .clock = 26, .disorder = 4, .bad = 1, .off = 1,
		.reset = 2, .loop = 8, .wire = 1, .bus = 1, .conf = 1, .open = 2
	};
	struct step *s = gen_card(g);
	unsigned int n = 4 + gen_below(g, 5);

	s->a[A_RXR] = 8 + gen_below(g, 5);
	s->a[A_BUF] = 256 << gen_below(g, 4);
	if (s->a[A_STALL] > 100000)
		s->a[A_STALL] = 20000;
	open_some(g, n, -1);
	for (unsigned int way = 0; way < 5; way++) {
		gen_rxconf(g, way < 2);
		s = &g->p->s[g->p->n - 1];
		s->a[A_MAXF] = way == 3 ? 1000 : 9216;
		s->a[A_CTRL] |= TLSNIC_CTRL_RX_ENABLE | (way == 3 ? TLSNIC_CTRL_PROMISC : 0);
		if (way == 2)
			s->a[A_CTRL] &= ~(uint64_t)TLSNIC_CTRL_PROMISC;
		if (way == 4)
			s->a[A_CTRL] &= ~(uint64_t)TLSNIC_CTRL_RX_ENABLE;
		gen_loop(g, true);
		if (way)	/* the first time there is no buffer */
			fill_rx(g);
		plan_add(g->p, STEP_SETTLE);
		gen_open(g, n, 900 % g->contexts, 0, MIX_WEB);
		each_frame(g, n);
		gen_run(g, gen_below(g, 1000));
		if (gen_below(g, 2))
			plan_add(g->p, STEP_SETTLE);
		gen_rx(g);
		gen_loop(g, false);
		gen_run(g, gen_below(g, 200));
	}
	gen_rxconf(g, true);
	for (int i = 0; i < 8; i++) {
		fill_rx(g);
		gen_some(g, &w, n, 40);
	}
	for (int hard = 0; hard < 2; hard++) {
		gen_loop(g, true);
		each_frame(g, n);
		gen_reset(g, hard, n);
	}
}

static const struct profile {
	const char *name;
	void (*make)(struct gen *g);
	uint32_t features;	/* it is about these */
} profiles[] = {
	{ "cuts", cuts }, { "mixed", mixed }, { "thousand", thousand }, { "large", large }, { "orders", orders }, { "slots", slots },
	{ "rx", from_wire }, { "storm", storm }, { "faults", faults }, { "laps", laps }, { "carries", carries }, { "sums", sums },
	{ "seeks", seeks, TLSNIC_FEAT_TLS_SEEK }, { "segments", segments, TLSNIC_FEAT_TSO }, { "loopback", loopback },
};

const char *const plan_profiles[] = {
	"cuts", "mixed", "thousand", "large", "orders", "slots", "rx", "storm", "faults", "laps", "carries", "sums", "seeks",
	"segments", "loopback", NULL
};

#define PROFILES	(sizeof(profiles) / sizeof(profiles[0]))

uint32_t plan_features(const char *profile)
{
	for (unsigned int i = 0; i < PROFILES; i++)
		if (!strcmp(profiles[i].name, profile))
			return profiles[i].features;
	return 0;
}

/* With or without tags, and of which records: in any profile, and nothing else in it changes. */
static void draw_tags(struct plan *p, uint64_t seed)
{
	static const uint32_t least[] = { 0, 0, 24, 48, 256, 1024, 16384, 0xffff };
	struct rng r = rng_seed(seed ^ 0x7a65);

	if (rng_below(&r, 4))
		p->s[0].a[A_TAGS] = 1 + least[rng_below(&r, 8)];
}

/* Interrupt moderation that changes in the middle of it: in any profile, and nothing else in it changes. */
static void draw_moderation(struct plan *p, uint64_t seed)
{
	struct rng r = rng_seed(seed ^ 0x30de);
	struct plan with = { 0 };

	if (rng_below(&r, 2))
		return;
	for (unsigned int i = 0; i < p->n; i++) {
		*plan_add(&with, p->s[i].op) = p->s[i];
		if (rng_below(&r, 30) == 0) {
			struct step *s = plan_add(&with, STEP_MODERATE);

			s->a[A_Q] = rng_below(&r, PLAN_QUEUES);
			s->a[A_ICYC] = rng_below(&r, 2) ? rng_below(&r, 3000) : 0;
			s->a[A_ICNT] = rng_below(&r, 2) ? rng_below(&r, 9) : 0;
			s->a[A_N] = rng_below(&r, 2) ? rng_below(&r, 1000) : 0;
		}
	}
	plan_free(p);
	*p = with;
}

int plan_make(struct plan *p, const char *profile, uint64_t seed, unsigned int contexts, uint32_t features)
{
	for (unsigned int i = 0; i < PROFILES; i++) {
		struct gen *g;

		if (strcmp(profile, "any") ? strcmp(profiles[i].name, profile) : seed % PROFILES != i)
			continue;
		g = calloc(1, sizeof(*g));
		if (!g)
			abort();
		g->p = p;
		g->contexts = contexts;
		g->features = features;
		g->rng = rng_seed(seed * 16 + i);
		profiles[i].make(g);
		if (features & TLSNIC_FEAT_TLS_SEEK)
			draw_tags(p, seed);
		draw_moderation(p, seed);
		free(g);
		return 0;
	}
	return -1;
}
