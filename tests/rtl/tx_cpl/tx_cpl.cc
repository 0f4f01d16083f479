// SPDX-License-Identifier: BSD-2-Clause
//
// tx_cpl: a packet's completion comes behind all of its tags, nothing is lost or
// doubled, and each item is said to have left once.

#include "Vtx_cpl.h"
#include "tb.h"

#include <deque>

static const unsigned QUEUES = 32;

/* A completion on a port: the entry, and the queue in the bits above it. */
struct Cpl {
	uint8_t entry[32];
	uint8_t queue;
	unsigned packet;	/* of the test */
	bool wanted;		/* a tag that is returned */
};

template <class Port> static void put(Port &port, const Cpl &c)
{
	memcpy(port_bytes(port), c.entry, 32);
	port[8] = c.queue;
}

template <class Port> static void expect(const char *what, const Port &port, const Cpl &c)
{
	tap_bytes(what, port_bytes(port), c.entry, 32);
	tap_u64("queue", port[8], c.queue);
}

static Cpl random_cpl(Random &rnd)
{
	Cpl c = {};

	rnd.fill(c.entry, 32);
	c.queue = rnd.below(QUEUES);
	return c;
}

/* Every state of the handshakes. */
static void all_states()
{
	Testbench<Vtx_cpl> tb;
	Vtx_cpl *t = tb.top.get();
	Random rnd(tap.seed);

	for (unsigned n = 0; n < 40 * 32; n++) {
		bool hold = n & 1, tag = n & 2, done = n & 4, quiet = n & 8, ready = n & 16;
		Cpl a = random_cpl(rnd), b = random_cpl(rnd);
		unsigned queue = rnd.below(QUEUES);

		if (tag && !hold)
			continue;
		put(t->s_tag, a);
		put(t->s_done, b);
		t->s_tag_hold = hold;
		t->s_tag_valid = tag;
		t->s_done_valid = done;
		t->quiet_valid = quiet;
		t->quiet_queue = queue;
		t->m_cpl_ready = ready;
		tb.look();
		tap_u64("m_cpl_valid", t->m_cpl_valid, tag || (done && !hold));
		if (t->m_cpl_valid)
			expect("m_cpl", t->m_cpl, tag ? a : b);
		tap_u64("s_tag_ready", t->s_tag_ready, ready);
		tap_u64("s_done_ready", t->s_done_ready, ready && !hold);
		tap_u64("left_valid", t->left_valid, (quiet ? 2 : 0) | (done && ready && !hold));
		tap_u64("left_queue, without completion", t->left_queue >> 5, queue);
		tap_u64("left_queue, with completion", t->left_queue & 31, b.queue);
	}
}

/* Packets with tags between the two that make the streams, and a ring that stalls. */
static void order(unsigned stall)
{
	Testbench<Vtx_cpl> tb;
	Vtx_cpl *t = tb.top.get();
	Random rnd(tap.seed + stall);
	std::deque<Cpl> tags, ends, want_tags;
	const unsigned packets = 5000;
	unsigned made = 0, left[QUEUES] = {}, ended[QUEUES] = {}, waited = 0;

	while ((made < packets || !tags.empty() || !ends.empty()) && !tap.failures) {
		bool quiet = false;
		unsigned quiet_queue = rnd.below(QUEUES);

		/* a packet's last beat: its tags are there by then */
		if (made < packets && ends.size() < 8 && tags.size() < 60 && rnd.one_in(2)) {
			made++;
			for (unsigned n = rnd.one_in(2) ? 0 : rnd.below(8); n; n--) {
				Cpl c = random_cpl(rnd);

				c.packet = made;
				c.wanted = !rnd.one_in(3);
				tags.push_back(c);
				if (c.wanted)
					want_tags.push_back(c);
			}
			quiet = rnd.one_in(3);
			if (quiet) {
				ended[quiet_queue]++;
			} else {
				Cpl c = random_cpl(rnd);

				c.packet = made;
				ends.push_back(c);
				ended[c.queue]++;
			}
		}
		t->s_tag_hold = !tags.empty();
		t->s_tag_valid = !tags.empty() && tags.front().wanted;
		if (!tags.empty())
			put(t->s_tag, tags.front());
		t->s_done_valid = !ends.empty();
		if (!ends.empty())
			put(t->s_done, ends.front());
		t->quiet_valid = quiet;
		t->quiet_queue = quiet_queue;
		t->m_cpl_ready = !rnd.one_in(stall);
		tb.look();

		for (unsigned i = 0; i < 2; i++)
			if (t->left_valid >> i & 1)
				left[t->left_queue >> 5 * i & 31]++;
		if (t->m_cpl_valid && t->m_cpl_ready) {
			if (t->s_done_valid && t->s_done_ready) {
				expect("completion", t->m_cpl, ends.front());
				if (!want_tags.empty() && want_tags.front().packet <= ends.front().packet)
					tap_fail("completion of packet %u ahead of a tag of packet %u",
						 ends.front().packet, want_tags.front().packet);
			} else {
				expect("tag", t->m_cpl, want_tags.front());
				want_tags.pop_front();
			}
		}
		waited += t->s_tag_hold && t->s_done_valid;
		if (t->s_done_valid && t->s_done_ready)
			ends.pop_front();
		if (t->s_tag_hold && (t->s_tag_ready || !t->s_tag_valid))
			tags.pop_front();
	}
	tap_u64("tags that did not come", want_tags.size(), 0);
	for (unsigned q = 0; q < QUEUES; q++)
		tap_u64("items of a queue that have left", left[q], ended[q]);
	if (!waited)
		tap_fail("no completion had to wait for a tag");
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("every state of the handshakes", all_states());
	TAP_RUN("tags ahead of completions", order(4));
	TAP_RUN("tags ahead of completions, slow ring", order(2));
	return tap_end();
}
