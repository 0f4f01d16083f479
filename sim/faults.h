/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults on demand while tlsnic-sim runs: a file is watched, and each time that it is
 * written its lines are carried out and the file removed. A guest that shares the
 * file's directory so breaks its own card, and sees when that is done.
 *
 *   fail KIND N   of the accesses to host memory of this kind the next N fail
 *   seek N        the next N seeks are read with a place far behind their record
 *   hold          the wire takes no frame from the card; release: it does again
 *   stop          the card is dead until the function is reset: its clock stands, registers
 *                 read all ones, frames are lost
 *
 * KIND is tx-desc, tx-data, rx-desc, rx-data or completion. A new N replaces what is
 * left of the old. A line that is wrong is told on stderr; then none of them is
 * carried out, and the file stays.
 */
#ifndef TLSNIC_SIM_FAULTS_H
#define TLSNIC_SIM_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlsnic_sim.h"

struct faults {
	unsigned int fail[TLSNIC_SIM_DMA_KINDS];
	unsigned int seeks;
	bool held, stopped;
	const char *path;		/* NULL: no file is watched */
	int fd;				/* readable when there is something to take; -1: never */
};

/* Begin to watch path. Returns false, with a message on stderr, when that cannot be. */
bool faults_watch(struct faults *f, const char *path);
void faults_end(struct faults *f);

/* Carry out what was written since. */
void faults_take(struct faults *f);

/* Is this access to fail? Counts it. */
bool faults_access(struct faults *f, enum tlsnic_sim_dma kind);

/* What the card reads of the TX ring, at this address. */
void faults_descriptors(struct faults *f, uint64_t addr, void *buf, size_t len);

#endif /* TLSNIC_SIM_FAULTS_H */
