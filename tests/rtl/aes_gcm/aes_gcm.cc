/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The AES-GCM engine against NIST CAVP, Wycheproof and libcrypto: messages at any
 * alignment, cut into packets anywhere, many keys interleaved op by op; what a
 * wipe leaves. TLS records are in records.cc, cycles in cycles.cc.
 */
#include <ctime>

#include "mixer.h"
#include "tests.h"
#include "vectors.h"

/* The vector as a stream of its own; the tag of a forged one must not come out. */
static void add_vector(Mixer &mixer, const Vector &v, bool decrypt)
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
	m.aad_in_stream = m.aad.size() > 16 || random.one_in(2);
	m.filler = random.below(BYTES + 1);
	m.what = v.name;
	s.messages.push_back(m);
}

static void run_vectors(const std::vector<Vector> &vectors, bool decrypt)
{
	Engine engine(tap.seed);
	Mixer mixer(engine, 90);
	int forged = 0;

	for (const Vector &v : vectors) {
		engine.bubbles = mixer.random.one_in(2) ? 3 : 0;
		for (int i = 0; i < 4; i++)
			add_vector(mixer, v, decrypt);
		forged += v.fail;
	}
	mixer.finish();
	printf("# %zu vectors, %d of them forged, each at 4 alignments: %llu ops, %llu beats, %llu tags\n",
	       vectors.size(), forged, (unsigned long long)engine.ops,
	       (unsigned long long)engine.beats, (unsigned long long)engine.tags);
	tap_u64("tags", engine.tags - engine.sought, 4 * vectors.size());
}

static void test_cavp(bool decrypt)
{
	std::string dir = vectors_dir();
	std::vector<Vector> all;
	bool forged = false;

	for (const char *bits : {"128", "256"}) {
		std::vector<Vector> vectors = load_rsp(
			dir + (decrypt ? "gcmDecrypt" : "gcmEncryptExtIV") + bits + ".rsp");

		if (vectors.empty())
			tap_fail("no vector of AES-%s with a 96-bit IV and a 128-bit tag", bits);
		for (Vector &v : vectors) {
			if (v.fail) {
				/* no plaintext is given: counter mode is its own inverse */
				bytes tag;

				gcm_encrypt(v.key, v.iv, v.aad, v.cipher, v.text, tag);
				forged = true;
			}
			all.push_back(v);
		}
	}
	if (decrypt && !forged)
		tap_fail("no forged vector found");
	run_vectors(all, decrypt);
}

static void test_wycheproof(bool decrypt)
{
	std::string program = tap.program;
	std::vector<Vector> vectors =
		load_lines(program.substr(0, program.rfind('/') + 1) + "wycheproof.txt");
	int forged = 0;

	for (const Vector &v : vectors)
		forged += v.fail;
	if (!forged || forged == (int)vectors.size())
		tap_fail("%zu vectors, %d of them invalid: expected both kinds", vectors.size(), forged);
	run_vectors(vectors, decrypt);
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
	tap_u64("tags", engine.tags - engine.sought, messages);
	/* few streams need not have met all of it: a build that counts runs three */
	if (streams >= 50) {
		if (!engine.sought || !engine.given_tags)
			tap_fail("%llu tags in seeks, %llu given", (unsigned long long)engine.sought,
				 (unsigned long long)engine.given_tags);
		if (!engine.joined)
			tap_fail("no op computed H beside other work");
	}
	printf("# %d streams, %llu messages of %llu bytes: %llu ops\n", streams,
	       (unsigned long long)messages, (unsigned long long)total, (unsigned long long)engine.ops);
}

/* Verilator saves no model that counts. */
#if !VM_COVERAGE
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

/* H^2 of H as turned() gives it: byte i / 8, bit i % 8 is the coefficient of x^i. */
static bytes squared(const bytes &h)
{
	uint8_t bit[256] = {};
	bytes out(16);

	for (int i = 0; i < 128; i++)
		bit[2 * i] = h[i / 8] >> (i % 8) & 1;
	for (int i = 255; i >= 128; i--)
		for (int j : {0, 1, 2, 7})
			bit[i - 128 + j] ^= bit[i];
	for (int i = 0; i < 128; i++)
		out[i / 8] |= bit[i] << (i % 8);
	return out;
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
		secrets.push_back(squared(secrets.back()));
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
		static const char *const names[] = {"key", "H as AES gives it", "H", "H^2"};
		const char *name = names[i % 4];

		/* that the search finds what is there */
		if (i % 4 >= 2 && !before.has(secrets[i]))
			tap_fail("%s of slot %zu is not found before the wipe", name, i / 4);
		if (i % 4 == 0 && before.has(secrets[i]))
			tap_fail("key of slot %zu is in the engine after %d bubbles", i / 4, LATENCY + 2);
		if (after.has(secrets[i]))
			tap_fail("%s of slot %zu is in the engine after its wipe", name, i / 4);
	}
	if (!during.has(streams.back()->key))
		tap_fail("the key is not found while it is in the pipe");
	engine.drain();
}

#endif

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
	TAP_RUN("Wycheproof encryption", test_wycheproof(false));
	TAP_RUN("Wycheproof decryption", test_wycheproof(true));
	TAP_RUN("random streams of short messages", test_random(trials(9000), 200, 120));
	TAP_RUN("random streams of long messages", test_random(trials(1000), 3000, 1500));
	TAP_RUN("random streams of messages up to 2^14 bytes", test_random(trials(60), 16384, 9000));
	TAP_RUN("libcrypto and ipsec_mb agree", test_references());
	TAP_RUN("TLS records cut once, at each place", test_each_cut());
	TAP_RUN("TLS records cut twice, at each pair of places", test_each_two_cuts());
	TAP_RUN("TLS records of 0 to 16384 bytes cut anywhere", test_sizes());
	TAP_RUN("cycles with a new key for every record", test_cycles());
#if !VM_COVERAGE
	TAP_RUN("nothing of a key is left after a wipe", test_wipe());
#endif
	if (tap.only)
		TAP_RUN("speed", speed());
	return tap_end();
}
