#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The driver builds against every kernel's headers without one warning of the
# compiler (W=1) or of sparse.

. "$(dirname "$0")/../lint/tap.sh"

OUT=$(pwd)/build/tests/driver
export OUT
mkdir -p "$OUT"
kernels=$(tools/kernels)
check "there are two kernels" test "$(echo "$kernels" | wc -w)" -ge 2

# notes of kbuild itself about the tree it runs in
harmless='^build-driver: |^Skipping BTF generation|the compiler differs from the one|^  (The kernel was built by|You are using):'

clean_build() { # KERNEL, make variables
	rm -rf "${OUT:?}/$1"
	log=$(MAKE_ARGS=$2 tools/build-driver "/lib/modules/$1/build" 2>&1) || { echo "$log"; return 1; }
	! echo "$log" | grep -Ev "$harmless"
}

for k in $kernels; do
	check "$k: no warning at W=1" clean_build "$k" W=1
	check "$k: tlsnic.ko is there" test -s "$OUT/$k/tlsnic.ko"
	check "$k: no warning of sparse" clean_build "$k" "C=2 CF=-D__CHECK_ENDIAN__"
done
finish
