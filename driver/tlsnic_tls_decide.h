/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tlsnic Ethernet driver: which way a packet of an offloaded TLS connection takes.
 *
 * One function without side effects, which knows the connection, the packet and
 * what the stack says of its records, and nothing else. docs/architecture.md has the
 * table; its rows are enum tlsnic_tls_row.
 */
#ifndef _TLSNIC_TLS_DECIDE_H
#define _TLSNIC_TLS_DECIDE_H

#include <net/tcp.h>

#define TLSNIC_TLS_TAG_LEN	16

/* Bytes ahead of a record's payload: the header, TLS 1.2: and the explicit nonce. */
#define TLSNIC_TLS_HEADER_12	13
#define TLSNIC_TLS_HEADER_13	5

/* Where the card's context of a connection stands. */
enum tlsnic_tls_state {
	TLSNIC_TLS_NEW,		/* record first_sn, not sent yet, is to start at expected */
	TLSNIC_TLS_SYNC,	/* the card continues with the packet at expected */
	TLSNIC_TLS_LOST,	/* the card stands elsewhere; sent up to expected */
	TLSNIC_TLS_SOFT,	/* left to software for good */
};

/* What the stack says of the packet's first byte, see tls_get_record(). */
enum tlsnic_tls_where {
	TLSNIC_TLS_UNKNOWN,	/* not asked: tlsnic_tls_needs_record() said no */
	TLSNIC_TLS_BEFORE,	/* so is the last: all from before the offload began */
	TLSNIC_TLS_MIXED,	/* from before the offload began, not so the last */
	TLSNIC_TLS_INSIDE,	/* of the record below */
	TLSNIC_TLS_GONE,	/* acknowledged, its record is gone */
};

/* A record of the stream, or a place in the table of the stack's records. */
struct tlsnic_tls_record {
	u64 sn;			/* record number */
	u32 start;		/* TCP sequence number of its first byte */
	u32 len;		/* bytes, with header and tag */
};

/* All that a decision is made of. */
struct tlsnic_tls_facts {
	/* the connection */
	enum tlsnic_tls_state state;
	u32 expected;		/* see state */
	u64 first_sn;		/* NEW */
	u8 header;		/* TLSNIC_TLS_HEADER_* */
	bool written;		/* its key is in the card */
	bool can_seek;		/* the card has TLSNIC_FEAT_TLS_SEEK */
	bool ask;		/* have the stack say where to go on, see tls_dev_resync */
	/* the packet */
	bool other_queue;	/* not on the ring that orders the context's items */
	u32 seq;		/* TCP sequence number of its first byte of payload */
	u32 len;		/* bytes of payload, not 0 */
	/* its records */
	enum tlsnic_tls_where where;
	struct tlsnic_tls_record rec;	/* INSIDE: holds seq; MIXED: the first one */
	struct tlsnic_tls_record next;	/* after rec, if that ends in the packet */
	bool tag_known;		/* INSIDE: rec's tag is at hand */
};

/* The rows of the table. */
enum tlsnic_tls_row {
	TLSNIC_TLS_ROW_NEXT,	/* the next bytes of the stream */
	TLSNIC_TLS_ROW_FIRST,	/* the next bytes, and the first of the context */
	TLSNIC_TLS_ROW_SKIP,	/* from before the offload began */
	TLSNIC_TLS_ROW_MIXED,	/* from before and from after that */
	TLSNIC_TLS_ROW_ACKED,	/* acknowledged meanwhile */
	TLSNIC_TLS_ROW_SEEK,	/* sent before, or inside a record: seek */
	TLSNIC_TLS_ROW_TAG,	/* the same, reaches into a tag, which is known */
	TLSNIC_TLS_ROW_RESUME,	/* ahead: seek, and go on from there */
	TLSNIC_TLS_ROW_SPLICE,	/* ahead: software up to the next record, then resume */
	TLSNIC_TLS_ROW_FALLBACK, /* reaches into a tag that nobody has: software */
	TLSNIC_TLS_ROW_UNBOUND,	/* other queue, or left to software: software */
	TLSNIC_TLS_ROW_BYPASS,	/* mixed, and the card cannot do it */
	TLSNIC_TLS_ROWS,
};

enum tlsnic_tls_way {
	TLSNIC_TLS_CARD,	/* the card encrypts, from byte front of the payload on */
	TLSNIC_TLS_SOFTWARE,	/* tls_encrypt_skb() */
	TLSNIC_TLS_PASS,	/* as it is: the stack has encrypted it */
	TLSNIC_TLS_DROP,
};

struct tlsnic_tls_decision {
	enum tlsnic_tls_row row;
	enum tlsnic_tls_way way;
	/* CARD */
	u32 front;		/* bytes of payload ahead of the card's */
	bool soft_front;	/* software encrypts them; else they go as they are */
	bool write;		/* the context goes ahead: record place.sn starts at place.start */
	bool seek;		/* to the byte at seq + front, in record place */
	bool tag;		/* the seek takes along the tag of place */
	bool go_on;		/* the card's place is after this packet then */
	struct tlsnic_tls_record place;	/* write or seek; write alone: len is not set */
	/* then */
	enum tlsnic_tls_state state;
	u32 expected;
	bool ask;		/* tls_offload_tx_resync_request() */
};

/* Does the decision depend on where, rec, next and tag_known? */
bool tlsnic_tls_needs_record(const struct tlsnic_tls_facts *f);

struct tlsnic_tls_decision tlsnic_tls_decide(const struct tlsnic_tls_facts *f);

#endif /* _TLSNIC_TLS_DECIDE_H */
