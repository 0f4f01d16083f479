#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# No file is too long to read, no line too long to see, no end of line is ragged.

. "$(dirname "$0")/tap.sh"

code=$(files '*' | grep -Ev '^LICENSES/|\.(svg|png|json)$')
check "no file over 900 lines" sh -c \
	'wc -l "$@" | awk "\$2 != \"total\" && \$1 > 900 { print; bad = 1 } END { exit bad }"' sh $code
check "no white space at the end of a line" sh -c '! grep -nI "[[:blank:]]\$" "$@"' sh \
	$(echo "$code" | grep -v '\.md$')
check "no line over 160 columns" sh -c \
	'awk "length > 160 { print FILENAME \":\" FNR; bad = 1 } END { exit bad }" "$@"' sh \
	$(echo "$code" | grep -Ev '\.md$|tlsnic_abi_pkg\.sv$')
finish
