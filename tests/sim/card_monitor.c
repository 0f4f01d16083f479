// SPDX-License-Identifier: BSD-2-Clause
//
// The wire monitor: that it looks at all there is in ordinary traffic, and that it finds what
// must not be. What is wrong here is what the host posts, or bytes changed between the
// card and the monitor; tests/dpdk/planted has what the card itself may do wrong.

#include "../common/be64.h"
#include "card_tls.h"

static struct card c;
static struct tls_conn t;
static struct packet packet;

static const uint8_t versions[] = { TLSNIC_TLS_1_2, TLSNIC_TLS_1_3 };

/* held: bytes of records that the monitor may hold, 0: as ever */
static void start_with(uint8_t version, uint8_t cipher, size_t held)
{
	struct tlsnic_sim_options opt = { .seed = tap.seed, .monitor_bytes = held };

	card_new(&c, &opt);
	for (unsigned int q = 0; q < c.queues; q++)
		card_queue_on(&c, q, 8, 6, 10, 2048);
	card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
	tls_conn_init(&c, &t, version, cipher, 5, 4000, 0);
}

static void start(uint8_t version, uint8_t cipher)
{
	start_with(version, cipher, 0);
}

static void settle(void)
{
	card_ring(&c, 0);
	card_settle(&c);
}

static const struct tlsnic_sim_stats *stats(void)
{
	return tlsnic_sim_stats(c.sim);
}

static void finish(void)
{
	settle();
	tap_u64("frames that the monitor saw", stats()->monitor_frames, stats()->wire_tx_frames);
	tls_conn_free(&t);
	card_free(&c);
}

/* The monitor must have found something since the last time, which has these words in it; NULL: nothing. */
static void found(const char *what, const char *words)
{
	settle();
	tap_u64("status", c.last_tx.status, TLSNIC_STATUS_OK);
	if (!words && c.violations)
		tap_fail("%s: no violation, but found: %s", what, c.violation);
	else if (words && !c.violations)
		tap_fail("%s: nothing found, expected '%s'", what, words);
	else if (words && !strstr(c.violation, words))
		tap_fail("%s: expected '%s', found: %s", what, words, c.violation);
	c.violations = 0;
}

struct how {
	bool host;		/* sealed by the host: not marked */
	bool vlan;
	uint16_t mss;
	const struct tlsnic_txd_seek *seek;
	const uint8_t *bytes;	/* instead of those of the stream */
};

/* Posts bytes of the stream, from any place. */
static void send(uint32_t at, uint32_t len, const struct how *how)
{
	struct tlsnic_txd_packet d = { .flags = TLSNIC_TXF_COMPLETE | TLSNIC_TXF_CSUM };

	memset(&packet, 0, offsetof(struct packet, bytes));
	packet.ipv6 = t.ipv6;
	packet.proto = PACKET_TCP;
	memcpy(packet.src, "\x0a\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16);
	memcpy(packet.dst, "\x0a\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f", 16);
	packet.sport = t.port;
	packet.dport = 443;
	packet.seq = t.ref.ctx.seq + at;
	packet.payload = how->bytes ? how->bytes : (how->host ? t.ref.wire : t.ref.down) + at;
	packet.payload_len = len;
	packet.pseudo_only = true;
	packet_build(&packet);
	if (how->mss)		/* as TSO wants it: without the length */
		*(uint16_t *)(packet.bytes + packet.l4 + 16) = 0;
	d.csum_start = packet.l4;
	d.csum_offset = 16;
	d.mss = how->mss;
	d.l3_start = how->mss ? packet.l3 : 0;
	if (!how->host) {
		d.flags |= TLSNIC_TXF_TLS;
		d.ctx = t.ref.ctx.ctx;
		d.seq = packet.seq;
		d.stream_offset = packet.data;
	}
	if (how->vlan) {
		d.flags |= TLSNIC_TXF_VLAN;
		d.vlan_tci = 0x2345;
	}
	if (how->seek)
		card_slot(&c, t.queue, how->seek);
	card_send(&c, t.queue, packet.bytes, packet.len, 1 + card_rnd(&c, 4), &d);
}

static const struct how card = { 0 }, host = { .host = true };

static void all(uint32_t mss)
{
	for (uint32_t at = 0; at < t.ref.len; at += mss) {
		if (card_tx_room(&c, 0) < 20)
			settle();
		send(at, t.ref.len - at < mss ? t.ref.len - at : mss, &card);
	}
	settle();
}

// ---- what is right ------------------------------------------------------------

static void ordinary(void)
{
	static const uint32_t lens[] = { 0, 1, 15, 16, 300, 5000, 16384, 40000, 20 };

	for (int v = 0; v < 2; v++)
		for (int cipher = 1; cipher <= 2; cipher++)
			for (uint32_t mss = 63; mss < 9000; mss *= 5) {
				uint64_t text = 0;

				start(versions[v], cipher);
				for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
					tls_conn_record(&c, &t, lens[i]);
					text += lens[i] + v;
				}
				tls_conn_write_ctx(&c, &t);
				all(mss);
				/* all of it once more, by the host */
				for (uint32_t at = 0; at < t.ref.len; at += 1400) {
					if (card_tx_room(&c, 0) < 20)
						settle();
					send(at, t.ref.len - at < 1400 ? t.ref.len - at : 1400, &host);
				}
				found("ordinary traffic", NULL);
				tap_u64("bytes verified", stats()->monitor_bytes, text);
				tap_u64("bytes of the host", stats()->monitor_host_bytes, text);
				tap_u64("tags verified", stats()->monitor_tags, 2 * sizeof(lens) / sizeof(lens[0]));
				tap_u64("unverified", stats()->monitor_unverified_bytes, 0);
				tap_u64("forgotten", stats()->monitor_forgotten_bytes, 0);
				finish();
			}
}

/* The host goes on where the card stopped, and leaves a hole that it fills later. */
static void taken_over(void)
{
	for (int v = 0; v < 2; v++) {
		start(versions[v], 1);
		c.may_violate = true;
		for (int i = 0; i < 6; i++)
			tls_conn_record(&c, &t, 1000);
		tls_conn_write_ctx(&c, &t);
		send(0, 1500, &card);
		send(1500, 1000, &host);
		found("host goes on", NULL);
		tap_u64("unverified", stats()->monitor_unverified_bytes, 0);
		send(3500, 1000, &host);
		found("host leaves a hole", NULL);
		tap_u64("unverified", stats()->monitor_unverified_bytes, 1000);
		send(2500, 1000, &host);
		send(3500, t.ref.len - 3500, &host);
		found("host fills it", NULL);
		tap_u64("unverified", stats()->monitor_unverified_bytes, 1000);
		tap_u64("tags", stats()->monitor_tags, 6);
		t.ref.wire[t.ref.len - 1] ^= 1;
		send(t.ref.len - 100, 100, &host);
		found("a tag that is wrong", "tag byte 15 of record");
		finish();
	}
}

/* A packet that never leaves uses no keystream, whatever was in it. */
static void dropped(void)
{
	uint8_t other[1000];

	start(TLSNIC_TLS_1_3, 2);
	tls_conn_record(&c, &t, 3000);
	memcpy(other, t.ref.down, 1000);
	memset(other + 5, 0x55, 995);
	tls_conn_write_ctx(&c, &t);
	c.fail_from = CARD_MEM_BASE + CARD_MEM_SIZE - (16u << 20);
	c.fail_to = CARD_MEM_BASE + CARD_MEM_SIZE;
	send(0, 1000, &(struct how){ .bytes = other });
	settle();
	tap_u64("status", c.last_tx.status, TLSNIC_STATUS_DMA);
	c.fail_from = c.fail_to = 0;
	tls_conn_write_ctx(&c, &t);
	all(1448);
	found("after a failed read", NULL);
	send(100, 1000, &(struct how){ .bytes = other });
	settle();
	tap_u64("status", c.last_tx.status, TLSNIC_STATUS_TLS_SEQ);
	c.last_tx.status = 0;
	found("after another packet was refused", NULL);
	finish();
}

static void loopback(void)
{
	start(TLSNIC_TLS_1_2, 1);
	card_enable(&c, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_LOOPBACK);
	tls_conn_record(&c, &t, 5000);
	tls_conn_write_ctx(&c, &t);
	all(1000);
	found("loopback", NULL);
	tap_u64("bytes verified", stats()->monitor_bytes, 5000);
	tap_u64("frames", stats()->monitor_frames, 6);
	card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
	tls_conn_free(&t);
	card_free(&c);
}

// ---- what is not ------------------------------------------------------------------

/* The same record number with other plaintext, as a driver that counts wrongly would have it. */
static void reuse(void)
{
	for (int i = 0; i < 10; i++) {
		uint32_t at, head;

		start(versions[i % 2], 1 + i % 2);
		head = i % 2 ? 5 : 13;
		c.may_violate = true;
		tls_conn_record(&c, &t, 2000);
		tls_conn_record(&c, &t, 100);
		tls_conn_write_ctx(&c, &t);
		send(0, 1500, &card);
		found("the first time", NULL);
		switch (i / 2) {
		case 0: break;
		case 1: t.ref.ctx.ctx++; break;
		case 2:
			card_reset(&c);
			card_queue_on(&c, 0, 8, 6, 10, 2048);
			card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
			break;
		case 3:
			tlsnic_sim_reset(c.sim);
			c.q[0].on = false;
			while (!(card_rd(&c, TLSNIC_REG_STATUS) & TLSNIC_STATUS_READY))
				;
			card_queue_on(&c, 0, 8, 6, 10, 2048);
			card_enable(&c, TLSNIC_CTRL_TX_ENABLE);
			break;
		case 4: card_ctx_delete(&c, 0, 5); break;
		}
		tls_conn_write_ctx(&c, &t);
		send(0, 700, &card);
		found("the same once more", NULL);
		at = head + (i < 5 ? 700 : 1000);
		t.ref.down[at] ^= 0x20;
		send(700, 700, &card);
		found("another plaintext", "keystream is used twice");
		finish();
	}
}

static void length(void)
{
	start(TLSNIC_TLS_1_3, 1);
	c.may_violate = true;
	tls_conn_record(&c, &t, 500);
	tls_conn_write_ctx(&c, &t);
	send(0, 100, &card);
	found("the first time", NULL);
	t.ref.down[4]++;
	tls_conn_write_ctx(&c, &t);
	send(0, 100, &card);
	found("another length", "type or length of a record");
	finish();
}

/* Packets that are not marked on a connection that is. */
static void by_the_host(void)
{
	for (int v = 0; v < 2; v++) {
		uint32_t head = v ? 5 : 13;

		start(versions[v], 1);
		c.may_violate = true;
		tls_conn_record(&c, &t, 3000);
		tls_conn_record(&c, &t, 3000);
		tls_conn_write_ctx(&c, &t);
		all(1448);
		send(500, 1000, &host);
		found("a retransmission", NULL);
		send(500, 1000, &(struct how){ .host = true, .bytes = t.ref.down + 500 });
		found("plaintext", "stands unencrypted");
		t.ref.wire[600] ^= 1;
		send(500, 1000, &host);
		found("a byte that is wrong", "sealed by the host: byte");
		t.ref.wire[600] ^= 1;
		t.ref.wire[3]++;
		send(0, head + 10, &host);
		found("a header that is wrong", "wrong type or length of a record");
		t.ref.wire[3]--;
		send(0, t.ref.len, &host);
		found("all of it", NULL);
		finish();
	}
}

static struct {
	uint32_t at;
	uint8_t flip;
	const uint8_t *plain;		/* laid over the frame from at on */
	uint32_t plain_len;
	unsigned int skip;		/* frames */
} fault;

static void spoil(struct card *card_, uint8_t *frame, size_t len)
{
	if (fault.skip) {
		fault.skip--;
		return;
	}
	frame[fault.at] ^= fault.flip;
	if (fault.plain)
		memcpy(frame + fault.at, fault.plain, fault.plain_len);
}

/* What a card might do wrong, done to its frames on the way. */
static void wrong_frames(void)
{
	for (int v = 0; v < 2; v++)
		for (int vlan = 0; vlan < 2; vlan++) {
			uint32_t head = v ? 5 : 13, data, end;
			struct how how = { .vlan = vlan };
			const struct {
				uint32_t at;
				const char *words;
			} cases[] = {
				{ 0, "byte 0 of the frame" },
				{ 30, "byte 30 of the frame" },
				{ 1000, "of the header of record" },
				{ 1000 + head - 1, "of the header of record" },
				{ 1000 + head, "byte 0 of the ciphertext of record" },
				{ 1000 + head + 299 + v, "of the ciphertext of record" },
				{ 1000 + head + 300 + v, "byte 0 of the tag of record" },
				{ 1000 + head + 300 + v + 15, "byte 15 of the tag of record" },
			};

			start(versions[v], 1 + v);
			c.may_violate = true;
			c.wire_fault = spoil;
			for (int i = 0; i < 40; i++)
				tls_conn_record(&c, &t, 300);
			end = head + 300 + v + 16;
			tls_conn_write_ctx(&c, &t);
			for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
				memset(&fault, 0, sizeof(fault));
				send(i * end, end, &how);
				data = packet.data + 4 * vlan;
				fault.at = cases[i].at < 1000 ? cases[i].at : cases[i].at - 1000 + data;
				fault.flip = 1 << card_rnd(&c, 8);
				found("a byte that was changed", cases[i].words);
			}
			/* as if it had not been encrypted */
			memset(&fault, 0, sizeof(fault));
			send(8 * end, end, &how);
			fault.at = data + head;
			fault.plain = t.ref.down + 8 * end + head;
			fault.plain_len = 300;
			found("plaintext", "which stands unencrypted");
			/* as with the key and nonce of the record before */
			send(9 * end, end, &how);
			fault.plain = t.ref.wire + 8 * end + head;
			found("another keystream", "of the ciphertext of record");
			memset(&fault, 0, sizeof(fault));
			send(10 * end, 4 * end, &how);
			found("frames that are right again", NULL);
			/* one without TLS */
			fault.at = 70;
			fault.flip = 1;
			card_send(&c, 0, "\2\2\2\2\2\2\2\2\2\2\2\2\x88\x88payload payload payload payload payload payload", 60 + 12, 1,
				  &(struct tlsnic_txd_packet){ .flags = TLSNIC_TXF_COMPLETE });
			found("a packet without TLS", "byte 70 of the frame");
			c.wire_fault = NULL;
			finish();
		}
}

// ---- seeks and segments ---------------------------------------------------------------

static struct tlsnic_txd_seek seek_to(uint32_t record, uint32_t whole, uint32_t offset, uint8_t flags)
{
	struct tlsnic_txd_seek k = { .op = TLSNIC_TXD_SEEK, .flags = flags, .offset = offset };
	const uint8_t *h = t.ref.down + record * whole;

	k.rec_len = h[3] << 8 | h[4];
	k.rec_type = h[0];
	put64(k.rec_sn, get64(t.ref.ctx.rec_sn) + record);
	if (flags & TLSNIC_SEEK_TAG)
		memcpy(k.tag, t.ref.wire + (record + 1) * whole - 16, 16);
	return k;
}

static void seeks(void)
{
	for (int v = 0; v < 2; v++) {
		uint32_t head = v ? 5 : 13, whole = head + 1000 + v + 16;
		struct tlsnic_txd_seek k;
		uint64_t packets;
		uint8_t bad[100];

		start(versions[v], 1 + v);
		c.may_violate = true;
		for (int i = 0; i < 12; i++)
			tls_conn_record(&c, &t, 1000);
		tls_conn_write_ctx(&c, &t);
		send(0, 4 * whole, &card);
		found("in sequence", NULL);
		/* one that is to go on, and meets no record: the context stays where it was */
		memcpy(bad, t.ref.down + whole, sizeof(bad));
		bad[1] ^= 1;
		k = seek_to(1, whole, 0, TLSNIC_SEEK_CONTINUE);
		send(whole, sizeof(bad), &(struct how){ .seek = &k, .bytes = bad });
		settle();
		tap_u64("status", c.last_tx.status, TLSNIC_STATUS_TLS_RECORD);
		c.last_tx.status = 0;
		send(4 * whole, whole, &card);
		found("a seek that fails", NULL);
		packets = stats()->monitor_tls_packets;
		for (uint32_t off = 0; off < whole; off += 1 + card_rnd(&c, 60)) {
			k = seek_to(1, whole, off, TLSNIC_SEEK_TAG);
			send(whole + off, 1 + card_rnd(&c, 2 * whole - off), &(struct how){ .seek = &k });
			packets++;
		}
		found("retransmissions", NULL);
		tap_u64("packets", stats()->monitor_tls_packets, packets);
		tap_u64("unverified", stats()->monitor_unverified_bytes, 0);
		/* behind what has left: the tag cannot be known */
		k = seek_to(8, whole, 500, TLSNIC_SEEK_TAG);
		send(8 * whole + 500, whole, &(struct how){ .seek = &k });
		found("ahead", NULL);
		tap_u64("unverified", stats()->monitor_unverified_bytes, 16);
		/* and goes on there */
		k = seek_to(6, whole, 2, TLSNIC_SEEK_CONTINUE);
		send(6 * whole + 2, whole, &(struct how){ .seek = &k });
		send(7 * whole + 2, 2 * whole, &card);
		found("a seek that continues", NULL);
		/* a tag that is not the record's */
		k = seek_to(2, whole, 900, TLSNIC_SEEK_TAG);
		k.tag[3] ^= 4;
		send(2 * whole + 900, whole - 900, &(struct how){ .seek = &k });
		found("a wrong tag", "byte 3 of the tag of record");
		/* record numbers of records that have left, for bytes of others */
		k = seek_to(2, whole, 100, 0);
		send(3 * whole + 100, 500, &(struct how){ .seek = &k });
		found("the record number before", "keystream is used twice");
		/* and of one that has not */
		k = seek_to(11, whole, 100, 0);
		send(3 * whole + 100, 500, &(struct how){ .seek = &k });
		found("a record number to come", "but it has left as the beginning of record");
		finish();
	}
}

static void segments(void)
{
	for (int v = 0; v < 2; v++) {
		uint32_t head = v ? 5 : 13;

		start(versions[v], 2);
		c.may_violate = true;
		c.wire_fault = spoil;
		memset(&fault, 0, sizeof(fault));
		for (int i = 0; i < 16; i++)
			tls_conn_record(&c, &t, 3000);
		tls_conn_write_ctx(&c, &t);
		send(0, 15000, &(struct how){ .mss = 1000 });
		found("segments", NULL);
		tap_u64("frames", stats()->monitor_frames, 15);
		send(15000, 15000, &(struct how){ .mss = 1400 });
		fault.skip = 3;
		fault.at = packet.data + 7;
		fault.flip = 1;
		found("a byte of the fourth", "of the ciphertext of record");
		memset(&fault, 0, sizeof(fault));
		send(head, 12000, &(struct how){ .host = true, .mss = 1400 });
		found("by the host", NULL);
		c.wire_fault = NULL;
		finish();
	}
}

/*
 * A packet that the host has sealed up to the next record, and whose read fails ahead of that: what did not leave is
 * not looked at.
 */
static void failing_front(void)
{
	const uint32_t whole = 5 + 3001 + 16, from = whole + 100, front = whole - 100;
	struct card_packet p = { .segs = 2 };
	struct tlsnic_txd_ctx ctx;

	start(TLSNIC_TLS_1_3, 1);
	for (int i = 0; i < 4; i++)
		tls_conn_record(&c, &t, 3000);
	tls_conn_write_ctx(&c, &t);
	send(0, whole + 100, &card);
	ctx = t.ref.ctx;
	ctx.seq += 2 * whole;
	put64(ctx.rec_sn, get64(ctx.rec_sn) + 2);
	card_ctx_write(&c, 0, &ctx, t.ref.key);
	found("in sequence", NULL);
	memset(&packet, 0, offsetof(struct packet, bytes));
	packet.ipv6 = t.ipv6;
	packet.proto = PACKET_TCP;
	memcpy(packet.src, "\x0a\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16);
	memcpy(packet.dst, "\x0a\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f", 16);
	packet.sport = t.port;
	packet.dport = 443;
	packet.seq = t.ref.ctx.seq + from;
	packet.payload = t.ref.wire + from;
	packet.payload_len = 2 * whole - 100;
	packet.pseudo_only = true;
	packet_build(&packet);
	memcpy(packet.bytes + packet.data + front, t.ref.down + from + front, whole);
	*(uint16_t *)(packet.bytes + packet.l4 + 16) = 0;
	p.d = (struct tlsnic_txd_packet){
		.flags = TLSNIC_TXF_COMPLETE | TLSNIC_TXF_CSUM | TLSNIC_TXF_TLS, .csum_start = packet.l4, .csum_offset = 16, .mss = 500,
		.l3_start = packet.l3, .ctx = ctx.ctx, .seq = packet.seq + front, .stream_offset = packet.data + front,
	};
	p.len[0] = packet.data + 1200;
	p.len[1] = packet.len - p.len[0];
	p.addr[0] = card_pool(&c, packet.bytes, p.len[0], 0);
	p.addr[1] = card_pool(&c, packet.bytes + p.len[0], p.len[1], 0);
	c.fail_from = p.addr[1];
	c.fail_to = p.addr[1] + p.len[1];
	card_packet(&c, 0, &p);
	settle();
	tap_u64("status", c.last_tx.status, TLSNIC_STATUS_DMA);
	c.last_tx.status = 0;
	c.fail_from = c.fail_to = 0;
	found("two frames of it", NULL);
	tap_u64("bytes of the host", stats()->monitor_host_bytes, 1000);
	finish();
}

// ---- bounds -----------------------------------------------------------------------------

/* What is held of records has an end. The oldest go; that their nonces were used is counted, and no more is known of them. */
static void bounded(void)
{
	enum { RECORDS = 400, LEN = 1000, HELD = 100000 };

	for (int v = 0; v < 2; v++) {
		const uint32_t head = v ? 5 : 13, whole = head + LEN + v + 16;
		struct tlsnic_txd_seek k;

		start_with(versions[v], 1 + v, HELD);
		c.may_violate = true;
		for (int i = 0; i < RECORDS; i++)
			tls_conn_record(&c, &t, LEN);
		tls_conn_write_ctx(&c, &t);
		all(1448);
		found("more than is held", NULL);
		tap_u64("bytes verified", stats()->monitor_bytes, RECORDS * (LEN + v));
		tap_u64("tags verified", stats()->monitor_tags, RECORDS);
		tap_u64("forgotten", stats()->monitor_forgotten_bytes, 0);
		if (stats()->monitor_held_bytes > HELD || stats()->monitor_held_bytes < HELD / 2)
			tap_fail("%llu bytes are held of %u that may be", (unsigned long long)stats()->monitor_held_bytes, HELD);
		/* one of the last, with another plaintext */
		k = seek_to(RECORDS - 3, whole, head, 0);
		send((RECORDS - 3) * whole + head, 500, &(struct how){ .seek = &k });
		found("one that is held", NULL);
		tap_u64("forgotten", stats()->monitor_forgotten_bytes, 0);
		send((RECORDS - 2) * whole + head, 500, &(struct how){ .seek = &k });
		found("another plaintext", "keystream is used twice");
		/* one of the first: what it was nobody knows any more */
		k = seek_to(2, whole, head, 0);
		send(2 * whole + head, 500, &(struct how){ .seek = &k });
		found("one that is forgotten", NULL);
		tap_u64("forgotten", stats()->monitor_forgotten_bytes, 500);
		send(3 * whole + head, 300, &(struct how){ .seek = &k });
		found("which is held again", "keystream is used twice");
		/* of the host, too */
		send(10 * whole, 1000, &host);
		found("by the host", NULL);
		tap_u64("unverified", stats()->monitor_unverified_bytes, 1000);
		if (stats()->monitor_held_bytes > HELD)
			tap_fail("%llu bytes are held of %u that may be", (unsigned long long)stats()->monitor_held_bytes, HELD);
		finish();
	}
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("ordinary traffic", ordinary());
	TAP_RUN("the host goes on where the card stopped", taken_over());
	TAP_RUN("packets that do not leave", dropped());
	TAP_RUN("loopback", loopback());
	TAP_RUN("a keystream used twice", reuse());
	TAP_RUN("another length under a nonce", length());
	TAP_RUN("packets that the host seals", by_the_host());
	TAP_RUN("frames that were changed", wrong_frames());
	TAP_RUN("seeks", seeks());
	TAP_RUN("packets that are cut", segments());
	TAP_RUN("a packet of the host's bytes that fails", failing_front());
	TAP_RUN("no more memory than it may have", bounded());
	return tap_end();
}
