// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: tags of records, kept while a retransmission may need them.
 *
 * A record's tag depends on all of it. The card returns it when it has computed it, and
 * software that has encrypted a record's end knows it too. It waits here, at the place
 * that the record's number says, until the place is wanted for a record further
 * on. Only then does it matter which records the stack still holds: the store grows
 * to what is unacknowledged, up to a limit. A tag that is missing costs an encryption
 * in software, so none of this has to succeed. Tags are on the wire: no secrets.
 */
#include <net/tls.h>

#include "tlsnic.h"
#include "tlsnic_tls.h"

#define TLSNIC_TLS_TAGS_MIN	32
#define TLSNIC_TLS_TAGS_MAX	4096

static struct tlsnic_tls_tag *tlsnic_tls_tag_place(const struct tlsnic_tls *tls,
						   u64 sn)
{
	return &tls->tags[sn & (tls->tags_size - 1)];
}

/* Leave out records that have been acknowledged. */
static void tlsnic_tls_release_tags(struct tlsnic_tls *tls)
{
	unsigned long flags;
	u64 unacked;

	spin_lock_irqsave(&tls->stack->lock, flags);
	unacked = tls->stack->unacked_record_sn;
	spin_unlock_irqrestore(&tls->stack->lock, flags);
	/* the stack counts a marker as the record before the first */
	if ((s64)(unacked - tls->tags_base) > 0)
		tls->tags_base = unacked;
}

/* Make places for records tags_base to tags_base + @need - 1. */
static bool tlsnic_tls_grow_tags(struct tlsnic_tls *tls, u32 need)
{
	struct tlsnic_tls_tag *old = tls->tags;
	u32 old_size = tls->tags_size, i;

	tls->tags_size = max_t(u32, roundup_pow_of_two(need),
			       TLSNIC_TLS_TAGS_MIN);
	tls->tags = kmalloc_array(tls->tags_size, sizeof(*tls->tags),
				  GFP_ATOMIC | __GFP_NOWARN);
	if (!tls->tags) {
		tls->tags = old;
		tls->tags_size = old_size;
		return false;
	}
	for (i = 0; i < tls->tags_size; i++)
		tls->tags[i].sn = U64_MAX;
	for (i = 0; i < old_size; i++)
		if (old[i].sn != U64_MAX && old[i].sn >= tls->tags_base)
			*tlsnic_tls_tag_place(tls, old[i].sn) = old[i];
	kfree(old);
	return true;
}

/* Returns false when the tag is not wanted any more, or has no place. */
bool tlsnic_tls_put_tag(struct tlsnic_tls *tls, u64 sn, const u8 *tag)
{
	struct tlsnic_tls_tag *place;

	lockdep_assert_held(&tls->lock);
	if (!tls->stack || sn < tls->tags_base)
		return false;
	if (sn - tls->tags_base >= tls->tags_size) {
		tlsnic_tls_release_tags(tls);
		if (sn < tls->tags_base ||
		    sn - tls->tags_base >= TLSNIC_TLS_TAGS_MAX)
			return false;
		if (sn - tls->tags_base >= tls->tags_size &&
		    !tlsnic_tls_grow_tags(tls, sn - tls->tags_base + 1))
			return false;
	}
	place = tlsnic_tls_tag_place(tls, sn);
	place->sn = sn;
	memcpy(place->tag, tag, sizeof(place->tag));
	return true;
}

bool tlsnic_tls_get_tag(const struct tlsnic_tls *tls, u64 sn, u8 *tag)
{
	const struct tlsnic_tls_tag *place;

	lockdep_assert_held(&tls->lock);
	if (!tls->tags_size)
		return false;
	place = tlsnic_tls_tag_place(tls, sn);
	if (place->sn != sn)
		return false;
	memcpy(tag, place->tag, sizeof(place->tag));
	return true;
}

void tlsnic_tls_free_tags(struct tlsnic_tls *tls)
{
	unsigned long flags;

	/* netpoll comes here with interrupts off */
	spin_lock_irqsave(&tls->lock, flags);
	kfree(tls->tags);
	tls->tags = NULL;
	tls->tags_size = 0;
	tls->stack = NULL;
	spin_unlock_irqrestore(&tls->lock, flags);
}

bool tlsnic_tls_take_tag(struct tlsnic_tx_ring *tx,
			 const struct tlsnic_cpl_tag *cpl)
{
	struct tlsnic_nic *nic = tlsnic_tx_queue(tx)->nic;
	struct tlsnic_tls *tls;
	bool taken = false;
	s32 distance;

	rcu_read_lock();
	tls = xa_load(&nic->tls.conns, le32_to_cpu(cpl->ctx));
	if (tls) {
		spin_lock(&tls->lock);
		/* the low half of a number that is not far from the oldest */
		distance = le32_to_cpu(cpl->rec_sn) - (u32)tls->tags_base;
		if (tls->queue == tx->index)
			taken = tlsnic_tls_put_tag(tls, tls->tags_base + distance,
						   cpl->tag);
		spin_unlock(&tls->lock);
	}
	rcu_read_unlock();
	return taken;
}
