// SPDX-License-Identifier: BSD-2-Clause
#include "card_tls.h"

static struct packet packet, frame;	/* large, and used by one function at a time */

void tls_conn_init(struct card *c, struct tls_conn *t, uint8_t version, uint8_t cipher, uint32_t ctx, uint16_t port,
		   unsigned int queue)
{
	memset(t, 0, sizeof(*t));
	t->ref.ctx.version = version;
	t->ref.ctx.cipher = cipher;
	t->ref.ctx.ctx = ctx;
	t->ref.ctx.flags = card_rnd(c, 2) ? TLSNIC_TXF_COMPLETE : 0;
	card_random_bytes(c, &t->ref.ctx.seq, 4);
	card_random_bytes(c, t->ref.ctx.salt, 20);	/* salt, iv, rec_sn */
	card_random_bytes(c, t->ref.key, cipher == TLSNIC_CIPHER_AES_GCM_256 ? 32 : 16);
	t->queue = queue;
	t->port = port;
	t->ipv6 = card_rnd(c, 2);
	t->tcp_options = card_rnd(c, 2) ? 3 : card_rnd(c, 11);
	tls_ref_begin(&t->ref);
}

void tls_conn_write_ctx(struct card *c, struct tls_conn *t)
{
	card_ctx_write(c, t->queue, &t->ref.ctx, t->ref.key);
}

void tls_conn_record(struct card *c, struct tls_conn *t, uint32_t len)
{
	uint8_t *content = malloc(len + 1);

	card_random_bytes(c, content, len);
	tls_ref_record(&t->ref, 20 + card_rnd(c, 4), content, len);
	free(content);
}

void tls_conn_free(struct tls_conn *t)
{
	tls_ref_free(&t->ref);
	frames_clear(&t->expect);
}

/* The next len bytes as one packet, for the card to finish. */
static void build(const struct tls_conn *t, uint32_t len, uint16_t mss)
{
	memset(&packet, 0, offsetof(struct packet, bytes));
	packet.ipv6 = t->ipv6;
	packet.proto = PACKET_TCP;
	packet.tcp_options = t->tcp_options;
	memcpy(packet.src, "\x0a\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16);
	memcpy(packet.dst, "\x0a\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f", 16);
	packet.sport = t->port;
	packet.dport = 443;
	packet.seq = t->ref.ctx.seq + t->at;
	packet.payload = t->ref.down + t->at;
	packet.payload_len = len;
	packet.pseudo_only = true;
	packet.mss = mss;
	packet.tci = 0x2345;
	packet_build(&packet);
}

uint32_t tls_conn_send(struct card *c, struct tls_conn *t, uint32_t len, const struct tls_opts *o)
{
	static const struct tls_opts none;
	struct tlsnic_txd_packet d = { .flags = TLSNIC_TXF_COMPLETE | TLSNIC_TXF_CSUM | TLSNIC_TXF_TLS };

	o = o ? o : &none;
	if (len > t->ref.len - t->at)
		len = t->ref.len - t->at;
	build(t, len, o->mss);
	d.ctx = t->ref.ctx.ctx;
	d.seq = packet.seq + o->seq_off;
	d.stream_offset = packet.data;
	d.csum_start = packet.l4;
	d.csum_offset = 16;
	d.mss = o->mss;
	d.l3_start = o->mss ? packet.l3 : 0;
	if (o->vlan) {
		d.flags |= TLSNIC_TXF_VLAN;
		d.vlan_tci = 0x2345;
	}
	if (o->stream && len) {
		/* headers end where a buffer of a multiple of 64 bytes does, as in a Linux skb */
		struct card_packet p = {
			.segs = 2, .d = d, .len = { packet.data, len },
			.addr = { card_pool(c, packet.bytes, packet.data, -packet.data & 63), o->stream + t->at },
		};

		card_packet(c, t->queue, &p);
	} else {
		card_send(c, t->queue, packet.bytes, packet.len, o->segs ? o->segs : 1 + card_rnd(c, 4), &d);
	}
	if (!o->hidden) {
		packet.payload = t->ref.wire + t->at;
		packet.vlan = o->vlan;
		for (unsigned int k = 0; packet_cut(&packet, k, &frame); k++)
			frames_add(&t->expect, frame.bytes, frame.len < 60 ? 60 : frame.len);
	}
	t->at += len;
	return len;
}

static uint16_t source_port(const struct frame *f)
{
	unsigned int l3 = 14;

	if (f->len < 60)
		return 0;
	if (f->data[12] == 0x81 && f->data[13] == 0)
		l3 = 18;
	l3 += f->data[l3 - 2] == 0x86 ? 40 : 20;
	return f->data[l3] << 8 | f->data[l3 + 1];
}

void tls_conns_check(struct card *c, struct tls_conn *t, unsigned int n, bool all)
{
	for (unsigned int i = 0; i < c->out.count && tap.failures < 8; i++) {
		const struct frame *f = &c->out.f[i], *e;
		uint16_t port = source_port(f);
		unsigned int k = 0;

		while (k < n && t[k].port != port)
			k++;
		if (k == n || t[k].seen == t[k].expect.count) {
			tap_fail("frame %u of %u bytes, source port %u, was not expected", i, f->len, port);
			continue;
		}
		e = &t[k].expect.f[t[k].seen++];
		if (f->len != e->len)
			tap_fail("connection %u, frame %u: expected %u bytes, got %u", k, t[k].seen - 1, e->len, f->len);
		else if (memcmp(f->data, e->data, f->len))
			tap_fail("connection %u (TLS 1.%u, AES-%u, IPv%u), frame %u of %u bytes:", k,
				 t[k].ref.ctx.version - 10, t[k].ref.ctx.cipher * 128, t[k].ipv6 ? 6 : 4, t[k].seen - 1,
				 f->len),
			tap_bytes("frame", f->data, e->data, f->len);
	}
	frames_clear(&c->out);
	for (unsigned int k = 0; all && k < n; k++)
		if (t[k].seen != t[k].expect.count)
			tap_fail("connection %u: expected %u frames, got %u", k, t[k].expect.count, t[k].seen);
}

void tls_conn_no_plaintext(struct card *c, const struct tls_conn *t)
{
	for (unsigned int i = 0; i < c->out.count; i++) {
		const struct frame *f = &c->out.f[i];

		for (uint32_t k = 0; k + 8 <= t->ref.len; k += 4) {
			const uint8_t *p = t->ref.down + k;

			/* only where plaintext and ciphertext differ throughout it is a secret */
			if (memcmp(p, t->ref.wire + k, 4) && memcmp(p + 4, t->ref.wire + k + 4, 4) &&
			    memmem(f->data, f->len, p, 8)) {
				tap_fail("frame %u holds plaintext of the stream's byte %u", i, k);
				return;
			}
		}
	}
}
