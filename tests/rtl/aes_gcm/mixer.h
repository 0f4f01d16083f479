/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many streams at a time, cut into packets at random, and messages for them.
 */
#ifndef TLSNIC_TEST_MIXER_H
#define TLSNIC_TEST_MIXER_H

#include <memory>

#include "stream.h"

static inline bytes random_bytes(Random &random, size_t n)
{
	bytes out(n);

	random.fill(out.data(), n);
	return out;
}

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

		while (random.one_in(4))
			s.seek(random.below(2 * BYTES + 2), random.range(1, random.one_in(4) ? 20 : longest));
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

#endif /* TLSNIC_TEST_MIXER_H */
