// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "../common/be64.h"
#include "conn.h"
#include "ref.h"
#include "rng.h"

static uint32_t content_len(uint64_t mix, uint32_t most, struct rng *r)
{
	static const uint32_t edges[] = { 0, 1, 15, 16, 17, 64, 1024 };
	const uint32_t over[] = { 16385, 20000, 32755, 40000, most, most - 1 };

	switch (mix) {
	case MIX_SMALL: return rng_below(r, 81);
	case MIX_EDGES: return edges[rng_below(r, 7)];
	case MIX_FULL: return 16384;
	case MIX_WEB: return rng_below(r, 4) ? rng_below(r, 400) : rng_below(r, 4097);
	case MIX_EMPTY: return 0;
	case MIX_OVER: return over[rng_below(r, 6)];
	case MIX_BLOCKS: return rng_range(r, 16, 64);
	case MIX_1K: return 1024;
	case MIX_TINY: return rng_below(r, 4);
	default: break;
	}
	switch (rng_below(r, 8)) {
	case 0: return rng_below(r, 2);
	case 1: return rng_below(r, 16385);
	case 2: return 16 * rng_below(r, 10) + rng_below(r, 3);
	case 3: return rng_below(r, 3000);
	default: return rng_below(r, 200);
	}
}

static bool is_12(const struct step *open)
{
	return open->a[A_TLS] != TLSNIC_TLS_1_3;
}

struct conn_record conn_layout(const struct step *open, uint64_t k)
{
	struct rng r = rng_seed(open->a[A_SEED] * 1000003 + k);
	struct conn_record c = { 0 };

	c.content = content_len(open->a[A_MIX], 65535 - REF_TAG - (is_12(open) ? REF_NONCE : 1), &r);
	c.type = 20 + rng_below(&r, 5);
	c.header = REF_HEADER + (is_12(open) ? REF_NONCE : 0);
	c.body = c.content + (is_12(open) ? 0 : 1);
	c.whole = c.header + c.body + REF_TAG;
	return c;
}

void conn_open(struct conn *c, const struct step *open, uint32_t number)
{
	struct rng r = rng_seed(open->a[A_SEED] ^ 0x5eed);

	c->open = *open;
	c->number = number;
	c->ctx = open->a[A_CTX];
	c->queue = open->a[A_Q] % PLAN_QUEUES;
	c->at = c->hw = c->len = 0;
	c->records = 0;
	ref_key_free(c->key);
	c->key = NULL;
	c->sealed_record = 0;
	memset(&c->s, 0, sizeof(c->s));
	c->s.version = is_12(open) ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3;
	c->s.cipher = open->a[A_AES] == TLSNIC_CIPHER_AES_GCM_256 ? TLSNIC_CIPHER_AES_GCM_256 : TLSNIC_CIPHER_AES_GCM_128;
	c->s.key_len = c->s.cipher == TLSNIC_CIPHER_AES_GCM_256 ? 32 : 16;
	rng_bytes(&r, c->s.key, c->s.key_len);
	rng_bytes(&r, c->s.salt, 4);
	put64(c->s.iv, open->a[A_IV]);
	c->s.seq_no = open->a[A_SN];
}

void conn_free(struct conn *c)
{
	ref_key_free(c->key);
	free(c->sealed);
	free(c->down);
	free(c->starts);
	memset(c, 0, sizeof(*c));
}

/* Bends the header of a record. */
static void spoil(uint8_t *h, uint64_t how, bool old)
{
	switch (how) {
	case WRONG_MAJOR: h[1] ^= 1; break;
	case WRONG_MINOR: h[2] ^= 2; break;
	case WRONG_SHORT: h[3] = 0; h[4] = 7; break;
	case WRONG_EMPTY: h[3] = 0; h[4] = old ? 23 : 16; break;
	default:
		if (how >= WRONG_NONCE_0 && how <= WRONG_NONCE_7 && old)
			h[5 + how - WRONG_NONCE_0] ^= 0x10;
	}
}

static void add_record(struct conn *c)
{
	struct conn_record l = conn_layout(&c->open, c->records);
	struct rng r = rng_seed(c->open.a[A_SEED] * 7919 + c->records);
	uint32_t field = l.whole - REF_HEADER;
	uint8_t *h;

	if (c->len + l.whole > c->room) {
		c->room = 2 * c->room + l.whole;
		c->down = realloc(c->down, c->room);
	}
	if (c->records == c->starts_room) {
		c->starts_room = 2 * c->starts_room + 16;
		c->starts = realloc(c->starts, c->starts_room * sizeof(*c->starts));
	}
	if (!c->down || !c->starts)
		abort();
	h = c->down + c->len;
	h[0] = is_12(&c->open) ? l.type : 23;
	/* the card takes what type it gets */
	if (!is_12(&c->open) && l.type == 24)
		h[0] = 22;
	h[1] = h[2] = 3;
	h[3] = field >> 8;
	h[4] = field;
	if (is_12(&c->open))
		put64(h + REF_HEADER, c->open.a[A_IV] + c->records);
	rng_bytes(&r, h + l.header, l.content);
	if (!is_12(&c->open))
		h[l.header + l.content] = l.type;
	/* the placeholder may hold anything */
	memset(h + l.header + l.body, rng_below(&r, 256), REF_TAG);
	if (c->open.a[A_WRONG] && c->records + 1 == c->open.a[A_AT])
		spoil(h, c->open.a[A_WRONG], is_12(&c->open));
	c->starts[c->records++] = c->len;
	c->len += l.whole;
}

void conn_need(struct conn *c, uint32_t len)
{
	while (c->len < len)
		add_record(c);
}

uint64_t conn_boundary(struct conn *c, uint32_t at, uint32_t *start)
{
	conn_need(c, at + 1);
	for (uint64_t k = c->records; k--;)
		if (c->starts[k] < at) {
			if (k + 1 == c->records)
				add_record(c);
			*start = c->starts[k + 1];
			return k + 1;
		}
	*start = 0;
	return 0;
}

uint64_t conn_record_at(struct conn *c, uint32_t at, uint32_t *start)
{
	uint64_t low = 0, high;

	conn_need(c, at + 1);
	for (high = c->records; high - low > 1;) {
		uint64_t mid = (low + high) / 2;

		if (c->starts[mid] <= at)
			low = mid;
		else
			high = mid;
	}
	*start = c->starts[low];
	return low;
}

static const uint8_t *seal(struct conn *c, uint64_t k)
{
	struct conn_record l = conn_layout(&c->open, k);
	const uint8_t *h = c->down + c->starts[k];
	/* of a header that is spoiled, too: the card does not see it when it seeks behind it */
	const uint8_t version[3] = { h[0], 3, 3 };
	uint8_t nonce[12], aad[13];
	uint64_t sn = c->s.seq_no + k;

	if (c->sealed_record == k + 1)
		return c->sealed;
	if (!c->key)
		c->key = ref_key_new(c->s.key, c->s.key_len);
	c->sealed = realloc(c->sealed, l.whole);
	if (!c->sealed || !c->key)
		abort();
	memcpy(c->sealed, h, l.header);
	memcpy(nonce, c->s.salt, 4);
	if (is_12(&c->open)) {
		put64(nonce + 4, c->open.a[A_IV] + k);
		put64(aad, sn);
		memcpy(aad + 8, version, 3);
		aad[11] = l.body >> 8;
		aad[12] = l.body;
	} else {
		put64(nonce + 4, c->open.a[A_IV] ^ sn);
		memcpy(aad, version, 3);
		aad[3] = (l.whole - REF_HEADER) >> 8;
		aad[4] = l.whole - REF_HEADER;
	}
	if (ref_seal(c->key, REF_OPENSSL, nonce, aad, is_12(&c->open) ? 13 : 5, h + l.header, l.body, c->sealed + l.header))
		abort();
	c->sealed_record = k + 1;
	return c->sealed;
}

void conn_wire(struct conn *c, uint32_t from, uint32_t len, uint8_t *out)
{
	while (len) {
		uint32_t start, n;
		uint64_t k = conn_record_at(c, from, &start);
		uint32_t left = start + conn_layout(&c->open, k).whole - from;

		n = len < left ? len : left;
		memcpy(out, seal(c, k) + (from - start), n);
		out += n;
		from += n;
		len -= n;
	}
}

void conn_tag(struct conn *c, uint64_t record, uint8_t tag[16])
{
	struct conn_record l = conn_layout(&c->open, record);

	memcpy(tag, seal(c, record) + l.header + l.body, REF_TAG);
}

void conn_packet(struct conn *c, uint32_t from, uint32_t len, bool whole, struct packet *p)
{
	conn_need(c, from + len);
	memset(p, 0, offsetof(struct packet, bytes));
	p->ipv6 = c->open.a[A_IP6];
	p->proto = PACKET_TCP;
	p->ip_options = p->ipv6 ? 0 : c->open.a[A_IPOPT] % 11;
	p->tcp_options = c->open.a[A_TCPOPT] % 11;
	memcpy(p->src, "\x0a\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16);
	memcpy(p->dst, "\x0a\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f", 16);
	p->sport = 1024 + c->number;
	p->dport = 443;
	p->seq = (uint32_t)c->open.a[A_SEQ] + from;
	p->payload = c->down + from;
	p->payload_len = len;
	p->pseudo_only = !whole;
	packet_build(p);
}

void frame_mark(uint8_t *frame, uint8_t from, uint32_t id)
{
	frame[6] = 2;
	frame[7] = from;
	for (int i = 0; i < 4; i++)
		frame[8 + i] = id >> (24 - 8 * i);
}

bool frame_told(const uint8_t *frame, uint32_t len, uint8_t *from, uint32_t *id)
{
	if (len < 12 || frame[6] != 2)
		return false;
	*from = frame[7];
	*id = (uint32_t)frame[8] << 24 | frame[9] << 16 | frame[10] << 8 | frame[11];
	return true;
}
