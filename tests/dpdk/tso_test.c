// SPDX-License-Identifier: BSD-2-Clause
//
// Packets that the card cuts into frames, against software segmentation: DPDK's librte_gso for IPv4, and one written
// here, from scratch for each frame, for both. With TLS the payload is what the reference sealed.
//
// librte_gso segments by a frame's length, headers included; it writes IPv4's length and identification, TCP's sequence
// number, and takes FIN and PSH out of all frames but the last. It knows neither CWR (RFC 3168: in the first frame
// only) nor IPv6, computes no checksum, and hands a packet back that fits in a frame.

#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_gso.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include "nic.h"
#include "ref.h"
#include "rng.h"
#include "session.h"
#include "tcp.h"
#include "../common/tap.h"

#define MAX_FRAMES	1100		/* of a packet of 64 KiB, with the least mss */
#define BUF		9344
#define STREAM		(2 << 20)
#define MSS_LOW		88
#define MSS_HIGH	8948

struct want {
	uint32_t len;
	uint8_t *data;
};

static struct {
	struct nic *nic;
	struct rte_mempool *pool, *direct, *indirect;
	struct want *want;
	unsigned int expected, came;
	struct rng rng;
	/* the stream of TLS cases */
	struct session s;
	uint8_t *down, *wire;
	uint32_t len, at, seq;
} t;

// ---- what is to come -------------------------------------------------------------

static void expect(const uint8_t *frame, uint32_t len, uint32_t vlan)
{
	struct want *w;

	t.want = realloc(t.want, (t.expected + 1) * sizeof(*t.want));
	if (!t.want)
		abort();
	w = &t.want[t.expected++];
	w->len = len + (vlan ? 4 : 0);
	w->data = calloc(1, w->len < 60 ? 60 : w->len);
	if (!w->data)
		abort();
	memcpy(w->data, frame, vlan ? 12 : len);
	if (vlan) {
		memcpy(w->data + 12, "\x81\x00", 2);
		w->data[14] = (vlan - 1) >> 8;
		w->data[15] = vlan - 1;
		memcpy(w->data + 16, frame + 12, len - 12);
	}
	if (w->len < 60)
		w->len = 60;
}

static bool on_wire(void *opaque, const void *frame, size_t len)
{
	const struct want *w = &t.want[t.came];

	if (t.came++ >= t.expected)
		tap_fail("frame %u of %zu bytes, and no more than %u were expected", t.came - 1, len, t.expected);
	else if (len != w->len)
		tap_fail("frame %u has %zu bytes, expected %u", t.came - 1, len, w->len);
	else
		tap_bytes("frame", frame, w->data, len);
	return true;
}

static void on_done(void *opaque, unsigned int q, const struct nic_done *d)
{
	tap_u64("status of a packet", d->status, TLSNIC_STATUS_OK);
}

// ---- software segmentation ----------------------------------------------------------

struct cut {
	struct tcp_flow flow;
	uint32_t seq, len, mss, vlan;	/* vlan: tag control information + 1 */
	uint16_t id;
	uint8_t flags;
	const uint8_t *payload;		/* as it leaves */
};

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

/* The sums of a frame whose headers are else as they are to be, by DPDK. */
static void finish(uint8_t *frame, const struct tcp_packet *h, bool ipv6)
{
	struct rte_tcp_hdr *tcp = (void *)(frame + h->l4);

	tcp->cksum = 0;
	if (ipv6) {
		tcp->cksum = rte_ipv6_udptcp_cksum((void *)(frame + h->l3), tcp);
	} else {
		struct rte_ipv4_hdr *ip = (void *)(frame + h->l3);

		ip->hdr_checksum = 0;
		ip->hdr_checksum = rte_ipv4_cksum(ip);
		tcp->cksum = rte_ipv4_udptcp_cksum(ip, tcp);
	}
}

static void expect_own(const struct cut *c)
{
	static uint8_t frame[TLSNIC_TX_MAX_LEN];
	uint32_t at = 0, k = 0;

	do {
		uint32_t n = c->len - at < c->mss ? c->len - at : c->mss;
		uint8_t flags = c->flags;
		struct tcp_packet h;

		if (at + n < c->len)
			flags &= ~(TCP_FIN | TCP_PSH);
		if (k)
			flags &= ~TCP_CWR;
		tcp_headers(&c->flow, c->seq + at, n, flags, false, frame, &h);
		memcpy(frame + h.data, c->payload + at, n);
		if (!c->flow.ipv6)
			put16(frame + h.l3 + 4, c->id + k);
		finish(frame, &h, c->flow.ipv6);
		expect(frame, h.len, c->vlan);
		at += n;
		k++;
	} while (at < c->len);
}

static void expect_gso(const struct cut *c)
{
	static uint8_t bytes[TLSNIC_TSO_MAX_LEN], frame[TLSNIC_TX_MAX_LEN];
	static struct rte_mbuf *out[MAX_FRAMES];
	struct rte_gso_ctx ctx = { .direct_pool = t.direct, .indirect_pool = t.indirect, .gso_types = RTE_ETH_TX_OFFLOAD_TCP_TSO };
	struct tcp_packet h;
	struct rte_mbuf *m;
	int n;

	tcp_headers(&c->flow, c->seq, c->len, c->flags, false, bytes, &h);
	put16(bytes + h.l3 + 4, c->id);
	memcpy(bytes + h.data, c->payload, c->len);
	m = env_chain(t.pool, bytes, h.len, 1 + h.len / 9000, NULL, NULL);
	if (!m) {
		tap_fail("no mbufs");
		return;
	}
	m->ol_flags |= RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_IPV4;
	m->l2_len = h.l3;
	m->l3_len = h.l4 - h.l3;
	m->l4_len = h.data - h.l4;
	ctx.gso_size = h.data + c->mss;
	n = rte_gso_segment(m, &ctx, out, MAX_FRAMES);
	if (n < 0)
		tap_fail("rte_gso_segment() says %d to %u bytes by %u", n, c->len, c->mss);
	/* what fits in one frame is not segmented */
	if (!n)
		out[n++] = m;
	for (int k = 0; k < n; k++) {
		const uint8_t *at = rte_pktmbuf_read(out[k], 0, out[k]->pkt_len, frame);

		if (at != frame)
			memcpy(frame, at, out[k]->pkt_len);
		if (k)
			frame[h.l4 + 13] &= ~TCP_CWR;
		finish(frame, &h, false);
		expect(frame, out[k]->pkt_len, c->vlan);
		if (out[k] != m)
			rte_pktmbuf_free(out[k]);
	}
	rte_pktmbuf_free(m);
}

// ---- packets ----------------------------------------------------------------------

static void settle(void)
{
	int err;

	nic_ring(t.nic, 0);
	err = nic_settle(t.nic);
	if (err)
		tap_fail("the card does not settle: %s; %s", strerror(-err), t.nic->violation);
	tap_u64("frames", t.came, t.expected);
	for (unsigned int i = 0; i < t.expected; i++)
		free(t.want[i].data);
	t.expected = t.came = 0;
}

/* Posts it as the stack hands it down: down is the payload as it lies in memory. tls: to be encrypted. */
static void post(const struct cut *c, const uint8_t *down, bool tls)
{
	static uint8_t bytes[TLSNIC_TSO_MAX_LEN];
	struct tlsnic_txd_packet d = {
		.flags = TLSNIC_TXF_CSUM | TLSNIC_TXF_COMPLETE, .csum_offset = 16, .mss = c->mss,
	};
	struct tcp_packet h;
	struct rte_mbuf *m;
	unsigned int segs;

	tcp_headers(&c->flow, c->seq, c->len, c->flags, true, bytes, &h);
	if (!c->flow.ipv6)
		put16(bytes + h.l3 + 4, c->id);
	memcpy(bytes + h.data, down, c->len);
	d.csum_start = h.l4;
	d.l3_start = h.l3;
	if (c->vlan) {
		d.flags |= TLSNIC_TXF_VLAN;
		d.vlan_tci = c->vlan - 1;
	}
	if (tls) {
		d.flags |= TLSNIC_TXF_TLS;
		d.ctx = 9;
		d.seq = c->seq;
		d.stream_offset = h.data;
	}
	segs = 1 + h.len / 9000 + rng_below(&t.rng, 6);
	if (segs > h.len)
		segs = h.len;
	m = env_chain(t.pool, bytes, h.len, segs, NULL, NULL);
	if (!m || nic_tx(t.nic, 0, m, &d, NULL) < 0)
		tap_fail("no room for a packet of %u bytes", h.len);
	/* one at a time, or some one after the other */
	if (nic_tx_room(t.nic, 0) < 64 || rng_below(&t.rng, 3) == 0)
		settle();
}

static void begin(void)
{
	struct nic_ops ops = { .wire_tx = on_wire, .done = on_done };
	struct tlsnic_sim_options sim = { .seed = tap.seed, .latency_max = 60, .reorder = true, .trace_file = tap.trace };
	struct nic_options o = { .sim = &sim };

	t.rng = rng_seed(tap.seed);
	t.nic = nic_create(&o, &ops);
	if (!t.nic || nic_queue_on(t.nic, 0, NULL)) {
		printf("Bail out! no card\n");
		exit(1);
	}
	if (!(t.nic->features & TLSNIC_FEAT_TSO))
		tap_fail("FEATURES 0x%x have no TSO", t.nic->features);
	nic_enable(t.nic, TLSNIC_CTRL_TX_ENABLE);
}

static void end(void)
{
	settle();
	tap_u64("statistic of dropped packets", nic_stat(t.nic, TLSNIC_STAT_TX_DROP_DESC), 0);
	if (nic_destroy(t.nic))
		tap_fail("the card broke a rule of the bus");
}

static struct cut any_cut(bool ipv6, uint32_t most)
{
	struct cut c = {
		.flow = { .ipv6 = ipv6, .ip_options = ipv6 || rng_below(&t.rng, 3) ? 0 : rng_below(&t.rng, 11),
			  .tcp_options = rng_below(&t.rng, 3) ? 3 : rng_below(&t.rng, 11), .sport = 4000, .dport = 443 },
		.seq = rng_below(&t.rng, 3) ? rng_next(&t.rng) : -rng_below(&t.rng, 65536),
		.mss = rng_below(&t.rng, 3) ? rng_range(&t.rng, MSS_LOW, MSS_HIGH) : rng_below(&t.rng, 2) ? 1448 : MSS_LOW,
		.id = rng_below(&t.rng, 3) ? rng_next(&t.rng) : -rng_below(&t.rng, 10), .flags = TCP_ACK | rng_below(&t.rng, 256),
		.vlan = rng_below(&t.rng, 6) ? 0 : 1 + rng_below(&t.rng, 65536),
	};

	switch (rng_below(&t.rng, 4)) {
	case 0: c.len = rng_range(&t.rng, 1, most); break;
	case 1: c.len = c.mss * rng_range(&t.rng, 1, 6); break;
	case 2: c.len = most - rng_below(&t.rng, 40); break;
	default: c.len = rng_range(&t.rng, 1, 6 * c.mss); break;
	}
	if (c.len > most)
		c.len = most;
	return c;
}

#define MOST (TLSNIC_TSO_MAX_LEN - 14 - 60 - 60)

static void plain(bool ipv6, bool gso, unsigned int count)
{
	static uint8_t payload[TLSNIC_TSO_MAX_LEN];

	begin();
	rng_bytes(&t.rng, payload, sizeof(payload));
	for (unsigned int i = 0; i < count && !tap.failures; i++) {
		struct cut c = any_cut(ipv6, MOST);

		c.payload = payload;
		(gso ? expect_gso : expect_own)(&c);
		post(&c, payload, false);
	}
	end();
}

/* Every mss but for steps, and lengths about the ends of frames. */
static void each_mss(unsigned int step)
{
	static uint8_t payload[TLSNIC_TSO_MAX_LEN];

	begin();
	rng_bytes(&t.rng, payload, sizeof(payload));
	for (uint32_t mss = MSS_LOW + tap.seed % step; !tap.failures; mss += step) {
		struct cut c = any_cut(rng_below(&t.rng, 2), MOST);

		if (mss > MSS_HIGH)
			mss = MSS_HIGH;
		c.mss = mss;
		c.len = mss * rng_range(&t.rng, 1, 3) + rng_range(&t.rng, 0, 2) - 1;
		c.payload = payload;
		expect_own(&c);
		post(&c, payload, false);
		if (mss == MSS_HIGH)
			break;
	}
	end();
}

static void make_stream(bool old)
{
	static uint8_t content[16384];
	uint64_t n;
	struct ref_key *k;

	t.s = (struct session){ .version = old ? TLSNIC_TLS_1_2 : TLSNIC_TLS_1_3, .seq_no = rng_next(&t.rng) };
	t.s.cipher = rng_below(&t.rng, 2) ? TLSNIC_CIPHER_AES_GCM_128 : TLSNIC_CIPHER_AES_GCM_256;
	t.s.key_len = t.s.cipher == TLSNIC_CIPHER_AES_GCM_256 ? 32 : 16;
	rng_bytes(&t.rng, t.s.key, t.s.key_len);
	rng_bytes(&t.rng, t.s.salt, 4);
	rng_bytes(&t.rng, t.s.iv, 8);
	k = ref_key_new(t.s.key, t.s.key_len);
	t.len = t.at = 0;
	for (n = t.s.seq_no; t.len + 16500 < STREAM; n++) {
		uint32_t size = rng_below(&t.rng, 3) ? 16384 : rng_below(&t.rng, 2) ? rng_below(&t.rng, 2000) : rng_below(&t.rng, 40);
		int ret;

		rng_bytes(&t.rng, content, size);
		ret = k ? ref_record(k, REF_OPENSSL, &t.s, n, 23, content, size, t.down + t.len, t.wire + t.len) : -1;
		if (ret < 0) {
			tap_fail("the reference refuses a record");
			break;
		}
		t.len += ret;
	}
	ref_key_free(k);
}

static void tls(bool ipv6, bool gso, bool old, unsigned int count)
{
	struct tlsnic_txd_ctx x;

	begin();
	make_stream(old);
	t.seq = rng_next(&t.rng);
	session_ctx(&t.s, 9, t.seq, t.s.seq_no, 0, &x);
	nic_ctx_write(t.nic, 0, &x, t.s.key, NULL);
	for (unsigned int i = 0; i < count && !tap.failures; i++) {
		struct cut c = any_cut(ipv6, MOST);

		if (c.len > t.len - t.at)
			break;
		c.seq = t.seq + t.at;
		c.payload = t.wire + t.at;
		(gso ? expect_gso : expect_own)(&c);
		post(&c, t.down + t.at, true);
		t.at += c.len;
	}
	end();
}

int main(int argc, char **argv)
{
	unsigned int more = getenv("TLSNIC_LONG") ? 10 : 1;

	tap_begin(argc, argv);
	if (env_start(NULL) || ref_start()) {
		printf("Bail out! no DPDK\n");
		return 1;
	}
	t.pool = env_pool("large", 1024, BUF);
	t.direct = env_pool("direct", 2 * MAX_FRAMES, 256);
	t.indirect = rte_pktmbuf_pool_create("indirect", 4 * MAX_FRAMES, 0, 0, 0, SOCKET_ID_ANY);
	t.down = malloc(STREAM);
	t.wire = malloc(STREAM);
	if (!t.pool || !t.direct || !t.indirect || !t.down || !t.wire) {
		printf("Bail out! no memory\n");
		return 1;
	}
	TAP_RUN("IPv4, as librte_gso", plain(false, true, 100 * more));
	TAP_RUN("IPv4, as by hand", plain(false, false, 60 * more));
	TAP_RUN("IPv6, as by hand", plain(true, false, 100 * more));
	TAP_RUN("from the least mss to the largest", each_mss(more > 1 ? 3 : 31));
	TAP_RUN("IPv4 and TLS 1.2, as librte_gso", tls(false, true, true, 60 * more));
	TAP_RUN("IPv4 and TLS 1.3, as librte_gso", tls(false, true, false, 60 * more));
	TAP_RUN("IPv6 and TLS 1.2, as by hand", tls(true, false, true, 60 * more));
	TAP_RUN("IPv6 and TLS 1.3, as by hand", tls(true, false, false, 60 * more));
	return tap_end();
}
