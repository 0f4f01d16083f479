#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Same keys, same data, offload off and on: the TLS bytes on the wire are the
# same. The peer keeps them as they come, without decrypting.
# vm: --mem 1536
. /tlsnic/tests/vm/guest/lib.sh
MTU=9000
setup
dir=/tmp/equality
mkdir -p $dir/off $dir/on

sizes="1 15 16 17 100 1400 4096 16383 16384"
port=6000

pass() {	# pass off|on CIPHER ADDR MSS: one file a record size
	for record in $sizes; do
		bytes=$((record * (record < 1000 ? 40 : 3) + 7))
		port=$((port + 1))
		peer ktls recv "$3" $port --raw "$dir/$1/$2-${3%%[.:]*}-$4-$record" &
		_pid=$!
		nic ktls send "$3" $port --cipher "$2" --mss "$4" --record $record --bytes $bytes \
			--seed $record ||
			return 1
		wait $_pid || return 1
	done
}

same() {	# same CIPHER ADDR MSS
	for record in $sizes; do
		f=$1-${2%%[.:]*}-$3-$record
		[ -s "$dir/off/$f" ] || { echo "record $record: nothing came"; return 1; }
		cmp "$dir/off/$f" "$dir/on/$f" || return 1
	done
}

connections=0
for mode in off on; do
	ok "offload $mode" offload $mode
	device=$(tls_stat TlsTxDevice)
	for cipher in 128 256; do
		for addr in 10.0.0.2 fd00::2; do
			for mss in 536 1448 8948; do
				ok "offload $mode: AES-$cipher, $addr, MSS $mss" \
					pass $mode $cipher $addr $mss
				connections=$((connections + 9))
			done
		done
	done
	is "connections of the card" $(($(tls_stat TlsTxDevice) - device)) \
		$([ $mode = on ] && echo 108 || echo 0)
done
for cipher in 128 256; do
	for addr in 10.0.0.2 fd00::2; do
		for mss in 536 1448 8948; do
			ok "equal for record sizes $sizes: AES-$cipher, $addr, MSS $mss" \
				same $cipher $addr $mss
		done
	done
done
ok "the card encrypted them" [ "$(stat tx_tls_encrypted_packets)" -gt 500 ]
done_testing
