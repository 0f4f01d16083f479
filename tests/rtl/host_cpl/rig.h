/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host_cpl and host_irq between models of two sources of completions, axi_wr,
 * host memory, and a driver that consumes the rings.
 *
 * An entry reaches memory when its write is reported done or, with `early`, some
 * cycles before that, as with posted writes.
 */
#ifndef TLSNIC_HOST_CPL_RIG_H
#define TLSNIC_HOST_CPL_RIG_H

#include "Vcpl_irq.h"
#include "ring_bus.h"

#include <deque>
#include <map>
#include <vector>

static const unsigned BEAT = DATA_W / 8;
static const unsigned QUEUES = 5;

struct Entry {
	uint8_t b[32];
};

/* What a source says in an entry; the rest is noise that must arrive as it left. */
struct Item {
	unsigned queue;
	Entry e;
};

struct Ring {
	uint64_t base;
	unsigned size = 0;
	bool on = false;
	uint16_t cons = 0, told = 0;	/* consumed; as in the last doorbell */
	unsigned asked = 0;		/* writes requested */
	unsigned consumed = 0;
	uint32_t last[2] = { 0, 0 };	/* number of the last entry, by source */
	unsigned irqs = 0;
	uint64_t irq_cycle = 0;
	bool irq = false;		/* the driver has not handled it yet */
};

struct Rig : RingBus<Rig> {
	Testbench<Vcpl_irq> tb;
	Random rnd;
	std::map<uint64_t, Entry> memory;
	std::map<uint32_t, Entry> sent;	/* by number */
	Ring ring[QUEUES];
	std::deque<Item> source[2];
	bool offered[2] = { false, false };
	uint32_t number = 1;

	struct Write { uint64_t addr; std::vector<uint8_t> data; uint64_t seen, due; bool err; };
	std::deque<Write> writes, landing;

	unsigned latency = 20, stall = 3, gap = 3, irq_stall = 3, write_errors = 0;
	bool early = false;
	unsigned err_write = 0, err_doorbell = 0, failed_writes = 0, misc_irqs = 0;
	unsigned taken[2] = { 0, 0 };

	Rig(uint64_t salt) : rnd(tap.seed * 1000 + salt)
	{
		Vcpl_irq *t = tb.top.get();

		for (unsigned q = 0; q < QUEUES; q++)
			ring[q].base = rnd.next() << 36 | 0x100000000ull * (q + 1) | (uint64_t)rnd.below(0xf0000) << 12;
		t->reg_wr = t->reg_rd = t->s_cpl_valid = t->s_wr_done_valid = 0;
		t->m_wr_req_ready = t->m_wr_dat_ready = t->m_irq_ready = 0;
		t->irq_misc = t->irq_test = 0;
		tb.reset();
	}

	bool often(unsigned n) { return n && rnd.one_in(n); }

	void step()
	{
		Vcpl_irq *t = tb.top.get();

		t->s_cpl_valid = 0;
		for (int i = 0; i < 2; i++) {
			if (source[i].empty() || (!offered[i] && often(gap)))
				continue;
			Item &it = source[i].front();
			uint8_t *p = i ? port_bytes(t->s_cpl1) : port_bytes(t->s_cpl0);

			memcpy(p, it.e.b, 32);
			(i ? t->s_cpl1 : t->s_cpl0)[8] = it.queue;
			t->s_cpl_valid |= 1 << i;
		}
		t->m_wr_req_ready = !often(stall);
		t->m_wr_dat_ready = !writes.empty() && !often(stall);
		t->m_irq_ready = !often(irq_stall);
		t->s_wr_done_valid = 0;
		for (Write &w : landing)
			if (w.seen <= tb.cycle)
				land(w);
		if (!landing.empty() && landing.front().due <= tb.cycle && !often(stall)) {
			t->s_wr_done_valid = 1;
			t->s_wr_done_err = landing.front().err;
			land(landing.front());
		}

		tb.eval();
		if (!t->busy && (t->m_wr_req_valid || t->m_wr_dat_valid || t->m_irq_valid || t->err_doorbell ||
				 (t->s_cpl_valid & t->s_cpl_ready)))
			tap_fail("cycle %llu: not busy, but at work", (unsigned long long)tb.cycle);
		err_write += t->err_write;
		err_doorbell += t->err_doorbell;
		for (int i = 0; i < 2; i++) {
			bool valid = t->s_cpl_valid >> i & 1, ready = t->s_cpl_ready >> i & 1;

			offered[i] = valid && !ready;
			if (valid && ready) {
				source[i].pop_front();
				taken[i]++;
			}
		}
		if (t->m_wr_req_valid && t->m_wr_req_ready)
			asked(t->m_wr_req_addr, t->m_wr_req_len);
		if (t->m_wr_dat_valid && t->m_wr_dat_ready)
			beat(port_bytes(t->m_wr_dat_data));
		if (t->s_wr_done_valid) {
			failed_writes += landing.front().err;
			landing.pop_front();
		}
		if (t->m_irq_valid && t->m_irq_ready)
			interrupt(t->m_irq_vector);
		tb.clock();
		t->s_wr_done_valid = 0;
		t->s_cpl_valid = (uint8_t)(offered[0] | offered[1] << 1);
		t->reg_wr = t->irq_misc = t->irq_test = 0;
	}

	void steps(unsigned n) { while (n--) step(); }

	Ring *owner(uint64_t addr)
	{
		unsigned q = (unsigned)(addr >> 32 & 15) - 1;

		if (q >= QUEUES || addr < ring[q].base || addr >= ring[q].base + 32ull * ring[q].size) {
			tap_fail("write at %llx: outside of all rings", (unsigned long long)addr);
			return NULL;
		}
		return &ring[q];
	}

	void land(Write &w)
	{
		Entry e;

		w.seen = ~0ull;
		if (w.err)
			return;
		if (!owner(w.addr)->on)
			tap_fail("write at %llx: the ring is off", (unsigned long long)w.addr);
		memcpy(e.b, w.data.data(), 32);
		memory[w.addr] = e;
	}

	void asked(uint64_t addr, unsigned len)
	{
		Ring *r = owner(addr);

		tap_u64("length of the write", len, 32);
		if (!r)
			return;
		if (!r->on)
			tap_fail("write at %llx: the ring is off", (unsigned long long)addr);
		tap_u64("entry", (addr - r->base) / 32, r->asked % r->size);
		if ((uint16_t)(r->asked - r->told) >= r->size)
			tap_fail("entry %u overruns the consumer at %u", r->asked, r->told);
		r->asked++;
		writes.push_back({addr, {}, 0, 0, write_errors && rnd.one_in(write_errors)});
	}

	void beat(const uint8_t *p)
	{
		Write &w = writes.front();
		unsigned lane = w.addr % BEAT, n = BEAT < 32 ? BEAT : 32;

		w.data.insert(w.data.end(), p + lane, p + lane + n);
		if (w.data.size() < 32)
			return;
		w.seen = early ? tb.cycle : ~0ull;
		w.due = tb.cycle + 1 + rnd.below(latency + 1);
		landing.push_back(w);
		writes.pop_front();
	}

	void interrupt(unsigned vector)
	{
		if (vector == 0) {
			misc_irqs++;
		} else if (vector > QUEUES) {
			tap_fail("vector %u", vector);
		} else {
			Ring &r = ring[vector - 1];

			r.irqs++;
			r.irq = true;
			r.irq_cycle = tb.cycle;
		}
	}

	/* ---- host ---- */
	void turn_on(unsigned q, unsigned log2_size)
	{
		Ring &r = ring[q];
		uint64_t base = r.base;

		r = Ring();
		r.base = base;
		r.size = 1u << log2_size;
		r.on = true;
		for (unsigned i = 0; i < r.size; i++)
			memory.erase(base + 32ull * i);
		ring_on(q, TLSNIC_Q_CQ_BASE_LO, r.base, log2_size);
	}

	void turn_off(unsigned q)
	{
		ring_off(q, TLSNIC_Q_CQ_BASE_LO);
		ring[q].on = false;
	}

	void send(unsigned src, unsigned queue)
	{
		Item it;

		it.queue = queue;
		rnd.fill(it.e.b, 28);
		memset(it.e.b + 28, 0, 4);
		it.e.b[0] = (uint8_t)src;
		memcpy(it.e.b + 4, &number, 4);
		sent[number++] = it.e;
		source[src].push_back(it);
	}

	/* Consumes what memory shows to be new, checks it; returns how many. */
	unsigned consume(unsigned q, unsigned most = ~0u)
	{
		Ring &r = ring[q];
		unsigned n = 0;

		while (n < most) {
			auto at = memory.find(r.base + 32ull * (r.cons % r.size));
			unsigned phase = !(r.consumed / r.size & 1);
			Entry e;
			uint32_t num;

			if (at == memory.end() || at->second.b[31] >> 7 != phase)
				break;
			e = at->second;
			e.b[31] &= 0x7f;
			memcpy(&num, e.b + 4, 4);
			if (!sent.count(num) || e.b[0] > 1) {
				tap_fail("queue %u entry %u: unknown, or seen before", q, r.cons);
				break;
			}
			tap_bytes("entry", e.b, sent[num].b, 32);
			if (num <= r.last[e.b[0]])
				tap_fail("queue %u: number %u after %u", q, num, r.last[e.b[0]]);
			r.last[e.b[0]] = num;
			sent.erase(num);
			r.cons++;
			r.consumed++;
			n++;
		}
		return n;
	}

	void tell(unsigned q, bool arm)
	{
		ring[q].told = ring[q].cons;
		write(q, TLSNIC_Q_CQ_CONS, ring[q].cons | (arm ? TLSNIC_CQ_ARM : 0));
	}

	/* Runs until nothing has happened for some cycles: sources may be held up. */
	bool settle(unsigned limit = 20000)
	{
		for (int quiet = 0; quiet < 16;) {
			unsigned was = taken[0] + taken[1];

			step();
			tb.eval();
			if (tb.top->busy || !writes.empty() || !landing.empty() || taken[0] + taken[1] != was)
				quiet = 0;
			else
				quiet++;
			if (!limit--) {
				tap_fail("cycle %llu: still busy", (unsigned long long)tb.cycle);
				return false;
			}
		}
		return true;
	}
};

#endif
