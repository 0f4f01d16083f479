// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: devlink. What concerns the card and is not for ethtool to
 * set: driver parameters, all of them at run time.
 */
#include <net/devlink.h>

#include "tlsnic.h"
#include "tlsnic_compat.h"

enum tlsnic_param {
	TLSNIC_PARAM_TLS_TAG_MIN = DEVLINK_PARAM_GENERIC_ID_MAX + 1,
};

struct tlsnic_devlink {
	struct tlsnic_nic *nic;
};

static int tlsnic_get_tag_min(struct devlink *devlink, u32 id,
			      TLSNIC_PARAM_GET_CTX)
{
	const struct tlsnic_devlink *priv = devlink_priv(devlink);

	ctx->val.vu32 = READ_ONCE(priv->nic->tls.tag_min);
	return 0;
}

static int tlsnic_set_tag_min(struct devlink *devlink, u32 id,
			      struct devlink_param_gset_ctx *ctx,
			      struct netlink_ext_ack *extack)
{
	const struct tlsnic_devlink *priv = devlink_priv(devlink);
	struct tlsnic_nic *nic = priv->nic;

	if (ctx->val.vu32 > U16_MAX) {
		NL_SET_ERR_MSG_FMT(extack, "tls_tag_min %u is not between 0 and %u",
				   ctx->val.vu32, U16_MAX);
		return -ERANGE;
	}
	mutex_lock(&nic->lock);
	WRITE_ONCE(nic->tls.tag_min, ctx->val.vu32);
	/* else the card gets it when it goes up */
	if (nic->up)
		tlsnic_hw_set_tags(nic);
	mutex_unlock(&nic->lock);
	return 0;
}

static const struct devlink_param tlsnic_params[] = {
	DEVLINK_PARAM_DRIVER(TLSNIC_PARAM_TLS_TAG_MIN, "tls_tag_min",
			     DEVLINK_PARAM_TYPE_U32,
			     BIT(DEVLINK_PARAM_CMODE_RUNTIME),
			     tlsnic_get_tag_min, tlsnic_set_tag_min, NULL),
};

static const struct devlink_ops tlsnic_devlink_ops = {};

static bool tlsnic_has_params(const struct tlsnic_nic *nic)
{
	return nic->ctrl & TLSNIC_CTRL_TLS_TAGS;
}

/**
 * tlsnic_devlink_register - show the card to devlink
 * @nic: the card, its net device is registered
 *
 * Return: 0 or a negative error.
 */
int tlsnic_devlink_register(struct tlsnic_nic *nic)
{
	struct tlsnic_devlink *priv;
	struct devlink *devlink;
	int err;

	devlink = devlink_alloc(&tlsnic_devlink_ops, sizeof(*priv),
				&nic->pdev->dev);
	if (!devlink)
		return -ENOMEM;
	priv = devlink_priv(devlink);
	priv->nic = nic;
	if (tlsnic_has_params(nic)) {
		err = devlink_params_register(devlink, tlsnic_params,
					      ARRAY_SIZE(tlsnic_params));
		if (err) {
			devlink_free(devlink);
			return err;
		}
	}
	nic->devlink = devlink;
	devlink_register(devlink);
	return 0;
}

void tlsnic_devlink_unregister(struct tlsnic_nic *nic)
{
	devlink_unregister(nic->devlink);
	if (tlsnic_has_params(nic))
		devlink_params_unregister(nic->devlink, tlsnic_params,
					  ARRAY_SIZE(tlsnic_params));
	devlink_free(nic->devlink);
}
