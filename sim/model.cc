// SPDX-License-Identifier: BSD-2-Clause
//
// The card as a whole: clock, reset, BAR, interrupts, waveform, and the C
// functions of tlsnic_sim.h.

#include <cerrno>
#include <cinttypes>
#include <cstdlib>

#include "model.h"
#include "verilated_fst_c.h"
#include "verilated_save.h"

// Cycles without the card's busy before the clock may stop.
constexpr unsigned QUIET = 16;
constexpr unsigned RESET_CYCLES = 8;
constexpr unsigned PERIOD_NS = 4;

void Random::seed(uint64_t seed)
{
	x_ = (seed + 1) * 0x9e3779b97f4a7c15ull;
	if (!x_)
		x_ = 1;
	for (int i = 0; i < 4; i++)
		next();
}

uint64_t Random::next()
{
	x_ ^= x_ >> 12;
	x_ ^= x_ << 25;
	x_ ^= x_ >> 27;
	return x_ * 0x2545f4914f6cdd1dull;
}

unsigned Random::range(unsigned low, unsigned high)
{
	return high <= low ? low : low + (next() >> 32) % (high - low + 1);
}

bool Random::chance(unsigned ppm)
{
	return (next() >> 32) % 1000000 < ppm;
}

void Shared::protocol_error(const char *what, uint64_t value)
{
	if (stats.protocol_errors++ < 8)
		fprintf(stderr, "tlsnic_sim: cycle %" PRIu64 ": %s (0x%" PRIx64 ")\n", stats.cycles, what, value);
}

struct tlsnic_sim {
	Shared s;
	HostMemory mem{s};
	WireSide wire{s};
	Stages stages{s};
	VerilatedFstC trace;
	bool tracing = false;
	uint64_t trace_end = 0;
	unsigned quiet = 0;

	void drive();
	void step();
	void dump(unsigned half);
	void hard_reset();
	void give_up() __attribute__((noreturn));
	bool idle() const { return quiet >= QUIET && mem.idle() && wire.idle(); }
	int bar(bool write, uint64_t offset, uint32_t *value);
};

void tlsnic_sim::drive()
{
	Vtlsnic &top = *s.top;

	mem.drive();
	wire.drive();
	top.m_irq_ready = !s.stall();
}

void tlsnic_sim::dump(unsigned half)
{
	uint64_t now = s.stats.cycles;

	if (now < s.opt.trace_from || now >= trace_end) {
		if (now == trace_end && !half)
			trace.flush();
		return;
	}
	trace.dump(now * PERIOD_NS + half * PERIOD_NS / 2);
}

void tlsnic_sim::step()
{
	Vtlsnic &top = *s.top;

	if (s.opt.stages)
		stages.count();
	mem.sample();
	wire.sample();
	s.monitor.sample();
	if (top.m_irq_valid && top.m_irq_ready) {
		s.stats.irqs++;
		s.ops.irq(s.opaque, top.m_irq_vector);
	}
	top.clk = 1;
	top.eval();
	if (tracing)
		dump(0);
	drive();
	top.clk = 0;
	top.eval();
	if (tracing)
		dump(1);
	s.stats.cycles++;
	quiet = top.busy ? 0 : quiet + 1;
	if (s.fatal)
		give_up();
}

// With all that is of use afterwards in its files.
void tlsnic_sim::give_up()
{
	if (tracing)
		trace.close();
	fflush(nullptr);
	abort();
}

void tlsnic_sim::hard_reset()
{
	Vtlsnic &top = *s.top;

	mem.reset();
	wire.reset();
	s.monitor.hard_reset();
	top.s_axil_awvalid = top.s_axil_wvalid = top.s_axil_arvalid = 0;
	top.rst = 1;
	for (unsigned i = 0; i < RESET_CYCLES; i++) {
		// no traffic: just edges
		top.clk = 1;
		top.eval();
		top.clk = 0;
		top.eval();
		s.stats.cycles++;
	}
	mem.reset();
	wire.reset();
	top.rst = 0;
	drive();
	top.eval();
	quiet = 0;
}

// One AXI4-Lite access; the rest of the card goes on meanwhile.
int tlsnic_sim::bar(bool write, uint64_t offset, uint32_t *value)
{
	Vtlsnic &top = *s.top;
	unsigned timeout = s.opt.bar_timeout ? s.opt.bar_timeout : 100000;

	quiet = 0;
	if (write) {
		top.s_axil_awaddr = offset;
		top.s_axil_wdata = *value;
		top.s_axil_wstrb = 0xf;
		top.s_axil_awvalid = top.s_axil_wvalid = 1;
		s.stats.bar_writes++;
	} else {
		top.s_axil_araddr = offset;
		top.s_axil_arvalid = 1;
		s.stats.bar_reads++;
	}
	top.eval();
	while (timeout--) {
		bool aw = top.s_axil_awvalid && top.s_axil_awready;
		bool w = top.s_axil_wvalid && top.s_axil_wready;
		bool ar = top.s_axil_arvalid && top.s_axil_arready;
		bool done = write ? top.s_axil_bvalid : top.s_axil_rvalid;
		unsigned resp = write ? top.s_axil_bresp : top.s_axil_rresp;

		if (done && !write)
			*value = top.s_axil_rdata;
		// step() evaluates before its next edge whatever is set here
		step();
		if (aw)
			top.s_axil_awvalid = 0;
		if (w)
			top.s_axil_wvalid = 0;
		if (ar)
			top.s_axil_arvalid = 0;
		if (aw || w || ar)
			top.eval();
		if (done)
			return resp ? -EIO : 0;
	}
	top.s_axil_awvalid = top.s_axil_wvalid = top.s_axil_arvalid = 0;
	top.eval();
	s.stats.bar_timeouts++;
	return -ETIMEDOUT;
}

// ---- the C functions ------------------------------------------------------

struct tlsnic_sim *tlsnic_sim_create(const struct tlsnic_sim_options *options,
				     const struct tlsnic_sim_ops *ops, void *opaque)
{
	auto sim = std::make_unique<tlsnic_sim>();
	Shared &s = sim->s;

	s.ops = *ops;
	s.opaque = opaque;
	tlsnic_sim_set_options(sim.get(), options);
	s.opt.trace_file = options->trace_file;
	s.opt.no_monitor = options->no_monitor;
	if (options->monitor_bytes)
		s.monitor.limit(options->monitor_bytes);
	s.context.timeunit(-9);
	s.context.timeprecision(-9);
	if (s.opt.trace_file)
		s.context.traceEverOn(true);
	s.top = std::make_unique<Vtlsnic>(&s.context, "card");
	if (s.opt.trace_file) {
		s.top->trace(&sim->trace, 99);
		sim->trace.open(s.opt.trace_file);
		if (!sim->trace.isOpen()) {
			fprintf(stderr, "tlsnic_sim: cannot write the trace file %s\n", s.opt.trace_file);
			return nullptr;
		}
		sim->tracing = true;
	}
	sim->mem.attach();
	s.top->link_up = 1;
	s.top->s_axil_bready = s.top->s_axil_rready = 1;
	sim->hard_reset();
	return sim.release();
}

void tlsnic_sim_destroy(struct tlsnic_sim *sim)
{
	if (!sim)
		return;
	if (sim->tracing)
		sim->trace.close();
	sim->s.top->final();
	delete sim;
}

void tlsnic_sim_set_options(struct tlsnic_sim *sim, const struct tlsnic_sim_options *options)
{
	const char *file = sim->s.opt.trace_file;
	bool no_monitor = sim->s.opt.no_monitor;

	sim->s.opt = *options;
	sim->s.opt.trace_file = file;
	sim->s.opt.no_monitor = no_monitor;
	sim->s.random.seed(options->seed);
	sim->trace_end = options->trace_cycles ? options->trace_from + options->trace_cycles : UINT64_MAX;
}

void tlsnic_sim_trace_now(struct tlsnic_sim *sim, uint64_t cycles)
{
	sim->s.opt.trace_from = sim->s.stats.cycles;
	sim->trace_end = cycles ? sim->s.stats.cycles + cycles : UINT64_MAX;
}

void tlsnic_sim_reset(struct tlsnic_sim *sim)
{
	sim->hard_reset();
}

unsigned int tlsnic_sim_data_width(void)
{
	return DATA_W;
}

int tlsnic_sim_bar_read(struct tlsnic_sim *sim, uint64_t offset, void *buf, size_t len)
{
	uint32_t value = 0;
	int ret;

	memset(buf, 0xff, len);
	if (len != 4 || offset % 4 || offset > 0xfffc)
		return -EINVAL;
	ret = sim->bar(false, offset, &value);
	if (!ret)
		memcpy(buf, &value, 4);
	return ret;
}

int tlsnic_sim_bar_write(struct tlsnic_sim *sim, uint64_t offset, const void *buf, size_t len)
{
	uint32_t value;

	if (len != 4 || offset % 4 || offset > 0xfffc)
		return -EINVAL;
	memcpy(&value, buf, 4);
	return sim->bar(true, offset, &value);
}

bool tlsnic_sim_wire_rx(struct tlsnic_sim *sim, const void *frame, size_t len, bool bad)
{
	return sim->wire.push(frame, len, bad);
}

void tlsnic_sim_set_link(struct tlsnic_sim *sim, bool up)
{
	if (sim->s.top->link_up == up)
		return;
	sim->s.top->link_up = up;
	sim->quiet = 0;
}

uint64_t tlsnic_sim_run(struct tlsnic_sim *sim, uint64_t max_cycles)
{
	uint64_t n;

	sim->wire.offer();
	// what was set since the last edge must be seen before the next
	if (!sim->idle())
		sim->s.top->eval();
	for (n = 0; n < max_cycles && !sim->idle(); n++)
		sim->step();
	return n;
}

bool tlsnic_sim_idle(const struct tlsnic_sim *sim)
{
	return sim->idle();
}

bool tlsnic_sim_wire_held(const struct tlsnic_sim *sim)
{
	return sim->wire.held();
}

uint64_t tlsnic_sim_cycle(const struct tlsnic_sim *sim)
{
	return sim->s.stats.cycles;
}

const struct tlsnic_sim_stage *tlsnic_sim_stages(const struct tlsnic_sim *sim, size_t *n)
{
	*n = sim->stages.all().size();
	return sim->stages.all().data();
}

uint64_t tlsnic_sim_wire_tx_began(const struct tlsnic_sim *sim)
{
	return sim->wire.tx_began();
}

const struct tlsnic_sim_stats *tlsnic_sim_stats(const struct tlsnic_sim *sim)
{
	return &sim->s.stats;
}

void tlsnic_sim_print_stats(const struct tlsnic_sim *sim, FILE *out)
{
	static const char *const kinds[TLSNIC_SIM_DMA_KINDS] = {
		"read_tx_desc", "read_tx_data", "read_rx_desc", "read_other", "write_rx_data", "write_completion",
	};
	const struct tlsnic_sim_stats &st = sim->s.stats;
	uint64_t reads = 0, writes = 0;
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "cycles", st.cycles },
		{ "wire_tx_frames", st.wire_tx_frames }, { "wire_tx_bytes", st.wire_tx_bytes },
		{ "wire_rx_frames", st.wire_rx_frames }, { "wire_rx_bytes", st.wire_rx_bytes },
		{ "wire_tx_held_cycles", st.wire_tx_held }, { "wire_rx_held_cycles", st.wire_rx_held },
		{ "bar_reads", st.bar_reads }, { "bar_writes", st.bar_writes },
		{ "bar_timeouts", st.bar_timeouts }, { "irqs", st.irqs },
		{ "dma_errors", st.dma_errors }, { "protocol_errors", st.protocol_errors },
		{ "monitor_frames", st.monitor_frames }, { "monitor_tls_packets", st.monitor_tls_packets },
		{ "monitor_bytes", st.monitor_bytes }, { "monitor_tags", st.monitor_tags },
		{ "monitor_host_bytes", st.monitor_host_bytes },
		{ "monitor_unverified_bytes", st.monitor_unverified_bytes },
		{ "monitor_forgotten_bytes", st.monitor_forgotten_bytes },
		{ "monitor_held_bytes", st.monitor_held_bytes },
		{ "monitor_violations", st.monitor_violations },
	};

	for (const auto &row : rows)
		fprintf(out, "%s %" PRIu64 "\n", row.name, row.value);
	for (int k = 0; k < TLSNIC_SIM_DMA_KINDS; k++) {
		fprintf(out, "pcie_%s_bytes %" PRIu64 "\npcie_%s_count %" PRIu64 "\n",
			kinds[k], st.dma_bytes[k], kinds[k], st.dma_count[k]);
		(k < TLSNIC_SIM_RX_DATA ? reads : writes) += st.dma_bytes[k];
	}
	fprintf(out, "pcie_read_bytes %" PRIu64 "\npcie_write_bytes %" PRIu64 "\n", reads, writes);
}

// Collects what Verilator would save to a file.
class StatePieces : public VerilatedSerialize {
	void (*piece_)(void *, const void *, size_t);
	void *opaque_;

public:
	StatePieces(void (*piece)(void *, const void *, size_t), void *opaque) : piece_(piece), opaque_(opaque)
	{
		m_isOpen = true;
	}
	void flush() VL_MT_UNSAFE_ONE override
	{
		piece_(opaque_, m_bufp, m_cp - m_bufp);
		m_cp = m_bufp;
	}
};

int tlsnic_sim_dump_state(struct tlsnic_sim *sim, void (*piece)(void *opaque, const void *data, size_t len),
			  void *opaque)
{
	StatePieces pieces(piece, opaque);

	pieces << *sim->s.top;
	pieces.flush();
	return 0;
}
