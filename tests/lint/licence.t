#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Every file says its licence in its first lines, and the right one for its place.

. "$(dirname "$0")/tap.sh"

# every LICENCE FILE...: each file names it, and there is at least one
every() {
	want="SPDX-License-Identifier: $1"
	shift
	[ $# -gt 0 ] || { echo "no files to look at"; return 1; }
	bad=0
	for f; do
		head -n 4 "$f" | grep -qF "$want" && continue
		echo "$f: expected in the first lines: $want"
		bad=1
	done
	return $bad
}

# names have no spaces here
# shellcheck disable=SC2046
{
	[ ! -d driver ] || check "driver/ is GPL-2.0-only" every GPL-2.0-only $(files 'driver/*')
	check "include/uapi/ is for both worlds" \
		every '(GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause' $(files 'include/uapi/*')
	check "all else is BSD-2-Clause" every BSD-2-Clause $(files '*' | grep -Ev \
		'^(driver|include/uapi|LICENSES)/|^tests/data/|\.(svg|png|json)$')
}
for l in GPL-2.0-only BSD-2-Clause Linux-syscall-note; do
	check "LICENSES/$l is there" test -s LICENSES/$l
done
finish
