#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Faults of the card and of its bus under TLS streams of which frames are lost: the streams
# go on, by another transmission, by software or after a reset; counters tell; and every frame
# that carries a byte carries it as software would have encrypted it. Arguments: which
# of the parts (seek soft data ring reset hold dead).
# vm: --mem 1536 --sim-args '--pcap wire.pcap --faults faults --loss tx:2% --seed 3'
# vm: --allow 'NETDEV.WATCHDOG'
# vm-kernels: backports
. /tlsnic/tests/vm/guest/lib.sh
setup
ok "offload on" offload on
nic sysctl -qw net.ipv4.tcp_rto_min_us=50000
peer sysctl -qw net.ipv4.tcp_rto_min_us=50000
dev=$(basename /sys/bus/pci/drivers/tlsnic/0000:*)
dir=/tmp/faults
mkdir -p $dir

inject() {	# inject LINE...: the card does it before this returns
	printf '%s\n' "$@" >/out/faults
	wait_for 100 test ! -e /out/faults || bail "the card does not take: $*"
}
port=6000
begin() {	# begin N OPTIONS...: N streams, which rest a second in their middle
	_n=$1 pids=
	shift
	while [ "$_n" -gt 0 ]; do
		port=$((port + 1)) _n=$((_n - 1))
		cipher=$((port % 2 ? 128 : 256))
		echo "$port $cipher 1200000 $port" >>$dir/streams
		stream 10.0.0.2 $port --cipher $cipher --bytes 1200000 --cut 600000 "$@" >$dir/$port.out 2>&1 &
		pids="$pids $!"
	done
	sleep 0.7
}
all_right() {
	_bad=
	for p in $pids; do wait "$p" || _bad=1; done
	[ -z "$_bad" ] || tail -n 3 $dir/*.out
	[ -z "$_bad" ]
}
# keep NAME...: counters as they are now; grown NAME: by how much one has grown since;
# grew NAME [N]: has it, by at least N (1)?
keep() { for c in "$@"; do stat "$c" >"$dir/was.$c"; done; }
grown() { echo $(($(stat "$1") - $(cat "$dir/was.$1"))); }
grew() { [ "$(grown "$1")" -ge "${2:-1}" ]; }

# A seek that the card refuses costs a packet, which TCP sends once more.
part_seek() {
	keep card_tls_drop_seek tx_tls_errors resets
	inject "seek 3"
	begin 3
	ok "seeks fail: the streams go on" all_right
	is "seeks that the card refused" "$(grown card_tls_drop_seek)" 3
	is "the driver knows" "$(grown tx_tls_errors)" 3
	is "without a reset" "$(grown resets)" 0
}

# A connection on which the card fails again and again is left to software.
part_soft() {
	keep card_tls_drop_seek tx_tls_fallback_packets tx_tls_seek_packets
	inject "seek 1000000"
	begin 1 --timeout 200
	ok "every seek fails: the stream goes on" all_right
	ok "in software" grew tx_tls_fallback_packets 10
	is "after so many failures" "$(grown card_tls_drop_seek)" 8
	inject "seek 0"
}

# Packets whose memory cannot be read.
part_data() {
	keep card_tx_drop_dma tx_tls_errors tx_tls_resync resets
	begin 3
	inject "fail tx-data 2"
	ok "packets cannot be read: the streams go on" all_right
	ok "the card dropped what it could not read" grew card_tx_drop_dma
	ok "the driver knows" grew tx_tls_errors
	ok "and brought the card back" grew tx_tls_resync
	is "without a reset" "$(grown resets)" 0
}

# Access to a ring fails, or to a receive buffer: something is lost that the driver waits for.
part_ring() {
	for kind in tx-desc rx-desc rx-data completion; do
		case $kind in *-desc) err=err_host_read ;; *) err=err_host_write ;; esac
		keep resets $err
		begin 3
		inject "fail $kind 1"
		ok "a failed access ($kind): the streams go on" all_right
		ok "it was counted" grew $err
		is "and brought a reset" "$(grown resets)" 1
	done
}

# Resets in the middle, by whoever.
resets() {
	for i in 1 2 3; do
		echo 1 >/sys/bus/pci/devices/"$dev"/reset && sleep 0.3 &&
			nic ethtool --reset tlsnic0 all && sleep 0.3 || return 1
	done
}
part_reset() {
	keep tx_tls_seek_packets tx_tls_ctx_writes
	begin 3
	ok "resets of function and card" resets
	ok "resets: the streams go on" all_right
	ok "contexts were written again" grew tx_tls_ctx_writes 6
	ok "packets were sent again by the card" grew tx_tls_seek_packets
}

# The MAC takes nothing: the queues stand until the driver resets the card.
part_hold() {
	keep resets
	begin 3 --timeout 200
	inject hold
	# the card itself holds many a frame before its rings fill
	nic ping -q -i 0.01 -s 1400 10.0.0.2 >/dev/null &
	_ping=$!
	ok "the wire stands: the card is reset" wait_for 300 grew resets
	kill $_ping
	inject release
	ok "the wire goes: the streams go on" all_right
}

# The card answers no more: the interface goes down, the stack takes the connections. The
# function is reset by hand, and what is left of them goes out in software.
part_dead() {
	begin 3 --timeout 200
	inject stop
	down() { nic ip -o link show tlsnic0 | grep -q 'state DOWN'; }
	ok "a dead card: the interface goes down" wait_for 600 down
	ok "no reset while it is dead" sh -c "! ip netns exec nic ip link set tlsnic0 up"
	ok "reset of the function" sh -c "echo 1 >/sys/bus/pci/devices/$dev/reset"
	ok "the interface comes up" nic_up
	ok "a dead card: the streams go on" all_right
	device=$(tls_stat TlsTxDevice)
	begin 1
	ok "a new stream" all_right
	is "is the card's" $(($(tls_stat TlsTxDevice) - device)) 1
}

[ $# -gt 0 ] || set -- seek soft data ring reset hold dead
for part; do
	echo "# $part"
	part_$part
done
ok "every frame is what software would have sent" wire /out/wire.pcap <$dir/streams
echo "# on the wire: $(wire /out/wire.pcap <$dir/streams 2>/dev/null)"
is "no context is left" "$(sleep 1; stat tx_tls_active)" 0
done_testing
