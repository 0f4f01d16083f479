/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a seed stands for: the bytes of a stream, and its keys. ktls sends and
 * receives such streams, wire looks for them in a capture.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RECORD_MAX 16384
#define LEAD_MAX 1024	/* bytes in the clear ahead of it */

struct stream_keys {
	uint8_t key[32];	/* AES-128: the first 16 */
	uint8_t salt[4], iv[8];
	uint8_t rec_seq[8];	/* of the first record */
};

/* splitmix64 */
static inline uint64_t stream_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

/* The stream's byte at an offset is a function of seed and offset alone. */
static inline void stream_fill(uint8_t *p, size_t n, uint64_t seed, uint64_t offset)
{
	while (n) {
		uint64_t word = stream_mix(seed ^ (offset / 8 * 0x100000001b3ull)) >> (offset % 8 * 8);
		size_t k = 8 - offset % 8;

		if (k > n)
			k = n;
		if (k == 8)
			memcpy(p, &word, 8);
		else
			for (size_t i = 0; i < k; i++)
				p[i] = word >> (8 * i);
		p += k;
		n -= k;
		offset += k;
	}
}

static inline void stream_lead(uint8_t *p, size_t n, uint64_t seed)
{
	stream_fill(p, n, ~seed, 0);
}

static inline void stream_keys(struct stream_keys *k, uint64_t seed)
{
	uint8_t secret[64];

	stream_fill(secret, sizeof(secret), seed ^ 0x6b6579, 0);
	memcpy(k->key, secret, sizeof(k->key));
	memcpy(k->salt, secret + 32, sizeof(k->salt));
	memcpy(k->iv, secret + 40, sizeof(k->iv));
	/* a record number about to carry out of its low byte */
	memset(k->rec_seq, 0, sizeof(k->rec_seq));
	k->rec_seq[7] = 0xfe;
	explicit_bzero(secret, sizeof(secret));
}

#endif
