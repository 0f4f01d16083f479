/* SPDX-License-Identifier: GPL-2.0-only */
/* tlsnic Ethernet driver: TLS transmit offload, as the other files see it. */
#ifndef _TLSNIC_TLS_H
#define _TLSNIC_TLS_H

#include "tlsnic.h"

/* One packet for the card to encrypt. */
struct tlsnic_tls_job {
	struct tlsnic_tls *tls;		/* NULL: not to be encrypted by the card */
	u64 rec_sn;			/* write: record that starts with the packet */
	u32 seq;			/* TCP sequence number of the first TLS byte */
	u16 offset;			/* of that byte in the packet */
	u16 epoch;
	bool write;			/* the context goes ahead of the packet */
};

#if IS_ENABLED(CONFIG_TLS_DEVICE)

/* Where the card's context of a connection stands. */
enum tlsnic_tls_state {
	TLSNIC_TLS_NEW,		/* to be written with the packet at expected */
	TLSNIC_TLS_SYNC,	/* the card continues with the packet at expected */
	TLSNIC_TLS_LOST,	/* to be written where a record starts a packet */
	TLSNIC_TLS_SOFT,	/* left to software for good */
};

/*
 * One offloaded connection. The key stays where the stack keeps it: it goes
 * from there to a ring slot, and is wiped from that.
 */
struct tlsnic_tls {
	spinlock_t lock;	/* guards all below but id */
	u32 id;			/* context number in the card */
	u32 generation;		/* of the card's memory, for state and queue */
	u64 rec_sn;		/* NEW: record that starts at expected */
	u32 expected;		/* SYNC, NEW: next byte; LOST: after what was sent */
	u16 epoch;		/* counts context writes and failures */
	u16 queue;		/* whose ring orders the context's items */
	u8 state;		/* enum tlsnic_tls_state */
	u8 failures;
	bool on_card;		/* a write was posted to the ring of queue */
	struct list_head list;	/* waits for room to be deleted */
};

#define TLSNIC_TLS_NO_QUEUE	U16_MAX

/* State of a socket's connection, when this device has it, else NULL. BH off. */
struct tlsnic_tls *tlsnic_tls_get(const struct net_device *dev,
				  const struct sock *sk);

void tlsnic_tls_init(struct tlsnic_nic *nic);
void tlsnic_tls_exit(struct tlsnic_nic *nic);

/* Rings are off and the card was reset: nothing of any context is left there. */
void tlsnic_tls_forget(struct tlsnic_nic *nic);

/* Queue that a packet's connection is bound to, or -1. */
int tlsnic_tls_select_queue(struct net_device *dev, const struct sk_buff *skb);

/*
 * Decide on a packet that may belong to an offloaded connection. Returns the
 * packet to send, perhaps another one; NULL when it was dropped. TX queue lock.
 */
struct sk_buff *tlsnic_tls_xmit(struct tlsnic_tx_ring *tx, struct sk_buff *skb,
				struct tlsnic_tls_job *job);

/* Fill the packet's descriptor, and the context's two slots that start at index. */
void tlsnic_tls_describe(const struct tlsnic_tls_job *job,
			 struct tlsnic_txd_packet *txd);
void tlsnic_tls_write_ctx(struct tlsnic_tx_ring *tx, u16 index,
			  const struct tlsnic_tls_job *job,
			  const struct sk_buff *skb);

/* The packet did not reach the card, or was not sent by it. */
void tlsnic_tls_lost(const struct tlsnic_tls_job *job);
void tlsnic_tls_failed(struct tlsnic_tls *tls, u16 epoch);

/* The card has deleted the context, or has been reset. Any context. */
void tlsnic_tls_release(struct tlsnic_nic *nic, struct tlsnic_tls *tls);

#else

static inline void tlsnic_tls_init(struct tlsnic_nic *nic) {}
static inline void tlsnic_tls_exit(struct tlsnic_nic *nic) {}
static inline void tlsnic_tls_forget(struct tlsnic_nic *nic) {}

static inline int tlsnic_tls_select_queue(struct net_device *dev,
					  const struct sk_buff *skb)
{
	return -1;
}

static inline struct sk_buff *tlsnic_tls_xmit(struct tlsnic_tx_ring *tx,
					      struct sk_buff *skb,
					      struct tlsnic_tls_job *job)
{
	return skb;
}

static inline void tlsnic_tls_describe(const struct tlsnic_tls_job *job,
				       struct tlsnic_txd_packet *txd) {}
static inline void tlsnic_tls_write_ctx(struct tlsnic_tx_ring *tx, u16 index,
					const struct tlsnic_tls_job *job,
					const struct sk_buff *skb) {}
static inline void tlsnic_tls_lost(const struct tlsnic_tls_job *job) {}
static inline void tlsnic_tls_failed(struct tlsnic_tls *tls, u16 epoch) {}
static inline void tlsnic_tls_release(struct tlsnic_nic *nic,
				      struct tlsnic_tls *tls) {}

#endif

#endif /* _TLSNIC_TLS_H */
