#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# TLS connections encrypted by the card: that they are, that they are counted,
# and that they live on when the card or its settings change under them.
. /tlsnic/tests/vm/guest/lib.sh
setup

ok "the feature is on or can be turned on" offload on
is "ethtool -k shows it" "$(nic ethtool -k tlsnic0 | sed -n 's/^tls-hw-tx-offload: //p')" on

port=6000
tls() {	# tls ADDR OPTIONS...
	port=$((port + 1))
	_a=$1
	shift
	stream "$_a" $port "$@"
}

# what the card encrypted for the first time: a guest that is slow sends some of it again
once() { echo $(($(stat tx_tls_encrypted_bytes) - $(stat tx_tls_seek_bytes))); }
for cipher in 128 256; do
	for addr in 10.0.0.2 fd00::2; do
		device=$(tls_stat TlsTxDevice) bytes=$(once)
		ok "AES-$cipher-GCM to $addr" tls $addr --cipher $cipher --bytes 200000
		is "TlsTxDevice grew by 1" $(($(tls_stat TlsTxDevice) - device)) 1
		# 13 records of at most 16384 bytes, 29 bytes of header, nonce and tag each
		is "every stream byte was encrypted by the card" \
			$(($(once) - bytes)) $((200000 + 13 * 29))
	done
done
is "no connection was left to software" "$(tls_stat TlsTxSw)" 0
is "no TLS device connection is left" "$(tls_stat TlsCurrTxDevice)" 0

many() {	# eight connections at once, other keys each
	_pids=
	for i in 1 2 3 4 5 6 7 8; do
		stream 10.0.0.2 $((6100 + i)) --seed $i --bytes 150000 --record $((i * 1700)) \
			--cipher $((i % 2 ? 128 : 256)) &
		_pids="$_pids $!"
	done
	for p in $_pids; do wait "$p" || return 1; done
}
ok "eight connections at once" many

small() {
	for r in 1 15 16 17 100; do
		port=$((port + 1))
		stream 10.0.0.2 $port --record $r --bytes $((r * 60)) || return 1
	done
}
ok "many records in a packet" small

is "the card refused no packet" $(($(stat tx_tls_drop_no_sync_data) + 0)) 0

during() {	# during CMD...: run CMD in the middle of a stream
	port=$((port + 1))
	stream 10.0.0.2 $port --bytes 400000 --cut 200000 &
	_stream=$!
	sleep 0.7
	"$@" || return 1
	wait $_stream
}
ok "feature turned off under a connection" during offload off
device=$(tls_stat TlsTxDevice)
ok "with the feature off, software encrypts" tls 10.0.0.2 --bytes 100000
is "TlsTxDevice did not grow" "$(tls_stat TlsTxDevice)" "$device"
ok "the feature on again" offload on
bounce() { nic ip link set tlsnic0 down && sleep 0.2 && nic_up; }
ok "link down and up under a connection" during bounce
ok "a connection after that" tls 10.0.0.2 --bytes 100000
flr() { echo 1 >"/sys/bus/pci/drivers/tlsnic/$(basename /sys/bus/pci/drivers/tlsnic/0000:*)/reset"; }
ok "function reset under a connection" during flr
ok "a connection after the reset" tls 10.0.0.2 --bytes 100000
rings() { nic ethtool -G tlsnic0 tx 128; }
ok "rings resized under a connection" during rings
ok "checksum off under a connection" during nic ethtool -K tlsnic0 tx off
ok "checksum and TLS on again" sh -c '
	ip netns exec nic ethtool -K tlsnic0 tx on tls-hw-tx-offload on'
device=$(tls_stat TlsTxDevice)
ok "a connection after that" tls 10.0.0.2 --bytes 100000
is "it is the card's" $(($(tls_stat TlsTxDevice) - device)) 1
done_testing
