#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Verilator finds nothing to warn of, at any width of the datapath.

. "$(dirname "$0")/tap.sh"

list=$(files 'rtl/*.sv')
check "there is RTL" test -n "$list"
not_listed() {
	for f in $list; do
		grep -qxF "$f" rtl/tlsnic.f || echo "$f is not in rtl/tlsnic.f"
	done
}
quiet "every file of rtl/ is in rtl/tlsnic.f" not_listed
for w in 128 256 512; do
	quiet "tlsnic, DATA_W=$w" verilator --lint-only --quiet-stats -Wall -Irtl -f rtl/tlsnic.f \
		--top-module tlsnic -GDATA_W=$w
done
finish
