// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../common/be64.h"
#include "session.h"

#define TAG	16
#define NONCE	12

/* A field that has one right value. */
struct field {
	const char *name;
	uint64_t is, wanted;
	int error;
};

static int check_fields(const struct field *f, unsigned int n, char *err, size_t err_len)
{
	for (unsigned int i = 0; i < n; i++) {
		if (f[i].is == f[i].wanted)
			continue;
		if (err)
			snprintf(err, err_len, "%s is %" PRIu64 ", the card needs %" PRIu64, f[i].name, f[i].is, f[i].wanted);
		return f[i].error;
	}
	return 0;
}

static int refuse(char *err, size_t err_len, int error, const char *name, uint64_t is, const char *wanted)
{
	if (err)
		snprintf(err, err_len, "%s is %" PRIu64 ", the card needs %s", name, is, wanted);
	return error;
}

int session_from_conf(struct session *s, const struct rte_security_session_conf *conf, const uint8_t *first_iv,
		      char *err, size_t err_len)
{
	const struct rte_security_tls_record_xform *t = &conf->tls_record;
	const struct rte_crypto_sym_xform *x = conf->crypto_xform;
	bool old = t->ver == RTE_SECURITY_VERSION_TLS_1_2;
	struct session n = { 0 };
	int ret;

	const struct field form[] = {
		{ "action_type", conf->action_type, RTE_SECURITY_ACTION_TYPE_INLINE_PROTOCOL, -ENOTSUP },
		{ "protocol", conf->protocol, RTE_SECURITY_PROTOCOL_TLS_RECORD, -ENOTSUP },
	};
	ret = check_fields(form, RTE_DIM(form), err, err_len);
	if (ret)
		return ret;
	if (!old && t->ver != RTE_SECURITY_VERSION_TLS_1_3)
		return refuse(err, err_len, -ENOTSUP, "tls_record.ver", t->ver, "0 (TLS 1.2) or 1 (TLS 1.3)");

	const struct field record[] = {
		{ "tls_record.type", t->type, RTE_SECURITY_TLS_SESS_TYPE_WRITE, -ENOTSUP },
		{ "tls_record.options.extra_padding_enable", t->options.extra_padding_enable, 0, -ENOTSUP },
		{ "tls_record.options.iv_gen_disable", t->options.iv_gen_disable, old && first_iv, -EINVAL },
		{ "tls_record.life.packets_soft_limit", t->life.packets_soft_limit, 0, -ENOTSUP },
		{ "tls_record.life.packets_hard_limit", t->life.packets_hard_limit, 0, -ENOTSUP },
		{ "tls_record.tls_1_3.min_payload_len", old ? 0 : t->tls_1_3.min_payload_len, 0, -ENOTSUP },
	};
	ret = check_fields(record, RTE_DIM(record), err, err_len);
	if (ret)
		return ret;
	if (!x)
		return refuse(err, err_len, -EINVAL, "crypto_xform", 0, "one of type AEAD");

	const struct field kind[] = {
		{ "crypto_xform.type", x->type, RTE_CRYPTO_SYM_XFORM_AEAD, -ENOTSUP },
		{ "crypto_xform.next", x->next != NULL, 0, -ENOTSUP },
		{ "aead.algo", x->aead.algo, RTE_CRYPTO_AEAD_AES_GCM, -ENOTSUP },
		{ "aead.op", x->aead.op, RTE_CRYPTO_AEAD_OP_ENCRYPT, -ENOTSUP },
		{ "aead.digest_length", x->aead.digest_length, TAG, -ENOTSUP },
		{ "aead.iv.length", x->aead.iv.length, NONCE, -ENOTSUP },
		{ "aead.aad_length", x->aead.aad_length, old ? 13 : 5, -EINVAL },
	};
	ret = check_fields(kind, RTE_DIM(kind), err, err_len);
	if (ret)
		return ret;
	if (x->aead.key.length != 16 && x->aead.key.length != 32)
		return refuse(err, err_len, -ENOTSUP, "aead.key.length", x->aead.key.length, "16 or 32");
	if (!x->aead.key.data)
		return refuse(err, err_len, -EINVAL, "aead.key.data", 0, "a key");

	n.version = old ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3;
	n.cipher = x->aead.key.length == 16 ? TLSNIC_CIPHER_AES_GCM_128 : TLSNIC_CIPHER_AES_GCM_256;
	n.key_len = x->aead.key.length;
	memcpy(n.key, x->aead.key.data, n.key_len);
	n.seq_no = old ? t->tls_1_2.seq_no : t->tls_1_3.seq_no;
	if (old) {
		memcpy(n.salt, t->tls_1_2.imp_nonce, 4);
		put64(n.iv, n.seq_no);
		if (first_iv)
			memcpy(n.iv, first_iv, 8);
	} else {
		memcpy(n.salt, t->tls_1_3.imp_nonce, 4);
		memcpy(n.iv, t->tls_1_3.imp_nonce + 4, 8);
	}
	*s = n;
	return 0;
}

void session_to_conf(const struct session *s, struct rte_security_session_conf *conf, struct rte_crypto_sym_xform *xform)
{
	bool old = s->version == TLSNIC_TLS_1_2;
	struct rte_security_tls_record_xform *t = &conf->tls_record;

	memset(conf, 0, sizeof(*conf));
	memset(xform, 0, sizeof(*xform));
	conf->action_type = RTE_SECURITY_ACTION_TYPE_INLINE_PROTOCOL;
	conf->protocol = RTE_SECURITY_PROTOCOL_TLS_RECORD;
	conf->crypto_xform = xform;
	t->type = RTE_SECURITY_TLS_SESS_TYPE_WRITE;
	if (old) {
		t->ver = RTE_SECURITY_VERSION_TLS_1_2;
		t->options.iv_gen_disable = 1;
		t->tls_1_2.seq_no = s->seq_no;
		memcpy(t->tls_1_2.imp_nonce, s->salt, 4);
	} else {
		t->ver = RTE_SECURITY_VERSION_TLS_1_3;
		t->tls_1_3.seq_no = s->seq_no;
		memcpy(t->tls_1_3.imp_nonce, s->salt, 4);
		memcpy(t->tls_1_3.imp_nonce + 4, s->iv, 8);
	}
	xform->type = RTE_CRYPTO_SYM_XFORM_AEAD;
	xform->aead.op = RTE_CRYPTO_AEAD_OP_ENCRYPT;
	xform->aead.algo = RTE_CRYPTO_AEAD_AES_GCM;
	xform->aead.key.data = s->key;
	xform->aead.key.length = s->key_len;
	xform->aead.iv.length = NONCE;
	xform->aead.digest_length = TAG;
	xform->aead.aad_length = old ? 13 : 5;
}

void session_ctx(const struct session *s, uint32_t ctx, uint32_t seq, uint64_t rec_sn, uint8_t flags,
		 struct tlsnic_txd_ctx *out)
{
	memset(out, 0, sizeof(*out));
	out->op = TLSNIC_TXD_CTX_WRITE;
	out->flags = flags;
	out->cipher = s->cipher;
	out->version = s->version;
	out->ctx = ctx;
	out->seq = seq;
	memcpy(out->salt, s->salt, 4);
	memcpy(out->iv, s->iv, 8);
	/* the explicit nonce has come as far as the record number */
	if (s->version == TLSNIC_TLS_1_2)
		put64(out->iv, get64(s->iv) + (rec_sn - s->seq_no));
	put64(out->rec_sn, rec_sn);
}

void session_nonce(const struct session *s, uint64_t n, uint8_t nonce[12])
{
	memcpy(nonce, s->salt, 4);
	if (s->version == TLSNIC_TLS_1_2)
		put64(nonce + 4, get64(s->iv) + (n - s->seq_no));
	else
		put64(nonce + 4, get64(s->iv) ^ n);
}
