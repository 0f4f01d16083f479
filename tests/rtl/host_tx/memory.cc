// SPDX-License-Identifier: BSD-2-Clause
//
// Host memory behind AXI4: late, in any order between IDs, with errors.

#include "bench.h"

bool Memory::byte(uint64_t addr, uint8_t *value)
{
	uint64_t at = addr - DATA_AREA;

	*value = 0xee;
	if (at < DATA_SIZE) {
		*value = data[at];
		return at / 4096 != BAD_PAGE;
	}
	at = addr - RING_AREA;
	if (at / RING_STRIDE < QUEUES && at % RING_STRIDE < ring[at / RING_STRIDE].size()) {
		*value = ring[at / RING_STRIDE][at % RING_STRIDE];
		return addr < bad_ring[at / RING_STRIDE];
	}
	/* the rest of a beat may reach beyond what was asked for, never a whole beat */
	return true;
}

Channel Memory::channel(Vhost_tx_bench &top, unsigned n)
{
	if (n)
		return { top.d_arid, top.d_arlen, top.d_arsize, top.d_arburst, top.d_arvalid, top.d_arready, top.d_rid,
			 top.d_rresp, top.d_rlast, top.d_rvalid, top.d_araddr, port_bytes(top.d_rdata), 16 };
	return { top.arid, top.arlen, top.arsize, top.arburst, top.arvalid, top.arready, top.rid, top.rresp, top.rlast,
		 top.rvalid, top.araddr, port_bytes(top.rdata), BEAT };
}

void Memory::drive(Vhost_tx_bench &top, Random &rnd, uint64_t cycle)
{
	for (unsigned n = 0; n < 2; n++)
		drive(port[n], channel(top, n), rnd, cycle);
}

void Memory::sample(Vhost_tx_bench &top, Random &rnd, uint64_t cycle)
{
	for (unsigned n = 0; n < 2; n++)
		sample(port[n], channel(top, n), rnd, cycle);
}

void Memory::drive(Port &p, const Channel &c, Random &rnd, uint64_t cycle)
{
	unsigned fit[16], n = 0;

	c.arready = p.outstanding < 64 && !(opt.stall && rnd.one_in(opt.stall));
	if (p.offered)
		return;
	c.rvalid = 0;
	if (opt.stall && rnd.one_in(opt.stall))
		return;
	for (unsigned id = 0; id < 16; id++) {
		if (p.bursts[id].empty() || p.bursts[id].front().due > cycle)
			continue;
		if (!opt.interleave && p.bursts[id].front().sent) {
			fit[0] = id;
			n = 1;
			break;
		}
		fit[n++] = id;
	}
	if (!n)
		return;

	Burst &b = p.bursts[fit[rnd.below(n)]].front();
	uint64_t addr = b.addr / c.beat * c.beat + b.sent * c.beat;
	bool ok = true;

	for (unsigned i = 0; i < c.beat; i++) {
		if (!byte(addr + i, &c.rdata[i]) && addr + i >= b.addr)
			ok = false;
	}
	c.rvalid = 1;
	c.rid = b.id;
	c.rresp = ok ? 0 : 2;
	c.rlast = b.sent + 1 == b.beats;
	p.offered = true;
}

/* Before the clock edge: what is transferred at it. */
void Memory::sample(Port &p, const Channel &c, Random &rnd, uint64_t cycle)
{
	if (p.held && (!c.arvalid || c.araddr != p.held_addr))
		tap_fail("cycle %lu: ARVALID or ARADDR changed before ARREADY", (unsigned long)cycle);
	p.held = c.arvalid && !c.arready;
	p.held_addr = c.araddr;
	if (c.arvalid && c.arready) {
		Burst b = { c.araddr, cycle + 1 + rnd.range(opt.latency_min, opt.latency_max), c.arid, c.arlen + 1u, 0 };
		uint64_t end = b.addr / c.beat * c.beat + b.beats * c.beat - 1;

		if (b.addr / 4096 != end / 4096)
			tap_fail("burst of %u beats at 0x%lx crosses 4 KiB", b.beats, (unsigned long)b.addr);
		if (1u << c.arsize != c.beat || c.arburst != 1)
			tap_fail("burst of size %u, type %u", c.arsize, c.arburst);
		(b.addr >= RING_AREA ? desc_reads : data_reads)++;
		p.bursts[b.id].push_back(b);
		p.outstanding++;
	}
	if (c.rvalid) {
		std::deque<Burst> &q = p.bursts[c.rid];

		p.beats++;
		p.offered = false;
		if (++q.front().sent == q.front().beats) {
			q.pop_front();
			p.outstanding--;
		}
	}
}
