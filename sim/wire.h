/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The wire: a chain of small parts between the card and an end.
 *
 *	card -- part -- part -- end
 *
 * Frames (without FCS) are pushed from part to part in two directions. A part that
 * has no room refuses the frame, and who pushed keeps it and tries again at
 * the next poll: nothing is lost to a slow neighbour.
 */
#ifndef TLSNIC_WIRE_H
#define TLSNIC_WIRE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum wire_dir { WIRE_TX, WIRE_RX };	/* from the card, to the card */

#define WIRE_MAX_FRAME	16384

/* One nanosecond clock for all parts. */
typedef uint64_t (*wire_clock)(void);
uint64_t wire_monotonic_ns(void);

struct wire {
	struct wire *next[2];	/* whom to push to, by direction; NULL: nobody */
	/* Takes a frame from the other side. False: no room now. bad: damaged, as the FCS would show. */
	bool (*push)(struct wire *w, enum wire_dir dir, const void *frame, size_t len, bool bad);
	/*
	 * Moves on what is held, does input and output. Returns the nanoseconds
	 * until it wants to be polled again: 0 at once, UINT64_MAX on its descriptor only.
	 */
	uint64_t (*poll)(struct wire *w);
	/* Fills in what to wait for, if anything; fds without interest get fd -1. */
	void (*fd)(struct wire *w, struct pollfd *p);
	bool (*link)(struct wire *w);	/* NULL: always up */
	void (*stats)(const struct wire *w, FILE *out);	/* may be NULL */
	void (*destroy)(struct wire *w);
};

/* A chain: parts in order from the card. The card is their last receiver. */
#define WIRE_MAX_PARTS	4

struct wire_chain {
	struct wire card;	/* receives WIRE_RX at the end of the chain */
	struct wire *parts[WIRE_MAX_PARTS];
	unsigned int count;
	bool (*to_card)(void *opaque, const void *frame, size_t len, bool bad);
	void *opaque;
};

void wire_chain_init(struct wire_chain *c, bool (*to_card)(void *opaque, const void *frame, size_t len, bool bad),
		     void *opaque);
void wire_chain_add(struct wire_chain *c, struct wire *part);
bool wire_chain_send(struct wire_chain *c, const void *frame, size_t len);	/* the card's frame */
uint64_t wire_chain_poll(struct wire_chain *c);
unsigned int wire_chain_fds(struct wire_chain *c, struct pollfd *p);	/* WIRE_MAX_PARTS of room */
bool wire_chain_link(struct wire_chain *c);
void wire_chain_stats(struct wire_chain *c, FILE *out);
void wire_chain_destroy(struct wire_chain *c);

/* ---- parts; each returns NULL, with a message on stderr, on failure -------- */

/* Writes what passes, both directions, to a nanosecond pcap file. */
struct wire *wire_pcap(const char *path);

struct wire_faults {		/* of one direction; frames per million */
	unsigned int loss, dup, corrupt, reorder, bad;
	uint64_t delay_ns;
};

/*
 * Impairments. The decisions are drawn from the seed, a fixed number for each
 * frame and direction, so they do not depend on time. A reordered frame is overtaken by
 * the next one to three, or waits 10 ms. corrupt: one bit is flipped
 * where no FCS sees it. bad: one bit is flipped and the card's MAC told so;
 * a frame from the card is lost instead.
 */
struct wire *wire_impair(const struct wire_faults faults[2], uint64_t seed, wire_clock clock);

/* End: nobody there, frames go nowhere. */
struct wire *wire_none(void);

/*
 * End: a UNIX stream socket that carries a 4-byte big-endian length before each
 * frame, as QEMU's -netdev stream does. Either listens for one peer
 * at a time, or connects and connects again when the peer goes. Without a peer the link
 * is down, and frames go nowhere.
 */
struct wire *wire_stream_listen(const char *path);
struct wire *wire_stream_connect(const char *path, wire_clock clock);

#endif /* TLSNIC_WIRE_H */
