// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: which way a packet of an offloaded TLS connection takes.
 *
 * A record's payload can be encrypted from anywhere on: AES-CTR starts at any
 * block. Only its tag depends on all of it. So a packet needs the tag of at most one
 * record, of the one whose payload began before it; every other record that
 * ends in it also begins in it, and the card computes those whole.
 */
#include "tlsnic_tls_decide.h"

static u32 tlsnic_tls_end(const struct tlsnic_tls_record *rec)
{
	return rec->start + rec->len;
}

bool tlsnic_tls_needs_record(const struct tlsnic_tls_facts *f)
{
	if (f->other_queue || f->seq != f->expected)
		return true;
	return f->state != TLSNIC_TLS_SYNC &&
	       !(f->state == TLSNIC_TLS_NEW && !f->written);
}

/* The card takes the packet, and stands behind it then. */
static void tlsnic_tls_proceed(struct tlsnic_tls_decision *d, u32 end)
{
	d->way = TLSNIC_TLS_CARD;
	d->go_on = true;
	d->state = TLSNIC_TLS_SYNC;
	d->expected = end;
}

/* The stream has got to @end without the card. */
static void tlsnic_tls_overtake(struct tlsnic_tls_decision *d, u32 end, bool ask)
{
	d->state = TLSNIC_TLS_LOST;
	d->expected = end;
	d->ask = ask;
}

/* A card without seeks: it is brought back by its key, where a record starts a packet. */
static void tlsnic_tls_decide_write(const struct tlsnic_tls_facts *f, u32 begin,
				    u32 end, struct tlsnic_tls_decision *d)
{
	bool mixed = f->where == TLSNIC_TLS_MIXED;

	if (!before(begin, f->expected) && begin == f->rec.start) {
		d->row = mixed ? TLSNIC_TLS_ROW_MIXED : TLSNIC_TLS_ROW_RESUME;
		d->front = begin - f->seq;
		d->write = true;
		d->place = f->rec;
		tlsnic_tls_proceed(d, end);
		return;
	}
	d->row = mixed ? TLSNIC_TLS_ROW_BYPASS : TLSNIC_TLS_ROW_FALLBACK;
	d->way = mixed ? TLSNIC_TLS_DROP : TLSNIC_TLS_SOFTWARE;
	if (!before(begin, f->expected))
		tlsnic_tls_overtake(d, end, true);
}

static void tlsnic_tls_decide_seek(const struct tlsnic_tls_facts *f, u32 begin,
				   u32 end, struct tlsnic_tls_decision *d)
{
	u32 offset = begin - f->rec.start;
	u32 rec_end = tlsnic_tls_end(&f->rec);
	/* the record's payload began before the packet: its tag is not the card's */
	bool foreign = offset >= f->header;
	bool need_tag = foreign && after(end, rec_end - TLSNIC_TLS_TAG_LEN);
	bool ahead = after(end, f->expected);
	bool asking = f->ask && !(f->state == TLSNIC_TLS_NEW &&
				  !after(begin, f->expected));
	bool advance = ahead && !asking;

	if (!need_tag || f->tag_known) {
		d->go_on = advance && !(foreign && before(end, rec_end));
		d->row = f->where == TLSNIC_TLS_MIXED ? TLSNIC_TLS_ROW_MIXED :
			 d->go_on ? TLSNIC_TLS_ROW_RESUME :
			 need_tag ? TLSNIC_TLS_ROW_TAG : TLSNIC_TLS_ROW_SEEK;
		d->way = TLSNIC_TLS_CARD;
		d->front = begin - f->seq;
		d->place = f->rec;
		d->tag = need_tag;
	} else if (advance && before(rec_end, end)) {
		d->go_on = true;
		d->row = TLSNIC_TLS_ROW_SPLICE;
		d->way = TLSNIC_TLS_CARD;
		d->front = rec_end - f->seq;
		d->soft_front = true;
		d->place = f->next;
	} else {
		d->row = TLSNIC_TLS_ROW_FALLBACK;
		d->way = TLSNIC_TLS_SOFTWARE;
	}

	if (d->way == TLSNIC_TLS_CARD) {
		d->write = !f->written;
		/* a context that is written where it goes on stands there already */
		d->seek = !(d->write && d->go_on &&
			    d->place.start == f->seq + d->front);
	}
	if (d->go_on)
		tlsnic_tls_proceed(d, end);
	else if (ahead)
		tlsnic_tls_overtake(d, end, asking);
}

/**
 * tlsnic_tls_decide - which way a packet takes
 * @f: the connection, the packet, its records
 *
 * Return: what to do with the packet, and where the connection stands if it
 * is done. A packet that does not reach the card although the decision moved the
 * card's place leaves the connection LOST.
 */
struct tlsnic_tls_decision tlsnic_tls_decide(const struct tlsnic_tls_facts *f)
{
	struct tlsnic_tls_decision d = {
		.state = f->state,
		.expected = f->expected,
	};
	bool bound = !f->other_queue && f->state != TLSNIC_TLS_SOFT;
	u32 end = f->seq + f->len;

	if (likely(bound && f->seq == f->expected)) {
		if (likely(f->state == TLSNIC_TLS_SYNC)) {
			d.row = TLSNIC_TLS_ROW_NEXT;
			tlsnic_tls_proceed(&d, end);
			return d;
		}
		if (f->state == TLSNIC_TLS_NEW && !f->written) {
			d.row = TLSNIC_TLS_ROW_FIRST;
			d.write = true;
			d.place.sn = f->first_sn;
			d.place.start = f->seq;
			tlsnic_tls_proceed(&d, end);
			return d;
		}
	}

	if (f->where == TLSNIC_TLS_GONE) {
		d.row = TLSNIC_TLS_ROW_ACKED;
		d.way = TLSNIC_TLS_DROP;
	} else if (f->where == TLSNIC_TLS_BEFORE) {
		d.row = TLSNIC_TLS_ROW_SKIP;
		d.way = TLSNIC_TLS_PASS;
	} else if (!bound) {
		if (f->where == TLSNIC_TLS_MIXED) {
			d.row = TLSNIC_TLS_ROW_BYPASS;
			d.way = TLSNIC_TLS_DROP;
		} else {
			d.row = TLSNIC_TLS_ROW_UNBOUND;
			d.way = TLSNIC_TLS_SOFTWARE;
		}
	} else {
		/* where the card's part can begin at the earliest */
		u32 begin = f->where == TLSNIC_TLS_MIXED ? f->rec.start : f->seq;

		if (f->can_seek)
			tlsnic_tls_decide_seek(f, begin, end, &d);
		else
			tlsnic_tls_decide_write(f, begin, end, &d);
	}
	return d;
}
