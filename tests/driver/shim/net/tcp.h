/* SPDX-License-Identifier: BSD-2-Clause */
/* What the driver's decision function takes from the kernel, for programs. */
#ifndef TLSNIC_SHIM_NET_TCP_H
#define TLSNIC_SHIM_NET_TCP_H

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;

#define likely(x)	(x)
#define unlikely(x)	(x)

/* Order of TCP sequence numbers (RFC 793, section 3.3). */
static inline bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool after(u32 a, u32 b)
{
	return before(b, a);
}

#endif
