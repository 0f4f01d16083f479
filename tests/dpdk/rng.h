/* SPDX-License-Identifier: BSD-2-Clause */
/* Random numbers from a seed: the same on every machine (xorshift64*). */
#ifndef TLSNIC_DPDK_RNG_H
#define TLSNIC_DPDK_RNG_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rng {
	uint64_t x;
};

static inline uint64_t rng_next(struct rng *r)
{
	r->x ^= r->x >> 12;
	r->x ^= r->x << 25;
	r->x ^= r->x >> 27;
	return r->x * 0x2545f4914f6cdd1dull;
}

/* Any seed will do, 0 too. */
static inline struct rng rng_seed(uint64_t seed)
{
	struct rng r = { (seed + 1) * 0x9e3779b97f4a7c15ull };

	if (!r.x)
		r.x = 1;
	for (int i = 0; i < 4; i++)
		rng_next(&r);
	return r;
}

/* From 0 to below - 1; 0 if below is 0. */
static inline uint32_t rng_below(struct rng *r, uint32_t below)
{
	return below ? (rng_next(r) >> 32) % below : 0;
}

static inline uint32_t rng_range(struct rng *r, uint32_t low, uint32_t high)
{
	return low + rng_below(r, high - low + 1);
}

static inline void rng_bytes(struct rng *r, void *p, size_t n)
{
	uint8_t *b = p;

	for (; n >= 8; n -= 8, b += 8) {
		uint64_t v = rng_next(r);

		memcpy(b, &v, 8);
	}
	if (n) {
		uint64_t v = rng_next(r);

		memcpy(b, &v, n);
	}
}

#endif /* TLSNIC_DPDK_RNG_H */
