/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The AES-GCM engine against NIST CAVP and libcrypto: messages at any
 * alignment, cut into packets anywhere, many keys interleaved op by op; the
 * cycles that records with a new key each take; what a wipe leaves.
 */
#include <ctime>
#include <memory>

#include "stream.h"
#include "vectors.h"

/* Runs streams to their end, up to NUM_CTX at a time, a packet of one at a turn. */
struct Mixer {
	Engine &engine;
	Random &random;
	std::vector<std::unique_ptr<Stream>> live;
	std::vector<int> free_slots;
	int longest;			/* bytes of a packet */

	Mixer(Engine &e, int longest_packet) : engine(e), random(e.random), longest(longest_packet)
	{
		for (int i = 0; i < NUM_CTX; i++)
			free_slots.push_back(i);
	}

	/* An empty stream with a slot of its own; makes room first. */
	Stream &add(const bytes &key)
	{
		while (free_slots.empty())
			step();
		std::unique_ptr<Stream> s(new Stream(engine, free_slots.back()));

		free_slots.pop_back();
		s->key = key;
		s->init(random.one_in(2));
		live.push_back(std::move(s));
		return *live.back();
	}

	void step()
	{
		size_t i = random.below(live.size());
		Stream &s = *live[i];

		s.packet(random.below(2 * BYTES + 2), random.range(0, random.one_in(4) ? 20 : longest));
		if (!s.done())
			return;
		if (random.one_in(4))
			s.wipe();
		free_slots.push_back(s.slot);
		live.erase(live.begin() + i);
	}

	void finish()
	{
		while (!live.empty())
			step();
		engine.drain();
	}
};

static void add_cavp(Mixer &mixer, const Vector &v, bool decrypt)
{
	Random &random = mixer.random;
	Stream &s = mixer.add(v.key);
	Message m;

	m.nonce = v.iv;
	m.aad = v.aad;
	m.input = decrypt ? v.cipher : v.text;
	m.output = decrypt ? v.text : v.cipher;
	m.tag = v.tag;
	m.decrypt = decrypt;
	m.equal = !v.fail;
	if (v.fail) {
		/* no plaintext is given: counter mode is its own inverse */
		bytes tag;

		gcm_encrypt(v.key, v.iv, v.aad, v.cipher, m.output, tag);
	}
	m.aad_in_stream = m.aad.size() > 16 || random.one_in(2);
	m.filler = random.below(BYTES + 1);
	m.what = v.name;
	s.messages.push_back(m);
}

static void test_cavp(bool decrypt)
{
	Engine engine(tap.seed);
	Mixer mixer(engine, 90);
	std::string dir = vectors_dir();
	int count = 0, forged = 0;

	for (const char *bits : {"128", "256"}) {
		std::vector<Vector> vectors = load_rsp(
			dir + (decrypt ? "gcmDecrypt" : "gcmEncryptExtIV") + bits + ".rsp");

		if (vectors.empty())
			tap_fail("no vector of AES-%s with a 96-bit IV and a 128-bit tag", bits);
		for (const Vector &v : vectors) {
			engine.bubbles = mixer.random.one_in(2) ? 3 : 0;
			for (int i = 0; i < 4; i++)
				add_cavp(mixer, v, decrypt);
			count++;
			forged += v.fail;
		}
	}
	mixer.finish();
	printf("# %d vectors, %d of them forged, each at 4 alignments: %llu ops, %llu beats, %llu tags\n",
	       count, forged, (unsigned long long)engine.ops, (unsigned long long)engine.beats,
	       (unsigned long long)engine.tags);
	tap_u64("tags", engine.tags, 4 * count);
	if (decrypt && !forged)
		tap_fail("no forged vector found");
}

static bytes random_bytes(Random &random, size_t n)
{
	bytes out(n);

	random.fill(out.data(), n);
	return out;
}

static Message random_message(Random &random, const bytes &key, size_t longest)
{
	Message m;
	bytes text = random_bytes(random, random.one_in(8) ? 0 : random.below(longest + 1)), cipher;

	m.nonce = random_bytes(random, 12);
	m.decrypt = random.one_in(3);
	m.aad = random_bytes(random, random.one_in(2) ? 13 : random.one_in(2) ? 5 : random.below(40));
	m.aad_in_stream = m.aad.size() > 16 || random.one_in(3);
	m.filler = random.one_in(4) ? 0 : random.one_in(2) ? 13 : random.below(70);
	gcm_encrypt(key, m.nonce, m.aad, text, cipher, m.tag);
	m.input = m.decrypt ? cipher : text;
	m.output = m.decrypt ? text : cipher;
	m.what = "text " + std::to_string(text.size()) + " aad " + std::to_string(m.aad.size());
	return m;
}

static void test_random(int streams, size_t longest, int longest_packet)
{
	Engine engine(tap.seed);
	Mixer mixer(engine, longest_packet);
	Random &random = engine.random;
	uint64_t messages = 0, total = 0;

	for (int i = 0; i < streams && tap.failures < 8; i++) {
		bytes key = random_bytes(random, random.one_in(2) ? 16 : 32);

		/* two connections of one key: H of the one in an op of the other */
		if (!mixer.live.empty() && random.one_in(4))
			key = mixer.live[random.below(mixer.live.size())]->key;

		Stream &s = mixer.add(key);
		int n = random.range(1, 4);

		engine.bubbles = random.one_in(2) ? 0 : random.range(2, 20);
		for (int j = 0; j < n; j++) {
			s.messages.push_back(random_message(random, key, longest));
			s.messages.back().what += " of stream " + std::to_string(i);
			total += s.messages.back().input.size();
			messages++;
		}
	}
	mixer.finish();
	tap_u64("tags", engine.tags, messages);
	if (!engine.joined)
		tap_fail("no op computed H beside other work");
	printf("# %d streams, %llu messages of %llu bytes: %llu ops\n", streams,
	       (unsigned long long)messages, (unsigned long long)total, (unsigned long long)engine.ops);
}

/*
 * Records of n blocks, each with a key used for the first time: H is computed
 * in the stream of ops as well. The cycles are those from the first op to the
 * last beat, less the latency.
 */
static uint64_t new_key_each(Engine &engine, int n, int records)
{
	Random &random = engine.random;
	std::vector<bytes> keys;
	bytes text = random_bytes(random, 16 * n), cipher, tag, aad = random_bytes(random, 13);
	bytes nonce = random_bytes(random, 12);

	for (int i = 0; i <= records; i++)
		keys.push_back(random_bytes(random, i % 2 ? 32 : 16));

	auto h_init = [&](Op &op, int record) {
		op.key = keys[record].data();
		op.key256 = keys[record].size() == 32;
		op.nonce = nonce.data();
		op.h_init = true;
		op.h_slot = record % NUM_CTX;
	};
	Op first;

	h_init(first, 0);
	engine.issue(first);

	uint64_t begin = engine.tb.cycle;

	for (int r = 0; r < records; r++) {
		gcm_encrypt(keys[r], nonce, aad, text, cipher, tag);
		for (int block = 0; block < n; block += LANES) {
			int c_len = std::min<int>(16 * (n - block), BYTES);
			uint8_t want[BYTES] = {};
			Op op;

			op.key = keys[r].data();
			op.key256 = keys[r].size() == 32;
			op.nonce = nonce.data();
			op.ctr = block + 2;
			op.aes_n = c_len / 16;
			memcpy(op.data, text.data() + 16 * block, c_len);
			op.c_len = op.b_len = c_len;
			op.beat_last = true;
			op.slot = r % NUM_CTX;
			if (!block) {
				op.gh_load = op.gh_new = op.gh_aad = true;
				memcpy(op.gh_block, aad.data(), aad.size());
			}
			memcpy(want, cipher.data() + 16 * block, c_len);
			engine.beat_due(want, "new key each");
			engine.issue(op);
		}
		/* one lane: the last block has GHASH alone, AES makes the next H */
		if (LANES == 1) {
			Op op;

			op.gh_pad = true;
			h_init(op, r + 1);
			engine.issue(op);
		}
		Op op;
		uint8_t want[BYTES] = {};

		op.key = keys[r].data();
		op.key256 = keys[r].size() == 32;
		op.nonce = nonce.data();
		op.slot = r % NUM_CTX;
		op.gh_len = true;
		for (int i = 0; i < 4; i++) {
			op.gh_block[7 - i] = 8 * aad.size() >> (8 * i);
			op.gh_block[15 - i] = 8 * text.size() >> (8 * i);
		}
		op.t_len = op.b_len = 16;
		op.beat_last = true;
		memcpy(want, tag.data(), 16);
		engine.beat_due(want, "tag, new key each");
		engine.tag_due(tag.data(), true, "new key each");
		engine.issue(op);
		if (LANES > 1) {
			Op next;

			h_init(next, r + 1);
			engine.issue(next);
		}
	}
	uint64_t cycles = engine.tb.cycle - begin;

	engine.drain();
	return cycles;
}

static void test_throughput(void)
{
	const int records = 50;

	for (int n : {4, 16, 64, 1024}) {
		Engine engine(tap.seed);
		uint64_t cycles = new_key_each(engine, n, records);
		/* AAD, n blocks, lengths: one GHASH block a lane an op */
		uint64_t expected = LANES == 1 ? n + 2 : n / LANES + 1 + 1;
		double rate = 16.0 * n * records / cycles, limit = 16.0 * n / (n + 2);

		tap_u64("cycles of 50 records with a new key each", cycles, expected * records);
		printf("# %5d bytes, new key each: %.2f bytes a cycle, %.2f a lane (16n/(n+2) = %.2f)\n",
		       16 * n, rate, rate / LANES, limit);
		if (LANES == 1 && rate < 0.99 * limit)
			tap_fail("%d bytes: %.2f bytes a cycle, expected 99 %% of %.2f", 16 * n, rate, limit);
	}
}

/* Takes what Verilator saves of the model, to look for secrets in it. */
struct Memory : VerilatedSerialize {
	bytes content;

	Memory() { m_isOpen = true; header(); }
	~Memory() override { close(); }
	void close() VL_MT_UNSAFE_ONE override { flush(); m_isOpen = false; }
	void flush() VL_MT_UNSAFE_ONE override
	{
		content.insert(content.end(), m_bufp, m_cp);
		m_cp = m_bufp;
	}

	/* Any 8 bytes of the secret, in their order. */
	bool has(const bytes &secret) const
	{
		for (size_t i = 0; i + 8 <= secret.size(); i++)
			if (std::search(content.begin(), content.end(), secret.begin() + i,
					secret.begin() + i + 8) != content.end())
				return true;
		return false;
	}
};

static void save(Engine &engine, Memory &memory)
{
	memory << *engine.tb.top;
	memory.flush();
}

/* H as the RTL keeps it: the bits of each byte turned round. */
static bytes hash_key(const bytes &key)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t zero[16] = {};
	bytes h(16);
	int n;

	if (!EVP_EncryptInit_ex(ctx, key.size() == 32 ? EVP_aes_256_ecb() : EVP_aes_128_ecb(), NULL,
				key.data(), NULL) ||
	    !EVP_EncryptUpdate(ctx, h.data(), &n, zero, 16))
		tap_fail("libcrypto failed");
	EVP_CIPHER_CTX_free(ctx);
	return h;
}

static bytes turned(bytes h)
{
	for (uint8_t &b : h) {
		uint8_t t = 0;

		for (int i = 0; i < 8; i++)
			t |= (b >> i & 1) << (7 - i);
		b = t;
	}
	return h;
}

static void test_wipe(void)
{
	Engine engine(tap.seed);
	Random &random = engine.random;
	std::vector<std::unique_ptr<Stream>> streams;
	std::vector<bytes> secrets;
	Memory during, before, after, fresh;

	for (int slot = 0; slot < NUM_CTX; slot++) {
		Stream *s = new Stream(engine, slot);

		s->key = random_bytes(random, slot % 2 ? 32 : 16);
		secrets.push_back(s->key);
		secrets.push_back(hash_key(s->key));
		secrets.push_back(turned(secrets.back()));
		s->messages.push_back(random_message(random, s->key, 600));
		s->messages.push_back(random_message(random, s->key, 600));
		streams.emplace_back(s);
		s->init();
		s->packet(20, 300);
	}
	/* H out of the memory, not on its way into it */
	for (auto &s : streams)
		s->packet(20, 300);
	/* H last of all in its lane, beside a cipher range where that can be */
	for (auto &s : streams) {
		Op op;

		op.key = s->key.data();
		op.key256 = s->key.size() == 32;
		op.nonce = s->messages[0].nonce.data();
		op.aes_n = LANES - 1;
		op.c_len = BYTES;
		op.h_init = true;
		op.h_slot = s->slot;
		engine.issue(op);
	}
	save(engine, during);
	engine.idle(LATENCY + 2);
	save(engine, before);
	for (auto &s : streams)
		s->wipe();
	engine.idle(LATENCY + 2);
	save(engine, after);
	for (size_t i = 0; i < secrets.size(); i++) {
		bool is_h = i % 3 == 2;

		/* that the search finds what is there */
		if (is_h && !before.has(secrets[i]))
			tap_fail("H of slot %zu is not found before the wipe", i / 3);
		if (i % 3 == 0 && before.has(secrets[i]))
			tap_fail("key of slot %zu is in the engine after %d bubbles", i / 3, LATENCY + 2);
		if (after.has(secrets[i]))
			tap_fail("%s of slot %zu is in the engine after its wipe",
				 i % 3 == 0 ? "key" : "H", i / 3);
	}
	if (!during.has(streams.back()->key))
		tap_fail("the key is not found while it is in the pipe");
	engine.drain();
}

/* Not a test: simulated cycles a second, idle and busy (--case speed). */
static void speed(void)
{
	Engine engine(tap.seed);
	clock_t t = clock();
	uint64_t cycles = 2000000;

	for (uint64_t i = 0; i < cycles; i++)
		engine.tb.clock();
	printf("# idle %.0f kcyc/s\n", cycles / 1e3 * CLOCKS_PER_SEC / (clock() - t));

	bytes key = random_bytes(engine.random, 32), nonce = random_bytes(engine.random, 12);
	Op op;
	Vaes_gcm *top = engine.tb.top.get();

	op.key = key.data();
	op.nonce = nonce.data();
	op.key256 = true;
	op.aes_n = LANES;
	op.c_len = op.b_len = BYTES;
	op.ks_hold = true;
	op.ks_off = 5;
	op.gh_new = op.gh_load = op.gh_aad = true;
	engine.issue(op);
	op.gh_new = op.gh_load = op.gh_aad = false;
	engine.issue(op);
	t = clock();
	cycles = 200000;
	top->s_valid = 1;
	for (uint64_t i = 0; i < cycles; i++) {
		port_bytes(top->s_data)[0]++;
		engine.tb.clock();
	}
	printf("# busy %.0f kcyc/s\n", cycles / 1e3 * CLOCKS_PER_SEC / (clock() - t));
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("CAVP encryption", test_cavp(false));
	TAP_RUN("CAVP decryption", test_cavp(true));
	TAP_RUN("random streams of short messages", test_random(9000, 200, 120));
	TAP_RUN("random streams of long messages", test_random(1000, 3000, 1500));
	TAP_RUN("random streams of messages up to 2^14 bytes", test_random(60, 16384, 9000));
	TAP_RUN("cycles with a new key for every record", test_throughput());
	TAP_RUN("nothing of a key is left after a wipe", test_wipe());
	if (tap.only)
		TAP_RUN("speed", speed());
	return tap_end();
}
