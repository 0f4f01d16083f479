#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Features toggled, the card reset and the driver unloaded, all under traffic.
. /tlsnic/tests/vm/guest/lib.sh
setup
offload on

# Streams in both directions, until the file is gone; any failure is counted.
traffic() {	# traffic stream|stream_in ADDR BASEPORT OPTIONS...
	_how=$1 _at=$2 _p=$3
	shift 3
	while [ -e /tmp/traffic ]; do
		$_how "$_at" "$_p" --bytes 150000 "$@" >>/tmp/traffic.log 2>&1 ||
			echo "$_how $_p $*" >>/tmp/traffic.failed
		echo "$_p" >>/tmp/traffic.done
		_p=$((_p + 1))
	done
}
traffic_start() {
	: >/tmp/traffic
	: >/tmp/traffic.failed
	: >/tmp/traffic.done
	traffic stream 10.0.0.2 6000 --cipher 128 &
	traffic stream 10.0.0.2 9000 --cipher 256 --record 1000 &
	traffic stream_in 10.0.0.1 12000 --cipher none &
	sleep 1
}
traffic_stop() {
	rm /tmp/traffic
	wait
}

toggle() {	# 200 times, another feature each time
	n=0
	while [ $n -lt 200 ]; do
		for f in tls-hw-tx-offload tx-checksum-ip-generic rx sg rxhash rxvlan txvlan gro; do
			nic ethtool -K tlsnic0 $f off >/dev/null 2>&1
			nic ethtool -K tlsnic0 $f on >/dev/null 2>&1
			n=$((n + 2))
		done
	done
	nic ethtool -K tlsnic0 tx on sg on tls-hw-tx-offload on
}
traffic_start
ok "ethtool -K 200 times under traffic" toggle
traffic_stop
is "no stream failed" "$(cat /tmp/traffic.failed)" ""
ok "streams ran meanwhile" [ "$(wc -l </tmp/traffic.done)" -ge 3 ]

resets() {
	for i in 1 2 3; do
		echo 1 >"/sys/bus/pci/drivers/tlsnic/$(basename /sys/bus/pci/drivers/tlsnic/0000:*)/reset" ||
			return 1
		sleep 1
	done
}
traffic_start
ok "function reset three times under traffic" resets
traffic_stop
is "no stream failed" "$(cat /tmp/traffic.failed)" ""

# The addresses go with the interface; its connections come to an end by time-out,
# or go on when it is back: both are fine, a splat or a hang is not.
reload() { rmmod tlsnic && insmod "$DRIVER" && wait_for 100 netdev_of tlsnic && nic_up; }
for i in 1 2 3; do
	stream 10.0.0.2 $((20000 + i)) --bytes 2000000 --timeout 20 >/dev/null 2>&1 &
	stream_in 10.0.0.1 $((21000 + i)) --bytes 2000000 --timeout 20 >/dev/null 2>&1 &
	sleep 1
	ok "unload and load under traffic, $i" reload
done
wait
ok "ping" wait_for 50 nic ping -c 1 -W 1 10.0.0.2
offload on
device=$(tls_stat TlsTxDevice)
ok "a connection of the card" stream 10.0.0.2 6999 --bytes 200000
is "TlsTxDevice" $(($(tls_stat TlsTxDevice) - device)) 1
done_testing
