/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The card as a poll-mode driver sees it: registers, rings in DPDK's memory, TX
 * from mbuf chains (a slot a segment, no copies), RX into mbufs, contexts.
 *
 * Every access of the card to host memory is checked at the moment it comes. The
 * card may read posted slots and RX entries, and the bytes of posted segments; it may write
 * posted RX buffers and completion entries that are free and next in turn. What
 * its bus reads beyond a segment's end, to fill the last beat, is 0xa5, whatever is in
 * memory. An access that is not allowed fails on the bus, and the first is described in
 * nic->violation: the address, who asked, and what is there.
 *
 * Numbers are in host order in this interface; fields of the contract's structs as
 * the contract says (the host is little-endian). Functions that return int give 0 or
 * more, or a negative errno; where cycles run, -ETIMEDOUT (the card does not come to
 * rest) or -EFAULT (nic->violation says why), and no call runs forever.
 */
#ifndef TLSNIC_DPDK_NIC_H
#define TLSNIC_DPDK_NIC_H

#include <rte_mbuf.h>

#include "../../include/uapi/linux/tlsnic.h"
#include "../../sim/tlsnic_sim.h"
#include "env.h"

#define NIC_MAX_QUEUES	8
#define NIC_MAX_FAULTS	64
#define NIC_HANG	2000000ull	/* cycles without progress that are a hang */
#define NIC_PAD		0xa5		/* what is read beyond the end of a segment */

struct nic;

/* A TX completion, and the item (packet or context slot) that ends at its index. */
struct nic_done {
	uint8_t status;		/* TLSNIC_STATUS_* */
	uint16_t index;		/* TX ring index after the item's last slot */
	uint32_t ctx;
	void *cookie;		/* of that item; NULL if none ends there */
	uint64_t posted;	/* cycle of that item's doorbell */
	uint64_t written;	/* cycle in which the completion reached memory */
};

/* All may be NULL. They come from inside the functions of this file. */
struct nic_ops {
	/* From nic_reap(). Slots up to index are free; their mbufs are freed upon return. */
	void (*done)(void *opaque, unsigned int q, const struct nic_done *d);
	/* From nic_reap(): the tag of a record; before done() of the packet in which the record ends. */
	void (*tag)(void *opaque, unsigned int q, const struct tlsnic_cpl_tag *t);
	/*
	 * From nic_reap(): a frame, as a chain of RX mbufs which is the callee's from now on;
	 * nic_rx_cpl() tells more. NULL: it is freed.
	 */
	void (*rx)(void *opaque, unsigned int q, struct rte_mbuf *m);
	/* A frame leaves the card, without FCS; false: there is no room, offer it again. NULL: it is lost. */
	bool (*wire_tx)(void *wire, const void *frame, size_t len);
	/* Between two turns of the clock in nic_run() and nic_settle(). May post, ring, hand in frames. */
	void (*poll)(void *wire);
	/* Of every access that is allowed, just before it is carried out: true fails it on the bus. */
	bool (*fail)(void *opaque, uint64_t addr, size_t len, enum tlsnic_sim_dma kind);
	void *opaque, *wire;
};

struct nic_options {
	/* Memory's latency, order, errors; stalls; seed; waveform. NULL: see tlsnic_sim.h for defaults. */
	const struct tlsnic_sim_options *sim;
	const char *pcap;	/* capture of the wire, both ways, a cycle is 4 ns; NULL: none */
	/*
	 * No checks of data reads and RX writes beyond being EAL's memory: for measurements of
	 * speed. Rings are checked always.
	 */
	bool unchecked;
};

/* An item in the TX ring, kept under the index of its last slot. */
struct nic_item {
	struct rte_mbuf *m;	/* to be freed; NULL for raw slots and contexts */
	void *cookie;
	uint64_t posted;
	bool last;		/* an item ends here */
	bool key;		/* the slot holds a key */
};

struct nic_span {
	uint64_t addr;
	uint32_t len;
};

struct nic_queue {
	bool on;
	uint16_t tx_size, rx_size, cq_size;	/* entries */
	uint32_t buf_len;
	struct rte_mempool *pool;	/* of RX */
	uint8_t *tx, *rx, *cq;		/* the rings */
	/*
	 * Indices of the TX ring: of the slot to be filled next, of the last doorbell, of the last
	 * completion that the card has written, and of the last that nic_reap() has taken.
	 */
	uint16_t tx_tail, tx_posted, tx_written, tx_done;
	uint16_t rx_tail, rx_posted, rx_written, rx_next;
	uint16_t cq_prod, cq_cons, cq_told;	/* written by the card; taken; told to the card */
	struct nic_item *items;		/* tx_size */
	struct nic_span *spans;		/* tx_size: what each slot lets the card read */
	struct rte_mbuf **bufs;		/* rx_size */
	uint64_t *written;		/* cq_size: cycle of each completion */
	struct rte_mbuf *head, *tail;	/* RX frame of which the last buffer is missing */
	bool torn;			/* a completion was lost: pass over buffers up to the next frame */
	uint16_t tx_hint[2], rx_hint;	/* where the last accesses were found */
	unsigned int tx_victim;		/* the hint that moves when neither helps */
	uint64_t tx_cpls, rx_cpls, rx_frames, tag_cpls;
};

struct nic_fault {
	uint64_t addr;
	uint32_t len;
	unsigned int hits;	/* accesses that have failed */
};

/* What a violation that the monitor of the wire reports has in its text. */
#define NIC_MONITOR	"wire monitor: "

struct nic {
	struct tlsnic_sim *sim;
	struct nic_ops ops;
	unsigned int queues;		/* of the card */
	unsigned int contexts;
	uint32_t features;		/* TLSNIC_FEAT_* */
	struct nic_queue q[NIC_MAX_QUEUES];
	uint64_t irqs[NIC_MAX_QUEUES + 1], irq_cycle[NIC_MAX_QUEUES + 1];	/* of each vector; of the last */
	unsigned int violations;
	char violation[240];		/* the first */
	struct nic_fault faults[NIC_MAX_FAULTS];
	unsigned int nfaults;
	uint64_t failed;		/* accesses that faults have failed */
	bool unchecked;
	bool resetting;			/* TLSNIC_CTRL_RESET is under way */
	void *capture, *capture_file;	/* pcap_t, pcap_dumper_t */
};

/* ---- the card ----------------------------------------------------------- */

/*
 * Makes a card with nothing turned on and waits until it is ready. options and ops
 * may be NULL; both are copied. NULL, with a message on stderr, when the waveform or the
 * capture cannot be written or the card does not answer.
 */
struct nic *nic_create(const struct nic_options *options, const struct nic_ops *ops);
/*
 * Frees rings and mbufs. Returns 0, or -EFAULT if there was a violation or the card
 * broke a rule of AXI.
 */
int nic_destroy(struct nic *n);

/* TLSNIC_CTRL_RESET: all queues are then off; items in flight are freed without a callback. */
int nic_reset(struct nic *n);

/* A function reset, as PCI has it: nothing of what was in flight comes or leaves any more. Queues as with nic_reset(). */
int nic_hard_reset(struct nic *n);

uint32_t nic_read(struct nic *n, uint32_t reg);		/* all ones if the card refuses */
void nic_write(struct nic *n, uint32_t reg, uint32_t value);
uint32_t nic_qread(struct nic *n, unsigned int q, uint32_t reg);	/* TLSNIC_Q_* */
void nic_qwrite(struct nic *n, unsigned int q, uint32_t reg, uint32_t value);
uint64_t nic_stat(struct nic *n, unsigned int stat);	/* TLSNIC_STAT_* */
static inline uint64_t nic_cycle(const struct nic *n) { return tlsnic_sim_cycle(n->sim); }
static inline const struct tlsnic_sim_stats *nic_sim_stats(const struct nic *n) { return tlsnic_sim_stats(n->sim); }

/* Sets TLSNIC_REG_MAX_FRAME to 9216 and CTRL to ctrl (TLSNIC_CTRL_*) and PROMISC. */
void nic_enable(struct nic *n, uint32_t ctrl);

/*
 * Runs until the card is idle. limit: cycles; 0: NIC_HANG. Does not take completions: a card
 * whose completion ring is full does not fall idle.
 */
int nic_run(struct nic *n, uint64_t limit);
/* Runs for so many cycles, or less if it falls idle. 0 or -EFAULT. */
int nic_cycles(struct nic *n, uint64_t cycles);
/*
 * Runs and reaps all queues until the card is idle and no completion is left. -ETIMEDOUT
 * after NIC_HANG cycles in which neither a completion nor a frame came.
 */
int nic_settle(struct nic *n);

/* ---- queues --------------------------------------------------------------- */

struct nic_queue_options {
	unsigned int log2_tx, log2_rx, log2_cq;	/* 0: 10, 8, 12 */
	uint32_t buf_len;		/* RX, bytes, a multiple of 64; 0: 2048 */
	struct rte_mempool *pool;	/* RX mbufs with room for buf_len; NULL: env.packets */
};

/* Turns on TX, RX and completions of queue pair q with fresh rings; posts no RX mbufs. o may be NULL. */
int nic_queue_on(struct nic *n, unsigned int q, const struct nic_queue_options *o);
/* Turns it off, waits until the card has let go, and frees what was posted. */
int nic_queue_off(struct nic *n, unsigned int q);
/* Turns TX of q off and on again: the remedy for TLSNIC_Q_HALTED. Posted items are freed without a callback. */
int nic_tx_restart(struct nic *n, unsigned int q);

/* ---- TX ------------------------------------------------------------------- */
/* Nothing is seen by the card before nic_ring(). */

static inline unsigned int nic_tx_room(const struct nic *n, unsigned int q)	/* free slots */
{
	return n->q[q].tx_size - (uint16_t)(n->q[q].tx_tail - n->q[q].tx_done);
}

/*
 * Writes the slots of a packet. d has all fields but op, len, addr and END, which
 * come from the chain; NULL: TLSNIC_TXF_COMPLETE and zeros. The chain is freed when a completion
 * passes it (keep a reference of your own to use it again); on an error it stays the caller's.
 * Nothing is judged: a packet that the card must refuse is written like any other. Returns the slots used, or
 * -ENOSPC, -EINVAL (a segment of 0 bytes: use nic_tx_slot()).
 */
int nic_tx(struct nic *n, unsigned int q, struct rte_mbuf *m, const struct tlsnic_txd_packet *d, void *cookie);

/* The same behind a seek, of which op is filled in; one slot more. seek NULL: as nic_tx(). */
int nic_tx_seek(struct nic *n, unsigned int q, const struct tlsnic_txd_seek *seek, struct rte_mbuf *m,
		const struct tlsnic_txd_packet *d, void *cookie);

/*
 * Writes any 32 bytes as a slot. Its addr and len at their place in tlsnic_txd_packet tell what the card may
 * ask for, if op is PACKET or SEGMENT; outside of EAL's memory the access fails, and that is no violation.
 * last: an item ends here, and cookie is its. m, if not NULL, is freed with it. Returns 1 or -ENOSPC.
 */
int nic_tx_slot(struct nic *n, unsigned int q, const void *slot, bool last, struct rte_mbuf *m, void *cookie);

/*
 * ctx has all fields but op; key has 32 bytes, of which AES-128 uses 16 and the rest is 0.
 * The key's slot is wiped once a completion passes it. Returns 2 or 1 slots, or -ENOSPC.
 */
int nic_ctx_write(struct nic *n, unsigned int q, const struct tlsnic_txd_ctx *ctx, const uint8_t key[32],
		  void *cookie);
int nic_ctx_delete(struct nic *n, unsigned int q, uint32_t ctx, uint8_t flags, void *cookie);

void nic_ring(struct nic *n, unsigned int q);	/* doorbell, if there is anything new */

/* ---- completions and RX --------------------------------------------------- */

/* Takes completions, at most max, and tells the card. Returns how many, or -EFAULT. */
int nic_reap(struct nic *n, unsigned int q, unsigned int max);

/* Asks for an interrupt of vector 1 + q once there is a completion that nic_reap() has not taken. */
void nic_arm(struct nic *n, unsigned int q);

/*
 * Passes over completions whose write has failed (injected errors), as CQ_PROD
 * tells. Only with an idle card. Returns how many.
 */
int nic_skip_lost(struct nic *n, unsigned int q);

/* Posts up to count RX mbufs and rings the doorbell; less if ring or pool have no more. Returns how many. */
int nic_rx_post(struct nic *n, unsigned int q, unsigned int count);

/*
 * Of a frame from ops.rx: the completion of its last buffer, in the private area of the first
 * mbuf. pkt_len, data_len, nb_segs, vlan_tci, hash.rss and RTE_MBUF_F_RX_* flags are set as a DPDK driver does.
 */
static inline const struct tlsnic_cpl_rx *nic_rx_cpl(struct rte_mbuf *m)
{
	return rte_mbuf_to_priv(m);
}

/*
 * Hands the card a frame from the wire, 1 to TLSNIC_SIM_MAX_FRAME bytes without FCS, running the clock
 * until it is taken. bad: the MAC found it damaged. 0, -EINVAL, -ETIMEDOUT, -EFAULT.
 */
int nic_wire_rx(struct nic *n, const void *frame, size_t len, bool bad);
/* The same without running the clock: -EAGAIN if there is no room. */
int nic_wire_offer(struct nic *n, const void *frame, size_t len, bool bad);

/* ---- injected errors ------------------------------------------------------ */

/* From now on, accesses that touch these bytes fail on the bus. Returns the number of the fault, or -ENOSPC. */
int nic_fault(struct nic *n, uint64_t addr, uint32_t len);
void nic_faults_clear(struct nic *n);

#endif /* TLSNIC_DPDK_NIC_H */
