/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP output for test programs in C and C++.
 *
 * Options that every program takes: --seed N, --case NAME (run that one
 * alone), --trace FILE (waveform, where the program has a model to trace).
 * A test is a function that returns void and reports through tap_fail();
 * TAP_RUN(name, call) runs it and prints its line.
 */
#ifndef TLSNIC_TAP_H
#define TLSNIC_TAP_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tap {
	const char *program;
	const char *only;	/* --case, or NULL */
	const char *trace;	/* --trace, or NULL */
	uint64_t seed;		/* --seed */
	int count;
	int failed;		/* tests */
	int failures;		/* of the running test */
};

/* One for the program, however many of its sources include this. */
__attribute__((weak)) struct tap tap = { "", NULL, NULL, 1, 0, 0, 0 };

static inline void tap_begin(int argc, char **argv)
{
	tap.program = argv[0];
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--seed") && i + 1 < argc) {
			tap.seed = strtoull(argv[++i], NULL, 0);
		} else if (!strcmp(argv[i], "--case") && i + 1 < argc) {
			tap.only = argv[++i];
		} else if (!strcmp(argv[i], "--trace") && i + 1 < argc) {
			tap.trace = argv[++i];
		} else {
			fprintf(stderr, "%s: unknown argument '%s' (--seed N, --case NAME, --trace FILE)\n",
				argv[0], argv[i]);
			exit(2);
		}
	}
}

static inline int tap_wanted(const char *name)
{
	return !tap.only || !strcmp(tap.only, name);
}

/* Reports a difference in the running test; the first few are printed. */
static inline void __attribute__((format(printf, 1, 2))) tap_fail(const char *fmt, ...)
{
	va_list ap;

	if (tap.failures++ >= 8)
		return;
	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/* Compares n bytes and reports the first difference with its offset. */
static inline void tap_bytes(const char *what, const void *got, const void *want, size_t n)
{
	const uint8_t *g = (const uint8_t *)got, *w = (const uint8_t *)want;

	for (size_t i = 0; i < n; i++) {
		if (g[i] != w[i]) {
			tap_fail("%s: byte %zu of %zu: expected %02x, got %02x", what, i, n, w[i], g[i]);
			return;
		}
	}
}

static inline void tap_u64(const char *what, uint64_t got, uint64_t want)
{
	if (got != want)
		tap_fail("%s: expected %llu (0x%llx), got %llu (0x%llx)", what,
			 (unsigned long long)want, (unsigned long long)want,
			 (unsigned long long)got, (unsigned long long)got);
}

static inline void tap_result(const char *name)
{
	tap.count++;
	if (tap.failures) {
		tap.failed++;
		printf("not ok %d - %s\n", tap.count, name);
		printf("# alone, with a waveform: %s --seed %llu --case '%s' --trace wave.fst\n",
		       tap.program, (unsigned long long)tap.seed, name);
	} else {
		printf("ok %d - %s\n", tap.count, name);
	}
	tap.failures = 0;
}

#define TAP_RUN(name, call)			\
	do {					\
		if (tap_wanted(name)) {		\
			call;			\
			tap_result(name);	\
		}				\
	} while (0)

/* Ends the program: prints the plan; returns the exit code. */
static inline int tap_end(void)
{
	if (!tap.count)
		printf("# no test named '%s'\n", tap.only ? tap.only : "");
	printf("1..%d\n", tap.count);
	return tap.failed || !tap.count;
}

#endif /* TLSNIC_TAP_H */
