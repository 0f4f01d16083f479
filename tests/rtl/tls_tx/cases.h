/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cases of tls_tx that are in files of their own.
 */
#ifndef TLSNIC_CASES_H
#define TLSNIC_CASES_H

#include "bench.h"

static inline void kinds(Conn &c, Random &r, uint32_t ctx, int i)
{
	c.init(r, ctx, i & 1 ? TLS13 : TLS12, i & 2);
}

/* Stream bytes in beats before the one that is void: they are encrypted. */
static inline size_t walked(const Packet &p)
{
	size_t beat = std::min(p.void_from, p.in.size() - 1) / BEAT * BEAT;

	return beat > p.offset ? beat - p.offset : 0;
}

/* seek.cc */
void test_seek_places();
void test_seek_continue();
void test_seek_single_beats();
void test_seek_far();
void test_seek_broken();
void test_seek_refused();
void test_seek_header();
void test_seek_no_context();
void test_seek_upstream_error();

/* tags.cc */
void test_tags_cut();
void test_tags_length();
void test_tags_off();
void test_tags_frames();
void test_tags_wait();
void test_tags_seek();

#endif /* TLSNIC_CASES_H */
