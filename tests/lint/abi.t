#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The constants of the RTL are those of the contract, and the generator refuses
# what it would misread.

set -u
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0
failed=0

ok() { # STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		echo "# run alone: $0"
		failed=1
	fi
}

refused() { # NAME, header on stdin
	cat >"$tmp/bad.h"
	if tools/gen-abi-pkg.py "$tmp/bad.h" >/dev/null 2>"$tmp/why"; then
		echo "# expected an error, the generator took it"
		ok 1 "$1"
	else
		grep -q 'gen-abi-pkg: line' "$tmp/why"
		ok $? "$1"
	fi
}

tools/gen-abi-pkg.py >"$tmp/abi.sv" && diff -u rtl/tlsnic_abi_pkg.sv "$tmp/abi.sv" >"$tmp/diff"
status=$?
sed 's/^/# /' "$tmp/diff"
[ $status = 0 ] || echo "# remedy: tools/gen-abi-pkg.py > rtl/tlsnic_abi_pkg.sv"
ok $status "rtl/tlsnic_abi_pkg.sv is made from include/uapi/linux/tlsnic.h"

refused "a value that is no literal is refused" <<'END'
#define TLSNIC_A (1 << 3)
END
refused "a field out of alignment is refused" <<'END'
struct tlsnic_a {
	__u8	a;
	__le32	b;
};
END
refused "padding at the end is refused" <<'END'
struct tlsnic_a {
	__le32	a;
	__u8	b;
};
END
refused "a field without fixed width is refused" <<'END'
struct tlsnic_a {
	int	a;
};
END

echo "1..$n"
exit $failed
