// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shrink.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

struct state {
	struct shrink *s;
	double end;
};

static bool over(const struct state *t)
{
	return t->s->tries >= t->s->most || now() > t->end;
}

static bool fails(struct state *t, const struct plan *p)
{
	t->s->tries++;
	return t->s->fails(p, t->s->arg);
}

/* The plan without steps from to to - 1. */
static void without(struct plan *out, const struct plan *p, unsigned int from, unsigned int to)
{
	plan_copy(out, p);
	memmove(out->s + from, out->s + to, (p->n - to) * sizeof(*p->s));
	out->n -= to - from;
}

/* What comes behind the failing step goes first: the shortest front that fails, by bisection. */
static void shorten(struct plan *p, struct state *t)
{
	unsigned int good = 1, bad = p->n;

	while (good + 1 < bad && !over(t)) {
		unsigned int mid = (good + bad) / 2;
		struct plan q;

		without(&q, p, mid, p->n);
		if (fails(t, &q))
			bad = mid;
		else
			good = mid;
		plan_free(&q);
	}
	p->n = bad;
}

static void leave_out(struct plan *p, struct state *t)
{
	unsigned int chunk = (p->n - 1 + 1) / 2;

	while (chunk && p->n > 1 && !over(t)) {
		bool any = false;

		for (unsigned int from = 1; from < p->n && !over(t);) {
			unsigned int to = from + chunk < p->n ? from + chunk : p->n;
			struct plan q;

			without(&q, p, from, to);
			if (fails(t, &q)) {
				plan_free(p);
				*p = q;
				any = true;
			} else {
				plan_free(&q);
				from = to;
			}
		}
		if (chunk == 1 && !any)
			break;
		chunk = chunk > 1 ? chunk / 2 : 1;
	}
}

/* Tries a value; keeps it if the plan still fails. */
static bool try(struct plan *p, unsigned int step, int arg, uint64_t value, struct state *t)
{
	uint64_t was = p->s[step].a[arg];

	if (was == value || over(t))
		return false;
	p->s[step].a[arg] = value;
	if (fails(t, p))
		return true;
	p->s[step].a[arg] = was;
	return false;
}

/* Arguments that name something else cannot be made simpler, only others. */
static bool names(int arg)
{
	return arg == A_SEED || arg == A_TLS || arg == A_AES || arg == A_KIND || arg == A_MIX || arg == A_WRONG;
}

static void simplify(struct plan *p, struct state *t)
{
	for (unsigned int i = 0; i < p->n; i++)
		for (int arg = 0; arg < PLAN_NARGS; arg++) {
			if (!p->s[i].a[arg] || names(arg))
				continue;
			if (try(p, i, arg, 0, t) || try(p, i, arg, 1, t))
				continue;
			while (p->s[i].a[arg] > 1 && try(p, i, arg, p->s[i].a[arg] / 2, t))
				;
		}
}

void shrink_plan(struct plan *p, struct shrink *s)
{
	struct state t = { s, now() + s->seconds };

	shorten(p, &t);
	leave_out(p, &t);
	simplify(p, &t);
	leave_out(p, &t);
}
