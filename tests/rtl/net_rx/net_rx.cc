// SPDX-License-Identifier: BSD-2-Clause
//
// net_rx against a reference that reads each frame byte by byte: which frames
// are delivered, their bytes, flags, hash and queue, and the statistics.

#include <arpa/inet.h>

#include "rx_bench.h"

static void random_config(Bench &b)
{
	b.cfg.promisc = b.r.one_in(4);
	b.cfg.allmulti = b.r.one_in(4);
	b.cfg.strip = b.r.one_in(2);
	b.cfg.mcast = b.r.next();
	b.cfg.max_frame = b.r.one_in(4) ? b.r.range(64, 2000) : b.r.one_in(2) ? 9018 : 65535;
	b.cfg.rss_types = b.r.one_in(3) ? 0x3f : b.r.below(64);
	b.r.fill(b.cfg.mac, 6);
	b.cfg.mac[0] &= 0xfe;
	b.r.fill(b.cfg.key, sizeof(b.cfg.key));
	b.r.fill(b.cfg.table, sizeof(b.cfg.table));
	b.configure();
}

/* The verification vectors that the RSS definition gives. */
static void rss_vectors(Bench &b)
{
	static const uint8_t key[40] = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
		0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
		0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
	};
	static const struct {
		int version;
		const char *src;
		unsigned sport;
		const char *dst;
		unsigned dport;
		uint32_t l3, l4;
	} vectors[] = {
		{ 4, "66.9.149.187", 2794, "161.142.100.80", 1766, 0x323e8fc2, 0x51ccc178 },
		{ 4, "199.92.111.2", 14230, "65.69.140.83", 4739, 0xd718262a, 0xc626b0ea },
		{ 4, "24.19.198.95", 12898, "12.22.207.184", 38024, 0xd2d0a5de, 0x5c2b394a },
		{ 4, "38.27.205.30", 48228, "209.142.163.6", 2217, 0x82989176, 0xafc7327f },
		{ 4, "153.39.163.191", 44251, "202.188.127.2", 1303, 0x5d1809c5, 0x10e828a2 },
		{ 6, "3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, 0x2cc18cd5, 0x40207d3d },
		{ 6, "3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739, 0x0f0c461c, 0xdde51bbf },
		{ 6, "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, "fe80::200:f8ff:fe21:67cf", 38024,
		  0x4b61e985, 0x02d1feef },
	};

	memcpy(b.cfg.key, key, sizeof(key));
	for (int l4 = 0; l4 < 2; l4++) {
		b.cfg.rss_types = l4 ? TLSNIC_RSS_TCP_IPV4 | TLSNIC_RSS_TCP_IPV6
				     : TLSNIC_RSS_IPV4 | TLSNIC_RSS_IPV6;
		b.configure();
		for (auto &v : vectors) {
			FrameSpec s = {};

			s.version = v.version;
			s.proto = PROTO_TCP;
			s.payload = 20;

			WireFrame w = b.good(s);
			FrameAt at = frame_at(s);
			int family = v.version == 4 ? AF_INET : AF_INET6;
			uint8_t *src = &w.data[at.l3 + (v.version == 4 ? 12 : 8)];

			inet_pton(family, v.src, src);
			inet_pton(family, v.dst, src + (v.version == 4 ? 4 : 16));
			put16(&w.data[at.l4], v.sport);
			put16(&w.data[at.l4 + 2], v.dport);
			tap_u64("reference", judge(b.cfg, w).hash, l4 ? v.l4 : v.l3);
			b.run({ w }, { 1, 1 });
		}
	}
}

/* What a stack may send is found right, at every length and with padding. */
static void good_checksums(Bench &b)
{
	std::vector<WireFrame> items;

	b.cfg.max_frame = 9220;
	b.configure();

	for (int i = 0; i < 1000; i++) {
		FrameSpec s = random_spec(b.r, 1400);

		s.version = i & 1 ? 4 : 6;
		s.options = i & 1 ? i >> 2 & 7 : 0;
		s.proto = i & 2 ? PROTO_TCP : PROTO_UDP;
		s.frag = i & 1 && b.r.one_in(4) ? 0x4000 : 0;
		s.udp_none = false;
		items.push_back(b.good(s));

		unsigned flags = judge(b.cfg, items.back()).flags;

		if (!(flags & TLSNIC_RXF_L3_OK) || !(flags & TLSNIC_RXF_L4_OK))
			tap_fail("the reference is wrong");
	}
	b.run(items, { 1, 1 });
	tap_u64("checksums found bad", b.got.csum_bad, 0);
	tap_u64("frames", b.got.frames, 1000);
}

static void bad_checksums(Bench &b)
{
	std::vector<WireFrame> items;

	b.cfg.max_frame = 9220;
	b.configure();

	for (int i = 0; i < 1000; i++) {
		FrameSpec s = random_spec(b.r, 1400);
		FrameAt at;

		s.version = i & 1 ? 4 : 6;
		s.options = i & 1 ? s.options : 0;
		s.proto = i & 2 ? PROTO_TCP : PROTO_UDP;
		s.frag = 0;
		s.udp_none = false;
		at = frame_at(s);
		items.push_back(b.good(s));

		/* bits where nothing but the sums depends on them */
		size_t from = i & 4 || s.version == 6 ? at.payload : at.l3 + 12;

		if (from >= at.end)
			from = at.l4;
		items.back().data[from] ^= (uint8_t)(1 << b.r.below(8));
	}
	b.run(items, { 1, 1 });
	tap_u64("checksums found bad", b.got.csum_bad, 1000);
}

static void udp_without_checksum(Bench &b)
{
	std::vector<WireFrame> items;

	for (int i = 0; i < 100; i++) {
		FrameSpec s = {};

		s.version = i & 1 ? 4 : 6;
		s.proto = PROTO_UDP;
		s.payload = (size_t)i;
		s.udp_none = true;
		items.push_back(b.good(s));
		tap_u64("reference: L4_OK", judge(b.cfg, items.back()).flags & TLSNIC_RXF_L4_OK, 0);
	}
	b.run(items, { 1, 1 });
	tap_u64("checksums found bad", b.got.csum_bad, 0);
}

static void filter(Bench &b)
{
	for (int mode = 0; mode < 8; mode++) {
		std::vector<WireFrame> items;

		b.cfg.promisc = mode == 1;
		b.cfg.allmulti = mode == 2;
		b.cfg.mcast = mode == 3 ? ~0ull : b.r.next();
		if (mode == 0) {
			/* 33:33:00:00:00:01 and 01:00:5e:00:00:01 alone */
			static const uint8_t v6[6] = { 0x33, 0x33, 0, 0, 0, 1 };
			static const uint8_t v4[6] = { 0x01, 0x00, 0x5e, 0, 0, 1 };

			b.cfg.mcast = 1ull << mcast_bit(v6) | 1ull << mcast_bit(v4);
			for (int i = 0; i < 2; i++) {
				items.push_back(b.raw(60));
				memcpy(items.back().data.data(), i ? v4 : v6, 6);
				tap_u64("reference", judge(b.cfg, items.back()).fate, DELIVERED);
			}
		}
		b.configure();
		for (int i = 0; i < 300; i++) {
			WireFrame w = b.raw(b.r.range(60, 200));

			if (i % 4 == 0)
				memset(w.data.data(), 0xff, 6);
			else if (i % 4 == 1)
				b.r.fill(w.data.data(), 6);
			else if (i % 4 == 2)	/* one bit off the station's address */
				w.data[b.r.below(6)] ^= (uint8_t)(1 << b.r.below(8));
			if (i % 8 == 1)
				w.data[0] |= 1;
			items.push_back(w);
		}
		b.run(items, { 1, 1 });
	}
}

static void vlan(Bench &b)
{
	for (int strip = 0; strip < 2; strip++) {
		std::vector<WireFrame> items;

		b.cfg.strip = strip;
		b.configure();
		for (unsigned len = 1; len < 5 * B; len++) {
			for (int has = 0; has < 2; has++) {
				items.push_back(b.raw(len));
				if (len > 13)
					put16(&items.back().data[12], has ? 0x8100 : 0x88b5);
			}
		}
		for (int i = 0; i < 300; i++) {
			FrameSpec s = random_spec(b.r, 300);

			s.tag = true;
			items.push_back(b.good(s));
			if (b.r.one_in(3)) {
				Bytes &f = items.back().data;
				uint8_t tag[4] = { 0x81, 0x00, (uint8_t)b.r.next(), (uint8_t)b.r.next() };

				f.insert(f.begin() + 12, tag, tag + 4);
			}
		}
		b.run(items, { 1, 1 });
		b.run(items, { 2, 2 });
	}
}

/* Frames around every limit, and far beyond it; neighbours arrive. */
static void lengths(Bench &b)
{
	for (unsigned max : { 60u, 1518u, 9018u, 9220u, 65535u }) {
		std::vector<WireFrame> items;

		b.cfg.max_frame = max;
		b.configure();
		for (unsigned len = 1; len < 100; len++)
			items.push_back(b.raw(len));
		for (unsigned len = max - 2; len <= max + 2; len++)
			items.push_back(b.raw(len));
		for (unsigned len : { 9215u, 9216u, 9219u, 9220u, 9221u, 9222u, 9216u + B, 9220u + B,
				      9221u + B, 20000u, 65535u, 65536u, 65540u, 65596u, 131072u, 200000u }) {
			items.push_back(b.raw(60));
			items.push_back(b.raw(len));
		}
		for (int i = 0; i < 6; i++) {
			FrameSpec s = {};

			s.tag = i & 1;
			s.version = i & 2 ? 4 : 6;
			s.proto = i & 4 ? PROTO_TCP : PROTO_UDP;
			s.payload = 9000;
			items.push_back(b.good(s));
		}
		b.run(items, { 1, 1 });
		b.run(items, { 1, 2 });
	}
}

/* Frames that the MAC calls bad or that break the rules of the stream. */
static void bad(Bench &b)
{
	std::vector<WireFrame> items;

	for (unsigned i = 0; i < 200; i++) {
		items.push_back(b.raw(b.r.range(60, 300)));
		items.push_back(b.raw(i % 4 == 3 ? B * b.r.range(1, 4) : b.r.range(60, 300)));

		WireFrame &w = items.back();
		size_t n = w.data.size();

		if (i % 4 == 0)
			w.bad = true;
		else if (i % 4 == 1)	/* in the first beat */
			w.hole = (int)b.r.below((uint32_t)std::min<size_t>(B, n - 1));
		else if (i % 4 == 2)	/* in the last, or right before it */
			w.hole = (int)(n - 2);
		else
			w.null_last = true;
	}
	b.run(items, { 1, 1 });
	tap_u64("bad frames", b.got.bad, 200);
}

static void off(Bench &b)
{
	std::vector<WireFrame> items;

	for (int i = 0; i < 50; i++)
		items.push_back(b.any());
	b.cfg.enable = false;
	b.configure();
	b.run(items, { 1, 1 });
	tap_u64("frames while off", b.got.frames + b.got.bad + b.got.filtered + b.got.too_long, 0);
	b.cfg.enable = true;
	b.configure();
	b.run(items, { 1, 1 });
}

/* On and off in the middle of a frame: that frame ends as it began. */
static void on_and_off(Bench &b)
{
	std::vector<WireFrame> items;

	for (int i = 0; i < 40; i++) {
		items.push_back(b.raw(i % 4 == 0 ? 16 * B + 5 : b.r.range(60, 4 * B)));
		items.push_back(b.raw(60));
	}
	b.toggle_at = 8 * B;
	b.run(items, { 1, 1 });
	if (!b.got.frames || b.got.frames > 60)
		tap_fail("%u frames received: the test does not reach its point", (unsigned)b.got.frames);
}

/* With nobody in the way a beat comes and leaves in every cycle. */
static void full_rate(Bench &b)
{
	b.cfg.max_frame = 9220;
	b.configure();

	for (unsigned len : { 64u, 128u, 1536u, 9216u }) {
		std::vector<WireFrame> items;

		for (int i = 0; i < 100; i++)
			items.push_back(b.raw(len));
		b.beats = b.wire_waits = 0;
		b.run(items, { 1, 1 });
		tap_u64("cycles in which the wire waited", b.wire_waits, 0);
		tap_u64("beats", b.beats, 100 * len / B);
		if (len == 64)
			tap_u64("cycles from the first beat to the last",
				b.last_beat - b.first_beat + 1, b.beats);
	}
	/* the same with tags to be taken out, and mixed */
	std::vector<WireFrame> items;

	for (int i = 0; i < 400; i++) {
		FrameSpec s = random_spec(b.r, 300);

		s.tag = b.r.one_in(2);
		s.padding = 20;
		items.push_back(b.good(s));
	}
	b.wire_waits = 0;
	b.run(items, { 1, 1 });
	tap_u64("cycles in which the wire waited", b.wire_waits, 0);
}

/* From a frame's last beat in to its first beat out. */
static void latency(Bench &b)
{
	for (unsigned len : { 14u, 60u, 1500u }) {
		b.beats = 0;
		b.run({ b.raw(len) }, { 1, 1 });
		tap_u64("cycles", b.first_beat - b.last_in, 6);
	}
}

static void sink_stops(Bench &b)
{
	std::vector<WireFrame> items;

	b.cfg.max_frame = 9220;
	b.configure();

	for (int i = 0; i < 12; i++)
		items.push_back(b.raw(9220));
	for (int i = 0; i < 200; i++)
		items.push_back(b.any());
	b.sink_from = b.tb.cycle + 20000;
	b.run(items, { 1, 1 });
	if (!b.wire_waits)
		tap_fail("the wire never waited: the test does not reach its point");
}

static void reset(Bench &b)
{
	b.cfg.max_frame = 9220;
	b.configure();

	for (int i = 0; i < 20; i++) {
		Vnet_rx *t = b.tb.top.get();
		WireFrame w = b.raw(9000);
		int cycles = (int)b.r.range(1, 9000 / B + 20);
		size_t at = 0;

		put16(&w.data[12], 0x8100);
		for (int c = 0; c < cycles; c++) {
			t->s_wire_tvalid = 1;
			t->m_pkt_ready = b.r.one_in(2);

			bool last = b.drive(w, at);

			b.tb.eval();
			if (t->s_wire_tready)
				at = last ? 0 : at + B;
			b.tb.clock();
		}
		t->s_wire_tvalid = 0;
		b.tb.reset();
		tap_u64("busy after reset", t->busy, 0);
		b.run({ b.raw(100), b.any(), b.raw(1500), b.raw(40) }, { 1, 1 });
	}
}

/* soft_rst while the wire goes on: no frame is joined from the rests of others. */
static void soft_reset(Bench &b, Pace pace)
{
	std::vector<WireFrame> items;

	b.cfg.promisc = true;
	b.cfg.max_frame = 9220;
	b.configure();
	for (int i = 0; i < 1000; i++)
		items.push_back(b.any());
	b.soft_every = 100;
	b.run(items, pace);
	b.soft_every = b.soft_left = 0;
	b.tb.top->soft_rst = 0;
	b.run({ b.raw(100), b.any(), b.raw(1500), b.raw(40) }, pace);
	tap_u64("frames after the last reset", b.expected.size(), 0);
}

static void at_random(Bench &b, Pace pace)
{
	for (int round = 0; round < 12; round++) {
		std::vector<WireFrame> items;

		random_config(b);
		for (int i = 0; i < 120; i++)
			items.push_back(b.any());
		b.run(items, pace);
	}
}

#define RUN(name, call)					\
	TAP_RUN(name, do {				\
		Bench b(tap.seed);			\
		call;					\
	} while (0))

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	RUN("Toeplitz hash: published vectors", rss_vectors(b));
	RUN("right checksums", good_checksums(b));
	RUN("wrong checksums", bad_checksums(b));
	RUN("UDP without a checksum", udp_without_checksum(b));
	RUN("address filter", filter(b));
	RUN("VLAN tags stripped and left", vlan(b));
	RUN("lengths from 1 to far too long", lengths(b));
	RUN("bad frames", bad(b));
	RUN("receiver off", off(b));
	RUN("receiver turned on and off in a frame", on_and_off(b));
	RUN("one beat a cycle", full_rate(b));
	RUN("latency", latency(b));
	RUN("the sink stops", sink_stops(b));
	RUN("reset in the middle", reset(b));
	RUN("soft reset in the middle, no pause", soft_reset(b, { 1, 1 }));
	RUN("soft reset in the middle, pauses", soft_reset(b, { 2, 2 }));
	RUN("anything, no pause", at_random(b, { 1, 1 }));
	RUN("anything, slow wire", at_random(b, { 4, 1 }));
	RUN("anything, slow sink", at_random(b, { 1, 4 }));
	RUN("anything, both slow", at_random(b, { 3, 3 }));
	return tap_end();
}
