// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: a look at the card from time to time.
 *
 * The stack's watchdog sees a queue that it has stopped itself. With little under way no
 * queue is ever stopped, and TCP waits for ever: it sends nothing again that the
 * card seems to hold still. So a card that is dead, or does not get on, is
 * looked for here.
 */
#include "tlsnic.h"

#define TLSNIC_HEALTH_PERIOD	(2 * HZ)

/* Has a ring something in it, and has nothing left it for too long? */
static bool tlsnic_health_stuck(struct tlsnic_queue *q)
{
	u16 head = READ_ONCE(q->tx.head);

	if (head == READ_ONCE(q->tx.tail) || head != q->health.head) {
		q->health.head = head;
		q->health.since = jiffies;
		return false;
	}
	return time_after(jiffies,
			  q->health.since + q->nic->dev->watchdog_timeo);
}

static void tlsnic_health_work(struct work_struct *work)
{
	struct tlsnic_nic *nic = container_of(work, struct tlsnic_nic,
					      health_work.work);
	unsigned int i;

	if (tlsnic_read(nic, TLSNIC_REG_STATUS) == ~0U) {
		netdev_err(nic->dev, "card does not answer\n");
		tlsnic_schedule_reset(nic);
		return;
	}
	for (i = 0; i < nic->cfg.queues; i++) {
		/* a MAC without a link may hold what it is given */
		if (!netif_carrier_ok(nic->dev))
			nic->queues[i].health.since = jiffies;
		if (tlsnic_health_stuck(&nic->queues[i])) {
			tlsnic_tx_timeout(nic->dev, i);
			return;
		}
	}
	schedule_delayed_work(&nic->health_work, TLSNIC_HEALTH_PERIOD);
}

/**
 * tlsnic_health_start - begin to look
 * @nic: the card, its rings are on
 */
void tlsnic_health_start(struct tlsnic_nic *nic)
{
	unsigned int i;

	for (i = 0; i < nic->cfg.queues; i++) {
		nic->queues[i].health.head = 0;
		nic->queues[i].health.since = jiffies;
	}
	schedule_delayed_work(&nic->health_work, TLSNIC_HEALTH_PERIOD);
}

/**
 * tlsnic_health_stop - look no more
 * @nic: the card
 *
 * Sleeps; the work itself takes no lock.
 */
void tlsnic_health_stop(struct tlsnic_nic *nic)
{
	cancel_delayed_work_sync(&nic->health_work);
}

void tlsnic_health_init(struct tlsnic_nic *nic)
{
	INIT_DELAYED_WORK(&nic->health_work, tlsnic_health_work);
}
