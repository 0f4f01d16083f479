// SPDX-License-Identifier: BSD-2-Clause
/*
 * A QEMU TCG plugin that counts guest instructions between marks.
 *
 * A mark is the instruction `nopl 0x6b6d74NN(%rax,%rax)` executed by any
 * program of the guest (tools/bench/mark.c); NN numbers it. At each mark the
 * plugin appends "NN total" to the file named by its argument out=FILE, where
 * total is the number of instructions that all processors have executed.
 * Instructions of an idle processor are none, so the figure repeats where a
 * time would not.
 *
 * Debian ships no header for plugins; what is declared here is the part of
 * the plugin interface, version 7, that this file uses.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
typedef struct qemu_info_t qemu_info_t;

typedef struct {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
} qemu_plugin_u64;

enum { PLUGIN_CB_NO_REGS = 0 };
enum { PLUGIN_INLINE_ADD_U64 = 0 };

typedef void (*tb_trans_cb)(struct qemu_plugin_tb *tb, void *userdata);
typedef void (*vcpu_udata_cb)(unsigned int vcpu, void *userdata);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_trans_cb cb, void *userdata);
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *tb, int op,
						       qemu_plugin_u64 entry, uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, vcpu_udata_cb cb,
					    int flags, void *userdata);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *dest, size_t len);
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t element_size);
uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry);

PLUGIN_EXPORT int qemu_plugin_version = 7;

static qemu_plugin_u64 executed;
static FILE *out;

static void at_mark(unsigned int vcpu, void *userdata)
{
	(void)vcpu;
	fprintf(out, "%u %" PRIu64 "\n", (unsigned int)(uintptr_t)userdata,
		qemu_plugin_u64_sum(executed));
	fflush(out);
}

static void translate(struct qemu_plugin_tb *tb, void *userdata)
{
	static const uint8_t mark[] = { 0x0f, 0x1f, 0x84, 0x00 }, magic[] = { 0x74, 0x6d, 0x6b };
	size_t n = qemu_plugin_tb_n_insns(tb);
	uint8_t code[8];

	(void)userdata;
	qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, PLUGIN_INLINE_ADD_U64, executed, n);
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (qemu_plugin_insn_size(insn) != sizeof(code) ||
		    qemu_plugin_insn_data(insn, code, sizeof(code)) != sizeof(code))
			continue;
		if (!memcmp(code, mark, sizeof(mark)) && !memcmp(code + 5, magic, sizeof(magic)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, at_mark, PLUGIN_CB_NO_REGS,
							       (void *)(uintptr_t)code[4]);
	}
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info,
				      int argc, char **argv)
{
	const char *file = NULL;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "out=", 4)) {
			fprintf(stderr, "insn_count: unknown argument '%s' (out=FILE)\n", argv[i]);
			return -1;
		}
		file = argv[i] + 4;
	}
	if (!file) {
		fprintf(stderr, "insn_count: argument out=FILE is missing\n");
		return -1;
	}
	out = fopen(file, "w");
	if (!out) {
		perror(file);
		return -1;
	}
	executed.score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate, NULL);
	return 0;
}
