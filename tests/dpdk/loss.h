/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections under loss over the card: a TCP-like sender, the driver's decision
 * between it and the card, a wire that loses, and a receiver. Nothing here judges by
 * time: a round is a step of everybody, and a run ends when all has arrived.
 */
#ifndef TLSNIC_DPDK_LOSS_H
#define TLSNIC_DPDK_LOSS_H

#include "tlsnic_tls_decide.h"

#include "nic.h"
#include "ref.h"
#include "rng.h"
#include "session.h"
#include "tcp.h"

#define LOSS_CONNS	3
#define LOSS_QDISC	256	/* packets that wait ahead of the driver */
#define LOSS_HELD	512	/* frames on their way to the receiver */

/* What a run has of each. */
struct loss_counts {
	uint64_t runs, packets, bytes, frames, lost, dropped;
	uint64_t rows[TLSNIC_TLS_ROWS];
	/* packets, and bytes of TLS in them, by their way */
	struct { uint64_t packets, bytes; } sequence, seek, tag, go_on, software, other;
	uint64_t resent, resent_seek;	/* packets with bytes that were sent before; of them, those that the card sought */
	uint64_t spliced, tags, tags_used, contexts, asked, cycles;
};

struct loss_record {
	uint32_t start, len;	/* in the stream */
	uint32_t body, header;
	bool known;		/* its tag is in the store */
	uint8_t tag[16];
};

struct loss_packet {
	uint32_t at, len;
	uint8_t flags;
};

struct loss_conn {
	/* what it is */
	struct tcp_flow flow;
	struct session s;
	struct ref_key *key;
	uint32_t number, ctx, queue, mss, seq;	/* seq: of byte 0 */
	bool tso;
	uint8_t *down, *wire;	/* the stream as the stack has it, and as it has to leave */
	uint32_t len, prefix;	/* bytes; those from before the offload began */
	struct loss_record *rec;
	uint32_t records;
	/* the sender: acknowledged, sent, written by the application, highest byte that the driver has seen */
	uint32_t una, nxt, written, high, window, idle;
	struct loss_packet qdisc[LOSS_QDISC];
	unsigned int first, waiting;
	/* the driver */
	enum tlsnic_tls_state state;
	uint32_t expected;
	uint64_t first_sn;
	bool on_card, ask, pending;	/* pending: the stack was asked where to go on */
	uint32_t stored, most_stored, most_records;
	/* the receiver */
	uint8_t *got, *have;
	uint32_t rcv;		/* all up to here is there */
};

struct loss_held {
	uint32_t len, due;
	uint8_t *data;
};

struct loss {
	struct rng rng;
	struct nic *nic;
	struct rte_mempool *pool;
	struct loss_counts *sum;
	struct loss_conn conn[LOSS_CONNS];
	unsigned int conns, round, queues;
	uint32_t loss, reorder, dup, drop, refuse;	/* per million; drop: ahead of the driver, refuse: by it */
	uint32_t tag_min;
	bool can_seek;
	struct loss_held held[LOSS_HELD];
	unsigned int nheld;
	uint64_t seeks, seek_bytes, tls, tls_bytes;	/* posted */
	bool talk, failed;
	char error[400];
};

struct loss_options {
	const char *trace, *pcap;
	bool talk;
};

/* After env_start() and ref_start(). Adds to sum; false: failed, and error (400 bytes) says how. */
bool loss_run(uint64_t seed, const struct loss_options *o, struct loss_counts *sum, char *error);

/* ---- between the parts ------------------------------------------------------ */

void loss_fail(struct loss *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* loss_conn.c */
void loss_conn_init(struct loss *l, struct loss_conn *c, unsigned int number);
void loss_conn_free(struct loss_conn *c);
/* The record that byte at is in, at or behind the prefix. */
uint32_t loss_record_at(const struct loss_conn *c, uint32_t at);
/* A record sealed from its plaintext by this driver of the reference, as it leaves; out: its whole length. */
void loss_seal(struct loss *l, struct loss_conn *c, uint32_t record, enum ref_driver driver, const uint8_t *body, uint8_t *out);

/* loss_host.c: a packet comes to the driver. */
void loss_xmit(struct loss *l, struct loss_conn *c, const struct loss_packet *p);
void loss_tag(void *loss, unsigned int q, const struct tlsnic_cpl_tag *t);
void loss_done(void *loss, unsigned int q, const struct nic_done *d);
/* Records that are acknowledged to their end are given up, and their tags. */
void loss_acked(struct loss *l, struct loss_conn *c);
/* The application has written up to here, a record's start. */
void loss_written(struct loss *l, struct loss_conn *c, uint32_t record);

/* loss_wire.c */
bool loss_wire(void *loss, const void *frame, size_t len);
void loss_arrive(struct loss *l);	/* what is due */
void loss_verify(struct loss *l, struct loss_conn *c);	/* all that has arrived */

#endif /* TLSNIC_DPDK_LOSS_H */
