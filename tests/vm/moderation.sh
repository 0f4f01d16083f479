#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Interrupt moderation is changed under traffic: at once, without a restart of the rings,
# and no packet is lost by it.
. /tlsnic/tests/vm/guest/lib.sh
setup
ok "offload on" offload on
ok "one queue pair" nic ethtool -L tlsnic0 combined 1

# registers of queue pair 0 behind the 19 of the card: IRQ_CYCLES, IRQ_COUNT
registers() { nic ethtool -d tlsnic0 raw on | od -A n -t u4 -j $(((19 + 22) * 4)) -N 8 | xargs; }
lost() {
	for c in tx_dropped tx_errors tx_tls_errors card_tx_drop_dma card_tx_drop_desc card_rx_no_buffer \
		tx_tls_drop_no_sync_data; do
		echo "$c $(stat $c)"
	done
}
interrupts() {	# of 100 frames from the peer, with pauses that a poll does not bridge
	_before=$(stat q0_interrupts) _frames=$(stat q0_rx_packets)
	peer python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range(100):
    s.sendto(bytes(100), ("10.0.0.1", 9000))
    time.sleep(0.003)'
	wait_for 100 sh -c ". /tlsnic/tests/vm/guest/lib.sh; [ \$(stat q0_rx_packets) -ge $((_frames + 100)) ]" ||
		echo "frames are missing"
	echo $(($(stat q0_interrupts) - _before))
}

# the simulated card says 1 MHz: a cycle is a microsecond
ok "set" nic ethtool -C tlsnic0 rx-usecs 300 tx-usecs 200 rx-frames 0 tx-frames 0
is "the shorter time is the card's" "$(registers)" "200 0"
ok "frames" nic ethtool -C tlsnic0 rx-frames 7 tx-frames 9
is "the smaller number is the card's" "$(registers)" "200 7"
refused() { ! nic ethtool -C tlsnic0 "$@"; }
ok "a longer time than the card has is refused" refused rx-usecs 17000000
ok "so are more frames" refused rx-frames 65536
is "nothing has changed" "$(registers)" "200 7"

resets=$(stat resets) changes=$(stat link_changes) lost=$(lost) writes=$(stat card_tls_ctx_writes)
many() {
	n=0
	while [ -e /tmp/traffic ]; do
		for us in 0 20 1000 5; do
			nic ethtool -C tlsnic0 rx-usecs $us tx-usecs $us rx-frames $((n % 3 * 16)) || return 1
			n=$((n + 1))
		done
	done
	echo $n >/tmp/many
}
: >/tmp/traffic
many &
_many=$!
for p in 6101 6102 6103; do
	ok "stream $p while moderation changes" stream 10.0.0.2 $p --bytes 1000000 --cipher $((p % 2 ? 128 : 256))
	ok "and one in" stream_in 10.0.0.1 $((p + 100)) --bytes 500000 --cipher none
done
rm /tmp/traffic
ok "moderation changed" wait $_many
ok "many times" [ "$(cat /tmp/many)" -ge 20 ]
is "resets" "$(stat resets)" "$resets"
is "changes of the link" "$(stat link_changes)" "$changes"
is "nothing was lost" "$(lost)" "$lost"
is "no context was written again" $(($(stat card_tls_ctx_writes) - writes)) 3

nic socat -u udp4-recv:9000 /dev/null &
sleep 0.5
ok "short" nic ethtool -C tlsnic0 rx-usecs 0 tx-usecs 0 rx-frames 1 tx-frames 1
short=$(interrupts)
ok "long" nic ethtool -C tlsnic0 rx-usecs 1000000 tx-usecs 1000000 rx-frames 0 tx-frames 0
long=$(interrupts)
echo "# interrupts: $short, with moderation $long"
ok "moderation is in force" [ "$((long * 2))" -lt "$short" ]

ok "down" nic ip link set tlsnic0 down
ok "set while down" nic ethtool -C tlsnic0 rx-usecs 30 tx-usecs 40 rx-frames 5
ok "up" nic_up
is "in force when up" "$(registers)" "30 5"
ok "reset of the card" nic ethtool --reset tlsnic0 all
is "and after a reset" "$(registers)" "30 5"
done_testing
