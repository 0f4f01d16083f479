/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host_rx between models of its neighbours: the source of frames, axi_rd,
 * axi_wr, the completion ring, and the driver that posts buffers.
 *
 * Bytes reach the memory model only when their write is reported done, so a
 * completion that comes sooner is found with wrong bytes. Whatever the card
 * delivers is checked as it comes; what the test expects beyond that (how many,
 * which events) is for the test to compare.
 */
#ifndef TLSNIC_HOST_RX_RIG_H
#define TLSNIC_HOST_RX_RIG_H

#include "Vhost_rx.h"
#include "ring_bus.h"

#include <deque>
#include <map>
#include <vector>

static const unsigned BEAT = DATA_W / 8;
static const unsigned QUEUES = 5;

struct Frame {
	unsigned queue;
	uint16_t flags, vlan_tci;
	uint32_t id;			/* travels as the hash */
	std::vector<uint8_t> data;
};

struct Ring {
	uint64_t base;
	unsigned size = 0, buf_len = 0;	/* entries, bytes */
	uint16_t tail = 0;		/* posted */
	uint16_t next = 0;		/* index of the next completion */
	bool on = false;		/* as the host believes: not seen inactive */
	bool open_frame = false;	/* START came, END did not */
	bool error = false;		/* a write of this frame failed */
	std::vector<uint8_t> got;
	std::vector<uint64_t> addr;	/* of the buffer in each entry */
	uint64_t next_buf = 0;
	uint32_t last_id = 0;
	unsigned delivered = 0, damaged = 0, cut = 0;
};

struct Rig : RingBus<Rig> {
	Testbench<Vhost_rx> tb;
	Random rnd;
	std::map<uint64_t, std::vector<uint8_t>> buffers;	/* by address */
	std::map<uint64_t, bool> failed;			/* buffers whose write failed */
	Ring ring[QUEUES];
	std::deque<Frame> frames;
	std::map<uint32_t, Frame> sent;
	size_t at = 0;			/* bytes of frames.front() gone */
	bool offered = false;		/* a beat stands at s_pkt */
	uint32_t next_id = 1;

	struct Read { uint64_t addr; unsigned len; uint64_t due; bool err; };
	struct Write { uint64_t addr; unsigned len; std::vector<uint8_t> data; uint64_t due; bool err; };
	std::deque<Read> reads;
	unsigned read_beat = 0;
	std::deque<Write> writes, landing;	/* without all data; waiting to be done */

	/* knobs */
	unsigned latency = 20;		/* most cycles of a read or write */
	unsigned stall = 3;		/* ready is 0 once in so many cycles, 0: never */
	unsigned gap = 4;		/* no frame data once in so many cycles, 0: never */
	unsigned write_errors = 0;	/* one in so many */
	uint64_t read_error_at = 0;	/* reads that touch this address fail */
	bool cpl_ready = true;

	unsigned ev_no_buffer = 0, err_read = 0, err_write = 0, err_doorbell = 0, failed_writes = 0;
	unsigned sent_frames = 0;

	Rig(uint64_t salt) : rnd(tap.seed * 1000 + salt)
	{
		Vhost_rx *t = tb.top.get();

		for (unsigned q = 0; q < QUEUES; q++)
			ring[q].base = rnd.next() << 36 | 0x100000000ull * (q + 1) | rnd.below(0xe00) << 12;
		t->reg_wr = t->reg_rd = 0;
		t->s_pkt_valid = t->s_rd_rsp_valid = t->s_wr_done_valid = 0;
		t->m_rd_req_ready = t->m_wr_req_ready = t->m_wr_dat_ready = t->m_cpl_ready = 0;
		tb.reset();
	}

	bool may_stall() { return stall && rnd.one_in(stall); }

	Ring &owner(uint64_t addr, const char *what)
	{
		unsigned q = (unsigned)(addr >> 32 & 15) - 1;

		if (q >= QUEUES || addr >> 36 != ring[q].base >> 36) {
			tap_fail("%s at %llx: outside of all rings", what, (unsigned long long)addr);
			q = 0;
		}
		if (!ring[q].on)
			tap_fail("%s at %llx: ring %u is off", what, (unsigned long long)addr, q);
		return ring[q];
	}

	/* ---- one cycle ---- */
	void step()
	{
		Vhost_rx *t = tb.top.get();
		Frame *f = frames.empty() ? NULL : &frames.front();

		if (f && (offered || !(gap && rnd.one_in(gap)))) {
			size_t n = f->data.size() - at;

			t->s_pkt_valid = 1;
			memset(port_bytes(t->s_pkt_data), 0xee, BEAT);
			memcpy(port_bytes(t->s_pkt_data), &f->data[at], n < BEAT ? n : BEAT);
			t->s_pkt_last = n <= BEAT;
			t->s_pkt_nbytes = n < BEAT ? n : BEAT;
			t->s_pkt_meta[0] = (uint32_t)f->vlan_tci << 16 | (uint32_t)f->data.size();
			t->s_pkt_meta[1] = f->id;
			t->s_pkt_meta[2] = f->queue << 16 | f->flags;
		} else {
			t->s_pkt_valid = 0;
		}

		t->m_rd_req_ready = !may_stall();
		t->m_wr_req_ready = !may_stall();
		t->m_wr_dat_ready = !writes.empty() && !may_stall();
		t->m_cpl_ready = cpl_ready && !may_stall();

		t->s_rd_rsp_valid = 0;
		if (!reads.empty() && reads.front().due <= tb.cycle && !may_stall()) {
			Read &r = reads.front();
			uint64_t beat = r.addr + read_beat * 16;

			t->s_rd_rsp_valid = 1;
			t->s_rd_rsp_last = beat + 16 >= r.addr + r.len;
			t->s_rd_rsp_err = t->s_rd_rsp_last && r.err;
			descriptors(beat);
		}
		t->s_wr_done_valid = 0;
		if (!landing.empty() && landing.front().due <= tb.cycle && !may_stall()) {
			t->s_wr_done_valid = 1;
			t->s_wr_done_err = landing.front().err;
		}

		tb.eval();
		if (!t->busy && (t->m_rd_req_valid || t->m_wr_req_valid || t->m_wr_dat_valid || t->m_cpl_valid ||
				 t->ev_no_buffer || t->err_read || t->err_doorbell || t->s_pkt_valid))
			tap_fail("cycle %llu: not busy, but at work", (unsigned long long)tb.cycle);
		ev_no_buffer += t->ev_no_buffer;
		err_read += t->err_read;
		err_write += t->err_write;
		err_doorbell += t->err_doorbell;

		offered = t->s_pkt_valid && !t->s_pkt_ready;
		if (t->s_pkt_valid && t->s_pkt_ready) {
			at += BEAT;
			if (at >= f->data.size()) {
				frames.pop_front();
				at = 0;
			}
		}
		if (t->m_rd_req_valid && t->m_rd_req_ready)
			read_asked(t->m_rd_req_addr, t->m_rd_req_len);
		if (t->m_wr_req_valid && t->m_wr_req_ready)
			write_asked(t->m_wr_req_addr, t->m_wr_req_len);
		if (t->m_wr_dat_valid && t->m_wr_dat_ready)
			write_beat(port_bytes(t->m_wr_dat_data));
		if (t->s_rd_rsp_valid) {
			read_beat++;
			if (t->s_rd_rsp_last) {
				reads.pop_front();
				read_beat = 0;
			}
		}
		if (t->s_wr_done_valid)
			write_done();
		if (t->m_cpl_valid && t->m_cpl_ready)
			completion(t->m_cpl[8], port_bytes(t->m_cpl));

		tb.clock();
		t->s_pkt_valid = offered;
		t->s_rd_rsp_valid = 0;
		t->s_wr_done_valid = 0;
	}

	void steps(unsigned n) { while (n--) step(); }

	void descriptors(uint64_t beat)
	{
		uint8_t *p = port_bytes(tb.top->s_rd_rsp_data);
		Ring &r = owner(beat, "descriptor read response");
		uint64_t entry = (beat - r.base) / 16;
		struct tlsnic_rxd d = { 0, 0 };

		d.addr = entry < r.size ? r.addr[entry] : ~0ull;
		memcpy(p, &d, 16);
	}

	void read_asked(uint64_t addr, unsigned len)
	{
		Ring &r = owner(addr, "descriptor read");

		if (!len || len % 16 || addr % 16 || addr + len > r.base + r.size * 16)
			tap_fail("descriptor read of %u bytes at %llx", len, (unsigned long long)addr);
		reads.push_back({addr, len, tb.cycle + 1 + rnd.below(latency + 1),
				 addr <= read_error_at && read_error_at < addr + len});
	}

	void write_asked(uint64_t addr, unsigned len)
	{
		Ring &r = owner(addr, "buffer write");

		if (!len || len > r.buf_len || addr % 64)
			tap_fail("buffer write of %u bytes at %llx", len, (unsigned long long)addr);
		writes.push_back({addr, len, {}, 0, write_errors && rnd.one_in(write_errors)});
	}

	void write_beat(const uint8_t *p)
	{
		Write &w = writes.front();
		unsigned n = w.len - (unsigned)w.data.size();

		w.data.insert(w.data.end(), p, p + (n < BEAT ? n : BEAT));
		if (w.data.size() == w.len) {
			w.due = tb.cycle + 1 + rnd.below(latency + 1);
			landing.push_back(w);
			writes.pop_front();
		}
	}

	void write_done()
	{
		Write &w = landing.front();

		owner(w.addr, "write response");
		failed_writes += w.err;
		failed[w.addr] = w.err;
		buffers[w.addr] = w.data;
		landing.pop_front();
	}

	/* ---- completions ---- */
	void completion(unsigned queue, const uint8_t *entry)
	{
		struct tlsnic_cpl_rx c;

		memcpy(&c, entry, sizeof(c));
		if (queue >= QUEUES) {
			tap_fail("completion for queue %u", queue);
			return;
		}
		Ring &r = ring[queue];
		uint64_t addr = r.addr[c.index % r.size];

		tap_u64("completion type", c.type, TLSNIC_CPL_RX);
		tap_u64("completion index", c.index, r.next);
		r.next = c.index + 1;
		if (!r.on)
			tap_fail("completion for ring %u, which is off", queue);
		if (!!(c.flags & TLSNIC_RXF_START) == r.open_frame) {
			if (c.flags & TLSNIC_RXF_START)
				r.cut++;	/* the rest was dropped: halted ring */
			else
				tap_fail("queue %u index %u: frame goes on without a start", queue, c.index);
		}
		if (c.flags & TLSNIC_RXF_START) {
			r.got.clear();
			r.error = false;
		}
		if (!buffers.count(addr)) {
			tap_fail("queue %u index %u: completed before it was written", queue, c.index);
			return;
		}
		r.error |= failed[addr];
		tap_u64("error flag", !!(c.flags & TLSNIC_RXF_ERROR), r.error);
		tap_u64("buffer length", c.len, buffers[addr].size());
		r.got.insert(r.got.end(), buffers[addr].begin(), buffers[addr].end());
		buffers.erase(addr);
		r.open_frame = !(c.flags & TLSNIC_RXF_END);
		if (r.open_frame) {
			tap_u64("length of a buffer in the middle", c.len, r.buf_len);
			if (c.flags & ~(TLSNIC_RXF_START | TLSNIC_RXF_ERROR) || c.hash || c.frame_len || c.vlan_tci)
				tap_fail("fields of the last buffer in another");
			return;
		}
		if (!sent.count(c.hash) || c.hash <= r.last_id) {
			tap_fail("queue %u: frame %u after %u", queue, c.hash, r.last_id);
			return;
		}
		r.last_id = c.hash;
		Frame &f = sent[c.hash];

		tap_u64("queue", queue, f.queue);
		tap_u64("flags", c.flags & ~(TLSNIC_RXF_START | TLSNIC_RXF_END | TLSNIC_RXF_ERROR), f.flags);
		tap_u64("vlan", c.vlan_tci, f.vlan_tci);
		tap_u64("frame length", c.frame_len, f.data.size());
		tap_u64("bytes in buffers", r.got.size(), f.data.size());
		if (r.got.size() == f.data.size())
			tap_bytes("frame", r.got.data(), f.data.data(), f.data.size());
		r.delivered++;
		r.damaged += r.error;
		sent.erase(c.hash);
	}

	/* ---- driver ---- */
	void turn_on(unsigned q, unsigned log2_size, unsigned buf_len)
	{
		Ring &r = ring[q];

		r.size = 1u << log2_size;
		r.buf_len = buf_len;
		r.addr.assign(r.size, ~0ull);
		r.tail = r.next = 0;
		r.on = true;
		r.open_frame = false;
		write(q, TLSNIC_Q_RX_BUF_LEN, buf_len);
		ring_on(q, TLSNIC_Q_RX_BASE_LO, r.base, log2_size);
	}

	void turn_off(unsigned q)
	{
		ring_off(q, TLSNIC_Q_RX_BASE_LO);
		ring[q].on = false;
		if (ring[q].open_frame)
			ring[q].cut++;
		ring[q].open_frame = false;
	}

	/* Posts n buffers at new addresses; rings the doorbell if told. */
	void post(unsigned q, unsigned n, bool doorbell = true)
	{
		Ring &r = ring[q];

		while (n--) {
			/* each in 32 KiB of its own, anywhere in the 4 GiB of the queue */
			r.addr[r.tail % r.size] = (r.base >> 32 << 32) + 0x1000000 +
						  (uint64_t)(r.next_buf++ * 7919ull % 100000) * 0x8000 + rnd.below(8) * 64;
			r.tail++;
		}
		if (doorbell)
			write(q, TLSNIC_Q_RX_TAIL, r.tail);
	}

	unsigned room(unsigned q) { return ring[q].size - (uint16_t)(ring[q].tail - ring[q].next); }

	void send(unsigned q, unsigned len)
	{
		Frame f;

		f.queue = q;
		f.flags = rnd.next() & (TLSNIC_RXF_L3_OK | TLSNIC_RXF_L4_OK | TLSNIC_RXF_VLAN |
					TLSNIC_RXF_HASH_L3 | TLSNIC_RXF_HASH_L4);
		f.vlan_tci = (uint16_t)rnd.next();
		f.id = next_id++;
		f.data.resize(len);
		rnd.fill(f.data.data(), len);
		frames.push_back(f);
		sent[f.id] = f;
		sent_frames++;
	}

	/* Runs until nothing is left to do; false if that takes too long. */
	bool settle(unsigned limit = 20000)
	{
		tb.eval();
		while (tb.top->busy || !frames.empty() || !reads.empty() || !landing.empty()) {
			step();
			tb.eval();
			if (!limit--) {
				tap_fail("cycle %llu: still busy", (unsigned long long)tb.cycle);
				return false;
			}
		}
		if (!writes.empty())
			tap_fail("a write request without its data");
		return true;
	}

	unsigned delivered()
	{
		unsigned n = 0;

		for (const Ring &r : ring)
			n += r.delivered;
		return n;
	}
};

#endif
