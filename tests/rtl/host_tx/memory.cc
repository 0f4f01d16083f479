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

void Memory::drive(Vhost_tx_bench &top, Random &rnd, uint64_t cycle)
{
	unsigned fit[16], n = 0;

	top.arready = outstanding < 64 && !(opt.stall && rnd.one_in(opt.stall));
	if (offered)
		return;
	top.rvalid = 0;
	if (opt.stall && rnd.one_in(opt.stall))
		return;
	for (unsigned id = 0; id < 16; id++) {
		if (bursts[id].empty() || bursts[id].front().due > cycle)
			continue;
		if (!opt.interleave && bursts[id].front().sent) {
			fit[0] = id;
			n = 1;
			break;
		}
		fit[n++] = id;
	}
	if (!n)
		return;

	Burst &b = bursts[fit[rnd.below(n)]].front();
	uint64_t addr = b.addr / BEAT * BEAT + b.sent * BEAT;
	bool ok = true;

	for (unsigned i = 0; i < BEAT; i++) {
		if (!byte(addr + i, &port_bytes(top.rdata)[i]) && addr + i >= b.addr)
			ok = false;
	}
	top.rvalid = 1;
	top.rid = b.id;
	top.rresp = ok ? 0 : 2;
	top.rlast = b.sent + 1 == b.beats;
	offered = true;
}

/* Before the clock edge: what is transferred at it. */
void Memory::sample(const Vhost_tx_bench &top, Random &rnd, uint64_t cycle)
{
	if (held && (!top.arvalid || top.araddr != held_addr))
		tap_fail("cycle %lu: ARVALID or ARADDR changed before ARREADY", (unsigned long)cycle);
	held = top.arvalid && !top.arready;
	held_addr = top.araddr;
	if (top.arvalid && top.arready) {
		Burst b = { top.araddr, cycle + 1 + rnd.range(opt.latency_min, opt.latency_max), top.arid,
			    top.arlen + 1u, 0 };
		uint64_t end = b.addr / BEAT * BEAT + b.beats * BEAT - 1;

		if (b.addr / 4096 != end / 4096)
			tap_fail("burst of %u beats at 0x%lx crosses 4 KiB", b.beats, (unsigned long)b.addr);
		if (1u << top.arsize != BEAT || top.arburst != 1)
			tap_fail("burst of size %u, type %u", top.arsize, top.arburst);
		(b.addr >= RING_AREA ? desc_reads : data_reads)++;
		bursts[b.id].push_back(b);
		outstanding++;
	}
	if (top.rvalid) {
		std::deque<Burst> &q = bursts[top.rid];

		beats++;
		offered = false;
		if (++q.front().sent == q.front().beats) {
			q.pop_front();
			outstanding--;
		}
	}
}
