/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that the driver is built for. The
 * TLSNIC_HAVE_ macros come from Kbuild, which looks into the headers.
 */
#ifndef _TLSNIC_COMPAT_H
#define _TLSNIC_COMPAT_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#ifndef kzalloc_obj
#define kzalloc_obj(obj, gfp)	kzalloc(sizeof(obj), gfp)
#endif

#ifndef TLSNIC_HAVE_NAPI_CONFIG
static inline void netif_napi_add_config(struct net_device *dev,
					 struct napi_struct *napi,
					 int (*poll)(struct napi_struct *, int),
					 int index)
{
	netif_napi_add(dev, napi, poll);
}
#endif

#ifndef TLSNIC_HAVE_RXFH_FIELDS
struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
	u32 rss_context;
};
#endif

int tlsnic_get_rxfh_fields(struct net_device *dev,
			   struct ethtool_rxfh_fields *fields);
int tlsnic_set_rxfh_fields(struct net_device *dev,
			   const struct ethtool_rxfh_fields *fields,
			   struct netlink_ext_ack *extack);

/* How a devlink parameter's get ends. */
#ifdef TLSNIC_HAVE_PARAM_GET_EXTACK
#define TLSNIC_PARAM_GET_CTX	struct devlink_param_gset_ctx *ctx, \
				struct netlink_ext_ack *extack
#else
#define TLSNIC_PARAM_GET_CTX	struct devlink_param_gset_ctx *ctx
#endif

#ifdef TLSNIC_HAVE_RX_RING_COUNT
static inline u32 tlsnic_get_rx_ring_count(struct net_device *dev)
{
	return dev->real_num_rx_queues;
}

#define TLSNIC_RING_COUNT_OPS	.get_rx_ring_count = tlsnic_get_rx_ring_count,
#else
#define TLSNIC_RING_COUNT_OPS
#endif

#ifdef TLSNIC_HAVE_RXFH_FIELDS
#define TLSNIC_RXFH_FIELDS_OPS	.get_rxfh_fields = tlsnic_get_rxfh_fields, \
				.set_rxfh_fields = tlsnic_set_rxfh_fields,
#else
#define TLSNIC_RXFH_FIELDS_OPS
#endif

#if defined(TLSNIC_HAVE_RX_RING_COUNT) && defined(TLSNIC_HAVE_RXFH_FIELDS)
#define TLSNIC_RXNFC_OPS
#else
static inline int tlsnic_get_rxnfc(struct net_device *dev,
				   struct ethtool_rxnfc *info, u32 *rule_locs)
{
	struct ethtool_rxfh_fields fields = { .flow_type = info->flow_type };
	int err;

	switch (info->cmd) {
	case ETHTOOL_GRXRINGS:
		info->data = dev->real_num_rx_queues;
		return 0;
	case ETHTOOL_GRXFH:
		err = tlsnic_get_rxfh_fields(dev, &fields);
		info->data = fields.data;
		return err;
	default:
		return -EOPNOTSUPP;
	}
}

static inline int tlsnic_set_rxnfc(struct net_device *dev,
				   struct ethtool_rxnfc *info)
{
	struct ethtool_rxfh_fields fields = {
		.flow_type = info->flow_type,
		.data = info->data,
	};

	if (info->cmd != ETHTOOL_SRXFH)
		return -EOPNOTSUPP;
	return tlsnic_set_rxfh_fields(dev, &fields, NULL);
}

#define TLSNIC_RXNFC_OPS	.get_rxnfc = tlsnic_get_rxnfc, \
				.set_rxnfc = tlsnic_set_rxnfc,
#endif

#endif /* _TLSNIC_COMPAT_H */
