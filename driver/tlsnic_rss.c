// SPDX-License-Identifier: GPL-2.0-only
/* tlsnic Ethernet driver: receive side scaling. */
#include <linux/netdevice.h>

#include "tlsnic.h"
#include "tlsnic_compat.h"

#define TLSNIC_RSS_L3	(RXH_IP_SRC | RXH_IP_DST)
#define TLSNIC_RSS_L4	(TLSNIC_RSS_L3 | RXH_L4_B_0_1 | RXH_L4_B_2_3)

/* Spread the table evenly over the active queues. */
void tlsnic_rss_spread(struct tlsnic_nic *nic, u32 queues)
{
	unsigned int i;

	for (i = 0; i < TLSNIC_RSS_TABLE_LEN; i++)
		nic->rss.table[i] =
			ethtool_rxfh_indir_default(i, queues);
}

void tlsnic_rss_init(struct tlsnic_nic *nic)
{
	netdev_rss_key_fill(nic->rss.key, sizeof(nic->rss.key));
	nic->rss.ctrl = TLSNIC_RSS_IPV4 | TLSNIC_RSS_TCP_IPV4 |
			TLSNIC_RSS_UDP_IPV4 | TLSNIC_RSS_IPV6 |
			TLSNIC_RSS_TCP_IPV6 | TLSNIC_RSS_UDP_IPV6;
	tlsnic_rss_spread(nic, nic->cfg.queues);
}

u32 tlsnic_get_rxfh_key_size(struct net_device *dev)
{
	return TLSNIC_RSS_KEY_LEN;
}

u32 tlsnic_get_rxfh_indir_size(struct net_device *dev)
{
	return TLSNIC_RSS_TABLE_LEN;
}

int tlsnic_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);
	unsigned int i;

	param->hfunc = ETH_RSS_HASH_TOP;
	if (param->key)
		memcpy(param->key, nic->rss.key, sizeof(nic->rss.key));
	if (param->indir)
		for (i = 0; i < TLSNIC_RSS_TABLE_LEN; i++)
			param->indir[i] = nic->rss.table[i];
	return 0;
}

int tlsnic_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param,
		    struct netlink_ext_ack *extack)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	unsigned int i;

	if (param->hfunc != ETH_RSS_HASH_NO_CHANGE &&
	    param->hfunc != ETH_RSS_HASH_TOP) {
		NL_SET_ERR_MSG(extack, "the card knows the Toeplitz hash only");
		return -EOPNOTSUPP;
	}
	if (param->key)
		memcpy(nic->rss.key, param->key, sizeof(nic->rss.key));
	if (param->indir)
		for (i = 0; i < TLSNIC_RSS_TABLE_LEN; i++)
			nic->rss.table[i] = param->indir[i];
	tlsnic_hw_set_rss(nic);
	return 0;
}

/* The switch for a flow type, and the fields that it turns on. */
static u32 tlsnic_rss_flag(u32 flow_type, u32 *fields)
{
	*fields = TLSNIC_RSS_L4;
	switch (flow_type) {
	case TCP_V4_FLOW:
		return TLSNIC_RSS_TCP_IPV4;
	case UDP_V4_FLOW:
		return TLSNIC_RSS_UDP_IPV4;
	case TCP_V6_FLOW:
		return TLSNIC_RSS_TCP_IPV6;
	case UDP_V6_FLOW:
		return TLSNIC_RSS_UDP_IPV6;
	case IPV4_FLOW:
		*fields = TLSNIC_RSS_L3;
		return TLSNIC_RSS_IPV4;
	case IPV6_FLOW:
		*fields = TLSNIC_RSS_L3;
		return TLSNIC_RSS_IPV6;
	default:
		return 0;
	}
}

/* What a packet of this type is hashed over when its own switch is off. */
static u32 tlsnic_rss_below(const struct tlsnic_nic *nic, u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
	case UDP_V4_FLOW:
		return nic->rss.ctrl & TLSNIC_RSS_IPV4 ? TLSNIC_RSS_L3 : 0;
	case TCP_V6_FLOW:
	case UDP_V6_FLOW:
		return nic->rss.ctrl & TLSNIC_RSS_IPV6 ? TLSNIC_RSS_L3 : 0;
	default:
		return 0;
	}
}

int tlsnic_get_rxfh_fields(struct net_device *dev,
			   struct ethtool_rxfh_fields *fields)
{
	const struct tlsnic_nic *nic = netdev_priv(dev);
	u32 flag, data;

	flag = tlsnic_rss_flag(fields->flow_type, &data);
	if (nic->rss.ctrl & flag)
		fields->data = data;
	else
		fields->data = tlsnic_rss_below(nic, fields->flow_type);
	return 0;
}

int tlsnic_set_rxfh_fields(struct net_device *dev,
			   const struct ethtool_rxfh_fields *fields,
			   struct netlink_ext_ack *extack)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	u32 flag, data;

	flag = tlsnic_rss_flag(fields->flow_type, &data);
	if (!flag) {
		NL_SET_ERR_MSG(extack, "the card hashes IPv4, IPv6, TCP and UDP only");
		return -EOPNOTSUPP;
	}
	if (fields->data == data) {
		nic->rss.ctrl |= flag;
	} else if (fields->data == tlsnic_rss_below(nic, fields->flow_type)) {
		nic->rss.ctrl &= ~flag;
	} else {
		NL_SET_ERR_MSG(extack, "the card hashes both addresses, and both ports or none");
		return -EOPNOTSUPP;
	}
	tlsnic_hw_set_rss(nic);
	return 0;
}
