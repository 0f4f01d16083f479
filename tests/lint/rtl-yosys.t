#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Yosys reads and elaborates the whole card at any width: no latch, no
# combinational loop, no module without contents.

. "$(dirname "$0")/tap.sh"

check "there is RTL" test -n "$(files 'rtl/*.sv')"
read_all=$(sed -n 's|^\([^#/+-].*\.sv\)$|read_verilog -sv \1;|p' rtl/tlsnic.f | tr '\n' ' ')
check "rtl/tlsnic.f names files" test -n "$read_all"

elaborate() {
	log=$(yosys -Q -p "$read_all chparam -set DATA_W $1 tlsnic; hierarchy -check -top tlsnic
		proc; check -assert; select -assert-none t:\$dlatch t:\$dlatchsr t:\$adlatch t:\$sr" 2>&1) || {
		echo "$log" | grep -E 'ERROR|Warning|latch' | tail -n 40
		return 1
	}
	! echo "$log" | grep -Ei 'latch inferred|logic loop|blackbox|used but has no driver'
}

for w in 128 256 512; do
	check "tlsnic, DATA_W=$w" elaborate $w
done
finish
