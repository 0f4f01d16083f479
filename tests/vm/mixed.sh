#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Packets with bytes from before and from after the offload began. The stack makes none, so a
# module does (tests/vm/mix). They leave with the front as it is and the rest encrypted,
# at first and when they are sent again.
# vm: --sim-args '--pcap wire.pcap --loss tx:20% --seed 4'
# vm-kernels: stable
. /tlsnic/tests/vm/guest/lib.sh
setup
ok "offload on" offload on
# the front makes frames longer than the MSS, which leaves room for that
nic sysctl -qw net.ipv4.tcp_rto_min_us=50000
peer sysctl -qw net.ipv4.tcp_rto_min_us=50000
dir=/tmp/mixed
mkdir -p $dir
ok "the module that mixes" insmod "$TOOLS/mix-$(uname -r)/mix.ko" ports=6001,6090
mixed() { cat /sys/module/mix/parameters/mixed; }

# ten streams at once with so many bytes ahead of the offload, in turns of record and cipher
port=6000 port_of=6000
ten_streams() {
	lead=$1 pids=''
	for record in 16384 3000 1000 300 20; do
		for cipher in 128 256; do
			port=$((port + 1))
			echo "$port $cipher 60000 $port $lead" >>$dir/streams
			stream 10.0.0.2 $port --cipher $cipher --bytes 60000 --record $record \
				--mss 1200 --lead "$lead" >$dir/$port.out 2>&1 &
			pids="$pids $!"
		done
	done
	for p in $pids; do
		port_of=$((port_of + 1))
		wait "$p"
		_rc=$?
		ok "$lead bytes ahead, port $port_of" sh -c "cat $dir/$port_of.out; exit $_rc"
	done
}
for lead in 1 37 100 200; do
	ten_streams $lead
done
# which frames are lost depends on the guest's timing too: on until it was one of these
for lead in 2 60 150 250 30; do
	[ "$(mixed)" -gt $((port - 6000)) ] || ten_streams $lead
done
streams=$((port - 6000))
ok "each stream had a mixed packet" [ "$(mixed)" -ge $streams ]
ok "and some had it twice" [ "$(mixed)" -gt $streams ]
is "the driver saw them" "$(stat tx_tls_mixed)" "$(mixed)"
is "and dropped none" "$(stat tx_tls_drop_bypass_req)" 0
is "errors of the card" "$(stat tx_tls_errors)" 0
is "all were the card's" "$(tls_stat TlsTxDevice)" $streams
ok "every frame is what software would have sent" wire /out/wire.pcap <$dir/streams
echo "# mixed $(mixed); on the wire: $(wire /out/wire.pcap <$dir/streams 2>/dev/null)"
echo "# as it was before the offload: $(stat tx_tls_skip_no_sync_data)"
done_testing
