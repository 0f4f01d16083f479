/* SPDX-License-Identifier: BSD-2-Clause */
/* Record numbers and nonces of TLS: 64 bits, big-endian, at any address. */
#ifndef TLSNIC_TESTS_BE64_H
#define TLSNIC_TESTS_BE64_H

#include <stdint.h>

static inline uint64_t get64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

static inline void put64(uint8_t *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = v;
}

#endif /* TLSNIC_TESTS_BE64_H */
