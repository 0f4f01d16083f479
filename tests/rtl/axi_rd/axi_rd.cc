// SPDX-License-Identifier: BSD-2-Clause
//
// axi_rd between three clients and a memory that answers late, in any order of the
// clients, and with errors: each client gets the bytes it asked for, in order; bursts
// keep to AXI4, to 4 KiB and to MAX_BURST; a flush leaves nothing behind.

#include "Vaxi_rd.h"
#include "tb.h"

#include <deque>

enum { CLIENTS = 3, BEAT = DATA_W / 8, MAX_BURST = 7, OUTSTANDING = 16 };

struct Request {
	uint64_t addr;
	unsigned len;
	unsigned beats;			/* that came */
};

struct Burst {
	uint64_t addr;
	unsigned beats, sent;
	uint64_t due;
};

/* What the memory holds: of no address the same as of its neighbours. */
static uint8_t content(uint64_t addr)
{
	return (uint8_t)((addr * 0x9e3779b97f4a7c15ull) >> 56);
}

/* Pages that cannot be read, if the rig has faults. */
static bool bad_page(uint64_t addr)
{
	return (addr >> 12) % 5 == 3;
}

struct Rig {
	Testbench<Vaxi_rd> tb;
	Random random;
	std::deque<Request> asking[CLIENTS], waiting[CLIENTS];
	std::deque<Burst> bursts[CLIENTS];
	unsigned stall = 3, gap = 3;	/* waits in one cycle of so many; 0: never */
	unsigned latency = 30;		/* cycles at most */
	bool faults = false, held = false, quiet = false;
	uint64_t held_addr = 0;
	unsigned done = 0, failed = 0, most = 0, cycles_of_data = 0;

	explicit Rig(uint64_t salt) : random(tap.seed * 1000 + salt)
	{
		Vaxi_rd *t = tb.top.get();

		t->flush = t->s_req_valid = t->m_axi_arready = t->m_axi_rvalid = 0;
		tb.reset();
	}

	bool often(unsigned n) { return n && random.one_in(n); }

	void ask(unsigned client, uint64_t addr, unsigned len)
	{
		asking[client].push_back({ addr, len, 0 });
	}

	void step()
	{
		Vaxi_rd *t = tb.top.get();
		int from = answer();

		t->s_req_valid = 0;
		for (unsigned c = 0; c < CLIENTS; c++) {
			if (asking[c].empty() || t->flush || often(gap))
				continue;
			t->s_req_valid |= 1 << c;
			memcpy(port_bytes(t->s_req_addr) + 8 * c, &asking[c].front().addr, 8);
			memcpy(port_bytes(t->s_req_len) + 2 * c, &asking[c].front().len, 2);
		}
		t->m_axi_arready = !often(stall);
		tb.eval();
		if (!t->m_axi_rready)
			tap_fail("m_axi_rready is low");
		if (t->drained && from >= 0)
			tap_fail("cycle %llu: drained while data come", (unsigned long long)tb.cycle);
		if (!t->busy && (t->m_axi_arvalid || t->m_rsp_valid || t->s_req_valid))
			tap_fail("cycle %llu: not busy, but at work", (unsigned long long)tb.cycle);
		for (unsigned c = 0; c < CLIENTS; c++) {
			if (!(t->s_req_valid & t->s_req_ready & 1 << c))
				continue;
			waiting[c].push_back(asking[c].front());
			asking[c].pop_front();
		}
		address();
		tb.clock();
		response();
	}

	/* Runs until all that was asked for has come. */
	void finish()
	{
		uint64_t end = tb.cycle + 1000000;

		while (pending()) {
			step();
			if (tb.cycle > end) {
				tap_fail("requests are still open after 1000000 cycles");
				return;
			}
		}
		for (int i = 0; i < 3; i++)
			step();
		if (tb.top->busy || !tb.top->drained)
			tap_fail("busy %d, drained %d with nothing to do", tb.top->busy, tb.top->drained);
	}

	bool pending() const
	{
		for (unsigned c = 0; c < CLIENTS; c++)
			if (asking[c].size() || waiting[c].size() || bursts[c].size())
				return true;
		return false;
	}

private:
	/* One beat of any client's oldest burst; returns the client or -1. */
	int answer()
	{
		Vaxi_rd *t = tb.top.get();
		unsigned first = random.below(CLIENTS);

		t->m_axi_rvalid = 0;
		random.fill(port_bytes(t->m_axi_rdata), BEAT);
		for (unsigned i = 0; i < CLIENTS; i++) {
			unsigned c = (first + i) % CLIENTS;

			if (bursts[c].empty() || bursts[c].front().due > tb.cycle || often(stall))
				continue;
			Burst &b = bursts[c].front();
			uint64_t addr = b.addr / BEAT * BEAT + (uint64_t)b.sent * BEAT;

			t->m_axi_rvalid = 1;
			t->m_axi_rid = c;
			t->m_axi_rresp = faults && bad_page(addr) ? 2 + random.below(2) : random.below(2);
			t->m_axi_rlast = ++b.sent == b.beats;
			for (unsigned n = 0; n < BEAT; n++)
				port_bytes(t->m_axi_rdata)[n] = content(addr + n);
			if (t->m_axi_rlast)
				bursts[c].pop_front();
			return (int)c;
		}
		return -1;
	}

	void address()
	{
		Vaxi_rd *t = tb.top.get();

		if (held && (!t->m_axi_arvalid || t->m_axi_araddr != held_addr))
			tap_fail("an address was taken back");
		held = t->m_axi_arvalid && !t->m_axi_arready;
		held_addr = t->m_axi_araddr;
		if (!t->m_axi_arvalid || !t->m_axi_arready)
			return;
		Burst b = { t->m_axi_araddr, t->m_axi_arlen + 1u, 0,
			    tb.cycle + 1 + random.below(latency + 1) };
		uint64_t end = b.addr / BEAT * BEAT + (uint64_t)b.beats * BEAT - 1;
		unsigned c = t->m_axi_arid;

		if (b.beats > MAX_BURST || b.addr >> 12 != end >> 12)
			tap_fail("burst of %u beats at 0x%llx", b.beats, (unsigned long long)b.addr);
		if (1u << t->m_axi_arsize != BEAT || t->m_axi_arburst != 1 || c >= CLIENTS) {
			tap_fail("burst of size %u, type %u, ID %u", t->m_axi_arsize, t->m_axi_arburst, c);
			return;
		}
		bursts[c].push_back(b);
		if (bursts[c].size() > most)
			most = bursts[c].size();
		if (bursts[c].size() > OUTSTANDING)
			tap_fail("%zu bursts under way for one client", bursts[c].size());
	}

	/* The beat that came out behind the clock edge. */
	void response()
	{
		Vaxi_rd *t = tb.top.get();

		if (!t->m_rsp_valid) {
			for (unsigned i = 0; i < BEAT && tb.cycle > 8; i++)
				if (port_bytes(t->m_rsp_data)[i] && !was_valid)
					tap_fail("data are left in the register");
			was_valid = false;
			return;
		}
		was_valid = true;
		cycles_of_data++;
		unsigned c = __builtin_ctz(t->m_rsp_valid);

		if (t->m_rsp_valid != 1 << c || waiting[c].empty() || quiet) {
			tap_fail("cycle %llu: response 0x%x that nobody waits for",
				 (unsigned long long)tb.cycle, t->m_rsp_valid);
			return;
		}
		Request &r = waiting[c].front();
		uint64_t base = r.addr / BEAT * BEAT + (uint64_t)r.beats * BEAT;
		bool last = base + BEAT >= r.addr + r.len;

		r.beats++;
		for (unsigned i = 0; i < BEAT; i++) {
			uint64_t addr = base + i;

			if (addr >= r.addr && addr < r.addr + r.len &&
			    port_bytes(t->m_rsp_data)[i] != content(addr)) {
				tap_fail("client %u, 0x%llx: expected %02x, got %02x", c, (unsigned long long)addr,
					 content(addr), port_bytes(t->m_rsp_data)[i]);
				break;
			}
		}
		if (t->m_rsp_last != last)
			tap_fail("client %u, %u bytes from 0x%llx: last is %d in beat %u", c, r.len,
				 (unsigned long long)r.addr, t->m_rsp_last, r.beats);
		if (!last)
			return;
		bool bad = false;

		for (uint64_t a = r.addr & ~4095ull; faults && a < r.addr + r.len; a += 4096)
			bad |= bad_page(a);
		if (t->m_rsp_err != bad)
			tap_fail("client %u, %u bytes from 0x%llx: expected error %d, got %d", c, r.len,
				 (unsigned long long)r.addr, bad, t->m_rsp_err);
		failed += bad;
		done++;
		waiting[c].pop_front();
	}

	bool was_valid = false;
};

static void ask_at_random(Rig &rig, int n)
{
	for (int i = 0; i < n; i++) {
		Random &r = rig.random;
		uint64_t addr = r.next() >> (r.one_in(2) ? 40 : 4);
		unsigned len = r.one_in(4) ? r.range(1, 16384) : r.one_in(2) ? r.range(1, 200) : 16 << r.below(4);

		if (r.one_in(4))
			addr = (addr | 4095) - r.below(2 * BEAT);	/* just before a page ends */
		rig.ask(r.below(CLIENTS), addr, len);
	}
}

static void test_random(unsigned stall, unsigned gap, unsigned latency, bool faults)
{
	Rig rig(stall + 10 * gap + 100 * latency + faults);
	int n = trials(1000);

	rig.stall = stall;
	rig.gap = gap;
	rig.latency = latency;
	rig.faults = faults;
	ask_at_random(rig, n);
	rig.finish();
	tap_u64("requests done", rig.done, n);
	if (faults && (!rig.failed || rig.failed == rig.done))
		tap_fail("%u of %u requests failed: expected some", rig.failed, rig.done);
	printf("# %u requests, %u with an error, %u bursts under way at most, %u beats in %llu cycles\n",
	       rig.done, rig.failed, rig.most, rig.cycles_of_data, (unsigned long long)rig.tb.cycle);
}

static void test_outstanding(void)
{
	Rig rig(1);

	rig.stall = rig.gap = 0;
	rig.latency = 1000;
	for (unsigned c = 0; c < CLIENTS; c++)
		for (int i = 0; i < 40; i++)
			rig.ask(c, 0x10000 * (i + 1) + 64 * c, 1 + i);
	rig.finish();
	tap_u64("bursts of a client under way", rig.most, OUTSTANDING);
}

/* From a memory that never waits there is a beat in every cycle. */
static void test_rate(void)
{
	Rig rig(2);

	rig.stall = rig.gap = rig.latency = 0;
	for (int i = 0; i < 100; i++)
		rig.ask(i % CLIENTS, 0x100000ull * i, 7 * BEAT);
	rig.finish();
	tap_u64("beats", rig.cycles_of_data, 700);
	if (rig.tb.cycle > 700 + 20)
		tap_fail("expected 700 beats in at most 720 cycles, took %llu", (unsigned long long)rig.tb.cycle);
}

static void test_flush(void)
{
	Rig rig(3);

	for (int round = 0; round < trials(200); round++) {
		rig.stall = rig.random.one_in(3) ? 0 : rig.random.range(2, 4);
		ask_at_random(rig, 20);
		for (int i = rig.random.below(300); i; i--)
			rig.step();
		rig.tb.top->flush = 1;
		rig.step();
		rig.quiet = true;
		for (unsigned c = 0; c < CLIENTS; c++) {
			rig.asking[c].clear();
			rig.waiting[c].clear();
		}
		for (int i = 0; !rig.tb.top->drained && i < 20000; i++)
			rig.step();
		if (!rig.tb.top->drained || rig.pending())
			tap_fail("round %d: drained is %d", round, rig.tb.top->drained);
		rig.tb.top->flush = 0;
		rig.quiet = false;
		if (tap.failures)
			return;
	}
	ask_at_random(rig, 50);
	rig.done = 0;
	rig.finish();
	tap_u64("requests done after the last flush", rig.done, 50);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("three clients", test_random(3, 3, 30, false));
	TAP_RUN("three clients, nothing waits", test_random(0, 0, 0, false));
	TAP_RUN("three clients, late memory", test_random(2, 0, 300, false));
	TAP_RUN("three clients, one page in five fails", test_random(3, 3, 30, true));
	TAP_RUN("as many bursts as may be under way", test_outstanding());
	TAP_RUN("cycles of long requests", test_rate());
	TAP_RUN("flush", test_flush());
	return tap_end();
}
