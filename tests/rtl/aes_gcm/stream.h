/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream: messages of one key one after the other, with filler between them,
 * as bytes that may be cut into packets anywhere. Turns packets into ops, in
 * one of the many ways that the engine allows, chosen at random. A seek sends
 * any part of it out of turn.
 */
#ifndef TLSNIC_TEST_STREAM_H
#define TLSNIC_TEST_STREAM_H

#include <algorithm>

#include "engine.h"

struct Message {
	bytes nonce, aad, input, output, tag;
	bool decrypt = false;
	bool equal = true;		/* the tag is to be equal to `tag` */
	bool aad_in_stream = false;	/* else given with the op: 16 bytes at most */
	int filler = 0;			/* bytes before it in the stream */
	std::string what;
};

struct Stream {
	enum Part { FILLER, AAD, TEXT, TAG, END };

	Engine &engine;
	Random &random;
	int slot;
	bytes key;
	std::vector<Message> messages;

	Stream(Engine &e, int s) : engine(e), random(e.random), slot(s) {}

	bool done() const { return at.current == messages.size(); }

	/* Computes H: now, or in an op of another stream before the first packet. */
	void init(bool join = false)
	{
		Op op;

		op.key = key.data();
		op.key256 = key.size() == 32;
		op.nonce = zeros;
		op.h_init = true;
		op.h_slot = slot;
		if (join)
			engine.inits.push_back(op);
		else
			engine.issue(op);
	}

	void wipe()
	{
		Op op;

		op.wipe = true;
		op.h_slot = slot;
		engine.issue(op);
	}

	/* Sends a packet of `header` bytes and up to `length` bytes of the stream. */
	void packet(int header, int length)
	{
		join_no_more();
		build(header, length);
		ops.back().gh_save = true;
		issue();
	}

	/*
	 * A packet that leaves the saved state as it is: what comes next, which then
	 * comes again, or what begins anywhere in a message. Such a message has its
	 * tag from the test and none from the engine; those behind it are whole.
	 */
	void seek(int header, int length)
	{
		Place saved = at;

		join_no_more();
		if (random.one_in(2)) {
			at.current = random.below(messages.size());
			at.part = random.one_in(2) ? TEXT : TAG;
			at.pos = random.below(part_size() + (at.part == TEXT));
			at.started = at.finished = at.foreign = true;
		}
		seeking = true;
		build(header, length);
		issue();
		seeking = false;
		at = saved;
	}

private:
	/* Where the stream is. */
	struct Place {
		size_t current = 0;
		Part part = FILLER;
		size_t pos = 0;			/* in the part */
		bool started = false;		/* gh_new is done */
		bool finished = false;		/* gh_len is done */
		bool foreign = false;		/* a message that GHASH does not follow */
		size_t residual = 0;		/* bytes, as the engine has them */
	};

	static constexpr uint8_t zeros[16] = {};
	Place at;
	bool seeking = false;
	long held = -1;			/* index of the block that the engine holds */

	/* the beat being built */
	std::vector<Op> ops;
	uint8_t in[BYTES], want[BYTES];
	int fill = 0, owned = 0;	/* bytes in the beat; bytes that ops own */
	size_t first_op = 0;		/* of the beat */

	const Message &m() const { return messages[at.current]; }

	/* H must be there before the first packet. */
	void join_no_more()
	{
		for (auto i = engine.inits.begin(); i != engine.inits.end(); ++i) {
			if (i->h_slot == slot) {
				engine.inits.erase(i);
				init();
				break;
			}
		}
	}

	void build(int header, int length)
	{
		ops.clear();
		begin_beat();
		held = -1;
		for (int i = 0; i < header; i++)
			copy_byte();
		while (length > 0 && !done()) {
			int n = piece(length);

			length -= n;
		}
		if (fill || ops.size() > first_op || ops.empty())
			end_beat();
		ops.front().gh_load = true;
	}

	void issue()
	{
		for (const Op &op : ops)
			engine.issue(op);
	}

	Op blank() const
	{
		Op op;

		op.slot = slot;
		return op;
	}

	void begin_beat()
	{
		fill = owned = 0;
		first_op = ops.size();
		random.fill(in, BYTES);
		memset(want, 0, BYTES);
	}

	void copy_byte()
	{
		if (fill == BYTES)
			end_beat();
		want[fill] = in[fill];
		fill++;
	}

	/* Lets the op own all bytes so far that no op owns. */
	void own(Op &op)
	{
		op.b_beg = owned == BYTES ? 0 : owned;
		op.b_len = fill - owned;
		owned = fill;
	}

	void end_beat()
	{
		if (owned < fill || ops.size() == first_op) {
			/* what follows the last op: in it or in one of its own */
			if (ops.size() > first_op && random.one_in(2)) {
				Op &last = ops.back();

				if (!last.b_len)
					last.b_beg = owned;
				last.b_len += fill - owned;
				owned = fill;
			} else {
				Op op = blank();

				own(op);
				ops.push_back(op);
			}
		}
		ops.back().beat_last = true;
		for (size_t i = first_op; i < ops.size(); i++)
			memcpy(ops[i].data, in, BYTES);
		engine.beat_due(want, done() ? "last beat" : m().what);
		begin_beat();
	}

	void aes(Op &op)
	{
		op.key = key.data();
		op.key256 = key.size() == 32;
		op.nonce = m().nonce.data();
	}

	size_t part_size() const
	{
		switch (at.part) {
		case FILLER: return m().filler;
		case AAD: return m().aad_in_stream ? m().aad.size() : 0;
		case TEXT: return m().input.size();
		default: return 16;
		}
	}

	/* How many blocks the op absorbs; follows the residual. */
	void absorb(Op &op, size_t c_len, bool pad, bool len)
	{
		size_t total = at.residual + c_len, n;

		if (pad || len) {
			n = (total + 15) / 16;
			at.residual = 0;
		} else {
			n = std::min<size_t>(total / 16, LANES);
			at.residual = total - 16 * n;
		}
		op.absorbs = at.foreign ? LANES : (int)n + len;	/* or fewer */
	}

	bool fits(size_t c_len, bool len) const
	{
		return (at.residual + c_len + 15) / 16 + len <= LANES;
	}

	void lengths(Op &op) const
	{
		uint64_t a = 8 * m().aad.size(), c = 8 * m().input.size();

		for (int i = 0; i < 8; i++) {
			op.gh_block[7 - i] = a >> (8 * i);
			op.gh_block[15 - i] = c >> (8 * i);
		}
	}

	void begin_message(Op &op)
	{
		op.gh_new = true;
		at.started = true;
		at.residual = 0;
		if (!m().aad_in_stream && !m().aad.empty()) {
			op.gh_aad = true;
			memcpy(op.gh_block, m().aad.data(), m().aad.size());
			at.residual = 16;
		}
	}

	/* The length block and the tag, in an op of their own. */
	void finish()
	{
		Op op = blank();

		aes(op);
		op.gh_len = true;
		lengths(op);
		absorb(op, 0, true, true);
		tag_due();
		ops.push_back(op);
		at.finished = true;
	}

	void tag_due()
	{
		engine.tag_due(m().tag.data(), m().equal, m().what);
		engine.sought += seeking;
	}

	void next_part()
	{
		at.pos = 0;
		at.part = (Part)(at.part + 1);
		if (at.part == END) {
			at.part = FILLER;
			at.current++;
			at.started = at.finished = at.foreign = false;
			held = -1;
		}
	}

	/* Takes up to `most` bytes of the stream; returns how many. */
	int piece(int most)
	{
		if (fill == BYTES)
			end_beat();

		size_t n = std::min<size_t>(std::min<size_t>(most, BYTES - fill), part_size() - at.pos);

		if (n > 1 && random.one_in(4))
			n = random.range(1, n);
		switch (at.part) {
		case FILLER:
			for (size_t i = 0; i < n; i++)
				copy_byte();
			at.pos += n;
			if (at.pos == part_size()) {
				if (!at.started && random.one_in(2)) {
					Op op = blank();

					begin_message(op);
					if (op.gh_aad)
						absorb(op, 0, false, false);
					own(op);
					ops.push_back(op);
				}
				next_part();
			}
			return n;
		case AAD:
			text(n, true);
			return n;
		case TEXT:
			text(n, false);
			return n;
		default:
			tag(n);
			return n;
		}
	}

	/* A range of AAD or text; either may be empty. */
	void text(size_t n, bool aad)
	{
		const bytes &src = aad ? m().aad : m().input;
		const bytes &dst = aad ? m().aad : m().output;
		bool end = at.pos + n == part_size();
		bool skip = aad && !m().aad_in_stream;
		Op op = blank();

		if (skip) {
			next_part();
			return;
		}
		if (!at.started)
			begin_message(op);
		if (!aad && n)
			keystream(op, n);
		op.auth_only = aad;
		op.decrypt = m().decrypt;
		op.c_beg = fill == BYTES ? 0 : fill;
		op.c_len = n;
		for (size_t i = 0; i < n; i++) {
			in[fill] = src[at.pos + i];
			want[fill++] = dst[at.pos + i];
		}
		own(op);
		at.pos += n;
		if (!end || at.foreign) {
			absorb(op, n, false, false);
			ops.push_back(op);
			if (end)
				next_part();
			return;
		}
		if (!aad && !op.gh_aad && op.aes_n < LANES && fits(n, true) && random.one_in(2)) {
			/* all that ends a message in the op of its last bytes */
			aes(op);
			op.gh_len = true;
			lengths(op);
			absorb(op, n, true, true);
			tag_due();
			ops.push_back(op);
			at.finished = true;
			next_part();
			return;
		}
		if (fits(n, false)) {
			op.gh_pad = true;
			absorb(op, n, true, false);
			ops.push_back(op);
		} else {
			absorb(op, n, false, false);
			ops.push_back(op);
			op = blank();
			op.gh_pad = true;
			absorb(op, 0, true, false);
			ops.push_back(op);
		}
		next_part();
		if (!aad && random.one_in(2))
			finish();
	}

	/* Asks for the keystream of the next n bytes, in one way that can do. */
	void keystream(Op &op, size_t n)
	{
		long block = at.pos / 16;
		size_t off = at.pos % 16;

		aes(op);
		op.ks_off = off;
		if (off && block != held && (off + n > 16 * LANES || random.one_in(2))) {
			Op prime = blank();

			aes(prime);
			prime.aes_n = 1;
			prime.ctr = block + 2;
			ops.push_back(prime);
			held = block;
		}
		if (off && block == held) {
			op.ks_hold = true;
			op.aes_n = off + n > 16 ? (off + n - 16 + 15) / 16 : 0;
			block++;
		} else {
			op.aes_n = (off + n + 15) / 16;
		}
		op.ctr = block + 2;
		if (op.aes_n)
			held = block + op.aes_n - 1;
	}

	/* The next n bytes of the tag, perhaps with the next message's beginning. */
	void tag(size_t n)
	{
		if (!at.finished)
			finish();

		bool can_merge = !at.foreign && !ops.empty() && ops.size() > first_op && ops.back().gh_len && at.pos == 0 &&
				 !ops.back().t_len && random.one_in(2);
		Op extra = blank();
		Op &op = can_merge ? ops.back() : extra;

		op.t_beg = fill;
		op.t_len = n;
		op.t_off = at.pos;
		if (!m().equal) {
			/* a forged message's tag is not written */
			op.t_len = 0;
			for (size_t i = 0; i < n; i++)
				want[fill + i] = in[fill + i];
		} else {
			memcpy(want + fill, m().tag.data() + at.pos, n);
		}
		if (at.foreign) {
			op.t_given = true;
			memcpy(op.gh_block, m().tag.data(), 16);
		}
		fill += n;
		if (can_merge && op.b_len) {
			op.b_len += n;
			owned = fill;
		} else {
			own(op);
		}
		at.pos += n;
		if (at.pos == 16) {
			next_part();
			if (!can_merge && !op.t_given && !done() && m().filler == 0 && random.one_in(2)) {
				begin_message(op);
				if (op.gh_aad)
					absorb(op, 0, false, false);
			}
		}
		if (!can_merge)
			ops.push_back(op);
	}
};

constexpr uint8_t Stream::zeros[16];

#endif /* TLSNIC_TEST_STREAM_H */
