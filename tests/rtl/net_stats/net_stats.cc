// SPDX-License-Identifier: BSD-2-Clause
//
// net_stats: every event counts in its own counters and in no other, also when
// all come at once; reads of 64 bits in two halves; addresses of others.

#include "Vnet_stats.h"

#include <linux/tlsnic.h>

#include "tb.h"

enum { COUNT = TLSNIC_STAT_COUNT };

struct FrameEvent {
	bool valid, mcast, bcast;
	unsigned len;
};

struct Bench {
	Testbench<Vnet_stats> tb;
	Random r;
	uint64_t want[COUNT] = {};

	explicit Bench(uint64_t seed) : r(seed)
	{
		quiet();
		tb.top->reg_rd = 0;
		tb.reset();
	}

	void quiet()
	{
		Vnet_stats *t = tb.top.get();

		t->tx_ev = t->rx_ev = 0;
		t->rx_no_buffer = t->tls_packet = t->tls_ctx_write = t->tls_ctx_delete = 0;
		t->tls_drop_ctx = t->tls_drop_seq = t->tls_drop_record = t->tls_drop_broken = 0;
		t->tls_seek = t->tls_tag = t->tls_drop_seek = 0;
	}

	uint32_t read(unsigned addr)
	{
		Vnet_stats *t = tb.top.get();
		uint32_t v;

		t->reg_rd = 1;
		t->reg_addr = (uint16_t)addr;
		tb.clock();
		t->reg_rd = 0;
		v = t->reg_rdata;
		tb.clock();
		if (t->reg_rdata)
			tap_fail("reg_rdata of 0x%04x stays for a second cycle", addr);
		return v;
	}

	void check()
	{
		char name[32];

		for (unsigned i = 0; i < COUNT; i++) {
			uint64_t v = read(TLSNIC_REG_STATS + 8 * i);

			v |= (uint64_t)read(TLSNIC_REG_STATS + 8 * i + 4) << 32;
			snprintf(name, sizeof(name), "counter %u", i);
			tap_u64(name, v, want[i]);
		}
	}

	/* The packed event, and what it counts from counter `base` on. */
	uint32_t frame(const FrameEvent &e, unsigned base)
	{
		static const unsigned upto[] = { 64, 127, 255, 511, 1023, 1518 };
		unsigned range = 0;

		if (e.valid) {
			while (range < 6 && e.len + 4 > upto[range])
				range++;
			want[base]++;
			want[base + 1] += e.len;
			want[base + 2] += e.mcast;
			want[base + 3] += e.bcast;
			want[base + 4 + range]++;
		}
		return (uint32_t)e.valid << 18 | (uint32_t)e.mcast << 17 | (uint32_t)e.bcast << 16 | e.len;
	}

	bool maybe(unsigned n, unsigned counter)
	{
		bool yes = r.one_in(n);

		want[counter] += yes;
		return yes;
	}

	FrameEvent any()
	{
		FrameEvent e = { r.one_in(2), false, false, r.range(14, 9220) };

		if (r.one_in(2))
			e.len = r.range(14, 1600);
		e.mcast = r.one_in(3);
		e.bcast = !e.mcast && r.one_in(3);
		return e;
	}

	void step(unsigned n)
	{
		Vnet_stats *t = tb.top.get();

		t->tx_ev = frame(any(), TLSNIC_STAT_TX_FRAMES) << 2;
		t->tx_ev |= maybe(n, TLSNIC_STAT_TX_DROP_DMA) << 1;
		t->tx_ev |= maybe(n, TLSNIC_STAT_TX_DROP_DESC);
		t->tx_ev |= (uint32_t)maybe(n, TLSNIC_STAT_TX_TSO_PACKETS) << 22;
		t->tx_ev |= (uint32_t)maybe(n, TLSNIC_STAT_TX_TSO_FRAMES) << 21;
		t->rx_ev = frame(any(), TLSNIC_STAT_RX_FRAMES) << 4;
		t->rx_ev |= maybe(n, TLSNIC_STAT_RX_BAD) << 3;
		t->rx_ev |= maybe(n, TLSNIC_STAT_RX_TOO_LONG) << 2;
		t->rx_ev |= maybe(n, TLSNIC_STAT_RX_FILTERED) << 1;
		t->rx_ev |= maybe(n, TLSNIC_STAT_RX_CSUM_BAD);
		t->rx_no_buffer = maybe(n, TLSNIC_STAT_RX_NO_BUFFER);
		t->tls_packet = maybe(n, TLSNIC_STAT_TLS_PACKETS);
		t->tls_bytes = (uint16_t)r.next();
		t->tls_records = r.below(4096);
		t->tls_seek = r.one_in(2);
		if (t->tls_packet) {
			want[TLSNIC_STAT_TLS_BYTES] += t->tls_bytes;
			want[TLSNIC_STAT_TLS_RECORDS] += t->tls_records;
			if (t->tls_seek) {
				want[TLSNIC_STAT_TLS_SEEKS]++;
				want[TLSNIC_STAT_TLS_SEEK_BYTES] += t->tls_bytes;
			}
		}
		t->tls_ctx_write = maybe(n, TLSNIC_STAT_TLS_CTX_WRITES);
		t->tls_ctx_delete = maybe(n, TLSNIC_STAT_TLS_CTX_DELETES);
		t->tls_drop_ctx = maybe(n, TLSNIC_STAT_TLS_DROP_CTX);
		t->tls_drop_seq = maybe(n, TLSNIC_STAT_TLS_DROP_SEQ);
		t->tls_drop_record = maybe(n, TLSNIC_STAT_TLS_DROP_RECORD);
		t->tls_drop_broken = maybe(n, TLSNIC_STAT_TLS_DROP_BROKEN);
		t->tls_tag = maybe(n, TLSNIC_STAT_TLS_TAGS);
		t->tls_drop_seek = maybe(n, TLSNIC_STAT_TLS_DROP_SEEK);
		tb.clock();
		quiet();
	}
};

static void ranges(Bench &b)
{
	for (unsigned len : { 14u, 59u, 60u, 61u, 123u, 124u, 251u, 252u, 507u, 508u, 1019u, 1020u,
			      1514u, 1515u, 9220u }) {
		b.tb.top->tx_ev = b.frame({ true, false, false, len }, TLSNIC_STAT_TX_FRAMES) << 2;
		b.tb.top->rx_ev = b.frame({ true, true, false, len }, TLSNIC_STAT_RX_FRAMES) << 4;
		b.tb.clock();
		b.quiet();
	}
	b.check();
}

static void at_random(Bench &b)
{
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 200; i++)
			b.step(b.r.range(1, 4));
		b.check();
	}
}

/* Past 2^32 the high word moves; the held one does not until the next low read. */
static void high_word(Bench &b)
{
	unsigned addr = TLSNIC_REG_STATS + 8 * TLSNIC_STAT_TLS_BYTES;

	for (int i = 0; i < 65538; i++) {
		b.tb.top->tls_packet = 1;
		b.tb.top->tls_bytes = 0xffff;
		b.tb.top->tls_records = 0;
		b.tb.clock();
	}
	b.quiet();
	b.want[TLSNIC_STAT_TLS_PACKETS] += 65538;
	b.want[TLSNIC_STAT_TLS_BYTES] += 65538ull * 0xffff;
	b.check();
	tap_u64("above 2^32", b.want[TLSNIC_STAT_TLS_BYTES] >> 32, 1);

	b.read(addr - 8);			/* TLS_PACKETS: high word 0 */
	tap_u64("high word held from another read", b.read(addr + 4), 0);
	b.read(addr);
	tap_u64("high word", b.read(addr + 4), 1);
}

static void others(Bench &b)
{
	b.step(1);
	for (unsigned addr = 0; addr < 0x10000; addr += 4)
		if ((addr < TLSNIC_REG_STATS || addr >= TLSNIC_REG_STATS + 8 * COUNT) && b.read(addr))
			tap_fail("answers to address 0x%04x", addr);
	b.tb.top->reg_addr = TLSNIC_REG_STATS;
	b.tb.clock();
	tap_u64("without reg_rd", b.tb.top->reg_rdata, 0);
}

static void reset(Bench &b)
{
	b.step(1);
	b.tb.reset();
	memset(b.want, 0, sizeof(b.want));
	b.check();
}

#define RUN(name, call)					\
	TAP_RUN(name, do {				\
		Bench b(tap.seed);			\
		call;					\
	} while (0))

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	RUN("ranges of lengths", ranges(b));
	RUN("events alone and all at once", at_random(b));
	RUN("more than 32 bits", high_word(b));
	RUN("addresses of others", others(b));
	RUN("reset clears", reset(b));
	return tap_end();
}
