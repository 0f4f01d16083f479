// SPDX-License-Identifier: BSD-2-Clause
//
// Places in the records of a stream, and TCP connections whose records are known.

#ifndef TLSNIC_SIM_MONITOR_FLOW_H
#define TLSNIC_SIM_MONITOR_FLOW_H

#include "monitor_keys.h"

class Monitor;

// Where in a stream of records the next byte stands.
struct Place {
	Lane lane;
	uint64_t sn = 0;
	uint32_t at = 0;			// in the record, its header included
	bool type_known = true;
	uint8_t head[13] = {};			// of the header what is behind
	RecordPtr rec;				// once the header is behind
};

// Bytes in a row that are of one kind.
struct Piece {
	enum Kind { HEADER, CIPHER, TAG } kind;
	uint32_t at, len;			// in what was walked over
	uint32_t pos;				// of the first, in the header, the plaintext or the tag
	uint64_t sn;
	RecordPtr rec;				// not of a header
};

/*
 * Goes n bytes on from p. Headers are read from bytes, so these may be plaintext or ciphertext. Returns
 * NULL, or what is wrong with a header; pieces then end before it.
 */
const char *walk(KeyStore &keys, Place &p, const uint8_t *bytes, uint32_t n, std::vector<Piece> &pieces);

// A TCP segment, or none: payload is 0.
struct Tcp {
	std::array<uint8_t, 40> tuple;
	uint32_t payload = 0, end = 0;		// where in the frame
	uint32_t seq = 0;
	uint8_t flags = 0;

	// lengths: believe those in the IP header
	Tcp(const uint8_t *frame, uint32_t len, bool lengths);
};

struct Flow {
	Lane lane;
	std::map<uint64_t, RecordPtr> records;	// by the first byte's place in the stream, 64 bits
	uint64_t tail_at = 0;			// where the known part of the stream ends
	Place tail;				// and what it is there
	uint64_t used = 0;			// to know which is the oldest

	uint64_t unwrap(uint32_t seq) const;
};

class Flows {
	static constexpr size_t MAX = 4096;

	struct Hash {
		size_t operator()(const std::array<uint8_t, 40> &t) const;
	};
	Monitor &m_;
	KeyStore &keys_;
	std::unordered_map<std::array<uint8_t, 40>, Flow, Hash> flows_;
	uint64_t turn_ = 0;
	std::vector<Piece> pieces_;

	bool find(const Flow &f, uint64_t at, Place &p) const;
	void header(const Flow &f, uint64_t start, const Piece &p, const uint8_t *bytes);
	void text(const Piece &p, const uint8_t *bytes);
	void learn(Flow &f, uint64_t at, uint32_t n, const std::vector<Piece> &pieces, const Place &after);
	void check(Flow &f, uint32_t seq, const uint8_t *bytes, uint32_t n);

public:
	Flows(Monitor &m, KeyStore &keys) : m_(m), keys_(keys) {}
	// n bytes from seq on left as these pieces, sealed by the card
	void sealed(const Tcp &t, uint32_t seq, uint32_t n, const std::vector<Piece> &pieces, const Place &before,
		    const Place &after);
	// n bytes from seq on left that the card did not seal
	void unsealed(const Tcp &t, uint32_t seq, const uint8_t *bytes, uint32_t n);
	void host_packet(const Tcp &t, const uint8_t *packet, uint32_t left);	// as the host gave it
	// bytes of a tag that left
	void tag(const Piece &p, const uint8_t *bytes);
};

#endif // TLSNIC_SIM_MONITOR_FLOW_H
