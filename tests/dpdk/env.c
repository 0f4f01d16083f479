// SPDX-License-Identifier: BSD-2-Clause
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_memory.h>

#include "env.h"

#define MAX_ARGS	32

struct env env;
static bool started;

void env_lcores(char *arg, size_t len, const char *lcores)
{
	cpu_set_t set;
	size_t at = snprintf(arg, len, "--lcores=%s@(", lcores);

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (int i = 0; i < CPU_SETSIZE && at < len - 8; i++)
		if (CPU_ISSET(i, &set))
			at += snprintf(arg + at, len - at, "%d,", i);
	snprintf(arg + at - 1, len - at + 1, ")");
}

static int find_memory(const struct rte_memseg_list *msl, const struct rte_memseg *ms, size_t len, void *arg)
{
	struct env *e = arg;

	if (len > e->mem_len) {
		e->mem = ms->addr_64;
		e->mem_len = len;
	}
	return 0;
}

int env_start(const char *const *extra)
{
	static char lcores[1024], prefix[64];
	char *argv[MAX_ARGS] = { "tlsnic", lcores, prefix, "--no-huge", "-m", "512", "--no-pci", "--no-telemetry",
				 "--no-shconf", "--iova-mode=va", "--log-level=*:error" };
	int argc = 0;

	while (argv[argc])
		argc++;
	while (extra && *extra && argc < MAX_ARGS - 1)
		argv[argc++] = (char *)*extra++;
	env_lcores(lcores, sizeof(lcores), "0");
	snprintf(prefix, sizeof(prefix), "--file-prefix=tlsnic-%d", (int)getpid());
	if (rte_eal_init(argc, argv) < 0) {
		fprintf(stderr, "DPDK: EAL does not start: %s\n", rte_strerror(rte_errno));
		return -1;
	}
	started = true;
	atexit(env_stop);
	rte_memseg_contig_walk(find_memory, &env);
	env.packets = env_pool("packets", ENV_BUFS, ENV_BUF_LEN);
	return env.packets ? 0 : -1;
}

void env_stop(void)
{
	if (started)
		rte_eal_cleanup();
	started = false;
}

struct rte_mempool *env_pool(const char *name, unsigned int count, unsigned int buf_len)
{
	struct rte_mempool *p = rte_pktmbuf_pool_create(name, count, 0, ENV_PRIV, buf_len + RTE_PKTMBUF_HEADROOM,
							SOCKET_ID_ANY);

	if (!p)
		fprintf(stderr, "DPDK: no pool '%s' of %u mbufs of %u bytes: %s\n", name, count, buf_len,
			rte_strerror(rte_errno));
	return p;
}

struct rte_mbuf *env_chain(struct rte_mempool *pool, const void *data, uint32_t len, unsigned int segs,
			   const uint32_t *cut, const uint8_t *align)
{
	struct rte_mbuf *first = NULL, *last = NULL;
	uint32_t at = 0;

	for (unsigned int i = 0; i < segs; i++) {
		uint32_t end = i + 1 == segs ? len : cut ? cut[i] : (uint64_t)len * (i + 1) / segs;
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
		unsigned int off = RTE_PKTMBUF_HEADROOM + (align ? align[i] : 0);

		if (!m || end < at || off + (end - at) > m->buf_len) {
			rte_pktmbuf_free(m);
			rte_pktmbuf_free(first);
			return NULL;
		}
		m->data_off = off;
		m->data_len = end - at;
		memcpy(rte_pktmbuf_mtod(m, void *), (const uint8_t *)data + at, end - at);
		if (first) {
			last->next = m;
			first->nb_segs++;
		} else {
			first = m;
		}
		first->pkt_len = end;
		last = m;
		at = end;
	}
	return first;
}
