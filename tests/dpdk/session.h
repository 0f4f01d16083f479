/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS record sessions as a DPDK user writes them (rte_security.h, TLS record
 * protocol, and one AEAD transform), as a context of the card and as what the
 * reference needs.
 */
#ifndef TLSNIC_DPDK_SESSION_H
#define TLSNIC_DPDK_SESSION_H

#include <rte_security.h>

#include "../../include/uapi/linux/tlsnic.h"

struct session {
	uint8_t version;	/* TLSNIC_TLS_* */
	uint8_t cipher;		/* TLSNIC_CIPHER_* */
	uint8_t key_len;	/* 16 or 32 */
	uint8_t key[32];	/* the rest is 0 */
	/*
	 * TLS 1.2: implicit nonce, and explicit nonce of record seq_no (RFC 5288 section 3);
	 * TLS 1.3: the 12 bytes of the IV (RFC 8446 section 5.3).
	 */
	uint8_t salt[4], iv[8];
	uint64_t seq_no;	/* of the first record */
};

/*
 * Takes a session over from DPDK's form. What it has to be:
 *   action_type  RTE_SECURITY_ACTION_TYPE_INLINE_PROTOCOL
 *   protocol     RTE_SECURITY_PROTOCOL_TLS_RECORD
 *   tls_record   ver TLS_1_2 or TLS_1_3, type WRITE, no extra padding, no lifetime;
 *                tls_1_3.min_payload_len 0
 *   crypto_xform one, of type AEAD: AES_GCM, encrypt, key of 16 or 32 bytes, digest_length 16,
 *                iv.length 12, aad_length 13 (TLS 1.2) or 5 (TLS 1.3)
 * first_iv: TLS 1.2 with options.iv_gen_disable: the explicit nonce of the first record; each
 * record after it has one more. Else NULL, and the explicit nonce is the record number.
 *
 * Returns 0, or -ENOTSUP or -EINVAL with a sentence in err (NULL: not wanted) that names the field
 * and its value. *s is then not changed.
 */
int session_from_conf(struct session *s, const struct rte_security_session_conf *conf, const uint8_t *first_iv,
		      char *err, size_t err_len);

/* The way back, for those who have a session and want DPDK's form; fills in conf and xform, which it points to. */
void session_to_conf(const struct session *s, struct rte_security_session_conf *conf, struct rte_crypto_sym_xform *xform);

/*
 * The context that puts the card at the start of record number rec_sn of the session (from seq_no on, or,
 * after a retransmission, any), which begins at TCP sequence number seq. flags: TLSNIC_TXF_COMPLETE or 0.
 */
void session_ctx(const struct session *s, uint32_t ctx, uint32_t seq, uint64_t rec_sn, uint8_t flags,
		 struct tlsnic_txd_ctx *out);

/* Nonce of record n: 12 bytes. */
void session_nonce(const struct session *s, uint64_t n, uint8_t nonce[12]);

#endif /* TLSNIC_DPDK_SESSION_H */
