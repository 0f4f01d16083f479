/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tlsnic Ethernet driver: what its files share. The card's registers, rings and
 * descriptors are in <linux/tlsnic.h>.
 *
 * Locks, outermost first:
 *   rtnl              open, stop, reset, reconfiguration
 *   tlsnic_nic.lock   rings going up or down against tls_dev_del
 *   TX queue lock     posting to a TX ring
 *   tlsnic_tls.lock   state of one TLS connection
 *   tls_offload_context_tx.lock  the stack's list of records
 */
#ifndef _TLSNIC_H
#define _TLSNIC_H

#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/tlsnic.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/page_pool/types.h>

#define TLSNIC_NAME		"tlsnic"

#define TLSNIC_RING_MIN		128
#define TLSNIC_RING_MAX		4096
#define TLSNIC_RING_DEFAULT	512

/* A frame of the largest MTU with one tag must fit into TLSNIC_TX_MAX_LEN. */
#define TLSNIC_MAX_MTU		9000

/*
 * Receive buffers: room for a headroom and the skb's shared info around what the
 * card fills, so that a buffer becomes the head of an skb without a copy.
 */
#define TLSNIC_RX_TRUESIZE	2048
#define TLSNIC_RX_HEADROOM	ALIGN(NET_SKB_PAD, 64)
#define TLSNIC_RX_BUF_LEN						\
	ALIGN_DOWN(TLSNIC_RX_TRUESIZE - TLSNIC_RX_HEADROOM -		\
		   SKB_DATA_ALIGN(sizeof(struct skb_shared_info)), 64)

/* Most slots that one packet takes: its parts, a context with its key, a seek. */
#define TLSNIC_TX_SLOTS		(MAX_SKB_FRAGS + 1 + 2 + 1)
#define TLSNIC_TX_WAKE		(2 * TLSNIC_TX_SLOTS)

union tlsnic_txd {
	struct tlsnic_txd_packet packet;
	struct tlsnic_txd_segment segment;
	struct tlsnic_txd_ctx ctx;
	struct tlsnic_txd_key key;
	struct tlsnic_txd_seek seek;
};

union tlsnic_cpl {
	struct tlsnic_cpl_tx tx;
	struct tlsnic_cpl_rx rx;
	struct tlsnic_cpl_tag tag;
};

struct tlsnic_nic;
struct tlsnic_tls;

/* What a TX slot holds, and so what is to be undone when it is consumed. */
enum tlsnic_tx_kind {
	TLSNIC_TX_HEAD,		/* linear part, mapped as single */
	TLSNIC_TX_FRAG,		/* mapped as page */
	TLSNIC_TX_CTX,		/* context write; the key follows */
	TLSNIC_TX_KEY,		/* to be wiped */
	TLSNIC_TX_SEEK,		/* holds nothing */
	TLSNIC_TX_DELETE,	/* context delete: frees the connection's state */
};

struct tlsnic_tx_buf {
	struct sk_buff *skb;		/* in the last slot of a packet */
	struct tlsnic_tls *tls;		/* in the last slot, DELETE: in its only one */
	DEFINE_DMA_UNMAP_ADDR(dma);
	DEFINE_DMA_UNMAP_LEN(len);
	u16 epoch;			/* of tls, when this was posted */
	u8 kind;
	bool moves;			/* tls: the card's place is after this packet */
};

/* Counted under the TX queue lock, but for those that TX completions count. */
struct tlsnic_tx_stats {
	u64 packets;
	u64 bytes;
	u64 csum;
	u64 tso_packets;
	u64 tso_bytes;
	u64 tso_wire_packets;
	u64 tso_wire_bytes;
	u64 stop;
	u64 dropped;
	u64 tls_packets;
	u64 tls_bytes;
	u64 tls_ctx_writes;
	u64 tls_ooo;
	u64 tls_seek_packets;
	u64 tls_seek_bytes;
	u64 tls_tags_used;
	u64 tls_resync;
	u64 tls_resync_asked;
	u64 tls_splice;
	u64 tls_mixed;
	u64 tls_other_queue;
	u64 tls_fallback_packets;
	u64 tls_fallback_bytes;
	u64 tls_skip_no_sync_data;
	u64 tls_drop_no_sync_data;
	u64 tls_drop_bypass_req;
	u64 tls_drop_no_socket;
};

struct tlsnic_txc_stats {
	u64 wake;
	u64 errors;
	u64 tls_errors;
	u64 tls_tags;
	u64 tls_tags_dropped;
};

struct tlsnic_tx_ring {
	union tlsnic_txd *desc;
	struct tlsnic_tx_buf *bufs;
	struct netdev_queue *txq;
	u8 __iomem *doorbell;
	u16 size;
	u16 index;

	/* posting side */
	u16 tail;			/* next slot to be filled */
	u16 posted;			/* tail that the card knows of */
	u16 last;			/* first slot of the newest item */
	struct u64_stats_sync syncp;
	struct tlsnic_tx_stats stats;

	/* completion side */
	u16 head ____cacheline_aligned_in_smp;	/* next slot to be freed */
	struct u64_stats_sync csyncp;
	struct tlsnic_txc_stats cstats;

	dma_addr_t dma;
};

struct tlsnic_rx_buf {
	struct page *page;
	u32 offset;
};

struct tlsnic_rx_stats {
	u64 packets;
	u64 bytes;
	u64 alloc_fail;
	u64 errors;
	u64 csum_ok;
	u64 csum_none;
};

struct tlsnic_rx_ring {
	struct tlsnic_rxd *desc;
	struct tlsnic_rx_buf *bufs;
	struct page_pool *pool;
	struct sk_buff *skb;		/* frame whose buffers are still coming */
	u8 __iomem *doorbell;
	u16 size;
	u16 head;			/* next buffer to be completed */
	u16 tail;			/* next entry to be filled */
	u16 posted;			/* tail that the card knows of */
	bool discard;			/* drop up to the frame's end */
	struct u64_stats_sync syncp;
	struct tlsnic_rx_stats stats;
	dma_addr_t dma;
};

struct tlsnic_cq {
	union tlsnic_cpl *desc;
	u8 __iomem *doorbell;
	u32 size;
	u16 cons;
	dma_addr_t dma;
};

/* When the TX ring was last seen to get on. */
struct tlsnic_health {
	unsigned long since;		/* jiffies */
	u16 head;
};

struct tlsnic_queue {
	struct tlsnic_nic *nic;
	struct napi_struct napi;
	u8 __iomem *regs;
	struct tlsnic_cq cq;
	struct tlsnic_rx_ring rx;
	struct tlsnic_tx_ring tx;
	struct tlsnic_health health;
	u16 index;
	int irq;
	unsigned long interrupts;
	char irq_name[IFNAMSIZ + 16];
};

struct tlsnic_coalesce {
	u32 rx_usecs;
	u32 tx_usecs;
	u32 rx_frames;
	u32 tx_frames;
};

/* What cannot change while the rings are on. */
struct tlsnic_config {
	u32 queues;			/* active pairs */
	u32 tx_size;			/* slots, a power of two */
	u32 rx_size;			/* buffers, a power of two */
};

struct tlsnic_rss {
	u32 ctrl;			/* TLSNIC_RSS_* */
	u8 key[TLSNIC_RSS_KEY_LEN];
	u8 table[TLSNIC_RSS_TABLE_LEN];
};

struct tlsnic_errors {
	atomic_long_t read;
	atomic_long_t write;
	atomic_long_t doorbell;
	atomic_long_t desc;
	atomic_long_t link;
	atomic_long_t resets;
	atomic_long_t completion;	/* completions that make no sense */
};

struct tlsnic_tls_nic {
	struct xarray conns;		/* struct tlsnic_tls by context number */
	struct delayed_work delete_work;
	struct list_head deletes;	/* no room on the ring yet; nic->lock */
	u32 generation;			/* grows when the card forgets contexts */
	bool ask;			/* after a loss, go on where the stack says */
	u16 tag_min;			/* TLSNIC_REG_TLS_TAG_MIN */
	atomic_t contexts;
	atomic_long_t added;
	atomic_long_t deleted;
	atomic_long_t refused;
};

struct tlsnic_nic {
	struct net_device *dev;
	struct pci_dev *pdev;
	struct devlink *devlink;
	u8 __iomem *regs;
	u32 num_queues;			/* as many as card and vectors allow */
	u32 num_contexts;
	u32 clk_khz;
	u32 card_features;		/* TLSNIC_FEAT_* */
	u32 msg_enable;
	struct tlsnic_config cfg;
	struct tlsnic_coalesce coalesce;
	struct tlsnic_rss rss;
	struct tlsnic_queue *queues;

	struct mutex lock;		/* guards up, tls.tag_min, and rings coming and going */
	bool up;			/* rings are on */
	bool gone;			/* registers must not be touched */

	spinlock_t ctrl_lock;		/* guards ctrl and what is written from it */
	u32 ctrl;			/* TLSNIC_REG_CTRL */
	u64 mcast;			/* hash filter; address lock */

	spinlock_t stats_lock;		/* a statistic is two reads */
	u64 stats_last[TLSNIC_STAT_COUNT];	/* as the card said last */
	u64 stats_base[TLSNIC_STAT_COUNT];	/* counted before it was reset */

	struct work_struct reset_work;
	struct delayed_work health_work;
	struct tlsnic_errors errors;
	unsigned long misc_interrupts;
	struct tlsnic_tls_nic tls;
};

static inline u32 tlsnic_read(const struct tlsnic_nic *nic, u32 reg)
{
	return readl(nic->regs + reg);
}

static inline void tlsnic_write(const struct tlsnic_nic *nic, u32 reg, u32 val)
{
	writel(val, nic->regs + reg);
}

static inline bool tlsnic_has_feature(const struct tlsnic_nic *nic, u32 feature)
{
	return nic->card_features & feature;
}

static inline u16 tlsnic_tx_free(const struct tlsnic_tx_ring *tx)
{
	return tx->size - (u16)(READ_ONCE(tx->tail) - READ_ONCE(tx->head));
}

/* Under the TX queue lock. */
static inline void tlsnic_tx_stat(struct tlsnic_tx_ring *tx, u64 *stat, u64 n)
{
	u64_stats_update_begin(&tx->syncp);
	*stat += n;
	u64_stats_update_end(&tx->syncp);
}

/* Frames that so many bytes of TCP payload become; gso_segs is not to be relied on. */
static inline unsigned int tlsnic_tx_frames(const struct sk_buff *skb,
					    unsigned int len)
{
	return skb_is_gso(skb) ? DIV_ROUND_UP(len, skb_shinfo(skb)->gso_size) : 1;
}

static inline struct tlsnic_queue *tlsnic_tx_queue(struct tlsnic_tx_ring *tx)
{
	return container_of(tx, struct tlsnic_queue, tx);
}

static inline struct tlsnic_queue *tlsnic_rx_queue(struct tlsnic_rx_ring *rx)
{
	return container_of(rx, struct tlsnic_queue, rx);
}

/* tlsnic_hw.c: registers. All may be called when the card is gone. */
int tlsnic_hw_probe(struct tlsnic_nic *nic);
int tlsnic_hw_reset(struct tlsnic_nic *nic);
void tlsnic_hw_setup(struct tlsnic_nic *nic);
void tlsnic_hw_set_ctrl(struct tlsnic_nic *nic, u32 clear, u32 set);
void tlsnic_hw_set_mac(struct tlsnic_nic *nic);
void tlsnic_hw_set_max_frame(struct tlsnic_nic *nic);
void tlsnic_hw_set_mcast(struct tlsnic_nic *nic, u64 hash);
void tlsnic_hw_set_rss(struct tlsnic_nic *nic);
void tlsnic_hw_set_tags(struct tlsnic_nic *nic);
bool tlsnic_hw_link(struct tlsnic_nic *nic);
u64 tlsnic_hw_stat(struct tlsnic_nic *nic, unsigned int stat);
void tlsnic_hw_sync_stats(struct tlsnic_nic *nic);
void tlsnic_hw_zero_stats(struct tlsnic_nic *nic);

/* tlsnic_queue.c: rings of a queue pair, its interrupt and its NAPI. */
int tlsnic_queues_alloc(struct tlsnic_nic *nic);
void tlsnic_queues_free(struct tlsnic_nic *nic);
int tlsnic_queues_start(struct tlsnic_nic *nic);
void tlsnic_queues_stop(struct tlsnic_nic *nic);
void tlsnic_queues_set_moderation(struct tlsnic_nic *nic);

/* tlsnic_tx.c */
netdev_tx_t tlsnic_start_xmit(struct sk_buff *skb, struct net_device *dev);
bool tlsnic_tx_can_segment(const struct sk_buff *skb);
union tlsnic_txd *tlsnic_tx_slot(struct tlsnic_tx_ring *tx, u16 index);
bool tlsnic_tx_delete_ctx(struct tlsnic_tx_ring *tx, struct tlsnic_tls *tls,
			  u32 id);
void tlsnic_tx_complete(struct tlsnic_tx_ring *tx,
			const struct tlsnic_cpl_tx *cpl, int budget,
			unsigned int *packets, unsigned int *bytes);
void tlsnic_tx_wake(struct tlsnic_tx_ring *tx, unsigned int packets,
		    unsigned int bytes);
void tlsnic_tx_drain(struct tlsnic_tx_ring *tx);

/* tlsnic_rx.c */
int tlsnic_rx_alloc(struct tlsnic_rx_ring *rx, struct device *dev);
void tlsnic_rx_free(struct tlsnic_rx_ring *rx);
bool tlsnic_rx_fill(struct tlsnic_rx_ring *rx);
bool tlsnic_rx_complete(struct tlsnic_rx_ring *rx,
			const struct tlsnic_cpl_rx *cpl);

/* tlsnic_netdev.c */
extern const struct net_device_ops tlsnic_netdev_ops;
void tlsnic_netdev_init(struct tlsnic_nic *nic);
int tlsnic_up(struct tlsnic_nic *nic);
void tlsnic_down(struct tlsnic_nic *nic);
int tlsnic_restart(struct tlsnic_nic *nic, const struct tlsnic_config *cfg);
void tlsnic_borrow(struct tlsnic_nic *nic,
		   void (*use)(struct tlsnic_nic *nic, u64 *data), u64 *data);
void tlsnic_schedule_reset(struct tlsnic_nic *nic);
void tlsnic_update_link(struct tlsnic_nic *nic);
void tlsnic_tx_timeout(struct net_device *dev, unsigned int txqueue);

/* tlsnic_health.c */
void tlsnic_health_init(struct tlsnic_nic *nic);
void tlsnic_health_start(struct tlsnic_nic *nic);
void tlsnic_health_stop(struct tlsnic_nic *nic);

/* tlsnic_stats.c */
extern const struct netdev_stat_ops tlsnic_stat_ops;
void tlsnic_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *s);
int tlsnic_get_sset_count(struct net_device *dev, int sset);
void tlsnic_stats_strings(struct tlsnic_nic *nic, u8 *data);
void tlsnic_get_ethtool_stats(struct net_device *dev,
			      struct ethtool_stats *stats, u64 *data);
void tlsnic_get_eth_mac_stats(struct net_device *dev,
			      struct ethtool_eth_mac_stats *mac);
void tlsnic_get_rmon_stats(struct net_device *dev,
			   struct ethtool_rmon_stats *rmon,
			   const struct ethtool_rmon_hist_range **ranges);

/* tlsnic_ethtool.c, tlsnic_rss.c */
#define TLSNIC_PRIV_FLAGS	1
extern const struct ethtool_ops tlsnic_ethtool_ops;
void tlsnic_rss_init(struct tlsnic_nic *nic);
void tlsnic_rss_spread(struct tlsnic_nic *nic, u32 queues);
u32 tlsnic_get_rxfh_key_size(struct net_device *dev);
u32 tlsnic_get_rxfh_indir_size(struct net_device *dev);
int tlsnic_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param);
int tlsnic_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param,
		    struct netlink_ext_ack *extack);

/* tlsnic_devlink.c */
int tlsnic_devlink_register(struct tlsnic_nic *nic);
void tlsnic_devlink_unregister(struct tlsnic_nic *nic);

/* tlsnic_selftest.c */
enum tlsnic_test {
	TLSNIC_TEST_REGISTERS,
	TLSNIC_TEST_INTERRUPTS,
	TLSNIC_TEST_LOOPBACK,
	TLSNIC_TEST_GCM,
	TLSNIC_TEST_COUNT,
};

void tlsnic_selftest_strings(u8 *data);
void tlsnic_self_test(struct net_device *dev, struct ethtool_test *test,
		      u64 *data);

#endif /* _TLSNIC_H */
