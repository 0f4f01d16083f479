#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The guest's part of the benchmark of the driver's software fallback: once all packets of a
# connection take its queue, once all but the first take another one, which leaves
# them to software. All else is the same. A line of /out/runs for each says: record, queue,
# packets in software, their bytes. Arguments: bytes of a stream, then record sizes.
. /tlsnic/tests/vm/guest/lib.sh
setup
bytes=$1
shift
nic ethtool -L tlsnic0 combined 2 || bail "no second queue pair"
nic ethtool -K tlsnic0 gso off || bail "packets of one segment are not to be had"
nic ethtool -K tlsnic0 tso off
offload on
for m in sch_ingress cls_u32 act_skbedit; do modprobe $m; done
tc -n nic qdisc add dev tlsnic0 clsact || bail "no clsact"
queue() {
	tc -n nic filter replace dev tlsnic0 egress prio 1 handle 800::1 protocol ip u32 match u32 0 0 \
		action skbedit queue_mapping "$1" || bail "no skbedit"
}
: >/out/runs
port=5000
for record; do
	for to in 0 1; do
		port=$((port + 1))
		queue 0
		peer ktls recv 10.0.0.2 $port --raw /dev/null >/dev/null &
		pid=$!
		wait_for 50 peer sh -c "ss -Hltn 'sport = $port' | grep -q ." || bail "no listener"
		packets=$(stat tx_tls_fallback_packets) octets=$(stat tx_tls_fallback_bytes)
		mark 0
		nic ktls send 10.0.0.2 $port --record "$record" --bytes "$bytes" --cut $((record + 1)) >/dev/null &
		sender=$!
		sleep 0.5
		queue $to
		wait $sender || bail "the stream failed"
		mark 1
		wait $pid
		echo "$record $to $(($(stat tx_tls_fallback_packets) - packets))" \
			"$(($(stat tx_tls_fallback_bytes) - octets))" >>/out/runs
	done
done
exit 0
