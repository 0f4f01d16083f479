#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The driver's decision about a packet, as a program: every packet of short streams.

. "$(dirname "$0")/../lint/tap.sh"

out=build/tests/driver
mkdir -p $out
cc -Wall -Wextra -Werror -O2 -Itests/driver/shim -Idriver tests/driver/decide_test.c \
	driver/tlsnic_tls_decide.c -o $out/decide_test || exit 1
exec $out/decide_test
