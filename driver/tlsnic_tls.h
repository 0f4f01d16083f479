/* SPDX-License-Identifier: GPL-2.0-only */
/* tlsnic Ethernet driver: TLS transmit offload, as the other files see it. */
#ifndef _TLSNIC_TLS_H
#define _TLSNIC_TLS_H

#include "tlsnic.h"
#include "tlsnic_tls_decide.h"

/* One packet for the card to encrypt. */
struct tlsnic_tls_job {
	struct tlsnic_tls *tls;		/* NULL: not to be encrypted by the card */
	struct tlsnic_tls_record place;	/* write, seek: the record */
	u32 seq;			/* TCP sequence number of the first byte for the card */
	u16 offset;			/* of that byte in the packet */
	u16 epoch;
	bool moves;			/* the card's place is after this packet */
	bool write;			/* the context goes ahead of the packet */
	bool first;			/* the card had nothing of the connection before */
	bool seek;			/* so does a seek */
	bool go_on;			/* TLSNIC_SEEK_CONTINUE */
	bool with_tag;			/* TLSNIC_SEEK_TAG */
	u8 type;			/* seek: first byte of the record */
	u8 tag[TLSNIC_TLS_TAG_LEN];	/* with_tag */
};

/* Slots ahead of the packet's own. */
static inline unsigned int tlsnic_tls_slots(const struct tlsnic_tls_job *job)
{
	return (job->write ? 2 : 0) + job->seek;
}

#if IS_ENABLED(CONFIG_TLS_DEVICE)

struct tlsnic_tls_tag {
	u64 sn;			/* U64_MAX: none */
	u8 tag[TLSNIC_TLS_TAG_LEN];
};

/*
 * One offloaded connection. The key stays where the stack keeps it: it goes
 * from there to a ring slot, and is wiped from that.
 */
struct tlsnic_tls {
	spinlock_t lock;	/* guards all below but id and header */
	u32 id;			/* context number in the card */
	u32 generation;		/* of the card's memory, for state and queue */
	u32 expected;		/* see state */
	u64 first_sn;		/* NEW: record that starts at expected */
	u16 epoch;		/* counts moves of the card's place, and failures */
	u16 queue;		/* whose ring orders the context's items */
	u8 state;		/* enum tlsnic_tls_state */
	u8 failures;
	u8 header;		/* TLSNIC_TLS_HEADER_* */
	bool on_card;		/* a write was posted to the ring of queue */
	bool written;		/* and is there still, as far as we know */
	struct list_head list;	/* waits for room to be deleted */

	/* the stack's context; NULL once it is to be deleted */
	struct tls_offload_context_tx *stack;
	/* tags of records from tags_base on, where sn % tags_size says */
	struct tlsnic_tls_tag *tags;
	u64 tags_base;
	u32 tags_size;		/* power of two, or 0 */
	struct rcu_head rcu;
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

/* Free a packet and count it. */
struct sk_buff *tlsnic_tls_drop(struct tlsnic_tx_ring *tx, struct sk_buff *skb,
				u64 *stat);

/*
 * Encryption by the stack, of all of a packet or of its first @len bytes of payload,
 * which begins at @offset. Returns NULL when the packet was dropped.
 */
struct sk_buff *tlsnic_tls_software(struct tlsnic_tx_ring *tx,
				    struct tlsnic_tls *tls, struct sk_buff *skb,
				    unsigned int offset,
				    const struct tlsnic_tls_facts *f, u32 len);
struct sk_buff *tlsnic_tls_splice(struct tlsnic_tx_ring *tx,
				  struct tlsnic_tls *tls, struct sk_buff *skb,
				  unsigned int offset,
				  const struct tlsnic_tls_facts *f, u32 len);

/* Whoever encrypts, the card computes the checksum. */
int tlsnic_tls_csum(struct sk_buff *skb);

/* Fill the packet's descriptor, and the slots ahead of it, from index on. */
void tlsnic_tls_describe(const struct tlsnic_tls_job *job,
			 struct tlsnic_txd_packet *txd);
void tlsnic_tls_fill(struct tlsnic_tx_ring *tx, u16 index,
		     const struct tlsnic_tls_job *job, const struct sk_buff *skb);

/* The packet did not reach the card. */
void tlsnic_tls_lost(const struct tlsnic_tls_job *job);

/* The card did not send it: TLSNIC_STATUS_*. */
void tlsnic_tls_failed(struct tlsnic_tls *tls, u16 epoch, bool moves, u8 status);

/* The card has deleted the context, or has been reset. Any context. */
void tlsnic_tls_release(struct tlsnic_nic *nic, struct tlsnic_tls *tls);

/* NAPI: a tag. Returns false when it is of no use. */
bool tlsnic_tls_take_tag(struct tlsnic_tx_ring *tx,
			 const struct tlsnic_cpl_tag *cpl);

/* The store of tags. Under tls->lock. */
bool tlsnic_tls_put_tag(struct tlsnic_tls *tls, u64 sn, const u8 *tag);
bool tlsnic_tls_get_tag(const struct tlsnic_tls *tls, u64 sn, u8 *tag);
void tlsnic_tls_free_tags(struct tlsnic_tls *tls);

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
static inline void tlsnic_tls_fill(struct tlsnic_tx_ring *tx, u16 index,
				   const struct tlsnic_tls_job *job,
				   const struct sk_buff *skb) {}
static inline void tlsnic_tls_lost(const struct tlsnic_tls_job *job) {}
static inline void tlsnic_tls_failed(struct tlsnic_tls *tls, u16 epoch,
				     bool moves, u8 status) {}
static inline void tlsnic_tls_release(struct tlsnic_nic *nic,
				      struct tlsnic_tls *tls) {}

static inline bool tlsnic_tls_take_tag(struct tlsnic_tx_ring *tx,
				       const struct tlsnic_cpl_tag *cpl)
{
	return false;
}

#endif

#endif /* _TLSNIC_TLS_H */
