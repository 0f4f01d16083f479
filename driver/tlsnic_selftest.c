// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: ethtool self-test. Registers and interrupts are tested
 * while the device works; frames through the card's loopback and its AES-GCM only
 * offline, with the card to themselves.
 */
#include <linux/delay.h>
#include <linux/ethtool.h>
#include <linux/iopoll.h>
#include <linux/unaligned.h>

#include "tlsnic.h"
#include "tlsnic_selftest.h"

#define TLSNIC_TEST_WAIT_US	500000

static const char tlsnic_test_names[TLSNIC_TEST_COUNT][ETH_GSTRING_LEN] = {
	[TLSNIC_TEST_REGISTERS]  = "Registers   (on/offline)",
	[TLSNIC_TEST_INTERRUPTS] = "Interrupts  (on/offline)",
	[TLSNIC_TEST_LOOPBACK]   = "Loopback    (offline)",
	[TLSNIC_TEST_GCM]        = "AES-GCM     (offline)",
};

void tlsnic_selftest_strings(u8 *data)
{
	unsigned int i;

	for (i = 0; i < TLSNIC_TEST_COUNT; i++)
		ethtool_puts(&data, tlsnic_test_names[i]);
}

static int tlsnic_test_registers(struct tlsnic_nic *nic)
{
	static const u32 patterns[] = {
		0x00000000, 0xffffffff, 0xaaaaaaaa, 0x55555555, 0x01234567,
	};
	unsigned int i;
	u32 val;

	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		tlsnic_write(nic, TLSNIC_REG_SCRATCH, patterns[i]);
		val = tlsnic_read(nic, TLSNIC_REG_SCRATCH);
		if (val != patterns[i]) {
			netdev_err(nic->dev, "self-test: SCRATCH is %#x, not %#x\n",
				   val, patterns[i]);
			return -EIO;
		}
		val = tlsnic_read(nic, TLSNIC_REG_ID);
		if (val != TLSNIC_ID) {
			netdev_err(nic->dev, "self-test: ID is %#x, not %#x\n",
				   val, TLSNIC_ID);
			return -EIO;
		}
	}
	return 0;
}

static int tlsnic_test_vector(struct tlsnic_nic *nic, u32 vector,
			      const unsigned long *count)
{
	unsigned long before = READ_ONCE(*count), now;

	tlsnic_write(nic, TLSNIC_REG_IRQ_TEST, vector);
	if (!read_poll_timeout(READ_ONCE, now, now != before, 100,
			       TLSNIC_TEST_WAIT_US, false, *count))
		return 0;
	netdev_err(nic->dev, "self-test: no interrupt from vector %u\n", vector);
	return -EIO;
}

static int tlsnic_test_interrupts(struct tlsnic_nic *nic)
{
	unsigned int i;
	int err;

	err = tlsnic_test_vector(nic, TLSNIC_VECTOR_MISC, &nic->misc_interrupts);
	/* those of the queues are only taken while the device is open */
	for (i = 0; i < nic->cfg.queues && nic->up && !err; i++)
		err = tlsnic_test_vector(nic, TLSNIC_VECTOR_QUEUE + i,
					 &nic->queues[i].interrupts);
	return err;
}

static dma_addr_t tlsnic_testq_dma(const struct tlsnic_testq *tq, const void *p)
{
	return tq->dma + ((const u8 *)p - (const u8 *)tq->mem);
}

/* The next TX slot, cleared. */
union tlsnic_txd *tlsnic_testq_slot(struct tlsnic_testq *tq)
{
	union tlsnic_txd *txd;

	txd = &tq->mem->tx[tq->tx_tail++ % TLSNIC_TESTQ_TX];
	memset(txd, 0, sizeof(*txd));
	return txd;
}

/* A packet of the first @len bytes of mem->frame, in two segments if it can be. */
union tlsnic_txd *tlsnic_testq_packet(struct tlsnic_testq *tq, unsigned int len)
{
	dma_addr_t dma = tlsnic_testq_dma(tq, tq->mem->frame);
	union tlsnic_txd *txd = tlsnic_testq_slot(tq);
	unsigned int first = len > 100 ? 99 : len;
	union tlsnic_txd *seg;

	txd->packet.op = TLSNIC_TXD_PACKET;
	txd->packet.flags = TLSNIC_TXF_COMPLETE;
	txd->packet.len = cpu_to_le16(first);
	txd->packet.addr = cpu_to_le64(dma);
	if (first == len) {
		txd->packet.flags |= TLSNIC_TXF_END;
		return txd;
	}
	seg = tlsnic_testq_slot(tq);
	seg->segment.op = TLSNIC_TXD_SEGMENT;
	seg->segment.flags = TLSNIC_TXF_END;
	seg->segment.len = cpu_to_le16(len - first);
	seg->segment.addr = cpu_to_le64(dma + first);
	return txd;
}

void tlsnic_testq_kick(struct tlsnic_testq *tq)
{
	writel(tq->tx_tail, tq->nic->queues[0].regs + TLSNIC_Q_TX_TAIL);
}

static bool tlsnic_testq_ready(const struct tlsnic_testq *tq)
{
	const union tlsnic_cpl *cpl =
		&tq->mem->cq[tq->cons % TLSNIC_TESTQ_CQ];
	bool phase = le32_to_cpu(READ_ONCE(cpl->tx.phase)) & TLSNIC_CPL_PHASE;

	return phase == !(tq->cons & TLSNIC_TESTQ_CQ);
}

/* The next completion, or NULL when none comes. */
static const union tlsnic_cpl *tlsnic_testq_next(struct tlsnic_testq *tq)
{
	const union tlsnic_cpl *cpl;
	bool ready;

	if (read_poll_timeout(tlsnic_testq_ready, ready, ready, 50,
			      TLSNIC_TEST_WAIT_US, false, tq)) {
		netdev_err(tq->nic->dev, "self-test: the card does not answer\n");
		return NULL;
	}
	dma_rmb();
	cpl = &tq->mem->cq[tq->cons++ % TLSNIC_TESTQ_CQ];
	writel(tq->cons, tq->nic->queues[0].regs + TLSNIC_Q_CQ_CONS);
	return cpl;
}

/* Wait until all slots are consumed. Frames that arrive meanwhile are an error. */
int tlsnic_testq_wait_tx(struct tlsnic_testq *tq)
{
	const union tlsnic_cpl *cpl;

	do {
		cpl = tlsnic_testq_next(tq);
		if (!cpl)
			return -ETIMEDOUT;
		if (cpl->tx.type != TLSNIC_CPL_TX ||
		    cpl->tx.status != TLSNIC_STATUS_OK) {
			netdev_err(tq->nic->dev,
				   "self-test: completion of type %u, status %u\n",
				   cpl->tx.type, cpl->tx.status);
			return -EIO;
		}
	} while (le16_to_cpu(cpl->tx.index) != tq->tx_tail);
	return 0;
}

static void tlsnic_testq_post_rx(struct tlsnic_testq *tq)
{
	struct tlsnic_rxd *rxd;
	const u8 *buf;

	while ((u16)(tq->rx_tail - tq->rx_head) < TLSNIC_TESTQ_BUFS) {
		rxd = &tq->mem->rx[tq->rx_tail % TLSNIC_TESTQ_RX];
		buf = tq->mem->buf[tq->rx_tail % TLSNIC_TESTQ_BUFS];
		rxd->addr = cpu_to_le64(tlsnic_testq_dma(tq, buf));
		tq->rx_tail++;
	}
	writel(tq->rx_tail, tq->nic->queues[0].regs + TLSNIC_Q_RX_TAIL);
}

/* Wait for a frame; TX completions on the way must be good. Returns its length. */
int tlsnic_testq_receive(struct tlsnic_testq *tq, u8 *frame, unsigned int size)
{
	const union tlsnic_cpl *cpl;
	unsigned int have = 0, len;
	u16 flags;

	do {
		cpl = tlsnic_testq_next(tq);
		if (!cpl)
			return -ETIMEDOUT;
		flags = 0;
		if (cpl->tx.type == TLSNIC_CPL_TX) {
			if (cpl->tx.status == TLSNIC_STATUS_OK)
				continue;
			netdev_err(tq->nic->dev,
				   "self-test: frame dropped, status %u\n",
				   cpl->tx.status);
			return -EIO;
		}
		len = le16_to_cpu(cpl->rx.len);
		flags = le16_to_cpu(cpl->rx.flags);
		if (have + len > size || len > TLSNIC_TESTQ_BUF ||
		    flags & TLSNIC_RXF_ERROR) {
			netdev_err(tq->nic->dev,
				   "self-test: frame of %u bytes and more, flags %#x\n",
				   have + len, flags);
			return -EIO;
		}
		memcpy(frame + have,
		       tq->mem->buf[tq->rx_head % TLSNIC_TESTQ_BUFS], len);
		have += len;
		tq->rx_head++;
	} while (!(flags & TLSNIC_RXF_END));
	tq->flags = flags;
	tlsnic_testq_post_rx(tq);
	return have;
}

static void tlsnic_testq_ring(const struct tlsnic_testq *tq, u32 ring,
			      const void *base, u32 size)
{
	u8 __iomem *regs = tq->nic->queues[0].regs + ring;
	dma_addr_t dma = tlsnic_testq_dma(tq, base);

	writel(lower_32_bits(dma), regs + TLSNIC_Q_TX_BASE_LO);
	writel(upper_32_bits(dma), regs + TLSNIC_Q_TX_BASE_HI);
	writel(ilog2(size), regs + TLSNIC_Q_TX_SIZE);
	writel(TLSNIC_Q_ENABLE, regs + TLSNIC_Q_TX_CTRL);
}

/* The card has been reset and is down. */
static int tlsnic_testq_start(struct tlsnic_testq *tq, struct tlsnic_nic *nic)
{
	u8 __iomem *regs = nic->queues[0].regs;

	memset(tq, 0, sizeof(*tq));
	tq->nic = nic;
	tq->mem = dma_alloc_coherent(&nic->pdev->dev, sizeof(*tq->mem),
				     &tq->dma, GFP_KERNEL);
	if (!tq->mem)
		return -ENOMEM;
	tlsnic_write(nic, TLSNIC_REG_MAX_FRAME, TLSNIC_TX_MAX_LEN);
	writel(0, regs + TLSNIC_Q_IRQ_CYCLES);
	writel(TLSNIC_TESTQ_BUF, regs + TLSNIC_Q_RX_BUF_LEN);
	tlsnic_testq_ring(tq, TLSNIC_Q_CQ_BASE_LO, tq->mem->cq, TLSNIC_TESTQ_CQ);
	tlsnic_testq_ring(tq, TLSNIC_Q_RX_BASE_LO, tq->mem->rx, TLSNIC_TESTQ_RX);
	tlsnic_testq_ring(tq, TLSNIC_Q_TX_BASE_LO, tq->mem->tx, TLSNIC_TESTQ_TX);
	/* everything to queue 0: after the reset the table is all zeros */
	tlsnic_testq_post_rx(tq);
	tlsnic_write(nic, TLSNIC_REG_CTRL,
		     TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE |
		     TLSNIC_CTRL_LOOPBACK | TLSNIC_CTRL_PROMISC);
	return 0;
}

static void tlsnic_testq_stop(struct tlsnic_testq *tq)
{
	/* after the reset the card knows none of this memory */
	tlsnic_hw_reset(tq->nic);
	memzero_explicit(tq->mem, sizeof(*tq->mem));
	dma_free_coherent(&tq->nic->pdev->dev, sizeof(*tq->mem), tq->mem,
			  tq->dma);
}

static int tlsnic_test_loopback(struct tlsnic_testq *tq)
{
	static const unsigned int lens[] = {
		60, 61, 127, 512, 1023, 1514, 4097, 9014,
	};
	u8 *sent = tq->mem->frame, *frame;
	unsigned int i;
	int len = 0;

	frame = kmalloc(TLSNIC_TX_MAX_LEN, GFP_KERNEL);
	if (!frame)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		get_random_bytes(sent, lens[i]);
		eth_broadcast_addr(sent);
		/* of no protocol that the card looks into */
		put_unaligned_be16(ETH_P_LOOPBACK, sent + 2 * ETH_ALEN);
		tlsnic_testq_packet(tq, lens[i]);
		tlsnic_testq_kick(tq);
		len = tlsnic_testq_receive(tq, frame, TLSNIC_TX_MAX_LEN);
		if (len < 0)
			break;
		if (len != lens[i] || memcmp(frame, sent, len)) {
			netdev_err(tq->nic->dev,
				   "self-test: frame of %u bytes came back wrong, as %d bytes\n",
				   lens[i], len);
			len = -EIO;
			break;
		}
	}
	kfree(frame);
	return len < 0 ? len : 0;
}

/* One test with the card to itself. */
static int tlsnic_test_offline(struct tlsnic_nic *nic,
			       int (*test)(struct tlsnic_testq *tq))
{
	struct tlsnic_testq tq;
	int err;

	err = tlsnic_testq_start(&tq, nic);
	if (err)
		return err;
	err = test(&tq);
	tlsnic_testq_stop(&tq);
	return err;
}

static void tlsnic_tests_offline(struct tlsnic_nic *nic, u64 *data)
{
	data[TLSNIC_TEST_LOOPBACK] =
		!!tlsnic_test_offline(nic, tlsnic_test_loopback);
	if (tlsnic_has_feature(nic, TLSNIC_FEAT_TLS_TX))
		data[TLSNIC_TEST_GCM] =
			!!tlsnic_test_offline(nic, tlsnic_test_gcm);
}

/**
 * tlsnic_self_test - ethtool -t
 * @dev: the net device; under rtnl
 * @test: what is asked for, and whether anything failed
 * @data: a result for each test, not 0 for failure
 */
void tlsnic_self_test(struct net_device *dev, struct ethtool_test *test,
		      u64 *data)
{
	struct tlsnic_nic *nic = netdev_priv(dev);
	unsigned int i;

	memset(data, 0, TLSNIC_TEST_COUNT * sizeof(*data));
	data[TLSNIC_TEST_REGISTERS] = !!tlsnic_test_registers(nic);
	data[TLSNIC_TEST_INTERRUPTS] = !!tlsnic_test_interrupts(nic);
	if (test->flags & ETH_TEST_FL_OFFLINE)
		tlsnic_borrow(nic, tlsnic_tests_offline, data);
	for (i = 0; i < TLSNIC_TEST_COUNT; i++)
		if (data[i])
			test->flags |= ETH_TEST_FL_FAILED;
}
