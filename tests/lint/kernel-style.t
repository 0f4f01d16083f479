#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Driver and contract pass the kernel's checkpatch --strict.

. "$(dirname "$0")/tap.sh"

# A Debian 13 host has it only inside the kernel's source package.
dir=/usr/share/checkpatch
if [ ! -e $dir/checkpatch.pl ]; then
	dir=build/checkpatch
	tar=$(find /usr/src -maxdepth 1 -name 'linux-source-*.tar.xz' | sort -V | tail -n 1)
	if [ ! -e $dir/checkpatch.pl ] && [ -n "$tar" ]; then
		mkdir -p $dir
		tar -C $dir --strip-components=2 --wildcards -xf "$tar" '*/scripts/checkpatch.pl' \
			'*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch'
	fi
fi
check "checkpatch.pl is there (package linux-source)" test -e $dir/checkpatch.pl

list=$(files 'driver/*.[ch]' 'include/uapi/*.h')
[ ! -d driver ] || check "there are driver files" test -n "$(files 'driver/*.[ch]')"
for f in $list; do
	# No MAINTAINERS here, and licence.t tests the licence. Which CamelCase names are the
	# kernel's own (ethtool's IEEE counters) checkpatch knows only inside its tree.
	quiet "$f" perl $dir/checkpatch.pl --no-tree --strict --terse --quiet --no-summary \
		--ignore FILE_PATH_CHANGES,SPDX_LICENSE_TAG,CAMELCASE -f "$f"
done
finish
