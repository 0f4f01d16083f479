// SPDX-License-Identifier: BSD-2-Clause
//
// The Verilated card and what surrounds it: inside of the library.
//
// One cycle is: look at the card's outputs (sample), raise the clock, set
// the card's inputs (drive), lower the clock. What is driven after one edge is
// taken at the next.

#ifndef TLSNIC_SIM_MODEL_H
#define TLSNIC_SIM_MODEL_H

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "Vtlsnic.h"
#include "tlsnic_sim.h"
#include "verilated.h"

constexpr unsigned DATA_W = TLSNIC_DATA_W;
constexpr unsigned BEAT = DATA_W / 8;
constexpr uint64_t ALL_LANES = BEAT == 64 ? ~0ull : (1ull << (BEAT & 63)) - 1;
constexpr unsigned PAGE = 4096;

// xorshift64*, seeded so that small seeds differ at once
class Random {
	uint64_t x_ = 1;

public:
	void seed(uint64_t seed);
	uint64_t next();
	unsigned range(unsigned low, unsigned high);	// inclusive
	bool chance(unsigned ppm);
};

// What all parts of a card share.
struct Shared {
	VerilatedContext context;
	std::unique_ptr<Vtlsnic> top;
	tlsnic_sim_options opt{};
	tlsnic_sim_ops ops{};
	void *opaque = nullptr;
	struct tlsnic_sim_stats stats{};
	Random random;

	bool stall() { return opt.stall_ppm && random.chance(opt.stall_ppm); }
	void protocol_error(const char *what, uint64_t value);
};

// AXI4 slave: host memory behind callbacks.
class HostMemory {
	struct Read {
		uint64_t ready;			// cycle of the first beat at the earliest
		unsigned id, beats, sent;
		bool error;
		alignas(64) uint8_t data[PAGE];
	};
	struct Write {
		uint64_t addr;
		unsigned id, beats, taken;
		bool error;
	};
	struct Response {
		uint64_t ready;
		unsigned id;
		bool error;
	};
	static constexpr unsigned MAX_READS = 64, MAX_WRITES = 16;

	Shared &s_;
	Read pool_[MAX_READS];
	Read *reads_[MAX_READS];		// in order of arrival; the rest are free
	unsigned nreads_ = 0;
	Read *current_ = nullptr;		// whose beat is offered or comes next
	bool r_offered_ = false;

	Write writes_[MAX_WRITES];
	unsigned nwrites_ = 0;
	uint64_t run_addr_ = 0;			// contiguous bytes gathered so far
	unsigned run_len_ = 0;
	unsigned write_bytes_ = 0;
	uint8_t run_[PAGE];
	Response responses_[MAX_WRITES];
	unsigned nresponses_ = 0;
	bool b_offered_ = false;

	struct Held {				// to see that nobody takes a valid back
		bool ar = false, aw = false, w = false;
		uint64_t ar_addr = 0, aw_addr = 0;
	} held_;

	uint64_t due();
	void check_burst(const char *what, uint64_t addr, unsigned len, unsigned size, unsigned burst);
	void check_held();
	void accept_read();
	void accept_write();
	void take_beat();
	void append(uint64_t addr, const uint8_t *data, unsigned len);
	void flush_run();
	void finish_write();
	Read *choose();
	void remove(Read *read);

public:
	explicit HostMemory(Shared &s);
	void sample();
	void drive();
	void reset();
	bool idle() const { return !nreads_ && !nwrites_ && !nresponses_; }
};

// AXI4-Stream ends of the wire.
class WireSide {
	struct Frame {
		unsigned len, sent;
		bool bad;
		uint8_t data[TLSNIC_SIM_MAX_FRAME];
	};
	static constexpr unsigned QUEUE = 8;

	Shared &s_;
	Frame rx_[QUEUE];			// wire to card
	unsigned head_ = 0, count_ = 0;
	bool offered_ = false;
	unsigned tx_len_ = 0;			// card to wire
	uint64_t tx_began_ = 0;			// cycle of its first beat
	bool tx_held_ = false;			// a whole frame that nobody takes
	bool tx_waits_ = false;			// valid was seen, ready was not given
	uint8_t tx_[TLSNIC_SIM_MAX_FRAME];

	void take_beat();

public:
	explicit WireSide(Shared &s) : s_(s) {}
	void sample();
	void drive();
	void reset();
	void offer();
	bool push(const void *frame, size_t len, bool bad);
	bool held() const { return tx_held_; }
	uint64_t tx_began() const { return tx_began_; }
	bool idle() const { return !count_ && !tx_len_ && !tx_held_; }
};

// Stage accounting.
class Stages {
	Shared &s_;
	std::vector<tlsnic_sim_stage> stage_;

public:
	explicit Stages(Shared &s);
	void count();
	const std::vector<tlsnic_sim_stage> &all() const { return stage_; }
};

#endif // TLSNIC_SIM_MODEL_H
