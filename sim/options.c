// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

static const char usage[] =
"usage: tlsnic-sim --socket PATH [OPTION]...\n"
"The tlsnic card, Verilated, as a vfio-user device for QEMU's vfio-user-pci.\n"
"\n"
"  --socket PATH         listen for QEMU at this UNIX socket\n"
"  --msi                 offer MSI instead of MSI-X\n"
"\n"
"The wire\n"
"  --wire none           frames go nowhere, link up (default)\n"
"  --wire stream:PATH    listen for -netdev stream or another tlsnic-sim\n"
"  --wire link:PATH      connect to the stream socket of another tlsnic-sim\n"
"  --pcap FILE           capture both directions as the card sends and gets them\n"
"  --loss, --dup, --corrupt, --reorder, --bad  [tx:|rx:]SHARE\n"
"                        share of the frames, as 0.01 or 1%; corrupt flips a bit\n"
"                        that no FCS sees, bad one that the card's MAC sees\n"
"  --delay [tx:|rx:]TIME for every frame: 500us, 20ms\n"
"\n"
"Host memory\n"
"  --latency MIN[:MAX]   cycles from a read to its data\n"
"  --read-errors SHARE, --write-errors SHARE\n"
"                        share of the transfers that fail\n"
"  --pcie FILE           every byte of packets that the card reads from the host\n"
"\n"
"  --faults FILE         faults while it runs: each time that FILE is written its lines\n"
"                        are carried out and it is removed: fail KIND N (accesses of\n"
"                        tx-desc, tx-data, rx-desc, rx-data, completion), seek N\n"
"                        (seeks that lead nowhere), hold and release (the wire),\n"
"                        stop (a dead card until the function is reset)\n"
"\n"
"  --seed N              of all that is random (default 1)\n"
"  --stats FILE          write counters at the end and on SIGUSR1; - is stdout\n"
"  --trace FILE          waveform (FST); --trace-from CYCLE and --trace-cycles N\n"
"                        choose the window, SIGUSR2 moves it to begin now\n"
"  --verbose             connections and refused messages on stderr\n";

static void fail(const char *option, const char *value, const char *want) __attribute__((noreturn));
static void fail(const char *option, const char *value, const char *want)
{
	fprintf(stderr, "tlsnic-sim: --%s '%s': expected %s\n", option, value, want);
	exit(2);
}

static uint64_t number(const char *option, const char *value)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(value, &end, 0);
	if (errno || end == value || *end || *value == '-')
		fail(option, value, "a number");
	return n;
}

/* Share of all, per million. */
static unsigned int share(const char *option, const char *whole, const char *value)
{
	char *end;
	double d = strtod(value, &end);

	if (end != value && !strcmp(end, "%")) {
		d /= 100;
		end++;
	}
	if (end == value || *end || !(d >= 0 && d <= 1))
		fail(option, whole, "a share from 0 to 1, or from 0% to 100%");
	return d * 1e6 + 0.5;
}

static uint64_t duration_ns(const char *option, const char *whole, const char *value)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	char *end;
	double d = strtod(value, &end);

	for (size_t i = 0; end != value && i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(end, units[i].name) && d >= 0 && d * units[i].ns <= 60e9)
			return d * units[i].ns;
	fail(option, whole, "a time up to 60s with its unit: ns, us, ms or s");
}

/* [tx:|rx:]VALUE: strips the direction; without one the value is for both. */
static const char *directions(const char *value, bool dirs[2])
{
	dirs[WIRE_TX] = strncmp(value, "rx:", 3);
	dirs[WIRE_RX] = strncmp(value, "tx:", 3);
	return dirs[WIRE_TX] && dirs[WIRE_RX] ? value : value + 3;
}

static void fault(struct options *o, const char *option, const char *whole, size_t member)
{
	bool dirs[2];
	const char *value = directions(whole, dirs);
	unsigned int ppm = share(option, whole, value);

	for (int d = 0; d < 2; d++)
		if (dirs[d])
			*(unsigned int *)((char *)&o->faults[d] + member) = ppm;
	o->impair = true;
}

static void delay(struct options *o, const char *option, const char *whole)
{
	bool dirs[2];
	const char *value = directions(whole, dirs);
	uint64_t ns = duration_ns(option, whole, value);

	for (int d = 0; d < 2; d++)
		if (dirs[d])
			o->faults[d].delay_ns = ns;
	o->impair = true;
}

static void latency(struct tlsnic_sim_options *card, const char *option, const char *value)
{
	unsigned int min, max;
	char junk;
	int n = sscanf(value, "%u:%u%c", &min, &max, &junk);

	if (n == 1 && !strchr(value, ':'))
		max = min;
	else if (n != 2 || max < min)
		fail(option, value, "MIN or MIN:MAX cycles");
	card->latency_min = min;
	card->latency_max = max;
}

enum {
	SOCKET, MSI, WIRE, PCAP, LOSS, DUP, CORRUPT, REORDER, BAD, DELAY, LATENCY,
	READ_ERRORS, WRITE_ERRORS, PCIE, FAULTS, SEED, STATS, TRACE, TRACE_FROM, TRACE_CYCLES, VERBOSE, HELP
};

static const struct option longs[] = {
	{ "socket", required_argument, NULL, SOCKET },
	{ "msi", no_argument, NULL, MSI },
	{ "wire", required_argument, NULL, WIRE },
	{ "pcap", required_argument, NULL, PCAP },
	{ "loss", required_argument, NULL, LOSS },
	{ "dup", required_argument, NULL, DUP },
	{ "corrupt", required_argument, NULL, CORRUPT },
	{ "reorder", required_argument, NULL, REORDER },
	{ "bad", required_argument, NULL, BAD },
	{ "delay", required_argument, NULL, DELAY },
	{ "latency", required_argument, NULL, LATENCY },
	{ "read-errors", required_argument, NULL, READ_ERRORS },
	{ "write-errors", required_argument, NULL, WRITE_ERRORS },
	{ "pcie", required_argument, NULL, PCIE },
	{ "faults", required_argument, NULL, FAULTS },
	{ "seed", required_argument, NULL, SEED },
	{ "stats", required_argument, NULL, STATS },
	{ "trace", required_argument, NULL, TRACE },
	{ "trace-from", required_argument, NULL, TRACE_FROM },
	{ "trace-cycles", required_argument, NULL, TRACE_CYCLES },
	{ "verbose", no_argument, NULL, VERBOSE },
	{ "help", no_argument, NULL, HELP },
	{ NULL, 0, NULL, 0 }
};

static void one(struct options *o, int which, const char *name, const char *value)
{
	switch (which) {
	case SOCKET: o->socket = value; break;
	case MSI: o->msi = true; break;
	case WIRE:
		if (strcmp(value, "none") && (strncmp(value, "stream:", 7) || !value[7]) &&
		    (strncmp(value, "link:", 5) || !value[5]))
			fail(name, value, "none, stream:PATH or link:PATH");
		o->wire = value;
		break;
	case PCAP: o->pcap = value; break;
	case LOSS: fault(o, name, value, offsetof(struct wire_faults, loss)); break;
	case DUP: fault(o, name, value, offsetof(struct wire_faults, dup)); break;
	case CORRUPT: fault(o, name, value, offsetof(struct wire_faults, corrupt)); break;
	case REORDER: fault(o, name, value, offsetof(struct wire_faults, reorder)); break;
	case BAD: fault(o, name, value, offsetof(struct wire_faults, bad)); break;
	case DELAY: delay(o, name, value); break;
	case LATENCY: latency(&o->card, name, value); break;
	case READ_ERRORS: o->card.read_error_ppm = share(name, value, value); break;
	case WRITE_ERRORS: o->card.write_error_ppm = share(name, value, value); break;
	case PCIE: o->pcie = value; break;
	case FAULTS: o->faults_file = value; break;
	case SEED: o->card.seed = number(name, value); break;
	case STATS: o->stats = value; break;
	case TRACE: o->card.trace_file = value; break;
	case TRACE_FROM: o->card.trace_from = number(name, value); break;
	case TRACE_CYCLES: o->card.trace_cycles = number(name, value); break;
	case VERBOSE: o->verbose = true; break;
	case HELP: fputs(usage, stdout); exit(0);
	}
}

void options_parse(struct options *o, int argc, char **argv)
{
	int c, at;

	memset(o, 0, sizeof(*o));
	o->wire = "none";
	o->card.seed = 1;
	while ((c = getopt_long(argc, argv, "", longs, &at)) != -1) {
		if (c == '?') {
			fprintf(stderr, "Try 'tlsnic-sim --help'.\n");
			exit(2);
		}
		one(o, c, longs[at].name, optarg);
	}
	if (optind < argc) {
		fprintf(stderr, "tlsnic-sim: unexpected argument '%s'\n", argv[optind]);
		exit(2);
	}
	if (!o->socket) {
		fprintf(stderr, "tlsnic-sim: --socket PATH is needed\nTry 'tlsnic-sim --help'.\n");
		exit(2);
	}
	if (!o->card.trace_file && (o->card.trace_from || o->card.trace_cycles)) {
		fprintf(stderr, "tlsnic-sim: --trace-from and --trace-cycles need --trace FILE\n");
		exit(2);
	}
}
