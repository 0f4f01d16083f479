// SPDX-License-Identifier: BSD-2-Clause
//
// From the card to the receiver: every frame is held against what software would have sent, then it is lost, doubled,
// late, or arrives.
#include <stdlib.h>
#include <string.h>

#include "loss.h"

#define REORDER	4	/* rounds that a frame may be late */

static void hold(struct loss *l, const void *frame, size_t len)
{
	struct loss_held *h;

	/* a queue that is full drops, as queues do */
	if (l->nheld == LOSS_HELD)
		return;
	h = &l->held[l->nheld++];
	h->len = len;
	h->due = l->round + (rng_below(&l->rng, 1000000) < l->reorder ? 1 + rng_below(&l->rng, REORDER) : 0);
	h->data = malloc(len);
	if (!h->data)
		abort();
	memcpy(h->data, frame, len);
}

static struct loss_conn *conn_of(struct loss *l, const struct tcp_packet *p)
{
	unsigned int number = p->sport - 1024u;

	return number < l->conns ? &l->conn[number] : NULL;
}

bool loss_wire(void *loss, const void *frame, size_t len)
{
	struct loss *l = loss;
	struct tcp_packet p;
	const char *wrong = tcp_parse(frame, len, &p);
	const uint8_t *got;
	struct loss_conn *c;
	uint32_t at, n;

	l->sum->frames++;
	c = wrong ? NULL : conn_of(l, &p);
	if (!c) {
		loss_fail(l, "a frame of %zu bytes on the wire: %s", len, wrong ? wrong : "it is of no connection");
		return true;
	}
	at = p.seq - c->seq;
	n = p.len - p.data;
	got = (const uint8_t *)frame + p.data;
	if (n > c->mss || at > c->len || n > c->len - at) {
		loss_fail(l, "connection %u: a frame with %u bytes at %u; the stream has %u, the mss is %u", c->number, n, at, c->len, c->mss);
		return true;
	}
	for (uint32_t i = 0; i < n; i++)
		if (got[i] != c->wire[at + i]) {
			uint32_t k = at + i < c->prefix ? 0 : loss_record_at(c, at + i);

			loss_fail(l, "connection %u: byte %u of the stream (record %u of %u bytes, byte %u of it; frame with %u bytes at %u): expected %02x, got %02x%s",
				  c->number, at + i, k, c->rec[k].len, at + i - c->rec[k].start, n, at, c->wire[at + i], got[i],
				  got[i] == c->down[at + i] ? ", which is plaintext" : "");
			return true;
		}
	if (rng_below(&l->rng, 1000000) < l->loss) {
		l->sum->lost++;
		return true;
	}
	hold(l, frame, len);
	if (rng_below(&l->rng, 1000000) < l->dup)
		hold(l, frame, len);
	return true;
}

static void receive(struct loss *l, const struct loss_held *h)
{
	struct tcp_packet p;
	struct loss_conn *c;
	uint32_t at, n;

	tcp_parse(h->data, h->len, &p);
	c = conn_of(l, &p);
	at = p.seq - c->seq;
	n = p.len - p.data;
	memcpy(c->got + at, h->data + p.data, n);
	memset(c->have + at, 1, n);
	while (c->rcv < c->len && c->have[c->rcv])
		c->rcv++;
}

void loss_arrive(struct loss *l)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < l->nheld; i++) {
		struct loss_held *h = &l->held[i];

		if (h->due > l->round) {
			l->held[kept++] = *h;
			continue;
		}
		receive(l, h);
		free(h->data);
	}
	l->nheld = kept;
}

/* A peer: decrypts each record, and computes its tag from what it has got, by a third driver of the reference. */
void loss_verify(struct loss *l, struct loss_conn *c)
{
	static uint8_t plain[20000], sealed[20000];

	for (uint32_t k = 0; k < c->records && !l->failed; k++) {
		const struct loss_record *t = &c->rec[k];
		const uint8_t *got = c->got + t->start, *sent = c->down + t->start;

		/* a keystream is the same both ways */
		loss_seal(l, c, k, REF_AESNI_GCM, got + t->header, plain);
		loss_seal(l, c, k, REF_AESNI_GCM, plain + t->header, sealed);
		if (memcmp(got, sealed, t->header) || memcmp(got + t->header + t->body, sealed + t->header + t->body, REF_TAG))
			loss_fail(l, "connection %u: record %u of %u bytes is refused by its receiver", c->number, k, t->len);
		else if (memcmp(plain + t->header, sent + t->header, t->body))
			loss_fail(l, "connection %u: record %u of %u bytes is decrypted to what was not sent", c->number, k, t->len);
	}
	if (memcmp(c->got, c->down, c->prefix))
		loss_fail(l, "connection %u: the bytes ahead of the first record are not what was sent", c->number);
}
