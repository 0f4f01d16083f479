// SPDX-License-Identifier: BSD-2-Clause
//
// What the driver does, around the driver's own decision: it looks records up, keeps tags, encrypts in software,
// and posts.
#include <string.h>

#include "../common/be64.h"
#include "loss.h"

// ---- records and tags ------------------------------------------------------------

void loss_acked(struct loss *l, struct loss_conn *c)
{
	uint32_t flying = 0;

	for (uint32_t k = 0; k < c->records; k++) {
		struct loss_record *t = &c->rec[k];

		if (t->start + t->len <= c->una && t->known) {
			t->known = false;
			c->stored--;
		}
		flying += t->start + t->len > c->una && t->start < c->written;
	}
	if (c->stored > flying)
		loss_fail(l, "connection %u: %u tags are kept for %u records that are not acknowledged", c->number, c->stored, flying);
	if (c->stored > c->most_stored)
		c->most_stored = c->stored;
}

static void store(struct loss *l, struct loss_conn *c, uint32_t record, const uint8_t tag[16])
{
	struct loss_record *t = &c->rec[record];

	if (t->start + t->len <= c->una || t->known)
		return;
	memcpy(t->tag, tag, 16);
	t->known = true;
	c->stored++;
}

void loss_tag(void *loss, unsigned int q, const struct tlsnic_cpl_tag *t)
{
	struct loss *l = loss;
	struct loss_conn *c = NULL;
	uint32_t record;

	for (unsigned int i = 0; i < l->conns; i++)
		if (l->conn[i].ctx == t->ctx)
			c = &l->conn[i];
	if (!c || q != c->queue) {
		loss_fail(l, "a tag of context %u on queue %u, which nobody has there", t->ctx, q);
		return;
	}
	record = t->rec_sn - (uint32_t)c->s.seq_no;
	if (record >= c->records) {
		loss_fail(l, "connection %u: a tag of record %u, of %u", c->number, record, c->records);
		return;
	}
	l->sum->tags++;
	if (memcmp(t->tag, c->wire + c->rec[record].start + c->rec[record].len - 16, 16))
		loss_fail(l, "connection %u: the tag of record %u (%u bytes at %u) is not what the reference has", c->number, record,
			  c->rec[record].len, c->rec[record].start);
	store(l, c, record, t->tag);
}

void loss_done(void *loss, unsigned int q, const struct nic_done *d)
{
	if (d->status)
		loss_fail(loss, "queue %u: an item of context %u has status %u", q, d->ctx, d->status);
}

void loss_written(struct loss *l, struct loss_conn *c, uint32_t record)
{
	if (!c->pending)
		return;
	/* tls_dev_resync(): this record is the next that the stack makes */
	c->pending = false;
	c->state = TLSNIC_TLS_NEW;
	c->expected = c->seq + c->rec[record].start;
	c->first_sn = c->s.seq_no + record;
	l->sum->asked++;
}

// ---- software ----------------------------------------------------------------------

/* What tls_encrypt_skb() makes of len bytes of the stream from byte at on. */
static void encrypt(struct loss *l, struct loss_conn *c, uint32_t at, uint32_t len, uint8_t *out)
{
	static uint8_t sealed[20000];

	while (len) {
		uint32_t k = loss_record_at(c, at), n;
		struct loss_record *t = &c->rec[k];

		n = t->start + t->len - at;
		n = n < len ? n : len;
		loss_seal(l, c, k, REF_AESNI_MB, c->down + t->start + t->header, sealed);
		memcpy(out, sealed + (at - t->start), n);
		/* all of it was computed */
		store(l, c, k, sealed + t->len - 16);
		at += n;
		out += n;
		len -= n;
	}
}

// ---- the decision ------------------------------------------------------------------

static struct tlsnic_tls_record record_of(const struct loss_conn *c, uint32_t k)
{
	return (struct tlsnic_tls_record){ .sn = c->s.seq_no + k, .start = c->seq + c->rec[k].start, .len = c->rec[k].len };
}

static void look_up(const struct loss_conn *c, struct tlsnic_tls_facts *f, const struct loss_packet *p)
{
	uint32_t k, end = p->at + p->len;

	if (p->at < c->prefix) {
		f->where = end <= c->prefix ? TLSNIC_TLS_BEFORE : TLSNIC_TLS_MIXED;
		k = 0;
	} else {
		k = loss_record_at(c, p->at);
		f->where = c->rec[k].start + c->rec[k].len <= c->una ? TLSNIC_TLS_GONE : TLSNIC_TLS_INSIDE;
	}
	/* the start marker goes with the first record */
	if (p->at < c->prefix && c->rec[0].start + c->rec[0].len <= c->una)
		f->where = TLSNIC_TLS_GONE;
	f->rec = record_of(c, k);
	f->tag_known = c->rec[k].known;
	if (k + 1 < c->records && c->rec[k + 1].start < end)
		f->next = record_of(c, k + 1);
}

/* Posts what was decided. False: there is no room. */
static bool post(struct loss *l, struct loss_conn *c, const struct loss_packet *p, const struct tlsnic_tls_decision *d)
{
	static uint8_t bytes[TLSNIC_TSO_MAX_LEN + 64];
	uint32_t headers, payload = p->len;
	struct tlsnic_txd_packet t = { .flags = TLSNIC_TXF_CSUM | TLSNIC_TXF_COMPLETE, .csum_offset = 16 };
	bool large = p->len > c->mss;
	struct tlsnic_txd_seek k = { 0 };
	struct tcp_packet h;
	struct rte_mbuf *m;
	unsigned int segs;
	int ret;

	headers = tcp_headers(&c->flow, c->seq + p->at, payload, p->flags, large, bytes, &h);
	memcpy(bytes + headers, c->down + p->at, p->len);
	t.csum_start = h.l4;
	if (large) {
		t.mss = c->mss;
		t.l3_start = h.l3;
	}
	if (d->way == TLSNIC_TLS_SOFTWARE)
		encrypt(l, c, p->at, p->len, bytes + headers);
	if (d->way == TLSNIC_TLS_CARD) {
		t.flags |= TLSNIC_TXF_TLS;
		t.ctx = c->ctx;
		t.seq = c->seq + p->at + d->front;
		t.stream_offset = headers + d->front;
		if (d->soft_front)
			encrypt(l, c, p->at, d->front, bytes + headers);
	}
	segs = rng_range(&l->rng, 1, 3) + (headers + p->len) / 9000;
	if (nic_tx_room(l->nic, c->queue) < segs + 3u)
		return false;
	m = env_chain(l->pool, bytes, headers + p->len, segs, NULL, NULL);
	if (!m)
		return false;
	if (d->write) {
		struct tlsnic_txd_ctx x;

		session_ctx(&c->s, c->ctx, d->place.start, d->place.sn, 0, &x);
		ret = nic_ctx_write(l->nic, c->queue, &x, c->s.key, NULL);
		if (ret < 0)
			loss_fail(l, "no room for a context");
		l->sum->contexts++;
	}
	if (d->seek) {
		const struct loss_record *r = &c->rec[d->place.sn - c->s.seq_no];

		k.rec_len = r->len - REF_HEADER;
		k.offset = c->seq + p->at + d->front - d->place.start;
		k.rec_type = c->down[r->start];
		put64(k.rec_sn, d->place.sn);
		if (d->tag) {
			k.flags |= TLSNIC_SEEK_TAG;
			memcpy(k.tag, r->tag, 16);
			if (!r->known)
				loss_fail(l, "connection %u: the decision for %u bytes at %u needs a tag that is not known", c->number,
					  p->len, p->at);
			l->sum->tags_used++;
		}
		if (d->go_on)
			k.flags |= TLSNIC_SEEK_CONTINUE;
		l->seeks++;
		l->seek_bytes += p->len - d->front;
	}
	if (d->way == TLSNIC_TLS_CARD) {
		l->tls++;
		l->tls_bytes += p->len - d->front;
	}
	/* software's packets may take any ring */
	ret = nic_tx_seek(l->nic, c->queue, d->seek ? &k : NULL, m, &t, NULL);
	if (ret < 0)
		loss_fail(l, "posting a packet of %u bytes: error %d", p->len, -ret);
	return true;
}

static void count(struct loss *l, struct loss_conn *c, const struct loss_packet *p, const struct tlsnic_tls_decision *d)
{
	struct loss_counts *s = l->sum;
	bool again = p->at < c->high, card = d->way == TLSNIC_TLS_CARD;

	s->rows[d->row]++;
	s->packets++;
	s->bytes += p->len;
	if (d->row == TLSNIC_TLS_ROW_NEXT || d->row == TLSNIC_TLS_ROW_FIRST) {
		s->sequence.packets++;
		s->sequence.bytes += p->len;
	} else if (card && d->seek && d->go_on) {
		s->go_on.packets++;
		s->go_on.bytes += p->len - d->front;
	} else if (card && d->seek && d->tag) {
		s->tag.packets++;
		s->tag.bytes += p->len - d->front;
	} else if (card && d->seek) {
		s->seek.packets++;
		s->seek.bytes += p->len - d->front;
	} else if (d->way == TLSNIC_TLS_SOFTWARE) {
		s->software.packets++;
		s->software.bytes += p->len;
	} else {
		s->other.packets++;
		s->other.bytes += p->len;
	}
	if (d->soft_front) {
		s->spliced++;
		s->software.bytes += d->front;
	}
	/* of those that are of TLS and not gone */
	if (again && p->at >= c->prefix && d->way != TLSNIC_TLS_DROP) {
		s->resent++;
		s->resent_seek += card && d->seek;
	}
}

void loss_xmit(struct loss *l, struct loss_conn *c, const struct loss_packet *p)
{
	struct tlsnic_tls_facts f = {
		.state = c->state, .expected = c->expected, .first_sn = c->first_sn, .written = c->on_card,
		.header = c->s.version == TLSNIC_TLS_1_2 ? TLSNIC_TLS_HEADER_12 : TLSNIC_TLS_HEADER_13,
		.can_seek = l->can_seek, .ask = c->ask, .seq = c->seq + p->at, .len = p->len,
		.other_queue = rng_below(&l->rng, 400) == 0,
	};
	struct tlsnic_tls_decision d;
	bool posted;

	/* left to software for good, now and then */
	if (rng_below(&l->rng, 20000) == 0)
		f.state = c->state = TLSNIC_TLS_SOFT;
	if (tlsnic_tls_needs_record(&f))
		look_up(c, &f, p);
	d = tlsnic_tls_decide(&f);
	if (l->talk)
		printf("  conn %u: %u bytes at %u (una %u, expected %d, state %d): row %d, way %d, front %u%s%s%s%s\n", c->number, p->len,
		       p->at, c->una, (int32_t)(c->expected - c->seq), f.state, d.row, d.way, d.front, d.write ? ", write" : "",
		       d.seek ? ", seek" : "", d.tag ? ", tag" : "", d.go_on ? ", go on" : "");
	count(l, c, p, &d);
	if (d.way == TLSNIC_TLS_DROP)
		return;
	/* a full ring, and what a test makes of one */
	posted = rng_below(&l->rng, 1000000) >= l->refuse && post(l, c, p, &d);
	if (p->at + p->len > c->high)
		c->high = p->at + p->len;
	if (posted) {
		c->state = d.state;
		c->expected = d.expected;
		c->on_card |= d.write;
		c->pending |= d.ask;
	} else {
		l->sum->dropped++;
		if (d.go_on || d.write || d.row == TLSNIC_TLS_ROW_NEXT || d.row == TLSNIC_TLS_ROW_FIRST)
			c->state = TLSNIC_TLS_LOST;
	}
}
