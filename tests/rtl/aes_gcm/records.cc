/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records shaped like those of TLS 1.2 and 1.3, sealed and opened by the engine
 * in pieces, against libcrypto and ipsec_mb.
 */
#include "mixer.h"
#include "references.h"
#include "tests.h"

/* A header (and explicit nonce) in the clear, ciphertext, tag. */
struct Kind {
	bool tls13, key256, decrypt;

	explicit Kind(int n) : tls13(n & 1), key256(n & 2), decrypt(n & 4) {}
	int clear() const { return tls13 ? 5 : 13; }
	std::string name() const
	{
		return std::string(tls13 ? "TLS 1.3" : "TLS 1.2") + (key256 ? " AES-256 " : " AES-128 ") +
		       (decrypt ? "opened" : "sealed");
	}
};

enum { KINDS = 8 };

static bytes big_endian(uint64_t value, int n)
{
	bytes out(n);

	for (int i = 0; i < n; i++)
		out[n - 1 - i] = i < 8 ? value >> (8 * i) : 0;
	return out;
}

static void append(bytes &to, const bytes &from)
{
	to.insert(to.end(), from.begin(), from.end());
}

/* RFC 5288 and RFC 8446: what the nonce and the AAD of record `number` are. */
static void shape(Random &random, const Kind &kind, uint64_t number, size_t length, Message &m)
{
	bytes type_version = {(uint8_t)(20 + random.below(4)), 3, 3};

	if (kind.tls13) {
		bytes counter = big_endian(number, 12);

		m.nonce = random_bytes(random, 12);
		for (int i = 0; i < 12; i++)
			m.nonce[i] ^= counter[i];
		m.aad = type_version;
		append(m.aad, big_endian(length + 16, 2));
	} else {
		m.nonce = random_bytes(random, 4);
		append(m.nonce, big_endian(number, 8));
		m.aad = big_endian(number, 8);
		append(m.aad, type_version);
		append(m.aad, big_endian(length, 2));
	}
}

/* A record; both references must agree about it. */
static Message record(const IpsecMb &other, Random &random, const Kind &kind, const bytes &key,
		      size_t length)
{
	Message m;
	bytes text = random_bytes(random, length), cipher, again, tag;

	shape(random, kind, random.one_in(2) ? random.below(100) : random.next(), length, m);
	gcm_encrypt(key, m.nonce, m.aad, text, cipher, m.tag);
	other.gcm(false, key, m.nonce, m.aad, text, again, tag);
	m.what = kind.name() + ", " + std::to_string(length) + " bytes";
	if (cipher != again || m.tag != tag)
		tap_fail("%s: libcrypto and ipsec_mb differ", m.what.c_str());
	m.input = kind.decrypt ? cipher : text;
	m.output = kind.decrypt ? text : cipher;
	m.decrypt = kind.decrypt;
	m.filler = kind.clear();
	return m;
}

void test_references(void)
{
	IpsecMb other;
	Random random(tap.seed);
	int count = 0;

	for (size_t length = 0; length <= 16384; length += length < 300 ? 1 : 1 + random.below(300)) {
		for (int k = 0; k < KINDS; k += 1) {
			Kind kind(k);
			bytes key = random_bytes(random, kind.key256 ? 32 : 16), text, again, tag;
			Message m = record(other, random, kind, key, length);
			const bytes &sealed = kind.decrypt ? m.input : m.output;
			const bytes &plain = kind.decrypt ? m.output : m.input;

			if (!gcm_decrypt(key, m.nonce, m.aad, sealed, m.tag, text) || text != plain)
				tap_fail("%s: libcrypto does not open what it sealed", m.what.c_str());
			other.gcm(true, key, m.nonce, m.aad, sealed, again, tag);
			if (again != plain || tag != m.tag)
				tap_fail("%s: ipsec_mb does not open what libcrypto sealed", m.what.c_str());
			count++;
		}
	}
	printf("# %d records sealed and opened by both\n", count);
}

/* Up to NUM_CTX streams that take turns, so that each meets strange state and keys. */
struct Round {
	Engine &engine;
	std::vector<std::unique_ptr<Stream>> streams;
	std::vector<std::vector<int>> lengths;	/* of the packets */

	void run()
	{
		size_t most = 0;

		for (auto &l : lengths)
			most = std::max(most, l.size());
		for (size_t turn = 0; turn < most; turn++)
			for (size_t i = 0; i < streams.size(); i++)
				if (turn < lengths[i].size())
					streams[i]->packet(engine.random.below(2 * BYTES + 2), lengths[i][turn]);
		for (auto &s : streams)
			if (!s->done())
				tap_fail("%s: the packets did not hold all of it", s->messages[0].what.c_str());
		streams.clear();
		lengths.clear();
	}

	void add(const bytes &key, const Message &m, const std::vector<int> &packets)
	{
		std::unique_ptr<Stream> s(new Stream(engine, streams.size()));

		s->key = key;
		s->init();
		s->messages.push_back(m);
		s->messages.back().what += ", packets of";
		for (int length : packets)
			s->messages.back().what += " " + std::to_string(length);
		streams.push_back(std::move(s));
		lengths.push_back(packets);
		if (streams.size() == NUM_CTX)
			run();
	}
};

void test_each_cut(void)
{
	Engine engine(tap.seed);
	Random &random = engine.random;
	IpsecMb other;
	Round round = {engine, {}, {}};
	int count = 0;

	for (int length : {0, 1, 15, 16, 17, 31, 32, 33, 47, 64, 81, 130}) {
		for (int k = 0; k < KINDS; k++) {
			Kind kind(k);
			int total = kind.clear() + length + 16;

			for (int cut = 1; cut < total; cut++) {
				bytes key = random_bytes(random, kind.key256 ? 32 : 16);

				round.add(key, record(other, random, kind, key, length), {cut, total - cut});
				count++;
			}
		}
	}
	round.run();
	engine.drain();
	tap_u64("tags", engine.tags, count);
	printf("# %d records in two packets each\n", count);
}

void test_each_two_cuts(void)
{
	Engine engine(tap.seed);
	Random &random = engine.random;
	IpsecMb other;
	Round round = {engine, {}, {}};
	int count = 0;

	for (int length : {1, 18, 37}) {
		for (int k = 0; k < KINDS; k++) {
			Kind kind(k);
			int total = kind.clear() + length + 16;

			for (int a = 1; a < total - 1; a++) {
				for (int b = a + 1; b < total; b++) {
					if (trials(20) != 20 && !random.one_in(20))
						continue;	/* a slow model: one in 20 */

					bytes key = random_bytes(random, kind.key256 ? 32 : 16);

					round.add(key, record(other, random, kind, key, length),
						  {a, b - a, total - b});
					count++;
				}
			}
		}
	}
	round.run();
	engine.drain();
	tap_u64("tags", engine.tags, count);
	printf("# %d records in three packets each\n", count);
}

/* With TLSNIC_LONG each size up to the largest, else some of those above 600. */
void test_sizes(void)
{
	Engine engine(tap.seed);
	Random &random = engine.random;
	IpsecMb other;
	Mixer mixer(engine, 1460);
	uint64_t count = 0, total = 0;
	bool all = getenv("TLSNIC_LONG");

	auto add = [&](size_t length) {
		for (int k = 0; k < KINDS; k++) {
			Kind kind(k);
			bytes key = random_bytes(random, kind.key256 ? 32 : 16);
			Message m = record(other, random, kind, key, length);

			mixer.longest = random.one_in(4) ? 100 : random.one_in(4) ? 9000 : 1460;
			mixer.add(key).messages.push_back(m);
			count++;
			total += length;
		}
	};

	for (size_t length = 0; length <= 16384; length++)
		if (all || random.below(16384) < (unsigned)trials(length < 600 ? 16384 : 200))
			add(length);
	for (size_t length : {0, 1, 16, 16383, 16384, 16385})
		add(length);
	mixer.finish();
	tap_u64("tags", engine.tags - engine.sought, count);
	printf("# %llu records of %llu bytes: %llu ops\n", (unsigned long long)count,
	       (unsigned long long)total, (unsigned long long)engine.ops);
}
