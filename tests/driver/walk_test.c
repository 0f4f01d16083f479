// SPDX-License-Identifier: BSD-2-Clause
/*
 * tlsnic_tls_decide() packet after packet: a connection that sends, sends again, is
 * acknowledged, loses packets before and behind the driver; a card that keeps to
 * the contract, fails, is reset, and returns tags and failures late. The card must never
 * be asked for what it has to refuse, each byte that leaves must have been encrypted at
 * its own place of the stream, each tag must be true, and all of it must arrive. TAP.
 *
 * walk_test [--seed N] [--runs N] [--talk]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define LATE	64	/* completions under way */

struct late {
	int tag;	/* record, or -1: the failure of a packet */
	u16 epoch;
	bool moves;
};

static struct {
	struct stream s;
	/* TCP */
	int una, next;
	bool arrived[8192];
	/* driver */
	enum tlsnic_tls_state state;
	int expected, first;
	bool written, asked, ask;
	u16 epoch;
	bool tag[STREAM_RECORDS];
	/* card */
	bool valid, broken;
	bool blind;	/* to the beginning of the record that it stands in */
	int place;
	/* from the card to the driver */
	struct late late[LATE];
	int n_late;
	bool card_failed;	/* and the driver does not know */
} w;

static unsigned int rng;
static bool talk;
static const char *wrong;
static unsigned long rows[TLSNIC_TLS_ROWS], steps;

static int draw(int n)
{
	rng = rng * 1664525 + 1013904223;
	return (rng >> 8) % n;
}

static void fault(const char *what)
{
	if (!wrong)
		wrong = what;
}

static void later(struct late l)
{
	if (w.n_late == LATE) {	/* as if the poll came now */
		memmove(w.late, w.late + 1, sizeof(w.late) - sizeof(*w.late));
		w.n_late--;
	}
	w.late[w.n_late++] = l;
}

/* What the driver does with a failure, see tlsnic_tls_failed(). */
static void take(const struct late *l)
{
	if (l->tag >= 0) {
		w.tag[l->tag] = true;
	} else if (l->moves && l->epoch == w.epoch) {
		if (w.state == TLSNIC_TLS_SYNC)
			w.state = TLSNIC_TLS_LOST;
		w.epoch++;
		w.card_failed = false;
	}
}

static void take_late(int n)
{
	int i;

	for (i = 0; i < n && i < w.n_late; i++)
		take(&w.late[i]);
	memmove(w.late, w.late + i, (w.n_late - i) * sizeof(*w.late));
	w.n_late -= i;
}

/* The card's part of a packet; true if it leaves. */
static bool card(const struct tlsnic_tls_decision *d, int begin, int end)
{
	int owner = stream_owner(&w.s, begin), start, p;
	bool blind, own = !d->seek || d->go_on;

	if (d->write) {
		w.valid = true;
		w.broken = false;
		w.blind = false;
		w.place = (int)(d->place.start - w.s.base);
		if (d->place.sn != w.s.first_sn + stream_owner(&w.s, w.place) ||
		    stream_owner(&w.s, w.place - 1) == stream_owner(&w.s, w.place))
			fault("a context is written at a record");
	}
	if (!w.valid) {
		fault("the card has the key");
		return false;
	}
	start = stream_start(&w.s, owner);
	if (d->seek) {
		if (d->place.sn != w.s.first_sn + owner ||
		    (int)(d->place.start - w.s.base) != start ||
		    d->place.len != (u32)w.s.len[owner])
			fault("a seek names the record that it is into");
		blind = begin - start >= w.s.header;
		if (d->tag && !w.tag[owner])
			fault("a tag that a seek takes along is known");
	} else {
		if (w.broken || w.place != begin) {
			if (!w.card_failed)
				fault("the card stands where the packet begins");
			return false;
		}
		blind = w.blind;
	}
	/* a host read that fails */
	if (!draw(200)) {
		if (!d->seek) {
			w.broken = true;
			w.card_failed = true;
		}
		if (d->go_on)
			w.card_failed = true;
		return false;
	}
	for (p = begin; p < end; p++) {
		if (stream_owner(&w.s, p) != owner) {
			owner = stream_owner(&w.s, p);
			blind = false;
		}
		if (!stream_in_tag(&w.s, p) || !blind)
			continue;
		if (!d->tag || owner != (int)(d->place.sn - w.s.first_sn))
			fault("a tag is computed from all of its record, or known");
	}
	/* tags of the records that the context has had from their beginning */
	owner = stream_owner(&w.s, begin);
	blind = d->seek ? begin - start >= w.s.header : w.blind;
	for (p = begin; own && p < end; p++)
		if (stream_owner(&w.s, p + 1) != owner) {
			if (!blind && draw(20))
				later((struct late){ .tag = owner });
			owner++;
			blind = false;
		}
	if (own) {
		if (blind && stream_start(&w.s, owner) != end)
			fault("the context knows the record that it goes on in");
		w.place = end;
		w.blind = false;
		w.broken = false;
	}
	return true;
}

static void lost(const struct tlsnic_tls_decision *d)
{
	if (d->write)
		w.written = false;
	if (d->go_on && w.state == TLSNIC_TLS_SYNC)
		w.state = TLSNIC_TLS_LOST;
}

/* A packet comes to the driver; true if it leaves the card. */
static bool packet(int pos, int end)
{
	struct tlsnic_tls_facts f = {
		.state = w.state, .expected = w.s.base + w.expected,
		.first_sn = w.s.first_sn + w.first, .written = w.written,
		.can_seek = true, .ask = w.ask,
	};
	struct tlsnic_tls_decision d;
	bool left = true;
	int i;

	stream_look(&w.s, pos, end, w.una > 0 || !draw(2) ? w.una : w.una - 1, &f);
	if (f.where == TLSNIC_TLS_INSIDE)
		f.tag_known = w.tag[stream_owner(&w.s, pos)];
	d = tlsnic_tls_decide(&f);
	rows[d.row]++;
	if (talk)
		printf("# %d..%d una %d: state %d expected %d: row %d front %d write %d seek %d tag %d go_on %d\n",
		       pos, end, w.una, w.state, w.expected, d.row, d.front,
		       d.write, d.seek, d.tag, d.go_on);
	w.state = d.state;
	w.expected = (int)(d.expected - w.s.base);
	w.asked |= d.ask;

	switch (d.way) {
	case TLSNIC_TLS_PASS:
		return true;
	case TLSNIC_TLS_DROP:
		if (pos >= w.una && pos >= 0)
			fault("what is not acknowledged is not dropped");
		return false;
	case TLSNIC_TLS_SOFTWARE:
		for (i = pos; i < end; i++)
			if (stream_in_tag(&w.s, i) && !stream_in_tag(&w.s, i - 1) &&
			    i + TLSNIC_TLS_TAG_LEN <= end)
				w.tag[stream_owner(&w.s, i)] = true;
		return draw(20);
	case TLSNIC_TLS_CARD:
		break;
	}
	w.written |= d.write;
	if (d.write || (d.seek && d.go_on))
		w.epoch++;
	if (!draw(20)) {	/* no memory for the packet */
		lost(&d);
		return false;
	}
	if (d.soft_front && stream_owner(&w.s, pos + (int)d.front) < 1)
		fault("software's part ends with a record");
	if (d.write || (d.seek && d.go_on))
		w.card_failed = false;
	left = card(&d, pos + (int)d.front, end);
	if (!left)
		later((struct late){ .tag = -1, .epoch = w.epoch, .moves = d.go_on });
	return left;
}

/* The packet comes from TCP: a qdisc may drop it, the wire may lose it. */
static void send(int pos, int end, bool loss)
{
	int p;

	steps++;
	if (loss && !draw(10))
		return;
	if (!packet(pos, end) || (loss && !draw(10)))
		return;
	for (p = pos < 0 ? 0 : pos; p < end; p++)
		w.arrived[p] = true;
}

static void acknowledge(void)
{
	while (w.una < w.next && (w.una < 0 || w.arrived[w.una]))
		w.una++;
}

/* The stack's next record begins where it has got to. */
static void resync(void)
{
	int owner = stream_owner(&w.s, w.next);

	w.asked = false;
	if (w.state != TLSNIC_TLS_LOST || stream_start(&w.s, owner) != w.next)
		return;
	w.state = TLSNIC_TLS_NEW;
	w.expected = w.next;
	w.first = owner;
}

static void reset(void)
{
	w.valid = false;
	w.n_late = 0;
	w.card_failed = false;
	w.written = false;
	w.epoch++;
	if (w.state == TLSNIC_TLS_SYNC)
		w.state = TLSNIC_TLS_LOST;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

static void step(int end)
{
	int len = 1 + draw(draw(3) ? 40 : 200), pos;

	switch (draw(12)) {
	case 0: case 1: case 2: case 3: case 4:
		if (w.next == end)
			break;
		pos = w.next;
		w.next = least(pos + len, end);
		send(pos, w.next, true);
		break;
	case 5: case 6: case 7:	/* again, or a clone of what is acknowledged */
		pos = w.una + (draw(10) ? 0 : -draw(30));
		if (pos < -w.s.before)
			pos = -w.s.before;
		pos += draw(3) ? 0 : draw(w.next - pos + 1);
		if (pos < w.next)
			send(pos, least(pos + len, w.next), true);
		break;
	case 8:
		acknowledge();
		break;
	case 9:
		take_late(1 + draw(4));
		break;
	case 10:
		if (w.asked && draw(2))
			resync();
		break;
	case 11:
		if (!draw(40))
			reset();
		break;
	}
}

static bool run(unsigned int seed)
{
	int i, end, tries;

	rng = seed * 2654435761u + 1;
	draw(2);
	memset(&w, 0, sizeof(w));
	wrong = NULL;
	w.s.base = draw(3) ? (u32)draw(1 << 24) << 8 : -(u32)draw(300);
	w.s.first_sn = draw(1000);
	w.s.before = draw(40);
	w.s.header = draw(2) ? TLSNIC_TLS_HEADER_12 : TLSNIC_TLS_HEADER_13;
	w.s.records = 2 + draw(STREAM_RECORDS - 2);
	for (i = 0; i < w.s.records; i++)
		w.s.len[i] = w.s.header + TLSNIC_TLS_TAG_LEN + draw(draw(4) ? 30 : 120);
	w.una = -w.s.before;
	w.state = TLSNIC_TLS_NEW;
	w.ask = !draw(4);
	end = stream_end(&w.s);

	for (i = 0; i < 2000 && w.una < end && !wrong; i++)
		step(end);
	/* no more losses on the way: it must come to its end */
	for (tries = 0; w.una < end && tries < 4000 && !wrong; tries++) {
		if (w.next < end)
			w.next = least(w.next + 50, end);
		send(w.una, least(w.una + 50, w.next), false);
		acknowledge();
		take_late(LATE);
		if (w.asked)
			resync();
	}
	if (w.una < end)
		fault("all of it arrives");
	return !wrong;
}

int main(int argc, char **argv)
{
	unsigned int seed = 1, runs = 20000, i;
	bool bad = false;

	for (i = 1; i < (unsigned int)argc; i++) {
		if (!strcmp(argv[i], "--talk"))
			talk = true;
		else if (!strcmp(argv[i], "--seed") && i + 1 < (unsigned int)argc)
			seed = strtoul(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--runs") && i + 1 < (unsigned int)argc)
			runs = strtoul(argv[++i], NULL, 0);
		else
			return fprintf(stderr, "walk_test: unknown option %s\n", argv[i]), 2;
	}
	printf("1..2\n");
	for (i = 0; i < runs && !bad; i++)
		bad = !run(seed + i);
	printf("%sok 1 - %u connections under loss, %lu packets\n", bad ? "not " : "", i, steps);
	if (bad)
		printf("# expected: %s\n# again: build/tests/driver/walk_test --seed %u --runs 1 --talk\n",
		       wrong, seed + i - 1);
	for (i = 0; i < TLSNIC_TLS_ROWS; i++)
		if (!rows[i] && i != TLSNIC_TLS_ROW_UNBOUND && i != TLSNIC_TLS_ROW_BYPASS) {
			printf("# row %u of the table never came up\n", i);
			bad = true;
		}
	printf("%sok 2 - every row of the table but those of other queues\n", bad ? "not " : "");
	return bad;
}
