/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * net_tx between a source of items and a reference that builds each frame byte by byte:
 * what is on the wire, the completions, the statistics, and that the interfaces
 * keep their rules.
 */
#ifndef NET_TX_BENCH_H
#define NET_TX_BENCH_H

#include "Vnet_tx.h"

#include <deque>

#include "tso_ref.h"

enum { B = DATA_W / 8, PACKET = 0, CTX_WRITE = 1, CTX_DELETE = 2 };

struct Item {
	int kind = PACKET;
	unsigned queue = 0, index = 0, status = 0;
	bool complete = false, csum = false, vlan = false, tls = false;
	unsigned csum_start = 0, csum_offset = 0, vlan_tci = 0, mss = 0, l3_start = 0;
	uint32_t ctx = 0;
	Bytes data;
	/* mss not 0: what it must become, and the first byte whose beat has the status */
	std::vector<Bytes> frames;
	size_t wrong_at = 0;
};

struct Completion {
	unsigned queue, status, index;
	uint32_t ctx;
};

struct Counts {
	uint64_t frames, bytes, mcast, bcast, drop_dma, drop_desc, tso_packets, tso_frames;
};

/* How often each side pauses: once in n cycles it is ready, 1 is always. */
struct Pace {
	unsigned source, wire, cpl;
};

static inline unsigned want_status(const Item &it)
{
	if (it.status || it.kind != PACKET || it.mss)
		return it.status;
	if (it.data.size() < TLSNIC_TX_MIN_LEN || it.data.size() > TLSNIC_TX_MAX_LEN)
		return TLSNIC_STATUS_DESC;
	if (it.csum && it.csum_start + it.csum_offset + 2 > it.data.size())
		return TLSNIC_STATUS_DESC;
	return 0;
}

static inline Bytes want_frame(const Item &it, const Bytes &data)
{
	Bytes f = data;

	if (it.csum && !it.mss) {
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
		if (it.mss)
			tb.top->s_pkt_status = at + n > it.wrong_at ? it.status : 0;
		else
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
		if (it.kind != PACKET)
			return;
		for (const Bytes &frame : it.frames)
			expect_frame(it, frame);
		want.tso_packets += !it.frames.empty();
		want.tso_frames += it.frames.size();
		if (!status && !it.mss)
			expect_frame(it, it.data);
	}

	void expect_frame(const Item &it, const Bytes &data)
	{
		Bytes f = want_frame(it, data);
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
		got.tso_packets += ev >> 22 & 1;
		got.tso_frames += ev >> 21 & 1;
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
				const Item &it = items[next];

				t->s_pkt_valid = 0;
				/* frames of one that is cut leave while it comes */
				if (it.mss ? !at : last)
					expect(it);
				at += B;
				if (last) {
					last_in = tb.cycle - 1;
					next++;
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
		tap_u64("statistics: tso_packets", got.tso_packets, want.tso_packets);
		tap_u64("statistics: tso_frames", got.tso_frames, want.tso_frames);
	}
};

static inline Item plain(Random &r, size_t len)
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
static inline Item any(Random &r)
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
		it.status = r.range(1, 7);
	if (r.one_in(12)) {
		it.kind = r.range(CTX_WRITE, CTX_DELETE);
		it.data.resize(1);
		it.csum = it.vlan = it.tls = false;
		it.status = r.one_in(3) ? TLSNIC_STATUS_TLS_CTX : 0;
	}
	return it;
}

/* tso.cc */
void tso_shapes(Bench &b, Pace pace, int n);
void tso_lengths(Bench &b);
void tso_refused(Bench &b);
void tso_status(Bench &b);
void tso_mixed(Bench &b, Pace pace, int n);
void tso_reset(Bench &b);
void tso_rate(Bench &b);

#endif /* NET_TX_BENCH_H */
