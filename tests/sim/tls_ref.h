/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TLS connection as net/tls hands it to a driver, beside what has to be on the
 * wire: two byte streams of the same length, by libcrypto.
 */
#ifndef TLSNIC_TESTS_TLS_REF_H
#define TLSNIC_TESTS_TLS_REF_H

#include <stdbool.h>
#include <stdint.h>

#include "../../include/uapi/linux/tlsnic.h"

struct tls_ref {
	struct tlsnic_txd_ctx ctx;	/* as it is to be written to the card */
	uint8_t key[32];
	uint64_t next;			/* number of the next record */
	uint32_t len, room;
	uint8_t *down;			/* headers, nonces, plaintext, placeholders for tags */
	uint8_t *wire;			/* headers, nonces, ciphertext, tags */
	/* secrets of the running record, for those who look for them */
	uint8_t h[16];
};

/* ctx (number, cipher, version, seq, salt, iv, rec_sn) and key are filled in by the caller. */
void tls_ref_begin(struct tls_ref *t);

/*
 * Appends a record with len bytes of content. TLS 1.2: type is in the header. TLS
 * 1.3: type follows the content, inside of what is encrypted.
 */
void tls_ref_record(struct tls_ref *t, uint8_t type, const uint8_t *content, uint32_t len);

void tls_ref_free(struct tls_ref *t);

/* Key schedule of AES for a key of bytes bytes: 4 * (rounds + 1) words, big-endian order of bytes. */
unsigned int tls_ref_schedule(const uint8_t *key, unsigned int bytes, uint8_t out[240]);

#endif /* TLSNIC_TESTS_TLS_REF_H */
