/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TCP packet for segmentation, and the frames that it must become: each built
 * for itself, its checksums taken over the finished frame.
 */
#ifndef TSO_REF_H
#define TSO_REF_H

#include "net_ref.h"

enum { TCP_FIN = 0x01, TCP_PSH = 0x08, TCP_CWR = 0x80 };

struct TsoShape {
	size_t l3;			/* of the IP header */
	int version;			/* 4 or 6 */
	size_t options;			/* IPv4: 32-bit words */
	std::vector<size_t> ext;	/* IPv6: lengths of extension headers, in units of 8 bytes */
	size_t doff;			/* TCP header, 32-bit words */
	size_t payload;
	unsigned mss;

	size_t l4() const
	{
		size_t n = l3 + (version == 4 ? 20 + 4 * options : 40);

		for (size_t e : ext)
			n += 8 * e;
		return n;
	}
	size_t headers() const { return l4() + 4 * doff; }
};

static inline TsoShape random_shape(Random &r, size_t max_payload)
{
	TsoShape s = {};
	size_t room;

	s.l3 = r.one_in(3) ? 18 : r.one_in(8) ? r.range(0, 40) : 14;
	s.version = r.one_in(2) ? 6 : 4;
	s.options = s.version == 4 && r.one_in(3) ? r.range(1, 10) : 0;
	s.doff = r.one_in(3) ? r.range(5, 15) : 8;
	room = TLSNIC_TSO_MAX_HEADERS - s.headers();
	if (s.version == 6 && r.one_in(3)) {
		for (size_t n = r.range(1, 4); n && room >= 8; n--) {
			s.ext.push_back(r.range(1, room / 8 < 20 ? room / 8 : 20));
			room -= 8 * s.ext.back();
		}
	}
	s.mss = r.one_in(3) ? 1448 : r.one_in(4) ? r.range(64, 8948) : r.range(64, 600);
	if (r.one_in(8))
		s.mss = TLSNIC_TX_MAX_LEN - s.headers();
	s.payload = r.one_in(4) ? r.below(max_payload - 255) : r.one_in(2) ? r.below(4 * s.mss) : r.below(3000);
	s.payload = std::min(s.payload, (size_t)TLSNIC_TSO_MAX_LEN - s.headers());
	return s;
}

/* The packet as a host hands it over: what does not count is random. */
static inline Bytes tso_packet(Random &r, const TsoShape &s)
{
	static const uint8_t kinds[] = { 0, 43, 60, 135 };
	Bytes p(s.headers() + s.payload);
	uint8_t *ip = &p[s.l3], *tcp = &p[s.l4()], *next;
	uint32_t sum = PROTO_TCP;

	fill_bytes(r, p.data(), p.size());
	p[0] &= 0xfe;
	if (s.version == 4) {
		ip[0] = (uint8_t)(0x45 + s.options);
		if (r.one_in(4))
			put16(ip + 4, 0xffff - r.below(4));	/* the identification wraps */
		ip[9] = PROTO_TCP;
		sum = sum16(sum, ip + 12, 8);
	} else {
		size_t at = 40;

		ip[0] = 0x60 | (ip[0] & 0x0f);
		next = ip + 6;
		for (size_t e : s.ext) {
			*next = kinds[r.below(4)];
			next = ip + at;
			ip[at + 1] = (uint8_t)(e - 1);
			at += 8 * e;
		}
		*next = PROTO_TCP;
		sum = sum16(sum, ip + 8, 32);
	}
	tcp[12] = (uint8_t)(s.doff << 4 | (tcp[12] & 0x0f));
	if (r.one_in(4))
		memset(tcp + 4, 0xff, 4);			/* the sequence number wraps */
	put16(tcp + 16, sum);
	return p;
}

static inline std::vector<Bytes> tso_frames(const Bytes &p, const TsoShape &s)
{
	std::vector<Bytes> frames;
	size_t h = s.headers(), at = 0;

	do {
		size_t n = std::min<size_t>(s.mss, s.payload - at);
		bool first = !at, last = at + n == s.payload;
		Bytes f(p.begin(), p.begin() + h);
		uint32_t sum = PROTO_TCP + (uint32_t)(4 * s.doff + n), seq;

		f.insert(f.end(), p.begin() + h + at, p.begin() + h + at + n);

		uint8_t *ip = &f[s.l3], *tcp = &f[s.l4()];

		if (s.version == 4) {
			put16(ip + 2, (uint32_t)(f.size() - s.l3));
			put16(ip + 4, (uint32_t)(get16(ip + 4) + frames.size()));
			put16(ip + 10, 0);
			put16(ip + 10, ~sum16(0, ip, 20 + 4 * s.options));
			sum = sum16(sum, ip + 12, 8);
		} else {
			put16(ip + 4, (uint32_t)(f.size() - s.l3 - 40));
			sum = sum16(sum, ip + 8, 32);
		}
		seq = (uint32_t)(get16(tcp + 4) << 16 | get16(tcp + 6)) + (uint32_t)at;
		put16(tcp + 4, seq >> 16);
		put16(tcp + 6, seq);
		if (!first)
			tcp[13] &= (uint8_t)~TCP_CWR;
		if (!last)
			tcp[13] &= (uint8_t)~(TCP_FIN | TCP_PSH);
		put16(tcp + 16, 0);
		put16(tcp + 16, ~sum16(sum, tcp, 4 * s.doff + n));
		frames.push_back(f);
		at += n;
	} while (at < s.payload);
	return frames;
}

#endif /* TSO_REF_H */
