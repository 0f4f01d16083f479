// SPDX-License-Identifier: BSD-2-Clause
/*
 * Published AES-GCM vectors through the whole card, as TLS records.
 *
 * Key, IV and plaintext of a vector become a record of TLS 1.2 (salt and explicit
 * nonce are the IV) and of TLS 1.3 (the IV is what the record number is added to; the plaintext's
 * last byte stands where the content type does). The AAD is TLS's own, upon which the
 * ciphertext does not depend: it must be the vector's. The tag does: it must be
 * that of two drivers of rte_cryptodev.
 *
 * The vectors are read from cavp.txt and wycheproof.txt beside this program.
 */
#include <errno.h>
#include <libgen.h>

#include "../common/tap.h"
#include "nic.h"
#include "ref.h"
#include "rng.h"

#define MAX_TEXT	4096
#define MAX_RECORD	(MAX_TEXT + 64)
#define MAX_PACKETS	256	/* expected and not seen yet */
#define HEADERS		54	/* Ethernet, IPv4, TCP: the card does not look */
#define BATCH		24	/* vectors between two waits */

struct vector {
	char id[64];
	bool valid;
	uint8_t key[32], iv[12], text[MAX_TEXT], ct[MAX_TEXT];
	unsigned int key_len, len;
};

struct packet {
	uint8_t bytes[HEADERS + MAX_RECORD];
	uint32_t len;
	char id[64];
};

static struct packet expected[MAX_PACKETS];
static unsigned int made, seen;
static struct rng rng;
static char dir[256];

/* ---- reading ------------------------------------------------------------------- */

static int hex(const char *s, uint8_t *out, unsigned int max)
{
	unsigned int n = 0;

	if (!strcmp(s, "-"))
		return 0;
	for (; s[2 * n]; n++) {
		unsigned int v;

		if (n == max || sscanf(s + 2 * n, "%2x", &v) != 1)
			return -1;
		out[n] = v;
	}
	return n;
}

/* A line "ID valid|invalid KEY IV AAD TEXT CIPHERTEXT TAG ..."; false if it is none. */
static bool parse(char *line, struct vector *v)
{
	char *field[8];
	int key, iv, text, ct;

	for (unsigned int i = 0; i < 8; i++) {
		field[i] = strtok(i ? NULL : line, " \n");
		if (!field[i])
			return false;
	}
	snprintf(v->id, sizeof(v->id), "%s", field[0]);
	v->valid = !strcmp(field[1], "valid");
	key = hex(field[2], v->key, 32);
	iv = hex(field[3], v->iv, 12);
	text = hex(field[5], v->text, MAX_TEXT);
	ct = hex(field[6], v->ct, MAX_TEXT);
	v->key_len = key;
	v->len = text;
	return (key == 16 || key == 32) && iv == 12 && text >= 0 && ct == text;
}

/* ---- the card ------------------------------------------------------------------- */

static bool on_wire(void *opaque, const void *frame, size_t len)
{
	const struct packet *p = &expected[seen % MAX_PACKETS];

	if (seen == made) {
		tap_fail("a frame of %zu bytes that was not expected", len);
		return true;
	}
	seen++;
	if (len != (p->len < 60 ? 60 : p->len) || memcmp(frame, p->bytes, p->len)) {
		tap_fail("vector %s: frame of %u bytes, got %zu", p->id, p->len, len);
		tap_bytes("frame", frame, p->bytes, len < p->len ? len : p->len);
	}
	return true;
}

static void on_done(void *opaque, unsigned int q, const struct nic_done *d)
{
	if (d->status != TLSNIC_STATUS_OK)
		tap_fail("status %u of context %u", d->status, d->ctx);
}

/* Posts a record cut into one to four packets. */
static void post(struct nic *n, const struct vector *v, uint32_t ctx, uint32_t seq, const uint8_t *down,
		 const uint8_t *wire, uint32_t len)
{
	for (uint32_t at = 0; at < len;) {
		uint32_t part = rng_below(&rng, 3) ? len - at : 1 + rng_below(&rng, len - at);
		struct packet *p = &expected[made++ % MAX_PACKETS];
		uint8_t frame[HEADERS + MAX_RECORD];
		struct tlsnic_txd_packet d = {
			.flags = TLSNIC_TXF_TLS | TLSNIC_TXF_COMPLETE, .ctx = ctx, .seq = seq + at,
			.stream_offset = HEADERS,
		};
		unsigned int segs = 1 + (HEADERS + part) / ENV_BUF_LEN + rng_below(&rng, 3);
		struct rte_mbuf *m;

		if (segs > HEADERS + part)
			segs = 1;
		rng_bytes(&rng, frame, HEADERS);
		memcpy(frame + HEADERS, down + at, part);
		memcpy(p->bytes, frame, HEADERS);
		memcpy(p->bytes + HEADERS, wire + at, part);
		p->len = HEADERS + part;
		snprintf(p->id, sizeof(p->id), "%s", v->id);
		m = env_chain(env.packets, frame, p->len, segs, NULL, NULL);
		if (!m || nic_tx(n, 0, m, &d, NULL) < 0)
			tap_fail("vector %s: cannot be posted", v->id);
		at += part;
	}
}

static void settle(struct nic *n)
{
	int ret;

	nic_ring(n, 0);
	ret = nic_settle(n);
	if (ret)
		tap_fail("the card does not settle: %s; %s", strerror(-ret), n->violation);
	tap_u64("frames", seen, made);
	seen = made;
}

/* The record that has the vector's key, nonce and text; as the card gets it, and as two references seal it. */
static uint32_t make_record(const struct vector *v, bool old, struct session *s, uint8_t *down, uint8_t *wire)
{
	unsigned int content = old ? v->len : v->len - 1, start = old ? REF_HEADER + REF_NONCE : REF_HEADER;
	uint8_t other[MAX_RECORD], type = old ? 23 : v->text[content];
	struct ref_key *k = ref_key_new(v->key, v->key_len);
	int len;

	memset(s, 0, sizeof(*s));
	s->version = old ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3;
	s->cipher = v->key_len == 16 ? TLSNIC_CIPHER_AES_GCM_128 : TLSNIC_CIPHER_AES_GCM_256;
	s->key_len = v->key_len;
	memcpy(s->key, v->key, v->key_len);
	memcpy(s->salt, v->iv, 4);
	memcpy(s->iv, v->iv + 4, 8);
	s->seq_no = rng_next(&rng);
	for (unsigned int i = 0; !old && i < 8; i++)
		s->iv[i] ^= s->seq_no >> (56 - 8 * i);
	len = ref_record(k, REF_OPENSSL, s, s->seq_no, type, v->text, content, down, wire);
	if (len < 0 || ref_record(k, REF_AESNI_MB, s, s->seq_no, type, v->text, content, down, other) != len)
		tap_fail("vector %s: a reference refuses it", v->id);
	ref_key_free(k);
	if (len < 0)
		return 0;
	tap_bytes("ciphertext of the references and of the vector", wire + start, v->ct, v->len);
	tap_bytes("text in the card's record", down + start, v->text, v->len);
	tap_bytes("record of both references", other, wire, len);
	return len;
}

/* All vectors of a file; then says how many there were, and which were left out why. */
static void vectors(const char *name, bool old)
{
	static struct vector v;
	static char line[6 * MAX_TEXT];
	struct nic_ops ops = { .done = on_done, .wire_tx = on_wire };
	struct tlsnic_sim_options sim = { .seed = tap.seed, .latency_max = 200, .trace_file = tap.trace };
	struct nic_options o = { .sim = &sim };
	struct nic *n = nic_create(&o, &ops);
	unsigned int done = 0, empty = 0, invalid = 0;
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.txt", dir, name);
	f = fopen(path, "r");
	if (!n || !f) {
		tap_fail("%s: %s", path, strerror(errno));
		return;
	}
	rng = rng_seed(tap.seed);
	made = seen = 0;
	nic_enable(n, TLSNIC_CTRL_TX_ENABLE);
	nic_queue_on(n, 0, NULL);
	while (fgets(line, sizeof(line), f) && tap.failures < 8) {
		uint8_t down[MAX_RECORD], wire[MAX_RECORD];
		uint32_t seq = rng_next(&rng), ctx = done % n->contexts, len;
		struct tlsnic_txd_ctx c;
		struct session s;

		if (line[0] == '#') {
			if (old)
				printf("%s", line);
			continue;
		}
		if (!parse(line, &v)) {
			tap_fail("%s: vector %s does not read", path, v.id);
			continue;
		}
		if (!v.valid) {
			invalid++;
			continue;
		}
		if (!old && !v.len) {
			empty++;
			continue;
		}
		len = make_record(&v, old, &s, down, wire);
		session_ctx(&s, ctx, seq, s.seq_no, TLSNIC_TXF_COMPLETE, &c);
		if (nic_ctx_write(n, 0, &c, s.key, NULL) < 0)
			tap_fail("vector %s: no room for its context", v.id);
		post(n, &v, ctx, seq, down, wire, len);
		if (++done % BATCH == 0)
			settle(n);
	}
	settle(n);
	fclose(f);
	tap_u64("records that the card has counted", nic_stat(n, TLSNIC_STAT_TLS_RECORDS), done);
	if (!done)
		tap_fail("%s: no vectors", path);
	if (nic_destroy(n))
		tap_fail("the card has touched what it must not, or broken a rule of AXI");
	printf("# %s: %u vectors as TLS 1.%u records\n", name, done, old ? 2 : 3);
	if (empty)
		printf("# left out: %u: no text, and a TLS 1.3 record has a type at least\n", empty);
	if (invalid)
		printf("# left out: %u: invalid, which only shows when decrypting\n", invalid);
}

int main(int argc, char **argv)
{
	char program[256];

	tap_begin(argc, argv);
	snprintf(program, sizeof(program), "%s", argv[0]);
	snprintf(dir, sizeof(dir), "%s", dirname(program));
	if (env_start(NULL) || ref_start()) {
		printf("Bail out! no DPDK\n");
		return 1;
	}
	TAP_RUN("NIST CAVP, TLS 1.2", vectors("cavp", true));
	TAP_RUN("NIST CAVP, TLS 1.3", vectors("cavp", false));
	TAP_RUN("Wycheproof, TLS 1.2", vectors("wycheproof", true));
	TAP_RUN("Wycheproof, TLS 1.3", vectors("wycheproof", false));
	return tap_end();
}
