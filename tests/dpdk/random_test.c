// SPDX-License-Identifier: BSD-2-Clause
//
// The card under plans of chance: see docs/testing.md.
//
//   without arguments          the fixed set of runs, as TAP
//   --case 'PROFILE SEED'      one of it, as TAP; so: --trace FILE --pcap FILE
//   --profile NAME --seed N    any run; shrinks it if it fails
//   --plan FILE                a plan from a file
//     --print                  the plan instead of running it
//     --talk                   each step as it is carried out
//     --trace FILE --pcap FILE waveform (FST) and capture of the wire
//     --cover FILE             coverage is added to this file
//     --no-shrink              a failing plan is left as it is
//     --out DIR                where plans that fail are kept
//   --merge OUT FILE...        adds files of coverage up
//   --report FILE...           what was covered, and what never; --strict: fails unless all was
//   --profiles                 their names
//   --list                     the fixed set, a line for each run: PROFILE SEED
//
// Every run is a process of its own: nothing of one run is left in the next, a run that crashes
// is a failure like any other, and so is one that is not over after --limit SECONDS.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env.h"
#include "ref.h"
#include "run.h"
#include "shrink.h"
#include "../common/tap.h"

#define LIMIT		240	/* seconds for a run */
#define SHRINK_SECONDS	120
#define SHRINK_TRIES	400

static struct args {
	const char *profile, *plan, *trace, *pcap, *cover, *only, *out;
	uint64_t seed;
	bool print, talk, no_shrink, strict;
	unsigned int limit;
} args = { .out = "build/tests/dpdk/failed", .seed = 1, .limit = LIMIT };

static const char *self;	/* as it was called */

/* Exit code of --plan FILE --no-shrink when the monitor of the wire made the run fail. */
#define EXIT_MONITOR	5

// ---- a run in this process -------------------------------------------------------

static bool reference_ok(void)
{
	char err[200];

	if (env_start(NULL) || ref_start())
		return false;
	/* a plan that is tried again and again when it is shrunk has been begun with this */
	if ((args.plan && args.no_shrink) || !ref_check(1, err, sizeof(err)))
		return true;
	fprintf(stderr, "the references differ: %s\n", err);
	return false;
}

static void report_run(const struct plan *p, const struct run_result *r)
{
	printf("%llu cycles, %llu completions, %llu frames out, %llu in, digest %016llx\n", (unsigned long long)r->cycles,
	       (unsigned long long)r->packets, (unsigned long long)r->frames, (unsigned long long)r->rx_frames,
	       (unsigned long long)r->digest);
	if (!r->failed)
		return;
	printf("failed: %s\n", r->error);
	if (r->step < p->n) {
		printf("in step %u: ", r->step);
		plan_print_step(&p->s[r->step], stdout);
	} else {
		printf("at the end, after step %u\n", p->n - 1);
	}
}

// ---- a run in another ---------------------------------------------------------------

/* Runs a plan in a new process; what it prints goes to out, or nowhere. Returns its exit code, or -1. */
static int run_elsewhere(const char *const *more, const char *output)
{
	const char *argv[24] = { self };
	int argc = 1, status;
	char limit[16];
	pid_t pid;

	snprintf(limit, sizeof(limit), "%u", args.limit);
	argv[argc++] = "--limit";
	argv[argc++] = limit;
	while (*more && argc < 23)
		argv[argc++] = *more++;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (!freopen(output ? output : "/dev/null", "w", stdout))
			_exit(3);
		if (!output && !freopen("/dev/null", "w", stderr))
			_exit(3);
		if (output)
			dup2(1, 2);
		execv("/proc/self/exe", (char *const *)argv);
		_exit(3);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void write_plan(const struct plan *p, const char *file)
{
	FILE *f = fopen(file, "w");

	if (!f) {
		perror(file);
		exit(2);
	}
	plan_print(p, f);
	fclose(f);
}

/*
 * A step taken out may leave two streams under one key: not what was looked for. So a plan
 * that shrinks goes on to fail in the same way, by the monitor of the wire or not.
 */
struct failing {
	char file[500];
	int code;			/* 0: any of a failure */
};

static bool fails_elsewhere(const struct plan *p, void *arg)
{
	struct failing *f = arg;
	const char *argv[] = { "--plan", f->file, "--no-shrink", NULL };
	int code;

	write_plan(p, f->file);
	code = run_elsewhere(argv, NULL);
	if (code != 1 && code != EXIT_MONITOR && code < 128)
		return false;
	if (!f->code)
		f->code = code;
	return code == f->code;
}

static int make_dir(const char *dir)
{
	char path[400];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *c = path + 1; *c; c++)
		if (*c == '/') {
			*c = 0;
			mkdir(path, 0777);
			*c = '/';
		}
	return mkdir(path, 0777) && errno != EEXIST ? -1 : 0;
}

static void shrink_failure(struct plan *p)
{
	struct shrink s = { .fails = fails_elsewhere, .most = SHRINK_TRIES, .seconds = SHRINK_SECONDS };
	struct failing f = { .code = 0 };
	char again[520], *file = f.file;
	const char *argv[] = { "--plan", file, "--no-shrink", NULL };
	unsigned int was = p->n;

	snprintf(file, sizeof(f.file), "%s/%s-%llu-%u.plan", args.out, args.plan ? "plan" : args.profile,
		 (unsigned long long)args.seed, tlsnic_sim_data_width());
	snprintf(again, sizeof(again), "%s.out", file);
	if (make_dir(args.out)) {
		perror(args.out);
		return;
	}
	s.arg = &f;
	if (!fails_elsewhere(p, &f)) {
		printf("alone, the same plan does not fail\n");
		return;
	}
	shrink_plan(p, &s);
	write_plan(p, file);
	run_elsewhere(argv, again);
	printf("shrunk from %u steps to %u in %u runs:\n", was - 1, p->n - 1, s.tries);
	if (p->n < 60)
		plan_print(p, stdout);
	printf("which fails with:\n");
	fflush(stdout);
	{
		char line[1000];
		FILE *in = fopen(again, "r");

		while (in && fgets(line, sizeof(line), in))
			fputs(line, stdout);
		if (in)
			fclose(in);
		unlink(again);
	}
	printf("again, with waveform and capture: %s --plan %s --trace wave.fst --pcap wave.pcap\n", self, file);
}

static int one_run(void)
{
	struct run_options o = { .trace = args.trace, .pcap = args.pcap, .talk = args.talk };
	struct run_result result;
	struct plan plan = { 0 };
	struct cover cover;
	unsigned int contexts;
	uint32_t features;
	int err;

	if (args.plan) {
		if (plan_read(&plan, args.plan))
			return 2;
	}
	alarm(args.limit);
	if (!reference_ok())
		return 2;
	contexts = run_contexts(&features);
	if (!args.plan && plan_make(&plan, args.profile, args.seed, contexts, features)) {
		fprintf(stderr, "no profile has the name '%s' (--profiles tells them)\n", args.profile);
		return 2;
	}
	if (args.print) {
		plan_print(&plan, stdout);
		return 0;
	}
	cover_init(&cover);
	if (!args.plan)
		printf("profile %s, seed %llu, %u bits, %u steps\n", args.profile, (unsigned long long)args.seed,
		       tlsnic_sim_data_width(), plan.n - 1);
	fflush(stdout);
	run_plan(&plan, &o, &cover, &result);
	alarm(0);
	report_run(&plan, &result);
	err = result.failed;
	if (!err && args.cover && (cover_read(&cover, args.cover) || cover_write(&cover, args.cover)))
		err = 2;
	if (err == 1 && args.plan && args.no_shrink && strstr(result.error, NIC_MONITOR))
		err = EXIT_MONITOR;
	if (err == 1 && !args.no_shrink)
		shrink_failure(&plan);
	cover_free(&cover);
	plan_free(&plan);
	return err;
}

// ---- coverage --------------------------------------------------------------------------

static int merge(const char *out, char **files, int n, const char *prefix)
{
	unsigned int missing;
	struct cover c;

	cover_init(&c);
	for (int i = 0; i < n; i++)
		if (access(files[i], R_OK) || cover_read(&c, files[i])) {
			fprintf(stderr, "%s: cannot be read\n", files[i]);
			return 2;
		}
	if (out)
		return cover_write(&c, out) ? 2 : 0;
	missing = cover_report(&c, prefix, stdout);
	return missing && args.strict;
}

// ---- the fixed set ------------------------------------------------------------------------

static const struct {
	const char *profile;
	unsigned int from, to;		/* seeds */
	unsigned int narrow;		/* up to this one at other widths than 512 */
} fixed[] = {
	{ "cuts", 1, 6, 2 }, { "carries", 1, 4, 2 }, { "sums", 1, 4, 4 }, { "orders", 1, 10, 3 }, { "slots", 1, 8, 4 },
	{ "mixed", 1, 12, 3 }, { "large", 1, 8, 8 }, { "rx", 1, 12, 6 }, { "storm", 1, 20, 10 }, { "faults", 1, 14, 5 },
	{ "thousand", 1, 3, 2 }, { "laps", 1, 2, 1 }, { "seeks", 1, 8, 3 }, { "segments", 1, 8, 3 }, { "loopback", 1, 6, 3 },
};

/* Prints a file as comments, but for lines that begin so. */
static void comment(const char *file)
{
	char line[1000];
	FILE *f = fopen(file, "r");

	while (f && fgets(line, sizeof(line), f))
		printf("# %s", line);
	if (f)
		fclose(f);
}

static bool digest_of(const char *file, char *digest, size_t len)
{
	char line[1000], *at;
	FILE *f = fopen(file, "r");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		at = strstr(line, "digest ");
		if (at) {
			snprintf(digest, len, "%.16s", at + 7);
			found = true;
		}
	}
	if (f)
		fclose(f);
	return found;
}

static void fixed_run(const char *profile, unsigned int seed, const char *dir)
{
	char number[16], cover[300], out[300], name[64];
	const char *argv[] = { "--profile", profile, "--seed", number, "--cover", cover, "--out", args.out,
			       args.trace ? "--trace" : "--cover", args.trace ? args.trace : cover,
			       args.pcap ? "--pcap" : "--cover", args.pcap ? args.pcap : cover, NULL };
	int code;

	snprintf(number, sizeof(number), "%u", seed);
	snprintf(name, sizeof(name), "%s %u", profile, seed);
	if (args.only && strcmp(args.only, name))
		return;
	snprintf(cover, sizeof(cover), "%s/fixed.cover", dir);
	snprintf(out, sizeof(out), "%s/%s-%u.out", dir, profile, seed);
	code = run_elsewhere(argv, out);
	if (code) {
		tap.failures++;
		comment(out);
		if (code != 1)
			printf("# exit code %d%s\n", code, code == 128 + SIGALRM ? ": it did not come to an end" : "");
	}
	tap_result(name);
	unlink(out);
}

/* The same plan twice: every cycle, every byte the same. */
static void same_again(const char *dir)
{
	static const char *const profiles[] = { "storm", "faults" };

	for (int i = 0; i < 2; i++) {
		const char *argv[] = { "--profile", profiles[i], "--seed", "77", "--no-shrink", NULL };
		char digest[2][20] = { "", "" }, out[300];

		for (int k = 0; k < 2; k++) {
			snprintf(out, sizeof(out), "%s/again.out", dir);
			if (run_elsewhere(argv, out) || !digest_of(out, digest[k], sizeof(digest[k]))) {
				tap_fail("%s 77 fails:", profiles[i]);
				comment(out);
				return;
			}
			unlink(out);
		}
		if (strcmp(digest[0], digest[1]))
			tap_fail("%s 77: digest %s the first time, %s the second", profiles[i], digest[0], digest[1]);
	}
}

/* A plan that was written and read is the same; so is any part of it a plan. */
static void plan_text(const char *dir)
{
	char file[300];

	snprintf(file, sizeof(file), "%s/text.plan", dir);
	for (const char *const *name = plan_profiles; *name; name++) {
		struct plan a = { 0 }, b = { 0 };

		plan_make(&a, *name, 5, 1024, ~0u);
		write_plan(&a, file);
		if (plan_read(&b, file))
			tap_fail("%s: the plan that was written cannot be read", *name);
		else if (a.n != b.n || memcmp(a.s, b.s, a.n * sizeof(*a.s)))
			tap_fail("%s: %u steps were written, %u read, and they are not the same", *name, a.n, b.n);
		plan_free(&a);
		plan_free(&b);
	}
	unlink(file);
}

/* A failure that depends on two steps and one argument is shrunk to these. */
static bool needs_two(const struct plan *p, void *arg)
{
	bool first = false;

	for (unsigned int i = 1; i < p->n; i++) {
		if (p->s[i].op == STEP_OPEN && p->s[i].a[A_CONN] == 7)
			first = true;
		if (first && p->s[i].op == STEP_SEND && p->s[i].a[A_CONN] == 7 && p->s[i].a[A_LEN] >= 3)
			return true;
	}
	return false;
}

static void shrinks(void)
{
	struct shrink s = { .fails = needs_two, .most = 100000, .seconds = 60 };
	struct plan p = { 0 };

	plan_make(&p, "thousand", 3, 1024, 0);
	/* one that is sure to fail */
	plan_add(&p, STEP_SEND)->a[A_CONN] = 7;
	p.s[p.n - 1].a[A_LEN] = 500;
	shrink_plan(&p, &s);
	if (p.n != 3 || !needs_two(&p, NULL))
		tap_fail("expected two steps, %u are left after %u tries", p.n - 1, s.tries);
	else if (p.s[2].a[A_LEN] > 5)
		tap_fail("expected a length of 3 to 5, got %llu", (unsigned long long)p.s[2].a[A_LEN]);
	plan_free(&p);
}

static int fixed_set(void)
{
	bool wide = tlsnic_sim_data_width() == 512;
	char dir[] = "/tmp/tlsnic-random-XXXXXX", cover[300], kept[400];
	char *files[] = { cover };

	if (!mkdtemp(dir)) {
		perror(dir);
		return 2;
	}
	snprintf(cover, sizeof(cover), "%s/fixed.cover", dir);
	tap.program = self;
	tap.only = args.only;
	TAP_RUN("plans as text", plan_text(dir));
	TAP_RUN("shrinking", shrinks());
	TAP_RUN("same seed, same run", same_again(dir));
	for (unsigned int i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		for (unsigned int seed = fixed[i].from; seed <= (wide ? fixed[i].to : fixed[i].narrow); seed++)
			fixed_run(fixed[i].profile, seed, dir);
	if (!args.only && !access(cover, R_OK)) {
		/* for tools/check, which prints it when all tests are over */
		snprintf(kept, sizeof(kept), "build/tests/dpdk/fixed-%u.cover", tlsnic_sim_data_width());
		merge(kept, files, 1, "");
		merge(NULL, files, 1, "# ");
	}
	unlink(cover);
	rmdir(dir);
	return tap_end();
}

int main(int argc, char **argv)
{
	self = argv[0];
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
		static const struct {
			const char *name;
			const char **to;
		} strings[] = {
			{ "--profile", &args.profile }, { "--plan", &args.plan }, { "--trace", &args.trace }, { "--pcap", &args.pcap },
			{ "--cover", &args.cover }, { "--case", &args.only }, { "--out", &args.out },
		};
		bool known = false;

		for (unsigned int k = 0; k < sizeof(strings) / sizeof(strings[0]) && !known; k++)
			if (!strcmp(a, strings[k].name) && next) {
				*strings[k].to = next;
				known = true;
				i++;
			}
		if (known)
			continue;
		if (!strcmp(a, "--seed") && next) {
			args.seed = strtoull(argv[++i], NULL, 0);
		} else if (!strcmp(a, "--limit") && next) {
			args.limit = strtoul(argv[++i], NULL, 0);
		} else if (!strcmp(a, "--print")) {
			args.print = true;
		} else if (!strcmp(a, "--talk")) {
			args.talk = true;
		} else if (!strcmp(a, "--no-shrink")) {
			args.no_shrink = true;
		} else if (!strcmp(a, "--strict")) {
			args.strict = true;
		} else if (!strcmp(a, "--profiles")) {
			for (const char *const *p = plan_profiles; *p; p++)
				puts(*p);
			return 0;
		} else if (!strcmp(a, "--list")) {
			for (unsigned int k = 0; k < sizeof(fixed) / sizeof(fixed[0]); k++)
				for (unsigned int seed = fixed[k].from; seed <= fixed[k].to; seed++)
					printf("%s %u\n", fixed[k].profile, seed);
			return 0;
		} else if (!strcmp(a, "--merge") && next) {
			return merge(next, argv + i + 2, argc - i - 2, "");
		} else if (!strcmp(a, "--report")) {
			return merge(NULL, argv + i + 1, argc - i - 1, "");
		} else {
			fprintf(stderr, "%s: unknown argument '%s' (see tests/dpdk/random_test.c)\n", argv[0], a);
			return 2;
		}
	}
	if (args.profile || args.plan)
		return one_run();
	return fixed_set();
}
