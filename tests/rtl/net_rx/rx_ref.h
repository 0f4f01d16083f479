/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What net_rx must make of a frame, read byte by byte.
 */
#ifndef TLSNIC_RX_REF_H
#define TLSNIC_RX_REF_H

#include "net_ref.h"

enum { QUEUES = 6, MAX_WIRE_LEN = 9220 };

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

#endif /* TLSNIC_RX_REF_H */
