/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DPDK in one process, without hugepages, PCI or root: EAL, memory, mbufs.
 *
 * A bus address of the card is an IOVA of DPDK, and an IOVA is a virtual
 * address (IOVA mode VA): (uintptr_t)p is the bus address of p, for any memory that
 * comes from rte_malloc(), a memzone or a mempool.
 *
 * EAL's memory is shared with children after fork(). A child that uses it breaks its
 * parent: start a new program (fork and exec) instead.
 */
#ifndef TLSNIC_DPDK_ENV_H
#define TLSNIC_DPDK_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#define ENV_BUF_LEN	2048	/* bytes of data in an mbuf of env.packets, behind the headroom */
#define ENV_BUFS	32768
/* Private area of every mbuf of env_pool(): what nic.h says of a received frame. */
#define ENV_PRIV	64

struct env {
	struct rte_mempool *packets;	/* ENV_BUFS of ENV_BUF_LEN bytes */
	uintptr_t mem;			/* EAL's memory is one piece */
	size_t mem_len;
};

extern struct env env;

/*
 * Starts EAL and makes env.packets; once a process. extra: further arguments of
 * EAL ("--vdev=net_memif0,..."), ended by NULL; may be NULL. Threads are not pinned to a
 * CPU, so any number of programs share a machine. Returns 0, or -1 with a message on stderr.
 */
int env_start(const char *const *extra);

/* Ends EAL and removes its files. Called at exit too. */
void env_stop(void);

/*
 * Writes the argument "--lcores=LCORES@(CPU,...)" with all CPUs that this process may use: EAL would
 * pin each of its threads to one.
 */
void env_lcores(char *arg, size_t len, const char *lcores);

/*
 * A pool of count mbufs with buf_len bytes of data (at most 65535 - 128) behind the
 * headroom. The data of a fresh mbuf is aligned to 64 bytes, as the card wants of RX
 * buffers. NULL, with a message on stderr, when there is no memory left.
 */
struct rte_mempool *env_pool(const char *name, unsigned int count, unsigned int buf_len);

/*
 * Copies len bytes into a new chain of mbufs of segs segments (1 to 32) with a byte or more in
 * each, cut at cut[0] < cut[1] ... < cut[segs - 2] (offsets in the packet); cut NULL: in equal
 * parts. Each segment begins align[i] bytes (0 to 63) after a multiple of 64; align
 * NULL: at 0. NULL if a segment does not fit in an mbuf or the pool is empty.
 */
struct rte_mbuf *env_chain(struct rte_mempool *pool, const void *data, uint32_t len, unsigned int segs,
			   const uint32_t *cut, const uint8_t *align);

/* True if all of it is EAL's memory, which the process may touch. */
static inline bool env_is_memory(uint64_t addr, size_t len)
{
	return addr >= env.mem && len <= env.mem_len && addr - env.mem <= env.mem_len - len;
}

#endif /* TLSNIC_DPDK_ENV_H */
