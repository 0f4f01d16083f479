// SPDX-License-Identifier: BSD-2-Clause
//
// The whole card without TLS: registers, rings, frames both ways, offloads.

#include "card.h"
#include "packet.h"

static struct card c;
static uint8_t buf[16384];

static void start(uint32_t ctrl, unsigned int buf_len)
{
	card_new(&c, NULL);
	for (unsigned int q = 0; q < c.queues; q++)
		card_queue_on(&c, q, 6, 6, 7, buf_len);
	card_enable(&c, ctrl);
}

static void registers(void)
{
	static const struct {
		uint32_t reg, mask, reset;
	} rw[] = {
		{ TLSNIC_REG_SCRATCH, ~0u, 0 }, { TLSNIC_REG_MAC_LO, ~0u, 0 }, { TLSNIC_REG_MAC_HI, 0xffff, 0 },
		{ TLSNIC_REG_MCAST_LO, ~0u, 0 }, { TLSNIC_REG_MCAST_HI, ~0u, 0 },
		{ TLSNIC_REG_RSS_CTRL, 0x3f, 0 }, { TLSNIC_REG_CTRL, 0xfe, 0 },
	};
	static const uint32_t q_rw[][2] = {
		{ TLSNIC_Q_TX_BASE_LO, ~63u }, { TLSNIC_Q_TX_BASE_HI, ~0u }, { TLSNIC_Q_RX_BASE_LO, ~63u },
		{ TLSNIC_Q_RX_BASE_HI, ~0u }, { TLSNIC_Q_CQ_BASE_LO, ~63u }, { TLSNIC_Q_CQ_BASE_HI, ~0u },
		{ TLSNIC_Q_IRQ_CYCLES, 0xffffff },
	};
	uint32_t v = 0;

	card_new(&c, NULL);
	tap_u64("ID", card_rd(&c, TLSNIC_REG_ID), TLSNIC_ID);
	tap_u64("VERSION", card_rd(&c, TLSNIC_REG_VERSION), TLSNIC_VERSION);
	tap_u64("DATA_WIDTH", card_rd(&c, TLSNIC_REG_DATA_WIDTH), tlsnic_sim_data_width());
	tap_u64("STATUS", card_rd(&c, TLSNIC_REG_STATUS), TLSNIC_STATUS_READY | TLSNIC_STATUS_LINK);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof(rw) / sizeof(rw[0]); i++) {
			uint32_t put = card_rnd(&c, ~0u);

			if (rw[i].reg == TLSNIC_REG_CTRL)
				put &= ~TLSNIC_CTRL_RESET;
			card_wr(&c, rw[i].reg, put);
			tap_u64("written", card_rd(&c, rw[i].reg), put & rw[i].mask);
		}
		card_wr(&c, TLSNIC_REG_CTRL, 0);
		for (unsigned int q = 0; q < c.queues; q++)
			for (size_t i = 0; i < sizeof(q_rw) / sizeof(q_rw[0]); i++) {
				uint32_t put = card_rnd(&c, ~0u);

				card_wr(&c, card_qreg(q, q_rw[i][0]), put);
				tap_u64("queue's", card_rd(&c, card_qreg(q, q_rw[i][0])) & q_rw[i][1], put & q_rw[i][1]);
			}
		for (uint32_t i = 0; i < TLSNIC_RSS_KEY_LEN; i += 4)
			card_wr(&c, TLSNIC_REG_RSS_KEY + i, i * 0x01020304);
		for (uint32_t i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4)
			card_wr(&c, TLSNIC_REG_RSS_TABLE + i, (i + 1) * 0x01010101);
		for (uint32_t i = 0; i < TLSNIC_RSS_KEY_LEN; i += 4)
			tap_u64("RSS key", card_rd(&c, TLSNIC_REG_RSS_KEY + i), i * 0x01020304);
		for (uint32_t i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4)
			tap_u64("RSS table", card_rd(&c, TLSNIC_REG_RSS_TABLE + i), (i + 1) * 0x01010101);
	}
	/* what only reads, what is not there, and other widths */
	card_wr(&c, TLSNIC_REG_ID, 0);
	card_wr(&c, 0x7c, ~0u);
	card_wr(&c, 0xfffc, ~0u);
	tap_u64("ID", card_rd(&c, TLSNIC_REG_ID), TLSNIC_ID);
	tap_u64("nothing there", card_rd(&c, 0x7c), 0);
	tap_u64("nothing there", card_rd(&c, 0xfffc), 0);
	tap_u64("no queue there", card_rd(&c, card_qreg(c.queues, TLSNIC_Q_TX_BASE_LO)), 0);
	tap_u64("2 bytes", tlsnic_sim_bar_read(c.sim, 0, &v, 2), (uint64_t)-22);
	tap_u64("2 bytes", v, 0xffff);
	card_reset(&c);
	for (size_t i = 0; i < sizeof(rw) / sizeof(rw[0]); i++)
		tap_u64("after reset", card_rd(&c, rw[i].reg), rw[i].reset);
	card_run(&c);
	card_free(&c);
}

/* Sends one frame and looks at everything about it. */
static void tx_one(unsigned int q, uint32_t len, unsigned int segs)
{
	uint32_t wire = len < 60 ? 60 : len;
	unsigned int n = c.out.count, cpls = c.q[q].tx_cpls;

	card_random_bytes(&c, buf, len);
	memset(buf + len, 0, 60);
	card_send(&c, q, buf, len, segs, NULL);
	card_ring(&c, q);
	card_settle(&c);
	frames_expect("TX", &c.out, n, buf, wire);
	tap_u64("frames", c.out.count, n + 1);
	tap_u64("completions", c.q[q].tx_cpls, cpls + 1);
	tap_u64("status", c.last_tx.status, TLSNIC_STATUS_OK);
	tap_u64("index", c.last_tx.index, c.q[q].tx_tail);
	if (n > 200)
		frames_clear(&c.out);
}

static void tx_lengths(void)
{
	unsigned int q = 0;

	start(TLSNIC_CTRL_TX_ENABLE, 2048);
	for (uint32_t len = TLSNIC_TX_MIN_LEN; len <= 330 && !tap.failures; len++)
		for (unsigned int segs = 1; segs <= 3; segs++)
			tx_one(q++ % c.queues, len, segs);
	for (uint32_t len = 331; len < TLSNIC_TX_MAX_LEN && !tap.failures; len += 1 + card_rnd(&c, 200))
		tx_one(q++ % c.queues, len, 1 + card_rnd(&c, 8));
	for (uint32_t len = TLSNIC_TX_MAX_LEN - 3; len <= TLSNIC_TX_MAX_LEN && !tap.failures; len++)
		tx_one(q++ % c.queues, len, 1 + card_rnd(&c, 8));
	card_free(&c);
}

/* All queues at once; each queue's frames leave in its order. */
static void tx_queues(void)
{
	static uint32_t lens[CARD_MAX_QUEUES][1000];
	unsigned int sent[CARD_MAX_QUEUES] = { 0 }, seen[CARD_MAX_QUEUES] = { 0 }, left;

	start(TLSNIC_CTRL_TX_ENABLE, 2048);
	do {
		left = 0;
		for (unsigned int q = 0; q < c.queues; q++) {
			unsigned int burst = card_rnd(&c, 12);

			for (; burst && sent[q] < 300 && card_tx_room(&c, q) > 4; burst--, sent[q]++) {
				uint32_t len = 60 + card_rnd(&c, card_rnd(&c, 4) ? 300 : 3000);
				struct tlsnic_txd_packet d = {
					.flags = sent[q] == 299 || card_rnd(&c, 4) == 0 ? TLSNIC_TXF_COMPLETE : 0
				};

				/* without a completion now and then the ring would seem full for ever */
				if (card_tx_room(&c, q) < 12)
					d.flags = TLSNIC_TXF_COMPLETE;
				memset(buf, q * 16 + sent[q], len);
				buf[0] = q;
				memcpy(buf + 1, &sent[q], 4);
				lens[q][sent[q]] = len;
				card_send(&c, q, buf, len, 1 + card_rnd(&c, 3), &d);
			}
			card_ring(&c, q);
			card_cycles(&c, card_rnd(&c, 100));
			card_reap(&c, q, ~0u);
			left += 300 - sent[q];
		}
	} while (left && !tap.failures);
	card_settle(&c);
	tap_u64("frames", c.out.count, 300 * c.queues);
	for (unsigned int i = 0; i < c.out.count && !tap.failures; i++) {
		unsigned int q = c.out.f[i].data[0];
		uint32_t number;

		memcpy(&number, c.out.f[i].data + 1, 4);
		if (q >= c.queues || number != seen[q]) {
			tap_fail("frame %u is %u of queue %u, expected %u", i, number, q, seen[q]);
			break;
		}
		memset(buf, q * 16 + number, lens[q][number]);
		buf[0] = q;
		memcpy(buf + 1, &number, 4);
		frames_expect("TX", &c.out, i, buf, lens[q][number]);
		seen[q]++;
	}
	for (unsigned int q = 0; q < c.queues; q++) {
		tap_u64("last completion", c.q[q].tx_done, c.q[q].tx_tail);
		tap_u64("head", card_rd(&c, card_qreg(q, TLSNIC_Q_TX_HEAD)), c.q[q].tx_tail);
	}
	card_free(&c);
}

static void random_packet(struct packet *p, uint32_t max_payload)
{
	static uint8_t payload[16384];

	memset(p, 0, offsetof(struct packet, bytes));
	p->vlan = card_rnd(&c, 3) == 0;
	p->tci = card_rnd(&c, 65536);
	p->ipv6 = card_rnd(&c, 2);
	p->proto = card_rnd(&c, 2) ? PACKET_TCP : PACKET_UDP;
	p->ip_options = card_rnd(&c, 4) ? 0 : card_rnd(&c, 11);
	p->tcp_options = card_rnd(&c, 2) ? 3 : card_rnd(&c, 11);
	card_random_bytes(&c, p->src, 32);
	p->sport = card_rnd(&c, 65536);
	p->dport = card_rnd(&c, 65536);
	p->seq = card_rnd(&c, ~0u);
	p->payload_len = card_rnd(&c, card_rnd(&c, 2) ? 100 : max_payload);
	card_random_bytes(&c, payload, p->payload_len);
	p->payload = payload;
}

static void tx_csum(void)
{
	static struct packet p;

	start(TLSNIC_CTRL_TX_ENABLE, 2048);
	for (int i = 0; i < 600 && !tap.failures; i++) {
		struct tlsnic_txd_packet d = { .flags = TLSNIC_TXF_COMPLETE | TLSNIC_TXF_CSUM };
		unsigned int n = c.out.count, q = card_rnd(&c, c.queues);
		bool insert;

		random_packet(&p, 9000);
		if (i % 8 == 7) {	/* a UDP sum of 0 is sent as ffff */
			uint32_t sum;

			p.proto = PACKET_UDP;
			p.payload_len |= 1;
			p.payload_len += 1;
			packet_build(&p);
			sum = p.bytes[p.l4 + 6] << 8 | p.bytes[p.l4 + 7];
			sum = packet_sum(p.bytes + p.data, 2, sum);
			((uint8_t *)p.payload)[0] = sum >> 8;
			((uint8_t *)p.payload)[1] = sum;
		}
		insert = p.vlan;
		p.pseudo_only = true;
		p.vlan = false;
		packet_build(&p);
		d.csum_start = p.l4;
		d.csum_offset = p.proto == PACKET_TCP ? 16 : 6;
		if (insert) {
			d.flags |= TLSNIC_TXF_VLAN;
			d.vlan_tci = p.tci;
		}
		card_send(&c, q, p.bytes, p.len, 1 + card_rnd(&c, 6), &d);
		card_ring(&c, q);
		card_settle(&c);
		p.pseudo_only = false;
		p.vlan = insert;
		packet_build(&p);
		if (i % 8 == 7)
			tap_u64("the sum is 0 and sent as", p.bytes[p.l4 + 6] << 8 | p.bytes[p.l4 + 7], 0xffff);
		/* padding to 60 bytes counts the tag; sums do not */
		memset(p.bytes + p.len, 0, 64);
		frames_expect("checksum", &c.out, n, p.bytes, p.len < 60 ? 60 : p.len);
	}
	card_free(&c);
}

struct rx_expect {
	uint16_t flags;
	uint32_t hash;
	unsigned int queue;
};

static void expect_rx(const char *what, unsigned int i, const void *data, uint32_t len, const struct rx_expect *e)
{
	const struct frame *f;

	frames_expect(what, &c.in, i, data, len);
	if (i >= c.in.count)
		return;
	f = &c.in.f[i];
	tap_u64("flags", f->cpl.flags & ~(TLSNIC_RXF_START | TLSNIC_RXF_END), e->flags);
	tap_u64("hash", f->cpl.hash, e->hash);
	tap_u64("queue", f->queue, e->queue);
	tap_u64("buffers", f->buffers, (len + c.q[f->queue].buf_len - 1) / c.q[f->queue].buf_len);
}

/* Every length, in buffers of several sizes; no field of a packet means anything here. */
static void rx_lengths(void)
{
	static const unsigned int sizes[] = { 64, 256, 1536, 2048, 9216, 16384 };
	const struct rx_expect plain = { 0 };

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		start(TLSNIC_CTRL_RX_ENABLE, sizes[s]);
		for (uint32_t len = 60; len <= (sizes[s] == 64 ? 4000 : 9216) && !tap.failures;
		     len += len < 200 ? 1 : 1 + card_rnd(&c, 300)) {
			card_rx_post(&c, 0, 64);
			card_random_bytes(&c, buf, len);
			buf[12] = 0x88;		/* no type that anybody parses */
			buf[13] = 0xb5;
			card_wire_in(&c, buf, len, false);
			card_settle(&c);
			expect_rx("RX", 0, buf, len, &plain);
			frames_clear(&c.in);
		}
		card_free(&c);
	}
}

static void rss_on(const uint8_t *key, uint32_t types)
{
	for (uint32_t i = 0; i < TLSNIC_RSS_KEY_LEN; i += 4) {
		uint32_t word;

		memcpy(&word, key + i, 4);
		card_wr(&c, TLSNIC_REG_RSS_KEY + i, word);
	}
	for (uint32_t i = 0; i < TLSNIC_RSS_TABLE_LEN; i += 4) {
		uint32_t word = 0;

		for (uint32_t k = 0; k < 4; k++)
			word |= (i + k) * 5 % c.queues << 8 * k;
		card_wr(&c, TLSNIC_REG_RSS_TABLE + i, word);
	}
	card_wr(&c, TLSNIC_REG_RSS_CTRL, types);
}

static uint32_t rss_bit(const struct packet *p)
{
	static const uint32_t bits[2][3] = {
		{ TLSNIC_RSS_IPV4, TLSNIC_RSS_TCP_IPV4, TLSNIC_RSS_UDP_IPV4 },
		{ TLSNIC_RSS_IPV6, TLSNIC_RSS_TCP_IPV6, TLSNIC_RSS_UDP_IPV6 },
	};

	return bits[p->ipv6][p->proto == PACKET_TCP ? 1 : 2];
}

static void rx_packets(bool strip)
{
	static struct packet p;
	uint8_t key[TLSNIC_RSS_KEY_LEN];
	uint64_t wrong = 0;

	start(TLSNIC_CTRL_RX_ENABLE | (strip ? TLSNIC_CTRL_VLAN_STRIP : 0), 2048);
	card_random_bytes(&c, key, sizeof(key));
	for (int i = 0; i < 800 && !tap.failures; i++) {
		uint32_t types = i % 100 ? card_rd(&c, TLSNIC_REG_RSS_CTRL) : card_rnd(&c, 64);
		bool bad_l3, bad_l4, l4, l3;
		struct rx_expect e = { 0 };
		uint32_t len;

		if (i % 100 == 0)
			rss_on(key, types);
		for (unsigned int q = 0; q < c.queues; q++)
			card_rx_post(&c, q, 64);
		random_packet(&p, 8900);
		packet_build(&p);
		bad_l3 = !p.ipv6 && card_rnd(&c, 10) == 0;
		bad_l4 = card_rnd(&c, 10) == 0;
		if (bad_l3)
			p.bytes[p.l3 + 8] ^= 1 << card_rnd(&c, 8);
		if (bad_l4 && p.payload_len)
			p.bytes[p.data + card_rnd(&c, p.payload_len)] ^= 1 << card_rnd(&c, 8);
		else
			bad_l4 = false;
		len = p.len;
		if (len < 60) {		/* padding is not part of any sum */
			card_random_bytes(&c, p.bytes + len, 60 - len);
			len = 60;
		}
		l4 = types & rss_bit(&p);
		l3 = types & (p.ipv6 ? TLSNIC_RSS_IPV6 : TLSNIC_RSS_IPV4);
		if (l4 || l3) {
			e.flags |= l4 ? TLSNIC_RXF_HASH_L4 : TLSNIC_RXF_HASH_L3;
			e.hash = packet_hash(key, &p, l4);
			e.queue = (e.hash & 127) * 5 % c.queues;
		}
		/* behind a bad header nothing is said about L4 */
		e.flags |= bad_l3 ? 0 : bad_l4 ? TLSNIC_RXF_L3_OK : TLSNIC_RXF_L3_OK | TLSNIC_RXF_L4_OK;
		wrong += bad_l3 || bad_l4;
		card_wire_in(&c, p.bytes, len, false);
		card_settle(&c);
		if (p.vlan && strip) {
			e.flags |= TLSNIC_RXF_VLAN;
			tap_u64("TCI", c.in.count ? c.in.f[0].cpl.vlan_tci : 0, p.tci);
			memmove(p.bytes + 12, p.bytes + 16, len - 16);
			len -= 4;
		}
		expect_rx("RX", 0, p.bytes, len, &e);
		frames_clear(&c.in);
		if (tap.failures)
			tap_fail("the packet: vlan %d ipv6 %d proto %d ip options %u tcp options %u payload %u bad %d %d types 0x%x",
				 p.vlan, p.ipv6, p.proto, p.ip_options, p.tcp_options, p.payload_len, bad_l3, bad_l4, types);
	}
	tap_u64("statistics: bad sums", card_stat(&c, TLSNIC_STAT_RX_CSUM_BAD), wrong);
	card_free(&c);
}

/* The Toeplitz examples that every RSS implementation is held against. */
static void rx_known_hashes(void)
{
	static const uint8_t key[TLSNIC_RSS_KEY_LEN] = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
		0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
		0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
	};
	static struct packet p = {
		.proto = PACKET_TCP, .src = { 66, 9, 149, 187 }, .dst = { 161, 142, 100, 80 },
		.sport = 2794, .dport = 1766,
	};
	const struct rx_expect l4 = {
		TLSNIC_RXF_L3_OK | TLSNIC_RXF_L4_OK | TLSNIC_RXF_HASH_L4, 0x51ccc178, (0x51ccc178 & 127) * 5 % 4
	};
	const struct rx_expect l3 = {
		TLSNIC_RXF_L3_OK | TLSNIC_RXF_L4_OK | TLSNIC_RXF_HASH_L3, 0x323e8fc2, (0x323e8fc2 & 127) * 5 % 4
	};

	start(TLSNIC_CTRL_RX_ENABLE, 2048);
	packet_build(&p);
	memset(p.bytes + p.len, 0, 64);
	for (unsigned int q = 0; q < c.queues; q++)
		card_rx_post(&c, q, 64);
	rss_on(key, TLSNIC_RSS_TCP_IPV4);
	card_wire_in(&c, p.bytes, 60, false);
	card_settle(&c);
	rss_on(key, TLSNIC_RSS_IPV4);
	card_wire_in(&c, p.bytes, 60, false);
	card_settle(&c);
	if (c.queues == 4) {
		expect_rx("hash over ports", 0, p.bytes, 60, &l4);
		expect_rx("hash over addresses", 1, p.bytes, 60, &l3);
	}
	card_free(&c);
}

static uint32_t ether_hash(const uint8_t *mac)
{
	uint32_t crc = ~0u;

	for (int i = 0; i < 6; i++)
		for (int b = 0; b < 8; b++)
			crc = crc >> 1 ^ ((crc ^ mac[i] >> b) & 1 ? 0xedb88320 : 0);
	/* as Linux' ether_crc(): the bits the other way round, its top six */
	uint32_t rev = 0;

	for (int b = 0; b < 32; b++)
		rev |= (crc >> b & 1) << (31 - b);
	return rev >> 26;
}

static bool arrives(const uint8_t *dst)
{
	unsigned int n = c.in.count;

	card_rx_post(&c, 0, 64);
	memset(buf, 0x5a, 100);
	memcpy(buf, dst, 6);
	card_wire_in(&c, buf, 100, false);
	card_settle(&c);
	if (c.in.count > n)
		frames_expect("filter", &c.in, n, buf, 100);
	return c.in.count > n;
}

static void rx_filter(void)
{
	const uint8_t own[6] = { 0x02, 0x12, 0x34, 0x56, 0x78, 0x9a }, all[6] = { 255, 255, 255, 255, 255, 255 };
	uint8_t other[6], group[6];
	uint64_t filtered = 0;

	start(TLSNIC_CTRL_RX_ENABLE, 2048);
	card_wr(&c, TLSNIC_REG_CTRL, TLSNIC_CTRL_RX_ENABLE);
	card_wr(&c, TLSNIC_REG_MAC_LO, 0x56341202);
	card_wr(&c, TLSNIC_REG_MAC_HI, 0x9a78);
	tap_u64("own", arrives(own), 1);
	tap_u64("broadcast", arrives(all), 1);
	for (int i = 0; i < 48; i++) {
		memcpy(other, own, 6);
		other[i / 8] ^= 1 << i % 8;
		tap_u64("one bit off", arrives(other), 0);
		filtered++;
	}
	for (int i = 0; i < 200 && !tap.failures; i++) {
		unsigned int bit;
		uint64_t mask = (uint64_t)card_rnd(&c, ~0u) << 32 | card_rnd(&c, ~0u);

		card_random_bytes(&c, group, 6);
		group[0] |= 1;
		bit = ether_hash(group);
		if (i % 2)
			mask = 1ull << bit;
		card_wr(&c, TLSNIC_REG_MCAST_LO, mask);
		card_wr(&c, TLSNIC_REG_MCAST_HI, mask >> 32);
		tap_u64("multicast by its hash", arrives(group), mask >> bit & 1);
		filtered += !(mask >> bit & 1);
	}
	tap_u64("statistics: filtered", card_stat(&c, TLSNIC_STAT_RX_FILTERED), filtered);
	card_wr(&c, TLSNIC_REG_MCAST_LO, 0);
	card_wr(&c, TLSNIC_REG_MCAST_HI, 0);
	card_wr(&c, TLSNIC_REG_CTRL, TLSNIC_CTRL_RX_ENABLE | TLSNIC_CTRL_ALLMULTI);
	tap_u64("all multicast", arrives(group), 1);
	tap_u64("but not for others", arrives(other), 0);
	card_wr(&c, TLSNIC_REG_CTRL, TLSNIC_CTRL_RX_ENABLE | TLSNIC_CTRL_PROMISC);
	tap_u64("promiscuous", arrives(other), 1);
	card_wr(&c, TLSNIC_REG_CTRL, TLSNIC_CTRL_PROMISC);
	tap_u64("RX off", arrives(own), 0);
	card_free(&c);
}

static void rx_drops(void)
{
	uint64_t long_ones = 0, bad = 0;

	start(TLSNIC_CTRL_RX_ENABLE, 2048);
	card_wr(&c, TLSNIC_REG_MAX_FRAME, 1518);
	for (int i = 0; i < 100 && !tap.failures; i++) {
		uint32_t len = i < 20 ? 1510u + i : 60 + card_rnd(&c, 9000);
		bool damaged = card_rnd(&c, 3) == 0;
		unsigned int n = c.in.count;

		card_rx_post(&c, 0, 64);
		card_random_bytes(&c, buf, len);
		buf[12] = 0x88;
		buf[13] = 0xb5;
		card_wire_in(&c, buf, len, damaged);
		card_settle(&c);
		tap_u64("arrived", c.in.count, n + (!damaged && len <= 1518));
		if (!damaged && len <= 1518)
			frames_expect("RX", &c.in, n, buf, len);
		bad += damaged;
		long_ones += !damaged && len > 1518;
	}
	tap_u64("statistics: bad", card_stat(&c, TLSNIC_STAT_RX_BAD), bad);
	tap_u64("statistics: too long", card_stat(&c, TLSNIC_STAT_RX_TOO_LONG), long_ones);

	/* no room: exactly the buffers that are posted are used */
	card_wr(&c, TLSNIC_REG_MAX_FRAME, 9216);
	card_reset(&c);
	frames_clear(&c.in);
	card_queue_on(&c, 0, 6, 6, 7, 1024);
	card_enable(&c, TLSNIC_CTRL_RX_ENABLE);
	card_rx_post(&c, 0, 5);
	for (int i = 0; i < 4; i++) {
		memset(buf, i, 2000);
		card_wire_in(&c, buf, 2000, false);
		card_settle(&c);
	}
	tap_u64("two of two buffers each", c.in.count, 2);
	memset(buf, 9, 700);
	card_wire_in(&c, buf, 700, false);
	card_settle(&c);
	tap_u64("and one of one", c.in.count, 3);
	frames_expect("RX", &c.in, 2, buf, 700);
	tap_u64("statistics: no buffer", card_stat(&c, TLSNIC_STAT_RX_NO_BUFFER), 2);
	card_free(&c);
}

static void statistics(void)
{
	static const uint32_t edges[] = { 60, 61, 123, 124, 251, 252, 507, 508, 1019, 1020, 1514, 1515, 9000 };
	static const unsigned int bins[] = {
		TLSNIC_STAT_TX_LE_64, TLSNIC_STAT_TX_65_127, TLSNIC_STAT_TX_65_127, TLSNIC_STAT_TX_128_255,
		TLSNIC_STAT_TX_128_255, TLSNIC_STAT_TX_256_511, TLSNIC_STAT_TX_256_511, TLSNIC_STAT_TX_512_1023,
		TLSNIC_STAT_TX_512_1023, TLSNIC_STAT_TX_1024_1518, TLSNIC_STAT_TX_1024_1518, TLSNIC_STAT_TX_GE_1519,
		TLSNIC_STAT_TX_GE_1519,
	};
	uint64_t want[TLSNIC_STAT_COUNT] = { 0 };
	const unsigned int rx = TLSNIC_STAT_RX_FRAMES - TLSNIC_STAT_TX_FRAMES;

	start(TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE | TLSNIC_CTRL_LOOPBACK, 2048);
	for (int i = 0; i < 100; i++) {
		unsigned int e = i % (sizeof(edges) / sizeof(edges[0]));

		card_rx_post(&c, 0, 64);
		memset(buf, i % 3 == 2 ? 0xff : 0, 64);
		buf[0] = i % 3 == 1 ? 1 : buf[0];
		card_send(&c, 0, buf, edges[e], 1, NULL);
		card_ring(&c, 0);
		card_settle(&c);
		for (unsigned int side = 0; side <= rx; side += rx) {
			want[side + TLSNIC_STAT_TX_FRAMES]++;
			want[side + TLSNIC_STAT_TX_BYTES] += edges[e];
			want[side + bins[e]]++;
			want[side + TLSNIC_STAT_TX_MCAST] += i % 3 == 1;
			want[side + TLSNIC_STAT_TX_BCAST] += i % 3 == 2;
		}
	}
	for (unsigned int s = 0; s < TLSNIC_STAT_COUNT; s++) {
		uint64_t got = card_stat(&c, s);

		if (got != want[s])
			tap_fail("statistic %u: expected %llu, got %llu", s, (unsigned long long)want[s],
				 (unsigned long long)got);
	}
	tap_u64("nothing on the wire in loopback", c.out.count, 0);
	card_free(&c);
}

static void loopback(void)
{
	static uint8_t sent[300][4096];
	uint32_t lens[300];
	unsigned int n = 0;

	start(TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE | TLSNIC_CTRL_LOOPBACK, 512);
	while (n < 300 && !tap.failures) {
		for (int k = 0; k < 6 && n < 300; k++, n++) {
			lens[n] = 60 + card_rnd(&c, card_rnd(&c, 3) ? 400 : 4000);
			card_random_bytes(&c, sent[n], lens[n]);
			sent[n][12] = 0x88;
			card_send(&c, n % c.queues, sent[n], lens[n], 1 + card_rnd(&c, 3), NULL);
		}
		card_rx_post(&c, 0, 64);
		for (unsigned int q = 0; q < c.queues; q++)
			card_ring(&c, q);
		card_settle(&c);
	}
	tap_u64("frames", c.in.count, 300);
	/* queues take turns: look each frame up */
	for (unsigned int i = 0; i < c.in.count; i++) {
		unsigned int k = 0;

		while (k < 300 && (lens[k] != c.in.f[i].len || memcmp(sent[k], c.in.f[i].data, lens[k])))
			k++;
		if (k == 300)
			tap_fail("frame %u was never sent", i);
		else
			lens[k] = 0;
	}
	card_free(&c);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("registers", registers());
	TAP_RUN("TX: lengths and segments", tx_lengths());
	TAP_RUN("TX: all queues at once", tx_queues());
	TAP_RUN("TX: checksums and VLAN tags", tx_csum());
	TAP_RUN("RX: lengths and buffers", rx_lengths());
	TAP_RUN("RX: checksums and hashes", rx_packets(false));
	TAP_RUN("RX: the same with VLAN stripping", rx_packets(true));
	TAP_RUN("RX: known hashes", rx_known_hashes());
	TAP_RUN("RX: filter", rx_filter());
	TAP_RUN("RX: drops", rx_drops());
	TAP_RUN("loopback", loopback());
	TAP_RUN("statistics", statistics());
	return tap_end();
}
