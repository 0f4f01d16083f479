// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: statistics. What the driver counts costs nothing to
 * read; what the card counts is read when it is asked for.
 */
#include <linux/netdevice.h>
#include <net/netdev_queues.h>

#include "tlsnic.h"

static void tlsnic_tx_stats(const struct tlsnic_tx_ring *tx,
			    struct tlsnic_tx_stats *stats)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&tx->syncp);
		*stats = tx->stats;
	} while (u64_stats_fetch_retry(&tx->syncp, start));
}

static void tlsnic_txc_stats(const struct tlsnic_tx_ring *tx,
			     struct tlsnic_txc_stats *stats)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&tx->csyncp);
		*stats = tx->cstats;
	} while (u64_stats_fetch_retry(&tx->csyncp, start));
}

static void tlsnic_rx_stats(const struct tlsnic_rx_ring *rx,
			    struct tlsnic_rx_stats *stats)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&rx->syncp);
		*stats = rx->stats;
	} while (u64_stats_fetch_retry(&rx->syncp, start));
}

void tlsnic_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *s)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct tlsnic_txc_stats txc;
	struct tlsnic_tx_stats tx;
	struct tlsnic_rx_stats rx;
	unsigned int i;

	for (i = 0; i < nic->num_queues; i++) {
		tlsnic_tx_stats(&nic->queues[i].tx, &tx);
		tlsnic_txc_stats(&nic->queues[i].tx, &txc);
		tlsnic_rx_stats(&nic->queues[i].rx, &rx);
		s->tx_packets += tx.packets;
		s->tx_bytes += tx.bytes;
		s->tx_dropped += tx.dropped + tx.tls_drop_no_sync_data +
				 tx.tls_drop_bypass_req + tx.tls_drop_no_socket;
		s->tx_errors += txc.errors;
		s->rx_packets += rx.packets;
		s->rx_bytes += rx.bytes;
		s->rx_dropped += rx.alloc_fail;
		s->rx_errors += rx.errors;
	}
	s->multicast = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_MCAST);
	s->rx_missed_errors = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_NO_BUFFER);
	s->rx_length_errors = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_TOO_LONG);
	s->rx_frame_errors = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_BAD);
	s->rx_errors += s->rx_length_errors + s->rx_frame_errors;
}

static void tlsnic_get_queue_stats_rx(struct net_device *dev, int idx,
				      struct netdev_queue_stats_rx *stats)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct tlsnic_rx_stats rx;

	tlsnic_rx_stats(&nic->queues[idx].rx, &rx);
	stats->packets = rx.packets;
	stats->bytes = rx.bytes;
	stats->alloc_fail = rx.alloc_fail;
	stats->csum_unnecessary = rx.csum_ok;
	stats->csum_none = rx.csum_none;
}

static void tlsnic_get_queue_stats_tx(struct net_device *dev, int idx,
				      struct netdev_queue_stats_tx *stats)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct tlsnic_txc_stats txc;
	struct tlsnic_tx_stats tx;

	tlsnic_tx_stats(&nic->queues[idx].tx, &tx);
	tlsnic_txc_stats(&nic->queues[idx].tx, &txc);
	stats->packets = tx.packets;
	stats->bytes = tx.bytes;
	stats->needs_csum = tx.csum;
	stats->csum_none = tx.packets - tx.csum;
	stats->hw_gso_packets = tx.tso_packets;
	stats->hw_gso_bytes = tx.tso_bytes;
	stats->hw_gso_wire_packets = tx.tso_wire_packets;
	stats->hw_gso_wire_bytes = tx.tso_wire_bytes;
	stats->hw_drop_errors = txc.errors;
	stats->stop = tx.stop;
	stats->wake = txc.wake;
}

/* What queues counted that are not active now. */
static void tlsnic_get_base_stats(struct net_device *dev,
				  struct netdev_queue_stats_rx *rx,
				  struct netdev_queue_stats_tx *tx)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct netdev_queue_stats_rx qrx;
	struct netdev_queue_stats_tx qtx;
	unsigned int i;

	rx->packets = 0;
	rx->bytes = 0;
	rx->alloc_fail = 0;
	rx->csum_unnecessary = 0;
	rx->csum_none = 0;
	tx->packets = 0;
	tx->bytes = 0;
	tx->needs_csum = 0;
	tx->csum_none = 0;
	tx->hw_gso_packets = 0;
	tx->hw_gso_bytes = 0;
	tx->hw_gso_wire_packets = 0;
	tx->hw_gso_wire_bytes = 0;
	tx->hw_drop_errors = 0;
	tx->stop = 0;
	tx->wake = 0;
	for (i = dev->real_num_rx_queues; i < nic->num_queues; i++) {
		tlsnic_get_queue_stats_rx(dev, i, &qrx);
		rx->packets += qrx.packets;
		rx->bytes += qrx.bytes;
		rx->alloc_fail += qrx.alloc_fail;
		rx->csum_unnecessary += qrx.csum_unnecessary;
		rx->csum_none += qrx.csum_none;
	}
	for (i = dev->real_num_tx_queues; i < nic->num_queues; i++) {
		tlsnic_get_queue_stats_tx(dev, i, &qtx);
		tx->packets += qtx.packets;
		tx->bytes += qtx.bytes;
		tx->needs_csum += qtx.needs_csum;
		tx->csum_none += qtx.csum_none;
		tx->hw_gso_packets += qtx.hw_gso_packets;
		tx->hw_gso_bytes += qtx.hw_gso_bytes;
		tx->hw_gso_wire_packets += qtx.hw_gso_wire_packets;
		tx->hw_gso_wire_bytes += qtx.hw_gso_wire_bytes;
		tx->hw_drop_errors += qtx.hw_drop_errors;
		tx->stop += qtx.stop;
		tx->wake += qtx.wake;
	}
}

const struct netdev_stat_ops tlsnic_stat_ops = {
	.get_queue_stats_rx	= tlsnic_get_queue_stats_rx,
	.get_queue_stats_tx	= tlsnic_get_queue_stats_tx,
	.get_base_stats		= tlsnic_get_base_stats,
};

void tlsnic_get_eth_mac_stats(struct net_device *dev,
			      struct ethtool_eth_mac_stats *mac)
{
	struct tlsnic_nic *nic = netdev_priv(dev);

	mac->FramesTransmittedOK = tlsnic_hw_stat(nic, TLSNIC_STAT_TX_FRAMES);
	mac->OctetsTransmittedOK = tlsnic_hw_stat(nic, TLSNIC_STAT_TX_BYTES);
	mac->MulticastFramesXmittedOK =
		tlsnic_hw_stat(nic, TLSNIC_STAT_TX_MCAST);
	mac->BroadcastFramesXmittedOK =
		tlsnic_hw_stat(nic, TLSNIC_STAT_TX_BCAST);
	mac->FramesReceivedOK = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_FRAMES);
	mac->OctetsReceivedOK = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_BYTES);
	mac->MulticastFramesReceivedOK =
		tlsnic_hw_stat(nic, TLSNIC_STAT_RX_MCAST);
	mac->BroadcastFramesReceivedOK =
		tlsnic_hw_stat(nic, TLSNIC_STAT_RX_BCAST);
	mac->FrameTooLongErrors = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_TOO_LONG);
	mac->FrameCheckSequenceErrors = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_BAD);
	mac->FramesLostDueToIntMACRcvError =
		tlsnic_hw_stat(nic, TLSNIC_STAT_RX_NO_BUFFER);
}

static const struct ethtool_rmon_hist_range tlsnic_rmon_ranges[] = {
	{    0,   64 },
	{   65,  127 },
	{  128,  255 },
	{  256,  511 },
	{  512, 1023 },
	{ 1024, 1518 },
	{ 1519, TLSNIC_TX_MAX_LEN + VLAN_HLEN + ETH_FCS_LEN },
	{}
};

void tlsnic_get_rmon_stats(struct net_device *dev,
			   struct ethtool_rmon_stats *rmon,
			   const struct ethtool_rmon_hist_range **ranges)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tlsnic_rmon_ranges) - 1; i++) {
		rmon->hist_tx[i] =
			tlsnic_hw_stat(nic, TLSNIC_STAT_TX_LE_64 + i);
		rmon->hist[i] = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_LE_64 + i);
	}
	rmon->oversize_pkts = tlsnic_hw_stat(nic, TLSNIC_STAT_RX_TOO_LONG);
	*ranges = tlsnic_rmon_ranges;
}

struct tlsnic_stat_name {
	char name[ETH_GSTRING_LEN];
	u16 pos;			/* offset in a structure, or the card's number */
};

#define TLSNIC_TX_NAME(field)						\
	{ "tx_" #field, offsetof(struct tlsnic_tx_stats, field) }
#define TLSNIC_TX_NAME_AS(text, field)					\
	{ text, offsetof(struct tlsnic_tx_stats, field) }

/* Sums over the queues. The first nine: Documentation/networking/tls-offload.rst */
static const struct tlsnic_stat_name tlsnic_tx_names[] = {
	TLSNIC_TX_NAME_AS("tx_tls_encrypted_packets", tls_packets),
	TLSNIC_TX_NAME_AS("tx_tls_encrypted_bytes", tls_bytes),
	TLSNIC_TX_NAME(tls_ooo),
	TLSNIC_TX_NAME(tls_skip_no_sync_data),
	TLSNIC_TX_NAME(tls_drop_no_sync_data),
	TLSNIC_TX_NAME(tls_drop_bypass_req),
	TLSNIC_TX_NAME(tls_drop_no_socket),
	TLSNIC_TX_NAME(tls_fallback_packets),
	TLSNIC_TX_NAME(tls_fallback_bytes),
	TLSNIC_TX_NAME(tls_other_queue),
	TLSNIC_TX_NAME(tls_ctx_writes),
	TLSNIC_TX_NAME(tls_seek_packets),
	TLSNIC_TX_NAME(tls_seek_bytes),
	TLSNIC_TX_NAME(tls_tags_used),
	TLSNIC_TX_NAME(tls_resync),
	TLSNIC_TX_NAME(tls_resync_asked),
	TLSNIC_TX_NAME(tls_splice),
	TLSNIC_TX_NAME(tls_mixed),
	TLSNIC_TX_NAME(dropped),
	TLSNIC_TX_NAME(tso_packets),
	TLSNIC_TX_NAME(tso_bytes),
};

static const char tlsnic_txc_names[][ETH_GSTRING_LEN] = {
	"tx_tls_errors",
	"tx_errors",
	"tx_tls_tags_returned",
	"tx_tls_tags_dropped",
};

static const char tlsnic_nic_names[][ETH_GSTRING_LEN] = {
	"tx_tls_ctx",
	"tx_tls_del",
	"tx_tls_refused",
	"tx_tls_active",
	"err_host_read",
	"err_host_write",
	"err_doorbell",
	"err_descriptor",
	"err_completion",
	"link_changes",
	"resets",
};

static const struct tlsnic_stat_name tlsnic_card_names[] = {
	{ "card_tx_frames", TLSNIC_STAT_TX_FRAMES },
	{ "card_tx_bytes", TLSNIC_STAT_TX_BYTES },
	{ "card_tx_drop_dma", TLSNIC_STAT_TX_DROP_DMA },
	{ "card_tx_drop_desc", TLSNIC_STAT_TX_DROP_DESC },
	{ "card_tx_tso_packets", TLSNIC_STAT_TX_TSO_PACKETS },
	{ "card_tx_tso_frames", TLSNIC_STAT_TX_TSO_FRAMES },
	{ "card_rx_frames", TLSNIC_STAT_RX_FRAMES },
	{ "card_rx_bytes", TLSNIC_STAT_RX_BYTES },
	{ "card_rx_bad", TLSNIC_STAT_RX_BAD },
	{ "card_rx_too_long", TLSNIC_STAT_RX_TOO_LONG },
	{ "card_rx_filtered", TLSNIC_STAT_RX_FILTERED },
	{ "card_rx_no_buffer", TLSNIC_STAT_RX_NO_BUFFER },
	{ "rx_csum_errors", TLSNIC_STAT_RX_CSUM_BAD },
	{ "card_tls_packets", TLSNIC_STAT_TLS_PACKETS },
	{ "card_tls_bytes", TLSNIC_STAT_TLS_BYTES },
	{ "card_tls_records", TLSNIC_STAT_TLS_RECORDS },
	{ "card_tls_ctx_writes", TLSNIC_STAT_TLS_CTX_WRITES },
	{ "card_tls_ctx_deletes", TLSNIC_STAT_TLS_CTX_DELETES },
	{ "card_tls_drop_ctx", TLSNIC_STAT_TLS_DROP_CTX },
	{ "card_tls_drop_seq", TLSNIC_STAT_TLS_DROP_SEQ },
	{ "card_tls_drop_record", TLSNIC_STAT_TLS_DROP_RECORD },
	{ "card_tls_drop_broken", TLSNIC_STAT_TLS_DROP_BROKEN },
	{ "card_tls_seeks", TLSNIC_STAT_TLS_SEEKS },
	{ "card_tls_seek_bytes", TLSNIC_STAT_TLS_SEEK_BYTES },
	{ "card_tls_tags", TLSNIC_STAT_TLS_TAGS },
	{ "card_tls_drop_seek", TLSNIC_STAT_TLS_DROP_SEEK },
};

static const char tlsnic_queue_names[][ETH_GSTRING_LEN] = {
	"q%u_tx_packets",
	"q%u_tx_bytes",
	"q%u_rx_packets",
	"q%u_rx_bytes",
	"q%u_interrupts",
};

int tlsnic_get_sset_count(struct net_device *dev, int sset)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);

	switch (sset) {
	case ETH_SS_STATS:
		return ARRAY_SIZE(tlsnic_tx_names) +
		       ARRAY_SIZE(tlsnic_txc_names) +
		       ARRAY_SIZE(tlsnic_nic_names) +
		       ARRAY_SIZE(tlsnic_card_names) +
		       ARRAY_SIZE(tlsnic_queue_names) * nic->num_queues;
	case ETH_SS_TEST:
		return TLSNIC_TEST_COUNT;
	case ETH_SS_PRIV_FLAGS:
		return TLSNIC_PRIV_FLAGS;
	default:
		return -EOPNOTSUPP;
	}
}

void tlsnic_stats_strings(struct tlsnic_nic *nic, u8 *data)
{
	unsigned int i, q;

	for (i = 0; i < ARRAY_SIZE(tlsnic_tx_names); i++)
		ethtool_puts(&data, tlsnic_tx_names[i].name);
	for (i = 0; i < ARRAY_SIZE(tlsnic_txc_names); i++)
		ethtool_puts(&data, tlsnic_txc_names[i]);
	for (i = 0; i < ARRAY_SIZE(tlsnic_nic_names); i++)
		ethtool_puts(&data, tlsnic_nic_names[i]);
	for (i = 0; i < ARRAY_SIZE(tlsnic_card_names); i++)
		ethtool_puts(&data, tlsnic_card_names[i].name);
	for (q = 0; q < nic->num_queues; q++)
		for (i = 0; i < ARRAY_SIZE(tlsnic_queue_names); i++)
			ethtool_sprintf(&data, tlsnic_queue_names[i], q);
}

/* In the order of tlsnic_nic_names. */
static u64 *tlsnic_nic_stats(const struct tlsnic_nic *nic, u64 *data)
{
	*data++ = atomic_long_read(&nic->tls.added);
	*data++ = atomic_long_read(&nic->tls.deleted);
	*data++ = atomic_long_read(&nic->tls.refused);
	*data++ = atomic_read(&nic->tls.contexts);
	*data++ = atomic_long_read(&nic->errors.read);
	*data++ = atomic_long_read(&nic->errors.write);
	*data++ = atomic_long_read(&nic->errors.doorbell);
	*data++ = atomic_long_read(&nic->errors.desc);
	*data++ = atomic_long_read(&nic->errors.completion);
	*data++ = atomic_long_read(&nic->errors.link);
	*data++ = atomic_long_read(&nic->errors.resets);
	return data;
}

void tlsnic_get_ethtool_stats(struct net_device *dev,
			      struct ethtool_stats *stats, u64 *data)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct tlsnic_txc_stats txc;
	struct tlsnic_tx_stats tx;
	struct tlsnic_rx_stats rx;
	unsigned int i, q;
	u64 *sums = data;

	data += ARRAY_SIZE(tlsnic_tx_names);
	memset(sums, 0, ARRAY_SIZE(tlsnic_tx_names) * sizeof(*sums));
	memset(data, 0, ARRAY_SIZE(tlsnic_txc_names) * sizeof(*data));
	for (q = 0; q < nic->num_queues; q++) {
		tlsnic_tx_stats(&nic->queues[q].tx, &tx);
		tlsnic_txc_stats(&nic->queues[q].tx, &txc);
		for (i = 0; i < ARRAY_SIZE(tlsnic_tx_names); i++)
			sums[i] += *(u64 *)((u8 *)&tx + tlsnic_tx_names[i].pos);
		data[0] += txc.tls_errors;
		data[1] += txc.errors;
		data[2] += txc.tls_tags;
		data[3] += txc.tls_tags_dropped;
	}
	data += ARRAY_SIZE(tlsnic_txc_names);

	data = tlsnic_nic_stats(nic, data);
	for (i = 0; i < ARRAY_SIZE(tlsnic_card_names); i++)
		*data++ = tlsnic_hw_stat(nic, tlsnic_card_names[i].pos);

	for (q = 0; q < nic->num_queues; q++) {
		tlsnic_tx_stats(&nic->queues[q].tx, &tx);
		tlsnic_rx_stats(&nic->queues[q].rx, &rx);
		*data++ = tx.packets;
		*data++ = tx.bytes;
		*data++ = rx.packets;
		*data++ = rx.bytes;
		*data++ = READ_ONCE(nic->queues[q].interrupts);
	}
}
