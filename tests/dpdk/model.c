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
		c->field = field;
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
}

static void enter_tag(struct model *m, struct mctx *c)
{
	if (!c->foreign)
		begin_tag(m, c);
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
	c->hdr_cut = c->foreign = c->no_tag = c->cut = c->early = false;
}

/* What walks a packet: the item, where its payload begins, and what came of it. */
struct walk {
	const struct item *i;
	uint32_t headers;	/* of a packet that is cut into frames */
	unsigned int ends;	/* records completed */
	bool failed;		/* whether the packet will leave */
	unsigned int status;	/* why it was not walked to its end */
};

static void tell_tag(struct model *m, const struct mctx *c, const struct item *i, enum model_tag_when when)
{
	struct model_tag t = { .ctx = i->d.ctx, .rec_sn = c->sn, .when = when, .was_early = c->early };

	memcpy(t.tag, c->tag, REF_TAG);
	m->tag(m->opaque, i, &t);
}

/* The packet ends in the tag, or before it: the card knows it, and that the record is cut. */
static void early_tag(struct model *m, struct mctx *c, const struct item *i)
{
	if (!m->tags || c->phase != PHASE_TAG || c->foreign || c->early || (i->seeks && !(i->k.flags & TLSNIC_SEEK_CONTINUE)))
		return;
	tell_tag(m, c, i, MODEL_TAG_EARLY);
	c->early = true;
}

/* The card has computed a whole record. at: of the byte behind it. */
static void return_tag(struct model *m, const struct mctx *c, struct walk *w, uint32_t at)
{
	bool frames = w->i->d.mss && model_frame_of(w->i, w->headers, at - 1) != c->first_frame;
	bool must = c->cut || frames || c->field >= m->tag_min;

	/* a seek that leaves the context alone completes no record of it */
	if (!m->tags || c->foreign || (w->i->seeks && !(w->i->k.flags & TLSNIC_SEEK_CONTINUE)))
		return;
	/* where a packet fails it ends as if it were cut there, and that may be ahead of the byte that could not be read */
	if (!must && !w->i->d.mss && !w->failed)
		return;
	if (w->failed) {
		if (!c->early)
			tell_tag(m, c, w->i, MODEL_TAG_EARLY);
		return;
	}
	tell_tag(m, c, w->i, must ? MODEL_TAG_MUST : MODEL_TAG_MAY);
	cover_hit(m->cover, COVER_TAG, !old(c), w->i->seeks ? 3u : c->cut ? 0u : frames ? 1u : 2u);
}

/*
 * Walks len bytes of the stream, which become what the wire must carry. Returns how many were walked: fewer than
 * len if they cannot be encrypted as they are, and w->status says why. at: where in the packet the bytes are.
 */
static uint32_t walk(struct model *m, struct mctx *c, uint8_t *b, uint32_t len, uint32_t at, struct walk *w)
{
	for (uint32_t k = 0; k < len;) {
		uint32_t left = len - k, n;

		switch (c->phase) {
		case PHASE_HEADER:
			if (!c->pos) {
				cover_hit(m->cover, COVER_ALIGN, (at + k) % 64);
				c->cut = false;
				c->first_frame = w->i->d.mss ? model_frame_of(w->i, w->headers, at + k) : 0;
			} else if (!k) {
				c->hdr_cut = true;
			}
			if (!header_byte(c, b[k])) {
				w->status = TLSNIC_STATUS_TLS_RECORD;
				return k;
			}
			k++;
			if (c->pos < header_len(c))
				break;
			sample_header(m, c);
			begin_body(m, c);
			if (!c->body)
				enter_tag(m, c);
			break;
		case PHASE_BODY:
			n = c->body - c->pos < left ? c->body - c->pos : left;
			memcpy(c->plain + c->pos, b + k, n);
			for (uint32_t i = 0; i < n; i++)
				b[k + i] ^= c->stream[c->pos + i];
			c->pos += n;
			k += n;
			if (c->pos == c->body)
				enter_tag(m, c);
			break;
		case PHASE_TAG:
			if (c->no_tag) {
				w->status = TLSNIC_STATUS_TLS_SEEK;
				return k;
			}
			n = REF_TAG - c->pos < left ? REF_TAG - c->pos : left;
			memcpy(b + k, c->tag + c->pos, n);
			c->pos += n;
			k += n;
			if (c->pos == REF_TAG) {
				return_tag(m, c, w, at + k);
				end_record(m, c);
				w->ends++;
			}
			break;
		}
	}
	return len;
}

/* How many of the next len bytes a walk would get over, and in *status why no further; nothing moves. */
static uint32_t look_ahead(struct mctx *t, const uint8_t *b, uint32_t len, unsigned int *status)
{
	*status = TLSNIC_STATUS_OK;
	for (uint32_t k = 0; k < len;) {
		uint32_t left = len - k, n;

		if (t->phase == PHASE_HEADER) {
				if (!header_byte(t, b[k])) {
				*status = TLSNIC_STATUS_TLS_RECORD;
				return k;
			}
			k++;
			if (t->pos == header_len(t)) {
				t->phase = t->body ? PHASE_BODY : PHASE_TAG;
				t->pos = 0;
			}
			continue;
		}
		if (t->phase == PHASE_TAG && t->no_tag) {
			*status = TLSNIC_STATUS_TLS_SEEK;
			return k;
		}
		n = (t->phase == PHASE_BODY ? t->body : REF_TAG) - t->pos;
		n = n < left ? n : left;
		t->pos += n;
		k += n;
		if (t->phase == PHASE_BODY && t->pos == t->body) {
			t->phase = PHASE_TAG;
			t->pos = 0;
		} else if (t->phase == PHASE_TAG && t->pos == REF_TAG) {
			t->phase = PHASE_HEADER;
			t->pos = 0;
			t->no_tag = t->foreign = false;
			t->sn++;
			t->iv += old(t);
		}
	}
	return len;
}

/* The place that a seek names, in a context of its own; false: there is none. */
static bool seek_place(const struct mctx *c, const struct tlsnic_txd_seek *k, struct mctx *t)
{
	uint32_t overhead = REF_TAG + (old(c) ? REF_NONCE : 1);
	uint64_t sn = get64(k->rec_sn);

	*t = *c;
	t->plain = t->stream = NULL;
	if (k->rec_len < overhead || k->offset >= REF_HEADER + k->rec_len)
		return false;
	if (old(c))
		t->iv += sn - c->sn;
	t->sn = sn;
	t->field = k->rec_len;
	t->body = k->rec_len - REF_TAG - (old(c) ? REF_NONCE : 0);
	t->hdr[0] = k->rec_type;
	t->hdr[1] = t->hdr[2] = 3;
	t->hdr[3] = k->rec_len >> 8;
	t->hdr[4] = k->rec_len;
	put64(t->hdr + REF_HEADER, t->iv);
	t->pos = k->offset;
	t->foreign = k->offset >= header_len(c);
	t->no_tag = t->foreign && !(k->flags & TLSNIC_SEEK_TAG);
	t->cut = k->offset != 0;
	t->last_type = -1;
	t->hdr_cut = t->early = false;
	t->first_frame = 0;
	t->phase = PHASE_HEADER;
	if (t->foreign) {
		t->pos -= header_len(c);
		t->phase = t->pos < t->body ? PHASE_BODY : PHASE_TAG;
		if (t->phase == PHASE_TAG)
			t->pos -= t->body;
		memcpy(t->tag, k->tag, REF_TAG);
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

static uint32_t walk_packet(struct model *m, struct mctx *c, uint8_t *b, uint32_t len, uint32_t at, struct walk *w)
{
	unsigned int before = part(c), was = place(c);
	uint32_t first = -w->i->d.seq, walked = 0;
	bool wraps = first && first < len && !w->failed;

	/* in two pieces when the sequence number wraps inside: to see in what */
	if (wraps) {
		walked = walk(m, c, b, first, at, w);
		if (walked == first) {
			static const unsigned int where[] = { 0, 0, 1, 2 };

			cover_hit(m->cover, COVER_SEQ_WRAP, !old(c), where[part(c)]);
		}
	}
	if (!wraps || walked == first)
		walked += walk(m, c, b + walked, len - walked, at + walked, w);
	if (walked < len) {
		if (w->status == TLSNIC_STATUS_TLS_RECORD)
			sample_wrong(m, c);
		return walked;
	}
	if (w->failed)
		return walked;
	if (first && first == len)
		cover_hit(m->cover, COVER_SEQ_WRAP, !old(c), 3);
	if (len) {
		cover_hit(m->cover, COVER_CUT, !old(c), c->cipher - 1, place(c));
		if (!w->ends && was && was != CUT_TAG && before == part(c))
			cover_hit(m->cover, COVER_TWICE, !old(c), before);
	}
	cover_hit(m->cover, COVER_RECORDS, !old(c), cover_few(w->ends));
	return walked;
}

// ---- items --------------------------------------------------------------------

static struct mctx *context(struct model *m, uint32_t ctx)
{
	return ctx < m->contexts ? &m->ctx[ctx] : NULL;
}

/* Where the packet's stream bytes go to; false: a seek that leads nowhere. */
static bool packet_place(const struct mctx *c, const struct item *i, struct mctx *t)
{
	if (i->seeks)
		return seek_place(c, &i->k, t);
	*t = *c;
	t->plain = t->stream = NULL;
	return true;
}

static unsigned int allowed_tls(struct model *m, const struct item *i)
{
	struct mctx *c = context(m, i->d.ctx), t;
	unsigned int status;

	if (!c || (!c->valid && !c->unknown))
		return MAY(TLS_CTX);
	if (c->unknown)
		return MAY(OK) | MAY(TLS_CTX) | MAY(TLS_SEQ) | MAY(TLS_RECORD) | MAY(TLS_BROKEN) | MAY(TLS_SEEK);
	if (!i->seeks && c->broken)
		return MAY(TLS_BROKEN);
	if (!i->seeks && i->d.seq != c->seq)
		return MAY(TLS_SEQ) | (c->maybe_broken ? MAY(TLS_BROKEN) : 0);
	if (!packet_place(c, i, &t))
		return MAY(TLS_SEEK);
	look_ahead(&t, i->data + i->d.stream_offset, i->len - i->d.stream_offset, &status);
	if (i->seeks && !status && i->k.flags & TLSNIC_SEEK_CONTINUE && t.foreign)
		status = TLSNIC_STATUS_TLS_SEEK;
	return 1u << status | (!i->seeks && c->maybe_broken ? MAY(TLS_BROKEN) : 0);
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
	/* of a packet that is cut into frames, the first status counts that is found */
	if (i->read_failed)
		return MAY(DMA) | (i->d.flags & TLSNIC_TXF_TLS && i->d.mss ? allowed_tls(m, i) & ~MAY(OK) : 0);
	if (i->headers_bad)
		return MAY(DESC) | (i->d.flags & TLSNIC_TXF_TLS ? allowed_tls(m, i) & ~MAY(OK) : 0);
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

/* Which of the rules a seek has broken. */
static unsigned int seek_fault(const struct mctx *c, const struct item *i, const struct walk *w)
{
	if (i->k.offset >= REF_HEADER + i->k.rec_len)
		return 0;
	if (i->k.rec_len < REF_TAG + (old(c) ? REF_NONCE : 1))
		return 1;
	return w->status ? 2 : 3;
}

/* Of a seek whose packet leaves; c: the context before it, t: where it has ended. */
static void sample_seek(struct model *m, const struct mctx *c, const struct mctx *t, const struct item *i, const struct walk *w)
{
	unsigned int header = header_len(c), off = i->k.offset, at, end, state;
	uint32_t body = i->k.rec_len + REF_HEADER - REF_TAG;
	bool go_on = i->k.flags & TLSNIC_SEEK_CONTINUE, tag = i->k.flags & TLSNIC_SEEK_TAG;
	uint64_t sn = get64(i->k.rec_sn);

	at = !off ? 0 : off < REF_HEADER ? 1 : off < header ? 2 : off >= body ? 6 : off == header ? 3 : (off - header) % 16 ? 4 : 5;
	cover_hit(m->cover, COVER_SEEK, !old(c), at, tag, go_on);
	if (!w->ends)
		end = t->phase == PHASE_TAG ? (t->pos ? 1 : 0) : t->phase == PHASE_BODY ? 0 : 5;
	else
		end = t->phase == PHASE_HEADER ? (t->pos ? 3 : 2) : 4;
	cover_hit(m->cover, COVER_SEEK_END, !old(c), end, go_on);
	state = c->broken ? 5 : !c->used ? 0 : c->phase == PHASE_BODY ? 3 : c->phase == PHASE_TAG ? 4 : c->pos ? 2 : 1;
	cover_hit(m->cover, COVER_SEEK_STATE, state, go_on);
	cover_hit(m->cover, COVER_SEEK_WAY, !old(c), sn < c->sn ? 0u : sn == c->sn ? 1u : 2u, go_on);
}

/* A copy whose bytes of the open record are its own. */
static struct mctx copy_place(const struct mctx *c)
{
	struct mctx t = *c;

	t.plain = t.stream = NULL;
	if (c->plain && c->phase != PHASE_HEADER) {
		t.plain = malloc(c->body + REF_TAG);
		t.stream = malloc(c->body + REF_TAG);
		if (!t.plain || !t.stream)
			abort();
		memcpy(t.plain, c->plain, c->body + REF_TAG);
		memcpy(t.stream, c->stream, c->body + REF_TAG);
	}
	return t;
}

/* The next packet of the stream. */
static void enter_packet(struct mctx *c)
{
	c->cut |= c->phase != PHASE_HEADER || c->pos;
	/* frames of other packets are never those of this one */
	c->first_frame = ~0u;
}

/* The place of a seek, ready to be walked from; false: there is none. */
static bool begin_seek(struct model *m, const struct mctx *c, const struct tlsnic_txd_seek *k, struct mctx *t)
{
	uint32_t pos;

	if (!seek_place(c, k, t))
		return false;
	if (t->phase != PHASE_BODY)
		return true;
	pos = t->pos;
	begin_body(m, t);
	t->pos = pos;
	return true;
}

static void drop_place(struct mctx *t)
{
	free(t->plain);
	free(t->stream);
}

/* The packet leaves, encrypted. */
static void tls_leaves(struct model *m, struct mctx *c, const struct item *i, struct walk *w, bool certain)
{
	uint32_t at = i->d.stream_offset, len = i->len - at;
	struct mctx t, *to = i->seeks ? &t : c;

	if (!i->seeks)
		enter_packet(c);
	else if (!begin_seek(m, c, &i->k, &t))
		return;
	walk_packet(m, to, m->room + at, len, at, w);
	early_tag(m, to, i);
	model_stat(m, TLSNIC_STAT_TLS_PACKETS, 1, certain);
	model_stat(m, TLSNIC_STAT_TLS_BYTES, len, certain);
	model_stat(m, TLSNIC_STAT_TLS_RECORDS, w->ends, certain);
	if (i->seeks) {
		model_stat(m, TLSNIC_STAT_TLS_SEEKS, 1, certain);
		model_stat(m, TLSNIC_STAT_TLS_SEEK_BYTES, len, certain);
		sample_seek(m, c, &t, i, w);
		if (!(i->k.flags & TLSNIC_SEEK_CONTINUE)) {
			drop_place(&t);
			return;
		}
		drop_place(c);
		*c = t;
	}
	c->seq = i->d.seq + len;
	c->used |= len != 0;
	c->broken = c->maybe_broken = false;
}

/* The packet fails, but what it has before that may be cut into frames that leave. Returns how far it is right. */
static uint32_t tls_fails(struct model *m, struct mctx *c, const struct item *i, bool right, struct walk *w)
{
	uint32_t at = i->d.stream_offset, end = i->read_failed && i->fail_at < i->len ? i->fail_at : i->len, walked;
	struct cover *cover = m->cover;
	struct mctx t;

	w->failed = true;
	if (!c || !c->valid || c->unknown || (!i->seeks && (c->broken || c->seq != i->d.seq)))
		return 0;
	if (!i->seeks) {
		t = copy_place(c);
		enter_packet(&t);
	} else if (!begin_seek(m, c, &i->k, &t)) {
		return 0;
	}
	/* in what the host has encrypted itself */
	if (end < at || (end == at && at < i->len)) {
		drop_place(&t);
		return end;
	}
	/* nothing shows that it was done right */
	if (!right)
		m->cover = NULL;
	walked = walk_packet(m, &t, m->room + at, end - at, at, w);
	m->cover = cover;
	early_tag(m, &t, i);
	drop_place(&t);
	/* one that must not go on: known with its last byte */
	if (walked == end - at && end == i->len)
		walked--;
	return at + walked;
}

/* What a status of a TLS packet does to its context, and the bytes. Returns up to where a packet that fails is right. */
static uint32_t apply_tls(struct model *m, const struct item *i, unsigned int status, bool certain)
{
	static const unsigned int drops[] = {
		[TLSNIC_STATUS_TLS_CTX] = TLSNIC_STAT_TLS_DROP_CTX, [TLSNIC_STATUS_TLS_SEQ] = TLSNIC_STAT_TLS_DROP_SEQ,
		[TLSNIC_STATUS_TLS_RECORD] = TLSNIC_STAT_TLS_DROP_RECORD, [TLSNIC_STATUS_TLS_BROKEN] = TLSNIC_STAT_TLS_DROP_BROKEN,
		[TLSNIC_STATUS_TLS_SEEK] = TLSNIC_STAT_TLS_DROP_SEEK,
	};
	struct walk w = { .i = i, .headers = i->d.mss ? model_headers(i) : 0 };
	bool go_on = i->seeks && i->k.flags & TLSNIC_SEEK_CONTINUE;
	struct mctx *c = context(m, i->d.ctx);
	uint32_t end = 0, len = i->len - i->d.stream_offset;

	if (status == TLSNIC_STATUS_OK) {
		sample_neighbour(m, i);
		tls_leaves(m, c, i, &w, certain);
		return i->len;
	}
	if (i->read_failed && i->d.mss) {
		/* which of two faults is counted is not the contract's affair */
		for (unsigned int k = TLSNIC_STATUS_TLS_CTX; k <= TLSNIC_STATUS_TLS_SEEK; k++)
			model_stat(m, drops[k], 1, false);
		model_stat(m, TLSNIC_STAT_TX_DROP_DMA, 1, false);
	} else if (status >= TLSNIC_STATUS_TLS_CTX) {
		model_stat(m, drops[status], 1, certain);
	}
	if (status == TLSNIC_STATUS_DMA || status == TLSNIC_STATUS_TLS_RECORD || status == TLSNIC_STATUS_TLS_SEEK)
		end = tls_fails(m, c, i, status == TLSNIC_STATUS_TLS_RECORD, &w);
	if (i->seeks && c && c->valid)
		cover_hit(m->cover, COVER_SEEK_REFUSED, status == TLSNIC_STATUS_DMA ? 0u : status == TLSNIC_STATUS_TLS_RECORD ? 1u :
			  2 + seek_fault(c, i, &w), go_on);
	/* a seek that fails leaves the context alone; how far else it was walked is not the contract's affair */
	if (i->seeks)
		return end;
	if (status == TLSNIC_STATUS_DMA) {
		if (c && c->valid && !c->broken && c->seq == i->d.seq && len)
			c->maybe_broken = true;
	} else if (status == TLSNIC_STATUS_TLS_RECORD || status == TLSNIC_STATUS_TLS_BROKEN) {
		if (c)
			c->broken = true;
	}
	return end;
}

static void sample_sought(struct model *m, const struct item *i, unsigned int status)
{
	bool go_on = i->seeks && i->k.flags & TLSNIC_SEEK_CONTINUE;
	unsigned int now = !i->seeks ? 0 : go_on ? 2 : 1;

	if (!status && m->sought[i->queue].seek && m->sought[i->queue].ctx == i->d.ctx)
		cover_hit(m->cover, COVER_SEEK_NEXT, m->sought[i->queue].go_on, now);
	m->sought[i->queue].seek = i->seeks && !status;
	m->sought[i->queue].go_on = go_on;
	m->sought[i->queue].ctx = i->d.ctx;
}

static void apply_packet(struct model *m, const struct item *i, unsigned int status, bool certain)
{
	bool tls = i->d.flags & TLSNIC_TXF_TLS;
	uint32_t end = i->read_failed ? i->fail_at : 0;

	if (tls)
		sample_sought(m, i, status);
	if (!i->data)
		return;
	memcpy(m->room, i->data, i->len);
	if (tls && status != TLSNIC_STATUS_DESC)
		end = apply_tls(m, i, status, certain);
	else if (tls && context(m, i->d.ctx))
		/* its headers are looked at when it was encrypted */
		context(m, i->d.ctx)->unknown = true;
	if (status == TLSNIC_STATUS_OK || (i->d.mss && !i->headers_bad && status != TLSNIC_STATUS_DESC))
		model_frames(m, i, m->room, !status, end, certain);
	if (i->d.mss && status && !i->headers_bad)
		cover_hit(m->cover, COVER_TSO_FAIL, status);
}

void model_apply(struct model *m, const struct item *i, unsigned int status, bool certain)
{
	bool tls = i->kind == ITEM_PACKET && i->d.flags & TLSNIC_TXF_TLS;
	unsigned int class = i->kind == ITEM_WRITE ? CLASS_WRITE : i->kind == ITEM_DELETE ? CLASS_DELETE : tls ? CLASS_TLS : CLASS_PACKET;
	uint8_t flags = i->kind == ITEM_PACKET ? i->d.flags : i->x.flags;

	cover_hit(m->cover, COVER_STATUS, class, status, !!(flags & TLSNIC_TXF_COMPLETE));
	if (status == TLSNIC_STATUS_DMA)
		model_stat(m, TLSNIC_STAT_TX_DROP_DMA, 1, certain && !(tls && i->d.mss));
	if (status == TLSNIC_STATUS_DESC)
		model_stat(m, TLSNIC_STAT_TX_DROP_DESC, 1, certain);
	if (i->kind != ITEM_PACKET) {
		if (status == TLSNIC_STATUS_OK)
			apply_context(m, i, certain);
		if (status == TLSNIC_STATUS_TLS_CTX)
			model_stat(m, TLSNIC_STAT_TLS_DROP_CTX, 1, certain);
	} else if (!i->desc_bad) {
		apply_packet(m, i, status, certain);
	}
	m->before[i->queue].kind = class;
	m->before[i->queue].ctx = i->kind == ITEM_PACKET ? i->d.ctx : i->x.ctx;
	m->before[i->queue].small = i->kind != ITEM_PACKET || i->len <= 64;
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
