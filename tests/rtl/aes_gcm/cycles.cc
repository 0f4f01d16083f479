/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many cycles the engine takes for records that come with a new key each.
 * GHASH has n + 2 blocks for n of text (AAD, lengths) and AES as many (tag, H).
 */
#include "mixer.h"
#include "tests.h"
#include "vectors.h"

enum { RECORDS = 50 };

struct Keyed {
	bytes key, cipher, tag;
};

/* H of the record's key is made by this op too. */
static void h_init(Op &op, const Keyed &record, const bytes &nonce, int slot)
{
	op.key = record.key.data();
	op.key256 = record.key.size() == 32;
	op.nonce = nonce.data();
	op.h_init = true;
	op.h_slot = slot % NUM_CTX;
}

/* The lengths block and the tag, behind `off` bytes of ciphertext in the beat. */
static void end_record(Op &op, size_t aad, size_t text, int off)
{
	op.gh_len = true;
	for (int i = 0; i < 4; i++) {
		op.gh_block[7 - i] = 8 * aad >> (8 * i);
		op.gh_block[15 - i] = 8 * text >> (8 * i);
	}
	op.t_beg = off;
	op.t_len = 16;
	op.b_len += 16;
	op.beat_last = true;
}

/*
 * Cycles from the first op of the first record to the last of the last one. Ends
 * of records go into the op of the last blocks if there is room; the next H needs
 * an op without AES work of another key.
 */
static uint64_t new_key_each(Engine &engine, int n)
{
	Random &random = engine.random;
	bytes text = random_bytes(random, 16 * n), aad = random_bytes(random, 13);
	bytes nonce = random_bytes(random, 12);
	std::vector<Keyed> records(RECORDS + 1);
	Op first;

	for (int i = 0; i <= RECORDS; i++) {
		Keyed &r = records[i];

		r.key = random_bytes(random, i % 2 ? 32 : 16);
		gcm_encrypt(r.key, nonce, aad, text, r.cipher, r.tag);
	}
	h_init(first, records[0], nonce, 0);
	engine.issue(first);

	uint64_t begin = engine.tb.cycle;

	for (int i = 0; i < RECORDS; i++) {
		const Keyed &r = records[i], &next = records[i + 1];
		bool ended = false;
		Op op;

		for (int block = 0; block < n; block += LANES) {
			uint8_t want[BYTES] = {};

			op = Op();
			op.key = r.key.data();
			op.key256 = r.key.size() == 32;
			op.nonce = nonce.data();
			op.slot = i % NUM_CTX;
			op.ctr = block + 2;
			op.aes_n = std::min<int>(n - block, LANES);
			op.c_len = op.b_len = 16 * op.aes_n;
			op.beat_last = true;
			memcpy(op.data, text.data() + 16 * block, op.c_len);
			memcpy(want, r.cipher.data() + 16 * block, op.c_len);
			if (!block) {
				op.gh_load = op.gh_new = op.gh_aad = true;
				memcpy(op.gh_block, aad.data(), aad.size());
			}
			/* are AAD (one block behind), these and the lengths LANES? Never with gh_aad */
			if (block && block + LANES >= n && op.aes_n + 2 <= LANES) {
				memcpy(want + op.c_len, r.tag.data(), 16);
				end_record(op, aad.size(), text.size(), op.c_len);
				engine.tag_due(r.tag.data(), true, "new key each");
				ended = true;
			}
			engine.beat_due(want, "new key each");
			engine.issue(op);
		}
		op = Op();
		op.slot = i % NUM_CTX;
		if (LANES == 1) {
			/* the last block is for GHASH alone */
			op.gh_pad = true;
			h_init(op, next, nonce, i + 1);
			engine.issue(op);
			op = Op();
			op.slot = i % NUM_CTX;
		}
		if (!ended) {
			uint8_t want[BYTES] = {};

			op.key = r.key.data();
			op.key256 = r.key.size() == 32;
			op.nonce = nonce.data();
			end_record(op, aad.size(), text.size(), 0);
			memcpy(want, r.tag.data(), 16);
			engine.beat_due(want, "tag, new key each");
			engine.tag_due(r.tag.data(), true, "new key each");
			engine.issue(op);
		}
		if (LANES > 1) {
			op = Op();
			h_init(op, next, nonce, i + 1);
			engine.issue(op);
		}
	}
	uint64_t cycles = engine.tb.cycle - begin;

	engine.drain();
	return cycles;
}

void test_cycles(void)
{
	printf("# %d lanes, a new key for each record; B/c: bytes a cycle\n", LANES);
	printf("#  blocks  cycles  B/c     B/c a lane  16n/(n+2)  of that\n");
	for (int n : {1, 2, 4, 5, 8, 16, 64, 65, 256, 1024}) {
		Engine engine(tap.seed);
		uint64_t cycles = new_key_each(engine, n);
		int tail = n % LANES, whole = (n + LANES - 1) / LANES;
		bool ended = n > LANES && tail && tail + 2 <= LANES;
		uint64_t expected = LANES == 1 ? n + 2 : whole + !ended + 1;
		double lane = 16.0 * n * RECORDS / cycles / LANES, limit = 16.0 * n / (n + 2);

		tap_u64("cycles of 50 records with a new key each", cycles, expected * RECORDS);
		printf("#  %6d  %6.1f  %6.2f  %10.2f  %9.2f  %5.1f %%\n", n, (double)cycles / RECORDS,
		       lane * LANES, lane, limit, 100 * lane / limit);
		/* with one lane each record gets there, with more those of 2^14 bytes do */
		if ((LANES == 1 || n == 1024) && lane < 0.99 * limit)
			tap_fail("%d blocks: %.2f bytes a cycle a lane, expected 99 %% of %.2f", n, lane, limit);
	}
}
