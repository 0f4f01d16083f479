// SPDX-License-Identifier: BSD-2-Clause
//
// tls_tx: packets with a seek, between packets of the stream that must not
// notice them.

#include "cases.h"

static const size_t sizes[] = { 33, 0, 1, 16, 500 };

static void some_records(Bench &b, Conn &c)
{
	for (size_t n : sizes)
		c.add_record(b.r, n, b.r.one_in(2) ? 22 : 23);
}

/* The stream goes on by a few bytes, at the place where it is. */
static void go_on(Bench &b, Conn &c)
{
	while (c.left() < 200)
		c.add_record(b.r, b.r.below(300));
	b.send(c, 1 + b.r.below(100), b.r.range(header_min, header_max));
}

/* Some pairs of places will do where counters slow the model down. */
static bool skipped(Random &r)
{
	return trials(20) < 20 && !r.one_in(20);
}

/* To every byte of a record, up to every byte behind it. */
void test_seek_places()
{
	Bench b(tap.seed);
	Conn c;

	b.return_tags(true, 0);
	for (int kind = 0; kind < 4; kind++) {
		kinds(c, b.r, 3, kind);
		some_records(b, c);
		size_t total = c.ends[3] + 20;

		b.write(c);
		b.send(c, total + 100);
		for (size_t i = 0; i < total; i++) {
			for (size_t j = i; j <= total; j++) {
				if (skipped(b.r))
					continue;
				b.seek(c, i, j - i, b.r.range(header_min, header_max), b.r.one_in(2));
				if (b.r.one_in(5))
					go_on(b, c);
			}
			b.run(8);
			if (tap.failures)
				return;
		}
		go_on(b, c);
	}
	b.finish();
}

/* The same, and the context goes on behind it, or stays. */
void test_seek_continue()
{
	Bench b(tap.seed);
	Conn c;

	b.return_tags(true, 0);
	for (int kind = 0; kind < 4; kind++) {
		kinds(c, b.r, 8, kind);
		some_records(b, c);
		size_t total = c.ends[3] + 20;

		b.write(c);
		b.send(c, 10);
		for (size_t i = 0; i < total; i++) {
			for (size_t j = i; j <= total; j++) {
				if (skipped(b.r))
					continue;
				b.seek(c, i, j - i, b.r.range(header_min, header_max), b.r.one_in(2), true);
				if (!b.r.one_in(5))
					go_on(b, c);
			}
			b.run(8);
			if (tap.failures)
				return;
		}
	}
	b.finish();
}

/* Packets of one beat right behind each other, of one context and of others. */
void test_seek_single_beats()
{
	Bench b(tap.seed);
	Conn conns[3];

	for (int i = 0; i < 3; i++) {
		kinds(conns[i], b.r, (uint32_t)i, i);
		some_records(b, conns[i]);
		b.write(conns[i]);
	}
	for (int i = 0; i < trials(4000); i++) {
		Conn &c = conns[b.r.one_in(4) ? b.r.below(3) : (unsigned)(i / 400) % 3];

		while (c.left() < 600)
			c.add_record(b.r, b.r.below(300));
		if (b.r.one_in(2)) {
			b.send(c, b.r.below(BEAT), 0);
		} else {
			size_t at = b.r.below((uint32_t)c.clear.size());

			b.seek(c, at, std::min<size_t>(b.r.below(BEAT), c.clear.size() - at), 1, b.r.one_in(2),
			       b.r.one_in(3));
		}
		if (!b.r.below(40))
			b.write((c.restart(), some_records(b, c), c));
		b.run(8);
		if (tap.failures)
			return;
	}
	b.finish();
}

/* Records that are far away, sent or never sent: 64-bit numbers. */
void test_seek_far()
{
	Bench b(tap.seed);

	for (int kind = 0; kind < 4; kind++) {
		for (int bit = 0; bit < 64; bit++) {
			Conn c, there;

			kinds(c, b.r, 6, kind);
			some_records(b, c);
			kinds(there, b.r, 6, kind);
			memcpy(there.key, c.key, 32);
			memcpy(there.salt, c.salt, 4);
			uint64_t d = bit & 1 ? 0 - (1ull << bit) : 1ull << bit;

			put_be64(there.rec_sn, be64(c.rec_sn) + d);
			put_be64(there.iv, be64(c.iv) + (c.version == TLS13 ? 0 : d));
			there.restart();
			some_records(b, there);
			b.write(c);
			b.send(c, 20 + b.r.below(300));
			for (int i = 0; i < 3; i++) {
				size_t at = b.r.below(300);

				b.seek(there, at, b.r.below(300), 66, true);
			}
			b.send(c, 100);
			b.seek(there, 0, 250, 66, true, true);
			b.send(there, 100);
		}
		b.run(4);
	}
	b.finish();
}

/* A broken context stays so, until a seek brings it to where the stream goes on. */
void test_seek_broken()
{
	Bench b(tap.seed);

	for (int i = 0; i < 200; i++) {
		Conn c;

		kinds(c, b.r, (uint32_t)i % CONTEXTS, i % 4);
		some_records(b, c);
		b.write(c);
		size_t second = c.ends[0];
		uint8_t good = c.clear[second + 1];

		b.send(c, 20);
		c.clear[second + 1] ^= 0x40;
		Packet p = b.segment(c, 200, 66);
		p.good = 66 + second + 1 - 20;
		b.refuse(p, TLSNIC_STATUS_TLS_RECORD);
		c.clear[second + 1] = good;
		b.refuse(b.segment(c, 200, 66), TLSNIC_STATUS_TLS_BROKEN);
		b.seek(c, b.r.below(100), b.r.below(200), 66, true);
		b.refuse(b.segment(c, 200, 66), TLSNIC_STATUS_TLS_BROKEN);
		/* not from inside a record to the same record's inside */
		size_t in_last = c.ends[3] + c.header_len() + b.r.below(100);
		b.seek(c, in_last, b.r.below(300), 66, true, true);
		b.refuse(b.segment(c, 200, 66), TLSNIC_STATUS_TLS_BROKEN);
		/* from a header on, or over a record's end */
		if (i & 4)
			b.seek(c, second + b.r.below((uint32_t)c.header_len()), 200, 66, false, true);
		else
			b.seek(c, b.r.below(60), 200, 66, true, true);
		b.send(c, c.left());
		b.run(4);
		if (tap.failures)
			return;
	}
	b.finish();
}

/* A seek by hand that leads nowhere. */
static void refuse(Bench &b, Conn &c, Seek s, int status, size_t good = 0)
{
	Packet p = b.segment(c, 0, 150, 66);

	p.seek = true;
	p.good = good;
	b.command(s);
	b.refuse(p, status);
	b.send(c, 10);
}

void test_seek_refused()
{
	Bench b(tap.seed);

	for (int kind = 0; kind < 8; kind++) {
		Conn c;
		size_t least = kind & 1 ? 17 : 24;

		kinds(c, b.r, 2, kind);
		some_records(b, c);
		b.write(c);
		b.send(c, 20);
		for (int with = 0; with < 4; with++) {
			Seek s = b.seek_to(c, 0, with & 1, with & 2);

			/* behind the record's end */
			for (unsigned more : { 5, 6, 21, 60000 }) {
				s.offset = (uint16_t)(s.rec_len + more);
				refuse(b, c, s, TLSNIC_STATUS_TLS_SEEK);
			}
			s.rec_len = 65535;
			s.offset = 4;
			s.rec_len = (uint16_t)(least - 1);
			for (unsigned offset : { 0, 4, 5, 16, 27 }) {
				s.offset = (uint16_t)offset;
				refuse(b, c, s, TLSNIC_STATUS_TLS_SEEK);
			}
			for (unsigned len : { 0, 1, 15 }) {
				s.rec_len = (uint16_t)len;
				s.offset = (uint16_t)b.r.below(len + 5);
				refuse(b, c, s, TLSNIC_STATUS_TLS_SEEK);
			}
		}
		/* the last byte of the longest record is a place */
		Seek s = b.seek_to(c, 0, true, true);
		s.rec_len = 65535;
		s.offset = 65535;
		Packet p = b.segment(c, 0, 0, 66);
		p.in.insert(p.in.end(), 3, 0);
		p.out = p.in;
		memcpy(&p.out[66], s.tag + 11, 3);
		p.seek = true;
		b.command(s);
		/* a place in the tag's last five bytes */
		p.good = (p.in.size() - 1) / BEAT * BEAT;
		b.refuse(p, TLSNIC_STATUS_TLS_SEEK);	/* CONTINUE inside a foreign record */
		b.send(c, c.left());
		b.run(4);
	}
	b.finish();
}

/* A malformed header behind a seek: the context does not notice. */
void test_seek_header()
{
	Bench b(tap.seed);

	for (int i = 0; i < 400; i++) {
		Conn c;

		kinds(c, b.r, 5, i % 4);
		some_records(b, c);
		b.write(c);
		b.send(c, b.r.below(200));
		size_t from = b.r.below(30), start = c.ends[0], found = start + 1 + b.r.below(2);
		if (c.version == TLS12 && b.r.one_in(2))
			found = start + 5 + b.r.below(8);
		c.clear[found] ^= 0x10;
		Packet p = b.segment(c, from, 200, b.r.range(header_min, header_max));
		c.clear[found] ^= 0x10;
		Seek s = b.seek_to(c, from, true, i & 4);
		for (size_t k = 16; k && from >= c.header_len(); k--)
			p.out[p.offset + start - k - from] = s.tag[16 - k];
		p.seek = true;
		p.good = p.offset + found - from;
		b.command(s);
		b.refuse(p, TLSNIC_STATUS_TLS_RECORD);
		b.send(c, c.left());
		b.run(4);
		if (tap.failures)
			return;
	}
	b.finish();
}

void test_seek_no_context()
{
	Bench b(tap.seed);
	Conn c;

	for (int kind = 0; kind < 8; kind++) {
		kinds(c, b.r, (uint32_t)kind, kind);
		some_records(b, c);
		for (int round = 0; round < 3; round++) {
			for (int bit = 3; bit < 32; bit++) {
				Packet p = b.segment(c, 0, 150, 66);
				Seek s = b.seek_to(c, 0, true, bit & 1);

				/* never written or deleted; out of range, by one bit each */
				if (bit > 3)
					p.ctx |= 1u << bit;
				else if (round == 1)
					continue;
				/* a place that is none is not looked at */
				if (b.r.one_in(4))
					s.rec_len = 3;
				p.seek = true;
				b.command(s);
				b.refuse(p, TLSNIC_STATUS_TLS_CTX);
			}
			if (round == 0) {
				b.write(c);
				b.send(c, 100);
			} else {
				b.remove(c.ctx);
			}
		}
	}
	b.finish();
}

/* The host could not read all of the packet: its command is taken all the same. */
void test_seek_upstream_error()
{
	Bench b(tap.seed);

	for (int i = 0; i < 600; i++) {
		Conn c;

		kinds(c, b.r, 5, i % 4);
		some_records(b, c);
		b.write(c);
		b.send(c, 1 + b.r.below(200));
		size_t from = b.r.below(200);
		Packet p = b.segment(c, from, 1 + b.r.below(300), b.r.range(header_min, header_max));
		Seek s = b.seek_to(c, from, true, i & 4);

		if (b.r.one_in(6))
			s.rec_len = 1;		/* two reasons: the host's is named */
		p.void_from = b.r.below((uint32_t)p.in.size());
		p.seek = true;
		p.status_in = TLSNIC_STATUS_DMA;
		p.status = TLSNIC_STATUS_DMA;
		/* what is before leaves encrypted, up to the given tag */
		size_t end = c.ends[c.record(from)];
		for (size_t k = end - 16; s.offset >= c.header_len() && k < end; k++)
			if (k >= from && p.offset + k - from < p.in.size())
				p.out[p.offset + k - from] = s.tag[k - (end - 16)];
		b.command(s);
		b.refuse(p, TLSNIC_STATUS_DMA);
		b.send(c, c.left());
		b.run(4);
		if (tap.failures)
			return;
	}
	b.finish();
}
