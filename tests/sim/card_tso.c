// SPDX-License-Identifier: BSD-2-Clause
//
// Segmentation through the whole card: packets up to 64 KiB become frames, plain
// and TLS, with one completion each; what cannot be read or cut ends where it must.

#include "card_tls.h"

#define CONNS	8

static struct card c;
static struct tls_conn conn[CONNS];
static struct packet packet, frame;
static uint8_t payload[65536];
static uint64_t packets, cut;	/* that statistics must count */

static void start(const struct tlsnic_sim_options *opt)
{
	card_new(&c, opt);
	for (unsigned int q = 0; q < c.queues; q++)
		card_queue_on(&c, q, 8, 6, 10, 2048);
	card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
	packets = cut = 0;
}

/* A packet to be cut, and its slot but for addresses. */
static void build(struct tlsnic_txd_packet *d)
{
	static const uint16_t mss[] = { 64, 536, 1440, 1448, 8948 };
	uint32_t most;

	memset(&packet, 0, offsetof(struct packet, bytes));
	packet.ipv6 = card_rnd(&c, 2);
	packet.vlan = !card_rnd(&c, 4);		/* by the host */
	packet.tci = 0x0123;
	packet.proto = PACKET_TCP;
	packet.ip_options = card_rnd(&c, 3) ? 0 : card_rnd(&c, 11);
	packet.tcp_options = card_rnd(&c, 2) ? 3 : card_rnd(&c, 11);
	card_random_bytes(&c, packet.src, 16);
	card_random_bytes(&c, packet.dst, 16);
	packet.sport = card_rnd(&c, 65536);
	packet.dport = 443;
	card_random_bytes(&c, &packet.seq, 4);
	packet.mss = card_rnd(&c, 2) ? mss[card_rnd(&c, 5)] : 64 + card_rnd(&c, 8900);
	most = card_rnd(&c, 3) ? 5 * packet.mss : 65535;
	if (most > 65535 - 160)
		most = 65535 - 160;
	packet.payload_len = card_rnd(&c, 4) ? card_rnd(&c, most) : most / packet.mss * packet.mss;
	card_random_bytes(&c, payload, packet.payload_len);
	packet.payload = payload;
	packet.pseudo_only = true;
	packet_build(&packet);

	memset(d, 0, sizeof(*d));
	d->flags = TLSNIC_TXF_COMPLETE | TLSNIC_TXF_CSUM;
	d->csum_start = packet.l4;
	d->csum_offset = 16;
	d->mss = packet.mss;
	d->l3_start = packet.l3;
}

/* The first `most` frames of the packet must be those from `at` on, and all. */
static void check(unsigned int at, unsigned int most, bool tagged)
{
	unsigned int k = 0;

	packet.vlan |= tagged;
	packet.tci = tagged ? 0x2345 : packet.tci;
	for (; k < most && packet_cut(&packet, k, &frame) && !tap.failures; k++)
		frames_expect("a frame", &c.out, at + k, frame.bytes, frame.len < 60 ? 60 : frame.len);
	tap_u64("frames", c.out.count, at + k);
	packets += !!k;
	cut += k;
	tap_u64("statistics: packets", card_stat(&c, TLSNIC_STAT_TX_TSO_PACKETS), packets);
	tap_u64("statistics: frames", card_stat(&c, TLSNIC_STAT_TX_TSO_FRAMES), cut);
}

static void plain(void)
{
	start(NULL);
	for (int i = 0; i < 150 && !tap.failures; i++) {
		unsigned int q = i % c.queues, cpls = c.q[q].tx_cpls;
		struct tlsnic_txd_packet d;
		bool tag;

		build(&d);
		tag = !packet.vlan && !card_rnd(&c, 3);
		if (tag) {
			d.flags |= TLSNIC_TXF_VLAN;
			d.vlan_tci = 0x2345;
		}
		card_send(&c, q, packet.bytes, packet.len, 1 + card_rnd(&c, 8), &d);
		card_ring(&c, q);
		card_settle(&c);
		check(0, ~0u, tag);
		tap_u64("completions", c.q[q].tx_cpls, cpls + 1);
		tap_u64("status", c.last_tx.status, TLSNIC_STATUS_OK);
		tap_u64("index", c.last_tx.index, c.q[q].tx_tail);
		frames_clear(&c.out);
		if (tap.failures)
			tap_fail("the case: IPv%u, %u bytes by %u", packet.ipv6 ? 6 : 4, packet.payload_len, d.mss);
	}
	card_free(&c);
}

/* The longest packet, in as few segments as there can be. */
static void longest(void)
{
	start(NULL);
	for (unsigned int segs = 1; segs <= 2 && !tap.failures; segs++) {
		struct card_packet p = { .segs = segs };

		do
			build(&p.d);
		while (packet.vlan);
		packet.payload_len = TLSNIC_TSO_MAX_LEN - packet.data;
		card_random_bytes(&c, payload, packet.payload_len);
		packet_build(&packet);
		p.len[0] = segs == 1 ? packet.len : packet.data;
		p.len[1] = packet.payload_len;
		for (unsigned int i = 0; i < segs; i++)
			p.addr[i] = card_pool(&c, packet.bytes + (i ? packet.data : 0), p.len[i], card_rnd(&c, 64));
		card_packet(&c, 0, &p);
		card_ring(&c, 0);
		card_settle(&c);
		check(0, ~0u, false);
		tap_u64("status", c.last_tx.status, TLSNIC_STATUS_OK);
		frames_clear(&c.out);
	}
	card_free(&c);
}

/* A byte that cannot be read: frames that end before its beat may leave, none after, and the next packet does. */
static void read_errors(void)
{
	uint32_t beat = tlsnic_sim_data_width() / 8;

	start(NULL);
	for (int i = 0; i < 60 && !tap.failures; i++) {
		struct card_packet p = { .segs = 2 };
		uint32_t at, frames = 0;

		build(&p.d);
		p.len[0] = packet.data;
		p.len[1] = packet.payload_len + 1;
		p.addr[0] = card_pool(&c, packet.bytes, packet.len, 0);
		p.addr[1] = card_pool(&c, packet.bytes + packet.data, packet.payload_len + 1, card_rnd(&c, 64));
		packet.payload_len++;
		payload[packet.payload_len - 1] = packet.bytes[packet.len];
		at = card_rnd(&c, packet.payload_len);
		c.fail_from = p.addr[1] + at;
		c.fail_to = c.fail_from + 1;
		card_packet(&c, 1, &p);
		card_ring(&c, 1);
		card_settle(&c);
		tap_u64("status", c.last_tx.status, TLSNIC_STATUS_DMA);
		/* those whose bytes do not reach into the burst of 4 KiB, or beat, that failed */
		frames = c.out.count;
		if (frames * packet.mss > at)
			tap_fail("%u frames of %u bytes left, byte %u could not be read", frames, packet.mss, at);
		if (at > 4096 + packet.mss + beat && frames < (at - 4096 - beat) / packet.mss)
			tap_fail("%u frames of %u bytes left, the first byte that could not be read is %u", frames, packet.mss, at);
		check(0, frames, false);
		frames_clear(&c.out);

		c.fail_from = c.fail_to = 0;
		build(&p.d);
		card_send(&c, 1, packet.bytes, packet.len, 3, &p.d);
		card_ring(&c, 1);
		card_settle(&c);
		tap_u64("status", c.last_tx.status, TLSNIC_STATUS_OK);
		check(0, ~0u, false);
		frames_clear(&c.out);
	}
	card_free(&c);
}

/* Headers that cannot be cut: nothing leaves, the packet ends with DESC. */
static void refused(void)
{
	uint64_t drops = 0;

	start(NULL);
	for (int i = 0; i < 60 && !tap.failures; i++) {
		struct tlsnic_txd_packet d;
		uint8_t *ip, *tcp;

		build(&d);
		ip = packet.bytes + packet.l3;
		tcp = packet.bytes + packet.l4;
		switch (i % 5) {
		case 0: ip[packet.ipv6 ? 6 : 9] = PACKET_UDP; break;
		case 1: ip[0] ^= 0x30; break;
		case 2: tcp[12] = 0x40; break;
		case 3: d.mss = TLSNIC_TX_MAX_LEN; packet.len = 20000; break;
		case 4: packet.len = packet.l4 + 20; tcp[12] = 0x60; break;
		}
		card_send(&c, 0, packet.bytes, packet.len, 2, &d);
		card_ring(&c, 0);
		card_settle(&c);
		tap_u64("status", c.last_tx.status, TLSNIC_STATUS_DESC);
		tap_u64("frames", c.out.count, 0);
		tap_u64("statistics: refused", card_stat(&c, TLSNIC_STAT_TX_DROP_DESC), ++drops);
		build(&d);
		card_send(&c, 0, packet.bytes, packet.len, 2, &d);
		card_ring(&c, 0);
		card_settle(&c);
		check(0, ~0u, false);
		frames_clear(&c.out);
	}
	card_free(&c);
}

/* Streams of several connections at once, cut by the card, among packets that are not. */
static void tls(const struct tlsnic_sim_options *opt)
{
	static const uint8_t versions[] = { TLSNIC_TLS_1_2, TLSNIC_TLS_1_3 };

	start(opt);
	for (unsigned int i = 0; i < CONNS; i++) {
		tls_conn_init(&c, &conn[i], versions[i % 2], 1 + i / 2 % 2, i, 1000 + i, i % c.queues);
		tls_conn_write_ctx(&c, &conn[i]);
		for (uint32_t len = 0; len < 200000; len = conn[i].ref.len)
			tls_conn_record(&c, &conn[i], card_rnd(&c, 4) ? 16384 - card_rnd(&c, 3) : card_rnd(&c, 3000));
	}
	for (unsigned int left = CONNS; left && !tap.failures;) {
		struct tls_conn *t = &conn[card_rnd(&c, CONNS)];
		struct tls_opts o = { .mss = card_rnd(&c, 4) ? 64 + card_rnd(&c, 8900) : 1448, .vlan = !card_rnd(&c, 5) };

		if (t->at == t->ref.len)
			continue;
		if (card_tx_room(&c, t->queue) < 20) {
			card_cycles(&c, 1000);
			card_reap(&c, t->queue, ~0u);
			continue;
		}
		if (!card_rnd(&c, 4))
			o.mss = 0;
		tls_conn_send(&c, t, o.mss ? 1 + card_rnd(&c, card_rnd(&c, 3) ? 65000 : 4000) : 1 + card_rnd(&c, 8900), &o);
		card_ring(&c, t->queue);
		left -= t->at == t->ref.len;
		if (!card_rnd(&c, 8))
			tls_conns_check(&c, conn, CONNS, false);
	}
	card_settle(&c);
	tls_conns_check(&c, conn, CONNS, true);
	for (unsigned int i = 0; i < CONNS; i++)
		tls_conn_free(&conn[i]);
	card_free(&c);
}

int main(int argc, char **argv)
{
	struct tlsnic_sim_options late = { .latency_max = 500, .reorder = true, .stall_ppm = 50000 };

	tap_begin(argc, argv);
	late.seed = tap.seed;
	TAP_RUN("plain packets", plain());
	TAP_RUN("the longest packet", longest());
	TAP_RUN("bytes that cannot be read", read_errors());
	TAP_RUN("headers that are refused", refused());
	TAP_RUN("TLS streams", tls(NULL));
	TAP_RUN("TLS streams, late memory", tls(&late));
	return tap_end();
}
