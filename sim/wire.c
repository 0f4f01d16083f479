// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wire.h"

uint64_t wire_monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static bool card_push(struct wire *w, enum wire_dir dir, const void *frame, size_t len, bool bad)
{
	struct wire_chain *c = (struct wire_chain *)w;	/* card is its first member */

	return c->to_card(c->opaque, frame, len, bad);
}

void wire_chain_init(struct wire_chain *c, bool (*to_card)(void *opaque, const void *frame, size_t len, bool bad),
		     void *opaque)
{
	memset(c, 0, sizeof(*c));
	c->card.push = card_push;
	c->to_card = to_card;
	c->opaque = opaque;
}

void wire_chain_add(struct wire_chain *c, struct wire *part)
{
	struct wire *before = c->count ? c->parts[c->count - 1] : &c->card;

	if (c->count == WIRE_MAX_PARTS)
		abort();
	before->next[WIRE_TX] = part;
	part->next[WIRE_RX] = before;
	c->parts[c->count++] = part;
}

bool wire_chain_send(struct wire_chain *c, const void *frame, size_t len)
{
	struct wire *first = c->card.next[WIRE_TX];

	return first->push(first, WIRE_TX, frame, len, false);
}

uint64_t wire_chain_poll(struct wire_chain *c)
{
	uint64_t wait = UINT64_MAX;

	/* from the end, so that room made there is used at once */
	for (unsigned int i = c->count; i--;) {
		uint64_t w = c->parts[i]->poll ? c->parts[i]->poll(c->parts[i]) : UINT64_MAX;

		if (w < wait)
			wait = w;
	}
	return wait;
}

unsigned int wire_chain_fds(struct wire_chain *c, struct pollfd *p)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < c->count; i++)
		if (c->parts[i]->fd)
			c->parts[i]->fd(c->parts[i], &p[n++]);
	return n;
}

bool wire_chain_link(struct wire_chain *c)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (c->parts[i]->link && !c->parts[i]->link(c->parts[i]))
			return false;
	return true;
}

void wire_chain_stats(struct wire_chain *c, FILE *out)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (c->parts[i]->stats)
			c->parts[i]->stats(c->parts[i], out);
}

void wire_chain_destroy(struct wire_chain *c)
{
	for (unsigned int i = 0; i < c->count; i++)
		c->parts[i]->destroy(c->parts[i]);
	c->count = 0;
}

static bool none_push(struct wire *w, enum wire_dir dir, const void *frame, size_t len, bool bad)
{
	return true;
}

static void none_destroy(struct wire *w)
{
	free(w);
}

struct wire *wire_none(void)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (!w) {
		fprintf(stderr, "wire: out of memory\n");
		return NULL;
	}
	w->push = none_push;
	w->destroy = none_destroy;
	return w;
}
