// SPDX-License-Identifier: BSD-2-Clause
/*
 * tlsnic_tls_decide() on every packet of short streams, in every state, against
 * rules that look at one byte after the other: what the contract asks of a seek, what each
 * byte on the wire must have been encrypted by, and that the card is used
 * where it can be. TAP.
 */
#include <stdio.h>
#include <string.h>

#include "stream.h"

struct trial {
	const struct stream *s;
	struct tlsnic_tls_facts f;
	int pos, end, expected, acked;	/* as positions */
	const char *wrong;
};

static unsigned long rows[TLSNIC_TLS_ROWS], trials;

#define RULE(t, rule)							\
	do {								\
		if (!(rule) && !(t)->wrong)				\
			(t)->wrong = #rule;				\
	} while (0)

/*
 * Does the packet, from its byte begin on, reach into the tag of a record whose
 * payload began before that byte?
 */
static bool foreign_tag(const struct trial *t, int begin)
{
	int owner = stream_owner(t->s, begin), p;

	if (begin - stream_start(t->s, owner) < t->s->header)
		return false;
	for (p = begin; p < t->end; p++)
		if (stream_owner(t->s, p) == owner && stream_in_tag(t->s, p))
			return true;
	return false;
}

/* Is the record behind the packet known from its first byte of payload? */
static bool known_behind(const struct trial *t, int begin)
{
	int owner = stream_owner(t->s, begin);

	if (begin - stream_start(t->s, owner) < t->s->header)
		return true;
	return stream_owner(t->s, t->end) != owner;
}

static bool bound(const struct trial *t)
{
	return !t->f.other_queue && t->f.state != TLSNIC_TLS_SOFT;
}

/* Is the connection to wait for the stack's word? */
static bool waits(const struct trial *t, int begin)
{
	if (!t->f.can_seek)
		return !(begin >= t->expected &&
			 begin == stream_start(t->s, stream_owner(t->s, begin)));
	return t->f.ask && !(t->f.state == TLSNIC_TLS_NEW && begin <= t->expected);
}

static void check_card(struct trial *t, const struct tlsnic_tls_decision *d)
{
	const struct stream *s = t->s;
	int begin = t->pos + (int)d->front, owner, p;
	struct tlsnic_tls_record rec;

	RULE(t, bound(t));
	RULE(t, begin < t->end);
	for (p = t->pos; p < begin && p < t->end; p++)
		RULE(t, d->soft_front == (stream_owner(s, p) >= 0));
	RULE(t, begin >= 0);
	if (t->wrong)
		return;
	owner = stream_owner(s, begin);
	rec = stream_record(s, owner);

	if (d->write) {
		RULE(t, d->place.start == rec.start && d->place.sn == rec.sn);
		RULE(t, !t->f.can_seek || !t->f.written);
		RULE(t, d->seek || d->place.start == s->base + (u32)begin);
	}
	if (d->seek) {
		RULE(t, t->f.can_seek);
		RULE(t, t->f.written || d->write);
		RULE(t, d->place.start == rec.start && d->place.sn == rec.sn);
		RULE(t, d->place.len == rec.len);
		RULE(t, d->tag == foreign_tag(t, begin));
		RULE(t, !d->tag || t->f.tag_known);
		RULE(t, !d->go_on || known_behind(t, begin));
	} else {
		RULE(t, !d->tag);
		RULE(t, d->go_on);
		RULE(t, d->write ||
		     (t->f.state == TLSNIC_TLS_SYNC && t->expected == begin));
	}
	/* software's part ends with a record, and is there for its tag only */
	if (d->soft_front) {
		RULE(t, begin == stream_start(s, owner) && d->go_on);
		RULE(t, owner == stream_owner(s, t->pos) + 1);
		RULE(t, foreign_tag(t, t->pos) && !t->f.tag_known);
	} else {
		RULE(t, d->front == 0 || begin == 0);
	}
}

static void check_software(struct trial *t, const struct tlsnic_tls_decision *d)
{
	RULE(t, t->f.where == TLSNIC_TLS_INSIDE);
	(void)d;
	if (!bound(t) || !t->f.can_seek)
		return;
	RULE(t, foreign_tag(t, t->pos) && !t->f.tag_known);
	/* no record to be taken up at, or not to be, or not needed */
	RULE(t, stream_owner(t->s, t->end - 1) == stream_owner(t->s, t->pos) ||
	     t->end <= t->expected || waits(t, t->pos));
}

static void check_after(struct trial *t, const struct tlsnic_tls_decision *d)
{
	int expected = (int)(d->expected - t->s->base);
	int begin = t->pos < 0 ? 0 : t->pos;
	bool ahead = t->end > t->expected;
	bool sent = d->way == TLSNIC_TLS_CARD || d->way == TLSNIC_TLS_SOFTWARE;

	if (d->way == TLSNIC_TLS_CARD && d->go_on) {
		RULE(t, d->state == TLSNIC_TLS_SYNC && expected == t->end);
		RULE(t, expected > t->expected);
		RULE(t, !d->ask);
		RULE(t, !waits(t, begin) ||
		     (t->f.state == TLSNIC_TLS_SYNC && begin == t->expected));
		return;
	}
	if (!bound(t) || !sent || !ahead ||
	    (!t->f.can_seek && begin < t->expected)) {
		if (t->f.can_seek || d->way != TLSNIC_TLS_DROP) {
			RULE(t, d->state == t->f.state);
			RULE(t, expected == t->expected && !d->ask);
		}
		return;
	}
	RULE(t, d->state == TLSNIC_TLS_LOST && expected == t->end);
	RULE(t, d->ask == waits(t, begin));
	if (t->f.can_seek && d->way == TLSNIC_TLS_CARD)
		RULE(t, waits(t, begin) || !known_behind(t, begin));
}

static void check(struct trial *t)
{
	struct tlsnic_tls_decision d;
	struct tlsnic_tls_facts blind;

	t->wrong = NULL;
	d = tlsnic_tls_decide(&t->f);
	trials++;
	RULE(t, d.row < TLSNIC_TLS_ROWS);
	if (d.row < TLSNIC_TLS_ROWS)
		rows[d.row]++;

	switch (d.way) {
	case TLSNIC_TLS_CARD:
		check_card(t, &d);
		break;
	case TLSNIC_TLS_SOFTWARE:
		check_software(t, &d);
		break;
	case TLSNIC_TLS_PASS:
		RULE(t, t->end <= 0);
		break;
	case TLSNIC_TLS_DROP:
		RULE(t, t->f.where == TLSNIC_TLS_GONE ||
		     (t->f.where == TLSNIC_TLS_MIXED &&
		      (!bound(t) || !t->f.can_seek)));
		break;
	}
	check_after(t, &d);

	/* the stack's list costs a lock and a walk: not for what comes in order */
	if (bound(t) && t->pos == t->expected &&
	    (t->f.state == TLSNIC_TLS_SYNC ||
	     (t->f.state == TLSNIC_TLS_NEW && !t->f.written))) {
		RULE(t, !tlsnic_tls_needs_record(&t->f));
		blind = t->f;
		blind.where = TLSNIC_TLS_UNKNOWN;
		memset(&blind.rec, 0xee, sizeof(blind.rec));
		memset(&blind.next, 0xee, sizeof(blind.next));
		blind.tag_known = !t->f.tag_known;
		d = tlsnic_tls_decide(&blind);
		RULE(t, d.way == TLSNIC_TLS_CARD && !d.seek && d.go_on && !d.front);
	} else {
		RULE(t, tlsnic_tls_needs_record(&t->f));
	}
}

static void explain(const struct trial *t)
{
	struct tlsnic_tls_decision d = tlsnic_tls_decide(&t->f);

	printf("# expected: %s\n", t->wrong);
	printf("# packet %d..%d, acknowledged %d, base %#x, header %u\n", t->pos,
	       t->end - 1, t->acked, t->s->base, t->f.header);
	printf("# state %d, expected %d, written %d, can_seek %d, ask %d, other queue %d, tag known %d\n",
	       t->f.state, t->expected, t->f.written, t->f.can_seek, t->f.ask,
	       t->f.other_queue, t->f.tag_known);
	printf("# got: row %d, way %d, front %u%s, write %d, seek %d, tag %d, go_on %d, record %llu; then state %d, expected %d, ask %d\n",
	       d.row, d.way, d.front, d.soft_front ? " by software" : "", d.write,
	       d.seek, d.tag, d.go_on, (unsigned long long)d.place.sn, d.state,
	       (int)(d.expected - t->s->base), d.ask);
}

/* All that a connection can be when a packet comes; false at the first fault. */
static bool states(struct trial *t)
{
	struct tlsnic_tls_facts *f = &t->f;
	int flags;

	for (flags = 0; flags < 64; flags++) {
		f->written = flags & 1;
		f->can_seek = flags & 2;
		f->ask = flags & 4;
		f->tag_known = (flags & 8) && f->where == TLSNIC_TLS_INSIDE;
		f->other_queue = (flags & 48) == 48;
		f->state = flags >> 4;
		if (f->other_queue)
			f->state = TLSNIC_TLS_SYNC;
		else if (f->state == TLSNIC_TLS_SOFT)
			continue;
		if (f->state == TLSNIC_TLS_SYNC && !f->written)
			continue;
		/* nothing was sent beyond it: what is acknowledged was */
		if (t->acked > t->expected)
			continue;
		if (f->state == TLSNIC_TLS_NEW) {
			int owner = stream_owner(t->s, t->expected);

			if (stream_start(t->s, owner) != t->expected)
				continue;
			f->first_sn = t->s->first_sn + owner;
			/* the first context is written at the beginning, once */
			if (!f->written && t->expected == 0 && t->acked > 0)
				continue;
		}
		check(t);
		if (t->wrong)
			return false;
	}
	f->state = TLSNIC_TLS_SOFT;
	f->other_queue = false;
	check(t);
	return !t->wrong;
}

static bool every(const struct stream *s)
{
	struct trial t = { .s = s };

	for (t.pos = -s->before; t.pos < stream_end(s); t.pos++)
		for (t.end = t.pos + 1; t.end <= stream_end(s); t.end++)
			for (t.acked = -1; t.acked <= t.end; t.acked++) {
				if (t.acked > 0 && stream_owner(s, t.acked) ==
						   stream_owner(s, t.acked - 1))
					continue;
				memset(&t.f, 0, sizeof(t.f));
				stream_look(s, t.pos, t.end, t.acked, &t.f);
				for (t.expected = 0; t.expected <= stream_end(s);
				     t.expected++) {
					t.f.expected = s->base + t.expected;
					if (!states(&t)) {
						explain(&t);
						return false;
					}
				}
			}
	return true;
}

int main(void)
{
	static const struct stream streams[] = {
		{ 1000, 7, 3, 5, 3, { 22, 21, 24 } },
		{ 1000, 0, 2, 13, 2, { 29, 31 } },
		{ 0xffffffe0, ~0ULL >> 32, 2, 5, 3, { 22, 21, 23 } },
		{ 0x7ffffff0, 1ULL << 40, 1, 13, 2, { 30, 29 } },
		{ 5, 1, 8, 5, 2, { 23, 22 } },
	};
	unsigned int i, n = 0, bad = 0;
	bool ok;

	printf("1..%zu\n", sizeof(streams) / sizeof(*streams) + 1);
	for (i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		trials = 0;
		ok = every(&streams[i]);
		bad += !ok;
		printf("%sok %u - every packet of %d records from %#x, header %d: %lu decisions\n",
		       ok ? "" : "not ", ++n, streams[i].records, streams[i].base,
		       streams[i].header, trials);
	}
	ok = true;
	for (i = 0; i < TLSNIC_TLS_ROWS; i++)
		if (!rows[i]) {
			printf("# row %u of the table never came up\n", i);
			ok = false;
		}
	bad += !ok;
	printf("%sok %u - every row of the table\n", ok ? "" : "not ", ++n);
	return bad != 0;
}
