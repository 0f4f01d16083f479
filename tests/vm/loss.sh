#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# One frame in a hundred is lost in each direction; every byte arrives and is right.
# vm: --sim-args '--loss 1% --seed 7'
. /tlsnic/tests/vm/guest/lib.sh
setup
ok "offload on" offload on
is "plain TCP out: all right" "$(stream 10.0.0.2 5001 --cipher none --bytes 1000000 >/dev/null; echo $?)" 0
is "plain TCP in: all right" "$(stream_in 10.0.0.1 5002 --cipher none --bytes 1000000 >/dev/null; echo $?)" 0
port=6000
for cipher in 128 256; do
	for addr in 10.0.0.2 fd00::2; do
		for record in 16384 1400 100; do
			port=$((port + 1))
			ok "AES-$cipher to $addr, records of $record" \
				stream $addr $port --cipher $cipher --record $record \
				--bytes $((record > 1000 ? 800000 : 60000)) --seed $port
		done
	done
done
is "all were the card's" "$(tls_stat TlsTxDevice)" 12
ok "there were retransmissions" [ "$(stat tx_tls_ooo)" -gt 0 ]
ok "the card encrypted the rest" [ "$(stat tx_tls_encrypted_bytes)" -gt 2000000 ]
done_testing
