/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functional coverage: which situations the card has been in, as far as its
 * contract knows them. A group is a cross of one to four lists; each place in it
 * is a bin that counts. Bins are sampled by the model and by the program that runs a plan, only
 * where the card was seen to have done right.
 *
 * Counts of many runs are kept as lines "group<TAB>bin<TAB>count", added up.
 */
#ifndef TLSNIC_DPDK_COVER_H
#define TLSNIC_DPDK_COVER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum cover_group {
	COVER_CUT, COVER_TWICE, COVER_RECORDS, COVER_SIZE, COVER_ALIGN, COVER_TYPE, COVER_STATUS, COVER_STATE, COVER_ORDER,
	COVER_NEIGHBOUR, COVER_SEQ_WRAP, COVER_CARRY, COVER_MALFORMED, COVER_RECORD_WRONG, COVER_PACKET, COVER_LENGTH, COVER_CSUM,
	COVER_CSUM_END, COVER_SEGS, COVER_SEG_LEN, COVER_SEG_ALIGN, COVER_RING, COVER_WRAP, COVER_DOORBELL, COVER_BUS, COVER_STALL,
	COVER_FAULT, COVER_EVENT, COVER_RX, COVER_RX_HASH, COVER_RX_BUFFERS, COVER_RX_LENGTH, COVER_RX_VLAN, COVER_FILTER,
	COVER_IRQ, COVER_MODERATE, COVER_CONNS, COVER_SEEK, COVER_SEEK_END, COVER_SEEK_STATE, COVER_SEEK_WAY, COVER_SEEK_NEXT, COVER_SEEK_REFUSED,
	COVER_TAG, COVER_LOOP, COVER_TSO, COVER_TSO_MSS, COVER_TSO_FLAGS, COVER_TSO_FAIL, COVER_GROUPS
};

/* Places of COVER_CUT: where in a record a packet ends. */
enum { CUT_HEADER = 0, CUT_NONCE = 5, CUT_BODY = 13, CUT_BLOCK = 29, CUT_TAG = 30, CUTS = 46 };

struct cover {
	uint64_t *count[COVER_GROUPS];
};

void cover_init(struct cover *c);
void cover_free(struct cover *c);

void cover_add(struct cover *to, const struct cover *from);

/* One more in the bin of these places, as many as the group has lists. */
void cover_hit(struct cover *c, enum cover_group g, ...);

/* Where in a list of ascending limits v is: the number of limits that it is not below. */
unsigned int cover_class(uint64_t v, const uint32_t *limits, unsigned int n);
/* The class of a packet's, segment's or frame's length in the lists of these groups. */
unsigned int cover_length(uint32_t len);
unsigned int cover_few(uint32_t n);	/* 0, 1, 2, 3-8, 9-32, 33+ */

/* Adds what a file holds; one that is not there holds nothing. -1 with a message if it is not of this kind. */
int cover_read(struct cover *c, const char *file);
int cover_write(const struct cover *c, const char *file);	/* -1 with a message */

/*
 * Prints reached / total for each group, and each bin never reached. prefix: of each
 * line ("# "). Returns how many were not reached.
 */
unsigned int cover_report(const struct cover *c, const char *prefix, FILE *out);

#endif /* TLSNIC_DPDK_COVER_H */
