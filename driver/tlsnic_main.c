// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: the PCI device. Probe and remove, the interrupt for
 * errors and link changes, error recovery, power management.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

#include "tlsnic.h"
#include "tlsnic_tls.h"

/* Vector 0. A thread, because it reads registers. */
static irqreturn_t tlsnic_misc_irq(int irq, void *data)
{
	struct tlsnic_nic *nic = data;
	u32 causes;

	WRITE_ONCE(nic->misc_interrupts, nic->misc_interrupts + 1);
	if (nic->gone)
		return IRQ_HANDLED;
	causes = tlsnic_read(nic, TLSNIC_REG_ERROR);
	if (causes == ~0U)
		return IRQ_HANDLED;
	tlsnic_write(nic, TLSNIC_REG_ERROR, causes);

	if (causes & TLSNIC_ERR_LINK) {
		atomic_long_inc(&nic->errors.link);
		rtnl_lock();
		if (nic->up)
			tlsnic_update_link(nic);
		rtnl_unlock();
	}
	if (causes & TLSNIC_ERR_DOORBELL)
		atomic_long_inc(&nic->errors.doorbell);
	if (causes & TLSNIC_ERR_READ)
		atomic_long_inc(&nic->errors.read);
	if (causes & TLSNIC_ERR_WRITE)
		atomic_long_inc(&nic->errors.write);
	if (causes & TLSNIC_ERR_DESC)
		atomic_long_inc(&nic->errors.desc);
	causes &= ~TLSNIC_ERR_LINK;
	if (causes) {
		/* a queue has halted, or has lost what the driver waits for */
		netdev_err(nic->dev, "card reports error %#x, resetting it\n",
			   causes);
		tlsnic_schedule_reset(nic);
	}
	return IRQ_HANDLED;
}

static int tlsnic_irqs_init(struct tlsnic_nic *nic)
{
	struct pci_dev *pdev = nic->pdev;
	unsigned int i;
	int n, err;

	n = pci_alloc_irq_vectors(pdev, TLSNIC_VECTOR_QUEUE + 1,
				  TLSNIC_VECTOR_QUEUE + nic->num_queues,
				  PCI_IRQ_MSIX | PCI_IRQ_MSI);
	if (n < 0) {
		dev_err(&pdev->dev, "no interrupt vectors: error %d\n", n);
		return n;
	}
	nic->num_queues = n - TLSNIC_VECTOR_QUEUE;
	for (i = 0; i < nic->num_queues; i++)
		nic->queues[i].irq = pci_irq_vector(pdev,
						    TLSNIC_VECTOR_QUEUE + i);

	err = request_threaded_irq(pci_irq_vector(pdev, TLSNIC_VECTOR_MISC),
				   NULL, tlsnic_misc_irq, IRQF_ONESHOT,
				   pci_name(pdev), nic);
	if (err)
		pci_free_irq_vectors(pdev);
	return err;
}

static void tlsnic_irqs_exit(struct tlsnic_nic *nic)
{
	free_irq(pci_irq_vector(nic->pdev, TLSNIC_VECTOR_MISC), nic);
	pci_free_irq_vectors(nic->pdev);
}

static int tlsnic_queues_init(struct tlsnic_nic *nic)
{
	struct tlsnic_queue *q;
	unsigned int i;

	nic->queues = kcalloc(nic->num_queues, sizeof(*nic->queues), GFP_KERNEL);
	if (!nic->queues)
		return -ENOMEM;
	for (i = 0; i < nic->num_queues; i++) {
		q = &nic->queues[i];
		q->nic = nic;
		q->index = i;
		q->regs = nic->regs + TLSNIC_REG_QUEUE + i * TLSNIC_QUEUE_STRIDE;
		q->tx.index = i;
		q->tx.doorbell = q->regs + TLSNIC_Q_TX_TAIL;
		q->rx.doorbell = q->regs + TLSNIC_Q_RX_TAIL;
		q->cq.doorbell = q->regs + TLSNIC_Q_CQ_CONS;
		u64_stats_init(&q->tx.syncp);
		u64_stats_init(&q->tx.csyncp);
		u64_stats_init(&q->rx.syncp);
	}
	return 0;
}

/* The address that firmware may have left in the card, else a random one. */
static void tlsnic_init_mac(struct tlsnic_nic *nic)
{
	u32 lo = tlsnic_read(nic, TLSNIC_REG_MAC_LO);
	u32 hi = tlsnic_read(nic, TLSNIC_REG_MAC_HI);
	u8 addr[ETH_ALEN] = {
		lo, lo >> 8, lo >> 16, lo >> 24, hi, hi >> 8,
	};

	if (is_valid_ether_addr(addr))
		eth_hw_addr_set(nic->dev, addr);
	else
		eth_hw_addr_random(nic->dev);
}

static struct tlsnic_nic *tlsnic_alloc(struct pci_dev *pdev, u8 __iomem *regs)
{
	u32 queues = readl(regs + TLSNIC_REG_QUEUES);
	struct tlsnic_nic *nic;
	struct net_device *dev;

	queues = clamp(queues, 1U, TLSNIC_MAX_QUEUES + 0U);
	dev = alloc_etherdev_mqs(sizeof(*nic), queues, queues);
	if (!dev)
		return NULL;
	SET_NETDEV_DEV(dev, &pdev->dev);
	nic = netdev_priv(dev);
	nic->dev = dev;
	nic->pdev = pdev;
	nic->regs = regs;
	return nic;
}

static int tlsnic_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct tlsnic_nic *nic;
	u8 __iomem *regs;
	int err;

	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	err = pci_request_mem_regions(pdev, TLSNIC_NAME);
	if (err)
		goto err_disable;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		goto err_release;
	err = -ENODEV;
	if (pci_resource_len(pdev, 0) < TLSNIC_BAR0_SIZE)
		goto err_release;
	err = -ENOMEM;
	regs = pci_ioremap_bar(pdev, 0);
	if (!regs)
		goto err_release;
	nic = tlsnic_alloc(pdev, regs);
	if (!nic)
		goto err_unmap;
	pci_set_drvdata(pdev, nic);

	err = tlsnic_hw_probe(nic);
	if (err)
		goto err_free;
	err = tlsnic_queues_init(nic);
	if (err)
		goto err_free;
	tlsnic_init_mac(nic);
	pci_set_master(pdev);
	err = tlsnic_irqs_init(nic);
	if (err)
		goto err_queues;
	tlsnic_netdev_init(nic);
	err = tlsnic_hw_reset(nic);
	if (err)
		goto err_irqs;
	tlsnic_hw_zero_stats(nic);
	err = register_netdev(nic->dev);
	if (err)
		goto err_irqs;
	err = tlsnic_devlink_register(nic);
	if (err)
		goto err_unregister;

	pci_save_state(pdev);
	netif_info(nic, probe, nic->dev, "%u queue pairs, %u TLS contexts\n",
		   nic->num_queues, nic->num_contexts);
	return 0;

err_unregister:
	unregister_netdev(nic->dev);
err_irqs:
	tlsnic_irqs_exit(nic);
	cancel_work_sync(&nic->reset_work);
	tlsnic_tls_exit(nic);
err_queues:
	kfree(nic->queues);
err_free:
	free_netdev(nic->dev);
err_unmap:
	iounmap(regs);
err_release:
	pci_release_mem_regions(pdev);
err_disable:
	pci_disable_device(pdev);
	return err;
}

static void tlsnic_remove(struct pci_dev *pdev)
{
	struct tlsnic_nic *nic = pci_get_drvdata(pdev);
	u8 __iomem *regs = nic->regs;

	if (!pci_device_is_present(pdev))
		nic->gone = true;
	tlsnic_devlink_unregister(nic);
	unregister_netdev(nic->dev);
	tlsnic_irqs_exit(nic);
	cancel_work_sync(&nic->reset_work);
	tlsnic_tls_exit(nic);
	kfree(nic->queues);
	free_netdev(nic->dev);
	iounmap(regs);
	pci_release_mem_regions(pdev);
	pci_disable_device(pdev);
}

static void tlsnic_shutdown(struct pci_dev *pdev)
{
	struct tlsnic_nic *nic = pci_get_drvdata(pdev);

	rtnl_lock();
	netif_device_detach(nic->dev);
	if (netif_running(nic->dev))
		dev_close(nic->dev);
	rtnl_unlock();
	pci_clear_master(pdev);
}

/* Take the rings away while the device stays open in the stack's eyes. */
static void tlsnic_detach(struct tlsnic_nic *nic)
{
	netif_device_detach(nic->dev);
	if (nic->up) {
		netif_carrier_off(nic->dev);
		tlsnic_down(nic);
	}
	tlsnic_hw_sync_stats(nic);
}

static int tlsnic_attach(struct tlsnic_nic *nic)
{
	int err;

	nic->gone = false;
	pci_set_master(nic->pdev);
	tlsnic_hw_sync_stats(nic);
	err = tlsnic_hw_reset(nic);
	if (!err && netif_running(nic->dev))
		err = tlsnic_up(nic);
	if (err)
		return err;
	netif_device_attach(nic->dev);
	if (nic->up)
		tlsnic_update_link(nic);
	return 0;
}

static pci_ers_result_t tlsnic_error_detected(struct pci_dev *pdev,
					      pci_channel_state_t state)
{
	struct tlsnic_nic *nic = pci_get_drvdata(pdev);

	rtnl_lock();
	if (state != pci_channel_io_normal)
		nic->gone = true;
	tlsnic_detach(nic);
	nic->gone = true;
	rtnl_unlock();

	if (state == pci_channel_io_perm_failure)
		return PCI_ERS_RESULT_DISCONNECT;
	pci_disable_device(pdev);
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t tlsnic_slot_reset(struct pci_dev *pdev)
{
	if (pci_enable_device_mem(pdev)) {
		dev_err(&pdev->dev, "cannot enable the device after a reset\n");
		return PCI_ERS_RESULT_DISCONNECT;
	}
	pci_restore_state(pdev);
	pci_save_state(pdev);
	return PCI_ERS_RESULT_RECOVERED;
}

static void tlsnic_error_resume(struct pci_dev *pdev)
{
	struct tlsnic_nic *nic = pci_get_drvdata(pdev);
	int err;

	rtnl_lock();
	err = tlsnic_attach(nic);
	rtnl_unlock();
	if (err)
		dev_err(&pdev->dev, "cannot start again: error %d\n", err);
}

/* Somebody resets the function, for instance through sysfs. */
static void tlsnic_reset_prepare(struct pci_dev *pdev)
{
	struct tlsnic_nic *nic = pci_get_drvdata(pdev);

	rtnl_lock();
	tlsnic_detach(nic);
	nic->gone = true;
	rtnl_unlock();
}

static const struct pci_error_handlers tlsnic_err_handler = {
	.error_detected	= tlsnic_error_detected,
	.slot_reset	= tlsnic_slot_reset,
	.resume		= tlsnic_error_resume,
	.reset_prepare	= tlsnic_reset_prepare,
	.reset_done	= tlsnic_error_resume,
};

static int tlsnic_suspend(struct device *dev)
{
	struct tlsnic_nic *nic = dev_get_drvdata(dev);

	rtnl_lock();
	tlsnic_detach(nic);
	rtnl_unlock();
	return 0;
}

static int tlsnic_resume(struct device *dev)
{
	struct tlsnic_nic *nic = dev_get_drvdata(dev);
	int err;

	rtnl_lock();
	err = tlsnic_attach(nic);
	rtnl_unlock();
	return err;
}

static DEFINE_SIMPLE_DEV_PM_OPS(tlsnic_pm_ops, tlsnic_suspend, tlsnic_resume);

static const struct pci_device_id tlsnic_pci_ids[] = {
	{ PCI_DEVICE(TLSNIC_PCI_VENDOR_ID, TLSNIC_PCI_DEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, tlsnic_pci_ids);

static struct pci_driver tlsnic_pci_driver = {
	.name		= TLSNIC_NAME,
	.id_table	= tlsnic_pci_ids,
	.probe		= tlsnic_probe,
	.remove		= tlsnic_remove,
	.shutdown	= tlsnic_shutdown,
	.err_handler	= &tlsnic_err_handler,
	.driver.pm	= pm_sleep_ptr(&tlsnic_pm_ops),
};
module_pci_driver(tlsnic_pci_driver);

MODULE_DESCRIPTION("tlsnic Ethernet card with inline TLS");
MODULE_LICENSE("GPL");
