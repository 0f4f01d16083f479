// SPDX-License-Identifier: BSD-2-Clause
/*
 * The card with its wire on any port of DPDK: what it sends leaves through the port, what comes
 * in there is received. See docs/testing.md.
 *
 *   wire-port_W --vdev DEVICE[,ARGS] [--vdev DEVICE[,ARGS]] [OPTION...]
 *
 * The first device is the wire. A second one is the host: what comes from it is given to the card, and what the card
 * receives goes there. Without a second the card's host sends back what it receives, addresses swapped.
 *
 *   --send N       instead, sends N packets of one TCP connection and compares what comes back of them
 *   --tls          encrypted by the card (TLS 1.3, AES-256)
 *   --length L     TCP payload of each (default 1400)
 *   --stay         goes on when all of it has come back: the wire is up until SIGINT
 *   --seconds S    ends then, whatever has come back
 *   --link S       how long the wire may take to come up (default 60)
 *   --pcap FILE    capture of the wire
 *
 * Exit code 1 if the card did wrong or a packet came back with other bytes.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_ethdev.h>

#include "conn.h"
#include "ref.h"
#include "wire.h"

#define WINDOW		256	/* packets of --send on their way */
#define MAX_VDEVS	2

static struct {
	const char *vdev[MAX_VDEVS], *pcap;
	unsigned int vdevs, length, seconds, link;
	uint64_t send;
	bool tls, stay;
} args = { .length = 1400, .link = 60 };

static struct nic *nic;
static struct wire wire;
static struct conn conn;
static uint16_t host = RTE_MAX_ETHPORTS;
static uint64_t sent, back, wrong, dropped, failed;
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = 1;
}

static void on_done(void *opaque, unsigned int q, const struct nic_done *d)
{
	failed += d->status != TLSNIC_STATUS_OK;
}

/* The chain is the card's, or gone. */
static void transmit(struct rte_mbuf *m)
{
	if (nic_tx(nic, 0, m, NULL, NULL) > 0)
		return;
	rte_pktmbuf_free(m);
	dropped++;
}

// ---- --send ----------------------------------------------------------------

static void connect_card(void)
{
	struct step open = { .op = STEP_OPEN };
	struct tlsnic_txd_ctx ctx;

	open.a[A_TLS] = TLSNIC_TLS_1_3;
	open.a[A_AES] = TLSNIC_CIPHER_AES_GCM_256;
	open.a[A_MIX] = MIX_FULL;
	open.a[A_SEED] = 1;
	conn_open(&conn, &open, 0);
	if (!args.tls)
		return;
	session_ctx(&conn.s, conn.ctx, 0, conn.s.seq_no, 0, &ctx);
	nic_ctx_write(nic, 0, &ctx, conn.s.key, NULL);
}

static void send_one(void)
{
	static struct packet p;
	struct tlsnic_txd_packet d = { .flags = TLSNIC_TXF_COMPLETE | TLSNIC_TXF_CSUM, .csum_offset = 16 };
	struct rte_mbuf *m;

	conn_packet(&conn, conn.at, args.length, false, &p);
	memcpy(p.bytes, "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
	d.csum_start = p.l4;
	if (args.tls) {
		d.flags |= TLSNIC_TXF_TLS;
		d.ctx = conn.ctx;
		d.seq = p.seq;
		d.stream_offset = p.data;
	}
	m = env_chain(env.packets, p.bytes, p.len, 1 + p.len / ENV_BUF_LEN, NULL, NULL);
	if (!m || nic_tx(nic, 0, m, &d, NULL) < 0) {
		rte_pktmbuf_free(m);
		return;
	}
	conn.at += args.length;
	sent++;
}

/* Its bytes behind the TCP header are those that software would have sent. */
static bool right(const uint8_t *f, uint32_t len)
{
	static uint8_t expect[TLSNIC_TX_MAX_LEN];
	uint32_t tcp = 14 + (f[14] & 15) * 4u, data = tcp + (f[tcp + 12] >> 4) * 4u;
	uint32_t at = (uint32_t)f[tcp + 4] << 24 | f[tcp + 5] << 16 | f[tcp + 6] << 8 | f[tcp + 7];

	if (len != data + args.length || at % args.length || at >= conn.at)
		return false;
	if (args.tls)
		conn_wire(&conn, at, args.length, expect);
	else
		memcpy(expect, conn.down + at, args.length);
	return !memcmp(f + data, expect, args.length);
}

static void compare(struct rte_mbuf *m)
{
	static uint8_t flat[TLSNIC_TX_MAX_LEN + 64];
	const uint8_t *f = rte_pktmbuf_read(m, 0, m->pkt_len, flat);

	/* IPv4 and TCP; what else comes is not counted */
	if (f && m->pkt_len >= 54 && f[12] == 8 && !f[13] && f[14] >> 4 == 4 && f[23] == PACKET_TCP) {
		back++;
		wrong += !right(f, m->pkt_len);
	}
	rte_pktmbuf_free(m);
}

// ---- the card's host -----------------------------------------------------------

static void on_rx(void *opaque, unsigned int q, struct rte_mbuf *m)
{
	if (args.send) {
		compare(m);
	} else if (host != RTE_MAX_ETHPORTS) {
		if (!rte_eth_tx_burst(host, 0, &m, 1)) {
			rte_pktmbuf_free(m);
			dropped++;
		}
	} else {
		uint8_t *f = rte_pktmbuf_mtod(m, uint8_t *), a[6];

		memcpy(a, f, 6);
		memmove(f, f + 6, 6);
		memcpy(f + 6, a, 6);
		transmit(m);
	}
}

static bool from_host(void)
{
	struct rte_mbuf *m[WIRE_BURST];
	unsigned int n = 0;

	if (args.send) {
		while (sent < args.send && sent - back < WINDOW && nic_tx_room(nic, 0) >= 8 && n++ < WIRE_BURST)
			send_one();
		return n;
	}
	if (host == RTE_MAX_ETHPORTS || nic_tx_room(nic, 0) < WIRE_BURST * 4)
		return false;
	n = rte_eth_rx_burst(host, 0, m, WIRE_BURST);
	for (unsigned int i = 0; i < n; i++)
		transmit(m[i]);
	return n;
}

static void tell(void)
{
	if (args.send)
		printf("sent %llu packets, %llu came back, %llu of them wrong\n", (unsigned long long)sent, (unsigned long long)back,
		       (unsigned long long)wrong);
}

static int serve(void)
{
	time_t end = time(NULL) + args.seconds;
	bool over = false;

	while (!stop && !(args.seconds && time(NULL) > end) && !(over && !args.stay)) {
		uint64_t seen = wire.sent + wire.received;
		bool busy = from_host();
		int ret;

		nic_rx_post(nic, 0, ENV_BUFS);
		nic_ring(nic, 0);
		ret = nic_cycles(nic, 2000);
		if (ret >= 0)
			ret = nic_reap(nic, 0, ~0u);
		if (ret < 0) {
			fprintf(stderr, "wire-port: %s\n", nic->violation);
			return -1;
		}
		if (!over && args.send && back >= args.send) {
			tell();
			over = true;
		}
		if (!busy && !ret && seen == wire.sent + wire.received)
			usleep(100);
	}
	if (!over)
		tell();
	return 0;
}

// ---- start and end ---------------------------------------------------------------

static int usage(const char *what)
{
	fprintf(stderr, "wire-port: %s (see the head of tests/dpdk/wire_port.c)\n", what);
	return -1;
}

static int arguments(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(a, "--tls") || !strcmp(a, "--stay")) {
			*(a[2] == 't' ? &args.tls : &args.stay) = true;
			continue;
		}
		if (!next)
			return usage(a);
		i++;
		if (!strcmp(a, "--vdev") && args.vdevs < MAX_VDEVS)
			args.vdev[args.vdevs++] = next;
		else if (!strcmp(a, "--send"))
			args.send = strtoull(next, NULL, 0);
		else if (!strcmp(a, "--length"))
			args.length = strtoul(next, NULL, 0);
		else if (!strcmp(a, "--seconds"))
			args.seconds = strtoul(next, NULL, 0);
		else if (!strcmp(a, "--link"))
			args.link = strtoul(next, NULL, 0);
		else if (!strcmp(a, "--pcap"))
			args.pcap = next;
		else
			return usage(a);
	}
	if (!args.vdevs)
		return usage("no --vdev");
	if (args.length < 1 || args.length > TLSNIC_TX_MAX_LEN - 54)
		return usage("--length is 1 to 9162");
	if (args.send && args.vdevs > 1)
		return usage("--send and a second --vdev");
	return args.send * args.length < UINT32_MAX ? 0 : usage("--send of more than 4 GiB");
}

/* The name of a device without its arguments. */
static const char *name(const char *vdev)
{
	static char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(vdev, ","), vdev);
	return text;
}

static int start(void)
{
	struct nic_ops ops = { .rx = on_rx, .done = on_done };
	struct nic_options o = { .pcap = args.pcap };
	struct nic_queue_options queue = { .log2_tx = 12, .log2_rx = 10, .log2_cq = 14 };
	char vdev[MAX_VDEVS][400];
	const char *extra[MAX_VDEVS + 1] = { NULL };
	static struct wire other;

	for (unsigned int i = 0; i < args.vdevs; i++) {
		snprintf(vdev[i], sizeof(vdev[i]), "--vdev=%s", args.vdev[i]);
		extra[i] = vdev[i];
	}
	if (env_start(extra) || (args.tls && ref_start()))
		return -1;
	nic = nic_create(&o, &ops);
	if (!nic || nic_queue_on(nic, 0, &queue))
		return -1;
	nic_enable(nic, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
	nic_rx_post(nic, 0, ENV_BUFS);
	if (wire_port(&wire, name(args.vdev[0]), args.link))
		return -1;
	wire_plug(&wire, nic, env.packets);
	if (args.vdevs > 1) {
		if (wire_port(&other, name(args.vdev[1]), args.link))
			return -1;
		host = other.port;
	}
	if (args.send)
		connect_card();
	return 0;
}

int main(int argc, char **argv)
{
	int ret;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (arguments(argc, argv))
		return 2;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	if (start())
		return 2;
	printf("%s: the wire of a card of %u bits\n", name(args.vdev[0]), tlsnic_sim_data_width());
	ret = serve();
	printf("to the wire %llu frames, from the wire %llu, dropped by the host %llu, failed %llu, %llu cycles\n",
	       (unsigned long long)wire.sent, (unsigned long long)wire.received, (unsigned long long)dropped,
	       (unsigned long long)failed, (unsigned long long)nic_cycle(nic));
	conn_free(&conn);
	wire_free(&wire);
	if (nic_destroy(nic))
		ret = -1;
	return ret || wrong || failed;
}
