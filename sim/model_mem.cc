// SPDX-License-Identifier: BSD-2-Clause
//
// AXI4 slave behind the card's masters: host memory with the latency, the
// disorder and the errors that the options ask for.
//
// A read is done when its address is taken and delivered when it is due; a write
// is done with its last beat.

#include "model.h"
#include "../include/uapi/linux/tlsnic.h"

void Shared::check_burst(const char *what, uint64_t addr, unsigned len, unsigned size, unsigned burst, unsigned beat)
{
	if (burst != 1)
		protocol_error("AXI burst is not INCR", burst);
	if (1u << size != beat)
		protocol_error("AXI size is not the bus width", size);
	if (addr % PAGE / beat * beat + (len + 1) * beat > PAGE)
		protocol_error(what, addr);
}

// ---- reads --------------------------------------------------------------------

ReadPort::ReadPort(Shared &s, unsigned beat, const tlsnic_sim_dma *kinds, unsigned nkinds)
	: s_(s), beat_(beat), kinds_(kinds), nkinds_(nkinds)
{
	for (unsigned i = 0; i < MAX_READS; i++)
		reads_[i] = &pool_[i];
}

void ReadPort::attach(const ReadSignals &sig)
{
	sig_ = std::make_unique<ReadSignals>(sig);
}

void ReadPort::reset()
{
	nreads_ = 0;
	current_ = nullptr;
	offered_ = held_ = false;
	sig_->rvalid = 0;
}

void ReadPort::accept()
{
	uint64_t addr = sig_->araddr;
	unsigned lead = addr % beat_, len = (sig_->arlen + 1) * beat_ - lead;
	tlsnic_sim_dma kind = sig_->arid < nkinds_ ? kinds_[sig_->arid] : TLSNIC_SIM_READ_OTHER;
	Read *r = reads_[nreads_++];

	s_.check_burst("read burst crosses 4 KiB", addr, sig_->arlen, sig_->arsize, sig_->arburst, beat_);
	if (lead + len > PAGE)
		len = PAGE - lead;
	r->ready = s_.due();
	r->id = sig_->arid;
	r->beats = sig_->arlen + 1;
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

void ReadPort::remove(Read *read)
{
	unsigned i = 0;

	while (reads_[i] != read)
		i++;
	nreads_--;
	memmove(reads_ + i, reads_ + i + 1, (nreads_ - i) * sizeof(reads_[0]));
	reads_[nreads_] = read;
}

// The burst whose beat goes next: of one ID in order, of several as they are due.
ReadPort::Read *ReadPort::choose()
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

void ReadPort::sample()
{
	if (held_ && (!sig_->arvalid || sig_->araddr != held_addr_))
		s_.protocol_error("ARVALID or ARADDR changed before ARREADY", held_addr_);
	held_ = sig_->arvalid && !sig_->arready;
	held_addr_ = sig_->araddr;
	if (offered_ && sig_->rready) {
		offered_ = false;
		if (++current_->sent == current_->beats) {
			remove(current_);
			current_ = nullptr;
		}
	}
	if (sig_->arvalid && sig_->arready)
		accept();
}

void ReadPort::drive()
{
	sig_->arready = nreads_ < MAX_READS && !s_.stall();
	if (offered_)
		return;

	Read *r = nreads_ && !s_.stall() ? choose() : nullptr;

	sig_->rvalid = r != nullptr;
	if (r) {
		offered_ = true;
		current_ = r;
		sig_->rid = r->id;
		sig_->rresp = r->error ? 2 : 0;
		sig_->rlast = r->sent + 1 == r->beats;
		memcpy(sig_->rdata, r->data + r->sent * beat_, beat_);
	}
}

// ---- writes -------------------------------------------------------------------

static tlsnic_sim_dma write_kind(unsigned bytes)
{
	return bytes == TLSNIC_CPL_SIZE ? TLSNIC_SIM_COMPLETION : TLSNIC_SIM_RX_DATA;
}

void HostMemory::check_held()
{
	const Vtlsnic &top = *s_.top;

	if (held_.aw && (!top.m_axi_awvalid || top.m_axi_awaddr != held_.aw_addr))
		s_.protocol_error("AWVALID or AWADDR changed before AWREADY", held_.aw_addr);
	if (held_.w && !top.m_axi_wvalid)
		s_.protocol_error("WVALID fell before WREADY", 0);
	held_.aw = top.m_axi_awvalid && !top.m_axi_awready;
	held_.w = top.m_axi_wvalid && !top.m_axi_wready;
	held_.aw_addr = top.m_axi_awaddr;
}

void HostMemory::accept_write()
{
	const Vtlsnic &top = *s_.top;
	Write &w = writes_[nwrites_++];

	s_.check_burst("write burst crosses 4 KiB", top.m_axi_awaddr, top.m_axi_awlen, top.m_axi_awsize,
		       top.m_axi_awburst, BEAT);
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
	responses_[nresponses_++] = { s_.due(), w.id, w.error };
	memmove(writes_, writes_ + 1, --nwrites_ * sizeof(writes_[0]));
}

// ---- both ---------------------------------------------------------------------

static const tlsnic_sim_dma data_kinds[] = { TLSNIC_SIM_TX_DATA };
static const tlsnic_sim_dma desc_kinds[] = { TLSNIC_SIM_TX_DESC, TLSNIC_SIM_RX_DESC, TLSNIC_SIM_TX_DATA };

HostMemory::HostMemory(Shared &s)
	: s_(s), data_(s, BEAT, data_kinds, sizeof(data_kinds) / sizeof(data_kinds[0])),
	  desc_(s, DESC_BEAT, desc_kinds, sizeof(desc_kinds) / sizeof(desc_kinds[0]))
{
}

void HostMemory::attach()
{
	Vtlsnic &top = *s_.top;

	data_.attach({ top.m_axi_arid, top.m_axi_arlen, top.m_axi_arsize, top.m_axi_arburst, top.m_axi_arvalid,
		       top.m_axi_arready, top.m_axi_rid, top.m_axi_rresp, top.m_axi_rlast, top.m_axi_rvalid,
		       top.m_axi_rready, top.m_axi_araddr, &top.m_axi_rdata });
	desc_.attach({ top.m_axi_desc_arid, top.m_axi_desc_arlen, top.m_axi_desc_arsize, top.m_axi_desc_arburst,
		       top.m_axi_desc_arvalid, top.m_axi_desc_arready, top.m_axi_desc_rid, top.m_axi_desc_rresp,
		       top.m_axi_desc_rlast, top.m_axi_desc_rvalid, top.m_axi_desc_rready, top.m_axi_desc_araddr,
		       &top.m_axi_desc_rdata });
}

void HostMemory::reset()
{
	data_.reset();
	desc_.reset();
	nwrites_ = nresponses_ = run_len_ = write_bytes_ = 0;
	b_offered_ = false;
	held_ = Held();
	s_.top->m_axi_bvalid = 0;
}

void HostMemory::sample()
{
	Vtlsnic &top = *s_.top;

	data_.sample();
	desc_.sample();
	check_held();
	if (b_offered_ && top.m_axi_bready) {
		b_offered_ = false;
		memmove(responses_, responses_ + 1, --nresponses_ * sizeof(responses_[0]));
	}
	if (top.m_axi_wvalid && top.m_axi_wready)
		take_beat();
	if (top.m_axi_awvalid && top.m_axi_awready)
		accept_write();
}

void HostMemory::drive()
{
	Vtlsnic &top = *s_.top;

	data_.drive();
	desc_.drive();
	top.m_axi_awready = nwrites_ + nresponses_ < MAX_WRITES && !s_.stall();
	top.m_axi_wready = nwrites_ > 0 && !s_.stall();
	if (!b_offered_) {
		b_offered_ = nresponses_ && responses_[0].ready <= s_.stats.cycles && !s_.stall();
		top.m_axi_bvalid = b_offered_;
		top.m_axi_bid = responses_[0].id;
		top.m_axi_bresp = responses_[0].error ? 2 : 0;
	}
}
