// SPDX-License-Identifier: BSD-2-Clause
#include <string.h>

#include "../sim/packet.h"
#include "model.h"

#define ETH		14
#define TAG		4
#define TCP_MIN		20
#define UDP_MIN		8
#define MAX_WIRE	(TLSNIC_TX_MAX_LEN + TAG)

static unsigned int be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* Index of the multicast filter: the upper six bits of the address' CRC-32, as Linux' ether_crc() counts it. */
static unsigned int filter_bit(const uint8_t *addr)
{
	uint32_t crc = ~0u;

	for (int i = 0; i < 48; i++) {
		uint32_t top = crc >> 31 ^ (addr[i / 8] >> i % 8 & 1);

		crc = crc << 1 ^ (top ? 0x04c11db7 : 0);
	}
	return crc >> 26;
}

/* Fields of the IP packet that a frame holds; false: it holds none that could be read. */
struct rx_ip {
	bool v4, fragment, sum_ok;
	uint32_t at, l4, end;
	uint8_t proto;
	const uint8_t *addrs;
	unsigned int addrs_len;
};

static bool find_ip(const uint8_t *f, uint32_t len, struct rx_ip *ip)
{
	unsigned int type, hlen;

	if (len < ETH + TAG)
		return false;
	type = be16(f + 12);
	ip->at = ETH;
	if (type == 0x8100) {
		type = be16(f + 16);
		ip->at = ETH + TAG;
	}
	if (len <= ip->at || (type != 0x0800 && type != 0x86dd))
		return false;
	ip->v4 = type == 0x0800;
	f += ip->at;
	if (f[0] >> 4 != (ip->v4 ? 4 : 6))
		return false;
	hlen = ip->v4 ? 4 * (f[0] & 15) : 40;
	if (hlen < 20 || ip->at + hlen > len)
		return false;
	ip->l4 = ip->at + hlen;
	if (ip->v4) {
		ip->end = ip->at + be16(f + 2);
		ip->fragment = be16(f + 6) & 0x3fff;
		ip->proto = f[9];
		ip->addrs = f + 12;
		ip->addrs_len = 8;
		ip->sum_ok = packet_sum(f, hlen, 0) == 0xffff;
	} else {
		ip->end = ip->l4 + be16(f + 4);
		ip->fragment = false;
		ip->proto = f[6];
		ip->addrs = f + 8;
		ip->addrs_len = 32;
		ip->sum_ok = true;
	}
	return true;
}

static void judge_ip(const struct rx_config *c, struct rx_verdict *v, const uint8_t *f)
{
	bool tcp = false, udp = false;
	uint8_t in[36];
	struct rx_ip ip;
	uint32_t types;

	if (!find_ip(f, v->len, &ip))
		return;
	if (ip.sum_ok)
		v->flags |= TLSNIC_RXF_L3_OK;
	else
		v->csum_bad = true;
	if (!ip.fragment && ip.end >= ip.l4 && ip.end <= v->len) {
		uint32_t len = ip.end - ip.l4;
		const uint8_t *l4 = f + ip.l4;
		bool has_sum = false;

		tcp = ip.proto == PACKET_TCP && len >= TCP_MIN;
		udp = ip.proto == PACKET_UDP && len >= UDP_MIN;
		if (tcp)
			has_sum = l4[12] >> 4 >= 5 && 4u * (l4[12] >> 4) <= len;
		if (udp)
			has_sum = be16(l4 + 4) == len && be16(l4 + 6);
		if (has_sum) {
			uint32_t sum = packet_sum(ip.addrs, ip.addrs_len, ip.proto + len);

			if (packet_sum(l4, len, sum) != 0xffff)
				v->csum_bad = true;
			else if (ip.sum_ok)
				v->flags |= TLSNIC_RXF_L4_OK;
		}
	}
	types = ip.v4 ? c->rss_types : c->rss_types >> 3;
	memcpy(in, ip.addrs, ip.addrs_len);
	if ((tcp && types & TLSNIC_RSS_TCP_IPV4) || (udp && types & TLSNIC_RSS_UDP_IPV4)) {
		v->flags |= TLSNIC_RXF_HASH_L4;
		memcpy(in + ip.addrs_len, f + ip.l4, 4);
		v->hash = packet_toeplitz(c->key, in, ip.addrs_len + 4);
	} else if (types & TLSNIC_RSS_IPV4) {
		v->flags |= TLSNIC_RXF_HASH_L3;
		v->hash = packet_toeplitz(c->key, in, ip.addrs_len);
	}
}

struct rx_verdict model_rx(const struct rx_config *c, const uint8_t *frame, uint32_t len, bool bad, uint8_t *data)
{
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
	struct rx_verdict v = { .len = len };

	memcpy(data, frame, len);
	if (!c->enable) {
		v.fate = RX_FATE_IGNORED;
		return v;
	}
	if (c->strip && len >= ETH + 2 && be16(frame + 12) == 0x8100) {
		v.flags |= TLSNIC_RXF_VLAN;
		v.tci = be16(frame + 14);
		memmove(data + 12, data + 16, len - 16);
		v.len -= TAG;
	}
	if (bad || v.len < ETH) {
		v.fate = RX_FATE_BAD;
		return v;
	}
	v.bcast = !memcmp(frame, all, 6);
	v.mcast = frame[0] & 1 && !v.bcast;
	if (!c->promisc && !v.bcast &&
	    (v.mcast ? !c->allmulti && !(c->mcast >> filter_bit(frame) & 1) : memcmp(frame, c->mac, 6) != 0)) {
		v.fate = RX_FATE_FILTERED;
		return v;
	}
	if (len > c->max_frame || len > MAX_WIRE) {
		v.fate = RX_FATE_TOO_LONG;
		return v;
	}
	v.fate = RX_FATE_DELIVERED;
	judge_ip(c, &v, data);
	v.queue = c->table[v.hash % TLSNIC_RSS_TABLE_LEN] % c->queues;
	return v;
}

static unsigned int size_stat(uint32_t len)
{
	static const uint32_t limits[] = { 61, 124, 252, 508, 1020, 1515 };

	return cover_class(len, limits, 6);
}

void model_rx_count(struct model *m, const struct rx_verdict *v, uint32_t wire_len, bool certain)
{
	switch (v->fate) {
	case RX_FATE_BAD: model_stat(m, TLSNIC_STAT_RX_BAD, 1, certain); break;
	case RX_FATE_FILTERED: model_stat(m, TLSNIC_STAT_RX_FILTERED, 1, certain); break;
	case RX_FATE_TOO_LONG: model_stat(m, TLSNIC_STAT_RX_TOO_LONG, 1, certain); break;
	case RX_FATE_DELIVERED:
		model_stat(m, TLSNIC_STAT_RX_FRAMES, 1, certain);
		model_stat(m, TLSNIC_STAT_RX_BYTES, wire_len, certain);
		model_stat(m, TLSNIC_STAT_RX_LE_64 + size_stat(wire_len), 1, certain);
		if (v->mcast)
			model_stat(m, TLSNIC_STAT_RX_MCAST, 1, certain);
		if (v->bcast)
			model_stat(m, TLSNIC_STAT_RX_BCAST, 1, certain);
		if (v->csum_bad)
			model_stat(m, TLSNIC_STAT_RX_CSUM_BAD, 1, certain);
		break;
	default: break;
	}
}
