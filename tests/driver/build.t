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

# Notes of kbuild itself about the tree it runs in. Debian's headers may lack
# checker-valid.sh, which looks for an old fault of sparse: KBUILD_CHECKSRC on the
# command line runs sparse all the same.
harmless='^build-driver: |^warning: (the compiler|pahole version) differs from the one'
harmless="$harmless|^  (The kernel was built (by|with)|You are using):"
harmless="$harmless|checker-valid\\.sh: No such file|but sparse is not available or not up to date"

clean_build() { # KERNEL, make variable, another
	rm -rf "${OUT:?}/$1"
	log=$(tools/build-driver "/lib/modules/$1/build" "$2" "${3-W=1}" 2>&1) || { echo "$log"; return 1; }
	! echo "$log" | grep -Ev "$harmless"
}

for k in $kernels; do
	check "$k: no warning at W=1" clean_build "$k" W=1
	check "$k: tlsnic.ko is there" test -s "$OUT/$k/tlsnic.ko"
	check "$k: no warning of sparse" clean_build "$k" KBUILD_CHECKSRC=2 \
		"CF=-include $PWD/tests/driver/sparse.h"
done
finish
