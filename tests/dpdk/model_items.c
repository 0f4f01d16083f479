// SPDX-License-Identifier: BSD-2-Clause
//
// Slots of a TX ring to items, as the contract reads them.
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "model.h"

#define SEEK_FLAGS	(TLSNIC_SEEK_TAG | TLSNIC_SEEK_CONTINUE)
#define PACKET_FLAGS	(TLSNIC_TXF_END | TLSNIC_TXF_COMPLETE | TLSNIC_TXF_CSUM | TLSNIC_TXF_VLAN | TLSNIC_TXF_TLS)

void model_item_free(struct item *i)
{
	free(i->data);
	free(i);
}

static void add_segment(struct item *i, uint64_t addr, uint16_t len)
{
	if (!len)
		i->desc_bad = true;
	if (i->nsegs == TLSNIC_TX_MAX_SEGMENTS) {
		i->desc_bad = true;
		return;
	}
	i->seg[i->nsegs].addr = addr;
	i->seg[i->nsegs++].len = len;
	i->len += len;
	if (i->len > (i->d.mss ? TLSNIC_TSO_MAX_LEN : TLSNIC_TX_MAX_LEN))
		i->desc_bad = true;
}

/* What is to be cut into frames, as far as its descriptor tells. */
static bool cut_bad(const struct item *i)
{
	const struct tlsnic_txd_packet *d = &i->d;

	if (!d->mss)
		return d->l3_start;
	return !(d->flags & TLSNIC_TXF_CSUM) || d->csum_offset != 16 || d->mss < TLSNIC_TSO_MIN_MSS ||
	       d->l3_start + 20u > d->csum_start || d->csum_start + 20u > TLSNIC_TSO_MAX_HEADERS || d->csum_start + 20u > i->len;
}

/* And as its bytes tell. */
static bool headers_bad(const struct item *i)
{
	const uint8_t *ip = i->data + i->d.l3_start;
	uint32_t headers, payload;

	headers = model_headers(i);
	if (headers > TLSNIC_TSO_MAX_HEADERS || headers > i->len || headers < i->d.csum_start + 20u)
		return true;
	if (ip[0] >> 4 == 4) {
		if (ip[9] != IPPROTO_TCP || i->d.l3_start + (ip[0] & 15) * 4 != i->d.csum_start)
			return true;
	} else if (ip[0] >> 4 != 6 || ip[6] != IPPROTO_TCP || i->d.l3_start + 40 != i->d.csum_start) {
		return true;	/* plans have no extension headers */
	}
	payload = i->len - headers;
	return headers + (payload < i->d.mss ? payload : i->d.mss) > TLSNIC_TX_MAX_LEN;
}

/* Lengths and offsets of the packet as a whole; its bytes, if it is good. */
static void end_packet(struct item *i)
{
	const struct tlsnic_txd_packet *d = &i->d;
	uint32_t at = 0;

	if (i->len < TLSNIC_TX_MIN_LEN)
		i->desc_bad = true;
	if (d->flags & TLSNIC_TXF_TLS && d->stream_offset > i->len)
		i->desc_bad = true;
	if (d->flags & TLSNIC_TXF_CSUM && (uint32_t)d->csum_start + d->csum_offset + 2 > i->len)
		i->desc_bad = true;
	if (cut_bad(i))
		i->desc_bad = true;
	if (i->desc_bad)
		return;
	i->data = malloc(i->len);
	if (!i->data)
		abort();
	for (unsigned int s = 0; s < i->nsegs; at += i->seg[s++].len) {
		if (env_is_memory(i->seg[s].addr, i->seg[s].len))
			memcpy(i->data + at, (const void *)(uintptr_t)i->seg[s].addr, i->seg[s].len);
		else if (!i->read_failed) {	/* the bus will say so */
			memset(i->data + at, 0, i->len - at);
			i->read_failed = true;
			i->fail_at = at;
		}
	}
	if (d->mss && !i->read_failed)
		i->headers_bad = headers_bad(i);
}

/* The packet that begins with slot k; returns the slot after it, or n if it is not all there. */
static unsigned int packet(struct item *i, const uint8_t (*slot)[32], unsigned int k, unsigned int n)
{
	bool last;

	memcpy(&i->d, slot[k++], 32);
	if (i->d.flags & ~PACKET_FLAGS)
		i->desc_bad = true;
	if (i->seeks && (i->k.flags & ~SEEK_FLAGS || i->k.reserved || !(i->d.flags & TLSNIC_TXF_TLS)))
		i->desc_bad = true;
	add_segment(i, i->d.addr, i->d.len);
	for (last = i->d.flags & TLSNIC_TXF_END; !last; k++) {
		struct tlsnic_txd_segment s;

		if (k == n || slot[k][0] != TLSNIC_TXD_SEGMENT) {
			i->kind = ITEM_HALT;
			return n;
		}
		memcpy(&s, slot[k], 32);
		if (s.flags & ~TLSNIC_TXF_END || s.reserved || s.reserved2 || s.reserved3)
			i->desc_bad = true;
		add_segment(i, s.addr, s.len);
		last = s.flags & TLSNIC_TXF_END;
	}
	end_packet(i);
	return k;
}

unsigned int model_items(const uint8_t (*slot)[32], unsigned int n, uint16_t first, struct item **list)
{
	unsigned int count = 0;

	while (*list)
		list = &(*list)->next;
	for (unsigned int k = 0; k < n; count++) {
		struct item *i = calloc(1, sizeof(*i));

		if (!i)
			abort();
		if (slot[k][0] == TLSNIC_TXD_SEEK && k + 1 < n && slot[k + 1][0] == TLSNIC_TXD_PACKET) {
			i->seeks = true;
			memcpy(&i->k, slot[k++], 32);
		}
		switch (slot[k][0]) {
		case TLSNIC_TXD_PACKET:
			i->kind = ITEM_PACKET;
			k = packet(i, slot, k, n);
			break;
		case TLSNIC_TXD_CTX_WRITE:
		case TLSNIC_TXD_CTX_DELETE:
			memcpy(&i->x, slot[k++], 32);
			i->kind = i->x.op == TLSNIC_TXD_CTX_WRITE ? ITEM_WRITE : ITEM_DELETE;
			i->desc_bad = i->x.flags & ~TLSNIC_TXF_COMPLETE;
			if (i->kind == ITEM_WRITE && k == n)
				i->kind = ITEM_HALT;
			else if (i->kind == ITEM_WRITE)
				memcpy(i->key, slot[k++], 32);
			break;
		default:
			i->kind = ITEM_HALT;
			break;
		}
		if (i->kind == ITEM_HALT)
			k = n;
		i->end = first + k;
		*list = i;
		list = &i->next;
	}
	return count;
}
