// SPDX-License-Identifier: BSD-2-Clause
//
// What must never leave the card: a packet marked for encryption that cannot be
// encrypted, and a key.
//
// Each case forces one reason. The packet must be dropped with its status and counted,
// no byte of plaintext may be on the wire, and a connection beside it goes on.

#include <errno.h>

#include "card_tls.h"

static struct card c;
static struct tls_conn conn[4];		/* 0: the case's own; 1: the one beside it */
static unsigned int counted;		/* statistic that must move */

#define BAD	(&conn[0])
#define GOOD	(&conn[1])

static void start(uint8_t version, const struct tlsnic_sim_options *opt)
{
	card_new(&c, opt);
	for (unsigned int q = 0; q < c.queues; q++)
		card_queue_on(&c, q, 8, 6, 10, 2048);
	card_enable(&c, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
	tls_conn_init(&c, BAD, version, TLSNIC_CIPHER_AES_GCM_128, 7, 3000, 0);
	tls_conn_init(&c, GOOD, TLSNIC_TLS_1_2, TLSNIC_CIPHER_AES_GCM_256, 8, 3001, 0);
	for (int i = 0; i < 8; i++) {
		tls_conn_record(&c, BAD, 700);
		tls_conn_record(&c, GOOD, 300);
	}
	tls_conn_write_ctx(&c, GOOD);
}

/*
 * Posts the next packets of both connections. The bad one's must be refused
 * with this status, the other's must not.
 */
static void refused(const char *why, unsigned int status, uint32_t len, const struct tls_opts *o)
{
	struct tls_opts hidden = { 0 };
	uint64_t drops = card_stat(&c, counted);
	struct tlsnic_cpl_tx first;
	unsigned int cpls;

	if (o)
		hidden = *o;
	hidden.hidden = true;
	card_ring(&c, 0);
	card_settle(&c);
	cpls = c.q[0].tx_cpls;
	tls_conn_send(&c, BAD, len, &hidden);
	card_ring(&c, 0);
	card_settle(&c);
	first = c.last_tx;
	if (c.q[0].tx_cpls != cpls + 1 || first.status != status || first.ctx != BAD->ref.ctx.ctx)
		tap_fail("%s: %u completions, the last with status %u and context %u; expected status %u and context %u",
			 why, c.q[0].tx_cpls - cpls, first.status, first.ctx, status, BAD->ref.ctx.ctx);
	if (card_stat(&c, counted) != drops + 1)
		tap_fail("%s: statistic %u went from %llu to %llu", why, counted, (unsigned long long)drops,
			 (unsigned long long)card_stat(&c, counted));
	tls_conn_send(&c, GOOD, 100, NULL);
	card_ring(&c, 0);
	card_settle(&c);
	tls_conn_no_plaintext(&c, BAD);
	tls_conns_check(&c, conn, 2, true);
	if (tap.failures)
		tap_fail("the case: %s, TLS 1.%u", why, BAD->ref.ctx.version - 10);
}

static void finish(void)
{
	card_ring(&c, 0);
	card_settle(&c);
	tls_conn_no_plaintext(&c, BAD);
	tls_conns_check(&c, conn, 2, true);
	for (int i = 0; i < 4; i++)
		tls_conn_free(&conn[i]);
	card_free(&c);
}

static void no_context(uint8_t version)
{
	uint32_t contexts;

	start(version, NULL);
	contexts = card_rd(&c, TLSNIC_REG_CONTEXTS);
	counted = TLSNIC_STAT_TLS_DROP_CTX;
	refused("never written", TLSNIC_STATUS_TLS_CTX, 300, NULL);
	tls_conn_write_ctx(&c, BAD);
	BAD->at = 0;
	tls_conn_send(&c, BAD, 300, NULL);	/* in the middle of a record */
	card_ctx_delete(&c, 0, 7);
	refused("deleted", TLSNIC_STATUS_TLS_CTX, 300, NULL);
	card_ctx_delete(&c, 0, 7);		/* once more does no harm */
	refused("deleted twice", TLSNIC_STATUS_TLS_CTX, 300, NULL);
	for (uint32_t far = contexts; far; far <<= 1) {
		BAD->ref.ctx.ctx = far | 8;	/* 8 is a context that is valid */
		refused("out of range", TLSNIC_STATUS_TLS_CTX, 10, NULL);
	}
	BAD->ref.ctx.ctx = 7;
	finish();
}

/* A context item that makes no sense has a status and no other effect. */
static void wrong_item(const char *name, uint8_t cipher, uint8_t version, uint32_t ctx, bool delete)
{
	struct tlsnic_txd_ctx x = BAD->ref.ctx;

	x.flags = 0;	/* the completion comes all the same */
	x.cipher = cipher;
	x.version = version;
	x.ctx = ctx;
	if (delete)
		card_ctx_delete(&c, 0, ctx);
	else
		card_ctx_write(&c, 0, &x, BAD->ref.key);
	card_ring(&c, 0);
	card_settle(&c);
	tap_u64("status of the context item", c.last_tx.status, TLSNIC_STATUS_TLS_CTX);
	tap_u64("its context", c.last_tx.ctx, ctx);
	if (tap.failures)
		tap_fail("the case: %s", name);
}

static void wrong_context(uint8_t version)
{
	static const struct {
		const char *name;
		uint8_t cipher, version;
	} cases[] = {
		{ "cipher 0", 0, TLSNIC_TLS_1_2 }, { "cipher 3", 3, TLSNIC_TLS_1_3 }, { "cipher 255", 255, TLSNIC_TLS_1_2 },
		{ "version 0", 1, 0 }, { "version 11", 1, 11 }, { "version 14", 2, 14 }, { "version 255", 2, 255 },
	};
	uint32_t contexts;

	start(version, NULL);
	contexts = card_rd(&c, TLSNIC_REG_CONTEXTS);
	counted = TLSNIC_STAT_TLS_DROP_CTX;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]) && !tap.failures; i++) {
		wrong_item(cases[i].name, cases[i].cipher, cases[i].version, 7, false);
		refused(cases[i].name, TLSNIC_STATUS_TLS_CTX, 200, NULL);
	}
	for (uint32_t far = contexts; far; far <<= 1) {
		wrong_item("out of range", 1, version, far | 7, false);
		refused("context out of range was written", TLSNIC_STATUS_TLS_CTX, 10, NULL);
	}
	tls_conn_write_ctx(&c, BAD);
	BAD->at = 0;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]) && !tap.failures; i++) {
		tls_conn_send(&c, BAD, 200, NULL);
		wrong_item(cases[i].name, cases[i].cipher, cases[i].version, 7, false);
	}
	for (uint32_t far = contexts; far; far <<= 1) {
		tls_conn_send(&c, BAD, 70, NULL);
		wrong_item("out of range", 1, version, far | 7, false);
		wrong_item("deleted out of range", 1, version, far | 7, true);
	}
	finish();
}

/* The stream goes on afterwards: the context is as it was. */
static void wrong_sequence(uint8_t version)
{
	static const uint32_t offs[] = { 1, -1, 100, -100, 1448, 0x80000000, 0x7fffffff, 0x10000 };

	start(version, NULL);
	counted = TLSNIC_STAT_TLS_DROP_SEQ;
	tls_conn_write_ctx(&c, BAD);
	for (size_t i = 0; i < sizeof(offs) / sizeof(offs[0]) && !tap.failures; i++) {
		struct tls_opts o = { .seq_off = offs[i] };
		uint32_t at = BAD->at;

		refused("sequence number", TLSNIC_STATUS_TLS_SEQ, 300, &o);
		BAD->at = at;
		tls_conn_send(&c, BAD, 250, NULL);
		card_ring(&c, 0);
		card_settle(&c);
		/* the same segment again: it would use its keystream twice */
		at = BAD->at;
		BAD->at -= 250;
		refused("retransmission", TLSNIC_STATUS_TLS_SEQ, 250, NULL);
		BAD->at = at;
	}
	finish();
}

/* A header that is not one: this packet and all that follow, until the context is written again. */
static void wrong_record(uint8_t version)
{
	static const struct {
		const char *name;
		unsigned int at;
		uint8_t flip;
	} cases[] = {
		{ "major version", 1, 1 }, { "minor version", 2, 2 }, { "length too small", 3, 0 },
		{ "explicit nonce, first byte", 5, 0x80 }, { "explicit nonce, last byte", 12, 1 },
	};

	for (size_t i = 0; i < (version == TLSNIC_TLS_1_2 ? 5u : 3u) && !tap.failures; i++)
		for (unsigned int where = 0; where < 3 && !tap.failures; where++) {
			uint32_t record, first;
			uint8_t *h;

			start(version, NULL);
			tls_conn_write_ctx(&c, BAD);
			/* the second record's header: behind the first record, cut by packets, or leading one */
			record = BAD->ref.len / 8;
			h = BAD->ref.down + record;
			if (cases[i].at == 3) {
				h[3] = 0;
				h[4] = version == TLSNIC_TLS_1_2 ? 23 : 16;
			} else {
				h[cases[i].at] ^= cases[i].flip;
			}
			first = where == 0 ? record - 50 : where == 1 ? record + 1 + card_rnd(&c, cases[i].at > 4 ? 12 : 2) : record;
			if (where == 1 && cases[i].at < 5 && first > record + cases[i].at)
				first = record + cases[i].at;
			if (where == 1 && cases[i].at > 4 && first > record + cases[i].at)
				first = record + cases[i].at;
			tls_conn_send(&c, BAD, first, NULL);
			card_ring(&c, 0);
			card_settle(&c);
			if (where == 1) {
				/* what has left is the header as it was handed down: it is no secret */
				struct frame *f = &BAD->expect.f[BAD->expect.count - 1];

				if (c.out.count == 1 && c.out.f[0].len == f->len)
					memcpy(f->data, c.out.f[0].data, f->len);
			}
			counted = TLSNIC_STAT_TLS_DROP_RECORD;
			refused(cases[i].name, TLSNIC_STATUS_TLS_RECORD, 400, NULL);
			counted = TLSNIC_STAT_TLS_DROP_BROKEN;
			for (int k = 0; k < 3; k++)
				refused("broken", TLSNIC_STATUS_TLS_BROKEN, 300, NULL);
			/* written again it is as new */
			tls_conn_free(BAD);
			tls_conn_init(&c, BAD, version, TLSNIC_CIPHER_AES_GCM_256, 7, 3000, 0);
			tls_conn_record(&c, BAD, 500);
			tls_conn_write_ctx(&c, BAD);
			tls_conn_send(&c, BAD, 1000, NULL);
			finish();
		}
}

/* The host's memory fails inside of the packet; the stream may not go on behind a hole. */
static void failed_read(uint8_t version)
{
	start(version, NULL);
	tls_conn_write_ctx(&c, BAD);
	tls_conn_send(&c, BAD, 333, NULL);
	card_ring(&c, 0);
	card_settle(&c);
	counted = TLSNIC_STAT_TX_DROP_DMA;
	for (int i = 0; i < 10 && !tap.failures; i++) {
		struct tls_opts o = { .hidden = true, .segs = 1 };
		uint64_t lost = card_stat(&c, counted);
		struct tlsnic_txd_packet slot;
		uint32_t at = BAD->at;

		tls_conn_send(&c, BAD, 900, &o);
		memcpy(&slot, card_ptr(&c, c.q[0].tx + ((c.q[0].tx_tail - 1) & 255) * 32), 32);
		c.fail_from = slot.addr + card_rnd(&c, slot.len);
		c.fail_to = c.fail_from + 1;
		card_ring(&c, 0);
		card_settle(&c);
		c.fail_from = c.fail_to = 0;
		tap_u64("status", c.last_tx.status, TLSNIC_STATUS_DMA);
		tap_u64("statistics: lost", card_stat(&c, counted), lost + 1);
		tls_conn_no_plaintext(&c, BAD);
		/* the bytes behind the hole may not leave: their place in the record is unknown */
		o.segs = 0;
		tls_conn_send(&c, BAD, 100, &o);
		card_ring(&c, 0);
		card_settle(&c);
		if (c.last_tx.status != TLSNIC_STATUS_TLS_SEQ && c.last_tx.status != TLSNIC_STATUS_TLS_BROKEN)
			tap_fail("behind the hole: expected status %u or %u, got %u", TLSNIC_STATUS_TLS_SEQ,
				 TLSNIC_STATUS_TLS_BROKEN, c.last_tx.status);
		tls_conn_no_plaintext(&c, BAD);
		tls_conn_send(&c, GOOD, 100, NULL);
		/* take up the stream where it was */
		BAD->at = at;
		if (c.last_tx.status == TLSNIC_STATUS_TLS_BROKEN) {
			tls_conns_check(&c, conn, 2, false);
			break;
		}
		tls_conn_send(&c, BAD, 60, NULL);
		card_ring(&c, 0);
		card_settle(&c);
		tls_conns_check(&c, conn, 2, true);
	}
	finish();
}

/* Descriptors that are wrong and marked TLS. */
static void wrong_descriptor(uint8_t version)
{
	for (int i = 0; i < 6 && !tap.failures; i++) {
		struct tlsnic_txd_packet *slot;
		struct tls_opts o = { .hidden = true, .segs = i == 5 ? 3 : 1 };
		uint32_t at;
		bool halts = i >= 4;

		start(version, NULL);
		tls_conn_write_ctx(&c, BAD);
		tls_conn_send(&c, BAD, 100, NULL);
		card_ring(&c, 0);
		card_settle(&c);
		at = BAD->at;
		tls_conn_send(&c, BAD, 500, &o);
		slot = card_ptr(&c, c.q[0].tx + ((c.q[0].tx_tail - (i == 5 ? 3 : 1)) & 255) * 32);
		switch (i) {
		case 0: slot->stream_offset = slot->len + 1; break;
		case 1: slot->stream_offset = 65535; break;
		case 2: slot->csum_start = slot->len; break;
		case 3: slot->mss = TLSNIC_TSO_MIN_MSS - 1; break;
		case 4: slot->op = TLSNIC_TXD_SEGMENT; break;
		case 5: slot[1].op = 9; break;
		}
		card_ring(&c, 0);
		card_settle(&c);
		if (!halts)
			tap_u64("status", c.last_tx.status, TLSNIC_STATUS_DESC);
		else
			tap_u64("CTRL", card_rd(&c, card_qreg(0, TLSNIC_Q_TX_CTRL)) & TLSNIC_Q_HALTED, TLSNIC_Q_HALTED);
		tls_conn_no_plaintext(&c, BAD);
		tap_u64("frames", c.out.count, 1);
		if (halts) {
			card_queue_off(&c, 0);
			card_queue_on(&c, 0, 8, 6, 10, 2048);
		}
		/* the context has not moved */
		BAD->at = at;
		tls_conn_send(&c, BAD, 500, NULL);
		tls_conn_send(&c, GOOD, 500, NULL);
		finish();
		if (tap.failures)
			tap_fail("in case %d", i);
	}
}

/* A key slot that cannot be read, or is not there: packets behind it do not leave. */
static void lost_key(void)
{
	for (int i = 0; i < 2; i++) {
		struct tls_opts o = { .hidden = true };

		start(TLSNIC_TLS_1_2, NULL);
		card_ring(&c, 0);
		card_settle(&c);
		if (i == 0) {
			c.fail_from = c.q[0].tx + (c.q[0].tx_tail & 255) * 32;
			c.fail_to = c.fail_from + 64;
			tls_conn_write_ctx(&c, BAD);
		} else {
			struct tlsnic_txd_ctx x = BAD->ref.ctx;

			x.op = TLSNIC_TXD_CTX_WRITE;
			card_slot(&c, 0, &x);
			card_ring(&c, 0);
		}
		card_run(&c);
		tls_conn_send(&c, BAD, 500, &o);
		card_ring(&c, 0);
		card_settle(&c);
		c.fail_from = c.fail_to = 0;
		tap_u64("CTRL", card_rd(&c, card_qreg(0, TLSNIC_Q_TX_CTRL)) & TLSNIC_Q_HALTED, TLSNIC_Q_HALTED);
		tap_u64("frames", c.out.count, 0);
		card_queue_off(&c, 0);
		card_queue_on(&c, 0, 8, 6, 10, 2048);
		BAD->at = 0;
		counted = TLSNIC_STAT_TLS_DROP_CTX;
		refused("no key", TLSNIC_STATUS_TLS_CTX, 500, NULL);
		finish();
	}
}

/* A reset at any moment: what has left is right, nothing follows, and no context survives. */
static void reset_in_between(uint8_t version)
{
	struct tlsnic_sim_options opt = { .seed = tap.seed, .latency_max = 100, .stall_ppm = 50000 };

	start(version, &opt);
	for (int round = 0; round < 60 && !tap.failures; round++) {
		BAD->at = GOOD->at = 0;
		BAD->seen = GOOD->seen = 0;
		frames_clear(&BAD->expect);
		frames_clear(&GOOD->expect);
		frames_clear(&c.out);
		if (round)
			tls_conn_write_ctx(&c, GOOD);
		tls_conn_write_ctx(&c, BAD);
		while (BAD->at < BAD->ref.len) {
			tls_conn_send(&c, BAD, 300 + card_rnd(&c, 600), NULL);
			tls_conn_send(&c, GOOD, 200, NULL);
		}
		card_ring(&c, 0);
		card_cycles(&c, card_rnd(&c, 1500));
		if (round % 4 == 3) {
			tlsnic_sim_reset(c.sim);
			while (!(card_rd(&c, TLSNIC_REG_STATUS) & TLSNIC_STATUS_READY))
				;
		} else {
			card_reset(&c);
		}
		c.no_access = true;
		card_run(&c);
		c.no_access = false;
		tls_conns_check(&c, conn, 2, false);
		c.brk = CARD_MEM_BASE;
		for (unsigned int q = 0; q < c.queues; q++)
			card_queue_on(&c, q, 8, 6, 10, 2048);
		card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
		counted = TLSNIC_STAT_TLS_DROP_CTX;
		for (uint32_t ctx = 7; ctx <= 8; ctx++) {
			struct tls_opts o = { .hidden = true };

			tls_conn_send(&c, &conn[ctx - 7], 100, &o);
			card_ring(&c, 0);
			card_settle(&c);
			tap_u64("status of a packet whose context the reset took", c.last_tx.status, TLSNIC_STATUS_TLS_CTX);
		}
		tap_u64("frames after the reset", c.out.count, 0);
	}
	frames_clear(&BAD->expect);
	frames_clear(&GOOD->expect);
	BAD->seen = GOOD->seen = 0;
	finish();
}

// ---- keys -------------------------------------------------------------------

/* All bits of the model, to be searched at every bit position. */
static uint8_t *state;
static size_t state_len, state_room;

static void piece(void *opaque, const void *data, size_t len)
{
	if (state_len + len > state_room) {
		state_room = 2 * state_room + len;
		state = realloc(state, state_room);
	}
	memcpy(state + state_len, data, len);
	state_len += len;
}

/* 8 bytes as they may stand in a vector: as they are, or each 4, 8 or 16 the other way round. */
static uint64_t window(const uint8_t *p, unsigned int turn)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < 8; i++)
		v |= (uint64_t)p[turn ? i ^ (turn - 1) : i] << 8 * i;
	return v;
}

struct secret {
	uint8_t bytes[240];
	unsigned int len;
	const char *name;
};

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/*
 * How many windows of 8 bytes of the secrets stand in the model, at any bit
 * position. (A chance hit needs 64 bits to agree.)
 */
static unsigned int find(const struct secret *s, unsigned int n, const char **what, size_t *where)
{
	static uint64_t sorted[20000];
	unsigned int count = 0, hits = 0;

	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k + 8 <= s[i].len; k += 4)
			for (unsigned int turn = 0; turn <= 8; turn = turn ? turn * 2 : 4) {
				uint64_t w = window(s[i].bytes + k, turn);

				if (w && count < 20000)
					sorted[count++] = w;
			}
	qsort(sorted, count, sizeof(sorted[0]), compare);
	state_len = 0;
	*what = "";
	if (tlsnic_sim_dump_state(c.sim, piece, NULL)) {
		tap_fail("the model does not give its state");
		return 0;
	}
	for (size_t at = 0; at + 9 <= state_len; at++) {
		uint64_t low;

		memcpy(&low, state + at, 8);
		for (unsigned int bit = 0; bit < 8; bit++) {
			uint64_t v = bit ? low >> bit | (uint64_t)state[at + 8] << (64 - bit) : low;

			if (!v || !bsearch(&v, sorted, count, sizeof(v), compare))
				continue;
			hits++;
			*where = at;
			for (unsigned int i = 0; i < n; i++)
				for (unsigned int k = 0; k + 8 <= s[i].len; k += 4)
					for (unsigned int turn = 0; turn <= 8; turn = turn ? turn * 2 : 4)
						if (window(s[i].bytes + k, turn) == v)
							*what = s[i].name;
		}
	}
	return hits;
}

/* Everything that follows from a connection's key and must go with it. */
static unsigned int secrets(const struct tls_conn *t, struct secret *s)
{
	unsigned int bytes = t->ref.ctx.cipher == TLSNIC_CIPHER_AES_GCM_256 ? 32 : 16;

	s[0].name = "key schedule";
	s[0].len = 4 * tls_ref_schedule(t->ref.key, bytes, s[0].bytes);
	s[1].name = "hash key";
	s[1].len = 16;
	memcpy(s[1].bytes, t->ref.h, 16);
	s[2].name = "hash key, bits turned";
	s[2].len = 16;
	for (int i = 0; i < 16; i++) {
		s[2].bytes[15 - i] = 0;
		for (int b = 0; b < 8; b++)
			s[2].bytes[15 - i] |= (t->ref.h[i] >> b & 1) << (7 - b);
	}
	/* TLS 1.2 puts the IV into each record for all to see */
	s[3].name = "salt and IV";
	s[3].len = t->ref.ctx.version == TLSNIC_TLS_1_2 ? 8 : 12;
	memcpy(s[3].bytes, t->ref.ctx.salt, 12);
	return 4;
}

static void expect_secrets(const char *when, const struct tls_conn *t, bool there)
{
	struct secret s[4];
	const char *what;
	size_t where = 0;
	unsigned int n = secrets(t, s), hits;

	/* key alone, for "there": the rest may not be kept as it is here */
	hits = find(s, n, &what, &where);
	if (there && !hits)
		tap_fail("%s: the key is nowhere in the model, so this test would see nothing", when);
	if (!there && hits)
		tap_fail("%s: %u windows of 8 bytes are left in the model, one of the %s at byte %zu of %zu",
			 when, hits, what, where, state_len);
}

static void keys(void)
{
	static struct tls_conn t[8];

	card_new(&c, NULL);
	for (int round = 0; round < 6 && !tap.failures; round++) {
		c.brk = CARD_MEM_BASE;
		for (unsigned int q = 0; q < c.queues; q++)
			card_queue_on(&c, q, 8, 6, 10, 2048);
		card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
		for (int i = 0; i < 8; i++) {
			tls_conn_init(&c, &t[i], i & 1 ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3, 1 + i / 2 % 2, 10 + i, 3000 + i,
				      i % c.queues);
			/* sn and iv are not random noise only: they must go, too */
			tls_conn_record(&c, &t[i], 600);
			tls_conn_write_ctx(&c, &t[i]);
			if (round)
				tls_conn_send(&c, &t[i], 100 + 80 * i, NULL);	/* a record half done */
			if (round > 1)
				tls_conn_send(&c, &t[i], 1000, NULL);
		}
		for (unsigned int q = 0; q < c.queues; q++)
			card_ring(&c, q);
		card_settle(&c);
		for (int i = 0; i < 8; i++)
			expect_secrets("in use", &t[i], true);
		if (round % 3 == 2) {
			card_reset(&c);
			card_run(&c);
			for (int i = 0; i < 8; i++)
				expect_secrets("after reset", &t[i], false);
		} else {
			for (int i = 0; i < 8; i++)
				card_ctx_delete(&c, t[i].queue, t[i].ref.ctx.ctx);
			for (unsigned int q = 0; q < c.queues; q++)
				card_ring(&c, q);
			card_settle(&c);
			for (int i = 0; i < 8; i++)
				expect_secrets("after deletion", &t[i], false);
			card_reset(&c);
		}
		for (int i = 0; i < 8; i++)
			tls_conn_free(&t[i]);
		frames_clear(&c.out);
	}
	card_free(&c);
}

/* A reset while keys are on their way: in the rings, the pipes, the contexts. */
static void keys_in_flight(void)
{
	struct tlsnic_sim_options opt = { .seed = tap.seed, .latency_max = 50, .stall_ppm = 30000 };
	static struct tls_conn t[4];

	card_new(&c, &opt);
	for (int round = 0; round < 40 && !tap.failures; round++) {
		c.brk = CARD_MEM_BASE;
		for (unsigned int q = 0; q < c.queues; q++)
			card_queue_on(&c, q, 8, 6, 10, 2048);
		card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
		for (int i = 0; i < 4; i++) {
			tls_conn_init(&c, &t[i], i & 1 ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3, 1 + i / 2 % 2, 10 + i, 3000 + i,
				      i % c.queues);
			tls_conn_record(&c, &t[i], 3000);
			for (int k = 0; k < 3; k++) {
				tls_conn_write_ctx(&c, &t[i]);
				t[i].at = 0;
				tls_conn_send(&c, &t[i], 500, NULL);
				tls_conn_send(&c, &t[i], 500, NULL);
			}
		}
		for (unsigned int q = 0; q < c.queues; q++)
			card_ring(&c, q);
		card_cycles(&c, card_rnd(&c, 700));
		if (round % 2) {
			card_reset(&c);
		} else {	/* or the rings are turned off, and the contexts deleted through others */
			for (unsigned int q = 0; q < c.queues; q++) {
				card_queue_off(&c, q);
				card_reap(&c, q, ~0u);
			}
			card_queue_on(&c, 0, 8, 6, 10, 2048);
			for (int i = 0; i < 4; i++)
				card_ctx_delete(&c, 0, 10 + i);
			card_ring(&c, 0);
		}
		card_settle(&c);
		for (int i = 0; i < 4; i++) {
			expect_secrets(round % 2 ? "after reset" : "after deletion", &t[i], false);
			tls_conn_free(&t[i]);
		}
		card_reset(&c);
		frames_clear(&c.out);
	}
	card_free(&c);
}

/* No register gives any of it. */
static void keys_in_registers(void)
{
	struct tls_conn *t = &conn[0];
	uint32_t words[0x4000];
	struct secret s[4];
	unsigned int n;

	card_new(&c, NULL);
	card_queue_on(&c, 0, 8, 6, 10, 2048);
	card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
	tls_conn_init(&c, t, TLSNIC_TLS_1_2, TLSNIC_CIPHER_AES_GCM_256, 3, 3000, 0);
	tls_conn_record(&c, t, 600);
	tls_conn_write_ctx(&c, t);
	tls_conn_send(&c, t, 100, NULL);
	card_ring(&c, 0);
	card_settle(&c);
	n = secrets(t, s);
	for (uint32_t reg = 0; reg < TLSNIC_BAR0_SIZE; reg += 4)
		words[reg / 4] = card_rd(&c, reg);
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k + 4 <= s[i].len; k += 4)
			for (uint32_t r = 0; r < 0x4000; r++) {
				uint32_t w;

				memcpy(&w, s[i].bytes + k, 4);
				if (words[r] && (words[r] == w || words[r] == __builtin_bswap32(w)))
					tap_fail("register 0x%x holds a word of the %s", 4 * r, s[i].name);
			}
	tls_conn_free(t);
	card_free(&c);
}

static void both(const char *name, void (*test)(uint8_t version))
{
	static const uint8_t versions[] = { TLSNIC_TLS_1_2, TLSNIC_TLS_1_3 };
	char full[100];

	for (int v = 0; v < 2; v++) {
		snprintf(full, sizeof(full), "%s, TLS 1.%u", name, versions[v] - 10);
		TAP_RUN(full, test(versions[v]));
	}
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	both("no context", no_context);
	both("context items that make no sense", wrong_context);
	both("sequence number", wrong_sequence);
	both("record header", wrong_record);
	both("host memory fails", failed_read);
	both("descriptors are wrong", wrong_descriptor);
	TAP_RUN("key slot is lost", lost_key());
	both("reset in between", reset_in_between);
	TAP_RUN("keys after deletion and reset", keys());
	TAP_RUN("keys on their way", keys_in_flight());
	TAP_RUN("keys in registers", keys_in_registers());
	free(state);
	return tap_end();
}
