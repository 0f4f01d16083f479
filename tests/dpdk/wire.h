/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other end of the card's cable as a port of DPDK: frames that the card sends
 * are received from it and frames sent to it come to the card.
 *
 * The port may be made of rings, for this process, or be any other (net_memif,
 * for DPDK tools in another process).
 */
#ifndef TLSNIC_DPDK_WIRE_H
#define TLSNIC_DPDK_WIRE_H

#include "nic.h"

#define WIRE_BURST	32

struct wire {
	struct nic *nic;
	uint16_t port;			/* the card's end: what the card sends goes out of it */
	uint16_t peer;			/* rings: the other end, for the test */
	struct rte_mempool *pool;	/* mbufs for frames that the card sends */
	struct rte_mbuf *out[WIRE_BURST], *in[WIRE_BURST];
	unsigned int nout, nin, in_at;
	uint64_t sent, received;	/* frames, as the card sees it */
	struct rte_ring *rings[2];
};

/*
 * A cable of two ports made of rings of size frames each way (a power of two), started: what goes
 * into one comes out of the other. Names are NAME0 (port) and NAME1 (peer). -1 with a message on stderr.
 */
int wire_rings(struct wire *w, const char *name, unsigned int size);

/*
 * A cable whose port is one that exists, by its device's name ("net_memif0"); it is configured and
 * started, and its link waited for, at most so many seconds.
 *
 * With a memif be the client, and start when the server has: a server has its link before the client empties the
 * rings for the first time, and frames sent in between are lost.
 */
int wire_port(struct wire *w, const char *device, unsigned int seconds);

/*
 * Plugs the cable in: wire_tx, poll and wire of the card's ops are the cable's from then on. pool: for the
 * frames that the card sends; one that does not fit in an mbuf becomes a chain.
 */
void wire_plug(struct wire *w, struct nic *n, struct rte_mempool *pool);

/* Pulls it out, stops the ports and frees frames in flight. */
void wire_free(struct wire *w);

#endif /* TLSNIC_DPDK_WIRE_H */
