// SPDX-License-Identifier: BSD-2-Clause
//
// The driver's side of TX rings, and the check of what comes out.

#include <algorithm>

#include "bench.h"

Bench::Bench(uint64_t seed) : rnd(seed)
{
	Vhost_tx_bench &top = *tb.top;

	rnd.fill(mem.data.data(), mem.data.size());
	top.soft_rst = top.reg_wr = top.reg_rd = top.look = 0;
	top.rvalid = top.arready = top.d_rvalid = top.d_arready = 0;
	top.pkt_ready = top.ctx_ready = top.done_valid = 0;
	top.tx_enable = 1;
	tb.reset();
	for (unsigned i = 0; top.wipe_busy; i++) {
		if (i == 1000) {
			tap_fail("wipe_busy does not fall after reset");
			break;
		}
		step();
	}
}

void Bench::step()
{
	Vhost_tx_bench &top = *tb.top;

	mem.drive(top, rnd, tb.cycle);
	top.pkt_ready = !(stall_out && rnd.one_in(stall_out));
	top.ctx_ready = !(stall_out && !rnd.one_in(stall_out));
	top.done_valid = 0;
	tb.eval();
	take_packet();
	take_context();
	mem.sample(top, rnd, tb.cycle);
	errors_read += top.err_read;
	errors_doorbell += top.err_doorbell;
	errors_desc += top.err_desc;
	tb.clock();
}

void Bench::run(unsigned cycles)
{
	while (cycles--)
		step();
}

bool Bench::idle(unsigned limit)
{
	for (unsigned i = 0; i < limit; i++) {
		step();
		if (!tb.top->busy)
			return true;
	}
	tap_fail("still busy after %u cycles", limit);
	return false;
}

void Bench::write(unsigned queue, unsigned reg, uint32_t value)
{
	tb.top->reg_wr = 1;
	tb.top->reg_addr = TLSNIC_REG_QUEUE + queue * TLSNIC_QUEUE_STRIDE + reg;
	tb.top->reg_wdata = value;
	step();
	tb.top->reg_wr = 0;
}

uint32_t Bench::read(unsigned queue, unsigned reg)
{
	tb.top->reg_rd = 1;
	tb.top->reg_addr = TLSNIC_REG_QUEUE + queue * TLSNIC_QUEUE_STRIDE + reg;
	step();
	tb.top->reg_rd = 0;
	return tb.top->reg_rdata;
}

void Bench::ring_on(unsigned queue, unsigned log2)
{
	Ring &r = rings[queue];

	r = Ring();
	r.number = queue;
	r.log2 = log2;
	r.base = RING_AREA + queue * RING_STRIDE + 64 * rnd.below(64);
	mem.ring[queue] = Bytes(r.base - RING_AREA - queue * RING_STRIDE + (TLSNIC_TXD_SIZE << log2));
	mem.bad_ring[queue] = ~0ull;
	write(queue, TLSNIC_Q_TX_BASE_LO, (uint32_t)r.base);
	write(queue, TLSNIC_Q_TX_BASE_HI, r.base >> 32);
	write(queue, TLSNIC_Q_TX_SIZE, log2);
	write(queue, TLSNIC_Q_TX_CTRL, TLSNIC_Q_ENABLE);
}

void Bench::ring_off(unsigned queue)
{
	write(queue, TLSNIC_Q_TX_CTRL, 0);
	for (unsigned i = 0; read(queue, TLSNIC_Q_TX_CTRL) & TLSNIC_Q_ACTIVE; i++) {
		if (i == 200000) {
			tap_fail("queue %u: ACTIVE does not fall", queue);
			return;
		}
	}
}

void Bench::put(unsigned queue, const void *slot)
{
	Ring &r = rings[queue];
	unsigned at = r.base - RING_AREA - queue * RING_STRIDE
		    + TLSNIC_TXD_SIZE * (r.tail & ((1u << r.log2) - 1));

	memcpy(&mem.ring[queue][at], slot, TLSNIC_TXD_SIZE);
	r.tail++;
}

/* Cuts len into n lengths, none 0. */
static std::vector<unsigned> cut(Random &rnd, unsigned len, unsigned n)
{
	std::vector<unsigned> lens;

	for (; n > 1; n--) {
		unsigned most = len - (n - 1), part = rnd.range(1, std::min(most, 2 * len / n));

		lens.push_back(part);
		len -= part;
	}
	lens.push_back(len);
	return lens;
}

/* Makes it a packet to be cut, maybe a wrong one; bytes are there already. */
void Bench::segment(Item &item, unsigned len, Fault fault)
{
	tlsnic_txd_packet &d = item.d;

	d.mss = rnd.one_in(4) ? rnd.range(TLSNIC_TSO_MIN_MSS, 65535) : rnd.range(TLSNIC_TSO_MIN_MSS, 9000);
	d.csum_start = rnd.range(20, std::min(len - 20, TLSNIC_TSO_MAX_HEADERS - 20u));
	d.l3_start = rnd.range(0, d.csum_start - 20);
	d.csum_offset = 16;
	d.flags |= TLSNIC_TXF_CSUM;
	switch (fault) {
	case MSS_SMALL: d.mss = rnd.range(1, TLSNIC_TSO_MIN_MSS - 1); break;
	case MSS_NO_CSUM: d.flags &= ~TLSNIC_TXF_CSUM; break;
	case MSS_CSUM_OFFSET: d.csum_offset = rnd.range(0, 15); break;
	case MSS_L3_LATE: d.l3_start = rnd.one_in(2) ? d.csum_start - 19 : rnd.range(d.csum_start - 19, 65535); break;
	case MSS_CSUM_LATE: d.csum_start = rnd.one_in(2) ? TLSNIC_TSO_MAX_HEADERS - 19 : rnd.range(237, 65535); break;
	case MSS_SHORT: d.csum_start = len - 19; d.l3_start = 0; break;
	default: break;
	}
}

/* Puts a seek ahead of the packet. */
void Bench::seek(Item &item, unsigned queue, Fault fault)
{
	tlsnic_txd_seek &s = item.seek;

	rnd.fill(&s, sizeof(s));
	s.op = TLSNIC_TXD_SEEK;
	s.flags = rnd.below(4);
	s.reserved = 0;
	if (fault == SEEK_FLAG)
		s.flags |= 1u << rnd.range(2, 7);
	if (fault == SEEK_RESERVED)
		s.reserved = 1u << rnd.below(8);
	item.has_seek = true;
	put(queue, &s);
	item.slots = 1;
}

bool Bench::add_packet(unsigned queue, Fault fault, unsigned segs, unsigned len, int offset, unsigned head)
{
	static const unsigned lens[] = { 14, 15, 60, 64, 65, 127, 128, 1514, 9014, 9216 };
	Ring &r = rings[queue];
	Item item;
	unsigned broken, most = TLSNIC_TX_MAX_LEN;
	bool chosen = !len, cut_up = (fault >= MSS_SMALL && fault <= MSS_LONG) || len > TLSNIC_TX_MAX_LEN;

	if (chosen && (fault == GOOD || fault > MSS_LONG || fault == LEN_0 || fault == FLAG))
		cut_up |= rnd.one_in(4);

	if (cut_up && fault != MSS_SHORT && !len) {
		len = rnd.one_in(3) ? rnd.range(60000, 65535) : rnd.range(60, 20000);
		most = TLSNIC_TSO_MAX_LEN;
	}
	if (fault == MSS_SHORT)
		len = rnd.range(40, 200);
	if (!len)
		len = rnd.one_in(3) ? lens[rnd.below(10)] : rnd.one_in(4) ? rnd.range(14, 9216) : rnd.range(14, 300);
	if (fault == TOO_SHORT)
		len = rnd.range(1, 13);
	if (fault == TOO_LONG || fault == MSS_LONG)
		len = rnd.one_in(2) ? most + 1 : rnd.range(most + 1, 200000);
	if (!segs)
		segs = rnd.one_in(4) ? rnd.range(1, 32) : rnd.range(1, 3);
	if (fault == TOO_MANY) {
		segs = rnd.one_in(2) ? 33 : rnd.range(33, 60);
		len = std::max(len, segs);
	}
	if (fault == TOO_LONG || fault == MSS_LONG)
		segs = len / 65535 + 1 + rnd.below(3);
	if (fault == SEG_RESERVED)
		segs = std::max(segs, 2u);
	segs = std::min(segs, len);
	if (fault == SEG_RESERVED && segs < 2)
		fault = RESERVED;
	if (segs + chosen > r.room())
		return false;

	std::vector<unsigned> part = cut(rnd, len, segs);

	/* a descriptor has 16 bits for it */
	for (unsigned i = 0; i + 1 < segs; i++) {
		unsigned more = part[i] > 65535 ? part[i] - 65535 : 0;

		part[i] -= more;
		part[i + 1] += more;
	}
	for (unsigned i = segs - 1; i; i--) {
		unsigned more = part[i] > 65535 ? part[i] - 65535 : 0;

		part[i] -= more;
		part[i - 1] += more;
	}

	/* the first segment of a long packet is a header, as stacks make them, half of the time */
	if (!head && (fault == GOOD || fault == UNREADABLE) && segs > 1 && rnd.one_in(2))
		head = rnd.range(1, std::min(140u, part[0] + part[1] - 1));
	if (head) {
		part[1] += part[0] - head;
		part[0] = head;
	}

	tlsnic_txd_packet &d = item.d;

	broken = rnd.below(segs);
	d.op = TLSNIC_TXD_PACKET;
	d.flags = rnd.next() & (TLSNIC_TXF_COMPLETE | TLSNIC_TXF_CSUM | TLSNIC_TXF_VLAN | TLSNIC_TXF_TLS);
	d.ctx = rnd.next();
	d.seq = rnd.next();
	d.vlan_tci = rnd.next();
	d.stream_offset = rnd.one_in(8) ? len : rnd.range(0, len);
	d.csum_start = rnd.range(0, len >= 2 ? len - 2 : 0);
	d.csum_offset = rnd.range(0, len >= d.csum_start + 2u ? len - 2 - d.csum_start : 0);
	if (fault == CSUM_OFFSET) {
		d.flags |= TLSNIC_TXF_CSUM;
		d.csum_offset = rnd.one_in(2) ? len - 1 - d.csum_start : rnd.range(len - 1 - d.csum_start, 65535);
	}
	if (fault == STREAM_OFFSET) {
		d.flags |= TLSNIC_TXF_TLS;
		d.stream_offset = rnd.one_in(2) ? len + 1 : rnd.range(len + 1, 65535);
	}
	if (fault == FLAG)
		d.flags |= 1u << rnd.range(5, 7);
	if (fault == RESERVED)
		d.l3_start = rnd.range(1, 65535);
	if (cut_up && len >= 40)
		segment(item, len, fault);
	if ((fault >= SEEK_FLAG && fault <= SEEK_PLAIN) || (chosen && d.flags & TLSNIC_TXF_TLS && rnd.one_in(3))) {
		seek(item, queue, fault);
		if (fault == SEEK_PLAIN)
			d.flags &= ~TLSNIC_TXF_TLS;
		else
			d.flags |= TLSNIC_TXF_TLS;
	}

	for (unsigned i = 0; i < segs; i++) {
		uint64_t addr = DATA_AREA + rnd.below(DATA_SIZE - 65536);
		bool bad = fault == LEN_0 && i == broken;

		if (offset >= 0)
			addr = addr / 64 * 64 + offset;
		/* only the packets meant to may touch the page that fails */
		if (fault == UNREADABLE && i == broken) {
			unsigned ahead = rnd.one_in(2) ? rnd.below(part[i]) : 0;	/* bytes that can be read */

			addr = DATA_AREA + BAD_PAGE * 4096 + (ahead ? 0 : rnd.below(4096)) - ahead;
			item.wrong_at = item.bytes.size() + ahead;
			/* a header fails as a whole */
			item.wrong_from = !i && ahead < 128 ? 0 : item.wrong_at;
		} else if ((addr - DATA_AREA) / 4096 <= BAD_PAGE && (addr + part[i] - 1 - DATA_AREA) / 4096 >= BAD_PAGE)
			addr = DATA_AREA + (BAD_PAGE + 1) * 4096 + rnd.below(100000);
		for (unsigned k = 0; k < part[i]; k++)
			item.bytes.push_back(mem.data[addr - DATA_AREA + k]);
		if (!i) {
			d.addr = addr;
			d.len = bad ? 0 : part[i];
			if (segs == 1)
				d.flags |= TLSNIC_TXF_END;
			put(queue, &d);
		} else {
			tlsnic_txd_segment s = {};

			s.op = TLSNIC_TXD_SEGMENT;
			s.flags = i + 1 == segs ? TLSNIC_TXF_END : 0;
			s.len = bad ? 0 : part[i];
			s.addr = addr;
			if (fault == SEG_RESERVED && i == std::max(broken, 1u)) {
				switch (rnd.below(4)) {
				case 0: s.flags |= 1u << rnd.range(1, 7); break;
				case 1: s.reserved = 1u << rnd.below(32); break;
				case 2: s.reserved2 = 1ull << rnd.below(64); break;
				default: s.reserved3 = 1ull << rnd.below(64); break;
				}
			}
			put(queue, &s);
		}
	}
	item.slots += segs;
	item.index = r.tail;
	item.status = fault == UNREADABLE ? TLSNIC_STATUS_DMA : fault != GOOD ? TLSNIC_STATUS_DESC : 0;
	r.expected.push_back(item);
	return true;
}

bool Bench::add_context(unsigned queue, bool del, bool bad)
{
	Ring &r = rings[queue];
	Item item;
	tlsnic_txd_ctx &d = item.ctx;

	if (r.room() < 2)
		return false;
	rnd.fill(&d, sizeof(d));
	rnd.fill(item.key, sizeof(item.key));
	d.op = del ? TLSNIC_TXD_CTX_DELETE : TLSNIC_TXD_CTX_WRITE;
	d.flags = rnd.one_in(2) ? TLSNIC_TXF_COMPLETE : 0;
	if (bad)
		d.flags |= rnd.one_in(2) ? TLSNIC_TXF_END : 1u << rnd.range(2, 7);
	put(queue, &d);
	if (!del)
		put(queue, item.key);
	item.is_ctx = true;
	item.kind = bad ? 0 : del ? 2 : 1;
	item.status = bad ? TLSNIC_STATUS_DESC : 0;
	item.slots = del ? 1 : 2;
	item.index = r.tail;
	r.expected.push_back(item);
	return true;
}

void Bench::check_packet(const Item &want)
{
	const Vhost_tx_bench &top = *tb.top;
	const tlsnic_txd_packet &d = want.d;

	tap_u64("status", top.pkt_status, want.status);
	tap_u64("kind", top.pkt_kind, want.kind);
	tap_u64("index", top.pkt_index, want.index);
	tap_u64("complete", top.pkt_complete,
		!!((want.is_ctx ? want.ctx.flags : d.flags) & TLSNIC_TXF_COMPLETE));
	tap_u64("ctx", top.pkt_ctx, want.is_ctx ? want.ctx.ctx : d.ctx);
	if (want.status == TLSNIC_STATUS_DESC || want.is_ctx) {
		tap_u64("bytes of an item without data", got.size(), 1);
		return;
	}
	tap_u64("length", got.size(), want.bytes.size());
	tap_u64("meta: length", top.pkt_len, want.bytes.size());
	if (good > want.wrong_at || (good < got.size() && good + BEAT <= want.wrong_from))
		tap_fail("status from byte %zu on, the failed read begins with byte %zu", good, want.wrong_at);
	if (got.size() == want.bytes.size())
		tap_bytes("packet", got.data(), want.bytes.data(), good);
	tap_u64("csum", top.pkt_csum, !!(d.flags & TLSNIC_TXF_CSUM));
	tap_u64("csum_start", top.pkt_csum_start, d.csum_start);
	tap_u64("csum_offset", top.pkt_csum_offset, d.csum_offset);
	tap_u64("vlan", top.pkt_vlan, !!(d.flags & TLSNIC_TXF_VLAN));
	tap_u64("vlan_tci", top.pkt_vlan_tci, d.vlan_tci);
	tap_u64("tls", top.pkt_tls, !!(d.flags & TLSNIC_TXF_TLS));
	tap_u64("seq", top.pkt_seq, d.seq);
	tap_u64("stream_offset", top.pkt_stream_offset, d.stream_offset);
	tap_u64("seek", top.pkt_seek, want.has_seek);
	tap_u64("mss", top.pkt_mss, d.mss);
	tap_u64("l3_start", top.pkt_l3_start, d.l3_start);
}

void Bench::take_packet()
{
	Vhost_tx_bench &top = *tb.top;
	const uint8_t *data = port_bytes(top.pkt_data);

	if (!top.pkt_valid || !top.pkt_ready)
		return;
	if (!first_out)
		first_out = tb.cycle;
	last_out = tb.cycle;
	if (top.pkt_nbytes < 1 || top.pkt_nbytes > BEAT || (!top.pkt_last && top.pkt_nbytes != BEAT))
		tap_fail("beat of %u bytes, last %u", top.pkt_nbytes, top.pkt_last);
	if (!top.pkt_status && good == got.size())
		good += top.pkt_nbytes;
	else if (!top.pkt_status)
		tap_fail("status 0 behind a beat with another");
	got.insert(got.end(), data, data + top.pkt_nbytes);
	for (unsigned i = top.pkt_nbytes; i < BEAT; i++)
		if (data[i])
			tap_fail("byte %u behind the end of a packet is 0x%02x", i, data[i]);
	if (!top.pkt_last)
		return;

	Ring &r = rings[top.pkt_queue & (QUEUES - 1)];

	if (r.expected.empty()) {
		tap_fail("queue %u: an item that nobody posted", top.pkt_queue);
	} else {
		Item &item = r.expected.front();

		check_packet(item);
		if ((item.is_ctx && item.kind) || (item.has_seek && item.status != TLSNIC_STATUS_DESC))
			ctx_items.push_back(item);
		r.done += item.slots;
		r.expected.pop_front();
		check_context();
	}
	items_out++;
	got.clear();
	good = 0;
	if (done_now) {
		unsigned n = rnd.below(2);

		top.done_valid = 1u << n;
		top.done_queue = (unsigned)top.pkt_queue << 5 * n;
	}
}

void Bench::take_context()
{
	Vhost_tx_bench &top = *tb.top;
	Item c;

	if (!top.ctx_valid) {
		uint32_t any = top.ctx_number;

		for (unsigned i = 0; i < 32; i++)
			any |= port_bytes(top.ctx_key)[i];
		if (any)
			tap_fail("the context port shows something while it is not valid");
		return;
	}
	if (!top.ctx_ready)
		return;
	c.kind = top.ctx_delete ? 2 : 1;
	c.has_seek = top.ctx_seek;
	c.seek.flags = (top.ctx_has_tag ? TLSNIC_SEEK_TAG : 0) | (top.ctx_go_on ? TLSNIC_SEEK_CONTINUE : 0);
	c.seek.rec_len = top.ctx_rec_len;
	c.seek.offset = top.ctx_offset;
	c.seek.rec_type = top.ctx_rec_type;
	memcpy(c.seek.rec_sn, port_bytes(top.ctx_sn_tag), 24);
	c.ctx.ctx = top.ctx_number;
	c.ctx.cipher = top.ctx_cipher;
	c.ctx.version = top.ctx_version;
	c.ctx.seq = top.ctx_seq;
	memcpy(c.ctx.salt, port_bytes(top.ctx_salt_iv_sn), 20);
	memcpy(c.key, port_bytes(top.ctx_key), 32);
	ctx_commands.push_back(c);
	check_context();
}

/* The n-th context item or seek of the stream has the n-th command. */
void Bench::check_context()
{
	while (!ctx_items.empty() && !ctx_commands.empty()) {
		Item want = ctx_items.front(), c = ctx_commands.front();

		ctx_items.pop_front();
		ctx_commands.pop_front();
		tap_u64("command: seek", c.has_seek, want.has_seek);
		if (want.has_seek) {
			tap_u64("seek: flags", c.seek.flags, want.seek.flags);
			tap_u64("seek: rec_len", c.seek.rec_len, want.seek.rec_len);
			tap_u64("seek: offset", c.seek.offset, want.seek.offset);
			tap_u64("seek: rec_type", c.seek.rec_type, want.seek.rec_type);
			tap_bytes("seek: record number, tag", c.seek.rec_sn, want.seek.rec_sn, 24);
			continue;
		}
		tap_u64("command: kind", c.kind, want.kind);
		tap_u64("command: ctx", c.ctx.ctx, want.ctx.ctx);
		if (want.kind != 1)
			continue;
		tap_u64("command: cipher", c.ctx.cipher, want.ctx.cipher);
		tap_u64("command: version", c.ctx.version, want.ctx.version);
		tap_u64("command: seq", c.ctx.seq, want.ctx.seq);
		tap_bytes("command: salt, IV, record number", c.ctx.salt, want.ctx.salt, 20);
		tap_bytes("command: key", c.key, want.key, 32);
	}
}

void Bench::expect_nothing_left()
{
	for (Ring &r : rings)
		if (!r.expected.empty())
			tap_fail("queue %u: %zu items did not come out", r.number, r.expected.size());
	if (!ctx_items.empty() || !ctx_commands.empty())
		tap_fail("%zu context items without command, %zu commands without item", ctx_items.size(),
			 ctx_commands.size());
}
