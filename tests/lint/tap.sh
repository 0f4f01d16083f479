# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# TAP for checks written in shell; source it from the top of the repository's
# tests. What explains a failure goes to stderr, where prove shows it.

cd "$(dirname "$0")/../.." || exit 1
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
n=0
failed=0
silent=

# check NAME CMD [ARG...]: CMD succeeds
check() {
	name=$1
	shift
	n=$((n + 1))
	if out=$("$@" 2>&1) && { [ -z "$silent" ] || [ -z "$out" ]; }; then
		echo "ok $n - $name"
		return
	fi
	failed=1
	echo "not ok $n - $name"
	{
		printf '%s\n' "$out" | head -n 60 | sed 's/^/# /'
		echo "# run alone: tools/in-toolroot ${0#./}"
	} >&2
}

# quiet NAME CMD [ARG...]: CMD succeeds and prints nothing
quiet() {
	silent=y
	check "$@"
	silent=
}

# files PATTERN...: those of the project that match; a check over none must fail
files() {
	if [ -e .git ]; then git ls-files -- "$@"; else find . -path ./build -prune -o -type f -print |
		sed 's|^\./||' | while read -r f; do
			for p; do
				# shellcheck disable=SC2254 # the pattern is one
				case $f in $p) echo "$f"; break ;; esac
			done
		done
	fi | while read -r f; do [ ! -e "$f" ] || echo "$f"; done
}

finish() {
	echo "1..$n"
	[ "$n" -gt 0 ] || failed=1
	exit $failed
}
