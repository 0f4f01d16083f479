/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the parts of nic. */
#ifndef TLSNIC_DPDK_NIC_PRIV_H
#define TLSNIC_DPDK_NIC_PRIV_H

#include "nic.h"

#define NIC_POLLS	20000	/* reads of a register that must change, until it is taken to hang */

/* Counts a fault of the card, and keeps the first in words. */
void nic_violation(struct nic *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* nic_dma.c: the card's view of host memory. */
int nic_dma_read(void *nic, uint64_t addr, void *buf, size_t len, enum tlsnic_sim_dma kind);
int nic_dma_write(void *nic, uint64_t addr, const void *buf, size_t len, enum tlsnic_sim_dma kind);

/* nic_ring.c: what the rings hold goes back to where it came from; the card has let go of them. */
void nic_queue_drop(struct nic_queue *k);

/* Registers of queue pair q. */
static inline uint32_t nic_qreg(unsigned int q, uint32_t reg)
{
	return TLSNIC_REG_QUEUE + q * TLSNIC_QUEUE_STRIDE + reg;
}

#endif /* TLSNIC_DPDK_NIC_PRIV_H */
