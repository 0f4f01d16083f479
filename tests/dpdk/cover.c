// SPDX-License-Identifier: BSD-2-Clause
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cover.h"
#include "plan.h"

#define MAX_LISTS	4

/* Names of a list, or numbers from 0 on. */
struct list {
	const char *const *names;
	unsigned int n;
};

struct group {
	const char *name;
	struct list list[MAX_LISTS];
};

#define LIST(...)	{ (const char *const []){ __VA_ARGS__ }, sizeof((const char *const []){ __VA_ARGS__ }) / sizeof(char *) }
#define NUMBERS(n)	{ NULL, n }

#define VERSIONS	LIST("TLS 1.2", "TLS 1.3")
#define CIPHERS		LIST("AES-128", "AES-256")
#define KINDS		LIST("plain", "TLS")
#define GOES_ON		LIST("stays", "goes on")
#define LENGTHS		LIST("14-59", "60", "61-64", "65-127", "128-255", "256-511", "512-1023", "1024-1518", "1519-4095", "4096-9215", "9216+")

static const char *const cuts[CUTS] = {
	"record's end", "header 1", "header 2", "header 3", "header 4",
	"nonce 0", "nonce 1", "nonce 2", "nonce 3", "nonce 4", "nonce 5", "nonce 6", "nonce 7",
	"before the first block", "block byte 1", "block byte 2", "block byte 3", "block byte 4", "block byte 5", "block byte 6",
	"block byte 7", "block byte 8", "block byte 9", "block byte 10", "block byte 11", "block byte 12", "block byte 13",
	"block byte 14", "block byte 15", "between blocks",
	"tag 0", "tag 1", "tag 2", "tag 3", "tag 4", "tag 5", "tag 6", "tag 7", "tag 8", "tag 9", "tag 10", "tag 11", "tag 12",
	"tag 13", "tag 14", "tag 15",
};

static const struct group groups[COVER_GROUPS] = {
	[COVER_CUT] = { "packet ends in a record at", { VERSIONS, CIPHERS, { cuts, CUTS } } },
	[COVER_TWICE] = { "packet begins and ends inside one", { VERSIONS, LIST("header", "nonce", "block", "tag") } },
	[COVER_RECORDS] = { "records completed by a packet", { VERSIONS, LIST("0", "1", "2", "3-8", "9-32", "33+") } },
	[COVER_SIZE] = { "content of a record", { VERSIONS, CIPHERS, LIST("0", "1", "2-15", "16", "17-63", "64", "65-1023", "1024",
		"1025-16383", "16384", "16385-32767", "32768+", "the most") } },
	[COVER_ALIGN] = { "record begins in the frame at byte, modulo 64", { NUMBERS(64) } },
	[COVER_TYPE] = { "type of a record after the one before", { VERSIONS, LIST("same", "other"), LIST("whole header", "cut header") } },
	[COVER_STATUS] = { "status of an item", { LIST("packet", "TLS packet", "context write", "context delete"),
		LIST("OK", "DMA", "DESC", "TLS_CTX", "TLS_SEQ", "TLS_RECORD", "TLS_BROKEN", "TLS_SEEK"), LIST("quiet", "COMPLETE") } },
	[COVER_STATE] = { "context before it is changed", { LIST("written", "deleted"),
		LIST("not valid", "as written", "between records", "in a header", "in a body", "in a tag", "broken") } },
	[COVER_ORDER] = { "order of a TLS packet", { LIST("next", "behind", "ahead", "one less", "one more", "half of 2^32 off",
		"another's context", "never written", "deleted", "out of range", "no stream bytes", "next after a failed read",
		"next after a refusal", "taken up at a boundary", "taken up inside", "encrypted by the host") } },
	[COVER_NEIGHBOUR] = { "before a TLS packet on its queue", { LIST("TLS, same context", "TLS, other context", "plain",
		"context write, same", "context write, other", "context delete"), LIST("up to 64 bytes", "more") } },
	[COVER_SEQ_WRAP] = { "sequence number passes 2^32", { VERSIONS, LIST("in a header", "in a body", "in a tag", "behind the packet") } },
	[COVER_CARRY] = { "carry of a number, bytes", { LIST("record number, TLS 1.2", "explicit nonce, TLS 1.2", "record number, TLS 1.3"),
		LIST("1", "2", "3", "4", "5", "6", "7", "to 0") } },
	[COVER_MALFORMED] = { "malformed slots", { { plan_bad_names, BADS } } },
	[COVER_RECORD_WRONG] = { "malformed record", { VERSIONS, LIST("major version", "minor version", "length", "first nonce byte",
		"middle nonce byte", "last nonce byte"), LIST("whole header", "cut header") } },
	[COVER_PACKET] = { "packet", { KINDS, LIST("IPv4", "IPv6", "other"), LIST("untagged", "VLAN"), LIST("no sum", "sum") } },
	[COVER_LENGTH] = { "length of a packet", { KINDS, LENGTHS } },
	[COVER_CSUM] = { "checksum", { LIST("TCP", "UDP", "elsewhere"), LIST("even start", "odd start"), LIST("even length", "odd length"),
		LIST("other", "0") } },
	[COVER_CSUM_END] = { "summed packet's length, modulo 64", { KINDS, NUMBERS(64) } },
	[COVER_SEGS] = { "segments", { KINDS, LIST("1", "2", "3-7", "8-15", "16-31", "32") } },
	[COVER_SEG_LEN] = { "length of a segment", { LIST("1", "2-15", "16", "17-63", "64", "65-511", "512-2047", "2048+"),
		LIST("inside a page", "over its end") } },
	[COVER_SEG_ALIGN] = { "segment's address, modulo 64", { NUMBERS(64) } },
	[COVER_RING] = { "ring's log2", { LIST("TX", "RX", "completions"),
		LIST("6", "7", "8", "9", "10", "11", "12", "13", "14", "15") } },
	[COVER_WRAP] = { "ring passes", { LIST("TX end, between items", "TX end, inside a packet", "TX end, before a key",
		"TX index 2^16", "RX end, between frames", "RX end, inside a frame", "RX index 2^16", "completions' end",
		"completions' index 2^16") } },
	[COVER_DOORBELL] = { "doorbell, modulo 8", { NUMBERS(8), LIST("1 slot", "2-7", "8-31", "32+") } },
	[COVER_BUS] = { "host memory", { LIST("at once", "to 50 cycles", "to 400", "over 400"), LIST("in order", "reordered", "interleaved", "both") } },
	[COVER_STALL] = { "stalls", { LIST("none", "to 5 %", "to 15 %", "more") } },
	[COVER_FAULT] = { "failed access", { LIST("first segment", "a middle segment", "last segment", "TX slots", "RX entries",
		"RX data", "completion") , LIST("chosen", "by chance") } },
	[COVER_EVENT] = { "event", { LIST("queue off, idle", "queue off, items in flight", "reset, idle", "reset, items in flight", "wire held",
		"wire held by a full card", "TX ring full", "completion ring full", "halted by a slot", "halted by a failed read",
		"frames both ways at once", "all queues at once", "TX doorbell beyond the ring", "RX doorbell beyond the ring",
		"completions taken that are none", "link down and up", "function reset, idle", "function reset, items in flight",
		"loopback on, at rest", "loopback on, in traffic", "loopback off, at rest", "loopback off, in traffic",
		"reset in loopback", "function reset in loopback", "frame from the wire in loopback") } },
	[COVER_RX] = { "frame from the wire", { { plan_rx_names, RX_KINDS }, LIST("delivered", "bad", "filtered", "too long", "not enabled") } },
	[COVER_RX_HASH] = { "hash", { LIST("none", "IPv4", "TCP over IPv4", "UDP over IPv4", "IPv6", "TCP over IPv6", "UDP over IPv6") } },
	[COVER_RX_BUFFERS] = { "buffers of a frame", { LIST("1", "2", "3-8", "9-32", "33+", "too few"), LIST("64", "128-512", "1024+") } },
	[COVER_RX_LENGTH] = { "length of a delivered frame", { LENGTHS } },
	[COVER_RX_VLAN] = { "tag of a delivered frame", { LIST("none", "kept", "stripped"), LIST("IPv4", "IPv6", "other") } },
	[COVER_FILTER] = { "filter", { LIST("promiscuous", "own", "broadcast", "multicast hit", "multicast miss", "all multicast", "stranger") } },
	[COVER_IRQ] = { "interrupt", { LIST("at once", "after a while", "of an error"), LIST("not moderated", "by time", "by time or count") } },
	[COVER_MODERATE] = { "moderation is written", { LIST("nothing waits", "completions wait"), LIST("fewer cycles", "more", "as many"),
		LIST("no count", "a count") } },
	[COVER_CONNS] = { "connections open at once", { LIST("1-7", "8-63", "64-255", "256-999", "1000+"), LIST("one queue", "more") } },
	[COVER_SEEK] = { "seek to", { VERSIONS, LIST("record's start", "header", "nonce", "first payload byte", "inside a block",
		"between blocks", "tag"), LIST("no tag", "tag"), GOES_ON } },
	[COVER_SEEK_END] = { "packet with a seek ends", { VERSIONS, LIST("in the record's payload", "in its tag", "at a record's end",
		"in the next header", "in a later payload or tag", "in its header"), GOES_ON } },
	[COVER_SEEK_STATE] = { "context at a seek", { LIST("as written", "between records", "in a header", "in a body", "in a tag",
		"broken"), GOES_ON } },
	[COVER_SEEK_WAY] = { "seek", { VERSIONS, LIST("back", "in the same record", "ahead"), GOES_ON } },
	[COVER_SEEK_NEXT] = { "after a seek, same context", { GOES_ON, LIST("next bytes", "seek", "seek that goes on") } },
	[COVER_SEEK_REFUSED] = { "seek refused", { LIST("read failed", "malformed header", "place behind the record", "record too short",
		"tag missing", "nothing to go on from"), GOES_ON } },
	[COVER_TAG] = { "tag of a record", { VERSIONS, LIST("cut by packets", "cut by frames", "not cut, by its length",
		"completed in a seek") } },
	[COVER_LOOP] = { "frame in loopback", { KINDS, LIST("whole", "of a packet that is cut"), LIST("delivered", "filtered", "too long",
		"not enabled", "no buffer") } },
	[COVER_TSO] = { "packet cut into frames", { KINDS, LIST("IPv4", "IPv6"), LIST("1", "2", "3-8", "9-32", "33+") } },
	[COVER_TSO_MSS] = { "mss", { KINDS, LIST("64-87", "88", "89-535", "536-1447", "1448", "1449-8947", "8948+"),
		LIST("short last frame", "all full") } },
	[COVER_TSO_FLAGS] = { "flags of a packet that is cut", { LIST("", "FIN"), LIST("", "PSH"), LIST("", "CWR"), LIST("one frame", "more") } },
	[COVER_TSO_FAIL] = { "packet that is cut fails", { LIST("OK", "DMA", "DESC", "TLS_CTX", "TLS_SEQ", "TLS_RECORD", "TLS_BROKEN",
		"TLS_SEEK") } },
};

/* What cannot be, with the reason. */
static bool excluded(enum cover_group g, const unsigned int *i)
{
	switch (g) {
	case COVER_CUT:		/* TLS 1.3 has no explicit nonce */
		return i[0] == 1 && i[2] >= CUT_NONCE && i[2] < CUT_BODY;
	case COVER_TWICE:
		return i[0] == 1 && i[1] == 1;
	case COVER_TYPE:	/* the outer type of TLS 1.3 is always application data */
		return i[0] == 1 && i[1] == 1;
	case COVER_NEIGHBOUR:	/* context items have no bytes */
		return i[0] > 2 && i[1] == 1;
	case COVER_RECORD_WRONG:
		return i[0] == 1 && i[1] >= 3;
	case COVER_STATUS:	/* statuses of TLS belong to TLS; memory of a context is its slots, whose loss halts the queue */
		return (i[0] == 0 && i[1] > 2) || (i[0] > 1 && (i[1] == 1 || i[1] > 3));
	case COVER_PACKET:	/* a TLS packet is TCP over IP */
		return i[0] == 1 && i[1] == 2;
	case COVER_CSUM:	/* TCP and UDP headers lie on even bytes; the sum 0 of others and of TCP stays 0 and is made for UDP only */
		return (i[0] < 2 && i[1] == 1) || (i[0] != 1 && i[3] == 1);
	case COVER_SEG_LEN:	/* one byte lies in one page */
		return i[0] == 0 && i[1] == 1;
	case COVER_RING:	/* TX and RX rings have at most 2^12 entries */
		return i[0] < 2 && i[1] > 6;
	case COVER_FAULT:	/* what makes a ring stop is chosen, so that it is known when */
		return (i[0] == 3 || i[0] == 4 || i[0] == 6) && i[1] == 1;
	case COVER_RX:
		/* runts and damaged frames are bad; only kinds with another address are filtered (or noise); what is short cannot be long */
		switch (i[1]) {
		case 0: return i[0] == RX_RUNT;
		case 1: return false;
		case 2: return i[0] != RX_STRANGER && i[0] != RX_MCAST && i[0] != RX_NOISE;
		case 3: return i[0] != RX_RAW && i[0] != RX_TCP && i[0] != RX_UDP && i[0] != RX_NOISE;
		default: return i[0] > RX_UDP;
		}
	case COVER_RX_BUFFERS:	/* 9216 bytes fill at most 9 buffers of 1024, 72 of 128, and two of 128 hold few */
		return (i[1] == 2 && i[0] == 4) || (i[1] == 2 && i[0] == 3);
	case COVER_SEEK:
		/* no explicit nonce with TLS 1.3; a tag needs the slot's; to go on, the record has to end first */
		return (i[0] == 1 && i[1] == 2) || (i[1] == 6 && !i[2]) || (i[1] >= 3 && i[3] && !i[2]);
	case COVER_SEEK_REFUSED: /* what does not go on needs nothing for that */
		return i[0] == 5 && !i[1];
	case COVER_TSO_FAIL:	/* refused by its descriptor, or not at all */
		return i[0] == 0 || i[0] == 2;
	case COVER_IRQ:		/* errors are not moderated */
		return i[0] == 2 && i[1] > 0;
	default:
		return false;
	}
}

static unsigned int bins(const struct group *g)
{
	unsigned int n = 1;

	for (int i = 0; i < MAX_LISTS; i++)
		n *= g->list[i].n ? g->list[i].n : 1;
	return n;
}

static void places(const struct group *g, unsigned int bin, unsigned int *at)
{
	for (int i = MAX_LISTS; i--;) {
		unsigned int n = g->list[i].n ? g->list[i].n : 1;

		at[i] = bin % n;
		bin /= n;
	}
}

static void name_bin(const struct group *g, const unsigned int *at, char *name, size_t len)
{
	size_t used = 0;

	for (int i = 0; i < MAX_LISTS && g->list[i].n; i++) {
		const char *comma = i ? ", " : "";

		if (g->list[i].names)
			used += snprintf(name + used, len - used, "%s%s", comma, g->list[i].names[at[i]]);
		else
			used += snprintf(name + used, len - used, "%s%u", comma, at[i]);
		if (used >= len)
			return;
	}
}

void cover_init(struct cover *c)
{
	for (int g = 0; g < COVER_GROUPS; g++) {
		c->count[g] = calloc(bins(&groups[g]), sizeof(uint64_t));
		if (!c->count[g])
			abort();
	}
}

void cover_free(struct cover *c)
{
	for (int g = 0; g < COVER_GROUPS; g++)
		free(c->count[g]);
}

void cover_add(struct cover *to, const struct cover *from)
{
	for (int g = 0; g < COVER_GROUPS; g++)
		for (unsigned int b = 0; b < bins(&groups[g]); b++)
			to->count[g][b] += from->count[g][b];
}

void cover_hit(struct cover *c, enum cover_group g, ...)
{
	unsigned int bin = 0;
	va_list ap;

	if (!c)
		return;
	va_start(ap, g);
	for (int i = 0; i < MAX_LISTS && groups[g].list[i].n; i++) {
		unsigned int at = va_arg(ap, unsigned int);

		if (at >= groups[g].list[i].n)
			at = groups[g].list[i].n - 1;
		bin = bin * groups[g].list[i].n + at;
	}
	va_end(ap);
	c->count[g][bin]++;
}

unsigned int cover_class(uint64_t v, const uint32_t *limits, unsigned int n)
{
	unsigned int i = 0;

	while (i < n && v >= limits[i])
		i++;
	return i;
}

unsigned int cover_length(uint32_t len)
{
	static const uint32_t limits[] = { 60, 61, 65, 128, 256, 512, 1024, 1519, 4096, 9216 };

	return cover_class(len, limits, 10);
}

unsigned int cover_few(uint32_t n)
{
	static const uint32_t limits[] = { 1, 2, 3, 9, 33 };

	return cover_class(n, limits, 5);
}

int cover_read(struct cover *c, const char *file)
{
	static char line[400], name[200];
	FILE *f = fopen(file, "r");
	unsigned int at[MAX_LISTS];

	if (!f)
		return 0;
	for (int g = 0, bin = 0; fgets(line, sizeof(line), f);) {
		char *tab = strchr(line, '\t'), *last = strrchr(line, '\t');
		int tries = 0;

		if (!tab || tab == last) {
			fprintf(stderr, "%s: not a file of coverage: %s", file, line);
			fclose(f);
			return -1;
		}
		*tab = *last = 0;
		/* the order is that of writing, so the search goes on where it was */
		for (; tries < 100000; tries++) {
			if (g < COVER_GROUPS && !strcmp(groups[g].name, line) && bin < (int)bins(&groups[g])) {
				places(&groups[g], bin, at);
				name_bin(&groups[g], at, name, sizeof(name));
				if (!strcmp(name, tab + 1))
					break;
				bin++;
			} else {
				bin = 0;
				g = (g + 1) % (COVER_GROUPS + 1);
			}
		}
		/* a bin that is no more is forgotten */
		if (tries < 100000)
			c->count[g][bin] += strtoull(last + 1, NULL, 10);
	}
	fclose(f);
	return 0;
}

int cover_write(const struct cover *c, const char *file)
{
	FILE *f = fopen(file, "w");
	char name[200];
	unsigned int at[MAX_LISTS];

	if (!f) {
		perror(file);
		return -1;
	}
	for (int g = 0; g < COVER_GROUPS; g++)
		for (unsigned int b = 0; b < bins(&groups[g]); b++)
			if (c->count[g][b]) {
				places(&groups[g], b, at);
				name_bin(&groups[g], at, name, sizeof(name));
				fprintf(f, "%s\t%s\t%llu\n", groups[g].name, name, (unsigned long long)c->count[g][b]);
			}
	if (fclose(f)) {
		perror(file);
		return -1;
	}
	return 0;
}

unsigned int cover_report(const struct cover *c, const char *prefix, FILE *out)
{
	unsigned int missing = 0, all = 0, at[MAX_LISTS];
	char name[200];

	for (int g = 0; g < COVER_GROUPS; g++) {
		unsigned int n = 0, hit = 0;

		for (unsigned int b = 0; b < bins(&groups[g]); b++) {
			places(&groups[g], b, at);
			if (excluded(g, at))
				continue;
			n++;
			hit += c->count[g][b] != 0;
		}
		fprintf(out, "%s%4u of %4u  %s\n", prefix, hit, n, groups[g].name);
		for (unsigned int b = 0; hit < n && b < bins(&groups[g]); b++) {
			places(&groups[g], b, at);
			if (excluded(g, at) || c->count[g][b])
				continue;
			name_bin(&groups[g], at, name, sizeof(name));
			fprintf(out, "%s              never: %s\n", prefix, name);
		}
		missing += n - hit;
		all += n;
	}
	fprintf(out, "%s%4u of %4u  bins of %d groups\n", prefix, all - missing, all, COVER_GROUPS);
	return missing;
}
