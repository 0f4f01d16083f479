// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: packets of offloaded TLS connections.
 *
 * Every packet of such a connection is plaintext. tlsnic_tls_decide() says which
 * way it takes:
 *
 *   the next bytes of the stream         card, as it is
 *   first packet, or one that starts     card, with its context ahead of it
 *     with a record after bytes were
 *     sent in another way
 *   bytes sent before, or another ring   software, the card's place stays
 *   bytes ahead of the card's place      software, the stack is asked to start
 *                                        a packet with its next record
 *
 * and tlsnic_tls_lookup() what software can do with it: encrypt it, send it
 * as it is because it was encrypted before the offload began, or drop it.
 */
#include <linux/unaligned.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include <net/tls.h>

#include "tlsnic.h"
#include "tlsnic_tls.h"

/* A connection on which the card fails so often is left to software. */
#define TLSNIC_TLS_MAX_FAILURES	8

enum tlsnic_tls_lookup {
	TLSNIC_TLS_ENCRYPT,
	TLSNIC_TLS_BEFORE,	/* all of it from before the offload began */
	TLSNIC_TLS_MIXED,	/* some of it from before the offload began */
	TLSNIC_TLS_NO_RECORD,	/* acknowledged, its record is gone */
};

/* Find the record that holds @seq; sets @rec_sn, and @start: it begins there. */
static enum tlsnic_tls_lookup
tlsnic_tls_lookup(struct sock *sk, u32 seq, unsigned int len, u64 *rec_sn,
		  bool *start)
{
	struct tls_offload_context_tx *ctx = tls_offload_ctx_tx(tls_get_ctx(sk));
	enum tlsnic_tls_lookup result = TLSNIC_TLS_ENCRYPT;
	struct tls_record_info *record;
	unsigned long flags;

	spin_lock_irqsave(&ctx->lock, flags);
	record = tls_get_record(ctx, seq, rec_sn);
	if (!record)
		result = TLSNIC_TLS_NO_RECORD;
	else if (tls_record_is_start_marker(record))
		result = after(seq + len, record->end_seq) ?
			 TLSNIC_TLS_MIXED : TLSNIC_TLS_BEFORE;
	else if (before(seq, tls_record_start_seq(record)))
		result = TLSNIC_TLS_NO_RECORD;
	else
		*start = seq == tls_record_start_seq(record);
	spin_unlock_irqrestore(&ctx->lock, flags);
	return result;
}

/* What the card had is not there any more after a reset. */
static void tlsnic_tls_renew(struct tlsnic_tls *tls, u32 generation)
{
	tls->generation = generation;
	tls->on_card = false;
	tls->epoch++;
	if (tls->state == TLSNIC_TLS_SYNC)
		tls->state = TLSNIC_TLS_LOST;
}

/* Bring the card to the packet at @seq, whose record is @rec_sn. */
static void tlsnic_tls_begin(struct tlsnic_tls *tls, struct tlsnic_tls_job *job,
			     u64 rec_sn)
{
	job->write = true;
	job->rec_sn = rec_sn;
	tls->on_card = true;
	tls->epoch++;
	tls->state = TLSNIC_TLS_SYNC;
}

/*
 * The way of a packet of @len bytes of TLS at @seq: true for the card, then @job
 * says how, false for software. Under tls->lock.
 */
static bool tlsnic_tls_decide(struct tlsnic_tx_ring *tx, struct tlsnic_tls *tls,
			      struct sock *sk, u32 seq, unsigned int len,
			      struct tlsnic_tls_job *job)
{
	struct tlsnic_nic *nic = tlsnic_tx_queue(tx)->nic;
	u32 generation = READ_ONCE(nic->tls.generation);
	bool start = false;
	u64 rec_sn;

	if (unlikely(tls->generation != generation))
		tlsnic_tls_renew(tls, generation);
	if (unlikely(!tls->on_card))
		WRITE_ONCE(tls->queue, tx->index);
	if (unlikely(tls->queue != tx->index)) {
		tlsnic_tx_stat(tx, &tx->stats.tls_other_queue, 1);
		return false;
	}
	if (unlikely(tls->state == TLSNIC_TLS_SOFT))
		return false;

	if (unlikely(before(seq, tls->expected)))
		return false;
	if (likely(seq == tls->expected && tls->state == TLSNIC_TLS_SYNC))
		goto card;
	if (seq == tls->expected && tls->state == TLSNIC_TLS_NEW) {
		tlsnic_tls_begin(tls, job, tls->rec_sn);
		goto card;
	}

	if (tlsnic_tls_lookup(sk, seq, len, &rec_sn, &start) ==
	    TLSNIC_TLS_ENCRYPT && start) {
		tlsnic_tx_stat(tx, &tx->stats.tls_resync, 1);
		tlsnic_tls_begin(tls, job, rec_sn);
		goto card;
	}
	if (!tls_offload_tx_resync_pending(sk))
		tls_offload_tx_resync_request(sk, seq, tls->expected);
	tls->state = TLSNIC_TLS_LOST;
	tls->expected = seq + len;
	return false;

card:
	tls->expected = seq + len;
	job->tls = tls;
	job->seq = seq;
	job->epoch = tls->epoch;
	return true;
}

/*
 * With checksum offload turned off the stack has summed the plaintext: leave the
 * sum of the pseudo header and have the card do the rest, as for others. For
 * tls_encrypt_skb() too, which takes a wrong length when it has to do this.
 */
static int tlsnic_tls_csum(struct sk_buff *skb)
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

static struct sk_buff *tlsnic_tls_software(struct tlsnic_tx_ring *tx,
					   struct sk_buff *skb, u32 seq,
					   unsigned int len)
{
	bool start;
	u64 rec_sn;

	switch (tlsnic_tls_lookup(skb->sk, seq, len, &rec_sn, &start)) {
	case TLSNIC_TLS_BEFORE:
		tlsnic_tx_stat(tx, &tx->stats.tls_skip_no_sync_data, 1);
		return skb;
	case TLSNIC_TLS_MIXED:
		tlsnic_tx_stat(tx, &tx->stats.tls_drop_bypass_req, 1);
		break;
	case TLSNIC_TLS_NO_RECORD:
		tlsnic_tx_stat(tx, &tx->stats.tls_ooo, 1);
		tlsnic_tx_stat(tx, &tx->stats.tls_drop_no_sync_data, 1);
		break;
	case TLSNIC_TLS_ENCRYPT:
		tlsnic_tx_stat(tx, &tx->stats.tls_ooo, 1);
		if (tlsnic_tls_csum(skb)) {
			tlsnic_tx_stat(tx, &tx->stats.dropped, 1);
			break;
		}
		skb = tls_encrypt_skb(skb);
		if (skb) {
			tlsnic_tx_stat(tx, &tx->stats.tls_fallback_packets, 1);
			tlsnic_tx_stat(tx, &tx->stats.tls_fallback_bytes, len);
		} else {
			tlsnic_tx_stat(tx, &tx->stats.tls_drop_no_sync_data, 1);
		}
		return skb;
	}
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

static struct sk_buff *tlsnic_tls_drop_no_socket(struct tlsnic_tx_ring *tx,
						 struct sk_buff *skb)
{
	tlsnic_tx_stat(tx, &tx->stats.tls_drop_no_socket, 1);
	dev_kfree_skb_any(skb);
	return NULL;
}

struct sk_buff *tlsnic_tls_xmit(struct tlsnic_tx_ring *tx, struct sk_buff *skb,
				struct tlsnic_tls_job *job)
{
	const struct net_device *dev = tlsnic_tx_queue(tx)->nic->dev;
	struct sock *sk = skb->sk;
	struct net_device *owner;
	struct tlsnic_tls *tls;
	unsigned int offset, len;
	bool card;
	u32 seq;

	if (likely(!tls_is_skb_tx_device_offloaded(skb))) {
		/* plaintext whose socket was lost on the way */
		if (unlikely(skb_is_decrypted(skb) && !sk))
			return tlsnic_tls_drop_no_socket(tx, skb);
		return skb;
	}
	owner = rcu_dereference_bh(tls_get_ctx(sk)->netdev);
	if (unlikely(owner != dev)) {
		/* of another device: the stack has encrypted it for us */
		if (owner)
			return skb;
		return tlsnic_tls_drop_no_socket(tx, skb);
	}
	if (unlikely(!tlsnic_tls_is_tcp(skb)))
		return tlsnic_tls_drop_no_socket(tx, skb);

	offset = skb_tcp_all_headers(skb);
	len = skb->len - offset;
	if (!len)
		return skb;
	seq = ntohl(tcp_hdr(skb)->seq);

	tls = tlsnic_tls_get(dev, sk);
	spin_lock(&tls->lock);
	card = tlsnic_tls_decide(tx, tls, sk, seq, len, job);
	spin_unlock(&tls->lock);
	if (unlikely(!card))
		return tlsnic_tls_software(tx, skb, seq, len);

	job->offset = offset;
	if (unlikely(tlsnic_tls_csum(skb))) {
		tlsnic_tls_lost(job);
		tlsnic_tx_stat(tx, &tx->stats.dropped, 1);
		dev_kfree_skb_any(skb);
		return NULL;
	}
	return skb;
}

void tlsnic_tls_describe(const struct tlsnic_tls_job *job,
			 struct tlsnic_txd_packet *txd)
{
	txd->flags |= TLSNIC_TXF_TLS;
	txd->ctx = cpu_to_le32(job->tls->id);
	txd->seq = cpu_to_le32(job->seq);
	txd->stream_offset = cpu_to_le16(job->offset);
}

/* The IV that the card is to use for record @rec_sn, and for others after it. */
static void tlsnic_tls_iv(struct tlsnic_txd_ctx *txd, u16 version, const u8 *iv,
			  const u8 *first_rec_sn, u64 rec_sn)
{
	u64 val = get_unaligned_be64(iv);

	/* TLS 1.2: counts records; TLS 1.3: the record number goes on top */
	if (version == TLS_1_2_VERSION)
		val += rec_sn - get_unaligned_be64(first_rec_sn);
	put_unaligned_be64(val, txd->iv);
	put_unaligned_be64(rec_sn, txd->rec_sn);
}

void tlsnic_tls_write_ctx(struct tlsnic_tx_ring *tx, u16 index,
			  const struct tlsnic_tls_job *job,
			  const struct sk_buff *skb)
{
	const struct tls_crypto_info *info =
		&tls_get_ctx(skb->sk)->crypto_send.info;
	struct tlsnic_txd_key *key = &tlsnic_tx_slot(tx, index + 1)->key;
	struct tlsnic_txd_ctx *txd = &tlsnic_tx_slot(tx, index)->ctx;
	const struct tls12_crypto_info_aes_gcm_128 *gcm128;
	const struct tls12_crypto_info_aes_gcm_256 *gcm256;

	memset(txd, 0, sizeof(*txd));
	memset(key, 0, sizeof(*key));
	txd->op = TLSNIC_TXD_CTX_WRITE;
	txd->version = info->version == TLS_1_3_VERSION ? TLSNIC_TLS_1_3 :
							  TLSNIC_TLS_1_2;
	txd->ctx = cpu_to_le32(job->tls->id);
	txd->seq = cpu_to_le32(job->seq);
	if (info->cipher_type == TLS_CIPHER_AES_GCM_128) {
		gcm128 = container_of(info, typeof(*gcm128), info);
		txd->cipher = TLSNIC_CIPHER_AES_GCM_128;
		memcpy(txd->salt, gcm128->salt, sizeof(txd->salt));
		tlsnic_tls_iv(txd, info->version, gcm128->iv, gcm128->rec_seq,
			      job->rec_sn);
		memcpy(key->key, gcm128->key, sizeof(gcm128->key));
	} else {
		gcm256 = container_of(info, typeof(*gcm256), info);
		txd->cipher = TLSNIC_CIPHER_AES_GCM_256;
		memcpy(txd->salt, gcm256->salt, sizeof(txd->salt));
		tlsnic_tls_iv(txd, info->version, gcm256->iv, gcm256->rec_seq,
			      job->rec_sn);
		memcpy(key->key, gcm256->key, sizeof(gcm256->key));
	}
}

void tlsnic_tls_lost(const struct tlsnic_tls_job *job)
{
	struct tlsnic_tls *tls = job->tls;

	if (!tls)
		return;
	spin_lock(&tls->lock);
	if (tls->state == TLSNIC_TLS_SYNC)
		tls->state = TLSNIC_TLS_LOST;
	spin_unlock(&tls->lock);
}

void tlsnic_tls_failed(struct tlsnic_tls *tls, u16 epoch)
{
	spin_lock(&tls->lock);
	/* what failed after this, before the context was written again, follows */
	if (tls->epoch == epoch && tls->state == TLSNIC_TLS_SYNC) {
		tls->epoch++;
		tls->state = ++tls->failures >= TLSNIC_TLS_MAX_FAILURES ?
			     TLSNIC_TLS_SOFT : TLSNIC_TLS_LOST;
	}
	spin_unlock(&tls->lock);
}
