// SPDX-License-Identifier: BSD-2-Clause
//
// net_rx against a reference that reads each frame byte by byte: which frames
// are delivered, their bytes, flags, hash and queue, and the statistics.

#include "Vnet_rx.h"

#include <arpa/inet.h>

#include <deque>

#include "net_ref.h"

enum { B = DATA_W / 8, QUEUES = 6, MAX_WIRE_LEN = 9220 };

struct Config {
	bool enable = true, promisc = false, allmulti = false, strip = true;
	uint8_t mac[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
	uint64_t mcast = 0;
	unsigned max_frame = 1518, rss_types = 0x3f;
	uint8_t key[40], table[128];
};

/* A frame as the wire brings it. */
struct WireFrame {
	Bytes data;
	bool bad = false;	/* tuser */
	int hole = -1;		/* tkeep bit cleared in this beat, which is not the last byte's */
	bool null_last = false;	/* a last beat without a byte follows */
};

enum Fate { DELIVERED, BAD, FILTERED, TOO_LONG, IGNORED };

struct Verdict {
	Fate fate;
	Bytes data;
	unsigned flags, queue, tci;
	uint32_t hash;
	bool mcast, bcast, csum_bad;
	size_t wire_len;
};

static uint32_t toeplitz(const uint8_t *key, const Bytes &in)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < 8 * in.size(); i++) {
		if (!(in[i / 8] >> (7 - i % 8) & 1))
			continue;
		for (size_t k = 0; k < 32; k++)
			if (key[(i + k) / 8] >> (7 - (i + k) % 8) & 1)
				hash ^= 0x80000000u >> k;
	}
	return hash;
}

/* The reflected CRC-32 register, then read backwards. */
static unsigned mcast_bit(const uint8_t *addr)
{
	uint32_t crc = ~0u;
	unsigned bit = 0;

	for (int i = 0; i < 6; i++) {
		crc ^= addr[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	for (int i = 0; i < 6; i++)
		bit |= (crc >> i & 1) << (5 - i);
	return bit;
}

static void judge_ip(const Config &c, Verdict &v)
{
	const Bytes &f = v.data;
	size_t l3 = 14, hlen, l4, end;
	unsigned types, proto;
	bool v4, fragment = false, l3_ok, tcp, udp;
	Bytes addrs;

	if (f.size() < 18)
		return;
	unsigned type = get16(&f[12]);

	if (type == 0x8100) {
		type = get16(&f[16]);
		l3 = 18;
	}
	if (f.size() <= l3 || (type != 0x0800 && type != 0x86dd))
		return;
	v4 = type == 0x0800;
	if (f[l3] >> 4 != (v4 ? 4 : 6))
		return;
	hlen = v4 ? 4 * (f[l3] & 15) : 40;
	if (hlen < 20 || l3 + hlen > f.size())
		return;
	l4 = l3 + hlen;
	if (v4) {
		end = l3 + get16(&f[l3 + 2]);
		fragment = get16(&f[l3 + 6]) & 0x3fff;
		proto = f[l3 + 9];
		addrs.assign(&f[l3 + 12], &f[l3 + 20]);
		types = c.rss_types & 7;
		l3_ok = sum16(0, &f[l3], hlen) == 0xffff;
	} else {
		end = l4 + get16(&f[l3 + 4]);
		proto = f[l3 + 6];
		addrs.assign(&f[l3 + 8], &f[l3 + 40]);
		types = c.rss_types >> 3;
		l3_ok = true;
	}
	if (l3_ok)
		v.flags |= TLSNIC_RXF_L3_OK;
	else
		v.csum_bad = true;

	bool usable = !fragment && end >= l4 && end <= f.size();

	tcp = usable && proto == PROTO_TCP && end - l4 >= 20;
	udp = usable && proto == PROTO_UDP && end - l4 >= 8;
	if (tcp || udp) {
		size_t len = end - l4;
		bool sane = tcp ? f[l4 + 12] >> 4 >= 5 && 4u * (f[l4 + 12] >> 4) <= len
				: get16(&f[l4 + 4]) == len;
		bool present = tcp || get16(&f[l4 + 6]);
		uint32_t sum = sum16(proto + (uint32_t)len, addrs.data(), addrs.size());

		if (sane && present) {
			if (sum16(sum, &f[l4], len) != 0xffff)
				v.csum_bad = true;
			else if (l3_ok)
				v.flags |= TLSNIC_RXF_L4_OK;
		}
	}
	if (types & (tcp ? 2 : udp ? 4 : 0)) {
		v.flags |= TLSNIC_RXF_HASH_L4;
		addrs.insert(addrs.end(), &f[l4], &f[l4 + 4]);
	} else if (types & 1) {
		v.flags |= TLSNIC_RXF_HASH_L3;
	} else {
		return;
	}
	v.hash = toeplitz(c.key, addrs);
}

static Verdict judge(const Config &c, const WireFrame &w)
{
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
	Verdict v = {};
	const Bytes &f = w.data;

	v.data = f;
	v.wire_len = f.size();
	if (!c.enable) {
		v.fate = IGNORED;
		return v;
	}
	if (c.strip && f.size() >= 16 && get16(&f[12]) == 0x8100) {
		v.flags |= TLSNIC_RXF_VLAN;
		v.tci = get16(&f[14]);
		v.data.erase(v.data.begin() + 12, v.data.begin() + 16);
	}
	if (w.bad || w.hole >= 0 || w.null_last || v.data.size() < 14) {
		v.fate = BAD;
		return v;
	}
	v.bcast = !memcmp(f.data(), all, 6);
	v.mcast = (f[0] & 1) && !v.bcast;
	if (!c.promisc && !v.bcast && (v.mcast ? !c.allmulti && !(c.mcast >> mcast_bit(f.data()) & 1)
					       : memcmp(f.data(), c.mac, 6))) {
		v.fate = FILTERED;
		return v;
	}
	if (f.size() > c.max_frame || f.size() > MAX_WIRE_LEN) {
		v.fate = TOO_LONG;
		return v;
	}
	v.fate = DELIVERED;
	judge_ip(c, v);
	v.queue = c.table[v.hash & 127] % QUEUES;
	return v;
}

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

	explicit Bench(uint64_t seed) : r(seed)
	{
		r.fill(cfg.key, sizeof(cfg.key));
		r.fill(cfg.table, sizeof(cfg.table));
		configure();
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
		Verdict v = judge(cfg, w);

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
				at = std::min(at + B, items[next].data.size());
				if (last) {
					expect(items[next++]);
					at = 0;
				}
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
WireFrame Bench::any()
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
	RUN("one beat a cycle", full_rate(b));
	RUN("the sink stops", sink_stops(b));
	RUN("reset in the middle", reset(b));
	RUN("anything, no pause", at_random(b, { 1, 1 }));
	RUN("anything, slow wire", at_random(b, { 4, 1 }));
	RUN("anything, slow sink", at_random(b, { 1, 4 }));
	RUN("anything, both slow", at_random(b, { 3, 3 }));
	return tap_end();
}
