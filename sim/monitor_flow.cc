// SPDX-License-Identifier: BSD-2-Clause
#include <cinttypes>
#include <cstring>

#include "monitor.h"

// ---- places -------------------------------------------------------------------

static const char *bad_header(const Place &p)
{
	if ((p.at > 1 && p.head[1] != 3) || (p.at > 2 && p.head[2] != 3))
		return "version of a record";
	if (p.at > 4) {
		uint32_t field = p.head[3] << 8 | p.head[4];

		if (field < p.lane.overhead() + p.lane.tls13)
			return "length of a record";
	}
	if (p.at > 5 && !p.lane.tls13 && memcmp(p.head + 5, p.lane.nonce(p.sn).data() + 4, p.at - 5))
		return "explicit nonce of a record";
	return nullptr;
}

const char *walk(KeyStore &keys, Place &p, const uint8_t *bytes, uint32_t n, std::vector<Piece> &pieces)
{
	const uint32_t head = p.lane.header();
	uint32_t done = 0;

	while (done < n) {
		uint32_t left = n - done;

		if (p.at < head) {
			uint32_t take = left < head - p.at ? left : head - p.at;
			const char *why;
			bool clash = false;

			pieces.push_back({ Piece::HEADER, done, take, p.at, p.sn, nullptr });
			memcpy(p.head + p.at, bytes + done, take);
			p.at += take;
			done += take;
			why = bad_header(p);
			if (!why && p.at == head) {
				uint32_t field = p.head[3] << 8 | p.head[4];

				p.rec = keys.open(p.lane, p.sn, field - p.lane.overhead(), p.type_known ? p.head[0] : -1, clash);
				if (clash)
					why = "type or length of a record, which has left with another under its nonce";
			}
			if (why) {
				pieces.pop_back();
				return why;
			}
			p.type_known = true;
			continue;
		}

		uint32_t pos = p.at - head, len = p.rec->len, take;

		if (pos < len) {
			take = left < len - pos ? left : len - pos;
			pieces.push_back({ Piece::CIPHER, done, take, pos, p.sn, p.rec });
		} else {
			take = left < len + TAG - pos ? left : len + TAG - pos;
			pieces.push_back({ Piece::TAG, done, take, pos - len, p.sn, p.rec });
		}
		p.at += take;
		done += take;
		if (p.at == p.rec->whole()) {
			p.at = 0;
			p.sn++;
			p.rec.reset();
		}
	}
	return nullptr;
}

// ---- TCP ------------------------------------------------------------------------

static uint32_t be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static uint32_t be32(const uint8_t *p)
{
	return be16(p) << 16 | be16(p + 2);
}

Tcp::Tcp(const uint8_t *frame, uint32_t len, bool lengths)
{
	uint32_t l3 = 14, l4, stop = len;

	tuple.fill(0);
	if (len >= 18 && be16(frame + 12) == 0x8100)
		l3 = 18;
	if (len < l3 + 40)
		return;
	if (be16(frame + l3 - 2) == 0x0800 && frame[l3] >> 4 == 4) {
		l4 = l3 + 4 * (frame[l3] & 15);
		if (l4 < l3 + 20 || frame[l3 + 9] != 6 || be16(frame + l3 + 6) & 0x3fff)
			return;
		if (lengths)
			stop = l3 + be16(frame + l3 + 2);
		memcpy(tuple.data(), frame + l3 + 12, 8);
	} else if (be16(frame + l3 - 2) == 0x86dd && frame[l3] >> 4 == 6) {
		l4 = l3 + 40;
		if (frame[l3 + 6] != 6)
			return;
		if (lengths)
			stop = l4 + be16(frame + l3 + 4);
		memcpy(tuple.data(), frame + l3 + 8, 32);
	} else {
		return;
	}
	if (stop > len || l4 + 20 > stop)
		return;

	uint32_t start = l4 + 4 * (frame[l4 + 12] >> 4);

	if (start < l4 + 20 || start > stop)
		return;
	memcpy(tuple.data() + 32, frame + l4, 4);
	tuple[36] = l3 == 18 ? frame[14] & 15 : 0;
	tuple[37] = l3 == 18 ? frame[15] : 0;
	seq = be32(frame + l4 + 4);
	flags = frame[l4 + 13];
	payload = start;
	end = stop;
}

// ---- flows ------------------------------------------------------------------------

size_t Flows::Hash::operator()(const std::array<uint8_t, 40> &t) const
{
	uint64_t h = 0, w;

	for (unsigned i = 0; i < 40; i += 8) {
		memcpy(&w, t.data() + i, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	return h;
}

static bool same(const Lane &a, const Lane &b)
{
	return a.key == b.key && a.tls13 == b.tls13 && a.nonce(0) == b.nonce(0);
}

uint64_t Flow::unwrap(uint32_t seq) const
{
	return tail_at + (int32_t)(seq - (uint32_t)tail_at);
}

// What the byte at this place of the stream is, if that is known.
bool Flows::find(const Flow &f, uint64_t at, Place &p) const
{
	auto it = f.records.upper_bound(at);
	uint64_t tail_start = f.tail_at - f.tail.at;

	if (it != f.records.begin()) {
		const RecordPtr &r = (--it)->second;
		uint64_t off = at - it->first;

		if (off <= r->whole()) {
			p.lane = f.lane;
			p.sn = r->sn;
			p.type_known = r->type_known;
			r->make_header(p.head);
			p.at = off;
			if (off == r->whole()) {
				p.sn++;
				p.at = 0;
				p.type_known = true;
			} else if (off >= r->header()) {
				p.rec = r;
			}
			return true;
		}
	}
	if (at < tail_start || at > f.tail_at)
		return false;
	p = f.tail;
	p.at = at - tail_start;
	if (p.at < p.lane.header())
		p.rec.reset();
	return true;
}

void Flows::learn(Flow &f, uint64_t at, uint32_t n, const std::vector<Piece> &pieces, const Place &after)
{
	for (const Piece &p : pieces) {
		if (p.kind == Piece::HEADER)
			continue;

		const Record &r = *p.rec;
		uint64_t start = at + p.at - p.pos - r.header() - (p.kind == Piece::TAG ? r.len : 0);
		auto it = f.records.lower_bound(start);

		if (it != f.records.end() && it->first == start) {
			if (it->second != p.rec && !it->second->forgotten && it->second->sn != r.sn)
				m_.violation("stream byte %" PRIu32 " begins record %" PRIu64 ", but it has left as the beginning of "
					     "record %" PRIu64, (uint32_t)start, r.sn, it->second->sn);
			it->second = p.rec;
			continue;
		}
		if (it != f.records.end() && it->first < start + r.whole() && !it->second->forgotten)
			m_.violation("record %" PRIu64 " of %u bytes begins at stream byte %" PRIu32 " and reaches over record %"
				     PRIu64 ", which has left", r.sn, r.whole(), (uint32_t)start, it->second->sn);
		if (it != f.records.begin() && std::prev(it)->first + std::prev(it)->second->whole() > start &&
		    !std::prev(it)->second->forgotten)
			m_.violation("record %" PRIu64 " begins at stream byte %" PRIu32 ", inside record %" PRIu64
				     ", which has left", r.sn, (uint32_t)start, std::prev(it)->second->sn);
		f.records.emplace_hint(it, start, p.rec);
		while (f.records.size() > 1 && f.records.begin()->second->forgotten)
			f.records.erase(f.records.begin());
	}
	if (at + n >= f.tail_at) {
		f.tail_at = at + n;
		f.tail = after;
	}
}

void Flows::sealed(const Tcp &t, uint32_t seq, uint32_t n, const std::vector<Piece> &pieces, const Place &before,
		   const Place &after)
{
	Flow &f = flows_[t.tuple];

	if (!f.lane.key || !same(f.lane, before.lane)) {
		// a new connection, perhaps with the addresses and ports of an old one
		f = Flow();
		f.lane = before.lane;
		f.tail_at = 1ull << 40 | seq;
		f.tail = before;
	}
	f.used = ++turn_;
	learn(f, f.unwrap(seq), n, pieces, after);
	if (flows_.size() > MAX) {
		auto oldest = flows_.begin();

		for (auto it = flows_.begin(); it != flows_.end(); ++it)
			if (it->second.used < oldest->second.used)
				oldest = it;
		flows_.erase(oldest);
	}
}

// A header that the host wrote must be the one that has left, as far as it has.
void Flows::header(const Flow &f, uint64_t start, const Piece &p, const uint8_t *bytes)
{
	auto it = f.records.find(start);
	uint8_t want[13];

	if (it == f.records.end() || !it->second->type_known)
		return;
	it->second->make_header(want);
	for (uint32_t i = 0; i < p.len; i++)
		if (bytes[p.at + i] != want[p.pos + i]) {
			m_.violation("sealed by the host: header byte %u of record %" PRIu64 " is %02x, it has left as %02x",
				     p.pos + i, p.sn, bytes[p.at + i], want[p.pos + i]);
			return;
		}
}

void Flows::text(const Piece &p, const uint8_t *bytes)
{
	uint8_t plain[16384];

	for (uint32_t done = 0; done < p.len;) {
		uint32_t n = p.len - done < sizeof(plain) ? p.len - done : sizeof(plain), bad;

		keys_.crypt(*p.rec, p.pos + done, bytes + done, plain, n);
		bad = keys_.put(*p.rec, p.pos + done, plain, n);
		if (bad < n) {
			m_.violation("sealed by the host: byte %u of the plaintext of record %" PRIu64 " is %02x%s; "
				     "its plaintext has left before and was %02x", p.pos + done + bad, p.sn, plain[bad],
				     bytes[done + bad] == p.rec->text[p.pos + done + bad] ? " (it stands unencrypted)" : "",
				     p.rec->text[p.pos + done + bad]);
			return;
		}
		done += n;
	}
	if (keys_.was_used(*p.rec) || p.rec->forgotten)
		m_.stats().monitor_forgotten_bytes += p.len;
	m_.stats().monitor_host_bytes += p.len;
}

void Flows::tag(const Piece &p, const uint8_t *bytes)
{
	Record &r = *p.rec;

	r.used = true;
	switch (keys_.make_tag(r)) {
	case KeyStore::MADE:
		for (uint32_t i = 0; i < p.len; i++)
			if (bytes[i] != r.tag[p.pos + i]) {
				m_.violation("tag byte %u of record %" PRIu64 " is %02x, must be %02x", p.pos + i, p.sn, bytes[i],
					     r.tag[p.pos + i]);
				return;
			}
		m_.stats().monitor_tags += p.pos + p.len == TAG;
		return;
	case KeyStore::WRONG:
		m_.violation("a tag that has left is not that of record %" PRIu64 ", all of which is known now", p.sn);
		return;
	case KeyStore::UNKNOWN:
		for (uint32_t i = 0; i < p.len; i++) {
			if (r.tag_seen >> (p.pos + i) & 1 && r.tag[p.pos + i] != bytes[i]) {
				m_.violation("tag byte %u of record %" PRIu64 " is %02x, it has left as %02x", p.pos + i, p.sn,
					     bytes[i], r.tag[p.pos + i]);
				return;
			}
			r.tag[p.pos + i] = bytes[i];
			r.tag_seen |= 1 << (p.pos + i);
		}
		m_.stats().monitor_unverified_bytes += p.len;
	}
}

void Flows::check(Flow &f, uint32_t seq, const uint8_t *bytes, uint32_t n)
{
	uint64_t at = f.unwrap(seq), first = f.tail_at - f.tail.at;
	const char *why;
	Place p;

	if (!f.records.empty() && f.records.begin()->first < first)
		first = f.records.begin()->first;
	if (at < first) {
		// from before the card took the connection up
		uint32_t skip = first - at < n ? first - at : n;

		at += skip;
		bytes += skip;
		n -= skip;
	}
	if (!n)
		return;
	if (!find(f, at, p)) {
		m_.stats().monitor_unverified_bytes += n;
		return;
	}
	pieces_.clear();
	why = walk(keys_, p, bytes, n, pieces_);
	if (why) {
		m_.violation("sealed by the host: wrong %s, record %" PRIu64, why, p.sn);
		return;
	}
	for (const Piece &piece : pieces_) {
		if (piece.kind == Piece::HEADER)
			header(f, at + piece.at - piece.pos, piece, bytes);
		else if (piece.kind == Piece::CIPHER)
			text(piece, bytes + piece.at);
		else
			tag(piece, bytes + piece.at);
	}
	learn(f, at, n, pieces_, p);
}

void Flows::unsealed(const Tcp &t, uint32_t seq, const uint8_t *bytes, uint32_t n)
{
	auto it = flows_.find(t.tuple);

	if (it == flows_.end())
		return;
	it->second.used = ++turn_;
	check(it->second, seq, bytes, n);
}

void Flows::host_packet(const Tcp &t, const uint8_t *packet, uint32_t left)
{
	uint32_t end = t.end < left ? t.end : left;

	if (!t.payload || flows_.empty())
		return;
	if (t.flags & 2)		// SYN: a new connection
		flows_.erase(t.tuple);
	else if (end > t.payload)
		unsealed(t, t.seq, packet + t.payload, end - t.payload);
}
