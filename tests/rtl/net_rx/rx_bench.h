/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Brings frames to net_rx over the wire and compares what it delivers and
 * counts with the reference; holds it to the rules of its interfaces.
 */
#ifndef TLSNIC_RX_BENCH_H
#define TLSNIC_RX_BENCH_H

#include "Vnet_rx.h"

#include <deque>

#include "rx_ref.h"

enum { B = DATA_W / 8 };

struct Counts {
	uint64_t frames, bytes, mcast, bcast, bad, too_long, filtered, csum_bad;
};

/* How often each side pauses: once in n cycles it is ready, 1 is always. */
struct Pace {
	unsigned wire, sink;
};

struct Bench {
	Testbench<Vnet_rx> tb;
	Random r;
	Config cfg;
	std::deque<Verdict> expected;
	Counts want = {}, got = {};
	Bytes frame;
	uint8_t meta[11];
	uint64_t sink_from = 0;			/* not ready before this cycle */
	uint64_t wire_waits = 0;		/* cycles in which a beat was not taken */
	uint64_t first_beat = 0, last_beat = 0, beats = 0;
	bool enabled = true;			/* at the first beat of the frame coming in */
	unsigned soft_every = 0;		/* soft_rst once in so many cycles */
	int soft_left = 0;			/* cycles that it still lasts */
	bool lost = false;			/* it cut the frame coming in */
	size_t toggle_at = 0;			/* throw cfg.enable after so many bytes of a frame */
	uint64_t last_in = 0;			/* when a frame's last beat went in */

	explicit Bench(uint64_t seed) : r(seed)
	{
		r.fill(cfg.key, sizeof(cfg.key));
		r.fill(cfg.table, sizeof(cfg.table));
		configure();
		tb.top->soft_rst = 0;
		tb.top->s_wire_tvalid = 0;
		tb.top->m_pkt_ready = 0;
		tb.reset();
	}

	void configure()
	{
		Vnet_rx *t = tb.top.get();

		t->cfg_enable = cfg.enable;
		t->cfg_promisc = cfg.promisc;
		t->cfg_allmulti = cfg.allmulti;
		t->cfg_vlan_strip = cfg.strip;
		t->cfg_mac = 0;
		memcpy(&t->cfg_mac, cfg.mac, 6);
		t->cfg_mcast = cfg.mcast;
		t->cfg_max_frame = (uint16_t)cfg.max_frame;
		t->cfg_rss_types = (uint8_t)cfg.rss_types;
		memcpy(port_bytes(t->cfg_rss_key), cfg.key, sizeof(cfg.key));
		memcpy(port_bytes(t->cfg_rss_table), cfg.table, sizeof(cfg.table));
		tb.eval();
	}

	/* Puts the beat at `at` on the wire; true: it is the frame's last. */
	bool drive(const WireFrame &w, size_t at)
	{
		Vnet_rx *t = tb.top.get();
		size_t n = std::min<size_t>(B, w.data.size() - at);
		bool end = at + n == w.data.size(), last = end && (!w.null_last || !n);
		uint8_t *data = port_bytes(t->s_wire_tdata), *keep = port_bytes(t->s_wire_tkeep);

		r.fill(data, B);
		if (n)
			memcpy(data, &w.data[at], n);
		for (size_t i = 0; i < B; i++)
			set_bits(keep, (int)i, 1, i < n);
		if (w.hole >= 0 && at / B == (size_t)w.hole / B)
			set_bits(keep, w.hole % B, 1, 0);
		t->s_wire_tlast = last;
		t->s_wire_tuser = last ? w.bad : r.one_in(2);
		return last;
	}

	void expect(const WireFrame &w)
	{
		Config c = cfg;

		c.enable = enabled;

		Verdict v = judge(c, w);

		want.bad += v.fate == BAD;
		want.filtered += v.fate == FILTERED;
		want.too_long += v.fate == TOO_LONG;
		if (v.fate != DELIVERED)
			return;
		want.frames++;
		want.bytes += v.wire_len;
		want.mcast += v.mcast;
		want.bcast += v.bcast;
		want.csum_bad += v.csum_bad;
		expected.push_back(v);
	}

	void check(const Verdict &v)
	{
		tap_u64("length", frame.size(), v.data.size());
		tap_bytes("frame", frame.data(), v.data.data(), std::min(frame.size(), v.data.size()));
		tap_u64("meta: frame_len", get_bits(meta, 0, 16), v.data.size());
		tap_u64("meta: vlan_tci", get_bits(meta, 16, 16), v.tci);
		tap_u64("meta: hash", get_bits(meta, 32, 32), v.hash);
		tap_u64("meta: flags", get_bits(meta, 64, 16), v.flags);
		tap_u64("meta: queue", get_bits(meta, 80, 5), v.queue);
	}

	void look_at_output()
	{
		Vnet_rx *t = tb.top.get();

		if (!t->m_pkt_valid) {
			if (!frame.empty())
				tap_fail("output: valid fell after %zu bytes of a frame", frame.size());
			return;
		}
		if (frame.empty())
			memcpy(meta, port_bytes(t->m_pkt_meta), sizeof(meta));
		else if (memcmp(meta, port_bytes(t->m_pkt_meta), sizeof(meta)))
			tap_fail("output: meta changed after %zu bytes of a frame", frame.size());
		if (!t->m_pkt_nbytes || t->m_pkt_nbytes > B || (!t->m_pkt_last && t->m_pkt_nbytes != B))
			tap_fail("output: %d bytes in a beat, last %d", t->m_pkt_nbytes, t->m_pkt_last);
		if (!t->m_pkt_ready)
			return;
		if (!beats++)
			first_beat = tb.cycle;
		last_beat = tb.cycle;
		frame.insert(frame.end(), port_bytes(t->m_pkt_data),
			     port_bytes(t->m_pkt_data) + std::min<int>(B, t->m_pkt_nbytes));
		if (!t->m_pkt_last)
			return;
		if (expected.empty()) {
			tap_fail("output: a frame of %zu bytes too many", frame.size());
		} else {
			check(expected.front());
			expected.pop_front();
		}
		frame.clear();
	}

	void look_at_events()
	{
		uint32_t ev = tb.top->ev;

		if (ev >> 22 & 1) {
			got.frames++;
			got.bytes += ev >> 4 & 0xffff;
			got.mcast += ev >> 21 & 1;
			got.bcast += ev >> 20 & 1;
		}
		got.bad += ev >> 3 & 1;
		got.too_long += ev >> 2 & 1;
		got.filtered += ev >> 1 & 1;
		got.csum_bad += ev & 1;
	}

	void clock()
	{
		tb.eval();
		look_at_output();
		look_at_events();
		if (!tb.top->busy && !expected.empty())
			tap_fail("busy is 0 with %zu frames inside", expected.size());
		tb.clock();
	}

	void run(const std::vector<WireFrame> &items, Pace pace)
	{
		Vnet_rx *t = tb.top.get();
		uint64_t quiet = 0;
		size_t next = 0, at = 0;
		bool last = false;

		while (next < items.size() || t->busy) {
			if (!t->s_wire_tvalid && next < items.size() && r.one_in(pace.wire)) {
				t->s_wire_tvalid = 1;
				last = drive(items[next], at);
			}
			if (soft_left)
				soft_left--;
			else if (soft_every && r.one_in(soft_every))
				soft_left = (int)r.range(1, 20);
			t->soft_rst = soft_left > 0;
			t->m_pkt_ready = tb.cycle >= sink_from && r.one_in(pace.sink);
			tb.eval();

			bool took = t->s_wire_tvalid && t->s_wire_tready;

			wire_waits += t->s_wire_tvalid && !took;
			quiet = took || t->m_pkt_valid ? 0 : quiet + 1;
			if (quiet > 1000) {
				tap_fail("hangs at frame %zu of %zu", next, items.size());
				return;
			}
			clock();
			if (took) {
				t->s_wire_tvalid = 0;
				if (!at)
					enabled = cfg.enable;
				at = std::min(at + B, items[next].data.size());
				if (at == toggle_at) {
					cfg.enable = !cfg.enable;
					configure();
				}
				if (t->soft_rst)
					lost = true;
				if (last) {
					last_in = tb.cycle - 1;
					if (!lost)
						expect(items[next]);
					next++;
					at = 0;
					lost = false;
				}
			}
			if (t->soft_rst) {	/* all that was inside is gone */
				lost = at > 0;
				frame.clear();
				expected.clear();
				want = got;
			}
			tb.eval();
			if (tap.failures > 20)
				return;
		}
		for (int i = 0; i < 4; i++)
			clock();
		tap_u64("frames missing", expected.size(), 0);
		tap_u64("statistics: frames", got.frames, want.frames);
		tap_u64("statistics: bytes", got.bytes, want.bytes);
		tap_u64("statistics: multicast", got.mcast, want.mcast);
		tap_u64("statistics: broadcast", got.bcast, want.bcast);
		tap_u64("statistics: bad", got.bad, want.bad);
		tap_u64("statistics: too long", got.too_long, want.too_long);
		tap_u64("statistics: filtered", got.filtered, want.filtered);
		tap_u64("statistics: csum_bad", got.csum_bad, want.csum_bad);
	}

	/* Raw bytes to the station. */
	WireFrame raw(size_t len)
	{
		WireFrame w;

		w.data.resize(len);
		r.fill(w.data.data(), len);
		memcpy(w.data.data(), cfg.mac, std::min<size_t>(len, 6));
		return w;
	}

	WireFrame good(const FrameSpec &s)
	{
		WireFrame w;

		w.data = make_frame(r, s, false);
		memcpy(w.data.data(), cfg.mac, 6);
		return w;
	}

	WireFrame any();
};

/* A frame of any kind, whole or damaged in one of many ways. */
inline WireFrame Bench::any()
{
	FrameSpec s = random_spec(r, r.one_in(6) ? 9300 : 1600);
	FrameAt at = frame_at(s);
	WireFrame w = good(s);
	Bytes &f = w.data;

	switch (r.below(24)) {
	case 0:
		memset(f.data(), 0xff, 6);
		break;
	case 1:
		f[0] |= 1;
		r.fill(&f[1], 5);
		break;
	case 2:
		r.fill(f.data(), 6);
		break;
	case 3:
		w.bad = true;
		break;
	case 4:
		w.hole = (int)r.below((uint32_t)f.size());
		if (w.hole == (int)f.size() - 1 || (w.hole / B == (int)(f.size() - 1) / B && w.hole < 1))
			w.hole = -1;
		break;
	case 5:
		w.null_last = f.size() % B == 0;
		break;
	case 6:			/* cut short */
		f.resize(r.range(1, (uint32_t)f.size()));
		break;
	case 7: case 8: case 9:	/* a bit flips somewhere */
		f[r.range(6, (uint32_t)f.size() - 1)] ^= (uint8_t)(1 << r.below(8));
		break;
	case 10: case 11:	/* or in the headers */
		f[r.range(12, (uint32_t)std::min(f.size(), at.l4 + 20) - 1)] ^= (uint8_t)(1 << r.below(8));
		break;
	case 12:		/* IP length */
		if (s.version)
			put16(&f[at.l3 + (s.version == 4 ? 2 : 4)],
			      r.one_in(3) ? r.below(65536) : (uint32_t)(at.end - at.l3) + r.below(100) - 50);
		if (s.version == 4 && r.one_in(2)) {
			put16(&f[at.l3 + 10], 0);
			put16(&f[at.l3 + 10], ~sum16(0, &f[at.l3], at.l4 - at.l3));
		}
		break;
	case 13:		/* UDP length, with a sum that is right for it */
		if (s.version && s.proto == PROTO_UDP) {
			put16(&f[at.l4 + 4], r.below((uint32_t)(at.end - at.l4) + 4));
			put16(&f[at.csum], 0);
			put16(&f[at.csum], ~sum16(pseudo_sum(f.data(), s, at), &f[at.l4], at.end - at.l4));
		}
		break;
	case 14:		/* TCP data offset, the same */
		if (s.version && s.proto == PROTO_TCP) {
			f[at.l4 + 12] = (uint8_t)r.next();
			put16(&f[at.csum], 0);
			put16(&f[at.csum], ~sum16(pseudo_sum(f.data(), s, at), &f[at.l4], at.end - at.l4));
		}
		break;
	case 17: case 18:	/* IPv4 header length, with a sum that is right for it */
		if (s.version == 4) {
			size_t hlen = r.below(16);

			f[at.l3] = (uint8_t)(0x40 | hlen);
			hlen = std::min(4 * hlen, f.size() - at.l3);
			put16(&f[at.l3 + 10], 0);
			put16(&f[at.l3 + 10], ~sum16(0, &f[at.l3], hlen));
		}
		break;
	case 15:		/* a second tag in front */
		if (s.tag)
			f.insert(f.begin() + 12, &f[12], &f[16]);
		break;
	case 16:
		w = raw(r.range(1, 70));
		if (w.data.size() > 14 && r.one_in(2))
			put16(&w.data[12], 0x8100);
		break;
	}
	if (f.empty())
		f.resize(1);
	if (f.size() <= (size_t)std::max(w.hole, 0) + 1)
		w.hole = -1;
	return w;
}

#endif /* TLSNIC_RX_BENCH_H */
