#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# devlink's tls_tag_min: of which records the card returns the tag though they went in one
# frame. Every record here fills a frame, so none is cut.
. /tlsnic/tests/vm/guest/lib.sh
setup
ok "offload on" offload on
dev=pci/$(basename /sys/bus/pci/drivers/tlsnic/0000:*)
# 1411 bytes of data, 29 of header, nonce and tag: the MSS; the length field says 1435
nic sysctl -qw net.ipv4.tcp_timestamps=0
# of a packet that it cuts the card takes a record that ends with a frame to be cut
nic ethtool -K tlsnic0 tso off
records=40 length=1435

get() { devlink -j dev param show "$dev" name tls_tag_min | sed 's/.*"value":\([0-9]*\).*/\1/'; }
set_to() { devlink dev param set "$dev" name tls_tag_min value "$1" cmode runtime; }
register() { nic ethtool -d tlsnic0 raw on | od -A n -t u4 -j 72 -N 4 | tr -d ' '; }
port=6000
tags() {	# tags WHAT WANT: a stream, and the tags that the card returns
	port=$((port + 1))
	_before=$(stat card_tls_tags) _driver=$(stat tx_tls_tags_returned)
	ok "stream: $1" stream 10.0.0.2 $port --record 1411 --bytes $((1411 * records)) --mss 1440
	is "tags: $1" $(($(stat card_tls_tags) - _before)) "$2"
	is "the driver got them: $1" $(($(stat tx_tls_tags_returned) - _driver)) "$2"
}

ok "devlink knows the card" sh -c "devlink dev | grep -qx $dev"
is "at first" "$(get)" 65535
tags "none" 0
ok "of all" set_to 0
is "it reads back" "$(get)" 0
tags "of all" $records
ok "of this length" set_to $length
tags "of this length" $records
ok "of longer ones" set_to $((length + 1))
tags "of longer ones" 0

refused() { ! set_to "$1" 2>/tmp/refused; }
ok "what is no length is refused" refused 70000
ok "with its value and the limits" grep -q 'tls_tag_min 70000 is not between 0 and 65535' /tmp/refused
is "nothing has changed" "$(get)" $((length + 1))

ok "of this length, under a stream" sh -c ". /tlsnic/tests/vm/guest/lib.sh >/dev/null
	stream 10.0.0.2 6100 --bytes 400000 --cut 200000 & sleep 0.7
	devlink dev param set $dev name tls_tag_min value $length cmode runtime && wait \$!"
ok "reset of the card" nic ethtool --reset tlsnic0 all
is "kept over it" "$(register)" $length
ok "rings of 128" nic ethtool -G tlsnic0 tx 128
is "kept over a restart" "$(register)" $length
ok "reset of the function" sh -c "echo 1 >/sys/bus/pci/devices/${dev#pci/}/reset"
is "kept over that" "$(register)" $length
ok "down" nic ip link set tlsnic0 down
ok "set while down" set_to 0
ok "up" nic_up
is "in force when up" "$(register)" 0
ok "the other end answers" wait_for 50 nic ping -c 1 -W 1 10.0.0.2
tags "of all, after all this" $records
ok "unload" rmmod tlsnic
is "devlink shows no card" "$(devlink dev)" ""
done_testing
