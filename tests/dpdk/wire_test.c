// SPDX-License-Identifier: BSD-2-Clause
/*
 * DPDK on the card's wire: a port made of rings in this process, and a memif to dpdk-testpmd in
 * another. Plain frames and TLS leave the card, come back with their addresses
 * swapped, and are found in the RX rings.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <pcap/pcap.h>
#include <rte_bus_vdev.h>
#include <rte_ethdev.h>
#include <rte_ether.h>

#include "../common/tap.h"
#include "nic.h"
#include "ref.h"
#include "rng.h"
#include "testpmd.h"
#include "wire.h"

#define FRAMES		400	/* of each kind */
#define WINDOW		64	/* on their way at a time */
#define HEADERS		54
#define LIMIT		60	/* seconds until the other process is taken to hang */
#define MAX_STREAM	(1 << 20)

#define MAX_LEN		9216
#define MEMIF_LEN	1514	/* longest that testpmd's port takes */

struct frame {
	uint32_t len;
	uint8_t bytes[MAX_LEN];
};

static struct nic *nic;
static struct wire wire;
static struct frame sent[2 * FRAMES];	/* as they must come back */
static unsigned int posted, back;

static void on_rx(void *opaque, unsigned int q, struct rte_mbuf *m)
{
	uint8_t flat[MAX_LEN];
	const struct frame *f = &sent[back];

	if (back == posted) {
		tap_fail("a frame of %u bytes comes back, which was not sent", m->pkt_len);
	} else {
		back++;
		if (m->pkt_len != f->len)
			tap_fail("frame %u comes back: expected %u bytes, got %u", back - 1, f->len, m->pkt_len);
		else
			tap_bytes("frame that comes back", rte_pktmbuf_read(m, 0, m->pkt_len, flat), f->bytes, f->len);
	}
	rte_pktmbuf_free(m);
}

static void on_done(void *opaque, unsigned int q, const struct nic_done *d)
{
	if (d->status != TLSNIC_STATUS_OK)
		tap_fail("status %u of a packet", d->status);
}

static void begin(void)
{
	struct tlsnic_sim_options sim = { .seed = tap.seed, .latency_max = 100, .trace_file = tap.trace };
	struct nic_ops ops = { .rx = on_rx, .done = on_done };
	struct nic_queue_options queue = { .log2_rx = 10 };
	char pcap[256];
	struct nic_options o = { .sim = &sim, .pcap = pcap };

	snprintf(pcap, sizeof(pcap), "%s.pcap", tap.program);
	posted = back = 0;
	nic = nic_create(&o, &ops);
	if (!nic || nic_queue_on(nic, 0, &queue)) {
		printf("Bail out! no card\n");
		exit(1);
	}
	nic_enable(nic, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
}

/* The capture has every frame twice: out, and back in. */
static void check_capture(unsigned int frames)
{
	char path[256], err[PCAP_ERRBUF_SIZE] = "";
	struct pcap_pkthdr *h;
	const u_char *data;
	unsigned int n = 0;
	pcap_t *p;

	snprintf(path, sizeof(path), "%s.pcap", tap.program);
	p = pcap_open_offline(path, err);
	if (!p) {
		tap_fail("%s: %s", path, err);
		return;
	}
	while (pcap_next_ex(p, &h, &data) == 1)
		n++;
	pcap_close(p);
	tap_u64("frames in the capture", n, 2 * frames);
	if (!tap.failures)
		remove(path);
}

static void end(void)
{
	unsigned int frames = posted;

	tap_u64("frames that came back", back, posted);
	tap_u64("frames through the cable", wire.sent, posted);
	tap_u64("frames from the cable", wire.received, posted);
	tap_u64("RX_FRAMES", nic_stat(nic, TLSNIC_STAT_RX_FRAMES), posted);
	if (nic->violations)
		tap_fail("%s", nic->violation);
	wire_free(&wire);
	if (nic_destroy(nic) && !tap.failures)
		tap_fail("the card broke a rule of AXI");
	check_capture(frames);
}

/* Posts a frame; what must come back has its addresses swapped and may be longer by padding. */
static void post(const uint8_t *down, const uint8_t *on_wire, uint32_t len, const struct tlsnic_txd_packet *d)
{
	struct frame *f = &sent[posted++];
	struct rte_mbuf *m = env_chain(env.packets, down, len, 1 + len % 3 + len / ENV_BUF_LEN, NULL, NULL);

	memset(f, 0, sizeof(*f));
	memcpy(f->bytes, on_wire + 6, 6);
	memcpy(f->bytes + 6, on_wire, 6);
	memcpy(f->bytes + 12, on_wire + 12, len - 12);
	f->len = len < 60 ? 60 : len;
	if (!m || nic_tx(nic, 0, m, d, NULL) < 0)
		tap_fail("frame %u of %u bytes cannot be posted", posted - 1, len);
}

/* What sends frames back when the other end is in this process. */
static void swap_peer(void)
{
	struct rte_mbuf *m[WIRE_BURST];
	unsigned int n = rte_eth_rx_burst(wire.peer, 0, m, WIRE_BURST), done;

	for (unsigned int i = 0; i < n; i++) {
		struct rte_ether_hdr *h = rte_pktmbuf_mtod(m[i], struct rte_ether_hdr *);
		struct rte_ether_addr a = h->dst_addr;

		h->dst_addr = h->src_addr;
		h->src_addr = a;
	}
	done = rte_eth_tx_burst(wire.peer, 0, m, n);
	tap_u64("frames that the ring takes", done, n);
}

/* Runs until at most left frames are on their way. */
static void drain(unsigned int left, bool here)
{
	time_t end = time(NULL) + LIMIT;

	nic_ring(nic, 0);
	while (posted - back > left && !tap.failures) {
		unsigned int before = back;
		int ret;

		nic_rx_post(nic, 0, 1024);
		ret = nic_settle(nic);
		if (ret)
			tap_fail("the card does not settle: %s; %s", strerror(-ret), nic->violation);
		if (here)
			swap_peer();
		if (back != before)
			end = time(NULL) + LIMIT;
		else
			sched_yield();
		if (time(NULL) > end)
			tap_fail("%u of %u frames have not come back in %d seconds", posted - back, posted, LIMIT);
	}
}

static void plain_frames(struct rng *r, bool here)
{
	for (unsigned int i = 0; i < FRAMES && !tap.failures; i++) {
		uint8_t f[MAX_LEN];
		uint32_t len = rng_range(r, 20, here && i % 4 == 0 ? MAX_LEN : MEMIF_LEN);

		rng_bytes(r, f, len);
		f[0] &= ~1;
		f[12] = 0x88;	/* local experimental EtherType */
		f[13] = 0xb5;
		post(f, f, len, NULL);
		drain(WINDOW, here);
	}
}

/* One connection whose records are of all sizes, cut anywhere. */
static void tls_frames(struct rng *r, bool old, bool here)
{
	static uint8_t down[MAX_STREAM], on_wire[MAX_STREAM], content[16384];
	struct session s = {
		.version = old ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3, .cipher = TLSNIC_CIPHER_AES_GCM_256, .key_len = 32,
		.seq_no = rng_next(r),
	};
	uint32_t seq = rng_next(r), len = 0, at = 0;
	struct tlsnic_txd_ctx c;
	struct ref_key *k;

	rng_bytes(r, s.key, 32);
	rng_bytes(r, s.salt, 4);
	rng_bytes(r, s.iv, 8);
	k = ref_key_new(s.key, 32);
	for (uint64_t n = s.seq_no; len < FRAMES / 2 * 1460; n++) {
		uint32_t size = rng_below(r, 4) ? rng_below(r, 2000) : rng_below(r, sizeof(content));
		int ret;

		rng_bytes(r, content, size);
		ret = ref_record(k, REF_OPENSSL, &s, n, 23, content, size, down + len, on_wire + len);
		if (ret < 0) {
			tap_fail("the reference refuses a record");
			return;
		}
		len += ret;
	}
	ref_key_free(k);
	session_ctx(&s, 5 + old, seq, s.seq_no, 0, &c);
	nic_ctx_write(nic, 0, &c, s.key, NULL);
	for (unsigned int i = 0; i < FRAMES / 2 && !tap.failures; i++) {
		uint32_t part = rng_range(r, 1, MEMIF_LEN - HEADERS);
		struct tlsnic_txd_packet d = { .flags = TLSNIC_TXF_TLS | TLSNIC_TXF_COMPLETE, .ctx = 5 + old, .seq = seq + at,
					       .stream_offset = HEADERS };
		uint8_t a[MEMIF_LEN], b[MEMIF_LEN];

		rng_bytes(r, a, HEADERS);
		a[0] &= ~1;
		a[12] = 0x88;
		a[13] = 0xb5;
		memcpy(b, a, HEADERS);
		memcpy(a + HEADERS, down + at, part);
		memcpy(b + HEADERS, on_wire + at, part);
		post(a, b, HEADERS + part, &d);
		at += part;
		drain(WINDOW, here);
	}
}

static void traffic(bool here)
{
	struct rng r = rng_seed(tap.seed);

	plain_frames(&r, here);
	tls_frames(&r, true, here);
	tls_frames(&r, false, here);
	drain(0, here);
}

static void rings(void)
{
	begin();
	if (wire_rings(&wire, "cable", 256)) {
		tap_fail("no cable");
		return;
	}
	wire_plug(&wire, nic, env.packets);
	traffic(true);
	end();
}

/* A cable that is full holds the card, and nothing is lost. */
static void full(void)
{
	struct rng r = rng_seed(tap.seed);
	uint8_t f[100];

	begin();
	if (wire_rings(&wire, "short", 16)) {
		tap_fail("no cable");
		return;
	}
	wire_plug(&wire, nic, env.packets);
	for (unsigned int i = 0; i < 200; i++) {
		rng_bytes(&r, f, sizeof(f));
		f[0] &= ~1;
		post(f, f, sizeof(f), NULL);
	}
	nic_ring(nic, 0);
	tap_u64("the card is held", nic_run(nic, 20000), -ETIMEDOUT);
	if (!tlsnic_sim_wire_held(nic->sim))
		tap_fail("no frame waits at the wire");
	for (unsigned int i = 0; i < 200 && back < posted; i++) {
		nic_rx_post(nic, 0, 1024);
		swap_peer();
		nic_cycles(nic, 5000);
		nic_reap(nic, 0, ~0u);
	}
	drain(0, true);
	end();
}

static void testpmd(void)
{
	static struct testpmd t;
	char socket[64], args[160];
	uint64_t rx = 0, tx = 0;

	snprintf(socket, sizeof(socket), "tlsnic-%d", (int)getpid());
	snprintf(args, sizeof(args), "role=client,id=0,socket=%s,socket-abstract=yes", socket);
	begin();
	if (testpmd_start(&t, socket, "macswap", LIMIT))
		tap_fail("no testpmd");
	else if (rte_vdev_init("net_memif0", args) || wire_port(&wire, "net_memif0", LIMIT))
		tap_fail("no memif");
	if (!tap.failures) {
		wire_plug(&wire, nic, env.packets);
		traffic(false);
	}
	if (testpmd_stop(&t, LIMIT, &rx, &tx))
		tap_fail("testpmd has not ended as it should");
	if (tap.failures) {
		printf("# testpmd said:\n");
		for (char *line = strtok(t.output, "\n"); line; line = strtok(NULL, "\n"))
			printf("#   %s\n", line);
	}
	if (!wire.nic) {
		nic_destroy(nic);
		return;
	}
	tap_u64("frames that testpmd has received", rx, posted);
	tap_u64("frames that testpmd has sent", tx, posted);
	end();
}

/* The program that puts the wire on any port, against testpmd: every packet comes back as it left. */
static void program(bool tls)
{
	static struct testpmd t;
	char path[300], socket[64], vdev[160], line[300] = "";
	const char *argv[] = { path, "--vdev", vdev, "--send", "500", "--stay", "--seconds", "60", tls ? "--tls" : NULL, NULL };
	uint64_t rx = 0, tx = 0;
	int out[2], status = -1;
	FILE *said;
	pid_t pid;

	snprintf(path, sizeof(path), "%.*s/wire-port_%u", (int)(strrchr(tap.program, '/') - tap.program), tap.program,
		 tlsnic_sim_data_width());
	snprintf(socket, sizeof(socket), "tlsnic-port-%d", (int)getpid());
	snprintf(vdev, sizeof(vdev), "net_memif0,role=client,id=0,socket=%s,socket-abstract=yes", socket);
	if (testpmd_start(&t, socket, "macswap", LIMIT) || pipe2(out, O_CLOEXEC)) {
		tap_fail("no testpmd");
		return;
	}
	pid = fork();
	if (!pid) {
		dup2(out[1], 1);
		dup2(out[1], 2);
		execv(path, (char **)argv);
		_exit(127);
	}
	close(out[1]);
	said = fdopen(out[0], "r");
	while (said && fgets(line, sizeof(line), said) && strncmp(line, "sent ", 5))
		;
	if (strcmp(line, "sent 500 packets, 500 came back, 0 of them wrong\n"))
		tap_fail("%s says: %s", path, line);
	/* ahead of its other end: a memif that loses that forgets its counts */
	if (testpmd_stop(&t, LIMIT, &rx, &tx))
		tap_fail("testpmd has not ended as it should");
	kill(pid, SIGINT);
	while (said && fgets(line, sizeof(line), said))
		;
	if (said)
		fclose(said);
	waitpid(pid, &status, 0);
	if (status)
		tap_fail("%s ends with status %d and says: %s", path, status, line);
	tap_u64("frames that testpmd has received", rx, 500);
	tap_u64("frames that testpmd has sent", tx, 500);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	if (env_start(NULL) || ref_start()) {
		printf("Bail out! no DPDK\n");
		return 1;
	}
	TAP_RUN("a cable of rings", rings());
	TAP_RUN("a cable that is full", full());
	TAP_RUN("testpmd on the wire", testpmd());
	TAP_RUN("wire-port, plain packets", program(false));
	TAP_RUN("wire-port, TLS", program(true));
	return tap_end();
}
