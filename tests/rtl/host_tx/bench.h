/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host_tx on a bench: host memory behind AXI4 (memory.cc), rings filled as a
 * driver would and what must come of them (rings.cc), tests (host_tx.cc).
 */
#ifndef HOST_TX_BENCH_H
#define HOST_TX_BENCH_H

#include <deque>
#include <map>
#include <vector>

#include "Vhost_tx_bench.h"
#include "tb.h"

#include <linux/tlsnic.h>

typedef std::vector<uint8_t> Bytes;

constexpr unsigned BEAT = DATA_W / 8;
constexpr unsigned QUEUES = 4;
/* Where things lie in host memory; each kind of area has its upper word. */
constexpr uint64_t RING_AREA = 0x1122334400000000, DATA_AREA = 0x00005566fff00000;
constexpr unsigned RING_STRIDE = 1 << 20, DATA_SIZE = 1 << 20;
constexpr unsigned BAD_PAGE = 37; /* this page of the data area cannot be read */

/* How host memory behaves. */
struct MemoryOptions {
	unsigned latency_min = 4, latency_max = 20;
	unsigned stall = 4; /* AR and R are held back once in so many cycles; 0: never */
	bool interleave = true; /* of IDs, beat by beat */
};

/* A read channel: one of DATA_W bits for data, one of 128 for descriptors. */
struct Channel {
	CData &arid, &arlen, &arsize, &arburst, &arvalid, &arready, &rid, &rresp, &rlast, &rvalid;
	QData &araddr;
	uint8_t *rdata;
	unsigned beat; /* bytes */
};

struct Memory {
	struct Burst {
		uint64_t addr, due;
		unsigned id, beats, sent;
	};
	struct Port {
		std::deque<Burst> bursts[16];
		unsigned outstanding = 0;
		uint64_t beats = 0;
		bool held = false; /* AR was valid and not taken */
		uint64_t held_addr = 0;
		bool offered = false; /* R is valid; not taken back before it was taken */
	};

	MemoryOptions opt;
	Bytes data = Bytes(DATA_SIZE);
	std::map<unsigned, Bytes> ring;		/* by queue */
	uint64_t bad_ring[QUEUES]; /* reads of the ring from this address on fail */
	Port port[2]; /* data, descriptors */
	uint64_t data_reads = 0, desc_reads = 0; /* bursts */

	bool byte(uint64_t addr, uint8_t *value); /* false: an error */
	void drive(Vhost_tx_bench &top, Random &rnd, uint64_t cycle);
	void sample(Vhost_tx_bench &top, Random &rnd, uint64_t cycle);
	unsigned outstanding() const { return port[0].outstanding + port[1].outstanding; }

private:
	Channel channel(Vhost_tx_bench &top, unsigned n);
	void drive(Port &p, const Channel &c, Random &rnd, uint64_t cycle);
	void sample(Port &p, const Channel &c, Random &rnd, uint64_t cycle);
};

/* An item on its way through the card, and what must come out. */
struct Item {
	unsigned slots = 0;
	uint8_t kind = 0, status = 0;
	Bytes bytes;		/* of a packet without status */
	uint16_t index = 0;	/* after its last slot */
	tlsnic_txd_packet d = {};
	size_t wrong_from = ~0ull, wrong_at = ~0ull;	/* first byte that may be, that is of a failed read */
	bool has_seek = false;
	tlsnic_txd_seek seek = {};
	bool is_ctx = false;
	tlsnic_txd_ctx ctx = {};
	uint8_t key[32] = {};
};

/* One TX ring and the driver's view of it. */
struct Ring {
	unsigned number = 0, log2 = 6;
	uint64_t base = 0;
	uint16_t tail = 0, done = 0; /* done: slots of items that came out */
	std::deque<Item> expected;

	unsigned room() const { return (1u << log2) - (uint16_t)(tail - done); }
};

enum Fault {
	GOOD, LEN_0, TOO_SHORT, TOO_LONG, TOO_MANY, RESERVED, FLAG, SEG_RESERVED, CSUM_OFFSET, STREAM_OFFSET,
	MSS_SMALL, MSS_NO_CSUM, MSS_CSUM_OFFSET, MSS_L3_LATE, MSS_CSUM_LATE, MSS_SHORT, MSS_LONG,
	SEEK_FLAG, SEEK_RESERVED, SEEK_PLAIN, CTX_FLAG, UNREADABLE, FAULTS
};

struct Bench {
	Testbench<Vhost_tx_bench> tb;
	Random rnd;
	Memory mem;
	Ring rings[QUEUES];
	std::deque<Item> ctx_items, ctx_commands; /* matched in order; seeks too */
	unsigned stall_out = 4;	/* packet and context sinks wait once in so many; 0: never */
	bool done_now = true;	/* items are done with as they come out */
	unsigned errors_read = 0, errors_doorbell = 0, errors_desc = 0;
	unsigned items_out = 0;
	Bytes got;
	size_t good = 0;	/* bytes of it until a beat had a status */
	uint64_t first_out = 0, last_out = 0; /* cycles of the first and the last beat */

	explicit Bench(uint64_t seed);

	void step();
	void run(unsigned cycles);
	bool idle(unsigned limit = 400000); /* runs until busy has been low; reports if it does not */
	void write(unsigned queue, unsigned reg, uint32_t value);
	uint32_t read(unsigned queue, unsigned reg);
	void ring_on(unsigned queue, unsigned log2);
	void ring_off(unsigned queue);

	/* Puts items into the ring; post() rings the doorbell for all of them. */
	/* 0: chosen; head: length of the first of two segments */
	bool add_packet(unsigned queue, Fault fault, unsigned segs = 0, unsigned len = 0, int offset = -1,
			unsigned head = 0);
	bool add_context(unsigned queue, bool del, bool bad);
	void put(unsigned queue, const void *slot);
	void post(unsigned queue) { write(queue, TLSNIC_Q_TX_TAIL, rings[queue].tail); }
	void expect_nothing_left();

private:
	void take_packet();
	void take_context();
	void segment(Item &item, unsigned len, Fault fault);
	void seek(Item &item, unsigned queue, Fault fault);
	void check_packet(const Item &want);
	void check_context();
};

#endif /* HOST_TX_BENCH_H */
