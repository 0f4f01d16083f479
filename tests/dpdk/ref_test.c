// SPDX-License-Identifier: BSD-2-Clause
/*
 * The reference against itself, and sessions as DPDK describes them: what is taken over
 * and what is refused.
 */
#include <errno.h>

#include "../common/tap.h"
#include "env.h"
#include "ref.h"
#include "rng.h"

#define MAX_RECORD	(REF_HEADER + 65535)

static void drivers(void)
{
	char err[200] = "";

	if (ref_check(tap.seed, err, sizeof(err)))
		tap_fail("%s", err);
}

/* A value from outside: GCM's test case 2. Its tag is of no use, since the AAD of TLS is never empty. */
static void known_answer(void)
{
	/* 16 bytes of 0 under a key and a nonce of 0 */
	static const uint8_t want[16] = { 0x03, 0x88, 0xda, 0xce, 0x60, 0xb6, 0xa3, 0x92,
					  0xf3, 0x28, 0xc2, 0xb9, 0x71, 0xb2, 0xfe, 0x78 };
	uint8_t zero[16] = { 0 }, out[32];
	struct ref_key *k = ref_key_new(zero, 16);

	for (int d = 0; d < REF_DRIVERS; d++) {
		if (ref_seal(k, d, zero, zero, 5, zero, 16, out))
			tap_fail("%s refuses 16 bytes", ref_names[d]);
		tap_bytes(ref_names[d], out, want, 16);
	}
	ref_key_free(k);
}

static void random_session(struct rng *r, struct session *s, bool old, unsigned int key_len)
{
	memset(s, 0, sizeof(*s));
	s->version = old ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3;
	s->cipher = key_len == 16 ? TLSNIC_CIPHER_AES_GCM_128 : TLSNIC_CIPHER_AES_GCM_256;
	s->key_len = key_len;
	rng_bytes(r, s->key, key_len);
	rng_bytes(r, s->salt, 4);
	rng_bytes(r, s->iv, 8);
	s->seq_no = rng_next(r);
}

/* A record by every driver, of every length of a set and some at random. */
static void records(bool old, unsigned int key_len)
{
	static const uint32_t sizes[] = { 0, 1, 2, 14, 15, 16, 17, 63, 64, 65, 1447, 1448, 4096, 16367, 16368, 16384, 16385, 30000,
					  REF_MAX_CONTENT };
	struct rng r = rng_seed(tap.seed);
	uint8_t *content = malloc(MAX_RECORD), *down = malloc(MAX_RECORD), *wire[REF_DRIVERS];
	struct session s;
	struct ref_key *k;

	rng_bytes(&r, content, MAX_RECORD);
	random_session(&r, &s, old, key_len);
	k = ref_key_new(s.key, s.key_len);
	for (int d = 0; d < REF_DRIVERS; d++)
		wire[d] = malloc(MAX_RECORD);
	for (unsigned int i = 0; i < 100; i++) {
		uint32_t len = i < sizeof(sizes) / sizeof(sizes[0]) ? sizes[i] : rng_below(&r, 16385);
		uint32_t whole = ref_record_len(&s, len), start = old ? 13 : 5;

		for (int d = 0; d < REF_DRIVERS; d++) {
			int ret = ref_record(k, d, &s, s.seq_no + i, 20 + i % 4, content, len, down, wire[d]);

			if (ret != (int)whole)
				tap_fail("%s: record of %u bytes: expected %u, got %d", ref_names[d], len, whole, ret);
			tap_bytes(ref_names[d], wire[d], wire[0], whole);
			tap_bytes("header and nonce", wire[d], down, start);
		}
		tap_u64("length field", down[3] << 8 | down[4], whole - 5);
		tap_u64("type", down[0], old ? 20 + i % 4 : 23);
		tap_bytes("plaintext", down + start, content, len);
		if (len > 16 && !memcmp(wire[0] + start, content, len))
			tap_fail("record of %u bytes is in the clear", len);
	}
	ref_key_free(k);
	for (int d = 0; d < REF_DRIVERS; d++)
		free(wire[d]);
	free(down);
	free(content);
}

static void too_long(void)
{
	struct rng r = rng_seed(tap.seed);
	struct session s;
	struct ref_key *k;
	uint8_t b[64];

	random_session(&r, &s, true, 16);
	k = ref_key_new(s.key, 16);
	tap_u64("content that no length field can tell",
		ref_record(k, 0, &s, 0, 23, b, REF_MAX_CONTENT + 1, b, b), (uint64_t)-EINVAL);
	tap_u64("AAD of 12 bytes", ref_seal(k, 0, b, b, 12, b, 0, b), (uint64_t)-EINVAL);
	ref_key_free(k);
	k = ref_key_new(s.key, 24);
	if (k)
		tap_fail("a key of 24 bytes is taken");
}

/* There and back, and the context of a later record. */
static void sessions(bool old)
{
	struct rng r = rng_seed(tap.seed);
	struct rte_security_session_conf conf;
	struct rte_crypto_sym_xform x;
	struct tlsnic_txd_ctx ctx;
	struct session s, t;
	char err[200] = "";
	uint8_t nonce[12], at[12];

	for (unsigned int i = 0; i < 64; i++) {
		uint64_t n;

		random_session(&r, &s, old, i & 1 ? 16 : 32);
		session_to_conf(&s, &conf, &x);
		if (session_from_conf(&t, &conf, old ? s.iv : NULL, err, sizeof(err)))
			tap_fail("refused: %s", err);
		tap_bytes("session", &t, &s, sizeof(s));
		n = s.seq_no + rng_below(&r, 1000);
		session_ctx(&t, 77, 0x12345678, n, TLSNIC_TXF_COMPLETE, &ctx);
		tap_u64("ctx", ctx.ctx, 77);
		tap_u64("seq", ctx.seq, 0x12345678);
		tap_u64("version", ctx.version, old ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3);
		tap_u64("cipher", ctx.cipher, i & 1 ? TLSNIC_CIPHER_AES_GCM_128 : TLSNIC_CIPHER_AES_GCM_256);
		/* the nonce as the contract defines it */
		session_nonce(&t, n, nonce);
		memcpy(at, ctx.salt, 4);
		memcpy(at + 4, ctx.iv, 8);
		for (int k = 0; k < 8 && !old; k++)
			at[4 + k] ^= ctx.rec_sn[k];
		tap_bytes("nonce of a context's first record", at, nonce, 12);
	}
	if (!old)
		return;
	/* without an IV of its own, TLS 1.2 counts records in the explicit nonce */
	session_to_conf(&s, &conf, &x);
	conf.tls_record.options.iv_gen_disable = 0;
	if (session_from_conf(&t, &conf, NULL, err, sizeof(err)))
		tap_fail("refused: %s", err);
	for (int k = 0; k < 8; k++)
		tap_u64("explicit nonce", t.iv[k], (uint8_t)(s.seq_no >> (56 - 8 * k)));
}

struct refusal {
	const char *what;	/* that the error must name */
	int error;
};

/* Breaks a session in way number i. Returns what must be said, or NULL when there are no more ways. */
static const struct refusal *spoil(unsigned int i, struct rte_security_session_conf *c, struct rte_crypto_sym_xform *x,
				   const uint8_t **iv)
{
	static struct refusal r;
	static struct rte_crypto_sym_xform second;
	struct rte_security_tls_record_xform *t = &c->tls_record;

	r.error = -ENOTSUP;
	switch (i) {
	case 0: c->action_type = RTE_SECURITY_ACTION_TYPE_LOOKASIDE_PROTOCOL; r.what = "action_type is 3"; break;
	case 1: c->protocol = RTE_SECURITY_PROTOCOL_MACSEC; r.what = "protocol is 2"; break;
	case 2: t->ver = RTE_SECURITY_VERSION_DTLS_1_2; r.what = "tls_record.ver is 2"; break;
	case 3: t->type = RTE_SECURITY_TLS_SESS_TYPE_READ; r.what = "tls_record.type is 0"; break;
	case 4: t->options.extra_padding_enable = 1; r.what = "extra_padding_enable is 1"; break;
	case 5: t->life.packets_soft_limit = 99; r.what = "packets_soft_limit is 99"; break;
	case 6: t->life.packets_hard_limit = 98; r.what = "packets_hard_limit is 98"; break;
	case 7: x->type = RTE_CRYPTO_SYM_XFORM_AUTH; r.what = "crypto_xform.type is 1"; break;
	case 8: x->next = &second; r.what = "crypto_xform.next is 1"; break;
	case 9: x->aead.algo = RTE_CRYPTO_AEAD_AES_CCM; r.what = "aead.algo is 1"; break;
	case 10: x->aead.op = RTE_CRYPTO_AEAD_OP_DECRYPT; r.what = "aead.op is 1"; break;
	case 11: x->aead.digest_length = 8; r.what = "aead.digest_length is 8"; break;
	case 12: x->aead.iv.length = 8; r.what = "aead.iv.length is 8"; break;
	case 13: x->aead.key.length = 24; r.what = "aead.key.length is 24"; break;
	case 14: x->aead.aad_length = 12; r = (struct refusal){ "aead.aad_length is 12", -EINVAL }; break;
	case 15: x->aead.key.data = NULL; r = (struct refusal){ "aead.key.data is 0", -EINVAL }; break;
	case 16: c->crypto_xform = NULL; r = (struct refusal){ "crypto_xform is 0", -EINVAL }; break;
	case 17: *iv = *iv ? NULL : x->aead.key.data; t->options.iv_gen_disable = 1;
		r = (struct refusal){ "iv_gen_disable is 1", -EINVAL }; break;
	case 18: t->ver = RTE_SECURITY_VERSION_TLS_1_3; t->options.iv_gen_disable = 0; x->aead.aad_length = 5;
		t->tls_1_3.min_payload_len = 64; r.what = "min_payload_len is 64"; break;
	default: return NULL;
	}
	return &r;
}

static void refusals(void)
{
	struct rng rng = rng_seed(tap.seed);
	struct rte_security_session_conf conf;
	struct rte_crypto_sym_xform x;
	struct session s, t, before;
	const struct refusal *r;

	memset(&t, 0xee, sizeof(t));
	before = t;
	for (unsigned int i = 0;; i++) {
		char err[200] = "";
		const uint8_t *iv = s.iv;
		int ret;

		random_session(&rng, &s, true, 32);
		session_to_conf(&s, &conf, &x);
		r = spoil(i, &conf, &x, &iv);
		if (!r)
			break;
		ret = session_from_conf(&t, &conf, iv, err, sizeof(err));
		if (ret != r->error || !strstr(err, r->what))
			tap_fail("way %u: expected %d and '%s', got %d and '%s'", i, r->error, r->what, ret, err);
		tap_bytes("session after a refusal", &t, &before, sizeof(t));
		tap_u64("error without words", session_from_conf(&t, &conf, iv, NULL, 0), (uint64_t)r->error);
	}
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	if (env_start(NULL) || ref_start()) {
		printf("Bail out! no DPDK\n");
		return 1;
	}
	TAP_RUN("drivers agree", drivers());
	TAP_RUN("known answer", known_answer());
	TAP_RUN("TLS 1.2 records, AES-128", records(true, 16));
	TAP_RUN("TLS 1.2 records, AES-256", records(true, 32));
	TAP_RUN("TLS 1.3 records, AES-128", records(false, 16));
	TAP_RUN("TLS 1.3 records, AES-256", records(false, 32));
	TAP_RUN("what the reference refuses", too_long());
	TAP_RUN("TLS 1.2 sessions", sessions(true));
	TAP_RUN("TLS 1.3 sessions", sessions(false));
	TAP_RUN("sessions that the card cannot take", refusals());
	return tap_end();
}
