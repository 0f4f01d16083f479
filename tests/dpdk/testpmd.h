/* SPDX-License-Identifier: BSD-2-Clause */
/* dpdk-testpmd as a process of its own, at the other end of a memif. */
#ifndef TLSNIC_DPDK_TESTPMD_H
#define TLSNIC_DPDK_TESTPMD_H

#include <stdint.h>
#include <sys/types.h>

struct testpmd {
	pid_t pid;
	int in, out;		/* its standard input; what it prints */
	char output[65536];
	size_t len;
};

/*
 * Starts it with one port, a memif server at the abstract socket, in forward mode mode ("io",
 * "macswap"), sending everything back where it came from; waits until its port has started, at most limit seconds.
 * 0, or -1 with a message on stderr.
 */
int testpmd_start(struct testpmd *t, const char *socket, const char *mode, unsigned int limit);

/*
 * Ends it as a user would, and waits for that, at most limit seconds; then it is killed. Its counts of
 * frames received and sent go to rx and tx. 0, or -1 if it did not end by itself or did not tell.
 */
int testpmd_stop(struct testpmd *t, unsigned int limit, uint64_t *rx, uint64_t *tx);

#endif /* TLSNIC_DPDK_TESTPMD_H */
