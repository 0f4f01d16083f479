/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames as the network would have them, and reference answers about them. */
#ifndef TLSNIC_TESTS_PACKET_H
#define TLSNIC_TESTS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_TCP	6
#define PACKET_UDP	17

struct packet {
	/* in: what it is to be */
	bool vlan, ipv6;
	uint16_t tci;
	uint8_t proto;
	unsigned int ip_options, tcp_options;	/* in words of 4 bytes */
	uint8_t src[16], dst[16];		/* the first 4 for IPv4 */
	uint16_t sport, dport;
	uint32_t seq;
	uint32_t id;		/* IPv4: the low half is the identification; 0: as seq */
	uint8_t clear;		/* TCP: flags that are not to be set, of PSH and ACK */
	uint16_t mss;		/* to be cut, if not 0; pseudo_only: its sum has no length */
	const void *payload;
	uint32_t payload_len;
	bool pseudo_only;	/* leave the L4 sum to the card: the field has that of the pseudo-header */
	/* out */
	uint32_t len, l3, l4, data;	/* whole length; offsets */
	uint8_t bytes[65536 + 64];
};

void packet_build(struct packet *p);

#define PACKET_PSH	0x08

/* Builds frame k of what p becomes by its mss, with all sums. False: there is no such frame. */
bool packet_cut(const struct packet *p, unsigned int k, struct packet *frame);

/* Ones' complement sum of bytes in network order, folded, not inverted. */
uint32_t packet_sum(const void *bytes, size_t len, uint32_t sum);

/* Toeplitz hash of input under a key of at least len + 4 bytes. */
uint32_t packet_toeplitz(const uint8_t *key, const uint8_t *input, size_t len);
/* Of addresses, and ports if l4, as they stand in the packet. */
uint32_t packet_hash(const uint8_t *key, const struct packet *p, bool l4);

#endif /* TLSNIC_TESTS_PACKET_H */
