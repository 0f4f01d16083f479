/* SPDX-License-Identifier: BSD-2-Clause */
/* The tests of the engine that are not in aes_gcm.cc. */
#ifndef TLSNIC_TEST_AES_GCM_TESTS_H
#define TLSNIC_TEST_AES_GCM_TESTS_H

/* records.cc */
void test_references(void);
void test_each_cut(void);
void test_each_two_cuts(void);
void test_sizes(void);

/* cycles.cc */
void test_cycles(void);

#endif /* TLSNIC_TEST_AES_GCM_TESTS_H */
