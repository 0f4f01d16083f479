// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "../common/be64.h"
#include "loss.h"

static uint32_t content_len(struct rng *r, unsigned int mix)
{
	switch (mix) {
	case 0: return rng_below(r, 65);
	case 1: return 16384;
	case 2: return rng_below(r, 2000);
	case 3: return rng_below(r, 16385);
	case 4: return rng_below(r, 8) ? rng_below(r, 600) : 16384;
	default: return rng_below(r, 4) ? rng_below(r, 3) * 1448 + rng_below(r, 40) : rng_below(r, 17);
	}
}

static uint32_t any_mss(struct rng *r)
{
	static const uint32_t sizes[] = { 88, 536, 1220, 1440, 1448, 1448, 1460, 8948 };

	return rng_below(r, 3) ? sizes[rng_below(r, 8)] : rng_range(r, 88, rng_below(r, 3) ? 1500 : 8948);
}

static void add_record(struct loss *l, struct loss_conn *c, uint32_t content, uint32_t *room)
{
	bool old = c->s.version == TLSNIC_TLS_1_2;
	struct loss_record *t;
	uint32_t whole = ref_record_len(&c->s, content);
	static uint8_t bytes[16384];

	c->rec = realloc(c->rec, (c->records + 1) * sizeof(*c->rec));
	while (c->len + whole > *room) {
		*room = 2 * *room + 65536;
		c->down = realloc(c->down, *room);
		c->wire = realloc(c->wire, *room);
	}
	if (!c->rec || !c->down || !c->wire)
		abort();
	t = &c->rec[c->records];
	*t = (struct loss_record){ .start = c->len, .len = whole, .header = REF_HEADER + (old ? REF_NONCE : 0) };
	t->body = whole - t->header - REF_TAG;
	rng_bytes(&l->rng, bytes, content);
	if (ref_record(c->key, REF_OPENSSL, &c->s, c->s.seq_no + c->records, 20 + rng_below(&l->rng, 4), bytes, content,
		       c->down + c->len, c->wire + c->len) != (int)whole)
		loss_fail(l, "the reference does not seal a record of %u bytes", content);
	c->records++;
	c->len += whole;
}

void loss_conn_init(struct loss *l, struct loss_conn *c, unsigned int number)
{
	struct rng *r = &l->rng;
	unsigned int mix = rng_below(r, 6);
	uint32_t room = 0, most;

	memset(c, 0, sizeof(*c));
	c->number = number;
	c->queue = rng_below(r, l->queues);
	c->ctx = rng_below(r, l->nic->contexts / LOSS_CONNS) * LOSS_CONNS + number;
	c->flow = (struct tcp_flow){ .ipv6 = rng_below(r, 2), .ip_options = rng_below(r, 4) ? 0 : rng_below(r, 11),
				     .tcp_options = rng_below(r, 4) ? 3 : rng_below(r, 11), .sport = 1024 + number, .dport = 443 };
	c->mss = any_mss(r);
	c->tso = l->nic->features & TLSNIC_FEAT_TSO && rng_below(r, 2);
	c->window = rng_range(r, 2, 12) * (c->tso ? 16384 : c->mss < 4096 ? 4096 : c->mss);
	c->s.version = rng_below(r, 2) ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3;
	c->s.cipher = rng_below(r, 2) ? TLSNIC_CIPHER_AES_GCM_128 : TLSNIC_CIPHER_AES_GCM_256;
	c->s.key_len = c->s.cipher == TLSNIC_CIPHER_AES_GCM_256 ? 32 : 16;
	rng_bytes(r, c->s.key, c->s.key_len);
	rng_bytes(r, c->s.salt, 4);
	rng_bytes(r, c->s.iv, 8);
	c->s.seq_no = rng_below(r, 3) ? rng_below(r, 1000) : rng_next(r);
	/* DPDK's form of a session has one number for the record and its explicit nonce, unless it is given */
	c->key = ref_key_new(c->s.key, c->s.key_len);
	if (!c->key) {
		loss_fail(l, "the reference has no room for a key");
		return;
	}
	/* so many frames that there is something to lose, so few that a run is short */
	most = c->mss < 400 ? 60 * c->mss : c->tso ? 200000 : 60 * (c->mss < 3000 ? c->mss : 3000);
	c->prefix = rng_below(r, 2) ? 0 : 1 + rng_below(r, 3 * c->mss);
	room = c->prefix + 1;
	c->down = malloc(room);
	c->wire = malloc(room);
	if (!c->down || !c->wire)
		abort();
	rng_bytes(r, c->down, c->prefix);
	memcpy(c->wire, c->down, c->prefix);
	c->len = c->prefix;
	while (c->len < most && !l->failed)
		add_record(l, c, content_len(r, mix), &room);
	c->seq = rng_below(r, 3) ? rng_next(r) : -rng_below(r, c->len);
	c->got = malloc(c->len);
	c->have = calloc(1, c->len + 1);
	if (!c->got || !c->have)
		abort();
	/* the connection was there before: these bytes are written, and some of them sent */
	c->written = c->prefix;
	c->nxt = c->una = c->rcv = 0;
	c->state = TLSNIC_TLS_NEW;
	c->expected = c->seq + c->prefix;
	c->first_sn = c->s.seq_no;
	c->ask = rng_below(r, 6) == 0;
}

void loss_conn_free(struct loss_conn *c)
{
	ref_key_free(c->key);
	free(c->down);
	free(c->wire);
	free(c->rec);
	free(c->got);
	free(c->have);
	memset(c, 0, sizeof(*c));
}

uint32_t loss_record_at(const struct loss_conn *c, uint32_t at)
{
	uint32_t low = 0, high = c->records;

	while (high - low > 1) {
		uint32_t mid = (low + high) / 2;

		if (c->rec[mid].start <= at)
			low = mid;
		else
			high = mid;
	}
	return low;
}

void loss_seal(struct loss *l, struct loss_conn *c, uint32_t record, enum ref_driver driver, const uint8_t *body, uint8_t *out)
{
	const struct loss_record *t = &c->rec[record];
	const uint8_t *header = c->down + t->start;
	bool old = c->s.version == TLSNIC_TLS_1_2;
	uint64_t n = c->s.seq_no + record;
	uint8_t nonce[12], aad[13];

	session_nonce(&c->s, n, nonce);
	if (old) {
		put64(aad, n);
		memcpy(aad + 8, header, 3);
		aad[11] = t->body >> 8;
		aad[12] = t->body;
	} else {
		memcpy(aad, header, REF_HEADER);
	}
	memcpy(out, header, t->header);
	if (ref_seal(c->key, driver, nonce, aad, old ? 13 : REF_HEADER, body, t->body, out + t->header))
		loss_fail(l, "the reference (%s) does not seal %u bytes", ref_names[driver], t->body);
}
