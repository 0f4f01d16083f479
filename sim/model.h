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
#include "monitor.h"
#include "tlsnic_sim.h"
#include "verilated.h"

constexpr unsigned DATA_W = TLSNIC_DATA_W;
constexpr unsigned BEAT = DATA_W / 8;
constexpr uint64_t ALL_LANES = BEAT == 64 ? ~0ull : (1ull << (BEAT & 63)) - 1;
constexpr unsigned DESC_BEAT = 16;		// of the port that reads descriptors
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
	Monitor monitor{*this};
	bool fatal = false;			// nothing can follow: abort at the end of the cycle

	uint64_t due() { return stats.cycles + 1 + random.range(opt.latency_min, opt.latency_max); }
	bool stall() { return opt.stall_ppm && random.chance(opt.stall_ppm); }
	void protocol_error(const char *what, uint64_t value);
	void check_burst(const char *what, uint64_t addr, unsigned len, unsigned size, unsigned burst, unsigned beat);
};

// The signals of a read channel of the card.
struct ReadSignals {
	CData &arid, &arlen, &arsize, &arburst, &arvalid, &arready, &rid, &rresp, &rlast, &rvalid, &rready;
	QData &araddr;
	void *rdata;
};

// AXI4 slave, reads: host memory behind callbacks.
class ReadPort {
	struct Read {
		uint64_t ready;			// cycle of the first beat at the earliest
		unsigned id, beats, sent;
		bool error;
		alignas(64) uint8_t data[PAGE];
	};
	static constexpr unsigned MAX_READS = 64;

	Shared &s_;
	const unsigned beat_;			// bytes
	const tlsnic_sim_dma *const kinds_;	// by ID
	const unsigned nkinds_;
	std::unique_ptr<ReadSignals> sig_;
	Read pool_[MAX_READS];
	Read *reads_[MAX_READS];		// in order of arrival; the rest are free
	unsigned nreads_ = 0;
	Read *current_ = nullptr;		// whose beat is offered or comes next
	bool offered_ = false;
	bool held_ = false;			// to see that nobody takes a valid back
	uint64_t held_addr_ = 0;

	void accept();
	Read *choose();
	void remove(Read *read);

public:
	ReadPort(Shared &s, unsigned beat, const tlsnic_sim_dma *kinds, unsigned nkinds);
	void attach(const ReadSignals &sig);
	void sample();
	void drive();
	void reset();
	bool idle() const { return !nreads_; }
};

// AXI4 slave: host memory behind callbacks. The card has a port for data and a narrow one for
// descriptors.
class HostMemory {
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
	static constexpr unsigned MAX_WRITES = 64;

	Shared &s_;
	ReadPort data_, desc_;
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
		bool aw = false, w = false;
		uint64_t aw_addr = 0;
	} held_;

	void check_held();
	void accept_write();
	void take_beat();
	void append(uint64_t addr, const uint8_t *data, unsigned len);
	void flush_run();
	void finish_write();

public:
	explicit HostMemory(Shared &s);
	void attach();				// once the model is there
	void sample();
	void drive();
	void reset();
	bool idle() const { return data_.idle() && desc_.idle() && !nwrites_ && !nresponses_; }
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
