#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The kernel's own configurator reads Kconfig and offers CONFIG_TLSNIC as a module
# when what it needs is there, and not at all without PCI.

. "$(dirname "$0")/../lint/tap.sh"

conf=$(find -L /lib/modules/*/build/scripts/kconfig/conf -type f 2>/dev/null | tail -n 1)
check "the configurator is there (linux-kbuild)" test -x "$conf"
top=$(pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

tlsnic() { # "what the kernel around it has", WANT
	{
		echo 'config MODULES'
		echo '	def_bool y'
		echo '	modules'
		for s in $1; do printf 'config %s\n\tdef_bool y\n' "$s"; done
		echo 'source "Kconfig"'
	} >"$tmp/Kconfig.top"
	# it writes headers where it stands, and looks for sources in srctree too
	(cd "$tmp" && srctree=$top KCONFIG_CONFIG=config "$conf" --allmodconfig Kconfig.top) ||
		return 1
	got=$(grep TLSNIC= "$tmp/config")
	[ "$got" = "$2" ] || { echo "expected: '$2'"; echo "got: '$got'"; return 1; }
}

check "offered as a module" tlsnic "PCI NET INET TLS" CONFIG_TLSNIC=m
check "not offered without PCI" tlsnic "NET INET TLS" ""
finish
