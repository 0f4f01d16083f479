// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "nic_priv.h"

#define TURN		2000	/* cycles between two looks at the completions */
#define POLL_TURN	200	/* and between two polls of what is behind the wire */
#define PERIOD_NS	4	/* of a cycle, in captures */

/* ---- the card's other sides ------------------------------------------------ */

static void capture(struct nic *n, const void *frame, size_t len)
{
	uint64_t ns = tlsnic_sim_cycle(n->sim) * PERIOD_NS;
	struct pcap_pkthdr h = {
		.ts = { .tv_sec = ns / 1000000000, .tv_usec = ns % 1000000000 }, .caplen = len, .len = len,
	};

	pcap_dump(n->capture_file, &h, frame);
}

static bool wire_out(void *nic, const void *frame, size_t len)
{
	struct nic *n = nic;

	if (n->ops.wire_tx && !n->ops.wire_tx(n->ops.wire, frame, len))
		return false;
	if (n->capture_file)
		capture(n, frame, len);
	return true;
}

static void irq(void *nic, unsigned int vector)
{
	struct nic *n = nic;

	if (vector > n->queues) {
		nic_violation(n, "interrupt %u of %u vectors", vector, n->queues + 1);
		return;
	}
	n->irqs[vector]++;
	n->irq_cycle[vector] = tlsnic_sim_cycle(n->sim);
}

static void wire_violation(void *nic, const char *text)
{
	nic_violation(nic, NIC_MONITOR "%s", text);
}

static int open_capture(struct nic *n, const char *path)
{
	n->capture = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535, PCAP_TSTAMP_PRECISION_NANO);
	if (!n->capture)
		return -ENOMEM;
	n->capture_file = pcap_dump_open(n->capture, path);
	if (n->capture_file)
		return 0;
	fprintf(stderr, "capture: %s\n", pcap_geterr(n->capture));
	return -EIO;
}

/* ---- the card ---------------------------------------------------------------- */

static int wait_ready(struct nic *n)
{
	for (int i = 0; i < NIC_POLLS; i++)
		if (!(nic_read(n, TLSNIC_REG_CTRL) & TLSNIC_CTRL_RESET) &&
		    nic_read(n, TLSNIC_REG_STATUS) & TLSNIC_STATUS_READY)
			return 0;
	nic_violation(n, "card does not get ready");
	return -ETIMEDOUT;
}

struct nic *nic_create(const struct nic_options *options, const struct nic_ops *ops)
{
	static const struct tlsnic_sim_ops sim_ops = {
		.mem_read = nic_dma_read, .mem_write = nic_dma_write, .irq = irq, .wire_tx = wire_out, .violation = wire_violation,
	};
	static const struct tlsnic_sim_options none;
	struct nic *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	if (ops)
		n->ops = *ops;
	if (options && options->pcap && open_capture(n, options->pcap))
		goto fail;
	n->unchecked = options && options->unchecked;
	n->queues = NIC_MAX_QUEUES;
	n->sim = tlsnic_sim_create(options && options->sim ? options->sim : &none, &sim_ops, n);
	if (!n->sim)
		goto fail;
	n->queues = nic_read(n, TLSNIC_REG_QUEUES);
	n->contexts = nic_read(n, TLSNIC_REG_CONTEXTS);
	n->features = nic_read(n, TLSNIC_REG_FEATURES);
	if (nic_read(n, TLSNIC_REG_ID) != TLSNIC_ID || !n->queues || wait_ready(n)) {
		fprintf(stderr, "card: ID 0x%x, %u queues, %s\n", nic_read(n, TLSNIC_REG_ID), n->queues,
			n->violations ? n->violation : "no violation");
		goto fail;
	}
	if (n->queues > NIC_MAX_QUEUES)
		n->queues = NIC_MAX_QUEUES;	/* the rest is left alone */
	return n;
fail:
	nic_destroy(n);
	return NULL;
}

int nic_destroy(struct nic *n)
{
	int ret = n->violations ? -EFAULT : 0;

	if (n->sim && tlsnic_sim_stats(n->sim)->protocol_errors)
		ret = -EFAULT;
	if (n->sim)
		tlsnic_sim_destroy(n->sim);
	for (unsigned int q = 0; q < NIC_MAX_QUEUES; q++)
		nic_queue_drop(&n->q[q]);
	if (n->capture_file)
		pcap_dump_close(n->capture_file);
	if (n->capture)
		pcap_close(n->capture);
	free(n);
	return ret;
}

static int come_back(struct nic *n)
{
	int ret = wait_ready(n);

	n->resetting = false;
	for (unsigned int q = 0; q < n->queues; q++)
		nic_queue_drop(&n->q[q]);
	return ret ? ret : n->violations ? -EFAULT : 0;
}

int nic_reset(struct nic *n)
{
	n->resetting = true;
	nic_write(n, TLSNIC_REG_CTRL, TLSNIC_CTRL_RESET);
	return come_back(n);
}

int nic_hard_reset(struct nic *n)
{
	tlsnic_sim_reset(n->sim);
	return come_back(n);
}

uint32_t nic_read(struct nic *n, uint32_t reg)
{
	uint32_t value = ~0u;

	tlsnic_sim_bar_read(n->sim, reg, &value, 4);
	return value;
}

void nic_write(struct nic *n, uint32_t reg, uint32_t value)
{
	tlsnic_sim_bar_write(n->sim, reg, &value, 4);
}

uint32_t nic_qread(struct nic *n, unsigned int q, uint32_t reg)
{
	return nic_read(n, nic_qreg(q, reg));
}

void nic_qwrite(struct nic *n, unsigned int q, uint32_t reg, uint32_t value)
{
	nic_write(n, nic_qreg(q, reg), value);
}

uint64_t nic_stat(struct nic *n, unsigned int stat)
{
	uint64_t low = nic_read(n, TLSNIC_REG_STATS + 8 * stat);

	return low | (uint64_t)nic_read(n, TLSNIC_REG_STATS + 8 * stat + 4) << 32;
}

void nic_enable(struct nic *n, uint32_t ctrl)
{
	nic_write(n, TLSNIC_REG_MAX_FRAME, TLSNIC_TX_MAX_LEN);
	nic_write(n, TLSNIC_REG_CTRL, ctrl | TLSNIC_CTRL_PROMISC);
}

/* ---- time -------------------------------------------------------------------- */

/* A turn of the clock of at most max cycles. */
static uint64_t turn(struct nic *n, uint64_t max)
{
	uint64_t ran;

	if (n->ops.poll && max > POLL_TURN)
		max = POLL_TURN;
	ran = tlsnic_sim_run(n->sim, max);
	if (n->ops.poll)
		n->ops.poll(n->ops.wire);
	return ran;
}

int nic_run(struct nic *n, uint64_t limit)
{
	uint64_t ran = 0;

	limit = limit ? limit : NIC_HANG;
	do {
		ran += turn(n, limit - ran);
		if (n->violations)
			return -EFAULT;
	} while (ran < limit && !tlsnic_sim_idle(n->sim));
	return tlsnic_sim_idle(n->sim) ? 0 : -ETIMEDOUT;
}

int nic_cycles(struct nic *n, uint64_t cycles)
{
	uint64_t ran = 0;

	do
		ran += turn(n, cycles - ran);
	while (!n->violations && ran < cycles && !tlsnic_sim_idle(n->sim));
	return n->violations ? -EFAULT : 0;
}

static uint64_t frames(const struct nic *n)
{
	const struct tlsnic_sim_stats *s = tlsnic_sim_stats(n->sim);

	return s->wire_tx_frames + s->wire_rx_frames;
}

int nic_settle(struct nic *n)
{
	uint64_t waited = 0, seen = frames(n);

	for (;;) {
		int ret, done = 0;

		waited += turn(n, TURN);
		if (n->violations)
			return -EFAULT;
		for (unsigned int q = 0; q < n->queues; q++) {
			ret = n->q[q].on ? nic_reap(n, q, ~0u) : 0;
			if (ret < 0)
				return ret;
			done += ret;
		}
		if (!done && tlsnic_sim_idle(n->sim))
			return 0;
		if (done || frames(n) != seen)
			waited = 0;
		seen = frames(n);
		if (waited >= NIC_HANG)
			return -ETIMEDOUT;
	}
}

/* ---- the wire, and errors -------------------------------------------------------- */

int nic_wire_offer(struct nic *n, const void *frame, size_t len, bool bad)
{
	if (!len || len > TLSNIC_SIM_MAX_FRAME)
		return -EINVAL;
	if (!tlsnic_sim_wire_rx(n->sim, frame, len, bad))
		return -EAGAIN;
	if (n->capture_file)
		capture(n, frame, len);
	return 0;
}

int nic_wire_rx(struct nic *n, const void *frame, size_t len, bool bad)
{
	for (uint64_t waited = 0; waited < NIC_HANG; waited += 64) {
		int ret = nic_wire_offer(n, frame, len, bad);

		if (ret != -EAGAIN)
			return ret;
		tlsnic_sim_run(n->sim, 64);
		if (n->violations)
			return -EFAULT;
	}
	return -ETIMEDOUT;
}

int nic_fault(struct nic *n, uint64_t addr, uint32_t len)
{
	if (n->nfaults == NIC_MAX_FAULTS)
		return -ENOSPC;
	n->faults[n->nfaults] = (struct nic_fault){ .addr = addr, .len = len };
	return n->nfaults++;
}

void nic_faults_clear(struct nic *n)
{
	n->nfaults = 0;
}
