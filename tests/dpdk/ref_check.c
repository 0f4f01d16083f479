// SPDX-License-Identifier: BSD-2-Clause
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ref.h"
#include "rng.h"

static int compare(struct ref_key *k, const uint8_t nonce[12], const uint8_t *aad, unsigned int aad_len,
		   const uint8_t *in, uint32_t len, uint8_t *out[REF_DRIVERS], char *err, size_t err_len)
{
	for (int d = 0; d < REF_DRIVERS; d++) {
		if (ref_seal(k, d, nonce, aad, aad_len, in, len, out[d])) {
			snprintf(err, err_len, "%s refuses %u bytes with %u bytes of AAD", ref_names[d], len, aad_len);
			return -1;
		}
		for (uint32_t i = 0; d && i < len + REF_TAG; i++) {
			if (out[d][i] == out[0][i])
				continue;
			snprintf(err, err_len, "%u bytes, %u bytes of AAD: %s byte %u is %02x by %s and %02x by %s", len, aad_len,
				 i < len ? "ciphertext" : "tag", i < len ? i : i - len, out[0][i], ref_names[0], out[d][i],
				 ref_names[d]);
			return -1;
		}
	}
	return 0;
}

int ref_check(uint64_t seed, char *err, size_t err_len)
{
	static const uint32_t sizes[] = { 0, 1, 15, 16, 17, 255, 256, 1448, 4096, 16383, 16384, 16385, 65535 };
	struct rng r = rng_seed(seed);
	uint8_t key[32], nonce[12], aad[13], *in = malloc(65535), *out[REF_DRIVERS];
	int ret = 0;

	for (int d = 0; d < REF_DRIVERS; d++)
		out[d] = malloc(65535 + REF_TAG);
	rng_bytes(&r, in, 65535);
	for (unsigned int i = 0; i < 400 && !ret; i++) {
		uint32_t len = i < 4 * sizeof(sizes) / sizeof(sizes[0]) ? sizes[i / 4] : rng_below(&r, 2048);
		struct ref_key *k;

		rng_bytes(&r, key, 32);
		rng_bytes(&r, nonce, 12);
		rng_bytes(&r, aad, 13);
		k = ref_key_new(key, i & 1 ? 32 : 16);
		ret = k ? compare(k, nonce, aad, i & 2 ? 13 : 5, in, len, out, err, err_len) : -1;
		ref_key_free(k);
	}
	for (int d = 0; d < REF_DRIVERS; d++)
		free(out[d]);
	free(in);
	return ret;
}
