/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the contract says the card must do, in program order: slots become items,
 * contexts walk records, packets become frames or are dropped with a status, frames
 * from the wire are judged. It looks at rings and memory as the card does, and knows
 * nothing of plans.
 *
 * Items of a queue are given to it in order, each with the status that the card has
 * reported; it says which it might have been, and then goes on from there. One
 * status is possible unless an error was injected in a place whose consequence the contract
 * leaves open.
 */
#ifndef TLSNIC_DPDK_MODEL_H
#define TLSNIC_DPDK_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "../../include/uapi/linux/tlsnic.h"
#include "cover.h"
#include "ref.h"

#define MODEL_MAX_SLOTS	48
#define MODEL_ROOM	(TLSNIC_TSO_MAX_LEN + 64)	/* of the longest packet */

enum item_kind { ITEM_PACKET, ITEM_WRITE, ITEM_DELETE, ITEM_HALT };

struct item {
	enum item_kind kind;
	uint32_t id;
	unsigned int step;		/* of the plan */
	unsigned int queue;
	uint64_t note;			/* the poster's own */
	uint16_t end;			/* ring index after its last slot */
	bool desc_bad;			/* refused by its descriptors alone */
	bool read_failed;		/* an injected error has hit its data, */
	uint32_t fail_at;		/* this byte of it first */
	bool headers_bad;		/* not what can be cut into frames */
	struct tlsnic_txd_packet d;
	bool seeks;			/* k is ahead of it */
	struct tlsnic_txd_seek k;
	struct tlsnic_txd_ctx x;	/* ITEM_WRITE, ITEM_DELETE */
	uint8_t key[32];
	unsigned int nsegs;
	struct { uint64_t addr; uint16_t len; } seg[TLSNIC_TX_MAX_SEGMENTS];
	uint32_t len;			/* of data */
	uint8_t *data;			/* the packet in host memory; freed by model_item_free() */
	struct item *next;
};

enum phase { PHASE_HEADER, PHASE_BODY, PHASE_TAG };

struct mctx {
	bool valid, broken;
	bool maybe_broken;		/* a failed read has left it so, or has not */
	bool unknown;			/* an item that was cut off has written or deleted it, or has not */
	uint8_t version, cipher;
	struct ref_key *key;
	uint8_t salt[4];
	uint64_t iv, sn;		/* of the record that comes next; TLS 1.3: iv stays */
	uint32_t seq;
	/* the record that is open */
	enum phase phase;
	uint8_t hdr[13];
	uint32_t pos;			/* bytes of this phase so far */
	uint32_t body;			/* bytes to be encrypted */
	uint8_t *plain, *stream;	/* body bytes; keystream */
	uint8_t tag[16];
	uint16_t field;			/* length field of the open record */
	bool foreign;			/* of a seek: its payload began before the packet, so the tag is given */
	bool no_tag;			/* or is not */
	bool early;			/* its tag may have been returned */
	bool cut;			/* the open record has bytes in more than one packet or frame */
	unsigned int first_frame;	/* in which it began */
	/* for coverage */
	bool used, hdr_cut;		/* a byte of the stream has been seen; the header came in pieces */
	int last_type;			/* of the record before, -1: none */
};

/* The card returns a tag with this packet; or not; or with this one or one to come. */
enum model_tag_when { MODEL_TAG_MUST, MODEL_TAG_MAY, MODEL_TAG_EARLY };

struct model_tag {
	uint32_t ctx, rec_sn;
	uint8_t tag[16];
	enum model_tag_when when;
	bool was_early;			/* it may have come with a packet before */
};

struct model {
	unsigned int contexts;
	struct mctx *ctx;
	bool tags;			/* TLSNIC_CTRL_TLS_TAGS */
	uint32_t tag_min;		/* TLSNIC_REG_TLS_TAG_MIN */
	/* What comes of an item, from inside model_apply(), in order. may: or does not. */
	void (*frame)(void *opaque, const struct item *i, const uint8_t *frame, uint32_t len, bool may);
	void (*tag)(void *opaque, const struct item *i, const struct model_tag *t);
	void *opaque;
	/* statistics: at least and at most */
	uint64_t least[TLSNIC_STAT_COUNT], most[TLSNIC_STAT_COUNT];
	struct cover *cover;
	struct { unsigned int kind; uint32_t ctx; bool small; } before[TLSNIC_MAX_QUEUES];	/* last item, for coverage */
	struct { bool seek, go_on; uint32_t ctx; } sought[TLSNIC_MAX_QUEUES];	/* last TLS packet, for coverage */
	char error[160];		/* of the reference itself */
	uint8_t room[MODEL_ROOM];	/* the packet while it becomes frames */
};

/* cover may be NULL. */
void model_init(struct model *m, unsigned int contexts, struct cover *cover);
void model_free(struct model *m);

/* Card reset: every context is gone. */
void model_reset(struct model *m);

/*
 * Takes n slots that one doorbell posts, whose first has ring index first, apart. Items are appended to *list in order;
 * what makes the queue halt is an ITEM_HALT and the last. Returns how many.
 */
unsigned int model_items(const uint8_t (*slot)[32], unsigned int n, uint16_t first, struct item **list);
void model_item_free(struct item *i);

/* Statuses that the item may end with: bit s for TLSNIC_STATUS_s. */
unsigned int model_allowed(struct model *m, const struct item *i);

/*
 * The item ended with this status, which is an allowed one: calls m->frame() and m->tag() for what comes of it.
 * certain: it is known to have happened (else it may have been cut off, and statistics only may have moved).
 */
void model_apply(struct model *m, const struct item *i, unsigned int status, bool certain);
/* The item may have been carried out or not, and nothing will tell. */
void model_doubt(struct model *m, const struct item *i);

void model_stat(struct model *m, unsigned int stat, uint64_t n, bool certain);

/* ---- model_frame.c: what becomes of a packet whose bytes are as they leave ---------------- */

/* Bytes before the TCP payload of a packet with mss, as its headers say. */
uint32_t model_headers(const struct item *i);
/* The frame of such a packet that byte at is in. */
static inline unsigned int model_frame_of(const struct item *i, uint32_t headers, uint32_t at)
{
	return at < headers ? 0 : (at - headers) / i->d.mss;
}
/* Sums, cuts, tags and pads b. whole: all of it leaves; else: frames that end before byte end may. */
void model_frames(struct model *m, const struct item *i, uint8_t *b, bool whole, uint32_t end, bool certain);

/* ---- RX, model_rx.c -------------------------------------------------------- */

struct rx_config {
	bool enable, promisc, allmulti, strip;
	uint8_t mac[6];
	uint64_t mcast;
	uint32_t max_frame, rss_types;
	uint8_t key[TLSNIC_RSS_KEY_LEN], table[TLSNIC_RSS_TABLE_LEN];
	unsigned int queues;
};

enum rx_fate { RX_FATE_DELIVERED, RX_FATE_BAD, RX_FATE_FILTERED, RX_FATE_TOO_LONG, RX_FATE_IGNORED, RX_FATES };

struct rx_verdict {
	enum rx_fate fate;
	uint16_t flags, tci;
	uint32_t hash;
	unsigned int queue;
	uint32_t len;		/* as delivered */
	bool mcast, bcast, csum_bad;
};

/* Judges a frame. data (len + 4 bytes of room not needed) gets what is delivered, which may be shorter. */
struct rx_verdict model_rx(const struct rx_config *c, const uint8_t *frame, uint32_t len, bool bad, uint8_t *data);
/* Counts it; wire_len: as it came. Not for what the rings do with it. */
void model_rx_count(struct model *m, const struct rx_verdict *v, uint32_t wire_len, bool certain);

#endif /* TLSNIC_DPDK_MODEL_H */
