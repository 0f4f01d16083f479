// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: packets of offloaded TLS connections that the stack has to
 * encrypt after all, from the plaintext of its records.
 */
#include <linux/unaligned.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include <net/tls.h>

#include "tlsnic.h"
#include "tlsnic_tls.h"

/*
 * With checksum offload turned off the stack has summed the plaintext: leave the
 * sum of the pseudo header and have the card do the rest, as for others. For
 * tls_encrypt_skb() too, which takes a wrong length when it has to do this.
 */
int tlsnic_tls_csum(struct sk_buff *skb)
{
	unsigned int len = skb->len - skb_transport_offset(skb);
	int err;

	if (likely(skb->ip_summed == CHECKSUM_PARTIAL))
		return 0;
	err = skb_cow_head(skb, 0);
	if (err)
		return err;
	if (vlan_get_protocol(skb) == htons(ETH_P_IP))
		tcp_hdr(skb)->check = ~csum_tcpudp_magic(ip_hdr(skb)->saddr,
							 ip_hdr(skb)->daddr,
							 len, IPPROTO_TCP, 0);
	else
		tcp_hdr(skb)->check = ~csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
						       &ipv6_hdr(skb)->daddr,
						       len, IPPROTO_TCP, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
	return 0;
}

/* Software knows the tags of the records that it has encrypted to their end. */
static void tlsnic_tls_harvest(struct tlsnic_tls *tls, const struct sk_buff *skb,
			       unsigned int offset,
			       const struct tlsnic_tls_facts *f, u32 len)
{
	u32 end = f->rec.start - f->seq + f->rec.len;	/* in the payload */
	const u8 *data = skb->data + offset;
	u64 sn = f->rec.sn;

	if (skb_headlen(skb) < offset + len)
		return;
	spin_lock(&tls->lock);
	/* a length of a record that the packet has only a part of */
	while (end <= len) {
		if (end >= TLSNIC_TLS_TAG_LEN)
			tlsnic_tls_put_tag(tls, sn,
					   data + end - TLSNIC_TLS_TAG_LEN);
		if (len - end < TLS_HEADER_SIZE)
			break;
		end += TLS_HEADER_SIZE + get_unaligned_be16(data + end + 3);
		sn++;
	}
	spin_unlock(&tls->lock);
}

/* All of the packet: @len bytes of payload, from @offset on. */
struct sk_buff *tlsnic_tls_software(struct tlsnic_tx_ring *tx,
				    struct tlsnic_tls *tls, struct sk_buff *skb,
				    unsigned int offset,
				    const struct tlsnic_tls_facts *f, u32 len)
{
	if (unlikely(tlsnic_tls_csum(skb)))
		return tlsnic_tls_drop(tx, skb, &tx->stats.dropped);
	skb = tls_encrypt_skb(skb);
	if (unlikely(!skb)) {
		tlsnic_tx_stat(tx, &tx->stats.tls_drop_no_sync_data, 1);
		return NULL;
	}
	tlsnic_tls_harvest(tls, skb, offset, f, len);
	tlsnic_tx_stat(tx, &tx->stats.tls_fallback_packets,
		       tlsnic_tx_frames(skb, len));
	tlsnic_tx_stat(tx, &tx->stats.tls_fallback_bytes, len);
	return skb;
}

/* A packet with the first bytes of @skb; they are linear there. */
static struct sk_buff *tlsnic_tls_copy_front(const struct sk_buff *skb,
					     unsigned int len)
{
	struct sk_buff *front;

	front = alloc_skb(skb_headroom(skb) + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!front)
		return NULL;
	skb_reserve(front, skb_headroom(skb));
	skb_copy_header(front, skb);
	skb_put_data(front, skb->data, len);
	skb_set_owner_w(front, skb->sk);
	return front;
}

/* The first @len bytes of payload; the card does the others. */
struct sk_buff *tlsnic_tls_splice(struct tlsnic_tx_ring *tx,
				  struct tlsnic_tls *tls, struct sk_buff *skb,
				  unsigned int offset,
				  const struct tlsnic_tls_facts *f, u32 len)
{
	struct sk_buff *front;

	if (unlikely(tlsnic_tls_csum(skb) ||
		     skb_ensure_writable(skb, offset + len)))
		return tlsnic_tls_drop(tx, skb, &tx->stats.dropped);
	front = tlsnic_tls_copy_front(skb, offset + len);
	if (unlikely(!front))
		return tlsnic_tls_drop(tx, skb, &tx->stats.dropped);
	front = tlsnic_tls_software(tx, tls, front, offset, f, len);
	if (unlikely(!front)) {
		dev_kfree_skb_any(skb);
		return NULL;
	}
	memcpy(skb->data + offset, front->data + offset, len);
	dev_consume_skb_any(front);
	return skb;
}
