// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "faults.h"
#include "../include/uapi/linux/tlsnic.h"

static const char *const kinds[TLSNIC_SIM_DMA_KINDS] = {
	[TLSNIC_SIM_TX_DESC] = "tx-desc",
	[TLSNIC_SIM_TX_DATA] = "tx-data",
	[TLSNIC_SIM_RX_DESC] = "rx-desc",
	[TLSNIC_SIM_RX_DATA] = "rx-data",
	[TLSNIC_SIM_COMPLETION] = "completion",
};

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool faults_watch(struct faults *f, const char *path)
{
	const char *name = name_of(path);
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%.*s", (int)(name - path), path);
	f->path = path;
	f->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (f->fd >= 0 && *name &&
	    inotify_add_watch(f->fd, *dir ? dir : ".", IN_CLOSE_WRITE | IN_MOVED_TO) >= 0)
		return true;
	fprintf(stderr, "tlsnic-sim: --faults %s: %s\n", path,
		*name ? strerror(errno) : "no name of a file");
	return false;
}

void faults_end(struct faults *f)
{
	if (f->path && f->fd >= 0)
		close(f->fd);
}

/* Carries out one line. Returns false when it is wrong. */
static bool one(struct faults *f, const char *line)
{
	char word[16], junk[2];
	unsigned int n;

	if (sscanf(line, "fail %15s %u %1s", word, &n, junk) == 2) {
		for (int k = 0; k < TLSNIC_SIM_DMA_KINDS; k++) {
			if (kinds[k] && !strcmp(word, kinds[k])) {
				f->fail[k] = n;
				return true;
			}
		}
		return false;
	}
	if (sscanf(line, "seek %u %1s", &n, junk) == 1) {
		f->seeks = n;
		return true;
	}
	if (sscanf(line, "%15s %1s", word, junk) != 1)
		return false;
	if (!strcmp(word, "hold"))
		f->held = true;
	else if (!strcmp(word, "release"))
		f->held = false;
	else if (!strcmp(word, "stop"))
		f->stopped = true;
	else
		return false;
	return true;
}

static void carry_out(struct faults *f)
{
	FILE *in = fopen(f->path, "r");
	struct faults now = *f;
	char line[128];
	bool right = true;

	if (!in)
		return;
	while (right && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		right = one(&now, line);
	}
	fclose(in);
	if (!right) {
		fprintf(stderr, "tlsnic-sim: %s: '%s': expected fail KIND N, seek N, hold, release or stop; "
			"KIND is tx-desc, tx-data, rx-desc, rx-data or completion\n", f->path, line);
		return;
	}
	*f = now;
	unlink(f->path);
}

void faults_take(struct faults *f)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	const struct inotify_event *e;
	ssize_t got;

	while ((got = read(f->fd, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + got; p += sizeof(*e) + e->len) {
			e = (const struct inotify_event *)p;
			if (e->len && !strcmp(e->name, name_of(f->path)))
				carry_out(f);
		}
	}
}

bool faults_access(struct faults *f, enum tlsnic_sim_dma kind)
{
	if (!f->fail[kind])
		return false;
	f->fail[kind]--;
	return true;
}

/* A key is no seek, but where a read begins with one its bytes are all that there is to tell. */
void faults_descriptors(struct faults *f, uint64_t addr, void *buf, size_t len)
{
	uint8_t before = 0;

	for (size_t at = -addr % TLSNIC_TXD_SIZE; f->seeks && at + TLSNIC_TXD_SIZE <= len; at += TLSNIC_TXD_SIZE) {
		struct tlsnic_txd_seek *s = (void *)((uint8_t *)buf + at);

		if (before != TLSNIC_TXD_CTX_WRITE && s->op == TLSNIC_TXD_SEEK &&
		    !(s->flags & ~(TLSNIC_SEEK_TAG | TLSNIC_SEEK_CONTINUE)) && !s->reserved) {
			s->offset = 0xffff;
			f->seeks--;
		}
		before = s->op;
	}
}
