/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames and what is true of them, worked out byte by byte: the reference for
 * tests of the network blocks.
 */
#ifndef TLSNIC_NET_REF_H
#define TLSNIC_NET_REF_H

#include <linux/tlsnic.h>

#include <vector>

#include "tb.h"

typedef std::vector<uint8_t> Bytes;

enum { ETH_LEN = 14, PROTO_TCP = 6, PROTO_UDP = 17 };

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static inline void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Bits [lsb, lsb + n) of a packed struct, n up to 64. */
static inline uint64_t get_bits(const uint8_t *p, int lsb, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v |= (uint64_t)(p[(lsb + i) / 8] >> ((lsb + i) % 8) & 1) << i;
	return v;
}

static inline void set_bits(uint8_t *p, int lsb, int n, uint64_t v)
{
	for (int i = 0; i < n; i++) {
		uint8_t bit = (uint8_t)(1 << ((lsb + i) % 8));

		if (v >> i & 1)
			p[(lsb + i) / 8] |= bit;
		else
			p[(lsb + i) / 8] &= (uint8_t)~bit;
	}
}

/* RFC 1071: adds n bytes, which start at an even place, to a sum. */
static inline uint32_t sum16(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		sum += i & 1 ? p[i] : p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* Random bytes; some runs are mostly ones, so that sums carry twice. */
static inline void fill_bytes(Random &r, uint8_t *p, size_t n)
{
	if (!r.one_in(4)) {
		r.fill(p, n);
		return;
	}
	memset(p, 0xff, n);
	for (size_t i = 0; i < n; i++)
		if (r.one_in(16))
			p[i] = (uint8_t)(r.one_in(2) ? 0xfe : r.next());
}

struct FrameSpec {
	bool tag;		/* an 802.1Q tag in the frame */
	int version;		/* 4, 6, or 0: not IP */
	int options;		/* IPv4: 32-bit words */
	int proto;
	size_t payload;		/* bytes behind the L4 header */
	size_t padding;		/* bytes behind the IP packet */
	uint16_t frag;		/* IPv4: flags and fragment offset */
	int tcp_options;	/* 32-bit words */
	bool udp_none;		/* UDP without a checksum */
};

/* Where things are in a frame of this shape. */
struct FrameAt {
	size_t l3, l4, payload, end, csum;
};

static inline FrameAt frame_at(const FrameSpec &s)
{
	FrameAt at;

	at.l3 = s.tag ? ETH_LEN + 4 : ETH_LEN;
	at.l4 = at.l3 + (s.version == 4 ? 20 + 4 * s.options : s.version == 6 ? 40 : 0);
	at.csum = at.l4 + (s.proto == PROTO_TCP ? 16 : 6);
	at.payload = at.l4 + (s.proto == PROTO_TCP ? 20 + 4 * s.tcp_options :
			      s.proto == PROTO_UDP ? 8 : 0);
	at.end = at.payload + s.payload;
	return at;
}

/* Sum of the pseudo-header of the IP packet at f + l3. */
static inline uint32_t pseudo_sum(const uint8_t *f, const FrameSpec &s, const FrameAt &at)
{
	uint32_t sum = s.proto + (uint32_t)(at.end - at.l4);

	if (s.version == 4)
		return sum16(sum, f + at.l3 + 12, 8);
	return sum16(sum, f + at.l3 + 8, 32);
}

/*
 * A frame with random addresses, ports and payload and right lengths. The L4
 * checksum field holds the right sum, or for `partial` that of the pseudo-header.
 */
static inline Bytes make_frame(Random &r, const FrameSpec &s, bool partial)
{
	FrameAt at = frame_at(s);
	Bytes f(at.end + s.padding);
	uint8_t *ip = &f[at.l3], *l4 = &f[at.l4];
	uint32_t sum;

	fill_bytes(r, f.data(), f.size());
	f[0] &= 0xfe;
	if (s.tag)
		put16(&f[12], 0x8100);
	put16(&f[at.l3 - 2], s.version == 4 ? 0x0800 : s.version == 6 ? 0x86dd : 0x88b5);
	if (!s.version)
		return f;
	if (s.version == 4) {
		ip[0] = (uint8_t)(0x45 + s.options);
		put16(ip + 2, (uint32_t)(at.end - at.l3));
		put16(ip + 6, s.frag);
		ip[9] = (uint8_t)s.proto;
		put16(ip + 10, 0);
		put16(ip + 10, ~sum16(0, ip, at.l4 - at.l3));
	} else {
		ip[0] = 0x60 | (ip[0] & 0x0f);
		put16(ip + 4, (uint32_t)(at.end - at.l4));
		ip[6] = (uint8_t)s.proto;
	}
	if (s.proto == PROTO_TCP)
		l4[12] = (uint8_t)((5 + s.tcp_options) << 4 | (l4[12] & 0x0f));
	else if (s.proto == PROTO_UDP)
		put16(l4 + 4, (uint32_t)(at.end - at.l4));
	else
		return f;
	put16(&f[at.csum], 0);
	sum = pseudo_sum(f.data(), s, at);
	if (partial) {
		put16(&f[at.csum], sum);
		return f;
	}
	sum = ~sum16(sum, l4, at.end - at.l4) & 0xffff;
	if (s.proto == PROTO_UDP && !sum)
		sum = 0xffff;
	put16(&f[at.csum], s.udp_none ? 0 : sum);
	return f;
}

static inline FrameSpec random_spec(Random &r, size_t max_payload)
{
	FrameSpec s = {};

	s.tag = r.one_in(4);
	s.version = r.one_in(10) ? 0 : r.one_in(2) ? 6 : 4;
	s.options = s.version == 4 && r.one_in(3) ? (int)r.range(1, 10) : 0;
	s.proto = r.one_in(8) ? 47 : r.one_in(2) ? PROTO_TCP : PROTO_UDP;
	s.tcp_options = r.one_in(2) ? (int)r.below(11) : 0;
	s.payload = r.one_in(4) ? r.below((uint32_t)max_payload + 1) : r.below(100);
	s.padding = r.one_in(3) ? r.below(40) : 0;
	s.udp_none = r.one_in(8);
	if (s.version == 4 && r.one_in(8))
		s.frag = r.one_in(2) ? 0x2000 : (uint16_t)r.range(1, 0x1fff);
	return s;
}

#endif /* TLSNIC_NET_REF_H */
