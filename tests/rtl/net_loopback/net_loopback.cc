// SPDX-License-Identifier: BSD-2-Clause
//
// net_loopback under a switch that is thrown at any time: no frame is cut, joined
// or lost on its way, and each arrives where it may.

#include "Vnet_loopback.h"

#include <vector>

#include "tb.h"

enum { B = DATA_W / 8 };

/* Makes every bit of the bus change; its own inverse but for the salt in the last word. */
static void scramble(uint32_t *words)
{
	for (int i = 0; i < 3; i++)
		words[i] ^= words[3] * (0x9e3779b9u + 2 * i);
}

/* Frames that carry, in every beat: who sent them, number, beat, beats. */
struct Source {
	uint8_t who;
	uint32_t salt = 0;
	uint32_t number = 0, beat = 0, beats = 0;
	bool valid = false;

	void drive(Random &r, uint8_t *data, unsigned pause)
	{
		uint32_t words[4];

		if (!valid && r.one_in(pause)) {
			valid = true;
			salt = (uint32_t)r.next() << 8;
			if (!beat)
				beats = r.range(1, 6);
		}
		words[0] = who;
		words[1] = number;
		words[2] = beat;
		words[3] = salt | beats;
		scramble(words);
		memcpy(data, words, sizeof(words));
	}

	bool last() const { return beat + 1 == beats; }

	void taken()
	{
		valid = false;
		if (++beat == beats) {
			beat = 0;
			number++;
		}
	}
};

/* Sees that the beats of a frame come together and in order. */
struct Sink {
	const char *name;
	uint32_t words[4] = {}, next_beat = 0;
	uint64_t frames[2] = {};
	uint32_t last_number[2] = { ~0u, ~0u };
	bool waiting = false;

	void look(bool valid, bool ready, bool last, const uint8_t *data)
	{
		uint32_t w[4];

		if (!valid) {
			if (waiting)
				tap_fail("%s: valid fell before ready", name);
			waiting = false;
			return;
		}
		memcpy(w, data, sizeof(w));
		scramble(w);
		w[3] &= 0xff;
		if (waiting && memcmp(w, words, sizeof(w)))
			tap_fail("%s: beat changed before ready", name);
		if (next_beat && (w[0] != words[0] || w[1] != words[1]))
			tap_fail("%s: frame %u of source %u goes on as frame %u of source %u", name,
				 words[1], words[0], w[1], w[0]);
		if (w[2] != next_beat)
			tap_fail("%s: expected beat %u, got %u", name, next_beat, w[2]);
		if (last != (w[2] + 1 == w[3]))
			tap_fail("%s: tlast %d in beat %u of %u", name, last, w[2], w[3]);
		memcpy(words, w, sizeof(w));
		waiting = !ready;
		if (waiting)
			return;
		next_beat = last ? 0 : next_beat + 1;
		if (last) {
			if (frames[w[0]] && w[1] <= last_number[w[0]])
				tap_fail("%s: frame %u after %u", name, w[1], last_number[w[0]]);
			last_number[w[0]] = w[1];
			frames[w[0]]++;
		}
	}
};

enum { FROM_TX = 0, FROM_WIRE = 1 };

struct Bench {
	Testbench<Vnet_loopback> tb;
	Random r;
	Source tx = { FROM_TX }, wire = { FROM_WIRE };
	Sink to_wire = { "wire" }, to_rx = { "receiver" };
	bool traffic = true;

	explicit Bench(uint64_t seed) : r(seed)
	{
		Vnet_loopback *t = tb.top.get();

		t->cfg_loopback = 0;
		t->s_tx_tvalid = t->s_wire_tvalid = 0;
		t->m_rx_tready = t->m_wire_tready = 0;
		tb.reset();
	}

	void cycle(unsigned pause)
	{
		Vnet_loopback *t = tb.top.get();
		bool tx_took, wire_took;

		if (traffic || tx.valid || tx.beat)
			tx.drive(r, port_bytes(t->s_tx_tdata), pause);
		if (traffic || wire.valid || wire.beat)
			wire.drive(r, port_bytes(t->s_wire_tdata), pause);
		t->s_tx_tvalid = tx.valid;
		t->s_tx_tlast = tx.last();
		t->s_tx_tkeep = 0xffff;
		t->s_wire_tvalid = wire.valid;
		t->s_wire_tlast = wire.last();
		t->s_wire_tkeep = 0xffff;
		t->s_wire_tuser = wire.last();
		t->m_rx_tready = r.one_in(pause);
		t->m_wire_tready = r.one_in(pause);
		tb.eval();
		to_wire.look(t->m_wire_tvalid, t->m_wire_tready, t->m_wire_tlast, port_bytes(t->m_wire_tdata));
		to_rx.look(t->m_rx_tvalid, t->m_rx_tready, t->m_rx_tlast, port_bytes(t->m_rx_tdata));
		if (t->m_rx_tvalid && t->m_rx_tuser != (to_rx.words[0] == FROM_WIRE && t->m_rx_tlast))
			tap_fail("receiver: tuser %d on a beat of source %u", t->m_rx_tuser, to_rx.words[0]);
		tx_took = tx.valid && t->s_tx_tready;
		wire_took = wire.valid && t->s_wire_tready;
		tb.clock();
		if (tx_took)
			tx.taken();
		if (wire_took)
			wire.taken();
	}

	/* Throws the switch and waits until it has taken effect. */
	void set(bool loopback, unsigned pause)
	{
		tb.top->cfg_loopback = loopback;
		for (int i = 0; i < 5000; i++) {
			cycle(pause);
			if (!tb.top->busy)
				return;
		}
		tap_fail("loopback %d has not taken effect after 5000 cycles", loopback);
	}
};

static void settled(Bench &b, unsigned pause)
{
	for (int round = 0; round < 50; round++) {
		bool loopback = round & 1;
		uint64_t before[4], after[4];

		b.set(loopback, pause);
		for (int i = 0; i < 100; i++)	/* what was on its way */
			b.cycle(pause);

		auto count = [&](uint64_t *n) {
			n[0] = b.to_wire.frames[FROM_TX];
			n[1] = b.to_wire.frames[FROM_WIRE];
			n[2] = b.to_rx.frames[FROM_TX];
			n[3] = b.to_rx.frames[FROM_WIRE];
		};

		count(before);
		for (int i = 0; i < 1000; i++)
			b.cycle(pause);
		count(after);
		tap_u64("wire frames sent back to the wire", after[1], 0);
		if ((after[0] > before[0]) != !loopback)
			tap_fail("loopback %d: %llu frames sent on the wire", loopback,
				 (unsigned long long)(after[0] - before[0]));
		if ((after[2] > before[2]) != loopback)
			tap_fail("loopback %d: %llu frames looped", loopback,
				 (unsigned long long)(after[2] - before[2]));
		if ((after[3] > before[3]) != !loopback)
			tap_fail("loopback %d: %llu frames received from the wire", loopback,
				 (unsigned long long)(after[3] - before[3]));
	}
}

/* The switch moves at any time, also back before it took effect. */
static void thrown(Bench &b, unsigned pause)
{
	for (int i = 0; i < 20000; i++) {
		if (b.r.one_in(20))
			b.tb.top->cfg_loopback = b.r.one_in(2);
		b.cycle(pause);
	}
	b.set(false, pause);
	b.traffic = false;
	for (int i = 0; i < 1000; i++)
		b.cycle(1);
	tap_u64("frames of the sender that arrived somewhere",
		b.to_wire.frames[FROM_TX] + b.to_rx.frames[FROM_TX], b.tx.number);
	if (!b.to_rx.frames[FROM_TX] || !b.to_rx.frames[FROM_WIRE] || !b.to_wire.frames[FROM_TX])
		tap_fail("a path was never taken");
}

#define RUN(name, call)					\
	TAP_RUN(name, do {				\
		Bench b(tap.seed);			\
		call;					\
	} while (0))

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	RUN("each setting, no pause", settled(b, 1));
	RUN("each setting, with pauses", settled(b, 3));
	RUN("switch thrown at any time, no pause", thrown(b, 1));
	RUN("switch thrown at any time, with pauses", thrown(b, 3));
	return tap_end();
}
