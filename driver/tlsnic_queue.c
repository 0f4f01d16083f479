// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: queue pairs. A pair has a TX, an RX and a completion
 * ring, one interrupt and one NAPI instance, which takes completions of both
 * kinds in the order in which the card wrote them.
 *
 * The completion ring has an entry for each slot of the other two, and as many for
 * tags as for TX slots. There may be more tags: then the card waits for the poll.
 */
#include <linux/interrupt.h>
#include <linux/iopoll.h>
#include <linux/vmalloc.h>
#include <net/page_pool/helpers.h>

#include "tlsnic.h"
#include "tlsnic_compat.h"
#include "tlsnic_tls.h"

#define TLSNIC_RING_OFF_US	1000000

/* TX completions cost no budget, but a poll must end. */
#define TLSNIC_POLL_ENTRIES	1024

static irqreturn_t tlsnic_queue_irq(int irq, void *data)
{
	struct tlsnic_queue *q = data;

	/* The card disarmed itself when it fired. */
	WRITE_ONCE(q->interrupts, q->interrupts + 1);
	napi_schedule_irqoff(&q->napi);
	return IRQ_HANDLED;
}

/* The newest entry that the card has written, or NULL. */
static union tlsnic_cpl *tlsnic_cq_next(const struct tlsnic_cq *cq)
{
	union tlsnic_cpl *cpl = &cq->desc[cq->cons & (cq->size - 1)];
	u32 phase = le32_to_cpu(READ_ONCE(cpl->tx.phase)) & TLSNIC_CPL_PHASE;
	bool odd_lap = cq->cons & cq->size;

	if (!phase != odd_lap)
		return NULL;
	/* The rest of the entry is not read before its phase. */
	dma_rmb();
	return cpl;
}

static void tlsnic_poll_tag(struct tlsnic_tx_ring *tx,
			    const struct tlsnic_cpl_tag *cpl)
{
	bool taken = tlsnic_tls_take_tag(tx, cpl);

	u64_stats_update_begin(&tx->csyncp);
	tx->cstats.tls_tags++;
	tx->cstats.tls_tags_dropped += !taken;
	u64_stats_update_end(&tx->csyncp);
}

static int tlsnic_poll(struct napi_struct *napi, int budget)
{
	struct tlsnic_queue *q = container_of(napi, struct tlsnic_queue, napi);
	unsigned int packets = 0, bytes = 0, entries = 0, sent = 0;
	struct tlsnic_cq *cq = &q->cq;
	union tlsnic_cpl *cpl;
	bool filled = true;
	int work = 0;

	while (entries < TLSNIC_POLL_ENTRIES && (work < budget || !budget)) {
		cpl = tlsnic_cq_next(cq);
		if (!cpl)
			break;
		if (cpl->tx.type == TLSNIC_CPL_TX) {
			tlsnic_tx_complete(&q->tx, &cpl->tx, budget,
					   &packets, &bytes);
			sent++;
		} else if (cpl->tx.type == TLSNIC_CPL_TAG) {
			tlsnic_poll_tag(&q->tx, &cpl->tag);
		} else if (cpl->tx.type == TLSNIC_CPL_RX) {
			/* netpoll only wants the TX ring freed */
			if (!budget)
				break;
			work += tlsnic_rx_complete(&q->rx, &cpl->rx);
		} else {
			atomic_long_inc(&q->nic->errors.completion);
			tlsnic_schedule_reset(q->nic);
		}
		cq->cons++;
		entries++;
	}

	if (sent)
		tlsnic_tx_wake(&q->tx, packets, bytes);
	if (!budget) {
		writel(cq->cons, cq->doorbell);
		return 0;
	}

	filled = tlsnic_rx_fill(&q->rx);
	if (work < budget && entries < TLSNIC_POLL_ENTRIES && filled) {
		if (napi_complete_done(napi, work))
			writel(cq->cons | TLSNIC_CQ_ARM, cq->doorbell);
		else
			writel(cq->cons, cq->doorbell);
		return work;
	}
	writel(cq->cons, cq->doorbell);
	return budget;
}

static void tlsnic_queue_free(struct tlsnic_queue *q)
{
	struct device *dev = &q->nic->pdev->dev;

	tlsnic_rx_free(&q->rx);
	if (q->rx.desc)
		dma_free_coherent(dev, q->rx.size * TLSNIC_RXD_SIZE,
				  q->rx.desc, q->rx.dma);
	q->rx.desc = NULL;

	if (q->tx.desc)
		dma_free_coherent(dev, q->tx.size * TLSNIC_TXD_SIZE,
				  q->tx.desc, q->tx.dma);
	q->tx.desc = NULL;
	kvfree(q->tx.bufs);
	q->tx.bufs = NULL;

	if (q->cq.desc)
		dma_free_coherent(dev, q->cq.size * TLSNIC_CPL_SIZE,
				  q->cq.desc, q->cq.dma);
	q->cq.desc = NULL;
}

static int tlsnic_queue_alloc(struct tlsnic_queue *q)
{
	struct tlsnic_nic *nic = q->nic;
	struct device *dev = &nic->pdev->dev;
	int err = -ENOMEM;

	q->tx.size = nic->cfg.tx_size;
	q->tx.head = 0;
	q->tx.tail = 0;
	q->tx.posted = 0;
	q->tx.txq = netdev_get_tx_queue(nic->dev, q->index);
	q->rx.size = nic->cfg.rx_size;
	q->cq.size = roundup_pow_of_two(2 * nic->cfg.tx_size +
					nic->cfg.rx_size);
	q->cq.cons = 0;

	q->cq.desc = dma_alloc_coherent(dev, q->cq.size * TLSNIC_CPL_SIZE,
					&q->cq.dma, GFP_KERNEL);
	q->tx.desc = dma_alloc_coherent(dev, q->tx.size * TLSNIC_TXD_SIZE,
					&q->tx.dma, GFP_KERNEL);
	q->rx.desc = dma_alloc_coherent(dev, q->rx.size * TLSNIC_RXD_SIZE,
					&q->rx.dma, GFP_KERNEL);
	q->tx.bufs = kvcalloc(q->tx.size, sizeof(*q->tx.bufs), GFP_KERNEL);
	if (!q->cq.desc || !q->tx.desc || !q->rx.desc || !q->tx.bufs)
		goto err_free;

	err = tlsnic_rx_alloc(&q->rx, dev);
	if (err)
		goto err_free;
	return 0;

err_free:
	tlsnic_queue_free(q);
	return err;
}

/**
 * tlsnic_queues_alloc - memory for the rings of all active queue pairs
 * @nic: the card; its ring sizes and number of active queues are set
 *
 * Return: 0 or a negative error, then nothing is left allocated.
 */
int tlsnic_queues_alloc(struct tlsnic_nic *nic)
{
	unsigned int i;
	int err;

	for (i = 0; i < nic->cfg.queues; i++) {
		err = tlsnic_queue_alloc(&nic->queues[i]);
		if (err) {
			while (i--)
				tlsnic_queue_free(&nic->queues[i]);
			return err;
		}
	}
	return 0;
}

void tlsnic_queues_free(struct tlsnic_nic *nic)
{
	unsigned int i;

	for (i = 0; i < nic->cfg.queues; i++)
		tlsnic_queue_free(&nic->queues[i]);
}

static void tlsnic_ring_on(const struct tlsnic_queue *q, u32 ring,
			   dma_addr_t dma, u32 size)
{
	u8 __iomem *regs = q->regs + ring;

	/* The three rings have these registers at the same places. */
	BUILD_BUG_ON(TLSNIC_Q_RX_CTRL - TLSNIC_Q_RX_BASE_LO != TLSNIC_Q_TX_CTRL);
	BUILD_BUG_ON(TLSNIC_Q_CQ_CTRL - TLSNIC_Q_CQ_BASE_LO != TLSNIC_Q_TX_CTRL);

	writel(lower_32_bits(dma), regs + TLSNIC_Q_TX_BASE_LO);
	writel(upper_32_bits(dma), regs + TLSNIC_Q_TX_BASE_HI);
	writel(ilog2(size), regs + TLSNIC_Q_TX_SIZE);
	writel(TLSNIC_Q_ENABLE, regs + TLSNIC_Q_TX_CTRL);
}

/* Moderation is one timer a pair: the more impatient of RX and TX sets it. */
static void tlsnic_queue_moderation(const struct tlsnic_queue *q)
{
	const struct tlsnic_coalesce *c = &q->nic->coalesce;
	u64 cycles = (u64)min(c->rx_usecs, c->tx_usecs) * q->nic->clk_khz;

	writel(min_t(u64, div_u64(cycles, 1000), GENMASK(23, 0)),
	       q->regs + TLSNIC_Q_IRQ_CYCLES);
	writel(min_not_zero(c->rx_frames, c->tx_frames),
	       q->regs + TLSNIC_Q_IRQ_COUNT);
}

/**
 * tlsnic_queues_set_moderation - tell the card how long interrupts may wait
 * @nic: the card; its rings may be on
 *
 * A number of completions holds at once, a time after the next interrupt.
 */
void tlsnic_queues_set_moderation(struct tlsnic_nic *nic)
{
	unsigned int i;

	for (i = 0; i < nic->cfg.queues && !nic->gone; i++)
		tlsnic_queue_moderation(&nic->queues[i]);
}

static void tlsnic_queue_start(struct tlsnic_queue *q)
{
	bool filled;

	tlsnic_queue_moderation(q);
	tlsnic_ring_on(q, TLSNIC_Q_CQ_BASE_LO, q->cq.dma, q->cq.size);
	writel(TLSNIC_RX_BUF_LEN, q->regs + TLSNIC_Q_RX_BUF_LEN);
	tlsnic_ring_on(q, TLSNIC_Q_RX_BASE_LO, q->rx.dma, q->rx.size);
	tlsnic_ring_on(q, TLSNIC_Q_TX_BASE_LO, q->tx.dma, q->tx.size);

	netdev_tx_reset_queue(q->tx.txq);
	filled = tlsnic_rx_fill(&q->rx);
	napi_enable(&q->napi);
	netif_queue_set_napi(q->nic->dev, q->index, NETDEV_QUEUE_TYPE_RX,
			     &q->napi);
	netif_queue_set_napi(q->nic->dev, q->index, NETDEV_QUEUE_TYPE_TX,
			     &q->napi);
	if (filled) {
		writel(q->cq.cons | TLSNIC_CQ_ARM, q->cq.doorbell);
	} else {
		/* the poll tries again */
		local_bh_disable();
		napi_schedule(&q->napi);
		local_bh_enable();
	}
}

static int tlsnic_queue_irq_request(struct tlsnic_queue *q)
{
	struct tlsnic_nic *nic = q->nic;
	unsigned int cpu;
	int err;

	snprintf(q->irq_name, sizeof(q->irq_name), "%s-TxRx-%u",
		 nic->dev->name, q->index);
	err = request_irq(q->irq, tlsnic_queue_irq, 0, q->irq_name, q);
	if (err)
		return err;
	cpu = cpumask_local_spread(q->index, dev_to_node(&nic->pdev->dev));
	irq_set_affinity_and_hint(q->irq, cpumask_of(cpu));
	return 0;
}

static void tlsnic_queue_irq_free(struct tlsnic_queue *q)
{
	irq_update_affinity_hint(q->irq, NULL);
	free_irq(q->irq, q);
}

/**
 * tlsnic_queues_start - turn the rings on
 * @nic: the card, reset and set up; queues allocated
 *
 * Return: 0 or the error of an interrupt that could not be had.
 */
int tlsnic_queues_start(struct tlsnic_nic *nic)
{
	struct tlsnic_queue *q;
	unsigned int i;
	int err;

	for (i = 0; i < nic->cfg.queues; i++) {
		q = &nic->queues[i];
		netif_napi_add_config(nic->dev, &q->napi, tlsnic_poll, i);
		netif_napi_set_irq(&q->napi, q->irq);
		err = tlsnic_queue_irq_request(q);
		if (err) {
			netif_napi_del(&q->napi);
			goto err_undo;
		}
	}
	for (i = 0; i < nic->cfg.queues; i++)
		tlsnic_queue_start(&nic->queues[i]);
	return 0;

err_undo:
	while (i--) {
		tlsnic_queue_irq_free(&nic->queues[i]);
		netif_napi_del(&nic->queues[i].napi);
	}
	return err;
}

/* After this the card does not touch the ring; else it is cut off by the reset. */
static void tlsnic_ring_off(const struct tlsnic_queue *q, u32 ctrl)
{
	u32 val;

	writel(0, q->regs + ctrl);
	if (readl_poll_timeout(q->regs + ctrl, val,
			       !(val & TLSNIC_Q_ACTIVE) || val == ~0U,
			       20, TLSNIC_RING_OFF_US))
		netdev_err(q->nic->dev, "queue %u: ring %#x does not stop\n",
			   q->index, ctrl);
}

/**
 * tlsnic_queues_stop - turn the rings off, and drop what is in them
 * @nic: the card
 *
 * Leaves the stack's queues stopped. Also resets the card, so that no context
 * outlives its ring. Sleeps.
 */
void tlsnic_queues_stop(struct tlsnic_nic *nic)
{
	struct tlsnic_queue *q;
	unsigned int i;

	for (i = 0; i < nic->cfg.queues; i++) {
		q = &nic->queues[i];
		netif_queue_set_napi(nic->dev, i, NETDEV_QUEUE_TYPE_RX, NULL);
		netif_queue_set_napi(nic->dev, i, NETDEV_QUEUE_TYPE_TX, NULL);
		napi_disable(&q->napi);
		tlsnic_queue_irq_free(q);
		netif_napi_del(&q->napi);
	}
	/* only now: a poll wakes queues */
	netif_tx_disable(nic->dev);

	for (i = 0; i < nic->cfg.queues && !nic->gone; i++) {
		q = &nic->queues[i];
		tlsnic_ring_off(q, TLSNIC_Q_TX_CTRL);
		tlsnic_ring_off(q, TLSNIC_Q_RX_CTRL);
		tlsnic_ring_off(q, TLSNIC_Q_CQ_CTRL);
	}
	tlsnic_hw_reset(nic);

	for (i = 0; i < nic->cfg.queues; i++)
		tlsnic_tx_drain(&nic->queues[i].tx);
}
