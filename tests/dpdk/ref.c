// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus_vdev.h>
#include <rte_cryptodev.h>

#include "env.h"
#include "ref.h"

#define MAX_KEYS	4096
#define SESSIONS	(MAX_KEYS * 2)	/* of a driver; of each key that it is asked for, and length of AAD */
#define MAX_LEN		65535
#define NONCE		12
#define AADS		2	/* 13 and 5 bytes */

const char *const ref_names[REF_DRIVERS] = { "crypto_openssl", "crypto_aesni_mb", "crypto_aesni_gcm" };

/* Behind the operation: nonce, AAD (drivers may read whole blocks of it), tag. */
struct scratch {
	uint8_t nonce[16], aad[32], tag[REF_TAG];
};

#define SCRATCH_AT	(sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))

struct ref_key {
	uint8_t key[32];
	uint8_t len;
	void *sessions[REF_DRIVERS][AADS];	/* made when first wanted */
};

static struct {
	int dev[REF_DRIVERS];
	struct rte_mempool *sessions[REF_DRIVERS];
	struct rte_crypto_op *op;
	struct rte_mempool *ops;
	struct rte_mbuf *buf;		/* work is done here, one record at a time */
	unsigned int keys;
} ref;

static int start_driver(enum ref_driver d)
{
	struct rte_cryptodev_config conf = { .nb_queue_pairs = 1, .socket_id = SOCKET_ID_ANY };
	struct rte_cryptodev_qp_conf qp = { .nb_descriptors = 64 };
	char pool[32];

	if (rte_vdev_init(ref_names[d], "max_nb_queue_pairs=1")) {
		fprintf(stderr, "DPDK: no driver '%s'\n", ref_names[d]);
		return -1;
	}
	ref.dev[d] = rte_cryptodev_get_dev_id(ref_names[d]);
	if (ref.dev[d] < 0)
		return -1;
	snprintf(pool, sizeof(pool), "sessions%d", d);
	ref.sessions[d] = rte_cryptodev_sym_session_pool_create(pool, SESSIONS,
			rte_cryptodev_sym_get_private_session_size(ref.dev[d]), 0, 0, SOCKET_ID_ANY);
	qp.mp_session = ref.sessions[d];
	if (!ref.sessions[d] || rte_cryptodev_configure(ref.dev[d], &conf) ||
	    rte_cryptodev_queue_pair_setup(ref.dev[d], 0, &qp, SOCKET_ID_ANY) || rte_cryptodev_start(ref.dev[d])) {
		fprintf(stderr, "DPDK: driver '%s' does not start\n", ref_names[d]);
		return -1;
	}
	return 0;
}

int ref_start(void)
{
	struct rte_mempool *bufs;

	atexit(ref_stop);	/* before env_stop() */
	for (int d = 0; d < REF_DRIVERS; d++)
		if (start_driver(d))
			return -1;
	ref.ops = rte_crypto_op_pool_create("ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, 15, 0, sizeof(struct scratch),
					    SOCKET_ID_ANY);
	bufs = rte_pktmbuf_pool_create("ref", 1, 0, 0, MAX_LEN, SOCKET_ID_ANY);
	if (!ref.ops || !bufs) {
		fprintf(stderr, "DPDK: no memory for the reference\n");
		return -1;
	}
	ref.op = rte_crypto_op_alloc(ref.ops, RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	ref.buf = rte_pktmbuf_alloc(bufs);
	return ref.op && ref.buf ? 0 : -1;
}

struct ref_key *ref_key_new(const uint8_t *key, unsigned int key_len)
{
	struct ref_key *k;

	if (key_len != 16 && key_len != 32) {
		fprintf(stderr, "reference: key_len is %u, not 16 or 32\n", key_len);
		return NULL;
	}
	if (ref.keys == MAX_KEYS) {
		fprintf(stderr, "reference: %u keys are in use, and there are no more\n", ref.keys);
		return NULL;
	}
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	ref.keys++;
	memcpy(k->key, key, key_len);
	k->len = key_len;
	return k;
}

void ref_key_free(struct ref_key *k)
{
	if (!k)
		return;
	for (int d = 0; d < REF_DRIVERS; d++)
		for (int a = 0; a < AADS; a++)
			if (k->sessions[d][a])
				rte_cryptodev_sym_session_free(ref.dev[d], k->sessions[d][a]);
	ref.keys--;
	free(k);
}

static void *session_of(struct ref_key *k, enum ref_driver d, unsigned int aad_len)
{
	void **s = &k->sessions[d][aad_len == 13];
	struct rte_crypto_sym_xform x = {
		.type = RTE_CRYPTO_SYM_XFORM_AEAD,
		.aead = {
			.op = RTE_CRYPTO_AEAD_OP_ENCRYPT, .algo = RTE_CRYPTO_AEAD_AES_GCM,
			.key = { .data = k->key, .length = k->len },
			.iv = { .offset = SCRATCH_AT + offsetof(struct scratch, nonce), .length = NONCE },
			.digest_length = REF_TAG, .aad_length = aad_len,
		},
	};

	if (!*s)
		*s = rte_cryptodev_sym_session_create(ref.dev[d], &x, ref.sessions[d]);
	return *s;
}

int ref_seal(struct ref_key *k, enum ref_driver driver, const uint8_t nonce[12], const uint8_t *aad,
	     unsigned int aad_len, const uint8_t *in, uint32_t len, uint8_t *out)
{
	struct rte_crypto_op *op = ref.op, *done = NULL;
	struct scratch *s = (struct scratch *)((uint8_t *)op + SCRATCH_AT);
	void *session;

	if (len > MAX_LEN || (aad_len != 5 && aad_len != 13))
		return -EINVAL;
	session = session_of(k, driver, aad_len);
	if (!session)
		return -EIO;
	__rte_crypto_op_reset(op, RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	rte_crypto_op_attach_sym_session(op, session);
	memset(s, 0, sizeof(*s));
	memcpy(s->nonce, nonce, NONCE);
	memcpy(s->aad, aad, aad_len);
	ref.buf->data_off = 0;
	ref.buf->data_len = ref.buf->pkt_len = len;
	if (len)
		memcpy(rte_pktmbuf_mtod(ref.buf, void *), in, len);
	op->sym->m_src = ref.buf;
	op->sym->m_dst = NULL;
	op->sym->aead.data.offset = 0;
	op->sym->aead.data.length = len;
	op->sym->aead.aad.data = s->aad;
	op->sym->aead.aad.phys_addr = (uintptr_t)s->aad;
	op->sym->aead.digest.data = s->tag;
	op->sym->aead.digest.phys_addr = (uintptr_t)s->tag;
	if (rte_cryptodev_enqueue_burst(ref.dev[driver], 0, &op, 1) != 1)
		return -EIO;
	/* the drivers work in enqueue or dequeue, so the first try gives it */
	for (int i = 0; i < 1000 && !done; i++)
		rte_cryptodev_dequeue_burst(ref.dev[driver], 0, &done, 1);
	if (!done || done->status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		return -EIO;
	if (len)
		memcpy(out, rte_pktmbuf_mtod(ref.buf, void *), len);
	memcpy(out + len, s->tag, REF_TAG);
	return 0;
}

int ref_record(struct ref_key *k, enum ref_driver driver, const struct session *s, uint64_t n, uint8_t type,
	       const uint8_t *content, uint32_t len, uint8_t *down, uint8_t *wire)
{
	bool old = s->version == TLSNIC_TLS_1_2;
	uint32_t whole = ref_record_len(s, len), body = whole - REF_HEADER, start = REF_HEADER + (old ? REF_NONCE : 0);
	uint32_t inner = old ? len : len + 1;
	uint8_t nonce[NONCE], aad[13];

	if (len > REF_MAX_CONTENT)
		return -EINVAL;
	session_nonce(s, n, nonce);
	down[0] = old ? type : 23;
	down[1] = down[2] = 3;
	down[3] = body >> 8;
	down[4] = body;
	if (old) {
		/* RFC 5246 section 6.2.3.3: seq_num, type, version, length of the plaintext */
		memcpy(down + REF_HEADER, nonce + 4, REF_NONCE);
		for (int i = 0; i < 8; i++)
			aad[i] = n >> (56 - 8 * i);
		memcpy(aad + 8, down, 3);
		aad[11] = len >> 8;
		aad[12] = len;
	} else {
		/* RFC 8446 section 5.2: the record's header */
		memcpy(aad, down, REF_HEADER);
	}
	if (len)
		memcpy(down + start, content, len);
	if (!old)
		down[start + len] = type;
	memset(down + start + inner, 0, REF_TAG);
	memcpy(wire, down, start);
	if (ref_seal(k, driver, nonce, aad, old ? 13 : REF_HEADER, down + start, inner, wire + start))
		return -EIO;
	return whole;
}

void ref_stop(void)
{
	for (int d = 0; ref.op && d < REF_DRIVERS; d++)
		rte_cryptodev_stop(ref.dev[d]);
	ref.op = NULL;
}
