/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What testbenches of single blocks share: the clock, the waveform, byte
 * access to wide ports, random numbers.
 *
 * A cycle: the test drives inputs and calls tb.eval() if it must see outputs
 * that depend on them, looks at outputs, then calls tb.clock(), after which
 * registered outputs show the next cycle.
 */
#ifndef TLSNIC_TB_H
#define TLSNIC_TB_H

#include <verilated.h>
#if VM_TRACE
#include <verilated_fst_c.h>
#endif
#if VM_COVERAGE
#include <verilated_cov.h>
#endif

#include <memory>
#include <string>

#include "tap.h"

template <class Model> struct Testbench {
	std::unique_ptr<VerilatedContext> context{new VerilatedContext};
#if VM_TRACE
	std::unique_ptr<VerilatedFstC> trace;
#endif
	std::unique_ptr<Model> top;
	uint64_t cycle = 0;

	/* Call after tap_begin(): opens the waveform of --trace. */
	Testbench()
	{
		context->traceEverOn(tap.trace != NULL);
		context->errorLimit(8);	/* $error fails the test, more stop it */
		top.reset(new Model(context.get()));
#if VM_TRACE
		if (tap.trace) {
			trace.reset(new VerilatedFstC);
			top->trace(trace.get(), 99);
			trace->open(tap.trace);
		}
#endif
	}

	~Testbench()
	{
		if (context->errorCount())
			tap_fail("%d assertions of the model failed", context->errorCount());
		close_trace();
		top->final();
#if VM_COVERAGE
		/* one file for each model of the program: tools/coverage adds them up */
		static int files;

		context->coveragep()->write(std::string(tap.program) + "." + std::to_string(files++) + ".dat");
#endif
	}

	void eval() { top->eval(); }

	void clock()
	{
		top->clk = 0;
		top->eval();
		dump(2 * cycle);
		top->clk = 1;
		top->eval();
		dump(2 * cycle + 1);
		cycle++;
	}

	/* For a block without a clock: what it shows now goes into the waveform. */
	void look()
	{
		top->eval();
		dump(cycle++);
	}

	/* Holds rst for some cycles; inputs are as the caller set them. */
	void reset(int cycles = 4)
	{
		top->rst = 1;
		for (int i = 0; i < cycles; i++)
			clock();
		top->rst = 0;
		top->eval();
	}

private:
#if VM_TRACE
	void dump(uint64_t time)
	{
		if (trace)
			trace->dump(time);
	}

	void close_trace()
	{
		if (trace)
			trace->close();
	}
#else
	void dump(uint64_t) {}
	void close_trace() {}
#endif
};

/* How many random trials a test does: fewer where counters slow the model down. */
static inline int trials(int n)
{
#if VM_COVERAGE
	return (n + 19) / 20;
#else
	return n;
#endif
}

/* Bytes of a port of any width: byte 0 is bits 7:0. */
template <class Port> static inline uint8_t *port_bytes(Port &port)
{
	return reinterpret_cast<uint8_t *>(&port);
}

template <class Port> static inline const uint8_t *port_bytes(const Port &port)
{
	return reinterpret_cast<const uint8_t *>(&port);
}

/* xorshift64*: small, and the same numbers everywhere. */
struct Random {
	uint64_t state;

	explicit Random(uint64_t seed) : state(seed * 0x9e3779b97f4a7c15ull + 0x1234567ull)
	{
		if (!state)
			state = 1;
		for (int i = 0; i < 8; i++)
			next();
	}

	uint64_t next()
	{
		state ^= state >> 12;
		state ^= state << 25;
		state ^= state >> 27;
		return state * 0x2545f4914f6cdd1dull;
	}

	/* 0 .. n-1 */
	uint32_t below(uint32_t n) { return (uint32_t)((next() >> 32) * n >> 32); }
	/* lo .. hi */
	uint32_t range(uint32_t lo, uint32_t hi) { return lo + below(hi - lo + 1); }
	/* true once in n */
	bool one_in(uint32_t n) { return below(n) == 0; }

	void fill(void *buf, size_t n)
	{
		uint8_t *p = (uint8_t *)buf;

		for (size_t i = 0; i < n; i++)
			p[i] = (uint8_t)(next() >> 32);
	}
};

#endif /* TLSNIC_TB_H */
