// SPDX-License-Identifier: BSD-2-Clause
//
// Faults on demand: what is written to the file, and what it does to accesses.

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../include/uapi/linux/tlsnic.h"
#include "../../sim/faults.h"
#include "../common/tap.h"

static char dir[32] = "/tmp/tlsnic-faults.XXXXXX";
static char path[64];

/* Writes the file and has it taken. Returns whether it is gone. */
static bool order(struct faults *f, const char *text)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };
	FILE *out = fopen(path, "w");

	fputs(text, out);
	fclose(out);
	tap_u64("readable", poll(&p, 1, 10000), 1);
	faults_take(f);
	return access(path, F_OK);
}

static void accesses(void)
{
	struct faults f = { .fd = -1 };

	tap_u64("watch", faults_watch(&f, path), 1);
	tap_u64("taken", order(&f, "fail tx-data 2\nfail completion 1\n"), 1);
	tap_u64("another kind", faults_access(&f, TLSNIC_SIM_TX_DESC), 0);
	tap_u64("the first", faults_access(&f, TLSNIC_SIM_TX_DATA), 1);
	tap_u64("the second", faults_access(&f, TLSNIC_SIM_TX_DATA), 1);
	tap_u64("the third", faults_access(&f, TLSNIC_SIM_TX_DATA), 0);
	tap_u64("a completion", faults_access(&f, TLSNIC_SIM_COMPLETION), 1);
	tap_u64("taken", order(&f, "fail rx-data 5\nfail rx-desc 5\nfail tx-desc 1\n"), 1);
	tap_u64("taken", order(&f, "fail rx-data 0\n"), 1);
	tap_u64("taken back", faults_access(&f, TLSNIC_SIM_RX_DATA), 0);
	tap_u64("the other not", faults_access(&f, TLSNIC_SIM_RX_DESC), 1);
	tap_u64("taken", order(&f, "hold\n"), 1);
	tap_u64("held", f.held, 1);
	tap_u64("taken", order(&f, "release\nstop"), 1);
	tap_u64("released", f.held, 0);
	tap_u64("stopped", f.stopped, 1);
	faults_end(&f);
}

static void wrong(void)
{
	static const char *const texts[] = {
		"fail\n", "fail tx-data\n", "fail what 1\n", "fail tx-data 1 2\n", "seek\n", "seek x\n",
		"hold 1\n", "halt\n", "\n", "seek 5\nhalt\n",
	};
	struct faults f = { .fd = -1 };

	tap_u64("no such folder", faults_watch(&f, "/nonexistent/faults"), 0);
	faults_end(&f);
	tap_u64("no name", faults_watch(&f, "/tmp/"), 0);
	faults_end(&f);
	tap_u64("watch", faults_watch(&f, path), 1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (order(&f, texts[i]) || f.seeks || f.held || f.stopped)
			tap_fail("'%s': expected the file to stay and no fault", texts[i]);
	faults_end(&f);
	unlink(path);
}

/* Four slots, the last three after a context: which of them is changed. */
static void seeks(void)
{
	union {
		struct tlsnic_txd_seek seek;
		uint8_t bytes[TLSNIC_TXD_SIZE];
	} ring[4] = { { .bytes = { 0 } } };
	struct faults f = { .fd = -1, .seeks = 9 };

	ring[0].seek = (struct tlsnic_txd_seek){ .op = TLSNIC_TXD_SEEK, .flags = TLSNIC_SEEK_TAG, .offset = 100 };
	ring[1].bytes[0] = TLSNIC_TXD_CTX_WRITE;
	ring[2].seek = ring[0].seek;		/* a key */
	ring[3].seek = ring[0].seek;
	faults_descriptors(&f, 0x1000, ring, sizeof(ring));
	tap_u64("a seek", ring[0].seek.offset, 0xffff);
	tap_u64("a context", ring[1].seek.offset, 0);
	tap_u64("a key", ring[2].seek.offset, 100);
	tap_u64("a seek behind it", ring[3].seek.offset, 0xffff);
	tap_u64("left", f.seeks, 7);
	ring[0].seek.offset = ring[2].seek.offset = ring[3].seek.offset = 100;
	f.seeks = 1;
	faults_descriptors(&f, 0x1010, &ring[0].bytes[16], sizeof(ring) - 16);
	tap_u64("a read from the middle of a slot", ring[0].seek.offset, 100);
	tap_u64("the last seek", ring[3].seek.offset, 0xffff);
	tap_u64("left", f.seeks, 0);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/faults", dir);
	TAP_RUN("accesses", accesses());
	TAP_RUN("wrong lines", wrong());
	TAP_RUN("seeks", seeks());
	rmdir(dir);
	return tap_end();
}
