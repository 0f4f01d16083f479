// SPDX-License-Identifier: BSD-2-Clause
//
// The wire monitor: holds each frame that leaves the card against the packet that it was
// made from, as the packet came out of host memory, and against what has left before.
//
//   monitor.sv        taps: packets, context commands, what became of each packet
//   monitor.cc        packets in order against frames in order
//   monitor_tls.cc    contexts, places in records, what a marked packet must become
//   monitor_flow.cc   connections: what the host encrypts itself stands where it must
//   monitor_keys.cc   what has left under each key and nonce; libcrypto
//
// It follows the contract (include/uapi/linux/tlsnic.h), not the RTL. Nothing of it is in
// the model's own state.

#ifndef TLSNIC_SIM_MONITOR_H
#define TLSNIC_SIM_MONITOR_H

#include "monitor_flow.h"
#include "monitor_keys.h"
#include "tlsnic_sim.h"

struct Shared;

// As in monitor.sv.
struct __attribute__((packed)) Meta {
	uint8_t status, nbytes;
	uint8_t kind : 2, csum : 1, vlan : 1, tls : 1, seek : 1, : 2;
	uint8_t queue;
	uint16_t index, csum_start, csum_offset, vlan_tci, stream_offset, mss;
	uint32_t ctx, seq;
	uint8_t l3_start;
};

struct __attribute__((packed)) Command {
	union __attribute__((packed)) {
		uint8_t key[32];
		struct __attribute__((packed)) {
			uint8_t tag[16], rec_sn[8], rec_type;
			uint16_t offset, rec_len;
			uint8_t go_on : 1, has_tag : 1, : 6;
		} seek;
	};
	uint8_t rec_sn[8], iv[8], salt[4];
	uint32_t seq;
	uint8_t version, cipher;
	uint32_t ctx;
	uint8_t is_seek : 1, is_delete : 1, : 6;
};

// What comes out of host_tx and goes into net_tx.
struct Item {
	static constexpr unsigned ROOM = 65536 + 64;
	enum Kind { PACKET, CTX_WRITE, CTX_DELETE, RESET } kind;
	Meta meta;
	bool whole;			// its last byte has been seen
	bool has_command;
	bool judged;			// it is known which frames it became
	uint8_t host_status;		// as it came from the host side
	uint8_t status;			// in the end
	unsigned accepted;		// frames
	uint32_t failed_from;		// from this byte on it must not leave
	uint32_t len;
	Command command;
	std::unique_ptr<uint8_t[]> data{new uint8_t[ROOM]};

	uint32_t headers() const;	// mss: bytes in front of the payload
	unsigned frames() const;	// that it becomes if all goes well
	uint32_t left() const;		// bytes that are in the frames that were accepted
};

typedef std::vector<uint8_t> Frame;

struct Context {
	bool broken = false;
	uint32_t seq = 0;
	Place place;
};

class Monitor {
	Shared &s_;
	KeyStore keys_;
	Flows flows_;
	std::unordered_map<uint32_t, Context> contexts_;	// those that are valid

	std::deque<std::unique_ptr<Item>> items_;		// in the order of the stream
	std::vector<std::unique_ptr<Item>> spare_;
	Item *coming_ = nullptr;				// the last of them, while it is not whole
	std::deque<Frame> frames_;				// on the wire, not looked at
	size_t judged_ = 0;					// items at the front that are
	unsigned due_ = 0;					// frames that must still come
	const Item *now_ = nullptr;				// being looked at
	bool told_ = false;					// a violation of it
	Frame loop_;						// turns back inside the card
	std::vector<Piece> pieces_;
	std::vector<uint8_t> expect_;

	Item &add(Item::Kind kind);
	void retire(bool front);
	void beat(bool last);
	void command();
	void ended();
	void soft_reset();
	void drain();
	void check(Item &item);
	void compare(const Item &item, unsigned k);
	void segment(const Item &item, unsigned k);

	void context_item(const Item &item);
	void check_tls(Item &item);
	bool place_of(const Item &item, const Context &c, Place &p, bool quiet);
	void seal(Item &item);
	void show_wrong(const Item &item, unsigned k, uint32_t at);
	const uint8_t *on_wire(const Item &item, uint32_t at) const;

public:
	explicit Monitor(Shared &s) : s_(s), flows_(*this, keys_) {}
	void sample();
	void frame(const uint8_t *data, unsigned len);		// to the wire
	void hard_reset();
	void limit(size_t bytes) { keys_.limit(bytes); }	// of records that are held
	void violation(const char *format, ...) __attribute__((format(printf, 2, 3)));
	struct tlsnic_sim_stats &stats();
};

#endif // TLSNIC_SIM_MONITOR_H
