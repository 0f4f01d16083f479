// SPDX-License-Identifier: BSD-2-Clause
//
// net_tx against a reference that builds each frame byte by byte: what is on the
// wire, the completions, the statistics, and that the interfaces keep their rules.

#include "Vnet_tx.h"

#include <deque>

#include "net_ref.h"

enum { B = DATA_W / 8, PACKET = 0, CTX_WRITE = 1, CTX_DELETE = 2 };

struct Item {
	int kind = PACKET;
	unsigned queue = 0, index = 0, status = 0;
	bool complete = false, csum = false, vlan = false, tls = false;
	unsigned csum_start = 0, csum_offset = 0, vlan_tci = 0, mss = 0, l3_start = 0;
	uint32_t ctx = 0;
	Bytes data;
};

struct Completion {
	unsigned queue, status, index;
	uint32_t ctx;
};

struct Counts {
	uint64_t frames, bytes, mcast, bcast, drop_dma, drop_desc;
};

/* How often each side pauses: once in n cycles it is ready, 1 is always. */
struct Pace {
	unsigned source, wire, cpl;
};

static unsigned want_status(const Item &it)
{
	if (it.status || it.kind != PACKET)
		return it.status;
	if (it.data.size() < TLSNIC_TX_MIN_LEN || it.data.size() > TLSNIC_TX_MAX_LEN)
		return TLSNIC_STATUS_DESC;
	if (it.csum && it.csum_start + it.csum_offset + 2 > it.data.size())
		return TLSNIC_STATUS_DESC;
	return 0;
}

static Bytes want_frame(const Item &it)
{
	Bytes f = it.data;

	if (it.csum) {
		uint32_t sum = ~sum16(0, &f[it.csum_start], f.size() - it.csum_start) & 0xffff;

		if (!sum && it.csum_offset == 6)
			sum = 0xffff;
		put16(&f[it.csum_start + it.csum_offset], sum);
	}
	if (it.vlan) {
		uint8_t tag[4] = { 0x81, 0x00, (uint8_t)(it.vlan_tci >> 8), (uint8_t)it.vlan_tci };

		f.insert(f.begin() + 12, tag, tag + 4);
	}
	if (f.size() < 60)
		f.resize(60, 0);
	return f;
}

struct Bench {
	Testbench<Vnet_tx> tb;
	Random r;
	std::deque<Bytes> frames;		/* expected, in order */
	std::deque<Completion> completions;
	std::deque<unsigned> dones;		/* queues of items that end without completion */
	Counts want = {}, got = {};
	Bytes frame;				/* coming in from the wire */
	bool took = false;			/* a beat of a packet went in */
	bool waiting = false;			/* a wire beat was offered and not taken */
	uint8_t held[B];
	uint64_t wire_from = 0, cpl_from = 0;	/* not ready before this cycle */
	uint64_t first_beat = 0, last_beat = 0, beats = 0;
	uint64_t last_in = 0;			/* when a packet's last beat went in */

	explicit Bench(uint64_t seed) : r(seed)
	{
		tb.top->soft_rst = 0;
		tb.top->s_pkt_valid = 0;
		tb.top->m_cpl_ready = 0;
		tb.top->m_wire_tready = 0;
		tb.reset();
	}

	void drive(const Item &it, size_t at)
	{
		uint8_t *meta = port_bytes(tb.top->s_pkt_meta), *data = port_bytes(tb.top->s_pkt_data);
		size_t n = std::min<size_t>(B, it.data.size() - at);
		bool last = at + n == it.data.size();

		set_bits(meta, 0, 8, it.l3_start);
		set_bits(meta, 8, 16, it.mss);
		set_bits(meta, 24, 49, r.next());
		set_bits(meta, 73, 32, it.ctx);
		set_bits(meta, 105, 1, it.tls);
		set_bits(meta, 106, 16, it.vlan_tci);
		set_bits(meta, 122, 1, it.vlan);
		set_bits(meta, 123, 16, it.csum_offset);
		set_bits(meta, 139, 16, it.csum_start);
		set_bits(meta, 155, 1, it.csum);
		set_bits(meta, 156, 1, it.complete);
		set_bits(meta, 157, 16, it.index);
		set_bits(meta, 173, 5, it.queue);
		set_bits(meta, 178, 2, it.kind);
		set_bits(meta, 180, 16, it.data.size());
		r.fill(data, B);		/* what is beyond the packet means nothing */
		memcpy(data, &it.data[at], n);
		/* an item that carries nothing, or a packet without a byte, is one beat all the same */
		tb.top->s_pkt_nbytes = it.data.size() == 1 && want_status(it) && r.one_in(2) ? 0 : n;
		tb.top->s_pkt_last = last;
		tb.top->s_pkt_status = last ? it.status : r.below(8);
	}

	void expect(const Item &it)
	{
		unsigned status = want_status(it);
		uint32_t ctx = it.tls || it.kind != PACKET ? it.ctx : 0;

		if (it.complete || status)
			completions.push_back({ it.queue, status, it.index, ctx });
		else
			dones.push_back(it.queue);
		want.drop_dma += status == TLSNIC_STATUS_DMA;
		want.drop_desc += status == TLSNIC_STATUS_DESC;
		if (it.kind != PACKET || status)
			return;

		Bytes f = want_frame(it);
		static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
		bool bcast = !memcmp(f.data(), all, 6);

		want.frames++;
		want.bytes += f.size();
		want.bcast += bcast;
		want.mcast += (f[0] & 1) && !bcast;
		frames.push_back(f);
	}

	void look_at_wire()
	{
		Vnet_tx *t = tb.top.get();
		const uint8_t *data = port_bytes(t->m_wire_tdata), *keep = port_bytes(t->m_wire_tkeep);
		size_t n = 0;

		if (!t->m_wire_tvalid) {
			if (!frame.empty())
				tap_fail("wire: tvalid fell after %zu bytes of a frame", frame.size());
			if (waiting)
				tap_fail("wire: tvalid fell before tready");
			waiting = false;
			return;
		}
		while (n < B && get_bits(keep, (int)n, 1))
			n++;
		for (size_t i = n; i < B; i++)
			if (get_bits(keep, (int)i, 1))
				tap_fail("wire: tkeep has a hole");
		if (!n || (!t->m_wire_tlast && n != B))
			tap_fail("wire: %zu bytes in a beat, tlast %d", n, t->m_wire_tlast);
		if (waiting && memcmp(held, data, n))
			tap_fail("wire: tdata changed before tready");
		waiting = !t->m_wire_tready;
		memcpy(held, data, n);
		if (waiting)
			return;
		if (!beats++)
			first_beat = tb.cycle;
		last_beat = tb.cycle;
		frame.insert(frame.end(), data, data + n);
		if (!t->m_wire_tlast)
			return;
		if (frames.empty()) {
			tap_fail("wire: a frame of %zu bytes too many", frame.size());
		} else {
			tap_u64("wire: length of a frame", frame.size(), frames[0].size());
			tap_bytes("wire: frame", frame.data(), frames[0].data(),
				  std::min(frame.size(), frames[0].size()));
			frames.pop_front();
		}
		frame.clear();
	}

	void look_at_completion()
	{
		Vnet_tx *t = tb.top.get();
		const uint8_t *c = port_bytes(t->m_cpl);
		struct tlsnic_cpl_tx entry;

		if (!t->m_cpl_valid || !t->m_cpl_ready)
			return;
		if (completions.empty()) {
			tap_fail("completion: one too many, index %u", (unsigned)get_bits(c, 16, 16));
			return;
		}
		Completion w = completions.front();

		completions.pop_front();
		memcpy(&entry, c, sizeof(entry));
		tap_u64("completion: queue", get_bits(c, 256, 5), w.queue);
		tap_u64("completion: type", entry.type, TLSNIC_CPL_TX);
		tap_u64("completion: status", entry.status, w.status);
		tap_u64("completion: index", entry.index, w.index);
		tap_u64("completion: ctx", entry.ctx, w.ctx);
		tap_u64("completion: phase", entry.phase, 0);
	}

	void look_at_events()
	{
		uint32_t ev = tb.top->ev;

		if (tb.top->done_valid) {
			if (dones.empty()) {
				tap_fail("done: one too many");
			} else {
				tap_u64("done: queue", tb.top->done_queue, dones.front());
				dones.pop_front();
			}
		}

		if (ev >> 20 & 1) {
			got.frames++;
			got.bytes += ev >> 2 & 0xffff;
			got.mcast += ev >> 19 & 1;
			got.bcast += ev >> 18 & 1;
		}
		got.drop_dma += ev >> 1 & 1;
		got.drop_desc += ev & 1;
	}

	void clock()
	{
		tb.eval();
		took = tb.top->s_pkt_valid && tb.top->s_pkt_ready;
		look_at_wire();
		look_at_completion();
		look_at_events();
		if (!tb.top->busy && (!frames.empty() || !completions.empty()))
			tap_fail("busy is 0 with %zu frames and %zu completions inside",
				 frames.size(), completions.size());
		tb.clock();
	}

	/* Sends the items and waits until all that must follow has come. */
	void run(const std::vector<Item> &items, Pace pace)
	{
		Vnet_tx *t = tb.top.get();
		uint64_t quiet = 0;
		size_t next = 0, at = 0;

		while (next < items.size() || t->busy) {
			if (!t->s_pkt_valid && next < items.size() && r.one_in(pace.source)) {
				t->s_pkt_valid = 1;
				drive(items[next], at);
			}
			t->m_wire_tready = tb.cycle >= wire_from && r.one_in(pace.wire);
			t->m_cpl_ready = tb.cycle >= cpl_from && r.one_in(pace.cpl);
			tb.eval();

			bool last = t->s_pkt_last;

			quiet = (t->s_pkt_valid && t->s_pkt_ready) || t->m_wire_tvalid || t->m_cpl_valid ? 0 : quiet + 1;
			if (quiet > 1000) {
				tap_fail("hangs at item %zu of %zu", next, items.size());
				return;
			}
			clock();
			if (took) {
				t->s_pkt_valid = 0;
				at += B;
				if (last) {
					last_in = tb.cycle - 1;
					expect(items[next++]);
					at = 0;
				}
			}
			if (tap.failures > 20)
				return;
		}
		for (int i = 0; i < 4; i++)
			clock();
		tap_u64("frames missing", frames.size(), 0);
		tap_u64("completions missing", completions.size(), 0);
		tap_u64("done pulses missing", dones.size(), 0);
		tap_u64("statistics: frames", got.frames, want.frames);
		tap_u64("statistics: bytes", got.bytes, want.bytes);
		tap_u64("statistics: multicast", got.mcast, want.mcast);
		tap_u64("statistics: broadcast", got.bcast, want.bcast);
		tap_u64("statistics: drop_dma", got.drop_dma, want.drop_dma);
		tap_u64("statistics: drop_desc", got.drop_desc, want.drop_desc);
	}
};

static Item plain(Random &r, size_t len)
{
	Item it;

	it.data.resize(len);
	fill_bytes(r, it.data.data(), len);
	it.queue = r.below(32);
	it.index = r.below(0x10000);
	it.ctx = (uint32_t)r.next();
	it.vlan_tci = r.below(0x10000);
	it.complete = r.one_in(3);
	it.tls = r.one_in(3);
	return it;
}

/* Anything that may come, right or wrong. */
static Item any(Random &r)
{
	unsigned len = r.one_in(20) ? r.range(1, 9300) : r.one_in(3) ? r.range(1, 1600) : r.range(1, 200);
	Item it = plain(r, len);

	if (r.one_in(10))
		memset(it.data.data(), 0xff, std::min(len, 6u));
	it.vlan = r.one_in(3);
	it.csum = r.one_in(2);
	if (it.csum) {
		it.csum_start = r.below(len + 2);
		it.csum_offset = r.one_in(3) ? 6 : r.below(r.one_in(8) ? 65536 : 40);
	}
	if (r.one_in(12))
		it.status = r.range(1, 6);
	if (r.one_in(12)) {
		it.kind = r.range(CTX_WRITE, CTX_DELETE);
		it.data.resize(1);
		it.csum = it.vlan = it.tls = false;
		it.status = r.one_in(3) ? TLSNIC_STATUS_TLS_CTX : 0;
	}
	return it;
}

static void lengths(Bench &b)
{
	std::vector<Item> items;

	for (unsigned len = TLSNIC_TX_MIN_LEN; len <= TLSNIC_TX_MAX_LEN;
	     len += len < 300 || len > TLSNIC_TX_MAX_LEN - 70 ? 1 : 61) {
		for (int vlan = 0; vlan < 2; vlan++) {
			items.push_back(plain(b.r, len));
			items.back().vlan = vlan;
		}
	}
	b.run(items, { 1, 1, 1 });
	b.run(items, { 2, 2, 2 });
}

/* Frames of a stack: what comes out must pass a receiver's check. */
static void checksums(Bench &b)
{
	std::vector<Item> items;

	for (int i = 0; i < 500; i++) {
		FrameSpec s = random_spec(b.r, 2000);
		Item it = plain(b.r, 14);

		s.version = i & 1 ? 4 : 6;
		s.proto = i & 2 ? PROTO_TCP : PROTO_UDP;
		s.options = s.version == 4 ? s.options : 0;
		s.frag = 0;
		s.padding = 0;

		FrameAt at = frame_at(s);

		it.data = make_frame(b.r, s, true);
		it.vlan = b.r.one_in(2);
		it.csum = true;
		it.csum_start = (unsigned)at.l4;
		it.csum_offset = (unsigned)(at.csum - at.l4);
		items.push_back(it);

		Bytes f = want_frame(it);
		size_t l4 = at.l4 + (it.vlan ? 4 : 0), end = at.end + (it.vlan ? 4 : 0);

		if (sum16(pseudo_sum(it.data.data(), s, at), &f[l4], end - l4) != 0xffff)
			tap_fail("the reference is wrong");
	}
	b.run(items, { 1, 1, 1 });
}

/* Every start and place around the edges of beats. */
static void checksum_places(Bench &b)
{
	std::vector<Item> items;

	for (unsigned start = 0; start < 3 * B; start++) {
		unsigned offset = b.r.below(2 * B + 2), len = start + offset + 2 + b.r.below(3) * b.r.below(70);
		Item it = plain(b.r, std::max(len, 14u));

		it.csum = true;
		it.csum_start = start;
		it.csum_offset = offset;
		it.vlan = b.r.one_in(2);
		items.push_back(it);
	}
	b.run(items, { 1, 1, 1 });
	b.run(items, { 1, 3, 1 });
}

/* A sum of 0xffff gives 0, which UDP may not send; all zeros give 0xffff. */
static void checksum_zero(Bench &b)
{
	std::vector<Item> items;

	for (unsigned offset = 0; offset <= 20; offset += 2) {
		for (int full = 0; full < 2; full++) {
			Item it = plain(b.r, 200);

			it.csum = true;
			it.csum_start = 34;
			it.csum_offset = offset;
			if (full) {
				put16(&it.data[34 + offset], 0);
				put16(&it.data[34 + offset], ~sum16(0, &it.data[34], 200 - 34));
			} else {
				memset(&it.data[34], 0, 200 - 34);
			}

			Bytes f = want_frame(it);

			tap_u64("reference", get16(&f[it.vlan * 4 + 34 + offset]),
				full ? offset == 6 ? 0xffff : 0 : 0xffff);
			items.push_back(it);
		}
	}
	b.run(items, { 1, 1, 1 });
}

/* Refused packets between good ones: these must not suffer. */
static void refused(Bench &b)
{
	static const unsigned lens[] = { 1, 13, 9217, 9216 + B, 9216 + B + 1, 20000, 70000, 140000 };
	std::vector<Item> items;

	for (unsigned len : lens) {
		items.push_back(plain(b.r, 1500));
		items.push_back(plain(b.r, len));
		items.push_back(plain(b.r, 9216));
	}
	for (unsigned status = 1; status <= 6; status++) {
		for (unsigned len : { 14u, 100u, 9216u, 66000u }) {
			items.push_back(plain(b.r, len));
			items.back().status = status;
			items.push_back(plain(b.r, 60));
		}
	}
	for (unsigned len : { 14u, 16u, 64u, 65u, 1500u }) {
		for (int beyond = -2; beyond < 3; beyond++) {
			Item it = plain(b.r, len);

			it.csum = true;
			it.csum_start = b.r.below(len - 1);
			it.csum_offset = len - 2 - it.csum_start;
			if (beyond > 0 || it.csum_offset >= 2)
				it.csum_offset += beyond;
			items.push_back(it);
		}
		items.push_back(plain(b.r, len));
		items.back().csum = true;
		items.back().csum_start = 65535;
		items.back().csum_offset = 65535;
	}
	b.run(items, { 1, 1, 1 });
	b.run(items, { 1, 2, 1 });
}

static void contexts(Bench &b)
{
	std::vector<Item> items;

	for (int i = 0; i < 200; i++) {
		Item it = plain(b.r, b.r.one_in(3) ? 100 : 1);

		if (it.data.size() == 1)
			it.kind = i & 1 ? CTX_WRITE : CTX_DELETE;
		it.status = b.r.one_in(4) ? TLSNIC_STATUS_TLS_CTX : 0;
		items.push_back(it);
	}
	b.run(items, { 1, 1, 1 });
	b.run(items, { 1, 2, 3 });
}

/* With nobody in the way a beat leaves in every cycle. */
static void full_rate(Bench &b)
{
	for (unsigned len : { 64u, 128u, 1536u, 9216u }) {
		std::vector<Item> items;

		for (int i = 0; i < 100; i++)
			items.push_back(plain(b.r, len));
		b.beats = 0;
		b.run(items, { 1, 1, 1 });
		tap_u64("beats", b.beats, 100 * len / B);
		tap_u64("cycles from the first beat to the last", b.last_beat - b.first_beat + 1,
			b.beats);
	}
}

/* From a packet's last beat in to the frame's first beat on the wire. */
static void latency(Bench &b)
{
	for (unsigned len : { 14u, 60u, 1500u, 9216u }) {
		b.beats = 0;
		b.run({ plain(b.r, len) }, { 1, 1, 1 });
		tap_u64("cycles", b.first_beat - b.last_in, 4);
	}
}

/* The wire stands still until the buffer is full; then all comes out. */
static void wire_stops(Bench &b)
{
	std::vector<Item> items;

	for (int i = 0; i < 12; i++)
		items.push_back(plain(b.r, 9216));
	for (int i = 0; i < 150; i++)
		items.push_back(plain(b.r, 60));
	b.wire_from = b.tb.cycle + 20000;
	b.run(items, { 1, 1, 1 });
}

static void completions_stop(Bench &b)
{
	std::vector<Item> items;

	for (int i = 0; i < 200; i++)
		items.push_back(plain(b.r, 60 + i));
	b.cpl_from = b.tb.cycle + 5000;
	b.run(items, { 1, 1, 1 });
}

/* A reset in the middle of things: what follows is clean. */
static void reset(Bench &b)
{
	for (int i = 0; i < 20; i++) {
		Vnet_tx *t = b.tb.top.get();
		Item it = plain(b.r, 9216);
		int cycles = b.r.range(1, 9216 / B + 20);
		size_t at = 0;

		it.csum = it.vlan = true;
		for (int c = 0; c < cycles; c++) {
			t->s_pkt_valid = 1;
			t->m_wire_tready = b.r.one_in(2);
			t->m_cpl_ready = 0;
			b.drive(it, at);
			b.tb.eval();
			if (t->s_pkt_ready)
				at = at + B >= it.data.size() ? 0 : at + B;
			b.tb.clock();
		}
		t->s_pkt_valid = 0;
		b.tb.reset();
		tap_u64("busy after reset", t->busy, 0);
		b.waiting = false;
		b.run({ plain(b.r, 100), plain(b.r, 1500), plain(b.r, 40) }, { 1, 1, 1 });
	}
}

/*
 * soft_rst with part of a packet inside and frames in the buffer: these go out
 * whole, the part is forgotten, and so are completions.
 */
static void soft_reset(Bench &b)
{
	for (int i = 0; i < 60; i++) {
		Vnet_tx *t = b.tb.top.get();
		Item part = plain(b.r, b.r.range(3 * B, 9216));
		unsigned pause = b.r.range(1, 4);

		b.cpl_from = ~0ull;		/* completions stay inside */
		for (int n = b.r.range(0, 4); n > 0; n--) {
			Item it = any(b.r);

			for (size_t at = 0; at < it.data.size(); at += B) {
				t->s_pkt_valid = 1;
				b.drive(it, at);
				do {
					t->m_wire_tready = b.r.one_in(pause);
					t->m_cpl_ready = 0;
					b.clock();
				} while (!b.took);
			}
			b.expect(it);
		}
		for (size_t at = 0; at < part.data.size() - B && !b.r.one_in(50); at += B) {
			t->s_pkt_valid = 1;
			b.drive(part, at);
			do {
				t->m_wire_tready = b.r.one_in(pause);
				b.clock();
			} while (!b.took);
		}
		t->s_pkt_valid = 0;
		for (int c = 0; c < 3; c++) {
			t->m_wire_tready = 0;
			b.clock();
		}
		t->soft_rst = 1;
		b.completions.clear();
		for (int c = b.r.range(1, 20); c > 0; c--) {
			t->m_wire_tready = b.r.one_in(pause);
			b.clock();
		}
		t->soft_rst = 0;
		b.cpl_from = 0;
		b.run({ plain(b.r, 100), any(b.r), plain(b.r, 1500) }, { 1, pause, 1 });
	}
}

static void at_random(Bench &b, Pace pace, int n)
{
	std::vector<Item> items;

	for (int i = 0; i < n; i++)
		items.push_back(any(b.r));
	b.run(items, pace);
}

#define RUN(name, call)					\
	TAP_RUN(name, do {				\
		Bench b(tap.seed);			\
		call;					\
	} while (0))

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	RUN("lengths 14 to 9216, padding, VLAN", lengths(b));
	RUN("checksums of TCP and UDP over IPv4 and IPv6", checksums(b));
	RUN("checksum from and to any place", checksum_places(b));
	RUN("checksum that comes to zero", checksum_zero(b));
	RUN("refused packets leave no trace", refused(b));
	RUN("context items", contexts(b));
	RUN("one beat a cycle", full_rate(b));
	RUN("latency", latency(b));
	RUN("the wire stops", wire_stops(b));
	RUN("completions stop", completions_stop(b));
	RUN("reset in the middle", reset(b));
	RUN("soft reset in the middle", soft_reset(b));
	RUN("anything, no pause", at_random(b, { 1, 1, 1 }, 1500));
	RUN("anything, slow source", at_random(b, { 4, 1, 1 }, 800));
	RUN("anything, slow wire", at_random(b, { 1, 4, 1 }, 800));
	RUN("anything, all slow", at_random(b, { 3, 3, 8 }, 800));
	return tap_end();
}
