/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drives ops into the Verilated engine and checks what comes out: every beat
 * in the cycle in which it is due, its bytes and its sideband; every tag.
 */
#ifndef TLSNIC_TEST_ENGINE_H
#define TLSNIC_TEST_ENGINE_H

#include <deque>
#include <string>
#include <vector>

#include "Vaes_gcm.h"
#include "tb.h"

typedef std::vector<uint8_t> bytes;

enum { BYTES = DATA_W / 8, LANES = DATA_W / 128, LATENCY = 39 };

/* One op; the fields are the s_* ports of aes_gcm. */
struct Op {
	const uint8_t *key = NULL;	/* 16 or 32 bytes; NULL: no AES work */
	bool key256 = false;
	const uint8_t *nonce = NULL;	/* 12 bytes */
	uint32_t ctr = 0;
	int aes_n = 0;
	uint8_t data[BYTES] = {};
	int c_beg = 0, c_len = 0;
	bool ks_hold = false;
	int ks_off = 0;
	bool auth_only = false, decrypt = false;
	int slot = 0;
	bool gh_load = false, gh_new = false, gh_aad = false, gh_pad = false;
	bool gh_len = false, gh_save = false;
	uint8_t gh_block[16] = {};
	int h_slot = 0;
	bool h_init = false, wipe = false;
	int b_beg = 0, b_len = 0;
	int t_beg = 0, t_len = 0, t_off = 0;
	bool t_given = false;
	bool beat_last = false;
	int absorbs = 0;		/* not a port: blocks that it absorbs */
};

/* What a beat or a tag must be. An unequal tag is that of a forged message. */
struct Beat {
	uint8_t data[BYTES];
	std::string what;
};

struct Tag {
	uint8_t tag[16];
	bool equal;
	std::string what;
};

struct Engine {
	Testbench<Vaes_gcm> tb;
	Random random;
	int bubbles = 0;		/* an idle cycle once in so many; 0: never */
	std::deque<Op> inits;		/* h_init ops that may join others */
	uint64_t ops = 0, beats = 0, tags = 0, joined = 0;
	uint64_t sought = 0, given_tags = 0;	/* tags that a seek made; ops with a given one */

	explicit Engine(uint64_t seed) : random(seed)
	{
		idle_inputs();
		tb.reset();
		for (int slot = 0; slot < NUM_CTX; slot++) {
			Op op;

			op.wipe = true;
			op.h_slot = slot;
			issue(op);
		}
	}

	~Engine() { drain(); }

	void beat_due(const uint8_t *want, const std::string &what)
	{
		Beat beat;

		memcpy(beat.data, want, BYTES);
		beat.what = what;
		want_beats.push_back(beat);
	}

	void tag_due(const uint8_t *tag, bool equal, const std::string &what)
	{
		Tag t;

		memcpy(t.tag, tag, 16);
		t.equal = equal;
		t.what = what;
		want_tags.push_back(t);
	}

	/* Presents the op for one cycle. Expectations come before it. */
	void issue(const Op &given)
	{
		Vaes_gcm *t = tb.top.get();
		Op op = given;

		if (!inits.empty() && join_init(op, inits.front())) {
			inits.pop_front();
			joined++;
		}
		while (bubbles && random.one_in(bubbles))
			idle(1);
		t->s_valid = 1;
		if (op.key) {
			memset(port_bytes(t->s_key), 0xa5, 32);
			memcpy(port_bytes(t->s_key), op.key, op.key256 ? 32 : 16);
			memcpy(port_bytes(t->s_nonce), op.nonce, 12);
		}
		t->s_key256 = op.key256;
		t->s_ctr = op.ctr;
		t->s_aes_n = op.aes_n;
		memcpy(port_bytes(t->s_data), op.data, BYTES);
		t->s_c_beg = op.c_beg;
		t->s_c_len = op.c_len;
		t->s_ks_hold = op.ks_hold;
		t->s_ks_off = op.ks_off;
		t->s_auth_only = op.auth_only;
		t->s_decrypt = op.decrypt;
		t->s_slot = op.slot;
		t->s_gh_load = op.gh_load;
		t->s_gh_new = op.gh_new;
		t->s_gh_aad = op.gh_aad;
		t->s_gh_pad = op.gh_pad;
		t->s_gh_len = op.gh_len;
		t->s_gh_save = op.gh_save;
		memcpy(port_bytes(t->s_gh_block), op.gh_block, 16);
		t->s_h_slot = op.h_slot;
		t->s_h_init = op.h_init;
		t->s_wipe = op.wipe;
		t->s_b_beg = op.b_beg;
		t->s_b_len = op.b_len;
		t->s_t_beg = op.t_beg;
		t->s_t_len = op.t_len;
		t->s_t_off = op.t_off;
		t->s_t_given = op.t_given;
		t->s_beat_last = op.beat_last;
		t->s_user = (uint32_t)ops;
		if (op.beat_last)
			due_beats.push_back({tb.cycle + LATENCY, (uint32_t)ops});
		if (op.gh_len)
			due_tags.push_back({tb.cycle + LATENCY, (uint32_t)op.slot});
		given_tags += op.t_given;
		ops++;
		clock();
		t->s_valid = 0;
	}

	/* Bubbles, with nothing of an op left on the inputs. */
	void idle(int cycles)
	{
		idle_inputs();
		while (cycles--)
			clock();
	}

	void drain()
	{
		idle(LATENCY + 2);
		if (tb.top->busy)
			tap_fail("busy is high %d cycles after the last op", LATENCY + 2);
		if (!due_beats.empty() || !want_beats.empty() || !due_tags.empty())
			tap_fail("%zu beats and %zu tags never came", want_beats.size(), due_tags.size());
		due_beats.clear();
		want_beats.clear();
		due_tags.clear();
		want_tags.clear();
	}

private:
	struct Due {
		uint64_t cycle;
		uint32_t user;
	};
	std::deque<Due> due_beats, due_tags;
	std::deque<Beat> want_beats;
	std::deque<Tag> want_tags;

	/* Makes the op compute H for another slot too, if it has room for that. */
	static bool join_init(Op &op, const Op &init)
	{
		bool same_key = op.key && op.key256 == init.key256 &&
				!memcmp(op.key, init.key, op.key256 ? 32 : 16);

		if (op.gh_len || op.wipe || op.h_init || op.aes_n == LANES || (op.aes_n && !same_key) ||
		    (LANES == 4 && op.absorbs == LANES))
			return false;
		if (!op.aes_n) {
			op.key = init.key;
			op.key256 = init.key256;
			op.nonce = init.nonce;
		}
		op.h_init = true;
		op.h_slot = init.h_slot;
		return true;
	}

	void idle_inputs()
	{
		Vaes_gcm *t = tb.top.get();

		t->s_valid = 0;
		memset(port_bytes(t->s_key), 0, 32);
		memset(port_bytes(t->s_nonce), 0, 12);
		memset(port_bytes(t->s_gh_block), 0, 16);
		memset(port_bytes(t->s_data), 0, BYTES);
	}

	void clock()
	{
		Vaes_gcm *t = tb.top.get();

		tb.clock();
		bool due = !due_beats.empty() && due_beats.front().cycle == tb.cycle;

		if (t->m_valid != due)
			tap_fail("cycle %llu: m_valid is %d, expected %d", (unsigned long long)tb.cycle,
				 t->m_valid, due);
		if (due) {
			const Beat &want = want_beats.front();

			beats++;
			tap_bytes(want.what.c_str(), port_bytes(t->m_data), want.data, BYTES);
			if (t->m_user != due_beats.front().user)
				tap_fail("%s: m_user is %u, expected %u", want.what.c_str(),
					 t->m_user, due_beats.front().user);
			due_beats.pop_front();
			want_beats.pop_front();
		}
		due = !due_tags.empty() && due_tags.front().cycle == tb.cycle;
		if (t->m_tag_valid != due)
			tap_fail("cycle %llu: m_tag_valid is %d, expected %d",
				 (unsigned long long)tb.cycle, t->m_tag_valid, due);
		if (due) {
			const Tag &want = want_tags.front();

			tags++;
			if (want.equal)
				tap_bytes((want.what + " tag").c_str(), port_bytes(t->m_tag), want.tag, 16);
			else if (!memcmp(port_bytes(t->m_tag), want.tag, 16))
				tap_fail("%s: the tag of a forged message is accepted", want.what.c_str());
			if (t->m_tag_slot != due_tags.front().user)
				tap_fail("%s: m_tag_slot is %u, expected %u", want.what.c_str(),
					 t->m_tag_slot, due_tags.front().user);
			due_tags.pop_front();
			want_tags.pop_front();
		}
	}
};

#endif /* TLSNIC_TEST_ENGINE_H */
