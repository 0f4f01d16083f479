// SPDX-License-Identifier: BSD-2-Clause
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_ring.h>

#include "wire.h"

#define DESCRIPTORS	256

static bool wire_tx(void *wire, const void *frame, size_t len);
static void wire_poll(void *wire);

static int set_up(uint16_t port)
{
	struct rte_eth_conf conf = { 0 };
	int ret;

	ret = rte_eth_dev_configure(port, 1, 1, &conf);
	if (!ret)
		ret = rte_eth_rx_queue_setup(port, 0, DESCRIPTORS, SOCKET_ID_ANY, NULL, env.packets);
	if (!ret)
		ret = rte_eth_tx_queue_setup(port, 0, DESCRIPTORS, SOCKET_ID_ANY, NULL);
	return ret;
}

static bool link_is_up(uint16_t port)
{
	struct rte_eth_link link = { 0 };

	return !rte_eth_link_get_nowait(port, &link) && link.link_status == RTE_ETH_LINK_UP;
}

static int start_port(uint16_t port, unsigned int seconds)
{
	time_t end = time(NULL) + seconds;
	int ret = set_up(port);

	if (!ret)
		ret = rte_eth_dev_start(port);
	if (ret) {
		fprintf(stderr, "wire: port %u does not start: %d\n", port, ret);
		return -1;
	}
	while (seconds && !link_is_up(port)) {
		if (time(NULL) > end) {
			fprintf(stderr, "wire: port %u has no link in %u seconds\n", port, seconds);
			rte_eth_dev_stop(port);
			return -1;
		}
		usleep(1000);
	}
	return 0;
}

int wire_rings(struct wire *w, const char *name, unsigned int size)
{
	struct rte_ring *ring[2];
	int port[2];

	memset(w, 0, sizeof(*w));
	for (int i = 0; i < 2; i++) {
		char n[RTE_RING_NAMESIZE];

		snprintf(n, sizeof(n), "%s%d", name, i);
		ring[i] = rte_ring_create(n, size, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
		if (!ring[i]) {
			fprintf(stderr, "wire: no ring '%s' of %u frames\n", n, size);
			return -1;
		}
	}
	for (int i = 0; i < 2; i++) {
		char n[RTE_RING_NAMESIZE];

		snprintf(n, sizeof(n), "%s%d", name, i);
		port[i] = rte_eth_from_rings(n, &ring[i], 1, &ring[!i], 1, SOCKET_ID_ANY);
		if (port[i] < 0 || start_port(port[i], 0)) {
			fprintf(stderr, "wire: no port '%s'\n", n);
			return -1;
		}
		w->rings[i] = ring[i];
	}
	w->port = port[0];
	w->peer = port[1];
	return 0;
}

int wire_port(struct wire *w, const char *device, unsigned int seconds)
{
	memset(w, 0, sizeof(*w));
	if (rte_eth_dev_get_port_by_name(device, &w->port)) {
		fprintf(stderr, "wire: no port '%s'\n", device);
		return -1;
	}
	w->peer = w->port;
	return start_port(w->port, seconds);
}

void wire_plug(struct wire *w, struct nic *n, struct rte_mempool *pool)
{
	w->nic = n;
	w->pool = pool;
	n->ops.wire = w;
	n->ops.wire_tx = wire_tx;
	n->ops.poll = wire_poll;
}

/* Hands on what the card has sent, as far as the port takes it. */
static void flush(struct wire *w)
{
	unsigned int n = w->nout ? rte_eth_tx_burst(w->port, 0, w->out, w->nout) : 0;

	w->sent += n;
	w->nout -= n;
	memmove(w->out, w->out + n, w->nout * sizeof(w->out[0]));
}

static bool wire_tx(void *wire, const void *frame, size_t len)
{
	struct wire *w = wire;
	size_t room = rte_pktmbuf_data_room_size(w->pool) - RTE_PKTMBUF_HEADROOM;

	if (w->nout == WIRE_BURST)
		flush(w);
	if (w->nout == WIRE_BURST)
		return false;
	/* an empty pool fills again when the other end has taken its frames */
	w->out[w->nout] = env_chain(w->pool, frame, len, (len + room - 1) / room, NULL, NULL);
	if (!w->out[w->nout])
		return false;
	w->nout++;
	return true;
}

static void wire_poll(void *wire)
{
	struct wire *w = wire;
	uint8_t longer[TLSNIC_SIM_MAX_FRAME];

	flush(w);
	for (;;) {
		if (w->in_at == w->nin) {
			w->in_at = 0;
			w->nin = rte_eth_rx_burst(w->port, 0, w->in, WIRE_BURST);
			if (!w->nin)
				return;
		}
		while (w->in_at < w->nin) {
			struct rte_mbuf *m = w->in[w->in_at];
			const void *frame = m->pkt_len <= sizeof(longer) ?
					    rte_pktmbuf_read(m, 0, m->pkt_len, longer) : NULL;

			/* what no card can take is lost, like on a real cable */
			if (frame && nic_wire_offer(w->nic, frame, m->pkt_len, false) == -EAGAIN)
				return;
			w->received += frame != NULL;
			rte_pktmbuf_free(m);
			w->in_at++;
		}
	}
}

void wire_free(struct wire *w)
{
	if (w->nic) {
		w->nic->ops.wire_tx = NULL;
		w->nic->ops.poll = NULL;
	}
	rte_pktmbuf_free_bulk(w->out, w->nout);
	rte_pktmbuf_free_bulk(w->in + w->in_at, w->nin - w->in_at);
	w->nout = w->nin = w->in_at = 0;
	for (int i = 0; i < 2; i++) {
		uint16_t port = i ? w->peer : w->port;
		struct rte_mbuf *m[WIRE_BURST];
		unsigned int n;

		if (i && w->peer == w->port)
			break;
		while ((n = rte_eth_rx_burst(port, 0, m, WIRE_BURST)) > 0)
			rte_pktmbuf_free_bulk(m, n);
	}
	for (int i = 0; i < 2; i++) {
		if (i && w->peer == w->port)
			break;
		rte_eth_dev_stop(i ? w->peer : w->port);
		rte_eth_dev_close(i ? w->peer : w->port);
		rte_ring_free(w->rings[i]);
	}
	memset(w, 0, sizeof(*w));
}
