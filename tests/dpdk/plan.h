/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run is a plan: a list of steps, made from a seed and a profile, or read from
 * a file. Every step carries all that it needs (seeds of its own bytes
 * among it), and a step may come in any state of the card, so that any part of
 * a plan is a plan as well.
 *
 * As text a step is a line: its name, then arguments that are not 0 as name=value.
 * The first step is "card": what the run is made with. '#' begins a comment.
 */
#ifndef TLSNIC_DPDK_PLAN_H
#define TLSNIC_DPDK_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PLAN_CONNS	1024
#define PLAN_QUEUES	4

/* X(NAME, text) */
#define PLAN_OPS(X) \
	X(CARD, "card")		/* rings, bus: once, first */ \
	X(OPEN, "open")		/* a new connection, and its context is written */ \
	X(RESYNC, "resync")	/* the context is written again for the record that comes next */ \
	X(DELETE, "delete")	/* a context */ \
	X(SEND, "send")		/* the next bytes of a connection as one packet */ \
	X(PLAIN, "plain")	/* a packet without TLS */ \
	X(BAD, "bad")		/* slots that are wrong */ \
	X(RX, "rx")		/* a frame from the wire */ \
	X(POST, "post")		/* RX buffers */ \
	X(RING, "ring")		/* the TX doorbell */ \
	X(RUN, "run")		/* the clock, then completions are taken */ \
	X(SETTLE, "settle")	/* until idle; everything is compared */ \
	X(OFF, "off")		/* a queue pair in the middle of it, and on again */ \
	X(RESET, "reset")	/* CTRL_RESET in the middle of it, kind 1: a function reset, and all on again */ \
	X(LOOP, "loop")		/* loopback in the middle of it: n=1 on, 0 off */ \
	X(WIRE, "wire")		/* the other end takes frames or does not */ \
	X(BUS, "bus")		/* latency, order, stalls and errors of host memory from here on */ \
	X(FAULT, "fault")	/* memory that a ring needs fails; a doorbell beyond the ring; the link goes */ \
	X(MODERATE, "moderate")	/* icyc and icnt of a queue while it is on, n cycles behind a doorbell */ \
	X(RXCONF, "rxconf")	/* filter, hash, VLAN stripping, longest frame */

enum plan_op {
#define X(name, text) STEP_##name,
	PLAN_OPS(X)
#undef X
	STEP_OPS
};

#define PLAN_ARGS(X) \
	X(CONN, "conn") X(CTX, "ctx") X(Q, "q") X(LEN, "len") X(SEGS, "segs") X(SEED, "seed") \
	X(KIND, "kind")		/* enum bad_kind, frame_kind, rx_kind */ \
	X(TLS, "tls")		/* 12 or 13; what else: a context that must be refused */ \
	X(AES, "aes")		/* TLSNIC_CIPHER_*: likewise */ \
	X(SEQ, "seq")		/* TCP sequence number of the first byte */ \
	X(SN, "sn")		/* first record number */ \
	X(IV, "iv")		/* the 8 bytes as a number */ \
	X(MIX, "mix")		/* enum mix: lengths of records */ \
	X(WRONG, "wrong")	/* enum wrong_record */ \
	X(AT, "at")		/* the record that is wrong, from 1; byte of an error */ \
	X(IP6, "ip6") X(IPOPT, "ipopt") X(TCPOPT, "tcpopt") \
	X(VLAN, "vlan")		/* tag control information + 1 */ \
	X(QUIET, "quiet")	/* no completion is asked for */ \
	X(BACK, "back")		/* bytes that are sent again */ \
	X(SKIP, "skip")		/* bytes that the host keeps to itself */ \
	X(DSEQ, "dseq")		/* added to the descriptor's sequence number */ \
	X(OTHER, "other")	/* context + 1 that the packet names instead of its own */ \
	X(NOCSUM, "nocsum") \
	X(FAIL, "fail")		/* offset + 1 in the packet whose read fails */ \
	X(N, "n")		/* how many; cycles of "run" */ \
	X(HOLD, "hold") X(BADFCS, "badfcs") \
	X(TX, "tx") X(RXR, "rx") X(CQ, "cq")	/* log2 of the rings */ \
	X(BUF, "buf") X(ICYC, "icyc") X(ICNT, "icnt") \
	X(LAT0, "lat0") X(LAT1, "lat1") X(ORDER, "order") /* 1 reorder, 2 interleave */ \
	X(STALL, "stall") X(RDERR, "rderr") X(WRERR, "wrerr") /* per million */ \
	X(CTRL, "ctrl") X(MAXF, "maxf") X(RSS, "rss") X(MCAST, "mcast") \
	X(SEEK, "seek")		/* bits: 1 a seek goes ahead, 2 with the tag, 4 it continues; "wrong": enum wrong_seek */ \
	X(MSS, "mss")		/* the packet is cut into frames */ \
	X(FLAGS, "flags")	/* of TCP, + 1 */ \
	X(TAGS, "tags")		/* "card": tags are returned; the least length + 1 */

enum plan_arg {
#define X(name, text) A_##name,
	PLAN_ARGS(X)
#undef X
	PLAN_NARGS
};

/* Lengths of a connection's records. */
enum mix {
	MIX_SMALL,	/* 0 to 80 */
	MIX_EDGES,	/* 0, 1, 15, 16, 17, 64, 1024 */
	MIX_FULL,	/* 16384 */
	MIX_WEB,	/* mostly short, some up to 4 KiB */
	MIX_EMPTY,	/* 0 */
	MIX_OVER,	/* more than 2^14, up to what the length field holds */
	MIX_ANY,
	MIX_BLOCKS,	/* 16 to 64, every remainder */
	MIX_1K,
	MIX_TINY,	/* 0 to 3 */
	MIXES
};

enum wrong_record {
	WRONG_NONE, WRONG_MAJOR, WRONG_MINOR, WRONG_SHORT, WRONG_EMPTY, WRONG_NONCE_0, WRONG_NONCE_7 = WRONG_NONCE_0 + 7,
	WRONG_RECORDS
};

/* What is wrong with the seek of "send". */
enum wrong_seek {
	SEEK_GOOD, SEEK_BEHIND, SEEK_SHORT, SEEK_FLAG, SEEK_RESERVED, SEEK_NOT_TLS, SEEK_NUMBER, SEEK_WRONGS
};
#define PLAN_SEEK		1
#define PLAN_SEEK_TAG		2
#define PLAN_SEEK_CONTINUE	4

/* Slots of "bad"; those from BAD_HALTS on halt the queue. */
#define PLAN_BADS(X) \
	X(SHORT, "13 bytes") X(LONG, "9217 bytes") X(FAR, "65535 bytes") X(MSS, "mss") X(RESERVED, "reserved") \
	X(FLAG, "unknown flag") X(LEN0, "length 0") X(SEG_LEN0, "length 0 of a segment") X(SEG_FLAG, "flag of a segment") \
	X(SEG_RES, "reserved of a segment") X(SEG_RES2, "reserved2 of a segment") X(SEG_RES3, "reserved3 of a segment") \
	X(SEGS33, "33 segments") X(SEGS40, "40 segments") X(CSUM_END, "checksum starts at the end") \
	X(CSUM_FAR, "checksum starts beyond") X(CSUM_LAST, "checksum one byte too far") X(CSUM_OFF, "checksum offset") \
	X(STREAM, "stream starts beyond") X(CTX_FLAG, "flag of a context write") X(DEL_FLAG, "flag of a context deletion") \
	X(CTX_RANGE, "context write out of range") X(DEL_RANGE, "deletion out of range") \
	X(CIPHER, "cipher") X(VERSION, "version") \
	X(TSO_NO_SUM, "segmentation without a checksum") X(TSO_OFFSET, "segmentation with another checksum offset") \
	X(TSO_L3, "IP and TCP headers overlap") X(TSO_MSS, "mss of 63") X(TSO_FAR, "65536 bytes to be cut") \
	X(TSO_VERSION, "neither IPv4 nor IPv6") X(TSO_PROTO, "not TCP") X(TSO_DOFF, "TCP header of 16 bytes") \
	X(TSO_LONG, "headers of 257 bytes") X(TSO_FRAME, "frames of 9217 bytes") \
	X(OP0, "op 0") X(OP6, "op 6 or more") X(OP255, "op 255") X(LONE_SEG, "segment without a packet") \
	X(PKT_IN_PKT, "packet inside of a packet") X(CTX_IN_PKT, "context inside of a packet") \
	X(CUT_PKT, "packet cut by the doorbell") X(CUT_SEGS, "segments cut by the doorbell") \
	X(CUT_CTX, "key cut by the doorbell") X(SEEK_SEG, "seek before a segment") X(SEEK_SEEK, "two seeks") \
	X(SEEK_CTX, "seek before a context") X(CUT_SEEK, "seek cut by the doorbell") X(DESC_READ, "descriptor read fails")

enum bad_kind {
#define X(name, text) BAD_##name,
	PLAN_BADS(X)
#undef X
	BADS
};
#define BAD_HALTS	BAD_OP0

/* Of "fault". */
enum fault_kind { FAULT_ENTRIES, FAULT_COMPLETION, FAULT_TX_DOORBELL, FAULT_RX_DOORBELL, FAULT_CQ_DOORBELL, FAULT_LINK, FAULT_KINDS };

/* What "plain" and "rx" are made of. */
enum frame_kind { FRAME_RAW, FRAME_TCP, FRAME_UDP, FRAME_UDP_ZERO, FRAME_KINDS };

enum rx_kind {
	RX_RAW, RX_TCP, RX_UDP, RX_UDP_NOSUM, RX_FRAGMENT, RX_L3_BAD, RX_L4_BAD, RX_IP_SHORT, RX_IP_LONG, RX_L4_LEN, RX_OTHER_PROTO,
	RX_NOT_IP, RX_MCAST, RX_BCAST, RX_STRANGER, RX_RUNT, RX_NOISE, RX_KINDS
};

extern const char *const plan_op_names[STEP_OPS], *const plan_bad_names[BADS], *const plan_rx_names[RX_KINDS];

struct step {
	uint8_t op;
	uint64_t a[PLAN_NARGS];
};

struct plan {
	struct step *s;
	unsigned int n, room;
};

struct step *plan_add(struct plan *p, enum plan_op op);	/* zeros; valid until the next call */
void plan_free(struct plan *p);
void plan_copy(struct plan *to, const struct plan *from);

void plan_print_step(const struct step *s, FILE *out);
void plan_print(const struct plan *p, FILE *out);
/* 0, or -1 with a message on stderr that names the line. */
int plan_read(struct plan *p, const char *file);

/* ---- plan_profiles.c ---------------------------------------------------------- */

extern const char *const plan_profiles[];	/* ended by NULL */
/* Makes the plan of a seed; contexts, features: of the card. "any": the seed says which profile. -1 if there is no such profile. */
int plan_make(struct plan *p, const char *profile, uint64_t seed, unsigned int contexts, uint32_t features);
/* Features without which the profile is no other than its neighbours: 0 for most. */
uint32_t plan_features(const char *profile);

#endif /* TLSNIC_DPDK_PLAN_H */
