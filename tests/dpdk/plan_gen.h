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
	struct gen_conn conn[PLAN_CONNS];
};

/* How often a step of a kind comes, against the others. */
struct weights {
	unsigned int send, plain, rx, post, clock, disorder, bad, off, reset, wire, bus, conf, fail, open;
};

static inline uint32_t gen_below(struct gen *g, uint32_t below)
{
	return rng_below(&g->rng, below);
}

/* These return the step, for changes, until the next is added. */
struct step *gen_bus(struct gen *g, struct step *s);
struct step *gen_open(struct gen *g, unsigned int number, uint32_t ctx, unsigned int q, unsigned int mix);
struct step *gen_send(struct gen *g, unsigned int number, uint32_t len);

#endif /* TLSNIC_DPDK_PLAN_GEN_H */
