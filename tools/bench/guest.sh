#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The guest's part of the benchmark: the same stream without TLS, with software TLS and
# with the card, marks around each for the instruction counter. The peer
# only counts bytes, so that its share is the same in all.
# Arguments: bytes of a stream, then record sizes.
. /tlsnic/tests/vm/guest/lib.sh
setup
bytes=$1
shift
run() {	# run LABEL PORT OPTIONS...
	_l=$1
	shift
	peer ktls recv 10.0.0.2 "$1" --raw /dev/null >/dev/null &
	_pid=$!
	wait_for 50 peer sh -c "ss -Hltn 'sport = $1' | grep -q ." || bail "no listener"
	_d=$(tls_stat TlsTxDevice)
	mark 0
	nic ktls send 10.0.0.2 "$@" --bytes "$bytes" >/dev/null || bail "the stream failed: $*"
	mark 1
	wait $_pid
	echo "$_l $(($(tls_stat TlsTxDevice) - _d))" >>/out/runs
}
: >/out/runs
port=5000
for record; do
	for mode in plain software card; do
		port=$((port + 1))
		case $mode in
		plain) run "$mode $record" $port --cipher none --record "$record" ;;
		software) offload off; run "$mode $record" $port --record "$record" ;;
		card) offload on; run "$mode $record" $port --record "$record" ;;
		esac
	done
done
exit 0
