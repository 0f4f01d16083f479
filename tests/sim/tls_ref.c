// SPDX-License-Identifier: BSD-2-Clause
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../common/be64.h"
#include "tls_ref.h"

#define TAG	16
#define HEADER	5
#define NONCE	8

static void must(int ok, const char *what)
{
	if (ok == 1)
		return;
	printf("Bail out! libcrypto: %s failed\n", what);
	exit(1);
}

static unsigned int key_bytes(const struct tls_ref *t)
{
	return t->ctx.cipher == TLSNIC_CIPHER_AES_GCM_256 ? 32 : 16;
}

void tls_ref_begin(struct tls_ref *t)
{
	EVP_CIPHER_CTX *e = EVP_CIPHER_CTX_new();
	uint8_t zero[16] = { 0 };
	int n;

	t->next = get64(t->ctx.rec_sn);
	t->len = 0;
	must(EVP_EncryptInit_ex(e, key_bytes(t) == 32 ? EVP_aes_256_ecb() : EVP_aes_128_ecb(), NULL, t->key, NULL), "ECB");
	must(EVP_EncryptUpdate(e, t->h, &n, zero, 16), "ECB");
	EVP_CIPHER_CTX_free(e);
}

static void seal(const struct tls_ref *t, const uint8_t nonce[12], const uint8_t *aad, int aad_len,
		 const uint8_t *in, uint32_t len, uint8_t *out)
{
	static EVP_CIPHER_CTX *e;
	int n;

	if (!e)
		e = EVP_CIPHER_CTX_new();
	must(EVP_EncryptInit_ex(e, key_bytes(t) == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), NULL, t->key, nonce),
	     "GCM init");
	must(EVP_EncryptUpdate(e, NULL, &n, aad, aad_len), "GCM AAD");
	if (len)
		must(EVP_EncryptUpdate(e, out, &n, in, len), "GCM update");
	must(EVP_EncryptFinal_ex(e, out + len, &n), "GCM final");
	must(EVP_CIPHER_CTX_ctrl(e, EVP_CTRL_GCM_GET_TAG, TAG, out + len), "GCM tag");
}

void tls_ref_record(struct tls_ref *t, uint8_t type, const uint8_t *content, uint32_t len)
{
	bool old = t->ctx.version == TLSNIC_TLS_1_2;
	uint32_t inner = old ? len : len + 1;
	uint32_t body = (old ? NONCE : 0) + inner + TAG, whole = HEADER + body;
	uint64_t explicit = get64(t->ctx.iv) + (t->next - get64(t->ctx.rec_sn));
	uint8_t nonce[12], aad[13], *d, *w;

	if (t->len + whole > t->room) {
		t->room = 2 * t->room + whole;
		t->down = realloc(t->down, t->room);
		t->wire = realloc(t->wire, t->room);
	}
	d = t->down + t->len;
	w = t->wire + t->len;
	d[0] = old ? type : 23;
	d[1] = d[2] = 3;
	d[3] = body >> 8;
	d[4] = body;
	memcpy(nonce, t->ctx.salt, 4);
	if (old) {
		put64(nonce + 4, explicit);
		put64(d + HEADER, explicit);
		put64(aad, t->next);
		memcpy(aad + 8, d, 3);
		aad[11] = len >> 8;
		aad[12] = len;
	} else {
		put64(nonce + 4, get64(t->ctx.iv) ^ t->next);
		memcpy(aad, d, HEADER);
	}
	memcpy(w, d, HEADER + (old ? NONCE : 0));
	d += HEADER + (old ? NONCE : 0);
	w += HEADER + (old ? NONCE : 0);
	if (len)
		memcpy(d, content, len);
	if (!old)
		d[len] = type;
	memset(d + inner, 0, TAG);
	seal(t, nonce, aad, old ? 13 : HEADER, d, inner, w);
	t->len += whole;
	t->next++;
}

void tls_ref_free(struct tls_ref *t)
{
	free(t->down);
	free(t->wire);
	memset(t, 0, sizeof(*t));
}

/* ---- AES key schedule, FIPS 197 section 5.2 ---------------------------------- */

static uint8_t times2(uint8_t b)
{
	return b << 1 ^ (b & 0x80 ? 0x1b : 0);
}

static uint8_t sbox(uint8_t x)
{
	uint8_t inv = 0, s;

	/* the inverse by trial: this runs a few hundred times */
	for (int c = 1; x && c < 256; c++) {
		uint8_t a = x, b = c, p = 0;

		for (; b; b >>= 1, a = times2(a))
			if (b & 1)
				p ^= a;
		if (p == 1) {
			inv = c;
			break;
		}
	}
	s = inv;
	for (int i = 1; i < 5; i++)
		s ^= inv << i | inv >> (8 - i);
	return s ^ 0x63;
}

unsigned int tls_ref_schedule(const uint8_t *key, unsigned int bytes, uint8_t out[240])
{
	unsigned int nk = bytes / 4, words = 4 * (nk + 7);
	uint8_t rcon = 1;

	memcpy(out, key, bytes);
	for (unsigned int i = nk; i < words; i++) {
		uint8_t t[4];

		memcpy(t, out + 4 * (i - 1), 4);
		if (i % nk == 0) {
			uint8_t first = t[0];

			t[0] = sbox(t[1]) ^ rcon;
			t[1] = sbox(t[2]);
			t[2] = sbox(t[3]);
			t[3] = sbox(first);
			rcon = times2(rcon);
		} else if (nk > 6 && i % nk == 4) {
			for (int k = 0; k < 4; k++)
				t[k] = sbox(t[k]);
		}
		for (int k = 0; k < 4; k++)
			out[4 * i + k] = out[4 * (i - nk) + k] ^ t[k];
	}
	return words;
}
