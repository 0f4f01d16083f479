// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "../common/be64.h"
#include "../sim/packet.h"
#include "model.h"

#define CLASS_PACKET	0	/* of COVER_STATUS */
#define CLASS_TLS	1
#define CLASS_WRITE	2
#define CLASS_DELETE	3

#define MAY(status)	(1u << TLSNIC_STATUS_##status)

void model_init(struct model *m, unsigned int contexts, struct cover *cover)
{
	memset(m, 0, sizeof(*m));
	m->contexts = contexts;
	m->cover = cover;
	m->ctx = calloc(contexts, sizeof(*m->ctx));
	if (!m->ctx)
		abort();
	for (int q = 0; q < TLSNIC_MAX_QUEUES; q++)
		m->before[q].kind = ~0u;
}

static void forget(struct mctx *c)
{
	ref_key_free(c->key);
	free(c->plain);
	free(c->stream);
	memset(c, 0, sizeof(*c));
}

void model_reset(struct model *m)
{
	for (unsigned int i = 0; i < m->contexts; i++)
		forget(&m->ctx[i]);
}

void model_free(struct model *m)
{
	model_reset(m);
	free(m->ctx);
}

void model_stat(struct model *m, unsigned int stat, uint64_t n, bool certain)
{
	m->most[stat] += n;
	if (certain)
		m->least[stat] += n;
}

// ---- records ----------------------------------------------------------------

static bool old(const struct mctx *c)
{
	return c->version == TLSNIC_TLS_1_2;
}

static unsigned int header_len(const struct mctx *c)
{
	return REF_HEADER + (old(c) ? REF_NONCE : 0);
}

/* Takes the next header byte; false: this is not a header of ours. */
static bool header_byte(struct mctx *c, uint8_t b)
{
	unsigned int i = c->pos, field;
	uint8_t nonce[8];

	c->hdr[i] = b;
	c->pos++;
	if (i == 1 || i == 2)
		return b == 3;
	if (i == 4) {
		field = c->hdr[3] << 8 | b;
		c->body = field - REF_TAG - (old(c) ? REF_NONCE : 0);
		/* TLS 1.3: the type at least */
		return field >= REF_TAG + (old(c) ? REF_NONCE : 1);
	}
	if (i > 4) {
		put64(nonce, c->iv);
		return b == nonce[i - REF_HEADER];
	}
	return true;
}

static int seal(struct model *m, struct mctx *c, enum ref_driver driver, const uint8_t *in, uint8_t *out)
{
	uint8_t nonce[12], aad[13];
	unsigned int aad_len;

	memcpy(nonce, c->salt, 4);
	if (old(c)) {
		uint32_t content = c->body;

		put64(nonce + 4, c->iv);
		put64(aad, c->sn);
		memcpy(aad + 8, c->hdr, 3);
		aad[11] = content >> 8;
		aad[12] = content;
		aad_len = 13;
	} else {
		put64(nonce + 4, c->iv ^ c->sn);
		memcpy(aad, c->hdr, 5);
		aad_len = 5;
	}
	if (!ref_seal(c->key, driver, nonce, aad, aad_len, in, c->body, out))
		return 0;
	snprintf(m->error, sizeof(m->error), "the reference (%s) fails to seal %u bytes", ref_names[driver], c->body);
	return -1;
}

/* The header is whole: the keystream of the record, from one driver. */
static void begin_body(struct model *m, struct mctx *c)
{
	free(c->plain);
	free(c->stream);
	c->plain = malloc(c->body + REF_TAG);
	c->stream = calloc(1, c->body + REF_TAG);
	if (!c->plain || !c->stream)
		abort();
	seal(m, c, c->sn & 1 ? REF_OPENSSL : REF_AESNI_MB, c->stream, c->stream);
	c->phase = PHASE_BODY;
	c->pos = 0;
}

/* All plaintext is here: the tag, from the other driver, whose ciphertext must be the same. */
static void begin_tag(struct model *m, struct mctx *c)
{
	uint8_t *out = malloc(c->body + REF_TAG);

	if (!out)
		abort();
	seal(m, c, c->sn & 1 ? REF_AESNI_MB : REF_OPENSSL, c->plain, out);
	for (uint32_t k = 0; k < c->body; k++)
		if (out[k] != (c->plain[k] ^ c->stream[k]) && !m->error[0])
			snprintf(m->error, sizeof(m->error), "the references differ in byte %u of %u", k, c->body);
	memcpy(c->tag, out + c->body, REF_TAG);
	free(out);
	c->phase = PHASE_TAG;
	c->pos = 0;
}

static unsigned int trailing_ff(uint64_t v)
{
	unsigned int n = 0;

	for (; n < 8 && (v & 0xff) == 0xff; v >>= 8)
		n++;
	return n;
}

static void sample_record(struct model *m, const struct mctx *c)
{
	static const uint32_t limits[] = { 1, 2, 16, 17, 64, 65, 1024, 1025, 16384, 16385, 32768 };
	uint32_t content = c->body - (old(c) ? 0 : 1);
	unsigned int class = cover_class(content, limits, 11), n = trailing_ff(c->sn);

	if (content == 65535 - REF_TAG - (old(c) ? REF_NONCE : 1))
		class = 12;
	cover_hit(m->cover, COVER_SIZE, !old(c), c->cipher - 1, class);
	for (unsigned int k = 1; k <= n; k++)
		cover_hit(m->cover, COVER_CARRY, old(c) ? 0 : 2, k - 1);
	n = old(c) ? trailing_ff(c->iv) : 0;
	for (unsigned int k = 1; k <= n; k++)
		cover_hit(m->cover, COVER_CARRY, 1, k - 1);
}

static void sample_header(struct model *m, struct mctx *c)
{
	if (c->last_type >= 0)
		cover_hit(m->cover, COVER_TYPE, !old(c), c->hdr[0] != c->last_type, c->hdr_cut);
	c->last_type = c->hdr[0];
}

static void end_record(struct model *m, struct mctx *c)
{
	sample_record(m, c);
	c->sn++;
	if (old(c))
		c->iv++;
	c->phase = PHASE_HEADER;
	c->pos = 0;
	c->hdr_cut = false;
}

/*
 * Walks len bytes of the stream, which become what the wire must carry. Returns how many were walked: fewer than
 * len if a header is malformed. ends: records completed. at: where in the packet the bytes are.
 */
static uint32_t walk(struct model *m, struct mctx *c, uint8_t *b, uint32_t len, uint32_t at, unsigned int *ends)
{
	for (uint32_t k = 0; k < len;) {
		uint32_t left = len - k, n;

		switch (c->phase) {
		case PHASE_HEADER:
			if (!c->pos)
				cover_hit(m->cover, COVER_ALIGN, (at + k) % 64);
			else if (!k)
				c->hdr_cut = true;
			if (!header_byte(c, b[k]))
				return k;
			k++;
			if (c->pos < header_len(c))
				break;
			sample_header(m, c);
			begin_body(m, c);
			if (!c->body)
				begin_tag(m, c);
			break;
		case PHASE_BODY:
			n = c->body - c->pos < left ? c->body - c->pos : left;
			memcpy(c->plain + c->pos, b + k, n);
			for (uint32_t i = 0; i < n; i++)
				b[k + i] ^= c->stream[c->pos + i];
			c->pos += n;
			k += n;
			if (c->pos == c->body)
				begin_tag(m, c);
			break;
		case PHASE_TAG:
			n = REF_TAG - c->pos < left ? REF_TAG - c->pos : left;
			memcpy(b + k, c->tag + c->pos, n);
			c->pos += n;
			k += n;
			if (c->pos == REF_TAG) {
				end_record(m, c);
				++*ends;
			}
			break;
		}
	}
	return len;
}

/* Whether the headers in the next len bytes are all right; nothing moves. */
static bool well_formed(const struct mctx *c, const uint8_t *b, uint32_t len)
{
	struct mctx t = *c;

	for (uint32_t k = 0; k < len;) {
		uint32_t left = len - k, n;

		if (t.phase == PHASE_HEADER) {
			if (!header_byte(&t, b[k++]))
				return false;
			if (t.pos == header_len(&t)) {
				t.phase = PHASE_BODY;
				t.pos = 0;
			}
			continue;
		}
		n = (t.phase == PHASE_BODY ? t.body : REF_TAG) - t.pos;
		n = n < left ? n : left;
		t.pos += n;
		k += n;
		if (t.phase == PHASE_BODY && t.pos == t.body) {
			t.phase = PHASE_TAG;
			t.pos = 0;
		} else if (t.phase == PHASE_TAG && t.pos == REF_TAG) {
			t.phase = PHASE_HEADER;
			t.pos = 0;
			t.sn++;
			t.iv += old(&t);
		}
	}
	return true;
}

// ---- coverage of a packet's stream bytes ---------------------------------------

/* Where in a record it stands: a place of COVER_CUT. */
static unsigned int place(const struct mctx *c)
{
	switch (c->phase) {
	case PHASE_HEADER:
		return c->pos < REF_HEADER ? CUT_HEADER + c->pos : CUT_NONCE + c->pos - REF_HEADER;
	case PHASE_BODY:
		return !c->pos ? CUT_BODY : c->pos % 16 ? CUT_BODY + c->pos % 16 : CUT_BLOCK;
	default:
		return CUT_TAG + c->pos;
	}
}

/* header, nonce, block, tag */
static unsigned int part(const struct mctx *c)
{
	return c->phase == PHASE_BODY ? 2 : c->phase == PHASE_TAG ? 3 : c->pos >= REF_HEADER;
}

static void sample_wrong(struct model *m, const struct mctx *c)
{
	unsigned int byte = c->pos - 1;
	unsigned int what = byte < 3 ? byte - 1 : byte == 4 ? 2 : byte == 5 ? 3 : byte == 12 ? 5 : 4;

	cover_hit(m->cover, COVER_RECORD_WRONG, !old(c), what, c->hdr_cut);
}

static uint32_t walk_packet(struct model *m, struct mctx *c, uint8_t *b, uint32_t len, uint32_t at, unsigned int *ends)
{
	unsigned int before = part(c), was = place(c);
	uint32_t first = -c->seq, walked = 0;
	bool wraps = c->seq && first < len;

	/* in two pieces when the sequence number wraps inside: to see in what */
	if (wraps) {
		walked = walk(m, c, b, first, at, ends);
		if (walked == first) {
			static const unsigned int where[] = { 0, 0, 1, 2 };

			cover_hit(m->cover, COVER_SEQ_WRAP, !old(c), where[part(c)]);
		}
	}
	if (!wraps || walked == first)
		walked += walk(m, c, b + walked, len - walked, at + walked, ends);
	if (walked < len) {
		sample_wrong(m, c);
		return walked;
	}
	if (c->seq && first == len)
		cover_hit(m->cover, COVER_SEQ_WRAP, !old(c), 3);
	if (len) {
		cover_hit(m->cover, COVER_CUT, !old(c), c->cipher - 1, place(c));
		if (!*ends && was && was != CUT_TAG && before == part(c))
			cover_hit(m->cover, COVER_TWICE, !old(c), before);
	}
	cover_hit(m->cover, COVER_RECORDS, !old(c), cover_few(*ends));
	return walked;
}

// ---- items --------------------------------------------------------------------

static struct mctx *context(struct model *m, uint32_t ctx)
{
	return ctx < m->contexts ? &m->ctx[ctx] : NULL;
}

static unsigned int allowed_tls(struct model *m, const struct item *i)
{
	struct mctx *c = context(m, i->d.ctx);
	unsigned int may;

	if (!c || (!c->valid && !c->unknown))
		return MAY(TLS_CTX);
	if (c->unknown)
		return MAY(OK) | MAY(TLS_CTX) | MAY(TLS_SEQ) | MAY(TLS_RECORD) | MAY(TLS_BROKEN);
	if (c->broken)
		return MAY(TLS_BROKEN);
	if (i->d.seq != c->seq)
		may = MAY(TLS_SEQ);
	else if (!well_formed(c, i->data + i->d.stream_offset, i->len - i->d.stream_offset))
		may = MAY(TLS_RECORD);
	else
		may = MAY(OK);
	return c->maybe_broken ? may | MAY(TLS_BROKEN) : may;
}

static bool context_ok(struct model *m, const struct item *i)
{
	if (i->x.ctx >= m->contexts)
		return false;
	return i->kind == ITEM_DELETE ||
	       ((i->x.cipher == TLSNIC_CIPHER_AES_GCM_128 || i->x.cipher == TLSNIC_CIPHER_AES_GCM_256) &&
		(i->x.version == TLSNIC_TLS_1_2 || i->x.version == TLSNIC_TLS_1_3));
}

unsigned int model_allowed(struct model *m, const struct item *i)
{
	if (i->kind == ITEM_HALT)
		return 0;
	if (i->desc_bad)
		return MAY(DESC);
	if (i->kind != ITEM_PACKET)
		return context_ok(m, i) ? MAY(OK) : MAY(TLS_CTX);
	if (i->read_failed)
		return MAY(DMA);
	return i->d.flags & TLSNIC_TXF_TLS ? allowed_tls(m, i) : MAY(OK);
}

static void apply_context(struct model *m, const struct item *i, bool certain)
{
	struct mctx *c = &m->ctx[i->x.ctx];
	unsigned int state;

	state = !c->valid ? 0 : c->broken ? 6 : !c->used ? 1 : c->phase == PHASE_BODY ? 4 : c->phase == PHASE_TAG ? 5 : c->pos ? 3 : 2;
	cover_hit(m->cover, COVER_STATE, i->kind == ITEM_DELETE, state);
	forget(c);
	model_stat(m, i->kind == ITEM_DELETE ? TLSNIC_STAT_TLS_CTX_DELETES : TLSNIC_STAT_TLS_CTX_WRITES, 1, certain);
	if (i->kind == ITEM_DELETE)
		return;
	c->valid = true;
	c->version = i->x.version;
	c->cipher = i->x.cipher;
	memcpy(c->salt, i->x.salt, 4);
	c->iv = get64(i->x.iv);
	c->sn = get64(i->x.rec_sn);
	c->seq = i->x.seq;
	c->last_type = -1;
	c->key = ref_key_new(i->key, c->cipher == TLSNIC_CIPHER_AES_GCM_256 ? 32 : 16);
	if (!c->key)
		snprintf(m->error, sizeof(m->error), "the reference has no room for a key");
}

static void sample_neighbour(struct model *m, const struct item *i)
{
	unsigned int kind = m->before[i->queue].kind, what;
	bool same = m->before[i->queue].ctx == i->d.ctx;

	switch (kind) {
	case CLASS_TLS: what = !same; break;
	case CLASS_PACKET: what = 2; break;
	case CLASS_WRITE: what = 4 - same; break;
	case CLASS_DELETE: what = 5; break;
	default: return;
	}
	cover_hit(m->cover, COVER_NEIGHBOUR, what, !m->before[i->queue].small);
}

/* What a status of a TLS packet does to its context, and the bytes. */
static void apply_tls(struct model *m, const struct item *i, unsigned int status, bool certain, uint8_t *frame)
{
	struct mctx *c = context(m, i->d.ctx);
	uint32_t at = i->d.stream_offset, len = i->len - at;
	unsigned int ends = 0;

	switch (status) {
	case TLSNIC_STATUS_OK:
		sample_neighbour(m, i);
		c->maybe_broken = false;
		walk_packet(m, c, frame + at, len, at, &ends);
		c->seq += len;
		c->used |= len != 0;
		model_stat(m, TLSNIC_STAT_TLS_PACKETS, 1, certain);
		model_stat(m, TLSNIC_STAT_TLS_BYTES, len, certain);
		model_stat(m, TLSNIC_STAT_TLS_RECORDS, ends, certain);
		break;
	case TLSNIC_STATUS_DMA:
		/* how far it was walked is not the contract's affair */
		if (c && c->valid && !c->broken && c->seq == i->d.seq && len)
			c->maybe_broken = true;
		break;
	case TLSNIC_STATUS_TLS_CTX: model_stat(m, TLSNIC_STAT_TLS_DROP_CTX, 1, certain); break;
	case TLSNIC_STATUS_TLS_SEQ: model_stat(m, TLSNIC_STAT_TLS_DROP_SEQ, 1, certain); break;
	case TLSNIC_STATUS_TLS_RECORD:
		walk_packet(m, c, frame + at, len, at, &ends);
		c->broken = true;
		model_stat(m, TLSNIC_STAT_TLS_DROP_RECORD, 1, certain);
		break;
	case TLSNIC_STATUS_TLS_BROKEN:
		if (c)
			c->broken = true;
		model_stat(m, TLSNIC_STAT_TLS_DROP_BROKEN, 1, certain);
		break;
	}
}

static void insert_sum(struct model *m, const struct item *i, uint8_t *frame)
{
	unsigned int start = i->d.csum_start, field = start + i->d.csum_offset, len = i->len - start, kind = 2;
	uint32_t sum = 0xffff & ~packet_sum(frame + start, len, 0);
	bool zero = !sum && i->d.csum_offset == 6;

	/* UDP: 0 would mean that there is none (RFC 768) */
	if (zero)
		sum = 0xffff;
	frame[field] = sum >> 8;
	frame[field + 1] = sum;
	if (i->d.csum_offset == 16 && i->len >= 54)
		kind = 0;
	else if (i->d.csum_offset == 6 && i->len >= 42)
		kind = 1;
	if (kind < 2 && start % 2)
		kind = 2;
	cover_hit(m->cover, COVER_CSUM, kind, start % 2, len % 2, zero && kind == 1);
	cover_hit(m->cover, COVER_CSUM_END, !!(i->d.flags & TLSNIC_TXF_TLS), i->len % 64);
}

static void sample_packet(struct model *m, const struct item *i)
{
	static const uint32_t segs[] = { 2, 3, 8, 16, 32 }, lens[] = { 2, 16, 17, 64, 65, 512, 2048 };
	bool tls = i->d.flags & TLSNIC_TXF_TLS;
	unsigned int type = i->data[12] << 8 | i->data[13];

	cover_hit(m->cover, COVER_PACKET, tls, type == 0x0800 ? 0 : type == 0x86dd ? 1 : 2, !!(i->d.flags & TLSNIC_TXF_VLAN),
		  !!(i->d.flags & TLSNIC_TXF_CSUM));
	cover_hit(m->cover, COVER_LENGTH, tls, cover_length(i->len));
	cover_hit(m->cover, COVER_SEGS, tls, cover_class(i->nsegs, segs, 5));
	for (unsigned int s = 0; s < i->nsegs; s++) {
		uint64_t a = i->seg[s].addr;

		cover_hit(m->cover, COVER_SEG_LEN, cover_class(i->seg[s].len, lens, 7), a / 4096 != (a + i->seg[s].len - 1) / 4096);
		cover_hit(m->cover, COVER_SEG_ALIGN, (unsigned int)(a % 64));
	}
}

/* Tag and padding, and the statistics of a frame that leaves. */
static uint32_t finish_frame(struct model *m, const struct item *i, bool certain, uint8_t *frame)
{
	static const uint32_t limits[] = { 61, 124, 252, 508, 1020, 1515 };
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
	uint32_t len = i->len;

	if (i->d.flags & TLSNIC_TXF_VLAN) {
		memmove(frame + 16, frame + 12, len - 12);
		frame[12] = 0x81;
		frame[13] = 0;
		frame[14] = i->d.vlan_tci >> 8;
		frame[15] = i->d.vlan_tci;
		len += 4;
	}
	if (len < 60) {
		memset(frame + len, 0, 60 - len);
		len = 60;
	}
	model_stat(m, TLSNIC_STAT_TX_FRAMES, 1, certain);
	model_stat(m, TLSNIC_STAT_TX_BYTES, len, certain);
	model_stat(m, TLSNIC_STAT_TX_LE_64 + cover_class(len, limits, 6), 1, certain);
	if (!memcmp(frame, all, 6))
		model_stat(m, TLSNIC_STAT_TX_BCAST, 1, certain);
	else if (frame[0] & 1)
		model_stat(m, TLSNIC_STAT_TX_MCAST, 1, certain);
	return len;
}

uint32_t model_apply(struct model *m, const struct item *i, unsigned int status, bool certain, uint8_t *frame)
{
	bool tls = i->kind == ITEM_PACKET && i->d.flags & TLSNIC_TXF_TLS;
	unsigned int class = i->kind == ITEM_WRITE ? CLASS_WRITE : i->kind == ITEM_DELETE ? CLASS_DELETE : tls ? CLASS_TLS : CLASS_PACKET;
	uint8_t flags = i->kind == ITEM_PACKET ? i->d.flags : i->x.flags;
	uint32_t len = 0;

	cover_hit(m->cover, COVER_STATUS, class, status, !!(flags & TLSNIC_TXF_COMPLETE));
	if (status == TLSNIC_STATUS_DMA)
		model_stat(m, TLSNIC_STAT_TX_DROP_DMA, 1, certain);
	if (status == TLSNIC_STATUS_DESC)
		model_stat(m, TLSNIC_STAT_TX_DROP_DESC, 1, certain);
	if (i->kind != ITEM_PACKET) {
		if (status == TLSNIC_STATUS_OK)
			apply_context(m, i, certain);
		if (status == TLSNIC_STATUS_TLS_CTX)
			model_stat(m, TLSNIC_STAT_TLS_DROP_CTX, 1, certain);
	} else if (!i->desc_bad) {
		memcpy(frame, i->data, i->len);
		if (tls)
			apply_tls(m, i, status, certain, frame);
		if (status == TLSNIC_STATUS_OK) {
			sample_packet(m, i);
			if (i->d.flags & TLSNIC_TXF_CSUM)
				insert_sum(m, i, frame);
			len = finish_frame(m, i, certain, frame);
		}
	}
	m->before[i->queue].kind = class;
	m->before[i->queue].ctx = i->kind == ITEM_PACKET ? i->d.ctx : i->x.ctx;
	m->before[i->queue].small = i->kind != ITEM_PACKET || i->len <= 64;
	return len;
}

void model_doubt(struct model *m, const struct item *i)
{
	struct mctx *c = NULL;

	if (i->kind == ITEM_WRITE || i->kind == ITEM_DELETE)
		c = context(m, i->x.ctx);
	else if (i->kind == ITEM_PACKET && i->d.flags & TLSNIC_TXF_TLS)
		c = context(m, i->d.ctx);
	if (c)
		c->unknown = true;
}
