#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The driver's decisions about connections under loss, as a program, against a
# card that keeps to the contract.

. "$(dirname "$0")/../lint/tap.sh"

out=build/tests/driver
mkdir -p $out
cc -Wall -Wextra -Werror -O2 -Itests/driver/shim -Idriver tests/driver/walk_test.c \
	driver/tlsnic_tls_decide.c -o $out/walk_test || exit 1
exec $out/walk_test
