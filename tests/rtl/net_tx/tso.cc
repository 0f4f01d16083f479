// SPDX-License-Identifier: BSD-2-Clause
//
// net_tx: packets that are cut into frames.

#include "bench.h"

static Item tso_item(Random &r, const TsoShape &s)
{
	Item it = plain(r, 14);

	it.data = tso_packet(r, s);
	it.vlan = r.one_in(3);
	it.csum = true;
	it.csum_start = (unsigned)s.l4();
	it.csum_offset = 16;
	it.mss = s.mss;
	it.l3_start = (unsigned)s.l3;
	it.frames = tso_frames(it.data, s);
	return it;
}

/* A status comes with the beat of byte `at`; what was whole before it leaves. */
static void fail_at(Item &it, const TsoShape &s, size_t at, unsigned status)
{
	size_t end = s.headers() + std::min<size_t>(s.mss, s.payload), n = 0;

	it.wrong_at = at / B * B;
	it.status = status;
	while (n < it.frames.size() && end <= it.wrong_at) {
		n++;
		end = std::min(end + s.mss, s.headers() + s.payload);
	}
	it.frames.resize(n);
}

void tso_shapes(Bench &b, Pace pace, int n)
{
	std::vector<Item> items;

	for (int i = 0; i < n; i++)
		items.push_back(tso_item(b.r, random_shape(b.r, TLSNIC_TSO_MAX_LEN)));
	b.run(items, pace);
}

/* Around every multiple of the MSS, with headers and MSS at every place of a beat. */
void tso_lengths(Bench &b)
{
	std::vector<Item> items;

	for (unsigned i = 0; i < 2 * B; i++) {
		TsoShape s = random_shape(b.r, 1000);

		s.mss = 64 + i;
		for (int k = 0; k < 4; k++) {
			for (int off = k ? -1 : 0; off < 2; off++) {
				s.payload = (size_t)((int)s.mss * k + off);
				items.push_back(tso_item(b.r, s));
			}
		}
	}
	b.run(items, { 1, 1, 1 });
}

/* Makes something about the headers wrong. */
static void spoil(Random &r, Item &it, const TsoShape &s, int what)
{
	uint8_t *ip = &it.data[s.l3], *tcp = &it.data[s.l4()];
	uint8_t *next = s.version == 4 ? ip + 9 : ip + 6;

	switch (what) {
	case 0: ip[0] = (uint8_t)((ip[0] & 0x0f) | (s.version ^ r.range(1, 15)) << 4); break;
	case 1: *next = PROTO_UDP; break;
	case 2: tcp[12] = (uint8_t)(r.below(5) << 4); break;
	case 3: it.csum_start += 4; break;
	case 4: ip[0] = s.version == 4 ? (uint8_t)(0x40 | r.below(5)) : 0x50; break;
	case 5: /* TCP ends behind the packet */
		it.data.resize(s.l4() + 20);
		tcp[12] = (uint8_t)(r.range(6, 15) << 4);
		break;
	case 6: it.mss = TLSNIC_TX_MAX_LEN - (unsigned)s.headers() + 1 + r.below(100); break;
	case 7: *next = 44; break;	/* a fragment, or what is no TCP anyway */
	case 8: *next = s.version == 4 ? 0 : 59; break;
	case 9: ip[0] = s.version == 4 ? ip[0] + 1 : 0x45; break;
	}
	it.frames.clear();
	it.wrong_at = ~(size_t)0;
	it.status = TLSNIC_STATUS_DESC;
}

void tso_refused(Bench &b)
{
	std::vector<Item> items;

	for (int i = 0; i < trials(600); i++) {
		TsoShape s = random_shape(b.r, 4000);
		int what = i % 10;

		/* a mistake that another version, or payload, would make right */
		s.payload = what == 6 ? 9300 : s.payload;
		if (what == 0 && s.version == 4 && s.options == 0 && !s.ext.size())
			s.options = 1;
		if (s.headers() > TLSNIC_TSO_MAX_HEADERS)
			continue;
		items.push_back(tso_item(b.r, s));
		spoil(b.r, items.back(), s, what);
		items.push_back(tso_item(b.r, random_shape(b.r, 300)));
	}
	/* headers of 257 to 296 bytes */
	for (unsigned doff = 6; doff <= 15; doff++) {
		TsoShape s = {};

		s.l3 = 17 + b.r.below(4);
		s.version = 6;
		s.ext.push_back(22);
		s.doff = doff;
		s.payload = 3000;
		s.mss = 500;
		items.push_back(tso_item(b.r, s));
		if (s.headers() > TLSNIC_TSO_MAX_HEADERS)
			spoil(b.r, items.back(), s, -1);
	}
	/* extension headers that lead past the TCP header, or elsewhere */
	for (int i = 0; i < 60; i++) {
		TsoShape s = {};

		s.l3 = 14;
		s.version = 6;
		s.ext = { 1, 2, 1 };
		s.doff = 5;
		s.payload = 100;
		s.mss = 64;
		items.push_back(tso_item(b.r, s));

		uint8_t *ext = &items.back().data[s.l3 + 40];

		switch (i % 4) {
		case 0: ext[1] = (uint8_t)b.r.range(1, 255); break;
		case 1: ext[8 + 1] = (uint8_t)b.r.range(2, 255); break;
		case 2: ext[24] = 17; break;
		case 3: ext[0] = PROTO_TCP; break;
		}
		/* zeros, so that the chain does not get right by chance */
		if (i % 4 == 0)
			memset(ext + 16, 0xff, 8), ext[24] = 60;
		spoil(b.r, items.back(), s, -1);
	}
	b.run(items, { 1, 1, 1 });
	b.run(items, { 2, 2, 2 });
}

/* From each beat on, of headers and of payload; also where headers are wrong too. */
void tso_status(Bench &b)
{
	std::vector<Item> items;

	for (int i = 0; i < trials(300); i++) {
		TsoShape s = random_shape(b.r, 3000);
		Item it = tso_item(b.r, s);
		size_t at = b.r.one_in(3) ? b.r.below((uint32_t)s.headers()) : b.r.below((uint32_t)it.data.size());

		if (b.r.one_in(4))
			at = it.data.size() - 1;
		fail_at(it, s, at, b.r.range(1, 7));
		if (b.r.one_in(8) && at < B) {
			it.data[s.l3] = 0;
			it.frames.clear();
		}
		items.push_back(it);
		items.push_back(b.r.one_in(2) ? plain(b.r, b.r.range(14, 200)) : tso_item(b.r, random_shape(b.r, 300)));
	}
	b.run(items, { 1, 1, 1 });
	b.run(items, { 2, 2, 1 });
}

void tso_mixed(Bench &b, Pace pace, int n)
{
	std::vector<Item> items;

	for (int i = 0; i < n; i++) {
		if (b.r.one_in(2)) {
			items.push_back(any(b.r));
			continue;
		}

		TsoShape s = random_shape(b.r, b.r.one_in(10) ? TLSNIC_TSO_MAX_LEN : 4000);

		items.push_back(tso_item(b.r, s));
		if (b.r.one_in(10))
			fail_at(items.back(), s, b.r.below((uint32_t)items.back().data.size()), b.r.range(1, 7));
	}
	b.run(items, pace);
}

/* soft_rst with part of a packet inside: the frames that were whole leave, the rest is forgotten. */
void tso_reset(Bench &b)
{
	Vnet_tx *t = b.tb.top.get();

	for (int i = 0; i < trials(200); i++) {
		TsoShape s = random_shape(b.r, 4000);
		Item it = tso_item(b.r, s);
		size_t beats = it.data.size() / B, n = 0, end = s.headers() + std::min<size_t>(s.mss, s.payload);

		if (!beats)
			continue;
		beats = b.r.below((uint32_t)beats);
		while (n < it.frames.size() && end <= beats * B) {
			n++;
			end = std::min(end + s.mss, s.headers() + s.payload);
		}
		it.frames.resize(n);
		b.expect(it);
		b.completions.clear();
		b.dones.clear();
		t->m_wire_tready = 1;
		t->m_cpl_ready = 1;
		for (size_t k = 0; k < beats; k++) {
			t->s_pkt_valid = 1;
			b.drive(it, k * B);
			do
				b.clock();
			while (!b.took);
		}
		t->s_pkt_valid = 0;
		/* it waits for the rest, or just has begun to */
		for (unsigned c = b.r.one_in(2) ? 0 : b.r.below(60); c; c--)
			b.clock();
		for (int c = 0; b.frames.size() && c < 2000; c++)
			b.clock();
		t->soft_rst = 1;
		for (int c = 0; c < 3; c++)
			b.clock();
		t->soft_rst = 0;
		tap_u64("frames missing", b.frames.size(), 0);
		b.run({ plain(b.r, 100), tso_item(b.r, random_shape(b.r, 300)) }, { 1, 1, 1 });
	}
}

/*
 * The wire never waits inside a packet; between two of them it may be for the cycles that
 * the headers take.
 */
void tso_rate(Bench &b)
{
	for (unsigned mss : { 64u, 536u, 1448u, 8948u }) {
		for (size_t payload : { (size_t)2 * mss, (size_t)(65535 - 66) / mss * mss }) {
			std::vector<Item> items;
			TsoShape s = {};
			uint64_t want = 0, cycles, n = 20;

			s.l3 = 14;
			s.version = 4;
			s.doff = 8;
			s.payload = payload;
			s.mss = mss;
			for (uint64_t i = 0; i < n; i++) {
				items.push_back(tso_item(b.r, s));
				items.back().vlan = false;
				for (const Bytes &f : items.back().frames)
					want += (f.size() + B - 1) / B;
			}
			b.beats = 0;
			b.run({ items[0] }, { 1, 1, 1 });
			tap_u64("one packet: cycles from its first beat to its last", b.last_beat - b.first_beat + 1,
				want / n);
			b.beats = 0;
			b.run(items, { 1, 1, 1 });
			cycles = b.last_beat - b.first_beat + 1;
			tap_u64("beats", b.beats, want);
			want += (n - 1) * (5 + (s.headers() + B - 1) / B);
			printf("# MSS %u, %zu frames a packet: %.2f cycles a frame, %.2f beats\n", mss, items[0].frames.size(),
			       (double)cycles / (double)(n * items[0].frames.size()),
			       (double)b.beats / (double)(n * items[0].frames.size()));
			if (cycles > want)
				tap_fail("%lu cycles, expected at most %lu", (unsigned long)cycles, (unsigned long)want);
		}
	}
}
