// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: the net device. Going up and down, and what the stack
 * configures.
 */
#include <linux/crc32.h>
#include <linux/rtnetlink.h>

#include "tlsnic.h"
#include "tlsnic_tls.h"

void tlsnic_update_link(struct tlsnic_nic *nic)
{
	bool link = tlsnic_hw_link(nic);

	if (link == netif_carrier_ok(nic->dev))
		return;
	netif_info(nic, link, nic->dev, "link is %s\n", link ? "up" : "down");
	if (link)
		netif_carrier_on(nic->dev);
	else
		netif_carrier_off(nic->dev);
}

/**
 * tlsnic_up - allocate the rings, set the card up and start it
 * @nic: the card, reset; under rtnl
 *
 * Return: 0 or a negative error, then the card is down.
 */
int tlsnic_up(struct tlsnic_nic *nic)
{
	int err;

	ASSERT_RTNL();
	if (nic->gone)
		return -ENODEV;

	mutex_lock(&nic->lock);
	err = tlsnic_queues_alloc(nic);
	if (err)
		goto out;
	tlsnic_hw_setup(nic);
	err = tlsnic_queues_start(nic);
	if (err) {
		tlsnic_queues_free(nic);
		goto out;
	}
	tlsnic_hw_set_ctrl(nic, 0, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
	nic->up = true;
	tlsnic_health_start(nic);
out:
	mutex_unlock(&nic->lock);
	return err;
}

/**
 * tlsnic_down - stop the card, wipe its contexts and free the rings
 * @nic: the card, up; under rtnl
 *
 * Sockets with TLS offload go on: the driver sees that the card has forgotten
 * their contexts.
 */
void tlsnic_down(struct tlsnic_nic *nic)
{
	ASSERT_RTNL();
	mutex_lock(&nic->lock);
	nic->up = false;
	tlsnic_health_stop(nic);
	tlsnic_hw_set_ctrl(nic, TLSNIC_CTRL_RX_ENABLE, 0);
	tlsnic_queues_stop(nic);
	tlsnic_hw_set_ctrl(nic, TLSNIC_CTRL_TX_ENABLE, 0);
	tlsnic_tls_forget(nic);
	tlsnic_queues_free(nic);
	mutex_unlock(&nic->lock);
}

static int tlsnic_up_with(struct tlsnic_nic *nic,
			  const struct tlsnic_config *cfg)
{
	int err;

	nic->cfg = *cfg;
	err = tlsnic_up(nic);
	if (err)
		return err;
	err = netif_set_real_num_queues(nic->dev, cfg->queues, cfg->queues);
	if (err)
		tlsnic_down(nic);
	return err;
}

/**
 * tlsnic_restart - change the configuration: down and up, if the device is open
 * @nic: the card; under rtnl
 * @cfg: the new configuration; NULL to start again with the present one
 *
 * Return: 0; or a negative error, then the old configuration is at work, or
 * the device is closed if it cannot be any more.
 */
int tlsnic_restart(struct tlsnic_nic *nic, const struct tlsnic_config *cfg)
{
	struct tlsnic_config old = nic->cfg;
	int err;

	if (!nic->up) {
		if (cfg)
			nic->cfg = *cfg;
		return 0;
	}

	/* not present: neither the watchdog nor ethtool comes in between */
	netif_device_detach(nic->dev);
	tlsnic_down(nic);
	err = tlsnic_up_with(nic, cfg ? cfg : &old);
	if (err && cfg)
		tlsnic_up_with(nic, &old);
	if (!nic->up) {
		netdev_err(nic->dev, "cannot start again: error %d\n", err);
		dev_close(nic->dev);
	}
	netif_device_attach(nic->dev);
	if (nic->up)
		tlsnic_update_link(nic);
	return err;
}

/**
 * tlsnic_borrow - have the card alone for a while, reset and with its rings off
 * @nic: the card; under rtnl
 * @use: what to do with the card; leaves it reset
 * @data: for @use
 */
void tlsnic_borrow(struct tlsnic_nic *nic,
		   void (*use)(struct tlsnic_nic *nic, u64 *data), u64 *data)
{
	bool up = nic->up;

	netif_device_detach(nic->dev);
	if (up)
		tlsnic_down(nic);
	use(nic, data);
	if (up && tlsnic_up(nic)) {
		netdev_err(nic->dev, "cannot start again\n");
		dev_close(nic->dev);
	}
	netif_device_attach(nic->dev);
	if (nic->up)
		tlsnic_update_link(nic);
}

static void tlsnic_reset_work(struct work_struct *work)
{
	struct tlsnic_nic *nic = container_of(work, struct tlsnic_nic,
					      reset_work);

	rtnl_lock();
	if (netif_device_present(nic->dev))
		tlsnic_restart(nic, NULL);
	rtnl_unlock();
}

/* From any context: the card or a ring is in a state that only a reset mends. */
void tlsnic_schedule_reset(struct tlsnic_nic *nic)
{
	schedule_work(&nic->reset_work);
}

static int tlsnic_open(struct net_device *dev)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	int err;

	err = tlsnic_up_with(nic, &nic->cfg);
	if (err)
		return err;
	netif_tx_start_all_queues(dev);
	tlsnic_update_link(nic);
	return 0;
}

static int tlsnic_stop(struct net_device *dev)
{
	struct tlsnic_nic *nic = netdev_priv(dev);

	netif_carrier_off(dev);
	/* a restart that failed has been there before */
	if (nic->up)
		tlsnic_down(nic);
	return 0;
}

static u16 tlsnic_select_queue(struct net_device *dev, struct sk_buff *skb,
			       struct net_device *sb_dev)
{
	int queue = tlsnic_tls_select_queue(dev, skb);

	return queue < 0 ? netdev_pick_tx(dev, skb, sb_dev) : queue;
}

static netdev_features_t tlsnic_features_check(struct sk_buff *skb,
					       struct net_device *dev,
					       netdev_features_t features)
{
	/* the sum must lie in the packet that the card sees */
	if (skb->ip_summed == CHECKSUM_PARTIAL && !skb_is_gso(skb) &&
	    skb_checksum_start_offset(skb) + skb->csum_offset + 2U > skb->len)
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	if (skb_is_gso(skb) && !tlsnic_tx_can_segment(skb))
		features &= ~NETIF_F_GSO_MASK;
	return vlan_features_check(skb, features);
}

static void tlsnic_set_rx_mode(struct net_device *dev)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	struct netdev_hw_addr *ha;
	u64 hash = 0;
	u32 set = 0;

	if (dev->flags & IFF_PROMISC)
		set |= TLSNIC_CTRL_PROMISC;
	if (dev->flags & IFF_ALLMULTI)
		set |= TLSNIC_CTRL_ALLMULTI;
	netdev_for_each_mc_addr(ha, dev)
		hash |= BIT_ULL(ether_crc(ETH_ALEN, ha->addr) >> 26);

	tlsnic_hw_set_mcast(nic, hash);
	tlsnic_hw_set_ctrl(nic, TLSNIC_CTRL_PROMISC | TLSNIC_CTRL_ALLMULTI, set);
}

static int tlsnic_set_mac_address(struct net_device *dev, void *p)
{
	int err;

	err = eth_mac_addr(dev, p);
	if (!err)
		tlsnic_hw_set_mac(netdev_priv(dev));
	return err;
}

static int tlsnic_change_mtu(struct net_device *dev, int mtu)
{
	WRITE_ONCE(dev->mtu, mtu);
	/* buffers do not depend on it: a long frame takes more of them */
	tlsnic_hw_set_max_frame(netdev_priv(dev));
	return 0;
}

static int tlsnic_set_features(struct net_device *dev,
			       netdev_features_t features)
{
	u32 set = 0;

	if (features & NETIF_F_HW_VLAN_CTAG_RX)
		set |= TLSNIC_CTRL_VLAN_STRIP;
	if (features & NETIF_F_LOOPBACK)
		set |= TLSNIC_CTRL_LOOPBACK;
	tlsnic_hw_set_ctrl(netdev_priv(dev),
			   TLSNIC_CTRL_VLAN_STRIP | TLSNIC_CTRL_LOOPBACK, set);
	/* the stack acts on the others; RX looks at them packet by packet */
	return 0;
}

void tlsnic_tx_timeout(struct net_device *dev, unsigned int txqueue)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	const struct tlsnic_tx_ring *tx = &nic->queues[txqueue].tx;

	netdev_warn(dev, "queue %u: head %u, tail %u, completions up to %u\n",
		    txqueue, READ_ONCE(tx->head), READ_ONCE(tx->tail),
		    nic->queues[txqueue].cq.cons);
	tlsnic_schedule_reset(nic);
}

const struct net_device_ops tlsnic_netdev_ops = {
	.ndo_open		= tlsnic_open,
	.ndo_stop		= tlsnic_stop,
	.ndo_start_xmit		= tlsnic_start_xmit,
	.ndo_select_queue	= tlsnic_select_queue,
	.ndo_features_check	= tlsnic_features_check,
	.ndo_set_rx_mode	= tlsnic_set_rx_mode,
	.ndo_set_mac_address	= tlsnic_set_mac_address,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= tlsnic_change_mtu,
	.ndo_set_features	= tlsnic_set_features,
	.ndo_get_stats64	= tlsnic_get_stats64,
	.ndo_tx_timeout		= tlsnic_tx_timeout,
};

/**
 * tlsnic_netdev_init - what does not depend on the device being open
 * @nic: the card, probed; its net device is not registered yet
 */
void tlsnic_netdev_init(struct tlsnic_nic *nic)
{
	const netdev_features_t tso = NETIF_F_TSO | NETIF_F_TSO6 |
				      NETIF_F_TSO_ECN;
	struct net_device *dev = nic->dev;

	mutex_init(&nic->lock);
	spin_lock_init(&nic->ctrl_lock);
	spin_lock_init(&nic->stats_lock);
	INIT_WORK(&nic->reset_work, tlsnic_reset_work);
	tlsnic_health_init(nic);

	dev->netdev_ops = &tlsnic_netdev_ops;
	dev->ethtool_ops = &tlsnic_ethtool_ops;
	dev->stat_ops = &tlsnic_stat_ops;
	dev->watchdog_timeo = 15 * HZ;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = TLSNIC_MAX_MTU;

	dev->hw_features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM |
			   NETIF_F_RXHASH | NETIF_F_HW_VLAN_CTAG_TX |
			   NETIF_F_HW_VLAN_CTAG_RX;
	dev->vlan_features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_HIGHDMA;
	dev->hw_enc_features = NETIF_F_SG | NETIF_F_HW_CSUM;
	if (tlsnic_has_feature(nic, TLSNIC_FEAT_TSO)) {
		dev->hw_features |= tso;
		dev->vlan_features |= tso;
		netif_set_tso_max_size(dev, TLSNIC_TSO_MAX_LEN);
	}
	dev->features = dev->hw_features | NETIF_F_HIGHDMA;
	dev->hw_features |= NETIF_F_LOOPBACK;

	nic->msg_enable = NETIF_MSG_DRV | NETIF_MSG_PROBE | NETIF_MSG_LINK |
			  NETIF_MSG_TX_ERR | NETIF_MSG_RX_ERR;
	nic->ctrl = TLSNIC_CTRL_VLAN_STRIP;
	nic->cfg = (struct tlsnic_config) {
		.queues = min_t(u32, nic->num_queues,
				netif_get_num_default_rss_queues()),
		.tx_size = TLSNIC_RING_DEFAULT,
		.rx_size = TLSNIC_RING_DEFAULT,
	};
	nic->coalesce = (struct tlsnic_coalesce) {
		.rx_usecs = 20, .rx_frames = 32,
		.tx_usecs = 50, .tx_frames = 32,
	};
	tlsnic_rss_init(nic);
	tlsnic_tls_init(nic);
	netif_carrier_off(dev);
}
