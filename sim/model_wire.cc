// SPDX-License-Identifier: BSD-2-Clause
//
// The wire side of the card: AXI4-Stream beats to frames and back.

#include "model.h"

void WireSide::reset()
{
	head_ = count_ = tx_len_ = 0;
	offered_ = tx_held_ = tx_waits_ = false;
	s_.top->s_wire_tvalid = 0;
}

bool WireSide::push(const void *frame, size_t len, bool bad)
{
	if (count_ == QUEUE || !len || len > TLSNIC_SIM_MAX_FRAME)
		return false;

	Frame &f = rx_[(head_ + count_++) % QUEUE];

	f.len = len;
	f.sent = 0;
	f.bad = bad;
	memcpy(f.data, frame, len);
	return true;
}

void WireSide::offer()
{
	if (!tx_held_)
		return;
	if (!s_.ops.wire_tx(s_.opaque, tx_, tx_len_))
		return;
	s_.stats.wire_tx_frames++;
	s_.stats.wire_tx_bytes += tx_len_;
	tx_held_ = false;
	tx_len_ = 0;
}

void WireSide::take_beat()
{
	const Vtlsnic &top = *s_.top;
	uint64_t keep = top.m_wire_tkeep;
	unsigned n = __builtin_popcountll(keep);

	if (!keep || (keep & (keep + 1)) || (!top.m_wire_tlast && keep != ALL_LANES))
		s_.protocol_error("TKEEP has gaps", keep);
	if (tx_len_ + n > TLSNIC_SIM_MAX_FRAME) {
		s_.protocol_error("frame to the wire is too long", tx_len_ + n);
		n = TLSNIC_SIM_MAX_FRAME - tx_len_;
	}
	if (!tx_len_)
		tx_began_ = s_.stats.cycles;
	memcpy(tx_ + tx_len_, &top.m_wire_tdata, n);
	tx_len_ += n;
	if (top.m_wire_tlast) {
		tx_held_ = true;
		if (s_.ops.wire_fault)
			s_.ops.wire_fault(s_.opaque, tx_, tx_len_);
		s_.monitor.frame(tx_, tx_len_);
		offer();
	}
}

void WireSide::sample()
{
	const Vtlsnic &top = *s_.top;

	if (tx_waits_ && !top.m_wire_tvalid)
		s_.protocol_error("TVALID fell before TREADY", 0);
	tx_waits_ = top.m_wire_tvalid && !top.m_wire_tready;
	if (tx_held_) {
		s_.stats.wire_tx_held++;
		if (s_.stats.cycles % 32 == 0)
			offer();
	}
	if (top.m_wire_tvalid && top.m_wire_tready)
		take_beat();
	if (offered_) {
		if (top.s_wire_tready) {
			Frame &f = rx_[head_];

			offered_ = false;
			f.sent += BEAT;
			if (f.sent >= f.len) {
				s_.stats.wire_rx_frames++;
				s_.stats.wire_rx_bytes += f.len;
				head_ = (head_ + 1) % QUEUE;
				count_--;
			}
		} else {
			s_.stats.wire_rx_held++;
		}
	}
}

void WireSide::drive()
{
	Vtlsnic &top = *s_.top;

	top.m_wire_tready = !tx_held_ && !s_.stall();
	if (offered_)
		return;
	offered_ = count_ && !s_.stall();
	top.s_wire_tvalid = offered_;
	if (!offered_)
		return;

	const Frame &f = rx_[head_];
	unsigned left = f.len - f.sent;

	top.s_wire_tlast = left <= BEAT;
	top.s_wire_tuser = left <= BEAT && f.bad;
	top.s_wire_tkeep = left >= BEAT ? ALL_LANES : (1ull << left) - 1;
	if (left < BEAT)
		memset(&top.s_wire_tdata, 0, BEAT);
	memcpy(&top.s_wire_tdata, f.data + f.sent, left < BEAT ? left : BEAT);
}
