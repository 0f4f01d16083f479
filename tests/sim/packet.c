// SPDX-License-Identifier: BSD-2-Clause
#include <stddef.h>
#include <string.h>

#include "packet.h"

static void be16(uint8_t *at, uint16_t v)
{
	at[0] = v >> 8;
	at[1] = v;
}

static void be32(uint8_t *at, uint32_t v)
{
	be16(at, v >> 16);
	be16(at + 2, v);
}

uint32_t packet_sum(const void *bytes, size_t len, uint32_t sum)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? b[i] : b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void packet_build(struct packet *p)
{
	unsigned int alen = p->ipv6 ? 16 : 4, l4_len;
	uint8_t *b = p->bytes, *ip, *l4, *field;
	uint32_t sum;

	memset(b, 0, 128);
	memcpy(b, "\x02\x11\x22\x33\x44\x55\x02\xaa\xbb\xcc\xdd\xee", 12);
	p->l3 = 14;
	if (p->vlan) {
		be16(b + 12, 0x8100);
		be16(b + 14, p->tci);
		p->l3 = 18;
	}
	be16(b + p->l3 - 2, p->ipv6 ? 0x86dd : 0x0800);
	ip = b + p->l3;
	p->l4 = p->l3 + (p->ipv6 ? 40 : 20 + 4 * p->ip_options);
	l4 = b + p->l4;
	p->data = p->l4 + (p->proto == PACKET_TCP ? 20 + 4 * p->tcp_options : 8);
	p->len = p->data + p->payload_len;
	l4_len = p->len - p->l4;
	if (p->payload_len)
		memcpy(b + p->data, p->payload, p->payload_len);

	if (p->ipv6) {
		ip[0] = 0x60;
		be16(ip + 4, l4_len);
		ip[6] = p->proto;
		ip[7] = 64;
		memcpy(ip + 8, p->src, 16);
		memcpy(ip + 24, p->dst, 16);
	} else {
		ip[0] = 0x45 + p->ip_options;
		be16(ip + 2, p->len - p->l3);
		be16(ip + 4, p->id ? p->id : p->seq);
		ip[6] = 0x40;
		ip[8] = 64;
		ip[9] = p->proto;
		memcpy(ip + 12, p->src, 4);
		memcpy(ip + 16, p->dst, 4);
		memset(ip + 20, 1, 4 * p->ip_options);	/* no operation */
		be16(ip + 10, ~packet_sum(ip, p->l4 - p->l3, 0));
	}

	be16(l4, p->sport);
	be16(l4 + 2, p->dport);
	if (p->proto == PACKET_TCP) {
		be32(l4 + 4, p->seq);
		be32(l4 + 8, 0x01020304);
		l4[12] = (5 + p->tcp_options) << 4;
		l4[13] = 0x18 & ~p->clear;
		be16(l4 + 14, 0x7fff);
		memset(l4 + 20, 1, 4 * p->tcp_options);
		field = l4 + 16;
	} else {
		be16(l4 + 4, l4_len);
		field = l4 + 6;
	}
	sum = packet_sum(p->src, alen, (p->mss ? 0 : l4_len) + p->proto);
	sum = packet_sum(p->dst, alen, sum);
	if (p->pseudo_only) {
		be16(field, sum);
		return;
	}
	sum = 0xffff & ~packet_sum(l4, l4_len, sum);
	be16(field, sum || p->proto != PACKET_UDP ? sum : 0xffff);
}

bool packet_cut(const struct packet *p, unsigned int k, struct packet *frame)
{
	uint32_t at = k * p->mss, left = p->payload_len - at;

	if (k && (!p->mss || at >= p->payload_len))
		return false;
	memcpy(frame, p, offsetof(struct packet, bytes));
	frame->id = 0x10000 | (uint16_t)(p->seq + k);
	frame->seq += at;
	frame->payload = (const uint8_t *)p->payload + at;
	frame->payload_len = left;
	if (p->mss && left > p->mss) {
		frame->payload_len = p->mss;
		frame->clear = PACKET_PSH;
	}
	frame->mss = 0;
	frame->pseudo_only = false;
	packet_build(frame);
	memset(frame->bytes + frame->len, 0, 60);
	return true;
}

uint32_t packet_toeplitz(const uint8_t *key, const uint8_t *input, size_t len)
{
	uint32_t hash = 0;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		if (!(input[bit / 8] & 0x80 >> bit % 8))
			continue;
		/* the 32 bits of the key from this bit on */
		for (unsigned int k = 0; k < 32; k++)
			hash ^= (key[(bit + k) / 8] & 0x80 >> (bit + k) % 8 ? 1u : 0u) << (31 - k);
	}
	return hash;
}

uint32_t packet_hash(const uint8_t *key, const struct packet *p, bool l4)
{
	unsigned int alen = p->ipv6 ? 16 : 4;
	uint8_t in[36];

	memcpy(in, p->src, alen);
	memcpy(in + alen, p->dst, alen);
	memcpy(in + 2 * alen, p->bytes + p->l4, 4);
	return packet_toeplitz(key, in, 2 * alen + (l4 ? 4 : 0));
}
