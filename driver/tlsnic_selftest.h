/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tlsnic Ethernet driver: a queue pair for self-tests. It is polled and holds
 * one frame, so it needs neither the rings nor the NAPI of the net device.
 */
#ifndef _TLSNIC_SELFTEST_H
#define _TLSNIC_SELFTEST_H

#include "tlsnic.h"

#define TLSNIC_TESTQ_TX		64
#define TLSNIC_TESTQ_RX		64
#define TLSNIC_TESTQ_CQ		128
#define TLSNIC_TESTQ_BUF	1024
#define TLSNIC_TESTQ_BUFS	10	/* enough for the longest frame */

/* What the card reads and writes. */
struct tlsnic_testq_mem {
	union tlsnic_txd tx[TLSNIC_TESTQ_TX] __aligned(64);
	struct tlsnic_rxd rx[TLSNIC_TESTQ_RX] __aligned(64);
	union tlsnic_cpl cq[TLSNIC_TESTQ_CQ] __aligned(64);
	u8 buf[TLSNIC_TESTQ_BUFS][TLSNIC_TESTQ_BUF] __aligned(64);
	u8 frame[TLSNIC_TX_MAX_LEN] __aligned(64);
};

struct tlsnic_testq {
	struct tlsnic_nic *nic;
	struct tlsnic_testq_mem *mem;
	dma_addr_t dma;
	u16 tx_tail;
	u16 rx_tail;
	u16 rx_head;
	u16 cons;
	u16 flags;		/* TLSNIC_RXF_* of the frame received last */
};

union tlsnic_txd *tlsnic_testq_slot(struct tlsnic_testq *tq);
union tlsnic_txd *tlsnic_testq_packet(struct tlsnic_testq *tq, unsigned int len);
void tlsnic_testq_kick(struct tlsnic_testq *tq);
int tlsnic_testq_wait_tx(struct tlsnic_testq *tq);
int tlsnic_testq_receive(struct tlsnic_testq *tq, u8 *frame, unsigned int size);

/* tlsnic_selftest_gcm.c */
int tlsnic_test_gcm(struct tlsnic_testq *tq);

#endif /* _TLSNIC_SELFTEST_H */
