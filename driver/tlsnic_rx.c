// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: receive ring.
 *
 * Buffers are fragments of page_pool pages. A frame's first buffer becomes the
 * head of an skb, further ones its fragments.
 */
#include <linux/prefetch.h>
#include <net/page_pool/helpers.h>

#include "tlsnic.h"

/* Entries that are worth a doorbell. */
#define TLSNIC_RX_BATCH		16

static struct tlsnic_rx_buf *tlsnic_rx_buf(struct tlsnic_rx_ring *rx, u16 index)
{
	return &rx->bufs[index & (rx->size - 1)];
}

/**
 * tlsnic_rx_alloc - buffers' bookkeeping and their page pool
 * @rx: the ring; its size is set and its descriptors are allocated
 * @dev: that does DMA
 *
 * Return: 0 or a negative error; tlsnic_rx_free() undoes either.
 */
int tlsnic_rx_alloc(struct tlsnic_rx_ring *rx, struct device *dev)
{
	struct tlsnic_queue *q = tlsnic_rx_queue(rx);
	struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.pool_size = rx->size * TLSNIC_RX_TRUESIZE / PAGE_SIZE,
		.nid = dev_to_node(dev),
		.dev = dev,
		.napi = &q->napi,
		.dma_dir = DMA_FROM_DEVICE,
		.max_len = PAGE_SIZE,
		.netdev = q->nic->dev,
		.queue_idx = q->index,
	};
	struct page_pool *pool;

	rx->head = 0;
	rx->tail = 0;
	rx->posted = 0;
	rx->discard = true;
	rx->bufs = kvcalloc(rx->size, sizeof(*rx->bufs), GFP_KERNEL);
	if (!rx->bufs)
		return -ENOMEM;

	pool = page_pool_create(&params);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	rx->pool = pool;
	return 0;
}

/**
 * tlsnic_rx_free - undo tlsnic_rx_alloc() and free all buffers
 * @rx: the ring; it is off
 */
void tlsnic_rx_free(struct tlsnic_rx_ring *rx)
{
	dev_kfree_skb(rx->skb);
	rx->skb = NULL;

	if (rx->pool) {
		for (; rx->head != rx->tail; rx->head++)
			page_pool_put_full_page(rx->pool,
						tlsnic_rx_buf(rx, rx->head)->page,
						false);
		page_pool_destroy(rx->pool);
		rx->pool = NULL;
	}
	kvfree(rx->bufs);
	rx->bufs = NULL;
}

/**
 * tlsnic_rx_fill - give the card buffers
 * @rx: the ring
 *
 * Return: false when there was no memory for all of them.
 */
bool tlsnic_rx_fill(struct tlsnic_rx_ring *rx)
{
	struct tlsnic_rx_buf *buf;
	struct tlsnic_rxd *rxd;
	bool filled = true;
	struct page *page;
	dma_addr_t dma;

	while ((u16)(rx->tail - rx->head) < rx->size) {
		buf = tlsnic_rx_buf(rx, rx->tail);
		page = page_pool_dev_alloc_frag(rx->pool, &buf->offset,
						TLSNIC_RX_TRUESIZE);
		if (unlikely(!page)) {
			u64_stats_update_begin(&rx->syncp);
			rx->stats.alloc_fail++;
			u64_stats_update_end(&rx->syncp);
			filled = false;
			break;
		}
		buf->page = page;
		dma = page_pool_get_dma_addr(page) + buf->offset +
		      TLSNIC_RX_HEADROOM;
		rxd = &rx->desc[rx->tail & (rx->size - 1)];
		rxd->addr = cpu_to_le64(dma);
		rxd->reserved = 0;
		rx->tail++;
	}

	if ((u16)(rx->tail - rx->posted) >= TLSNIC_RX_BATCH ||
	    (!filled && rx->tail != rx->posted)) {
		rx->posted = rx->tail;
		/* writel() orders the entries before the doorbell */
		writel(rx->posted, rx->doorbell);
	}
	return filled;
}

static void tlsnic_rx_drop(struct tlsnic_rx_ring *rx)
{
	dev_kfree_skb_any(rx->skb);
	rx->skb = NULL;
	rx->discard = true;
	u64_stats_update_begin(&rx->syncp);
	rx->stats.errors++;
	u64_stats_update_end(&rx->syncp);
}

/* Take a buffer into the frame, or give it back. */
static void tlsnic_rx_add(struct tlsnic_rx_ring *rx,
			  const struct tlsnic_rx_buf *buf, unsigned int len)
{
	struct sk_buff *skb = rx->skb;
	void *va;

	if (rx->discard)
		goto recycle;

	page_pool_dma_sync_for_cpu(rx->pool, buf->page,
				   buf->offset + TLSNIC_RX_HEADROOM, len);
	if (!skb) {
		va = page_address(buf->page) + buf->offset;
		net_prefetch(va + TLSNIC_RX_HEADROOM);
		skb = napi_build_skb(va, TLSNIC_RX_TRUESIZE);
		if (unlikely(!skb)) {
			u64_stats_update_begin(&rx->syncp);
			rx->stats.alloc_fail++;
			u64_stats_update_end(&rx->syncp);
			rx->discard = true;
			goto recycle;
		}
		skb_reserve(skb, TLSNIC_RX_HEADROOM);
		skb_put(skb, len);
		skb_mark_for_recycle(skb);
		rx->skb = skb;
		return;
	}
	if (unlikely(skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS)) {
		tlsnic_rx_drop(rx);
		goto recycle;
	}
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, buf->page,
			buf->offset + TLSNIC_RX_HEADROOM, len,
			TLSNIC_RX_TRUESIZE);
	return;

recycle:
	page_pool_put_full_page(rx->pool, buf->page, true);
}

/* What the card says about the whole frame. */
static void tlsnic_rx_describe(struct tlsnic_rx_ring *rx, struct sk_buff *skb,
			       const struct tlsnic_cpl_rx *cpl, u16 flags)
{
	const u16 csum = TLSNIC_RXF_L3_OK | TLSNIC_RXF_L4_OK;
	struct tlsnic_queue *q = tlsnic_rx_queue(rx);
	struct net_device *dev = q->nic->dev;

	if ((dev->features & NETIF_F_RXCSUM) && (flags & csum) == csum)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (dev->features & NETIF_F_RXHASH) {
		if (flags & TLSNIC_RXF_HASH_L4)
			skb_set_hash(skb, le32_to_cpu(cpl->hash),
				     PKT_HASH_TYPE_L4);
		else if (flags & TLSNIC_RXF_HASH_L3)
			skb_set_hash(skb, le32_to_cpu(cpl->hash),
				     PKT_HASH_TYPE_L3);
	}
	if (flags & TLSNIC_RXF_VLAN)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
				       le16_to_cpu(cpl->vlan_tci));
	skb_record_rx_queue(skb, q->index);

	u64_stats_update_begin(&rx->syncp);
	rx->stats.packets++;
	rx->stats.bytes += skb->len;
	if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		rx->stats.csum_ok++;
	else
		rx->stats.csum_none++;
	u64_stats_update_end(&rx->syncp);

	skb->protocol = eth_type_trans(skb, dev);
}

/**
 * tlsnic_rx_complete - take one RX completion
 * @rx: the ring
 * @cpl: the completion
 *
 * Return: whether it ended a frame.
 */
bool tlsnic_rx_complete(struct tlsnic_rx_ring *rx,
			const struct tlsnic_cpl_rx *cpl)
{
	struct tlsnic_queue *q = tlsnic_rx_queue(rx);
	unsigned int len = le16_to_cpu(cpl->len);
	u16 flags = le16_to_cpu(cpl->flags);
	struct sk_buff *skb;

	if (unlikely(le16_to_cpu(cpl->index) != rx->head ||
		     rx->head == rx->tail || len > TLSNIC_RX_BUF_LEN)) {
		/* no telling what is in which buffer: start again */
		atomic_long_inc(&q->nic->errors.completion);
		tlsnic_rx_drop(rx);
		tlsnic_schedule_reset(q->nic);
		return true;
	}

	if (flags & TLSNIC_RXF_START) {
		if (unlikely(rx->skb))
			tlsnic_rx_drop(rx);
		rx->discard = false;
	}
	tlsnic_rx_add(rx, tlsnic_rx_buf(rx, rx->head), len);
	rx->head++;
	if (!(flags & TLSNIC_RXF_END))
		return false;

	if (unlikely(rx->skb && (flags & TLSNIC_RXF_ERROR ||
				 rx->skb->len != le16_to_cpu(cpl->frame_len) ||
				 rx->skb->len < ETH_HLEN)))
		tlsnic_rx_drop(rx);
	skb = rx->skb;
	rx->skb = NULL;
	rx->discard = true;		/* until a frame starts */
	if (!skb)
		return true;

	tlsnic_rx_describe(rx, skb, cpl, flags);
	napi_gro_receive(&q->napi, skb);
	return true;
}
