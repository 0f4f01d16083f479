// SPDX-License-Identifier: BSD-2-Clause
//
// Packets in the order of the stream against frames in the order of the wire. An item is
// looked at when it is known what became of it and all of its frames have left.

#include <cinttypes>
#include <cstdarg>

#include "model.h"
#include "Vtlsnic___024root.h"
#include "../include/uapi/linux/tlsnic.h"

constexpr unsigned WIRE_MIN = 60;	// shortest frame, without FCS
constexpr unsigned VLAN_AT = 12;

struct tlsnic_sim_stats &Monitor::stats()
{
	return s_.stats;
}

void Monitor::violation(const char *format, ...)
{
	char what[400], text[600];
	va_list args;

	if (now_ && told_)
		return;			// what follows from the first would hide it
	told_ = now_;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (now_)
		snprintf(text, sizeof(text), "cycle %" PRIu64 ", frame %" PRIu64 ", queue %u up to slot %u, context %u%s: %s",
			 s_.stats.cycles, s_.stats.monitor_frames, now_->meta.queue, now_->meta.index, now_->meta.ctx,
			 now_->meta.seek ? " with a seek" : "", what);
	else
		snprintf(text, sizeof(text), "cycle %" PRIu64 ": %s", s_.stats.cycles, what);
	s_.stats.monitor_violations++;
	if (s_.ops.violation) {
		s_.ops.violation(s_.opaque, text);
	} else {
		fprintf(stderr, "tlsnic_sim: monitor: %s\n", text);
		s_.fatal = true;
	}
}

// ---- items --------------------------------------------------------------------

// No more can be said with certainty about a header that is cut short.
uint32_t Item::headers() const
{
	uint32_t tcp = meta.csum_start;

	if (tcp + 20 > len)
		return len;
	tcp += 4 * (data[tcp + 12] >> 4);
	return tcp < len ? tcp : len;
}

unsigned Item::frames() const
{
	uint32_t payload = len - (meta.mss ? headers() : 0);

	return !meta.mss || !payload ? 1 : (payload + meta.mss - 1) / meta.mss;
}

uint32_t Item::left() const
{
	uint32_t end = accepted ? len : 0;

	if (meta.mss && accepted && headers() + accepted * meta.mss < len)
		end = headers() + accepted * meta.mss;
	return end;
}

Item &Monitor::add(Item::Kind kind)
{
	std::unique_ptr<Item> i;

	if (spare_.empty()) {
		i = std::make_unique<Item>();
	} else {
		i = std::move(spare_.back());
		spare_.pop_back();
	}
	i->kind = kind;
	i->meta = Meta();
	i->whole = i->has_command = i->judged = false;
	i->host_status = i->status = 0;
	i->accepted = i->len = 0;
	i->failed_from = UINT32_MAX;
	items_.push_back(std::move(i));
	return *items_.back();
}

void Monitor::retire(bool front)
{
	std::unique_ptr<Item> i = std::move(front ? items_.front() : items_.back());

	if (front)
		items_.pop_front();
	else
		items_.pop_back();
	if (spare_.size() < 64)
		spare_.push_back(std::move(i));
}

// ---- taps ---------------------------------------------------------------------

#define TAP(name) (s_.top->rootp->tlsnic__DOT__u_monitor__DOT__##name)

void Monitor::beat(bool last)
{
	Meta meta;

	memcpy(&meta, &TAP(meta), sizeof(meta));
	if (!coming_) {
		coming_ = &add(meta.kind == 0 ? Item::PACKET : meta.kind == 1 ? Item::CTX_WRITE : Item::CTX_DELETE);
		coming_->meta = meta;
	}

	Item &i = *coming_;

	if (i.len + meta.nbytes > Item::ROOM) {
		violation("a packet of more than %u bytes comes from the host side", Item::ROOM);
		meta.nbytes = 0;
	}
	memcpy(i.data.get() + i.len, &TAP(data), meta.nbytes);
	// of a packet that leaves as one frame the status counts at its end
	if (meta.status && (i.meta.mss || last)) {
		i.host_status = meta.status;
		i.failed_from = i.len < i.failed_from ? i.len : i.failed_from;
	}
	i.len += meta.nbytes;
	if (last) {
		i.whole = true;
		coming_ = nullptr;
	}
}

void Monitor::command()
{
	for (size_t k = judged_; k < items_.size(); k++) {
		Item &i = *items_[k];

		if (i.has_command || (i.kind == Item::PACKET && !i.meta.seek))
			continue;
		memcpy(&i.command, &TAP(command), sizeof(i.command));
		i.has_command = true;
		return;
	}
	violation("a context command was taken that belongs to no item");
}

void Monitor::ended()
{
	uint32_t e = TAP(ended), id = e >> 11;
	uint8_t status = e;
	bool is_packet = e >> 10 & 1, item_end = e >> 9 & 1;

	if (judged_ == items_.size() || (items_[judged_]->meta.index << 5 | items_[judged_]->meta.queue) != (int)id ||
	    (item_end && !items_[judged_]->whole && !status)) {
		violation("an item of queue %u up to slot %u is done with, which is not the next", id & 31, id >> 5);
		return;
	}

	Item &i = *items_[judged_];

	if (!status && is_packet) {
		if (i.status)
			violation("a frame of queue %u up to slot %u leaves behind one that was dropped", id & 31, id >> 5);
		i.accepted++;
		due_++;
	}
	i.status = status ? status : i.status;
	if (!item_end)
		return;
	i.judged = true;
	judged_++;
	drain();
}

// What is in the frame buffer still leaves; all before is gone, and so are the contexts.
void Monitor::soft_reset()
{
	coming_ = nullptr;
	while (judged_ < items_.size()) {
		Item &i = *items_[judged_];

		if (i.accepted) {
			i.judged = true;
			i.status = TLSNIC_STATUS_DMA;
			judged_++;
			continue;
		}
		retire(false);
	}
	if (items_.empty()) {
		contexts_.clear();
	} else if (items_.back()->kind != Item::RESET) {
		add(Item::RESET).judged = true;
		judged_++;
		drain();
	}
}

void Monitor::hard_reset()
{
	coming_ = nullptr;
	while (!items_.empty())
		retire(true);
	frames_.clear();
	loop_.clear();
	contexts_.clear();
	judged_ = due_ = 0;
}

void Monitor::sample()
{
	unsigned strobe = TAP(strobe);

	if (!strobe || s_.opt.no_monitor)
		return;
	if (strobe & 1)
		beat(strobe & 2);
	if (strobe & 4)
		command();
	if (strobe & 8)
		ended();
	if (strobe & 16) {
		const uint8_t *beat = (const uint8_t *)&s_.top->m_wire_tdata;

		loop_.insert(loop_.end(), beat, beat + __builtin_popcountll(s_.top->m_wire_tkeep));
		if (s_.top->m_wire_tlast) {
			frame(loop_.data(), loop_.size());
			loop_.clear();
		}
	}
	if (strobe & 32)
		soft_reset();
}

void Monitor::frame(const uint8_t *data, unsigned len)
{
	if (s_.opt.no_monitor)
		return;
	if (!due_) {
		violation("a frame of %u bytes leaves that belongs to no packet", len);
		return;
	}
	due_--;
	frames_.emplace_back(data, data + len);
	drain();
}

// ---- items against frames -------------------------------------------------------

void Monitor::drain()
{
	while (judged_ && frames_.size() >= items_.front()->accepted) {
		Item &i = *items_.front();

		now_ = &i;
		told_ = false;
		check(i);
		now_ = nullptr;
		s_.stats.monitor_held_bytes = keys_.held();
		frames_.erase(frames_.begin(), frames_.begin() + i.accepted);
		retire(true);
		judged_--;
	}
}

void Monitor::check(Item &i)
{
	pieces_.clear();
	if (i.kind == Item::RESET) {
		contexts_.clear();
		return;
	}
	if (i.kind != Item::PACKET) {
		context_item(i);
		return;
	}
	if (!i.status && i.accepted != i.frames())
		violation("%u frames left, the packet makes %u", i.accepted, i.frames());
	if (i.accepted && i.left() > i.failed_from)
		violation("byte %u of a packet left, but the host side failed with status %u at byte %u", i.left() - 1,
			  i.host_status, i.failed_from);
	if (i.meta.tls) {
		check_tls(i);
	} else if (i.accepted) {
		Tcp t(i.data.get(), i.len, !i.meta.mss);

		flows_.host_packet(t, i.data.get(), i.left());
	}
	for (unsigned k = 0; k < i.accepted; k++)
		compare(i, k);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static uint32_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

// Frame k of a packet that is cut, into expect_. Checksums are those that come on the wire.
void Monitor::segment(const Item &i, unsigned k)
{
	const Frame &f = frames_[k];
	const uint8_t *d = i.data.get();
	uint32_t head = i.headers(), from = head + k * i.meta.mss, n = i.len - from, l3 = i.meta.l3_start, tcp = i.meta.csum_start;
	bool last = n <= i.meta.mss;
	unsigned shift = i.meta.vlan ? 4 : 0;

	if (!last)
		n = i.meta.mss;
	expect_.assign(d, d + head);
	expect_.insert(expect_.end(), d + from, d + from + n);

	uint8_t *e = expect_.data();
	uint32_t seq = (get16(e + tcp + 4) << 16 | get16(e + tcp + 6)) + k * i.meta.mss;

	if (e[l3] >> 4 == 4) {
		put16(e + l3 + 2, head + n - l3);
		put16(e + l3 + 4, get16(e + l3 + 4) + k);
		if (f.size() >= l3 + 12 + shift)
			memcpy(e + l3 + 10, &f[l3 + 10 + shift], 2);
	} else {
		put16(e + l3 + 4, head + n - l3 - 40);
	}
	put16(e + tcp + 4, seq >> 16);
	put16(e + tcp + 6, seq);
	if (!last)
		e[tcp + 13] &= ~0x09;		// FIN, PSH
	if (k)
		e[tcp + 13] &= ~0x80;		// CWR
}

void Monitor::compare(const Item &i, unsigned k)
{
	const Frame &f = frames_[k];
	uint32_t sum = i.meta.csum_start + i.meta.csum_offset;

	s_.stats.monitor_frames++;
	if (i.meta.mss)
		segment(i, k);
	else
		expect_.assign(i.data.get(), i.data.get() + i.len);
	if (i.meta.vlan) {
		const uint8_t tag[4] = { 0x81, 0, (uint8_t)(i.meta.vlan_tci >> 8), (uint8_t)i.meta.vlan_tci };

		expect_.insert(expect_.begin() + VLAN_AT, tag, tag + 4);
		if (sum >= VLAN_AT)
			sum += 4;
	}
	if (expect_.size() < WIRE_MIN)
		expect_.resize(WIRE_MIN);
	if (f.size() != expect_.size()) {
		violation("%u bytes left, the packet makes %u", (unsigned)f.size(), (unsigned)expect_.size());
		return;
	}
	for (uint32_t c = sum; i.meta.csum && c < sum + 2 && c < f.size(); c++)
		expect_[c] = f[c];
	if (memcmp(f.data(), expect_.data(), f.size())) {
		uint32_t at = 0;

		while (f[at] == expect_[at])
			at++;
		show_wrong(i, k, at);
	}
}

void Monitor::show_wrong(const Item &i, unsigned k, uint32_t at)
{
	static const char *const kinds[] = { "header", "ciphertext", "tag" };
	const uint8_t got = frames_[k][at], want = expect_[at];
	uint32_t in = at;		// in the packet

	if (i.meta.vlan && in >= VLAN_AT + 4)
		in -= 4;
	if (i.meta.mss && in >= i.headers())
		in += k * i.meta.mss;
	for (const Piece &p : pieces_) {
		uint32_t from = i.meta.stream_offset + p.at;
		uint8_t plain;

		if (in < from || in >= from + p.len)
			continue;
		if (p.kind == Piece::CIPHER)
			keys_.crypt(*p.rec, p.pos + in - from, &i.data[in], &plain, 1);
		violation("byte %u of the frame is %02x, must be %02x: byte %u of the %s of record %" PRIu64 "%s", at, got, want,
			  p.pos + in - from, kinds[p.kind], p.sn,
			  p.kind == Piece::CIPHER && plain == got ? ", which stands unencrypted" : "");
		return;
	}
	violation("byte %u of the frame is %02x, must be %02x", at, got, want);
}
