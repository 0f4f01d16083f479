#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Large packets that the card cuts become the frames that the stack would have cut:
# the same packets, and the same TLS streams, with TSO off and on.
# vm: --mem 1536 --sim-args '--pcap wire.pcap'
. /tlsnic/tests/vm/guest/lib.sh
MTU=9000
setup
dir=/tmp/tso
mkdir -p $dir/off $dir/on
tso() { nic ethtool -K tlsnic0 tso "$1" && nic ethtool -k tlsnic0 | grep -q "^tcp-segmentation-offload: $1"; }
packets="python3 /tlsnic/tests/vm/guest/tso.py"

ok "one queue pair, for the order of the wire" nic ethtool -L tlsnic0 combined 1
ok "a VLAN interface" sh -c 'modprobe 8021q &&
	ip -n nic link add link tlsnic0 name v5 type vlan id 5 && ip -n nic link set v5 up'
for mode in off on; do
	ok "TSO $mode" tso $mode
	cut=$(stat tx_tso_packets)
	ok "packets of many segments, TSO $mode" nic $packets send $mode tlsnic0 v5
	ok "all are on the wire" wait_for 50 $packets ended /out/wire.pcap $mode
	is "packets that the card was given to cut" $(($(stat tx_tso_packets) - cut)) \
		"$([ $mode = on ] && $packets count || echo 0)"
done
ok "comparison" $packets compare /out/wire.pcap $dir/cut
equal() { cat "$1" && grep -q ^equal "$1"; }
for group in $dir/cut/*; do
	ok "cut alike: ${group##*/}" equal "$group"
	sed 's/^/# /' "$group"
done
is "groups" "$(find $dir/cut -type f | wc -l)" 15
is "the card's count of packets" "$(stat card_tx_tso_packets)" "$(stat tx_tso_packets)"
is "packets that the card refused" "$(stat card_tx_drop_desc)" 0

# TLS streams: what the peer gets, without decryption, is the same, in frames as long
# as the MSS allows.
port=6000
pass() {	# pass off|on CIPHER ADDR MSS BYTES
	port=$((port + 1))
	peer ktls recv "$3" $port --raw "$dir/$1/$2-${3%%[.:]*}-$4" &
	_pid=$!
	nic ktls send "$3" $port --cipher "$2" --mss "$4" --bytes "$5" --seed "$4" && wait $_pid || return 1
	echo "$port $2 $5 $4" >"$dir/$1/last"
}
segments() {	# segments MODE MSS: frames of the last stream carry so many bytes, most of them
	wire /out/wire.pcap <"$dir/$1/last" >$dir/frames || return 1
	cat $dir/frames
	awk -v mss="$2" '{ exit !($10 == mss && $12 > $2 / 2) }' $dir/frames
}
for mode in off on; do
	ok "TSO $mode" tso $mode
	ok "offload on" offload on
	for cipher in 128 256; do
		for addr in 10.0.0.2 fd00::2; do
			for mss in 88 536 1448 8948; do
				cut=$(stat tx_tso_packets)
				ok "TSO $mode: AES-$cipher, $addr, MSS $mss" \
					pass $mode $cipher $addr $mss $((mss * 40 + 20000))
				[ $mode = off ] ||
					ok "the card cut packets of it" [ "$(stat tx_tso_packets)" -gt "$cut" ]
			done
		done
		ok "frames as on the wire of software, as long as the MTU allows" segments $mode 8928
	done
done
for f in $dir/off/*-*; do
	ok "equal with and without TSO: ${f##*/}" cmp "$f" "$dir/on/${f##*/}"
done
ok "the card encrypted what it cut" [ "$(stat tx_tls_encrypted_packets)" -gt 500 ]
done_testing
