/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS connections over the card: what is handed down and what must come out.
 * Each connection is told by its TCP source port, and its frames must leave in order,
 * byte for byte as packet_build() makes them from the ciphertext.
 */
#ifndef TLSNIC_TESTS_CARD_TLS_H
#define TLSNIC_TESTS_CARD_TLS_H

#include "card.h"
#include "packet.h"
#include "tls_ref.h"

struct tls_conn {
	struct tls_ref ref;
	uint32_t at;		/* next byte of the stream to be sent */
	unsigned int queue;
	uint16_t port;
	bool ipv6;
	unsigned int tcp_options;
	struct frames expect;	/* frames that must leave */
	unsigned int seen;	/* how many have */
};

/* A connection with random secrets; contexts and ports are the caller's to keep apart. */
void tls_conn_init(struct card *c, struct tls_conn *t, uint8_t version, uint8_t cipher, uint32_t ctx, uint16_t port,
		   unsigned int queue);
void tls_conn_write_ctx(struct card *c, struct tls_conn *t);	/* posts the context */
void tls_conn_record(struct card *c, struct tls_conn *t, uint32_t len);	/* random content */
void tls_conn_free(struct tls_conn *t);

struct tls_opts {
	uint32_t seq_off;	/* added to the descriptor's seq */
	bool vlan;
	bool hidden;		/* must not leave: no frame is expected */
	unsigned int segs;	/* 0: random */
	uint16_t mss;		/* the card cuts it, if not 0; then len may be up to 65000 */
	uint64_t stream;	/* bus address of the stream (ref.down): payload is posted where it lies */
};

/*
 * Posts the next len bytes of the stream as one packet (len may be 0) and moves on; fewer if no more
 * are there. Returns how many. o may be NULL.
 */
uint32_t tls_conn_send(struct card *c, struct tls_conn *t, uint32_t len, const struct tls_opts *o);

/*
 * Holds the frames that have left against what the n connections expect, and
 * drops them. all: none may be missing.
 */
void tls_conns_check(struct card *c, struct tls_conn *t, unsigned int n, bool all);

/* Reports if 8 bytes in a row of what is encrypted in the stream are in any frame that has left. */
void tls_conn_no_plaintext(struct card *c, const struct tls_conn *t);

#endif /* TLSNIC_TESTS_CARD_TLS_H */
