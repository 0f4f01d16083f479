/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tls_tx between a source of packets and a checker of what comes out, in order.
 */
#ifndef TLSNIC_BENCH_H
#define TLSNIC_BENCH_H

#include <linux/tlsnic.h>

#include <deque>

#include "Vtls_tx.h"
#include "conn.h"

#define BEAT (DATA_W / 8)
#define CONTEXTS 16		/* NUM_CTX in block.mk */

enum { KIND_PACKET = 0, KIND_CTX_WRITE = 1, KIND_CTX_DELETE = 2 };

/* What tlsnic_pkg::ctx_cmd_t says. */
struct Command {
	bool is_delete;
	uint32_t ctx;
	int cipher, version;
	uint32_t seq;
	uint8_t salt[4], iv[8], rec_sn[8], key[32];
};

struct Packet {
	int kind = KIND_PACKET;
	bool tls = false;
	uint32_t ctx = 0, seq = 0;
	uint16_t offset = 0;		/* of the TLS stream */
	int status_in = 0;
	Bytes in;

	int status = 0;			/* expected */
	Bytes out;			/* expected, if status is 0 */
	unsigned records = 0;		/* expected in ev_records */

	uint32_t mark = 0;		/* number, for messages */
	uint8_t meta[20] = {};		/* as it went in */
	uint64_t t_in = 0;		/* cycle in which the first beat went in */
};

struct Counts {
	uint64_t packets, bytes, records, writes, deletes, drop_ctx, drop_seq, drop_record, drop_broken;
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
	unsigned gap_in = 0, gap_out = 0, gap_ctx = 0;	/* stall once in so many cycles, 0: never */

	std::deque<Packet> todo, sent;		/* to go in; to come out */
	std::deque<Command> commands;
	size_t in_at = 0, out_at = 0;		/* bytes of todo.front(), sent.front() */
	bool in_held = false, ctx_held = false;
	uint64_t cycles_in = 0;			/* cycles in which a beat waited or went in */
	uint64_t last_out = 0;			/* cycle of the latest beat out */
	uint64_t latency = 0;			/* of the latest packet, first beat in to first beat out */
	uint32_t marks = 0;
	Counts want = {}, got = {};

	explicit Bench(uint64_t seed) : r(seed)
	{
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
		q.meta[19] &= 7;	/* 155 bits */
		set_bits(q.meta, 0, 16, q.offset);
		set_bits(q.meta, 16, 32, q.seq);
		set_bits(q.meta, 48, 32, q.ctx);
		set_bits(q.meta, 80, 1, q.tls);
		set_bits(q.meta, 153, 2, (uint64_t)q.kind);
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

	/* The next n bytes of the stream as they stand, hdr bytes before them. */
	Packet segment(const Conn &c, size_t n, size_t hdr)
	{
		Packet p;

		p.tls = true;
		p.ctx = c.ctx;
		p.seq = c.seq();
		p.offset = (uint16_t)hdr;
		p.in.resize(hdr + n);
		r.fill(p.in.data(), hdr);
		if (n)
			memcpy(&p.in[hdr], &c.clear[c.at], n);
		p.out = p.in;
		if (n)
			memcpy(&p.out[hdr], &c.cipher[c.at], n);
		p.records = c.ends_in(c.at, c.at + n);
		return p;
	}

	/* Sends it: expected to leave encrypted. */
	void send(Conn &c, size_t n, size_t hdr = 66)
	{
		Packet p = segment(c, n, hdr);

		c.at += n;
		want.packets++;
		want.bytes += n;
		want.records += p.records;
		add(p);
	}

	/* A TLS packet that is expected to be dropped. */
	void refuse(Packet p, int status)
	{
		p.status = status;
		add(p);
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
			top->s_pkt_status = top->s_pkt_last ? p.status_in : (uint8_t)r.next();
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
			set_bits(top->s_ctx, 496, 1, c.is_delete);
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
		if (!p.status && memcmp(data, &p.out[out_at], n)) {
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
		}
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
		tb.eval();
		count();
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
		clock();	/* the last events are registered */
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
	}

	void finish()
	{
		drain();
		check_counts();
	}
};

#endif /* TLSNIC_BENCH_H */
