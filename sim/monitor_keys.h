// SPDX-License-Identifier: BSD-2-Clause
//
// What has left under each key and nonce: plaintext by place in its record, so that a second
// use of a keystream block for other plaintext is seen, whoever asks for it and however
// often the context was written in between. Ciphers by libcrypto.
//
// Bounded: limit() bytes of records, the oldest are forgotten first. That a nonce was used is
// remembered longer: bytes under it count as forgotten.

#ifndef TLSNIC_SIM_MONITOR_KEYS_H
#define TLSNIC_SIM_MONITOR_KEYS_H

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

struct Key;
typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;

constexpr unsigned TAG = 16;

// Ranges of bytes, apart and in order.
class Ranges {
	struct Range {
		uint32_t from, to;
	};
	std::vector<Range> r_;

public:
	void add(uint32_t from, uint32_t to);
	bool all(uint32_t len) const { return !len || (r_.size() == 1 && !r_[0].from && r_[0].to == len); }
	// calls f(from, to) for each part of [from, to) that is in a range
	template <class F> void each(uint32_t from, uint32_t to, F f) const
	{
		for (const Range &r : r_)
			if (r.from < to && from < r.to)
				f(r.from > from ? r.from : from, r.to < to ? r.to : to);
	}
	void clear() { r_.clear(); }
};

// How the records of a stream get their nonces: as a context has it.
struct Lane {
	Key *key = nullptr;
	bool tls13 = false;
	uint8_t salt[4] = {};
	uint64_t iv = 0, rec_sn = 0;		// as numbers

	unsigned header() const { return tls13 ? 5 : 13; }
	unsigned overhead() const { return tls13 ? TAG : 8 + TAG; }	// counted by the length field
	std::array<uint8_t, 12> nonce(uint64_t sn) const;
};

struct Record {
	Key *key;
	std::array<uint8_t, 12> nonce;
	bool tls13;
	bool used = false;			// some of it has left
	bool type_known = false;
	bool forgotten = false;
	uint8_t type = 0;
	uint64_t sn;
	uint32_t len;				// of the plaintext, with the inner type of TLS 1.3
	std::unique_ptr<uint8_t[]> text;
	Ranges known;				// of text
	bool tag_made = false;			// tag is libcrypto's
	uint16_t tag_seen = 0;			// else: these bytes of it were on the wire
	uint8_t tag[TAG];

	unsigned header() const { return tls13 ? 5 : 13; }
	uint32_t whole() const { return header() + len + TAG; }
	void make_header(uint8_t *to) const;
};

typedef std::shared_ptr<Record> RecordPtr;

class KeyStore {
	static constexpr unsigned SLOTS = 64;	// of ciphers that are set up

	struct Slot {
		Key *key = nullptr;
		EVP_CIPHER_CTX *ctr = nullptr, *gcm = nullptr;
	};
	Slot slots_[SLOTS];
	std::unordered_map<std::string, std::unique_ptr<Key>> keys_;
	std::deque<RecordPtr> order_;
	size_t held_ = 0, limit_ = 128u << 20;

	Slot &ciphers(Key *key);
	void forget();

public:
	KeyStore();
	~KeyStore();
	void limit(size_t bytes) { limit_ = bytes; }
	size_t held() const { return held_; }
	Key *key(const uint8_t *bytes, unsigned len);
	// The record with this number. clash: it has left with another length or type.
	RecordPtr open(const Lane &lane, uint64_t sn, uint32_t len, int type, bool &clash);
	// Was the nonce used by a record that is forgotten?
	bool was_used(const Record &r) const;
	// Either way: out may be in.
	void crypt(const Record &r, uint32_t pos, const uint8_t *in, uint8_t *out, uint32_t n);
	// Remembers plaintext that left. Returns n, or the first byte at which it is not what left before.
	uint32_t put(Record &r, uint32_t pos, const uint8_t *text, uint32_t n);
	// Makes the tag, if all of the record is known.
	enum Tag { MADE, UNKNOWN, WRONG };	// WRONG: bytes of another have left
	Tag make_tag(Record &r);
};

#endif // TLSNIC_SIM_MONITOR_KEYS_H
