// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: packets of offloaded TLS connections.
 *
 * Every packet of such a connection is plaintext. tlsnic_tls_decide() says which
 * way it takes; here is where it learns what it must know, and where its word is
 * done.
 */
#include <linux/rculist.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/tcp.h>
#include <net/tls.h>

#include "tlsnic.h"
#include "tlsnic_tls.h"

/* A connection on which the card fails so often is left to software. */
#define TLSNIC_TLS_MAX_FAILURES	8

static void tlsnic_tls_set_record(struct tlsnic_tls_record *rec,
				  struct tls_record_info *info, u64 sn)
{
	rec->sn = sn;
	rec->start = tls_record_start_seq(info);
	rec->len = info->len;
}

/*
 * Ask the stack for the records of the packet. It adds to its list under the socket's
 * lock, which we do not have, and takes from it under ours.
 */
static enum tlsnic_tls_where
tlsnic_tls_lookup(struct tls_offload_context_tx *ctx,
		  struct tlsnic_tls_facts *f, u8 *type)
{
	enum tlsnic_tls_where where = TLSNIC_TLS_GONE;
	struct tls_record_info *record, *next;
	u32 end = f->seq + f->len;
	unsigned long flags;
	u64 sn;

	spin_lock_irqsave(&ctx->lock, flags);
	record = tls_get_record(ctx, f->seq, &sn);
	if (!record)
		goto out;
	next = list_next_or_null_rcu(&ctx->records_list, &record->list,
				     struct tls_record_info, list);
	if (tls_record_is_start_marker(record)) {
		if (!after(end, record->end_seq)) {
			where = TLSNIC_TLS_BEFORE;
		} else if (next) {
			where = TLSNIC_TLS_MIXED;
			tlsnic_tls_set_record(&f->rec, next, sn + 1);
		}
	} else if (!before(f->seq, tls_record_start_seq(record))) {
		where = TLSNIC_TLS_INSIDE;
		tlsnic_tls_set_record(&f->rec, record, sn);
		*type = *(u8 *)skb_frag_address(&record->frags[0]);
		if (next)
			tlsnic_tls_set_record(&f->next, next, sn + 1);
	}
out:
	spin_unlock_irqrestore(&ctx->lock, flags);
	return where;
}

/* What the card had is not there any more after a reset. */
static void tlsnic_tls_renew(struct tlsnic_tls *tls, u32 generation)
{
	tls->generation = generation;
	tls->on_card = false;
	tls->written = false;
	tls->epoch++;
	if (tls->state == TLSNIC_TLS_SYNC)
		tls->state = TLSNIC_TLS_LOST;
}

/* Decide, and let the connection be what it then is. Under tls->lock. */
static struct tlsnic_tls_decision
tlsnic_tls_plan(struct tlsnic_tx_ring *tx, struct tlsnic_tls *tls,
		struct sock *sk, struct tlsnic_tls_facts *f,
		struct tlsnic_tls_job *job)
{
	struct tlsnic_nic *nic = tlsnic_tx_queue(tx)->nic;
	u32 generation = READ_ONCE(nic->tls.generation);
	struct tlsnic_tls_decision d;

	if (unlikely(tls->generation != generation))
		tlsnic_tls_renew(tls, generation);
	if (unlikely(!tls->on_card))
		WRITE_ONCE(tls->queue, tx->index);

	f->state = tls->state;
	f->expected = tls->expected;
	f->first_sn = tls->first_sn;
	f->header = tls->header;
	f->written = tls->written;
	f->can_seek = tlsnic_has_feature(nic, TLSNIC_FEAT_TLS_SEEK);
	f->ask = READ_ONCE(nic->tls.ask);
	f->other_queue = tls->queue != tx->index;
	if (unlikely(tlsnic_tls_needs_record(f))) {
		f->where = tlsnic_tls_lookup(tls_offload_ctx_tx(tls_get_ctx(sk)),
					     f, &job->type);
		if (f->where == TLSNIC_TLS_INSIDE)
			f->tag_known = tlsnic_tls_get_tag(tls, f->rec.sn,
							  job->tag);
	}
	d = tlsnic_tls_decide(f);

	if (d.way == TLSNIC_TLS_CARD) {
		job->tls = tls;
		job->place = d.place;
		job->seq = f->seq + d.front;
		job->moves = d.go_on;
		job->write = d.write;
		job->first = !tls->on_card;
		job->seek = d.seek;
		job->go_on = d.seek && d.go_on;
		job->with_tag = d.tag;
		if (d.write) {
			tls->on_card = true;
			tls->written = true;
		}
		/* what fails after this does so for itself */
		if (d.write || job->go_on)
			tls->epoch++;
		job->epoch = tls->epoch;
	}
	tls->state = d.state;
	tls->expected = d.expected;
	if (unlikely(d.ask) && !tls_offload_tx_resync_pending(sk)) {
		tlsnic_tx_stat(tx, &tx->stats.tls_resync_asked, 1);
		tls_offload_tx_resync_request(sk, f->seq, f->expected);
	}
	return d;
}

struct sk_buff *tlsnic_tls_drop(struct tlsnic_tx_ring *tx, struct sk_buff *skb,
				u64 *stat)
{
	tlsnic_tx_stat(tx, stat, 1);
	dev_kfree_skb_any(skb);
	return NULL;
}

/* A fragment, or what a transformation made of the packet, cannot be encrypted. */
static bool tlsnic_tls_is_tcp(const struct sk_buff *skb)
{
	__be16 proto = vlan_get_protocol(skb);
	__be16 frag_off;
	u8 nexthdr;
	int off;

	if (proto == htons(ETH_P_IP))
		return ip_hdr(skb)->protocol == IPPROTO_TCP &&
		       !ip_is_fragment(ip_hdr(skb));
	if (proto != htons(ETH_P_IPV6))
		return false;
	nexthdr = ipv6_hdr(skb)->nexthdr;
	if (likely(nexthdr == IPPROTO_TCP))
		return true;
	off = ipv6_skip_exthdr(skb, skb_network_offset(skb) +
			       sizeof(struct ipv6hdr), &nexthdr, &frag_off);
	return off >= 0 && nexthdr == IPPROTO_TCP && !frag_off;
}

static void tlsnic_tls_count_row(struct tlsnic_tx_ring *tx,
				 const struct tlsnic_tls_facts *f,
				 const struct tlsnic_tls_decision *d)
{
	switch (d->row) {
	case TLSNIC_TLS_ROW_RESUME:
		tlsnic_tx_stat(tx, &tx->stats.tls_resync, 1);
		break;
	case TLSNIC_TLS_ROW_SPLICE:
		tlsnic_tx_stat(tx, &tx->stats.tls_resync, 1);
		tlsnic_tx_stat(tx, &tx->stats.tls_splice, 1);
		break;
	case TLSNIC_TLS_ROW_MIXED:
		tlsnic_tx_stat(tx, &tx->stats.tls_mixed, 1);
		return;
	case TLSNIC_TLS_ROW_UNBOUND:
		if (f->other_queue)
			tlsnic_tx_stat(tx, &tx->stats.tls_other_queue, 1);
		break;
	case TLSNIC_TLS_ROW_SEEK:
	case TLSNIC_TLS_ROW_TAG:
	case TLSNIC_TLS_ROW_FALLBACK:
	case TLSNIC_TLS_ROW_ACKED:
		break;
	default:
		return;
	}
	tlsnic_tx_stat(tx, &tx->stats.tls_ooo, 1);
}

struct sk_buff *tlsnic_tls_xmit(struct tlsnic_tx_ring *tx, struct sk_buff *skb,
				struct tlsnic_tls_job *job)
{
	const struct net_device *dev = tlsnic_tx_queue(tx)->nic->dev;
	struct tlsnic_tx_stats *stats = &tx->stats;
	struct tlsnic_tls_facts f = {};
	struct tlsnic_tls_decision d;
	struct sock *sk = skb->sk;
	struct net_device *owner;
	struct tlsnic_tls *tls;
	unsigned int offset;

	if (likely(!tls_is_skb_tx_device_offloaded(skb))) {
		/* plaintext whose socket was lost on the way */
		if (unlikely(skb_is_decrypted(skb) && !sk))
			return tlsnic_tls_drop(tx, skb,
					       &stats->tls_drop_no_socket);
		return skb;
	}
	owner = rcu_dereference_bh(tls_get_ctx(sk)->netdev);
	if (unlikely(owner != dev)) {
		/* of another device: the stack has encrypted it for us */
		if (owner)
			return skb;
		return tlsnic_tls_drop(tx, skb, &stats->tls_drop_no_socket);
	}
	if (unlikely(!tlsnic_tls_is_tcp(skb)))
		return tlsnic_tls_drop(tx, skb, &stats->tls_drop_no_socket);

	offset = skb_tcp_all_headers(skb);
	if (skb->len == offset)
		return skb;
	f.seq = ntohl(tcp_hdr(skb)->seq);
	f.len = skb->len - offset;

	tls = tlsnic_tls_get(dev, sk);
	spin_lock(&tls->lock);
	d = tlsnic_tls_plan(tx, tls, sk, &f, job);
	spin_unlock(&tls->lock);
	tlsnic_tls_count_row(tx, &f, &d);

	switch (d.way) {
	case TLSNIC_TLS_CARD:
		break;
	case TLSNIC_TLS_SOFTWARE:
		return tlsnic_tls_software(tx, tls, skb, offset, &f, f.len);
	case TLSNIC_TLS_PASS:
		tlsnic_tx_stat(tx, &stats->tls_skip_no_sync_data, 1);
		return skb;
	case TLSNIC_TLS_DROP:
		return tlsnic_tls_drop(tx, skb, f.where == TLSNIC_TLS_MIXED ?
				       &stats->tls_drop_bypass_req :
				       &stats->tls_drop_no_sync_data);
	}

	job->offset = offset + d.front;
	if (unlikely(d.soft_front))
		skb = tlsnic_tls_splice(tx, tls, skb, offset, &f, d.front);
	else if (unlikely(tlsnic_tls_csum(skb)))
		skb = tlsnic_tls_drop(tx, skb, &stats->dropped);
	if (unlikely(!skb))
		tlsnic_tls_lost(job);
	return skb;
}

void tlsnic_tls_lost(const struct tlsnic_tls_job *job)
{
	struct tlsnic_tls *tls = job->tls;

	if (!tls)
		return;
	spin_lock(&tls->lock);
	if (job->write) {
		tls->written = false;
		tls->on_card = !job->first;
	}
	if (job->moves && tls->state == TLSNIC_TLS_SYNC)
		tls->state = TLSNIC_TLS_LOST;
	spin_unlock(&tls->lock);
}

void tlsnic_tls_failed(struct tlsnic_tls *tls, u16 epoch, bool moves, u8 status)
{
	spin_lock(&tls->lock);
	/* of what follows a failure the card refuses the lot, until it is moved */
	if (!moves || tls->epoch == epoch) {
		if (++tls->failures >= TLSNIC_TLS_MAX_FAILURES)
			tls->state = TLSNIC_TLS_SOFT;
		else if (moves && tls->state == TLSNIC_TLS_SYNC)
			tls->state = TLSNIC_TLS_LOST;
		if (status == TLSNIC_STATUS_TLS_CTX)
			tls->written = false;
		if (moves)
			tls->epoch++;
	}
	spin_unlock(&tls->lock);
}
