// SPDX-License-Identifier: BSD-2-Clause
//
// AXI4 slave behind the card's master: host memory with the latency, the
// disorder and the errors that the options ask for.
//
// A read is done when its address is taken and delivered when it is due; a write
// is done with its last beat.

#include "model.h"
#include "../include/uapi/linux/tlsnic.h"

HostMemory::HostMemory(Shared &s) : s_(s)
{
	for (unsigned i = 0; i < MAX_READS; i++)
		reads_[i] = &pool_[i];
}

void HostMemory::reset()
{
	nreads_ = nwrites_ = nresponses_ = run_len_ = write_bytes_ = 0;
	current_ = nullptr;
	r_offered_ = b_offered_ = false;
	held_ = Held();
	s_.top->m_axi_rvalid = 0;
	s_.top->m_axi_bvalid = 0;
}

uint64_t HostMemory::due()
{
	return s_.stats.cycles + 1 + s_.random.range(s_.opt.latency_min, s_.opt.latency_max);
}

void HostMemory::check_burst(const char *what, uint64_t addr, unsigned len, unsigned size, unsigned burst)
{
	if (burst != 1)
		s_.protocol_error("AXI burst is not INCR", burst);
	if (1u << size != BEAT)
		s_.protocol_error("AXI size is not the bus width", size);
	if (addr % PAGE / BEAT * BEAT + (len + 1) * BEAT > PAGE)
		s_.protocol_error(what, addr);
}

void HostMemory::check_held()
{
	const Vtlsnic &top = *s_.top;

	if (held_.ar && (!top.m_axi_arvalid || top.m_axi_araddr != held_.ar_addr))
		s_.protocol_error("ARVALID or ARADDR changed before ARREADY", held_.ar_addr);
	if (held_.aw && (!top.m_axi_awvalid || top.m_axi_awaddr != held_.aw_addr))
		s_.protocol_error("AWVALID or AWADDR changed before AWREADY", held_.aw_addr);
	if (held_.w && !top.m_axi_wvalid)
		s_.protocol_error("WVALID fell before WREADY", 0);
	held_.ar = top.m_axi_arvalid && !top.m_axi_arready;
	held_.aw = top.m_axi_awvalid && !top.m_axi_awready;
	held_.w = top.m_axi_wvalid && !top.m_axi_wready;
	held_.ar_addr = top.m_axi_araddr;
	held_.aw_addr = top.m_axi_awaddr;
}

static tlsnic_sim_dma read_kind(unsigned id)
{
	switch (id) {
	case 0: return TLSNIC_SIM_TX_DESC;
	case 1: return TLSNIC_SIM_TX_DATA;
	case 2: return TLSNIC_SIM_RX_DESC;
	default: return TLSNIC_SIM_READ_OTHER;
	}
}

// All writes have one ID. A completion is 32 bytes, and no whole frame is.
static tlsnic_sim_dma write_kind(unsigned bytes)
{
	return bytes == TLSNIC_CPL_SIZE ? TLSNIC_SIM_COMPLETION : TLSNIC_SIM_RX_DATA;
}

void HostMemory::accept_read()
{
	const Vtlsnic &top = *s_.top;
	uint64_t addr = top.m_axi_araddr;
	unsigned lead = addr % BEAT, len = (top.m_axi_arlen + 1) * BEAT - lead;
	tlsnic_sim_dma kind = read_kind(top.m_axi_arid);
	Read *r = reads_[nreads_++];

	check_burst("read burst crosses 4 KiB", addr, top.m_axi_arlen, top.m_axi_arsize, top.m_axi_arburst);
	if (lead + len > PAGE)
		len = PAGE - lead;
	r->ready = due();
	r->id = top.m_axi_arid;
	r->beats = top.m_axi_arlen + 1;
	r->sent = 0;
	// what an error or the lanes before addr carry must not look like data
	memset(r->data, 0, lead);
	r->error = s_.opt.read_error_ppm && s_.random.chance(s_.opt.read_error_ppm);
	if (!r->error)
		r->error = s_.ops.mem_read(s_.opaque, addr, r->data + lead, len, kind) != 0;
	if (r->error)
		memset(r->data, 0, sizeof(r->data));
	s_.stats.dma_count[kind]++;
	s_.stats.dma_bytes[kind] += len;
	s_.stats.dma_errors += r->error;
}

void HostMemory::accept_write()
{
	const Vtlsnic &top = *s_.top;
	Write &w = writes_[nwrites_++];

	check_burst("write burst crosses 4 KiB", top.m_axi_awaddr, top.m_axi_awlen, top.m_axi_awsize,
		    top.m_axi_awburst);
	w.addr = top.m_axi_awaddr / BEAT * BEAT;
	w.id = top.m_axi_awid;
	w.beats = top.m_axi_awlen + 1;
	w.taken = 0;
	w.error = s_.opt.write_error_ppm && s_.random.chance(s_.opt.write_error_ppm);
}

void HostMemory::flush_run()
{
	Write &w = writes_[0];
	tlsnic_sim_dma kind = write_kind(run_len_);

	if (run_len_ && !w.error)
		w.error = s_.ops.mem_write(s_.opaque, run_addr_, run_, run_len_, kind) != 0;
	write_bytes_ += run_len_;
	run_len_ = 0;
}

void HostMemory::append(uint64_t addr, const uint8_t *data, unsigned len)
{
	if (run_len_ && (addr != run_addr_ + run_len_ || run_len_ + len > PAGE))
		flush_run();
	if (!run_len_)
		run_addr_ = addr;
	memcpy(run_ + run_len_, data, len);
	run_len_ += len;
}

void HostMemory::take_beat()
{
	const Vtlsnic &top = *s_.top;
	Write &w = writes_[0];
	uint64_t addr = w.addr + w.taken * BEAT, strobe = top.m_axi_wstrb;
	uint8_t beat[BEAT];

	memcpy(beat, &top.m_axi_wdata, BEAT);
	for (unsigned at = 0; strobe;) {
		unsigned skip = __builtin_ctzll(strobe), n;

		strobe >>= skip;
		at += skip;
		n = strobe == ~0ull ? 64 : __builtin_ctzll(~strobe);
		append(addr + at, beat + at, n);
		strobe = n == 64 ? 0 : strobe >> n;
		at += n;
	}
	w.taken++;
	if (!!top.m_axi_wlast != (w.taken == w.beats))
		s_.protocol_error("WLAST out of place", w.addr);
	if (w.taken == w.beats)
		finish_write();
}

void HostMemory::finish_write()
{
	flush_run();

	const Write w = writes_[0];
	tlsnic_sim_dma kind = write_kind(write_bytes_);

	s_.stats.dma_count[kind]++;
	s_.stats.dma_bytes[kind] += write_bytes_;
	s_.stats.dma_errors += w.error;
	write_bytes_ = 0;
	responses_[nresponses_++] = { due(), w.id, w.error };
	memmove(writes_, writes_ + 1, --nwrites_ * sizeof(writes_[0]));
}

void HostMemory::remove(Read *read)
{
	unsigned i = 0;

	while (reads_[i] != read)
		i++;
	nreads_--;
	memmove(reads_ + i, reads_ + i + 1, (nreads_ - i) * sizeof(reads_[0]));
	reads_[nreads_] = read;
}

// The burst whose beat goes next: of one ID in order, of several as they are due.
HostMemory::Read *HostMemory::choose()
{
	unsigned ids = 0, n = 0;
	Read *fit[MAX_READS];

	if (current_ && !s_.opt.interleave)
		return current_;
	for (unsigned i = 0; i < nreads_; i++) {
		Read *r = reads_[i];

		if (!(ids & 1u << r->id) && r->ready <= s_.stats.cycles) {
			if (!s_.opt.interleave)
				return r;
			fit[n++] = r;
		}
		ids |= 1u << r->id;
		if (!s_.opt.reorder)
			break;
	}
	return n ? fit[s_.random.range(0, n - 1)] : nullptr;
}

void HostMemory::sample()
{
	Vtlsnic &top = *s_.top;

	check_held();
	if (r_offered_ && top.m_axi_rready) {
		r_offered_ = false;
		if (++current_->sent == current_->beats) {
			remove(current_);
			current_ = nullptr;
		}
	}
	if (b_offered_ && top.m_axi_bready) {
		b_offered_ = false;
		memmove(responses_, responses_ + 1, --nresponses_ * sizeof(responses_[0]));
	}
	if (top.m_axi_arvalid && top.m_axi_arready)
		accept_read();
	if (top.m_axi_wvalid && top.m_axi_wready)
		take_beat();
	if (top.m_axi_awvalid && top.m_axi_awready)
		accept_write();
}

void HostMemory::drive()
{
	Vtlsnic &top = *s_.top;

	top.m_axi_arready = nreads_ < MAX_READS && !s_.stall();
	top.m_axi_awready = nwrites_ + nresponses_ < MAX_WRITES && !s_.stall();
	top.m_axi_wready = nwrites_ > 0 && !s_.stall();

	if (!r_offered_) {
		Read *r = nreads_ && !s_.stall() ? choose() : nullptr;

		top.m_axi_rvalid = r != nullptr;
		if (r) {
			r_offered_ = true;
			current_ = r;
			top.m_axi_rid = r->id;
			top.m_axi_rresp = r->error ? 2 : 0;
			top.m_axi_rlast = r->sent + 1 == r->beats;
			memcpy(&top.m_axi_rdata, r->data + r->sent * BEAT, BEAT);
		}
	}
	if (!b_offered_) {
		b_offered_ = nresponses_ && responses_[0].ready <= s_.stats.cycles && !s_.stall();
		top.m_axi_bvalid = b_offered_;
		top.m_axi_bid = responses_[0].id;
		top.m_axi_bresp = responses_[0].error ? 2 : 0;
	}
}
