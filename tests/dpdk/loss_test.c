// SPDX-License-Identifier: BSD-2-Clause
//
// Connections under loss over the card, see loss.h and docs/testing.md.
//
//   --runs N             so many seeds, from 1 on; default 60
//   --from N             from this one on
//   --seed N             this one alone; so: --trace FILE --pcap FILE, waveform (FST) and capture of the wire
//     --talk             each decision

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loss.h"
#include "../common/tap.h"

static const char *const rows[TLSNIC_TLS_ROWS] = {
	"next", "first", "before the offload", "mixed", "acknowledged", "seek", "seek with a tag", "resume", "splice", "fallback",
	"unbound", "bypass",
};

static void share(const char *what, uint64_t packets, uint64_t bytes, const struct loss_counts *s)
{
	printf("# %-36s %9llu packets %5.1f %%  %11llu bytes %5.1f %%\n", what, (unsigned long long)packets,
	       100.0 * packets / (s->packets ? s->packets : 1), (unsigned long long)bytes, 100.0 * bytes / (s->bytes ? s->bytes : 1));
}

static void report(const struct loss_counts *s)
{
	printf("# %llu runs, %llu cycles; %llu packets came to the driver, %llu frames left, %llu were lost, "
	       "%llu packets dropped before the card\n",
	       (unsigned long long)s->runs, (unsigned long long)s->cycles, (unsigned long long)s->packets, (unsigned long long)s->frames,
	       (unsigned long long)s->lost, (unsigned long long)s->dropped);
	share("in sequence", s->sequence.packets, s->sequence.bytes, s);
	share("seek", s->seek.packets, s->seek.bytes, s);
	share("seek with a tag", s->tag.packets, s->tag.bytes, s);
	share("seek, and the context goes on", s->go_on.packets, s->go_on.bytes, s);
	share("software (bytes: of splices too)", s->software.packets, s->software.bytes, s);
	share("other", s->other.packets, s->other.bytes, s);
	printf("# sent again: %llu packets, of which %llu by a seek (%.1f %%); %llu spliced; contexts written: %llu\n",
	       (unsigned long long)s->resent, (unsigned long long)s->resent_seek, 100.0 * s->resent_seek / (s->resent ? s->resent : 1),
	       (unsigned long long)s->spliced, (unsigned long long)s->contexts);
	printf("# tags returned: %llu, used: %llu; the stack was asked %llu times\n", (unsigned long long)s->tags,
	       (unsigned long long)s->tags_used, (unsigned long long)s->asked);
	for (int i = 0; i < TLSNIC_TLS_ROWS; i++)
		printf("# row %-20s %9llu\n", rows[i], (unsigned long long)s->rows[i]);
}

/* Every row of the driver's table was taken. */
static void all_rows(const struct loss_counts *s, bool seek)
{
	for (int i = 0; i < TLSNIC_TLS_ROWS; i++) {
		if (!seek && (i == TLSNIC_TLS_ROW_SEEK || i == TLSNIC_TLS_ROW_TAG || i == TLSNIC_TLS_ROW_SPLICE))
			continue;
		if (!s->rows[i])
			tap_fail("row \"%s\" of the driver's table was never taken", rows[i]);
	}
}

int main(int argc, char **argv)
{
	uint64_t from = 1, runs = 60, seed = 0;
	struct loss_options o = { 0 };
	struct loss_counts sum = { 0 };
	char err[200], error[400];
	struct nic *n;
	bool seek;

	tap.program = argv[0];
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(argv[i], "--talk")) {
			o.talk = true;
		} else if (next && !strcmp(argv[i], "--runs")) {
			runs = strtoull(argv[++i], NULL, 0);
		} else if (next && !strcmp(argv[i], "--from")) {
			from = strtoull(argv[++i], NULL, 0);
		} else if (next && !strcmp(argv[i], "--seed")) {
			seed = strtoull(argv[++i], NULL, 0);
		} else if (next && !strcmp(argv[i], "--trace")) {
			o.trace = argv[++i];
		} else if (next && !strcmp(argv[i], "--pcap")) {
			o.pcap = argv[++i];
		} else {
			fprintf(stderr, "%s: unknown argument '%s' (see tests/dpdk/loss_test.c)\n", argv[0], argv[i]);
			return 2;
		}
	}
	if (seed) {
		from = seed;
		runs = 1;
	}
	if (env_start(NULL) || ref_start() || ref_check(1, err, sizeof(err))) {
		printf("Bail out! no DPDK, or the references differ\n");
		return 1;
	}
	n = nic_create(NULL, NULL);
	seek = n && n->features & TLSNIC_FEAT_TLS_SEEK;
	if (n)
		nic_destroy(n);
	for (uint64_t s = from; s < from + runs; s++) {
		char name[32];

		if (!loss_run(s, &o, &sum, error)) {
			printf("# %s\n# alone, with waveform and capture: %s --seed %llu --trace wave.fst --pcap wave.pcap\n", error,
			       tap.program, (unsigned long long)s);
			tap.failed++;
		}
		snprintf(name, sizeof(name), "seed %llu", (unsigned long long)s);
		tap.count++;
		printf("%s %d - %s\n", *error ? "not ok" : "ok", tap.count, name);
	}
	if (!seed && runs >= 60) {
		all_rows(&sum, seek);
		tap.failed += tap.failures != 0;
		tap.count++;
		printf("%s %d - every row of the driver's table\n", tap.failures ? "not ok" : "ok", tap.count);
	}
	report(&sum);
	return tap_end();
}
