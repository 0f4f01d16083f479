// SPDX-License-Identifier: BSD-2-Clause
//
// host_rx: every frame that it takes is in memory, in order, once, with a
// completion after the last byte; what it cannot take is counted.

#include "rig.h"

static void one_frame()
{
	Rig rig(1);

	rig.turn_on(0, 6, 2048);
	rig.post(0, 2);
	rig.send(0, 60);
	rig.settle();
	tap_u64("frames delivered", rig.delivered(), 1);
	tap_u64("HEAD", rig.read(0, TLSNIC_Q_RX_HEAD), 1);
	rig.send(0, 3000);	/* one buffer is left */
	rig.settle();
	tap_u64("no_buffer events", rig.ev_no_buffer, 1);
	rig.post(0, 1);
	rig.send(0, 3000);
	rig.settle();
	tap_u64("frames delivered", rig.delivered(), 2);
	tap_u64("HEAD", rig.read(0, TLSNIC_Q_RX_HEAD), 3);
	tap_u64("no_buffer events", rig.ev_no_buffer, 1);
}

static void registers()
{
	Rig rig(2);
	struct { unsigned reg; uint32_t write, want; } set[] = {
		{ TLSNIC_Q_RX_BASE_LO, 0x12345678, 0x12345640 },
		{ TLSNIC_Q_RX_BASE_HI, 0x9abcdef0, 0x9abcdef0 },
		{ TLSNIC_Q_RX_SIZE, 8, 8 }, { TLSNIC_Q_RX_SIZE, 5, 6 }, { TLSNIC_Q_RX_SIZE, 0xffffffff, 12 },
		{ TLSNIC_Q_RX_BUF_LEN, 2048, 2048 }, { TLSNIC_Q_RX_BUF_LEN, 0, 64 },
		{ TLSNIC_Q_RX_BUF_LEN, 16384, 16384 }, { TLSNIC_Q_RX_BUF_LEN, 16448, 16384 },
		{ TLSNIC_Q_RX_BUF_LEN, 0xffffffff, 16384 }, { TLSNIC_Q_RX_BUF_LEN, 1999, 1984 },
	};

	for (unsigned q = 0; q < QUEUES; q++) {
		for (auto &s : set) {
			rig.write(q, s.reg, s.write);
			tap_u64("register", rig.read(q, s.reg), s.want);
		}
	}
	/* other queues and other blocks' registers */
	tap_u64("queue beyond the last", rig.read(QUEUES, TLSNIC_Q_RX_SIZE), 0);
	tap_u64("register of another block", rig.read(0, TLSNIC_Q_TX_SIZE), 0);
	rig.write(0, TLSNIC_Q_RX_SIZE, 7);
	rig.write(1, TLSNIC_Q_RX_SIZE, 9);
	tap_u64("queue 0", rig.read(0, TLSNIC_Q_RX_SIZE), 7);
	tap_u64("queue 1", rig.read(1, TLSNIC_Q_RX_SIZE), 9);
	/* frozen while the ring is on */
	rig.turn_on(0, 6, 128);
	rig.write(0, TLSNIC_Q_RX_SIZE, 9);
	rig.write(0, TLSNIC_Q_RX_BUF_LEN, 256);
	rig.write(0, TLSNIC_Q_RX_BASE_LO, 0);
	rig.write(0, TLSNIC_Q_RX_BASE_HI, 9);
	tap_u64("SIZE of a ring that is on", rig.read(0, TLSNIC_Q_RX_SIZE), 6);
	tap_u64("BUF_LEN of a ring that is on", rig.read(0, TLSNIC_Q_RX_BUF_LEN), 128);
	tap_u64("BASE of a ring that is on", rig.read(0, TLSNIC_Q_RX_BASE_LO), (uint32_t)rig.ring[0].base);
	tap_u64("BASE of a ring that is on", rig.read(0, TLSNIC_Q_RX_BASE_HI), rig.ring[0].base >> 32);
}

static void doorbells()
{
	Rig rig(3);

	rig.write(0, TLSNIC_Q_RX_TAIL, 5);
	tap_u64("TAIL of a ring that is off", rig.read(0, TLSNIC_Q_RX_TAIL), 0);
	rig.turn_on(0, 6, 64);
	rig.write(0, TLSNIC_Q_RX_TAIL, 65);
	tap_u64("events: beyond the ring", rig.err_doorbell, 1);
	tap_u64("TAIL", rig.read(0, TLSNIC_Q_RX_TAIL), 0);
	rig.post(0, 40);
	rig.write(0, TLSNIC_Q_RX_TAIL, 39);
	tap_u64("events: backwards", rig.err_doorbell, 2);
	rig.write(0, TLSNIC_Q_RX_TAIL, 0xffff);
	tap_u64("events: before the head", rig.err_doorbell, 3);
	rig.write(0, TLSNIC_Q_RX_TAIL, 40);
	tap_u64("events: no news", rig.err_doorbell, 3);
	for (int i = 0; i < 10; i++)
		rig.send(0, 64);
	rig.settle();
	rig.write(0, TLSNIC_Q_RX_TAIL, 75);
	tap_u64("events: one too many", rig.err_doorbell, 4);
	tap_u64("TAIL", rig.read(0, TLSNIC_Q_RX_TAIL), 40);
	rig.post(0, 34);	/* full */
	tap_u64("events", rig.err_doorbell, 4);
	for (int i = 0; i < 70; i++)
		rig.send(0, 60);
	rig.settle();
	tap_u64("frames delivered", rig.delivered(), 74);
	tap_u64("no_buffer events", rig.ev_no_buffer, 6);
}

/* Which frames fit is known when the ring is not touched meanwhile. */
static void empty_ring()
{
	Rig rig(4);

	for (int round = 0; round < 60; round++) {
		unsigned q = rig.rnd.below(QUEUES), log2_size = rig.rnd.range(6, 8);
		unsigned buf_len = 64 * rig.rnd.range(1, 40);
		unsigned posted, want = 0, drops = 0, was = rig.delivered(), dropped = rig.ev_no_buffer;

		rig.turn_on(q, log2_size, buf_len);
		posted = rig.rnd.range(0, 1u << log2_size);
		rig.post(q, posted);
		for (int i = 0; i < 100; i++) {
			unsigned len = rig.rnd.one_in(4) ? rig.rnd.range(14, 9220) : rig.rnd.range(14, 300);
			unsigned need = (len + buf_len - 1) / buf_len;

			rig.send(q, len);
			if (need <= posted) {
				posted -= need;
				want++;
			} else {
				drops++;
			}
		}
		rig.settle(200000);
		tap_u64("frames delivered", rig.delivered() - was, want);
		tap_u64("no_buffer events", rig.ev_no_buffer - dropped, drops);
		rig.turn_off(q);
	}
	/* rings that are off, queues that do not exist */
	rig.ev_no_buffer = 0;
	for (unsigned q = 0; q < 32; q++)
		rig.send(q, 100);
	rig.settle();
	tap_u64("no_buffer events", rig.ev_no_buffer, 32);
}

static void random_traffic(unsigned latency, unsigned stall, unsigned gap, unsigned write_errors)
{
	Rig rig(5);
	unsigned frames = 0;

	rig.latency = latency;
	rig.stall = stall;
	rig.gap = gap;
	rig.write_errors = write_errors;
	for (unsigned q = 0; q < QUEUES; q++) {
		rig.turn_on(q, rig.rnd.range(6, 10), 64 * rig.rnd.range(1, 1u << rig.rnd.range(1, 8)));
		rig.post(q, rig.ring[q].size);
	}
	while (frames < 1500 && !tap.failures) {
		for (unsigned q = 0; q < QUEUES; q++) {
			unsigned room = rig.room(q);

			if (room && rig.rnd.one_in(3))
				rig.post(q, rig.rnd.range(1, room));
		}
		if (rig.frames.size() < 20) {
			unsigned len = rig.rnd.one_in(8) ? rig.rnd.range(14, 9220) : rig.rnd.range(14, 600);

			/* runs of one queue and mixtures */
			static unsigned q;

			if (rig.rnd.one_in(3))
				q = rig.rnd.below(QUEUES);
			rig.send(q, len);
			frames++;
		} else {
			rig.steps(20);
		}
	}
	rig.settle(200000);
	tap_u64("delivered + dropped", rig.delivered() + rig.ev_no_buffer, frames);
	if (rig.delivered() < frames / 2)
		tap_fail("only %u of %u frames delivered", rig.delivered(), frames);
	tap_u64("err_write events", rig.err_write, rig.failed_writes);
	if (write_errors && !rig.failed_writes)
		tap_fail("no write failed");
	tap_u64("other errors", rig.err_read + rig.err_doorbell, 0);
	for (unsigned q = 0; q < QUEUES; q++)
		tap_u64("HEAD", rig.read(q, TLSNIC_Q_RX_HEAD), rig.ring[q].next);
}

/* More than 2^16 buffers through one small ring. */
static void index_wrap()
{
	Rig rig(6);
	unsigned frames = 0;

	rig.latency = 8;
	rig.stall = 0;
	rig.gap = 0;
	rig.turn_on(1, 6, 64);
	while (frames < 70000 && !tap.failures) {
		unsigned room = rig.room(1);

		if (room > 16)
			rig.post(1, room);
		if (rig.frames.size() < 8) {
			rig.send(1, rig.rnd.range(14, 64));
			frames++;
		} else {
			rig.steps(2);
		}
	}
	rig.settle();
	tap_u64("delivered + dropped", rig.delivered() + rig.ev_no_buffer, frames);
	if (rig.delivered() <= 65536)
		tap_fail("only %u buffers used", rig.delivered());
	tap_u64("HEAD", rig.read(1, TLSNIC_Q_RX_HEAD), rig.delivered() & 0xffff);
	tap_u64("errors", rig.err_doorbell + rig.err_read + rig.err_write, 0);
}

/* Rings go off and on under traffic; the rig fails any access to one that is off. */
static void on_and_off(unsigned latency, unsigned stall, unsigned gap)
{
	Rig rig(7);
	unsigned frames = 0;

	rig.latency = latency;
	rig.stall = stall;
	rig.gap = gap;
	while (frames < 2000 && !tap.failures) {
		unsigned q = rig.rnd.below(QUEUES);

		switch (rig.rnd.below(8)) {
		case 0:
			if (rig.ring[q].on) {
				if (rig.room(q) && rig.rnd.one_in(2))
					rig.post(q, rig.rnd.range(1, rig.room(q)));
				rig.turn_off(q);
			}
			break;
		case 1:
		case 2:
			if (!rig.ring[q].on) {
				rig.turn_on(q, rig.rnd.range(6, 8), 64 * rig.rnd.range(1, 32));
				rig.post(q, rig.ring[q].size);
			}
			break;
		default:
			if (rig.ring[q].on && rig.room(q))
				rig.post(q, rig.room(q));
			for (int i = 0; i < 4 && rig.frames.size() < 30; i++, frames++)
				rig.send(q, rig.rnd.one_in(4) ? rig.rnd.range(14, 9220) : rig.rnd.range(14, 300));
			rig.steps(rig.rnd.below(100));
		}
	}
	rig.settle(200000);
	for (unsigned q = 0; q < QUEUES; q++)
		rig.turn_off(q);
	unsigned cut = 0;

	for (Ring &r : rig.ring)
		cut += r.cut;
	tap_u64("frames cut", cut, 0);
	tap_u64("delivered + dropped", rig.delivered() + rig.ev_no_buffer, frames);
	if (rig.delivered() < frames / 4)
		tap_fail("only %u of %u frames delivered", rig.delivered(), frames);
}

static void read_error()
{
	unsigned cut = 0;

	for (int round = 0; round < 40; round++) {
		Rig rig(100 + round);
		unsigned at = rig.rnd.below(64), was;

		rig.latency = 1u << rig.rnd.range(2, 9);
		rig.turn_on(0, 6, 64 * rig.rnd.range(1, 8));
		rig.turn_on(1, 6, 2048);
		rig.read_error_at = rig.ring[0].base + 16 * at;
		rig.post(0, 64);
		rig.post(1, 64);
		for (int i = 0; i < 60; i++) {
			rig.send(0, rig.rnd.range(14, 2000));
			rig.send(1, rig.rnd.range(14, 1500));
		}
		rig.settle(100000);
		tap_u64("err_read events", rig.err_read, 1);
		tap_u64("CTRL", rig.read(0, TLSNIC_Q_RX_CTRL), TLSNIC_Q_ENABLE | TLSNIC_Q_ACTIVE | TLSNIC_Q_HALTED);
		tap_u64("frames of the other queue", rig.ring[1].delivered, 60);
		tap_u64("delivered + dropped", rig.delivered() + rig.ev_no_buffer, 120);
		rig.post(0, 0);
		rig.turn_off(0);
		tap_u64("CTRL when off", rig.read(0, TLSNIC_Q_RX_CTRL), 0);
		if (rig.ring[0].next > at)
			tap_fail("descriptor %u failed but buffer %u was used", at, rig.ring[0].next - 1);
		rig.read_error_at = 0;
		rig.turn_on(0, 6, 1024);
		rig.post(0, 20);
		was = rig.delivered();
		for (int i = 0; i < 10; i++)
			rig.send(0, 1500);
		rig.settle();
		tap_u64("frames after the restart", rig.delivered() - was, 10);
		cut += rig.ring[0].cut;
	}
	if (!cut)
		tap_fail("no read failed in the middle of a frame");
}

/* A completion ring without room stops the frames, and nothing is lost. */
static void completions_blocked()
{
	Rig rig(8);

	rig.turn_on(0, 9, 64);
	rig.post(0, 512);
	rig.cpl_ready = false;
	for (int i = 0; i < 200; i++)
		rig.send(0, 64);
	rig.steps(5000);
	if (rig.frames.empty())
		tap_fail("all frames taken without a completion");
	tap_u64("frames delivered", rig.delivered(), 0);
	rig.cpl_ready = true;
	rig.settle();
	tap_u64("frames delivered", rig.delivered(), 200);
	tap_u64("no_buffer events", rig.ev_no_buffer, 0);
}

/* In the middle of anything a reset leaves it as after power-up. */
static void reset()
{
	Rig rig(9);

	for (int round = 0; round < 30; round++) {
		rig.turn_on(2, 7, 256);
		rig.post(2, 128);
		for (int i = 0; i < 20; i++)
			rig.send(2, rig.rnd.range(14, 1500));
		rig.steps(rig.rnd.below(400));
		rig.tb.top->rst = 1;
		rig.frames.clear();
		rig.reads.clear();
		rig.writes.clear();
		rig.landing.clear();
		rig.at = rig.read_beat = 0;
		rig.offered = false;
		rig.tb.top->s_pkt_valid = 0;
		rig.ring[2].on = false;
		rig.tb.clock();
		rig.tb.top->rst = 0;
		rig.tb.eval();
		tap_u64("busy after the reset", rig.tb.top->busy, 0);
		tap_u64("CTRL", rig.read(2, TLSNIC_Q_RX_CTRL), 0);
		tap_u64("BUF_LEN", rig.read(2, TLSNIC_Q_RX_BUF_LEN), 64);
		rig.ring[2].open_frame = false;
		rig.buffers.clear();
	}
	unsigned was = rig.delivered();

	rig.turn_on(2, 7, 256);
	rig.post(2, 128);
	for (int i = 0; i < 20; i++)
		rig.send(2, rig.rnd.range(14, 1500));
	rig.settle();
	tap_u64("frames delivered", rig.delivered() - was, 20);
}

/* Cycles from the first beat to the last of many equal frames. */
static void rate(unsigned len, unsigned buf_len, unsigned count)
{
	Rig rig(10);
	uint64_t start;
	unsigned buffers = (len + buf_len - 1) / buf_len, beats = (len + BEAT - 1) / BEAT;
	unsigned want = count * (beats + buffers) + 100;

	rig.stall = rig.gap = 0;
	rig.latency = 0;
	rig.turn_on(0, 12, buf_len);
	rig.post(0, count * buffers);
	rig.steps(100);
	for (unsigned i = 0; i < count; i++)
		rig.send(0, len);
	start = rig.tb.cycle;
	rig.settle(100000);
	tap_u64("frames delivered", rig.delivered(), count);
	if (rig.tb.cycle - start > want)
		tap_fail("%u frames of %u bytes into buffers of %u: expected at most %u cycles, took %llu",
			 count, len, buf_len, want, (unsigned long long)(rig.tb.cycle - start));
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("one frame", one_frame());
	TAP_RUN("registers", registers());
	TAP_RUN("doorbells", doorbells());
	TAP_RUN("empty ring", empty_ring());
	TAP_RUN("random traffic", random_traffic(20, 3, 4, 0));
	TAP_RUN("random traffic, slow memory", random_traffic(300, 2, 0, 0));
	TAP_RUN("random traffic, fast memory", random_traffic(0, 0, 0, 0));
	TAP_RUN("random traffic, write errors", random_traffic(30, 4, 6, 10));
	TAP_RUN("index wrap", index_wrap());
	TAP_RUN("rings on and off", on_and_off(60, 3, 4));
	TAP_RUN("rings on and off, slow memory", on_and_off(400, 3, 0));
	TAP_RUN("rings on and off, slow wire", on_and_off(1, 0, 2));
	TAP_RUN("read error", read_error());
	TAP_RUN("completions blocked", completions_blocked());
	TAP_RUN("reset", reset());
	TAP_RUN("rate, 60 bytes", rate(60, 2048, 500));
	TAP_RUN("rate, 9000 bytes", rate(9000, 2048, 50));
	TAP_RUN("rate, 1500 bytes in 64-byte buffers", rate(1500, 64, 40));
	return tap_end();
}
