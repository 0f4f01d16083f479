// SPDX-License-Identifier: BSD-2-Clause
/* mark N: tells the instruction counter (insn_count.c) that point N, 0 to 3, is reached. */
#include <stdio.h>
#include <stdlib.h>

/* nopl 0x6b6d74NN(%rax,%rax): changes nothing, and no compiler emits it. */
#define MARK(n) __asm__ volatile(".byte 0x0f,0x1f,0x84,0x00," #n ",0x74,0x6d,0x6b" ::: "memory")

int main(int argc, char **argv)
{
	switch (argc == 2 ? atoi(argv[1]) : -1) {
	case 0: MARK(0); break;
	case 1: MARK(1); break;
	case 2: MARK(2); break;
	case 3: MARK(3); break;
	default:
		fprintf(stderr, "usage: mark 0|1|2|3\n");
		return 2;
	}
	return 0;
}
