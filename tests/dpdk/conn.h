/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One TLS connection as its host sees it: secrets, records laid end to end with
 * placeholders for the tags, packets around them. All of it follows from the
 * arguments of its "open" step. What the wire must carry is the model's affair.
 */
#ifndef TLSNIC_DPDK_CONN_H
#define TLSNIC_DPDK_CONN_H

#include "../sim/packet.h"
#include "plan.h"
#include "session.h"

struct conn_record {
	uint8_t type;		/* ContentType */
	uint32_t content;	/* bytes */
	uint32_t header;	/* with the explicit nonce */
	uint32_t body;		/* encrypted, without the tag */
	uint32_t whole;
};

/* Record k of a connection that was opened by this step; no bytes are made. */
struct conn_record conn_layout(const struct step *open, uint64_t k);

struct conn {
	struct step open;
	struct session s;
	uint32_t number, ctx, queue;
	uint32_t at;		/* next byte of the stream that the host sends */
	uint32_t hw;		/* from here on the card encrypts */
	/* for those who run it: no context of it was written; it was, again; a packet was refused, or not read */
	bool closed, resynced, dropped, failed;
	uint8_t *down;		/* the stream so far */
	uint32_t len, room;
	uint64_t records;	/* made so far */
	uint32_t *starts;	/* of each of them */
	uint64_t starts_room;
	/* the record that was encrypted last, as it leaves */
	struct ref_key *key;
	uint8_t *sealed;
	uint64_t sealed_record;	/* + 1 */
};

/* Begins anew as the step says. number: of the connection. */
void conn_open(struct conn *c, const struct step *open, uint32_t number);
void conn_free(struct conn *c);

/* Makes records until the stream has this many bytes. */
void conn_need(struct conn *c, uint32_t len);
/* The first record that starts at or behind byte at; its start in *start. */
uint64_t conn_boundary(struct conn *c, uint32_t at, uint32_t *start);

/* The record that byte at is in; its start in *start. */
uint64_t conn_record_at(struct conn *c, uint32_t at, uint32_t *start);
/* What the wire carries of the stream from byte from on. */
void conn_wire(struct conn *c, uint32_t from, uint32_t len, uint8_t *out);
void conn_tag(struct conn *c, uint64_t record, uint8_t tag[16]);

/*
 * The packet with len bytes of the stream from byte from on, its L4 sum left to the card unless whole. p->bytes has its
 * Ethernet addresses, see frame_mark().
 */
void conn_packet(struct conn *c, uint32_t from, uint32_t len, bool whole, struct packet *p);

/* Frames are told apart by their source address: 02, a byte, a number. */
void frame_mark(uint8_t *frame, uint8_t from, uint32_t id);
/* False if it is none of ours. */
bool frame_told(const uint8_t *frame, uint32_t len, uint8_t *from, uint32_t *id);

#endif /* TLSNIC_DPDK_CONN_H */
