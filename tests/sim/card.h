/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tiny driver of the card in user space, for tests of the whole card through
 * the C library: host memory, rings, contexts, completions.
 *
 * Nothing here is hidden from a test: it may write any slot or register itself.
 * What can only be the card's fault (a completion out of place, memory touched that is
 * not the card's, a rule of AXI broken, a card that does not come to rest) is
 * reported through tap_fail() at once.
 */
#ifndef TLSNIC_TESTS_CARD_H
#define TLSNIC_TESTS_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../include/uapi/linux/tlsnic.h"
#include "../../sim/tlsnic_sim.h"
#include "../common/tap.h"

#define CARD_MEM_BASE	0x7654000000ull	/* bus address of the first byte */
#define CARD_MEM_SIZE	(64u << 20)
#define CARD_MAX_QUEUES	8
#define CARD_VECTORS	(CARD_MAX_QUEUES + 1)

struct frame {
	uint32_t len;
	uint8_t *data;
	/* of RX: the completion of its last buffer, and how many there were */
	unsigned int queue, buffers;
	struct tlsnic_cpl_rx cpl;
};

struct frames {
	struct frame *f;
	unsigned int count, room;
};

struct card_queue {
	bool on;
	unsigned int log2_tx, log2_rx, log2_cq, buf_len;
	uint64_t tx, rx, cq;		/* bus addresses of the rings */
	uint64_t bufs;			/* of 2^log2_rx RX buffers */
	uint16_t tx_tail, tx_done;	/* tx_done: index of the last TX completion */
	uint16_t rx_tail, rx_next;	/* rx_next: index of the next RX completion */
	uint16_t cq_cons;
	unsigned int tx_cpls;		/* so far */
	struct frame partial;		/* RX frame of which the last buffer is missing */
};

struct card {
	struct tlsnic_sim *sim;
	uint8_t *mem;
	uint8_t *touchable;		/* a bit a byte: what the card may write */
	uint64_t brk;			/* next free byte of mem */
	unsigned int queues;
	struct card_queue q[CARD_MAX_QUEUES];
	struct frames out;		/* what left on the wire, in order */
	struct frames in;		/* what came through the RX rings */
	unsigned int irqs[CARD_VECTORS];
	uint64_t irq_cycle[CARD_VECTORS];	/* of the last one */
	bool wire_full;			/* refuse frames from the card */
	uint64_t fail_from, fail_to;	/* bus addresses whose access fails */
	bool no_access;			/* any access to host memory is a failure of the test */
	bool lenient;			/* an access outside of memory fails, but is no failure of the test */
	unsigned int align;		/* of what card_send() posts, up to 64; 0: anywhere */
	bool may_violate;		/* a violation that the wire monitor finds is no failure of the test */
	unsigned int violations;	/* so many, and the latest */
	char violation[600];
	void (*wire_fault)(struct card *c, uint8_t *frame, size_t len);	/* in front of the monitor */
	struct tlsnic_cpl_tx last_tx;	/* the latest TX completion */
	void (*on_tx)(struct card *c, unsigned int q, const struct tlsnic_cpl_tx *cpl);
	uint64_t rng;
};

/* ---- the card --------------------------------------------------------------- */

/* Makes a card that is ready and has nothing turned on. options may be NULL. */
void card_new(struct card *c, const struct tlsnic_sim_options *options);
void card_free(struct card *c);

uint32_t card_rd(struct card *c, uint32_t reg);
void card_wr(struct card *c, uint32_t reg, uint32_t value);
uint32_t card_qreg(unsigned int q, uint32_t reg);	/* address of a queue's register */
uint64_t card_stat(struct card *c, unsigned int stat);

void card_reset(struct card *c);	/* TLSNIC_CTRL_RESET; waits; all queues are then off */
void card_run(struct card *c);		/* until idle; a failure if that never comes */
void card_cycles(struct card *c, uint64_t cycles);
/* Runs until idle and reaps all completions, as long as new ones come. */
void card_settle(struct card *c);

uint32_t card_rnd(struct card *c, uint32_t below);
void card_random_bytes(struct card *c, void *p, size_t n);

/* ---- memory ----------------------------------------------------------------- */

uint64_t card_alloc(struct card *c, size_t len, size_t align);
void *card_ptr(struct card *c, uint64_t addr);
void card_allow(struct card *c, uint64_t addr, size_t len, bool allow);	/* writes by the card */

/* ---- queues ----------------------------------------------------------------- */

/* Turns on a queue pair with fresh rings; posts no RX buffers. Sizes as log2. */
void card_queue_on(struct card *c, unsigned int q, unsigned int log2_tx, unsigned int log2_rx,
		   unsigned int log2_cq, unsigned int buf_len);
void card_queue_off(struct card *c, unsigned int q);
/* TX, RX and loopback as asked for, promiscuous, frames up to 9216 bytes. */
void card_enable(struct card *c, uint32_t ctrl);
void card_rx_post(struct card *c, unsigned int q, unsigned int count);	/* and rings the doorbell */
unsigned int card_tx_room(struct card *c, unsigned int q);	/* free slots */

struct card_packet {
	uint64_t addr[8];
	uint32_t len[8];		/* of segments */
	unsigned int segs;
	struct tlsnic_txd_packet d;	/* flags and fields but op, len, addr and END */
};

/* Writes one slot of the TX ring and steps the tail; the doorbell is card_ring(). */
void card_slot(struct card *c, unsigned int q, const void *slot);
void card_packet(struct card *c, unsigned int q, const struct card_packet *p);
void card_ring(struct card *c, unsigned int q);

/*
 * Copies a frame to host memory, cut into segs segments at random places and
 * alignments, and posts it, with TLSNIC_TXF_COMPLETE if it is set in d. d may be NULL. Memory
 * comes from a pool that goes round: at most 16 MiB in flight.
 */
void card_send(struct card *c, unsigned int q, const void *frame, uint32_t len, unsigned int segs,
	       const struct tlsnic_txd_packet *d);
/* Copies n bytes to that pool, skip bytes behind a multiple of 64. */
uint64_t card_pool(struct card *c, const void *data, uint32_t n, unsigned int skip);

void card_ctx_write(struct card *c, unsigned int q, const struct tlsnic_txd_ctx *ctx, const uint8_t key[32]);
void card_ctx_delete(struct card *c, unsigned int q, uint32_t ctx);

/* Takes completions, at most max; returns how many. CONS is written if any. */
unsigned int card_reap(struct card *c, unsigned int q, unsigned int max);

/* Gives a frame to the card from the wire, running the clock until it is taken. */
void card_wire_in(struct card *c, const void *frame, uint32_t len, bool bad);

/* ---- frames ----------------------------------------------------------------- */

void frames_add(struct frames *l, const void *data, uint32_t len);
void frames_clear(struct frames *l);
/* Reports if frame i of the list is not these bytes. */
void frames_expect(const char *what, const struct frames *l, unsigned int i, const void *data, uint32_t len);

#endif /* TLSNIC_TESTS_CARD_H */
