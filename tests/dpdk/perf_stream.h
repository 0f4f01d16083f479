/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS streams of records of one length, for measurements: what the host hands down,
 * what the wire has to carry, and packets of them, one after the other.
 */
#ifndef TLSNIC_DPDK_PERF_STREAM_H
#define TLSNIC_DPDK_PERF_STREAM_H

#include "nic.h"
#include "ref.h"
#include "rng.h"

#define STREAM_HEADERS	66	/* Ethernet, IPv4, TCP with time stamps */

/* How a packet lies in host memory. */
enum layout {
	LAYOUT_MBUF,		/* one segment at a multiple of 64 */
	LAYOUT_ANY,		/* one segment anywhere */
	LAYOUT_SKB,		/* headers, and payload as it lies in its stream */
	LAYOUTS
};

extern const char *const layout_names[LAYOUTS];

struct stream {
	struct session s;
	struct ref_key *key;
	uint32_t ctx, seq;	/* TCP sequence number of byte 0 */
	uint32_t record;	/* whole length of a record; 0: no TLS, wire is down */
	uint32_t len, at;	/* bytes; next to be sent */
	uint8_t *down, *wire;
};

/*
 * A stream of at least len bytes, in records with content bytes of content each (0: no TLS). Number n: its
 * context and its TCP port. 0, or -1 with a message on stderr.
 */
int stream_init(struct stream *t, uint32_t n, uint8_t version, uint8_t cipher, uint32_t content, uint32_t len,
		struct rng *r);
void stream_free(struct stream *t);

/* Posts the context for the record that starts at byte at. 0 or a negative errno. */
int stream_ctx(struct stream *t, struct nic *n, unsigned int q);

/*
 * Posts the next packet with up to segment bytes. Returns its bytes or a negative errno.
 */
int stream_send(struct stream *t, struct nic *n, unsigned int q, struct rte_mempool *pool, uint32_t segment,
		enum layout layout, struct rng *r);

/*
 * Posts len bytes from byte at on once more, which were sent before: behind a seek that brings the record's tag along if
 * they reach into it. soft: as software would, encrypted. The stream's place stays. Returns len or a negative errno.
 */
int stream_resend(struct stream *t, struct nic *n, unsigned int q, struct rte_mempool *pool, uint32_t at, uint32_t len,
		  enum layout layout, bool soft);

/* Holds a frame from the wire against the streams: true if it is a packet of one of them, byte for byte. */
bool stream_check(const struct stream *t, unsigned int count, const uint8_t *frame, size_t len);

#endif /* TLSNIC_DPDK_PERF_STREAM_H */
