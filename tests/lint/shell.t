#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Shell scripts pass shellcheck.

. "$(dirname "$0")/tap.sh"

# word splitting is how POSIX sh passes lists, and this project's names have no spaces
# (2086, 2046); what a sourced file defines and uses is not seen (1090, 1091, 2034)
skip=SC2086,SC2046,SC1090,SC1091,SC2034
for f in $(files '*' | while read -r f; do
	case $f in *.sh) echo "$f"; continue ;; esac
	! head -n 1 "$f" | tr -d '\0' | grep -qE '^#! ?/bin/(ba)?sh' || echo "$f"
done); do
	check "$f" shellcheck -S warning -e $skip "$f"
done
finish
