// SPDX-License-Identifier: BSD-2-Clause
//
// Contexts as the host wrote them, and what a packet that is marked for encryption must be
// on the wire. The mirror of a context moves with the packets that went through.

#include <cinttypes>
#include <cstring>

#include "monitor.h"
#include "../include/uapi/linux/tlsnic.h"

static uint64_t be64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return __builtin_bswap64(v);
}

void Monitor::context_item(const Item &item)
{
	const Command &c = item.command;
	bool aes256 = c.cipher == TLSNIC_CIPHER_AES_GCM_256;
	Context x;

	if (item.status)
		return;			// no effect
	if (!item.has_command) {
		violation("a context item was done with before its content was taken");
		return;
	}
	if (c.is_delete) {
		contexts_.erase(c.ctx);
		return;
	}
	if ((!aes256 && c.cipher != TLSNIC_CIPHER_AES_GCM_128) ||
	    (c.version != TLSNIC_TLS_1_2 && c.version != TLSNIC_TLS_1_3)) {
		violation("context %u was written with cipher %u, version %u", c.ctx, c.cipher, c.version);
		return;
	}
	x.seq = c.seq;
	x.place.lane.key = keys_.key(c.key, aes256 ? 32 : 16);
	x.place.lane.tls13 = c.version == TLSNIC_TLS_1_3;
	memcpy(x.place.lane.salt, c.salt, 4);
	x.place.lane.iv = be64(c.iv);
	x.place.lane.rec_sn = be64(c.rec_sn);
	x.place.sn = x.place.lane.rec_sn;
	contexts_[c.ctx] = x;
}

// Where the packet's first stream byte stands. False: it could not be encrypted, which is a violation
// unless quiet.
bool Monitor::place_of(const Item &item, const Context &c, Place &p, bool quiet)
{
	const auto &k = item.command.seek;
	bool clash;

	if (!item.meta.seek) {
		if (c.broken && !quiet)
			violation("a marked packet left, but its context is broken");
		else if (c.seq != item.meta.seq && !quiet)
			violation("a marked packet of sequence number %u left, but its context stands at %u", item.meta.seq, c.seq);
		p = c.place;
		return !c.broken && c.seq == item.meta.seq;
	}
	if (!item.has_command) {
		violation("a packet with a seek was done with before the seek was taken");
		return false;
	}
	p.lane = c.place.lane;
	p.sn = be64(k.rec_sn);
	p.at = k.offset;
	if (k.rec_len < p.lane.overhead() + p.lane.tls13 || k.offset >= 5u + k.rec_len) {
		if (!quiet)
			violation("a packet left with a seek to byte %u of a record with length field %u", k.offset, k.rec_len);
		return false;
	}
	p.head[0] = k.rec_type;
	p.head[1] = p.head[2] = 3;
	p.head[3] = k.rec_len >> 8;
	p.head[4] = k.rec_len;
	if (!p.lane.tls13)
		memcpy(p.head + 5, p.lane.nonce(p.sn).data() + 4, 8);
	if (p.at >= p.lane.header()) {
		p.rec = keys_.open(p.lane, p.sn, k.rec_len - p.lane.overhead(), -1, clash);
		if (clash) {
			if (!quiet)
				violation("a packet left with a seek to record %" PRIu64 " with length field %u; it has left "
					  "with another", p.sn, k.rec_len);
			return false;
		}
	}
	return true;
}

// Where byte at of the packet is on the wire.
const uint8_t *Monitor::on_wire(const Item &item, uint32_t at) const
{
	uint32_t frame = 0;

	if (item.meta.mss && at >= item.headers()) {
		frame = (at - item.headers()) / item.meta.mss;
		at -= frame * item.meta.mss;
	}
	if (item.meta.vlan && at >= 12)
		at += 4;
	return frame < item.accepted && at < frames_[frame].size() ? &frames_[frame][at] : nullptr;
}

// Makes ciphertext and tags of the plaintext in the item, and remembers what has left.
void Monitor::seal(Item &item)
{
	uint8_t *stream = item.data.get() + item.meta.stream_offset;

	for (const Piece &p : pieces_) {
		Record *r = p.rec.get();
		uint32_t bad;

		if (p.kind == Piece::CIPHER) {
			bad = keys_.put(*r, p.pos, stream + p.at, p.len);
			if (bad < p.len)
				violation("keystream is used twice: byte %u of the plaintext of record %" PRIu64 " is %02x, but "
					  "%02x has left under the same key, nonce and counter", p.pos + bad, p.sn,
					  stream[p.at + bad], r->text[p.pos + bad]);
			if (r->forgotten || keys_.was_used(*r))
				stats().monitor_forgotten_bytes += p.len;
			keys_.crypt(*r, p.pos, stream + p.at, stream + p.at, p.len);
			stats().monitor_bytes += p.len;
		} else if (p.kind == Piece::TAG) {
			if (keys_.make_tag(*r) == KeyStore::MADE) {
				memcpy(stream + p.at, r->tag + p.pos, p.len);
				stats().monitor_tags += p.pos + p.len == TAG;
				continue;
			}
			for (uint32_t i = 0; i < p.len; i++) {
				const uint8_t *b = on_wire(item, item.meta.stream_offset + p.at + i);

				if (b)
					stream[p.at + i] = *b;
			}
			flows_.tag(p, stream + p.at);
		}
	}
}

void Monitor::check_tls(Item &item)
{
	const uint32_t off = item.meta.stream_offset, end = item.left();
	// refused behind the TLS engine: the context has gone on
	const bool late = !item.accepted && item.status == TLSNIC_STATUS_DESC && !item.host_status;
	const bool moves = !item.meta.seek || item.command.seek.go_on;
	auto it = contexts_.find(item.meta.ctx);
	uint32_t n = late ? item.len - off : end > off ? end - off : 0;
	const char *why;
	Place before, after;

	if (!item.accepted && !late) {
		// a seek that fails leaves its context as it was
		if (item.status == TLSNIC_STATUS_TLS_RECORD && it != contexts_.end() && !item.meta.seek)
			it->second.broken = true;
		return;
	}
	if (it == contexts_.end()) {
		if (!late)
			violation("a marked packet left, but context %u is not valid", item.meta.ctx);
		return;
	}
	if (!place_of(item, it->second, before, late))
		return;
	after = before;
	why = walk(keys_, after, item.data.get() + off, n, pieces_);
	if (why && !late) {
		violation("a marked packet left with a wrong %s, record %" PRIu64, why, after.sn);
		return;
	}
	if (moves && !why && (late || !item.status)) {
		it->second.place = after;
		it->second.seq = item.meta.seq + item.len - off;
		it->second.broken = false;
	}
	if (late)
		return;
	stats().monitor_tls_packets++;
	seal(item);

	Tcp t(item.data.get(), item.len, false);

	if (!t.payload || off < t.payload || t.seq + (off - t.payload) != item.meta.seq)
		return;			// no connection that could be followed
	// of a packet that fails, as far as it left
	const uint32_t front = off < end ? off : end;

	if (front > t.payload)
		flows_.unsealed(t, t.seq, item.data.get() + t.payload, front - t.payload);
	if (n)
		flows_.sealed(t, item.meta.seq, n, pieces_, before, after);
}
