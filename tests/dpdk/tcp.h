/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP packets of one direction of a connection: made as a host hands them down, taken apart as a receiver does. */
#ifndef TLSNIC_DPDK_TCP_H
#define TLSNIC_DPDK_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TCP_FIN	0x01
#define TCP_PSH	0x08
#define TCP_ACK	0x10
#define TCP_CWR	0x80

#define TCP_MAX_HEADERS	256

struct tcp_flow {
	bool ipv6;
	unsigned int ip_options, tcp_options;	/* in words of 4 bytes; IPv6 has none */
	uint16_t sport, dport;
};

/* What the headers of a packet say. */
struct tcp_packet {
	uint32_t l3, l4, data;	/* offsets */
	uint32_t len;		/* of the packet, without padding */
	uint16_t sport, id;	/* id: IPv4 */
	uint32_t seq;
	uint8_t flags;
};

/*
 * Headers of a packet with len bytes of payload, as a host gives them to a card that inserts the TCP checksum: its field
 * has the sum of the pseudo header. large: the card will cut the packet, so that sum is without a length. Returns their
 * length, and in *p what they say.
 */
uint32_t tcp_headers(const struct tcp_flow *f, uint32_t seq, uint32_t len, uint8_t flags, bool large, uint8_t *out,
		     struct tcp_packet *p);

/* Takes a frame apart. NULL, or what is wrong with it: lengths, protocols, checksums. */
const char *tcp_parse(const uint8_t *frame, size_t len, struct tcp_packet *p);

#endif /* TLSNIC_DPDK_TCP_H */
