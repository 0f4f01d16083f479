// SPDX-License-Identifier: BSD-2-Clause
//
// Each direction has a queue of frames with the time at which they may go on.
// A frame that is to be overtaken waits beside it.

#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define REORDER_WAIT_NS	10000000ull
#define QUEUE		256	/* frames; more are refused, not lost */

struct queued {
	uint64_t due;
	unsigned int len;
	bool bad;
	uint8_t *data;
};

struct lane {
	struct wire_faults faults;
	uint64_t random;
	struct queued queue[QUEUE];
	unsigned int head, count;
	struct queued held;		/* waits for held_for frames to overtake it */
	unsigned int held_for;		/* 0: nothing held */
	uint64_t frames, lost, duplicated, corrupted, bad, reordered;
};

struct impair {
	struct wire wire;
	wire_clock clock;
	struct lane lane[2];
};

static uint64_t draw(struct lane *l)
{
	uint64_t z = l->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* draw() must be called whether or not the rate is 0. */
static bool chance(uint64_t drawn, unsigned int ppm)
{
	return (drawn >> 32) % 1000000 < ppm;
}

static struct queued copy(const void *frame, size_t len, bool bad, uint64_t due)
{
	struct queued q = { .due = due, .len = len, .bad = bad, .data = malloc(len) };

	if (!q.data)
		abort();
	memcpy(q.data, frame, len);
	return q;
}

static void enqueue(struct lane *l, struct queued q)
{
	l->queue[(l->head + l->count++) % QUEUE] = q;
}

static void let_held_go(struct lane *l, uint64_t now)
{
	l->held.due = now;
	l->held_for = 0;
	enqueue(l, l->held);
}

/* Passes on what is due, in order. Returns the time until there is more to do. */
static uint64_t move(struct impair *m, enum wire_dir dir)
{
	struct lane *l = &m->lane[dir];
	struct wire *next = m->wire.next[dir];
	uint64_t now = m->clock();

	if (l->held_for && l->held.due <= now && l->count < QUEUE)
		let_held_go(l, now);
	while (l->count) {
		struct queued *q = &l->queue[l->head];

		if (q->due > now)
			return q->due - now;
		if (!next->push(next, dir, q->data, q->len, q->bad))
			return 1000000;		/* whoever makes room polls us too */
		free(q->data);
		l->head = (l->head + 1) % QUEUE;
		l->count--;
	}
	return l->held_for ? l->held.due - now : UINT64_MAX;
}

static bool impair_push(struct wire *w, enum wire_dir dir, const void *frame, size_t len, bool bad)
{
	struct impair *m = (struct impair *)w;
	struct lane *l = &m->lane[dir];
	const struct wire_faults *f = &l->faults;
	uint64_t lose, twice, flip, spoil, where, late, now;
	struct queued q;
	bool hold;

	if (l->count + 3 > QUEUE) {		/* the frame, its double, the held one */
		move(m, dir);
		if (l->count + 3 > QUEUE)
			return false;
	}
	lose = draw(l);
	twice = draw(l);
	flip = draw(l);
	spoil = draw(l);
	where = draw(l);
	late = draw(l);
	now = m->clock();

	l->frames++;
	hold = !l->held_for && chance(late, f->reorder);
	if (chance(lose, f->loss)) {
		l->lost++;
	} else {
		q = copy(frame, len, bad, now + f->delay_ns);
		if (chance(flip, f->corrupt)) {
			q.data[where / 8 % len] ^= 1u << where % 8;
			l->corrupted++;
		} else if (chance(spoil, f->bad)) {
			q.data[where / 8 % len] ^= 1u << where % 8;
			q.bad = true;
			l->bad++;
		}
		if (q.bad && dir == WIRE_TX) {
			free(q.data);
		} else if (hold) {
			l->held = q;
			l->held.due = now + f->delay_ns + REORDER_WAIT_NS;
			l->held_for = 1 + late % 3 + 1;	/* this very frame counts as one */
			l->reordered++;
		} else {
			enqueue(l, q);
			if (chance(twice, f->dup)) {
				enqueue(l, copy(q.data, q.len, q.bad, q.due));
				l->duplicated++;
			}
		}
	}
	if (l->held_for && !--l->held_for)
		let_held_go(l, now + f->delay_ns);
	move(m, dir);
	return true;
}

static uint64_t impair_poll(struct wire *w)
{
	struct impair *m = (struct impair *)w;
	uint64_t tx = move(m, WIRE_TX), rx = move(m, WIRE_RX);

	return tx < rx ? tx : rx;
}

static void impair_stats(const struct wire *w, FILE *out)
{
	const struct impair *m = (const struct impair *)w;

	for (int d = 0; d < 2; d++) {
		const struct lane *l = &m->lane[d];
		const char *name = d == WIRE_TX ? "tx" : "rx";

		fprintf(out, "impair_%s_frames %lu\nimpair_%s_lost %lu\nimpair_%s_duplicated %lu\n",
			name, l->frames, name, l->lost, name, l->duplicated);
		fprintf(out, "impair_%s_corrupted %lu\nimpair_%s_bad %lu\nimpair_%s_reordered %lu\n",
			name, l->corrupted, name, l->bad, name, l->reordered);
	}
}

static void impair_destroy(struct wire *w)
{
	struct impair *m = (struct impair *)w;

	for (int d = 0; d < 2; d++) {
		struct lane *l = &m->lane[d];

		if (l->held_for)
			free(l->held.data);
		for (; l->count; l->count--, l->head = (l->head + 1) % QUEUE)
			free(l->queue[l->head].data);
	}
	free(m);
}

struct wire *wire_impair(const struct wire_faults faults[2], uint64_t seed, wire_clock clock)
{
	struct impair *m = calloc(1, sizeof(*m));

	if (!m) {
		fprintf(stderr, "wire: out of memory\n");
		return NULL;
	}
	m->wire.push = impair_push;
	m->wire.poll = impair_poll;
	m->wire.stats = impair_stats;
	m->wire.destroy = impair_destroy;
	m->clock = clock;
	for (int d = 0; d < 2; d++) {
		m->lane[d].faults = faults[d];
		m->lane[d].random = seed * 2 + d;
	}
	return &m->wire;
}
