# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For the scripts that run in the guest: the card and the peer, each in its own
# network namespace at its end of the wire, and TAP.
#
#   nic CMD...    runs where tlsnic0 is (10.0.0.1, fd00::1)
#   peer CMD...   runs where the virtio NIC is, as peer0 (10.0.0.2, fd00::2)
#   ok NAME CMD...      one test: CMD's exit code; its output only on failure
#   is NAME GOT WANT    one test: two strings are equal
#   done_testing        prints the plan, returns the verdict

TESTS=0 FAILED=0
TOOLS=/tlsnic/build/tests/vm
DRIVER=/tlsnic/build/driver/$(uname -r)/tlsnic.ko
PATH=$TOOLS:$PATH
export PATH

nic() { ip netns exec nic "$@"; }
peer() { ip netns exec peer "$@"; }

result() {	# result OK NAME
	TESTS=$((TESTS + 1))
	if [ "$1" = 0 ]; then
		echo "ok $TESTS - $2"
	else
		FAILED=$((FAILED + 1))
		echo "not ok $TESTS - $2"
	fi
}

ok() {
	_name=$1
	shift
	"$@" >/tmp/check.out 2>&1
	_rc=$?
	result $_rc "$_name"
	if [ $_rc != 0 ]; then
		echo "# expected: exit code 0 of: $*"
		echo "# got: $_rc, and it printed:"
		tail -n 20 /tmp/check.out | sed 's/^/#   /'
	fi
	return $_rc
}

is() {
	if [ "$2" = "$3" ]; then
		result 0 "$1"
	else
		result 1 "$1"
		echo "# expected: $3"
		echo "# got: $2"
		return 1
	fi
}

done_testing() {
	if [ $FAILED != 0 ]; then
		echo "# alone: tools/in-toolroot tools/vm --kernel $(uname -r) --run $0"
		echo "# with a waveform of the card: --sim-args '--trace wave.fst' before --run"
	fi
	echo "1..$TESTS"
	exit $((FAILED != 0))
}

bail() { echo "Bail out! $*"; exit 1; }

netdev_of() {	# the network interface whose driver is $1
	for _d in /sys/class/net/*; do
		[ "$(basename "$(readlink "$_d/device/driver" 2>/dev/null)" 2>/dev/null)" = "$1" ] &&
			basename "$_d" && return
	done
	return 1
}

# Puts the card's interface, as tlsnic0, into its namespace with its addresses.
nic_up() {
	_if=$(netdev_of tlsnic) || { _if=tlsnic0; nic ip link show tlsnic0 >/dev/null || return 1; }
	if [ -e "/sys/class/net/$_if" ]; then
		ip link set "$_if" down
		[ "$_if" = tlsnic0 ] || ip link set "$_if" name tlsnic0
		ip link set tlsnic0 netns nic
	fi
	nic ip link set tlsnic0 mtu "${MTU:-1500}" up
	nic ip addr replace 10.0.0.1/24 dev tlsnic0
	nic ip addr replace fd00::1/64 dev tlsnic0 nodad
}

peer_up() {
	_if=$(netdev_of virtio_net) && {
		ip link set "$_if" down
		ip link set "$_if" name peer0
		ip link set peer0 netns peer
	}
	peer ip link set peer0 mtu "${MTU:-1500}" up
	peer ip addr replace 10.0.0.2/24 dev peer0
	peer ip addr replace fd00::2/64 dev peer0 nodad
}

set_mtu() {
	nic ip link set tlsnic0 mtu "$1" && peer ip link set peer0 mtu "$1"
}

# Waits until the command succeeds, for at most $1 tries of a tenth of a second.
wait_for() {
	_n=$1
	shift
	while ! "$@" >/dev/null 2>&1; do
		_n=$((_n - 1))
		[ $_n -gt 0 ] || return 1
		sleep 0.1
	done
}

setup() {
	ip netns add nic || bail "no network namespaces"
	ip netns add peer
	nic ip link set lo up
	peer ip link set lo up
	insmod "$DRIVER" || bail "the driver does not load: $(dmesg | tail -n 3)"
	wait_for 100 netdev_of tlsnic || bail "no interface of the card; $(dmesg | tail -n 5)"
	nic_up && peer_up || bail "the interfaces do not come up"
	wait_for 100 nic ping -c 1 -W 1 10.0.0.2 || bail "no answer from the other end of the wire"
}

# stat NAME: one counter of ethtool -S, 0 if there is none.
stat() { nic ethtool -S tlsnic0 | awk -v n="$1:" '$1 == n { v = $2 } END { print v + 0 }'; }
# tls_stat NAME: one counter of the card's namespace in /proc/net/tls_stat.
tls_stat() { nic awk -v n="$1" '$1 == n { print $2 }' /proc/net/tls_stat; }
offload() { nic ethtool -K tlsnic0 tls-hw-tx-offload "$1"; }

# A stream between the ends of the wire, compared where it arrives:
#   stream ADDR PORT OPTIONS...      from the card to the peer, ADDR is the peer's
#   stream_in ADDR PORT OPTIONS...   from the peer to the card, ADDR is the card's
# Both ends' exit codes count.
stream() { between nic peer "$@"; }
stream_in() { between peer nic "$@"; }
between() {
	_from=$1 _to=$2
	shift 2
	$_to ktls recv "$@" &
	_pid=$!
	$_from ktls send "$@"
	_rc=$?
	wait $_pid && return $_rc
}
