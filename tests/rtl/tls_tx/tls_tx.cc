// SPDX-License-Identifier: BSD-2-Clause
//
// tls_tx against libcrypto: record streams of TLS 1.2 and 1.3, cut into packets
// anywhere, and every way to be refused. TLSNIC_STREAMS sets how many random
// streams there are.

#include "cases.h"

/* ---- packets without TLS ---------------------------------------------------- */

static void test_plain()
{
	Bench b(tap.seed);

	for (size_t len = 1; len <= 300; len++)
		b.plain(len);
	b.plain(9216);
	b.plain(64, TLSNIC_STATUS_DMA);
	b.plain(1, TLSNIC_STATUS_DESC);
	b.gap_in = 3;
	b.gap_out = 2;
	for (int i = 0; i < 200; i++)
		b.plain(1 + b.r.below(400), b.r.one_in(8) ? TLSNIC_STATUS_DMA : 0);
	b.finish();
}

/* ---- cuts ------------------------------------------------------------------- */

/* Three short records in three packets, cut at every pair of places. */
static void test_cuts()
{
	Bench b(tap.seed);
	Conn c;

	for (int kind = 0; kind < 4; kind++) {
		kinds(c, b.r, 3, kind);
		c.add_record(b.r, 33);
		c.add_record(b.r, 0);
		c.add_record(b.r, 1);
		size_t total = c.clear.size();

		for (size_t i = 0; i < total; i++) {
			for (size_t j = i + 1; j <= total; j++) {
				b.write(c);
				c.at = 0;
				if (i)
					b.send(c, i, b.r.range(header_min, header_max));
				b.send(c, j - i, b.r.range(header_min, header_max));
				if (j < total)
					b.send(c, total - j, b.r.range(header_min, header_max));
			}
			b.run(8);
			if (tap.failures)
				return;
		}
	}
	b.finish();
}

/* Each record size of the project's list, alone and in MSS-sized packets. */
static void test_sizes()
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 100, 1400, 4096, 16383, 16384 };
	static const size_t mss[] = { 536, 1448, 8948 };
	Bench b(tap.seed);
	Conn c;

	for (int kind = 0; kind < 4; kind++) {
		for (size_t m : mss) {
			kinds(c, b.r, 5, kind);
			for (int twice = 0; twice < 2; twice++)
				for (size_t n : sizes)
					c.add_record(b.r, n);
			b.write(c);
			while (c.left())
				b.send(c, c.left() < m ? c.left() : m);
			b.run(4);
		}
	}
	b.finish();
}

/* The longest record that the length field can name. */
static void test_longest()
{
	Bench b(tap.seed);
	Conn c;

	for (int kind = 0; kind < 4; kind++) {
		kinds(c, b.r, 1, kind);
		c.add_record(b.r, 65535 - (kind & 1 ? 17 : 24));
		c.add_record(b.r, 32755);
		c.add_record(b.r, 5);
		b.write(c);
		while (c.left())
			b.send(c, c.left() < 8948 ? c.left() : 8948);
	}
	b.finish();
}

/* As many records as a packet holds, the shortest there are. */
static void test_many_records()
{
	Bench b(tap.seed);
	Conn c;

	for (int kind = 0; kind < 4; kind++) {
		kinds(c, b.r, 2, kind);
		for (int i = 0; i < 700; i++)
			c.add_record(b.r, 0);
		b.write(c);
		while (c.left())
			b.send(c, c.left() < 9150 ? c.left() : 9150);
	}
	b.finish();
}

static void test_carries()
{
	static const uint8_t numbers[][8] = {
		{ 0, 0, 0, 0, 0, 0, 0, 0xff },
		{ 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe },
		{ 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe },
	};
	Bench b(tap.seed);
	Conn c;

	for (int kind = 0; kind < 4; kind++) {
		for (auto &sn : numbers) {
			for (auto &iv : numbers) {
				kinds(c, b.r, 7, kind);
				memcpy(c.rec_sn, sn, 8);
				memcpy(c.iv, iv, 8);
				c.restart();
				for (int i = 0; i < 6; i++)
					c.add_record(b.r, 20);
				b.write(c);
				while (c.left())
					b.send(c, c.left() < 100 ? c.left() : 100);
			}
		}
	}
	b.finish();
}

static void test_seq_wrap()
{
	Bench b(tap.seed);
	Conn c;

	for (uint32_t before = 1; before < 200; before++) {
		kinds(c, b.r, before % CONTEXTS, (int)(before % 4));
		c.seq0 = 0u - before;
		c.add_record(b.r, 300);
		b.write(c);
		b.send(c, 99);
		b.send(c, 1);
		b.send(c, c.left());
	}
	b.finish();
}

/* ---- packets that must not leave -------------------------------------------- */

static void test_seq()
{
	Bench b(tap.seed);
	Conn c;

	for (int kind = 0; kind < 4; kind++) {
		kinds(c, b.r, 9, kind);
		for (int i = 0; i < 8; i++)
			c.add_record(b.r, 400);
		b.write(c);
		while (c.left()) {
			size_t n = c.left() < 333 ? c.left() : 333;
			Packet p = b.segment(c, n, 66);

			/* the context is left alone, whatever comes */
			for (uint32_t d : { 1u, 0u - 1, 1u << 31, 0u - 333 }) {
				p.seq = c.seq() + d;
				b.refuse(p, TLSNIC_STATUS_TLS_SEQ);
			}
			b.send(c, n);
		}
	}
	b.finish();
}

static void test_no_context()
{
	Bench b(tap.seed);
	Conn c;

	for (int kind = 0; kind < 4; kind++) {
		kinds(c, b.r, (uint32_t)kind, kind);
		c.add_record(b.r, 500);
		/* never written */
		b.refuse(b.segment(c, 200, 66), TLSNIC_STATUS_TLS_CTX);
		/* out of range, by one bit each */
		b.write(c);
		for (int bit = 4; bit < 32; bit++) {
			Packet p = b.segment(c, 200, 66);

			p.ctx |= 1u << bit;
			b.refuse(p, TLSNIC_STATUS_TLS_CTX);
		}
		b.send(c, 200);
		/* deleted: in the middle of a record, next packet right behind */
		b.remove(c.ctx);
		b.refuse(b.segment(c, 200, 66), TLSNIC_STATUS_TLS_CTX);
		b.refuse(b.segment(c, 200, 66), TLSNIC_STATUS_TLS_CTX);
		b.plain(100);
		b.refuse(b.segment(c, 200, 66), TLSNIC_STATUS_TLS_CTX);
		/* deleting twice is no error */
		b.remove(c.ctx);
	}
	b.finish();
}

/* A command that cannot be followed changes nothing. */
static void test_commands()
{
	Bench b(tap.seed);
	Conn c, other;

	c.init(b.r, 6, TLS12, true);
	other.init(b.r, 6, TLS12, true);
	c.add_record(b.r, 5000);
	b.write(c);
	for (int round = 0; round < 4; round++) {
		Command cmd = b.command(other);

		b.gap_ctx = round ? 1u << round : 0;
		b.send(c, 100);
		for (int bad : { 0, 3, 0x81, 0xff }) {
			cmd.cipher = bad;
			b.item(cmd, TLSNIC_STATUS_TLS_CTX);
		}
		b.send(c, 100);
		cmd.cipher = TLSNIC_CIPHER_AES_GCM_128;
		for (int bad : { 0, 11, 14, 0x8c, 0xff }) {
			cmd.version = bad;
			b.item(cmd, TLSNIC_STATUS_TLS_CTX);
			b.send(c, 100);
		}
		cmd.version = TLSNIC_TLS_1_3;
		for (int bit = 4; bit < 32; bit++) {
			cmd.ctx = other.ctx | 1u << bit;
			cmd.is_delete = bit & 1;
			b.item(cmd, TLSNIC_STATUS_TLS_CTX);
		}
		/* its descriptors could not be read: taken off, not obeyed */
		cmd.ctx = other.ctx;
		cmd.is_delete = false;
		b.item(cmd, 0, TLSNIC_STATUS_DMA);
		b.send(c, 100);
		cmd.is_delete = true;
		b.item(cmd, 0, TLSNIC_STATUS_DMA);
		b.send(c, 100);
	}
	b.finish();
}

/* A key written over another in the middle of a record. */
static void test_overwrite()
{
	Bench b(tap.seed);
	Conn c;

	for (int i = 0; i < 64; i++) {
		kinds(c, b.r, 4, i & 3);
		c.add_record(b.r, 1000);
		b.write(c);
		b.send(c, 1 + b.r.below(900));
		if (i & 4)
			b.plain(60);
		if (i & 8)
			b.send(c, c.left());
	}
	b.finish();
}

/* AES-128 uses half of the key field, whatever is in the other. */
static void test_short_key()
{
	Bench b(tap.seed);
	Conn c;

	c.init(b.r, 4, TLS12, false);
	c.add_record(b.r, 100);
	Command cmd = b.command(c);
	memset(cmd.key + 16, 0xee, 16);
	b.item(cmd);
	b.send(c, c.left());
	b.finish();
}

struct Damage {
	size_t at;	/* byte of the record */
	uint8_t value;
	size_t seen;	/* byte with which it is found out */
};

/* The stream of records with one header damaged, cut so that the packet before
 * the damage is fine, the one with it and all later ones are dropped. */
static void damaged(Bench &b, int kind, Damage d, size_t cut)
{
	Conn c;

	kinds(c, b.r, 10 + (uint32_t)kind, kind);
	c.add_record(b.r, 77);
	c.add_record(b.r, 3);
	size_t start = c.clear.size();
	c.add_record(b.r, 50);
	c.add_record(b.r, 200);
	c.clear[start + d.at] = d.value;
	b.write(c);
	size_t found = start + d.seen;
	if (cut && cut < found)
		b.send(c, cut, b.r.range(header_min, header_max));
	if (cut > found)
		cut = found;
	Packet p = b.segment(c, c.left(), b.r.range(header_min, header_max));
	p.good = p.offset + found - c.at;
	b.refuse(p, TLSNIC_STATUS_TLS_RECORD);
	p = b.segment(c, c.left(), 66);
	b.refuse(p, TLSNIC_STATUS_TLS_BROKEN);
	b.plain(100);
	p.seq = c.seq() + (uint32_t)c.left();
	b.refuse(p, TLSNIC_STATUS_TLS_BROKEN);
	/* until it is written again */
	kinds(c, b.r, c.ctx, kind);
	c.add_record(b.r, 40);
	b.write(c);
	b.send(c, c.left());
	b.run(4);
}

static void test_records()
{
	Bench b(tap.seed);

	for (int kind = 0; kind < 4; kind++) {
		bool tls13 = kind & 1;
		size_t hdr = tls13 ? 5 : 13;
		size_t start = 2 * hdr + 32 + 80 + (tls13 ? 2 : 0);
		std::vector<Damage> all = {
			{ 1, 2, 1 }, { 1, 0x83, 1 }, { 2, 1, 2 }, { 2, 4, 2 },
			{ 4, (uint8_t)(tls13 ? 16 : 23), 4 }, { 4, 0, 4 }, { 4, 8, 4 },
		};
		for (size_t i = 5; i < hdr; i++)
			all.push_back({ i, 0, i });
		for (Damage d : all) {
			/* a nonce byte that may be 0 by chance is damaged below */
			if (d.at >= 5)
				continue;
			for (size_t cut = start - 20; cut <= start + d.seen; cut++)
				damaged(b, kind, d, cut);
			damaged(b, kind, d, 0);
			if (tap.failures)
				return;
		}
	}
	b.finish();
}

/* An explicit nonce that is not the next one. */
static void test_nonce()
{
	Bench b(tap.seed);
	Conn c;

	for (size_t i = 0; i < 64; i++) {
		for (size_t cut : { (size_t)0, (size_t)1, 5 + i / 8 }) {
			c.init(b.r, 11, TLS12, i & 1);
			c.add_record(b.r, 30);
			size_t start = c.clear.size();
			c.add_record(b.r, 30);
			c.clear[start + 5 + i / 8] ^= (uint8_t)(1 << i % 8);
			b.write(c);
			b.send(c, start + cut);
			Packet p = b.segment(c, c.left(), 70);
			p.good = p.offset + start + 5 + i / 8 - c.at;
			b.refuse(p, TLSNIC_STATUS_TLS_RECORD);
			b.refuse(b.segment(c, c.left(), 70), TLSNIC_STATUS_TLS_BROKEN);
			b.run(4);
		}
	}
	b.finish();
}

/* The host could not read all of a packet: it has a status from some beat on. */
static void test_upstream_error()
{
	Bench b(tap.seed);
	Conn c;

	for (size_t n = 1; n < 400; n++) {
		kinds(c, b.r, (uint32_t)(n % CONTEXTS), (int)(n % 4));
		c.add_record(b.r, 10);
		c.add_record(b.r, 500);
		b.write(c);
		b.send(c, 1 + b.r.below(100));
		Packet p = b.segment(c, n, b.r.range(header_min, header_max));
		p.status_in = TLSNIC_STATUS_DMA;
		if (n % 3)
			p.void_from = b.r.below((uint32_t)p.in.size());
		b.refuse(p, TLSNIC_STATUS_DMA);
		if (n & 1)
			b.plain(60);
		if (walked(p))
			b.refuse(b.segment(c, n, 66), TLSNIC_STATUS_TLS_BROKEN);
		else
			b.send(c, n);
	}
	b.finish();
}

static void test_offset()
{
	Bench b(tap.seed);
	Conn c;

	for (int i = 0; i < 200; i++) {
		kinds(c, b.r, 12, i & 3);
		c.add_record(b.r, 100);
		b.write(c);
		b.send(c, b.r.below(120));
		/* no stream bytes at all, twice */
		b.send(c, 0, 14 + b.r.below(200));
		b.send(c, 0, 14 + b.r.below(200));
		/* the stream begins behind the end */
		Packet p = b.segment(c, 0, 14 + b.r.below(200));
		p.offset = (uint16_t)(p.offset + 1 + b.r.below(i & 4 ? 4 : 9000));
		p.good = (p.in.size() - 1) / BEAT * BEAT;
		b.refuse(p, TLSNIC_STATUS_DESC);
		if (c.left() > 1)
			b.send(c, c.left() - 1, 14 + b.r.below(200));
		b.send(c, c.left(), 0);
	}
	b.finish();
}

/* A segment begins inside a block, at any place of a beat. */
static void test_inside_block()
{
	Bench b(tap.seed);
	Conn c;

	for (size_t hdr = 0; hdr <= BEAT + 16; hdr++) {
		for (size_t n = 0; n < 16; n++) {
			kinds(c, b.r, (uint32_t)n, (int)(n + hdr) & 3);
			c.add_record(b.r, 200);
			b.write(c);
			b.send(c, c.header_len() + 16 + n);
			b.send(c, 60 + b.r.below(100), hdr);
			b.send(c, c.left(), 54);
		}
		b.run(4);
	}
	b.finish();
}

/* ---- random streams --------------------------------------------------------- */

static size_t random_size(Random &r, bool is_long)
{
	static const size_t small[] = { 0, 1, 15, 16, 17, 100 };
	static const size_t large[] = { 1400, 4096, 16383, 16384 };

	if (is_long && r.one_in(2))
		return large[r.below(4)];
	switch (r.below(4)) {
	case 0: return r.below(600);
	case 1: return r.below(70);
	default: return small[r.below(6)];
	}
}

static void new_stream(Bench &b, Conn &c)
{
	bool is_long = b.r.one_in(15);

	kinds(c, b.r, c.ctx, (int)b.r.below(4));
	for (int n = 1 + (int)b.r.below(is_long ? 4 : 10); n; n--)
		c.add_record(b.r, random_size(b.r, is_long), b.r.one_in(4) ? 22 : 23);
	b.write(c);
}

static size_t random_cut(Random &r)
{
	switch (r.below(8)) {
	case 0: case 1: return 1 + r.below(20);
	case 2: case 3: return 1 + r.below(200);
	case 4: case 5: return 1 + r.below(700);
	case 6: return r.one_in(8) ? 1 + r.below(9000) : 1448;
	default: return 1 + r.below(1448);
	}
}

/* Something between the packets of a stream that the stream must survive. */
static void disturb(Bench &b, Conn &c)
{
	size_t n = c.left() < 300 ? c.left() : 300;
	Packet p = b.segment(c, n, b.r.range(header_min, header_max));

	switch (b.r.below(6)) {
	case 0:
		p.seq += 1 + b.r.below(5000);
		b.refuse(p, TLSNIC_STATUS_TLS_SEQ);
		break;
	case 1:
		p.ctx += CONTEXTS << b.r.below(28);
		b.refuse(p, TLSNIC_STATUS_TLS_CTX);
		break;
	case 2:
		p.status_in = TLSNIC_STATUS_DMA;
		if (b.r.one_in(2))
			p.void_from = b.r.below((uint32_t)p.in.size());
		b.refuse(p, TLSNIC_STATUS_DMA);
		b.expect_tags(c, c.at, walked(p), b.todo.back());
		c.broken = walked(p);
		break;
	case 3:
		b.send(c, 0, b.r.range(header_min, header_max));
		break;
	default:
		b.plain(1 + b.r.below(b.r.one_in(8) ? 1600 : 200));
	}
}

/* To any byte of the stream, sent or not, over any number of records. */
static void random_seek(Bench &b, Conn &c)
{
	size_t at = b.r.below((uint32_t)c.clear.size()), n = b.r.one_in(3) ? b.r.below(1449) : b.r.below(200);

	if (b.r.one_in(4))	/* where a record ends */
		at = c.ends[c.record(at)] - 1 - b.r.below(20);
	b.seek(c, at, std::min(n, c.clear.size() - at), b.r.range(header_min, header_max), b.r.one_in(2), b.r.one_in(5),
	       b.r.one_in(4) ? b.r.range(64, 600) : 0);
}

static void test_streams(bool seeks)
{
	const char *env = getenv("TLSNIC_STREAMS");
	unsigned total = env ? (unsigned)strtoul(env, NULL, 0) : trials(5000), begun = 0;
	Bench b(tap.seed + seeks);
	Conn conns[CONTEXTS];
	unsigned active = 0;

	if (seeks)
		b.return_tags(true, b.r.below(300));

	while (begun < total || active) {
		Conn &c = conns[b.r.below(CONTEXTS)];

		c.ctx = (uint32_t)(&c - conns);
		if (b.r.one_in(200)) {
			static const unsigned gaps[] = { 0, 0, 2, 3, 10, 100 };

			b.gap_in = gaps[b.r.below(6)];
			b.gap_out = gaps[b.r.below(6)];
			b.gap_ctx = gaps[b.r.below(6)];
			b.gap_tag = gaps[b.r.below(6)];
		}
		if (!c.left()) {
			if (begun == total)
				continue;
			begun++;
			active++;
			new_stream(b, c);
		}
		/* a few packets in a row, or one */
		for (int n = b.r.one_in(3) ? 4 : 1; n && c.left(); n--) {
			if (b.r.one_in(30))
				disturb(b, c);
			while (seeks && b.r.one_in(3))
				random_seek(b, c);
			size_t len = random_cut(b.r);

			if (len > c.left())
				len = c.left();
			if (c.broken && seeks) {
				b.refuse(b.segment(c, len, 66), TLSNIC_STATUS_TLS_BROKEN);
				while (c.broken)
					random_seek(b, c);
			} else if (c.broken) {
				b.refuse(b.segment(c, len, 66), TLSNIC_STATUS_TLS_BROKEN);
				c.at = c.clear.size();
			} else {
				Packet p = b.segment(c, len, b.r.range(header_min, header_max));

				if (seeks && b.r.one_in(4))
					b.frames(p, b.r.range(64, 600));
				b.send(c, p, len);
			}
			/* some streams are left in the middle */
			if (b.r.one_in(200))
				c.at = c.clear.size();
		}
		if (!c.left()) {
			active--;
			if (b.r.one_in(3))
				b.remove(c.ctx);
		}
		b.run(8);
		if (tap.failures)
			return;
	}
	b.finish();
	printf("# %u streams, %llu seeks, %llu tags, %llu packets, %llu bytes, %llu records, %llu cycles\n", begun,
	       (unsigned long long)b.want.seeks, (unsigned long long)b.got.tags, (unsigned long long)b.want.packets, (unsigned long long)b.want.bytes,
	       (unsigned long long)b.want.records, (unsigned long long)b.tb.cycle);
}

/* ---- cycles ----------------------------------------------------------------- */

/* Bytes of packets that a cycle takes, in units of the bus. */
static double bus_share(size_t record, size_t mss, size_t hdr, unsigned conns)
{
	Bench b(tap.seed);
	std::vector<std::unique_ptr<Conn>> c;
	size_t bytes = 0;

	for (unsigned i = 0; i < conns; i++) {
		c.emplace_back(new Conn);
		c[i]->init(b.r, i, TLS12, true);
		while (c[i]->clear.size() < 400000 / conns + mss)
			c[i]->add_record(b.r, record);
		b.write(*c[i]);
	}
	b.drain();
	for (unsigned i = 0; bytes < 400000; i++) {
		b.send(*c[i % conns], mss, hdr);
		bytes += mss + hdr;
	}
	b.cycles_in = 0;
	while (!b.todo.empty())
		b.clock();
	uint64_t cycles = b.cycles_in;
	b.finish();
	printf("# %zu-byte records, %zu + %zu bytes a packet, %u connections: %llu bytes in %llu cycles, %.4f of the bus, latency %llu cycles\n",
	       record, hdr, mss, conns, (unsigned long long)bytes, (unsigned long long)cycles,
	       (double)bytes / (double)(cycles * BEAT), (unsigned long long)b.latency);
	return (double)bytes / (double)(cycles * BEAT);
}

static void test_cycles()
{
	for (unsigned conns : { 1u, 2u, (unsigned)CONTEXTS }) {
		double share = bus_share(16384, 1448, 66, conns);

		if (share < 0.97)
			tap_fail("expected at least 0.97 of the bus, got %.4f", share);
	}
}

/* A record's end costs an operation or two, so short ones cost more the wider the bus is. */
static void test_cycles_small()
{
	static const struct {
		size_t record;
		double share[3]; /* at 128, 256, 512 bits */
	} least[] = { { 64, { 0.86, 0.74, 0.60 } }, { 1024, { 0.98, 0.95, 0.93 } }, { 1400, { 0.98, 0.96, 0.94 } } };

	for (auto &l : least) {
		double share = bus_share(l.record, 1448, 66, CONTEXTS), want = l.share[DATA_W / 256];

		if (share < want)
			tap_fail("records of %zu bytes: expected at least %.2f of the bus, got %.4f", l.record, want, share);
	}
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("packets without TLS pass as they are", test_plain());
	TAP_RUN("records cut at every pair of places", test_cuts());
	TAP_RUN("record sizes and segment sizes", test_sizes());
	TAP_RUN("the longest records", test_longest());
	TAP_RUN("many empty records", test_many_records());
	TAP_RUN("record number and nonce carry", test_carries());
	TAP_RUN("TCP sequence number wraps", test_seq_wrap());
	TAP_RUN("wrong sequence number", test_seq());
	TAP_RUN("no such context", test_no_context());
	TAP_RUN("refused context commands", test_commands());
	TAP_RUN("context written over another", test_overwrite());
	TAP_RUN("AES-128 key field", test_short_key());
	TAP_RUN("malformed record headers", test_records());
	TAP_RUN("wrong explicit nonce", test_nonce());
	TAP_RUN("packets that came with an error", test_upstream_error());
	TAP_RUN("where the stream begins", test_offset());
	TAP_RUN("segments that begin inside a block", test_inside_block());
	TAP_RUN("seek to every byte", test_seek_places());
	TAP_RUN("seek to every byte and go on", test_seek_continue());
	TAP_RUN("seeks in packets of one beat", test_seek_single_beats());
	TAP_RUN("seek to records far away", test_seek_far());
	TAP_RUN("seeks and broken contexts", test_seek_broken());
	TAP_RUN("seeks that lead nowhere", test_seek_refused());
	TAP_RUN("malformed header behind a seek", test_seek_header());
	TAP_RUN("seek without a context", test_seek_no_context());
	TAP_RUN("seeks that came with an error", test_seek_upstream_error());
	TAP_RUN("tags of records that are cut", test_tags_cut());
	TAP_RUN("tags by length", test_tags_length());
	TAP_RUN("tags turned off", test_tags_off());
	TAP_RUN("tags of records cut into frames", test_tags_frames());
	TAP_RUN("tags that wait", test_tags_wait());
	TAP_RUN("tags and seeks", test_tags_seek());
	TAP_RUN("random streams", test_streams(false));
	TAP_RUN("random streams with seeks", test_streams(true));
	TAP_RUN("cycles of full records", test_cycles());
	TAP_RUN("cycles of short records", test_cycles_small());
	return tap_end();
}
