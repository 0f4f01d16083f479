// SPDX-License-Identifier: BSD-2-Clause
//
// Slots of a TX ring to items, as the contract reads them.
#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "model.h"

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
	if (i->len > TLSNIC_TX_MAX_LEN)
		i->desc_bad = true;
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
	if (i->desc_bad)
		return;
	i->data = malloc(i->len);
	if (!i->data)
		abort();
	for (unsigned int s = 0; s < i->nsegs; at += i->seg[s++].len) {
		if (env_is_memory(i->seg[s].addr, i->seg[s].len))
			memcpy(i->data + at, (const void *)(uintptr_t)i->seg[s].addr, i->seg[s].len);
		else	/* the bus will say so */
			i->read_failed = true;
	}
}

/* The packet that begins with slot k; returns the slot after it, or n if it is not all there. */
static unsigned int packet(struct item *i, const uint8_t (*slot)[32], unsigned int k, unsigned int n)
{
	bool last;

	memcpy(&i->d, slot[k++], 32);
	if (i->d.flags & ~PACKET_FLAGS || i->d.mss || i->d.l3_start)
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
