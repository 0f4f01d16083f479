// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: card registers and reset.
 *
 * A read of a register waits for the card, a write does not: nothing here is
 * on the path of a packet.
 */
#include <linux/delay.h>
#include <linux/iopoll.h>
#include <linux/unaligned.h>

#include "tlsnic.h"

#define TLSNIC_RESET_US		2000000

/* A card that is not there any more reads as all ones. */
static bool tlsnic_dead(u32 val)
{
	return val == ~0U;
}

/**
 * tlsnic_hw_probe - learn what the card is and has
 * @nic: its registers are mapped
 *
 * Return: 0; -ENODEV when it is no card that this driver knows.
 */
int tlsnic_hw_probe(struct tlsnic_nic *nic)
{
	struct device *dev = &nic->pdev->dev;
	u32 val;

	val = tlsnic_read(nic, TLSNIC_REG_ID);
	if (val != TLSNIC_ID) {
		dev_err(dev, "ID register is %#x, not %#x\n", val, TLSNIC_ID);
		return -ENODEV;
	}
	val = tlsnic_read(nic, TLSNIC_REG_VERSION);
	if (val >> 16 != TLSNIC_VERSION >> 16) {
		dev_err(dev, "card has version %u.%u of the interface, the driver knows %u\n",
			val >> 16, val & 0xffff, TLSNIC_VERSION >> 16);
		return -ENODEV;
	}

	nic->num_queues = tlsnic_read(nic, TLSNIC_REG_QUEUES);
	nic->num_contexts = tlsnic_read(nic, TLSNIC_REG_CONTEXTS);
	nic->clk_khz = tlsnic_read(nic, TLSNIC_REG_CLK_KHZ);
	nic->card_features = tlsnic_read(nic, TLSNIC_REG_FEATURES);
	if (!nic->num_queues || nic->num_queues > TLSNIC_MAX_QUEUES) {
		dev_err(dev, "card has %u queue pairs\n", nic->num_queues);
		return -ENODEV;
	}
	if (!nic->clk_khz) {
		dev_err(dev, "card has a clock of 0 kHz\n");
		return -ENODEV;
	}
	return 0;
}

/*
 * The low word first: reading it holds the high one. A value below the last one
 * tells that the card was reset: what it had counted is kept. Under stats_lock.
 */
static u64 tlsnic_hw_read_stat(struct tlsnic_nic *nic, unsigned int stat)
{
	u32 reg = TLSNIC_REG_STATS + 8 * stat;
	u32 lo, hi;
	u64 val;

	if (nic->gone)
		goto out;
	lo = tlsnic_read(nic, reg);
	hi = tlsnic_read(nic, reg + 4);
	if (tlsnic_dead(lo) && tlsnic_dead(hi))
		goto out;
	val = (u64)hi << 32 | lo;
	if (val < nic->stats_last[stat])
		nic->stats_base[stat] += nic->stats_last[stat];
	nic->stats_last[stat] = val;
out:
	return nic->stats_base[stat] + nic->stats_last[stat];
}

/**
 * tlsnic_hw_reset - reset the card: rings off, contexts wiped, registers cleared
 * @nic: the card
 *
 * Sleeps.
 *
 * Return: 0; -ENODEV when the card is gone; -ETIMEDOUT when it does not get ready.
 * After an error the card cannot reach host memory, and is not used any more.
 */
int tlsnic_hw_reset(struct tlsnic_nic *nic)
{
	u32 val;
	int err;

	if (nic->gone)
		return -ENODEV;

	tlsnic_write(nic, TLSNIC_REG_CTRL, TLSNIC_CTRL_RESET);
	err = read_poll_timeout(tlsnic_read, val,
				val & TLSNIC_STATUS_READY, 20, TLSNIC_RESET_US,
				false, nic, TLSNIC_REG_STATUS);
	if (!err && !tlsnic_dead(val)) {
		atomic_long_inc(&nic->errors.resets);
		return 0;
	}

	dev_err(&nic->pdev->dev, "reset failed, status %#x\n", val);
	pci_clear_master(nic->pdev);
	nic->gone = true;
	return tlsnic_dead(val) ? -ENODEV : -ETIMEDOUT;
}

/* Tags of cut records come always. */
void tlsnic_hw_set_tags(struct tlsnic_nic *nic)
{
	if (!nic->gone && tlsnic_has_feature(nic, TLSNIC_FEAT_TLS_SEEK))
		tlsnic_write(nic, TLSNIC_REG_TLS_TAG_MIN, nic->tls.tag_min);
}

/**
 * tlsnic_hw_setup - write the card's configuration after a reset
 * @nic: the card; its rings are still off
 */
void tlsnic_hw_setup(struct tlsnic_nic *nic)
{
	tlsnic_hw_set_mac(nic);
	tlsnic_hw_set_max_frame(nic);
	tlsnic_hw_set_rss(nic);
	tlsnic_hw_set_tags(nic);
	netif_addr_lock_bh(nic->dev);
	tlsnic_hw_set_mcast(nic, nic->mcast);
	netif_addr_unlock_bh(nic->dev);
	tlsnic_hw_set_ctrl(nic, 0, 0);
}

/**
 * tlsnic_hw_set_ctrl - change bits of the control register
 * @nic: the card
 * @clear: bits to clear
 * @set: bits to set after that
 */
void tlsnic_hw_set_ctrl(struct tlsnic_nic *nic, u32 clear, u32 set)
{
	spin_lock_bh(&nic->ctrl_lock);
	nic->ctrl = (nic->ctrl & ~clear) | set;
	if (!nic->gone)
		tlsnic_write(nic, TLSNIC_REG_CTRL, nic->ctrl);
	spin_unlock_bh(&nic->ctrl_lock);
}

void tlsnic_hw_set_mac(struct tlsnic_nic *nic)
{
	const u8 *addr = nic->dev->dev_addr;

	if (nic->gone)
		return;
	tlsnic_write(nic, TLSNIC_REG_MAC_LO, get_unaligned_le32(addr));
	tlsnic_write(nic, TLSNIC_REG_MAC_HI, get_unaligned_le16(addr + 4));
}

void tlsnic_hw_set_max_frame(struct tlsnic_nic *nic)
{
	if (nic->gone)
		return;
	tlsnic_write(nic, TLSNIC_REG_MAX_FRAME,
		     READ_ONCE(nic->dev->mtu) + ETH_HLEN + VLAN_HLEN);
}

void tlsnic_hw_set_mcast(struct tlsnic_nic *nic, u64 hash)
{
	nic->mcast = hash;
	if (nic->gone)
		return;
	tlsnic_write(nic, TLSNIC_REG_MCAST_LO, lower_32_bits(hash));
	tlsnic_write(nic, TLSNIC_REG_MCAST_HI, upper_32_bits(hash));
}

void tlsnic_hw_set_rss(struct tlsnic_nic *nic)
{
	const struct tlsnic_rss *rss = &nic->rss;
	unsigned int i;

	if (nic->gone)
		return;
	for (i = 0; i < sizeof(rss->key); i += 4)
		tlsnic_write(nic, TLSNIC_REG_RSS_KEY + i,
			     get_unaligned_le32(rss->key + i));
	for (i = 0; i < sizeof(rss->table); i += 4)
		tlsnic_write(nic, TLSNIC_REG_RSS_TABLE + i,
			     get_unaligned_le32(rss->table + i));
	tlsnic_write(nic, TLSNIC_REG_RSS_CTRL, rss->ctrl);
}

bool tlsnic_hw_link(struct tlsnic_nic *nic)
{
	u32 val;

	if (nic->gone)
		return false;
	val = tlsnic_read(nic, TLSNIC_REG_STATUS);
	return !tlsnic_dead(val) && (val & TLSNIC_STATUS_LINK);
}

/**
 * tlsnic_hw_stat - one of the card's counters, since the driver was loaded
 * @nic: the card
 * @stat: TLSNIC_STAT_*
 *
 * Return: its value.
 */
u64 tlsnic_hw_stat(struct tlsnic_nic *nic, unsigned int stat)
{
	u64 val;

	spin_lock_bh(&nic->stats_lock);
	val = tlsnic_hw_read_stat(nic, stat);
	spin_unlock_bh(&nic->stats_lock);
	return val;
}

/**
 * tlsnic_hw_sync_stats - take note of all counters
 * @nic: the card
 *
 * Before a reset of the function and after it, so that nothing is lost.
 */
void tlsnic_hw_sync_stats(struct tlsnic_nic *nic)
{
	unsigned int i;

	for (i = 0; i < TLSNIC_STAT_COUNT; i++)
		tlsnic_hw_stat(nic, i);
}

/* Count from here: the card may have been in use before. */
void tlsnic_hw_zero_stats(struct tlsnic_nic *nic)
{
	unsigned int i;

	tlsnic_hw_sync_stats(nic);
	for (i = 0; i < TLSNIC_STAT_COUNT; i++)
		nic->stats_base[i] = -nic->stats_last[i];
}
