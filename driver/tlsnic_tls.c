// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: life of an offloaded TLS connection.
 *
 * tls_dev_add only takes a context number; the context goes to the card with
 * the connection's first packet, on the same ring, so nothing is waited for. In
 * the same way the ring that carried a connection's packets carries its deletion,
 * and the number is free again when that completes. What cannot be had is refused
 * in tls_dev_add: the stack then runs the connection in software.
 *
 * Order holds only within one ring, so a connection is bound to a queue for
 * as long as the card has its context. This is also why a tag always finds its
 * connection: it comes on the completion ring of that queue, ahead of the completion
 * of the deletion, after which the number may be another's.
 */
#include <linux/unaligned.h>
#include <net/tls.h>

#include "tlsnic.h"
#include "tlsnic_compat.h"
#include "tlsnic_tls.h"

#define TLSNIC_TLS_RETRY	msecs_to_jiffies(10)

/* Driver state in the stack's context: the pointer to ours. */
static struct tlsnic_tls **tlsnic_tls_slot(struct tls_context *tls_ctx)
{
	BUILD_BUG_ON(sizeof(struct tlsnic_tls *) > TLS_DRIVER_STATE_SIZE_TX);
	return __tls_driver_ctx(tls_ctx, TLS_OFFLOAD_CTX_DIR_TX);
}

struct tlsnic_tls *tlsnic_tls_get(const struct net_device *dev,
				  const struct sock *sk)
{
	struct tls_context *tls_ctx = tls_get_ctx(sk);

	if (rcu_dereference_bh(tls_ctx->netdev) != dev)
		return NULL;
	return *tlsnic_tls_slot(tls_ctx);
}

static bool tlsnic_tls_supported(const struct tlsnic_nic *nic,
				 const struct sock *sk,
				 const struct tls_crypto_info *info)
{
	if (sk->sk_family != AF_INET && sk->sk_family != AF_INET6)
		return false;
	if (info->version != TLS_1_2_VERSION &&
	    !(info->version == TLS_1_3_VERSION &&
	      tlsnic_has_feature(nic, TLSNIC_FEAT_TLS13)))
		return false;
	return info->cipher_type == TLS_CIPHER_AES_GCM_128 ||
	       info->cipher_type == TLS_CIPHER_AES_GCM_256;
}

static u64 tlsnic_tls_first_record(const struct tls_crypto_info *info)
{
	/* the two ciphers' structures differ in the size of the key only */
	if (info->cipher_type == TLS_CIPHER_AES_GCM_128)
		return get_unaligned_be64(container_of(info,
				const struct tls12_crypto_info_aes_gcm_128,
				info)->rec_seq);
	return get_unaligned_be64(container_of(info,
			const struct tls12_crypto_info_aes_gcm_256,
			info)->rec_seq);
}

static int tlsnic_tls_add(struct net_device *dev, struct sock *sk,
			  enum tls_offload_ctx_dir direction,
			  struct tls_crypto_info *info, u32 start_seq)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct tlsnic_tls *tls;
	int queue, err;

	if (direction != TLS_OFFLOAD_CTX_DIR_TX)
		return -EOPNOTSUPP;
	if (!tlsnic_tls_supported(nic, sk, info))
		return -EOPNOTSUPP;

	tls = kzalloc_obj(*tls, GFP_KERNEL);
	if (!tls)
		return -ENOMEM;

	spin_lock_init(&tls->lock);
	tls->state = TLSNIC_TLS_NEW;
	tls->expected = start_seq;
	tls->first_sn = tlsnic_tls_first_record(info);
	tls->header = info->version == TLS_1_3_VERSION ? TLSNIC_TLS_HEADER_13 :
							 TLSNIC_TLS_HEADER_12;
	tls->generation = READ_ONCE(nic->tls.generation);
	tls->stack = tls_offload_ctx_tx(tls_get_ctx(sk));
	tls->tags_base = tls->first_sn;
	/* stay behind what the socket has sent so far */
	queue = sk_tx_queue_get(sk);
	tls->queue = queue < 0 ? TLSNIC_TLS_NO_QUEUE : queue;

	err = xa_alloc_irq(&nic->tls.conns, &tls->id, tls,
			   XA_LIMIT(0, nic->num_contexts - 1), GFP_KERNEL);
	if (err) {
		kfree(tls);
		atomic_long_inc(&nic->tls.refused);
		return err == -EBUSY ? -ENOSPC : err;
	}

	*tlsnic_tls_slot(tls_get_ctx(sk)) = tls;
	atomic_inc(&nic->tls.contexts);
	atomic_long_inc(&nic->tls.added);
	return 0;
}

void tlsnic_tls_release(struct tlsnic_nic *nic, struct tlsnic_tls *tls)
{
	unsigned long flags;

	xa_lock_irqsave(&nic->tls.conns, flags);
	__xa_erase(&nic->tls.conns, tls->id);
	xa_unlock_irqrestore(&nic->tls.conns, flags);
	atomic_dec(&nic->tls.contexts);
	atomic_long_inc(&nic->tls.deleted);
	tlsnic_tls_free_tags(tls);
	/* a tag that the card gives for this context now finds nothing, or this */
	kfree_rcu(tls, rcu);
}

/* Returns false when the ring has no room. Under nic->lock, rings are on. */
static bool tlsnic_tls_post_delete(struct tlsnic_nic *nic,
				   struct tlsnic_tls *tls)
{
	lockdep_assert_held(&nic->lock);
	return tlsnic_tx_delete_ctx(&nic->queues[tls->queue].tx, tls, tls->id);
}

static void tlsnic_tls_del(struct net_device *dev, struct tls_context *tls_ctx,
			   enum tls_offload_ctx_dir direction)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct tlsnic_tls *tls;
	unsigned long flags;

	if (direction != TLS_OFFLOAD_CTX_DIR_TX)
		return;
	tls = *tlsnic_tls_slot(tls_ctx);
	*tlsnic_tls_slot(tls_ctx) = NULL;
	/*
	 * What is still to come from the card does not touch the stack any more.
	 * Interrupts off: netpoll takes completions from wherever it is called.
	 */
	spin_lock_irqsave(&tls->lock, flags);
	tls->stack = NULL;
	spin_unlock_irqrestore(&tls->lock, flags);

	mutex_lock(&nic->lock);
	if (!nic->up || !tls->on_card ||
	    tls->generation != nic->tls.generation) {
		tlsnic_tls_release(nic, tls);
	} else if (!list_empty(&nic->tls.deletes) ||
		   !tlsnic_tls_post_delete(nic, tls)) {
		list_add_tail(&tls->list, &nic->tls.deletes);
		schedule_delayed_work(&nic->tls.delete_work, TLSNIC_TLS_RETRY);
	}
	mutex_unlock(&nic->lock);
}

/* Post the deletions that found their rings full. */
static void tlsnic_tls_delete_work(struct work_struct *work)
{
	struct tlsnic_nic *nic = container_of(work, struct tlsnic_nic,
					      tls.delete_work.work);
	struct tlsnic_tls *tls, *next;

	mutex_lock(&nic->lock);
	list_for_each_entry_safe(tls, next, &nic->tls.deletes, list) {
		if (!nic->up || !tlsnic_tls_post_delete(nic, tls)) {
			schedule_delayed_work(&nic->tls.delete_work,
					      TLSNIC_TLS_RETRY);
			break;
		}
		list_del(&tls->list);
	}
	mutex_unlock(&nic->lock);
}

/*
 * The stack tells where its next record starts, and makes a packet start there.
 * If the card has been brought back at another record meanwhile, it may stay.
 */
static int tlsnic_tls_resync(struct net_device *dev, struct sock *sk, u32 seq,
			     u8 *rec_sn, enum tls_offload_ctx_dir direction)
{
	struct tlsnic_tls *tls;
	unsigned long flags;

	if (direction != TLS_OFFLOAD_CTX_DIR_TX)
		return -EOPNOTSUPP;
	tls = *tlsnic_tls_slot(tls_get_ctx(sk));

	spin_lock_irqsave(&tls->lock, flags);
	if (tls->state == TLSNIC_TLS_LOST) {
		tls->state = TLSNIC_TLS_NEW;
		tls->expected = seq;
		tls->first_sn = get_unaligned_be64(rec_sn);
	}
	spin_unlock_irqrestore(&tls->lock, flags);
	return 0;
}

static const struct tlsdev_ops tlsnic_tlsdev_ops = {
	.tls_dev_add = tlsnic_tls_add,
	.tls_dev_del = tlsnic_tls_del,
	.tls_dev_resync = tlsnic_tls_resync,
};

int tlsnic_tls_select_queue(struct net_device *dev, const struct sk_buff *skb)
{
	struct tlsnic_tls *tls;
	u16 queue;

	if (!tls_is_skb_tx_device_offloaded(skb))
		return -1;
	tls = tlsnic_tls_get(dev, skb->sk);
	if (!tls)
		return -1;
	queue = READ_ONCE(tls->queue);
	return queue < dev->real_num_tx_queues ? queue : -1;
}

void tlsnic_tls_forget(struct tlsnic_nic *nic)
{
	struct tlsnic_tls *tls, *next;

	lockdep_assert_held(&nic->lock);
	WRITE_ONCE(nic->tls.generation, nic->tls.generation + 1);
	list_for_each_entry_safe(tls, next, &nic->tls.deletes, list) {
		list_del(&tls->list);
		tlsnic_tls_release(nic, tls);
	}
}

void tlsnic_tls_init(struct tlsnic_nic *nic)
{
	xa_init_flags(&nic->tls.conns, XA_FLAGS_ALLOC | XA_FLAGS_LOCK_IRQ);
	INIT_LIST_HEAD(&nic->tls.deletes);
	INIT_DELAYED_WORK(&nic->tls.delete_work, tlsnic_tls_delete_work);
	if (!tlsnic_has_feature(nic, TLSNIC_FEAT_TLS_TX) || !nic->num_contexts)
		return;
	nic->dev->tlsdev_ops = &tlsnic_tlsdev_ops;
	nic->dev->hw_features |= NETIF_F_HW_TLS_TX;
	nic->dev->features |= NETIF_F_HW_TLS_TX;
	if (tlsnic_has_feature(nic, TLSNIC_FEAT_TLS_SEEK)) {
		nic->ctrl |= TLSNIC_CTRL_TLS_TAGS;
		nic->tls.tag_min = U16_MAX;	/* no record is that long */
	}
}

void tlsnic_tls_exit(struct tlsnic_nic *nic)
{
	cancel_delayed_work_sync(&nic->tls.delete_work);
	WARN_ON(!xa_empty(&nic->tls.conns));
	xa_destroy(&nic->tls.conns);
}
