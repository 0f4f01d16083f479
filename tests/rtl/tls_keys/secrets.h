/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is left of a key in the model: every signal is searched for the key and
 * all that is made of it.
 */
#ifndef TLSNIC_SECRETS_H
#define TLSNIC_SECRETS_H

#include <verilated_syms.h>

#include <map>
#include <string>
#include <unordered_map>

#include "bench.h"

/* All signals and memories of the design, by name; none of Verilator's own variables. */
struct Dump {
	std::map<std::string, Bytes> state;

	explicit Dump(Bench &b)
	{
		for (const auto &scope : *b.tb.context->scopeNameMap()) {
			if (!scope.second->varsp())
				continue;
			for (const auto &var : *scope.second->varsp()) {
				const uint8_t *p = (const uint8_t *)var.second.datap();

				state[std::string(scope.first) + "." + var.first] =
					Bytes(p, p + var.second.totalSize());
			}
		}
	}
};

/* x * 2 in AES's field. */
static inline uint8_t twice(uint8_t x) { return (uint8_t)(x << 1 ^ (x >> 7) * 0x1b); }

static inline uint8_t sbox(uint8_t x)
{
	uint8_t inv = 0, y = 0;

	for (unsigned c = 1; x && c < 256; c++) {	/* the c with c * x = 1 */
		uint8_t product = 0, t = x;

		for (unsigned m = c; m; m >>= 1, t = twice(t))
			product ^= (uint8_t)((m & 1) * t);
		if (product == 1)
			inv = (uint8_t)c;
	}
	for (int i = 0; i < 5; i++)
		y ^= (uint8_t)(inv << i | inv >> (8 - i));
	return y ^ 0x63;
}

/* FIPS 197 section 5.2: the round keys, the key first. */
static inline Bytes round_keys(const uint8_t *key, bool key256)
{
	size_t nk = key256 ? 32 : 16, total = key256 ? 240 : 176;
	Bytes w(key, key + nk);
	uint8_t rcon = 1;

	while (w.size() < total) {
		uint8_t t[4];
		size_t i = w.size();

		memcpy(t, &w[i - 4], 4);
		if (i % nk == 0) {
			uint8_t first = t[0];

			t[0] = sbox(t[1]) ^ rcon;
			t[1] = sbox(t[2]);
			t[2] = sbox(t[3]);
			t[3] = sbox(first);
			rcon = twice(rcon);
		} else if (key256 && i % nk == 16) {
			for (uint8_t &b : t)
				b = sbox(b);
		}
		for (size_t j = 0; j < 4; j++)
			w.push_back(w[i - nk + j] ^ t[j]);
	}
	return w;
}

/* E(key, block): of the zero block it is GHASH's H. */
static inline void aes_block(const uint8_t *key, bool key256, const uint8_t in[16], uint8_t out[16])
{
	EVP_CIPHER_CTX *evp = EVP_CIPHER_CTX_new();
	int n;

	EVP_EncryptInit_ex(evp, key256 ? EVP_aes_256_ecb() : EVP_aes_128_ecb(), NULL, key, NULL);
	EVP_EncryptUpdate(evp, out, &n, in, 16);
	EVP_CIPHER_CTX_free(evp);
}

/* x = x * h in GHASH's field. */
static inline void gf_mul(uint8_t x[16], const uint8_t h[16])
{
	uint8_t z[16] = {}, v[16];

	memcpy(v, h, 16);
	for (int i = 0; i < 128; i++) {
		if (x[i / 8] >> (7 - i % 8) & 1)
			for (int k = 0; k < 16; k++)
				z[k] ^= v[k];
		uint8_t out = v[15] & 1;
		for (int k = 15; k; k--)
			v[k] = (uint8_t)(v[k] >> 1 | v[k - 1] << 7);
		v[0] = (uint8_t)(v[0] >> 1) ^ (uint8_t)(out * 0xe1);
	}
	memcpy(x, z, 16);
}

/* Strings of 8 bytes that must not be found, in either order of bytes and bits. */
struct Secrets {
	std::unordered_map<uint64_t, std::string> words;

	static uint8_t reverse(uint8_t x)
	{
		uint8_t y = 0;

		for (int i = 0; i < 8; i++)
			y |= (uint8_t)((x >> i & 1) << (7 - i));
		return y;
	}

	void add(const char *name, const uint8_t *p, size_t n)
	{
		for (size_t i = 0; i + 8 <= n; i++) {
			uint8_t w[8], back[8];
			uint64_t x;
			char text[64];

			snprintf(text, sizeof(text), "%s, byte %zu", name, i);
			for (int bits = 0; bits < 2; bits++) {
				for (int k = 0; k < 8; k++) {
					w[k] = bits ? reverse(p[i + k]) : p[i + k];
					back[7 - k] = w[k];
				}
				memcpy(&x, w, 8);
				words[x] = text;
				memcpy(&x, back, 8);
				words[x] = text;
			}
		}
	}

	Secrets() {}

	explicit Secrets(const Conn &c)
	{
		Bytes keys = round_keys(c.key, c.key256);
		uint8_t zero[16] = {}, h[16], power[16];

		add("round keys", keys.data(), keys.size());
		aes_block(c.key, c.key256, zero, h);
		memcpy(power, h, 16);
		for (int i = 1; i <= 4; i++) {
			char name[] = "H^1";

			name[2] = (char)('0' + i);
			add(name, power, 16);
			gf_mul(power, h);
		}
	}

	/* How many places of the dump hold one of them; where names the last. */
	unsigned find(const Dump &dump, std::string &where) const
	{
		unsigned found = 0;

		for (const auto &var : dump.state) {
			const Bytes &v = var.second;

			for (size_t i = 0; i + 8 <= v.size(); i++) {
				uint64_t lo;

				memcpy(&lo, &v[i], 8);
				for (int shift = 0; shift < 8; shift++) {
					uint64_t hi = shift && i + 8 < v.size() ? v[i + 8] : 0;
					auto it = words.find(shift ? lo >> shift | hi << (64 - shift) : lo);

					if (it != words.end()) {
						found++;
						where = it->second + " in " + var.first;
					}
				}
			}
		}
		return found;
	}
};

#endif /* TLSNIC_SECRETS_H */
