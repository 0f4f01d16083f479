/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TLS connection as the card sees it: a context, and the byte stream of its
 * records, in clear with placeholders for the tags, and as libcrypto encrypts
 * it.
 */
#ifndef TLSNIC_CONN_H
#define TLSNIC_CONN_H

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "tb.h"

typedef std::vector<uint8_t> Bytes;

enum { TLS12 = 12, TLS13 = 13 };

static inline uint64_t be64(const uint8_t *p)
{
	uint64_t x = 0;

	for (int i = 0; i < 8; i++)
		x = x << 8 | p[i];
	return x;
}

static inline void put_be64(uint8_t *p, uint64_t x)
{
	for (int i = 7; i >= 0; i--, x >>= 8)
		p[i] = (uint8_t)x;
}

/* A tag that must or may be returned. */
struct Tag {
	uint8_t tag[16];
	uint32_t ctx, rec_sn;
	std::vector<unsigned> queues;	/* of the packets that it may come with */
	uint32_t last = 0;		/* number of the last one */
	bool due = false;		/* it must come before that one's completion */
	bool came = false;
};

struct Conn {
	uint32_t ctx = 0, seq0 = 0;
	int version = TLS12;
	bool key256 = false;
	uint8_t key[32] = {}, salt[4], iv[8], rec_sn[8];

	Bytes clear, cipher;			/* the stream from seq0 on */
	std::vector<size_t> ends;		/* offset behind each record */
	size_t at = 0;				/* sent so far */
	bool broken = false;
	uint64_t built = 0;			/* records */
	std::shared_ptr<Tag> tag;		/* of the record whose payload is sent, its tag not all */

	EVP_CIPHER_CTX *evp = NULL;

	Conn() {}
	Conn(const Conn &) = delete;
	~Conn() { EVP_CIPHER_CTX_free(evp); }

	void init(Random &r, uint32_t number, int tls_version, bool aes256)
	{
		ctx = number;
		version = tls_version;
		key256 = aes256;
		memset(key, 0, sizeof(key));
		r.fill(key, aes256 ? 32 : 16);
		r.fill(salt, 4);
		r.fill(iv, 8);
		r.fill(rec_sn, 8);
		if (r.one_in(4))	/* carries */
			memset(rec_sn + r.below(8), 0xff, 1), memset(rec_sn + 4, 0xff, 4);
		if (r.one_in(4))
			memset(iv + r.below(6), 0xff, 3), memset(iv + 5, 0xff, 3);
		seq0 = r.one_in(4) ? 0u - r.below(2000) : (uint32_t)r.next();
		restart();
	}

	/* Begins the stream anew, after key, salt, ... were set by hand. */
	void restart()
	{
		clear.clear();
		cipher.clear();
		ends.clear();
		at = 0;
		built = 0;
		broken = false;
		tag.reset();
		if (!evp)
			evp = EVP_CIPHER_CTX_new();
		EVP_EncryptInit_ex(evp, key256 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), NULL, key, NULL);
	}

	uint32_t seq() const { return seq0 + (uint32_t)at; }
	size_t left() const { return clear.size() - at; }
	uint32_t low_sn(size_t i) const { return (uint32_t)(be64(rec_sn) + i); }
	size_t header_len() const { return version == TLS13 ? 5 : 13; }

	/* n: payload bytes; TLS 1.3 adds the inner type. */
	void add_record(Random &r, size_t n, int type = 23)
	{
		size_t c = version == TLS13 ? n + 1 : n, hdr = header_len();
		size_t len = hdr - 5 + c + 16, start = clear.size(), total = 5 + len;
		uint64_t sn = be64(rec_sn) + built;
		uint8_t nonce[12], aad[13];
		int out;

		clear.resize(start + total);
		uint8_t *p = &clear[start];
		p[0] = (uint8_t)type;
		p[1] = p[2] = 3;
		p[3] = (uint8_t)(len >> 8);
		p[4] = (uint8_t)len;
		memcpy(nonce, salt, 4);
		if (version == TLS13) {
			put_be64(nonce + 4, be64(iv) ^ sn);
			memcpy(aad, p, 5);
		} else {
			put_be64(nonce + 4, be64(iv) + built);
			memcpy(p + 5, nonce + 4, 8);
			put_be64(aad, sn);
			memcpy(aad + 8, p, 3);
			aad[11] = (uint8_t)(c >> 8);
			aad[12] = (uint8_t)c;
		}
		r.fill(p + hdr, c + 16);
		cipher.resize(start + total);
		uint8_t *q = &cipher[start];
		memcpy(q, p, hdr);
		EVP_EncryptInit_ex(evp, NULL, NULL, NULL, nonce);
		EVP_EncryptUpdate(evp, NULL, &out, aad, version == TLS13 ? 5 : 13);
		if (c)
			EVP_EncryptUpdate(evp, q + hdr, &out, p + hdr, (int)c);
		EVP_EncryptFinal_ex(evp, q + hdr + c, &out);
		EVP_CIPHER_CTX_ctrl(evp, EVP_CTRL_AEAD_GET_TAG, 16, q + hdr + c);
		ends.push_back(start + total);
		built++;
	}

	/* Number of the record that byte `at` is in. */
	size_t record(size_t at) const
	{
		return (size_t)(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
	}

	/* Record ends in (from, to]. */
	unsigned ends_in(size_t from, size_t to) const
	{
		unsigned n = 0;

		for (size_t e : ends)
			n += e > from && e <= to;
		return n;
	}
};

#endif /* TLSNIC_CONN_H */
