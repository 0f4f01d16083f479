/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tlsnic card as a C library: what a PCI device and its wire look like from
 * outside, whatever stands behind it (today the Verilated RTL).
 *
 * One thread owns a card. All callbacks come from inside tlsnic_sim_run(),
 * tlsnic_sim_bar_read(), tlsnic_sim_bar_write() or tlsnic_sim_reset(), and must
 * not call back into the same card, but for the functions marked (any time).
 *
 * Time is counted in cycles of the card's clock. The clock runs in the
 * functions named above only, so an idle card costs nothing.
 */
#ifndef TLSNIC_SIM_H
#define TLSNIC_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TLSNIC_SIM_MAX_FRAME	16384	/* bytes, either way, without FCS */

struct tlsnic_sim;

/*
 * Who asks for a host read, and for the statistics who writes (told from the
 * length: a write of 32 bytes is taken to be a completion).
 */
enum tlsnic_sim_dma {
	TLSNIC_SIM_TX_DESC,
	TLSNIC_SIM_TX_DATA,
	TLSNIC_SIM_RX_DESC,
	TLSNIC_SIM_READ_OTHER,
	TLSNIC_SIM_RX_DATA,
	TLSNIC_SIM_COMPLETION,
	TLSNIC_SIM_DMA_KINDS
};

struct tlsnic_sim_ops {
	/*
	 * Host memory. addr is a bus address; an access never crosses a 4 KiB
	 * boundary. Returns 0, or a negative errno, upon which the card sees a
	 * failed transfer (a read's bytes are then undefined). A read is of whole
	 * bus beats, so it may run up to DATA_W / 8 - 1 bytes past what the card
	 * needs.
	 */
	int (*mem_read)(void *opaque, uint64_t addr, void *buf, size_t len,
			enum tlsnic_sim_dma kind);
	int (*mem_write)(void *opaque, uint64_t addr, const void *buf, size_t len,
			 enum tlsnic_sim_dma kind);

	/* MSI-X vector to raise. */
	void (*irq)(void *opaque, unsigned int vector);

	/*
	 * A frame without FCS leaves the card. Returns true when taken; false
	 * when there is no room: the card is held and the frame offered again
	 * each time the clock runs.
	 */
	bool (*wire_tx)(void *opaque, const void *frame, size_t len);

	/*
	 * The wire monitor found a violation (docs/simulation.md); text says where and what. NULL:
	 * it goes to stderr and the process is aborted at the end of the cycle.
	 */
	void (*violation)(void *opaque, const char *text);

	/*
	 * For tests of the monitor: changes bytes of a frame between the card and the
	 * monitor. NULL: nobody does.
	 */
	void (*wire_fault)(void *opaque, void *frame, size_t len);
};

struct tlsnic_sim_options {
	uint64_t seed;			/* of all that follows; same seed, same run */

	/* Host memory: cycles from a request to its first data. */
	unsigned int latency_min;
	unsigned int latency_max;	/* 0: latency_min */
	bool reorder;			/* reads of different IDs overtake each other */
	bool interleave;		/* and mix their beats */
	unsigned int read_error_ppm;	/* bursts that fail, per million */
	unsigned int write_error_ppm;

	/* Each ready and valid that the card sees is withheld in so many cycles per million. */
	unsigned int stall_ppm;

	/* Cycles until a BAR access is given up; 0: 100000. */
	unsigned int bar_timeout;

	/*
	 * Leave the wire monitor off, for the card's whole life. For those who break its rules on purpose,
	 * and say why.
	 */
	bool no_monitor;
	/* Bytes of records that it holds, likewise; 0: 128 MiB. */
	size_t monitor_bytes;

	/* Count for tlsnic_sim_stages() what each stage does in each cycle. */
	bool stages;

	/* Waveform (FST), written in a window of cycles; NULL: none. */
	const char *trace_file;
	uint64_t trace_from;
	uint64_t trace_cycles;		/* 0: to the end */
};

struct tlsnic_sim_stats {
	uint64_t cycles;
	uint64_t wire_tx_frames, wire_tx_bytes;	/* card to wire, without FCS */
	uint64_t wire_rx_frames, wire_rx_bytes;
	uint64_t wire_tx_held;			/* cycles: frame waits for wire_tx */
	uint64_t wire_rx_held;			/* cycles: frame waits for the card */
	uint64_t dma_count[TLSNIC_SIM_DMA_KINDS];	/* bursts */
	uint64_t dma_bytes[TLSNIC_SIM_DMA_KINDS];
	uint64_t dma_errors;
	uint64_t bar_reads, bar_writes, bar_timeouts;
	uint64_t irqs;
	uint64_t protocol_errors;	/* the card broke a rule of AXI; the first are printed */

	/* What the wire monitor did, see docs/simulation.md. */
	uint64_t monitor_frames;	/* held against their packets */
	uint64_t monitor_tls_packets;	/* of them, packets that the card encrypted */
	uint64_t monitor_bytes;		/* of ciphertext by the card, all verified */
	uint64_t monitor_tags;		/* verified */
	uint64_t monitor_host_bytes;	/* of ciphertext by the host on known connections */
	uint64_t monitor_unverified_bytes;	/* of these connections: place, or record of a tag, not known */
	uint64_t monitor_forgotten_bytes;	/* under a nonce whose plaintext is no longer known */
	uint64_t monitor_held_bytes;	/* of records, now */
	uint64_t monitor_violations;
};

/*
 * A stream between two stages of the card, and what it did: cycles in which a beat
 * moved, was held back by what comes after it, or did not come although packets
 * were under way in the card. idle is the rest: nothing was under way.
 */
enum tlsnic_sim_direction {
	TLSNIC_SIM_TX = 1,
	TLSNIC_SIM_RX = 2,
	TLSNIC_SIM_BOTH = 3
};

struct tlsnic_sim_stage {
	const char *name, *what;
	enum tlsnic_sim_direction direction;
	uint64_t moved, stalled, starved, idle;
};

/*
 * Makes a card and takes it through its hard reset. The options and ops are
 * copied; opaque goes to every callback. NULL, with a message on stderr, if the trace
 * file cannot be written.
 */
struct tlsnic_sim *tlsnic_sim_create(const struct tlsnic_sim_options *options,
				     const struct tlsnic_sim_ops *ops, void *opaque);
void tlsnic_sim_destroy(struct tlsnic_sim *sim);

/* Hard reset: everything in flight is forgotten, no callback comes for it. */
void tlsnic_sim_reset(struct tlsnic_sim *sim);

/* Width of the datapath that was built, bits (any time). */
unsigned int tlsnic_sim_data_width(void);

/*
 * BAR0. Takes naturally aligned accesses of 4 bytes; others are refused as the
 * contract says: reads give all ones, writes have no effect.
 * A read that the card does not answer in time gives all ones. Return 0,
 * -EINVAL (refused here), -EIO (refused by the card), -ETIMEDOUT.
 */
int tlsnic_sim_bar_read(struct tlsnic_sim *sim, uint64_t offset, void *buf, size_t len);
int tlsnic_sim_bar_write(struct tlsnic_sim *sim, uint64_t offset, const void *buf, size_t len);

/*
 * Hands the card a frame without FCS from the wire, 1 to TLSNIC_SIM_MAX_FRAME bytes; bad: the
 * MAC found it damaged. False when there is no room: offer it again after
 * the clock has run. (any time)
 */
bool tlsnic_sim_wire_rx(struct tlsnic_sim *sim, const void *frame, size_t len, bool bad);
void tlsnic_sim_set_link(struct tlsnic_sim *sim, bool up);	/* (any time) up at first */

/*
 * Runs the clock for up to max_cycles, less if the card falls idle. Returns the
 * cycles that were run: 0 when it was idle already.
 */
uint64_t tlsnic_sim_run(struct tlsnic_sim *sim, uint64_t max_cycles);

/* (any time) */
bool tlsnic_sim_idle(const struct tlsnic_sim *sim);
bool tlsnic_sim_wire_held(const struct tlsnic_sim *sim);	/* wire_tx has refused a frame */
uint64_t tlsnic_sim_cycle(const struct tlsnic_sim *sim);
const struct tlsnic_sim_stats *tlsnic_sim_stats(const struct tlsnic_sim *sim);
void tlsnic_sim_print_stats(const struct tlsnic_sim *sim, FILE *out);	/* "name value" lines */

/*
 * The stages, in the order of a packet's way, and how many. Counted since the card was
 * made, while options.stages was set. A difference of two copies is what a span
 * of time was spent on. (any time)
 */
const struct tlsnic_sim_stage *tlsnic_sim_stages(const struct tlsnic_sim *sim, size_t *n);

/*
 * For latencies: the cycle in which the first beat of the latest frame went to the wire. Inside
 * wire_tx() that is the frame which is handed over. (any time)
 */
uint64_t tlsnic_sim_wire_tx_began(const struct tlsnic_sim *sim);

/*
 * Replaces the options but for the trace and the monitor's (any time). What is in flight keeps
 * its old latency.
 */
void tlsnic_sim_set_options(struct tlsnic_sim *sim, const struct tlsnic_sim_options *options);

/* Moves the trace window: from now on for so many cycles (0: to the end). (any time) */
void tlsnic_sim_trace_now(struct tlsnic_sim *sim, uint64_t cycles);

/*
 * Gives every bit that the model holds, registers and memories, in pieces, in
 * the model's own layout: vectors as little-endian 32-bit words. For tests that
 * look for keys. Returns 0, or -ENOTSUP.
 */
int tlsnic_sim_dump_state(struct tlsnic_sim *sim,
			  void (*piece)(void *opaque, const void *data, size_t len), void *opaque);

#ifdef __cplusplus
}
#endif

#endif /* TLSNIC_SIM_H */
