// SPDX-License-Identifier: BSD-2-Clause
//
// TLS streams through the whole card, against libcrypto. TLSNIC_STREAMS sets how
// many random ones (default 2000).

#include "card_tls.h"

#define CONNS	256

static struct card c;
static struct tls_conn conn[CONNS];

static void start(const struct tlsnic_sim_options *opt)
{
	card_new(&c, opt);
	for (unsigned int q = 0; q < c.queues; q++)
		card_queue_on(&c, q, 8, 6, 10, 2048);
	card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
}

static void finish(unsigned int n)
{
	card_settle(&c);
	tls_conns_check(&c, conn, n, true);
	for (unsigned int i = 0; i < n; i++)
		tls_conn_free(&conn[i]);
}

/* Posts all of a stream in packets of size bytes, with the clock running when the ring is full. */
static void send_all(struct tls_conn *t, uint32_t size)
{
	while (t->at < t->ref.len && !tap.failures) {
		while (card_tx_room(&c, t->queue) > 20 && t->at < t->ref.len)
			tls_conn_send(&c, t, size, NULL);
		card_ring(&c, t->queue);
		if (t->at < t->ref.len) {
			card_cycles(&c, 2000);
			card_reap(&c, t->queue, ~0u);
		}
	}
}

static const uint8_t versions[] = { TLSNIC_TLS_1_2, TLSNIC_TLS_1_3 };

/* Record sizes, segment sizes, ciphers and versions, one stream each. */
static void sizes(void)
{
	static const uint32_t records[] = { 0, 1, 15, 16, 17, 100, 1400, 4096, 16383, 16384 };
	static const uint32_t mss[] = { 536, 1448, 8948 };
	unsigned int n = 0;
	uint64_t total = 0, ends = 0;

	start(NULL);
	for (int v = 0; v < 2; v++)
		for (int cipher = 1; cipher <= 2; cipher++)
			for (size_t r = 0; r < sizeof(records) / sizeof(records[0]); r++)
				for (size_t m = 0; m < 3 && !tap.failures; m++) {
					struct tls_conn *t = &conn[0];
					unsigned int k = records[r] < 100 ? 40 : records[r] < 5000 ? 10 : 4;

					tls_conn_init(&c, t, versions[v], cipher, n % 256, 1000 + n, n % c.queues);
					tls_conn_write_ctx(&c, t);
					for (unsigned int i = 0; i < k; i++)
						tls_conn_record(&c, t, records[r]);
					send_all(t, mss[m]);
					total += t->ref.len;
					ends += k;
					n++;
					finish(1);
					if (tap.failures)
						tap_fail("the case: TLS 1.%u, AES-%u, records of %u, segments of %u",
							 versions[v] - 10, cipher * 128, records[r], mss[m]);
				}
	tap_u64("statistics: bytes", card_stat(&c, TLSNIC_STAT_TLS_BYTES), total);
	tap_u64("statistics: records", card_stat(&c, TLSNIC_STAT_TLS_RECORDS), ends);
	tap_u64("statistics: packets", card_stat(&c, TLSNIC_STAT_TLS_PACKETS), card_stat(&c, TLSNIC_STAT_TX_FRAMES));
	tap_u64("statistics: contexts", card_stat(&c, TLSNIC_STAT_TLS_CTX_WRITES), n);
	card_free(&c);
}

/* Two segments, cut at every byte of two short records; then three with every pair of near cuts. */
static void every_cut(void)
{
	start(NULL);
	for (int v = 0; v < 2; v++)
		for (int cipher = 1; cipher <= 2; cipher++) {
			uint32_t whole = 2;

			for (uint32_t cut = 1; cut < whole && !tap.failures; cut++) {
				struct tls_conn *t = &conn[0];

				tls_conn_init(&c, t, versions[v], cipher, cut % 256, 2000, cut % c.queues);
				tls_conn_write_ctx(&c, t);
				tls_conn_record(&c, t, 37);
				tls_conn_record(&c, t, 64);
				whole = t->ref.len;
				tls_conn_send(&c, t, cut, NULL);
				tls_conn_send(&c, t, 1 + cut % 35, NULL);
				tls_conn_send(&c, t, whole, NULL);
				card_ring(&c, t->queue);
				finish(1);
				if (tap.failures)
					tap_fail("the case: TLS 1.%u, AES-%u, cut at %u", versions[v] - 10, cipher * 128, cut);
			}
		}
	card_free(&c);
}

/* Byte by byte: every state of a record is kept between two packets. */
static void single_bytes(void)
{
	start(NULL);
	for (int v = 0; v < 2; v++) {
		tls_conn_init(&c, &conn[0], versions[v], 1 + v, 7, 2000, v);
		tls_conn_write_ctx(&c, &conn[0]);
		for (uint32_t len = 0; len < 40; len += 1 + card_rnd(&c, 8))
			tls_conn_record(&c, &conn[0], len);
		send_all(&conn[0], 1);
		finish(1);
	}
	card_free(&c);
}

static uint32_t random_len(void)
{
	switch (card_rnd(&c, 8)) {
	case 0: return card_rnd(&c, 2);
	case 1: return 16 * card_rnd(&c, 8) + card_rnd(&c, 3);
	case 2: return card_rnd(&c, 16385);
	case 3: return card_rnd(&c, 3000);
	default: return card_rnd(&c, 200);
	}
}

static uint32_t random_cut(void)
{
	switch (card_rnd(&c, 6)) {
	case 0: return 1 + card_rnd(&c, 16);
	case 1: return 1448;
	case 2: return 1 + card_rnd(&c, 8900);
	default: return 1 + card_rnd(&c, 300);
	}
}

/* Streams of chance: any number of connections, any cut, any interleaving, some without TLS between. */
static void random_streams(unsigned int want, const struct tlsnic_sim_options *opt)
{
	unsigned int streams = 0;

	start(opt);
	for (unsigned int round = 0; streams < want && !tap.failures; round++) {
		unsigned int n = 1 + card_rnd(&c, card_rnd(&c, 4) ? 6 : 40), left = n;
		uint8_t plain[200];

		for (unsigned int i = 0; i < n; i++) {
			struct tls_conn *t = &conn[i];

			tls_conn_init(&c, t, versions[card_rnd(&c, 2)], 1 + card_rnd(&c, 2),
				      (round * 40 + i) % CONNS, 3000 + i, card_rnd(&c, c.queues));
			/* numbers that carry */
			if (card_rnd(&c, 4) == 0)
				memcpy(t->ref.ctx.rec_sn, "\0\0\0\0\xff\xff\xff\xfe", 8);
			if (card_rnd(&c, 4) == 0)
				memset(t->ref.ctx.iv + card_rnd(&c, 8), 0xff, 1);
			if (card_rnd(&c, 4) == 0)
				memset(t->ref.ctx.iv, 0xff, 8);
			if (card_rnd(&c, 4) == 0)
				t->ref.ctx.seq = -card_rnd(&c, 3000);
			tls_ref_begin(&t->ref);
			tls_conn_write_ctx(&c, t);
			for (unsigned int k = 1 + card_rnd(&c, 12); k; k--)
				tls_conn_record(&c, t, random_len());
			streams++;
		}
		while (left && !tap.failures) {
			unsigned int i = card_rnd(&c, n);
			struct tls_conn *t = &conn[i];
			struct tls_opts o = { .vlan = card_rnd(&c, 8) == 0, .segs = card_rnd(&c, 9) };

			if (t->at == t->ref.len)
				continue;
			for (unsigned int k = 1 + card_rnd(&c, 3); k && card_tx_room(&c, t->queue) > 20; k--)
				if (t->at < t->ref.len && tls_conn_send(&c, t, random_cut(), &o) && t->at == t->ref.len)
					left--;
			if (card_rnd(&c, 6) == 0 && card_tx_room(&c, t->queue) > 20) {
				memset(plain, 0x11, sizeof(plain));
				card_send(&c, t->queue, plain, 60 + card_rnd(&c, 100), 1, NULL);
			}
			if (card_rnd(&c, 3) == 0 || card_tx_room(&c, t->queue) <= 20) {
				for (unsigned int q = 0; q < c.queues; q++)
					card_ring(&c, q);
				card_cycles(&c, card_rnd(&c, 300));
				for (unsigned int q = 0; q < c.queues; q++)
					card_reap(&c, q, ~0u);
			}
		}
		for (unsigned int q = 0; q < c.queues; q++)
			card_ring(&c, q);
		card_settle(&c);
		/* the frames without TLS have a source port of their own */
		for (unsigned int i = 0; i < c.out.count;) {
			struct frame *f = &c.out.f[i];

			if (f->data[12] == 0x11) {
				free(f->data);
				memmove(f, f + 1, (--c.out.count - i) * sizeof(*f));
			} else {
				i++;
			}
		}
		finish(n);
		if (tap.failures)
			tap_fail("in round %u, after %u streams", round, streams);
	}
	card_free(&c);
}

/* All contexts at once, one packet each in turn, on one queue and on all. */
static void interleaved(void)
{
	start(NULL);
	for (int all = 0; all < 2 && !tap.failures; all++) {
		for (unsigned int i = 0; i < CONNS; i++) {
			tls_conn_init(&c, &conn[i], versions[i % 2], 1 + i / 2 % 2, i, 3000 + i, all ? i % c.queues : 0);
			tls_conn_write_ctx(&c, &conn[i]);
			tls_conn_record(&c, &conn[i], 300 + i);
			tls_conn_record(&c, &conn[i], 100);
			while (card_tx_room(&c, conn[i].queue) < 20) {
				card_ring(&c, conn[i].queue);
				card_cycles(&c, 100);
				card_reap(&c, conn[i].queue, ~0u);
				/* contexts without a completion are seen through those that have one */
				if (card_tx_room(&c, conn[i].queue) < 20)
					card_send(&c, conn[i].queue, "12345678901234567890", 20, 1, NULL);
			}
		}
		for (bool more = true; more && !tap.failures;) {
			more = false;
			for (unsigned int i = 0; i < CONNS; i++) {
				struct tls_conn *t = &conn[i];

				if (card_tx_room(&c, t->queue) < 20) {
					for (unsigned int q = 0; q < c.queues; q++)
						card_ring(&c, q);
					card_cycles(&c, 1500);
					for (unsigned int q = 0; q < c.queues; q++)
						card_reap(&c, q, ~0u);
				}
				if (t->at < t->ref.len)
					tls_conn_send(&c, t, 61, NULL);
				more |= t->at < t->ref.len;
			}
		}
		for (unsigned int q = 0; q < c.queues; q++)
			card_ring(&c, q);
		card_settle(&c);
		for (unsigned int i = 0; i < c.out.count;) {
			if (!memcmp(c.out.f[i].data, "1234567890", 10)) {
				free(c.out.f[i].data);
				memmove(&c.out.f[i], &c.out.f[i + 1], (--c.out.count - i) * sizeof(c.out.f[0]));
			} else {
				i++;
			}
		}
		finish(CONNS);
	}
	card_free(&c);
}

/* One context number, written anew between two packets, without a pause. */
static void rewritten(void)
{
	const unsigned int n = 60;

	start(NULL);
	for (unsigned int i = 0; i < n; i++) {
		struct tls_conn *t = &conn[i];

		tls_conn_init(&c, t, versions[card_rnd(&c, 2)], 1 + card_rnd(&c, 2), 5, 3000 + i, 1);
		tls_conn_write_ctx(&c, t);
		tls_conn_record(&c, t, 20 + i);
		tls_conn_record(&c, t, 500);
		tls_conn_send(&c, t, i, NULL);
		tls_conn_send(&c, t, 200, NULL);	/* and leaves a record half done */
		if (i % 8 == 7) {
			card_ring(&c, 1);
			card_settle(&c);
		}
	}
	card_ring(&c, 1);
	finish(n);
	card_free(&c);
}

/* Records larger than TLS allows: net/tls can make them. */
static void long_records(void)
{
	static const uint32_t lens[] = { 16385, 32755, 40000, 65535 - 24, 65535 - 17 };

	start(NULL);
	for (int v = 0; v < 2; v++)
		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]) - !v && !tap.failures; i++) {
			tls_conn_init(&c, &conn[0], versions[v], 1 + i % 2, 1, 3000, 0);
			tls_conn_write_ctx(&c, &conn[0]);
			tls_conn_record(&c, &conn[0], lens[i]);
			tls_conn_record(&c, &conn[0], 5);
			send_all(&conn[0], 8948);
			finish(1);
		}
	card_free(&c);
}

int main(int argc, char **argv)
{
	const struct tlsnic_sim_options rough = {
		.seed = 0, .latency_max = 500, .reorder = true, .interleave = true, .stall_ppm = 100000,
		.trace_file = NULL,
	};
	struct tlsnic_sim_options opt = rough;
	const char *streams = getenv("TLSNIC_STREAMS");
	unsigned int n = streams ? strtoul(streams, NULL, 0) : 2000;

	tap_begin(argc, argv);
	opt.seed = tap.seed;
	TAP_RUN("records and segments of all sizes", sizes());
	TAP_RUN("every cut", every_cut());
	TAP_RUN("segments of one byte", single_bytes());
	TAP_RUN("long records", long_records());
	TAP_RUN("a context written again and again", rewritten());
	TAP_RUN("256 connections, packet by packet", interleaved());
	TAP_RUN("random streams", random_streams(n, NULL));
	TAP_RUN("random streams on a rough bus", random_streams(n / 2, &opt));
	return tap_end();
}
