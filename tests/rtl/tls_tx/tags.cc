// SPDX-License-Identifier: BSD-2-Clause
//
// tls_tx: tags that are returned, and those that are not.

#include "cases.h"

/* Tags that came in a case, beside those that had to. */
static void expect_count(Bench &b, const char *what, uint64_t least, uint64_t most)
{
	if (b.got.tags < least || b.got.tags > most)
		tap_fail("%s: expected %llu to %llu tags, got %llu", what, (unsigned long long)least,
			 (unsigned long long)most, (unsigned long long)b.got.tags);
}

/* Short records, cut at every pair of places; those that are not cut are too short. */
void test_tags_cut()
{
	Bench b(tap.seed);
	Conn c;

	b.return_tags(true, 0xffff);
	for (int kind = 0; kind < 4; kind++) {
		for (int round = 0; round < 3; round++) {
			kinds(c, b.r, 3, kind);
			c.add_record(b.r, 33);
			c.add_record(b.r, 0);
			c.add_record(b.r, 1);
			size_t total = c.clear.size();

			for (size_t i = 0; i < total; i++) {
				/* a key of its own for each: tags tell them apart */
				Conn d;

				kinds(d, b.r, b.r.below(CONTEXTS), kind);
				d.add_record(b.r, 33);
				d.add_record(b.r, 0);
				d.add_record(b.r, 1);
				size_t j = i + 1 + b.r.below((uint32_t)(total - i));

				b.write(d);
				if (i)
					b.send(d, i, b.r.range(header_min, header_max));
				b.send(d, j - i, b.r.range(header_min, header_max));
				if (j < total)
					b.send(d, total - j, b.r.range(header_min, header_max));
				b.run(8);
			}
		}
	}
	b.finish();
}

/* Of records that are not cut the length counts. */
void test_tags_length()
{
	for (unsigned least : { 0u, 24u, 25u, 100u, 1400u, 0xffffu }) {
		Bench b(tap.seed);
		uint64_t want = 0;

		b.return_tags(true, least);
		for (int kind = 0; kind < 4; kind++) {
			Conn c;

			kinds(c, b.r, 5, kind);
			for (unsigned len = 24; len < 1500; len += len < 110 || len > 1390 ? 1 : 100)
				c.add_record(b.r, len - (kind & 1 ? 17 : 24));
			b.write(c);
			for (size_t e : c.ends) {
				want += e - c.at - 5 >= least;
				b.send(c, e - c.at, b.r.range(header_min, header_max));
			}
		}
		b.finish();
		expect_count(b, "length", want, want);
	}
}

void test_tags_off()
{
	Bench b(tap.seed);
	Conn c;

	for (int i = 0; i < 8; i++) {
		kinds(c, b.r, 5, i);
		for (int n = 0; n < 40; n++)
			c.add_record(b.r, b.r.below(400));
		b.write(c);
		while (c.left())
			b.send(c, std::min<size_t>(c.left(), 1 + b.r.below(600)));
		b.drain();
		expect_count(b, i & 1 ? "on" : "off", i & 1 ? 1 : 0, i & 1 ? UINT64_MAX : 0);
		b.got.tags = 0;
		b.return_tags(!b.tags, 0xffff);
	}
	b.finish();
}

/* A packet that is to be cut into frames: the TCP header says where they begin. */
static void send_frames(Bench &b, Conn &c, size_t n, unsigned mss, size_t before)
{
	Packet p = b.segment(c, n, b.r.range(header_min, header_max) + before);

	p.before = before;
	b.frames(p, mss);
	b.send(c, p, n);
}

void test_tags_frames()
{
	uint64_t records = 0, tags = 0;

	for (int kind = 0; kind < 12; kind++) {
		Bench b(tap.seed + (uint64_t)kind);
		Conn c;

		b.return_tags(true, 0xffff);
		kinds(c, b.r, 7, kind);
		for (int i = 0; i < trials(40); i++) {
			unsigned mss = i & 1 ? b.r.range(64, 200) : b.r.range(536, 9000);
			size_t first = c.ends.size();

			for (size_t end = c.at + b.r.below(48000); c.clear.size() < end;)
				c.add_record(b.r, b.r.one_in(3) ? b.r.below(16384) : b.r.below(300));
			records += c.ends.size() - first;
			if (!i)
				b.write(c);
			/* sometimes what is before the stream is longer than a frame */
			send_frames(b, c, i % 5 ? c.left() : c.left() - c.left() / 7, mss,
				    b.r.one_in(3) ? b.r.below(2 * mss) : 0);
			b.run(2);
		}
		b.finish();
		tags += b.got.tags;
	}
	/*
	 * Most records lie inside a frame of the long ones; but all tags of a packet come if
	 * what is before its stream is longer than a frame, so few packets prove nothing.
	 */
	if (tags >= records)
		tap_fail("expected less than %llu tags, got %llu", (unsigned long long)records,
			 (unsigned long long)tags);
}

/* Nobody takes tags: the engine waits, and loses none. */
void test_tags_wait()
{
	Bench b(tap.seed);
	Conn c;

	b.return_tags(true, 0);
	kinds(c, b.r, 7, 0);
	for (int i = 0; i < 600; i++)
		c.add_record(b.r, b.r.below(40));
	b.write(c);
	while (c.left())
		b.send(c, std::min<size_t>(c.left(), 1 + b.r.below(1448)));
	b.gap_tag = 1;
	for (int i = 0; i < 3000; i++)
		b.clock();
	tap_u64("tags taken", b.got.tags, 0);
	if (b.todo.empty())
		tap_fail("expected packets to wait for room for their tags, all went through");
	for (unsigned gap : { 10u, 2u, 0u }) {
		b.gap_tag = gap;
		for (int i = 0; i < 400; i++)
			b.clock();
	}
	b.finish();
	expect_count(b, "all", 600, 600);
}

/* A seek returns no tags, unless the context goes on behind it. */
void test_tags_seek()
{
	for (int kind = 0; kind < 8; kind++) {
		Bench b(tap.seed + (uint64_t)kind);
		Conn c;

		b.return_tags(true, 0);
		kinds(c, b.r, 7, kind);
		for (int i = 0; i < 10; i++)
			c.add_record(b.r, 100);
		b.write(c);
		b.send(c, c.clear.size());
		b.drain();
		expect_count(b, "stream", 10, 10);
		size_t at = c.ends[2] - 40, n = c.ends[7] + 20 - at;

		b.got.tags = 0;
		b.seek(c, at, n, 66, true);
		b.drain();
		expect_count(b, "seek", 0, 0);
		/* not of the record that it is in, nor yet of the one that it ends in */
		b.seek(c, at, n, 66, true, true);
		b.drain();
		expect_count(b, "seek with CONTINUE", 5, 5);
		b.send(c, c.left());
		b.finish();
		expect_count(b, "and the rest", 7, 7);
	}
}
