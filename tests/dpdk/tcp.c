// SPDX-License-Identifier: BSD-2-Clause
#include <string.h>

#include "../sim/packet.h"
#include "tcp.h"

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static uint32_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

/* Of the pseudo header, with a TCP length of len. */
static uint32_t pseudo(const uint8_t *ip, uint32_t len)
{
	unsigned int n = ip[0] >> 4 == 4 ? 8 : 32;

	return packet_sum(ip + (n == 8 ? 12 : 8), n, PACKET_TCP + len);
}

uint32_t tcp_headers(const struct tcp_flow *f, uint32_t seq, uint32_t len, uint8_t flags, bool large, uint8_t *out,
		     struct tcp_packet *p)
{
	static struct packet b;
	uint8_t *ip, *tcp;

	memset(&b, 0, offsetof(struct packet, bytes));
	b.ipv6 = f->ipv6;
	b.proto = PACKET_TCP;
	b.ip_options = f->ipv6 ? 0 : f->ip_options;
	b.tcp_options = f->tcp_options;
	memcpy(b.src, "\x0a\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16);
	memcpy(b.dst, "\x0a\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f", 16);
	b.sport = f->sport;
	b.dport = f->dport;
	b.seq = seq;
	packet_build(&b);
	memcpy(out, b.bytes, b.data);
	ip = out + b.l3;
	tcp = out + b.l4;
	if (f->ipv6) {
		put16(ip + 4, b.data - b.l4 + len);
	} else {
		put16(ip + 2, b.data - b.l3 + len);
		put16(ip + 10, 0);
		put16(ip + 10, ~packet_sum(ip, b.l4 - b.l3, 0));
	}
	tcp[13] = flags;
	put16(tcp + 16, pseudo(ip, large ? 0 : b.data - b.l4 + len));
	*p = (struct tcp_packet){ .l3 = b.l3, .l4 = b.l4, .data = b.data, .len = b.data + len, .sport = f->sport, .seq = seq,
				  .flags = flags };
	return b.data;
}

const char *tcp_parse(const uint8_t *frame, size_t len, struct tcp_packet *p)
{
	const uint8_t *ip = frame + 14, *tcp;
	uint32_t type;

	memset(p, 0, sizeof(*p));
	if (len < 60)
		return "it is shorter than 60 bytes";
	p->l3 = 14;
	type = get16(frame + 12);
	if (type == 0x0800 && ip[0] >> 4 == 4) {
		p->l4 = p->l3 + 4 * (ip[0] & 15);
		p->len = p->l3 + get16(ip + 2);
		p->id = get16(ip + 4);
		if (ip[9] != PACKET_TCP)
			return "it is not TCP";
		if (p->l4 > len || packet_sum(ip, p->l4 - p->l3, 0) != 0xffff)
			return "the checksum of its IPv4 header is wrong";
	} else if (type == 0x86dd && ip[0] >> 4 == 6) {
		p->l4 = p->l3 + 40;
		p->len = p->l4 + get16(ip + 4);
		if (ip[6] != PACKET_TCP)
			return "it is not TCP";
	} else {
		return "it is neither IPv4 nor IPv6";
	}
	if (p->len > len || p->l4 + 20 > p->len || (len > 60 && p->len != len))
		return "the length in its IP header is wrong";
	tcp = frame + p->l4;
	p->data = p->l4 + 4 * (tcp[12] >> 4);
	if (p->data > p->len)
		return "its TCP header is longer than itself";
	p->sport = get16(tcp);
	p->seq = get32(tcp + 4);
	p->flags = tcp[13];
	if (packet_sum(tcp, p->len - p->l4, pseudo(ip, p->len - p->l4)) != 0xffff)
		return "its TCP checksum is wrong";
	return NULL;
}
