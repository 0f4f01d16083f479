#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The guest's part of the benchmark under loss: the same stream without TLS, with software
# TLS and with the card, marks around each. A line of /out/runs for each says:
# mode, connections of the card, segments sent again, packets by seek, packets in software.
# Three of each, in turns. Argument: bytes of a stream.
. /tlsnic/tests/vm/guest/lib.sh
setup
# how many frames the peer finds at once, and so how often it acknowledges, is a matter of time
peer ethtool -K peer0 gro off
again() { nic awk '/^Tcp: [0-9]/ { print $13 }' /proc/net/snmp; }
counts() { echo "$(tls_stat TlsTxDevice) $(again) $(stat tx_tls_seek_packets) $(stat tx_tls_fallback_packets)"; }
run() {	# run LABEL PORT OPTIONS...
	_l=$1
	shift
	peer ktls recv 10.0.0.2 "$1" --raw /dev/null >/dev/null &
	_pid=$!
	wait_for 50 peer sh -c "ss -Hltn 'sport = $1' | grep -q ." || bail "no listener"
	_before=$(counts)
	mark 0
	nic ktls send 10.0.0.2 "$@" >/dev/null || bail "the stream failed: $*"
	mark 1
	wait $_pid
	# shellcheck disable=SC2046
	echo "$_l" $(echo "$_before $(counts)" | awk '{ for (i = 1; i <= 4; i++) print $(i + 4) - $i }') >>/out/runs
}
: >/out/runs
port=5000
for turn in 1 2 3; do
	run plain $((port + 1)) --bytes "$1" --cipher none
	offload off
	run software $((port + 2)) --bytes "$1"
	offload on
	run card $((port + 3)) --bytes "$1"
	port=$((port + 3))
done
exit 0
