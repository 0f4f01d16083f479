/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The golden reference: AES-GCM and TLS records through rte_cryptodev, by drivers
 * that have nothing in common but the standard (libcrypto, and Intel's ipsec_mb).
 */
#ifndef TLSNIC_DPDK_REF_H
#define TLSNIC_DPDK_REF_H

#include <stdint.h>

#include "session.h"

enum ref_driver {
	REF_OPENSSL,		/* crypto_openssl */
	REF_AESNI_MB,		/* crypto_aesni_mb */
	REF_AESNI_GCM,		/* crypto_aesni_gcm */
	REF_DRIVERS
};

extern const char *const ref_names[REF_DRIVERS];

#define REF_HEADER	5	/* RFC 5246 section 6.2.1 */
#define REF_NONCE	8	/* explicit, TLS 1.2 (RFC 5288 section 3) */
#define REF_TAG		16
/* Most content whose record length fits its 16-bit field; RFCs allow 2^14. */
#define REF_MAX_CONTENT	(65535 - REF_NONCE - REF_TAG - 1)

/* Makes the crypto devices; after env_start(), once a process. 0, or -1 with a message on stderr. */
int ref_start(void);
void ref_stop(void);	/* called at exit too */

/*
 * Compares the drivers over keys, AAD and sizes. 0, or -1 with the first difference in err.
 * Takes some milliseconds; a program that trusts the reference calls it first.
 */
int ref_check(uint64_t seed, char *err, size_t err_len);

/* A key in every driver. NULL, with a message on stderr, if a driver refuses or there are no more (4096). */
struct ref_key;
struct ref_key *ref_key_new(const uint8_t *key, unsigned int key_len);
void ref_key_free(struct ref_key *k);

/*
 * AES-GCM with a 12-byte nonce and a 16-byte tag: out gets len bytes of ciphertext, then
 * the tag. len up to 65535; aad_len 5 or 13 (what TLS has). in and out may be the same. 0, or -EIO.
 */
int ref_seal(struct ref_key *k, enum ref_driver driver, const uint8_t nonce[12], const uint8_t *aad,
	     unsigned int aad_len, const uint8_t *in, uint32_t len, uint8_t *out);

/* Length of the whole record. */
static inline uint32_t ref_record_len(const struct session *s, uint32_t len)
{
	return REF_HEADER + len + REF_TAG + (s->version == TLSNIC_TLS_1_2 ? REF_NONCE : 1);
}

/*
 * Record number n of a session, whose key is k, with len bytes of content, twice: down as the card
 * gets it (header, explicit nonce, plaintext, with TLS 1.3 the type, 16 placeholders of 0), wire as it has
 * to leave. Each is ref_record_len() bytes. type: ContentType. Returns the length or -EIO.
 */
int ref_record(struct ref_key *k, enum ref_driver driver, const struct session *s, uint64_t n, uint8_t type,
	       const uint8_t *content, uint32_t len, uint8_t *down, uint8_t *wire);

#endif /* TLSNIC_DPDK_REF_H */
