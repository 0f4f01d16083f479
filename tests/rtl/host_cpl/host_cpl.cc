// SPDX-License-Identifier: BSD-2-Clause
//
// host_cpl and host_irq: every completion is in its ring once, in order, with the
// right phase, and never over one that was not consumed; no interrupt is lost,
// none comes unasked or sooner than it may.

#include "rig.h"

static void registers()
{
	Rig rig(1);
	struct { unsigned reg; uint32_t write, want; } set[] = {
		{ TLSNIC_Q_CQ_BASE_LO, 0x12345678, 0x12345640 },
		{ TLSNIC_Q_CQ_BASE_HI, 0x9abcdef0, 0x9abcdef0 },
		{ TLSNIC_Q_CQ_SIZE, 9, 9 }, { TLSNIC_Q_CQ_SIZE, 0, 6 }, { TLSNIC_Q_CQ_SIZE, 16, 15 },
		{ TLSNIC_Q_IRQ_CYCLES, 0x87654321, 0x654321 }, { TLSNIC_Q_IRQ_COUNT, 0x1234, 0x1234 },
	};

	for (unsigned q = 0; q < QUEUES; q++) {
		for (auto &s : set) {
			rig.write(q, s.reg, s.write);
			tap_u64("register", rig.read(q, s.reg), s.want);
		}
	}
	tap_u64("queue beyond the last", rig.read(QUEUES, TLSNIC_Q_CQ_SIZE), 0);
	tap_u64("register of another block", rig.read(0, TLSNIC_Q_RX_SIZE), 0);
	rig.turn_on(0, 7);
	rig.write(0, TLSNIC_Q_CQ_SIZE, 9);
	rig.write(0, TLSNIC_Q_CQ_BASE_HI, 9);
	rig.write(0, TLSNIC_Q_CQ_BASE_LO, 0xfffff000);
	tap_u64("SIZE of a ring that is on", rig.read(0, TLSNIC_Q_CQ_SIZE), 7);
	tap_u64("BASE of a ring that is on", rig.read(0, TLSNIC_Q_CQ_BASE_HI), rig.ring[0].base >> 32);
	tap_u64("BASE of a ring that is on", rig.read(0, TLSNIC_Q_CQ_BASE_LO), (uint32_t)rig.ring[0].base);
}

/* The driver polls; rings of all sizes, often full. */
static void polled(unsigned latency, unsigned stall, unsigned gap, bool early)
{
	Rig rig(2);
	unsigned count = 0, consumed = 0;

	rig.latency = latency;
	rig.stall = stall;
	rig.gap = gap;
	rig.early = early;
	for (unsigned q = 0; q < QUEUES; q++)
		rig.turn_on(q, rig.rnd.range(6, 8));
	while (count < 6000 && !tap.failures) {
		unsigned q = rig.rnd.below(QUEUES);

		for (int i = 0; i < 2; i++) {
			if (rig.source[i].size() < 30) {
				rig.send(i, rig.rnd.below(QUEUES));
				count++;
			}
		}
		rig.steps(rig.rnd.below(6));
		if (rig.rnd.one_in(3)) {
			rig.consume(q, rig.rnd.range(1, 100));
			rig.tell(q, rig.rnd.one_in(2));
		}
	}
	for (int i = 0; i < 200 && (rig.source[0].size() || rig.source[1].size()); i++) {
		for (unsigned q = 0; q < QUEUES; q++) {
			rig.consume(q);
			rig.tell(q, false);
		}
		rig.steps(100);
	}
	rig.settle();
	for (unsigned q = 0; q < QUEUES; q++) {
		rig.consume(q);
		rig.tell(q, false);
		consumed += rig.ring[q].consumed;
		tap_u64("PROD", rig.read(q, TLSNIC_Q_CQ_PROD), rig.ring[q].asked & 0xffff);
		tap_u64("CONS", rig.read(q, TLSNIC_Q_CQ_CONS), rig.ring[q].cons);
	}
	tap_u64("consumed", consumed, count);
	tap_u64("doorbell errors", rig.err_doorbell, 0);
	tap_u64("err_write events", rig.err_write, 0);
}

/* A write that fails is reported and counts as written; the entry is a hole. */
static void write_errors()
{
	Rig rig(3);

	rig.write_errors = 4;
	rig.turn_on(3, 8);
	for (int i = 0; i < 200; i++)
		rig.send(i & 1, 3);
	rig.settle();
	tap_u64("PROD", rig.read(3, TLSNIC_Q_CQ_PROD), 200);
	tap_u64("err_write events", rig.err_write, rig.failed_writes);
	if (!rig.failed_writes)
		tap_fail("no write failed");
	rig.turn_off(3);
}

/* Both sources, one ring full: what goes elsewhere from the other source passes. */
static void full_ring()
{
	Rig rig(4);

	rig.turn_on(0, 6);
	rig.turn_on(1, 7);
	for (int i = 0; i < 70; i++)
		rig.send(0, 0);
	rig.send(0, 1);
	for (int i = 0; i < 100; i++)
		rig.send(1, 1);
	rig.steps(3000);
	tap_u64("taken from the source of the full ring", rig.taken[0], 64);
	tap_u64("taken from the other", rig.taken[1], 100);
	rig.tb.eval();
	tap_u64("busy while it waits for room", rig.tb.top->busy, 0);
	rig.consume(0, 3);
	rig.tell(0, false);
	rig.settle();
	tap_u64("taken after 3 were consumed", rig.taken[0], 67);
	rig.turn_off(0);
	rig.settle();
	tap_u64("taken after the ring went off", rig.taken[0], 71);
	rig.consume(1);
	tap_u64("entries of the other ring", rig.ring[1].consumed, 101);
}

/* The largest ring, full to the last entry. */
static void full_largest()
{
	Rig rig(5);

	rig.stall = rig.gap = 0;
	rig.latency = 4;
	rig.turn_on(2, 15);
	for (unsigned i = 0; i < 32768 + 5; i++)
		rig.send(i & 1, 2);
	rig.settle(200000);
	tap_u64("entries", rig.ring[2].asked, 32768);
	tap_u64("PROD", rig.read(2, TLSNIC_Q_CQ_PROD), 32768);
	tap_u64("interrupts before arming", rig.ring[2].irqs, 0);
	rig.tell(2, true);
	rig.settle();
	tap_u64("interrupts after arming", rig.ring[2].irqs, 1);
	rig.consume(2);
	rig.tell(2, false);
	rig.settle();
	tap_u64("entries", rig.ring[2].asked, 32773);
	tap_u64("doorbell errors", rig.err_doorbell, 0);
}

static void index_wrap()
{
	Rig rig(6);

	rig.stall = rig.gap = 0;
	rig.latency = 5;
	rig.turn_on(4, 6);
	while (rig.ring[4].consumed < 140000 && !tap.failures) {
		for (int i = 0; i < 2; i++)
			while (rig.source[i].size() < 40)
				rig.send(i, 4);
		rig.steps(40);
		rig.consume(4);
		rig.tell(4, false);
	}
	tap_u64("doorbell errors", rig.err_doorbell, 0);
}

static void doorbells()
{
	Rig rig(7);

	rig.write(0, TLSNIC_Q_CQ_CONS, 1);
	tap_u64("events: ring is off", rig.err_doorbell, 0);
	rig.turn_on(0, 6);
	rig.write(0, TLSNIC_Q_CQ_CONS, 1);
	tap_u64("events: beyond the producer", rig.err_doorbell, 1);
	for (int i = 0; i < 10; i++)
		rig.send(0, 0);
	rig.settle();
	rig.write(0, TLSNIC_Q_CQ_CONS, 11 | TLSNIC_CQ_ARM);
	rig.settle();
	tap_u64("events: beyond the producer", rig.err_doorbell, 2);
	tap_u64("interrupts by an ignored doorbell", rig.ring[0].irqs, 0);
	rig.write(0, TLSNIC_Q_CQ_CONS, 4);
	rig.write(0, TLSNIC_Q_CQ_CONS, 3);
	tap_u64("events: backwards", rig.err_doorbell, 3);
	tap_u64("CONS", rig.read(0, TLSNIC_Q_CQ_CONS), 4);
	rig.write(0, TLSNIC_Q_CQ_CONS, 10);
	tap_u64("events", rig.err_doorbell, 3);
	rig.write(0, TLSNIC_Q_CQ_CTRL, 0);
	rig.settle();
	rig.ring[0].on = false;
	rig.turn_on(0, 6);
	tap_u64("CONS after the ring was off", rig.read(0, TLSNIC_Q_CQ_CONS), 0);
	tap_u64("PROD after the ring was off", rig.read(0, TLSNIC_Q_CQ_PROD), 0);
}

static void on_and_off()
{
	Rig rig(8);
	unsigned count = 0;

	rig.latency = 80;
	while (count < 8000 && !tap.failures) {
		unsigned q = rig.rnd.below(QUEUES);

		if (rig.rnd.one_in(8)) {
			if (rig.ring[q].on)
				rig.turn_off(q);
			else
				rig.turn_on(q, rig.rnd.range(6, 9));
		} else if (rig.ring[q].on) {
			rig.consume(q);
			rig.tell(q, rig.rnd.one_in(2));
		}
		for (int i = 0; i < 2; i++) {
			for (unsigned n = rig.rnd.below(10); n && rig.source[i].size() < 30; n--, count++)
				rig.send(i, rig.rnd.below(QUEUES + 1));	/* one does not exist */
		}
		rig.steps(rig.rnd.below(40));
	}
	for (unsigned q = 0; q < QUEUES; q++)
		rig.turn_off(q);
	rig.settle();
	tap_u64("left at the sources", rig.source[0].size() + rig.source[1].size(), 0);
	tap_u64("doorbell errors", rig.err_doorbell, 0);
}

/*
 * A driver that works by interrupt alone: a lost one leaves entries behind. With `change` it
 * writes another number of cycles now and then, up to twice as many.
 */
static void by_interrupt(unsigned cycles, unsigned count, unsigned irq_stall, bool early, bool change = false)
{
	Rig rig(9);
	unsigned sent = 0, consumed = 0, irqs = 0;
	uint64_t last[QUEUES] = {};
	unsigned seen[QUEUES] = {};
	unsigned now[QUEUES], gap[QUEUES];	/* in the register; after the last interrupt */
	int armed[QUEUES];
	uint64_t patience = rig.tb.cycle;

	rig.irq_stall = irq_stall;
	rig.early = early;
	for (unsigned q = 0; q < QUEUES; q++) {
		rig.turn_on(q, 8);
		rig.write(q, TLSNIC_Q_IRQ_CYCLES, cycles);
		rig.write(q, TLSNIC_Q_IRQ_COUNT, count);
		rig.tell(q, true);
		armed[q] = 1;
		now[q] = gap[q] = cycles;
	}
	while (consumed < 5000 && !tap.failures) {
		if (sent < 5000 && rig.rnd.one_in(12)) {
			for (unsigned n = rig.rnd.range(1, 1u << rig.rnd.below(5)); n && sent < 5000; n--, sent++)
				rig.send(rig.rnd.below(2), rig.rnd.below(QUEUES));
		}

		unsigned at = rig.rnd.below(QUEUES), old = now[at];

		if (change && rig.rnd.one_in(50)) {
			now[at] = rig.rnd.below(2 * cycles);
			rig.tb.top->reg_wr = 1;
			rig.tb.top->reg_addr = TLSNIC_REG_QUEUE + at * TLSNIC_QUEUE_STRIDE + TLSNIC_Q_IRQ_CYCLES;
			rig.tb.top->reg_wdata = now[at];
		}
		rig.step();
		for (unsigned q = 0; q < QUEUES; q++) {
			Ring &r = rig.ring[q];

			if (r.irqs != seen[q]) {
				tap_u64("interrupts of one arming", r.irqs - seen[q], armed[q]);
				armed[q] = 0;
				if (last[q] && !count && r.irq_cycle - last[q] < gap[q])
					tap_fail("queue %u: interrupts at %llu and %llu, expected %u cycles between", q,
						 (unsigned long long)last[q], (unsigned long long)r.irq_cycle, gap[q]);
				last[q] = r.irq_cycle;
				gap[q] = q == at ? old : now[q];
				seen[q] = r.irqs;
			}
			if (r.irq && rig.rnd.one_in(10)) {
				unsigned n = rig.consume(q);

				if (!n)
					tap_fail("queue %u: interrupt without a completion", q);
				if (n)
					patience = rig.tb.cycle;
				consumed += n;
				r.irq = false;
				if (rig.rnd.one_in(3))
					rig.tell(q, false);
				armed[q] = 1;
				rig.tell(q, true);
			}
		}
		if (rig.tb.cycle - patience > 5000 + 2 * cycles) {
			tap_fail("cycle %llu: %u of %u consumed, and no interrupt comes",
				 (unsigned long long)rig.tb.cycle, consumed, sent);
			break;
		}
	}
	for (Ring &r : rig.ring)
		irqs += r.irqs;
	if (cycles >= 1000 && !count && irqs > 1500)
		tap_fail("%u interrupts for 5000 completions are not moderated", irqs);
}

/* The doorbell that arms, at every cycle around the one that shows a completion. */
static void arm_race()
{
	for (int lead = -12; lead <= 12; lead++) {
		Rig rig(10);
		Vcpl_irq *t = rig.tb.top.get();
		int visible = 30 + 12;

		rig.stall = rig.gap = rig.irq_stall = 0;
		rig.latency = 0;
		rig.turn_on(0, 6);
		rig.send(0, 0);
		rig.settle();
		rig.consume(0);
		rig.tell(0, false);
		rig.settle();
		tap_u64("interrupts before arming", rig.ring[0].irqs, 0);
		rig.send(0, 0);
		for (int i = 0; i < 60; i++) {
			/* the write is done at a known cycle */
			if (rig.landing.size() && i < visible)
				rig.landing.front().due = rig.tb.cycle + visible - i;
			if (i == visible + lead) {
				t->reg_wr = 1;
				t->reg_addr = TLSNIC_REG_QUEUE + TLSNIC_Q_CQ_CONS;
				t->reg_wdata = 1 | TLSNIC_CQ_ARM;
			}
			rig.step();
		}
		rig.settle();
		if (rig.ring[0].irqs != 1)
			tap_fail("arming %d cycles after the completion: expected 1 interrupt, got %u", lead, rig.ring[0].irqs);
		tap_u64("PROD", rig.read(0, TLSNIC_Q_CQ_PROD), 2);
	}
}

static void moderation()
{
	Rig rig(11);
	uint64_t first, at;

	rig.stall = rig.gap = rig.irq_stall = 0;
	rig.latency = 0;
	rig.turn_on(1, 6);
	rig.write(1, TLSNIC_Q_IRQ_CYCLES, 1000);
	rig.write(1, TLSNIC_Q_IRQ_COUNT, 4);
	rig.tell(1, true);
	rig.settle();
	tap_u64("busy when armed, and nothing waits", rig.tb.top->busy, 0);

	/* the first comes at once */
	at = rig.tb.cycle;
	rig.send(0, 1);
	rig.settle();
	tap_u64("interrupts", rig.ring[1].irqs, 1);
	if (rig.ring[1].irq_cycle - at > 20)
		tap_fail("first interrupt after %llu cycles", (unsigned long long)(rig.ring[1].irq_cycle - at));
	first = rig.ring[1].irq_cycle;
	tap_u64("busy when not armed, and the time runs", rig.tb.top->busy, 0);

	/* the second not before its time */
	rig.consume(1);
	rig.tell(1, true);
	rig.settle();
	tap_u64("busy when armed, nothing waits, and the time runs", rig.tb.top->busy, 0);
	rig.send(0, 1);
	rig.steps(20);
	rig.tb.eval();
	tap_u64("busy while the time runs", rig.tb.top->busy, 1);
	rig.settle();
	tap_u64("interrupts", rig.ring[1].irqs, 2);
	if (rig.ring[1].irq_cycle - first < 1000 || rig.ring[1].irq_cycle - first > 1005)
		tap_fail("expected 1000 to 1005 cycles between interrupts, got %llu",
			 (unsigned long long)(rig.ring[1].irq_cycle - first));

	/* the fourth completion ends the wait */
	rig.consume(1);
	rig.tell(1, true);
	for (int i = 0; i < 3; i++)
		rig.send(1, 1);
	rig.steps(100);
	tap_u64("interrupts with 3 of 4 completions", rig.ring[1].irqs, 2);
	rig.send(0, 1);
	rig.steps(20);
	tap_u64("interrupts with 4 of 4 completions", rig.ring[1].irqs, 3);
	rig.settle();

	/* one arming, one interrupt */
	for (int i = 0; i < 10; i++)
		rig.send(0, 1);
	rig.steps(3000);
	tap_u64("interrupts when not armed", rig.ring[1].irqs, 3);

	/* the ring goes off: it is not armed after that, and the time is over */
	rig.consume(1);
	rig.tell(1, true);
	rig.send(0, 1);
	rig.steps(20);
	tap_u64("interrupts", rig.ring[1].irqs, 4);
	rig.consume(1);
	rig.tell(1, true);
	rig.turn_off(1);
	rig.turn_on(1, 6);
	rig.send(0, 1);
	rig.settle();
	tap_u64("interrupts when not armed after a restart", rig.ring[1].irqs, 0);
	at = rig.tb.cycle;
	rig.tell(1, true);
	rig.settle();
	tap_u64("interrupts after the restart", rig.ring[1].irqs, 1);
	if (rig.ring[1].irq_cycle - at > 20)
		tap_fail("interrupt %llu cycles after arming", (unsigned long long)(rig.ring[1].irq_cycle - at));
}

/* Cycles and count are written while the ring is on. */
static void moderation_changes()
{
	struct { unsigned write, gap; } set[] = {
		{ 1000, 0 }, { 100, 1000 }, { 3000, 100 }, { 0, 3000 }, { 500, 0 }, { 500, 500 },
	};
	Rig rig(16);
	uint64_t last = 0;

	rig.stall = rig.gap = rig.irq_stall = 0;
	rig.latency = 0;
	rig.turn_on(1, 6);
	for (unsigned i = 0; i < 6; i++) {
		/* written while the time before it runs */
		rig.write(1, TLSNIC_Q_IRQ_CYCLES, set[i].write);
		tap_u64("IRQ_CYCLES", rig.read(1, TLSNIC_Q_IRQ_CYCLES), set[i].write);
		rig.consume(1);
		rig.tell(1, true);
		rig.send(0, 1);
		rig.settle();
		tap_u64("interrupts", rig.ring[1].irqs, i + 1);
		uint64_t took = rig.ring[1].irq_cycle - last;

		if (set[i].gap && (took < set[i].gap || took > set[i].gap + 5))
			tap_fail("interrupt %u: expected %u to %u cycles after the one before, got %llu", i, set[i].gap,
				 set[i].gap + 5, (unsigned long long)took);
		if (!set[i].gap && last && took > 60)
			tap_fail("interrupt %u comes %llu cycles after the one before", i, (unsigned long long)took);
		last = rig.ring[1].irq_cycle;
	}
	/* a count that enough completions have reached already ends the wait, another does not */
	rig.write(1, TLSNIC_Q_IRQ_CYCLES, 100000);
	rig.consume(1);
	rig.tell(1, true);
	rig.steps(600);
	rig.send(0, 1);
	rig.steps(20);
	tap_u64("interrupts", rig.ring[1].irqs, 7);
	rig.consume(1);
	rig.tell(1, true);
	for (int i = 0; i < 6; i++)
		rig.send(i & 1, 1);
	rig.steps(100);
	tap_u64("interrupts without a count", rig.ring[1].irqs, 7);
	rig.write(1, TLSNIC_Q_IRQ_COUNT, 7);
	rig.steps(100);
	tap_u64("interrupts with 6 of 7 completions", rig.ring[1].irqs, 7);
	rig.write(1, TLSNIC_Q_IRQ_COUNT, 6);
	rig.steps(10);
	tap_u64("interrupts with 6 of 6 completions", rig.ring[1].irqs, 8);
	rig.write(1, TLSNIC_Q_IRQ_COUNT, 0);
	rig.tell(1, true);
	rig.steps(100);
	tap_u64("interrupts without a count", rig.ring[1].irqs, 8);
}

/* Armed over and over, also while an interrupt waits to be taken. */
static void arm_any_time()
{
	Rig rig(15);
	uint64_t last = 0;
	unsigned seen = 0;

	rig.irq_stall = 2;
	rig.turn_on(0, 6);
	rig.write(0, TLSNIC_Q_IRQ_CYCLES, 40);
	rig.send(0, 0);
	rig.settle();
	for (int i = 0; i < 20000; i++) {
		if (rig.rnd.one_in(8)) {
			rig.tb.top->reg_wr = 1;
			rig.tb.top->reg_addr = TLSNIC_REG_QUEUE + TLSNIC_Q_CQ_CONS;
			rig.tb.top->reg_wdata = TLSNIC_CQ_ARM;
		}
		rig.step();
		if (rig.ring[0].irqs == seen)
			continue;
		if (seen && rig.ring[0].irq_cycle - last < 40)
			tap_fail("interrupts at %llu and %llu, expected 40 cycles between",
				 (unsigned long long)last, (unsigned long long)rig.ring[0].irq_cycle);
		seen = rig.ring[0].irqs;
		last = rig.ring[0].irq_cycle;
	}
	if (seen < 20000 / 80)
		tap_fail("only %u interrupts", seen);
}

static void misc_and_test()
{
	Rig rig(12);
	Vcpl_irq *t = rig.tb.top.get();
	unsigned total = 0;

	t->irq_misc = 1;
	rig.step();
	rig.settle();
	tap_u64("interrupts of vector 0", rig.misc_irqs, 1);
	for (unsigned v = 0; v < 256; v++) {
		t->irq_test = 1;
		t->irq_test_vector = (uint8_t)v;
		rig.step();
		rig.settle();
	}
	tap_u64("interrupts of vector 0", rig.misc_irqs, 2);
	for (Ring &r : rig.ring)
		tap_u64("interrupts of a queue's vector", r.irqs, 1);

	/* all at once while the port does not take any: each comes once */
	rig.irq_stall = 1;
	for (int n = 0; n < 3; n++) {
		for (unsigned v = 0; v <= QUEUES; v++) {
			t->irq_test = 1;
			t->irq_test_vector = (uint8_t)v;
			rig.step();
		}
	}
	rig.steps(20);
	rig.irq_stall = 0;
	rig.settle();
	total = rig.misc_irqs;
	for (Ring &r : rig.ring)
		total += r.irqs;
	tap_u64("interrupts of all vectors", total, 2 + QUEUES + 1 + QUEUES);
}

static void reset()
{
	Rig rig(13);
	Vcpl_irq *t = rig.tb.top.get();

	for (int round = 0; round < 40; round++) {
		rig.turn_on(0, 6);
		rig.write(0, TLSNIC_Q_IRQ_CYCLES, 50);
		rig.tell(0, true);
		for (int i = 0; i < 30; i++)
			rig.send(i & 1, 0);
		rig.steps(rig.rnd.below(200));
		rig.writes.clear();
		rig.landing.clear();
		rig.source[0].clear();
		rig.source[1].clear();
		rig.offered[0] = rig.offered[1] = false;
		t->s_cpl_valid = 0;
		t->rst = 1;
		rig.tb.clock();
		t->rst = 0;
		rig.tb.eval();
		tap_u64("busy after the reset", t->busy, 0);
		tap_u64("interrupt after the reset", t->m_irq_valid, 0);
		rig.ring[0].on = false;
		tap_u64("CTRL", rig.read(0, TLSNIC_Q_CQ_CTRL), 0);
		tap_u64("IRQ_CYCLES", rig.read(0, TLSNIC_Q_IRQ_CYCLES), 0);
	}
}

static void rate()
{
	Rig rig(14);
	uint64_t start;
	unsigned beats = DATA_W < 256 ? 2 : 1;

	rig.stall = rig.gap = rig.latency = 0;
	rig.turn_on(0, 12);
	rig.turn_on(1, 12);
	for (int i = 0; i < 4000; i++)
		rig.send(i & 1, i >> 1 & 1);
	start = rig.tb.cycle;
	rig.settle();
	if (rig.tb.cycle - start > 4000 * beats + 20)
		tap_fail("4000 completions: expected at most %u cycles, took %llu", 4000 * beats + 20,
			 (unsigned long long)(rig.tb.cycle - start));
	tap_u64("entries", rig.consume(0) + rig.consume(1), 4000);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("registers", registers());
	TAP_RUN("polled", polled(20, 3, 3, false));
	TAP_RUN("polled, slow memory", polled(200, 2, 0, false));
	TAP_RUN("polled, fast memory", polled(0, 0, 0, false));
	TAP_RUN("polled, seen before the response", polled(100, 3, 2, true));
	TAP_RUN("write errors", write_errors());
	TAP_RUN("full ring", full_ring());
	TAP_RUN("full ring of the largest size", full_largest());
	TAP_RUN("index wrap", index_wrap());
	TAP_RUN("doorbells", doorbells());
	TAP_RUN("rings on and off", on_and_off());
	TAP_RUN("by interrupt", by_interrupt(0, 0, 3, false));
	TAP_RUN("by interrupt, moderated", by_interrupt(2000, 0, 3, false));
	TAP_RUN("by interrupt, moderated and counted", by_interrupt(2000, 5, 2, false));
	TAP_RUN("by interrupt, cycles written at any time", by_interrupt(600, 0, 3, false, true));
	TAP_RUN("by interrupt, seen before the response", by_interrupt(30, 0, 10, true));
	TAP_RUN("arm race", arm_race());
	TAP_RUN("arm at any time", arm_any_time());
	TAP_RUN("moderation", moderation());
	TAP_RUN("moderation is written while the ring is on", moderation_changes());
	TAP_RUN("vector 0 and test interrupts", misc_and_test());
	TAP_RUN("reset", reset());
	TAP_RUN("rate", rate());
	return tap_end();
}
