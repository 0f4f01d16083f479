// SPDX-License-Identifier: BSD-2-Clause
//
// What comes back from the card, held against the model.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static const char *const statuses[] = { "OK", "DMA", "DESC", "TLS_CTX", "TLS_SEQ", "TLS_RECORD", "TLS_BROKEN",
					 "TLS_SEEK" };

#define STATUSES	8

void run_fail(struct run *r, const char *fmt, ...)
{
	va_list ap;

	if (r->res->failed)
		return;
	r->res->failed = true;
	r->res->step = r->step;
	va_start(ap, fmt);
	vsnprintf(r->res->error, sizeof(r->res->error), fmt, ap);
	va_end(ap);
}

void run_digest(struct run *r, const void *p, size_t n)
{
	const uint8_t *b = p;
	uint64_t h = r->res->digest, w;

	for (; n >= 8; n -= 8, b += 8) {
		memcpy(&w, b, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	for (; n; n--, b++)
		h = (h ^ *b) * 0x100000001b3ull;
	r->res->digest = h;
}

bool run_error(struct run *r, int err)
{
	if (r->nic->violations)
		run_fail(r, "%s", r->nic->violation);
	else if (err == -ETIMEDOUT)
		run_fail(r, "the card does not come to rest: nothing has happened in %llu cycles", NIC_HANG);
	else if (err < 0)
		run_fail(r, "error %d", -err);
	return run_failed(r);
}

// ---- frames -----------------------------------------------------------------

static void push(struct frames *l, const uint8_t *data, uint32_t len, uint32_t id, unsigned int step, bool may)
{
	struct frame *f;

	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 16;
		l->f = realloc(l->f, l->room * sizeof(*l->f));
		if (!l->f)
			abort();
	}
	f = &l->f[l->n++];
	f->id = id;
	f->len = len;
	f->step = step;
	f->may = may;
	f->data = malloc(len);
	if (!f->data)
		abort();
	memcpy(f->data, data, len);
}

void run_pop(struct frames *l)
{
	free(l->f[l->first++].data);
	if (l->first == l->n)
		l->first = l->n = 0;
}

void run_free_frames(struct frames *l)
{
	while (l->n)
		run_pop(l);
	free(l->f);
	memset(l, 0, sizeof(*l));
}

struct frame *run_front(struct frames *l)
{
	return l->n ? &l->f[l->first] : NULL;
}

static bool holds(const struct frames *l, uint32_t id)
{
	for (unsigned int i = l->first; i < l->n; i++)
		if (l->f[i].id == id)
			return true;
	return false;
}

void run_match(struct run *r, unsigned int q)
{
	struct run_queue *k = &r->q[q];
	struct frame *e, *s;

	while (!run_failed(r) && (e = run_front(&k->expect)) && (s = run_front(&k->seen))) {
		if (e->id != s->id && e->may) {
			run_pop(&k->expect);
			continue;
		}
		if (e->id != s->id) {
			run_fail(r, "queue %u: expected on the wire frame %u (step %u), got frame %u", q, e->id, e->step, s->id);
			return;
		}
		if (e->len != s->len) {
			run_fail(r, "queue %u: frame %u (step %u) has %u bytes, expected %u", q, e->id, e->step, s->len, e->len);
			return;
		}
		for (uint32_t i = 0; i < e->len; i++)
			if (e->data[i] != s->data[i]) {
				uint32_t n = 0, last = i;
				char text[2][60];

				for (uint32_t b = i; b < e->len; b++)
					if (e->data[b] != s->data[b]) {
						n++;
						last = b;
					}

				for (int t = 0; t < 2; t++)
					for (uint32_t b = 0; b < 16; b++)
						snprintf(text[t] + 3 * b, 8, i + b < e->len ? "%02x " : "",
							 t ? s->data[i + b] : e->data[i + b]);
				run_fail(r, "queue %u: frame %u of %u bytes (step %u) differs in %u bytes from %u to %u: expected %sgot %s",
					 q, e->id, e->len, e->step, n, i, last, text[0], text[1]);
				return;
			}
		run_pop(&k->expect);
		run_pop(&k->seen);
	}
}

bool run_wire(void *run, const void *frame, size_t len)
{
	struct run *r = run;
	uint64_t cycle;
	uint8_t from;
	uint32_t id;

	if (r->hold)
		return false;
	cycle = nic_cycle(r->nic);
	run_digest(r, &cycle, 8);
	run_digest(r, frame, len);
	r->res->frames++;
	if (!frame_told(frame, len, &from, &id) || from >= r->queues) {
		run_fail(r, "a frame of %zu bytes on the wire that was never sent, source %02x", len, ((const uint8_t *)frame)[7]);
		return true;
	}
	if (r->loop && !r->turned) {
		run_fail(r, "queue %u: frame %u of %zu bytes on the wire, in loopback", from, id, len);
		return true;
	}
	push(&r->q[from].seen, frame, len, id, r->step, false);
	if (!run_looping(r))
		run_match(r, from);
	return true;
}

void run_expect_frame(void *run, const struct item *i, const uint8_t *frame, uint32_t len, bool may)
{
	struct run *r = run;
	struct frames *e;

	push(&r->q[i->queue].expect, frame, len, i->id, i->step, may || r->lenient);
	e = &r->q[i->queue].expect;
	e->f[e->n - 1].tls = i->d.flags & TLSNIC_TXF_TLS;
	e->f[e->n - 1].cut = i->d.mss;
	/* with loopback it is known at rest which way it went */
	if (!run_looping(r))
		run_match(r, i->queue);
}

/* What may come and has not is not waited for any more. */
static void drop_may(struct run *r, unsigned int q)
{
	struct frame *e;

	while ((e = run_front(&r->q[q].expect)) && e->may)
		run_pop(&r->q[q].expect);
}

// ---- tags -------------------------------------------------------------------

static struct known_tag *add_tag(struct tag_list *l, uint32_t ctx, uint32_t rec_sn, const uint8_t *tag)
{
	struct known_tag *t;

	if (l->n == l->room) {
		l->room = 2 * l->room + 16;
		l->t = realloc(l->t, l->room * sizeof(*l->t));
		if (!l->t)
			abort();
	}
	t = &l->t[l->n++];
	t->ctx = ctx;
	t->rec_sn = rec_sn;
	t->came = false;
	memcpy(t->tag, tag, 16);
	return t;
}

static struct known_tag *find_tag(struct tag_list *l, uint32_t ctx, uint32_t rec_sn, const uint8_t *tag, bool came)
{
	for (unsigned int i = 0; i < l->n; i++)
		if (l->t[i].ctx == ctx && l->t[i].rec_sn == rec_sn && l->t[i].came == came && !memcmp(l->t[i].tag, tag, 16))
			return &l->t[i];
	return NULL;
}

static void remove_tag(struct tag_list *l, struct known_tag *t)
{
	memmove(t, t + 1, (l->t + --l->n - t) * sizeof(*t));
}

void run_tag(void *run, unsigned int q, const struct tlsnic_cpl_tag *t)
{
	struct run *r = run;

	run_digest(r, t, sizeof(*t));
	model_stat(&r->model, TLSNIC_STAT_TLS_TAGS, 1, true);
	if (t->reserved || t->reserved2)
		run_fail(r, "queue %u: reserved fields of a tag's completion are not 0", q);
	add_tag(&r->q[q].tags, t->ctx, t->rec_sn, t->tag);
}

void run_expect_tag(void *run, const struct item *i, const struct model_tag *t)
{
	struct run *r = run;
	struct tag_list *tags = &r->q[i->queue].tags, *may = &r->q[i->queue].early;
	struct known_tag *got = find_tag(tags, t->ctx, t->rec_sn, t->tag, false), *early;
	char text[2][40] = { "" };

	if (t->when == MODEL_TAG_EARLY) {
		/* it stays among those that came until it must have come */
		add_tag(may, t->ctx, t->rec_sn, t->tag);
		return;
	}
	/* a record that is completed once more has its tag returned once more */
	early = t->was_early ? find_tag(may, t->ctx, t->rec_sn, t->tag, !got) : NULL;
	if (got || early) {
		if (got)
			remove_tag(tags, got);
		if (early)
			remove_tag(may, early);
		return;
	}
	if (t->when == MODEL_TAG_MAY || r->lenient) {
		model_stat(&r->model, TLSNIC_STAT_TLS_TAGS, 1, false);
		return;
	}
	for (unsigned int k = 0; k < tags->n && !got; k++)
		if (tags->t[k].ctx == t->ctx)
			got = &tags->t[k];
	for (int b = 0; b < 16; b++) {
		sprintf(text[0] + 2 * b, "%02x", t->tag[b]);
		if (got)
			sprintf(text[1] + 2 * b, "%02x", got->tag[b]);
	}
	run_fail(r, "queue %u: packet of step %u: expected the tag %s of context %u, record %u, got %s%s, record %u", i->queue, i->step,
		 text[0], t->ctx, t->rec_sn, got ? "" : "none", text[1], got ? got->rec_sn : 0);
}

/* At rest: what came and belongs to no packet that has ended. */
static void settle_tags(struct run *r, unsigned int q, bool all)
{
	struct tag_list *tags = &r->q[q].tags;

	while (tags->n && !run_failed(r)) {
		struct known_tag *t = &tags->t[tags->n - 1], *early = find_tag(&r->q[q].early, t->ctx, t->rec_sn, t->tag, false);

		if (!early && all)
			run_fail(r, "queue %u: a tag of context %u, record %u, that was not expected", q, t->ctx, t->rec_sn);
		else if (early)
			early->came = true;
		tags->n--;
	}
}

// ---- completions ------------------------------------------------------------

static struct item *take(struct run_queue *k)
{
	struct item *i = k->head;

	k->head = i->next;
	if (!k->head)
		k->tail = NULL;
	return i;
}

static uint8_t item_flags(const struct item *i)
{
	return i->kind == ITEM_PACKET ? i->d.flags : i->x.flags;
}

static void describe(unsigned int mask, char *text, size_t len)
{
	size_t at = 0;

	text[0] = 0;
	for (int s = 0; s < STATUSES; s++)
		if (mask & 1u << s && at < len)
			at += snprintf(text + at, len - at, "%s%s", at ? " or " : "", statuses[s]);
}

static const char *what(const struct item *i)
{
	static const char *const names[] = { "packet", "context write", "context delete", "slot that halts" };

	return i->kind == ITEM_PACKET && i->d.flags & TLSNIC_TXF_TLS ? "TLS packet" : names[i->kind];
}

/* The item has ended; d: its completion, or NULL if it has none. */
static void retire(struct run *r, unsigned int q, struct item *i, const struct nic_done *d)
{
	unsigned int status = d ? d->status : TLSNIC_STATUS_OK, may = model_allowed(&r->model, i);
	bool asked = item_flags(i) & TLSNIC_TXF_COMPLETE;
	char text[120];

	describe(may, text, sizeof(text));
	if (!d && r->q[q].lost && may && (asked || !(may & 1u << TLSNIC_STATUS_OK))) {
		/* its completion is one of those that could not be written */
		r->q[q].lost--;
		status = __builtin_ctz(may);
		asked = false;
	}
	if (i->kind == ITEM_HALT)
		run_fail(r, "queue %u: a completion of index %u, behind the slot of step %u that halts the queue", q, i->end, i->step);
	else if (status >= STATUSES || !(may & 1u << status))
		run_fail(r, "queue %u: %s of step %u: expected status %s, got %s", q, what(i), i->step, text,
			 !d ? "no completion" : status < STATUSES ? statuses[status] : "a number that means nothing");
	else if (!d && asked)
		run_fail(r, "queue %u: %s of step %u: expected a completion with status %s, got none", q, what(i), i->step, text);
	else if (d && !asked && status == TLSNIC_STATUS_OK)
		run_fail(r, "queue %u: %s of step %u: expected no completion, got one", q, what(i), i->step);
	else if (d && i->kind != ITEM_PACKET && !i->desc_bad && d->ctx != i->x.ctx)
		run_fail(r, "queue %u: %s of step %u: completion of context %u, expected %u", q, what(i), i->step, d->ctx, i->x.ctx);
	else if (d && i->kind == ITEM_PACKET && !i->desc_bad && i->d.flags & TLSNIC_TXF_TLS && d->ctx != i->d.ctx)
		run_fail(r, "queue %u: %s of step %u: completion of context %u, expected %u", q, what(i), i->step, d->ctx, i->d.ctx);
	if (run_failed(r)) {
		model_item_free(i);
		return;
	}
	model_apply(&r->model, i, status, true);
	if (r->model.error[0])
		run_fail(r, "%s", r->model.error);
	if (i->note)
		cover_hit(r->cover, COVER_ORDER, (unsigned int)i->note - 1);
	model_item_free(i);
}

void run_done(void *run, unsigned int q, const struct nic_done *d)
{
	struct run *r = run;
	struct run_queue *k = &r->q[q];
	const uint64_t seen[] = { q, d->status, d->index, d->ctx, d->written };

	run_digest(r, seen, sizeof(seen));
	r->res->packets++;
	while (k->head && !run_failed(r)) {
		struct item *i = take(k);

		if (i->end == d->index) {
			retire(r, q, i, d);
			return;
		}
		if ((int16_t)(d->index - i->end) < 0) {
			run_fail(r, "queue %u: a completion of index %u, where no item ends; the next ends at %u", q, d->index, i->end);
			model_item_free(i);
			return;
		}
		retire(r, q, i, NULL);
	}
	if (!run_failed(r))
		run_fail(r, "queue %u: a completion of index %u, and nothing is in flight", q, d->index);
}

// ---- interrupts ---------------------------------------------------------------

void run_arm(struct run *r)
{
	for (unsigned int q = 0; q < r->queues; q++) {
		struct run_queue *k = &r->q[q];
		struct nic_queue *n = &r->nic->q[q];

		if (!n->on || run_failed(r))
			continue;
		/* an interrupt that is still to come from before may come while the register is written */
		k->pending = k->live;
		k->armed = k->live = true;
		k->armed_cons = n->cq_cons;
		k->armed_irqs = r->nic->irqs[1 + q];
		k->woken = n->cq_prod != n->cq_cons;
		nic_qwrite(r->nic, q, TLSNIC_Q_CQ_CONS, n->cq_cons | TLSNIC_CQ_ARM);
	}
}

/* The cycles are those of the next interrupt's wait, the count holds at once. */
void run_moderate(struct run *r, unsigned int q, uint32_t cycles, uint32_t count)
{
	struct run_queue *k = &r->q[q];

	nic_qwrite(r->nic, q, TLSNIC_Q_IRQ_CYCLES, cycles);
	nic_qwrite(r->nic, q, TLSNIC_Q_IRQ_COUNT, count);
	k->icyc = cycles;
	k->icnt = count;
	k->counted |= count != 0;
}

/* Interrupts of a queue keep their distance, unless enough completions end the wait. */
static void check_gap(struct run *r, unsigned int q, uint64_t fired)
{
	struct run_queue *k = &r->q[q];
	uint64_t now = r->nic->irq_cycle[1 + q];

	if (fired != 1 || k->pending)
		return;
	if (k->last_irq && !k->counted && now - k->last_irq < k->gap)
		run_fail(r, "queue %u: an interrupt %llu cycles after the one before, expected %u at least", q,
			 (unsigned long long)(now - k->last_irq), k->gap);
	k->last_irq = now;
	k->gap = k->icyc;
	k->counted = k->icnt;
}

/* Before completions are taken: each armed queue with something new has been told, and no other. */
static void check_interrupts(struct run *r)
{
	for (unsigned int q = 0; q < r->queues; q++) {
		struct run_queue *k = &r->q[q];
		const struct nic_queue *n = &r->nic->q[q];
		uint64_t fired = r->nic->irqs[1 + q] - k->armed_irqs;
		bool news = n->cq_prod != k->armed_cons;

		if (!n->on || !k->armed)
			continue;
		if (fired > 1u + k->pending || (fired > k->pending && !news))
			run_fail(r, "queue %u: %llu interrupts after it was armed once, %s", q, (unsigned long long)fired,
				 news ? "expected one" : "and no completion has come");
		k->live = fired <= k->pending;
		if (!fired && news && tlsnic_sim_idle(r->nic->sim))
			run_fail(r, "queue %u: completions %u to %u have come since it was armed, and no interrupt", q,
				 k->armed_cons, n->cq_prod);
		check_gap(r, q, fired);
		if (fired)
			cover_hit(r->cover, COVER_IRQ, !k->woken, !k->icyc ? 0u : k->icnt ? 2u : 1u);
		k->armed = false;
	}
}

// ---- time -----------------------------------------------------------------------

static void sample_ring(struct run *r, unsigned int q)
{
	struct run_queue *k = &r->q[q];
	const struct nic_queue *n = &r->nic->q[q];

	if (n->cq_cons / n->cq_size != k->cq_last / n->cq_size)
		cover_hit(r->cover, COVER_WRAP, 7);
	if (n->cq_cons < k->cq_last)
		cover_hit(r->cover, COVER_WRAP, 8);
	if (n->rx_next < k->rx_last)
		cover_hit(r->cover, COVER_WRAP, 6);
	k->cq_last = n->cq_cons;
	k->rx_last = n->rx_next;
}

static void reap(struct run *r)
{
	for (unsigned int q = 0; q < r->queues && !run_failed(r); q++) {
		struct nic_queue *n = &r->nic->q[q];
		int err;

		if (!n->on)
			continue;
		if ((uint16_t)(n->cq_prod - n->cq_cons) == n->cq_size)
			cover_hit(r->cover, COVER_EVENT, 7);
		err = nic_reap(r->nic, q, ~0u);
		if (err < 0)
			run_error(r, err);
		else
			sample_ring(r, q);
	}
}

void run_clock(struct run *r, uint64_t cycles)
{
	if (run_failed(r))
		return;
	if (run_error(r, nic_cycles(r->nic, cycles)))
		return;
	if (tlsnic_sim_wire_held(r->nic->sim))
		cover_hit(r->cover, COVER_EVENT, 4);
	check_interrupts(r);
	reap(r);
}

// ---- the end of what was posted -----------------------------------------------------

static void check_errors(struct run *r)
{
	uint32_t got = nic_read(r->nic, TLSNIC_REG_ERROR);

	if (got & ~(r->errors_may | r->errors_must))
		run_fail(r, "ERROR is 0x%x, expected 0x%x%s", got, r->errors_must, r->errors_may ? " at least" : "");
	else if (r->errors_must & ~got)
		run_fail(r, "ERROR is 0x%x, expected 0x%x", got, r->errors_must);
	if (got) {
		nic_write(r->nic, TLSNIC_REG_ERROR, got);
		if (r->nic->irqs[0] == r->irqs0)
			run_fail(r, "ERROR became 0x%x without an interrupt", got);
		else
			cover_hit(r->cover, COVER_IRQ, 2, 0);
	}
	r->irqs0 = r->nic->irqs[0];
	r->errors_may = r->errors_must = 0;
}

static void discard(struct run_queue *k)
{
	while (k->head)
		model_item_free(take(k));
}

/*
 * Items that may not have been carried out, after the card has let go of them. Frames that have left tell how
 * far it went; those of loopback do not, of some nothing comes back. card_reset: what has not left may have been
 * counted all the same. hard: what should have left may be lost.
 */
void run_queue_off(struct run *r, unsigned int q, bool card_reset, bool hard)
{
	struct run_queue *k = &r->q[q];
	struct item *last = NULL;

	for (struct item *i = k->head; i && !run_looping(r); i = i->next)
		if (holds(&k->seen, i->id) && i->kind == ITEM_PACKET)
			last = i;
	while (last && k->head && !run_failed(r)) {
		struct item *i = take(k);
		unsigned int may = model_allowed(&r->model, i), status;
		bool seen = i->kind == ITEM_PACKET && holds(&k->seen, i->id);
		bool end = i == last;

		/* a packet that was not seen was dropped, if it may have been */
		if (seen || i->kind != ITEM_PACKET)	/* or, if it is cut into frames, sent in part */
			status = may & 1 ? 0 : __builtin_ctz(may | 1u << 31);
		else
			status = __builtin_ctz((may & ~1u) | 1u << 31);
		if (status >= STATUSES || (seen && status && !i->d.mss)) {
			char text[120];

			describe(may, text, sizeof(text));
			run_fail(r, "queue %u: %s of step %u (expected: %s) is %s, but one behind it was sent", q, what(i), i->step, text,
				 seen ? "on the wire" : "not on the wire");
		} else {
			r->lenient = card_reset && end;
			model_apply(&r->model, i, status, !r->lenient);
			r->lenient = false;
		}
		model_item_free(i);
		if (end)
			last = NULL;
	}
	while (k->head && !run_failed(r)) {
		struct item *i = take(k);
		unsigned int may = model_allowed(&r->model, i);

		if (card_reset) {
			if (may) {
				r->lenient = true;
				model_apply(&r->model, i, __builtin_ctz(may), false);
				r->lenient = false;
			}
		} else if (i->kind != ITEM_PACKET && i->kind != ITEM_HALT && may & 1 && !(item_flags(i) & TLSNIC_TXF_COMPLETE)) {
			/* it has no completion and no frame: nothing tells */
			model_doubt(&r->model, i);
			model_stat(&r->model, i->kind == ITEM_WRITE ? TLSNIC_STAT_TLS_CTX_WRITES : TLSNIC_STAT_TLS_CTX_DELETES, 1, false);
		} else {
			model_item_free(i);
			discard(k);
			break;
		}
		model_item_free(i);
	}
	discard(k);
	for (unsigned int f = k->expect.first; card_reset && run_looping(r) && f < k->expect.n; f++)
		k->expect.f[f].may = true;	/* lost in the card, or in the RX rings */
	run_loop_settle(r, q);
	while (hard && k->expect.n)
		run_pop(&k->expect);
	drop_may(r, q);
	settle_tags(r, q, false);
	if (card_reset)
		k->early.n = 0;
	if (!run_failed(r) && (k->seen.n || k->expect.n)) {
		struct frame *s = run_front(&k->seen), *e = run_front(&k->expect);

		if (s)
			run_fail(r, "queue %u: frame %u on the wire was not expected", q, s->id);
		else
			run_fail(r, "queue %u: frame %u (step %u) did not leave, but its completion said so", q, e->id, e->step);
	}
	k->quiet = 0;
	k->halting = k->slots_fail = false;
	k->armed = k->live = false;
}

/* Contexts that an item may have changed are deleted: then they are known again. */
static void settle_doubts(struct run *r)
{
	bool any = false;

	for (uint32_t c = 0; c < r->model.contexts && !run_failed(r); c++) {
		struct step s = { .op = STEP_DELETE };

		if (!r->model.ctx[c].unknown)
			continue;
		s.a[A_CTX] = c;
		run_delete(r, &s);
		any = true;
	}
	if (any && !run_failed(r))
		run_settle(r);
}

static void halted(struct run *r, unsigned int q, uint32_t cause)
{
	uint32_t ctrl = nic_qread(r->nic, q, TLSNIC_Q_TX_CTRL);

	if (!(ctrl & TLSNIC_Q_HALTED)) {
		run_fail(r, "queue %u: expected to be halted, TX_CTRL is 0x%x", q, ctrl);
		return;
	}
	cover_hit(r->cover, COVER_EVENT, cause == TLSNIC_ERR_DESC ? 8u : 9u);
	r->errors_must |= cause;
	run_error(r, nic_tx_restart(r->nic, q));
}

/* Goes on behind completions that were lost to a failed write. */
static void pass_lost(struct run *r, unsigned int q)
{
	int lost;

	while (!run_failed(r) && (lost = nic_skip_lost(r->nic, q)) > 0) {
		r->q[q].lost += lost;
		r->errors_must |= TLSNIC_ERR_WRITE;
		lost = nic_reap(r->nic, q, ~0u);
		run_error(r, lost < 0 ? lost : 0);
	}
	r->q[q].cpl_fail = false;
}

/* A ring of RX that has stopped is turned off and on. */
static void restart_rx(struct run *r, unsigned int q)
{
	uint32_t ctrl = nic_qread(r->nic, q, TLSNIC_Q_RX_CTRL);
	struct step s = { .op = STEP_OFF };

	r->q[q].entries_fail = false;
	if (!(ctrl & TLSNIC_Q_HALTED)) {
		/* the entry was not asked for */
		if (r->nic->faults[0].hits)
			run_fail(r, "queue %u: RX ring expected to be halted, RX_CTRL is 0x%x", q, ctrl);
		return;
	}
	cover_hit(r->cover, COVER_FAULT, 4, 0);
	r->errors_must |= TLSNIC_ERR_READ;
	run_rx_doubt(r, q);
	r->q[q].live = false;
	s.a[A_TX] = r->q[q].opt.log2_tx;
	s.a[A_RXR] = r->q[q].opt.log2_rx;
	s.a[A_CQ] = r->q[q].opt.log2_cq;
	s.a[A_BUF] = r->q[q].opt.buf_len;
	if (!run_error(r, nic_queue_off(r->nic, q)))
		run_queue_on(r, q, &s);
}

static void settle_queue(struct run *r, unsigned int q)
{
	struct run_queue *k = &r->q[q];

	if (k->cpl_fail)
		pass_lost(r, q);
	if (run_failed(r))
		return;

	if (k->slots_fail) {
		run_queue_off(r, q, false, false);
		if (!run_failed(r))
			halted(r, q, TLSNIC_ERR_READ);
		return;
	}
	while (k->head && !run_failed(r)) {
		struct item *i = take(k);

		if (i->kind == ITEM_HALT) {
			model_item_free(i);
			discard(k);
			halted(r, q, TLSNIC_ERR_DESC);
			break;
		}
		retire(r, q, i, NULL);
	}
	k->halting = false;
	k->lost = 0;
	if (run_failed(r))
		return;
	run_loop_settle(r, q);
	drop_may(r, q);
	settle_tags(r, q, true);
	if (run_failed(r))
		return;
	if (k->expect.n)
		run_fail(r, "queue %u: frame %u of step %u does not leave", q, run_front(&k->expect)->id, run_front(&k->expect)->step);
	else if (k->seen.n)
		run_fail(r, "queue %u: frame %u on the wire was not expected", q, run_front(&k->seen)->id);
	else if (r->nic->q[q].on) {
		uint32_t ctrl = nic_qread(r->nic, q, TLSNIC_Q_TX_CTRL), head = nic_qread(r->nic, q, TLSNIC_Q_TX_HEAD);

		if (ctrl != (TLSNIC_Q_ENABLE | TLSNIC_Q_ACTIVE))
			run_fail(r, "queue %u: TX_CTRL is 0x%x, expected 0x%x", q, ctrl, TLSNIC_Q_ENABLE | TLSNIC_Q_ACTIVE);
		else if (head != r->nic->q[q].tx_posted)
			run_fail(r, "queue %u: TX_HEAD is %u, expected %u", q, head, r->nic->q[q].tx_posted);
	}
}

void run_settle(struct run *r)
{
	if (run_failed(r))
		return;
	r->hold = false;
	for (unsigned int q = 0; q < r->queues; q++)
		run_ring(r, q);
	for (unsigned int q = 0; q < r->queues; q++)
		r->q[q].armed = false;
	if (run_error(r, nic_settle(r->nic)))
		return;
	for (unsigned int q = 0; q < r->queues && !run_failed(r); q++) {
		settle_queue(r, q);
		if (!run_failed(r) && r->q[q].entries_fail)
			restart_rx(r, q);
		if (r->nic->q[q].on)
			sample_ring(r, q);
	}
	if (!run_failed(r))
		run_rx_settled(r);
	if (!run_failed(r))
		check_errors(r);
	nic_faults_clear(r->nic);
	for (unsigned int q = 0; q < r->queues; q++)
		r->q[q].rx_fault = false;
	run_loop_rest(r);
	if (!run_failed(r))
		settle_doubts(r);
}

void run_statistics(struct run *r)
{
	for (unsigned int s = 0; s < TLSNIC_STAT_COUNT && !run_failed(r); s++) {
		uint64_t got = nic_stat(r->nic, s), least = r->model.least[s], most = r->model.most[s];

		run_digest(r, &got, 8);
		if (got >= least && got <= most)
			continue;
		if (least == most)
			run_fail(r, "statistic %u is %llu, expected %llu", s, (unsigned long long)got, (unsigned long long)least);
		else
			run_fail(r, "statistic %u is %llu, expected %llu to %llu", s, (unsigned long long)got,
				 (unsigned long long)least, (unsigned long long)most);
	}
	if (!run_failed(r) && nic_sim_stats(r->nic)->protocol_errors)
		run_fail(r, "the card broke a rule of AXI, see above");
}
