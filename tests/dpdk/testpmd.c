// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "env.h"
#include "testpmd.h"

/* Takes what it prints until that holds text (NULL: until it ends), or till the clock says end. */
static bool listen_to(struct testpmd *t, const char *text, time_t end)
{
	struct pollfd p = { .fd = t->out, .events = POLLIN };

	while (!text || !strstr(t->output, text)) {
		ssize_t n;

		if (time(NULL) > end || poll(&p, 1, 1000) < 0)
			return false;
		if (!p.revents)
			continue;
		n = read(t->out, t->output + t->len, sizeof(t->output) - 1 - t->len);
		if (n <= 0)
			return !text && n == 0;
		t->len += n;
	}
	return true;
}

int testpmd_start(struct testpmd *t, const char *socket, const char *mode, unsigned int limit)
{
	char lcores[1024], prefix[64], vdev[160], forward[64];
	const char *const argv[] = {
		"dpdk-testpmd", "--no-huge", "-m", "256", "--no-pci", "--no-telemetry", "--no-shconf", "--iova-mode=va",
		lcores, "--log-level=*:error", prefix, vdev, "--", forward, "--auto-start",
		"--port-topology=loop", "--nb-cores=1", "--total-num-mbufs=4096",
		/* or it throws away what has come before it is ready */
		"--no-flush-rx", NULL
	};
	int in[2], out[2];

	memset(t, 0, sizeof(*t));
	signal(SIGPIPE, SIG_IGN);	/* it may end before us; that shows in its counts */
	snprintf(prefix, sizeof(prefix), "--file-prefix=testpmd-%d", (int)getpid());
	env_lcores(lcores, sizeof(lcores), "(0,1)");
	snprintf(vdev, sizeof(vdev), "--vdev=net_memif0,role=server,id=0,socket=%s,socket-abstract=yes", socket);
	snprintf(forward, sizeof(forward), "--forward-mode=%s", mode);
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
		perror("testpmd: pipe");
		return -1;
	}
	t->pid = fork();
	if (!t->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execvp(argv[0], (char **)argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	t->in = in[1];
	t->out = out[0];
	if (t->pid < 0) {
		perror("testpmd: fork");
		return -1;
	}
	/* what it says, and flushes, once its ports have started */
	if (listen_to(t, "Checking link statuses", time(NULL) + limit))
		return 0;
	fprintf(stderr, "testpmd: its port does not start\n");
	return -1;
}

static uint64_t count(const char *text, const char *name)
{
	const char *at = NULL, *next = text;

	/* the last: sums over all ports come after those of each */
	while ((next = strstr(next, name)) != NULL)
		at = next += strlen(name);
	return at ? strtoull(at, NULL, 10) : UINT64_MAX;
}

int testpmd_stop(struct testpmd *t, unsigned int limit, uint64_t *rx, uint64_t *tx)
{
	bool ended;
	int status;

	/* Enter, and the end of its input */
	if (write(t->in, "\n", 1) != 1)
		fprintf(stderr, "testpmd: does not read\n");
	close(t->in);
	ended = listen_to(t, NULL, time(NULL) + limit);
	close(t->out);
	if (!ended)
		kill(t->pid, SIGKILL);
	if (waitpid(t->pid, &status, 0) != t->pid)
		return -1;
	*rx = count(t->output, "RX-packets:");
	*tx = count(t->output, "TX-packets:");
	return status || *rx == UINT64_MAX || *tx == UINT64_MAX ? -1 : 0;
}
