// SPDX-License-Identifier: GPL-2.0-only
/* tlsnic Ethernet driver: ethtool. */
#include <linux/ethtool.h>

#include "tlsnic.h"
#include "tlsnic_compat.h"

static void tlsnic_get_drvinfo(struct net_device *dev,
			       struct ethtool_drvinfo *info)
{
	struct tlsnic_nic *nic = netdev_priv(dev);

	strscpy(info->driver, TLSNIC_NAME, sizeof(info->driver));
	strscpy(info->bus_info, pci_name(nic->pdev), sizeof(info->bus_info));
	/* of the interface: the card has no firmware in its data path */
	snprintf(info->fw_version, sizeof(info->fw_version), "%u.%u",
		 TLSNIC_VERSION >> 16, TLSNIC_VERSION & 0xffff);
}

static u32 tlsnic_get_msglevel(struct net_device *dev)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);

	return nic->msg_enable;
}

static void tlsnic_set_msglevel(struct net_device *dev, u32 level)
{
	struct tlsnic_nic *nic = netdev_priv(dev);

	nic->msg_enable = level;
}

/* The MAC may be any: its speed is not the card's to know. */
static int tlsnic_get_link_ksettings(struct net_device *dev,
				     struct ethtool_link_ksettings *settings)
{
	settings->base.speed = SPEED_UNKNOWN;
	settings->base.duplex = DUPLEX_FULL;
	settings->base.port = PORT_OTHER;
	return 0;
}

static void tlsnic_get_ringparam(struct net_device *dev,
				 struct ethtool_ringparam *ring,
				 struct kernel_ethtool_ringparam *kring,
				 struct netlink_ext_ack *extack)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);

	ring->tx_max_pending = TLSNIC_RING_MAX;
	ring->rx_max_pending = TLSNIC_RING_MAX;
	ring->tx_pending = nic->cfg.tx_size;
	ring->rx_pending = nic->cfg.rx_size;
	kring->rx_buf_len = TLSNIC_RX_BUF_LEN;
}

static int tlsnic_ring_size(u32 size, struct netlink_ext_ack *extack)
{
	if (size < TLSNIC_RING_MIN || size > TLSNIC_RING_MAX) {
		NL_SET_ERR_MSG_FMT(extack, "a ring has %d to %d entries",
				   TLSNIC_RING_MIN, TLSNIC_RING_MAX);
		return -EINVAL;
	}
	return roundup_pow_of_two(size);
}

static int tlsnic_set_ringparam(struct net_device *dev,
				struct ethtool_ringparam *ring,
				struct kernel_ethtool_ringparam *kring,
				struct netlink_ext_ack *extack)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct tlsnic_config cfg = nic->cfg;
	int tx, rx;

	tx = tlsnic_ring_size(ring->tx_pending, extack);
	if (tx < 0)
		return tx;
	rx = tlsnic_ring_size(ring->rx_pending, extack);
	if (rx < 0)
		return rx;
	if (tx == cfg.tx_size && rx == cfg.rx_size)
		return 0;
	cfg.tx_size = tx;
	cfg.rx_size = rx;
	return tlsnic_restart(nic, &cfg);
}

static void tlsnic_get_channels(struct net_device *dev,
				struct ethtool_channels *channels)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);

	channels->max_combined = nic->num_queues;
	channels->combined_count = nic->cfg.queues;
	channels->max_other = 1;
	channels->other_count = 1;
}

static int tlsnic_set_channels(struct net_device *dev,
			       struct ethtool_channels *channels)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct tlsnic_config cfg = nic->cfg;
	struct tlsnic_rss rss = nic->rss;
	int err;

	/* limits are checked by the caller, a table set by hand too */
	if (!channels->combined_count || channels->other_count != 1)
		return -EINVAL;
	if (channels->combined_count == cfg.queues)
		return 0;
	cfg.queues = channels->combined_count;
	if (!netif_is_rxfh_configured(dev))
		tlsnic_rss_spread(nic, cfg.queues);
	err = tlsnic_restart(nic, &cfg);
	if (err && nic->cfg.queues != cfg.queues) {
		nic->rss = rss;
		tlsnic_hw_set_rss(nic);
	}
	return err;
}

static int tlsnic_get_coalesce(struct net_device *dev,
			       struct ethtool_coalesce *c,
			       struct kernel_ethtool_coalesce *kc,
			       struct netlink_ext_ack *extack)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);

	c->rx_coalesce_usecs = nic->coalesce.rx_usecs;
	c->tx_coalesce_usecs = nic->coalesce.tx_usecs;
	c->rx_max_coalesced_frames = nic->coalesce.rx_frames;
	c->tx_max_coalesced_frames = nic->coalesce.tx_frames;
	return 0;
}

static int tlsnic_set_coalesce(struct net_device *dev,
			       struct ethtool_coalesce *c,
			       struct kernel_ethtool_coalesce *kc,
			       struct netlink_ext_ack *extack)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	u32 max_usecs;

	max_usecs = div_u64((u64)GENMASK(23, 0) * 1000, nic->clk_khz);
	if (c->rx_coalesce_usecs > max_usecs ||
	    c->tx_coalesce_usecs > max_usecs) {
		NL_SET_ERR_MSG_FMT(extack, "interrupts can be %u us apart at most",
				   max_usecs);
		return -ERANGE;
	}
	if (c->rx_max_coalesced_frames > U16_MAX ||
	    c->tx_max_coalesced_frames > U16_MAX) {
		NL_SET_ERR_MSG_FMT(extack, "an interrupt can wait for %u frames at most",
				   U16_MAX);
		return -ERANGE;
	}
	nic->coalesce = (struct tlsnic_coalesce) {
		.rx_usecs = c->rx_coalesce_usecs,
		.tx_usecs = c->tx_coalesce_usecs,
		.rx_frames = c->rx_max_coalesced_frames,
		.tx_frames = c->tx_max_coalesced_frames,
	};
	/* else the card gets it when it goes up */
	if (nic->up)
		tlsnic_queues_set_moderation(nic);
	return 0;
}

/* Of TLS. Bits in this order. */
static const char tlsnic_priv_flags[TLSNIC_PRIV_FLAGS][ETH_GSTRING_LEN] = {
	"tls-resync-ask",	/* tlsnic_tls_nic.ask */
};

static void tlsnic_flags_strings(u8 *data)
{
	unsigned int i;

	for (i = 0; i < TLSNIC_PRIV_FLAGS; i++)
		ethtool_puts(&data, tlsnic_priv_flags[i]);
}

static u32 tlsnic_get_priv_flags(struct net_device *dev)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);

	return nic->tls.ask ? BIT(0) : 0;
}

static int tlsnic_set_priv_flags(struct net_device *dev, u32 flags)
{
	struct tlsnic_nic *nic = netdev_priv(dev);

	WRITE_ONCE(nic->tls.ask, flags & BIT(0));
	return 0;
}

static void tlsnic_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	if (sset == ETH_SS_STATS)
		tlsnic_stats_strings(netdev_priv(dev), data);
	else if (sset == ETH_SS_TEST)
		tlsnic_selftest_strings(data);
	else if (sset == ETH_SS_PRIV_FLAGS)
		tlsnic_flags_strings(data);
}

static int tlsnic_ethtool_reset(struct net_device *dev, u32 *flags)
{
	const u32 all = ETH_RESET_DMA | ETH_RESET_FILTER | ETH_RESET_OFFLOAD |
			ETH_RESET_MAC;
	int err;

	/* the card resets as a whole or not at all */
	if ((*flags & all) != all)
		return -EOPNOTSUPP;
	err = tlsnic_restart(netdev_priv(dev), NULL);
	if (!err)
		*flags &= ~(all | ETH_RESET_IRQ);
	return err;
}

/* Registers of the card, then those of each queue pair. None holds a secret. */
#define TLSNIC_REGS_CARD	(TLSNIC_REG_TLS_TAG_MIN / 4 + 1)
#define TLSNIC_REGS_QUEUE	(TLSNIC_Q_IRQ_COUNT / 4 + 1)

static int tlsnic_get_regs_len(struct net_device *dev)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);

	return 4 * (TLSNIC_REGS_CARD + TLSNIC_REGS_QUEUE * nic->num_queues);
}

static void tlsnic_get_regs(struct net_device *dev, struct ethtool_regs *regs,
			    void *p)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);
	unsigned int i, q;
	u32 *data = p;

	regs->version = TLSNIC_VERSION >> 16;
	for (i = 0; i < TLSNIC_REGS_CARD; i++)
		*data++ = tlsnic_read(nic, 4 * i);
	for (q = 0; q < nic->num_queues; q++)
		for (i = 0; i < TLSNIC_REGS_QUEUE; i++)
			*data++ = readl(nic->queues[q].regs + 4 * i);
}

const struct ethtool_ops tlsnic_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_USECS |
				     ETHTOOL_COALESCE_MAX_FRAMES,
	.get_drvinfo		= tlsnic_get_drvinfo,
	.get_msglevel		= tlsnic_get_msglevel,
	.set_msglevel		= tlsnic_set_msglevel,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= tlsnic_get_link_ksettings,
	.get_ringparam		= tlsnic_get_ringparam,
	.set_ringparam		= tlsnic_set_ringparam,
	.get_channels		= tlsnic_get_channels,
	.set_channels		= tlsnic_set_channels,
	.get_coalesce		= tlsnic_get_coalesce,
	.set_coalesce		= tlsnic_set_coalesce,
	.get_rxfh_key_size	= tlsnic_get_rxfh_key_size,
	.get_rxfh_indir_size	= tlsnic_get_rxfh_indir_size,
	.get_rxfh		= tlsnic_get_rxfh,
	.set_rxfh		= tlsnic_set_rxfh,
	TLSNIC_RXNFC_OPS
	TLSNIC_RXFH_FIELDS_OPS
	TLSNIC_RING_COUNT_OPS
	.get_sset_count		= tlsnic_get_sset_count,
	.get_strings		= tlsnic_get_strings,
	.get_priv_flags		= tlsnic_get_priv_flags,
	.set_priv_flags		= tlsnic_set_priv_flags,
	.get_ethtool_stats	= tlsnic_get_ethtool_stats,
	.get_eth_mac_stats	= tlsnic_get_eth_mac_stats,
	.get_rmon_stats		= tlsnic_get_rmon_stats,
	.get_ts_info		= ethtool_op_get_ts_info,
	.get_regs_len		= tlsnic_get_regs_len,
	.get_regs		= tlsnic_get_regs,
	.self_test		= tlsnic_self_test,
	.reset			= tlsnic_ethtool_reset,
};
