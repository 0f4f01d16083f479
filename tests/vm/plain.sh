#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Plain frames both ways: lengths, protocols, checksums, VLAN, ethtool.
. /tlsnic/tests/vm/guest/lib.sh
setup

is "driver name" "$(nic ethtool -i tlsnic0 | sed -n 's/^driver: //p')" tlsnic
ok "link is up" sh -c 'ip netns exec nic cat /sys/class/net/tlsnic0/carrier | grep -q 1'
ok "IPv4 ping" nic ping -c 3 -i 0.2 -W 5 10.0.0.2
ok "IPv6 ping" nic ping -c 3 -i 0.2 -W 5 fd00::2

ping_sizes() {	# payload lengths from $2 to $3 in steps of $4
	_s=$2
	while [ "$_s" -le "$3" ]; do
		nic ping -c 1 -W 10 -M 'do' -s "$_s" "$1" || return 1
		_s=$((_s + $4))
	done
}
ok "IPv4 frames of 60 to 1514 bytes" ping_sizes 10.0.0.2 18 1472 97
ok "IPv6 frames of 62 to 1514 bytes" ping_sizes fd00::2 0 1452 121
ok "MTU 9000" set_mtu 9000
ok "frames up to 9014 bytes" ping_sizes 10.0.0.2 1400 8972 631

peer udp echo 10.0.0.2 7000 &
peer udp echo fd00::2 7000 &
nic udp echo 10.0.0.1 7000 &
sleep 0.5
ok "UDP, every length to 130" nic udp probe 10.0.0.2 7000 1 130 1
ok "UDP, IPv4, to 8972" nic udp probe 10.0.0.2 7000 131 8972 463
ok "UDP, IPv6, to 8952" nic udp probe fd00::2 7000 1 8952 659
ok "UDP, from the peer" peer udp probe 10.0.0.1 7000 1 8972 463
ok "UDP in fragments" nic udp probe 10.0.0.2 7000 20000 60000 13333

port=5000
tcp() {	# tcp ADDR OPTIONS...
	port=$((port + 1))
	_a=$1
	shift
	stream "$_a" $port --cipher none "$@"
}
tcp_in() {
	port=$((port + 1))
	_a=$1
	shift
	stream_in "$_a" $port --cipher none "$@"
}
for mss in 536 1448 8948; do
	ok "TCP out, IPv4, MSS $mss" tcp 10.0.0.2 --bytes 400000 --mss $mss
	ok "TCP in, IPv4, MSS $mss" tcp_in 10.0.0.1 --bytes 400000 --mss $mss
done
ok "TCP out, IPv6" tcp fd00::2 --bytes 400000
ok "TCP in, IPv6" tcp_in fd00::1 --bytes 400000

ok "checksum offload off" nic ethtool -K tlsnic0 tx off rx off
ok "TCP without checksum offload" tcp 10.0.0.2 --bytes 200000
ok "checksum offload on" nic ethtool -K tlsnic0 tx on rx on
ok "scatter-gather off" nic ethtool -K tlsnic0 sg off
ok "TCP without scatter-gather" tcp 10.0.0.2 --bytes 200000
ok "scatter-gather on" nic ethtool -K tlsnic0 sg on
is "no RX checksum error" "$(stat rx_csum_errors)" 0

ok "VLAN interfaces" sh -c 'modprobe 8021q &&
	ip -n nic link add link tlsnic0 name v5 type vlan id 5 &&
	ip -n nic addr add 10.0.5.1/24 dev v5 && ip -n nic link set v5 up &&
	ip -n peer link add link peer0 name v5 type vlan id 5 &&
	ip -n peer addr add 10.0.5.2/24 dev v5 && ip -n peer link set v5 up'
ok "ping over VLAN" nic ping -c 2 -i 0.2 -W 5 10.0.5.2
ok "TCP over VLAN" tcp 10.0.5.2 --bytes 200000
ok "VLAN offload off" nic ethtool -K tlsnic0 txvlan off rxvlan off
ok "TCP over VLAN in software" tcp 10.0.5.2 --bytes 200000
ok "VLAN offload on" nic ethtool -K tlsnic0 txvlan on rxvlan on

ok "short rings" nic ethtool -G tlsnic0 rx 128 tx 128
ok "TCP with short rings" tcp 10.0.0.2 --bytes 200000
ok "rings of 1024" nic ethtool -G tlsnic0 rx 1024 tx 1024
ok "one channel" nic ethtool -L tlsnic0 combined 1
ok "TCP over one queue pair" tcp 10.0.0.2 --bytes 200000
ok "four channels" nic ethtool -L tlsnic0 combined 4
ok "coalescing" nic ethtool -C tlsnic0 rx-usecs 20
ok "TCP with coalescing" tcp_in 10.0.0.1 --bytes 200000
ok "RSS table" nic ethtool -X tlsnic0 weight 0 1 0 1
ok "TCP with another RSS table" tcp_in 10.0.0.1 --bytes 200000
ok "RSS default" nic ethtool -X tlsnic0 default
ok "message level" nic ethtool -s tlsnic0 msglvl drv on
ok "self-test" nic ethtool -t tlsnic0 offline
ok "traffic after the self-test" wait_for 50 nic ping -c 1 -W 1 10.0.0.2

unload() { rmmod tlsnic && ! netdev_of tlsnic; }
ok "unload" unload
ok "load again" insmod "$DRIVER"
ok "the interface comes back" wait_for 100 netdev_of tlsnic
ok "it comes up" nic_up
ok "ping after reload" wait_for 50 nic ping -c 1 -W 1 10.0.0.2
dev=$(basename "$(dirname /sys/bus/pci/drivers/tlsnic/0000:*/net)")
ok "unbind" sh -c "echo $dev >/sys/bus/pci/drivers/tlsnic/unbind"
ok "bind" sh -c "echo $dev >/sys/bus/pci/drivers/tlsnic/bind"
ok "interface after bind" nic_up
ok "ping after bind" wait_for 50 nic ping -c 1 -W 1 10.0.0.2
done_testing
