/* SPDX-License-Identifier: BSD-2-Clause */
/* What profiles are made of. */
#ifndef TLSNIC_DPDK_PLAN_GEN_H
#define TLSNIC_DPDK_PLAN_GEN_H

#include "plan.h"
#include "rng.h"

/* A connection as far as a plan needs to know: where in which record it stands. */
struct gen_conn {
	struct step open;
	uint64_t k;		/* record */
	uint32_t off;		/* bytes of it that were sent */
	bool live;
};

struct gen {
	struct plan *p;
	struct rng rng;
	unsigned int contexts;
	uint32_t features;	/* TLSNIC_FEAT_* */
	struct gen_conn conn[PLAN_CONNS];
};

/* How often a step of a kind comes, against the others. */
struct weights {
	unsigned int send, plain, rx, post, clock, disorder, bad, off, reset, loop, wire, bus, conf, fail, open, seek, large;
};

static inline uint32_t gen_below(struct gen *g, uint32_t below)
{
	return rng_below(&g->rng, below);
}

/* ---- steps: those that are returned may be changed until the next is added -------- */

struct step *gen_add(struct gen *g, enum plan_op op);	/* with a seed of its own */
struct step *gen_card(struct gen *g);			/* rings and bus of chance */
struct step *gen_bus(struct gen *g, struct step *s);
void gen_rxconf(struct gen *g, bool open);		/* open: promiscuous, and RX on */
void gen_run(struct gen *g, uint32_t cycles);
void gen_clock(struct gen *g);				/* a doorbell, perhaps, and some cycles */

struct step *gen_open(struct gen *g, unsigned int number, uint32_t ctx, unsigned int q, unsigned int mix);
void gen_opened(struct gen *g, const struct step *s);	/* what gen_open() gave was changed */
struct step *gen_send(struct gen *g, unsigned int number, uint32_t len);
/* Bytes from where a connection is to byte at (or: of the tag) of the records-th record that has it before it. */
uint32_t gen_distance(const struct gen_conn *c, unsigned int records, uint32_t at, bool from_end);
uint32_t gen_cut(struct gen *g, const struct gen_conn *c);	/* how much to send: mostly up to a place that matters */
uint32_t gen_imix(struct gen *g);
void gen_between(struct gen *g, unsigned int q);	/* an item of one beat */
void gen_wrong_records(struct gen *g, unsigned int c, uint32_t ctx, unsigned int q);

/* Sends again what was sent, or what is to come, behind a seek: mostly to and up to a place that matters. */
void gen_seek(struct gen *g, unsigned int number);
/* A seek to this place of a record before the present one, and so many bytes. flags: PLAN_SEEK_* */
struct step *gen_seek_to(struct gen *g, unsigned int number, unsigned int records, uint32_t place, uint32_t len, unsigned int flags);
/* The same to a place of the record that comes next. */
struct step *gen_seek_ahead(struct gen *g, unsigned int number, uint32_t place, uint32_t len, unsigned int flags);
/* Seeks into the present record that must be refused, each kind, of those that go on too. */
void gen_wrong_seeks(struct gen *g, unsigned int number);
/* A packet of the stream, or a plain one, that is cut into frames. */
void gen_large(struct gen *g, unsigned int number);
struct step *gen_large_of(struct gen *g, unsigned int number, uint32_t size, uint32_t len);
void gen_large_plain(struct gen *g, unsigned int q);
/* Packets of the stream and plain ones of each mss that matters, that make full frames only or a byte or some more. */
void gen_sizes(struct gen *g, unsigned int number, unsigned int q);

/* A reset; hard: of the function. Connections are opened again, some of them, if there are any. */
void gen_reset(struct gen *g, bool hard, unsigned int conns);
void gen_loop(struct gen *g, bool on);

void gen_plain(struct gen *g, unsigned int q);
void gen_rx(struct gen *g);
void gen_buffers(struct gen *g);
void gen_bad(struct gen *g, unsigned int kind);

/* Steps by their weights, n of them, over connections 0 to conns - 1. */
void gen_some(struct gen *g, const struct weights *w, unsigned int conns, unsigned int n);

#endif /* TLSNIC_DPDK_PLAN_GEN_H */
