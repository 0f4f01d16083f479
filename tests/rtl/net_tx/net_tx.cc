// SPDX-License-Identifier: BSD-2-Clause
//
// net_tx: packets that leave as one frame; those that are cut are in tso.cc.

#include "bench.h"

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

		Bytes f = want_frame(it, it.data);
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

			Bytes f = want_frame(it, it.data);

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
	for (unsigned status = 1; status <= 7; status++) {
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
	RUN("segmentation: any headers, any MSS", tso_shapes(b, { 1, 1, 1 }, trials(400)));
	RUN("segmentation: slow source", tso_shapes(b, { 4, 1, 1 }, trials(100)));
	RUN("segmentation: slow wire", tso_shapes(b, { 1, 4, 1 }, trials(100)));
	RUN("segmentation: payload of any number of MSS, or none", tso_lengths(b));
	RUN("segmentation: headers that are refused", tso_refused(b));
	RUN("segmentation: a status in any beat", tso_status(b));
	RUN("segmentation: among ordinary packets", tso_mixed(b, { 1, 1, 1 }, trials(600)));
	RUN("segmentation: among ordinary packets, all slow", tso_mixed(b, { 3, 3, 8 }, trials(200)));
	RUN("segmentation: soft reset in the middle", tso_reset(b));
	RUN("segmentation: cycles", tso_rate(b));
	return tap_end();
}
