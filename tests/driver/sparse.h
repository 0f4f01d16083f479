/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel's headers use and Debian's sparse 0.6.4 does not know. Read
 * before every file that sparse checks, and by nothing else.
 */
#define __typeof_unqual__ __typeof__
/* in headers it only ever measures a literal, in a constant expression */
#define __builtin_strlen(s) (sizeof(s) - 1)
