// SPDX-License-Identifier: BSD-2-Clause
//
// The last part of a packet's way: segmentation, checksums, VLAN tag, padding.
#include <string.h>

#include "../sim/packet.h"
#include "model.h"

#define TCP_FIN_PSH	0x09
#define TCP_CWR		0x80

static void sample_sum(struct model *m, const struct item *i, uint32_t len, bool zero)
{
	unsigned int start = i->d.csum_start, kind = 2;

	if (i->d.csum_offset == 16 && len >= 54)
		kind = 0;
	else if (i->d.csum_offset == 6 && len >= 42)
		kind = 1;
	if (kind < 2 && start % 2)
		kind = 2;
	cover_hit(m->cover, COVER_CSUM, kind, start % 2, (len - start) % 2, zero && kind == 1);
	cover_hit(m->cover, COVER_CSUM_END, !!(i->d.flags & TLSNIC_TXF_TLS), len % 64);
}

static void insert_sum(struct model *m, const struct item *i, uint8_t *frame, uint32_t len)
{
	unsigned int start = i->d.csum_start, field = start + i->d.csum_offset;
	uint32_t sum = 0xffff & ~packet_sum(frame + start, len - start, 0);
	bool zero = !sum && i->d.csum_offset == 6;

	/* UDP: 0 would mean that there is none (RFC 768) */
	if (zero)
		sum = 0xffff;
	frame[field] = sum >> 8;
	frame[field + 1] = sum;
	sample_sum(m, i, len, zero);
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

/* Tag and padding, and the statistics of a frame that leaves. frame has room for both. */
static void finish_frame(struct model *m, const struct item *i, uint8_t *frame, uint32_t len, bool may, bool certain)
{
	static const uint32_t limits[] = { 61, 124, 252, 508, 1020, 1515 };
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };

	if (i->d.flags & TLSNIC_TXF_CSUM)
		insert_sum(m, i, frame, len);
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
	certain &= !may;
	model_stat(m, TLSNIC_STAT_TX_FRAMES, 1, certain);
	model_stat(m, TLSNIC_STAT_TX_BYTES, len, certain);
	model_stat(m, TLSNIC_STAT_TX_LE_64 + cover_class(len, limits, 6), 1, certain);
	if (!memcmp(frame, all, 6))
		model_stat(m, TLSNIC_STAT_TX_BCAST, 1, certain);
	else if (frame[0] & 1)
		model_stat(m, TLSNIC_STAT_TX_MCAST, 1, certain);
	m->frame(m->opaque, i, frame, len, may);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static uint32_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

uint32_t model_headers(const struct item *i)
{
	return i->d.csum_start + (i->data[i->d.csum_start + 12] >> 4) * 4u;
}

/* The headers of frame number k, which has len bytes in all, over those of the packet. */
static void patch(const struct item *i, uint8_t *frame, unsigned int k, uint32_t len, bool last)
{
	uint8_t *ip = frame + i->d.l3_start, *tcp = frame + i->d.csum_start;
	uint32_t seq = get16(tcp + 4) << 16 | get16(tcp + 6), l4_len = len - i->d.csum_start;

	if (ip[0] >> 4 == 4) {
		put16(ip + 2, len - i->d.l3_start);
		put16(ip + 4, get16(ip + 4) + k);
		put16(ip + 10, 0);
		put16(ip + 10, ~packet_sum(ip, (ip[0] & 15) * 4, 0));
	} else {
		put16(ip + 4, len - i->d.l3_start - 40);
	}
	seq += k * i->d.mss;
	put16(tcp + 4, seq >> 16);
	put16(tcp + 6, seq);
	if (!last)
		tcp[13] &= ~TCP_FIN_PSH;
	if (k)
		tcp[13] &= ~TCP_CWR;
	/* the length was 0 in the sum of the pseudo header */
	l4_len += get16(tcp + 16);
	put16(tcp + 16, (l4_len & 0xffff) + (l4_len >> 16));
}

static void segment(struct model *m, const struct item *i, const uint8_t *b, bool whole, uint32_t end, bool certain)
{
	static const uint32_t sizes[] = { 88, 89, 536, 1448, 1449, 8948 };
	uint32_t headers = model_headers(i), left = i->len - headers, at = headers;
	unsigned int frames = left ? (left + i->d.mss - 1) / i->d.mss : 1;
	bool tls = i->d.flags & TLSNIC_TXF_TLS;
	uint8_t frame[TLSNIC_TX_MAX_LEN + 64], flags = i->data[i->d.csum_start + 13];

	for (unsigned int k = 0; k < frames; k++, at += i->d.mss) {
		uint32_t n = k + 1 < frames ? i->d.mss : i->len - at;

		if (!whole && at + n > end)
			return;
		memcpy(frame, b, headers);
		memcpy(frame + headers, b + at, n);
		patch(i, frame, k, headers + n, k + 1 == frames);
		finish_frame(m, i, frame, headers + n, !whole, certain);
		model_stat(m, TLSNIC_STAT_TX_TSO_FRAMES, 1, certain && whole);
	}
	if (!whole)
		return;
	cover_hit(m->cover, COVER_TSO, tls, (unsigned int)(i->data[i->d.l3_start] >> 4 == 6), cover_few(frames) - 1);
	cover_hit(m->cover, COVER_TSO_MSS, tls, cover_class(i->d.mss, sizes, 6), (unsigned int)(left % i->d.mss == 0));
	cover_hit(m->cover, COVER_TSO_FLAGS, flags & 1u, (unsigned int)(flags >> 3 & 1), (unsigned int)(flags >> 7), frames > 1);
}

void model_frames(struct model *m, const struct item *i, uint8_t *b, bool whole, uint32_t end, bool certain)
{
	if (whole)
		sample_packet(m, i);
	if (i->d.mss) {
		model_stat(m, TLSNIC_STAT_TX_TSO_PACKETS, 1, certain && whole);
		segment(m, i, b, whole, end, certain);
	} else if (whole) {
		finish_frame(m, i, b, i->len, false, certain);
	}
}
