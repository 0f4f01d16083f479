/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls_tx between a source of packets and a checker of what comes out, in order.
 */
#ifndef TLSNIC_BENCH_H
#define TLSNIC_BENCH_H

#include <linux/tlsnic.h>

#include <algorithm>
#include <deque>
#include <memory>

#include "Vtls_tx.h"
#include "conn.h"

#define BEAT (DATA_W / 8)
#define CONTEXTS 16		/* NUM_CTX in block.mk */

enum { KIND_PACKET = 0, KIND_CTX_WRITE = 1, KIND_CTX_DELETE = 2 };

static const size_t header_min = 54, header_max = 120;

/* What tlsnic_pkg::ctx_cmd_t says; a seek has a tlsnic_pkg::seek_t in its key. */
struct Command {
	bool is_delete, is_seek;
	uint32_t ctx;
	int cipher, version;
	uint32_t seq;
	uint8_t salt[4], iv[8], rec_sn[8], key[32];
};

struct Seek {
	bool has_tag = false, go_on = false;
	uint16_t rec_len = 0, offset = 0;
	uint8_t rec_type = 0, rec_sn[8] = {}, tag[16] = {};
};

struct Packet {
	int kind = KIND_PACKET;
	bool tls = false;
	uint32_t ctx = 0, seq = 0;
	uint16_t offset = 0;		/* of the TLS stream */
	int status_in = 0;
	size_t void_from = SIZE_MAX;	/* status_in stands from the beat with this byte on, or the last */
	bool seek = false;
	unsigned mss = 0, csum_start = 0;
	size_t before = 0;		/* payload before the stream, with mss */
	Bytes in;

	int status = 0;			/* expected */
	Bytes out;			/* expected, if status is 0 */
	size_t good = 0;		/* else: the bytes from here on must not leave with status 0 */
	unsigned records = 0;		/* expected in ev_records */

	uint32_t mark = 0;		/* number, for messages */
	unsigned queue = 0;
	uint8_t meta[25] = {};		/* as it went in */
	uint64_t t_in = 0;		/* cycle in which the first beat went in */
};

struct Counts {
	uint64_t packets, bytes, records, writes, deletes, drop_ctx, drop_seq, drop_record, drop_broken;
	uint64_t seeks, seek_bytes, drop_seek, tags;
};

template <class Port> static void set_bits(Port &port, unsigned lsb, unsigned width, uint64_t value)
{
	uint8_t *p = port_bytes(port);

	for (unsigned i = 0; i < width; i++, lsb++)
		p[lsb / 8] = (uint8_t)((p[lsb / 8] & ~(1 << lsb % 8)) | (value >> i & 1) << lsb % 8);
}

struct Bench {
	Testbench<Vtls_tx> tb;
	Vtls_tx *top = tb.top.get();
	Random r;
	unsigned gap_in = 0, gap_out = 0, gap_ctx = 0, gap_tag = 0;	/* stall once in so many cycles, 0: never */

	std::deque<Packet> todo, sent;		/* to go in; to come out */
	std::deque<Command> commands;
	size_t in_at = 0, out_at = 0;		/* bytes of todo.front(), sent.front() */
	bool in_held = false, ctx_held = false;
	uint64_t cycles_in = 0;			/* cycles in which a beat waited or went in */
	int last_status = 0;			/* of the beat before in this packet */
	uint64_t last_out = 0;			/* cycle of the latest beat out */
	uint64_t latency = 0;			/* of the latest packet, first beat in to first beat out */
	uint32_t marks = 0;
	Counts want = {}, got = {};

	bool tags = false;			/* tags are returned */
	unsigned tag_min = 0;
	std::vector<std::shared_ptr<Tag>> expected;
	uint32_t completed = 0;			/* the latest packet that is complete */
	std::deque<std::pair<uint32_t, uint64_t>> left;	/* packets, cycles in which they left */

	explicit Bench(uint64_t seed) : r(seed)
	{
		top->cfg_tags = top->cfg_tag_min = top->m_tag_ready = 0;
		memset(port_bytes(top->s_ctx), 0, sizeof(top->s_ctx));
		top->s_pkt_valid = top->s_ctx_valid = top->m_pkt_ready = 0;
		tb.reset();
		while (top->wipe_busy)
			tb.clock();
	}

	/* ---- what goes in ------------------------------------------------- */

	Packet &add(const Packet &p)
	{
		todo.push_back(p);
		Packet &q = todo.back();
		q.mark = ++marks;
		r.fill(q.meta, sizeof(q.meta));
		q.meta[24] &= 15;	/* 196 bits */
		q.queue = r.below(32);
		if (q.status_in)
			q.good = std::min(q.void_from, q.in.size() - 1) / BEAT * BEAT;
		set_bits(q.meta, 8, 16, q.mss);
		set_bits(q.meta, 24, 1, q.seek);
		set_bits(q.meta, 25, 16, q.offset);
		set_bits(q.meta, 41, 32, q.seq);
		set_bits(q.meta, 73, 32, q.ctx);
		set_bits(q.meta, 105, 1, q.tls);
		if (q.mss)
			set_bits(q.meta, 139, 16, q.csum_start);
		set_bits(q.meta, 173, 5, q.queue);
		set_bits(q.meta, 178, 2, (uint64_t)q.kind);
		set_bits(q.meta, 180, 16, q.in.size());
		return q;
	}

	void plain(size_t len, int status = 0)
	{
		Packet p;

		p.in.resize(len);
		r.fill(p.in.data(), len);
		p.out = p.in;
		p.status_in = p.status = status;
		add(p);
	}

	Command command(const Conn &c)
	{
		Command cmd = {};

		cmd.ctx = c.ctx;
		cmd.cipher = c.key256 ? TLSNIC_CIPHER_AES_GCM_256 : TLSNIC_CIPHER_AES_GCM_128;
		cmd.version = c.version;
		cmd.seq = c.seq0;
		memcpy(cmd.salt, c.salt, 4);
		memcpy(cmd.iv, c.iv, 8);
		memcpy(cmd.rec_sn, c.rec_sn, 8);
		memcpy(cmd.key, c.key, 32);
		return cmd;
	}

	/* A context item with its command. */
	void item(const Command &cmd, int status = 0, int status_in = 0)
	{
		Packet p;

		p.kind = cmd.is_delete ? KIND_CTX_DELETE : KIND_CTX_WRITE;
		p.ctx = cmd.ctx;
		p.in.resize(1 + r.below(BEAT));
		r.fill(p.in.data(), p.in.size());
		p.out = p.in;
		p.status_in = status_in;
		p.status = status_in ? status_in : status;
		add(p);
		commands.push_back(cmd);
		if (p.status == TLSNIC_STATUS_TLS_CTX)
			want.drop_ctx++;
		else if (!p.status)
			(cmd.is_delete ? want.deletes : want.writes)++;
	}

	void write(const Conn &c) { item(command(c)); }

	void remove(uint32_t ctx)
	{
		Command cmd = {};

		cmd.is_delete = true;
		cmd.ctx = ctx;
		item(cmd);
	}

	/* n bytes of the stream as they stand, the next ones, hdr bytes before them. */
	Packet segment(const Conn &c, size_t n, size_t hdr) { return segment(c, c.at, n, hdr); }

	Packet segment(const Conn &c, size_t at, size_t n, size_t hdr)
	{
		Packet p;

		p.tls = true;
		p.ctx = c.ctx;
		p.seq = c.seq0 + (uint32_t)at;
		p.offset = (uint16_t)hdr;
		p.in.resize(hdr + n);
		r.fill(p.in.data(), hdr);
		if (n)
			memcpy(&p.in[hdr], &c.clear[at], n);
		p.out = p.in;
		if (n)
			memcpy(&p.out[hdr], &c.cipher[at], n);
		p.records = c.ends_in(at, at + n);
		return p;
	}

	/* p is to be cut into frames: says in its TCP header where the payload begins. */
	void frames(Packet &p, unsigned mss)
	{
		unsigned headers = p.offset - (unsigned)p.before, doff = r.range(5, std::min(15u, (headers - 34) / 4));

		p.mss = mss;
		p.csum_start = headers - 4 * doff;
		p.in[p.csum_start + 12] = p.out[p.csum_start + 12] = (uint8_t)(doff << 4 | r.below(16));
	}

	/* Sends it: expected to leave encrypted. */
	void send(Conn &c, size_t n, size_t hdr = 66)
	{
		send(c, segment(c, n, hdr), n);
	}

	/* p has the next n bytes. */
	void send(Conn &c, const Packet &p, size_t n)
	{
		want.packets++;
		want.bytes += n;
		want.records += p.records;
		expect_tags(c, c.at, n, add(p));
		c.at += n;
	}

	/* ---- tags --------------------------------------------------------- */

	/* The context goes from `at` on by the n bytes of p. A tag is due with the record's
	 * end, and may come as soon as the record's payload has ended. */
	void expect_tags(Conn &c, size_t at, size_t n, const Packet &p)
	{
		size_t start = 0;

		if (!tags)
			return;
		for (size_t i = 0; i < c.ends.size() && start < at + n; start = c.ends[i++]) {
			size_t end = c.ends[i], to = at + n;
			bool cut = start < at || end > to || end - start - 5 >= tag_min, maybe = cut;

			if (end <= at || end - 16 > to)
				continue;
			for (size_t f = p.mss; p.mss && f <= p.before + n; f += p.mss) {
				size_t b = at + f - p.before;

				if (f <= p.before)
					continue;
				cut = cut || (start < b && b < end);
				maybe = maybe || (start < b + BEAT && b < end + BEAT);
			}
			/* where frames end is followed no further */
			maybe = maybe || (p.mss && p.before >= p.mss);
			if (!maybe)
				continue;
			if (end - 16 > at || !c.tag) {
				c.tag.reset(new Tag);
				c.tag->ctx = c.ctx;
				c.tag->rec_sn = c.low_sn(i);
				memcpy(c.tag->tag, &c.cipher[end - 16], 16);
			}
			if (!c.tag->came && (c.tag->queues.empty() || c.tag->last <= completed))
				expected.push_back(c.tag);
			c.tag->queues.push_back(p.queue);
			c.tag->last = p.mark;
			if (end <= to) {
				c.tag->due = cut && !p.status;
				c.tag.reset();
			}
		}
	}

	void take_tag()
	{
		const uint8_t *e = port_bytes(top->m_tag);	/* the queue is above the entry */
		unsigned queue = top->m_tag[8] & 31;
		uint32_t ctx, rec_sn;

		got.tags++;
		memcpy(&ctx, e + 4, 4);
		memcpy(&rec_sn, e + 24, 4);
		tap_u64("completion type and reserved fields", e[0] | e[1] << 8 | e[2] << 16 | e[3] << 24, TLSNIC_CPL_TAG);
		tap_u64("phase", e[28] | e[29] | e[30] | e[31], 0);
		for (size_t i = 0; i < expected.size(); i++) {
			Tag &t = *expected[i];

			if (memcmp(t.tag, e + 8, 16) || t.ctx != ctx || t.rec_sn != rec_sn ||
			    std::find(t.queues.begin(), t.queues.end(), queue) == t.queues.end())
				continue;
			t.came = true;
			expected.erase(expected.begin() + (long)i);
			return;
		}
		tap_fail("cycle %llu: queue %u, context %u, record %u: a tag that nobody expects", (unsigned long long)tb.cycle,
			 queue, ctx, rec_sn);
	}

	/* The completions of packets that have left pass while no tag holds them up. */
	void complete()
	{
		while (!top->m_tag_hold && !left.empty() && left.front().second < tb.cycle) {
			completed = left.front().first;
			left.pop_front();
			for (size_t i = 0; i < expected.size();) {
				if (expected[i]->last != completed) {
					i++;
					continue;
				}
				if (expected[i]->due)
					tap_fail("packet %u is complete, the tag of context %u, record %u has not come",
						 completed, expected[i]->ctx, expected[i]->rec_sn);
				expected.erase(expected.begin() + (long)i);
			}
		}
	}

	/* Only at rest. */
	void return_tags(bool on, unsigned least)
	{
		top->cfg_tags = tags = on;
		top->cfg_tag_min = (uint16_t)(tag_min = least);
	}

	/* ---- seeks -------------------------------------------------------- */

	/* The seek to byte `at` of the stream. What does not count there is noise. */
	Seek seek_to(const Conn &c, size_t at, bool has_tag = false, bool go_on = false)
	{
		Seek s;
		size_t i = c.record(at), start = i ? c.ends[i - 1] : 0;

		s.has_tag = has_tag;
		s.go_on = go_on;
		s.rec_len = (uint16_t)(c.ends[i] - start - 5);
		s.offset = (uint16_t)(at - start);
		s.rec_type = s.offset && s.offset < c.header_len() ? c.clear[start] : (uint8_t)r.next();
		put_be64(s.rec_sn, be64(c.rec_sn) + i);
		r.fill(s.tag, 16);
		return s;
	}

	void command(const Seek &s)
	{
		Command cmd = {};

		cmd.is_seek = true;
		memcpy(cmd.key, s.tag, 16);
		memcpy(cmd.key + 16, s.rec_sn, 8);
		cmd.key[24] = s.rec_type;
		memcpy(cmd.key + 25, &s.offset, 2);
		memcpy(cmd.key + 27, &s.rec_len, 2);
		cmd.key[29] = (uint8_t)(s.go_on | s.has_tag << 1);
		r.fill(cmd.salt, 4);
		r.fill(cmd.iv, 8);
		r.fill(cmd.rec_sn, 8);
		commands.push_back(cmd);
	}

	/* n bytes of the stream from `at` on behind a seek; says what becomes of them. */
	int seek(Conn &c, size_t at, size_t n, size_t hdr, bool has_tag = false, bool go_on = false, unsigned mss = 0)
	{
		Packet p = segment(c, at, n, hdr);

		if (mss)
			frames(p, mss);
		Seek s = seek_to(c, at, has_tag, go_on);
		size_t end = c.ends[c.record(at)];
		bool foreign = s.offset >= c.header_len();

		p.seek = true;
		/* the bytes of the tag are those of the slot */
		for (size_t i = foreign ? end - 16 : end; i < end; i++)
			if (i >= at && i < at + n)
				p.out[hdr + i - at] = s.tag[i - (end - 16)];
		if (foreign && !has_tag && n && at + n > end - 16) {
			p.status = TLSNIC_STATUS_TLS_SEEK;
			p.good = hdr + (at > end - 16 ? 0 : end - 16 - at);
		} else if (foreign && go_on && at + n < end) {
			p.status = TLSNIC_STATUS_TLS_SEEK;
			p.good = (p.in.size() - 1) / BEAT * BEAT;
		}
		command(s);
		if (p.status) {
			refuse(p, p.status);
			return p.status;
		}
		want.packets++;
		want.bytes += n;
		want.records += p.records;
		want.seeks++;
		want.seek_bytes += n;
		add(p);
		if (go_on) {
			/* not the tag of the record that the seek is to, if it is foreign */
			size_t own = !foreign ? at : at + n < end ? at + n : end;

			c.tag.reset();
			todo.back().before += own - at;
			expect_tags(c, own, at + n - own, todo.back());
			c.at = at + n;
			c.broken = false;
		}
		return 0;
	}

	/* A TLS packet that is expected to be dropped. */
	void refuse(Packet p, int status)
	{
		p.status = status;
		add(p);
		if (status == TLSNIC_STATUS_TLS_SEEK)
			want.drop_seek++;
		if (status == TLSNIC_STATUS_TLS_CTX)
			want.drop_ctx++;
		else if (status == TLSNIC_STATUS_TLS_SEQ)
			want.drop_seq++;
		else if (status == TLSNIC_STATUS_TLS_RECORD)
			want.drop_record++;
		else if (status == TLSNIC_STATUS_TLS_BROKEN)
			want.drop_broken++;
	}

	/* ---- a cycle ------------------------------------------------------ */

	bool stall(unsigned gap) { return gap && r.one_in(gap); }

	void drive_packet()
	{
		if (!in_held && !todo.empty() && !stall(gap_in)) {
			const Packet &p = todo.front();
			size_t n = p.in.size() - in_at < BEAT ? p.in.size() - in_at : BEAT;
			uint8_t *data = port_bytes(top->s_pkt_data);

			memcpy(data, &p.in[in_at], n);
			for (size_t i = n; i < BEAT; i++)	/* junk behind the end */
				data[i] = (uint8_t)(0xa5 + i);
			top->s_pkt_valid = 1;
			top->s_pkt_last = in_at + n == p.in.size();
			top->s_pkt_nbytes = n;
			top->s_pkt_status = top->s_pkt_last || in_at + n > p.void_from ? p.status_in : 0;
			memcpy(port_bytes(top->s_pkt_meta), p.meta, sizeof(p.meta));
			in_held = true;
		} else if (!in_held) {
			top->s_pkt_valid = 0;
		}
	}

	void drive_command()
	{
		if (!ctx_held && !commands.empty() && !stall(gap_ctx)) {
			const Command &c = commands.front();

			memcpy(port_bytes(top->s_ctx), c.key, 32);
			memcpy(port_bytes(top->s_ctx) + 32, c.rec_sn, 8);
			memcpy(port_bytes(top->s_ctx) + 40, c.iv, 8);
			memcpy(port_bytes(top->s_ctx) + 48, c.salt, 4);
			set_bits(top->s_ctx, 416, 32, c.seq);
			set_bits(top->s_ctx, 448, 8, (uint64_t)c.version);
			set_bits(top->s_ctx, 456, 8, (uint64_t)c.cipher);
			set_bits(top->s_ctx, 464, 32, c.ctx);
			set_bits(top->s_ctx, 496, 1, c.is_seek);
			set_bits(top->s_ctx, 497, 1, c.is_delete);
			top->s_ctx_valid = 1;
			ctx_held = true;
		}
	}

	void take_beat()
	{
		const uint8_t *data = port_bytes(top->m_pkt_data);

		last_out = tb.cycle;
		if (sent.empty()) {
			tap_fail("cycle %llu: a beat came out, none was expected", (unsigned long long)tb.cycle);
			return;
		}
		const Packet &p = sent.front();
		size_t left = p.in.size() - out_at, n = left < BEAT ? left : BEAT;

		if (!out_at)
			latency = tb.cycle - p.t_in;
		if (memcmp(port_bytes(top->m_pkt_meta), p.meta, sizeof(p.meta)))
			tap_fail("packet %u: expected its meta, got another one", p.mark);
		if (top->m_pkt_nbytes != n || top->m_pkt_last != (n == left))
			tap_fail("packet %u, byte %zu: expected a beat of %zu bytes, last %d; got %d, last %d", p.mark,
				 out_at, n, n == left, top->m_pkt_nbytes, top->m_pkt_last);
		/* a status stays, and what has none is encrypted as it should be */
		if (!top->m_pkt_status && (last_status || (p.status && out_at + n > p.good)))
			tap_fail("packet %u, byte %zu: expected a status other than 0", p.mark, out_at);
		if (top->m_pkt_status && !p.status && n != left)
			tap_fail("packet %u, byte %zu: expected status 0, got %d", p.mark, out_at, top->m_pkt_status);
		last_status = n == left ? 0 : top->m_pkt_status;
		if (!top->m_pkt_status && memcmp(data, &p.out[out_at], n)) {
			size_t i = 0;

			while (data[i] == p.out[out_at + i])
				i++;
			tap_fail("packet %u (ctx %u, offset %u, %zu bytes, seq %08x), byte %zu: expected %02x, got %02x (in: %02x)",
				 p.mark, p.ctx, p.offset, p.in.size(), p.seq, out_at + i, p.out[out_at + i], data[i],
				 p.in[out_at + i]);
		}
		out_at += n;
		if (n == left) {
			if (top->m_pkt_status != p.status)
				tap_fail("packet %u (ctx %u, offset %u, %zu bytes, seq %08x): expected status %d, got %d",
					 p.mark, p.ctx, p.offset, p.in.size(), p.seq, p.status, top->m_pkt_status);
			this->left.push_back({ p.mark, tb.cycle });
			sent.pop_front();
			out_at = 0;
		}
	}

	void count()
	{
		if (top->ev_packet) {
			got.packets++;
			got.bytes += top->ev_bytes;
			got.records += top->ev_records;
			if (top->ev_seek) {
				got.seeks++;
				got.seek_bytes += top->ev_bytes;
			}
		}
		got.drop_seek += top->ev_drop_seek;
		got.writes += top->ev_ctx_write;
		got.deletes += top->ev_ctx_delete;
		got.drop_ctx += top->ev_drop_ctx;
		got.drop_seq += top->ev_drop_seq;
		got.drop_record += top->ev_drop_record;
		got.drop_broken += top->ev_drop_broken;
	}

	void clock()
	{
		drive_packet();
		drive_command();
		top->m_pkt_ready = !stall(gap_out);
		top->m_tag_ready = !stall(gap_tag);
		tb.eval();
		count();
		if (top->m_tag_valid && !top->m_tag_hold)
			tap_fail("cycle %llu: a tag without m_tag_hold", (unsigned long long)tb.cycle);
		tap_u64("ev_tag", top->ev_tag, top->m_tag_valid && top->m_tag_ready);
		if (top->ev_tag)
			take_tag();
		complete();
		cycles_in += top->s_pkt_valid;
		if (top->m_pkt_valid && top->m_pkt_ready)
			take_beat();
		bool in = top->s_pkt_valid && top->s_pkt_ready;
		bool cmd = top->s_ctx_valid && top->s_ctx_ready;
		tb.clock();
		if (in) {
			Packet &p = todo.front();

			if (!in_at) {
				p.t_in = tb.cycle - 1;
				sent.push_back(p);
			}
			in_at += top->s_pkt_nbytes;
			in_held = false;
			if (in_at >= p.in.size()) {
				todo.pop_front();
				in_at = 0;
			}
		}
		if (cmd) {
			commands.pop_front();
			ctx_held = false;
			top->s_ctx_valid = 0;
			memset(port_bytes(top->s_ctx), 0, sizeof(top->s_ctx));
		}
	}

	/* Until all is out and the block says that it rests. */
	void drain()
	{
		uint64_t limit = 2000;

		for (const Packet &p : todo)
			limit += 40 + p.in.size() * 4;
		for (const Packet &p : sent)
			limit += 40 + p.in.size() * 4;
		limit *= 8;
		while (!todo.empty() || !sent.empty() || !commands.empty() || top->busy) {
			if (!limit--) {
				tap_fail("cycle %llu: stuck: %zu packets to go in, %zu to come out, busy %d",
					 (unsigned long long)tb.cycle, todo.size(), sent.size(), top->busy);
				return;
			}
			clock();
		}
		for (int i = 0; i < 3; i++)	/* the last events are registered */
			clock();
	}

	/* Lets the queue in front of the block get short. */
	void run(size_t keep)
	{
		uint64_t limit = 4000000;

		while (todo.size() > keep && --limit)
			clock();
		if (!limit) {
			tap_fail("cycle %llu: stuck: %zu packets to go in, %zu to come out",
				 (unsigned long long)tb.cycle, todo.size(), sent.size());
			todo.clear();
		}
	}

	void check_counts()
	{
		tap_u64("ev_packet", got.packets, want.packets);
		tap_u64("ev_bytes", got.bytes, want.bytes);
		tap_u64("ev_records", got.records, want.records);
		tap_u64("ev_ctx_write", got.writes, want.writes);
		tap_u64("ev_ctx_delete", got.deletes, want.deletes);
		tap_u64("ev_drop_ctx", got.drop_ctx, want.drop_ctx);
		tap_u64("ev_drop_seq", got.drop_seq, want.drop_seq);
		tap_u64("ev_drop_record", got.drop_record, want.drop_record);
		tap_u64("ev_drop_broken", got.drop_broken, want.drop_broken);
		tap_u64("ev_seek", got.seeks, want.seeks);
		tap_u64("ev_bytes with ev_seek", got.seek_bytes, want.seek_bytes);
		tap_u64("ev_drop_seek", got.drop_seek, want.drop_seek);
	}

	void finish()
	{
		drain();
		check_counts();
		tap_u64("packets without completion", left.size(), 0);
	}
};

#endif /* TLSNIC_BENCH_H */
