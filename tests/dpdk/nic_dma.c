// SPDX-License-Identifier: BSD-2-Clause
/*
 * Host memory as the card may see it.
 *
 * What is allowed is looked up in the rings' own books, so nothing has to be
 * noted when a packet is posted or completed. The card works through a ring in order, so
 * an access is found at the hint or beside it; all is searched before it is refused.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nic_priv.h"

#define HINTED		4	/* slots tried at each hint of each queue before all are */
#define DESC_BEAT	16	/* bytes in a beat of the narrowest bus */

void nic_violation(struct nic *n, const char *fmt, ...)
{
	int at;
	va_list ap;

	if (n->violations++)
		return;
	at = snprintf(n->violation, sizeof(n->violation), "cycle %llu: ",
		      n->sim ? (unsigned long long)tlsnic_sim_cycle(n->sim) : 0ull);
	va_start(ap, fmt);
	vsnprintf(n->violation + at, sizeof(n->violation) - at, fmt, ap);
	va_end(ap);
}

static bool within(uint64_t addr, uint64_t start, uint64_t len)
{
	return addr >= start && addr - start < len;
}

/* What is at an address, in words. */
static const char *what_is_at(const struct nic *n, uint64_t addr, char *text, size_t size)
{
	for (unsigned int q = 0; q < n->queues; q++) {
		const struct nic_queue *k = &n->q[q];

		if (!k->on)
			continue;
		if (within(addr, (uintptr_t)k->tx, k->tx_size * TLSNIC_TXD_SIZE))
			snprintf(text, size, "TX ring %u, slot %u; posted are %u to %u, completed up to %u", q,
				 (unsigned int)((addr - (uintptr_t)k->tx) / TLSNIC_TXD_SIZE), k->tx_written,
				 (uint16_t)(k->tx_posted - 1), k->tx_written);
		else if (within(addr, (uintptr_t)k->rx, k->rx_size * TLSNIC_RXD_SIZE))
			snprintf(text, size, "RX ring %u, entry %u; posted are %u to %u", q,
				 (unsigned int)((addr - (uintptr_t)k->rx) / TLSNIC_RXD_SIZE), k->rx_written,
				 (uint16_t)(k->rx_posted - 1));
		else if (within(addr, (uintptr_t)k->cq, k->cq_size * TLSNIC_CPL_SIZE))
			snprintf(text, size, "completion ring %u, entry %u; next is %u, consumed up to %u", q,
				 (unsigned int)((addr - (uintptr_t)k->cq) / TLSNIC_CPL_SIZE),
				 k->cq_prod & (k->cq_size - 1), k->cq_told);
		else
			continue;
		return text;
	}
	for (unsigned int q = 0; q < n->queues; q++) {
		const struct nic_queue *k = &n->q[q];

		for (unsigned int i = 0; k->on && i < k->tx_size; i++) {
			if (!within(addr, k->spans[i].addr, k->spans[i].len))
				continue;
			snprintf(text, size, "byte %u of the %u-byte segment of TX ring %u, slot %u%s",
				 (unsigned int)(addr - k->spans[i].addr), k->spans[i].len, q, i,
				 (uint16_t)(i - k->tx_written & k->tx_size - 1) <
				 (uint16_t)(k->tx_posted - k->tx_written) ? "" : ", which is not posted (any more)");
			return text;
		}
		for (unsigned int i = 0; k->on && i < k->rx_size; i++) {
			if (!k->bufs[i] || !within(addr, rte_pktmbuf_mtod(k->bufs[i], uintptr_t), k->buf_len))
				continue;
			snprintf(text, size, "byte %u of the buffer of RX ring %u, entry %u",
				 (unsigned int)(addr - rte_pktmbuf_mtod(k->bufs[i], uintptr_t)), q, i);
			return text;
		}
	}
	snprintf(text, size, "%s", env_is_memory(addr, 1) ? "memory of the host that was not posted" : "no memory");
	return text;
}

static int refuse(struct nic *n, const char *verb, uint64_t addr, size_t len, enum tlsnic_sim_dma kind)
{
	static const char *const kinds[TLSNIC_SIM_DMA_KINDS] = {
		"TX descriptors", "TX data", "RX descriptors", "an unknown reader", "RX data", "completions",
	};
	char text[120];

	if (!n->violations)
		what_is_at(n, addr, text, sizeof(text));
	nic_violation(n, "card %s %zu bytes at 0x%llx for %s: %s", verb, len, (unsigned long long)addr, kinds[kind], text);
	return -1;
}

/* An error is wanted here. */
static bool faulty(struct nic *n, uint64_t addr, size_t len, enum tlsnic_sim_dma kind)
{
	if (n->ops.fail && n->ops.fail(n->ops.opaque, addr, len, kind)) {
		n->failed++;
		return true;
	}
	for (unsigned int i = 0; i < n->nfaults; i++) {
		struct nic_fault *f = &n->faults[i];

		if (addr < f->addr + f->len && addr + len > f->addr) {
			f->hits++;
			n->failed++;
			return true;
		}
	}
	return false;
}

/*
 * A read of len bytes where have bytes from addr on may be seen. More than that is allowed
 * only to fill the last beat of the bus, or of the narrower one for descriptors.
 */
static bool fits(uint64_t addr, size_t len, uint64_t have)
{
	unsigned int beat = tlsnic_sim_data_width() / 8;

	return have && (len <= have || (len - have < beat && (addr + len) % DESC_BEAT == 0));
}

static int copy(uint64_t addr, uint8_t *buf, size_t len, uint64_t have)
{
	if (len > have) {
		memset(buf + have, NIC_PAD, len - have);
		len = have;
	}
	/* a raw slot may point anywhere */
	if (!env_is_memory(addr, len))
		return -1;
	memcpy(buf, (const void *)(uintptr_t)addr, len);
	return 0;
}

/* Bytes that may be read at addr from a ring whose entries from to up to are posted; 0: none. */
static uint64_t ring_have(uint64_t addr, const void *ring, unsigned int size, unsigned int entry, uint16_t from,
			  uint16_t to)
{
	uint64_t off = addr - (uintptr_t)ring, at, n;

	if (!within(addr, (uintptr_t)ring, (uint64_t)size * entry))
		return 0;
	at = (off / entry - from) & (size - 1);	/* entries from the first that is posted */
	n = (uint16_t)(to - from);
	if (at >= n)
		return 0;
	/* to the last posted entry, or to the end of the ring where it wraps */
	n -= at;
	if (n > size - off / entry)
		n = size - off / entry;
	return n * entry - off % entry;
}

/* Looks at up to count slots from a hint on. Returns how many bytes may be read at addr. */
static uint64_t find_span(struct nic_queue *k, unsigned int hint, uint64_t addr, size_t len, unsigned int count)
{
	uint16_t posted = k->tx_posted - k->tx_written, i = k->tx_hint[hint] - k->tx_written;

	for (unsigned int c = 0; c < count && c < posted; c++, i++) {
		const struct nic_span *s;

		if (i >= posted)
			i = 0;
		s = &k->spans[(uint16_t)(k->tx_written + i) & (k->tx_size - 1)];
		if (!within(addr, s->addr, s->len) || !fits(addr, len, s->addr + s->len - addr))
			continue;
		/* the same bytes may be posted again in the next slot: look there next time */
		k->tx_hint[hint] = k->tx_written + i + (addr + len >= s->addr + s->len);
		return s->addr + s->len - addr;
	}
	return 0;
}

static uint64_t data_have(struct nic *n, uint64_t addr, size_t len)
{
	uint64_t have = 0;

	if (n->unchecked)
		return len;
	/* two hints, for one reader may be ahead of the other */
	for (unsigned int q = 0; q < n->queues && !have; q++)
		for (unsigned int h = 0; h < 2 && !have; h++)
			have = find_span(&n->q[q], h, addr, len, HINTED);
	for (unsigned int q = 0; q < n->queues && !have; q++) {
		have = find_span(&n->q[q], n->q[q].tx_victim, addr, len, UINT16_MAX);
		n->q[q].tx_victim ^= have > 0;
	}
	return have;
}

int nic_dma_read(void *nic, uint64_t addr, void *buf, size_t len, enum tlsnic_sim_dma kind)
{
	struct nic *n = nic;
	uint64_t have = 0;

	if (kind == TLSNIC_SIM_TX_DATA) {
		have = data_have(n, addr, len);
	} else if (kind == TLSNIC_SIM_TX_DESC || kind == TLSNIC_SIM_RX_DESC) {
		for (unsigned int q = 0; q < n->queues && !have; q++) {
			struct nic_queue *k = &n->q[q];

			if (!k->on)
				continue;
			if (kind == TLSNIC_SIM_TX_DESC)
				have = ring_have(addr, k->tx, k->tx_size, TLSNIC_TXD_SIZE, k->tx_written, k->tx_posted);
			else
				have = ring_have(addr, k->rx, k->rx_size, TLSNIC_RXD_SIZE, k->rx_written, k->rx_posted);
		}
	}
	if (!fits(addr, len, have))
		return refuse(n, "reads", addr, len, kind);
	if (faulty(n, addr, len, kind))
		return -1;
	return copy(addr, buf, len, have);
}

/* The next completions of a ring; more than one may come in a write. */
static int write_cpl(struct nic *n, struct nic_queue *k, uint64_t addr, const void *buf, size_t len,
		     enum tlsnic_sim_dma kind)
{
	uint64_t off = addr - (uintptr_t)k->cq;
	unsigned int mask = k->cq_size - 1, entry = off / TLSNIC_CPL_SIZE, count = len / TLSNIC_CPL_SIZE;
	uint16_t skip = (entry - k->cq_prod) & mask;

	/* a reset gives up a burst between two beats; without its last word the entry is not there */
	if (n->resetting && !skip && off % TLSNIC_CPL_SIZE == 0 && len < TLSNIC_CPL_SIZE)
		return 0;
	/* an entry is left out only if its write has failed */
	if (off % TLSNIC_CPL_SIZE || len % TLSNIC_CPL_SIZE || entry + count > k->cq_size ||
	    (skip && !n->failed && !tlsnic_sim_stats(n->sim)->dma_errors) ||
	    (uint16_t)(k->cq_prod + skip + count - k->cq_told) > k->cq_size)
		return refuse(n, "writes", addr, len, kind);
	if (faulty(n, addr, len, kind))
		return -1;
	k->cq_prod += skip;
	memcpy((void *)(uintptr_t)addr, buf, len);
	for (unsigned int i = 0; i < count; i++) {
		const struct tlsnic_cpl_tx *c = (const struct tlsnic_cpl_tx *)addr + i;

		/* what it completes is the host's from now on; nic_reap() judges the rest */
		k->written[k->cq_prod++ & mask] = tlsnic_sim_cycle(n->sim);
		if (c->type == TLSNIC_CPL_TX && (uint16_t)(c->index - k->tx_written) <= (uint16_t)(k->tx_posted - k->tx_written))
			k->tx_written = c->index;
		if (c->type == TLSNIC_CPL_RX && (uint16_t)(c->index - k->rx_written) < (uint16_t)(k->rx_posted - k->rx_written))
			k->rx_written = c->index + 1;
	}
	return 0;
}

static bool may_write(const struct nic_queue *k, uint16_t index, uint64_t addr, size_t len)
{
	const struct rte_mbuf *m = k->bufs[index & (k->rx_size - 1)];
	uint64_t start = m ? rte_pktmbuf_mtod(m, uintptr_t) : 0;

	return m && addr >= start && addr + len <= start + k->buf_len;
}

static bool write_data(struct nic_queue *k, uint64_t addr, size_t len)
{
	uint16_t posted = k->rx_posted - k->rx_written, i = k->rx_hint - k->rx_written;

	for (unsigned int c = 0; c < posted; c++, i++) {
		if (i >= posted)
			i = 0;
		if (!may_write(k, k->rx_written + i, addr, len))
			continue;
		k->rx_hint = k->rx_written + i;
		return true;
	}
	return false;
}

int nic_dma_write(void *nic, uint64_t addr, const void *buf, size_t len, enum tlsnic_sim_dma kind)
{
	struct nic *n = nic;
	bool ok = n->unchecked && env_is_memory(addr, len);

	for (unsigned int q = 0; q < n->queues; q++) {
		struct nic_queue *k = &n->q[q];

		if (k->on && within(addr, (uintptr_t)k->cq, k->cq_size * TLSNIC_CPL_SIZE))
			return write_cpl(n, k, addr, buf, len, kind);
	}
	for (unsigned int q = 0; q < n->queues && !ok; q++)
		ok = n->q[q].on && write_data(&n->q[q], addr, len);
	if (!ok)
		return refuse(n, "writes", addr, len, kind);
	if (faulty(n, addr, len, kind))
		return -1;
	memcpy((void *)(uintptr_t)addr, buf, len);
	return 0;
}
