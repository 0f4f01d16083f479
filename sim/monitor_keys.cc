// SPDX-License-Identifier: BSD-2-Clause
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <openssl/evp.h>

#include "monitor_keys.h"

struct NonceHash {
	size_t operator()(const std::array<uint8_t, 12> &n) const
	{
		uint64_t low;
		uint32_t high;

		memcpy(&high, n.data(), 4);
		memcpy(&low, n.data() + 4, 8);
		return (low ^ high) * 0x9e3779b97f4a7c15ull >> 20;
	}
};

struct Key {
	uint8_t bytes[32];
	unsigned len;
	std::unordered_map<std::array<uint8_t, 12>, RecordPtr, NonceHash> records;
	// of forgotten nonces the last 8 bytes, as numbers: first to behind the last
	std::map<uint64_t, uint64_t> forgotten;
};

static uint64_t be64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return __builtin_bswap64(v);
}

static void put_be64(uint8_t *p, uint64_t v)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, 8);
}

static void must(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "tlsnic_sim: monitor: libcrypto: %s failed\n", what);
	abort();
}

void Ranges::add(uint32_t from, uint32_t to)
{
	size_t i = 0, n;

	if (from >= to)
		return;
	while (i < r_.size() && r_[i].to < from)
		i++;
	for (n = i; n < r_.size() && r_[n].from <= to; n++) {
		from = r_[n].from < from ? r_[n].from : from;
		to = r_[n].to > to ? r_[n].to : to;
	}
	if (n == i) {
		r_.insert(r_.begin() + i, { from, to });
	} else {
		r_[i] = { from, to };
		r_.erase(r_.begin() + i + 1, r_.begin() + n);
	}
}

// RFC 5288 section 3 with the counter that the kernel uses, RFC 8446 section 5.3.
std::array<uint8_t, 12> Lane::nonce(uint64_t sn) const
{
	std::array<uint8_t, 12> n;

	memcpy(n.data(), salt, 4);
	put_be64(n.data() + 4, tls13 ? iv ^ sn : iv + (sn - rec_sn));
	return n;
}

void Record::make_header(uint8_t *to) const
{
	uint32_t field = len + TAG + (tls13 ? 0 : 8);

	to[0] = type;
	to[1] = to[2] = 3;
	to[3] = field >> 8;
	to[4] = field;
	if (!tls13)
		memcpy(to + 5, nonce.data() + 4, 8);
}

KeyStore::KeyStore()
{
	for (Slot &s : slots_) {
		s.ctr = EVP_CIPHER_CTX_new();
		s.gcm = EVP_CIPHER_CTX_new();
		must(s.ctr && s.gcm, "EVP_CIPHER_CTX_new");
	}
}

KeyStore::~KeyStore()
{
	for (Slot &s : slots_) {
		EVP_CIPHER_CTX_free(s.ctr);
		EVP_CIPHER_CTX_free(s.gcm);
	}
}

KeyStore::Slot &KeyStore::ciphers(Key *key)
{
	Slot &s = slots_[key->bytes[0] % SLOTS];

	if (s.key != key) {
		bool aes128 = key->len == 16;

		must(EVP_EncryptInit_ex(s.ctr, aes128 ? EVP_aes_128_ctr() : EVP_aes_256_ctr(), nullptr, key->bytes, nullptr) &&
		     EVP_EncryptInit_ex(s.gcm, aes128 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), nullptr, key->bytes, nullptr),
		     "EVP_EncryptInit_ex");
		s.key = key;
	}
	return s;
}

Key *KeyStore::key(const uint8_t *bytes, unsigned len)
{
	std::unique_ptr<Key> &k = keys_[std::string((const char *)bytes, len)];

	if (!k) {
		k = std::make_unique<Key>();
		memcpy(k->bytes, bytes, len);
		k->len = len;
	}
	return k.get();
}

void KeyStore::forget()
{
	while (held_ > limit_) {
		RecordPtr r = std::move(order_.front());
		std::map<uint64_t, uint64_t> &gone = r->key->forgotten;
		uint64_t n = be64(r->nonce.data() + 4);

		order_.pop_front();
		held_ -= r->len + sizeof(Record);
		r->key->records.erase(r->nonce);
		r->text.reset();
		r->known.clear();
		r->forgotten = true;
		if (!r->used)
			continue;

		auto next = gone.upper_bound(n);

		if (next != gone.begin() && std::prev(next)->second >= n) {
			if (std::prev(next)->second == n)
				std::prev(next)->second = n + 1;
		} else {
			gone[n] = n + 1;
		}
		if (next != gone.end() && next->first == n + 1) {
			auto before = std::prev(next);

			before->second = next->second;
			gone.erase(next);
		}
	}
}

bool KeyStore::was_used(const Record &r) const
{
	uint64_t n = be64(r.nonce.data() + 4);
	auto next = r.key->forgotten.upper_bound(n);

	return next != r.key->forgotten.begin() && n < std::prev(next)->second;
}

RecordPtr KeyStore::open(const Lane &lane, uint64_t sn, uint32_t len, int type, bool &clash)
{
	std::array<uint8_t, 12> nonce = lane.nonce(sn);
	RecordPtr &r = lane.key->records[nonce];

	clash = r && r->used && (r->len != len || (type >= 0 && r->type_known && r->type != type));
	if (clash)
		return r;
	if (r && !r->used && r->len != len) {
		// nothing of it has left: take it as it is now
		held_ += len - r->len;
		r->len = len;
		r->text.reset();
		r->known.clear();
	}
	if (!r) {
		r = std::make_shared<Record>();
		r->key = lane.key;
		r->nonce = nonce;
		r->len = len;
		order_.push_back(r);
		held_ += len + sizeof(Record);
	}
	if (!r->used) {
		r->tls13 = lane.tls13;
		r->sn = sn;
	}
	if (type >= 0 && !(r->used && r->type_known)) {
		r->type = type;
		r->type_known = true;
	}
	if (held_ > limit_) {
		RecordPtr keep = r;		// r may be gone from the map

		forget();
		return keep;
	}
	return r;
}

void KeyStore::crypt(const Record &r, uint32_t pos, const uint8_t *in, uint8_t *out, uint32_t n)
{
	EVP_CIPHER_CTX *c = ciphers(r.key).ctr;
	uint32_t block = 2 + pos / 16;
	uint8_t counter[16], skipped[16] = {};
	int done;

	memcpy(counter, r.nonce.data(), 12);
	for (int i = 0; i < 4; i++)
		counter[12 + i] = block >> (24 - 8 * i);
	must(EVP_EncryptInit_ex(c, nullptr, nullptr, nullptr, counter), "EVP_EncryptInit_ex");
	if (pos % 16)
		must(EVP_EncryptUpdate(c, skipped, &done, skipped, pos % 16), "EVP_EncryptUpdate");
	must(EVP_EncryptUpdate(c, out, &done, in, n), "EVP_EncryptUpdate");
}

uint32_t KeyStore::put(Record &r, uint32_t pos, const uint8_t *text, uint32_t n)
{
	uint32_t differs = n;

	r.used = true;
	if (r.forgotten)
		return n;
	if (!r.text)
		r.text.reset(new uint8_t[r.len]);
	r.known.each(pos, pos + n, [&](uint32_t from, uint32_t to) {
		const uint8_t *a = r.text.get() + from, *b = text + (from - pos);

		if (!memcmp(a, b, to - from))
			return;
		while (*a == *b)
			a++, b++;
		if (differs == n)
			differs = b - text;
	});
	if (differs == n) {
		memcpy(r.text.get() + pos, text, n);
		r.known.add(pos, pos + n);
	}
	return differs;
}

KeyStore::Tag KeyStore::make_tag(Record &r)
{
	uint8_t aad[13], tag[TAG];
	unsigned n = 0;
	int done;

	if (r.tag_made)
		return MADE;
	if (r.forgotten || !r.type_known || !r.known.all(r.len))
		return UNKNOWN;
	// RFC 5246 section 6.2.3.3, RFC 8446 section 5.2
	if (!r.tls13) {
		put_be64(aad, r.sn);
		n = 8;
	}
	uint32_t field = r.len + (r.tls13 ? TAG : 0);
	const uint8_t head[5] = { r.type, 3, 3, (uint8_t)(field >> 8), (uint8_t)field };
	EVP_CIPHER_CTX *c = ciphers(r.key).gcm;
	std::unique_ptr<uint8_t[]> sink(new uint8_t[r.len + 16]);

	memcpy(aad + n, head, 5);
	must(EVP_EncryptInit_ex(c, nullptr, nullptr, nullptr, r.nonce.data()) &&
	     EVP_EncryptUpdate(c, nullptr, &done, aad, n + 5) &&
	     (!r.len || EVP_EncryptUpdate(c, sink.get(), &done, r.text.get(), r.len)) &&
	     EVP_EncryptFinal_ex(c, sink.get(), &done) &&
	     EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, tag), "AES-GCM");
	// bytes of it that were on the wire before must be these
	for (unsigned i = 0; i < TAG; i++)
		if (r.tag_seen >> i & 1 && r.tag[i] != tag[i])
			return WRONG;
	memcpy(r.tag, tag, TAG);
	r.tag_made = true;
	return MADE;
}
