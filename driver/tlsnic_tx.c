// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: transmit ring.
 *
 * A packet takes a slot for its linear part and one for each fragment, and
 * more ahead of them when its TLS context or a seek go to the card with it. The
 * queue is stopped while there might not be room for the largest packet, so a
 * packet that gets here always fits.
 *
 * Only the last item of what the card is told of at once asks for a completion:
 * those before it are done when it is.
 */
#include <linux/dma-mapping.h>
#include <linux/skbuff.h>
#include <net/ip6_checksum.h>
#include <net/netdev_queues.h>
#include <net/tcp.h>

#include "tlsnic.h"
#include "tlsnic_tls.h"

union tlsnic_txd *tlsnic_tx_slot(struct tlsnic_tx_ring *tx, u16 index)
{
	return &tx->desc[index & (tx->size - 1)];
}

static struct tlsnic_tx_buf *tlsnic_tx_buf(struct tlsnic_tx_ring *tx, u16 index)
{
	return &tx->bufs[index & (tx->size - 1)];
}

/* The item is in its slots: take it into the ring, for the next kick. */
static void tlsnic_tx_item(struct tlsnic_tx_ring *tx, u16 first,
			   unsigned int slots)
{
	tx->last = first;
	WRITE_ONCE(tx->tail, first + slots);
}

/* Tell the card of all items in the ring. Under the queue lock. */
static void tlsnic_tx_kick(struct tlsnic_tx_ring *tx)
{
	if (tx->posted == tx->tail)
		return;
	/* op and flags are at the same place in every item's first slot */
	tlsnic_tx_slot(tx, tx->last)->packet.flags |= TLSNIC_TXF_COMPLETE;
	tx->posted = tx->tail;
	/* writel() orders the slots before the doorbell */
	writel(tx->posted, tx->doorbell);
}

/* Is there room for any packet? If not, the queue has been stopped. */
static bool tlsnic_tx_room(struct tlsnic_tx_ring *tx)
{
	if (netif_txq_maybe_stop(tx->txq, tlsnic_tx_free(tx), TLSNIC_TX_SLOTS,
				 TLSNIC_TX_WAKE))
		return true;
	tlsnic_tx_stat(tx, &tx->stats.stop, 1);
	return false;
}

static void tlsnic_tx_unmap(struct device *dev, const struct tlsnic_tx_buf *buf)
{
	if (buf->kind == TLSNIC_TX_HEAD)
		dma_unmap_single(dev, dma_unmap_addr(buf, dma),
				 dma_unmap_len(buf, len), DMA_TO_DEVICE);
	else if (buf->kind == TLSNIC_TX_FRAG)
		dma_unmap_page(dev, dma_unmap_addr(buf, dma),
			       dma_unmap_len(buf, len), DMA_TO_DEVICE);
}

/* Fill one slot of a packet; its first has room for more fields than these. */
static int tlsnic_tx_map(struct tlsnic_tx_ring *tx, u16 index, u8 kind,
			 dma_addr_t dma, unsigned int len, bool first)
{
	struct device *dev = &tlsnic_tx_queue(tx)->nic->pdev->dev;
	struct tlsnic_tx_buf *buf = tlsnic_tx_buf(tx, index);
	union tlsnic_txd *txd = tlsnic_tx_slot(tx, index);

	if (dma_mapping_error(dev, dma))
		return -ENOMEM;

	memset(txd, 0, sizeof(*txd));
	if (first) {
		txd->packet.op = TLSNIC_TXD_PACKET;
		txd->packet.len = cpu_to_le16(len);
		txd->packet.addr = cpu_to_le64(dma);
	} else {
		txd->segment.op = TLSNIC_TXD_SEGMENT;
		txd->segment.len = cpu_to_le16(len);
		txd->segment.addr = cpu_to_le64(dma);
	}
	buf->kind = kind;
	buf->skb = NULL;
	buf->tls = NULL;
	dma_unmap_addr_set(buf, dma, dma);
	dma_unmap_len_set(buf, len, len);
	return 0;
}

/* Returns the number of slots filled from @first on, or a negative error. */
static int tlsnic_tx_map_skb(struct tlsnic_tx_ring *tx, u16 first,
			     const struct sk_buff *skb)
{
	struct device *dev = &tlsnic_tx_queue(tx)->nic->pdev->dev;
	unsigned int len = skb_headlen(skb);
	u16 index = first;
	dma_addr_t dma;
	int i, err;

	dma = dma_map_single(dev, skb->data, len, DMA_TO_DEVICE);
	err = tlsnic_tx_map(tx, index, TLSNIC_TX_HEAD, dma, len, true);
	if (err)
		return err;
	index++;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		len = skb_frag_size(frag);
		if (!len)
			continue;
		dma = skb_frag_dma_map(dev, frag, 0, len, DMA_TO_DEVICE);
		err = tlsnic_tx_map(tx, index, TLSNIC_TX_FRAG, dma, len, false);
		if (err)
			goto err_unmap;
		index++;
	}
	return (u16)(index - first);

err_unmap:
	while (index-- != first)
		tlsnic_tx_unmap(dev, tlsnic_tx_buf(tx, index));
	return err;
}

/*
 * Can the card cut this packet into frames? The stack does it for those that it
 * cannot; one that was not made here may have anything in its headers.
 */
bool tlsnic_tx_can_segment(const struct sk_buff *skb)
{
	unsigned int mss = skb_shinfo(skb)->gso_size;
	unsigned int headers;

	if (skb->ip_summed != CHECKSUM_PARTIAL || !skb_is_gso_tcp(skb) ||
	    skb_checksum_start_offset(skb) != skb_transport_offset(skb) ||
	    skb->csum_offset != offsetof(struct tcphdr, check))
		return false;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4) {
		if (ip_hdr(skb)->protocol != IPPROTO_TCP ||
		    skb_network_header_len(skb) != ip_hdrlen(skb))
			return false;
	} else if (ipv6_hdr(skb)->nexthdr != IPPROTO_TCP ||
		   skb_network_header_len(skb) != sizeof(struct ipv6hdr)) {
		return false;
	}
	headers = skb_tcp_all_headers(skb);
	return headers <= TLSNIC_TSO_MAX_HEADERS && headers < skb->len &&
	       skb->len <= TLSNIC_TSO_MAX_LEN && mss >= TLSNIC_TSO_MIN_MSS &&
	       headers + mss <= TLSNIC_TX_MAX_LEN;
}

/* The card adds the length of each frame to the sum of the pseudo header. */
static int tlsnic_tx_tso_csum(struct sk_buff *skb)
{
	int err = skb_cow_head(skb, 0);

	if (err)
		return err;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4)
		tcp_hdr(skb)->check = ~tcp_v4_check(0, ip_hdr(skb)->saddr,
						    ip_hdr(skb)->daddr, 0);
	else
		tcp_v6_gso_csum_prep(skb);
	return 0;
}

static void tlsnic_tx_describe(struct tlsnic_txd_packet *txd,
			       const struct sk_buff *skb,
			       const struct tlsnic_tls_job *job)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		txd->flags |= TLSNIC_TXF_CSUM;
		txd->csum_start = cpu_to_le16(skb_checksum_start_offset(skb));
		txd->csum_offset = cpu_to_le16(skb->csum_offset);
	}
	if (skb_is_gso(skb)) {
		txd->mss = cpu_to_le16(skb_shinfo(skb)->gso_size);
		txd->l3_start = cpu_to_le16(skb_network_offset(skb));
	}
	if (skb_vlan_tag_present(skb)) {
		txd->flags |= TLSNIC_TXF_VLAN;
		txd->vlan_tci = cpu_to_le16(skb_vlan_tag_get(skb));
	}
	if (job->tls)
		tlsnic_tls_describe(job, txd);
}

static void tlsnic_tx_count(struct tlsnic_tx_ring *tx, const struct sk_buff *skb,
			    const struct tlsnic_tls_job *job)
{
	unsigned int frames = 1, bytes = skb->len, headers;

	if (skb_is_gso(skb)) {
		headers = skb_tcp_all_headers(skb);
		frames = tlsnic_tx_frames(skb, skb->len - headers);
		bytes += (frames - 1) * headers;
	}

	u64_stats_update_begin(&tx->syncp);
	tx->stats.packets += frames;
	tx->stats.bytes += bytes;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		tx->stats.csum += frames;
	if (skb_is_gso(skb)) {
		tx->stats.tso_packets++;
		tx->stats.tso_bytes += skb->len;
		tx->stats.tso_wire_packets += frames;
		tx->stats.tso_wire_bytes += bytes;
	}
	if (job->tls) {
		unsigned int len = skb->len - job->offset;

		frames = tlsnic_tx_frames(skb, len);
		tx->stats.tls_packets += frames;
		tx->stats.tls_bytes += len;
		tx->stats.tls_ctx_writes += job->write;
		if (job->seek) {
			tx->stats.tls_seek_packets += frames;
			tx->stats.tls_seek_bytes += len;
			tx->stats.tls_tags_used += job->with_tag;
		}
	}
	u64_stats_update_end(&tx->syncp);
}

/* The packet's place in the ring is free; returns an error if it was not sent. */
static int tlsnic_tx_post(struct tlsnic_tx_ring *tx, struct sk_buff *skb,
			  const struct tlsnic_tls_job *job)
{
	u16 first = tx->tail + tlsnic_tls_slots(job), index = tx->tail;
	struct tlsnic_txd_packet *txd;
	struct tlsnic_tx_buf *buf;
	int slots, err;

	if (skb_is_gso(skb)) {
		err = tlsnic_tx_tso_csum(skb);
		if (err)
			return err;
	}
	slots = tlsnic_tx_map_skb(tx, first, skb);
	if (slots < 0)
		return slots;

	txd = &tlsnic_tx_slot(tx, first)->packet;
	tlsnic_tx_describe(txd, skb, job);
	if (slots == 1)
		txd->flags |= TLSNIC_TXF_END;
	else
		tlsnic_tx_slot(tx, first + slots - 1)->segment.flags |=
			TLSNIC_TXF_END;

	buf = tlsnic_tx_buf(tx, first + slots - 1);
	buf->skb = skb;
	buf->tls = job->tls;
	buf->epoch = job->epoch;
	buf->moves = job->moves;

	if (first != index) {
		tlsnic_tls_fill(tx, index, job, skb);
		if (job->write) {
			tlsnic_tx_buf(tx, index++)->kind = TLSNIC_TX_CTX;
			tlsnic_tx_buf(tx, index++)->kind = TLSNIC_TX_KEY;
		}
		if (job->seek)
			tlsnic_tx_buf(tx, index)->kind = TLSNIC_TX_SEEK;
	}
	tlsnic_tx_count(tx, skb, job);
	skb_tx_timestamp(skb);
	tlsnic_tx_item(tx, first, slots);
	return 0;
}

/**
 * tlsnic_start_xmit - ndo_start_xmit
 * @skb: the packet
 * @dev: the net device
 *
 * Return: NETDEV_TX_OK; NETDEV_TX_BUSY when the stack sends to a stopped queue.
 */
netdev_tx_t tlsnic_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct tlsnic_tx_ring *tx = &nic->queues[skb_get_queue_mapping(skb)].tx;
	struct tlsnic_tls_job job = {};
	unsigned int len;
	bool kick;

	if (unlikely(!tlsnic_tx_room(tx))) {
		tlsnic_tx_kick(tx);
		return NETDEV_TX_BUSY;
	}

	skb = tlsnic_tls_xmit(tx, skb, &job);
	if (unlikely(!skb))
		goto out_kick;
	if (unlikely(skb->len < TLSNIC_TX_MIN_LEN))
		goto drop;
	if (unlikely(skb_is_gso(skb) ? !tlsnic_tx_can_segment(skb) :
				       skb->len > TLSNIC_TX_MAX_LEN))
		goto drop;
	/* a kernel may be built for more fragments than the card takes */
	if (unlikely(skb_shinfo(skb)->nr_frags >= TLSNIC_TX_MAX_SEGMENTS &&
		     skb_linearize(skb)))
		goto drop;

	len = skb->len;
	if (unlikely(tlsnic_tx_post(tx, skb, &job)))
		goto drop;

	tlsnic_tx_room(tx);
	kick = __netdev_tx_sent_queue(tx->txq, len, netdev_xmit_more());
	if (kick)
		tlsnic_tx_kick(tx);
	return NETDEV_TX_OK;

drop:
	tlsnic_tls_lost(&job);
	tlsnic_tx_stat(tx, &tx->stats.dropped, 1);
	dev_kfree_skb_any(skb);
out_kick:
	/* earlier packets may have waited for this one */
	if (!netdev_xmit_more())
		tlsnic_tx_kick(tx);
	return NETDEV_TX_OK;
}

/**
 * tlsnic_tx_delete_ctx - have the card delete a TLS context
 * @tx: the ring that carried the context's items; it is on
 * @tls: the connection; released when the card has done it
 * @id: number of the context
 *
 * Return: false when the ring has no room.
 */
bool tlsnic_tx_delete_ctx(struct tlsnic_tx_ring *tx, struct tlsnic_tls *tls,
			  u32 id)
{
	struct tlsnic_txd_ctx *txd;
	struct tlsnic_tx_buf *buf;
	bool room;

	__netif_tx_lock_bh(tx->txq);
	room = tlsnic_tx_free(tx) > 0;
	if (room) {
		txd = &tlsnic_tx_slot(tx, tx->tail)->ctx;
		memset(txd, 0, sizeof(*txd));
		txd->op = TLSNIC_TXD_CTX_DELETE;
		txd->ctx = cpu_to_le32(id);
		buf = tlsnic_tx_buf(tx, tx->tail);
		buf->kind = TLSNIC_TX_DELETE;
		buf->tls = tls;
		tlsnic_tx_item(tx, tx->tail, 1);
		tlsnic_tx_room(tx);
		tlsnic_tx_kick(tx);
	}
	__netif_tx_unlock_bh(tx->txq);
	return room;
}

/* Free what the slots from head to end hold; end is where an item ends. */
static void tlsnic_tx_free_slots(struct tlsnic_tx_ring *tx, u16 end, int budget,
				 unsigned int *packets, unsigned int *bytes)
{
	struct tlsnic_nic *nic = tlsnic_tx_queue(tx)->nic;
	struct tlsnic_tx_buf *buf;
	u16 index;

	for (index = tx->head; index != end; index++) {
		buf = tlsnic_tx_buf(tx, index);
		switch (buf->kind) {
		case TLSNIC_TX_KEY:
			memzero_explicit(tlsnic_tx_slot(tx, index),
					 TLSNIC_TXD_SIZE);
			break;
		case TLSNIC_TX_CTX:
		case TLSNIC_TX_SEEK:
			break;
		case TLSNIC_TX_DELETE:
			tlsnic_tls_release(nic, buf->tls);
			break;
		default:
			tlsnic_tx_unmap(&nic->pdev->dev, buf);
		}
		buf->tls = NULL;
		if (buf->skb) {
			*packets += 1;
			*bytes += buf->skb->len;
			napi_consume_skb(buf->skb, budget);
			buf->skb = NULL;
		}
	}
	/* pairs with the reader in tlsnic_tx_free() */
	smp_store_release(&tx->head, end);
}

/**
 * tlsnic_tx_complete - take one TX completion
 * @tx: the ring
 * @cpl: the completion
 * @budget: of the NAPI poll
 * @packets: add the number of packets that are done to this
 * @bytes: add their lengths to this
 */
void tlsnic_tx_complete(struct tlsnic_tx_ring *tx,
			const struct tlsnic_cpl_tx *cpl, int budget,
			unsigned int *packets, unsigned int *bytes)
{
	struct tlsnic_nic *nic = tlsnic_tx_queue(tx)->nic;
	u16 end = le16_to_cpu(cpl->index);
	const struct tlsnic_tx_buf *buf;
	struct tlsnic_tls *tls;

	if (unlikely((u16)(end - tx->head) > (u16)(READ_ONCE(tx->tail) - tx->head))) {
		atomic_long_inc(&nic->errors.completion);
		tlsnic_schedule_reset(nic);
		return;
	}

	/* A dropped item always has a completion of its own: it ends here. */
	if (unlikely(cpl->status != TLSNIC_STATUS_OK && end != tx->head)) {
		buf = tlsnic_tx_buf(tx, end - 1);
		tls = buf->kind == TLSNIC_TX_DELETE ? NULL : buf->tls;
		u64_stats_update_begin(&tx->csyncp);
		tx->cstats.errors++;
		tx->cstats.tls_errors += !!tls;
		u64_stats_update_end(&tx->csyncp);
		if (tls)
			tlsnic_tls_failed(tls, buf->epoch, buf->moves,
					  cpl->status);
		if (net_ratelimit())
			netif_err(nic, tx_err, nic->dev,
				  "queue %u: packet dropped by the card, status %u\n",
				  tx->index, cpl->status);
	}
	tlsnic_tx_free_slots(tx, end, budget, packets, bytes);
}

/**
 * tlsnic_tx_wake - completions were taken: report them, wake the queue
 * @tx: the ring
 * @packets: number of packets that are done
 * @bytes: their lengths
 */
void tlsnic_tx_wake(struct tlsnic_tx_ring *tx, unsigned int packets,
		    unsigned int bytes)
{
	/* slots were freed even if no packet was in them */
	if (!packets) {
		/* in place of the one that reporting packets implies */
		smp_mb();
		packets = 1;
	}
	if (netif_txq_completed_wake(tx->txq, packets, bytes, tlsnic_tx_free(tx),
				     TLSNIC_TX_WAKE) == 0) {
		u64_stats_update_begin(&tx->csyncp);
		tx->cstats.wake++;
		u64_stats_update_end(&tx->csyncp);
	}
}

/**
 * tlsnic_tx_drain - free all that is in a ring that is off
 * @tx: the ring
 */
void tlsnic_tx_drain(struct tlsnic_tx_ring *tx)
{
	unsigned int packets = 0, bytes = 0;

	tlsnic_tx_free_slots(tx, tx->tail, 0, &packets, &bytes);
	tx->posted = tx->tail;
	netdev_tx_reset_queue(tx->txq);
}
