/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plan that fails is made as short as it can be: first steps are left out
 * (delta debugging, Zeller and Hildebrandt 2002), then arguments made simple.
 */
#ifndef TLSNIC_DPDK_SHRINK_H
#define TLSNIC_DPDK_SHRINK_H

#include "plan.h"

struct shrink {
	bool (*fails)(const struct plan *p, void *arg);	/* runs it on a fresh card */
	void *arg;
	unsigned int tries, most;	/* so far; no more than this */
	double seconds;			/* and no longer */
};

/* Changes p, which fails. The first step stays. */
void shrink_plan(struct plan *p, struct shrink *s);

#endif /* TLSNIC_DPDK_SHRINK_H */
