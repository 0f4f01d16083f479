#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Python compiles without a warning.

. "$(dirname "$0")/tap.sh"

list=$(files '*' | while read -r f; do
	case $f in *.py) echo "$f"; continue ;; esac
	! head -n 1 "$f" | tr -d '\0' | grep -q '^#!.*python3' || echo "$f"
done)
check "there is Python" test -n "$list"
for f in $list; do
	quiet "$f" python3 -W error -c \
		'import pathlib, sys; compile(pathlib.Path(sys.argv[1]).read_text(), sys.argv[1], "exec")' "$f"
done
finish
