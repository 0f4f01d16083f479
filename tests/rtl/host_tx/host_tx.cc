// SPDX-License-Identifier: BSD-2-Clause
//
// TX rings to the packet stream: every packet whole and in order, whatever its
// cuts and alignment and whatever host memory does; every malformed one refused
// as the contract says; nothing left behind.

#include <algorithm>

#include "bench.h"

static void start(Bench &b)
{
	for (unsigned q = 0; q < QUEUES; q++)
		b.ring_on(q, b.rnd.range(6, 8));
}

/* Posts items on all queues until `items` are through. */
static void traffic(Bench &b, unsigned items, unsigned faults_one_in)
{
	unsigned posted = 0, before = b.items_out;
	uint64_t limit = b.tb.cycle + 3000000;

	while (b.items_out - before < items) {
		if (posted < items && b.rnd.one_in(40)) {
			unsigned q = b.rnd.below(QUEUES), n = b.rnd.range(1, 6);

			while (n-- && posted < items) {
				bool fault = faults_one_in && b.rnd.one_in(faults_one_in);
				Fault f = fault ? (Fault)b.rnd.range(LEN_0, FAULTS - 1) : GOOD;
				bool ok;

				if (f == CTX_FLAG || b.rnd.one_in(8))
					ok = b.add_context(q, b.rnd.one_in(3), f == CTX_FLAG);
				else
					ok = b.add_packet(q, f);
				if (!ok)
					break;
				posted++;
			}
			b.post(q);
			/* to turn on what is on changes nothing */
			if (b.rnd.one_in(20))
				b.write(q, TLSNIC_Q_TX_CTRL, TLSNIC_Q_ENABLE);
		} else {
			b.step();
		}
		if (b.tb.cycle > limit) {
			tap_fail("stuck: %u of %u items came out", b.items_out - before, items);
			break;
		}
	}
	b.idle();
	b.expect_nothing_left();
}

static void test_random(uint64_t seed, MemoryOptions opt, unsigned stall_out, unsigned faults_one_in)
{
	Bench b(seed);

	b.mem.opt = opt;
	b.stall_out = stall_out;
	start(b);
	traffic(b, trials(600), faults_one_in);
	tap_u64("descriptor errors", b.errors_desc, 0);
	tap_u64("read errors", b.errors_read, 0);
	tap_u64("doorbell errors", b.errors_doorbell, 0);
	for (unsigned q = 0; q < QUEUES; q++)
		tap_u64("HEAD", b.read(q, TLSNIC_Q_TX_HEAD), b.rings[q].tail);
}

/* Each kind of fault alone, between good packets. */
static void test_faults(uint64_t seed)
{
	Bench b(seed);

	start(b);
	for (unsigned f = LEN_0; f < FAULTS; f++) {
		for (unsigned i = 0; i < 12; i++) {
			unsigned q = i % QUEUES;

			b.add_packet(q, GOOD, 2, 100);
			if (f == CTX_FLAG)
				b.add_context(q, i & 1, true);
			else
				b.add_packet(q, (Fault)f);
			b.add_packet(q, GOOD, 1, 60);
			b.post(q);
			b.idle();
		}
		b.expect_nothing_left();
	}
	tap_u64("errors", b.errors_desc + b.errors_read, 0);
}

/* A refused packet costs no read of its data. */
static void test_no_read(uint64_t seed)
{
	Bench b(seed);

	start(b);
	b.add_packet(0, STREAM_OFFSET, 5, 4000);
	b.add_packet(0, TOO_LONG);
	b.add_packet(0, MSS_SMALL);
	b.add_packet(0, SEEK_PLAIN);
	b.post(0);
	b.idle();
	tap_u64("reads of data", b.mem.data_reads, 0);
	b.expect_nothing_left();
}

enum Misplaced {
	OP_UNKNOWN, OP_0, SEGMENT_FIRST, PACKET_INSIDE, CONTEXT_INSIDE, SEEK_SEEK, SEEK_CONTEXT, CUT_PACKET, CUT_CONTEXT,
	CUT_SEEK, MISPLACED
};

static void put_misplaced(Bench &b, unsigned q, unsigned what)
{
	uint8_t slot[32] = { TLSNIC_TXD_PACKET, 0, 100 };
	uint64_t addr = DATA_AREA;

	memcpy(slot + 8, &addr, 8);
	switch (what) {
	case OP_UNKNOWN: slot[0] = b.rnd.range(6, 255); break;
	case OP_0: slot[0] = 0; break;
	case SEGMENT_FIRST: slot[0] = TLSNIC_TXD_SEGMENT; break;
	case PACKET_INSIDE:
		b.put(q, slot);
		slot[1] = TLSNIC_TXF_END;
		break;
	case CONTEXT_INSIDE:
		b.put(q, slot);
		slot[0] = TLSNIC_TXD_CTX_DELETE;
		break;
	case SEEK_SEEK:
		slot[0] = TLSNIC_TXD_SEEK;
		b.put(q, slot);
		break;
	case SEEK_CONTEXT:
		slot[0] = TLSNIC_TXD_SEEK;
		b.put(q, slot);
		slot[0] = TLSNIC_TXD_CTX_DELETE;
		break;
	case CUT_PACKET: break;
	case CUT_SEEK: slot[0] = TLSNIC_TXD_SEEK; break;
	case CUT_CONTEXT: slot[0] = TLSNIC_TXD_CTX_WRITE; break;
	}
	b.put(q, slot);
}

/* A misplaced slot halts its queue, after the packets before it, and no other. */
static void test_misplaced(uint64_t seed)
{
	Bench b(seed);
	unsigned q = 1;

	start(b);
	for (unsigned what = 0; what < MISPLACED; what++) {
		Ring &r = b.rings[q];

		b.errors_desc = 0;
		b.add_packet(q, GOOD, 3, 500);
		put_misplaced(b, q, what);
		if (what < CUT_PACKET)
			b.add_packet(q, GOOD);
		b.post(q);
		b.add_packet(2, GOOD);
		b.post(2);
		b.idle();
		b.add_packet(3, GOOD);
		b.post(3);
		b.idle();
		tap_u64("ERR_DESC", b.errors_desc, 1);
		tap_u64("CTRL when halted", b.read(q, TLSNIC_Q_TX_CTRL),
			TLSNIC_Q_ENABLE | TLSNIC_Q_ACTIVE | TLSNIC_Q_HALTED);
		tap_u64("other queue", b.read(2, TLSNIC_Q_TX_CTRL), TLSNIC_Q_ENABLE | TLSNIC_Q_ACTIVE);
		tap_u64("packets left behind the slot", r.expected.size(), what < CUT_PACKET);
		r.expected.clear();
		b.expect_nothing_left();
		b.ring_off(q);
		tap_u64("CTRL when off", b.read(q, TLSNIC_Q_TX_CTRL), 0);
		b.ring_on(q, 6);
		b.add_packet(q, GOOD);
		b.post(q);
		b.idle();
		b.expect_nothing_left();
	}
}

/* Descriptors that cannot be read halt the queue; what was read before is sent. */
static void test_ring_unreadable(uint64_t seed)
{
	Bench b(seed);
	Ring &r = b.rings[2];

	start(b);
	for (unsigned round = 0; round < 6; round++) {
		unsigned sent;

		b.errors_read = 0;
		b.add_packet(2, GOOD, 3, 200);
		b.add_packet(2, GOOD, 3, 200);
		sent = b.items_out;
		b.post(2);
		if (round & 1)
			b.idle();
		/* with round 5 the packet begins where the ring can still be read */
		b.mem.bad_ring[2] = r.base + TLSNIC_TXD_SIZE * (round == 5 ? r.tail / 8 * 8 + 8 : r.tail);
		b.add_packet(2, GOOD, round == 5 ? 12 : 2, 200);
		b.post(2);
		b.add_packet(0, GOOD);
		b.post(0);
		b.idle();
		tap_u64("ERR_READ", b.errors_read, 1);
		tap_u64("ERR_DESC", b.errors_desc, 0);
		tap_u64("CTRL", b.read(2, TLSNIC_Q_TX_CTRL), TLSNIC_Q_ENABLE | TLSNIC_Q_ACTIVE | TLSNIC_Q_HALTED);
		if (round & 1)
			tap_u64("packets sent", b.items_out - sent, 3); /* two here, one on queue 0 */
		r.expected.clear();
		b.expect_nothing_left();
		b.ring_off(2);
		b.ring_on(2, 6);
		b.add_packet(2, GOOD);
		b.post(2);
		b.idle();
		b.expect_nothing_left();
	}
}

static void test_doorbell(uint64_t seed)
{
	Bench b(seed);
	Ring &r = b.rings[0];

	b.write(0, TLSNIC_Q_TX_TAIL, 5);
	b.idle();
	tap_u64("TAIL of a ring that is off", b.read(0, TLSNIC_Q_TX_TAIL), 0);
	b.ring_on(0, 6);
	b.write(0, TLSNIC_Q_TX_TAIL, 65);
	b.idle();
	tap_u64("beyond the ring: ERR_DOORBELL", b.errors_doorbell, 1);
	b.write(0, TLSNIC_Q_TX_TAIL, 0xffff);
	b.idle();
	tap_u64("backwards: ERR_DOORBELL", b.errors_doorbell, 2);
	tap_u64("TAIL", b.read(0, TLSNIC_Q_TX_TAIL), 0);
	tap_u64("descriptor reads", b.mem.desc_reads, 0);
	for (unsigned i = 0; i < 64; i++)
		b.add_packet(0, GOOD, 1, 60);
	b.post(0);
	b.idle();
	tap_u64("whole ring: ERR_DOORBELL", b.errors_doorbell, 2);
	tap_u64("TAIL", b.read(0, TLSNIC_Q_TX_TAIL), 64);
	/* indices pass 2^16 */
	while (r.tail > 63) {
		for (unsigned i = 0; i < 64; i++)
			b.add_packet(0, GOOD, 1, 14);
		b.stall_out = b.mem.opt.stall = 0;
		b.post(0);
		b.idle();
	}
	b.add_packet(0, GOOD);
	b.post(0);
	b.idle();
	tap_u64("ERR_DOORBELL", b.errors_doorbell, 2);
	b.expect_nothing_left();
}

static void test_registers(uint64_t seed)
{
	Bench b(seed);

	for (unsigned q = 0; q < QUEUES; q++) {
		b.write(q, TLSNIC_Q_TX_BASE_LO, 0x12345600 + 64 * q + 63);
		b.write(q, TLSNIC_Q_TX_BASE_HI, 0xabcdef00 + q);
		b.write(q, TLSNIC_Q_TX_SIZE, 7 + q);
	}
	for (unsigned q = 0; q < QUEUES; q++) {
		tap_u64("BASE_LO", b.read(q, TLSNIC_Q_TX_BASE_LO), 0x12345600 + 64 * q);
		tap_u64("BASE_HI", b.read(q, TLSNIC_Q_TX_BASE_HI), 0xabcdef00 + q);
		tap_u64("SIZE", b.read(q, TLSNIC_Q_TX_SIZE), 7 + q);
		tap_u64("CTRL", b.read(q, TLSNIC_Q_TX_CTRL), 0);
	}
	for (uint32_t size : { 0u, 5u, 13u, 16u + 7, 0xffffffffu })
		b.write(0, TLSNIC_Q_TX_SIZE, size);
	tap_u64("SIZE after sizes out of range", b.read(0, TLSNIC_Q_TX_SIZE), 7);
	b.write(0, TLSNIC_Q_TX_HEAD, 9);
	tap_u64("HEAD is read-only", b.read(0, TLSNIC_Q_TX_HEAD), 0);
	b.write(0, TLSNIC_Q_TX_CTRL, 0xffffffff);
	tap_u64("CTRL on", b.read(0, TLSNIC_Q_TX_CTRL), TLSNIC_Q_ENABLE | TLSNIC_Q_ACTIVE);
	b.write(0, TLSNIC_Q_TX_BASE_LO, 0);
	b.write(0, TLSNIC_Q_TX_BASE_HI, 0);
	b.write(0, TLSNIC_Q_TX_SIZE, 6);
	tap_u64("BASE_LO is kept while on", b.read(0, TLSNIC_Q_TX_BASE_LO), 0x12345600);
	tap_u64("BASE_HI is kept while on", b.read(0, TLSNIC_Q_TX_BASE_HI), 0xabcdef00);
	tap_u64("SIZE is kept while on", b.read(0, TLSNIC_Q_TX_SIZE), 7);
	for (unsigned reg : { 0x18u, 0x1cu, 0x20u, 0x40u, 0xfcu })
		tap_u64("register of nobody or another block", b.read(1, reg), 0);
	tap_u64("queue that does not exist", b.read(QUEUES, TLSNIC_Q_TX_SIZE), 0);
}

static bool secret_left(Bench &b)
{
	bool left;

	b.tb.top->look = 1;
	b.tb.eval();
	left = b.tb.top->secret_left;
	b.tb.top->look = 0;
	return left;
}

/* Keys at every place in the ring, over its end too; nothing stays behind. */
static void test_keys(uint64_t seed)
{
	Bench b(seed);

	start(b);
	for (unsigned i = 0; i < 150; i++) {
		unsigned q = i % QUEUES;

		for (unsigned k = b.rnd.range(1, 5); k; k--)
			b.add_context(q, b.rnd.one_in(6), b.rnd.one_in(10));
		if (b.rnd.one_in(4))
			b.add_packet(q, GOOD, 1, 100);
		b.post(q);
		if (b.rnd.one_in(3)) {
			b.idle();
			b.run(20);
			if (secret_left(b))
				tap_fail("round %u: a descriptor is left in the card", i);
		}
	}
	b.idle();
	b.run(20);
	b.expect_nothing_left();
	if (secret_left(b))
		tap_fail("a descriptor is left in the card");
}

/* Off in the middle of traffic: a whole number of packets, then silence. */
static void test_off(uint64_t seed)
{
	Bench b(seed);

	start(b);
	for (unsigned round = 0; round < 25; round++) {
		unsigned q = round % QUEUES;

		for (unsigned k = 0; k < QUEUES; k++) {
			while (b.rings[k].room() > 40 && b.rings[k].expected.size() < 20)
				if (b.rnd.one_in(4))
					b.add_context(k, false, false);
				else
					b.add_packet(k, GOOD, 0, b.rnd.range(14, 3000));
			b.post(k);
		}
		b.run(b.rnd.below(400));
		b.done_now = b.rnd.one_in(2);
		if (!b.done_now) {
			/* its items came out, but are not done with: it stays active */
			b.idle();
			b.rings[q].expected.clear();
			b.add_packet(q, GOOD, 1, 60);
			b.post(q);
			b.idle();
			b.write(q, TLSNIC_Q_TX_CTRL, 0);
			b.run(300);
			tap_u64("CTRL with an item in the card", b.read(q, TLSNIC_Q_TX_CTRL), TLSNIC_Q_ACTIVE);
			b.tb.top->rst = 1;
			b.run(2);
			b.tb.top->rst = 0;
			b.idle();
			b.done_now = true;
			b.ctx_items.clear();
			b.ctx_commands.clear();
			for (Ring &r : b.rings)
				r.expected.clear();
			start(b);
			continue;
		}
		b.ring_off(q);
		b.idle();
		b.rings[q].expected.clear();
		b.expect_nothing_left();
		b.run(20);
		if (secret_left(b))
			tap_fail("round %u: a descriptor is left in the card", round);
		b.ring_on(q, 6);
	}
}

/* Soft reset with reads under way: they are taken, nothing comes out, all is wiped. */
static void test_reset(uint64_t seed)
{
	Bench b(seed);
	Vhost_tx_bench &top = *b.tb.top;

	b.mem.opt.latency_max = 200;
	start(b);
	for (unsigned round = 0; round < 20; round++) {
		unsigned out;

		for (unsigned q = 0; q < QUEUES; q++) {
			for (unsigned k = 0; k < 8; k++) {
				b.add_packet(q, GOOD, 2, 1514);
				b.add_context(q, false, false);
			}
			b.post(q);
		}
		b.run(b.rnd.below(600));
		top.soft_rst = 1;
		b.step();
		out = b.items_out;
		for (unsigned i = 0; !top.drained; i++) {
			if (i == 10000) { /* 32 KiB may be under way */
				tap_fail("AXI is not drained");
				break;
			}
			b.step();
		}
		b.run(3);
		tap_u64("reads that are under way", b.mem.outstanding(), 0);
		top.soft_rst = 0;
		for (unsigned i = 0; i < 1000; i++) {
			b.step();
			if (!top.wipe_busy)
				break;
		}
		b.idle();
		tap_u64("items after the reset", b.items_out, out);
		if (secret_left(b))
			tap_fail("round %u: a descriptor is left in the card", round);
		tap_u64("CTRL", b.read(1, TLSNIC_Q_TX_CTRL), 0);
		b.ctx_items.clear();
		b.ctx_commands.clear();
		b.got.clear();
		b.good = 0;
		start(b);
		traffic(b, 20, 0);
	}
}

/* TX_ENABLE off: doorbells are noted, nothing is read. */
static void test_disabled(uint64_t seed)
{
	Bench b(seed);

	start(b);
	b.tb.top->tx_enable = 0;
	b.add_packet(0, GOOD);
	b.post(0);
	b.idle();
	tap_u64("descriptor reads", b.mem.desc_reads, 0);
	b.tb.top->tx_enable = 1;
	b.idle();
	b.expect_nothing_left();
}

/*
 * Back to back, a packet takes as many cycles as it has beats: what lies badly in
 * memory comes as a header through the other port. Only segments behind the first
 * may take more, one beat at most.
 */
static void test_rate(uint64_t seed, unsigned segs, unsigned len, int offset, unsigned head = 0)
{
	Bench b(seed);
	unsigned n = 0;
	double cycles, beats, want = (len + BEAT - 1) / BEAT;

	b.mem.opt = { 60, 60, 0, false };
	b.stall_out = 0;
	b.ring_on(0, 11);
	while (n < (len > TLSNIC_TX_MAX_LEN ? 20 : 300) && b.add_packet(0, GOOD, segs, len, offset, head))
		n++;
	b.post(0);
	b.idle(400000);
	b.expect_nothing_left();
	cycles = (double)(b.last_out - b.first_out) / n;
	beats = (double)b.mem.port[0].beats / n;
	printf("# %u bytes in %u segments: %.2f cycles a packet, %.2f beats of data on the bus\n", len, segs, cycles, beats);
	if (segs > 2 || (segs == 2 && !head))
		want = std::max(want, beats) * 1.01;
	if (cycles > want * 1.02) /* with the start of it */
		tap_fail("%.2f cycles a packet, expected %.2f", cycles, want);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	uint64_t seed = tap.seed;

	TAP_RUN("registers", test_registers(seed));
	TAP_RUN("doorbells", test_doorbell(seed));
	TAP_RUN("random packets", test_random(seed, {}, 4, 0));
	TAP_RUN("random packets, memory without wait", test_random(seed + 1, { 0, 0, 0, false }, 0, 0));
	TAP_RUN("random packets, late memory", test_random(seed + 2, { 1, 400, 2, true }, 0, 0));
	TAP_RUN("random packets, slow sink", test_random(seed + 3, { 4, 20, 0, true }, 2, 0));
	TAP_RUN("random packets, every third wrong", test_random(seed + 4, {}, 4, 3));
	TAP_RUN("each fault alone", test_faults(seed));
	TAP_RUN("refused packets are not read", test_no_read(seed));
	TAP_RUN("misplaced slots", test_misplaced(seed));
	TAP_RUN("ring that cannot be read", test_ring_unreadable(seed));
	TAP_RUN("keys are wiped", test_keys(seed));
	TAP_RUN("off in traffic", test_off(seed));
	TAP_RUN("reset in traffic", test_reset(seed));
	TAP_RUN("TX_ENABLE", test_disabled(seed));
	TAP_RUN("rate: 1514 bytes, aligned", test_rate(seed, 1, 1514, 0));
	TAP_RUN("rate: 1514 bytes, not aligned", test_rate(seed, 1, 1514, -1));
	TAP_RUN("rate: 1514 bytes in two segments", test_rate(seed, 2, 1514, -1));
	TAP_RUN("rate: 66 and 1448 bytes", test_rate(seed, 2, 1514, -1, 66));
	TAP_RUN("rate: 54 and 1460 bytes", test_rate(seed, 2, 1514, -1, 54));
	TAP_RUN("rate: 128 and 1386 bytes", test_rate(seed, 2, 1514, -1, 128));
	TAP_RUN("rate: 9014 bytes in four segments", test_rate(seed, 4, 9014, -1));
	TAP_RUN("rate: 66 and 65160 bytes", test_rate(seed, 2, 65226, -1, 66));
	TAP_RUN("rate: 65535 bytes, not aligned", test_rate(seed, 1, 65535, -1));
	return tap_end();
}
