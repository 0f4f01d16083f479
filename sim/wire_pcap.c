// SPDX-License-Identifier: BSD-2-Clause
#include <pcap/pcap.h>
#include <stdlib.h>
#include <time.h>

#include "wire.h"

struct pcap_part {
	struct wire wire;
	pcap_t *pcap;
	pcap_dumper_t *file;
	bool dirty;
};

static bool pcap_push(struct wire *w, enum wire_dir dir, const void *frame, size_t len, bool bad)
{
	struct pcap_part *p = (struct pcap_part *)w;
	struct pcap_pkthdr h = { .caplen = len, .len = len };
	struct wire *next = w->next[dir];
	struct timespec now;

	if (!next->push(next, dir, frame, len, bad))
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	h.ts.tv_sec = now.tv_sec;
	h.ts.tv_usec = now.tv_nsec;	/* the file was opened for nanoseconds */
	pcap_dump((u_char *)p->file, &h, frame);
	p->dirty = true;
	return true;
}

/* Called before the process goes to wait, so that a reader sees all there is. */
static uint64_t pcap_poll(struct wire *w)
{
	struct pcap_part *p = (struct pcap_part *)w;

	if (p->dirty)
		pcap_dump_flush(p->file);
	p->dirty = false;
	return UINT64_MAX;
}

static void pcap_destroy(struct wire *w)
{
	struct pcap_part *p = (struct pcap_part *)w;

	if (p->file)
		pcap_dump_close(p->file);
	if (p->pcap)
		pcap_close(p->pcap);
	free(p);
}

struct wire *wire_pcap(const char *path)
{
	struct pcap_part *p = calloc(1, sizeof(*p));

	if (p)
		p->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535, PCAP_TSTAMP_PRECISION_NANO);
	if (!p || !p->pcap) {
		fprintf(stderr, "wire: out of memory\n");
		free(p);
		return NULL;
	}
	p->file = pcap_dump_open(p->pcap, path);
	if (!p->file) {
		fprintf(stderr, "capture file: %s\n", pcap_geterr(p->pcap));
		pcap_destroy(&p->wire);
		return NULL;
	}
	pcap_dump_flush(p->file);
	p->wire.push = pcap_push;
	p->wire.poll = pcap_poll;
	p->wire.destroy = pcap_destroy;
	return &p->wire;
}
