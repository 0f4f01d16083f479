// SPDX-License-Identifier: BSD-2-Clause
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

const char *const plan_op_names[STEP_OPS] = {
#define X(name, text) text,
	PLAN_OPS(X)
#undef X
};

static const char *const arg_names[PLAN_NARGS] = {
#define X(name, text) text,
	PLAN_ARGS(X)
#undef X
};

const char *const plan_bad_names[BADS] = {
#define X(name, text) text,
	PLAN_BADS(X)
#undef X
};

const char *const plan_rx_names[RX_KINDS] = {
	"raw", "TCP", "UDP", "UDP without a sum", "fragment", "bad IPv4 sum", "bad L4 sum", "IP length too short",
	"IP length too long", "L4 length", "other protocol", "not IP", "multicast", "broadcast", "for another station",
	"under 14 bytes", "noise",
};

struct step *plan_add(struct plan *p, enum plan_op op)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 256;
		p->s = realloc(p->s, p->room * sizeof(*p->s));
		if (!p->s)
			abort();
	}
	memset(&p->s[p->n], 0, sizeof(*p->s));
	p->s[p->n].op = op;
	return &p->s[p->n++];
}

void plan_free(struct plan *p)
{
	free(p->s);
	memset(p, 0, sizeof(*p));
}

void plan_copy(struct plan *to, const struct plan *from)
{
	to->n = to->room = from->n;
	to->s = malloc(from->n * sizeof(*from->s) + 1);
	if (!to->s)
		abort();
	memcpy(to->s, from->s, from->n * sizeof(*from->s));
}

void plan_print_step(const struct step *s, FILE *out)
{
	fputs(plan_op_names[s->op], out);
	for (int i = 0; i < PLAN_NARGS; i++)
		if (s->a[i])
			fprintf(out, s->a[i] < 100000 ? " %s=%llu" : " %s=0x%llx", arg_names[i],
				(unsigned long long)s->a[i]);
	if (s->op == STEP_BAD && s->a[A_KIND] < BADS)
		fprintf(out, "\t# %s", plan_bad_names[s->a[A_KIND]]);
	if (s->op == STEP_RX && s->a[A_KIND] < RX_KINDS)
		fprintf(out, "\t# %s", plan_rx_names[s->a[A_KIND]]);
	putc('\n', out);
}

void plan_print(const struct plan *p, FILE *out)
{
	for (unsigned int i = 0; i < p->n; i++)
		plan_print_step(&p->s[i], out);
}

static int find(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static int read_line(struct plan *p, char *line)
{
	char *save, *word = strtok_r(line, " \t\r\n", &save), *end, *value;
	struct step *s;
	int op, arg;

	if (!word)
		return 0;
	op = find(plan_op_names, STEP_OPS, word);
	if (op < 0) {
		fprintf(stderr, "no step has the name '%s'\n", word);
		return -1;
	}
	if (op != STEP_CARD && !p->n) {
		fprintf(stderr, "the first step is '%s', expected 'card'\n", word);
		return -1;
	}
	s = plan_add(p, op);
	while ((word = strtok_r(NULL, " \t\r\n", &save))) {
		value = strchr(word, '=');
		if (value)
			*value++ = 0;
		arg = find(arg_names, PLAN_NARGS, word);
		if (arg < 0) {
			fprintf(stderr, "no argument has the name '%s'\n", word);
			return -1;
		}
		if (!value || !isdigit((unsigned char)*value)) {
			fprintf(stderr, "%s: '%s' is not a number\n", word, value ? value : "");
			return -1;
		}
		s->a[arg] = strtoull(value, &end, 0);
		if (*end) {
			fprintf(stderr, "%s: '%s' is not a number\n", word, value);
			return -1;
		}
	}
	return 0;
}

int plan_read(struct plan *p, const char *file)
{
	char line[4096];
	FILE *f = fopen(file, "r");
	int err = 0;

	if (!f) {
		perror(file);
		return -1;
	}
	for (int n = 1; !err && fgets(line, sizeof(line), f); n++) {
		line[strcspn(line, "#\n")] = 0;
		err = read_line(p, line);
		if (err)
			fprintf(stderr, "%s: line %d: see above\n", file, n);
	}
	fclose(f);
	if (!err && !p->n) {
		fprintf(stderr, "%s: no steps\n", file);
		err = -1;
	}
	return err;
}
