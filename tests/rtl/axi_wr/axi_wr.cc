// SPDX-License-Identifier: BSD-2-Clause
//
// axi_wr between two clients and a memory that keeps to AXI4 and checks that the
// master does: bursts inside 4 KiB, stable channels, as many beats as announced,
// bytes of the request and no others strobed.

#include "Vaxi_wr.h"
#include "tb.h"

#include <deque>
#include <map>
#include <vector>

static const unsigned BEAT = DATA_W / 8;
static const unsigned MAX_BURST = 64, OUTSTANDING = 64;

struct Request {
	uint64_t addr;
	unsigned len;
	std::vector<uint8_t> data;
};

struct Burst {
	uint64_t addr;
	unsigned beats, done = 0;
	uint64_t due = 0;
};

struct Rig {
	Testbench<Vaxi_wr> tb;
	Random rnd;
	std::deque<Request> asking[2], moving[2], waiting[2];
	size_t at[2] = { 0, 0 };	/* beats of moving.front() gone */
	std::deque<Burst> addressed, answered;
	std::map<uint64_t, uint8_t> memory;
	std::map<uint64_t, bool> any_error;	/* by page; each request has pages of its own */
	unsigned stall = 3, gap = 3, latency = 20, errors = 0;
	unsigned done[2] = { 0, 0 }, failed = 0, bursts = 0, most_out = 0, beats = 0, flushed = 0;
	bool clients_reset = false;	/* a done of the cycle before flush is lost on them */
	bool req_offered[2] = { false, false }, dat_offered[2] = { false, false };
	/* what must stay until ready */
	bool aw_held = false, w_held = false;
	uint64_t held_addr = 0;
	unsigned held_len = 0;
	uint8_t held_data[64], held_last = 0;

	Rig(uint64_t salt) : rnd(tap.seed * 1000 + salt)
	{
		Vaxi_wr *t = tb.top.get();

		t->flush = 0;
		t->s_req_valid = t->s_dat_valid = 0;
		t->m_axi_awready = t->m_axi_wready = t->m_axi_bvalid = 0;
		t->m_axi_bid = 0;
		tb.reset();
	}

	bool often(unsigned n) { return n && rnd.one_in(n); }

	void send(unsigned c, uint64_t addr, unsigned len)
	{
		Request r;

		r.addr = addr;
		r.len = len;
		r.data.resize(len);
		rnd.fill(r.data.data(), len);
		asking[c].push_back(r);
	}

	void step()
	{
		Vaxi_wr *t = tb.top.get();

		t->s_req_valid = t->s_dat_valid = 0;
		for (unsigned c = 0; c < 2 && !t->flush; c++) {
			if (asking[c].size() && (req_offered[c] || !often(gap))) {
				Request &r = asking[c].front();

				t->s_req_valid |= 1 << c;
				memcpy(port_bytes(t->s_req_addr) + 8 * c, &r.addr, 8);
				memcpy(port_bytes(t->s_req_len) + 2 * c, &r.len, 2);
			}
			/* a client may have its data ready before it is asked for */
			Request *r = moving[c].size() ? &moving[c].front() : asking[c].size() ? &asking[c].front() : NULL;

			if (r && (dat_offered[c] || !often(gap))) {
				uint8_t *p = port_bytes(t->s_dat_data) + BEAT * c;

				t->s_dat_valid |= 1 << c;
				for (unsigned i = 0; i < BEAT; i++) {
					int64_t n = (int64_t)(at[c] * BEAT + i) - (int64_t)(r->addr % BEAT);

					p[i] = n >= 0 && n < r->len ? r->data[n] : 0xee;
				}
			}
		}
		t->m_axi_awready = !often(stall);
		t->m_axi_wready = !often(stall);
		t->m_axi_bvalid = 0;
		if (answered.size() && answered.front().due <= tb.cycle) {
			t->m_axi_bvalid = 1;
			t->m_axi_bresp = resp;
		}
		tb.eval();
		if (!t->busy && !t->flush && (t->m_axi_awvalid || t->m_axi_wvalid || t->m_done_valid))
			tap_fail("cycle %llu: not busy, but at work", (unsigned long long)tb.cycle);

		for (unsigned c = 0; c < 2; c++) {
			bool req = t->s_req_valid >> c & 1, dat = t->s_dat_valid >> c & 1;

			req_offered[c] = req && !(t->s_req_ready >> c & 1);
			dat_offered[c] = dat && !(t->s_dat_ready >> c & 1);
			if (req && !req_offered[c]) {
				moving[c].push_back(asking[c].front());
				asking[c].pop_front();
			}
			if (dat && !dat_offered[c]) {
				if (moving[c].empty()) {
					tap_fail("client %u: data taken before the request", c);
					continue;
				}
				Request &r = moving[c].front();

				if (++at[c] * BEAT >= r.addr % BEAT + r.len) {
					waiting[c].push_back(r);
					moving[c].pop_front();
					at[c] = 0;
				}
			}
			if (t->m_done_valid >> c & 1)
				finished(c, t->m_done_err >> c & 1);
		}
		if (t->m_axi_bvalid)
			response();
		address();
		data();
		tb.clock();
		t->m_axi_bvalid = 0;
		t->s_req_valid = (uint8_t)(req_offered[0] | req_offered[1] << 1);
		t->s_dat_valid = (uint8_t)(dat_offered[0] | dat_offered[1] << 1);
	}

	unsigned resp = 0;			/* code of the next response */

	void address()
	{
		Vaxi_wr *t = tb.top.get();

		if (aw_held && (!t->m_axi_awvalid || t->m_axi_awaddr != held_addr || t->m_axi_awlen != held_len))
			tap_fail("address channel changed before ready");
		aw_held = t->m_axi_awvalid && !t->m_axi_awready;
		held_addr = t->m_axi_awaddr;
		held_len = t->m_axi_awlen;
		if (!t->m_axi_awvalid || !t->m_axi_awready)
			return;
		Burst b;
		uint64_t first = t->m_axi_awaddr & ~(uint64_t)(BEAT - 1);

		b.addr = t->m_axi_awaddr;
		b.beats = t->m_axi_awlen + 1u;
		tap_u64("awsize", 1u << t->m_axi_awsize, BEAT);
		tap_u64("awburst", t->m_axi_awburst, 1);
		if ((first + b.beats * BEAT - 1) / 4096 != first / 4096)
			tap_fail("burst at %llx of %u beats crosses 4 KiB", (unsigned long long)b.addr, b.beats);
		if (b.beats > MAX_BURST)
			tap_fail("burst of %u beats", b.beats);
		bursts++;
		addressed.push_back(b);
		if (addressed.size() + answered.size() > most_out)
			most_out = (unsigned)(addressed.size() + answered.size());
		if (addressed.size() + answered.size() > OUTSTANDING)
			tap_fail("%zu bursts outstanding", addressed.size() + answered.size());
	}

	void data()
	{
		Vaxi_wr *t = tb.top.get();
		const uint8_t *p = port_bytes(t->m_axi_wdata);

		if (w_held && (!t->m_axi_wvalid || memcmp(p, held_data, BEAT) || t->m_axi_wlast != held_last))
			tap_fail("data channel changed before ready");
		w_held = t->m_axi_wvalid && !t->m_axi_wready;
		memcpy(held_data, p, BEAT);
		held_last = t->m_axi_wlast;
		if (!t->m_axi_wvalid || !t->m_axi_wready)
			return;
		if (addressed.empty()) {
			tap_fail("data without an address");
			return;
		}
		Burst &b = addressed.front();
		uint64_t beat = (b.addr & ~(uint64_t)(BEAT - 1)) + b.done * BEAT;

		for (unsigned i = 0; i < BEAT; i++) {
			if (!((uint64_t)t->m_axi_wstrb >> i & 1))
				continue;
			if (beat + i < b.addr)
				tap_fail("strobe before the burst's address");
			if (memory.count(beat + i))
				tap_fail("byte %llx written twice", (unsigned long long)(beat + i));
			memory[beat + i] = p[i];
		}
		b.done++;
		beats++;
		flushed += t->flush && t->m_axi_wstrb;
		tap_u64("wlast", t->m_axi_wlast, b.done == b.beats);
		if (b.done == b.beats) {
			b.due = tb.cycle + 1 + rnd.below(latency + 1);
			answered.push_back(b);
			addressed.pop_front();
			if (answered.size() == 1)
				resp = errors && rnd.one_in(errors) ? 2 + rnd.below(2) : 0;
		}
	}

	void response()
	{
		Burst b = answered.front();

		answered.pop_front();
		if (resp >= 2)
			failed++;
		any_error[b.addr / 4096] |= resp >= 2;
		resp = errors && rnd.one_in(errors) ? 2 + rnd.below(2) : 0;
	}

	void finished(unsigned c, bool err)
	{
		bool want = false;

		if (clients_reset)
			return;
		if (waiting[c].empty()) {
			tap_fail("client %u: done before its data is gone", c);
			return;
		}
		Request r = waiting[c].front();

		waiting[c].pop_front();
		done[c]++;
		for (uint64_t page = r.addr / 4096; page <= (r.addr + r.len - 1) / 4096; page++)
			want |= any_error[page];
		tap_u64("error of a request", err, want);
		for (unsigned i = 0; i < r.len; i++) {
			auto m = memory.find(r.addr + i);

			if (m == memory.end() || m->second != r.data[i]) {
				tap_fail("request of %u bytes at %llx: byte %u is not there", r.len,
					 (unsigned long long)r.addr, i);
				break;
			}
			memory.erase(m);
		}
	}

	bool settle(unsigned limit = 100000)
	{
		tb.eval();
		while (tb.top->busy || asking[0].size() || asking[1].size()) {
			step();
			tb.eval();
			if (!limit--) {
				tap_fail("cycle %llu: still busy", (unsigned long long)tb.cycle);
				return false;
			}
		}
		return true;
	}
};

/* Each request begins in pages that no other has. */
static uint64_t place(Rig &rig, unsigned c, unsigned n, unsigned align)
{
	return rig.rnd.next() << 40 | (uint64_t)c << 39 |
	       (n * 7919u % 1000003 * 0x8000ull + rig.rnd.below(4096 / align) * align);
}

static void random_requests(unsigned latency, unsigned stall, unsigned gap, unsigned errors)
{
	Rig rig(1);
	unsigned n = 0;

	rig.latency = latency;
	rig.stall = stall;
	rig.gap = gap;
	rig.errors = errors;
	for (; n < 1200; n++) {
		unsigned c = rig.rnd.below(2), len;

		switch (rig.rnd.below(6)) {
		case 0:
			len = rig.rnd.range(1, 16384);
			break;
		case 1:
			len = rig.rnd.range(1, 2048);
			break;
		default:
			len = rig.rnd.range(1, 130);
		}
		rig.send(c, place(rig, c, n, rig.rnd.one_in(2) ? 1 : 64), len);
		while (rig.asking[c].size() > 10)
			rig.step();
	}
	rig.settle();
	tap_u64("requests done", rig.done[0] + rig.done[1], n);
	tap_u64("bytes that belong to no request", rig.memory.size(), 0);
	if (errors && !rig.failed)
		tap_fail("no response failed");
}

/* Every offset and length around beats and pages. */
static void edges()
{
	Rig rig(2);
	unsigned n = 0;

	rig.latency = rig.stall = rig.gap = 0;
	for (int off = -(int)BEAT - 1; off <= (int)BEAT + 1; off++) {
		for (unsigned len = 1; len <= 2 * BEAT + 1; len += len < 4 || len > 2 * BEAT - 3 ? 1 : 5, n++) {
			rig.send(n & 1, 0x10000000000ull + n * 0x8000ull + 4096 + off, len);
			while (rig.asking[n & 1].size() > 4)
				rig.step();
		}
	}
	rig.settle();
	tap_u64("requests done", rig.done[0] + rig.done[1], n);
	tap_u64("bytes that belong to no request", rig.memory.size(), 0);
}

/* Slow responses do not slow the data down; beats follow each other. */
static void rate(unsigned len, unsigned count)
{
	Rig rig(3);
	uint64_t start;
	unsigned beats = count * ((len + BEAT - 1) / BEAT);

	rig.latency = 0;
	rig.stall = rig.gap = 0;
	for (unsigned i = 0; i < count; i++)
		rig.send(i & 1, 0x10000000000ull + i * 0x8000ull, len);
	start = rig.tb.cycle;
	rig.settle();
	tap_u64("beats", rig.beats, beats);
	if (rig.tb.cycle - start > beats + 12)
		tap_fail("%u requests of %u bytes: expected at most %u cycles, took %llu", count, len, beats + 12,
			 (unsigned long long)(rig.tb.cycle - start));
}

static void outstanding()
{
	Rig rig(4);

	rig.latency = 1000;
	rig.stall = rig.gap = 0;
	for (unsigned i = 0; i < 400; i++)
		rig.send(i & 1, 0x10000000000ull + i * 0x8000ull, 64);
	rig.settle();
	tap_u64("requests done", rig.done[0] + rig.done[1], 400);
	tap_u64("most bursts outstanding", rig.most_out, OUTSTANDING);
}

/* A flush in the middle of anything: AXI stays whole, and the next start is clean. */
static void flush()
{
	Rig rig(5);
	unsigned n = 0;

	for (int round = 0; round < 300 && !tap.failures; round++) {
		unsigned limit = 40000, was;

		rig.latency = rig.rnd.below(100);
		rig.stall = rig.rnd.range(2, 4);
		rig.errors = 3;
		for (int i = 0; i < 30; i++, n++) {
			unsigned c = rig.rnd.below(2);

			rig.send(c, place(rig, c, n, 1), rig.rnd.range(1, 5000));
		}
		for (unsigned i = rig.rnd.below(300); i; i--)
			rig.step();
		rig.tb.top->flush = 1;
		for (unsigned c = 0; c < 2; c++) {
			rig.asking[c].clear();
			rig.moving[c].clear();
			rig.waiting[c].clear();
			rig.at[c] = 0;
			rig.req_offered[c] = rig.dat_offered[c] = false;
		}
		rig.tb.top->s_req_valid = rig.tb.top->s_dat_valid = 0;
		was = rig.done[0] + rig.done[1];
		rig.flushed = 0;
		rig.clients_reset = true;
		rig.step();
		rig.clients_reset = false;
		for (rig.tb.eval(); !rig.tb.top->drained && limit; limit--) {
			rig.step();
			rig.tb.eval();
		}
		if (!limit)
			tap_fail("flush does not drain");
		tap_u64("done during flush", rig.done[0] + rig.done[1], was);
		/* one may have been on the bus already */
		if (rig.flushed > 1)
			tap_fail("%u beats of a flush write something", rig.flushed);
		tap_u64("bursts left", rig.addressed.size() + rig.answered.size(), 0);
		rig.step();
		rig.tb.top->flush = 0;
		rig.memory.clear();
		rig.any_error.clear();
		rig.errors = rig.resp = 0;

		was = rig.done[0] + rig.done[1];
		for (int i = 0; i < 10; i++, n++)
			rig.send(i & 1, place(rig, i & 1, n, 1), rig.rnd.range(1, 5000));
		rig.settle();
		tap_u64("requests done after the flush", rig.done[0] + rig.done[1] - was, 10);
	}
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("random requests", random_requests(20, 3, 3, 0));
	TAP_RUN("random requests, slow memory", random_requests(300, 2, 0, 0));
	TAP_RUN("random requests, fast memory", random_requests(0, 0, 0, 0));
	TAP_RUN("random requests, errors", random_requests(20, 3, 3, 10));
	TAP_RUN("edges of beats and pages", edges());
	TAP_RUN("rate, one beat", rate(BEAT, 500));
	TAP_RUN("rate, 1500 bytes", rate(1500, 100));
	TAP_RUN("rate, 16384 bytes", rate(16384, 10));
	TAP_RUN("outstanding", outstanding());
	TAP_RUN("flush", flush());
	return tap_end();
}
