#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The guest reboots with the driver loaded and a TLS connection in the card.
# vm: --reboot
. /tlsnic/tests/vm/guest/lib.sh
setup
offload on
if [ ! -e /out/rebooted ]; then
	stream 10.0.0.2 6001 --bytes 200000 --cut 100000 >/dev/null 2>&1 &
	sleep 0.7
	: >/out/rebooted
	sync
	reboot -f
fi
rm /out/rebooted
ok "ping after a reboot" nic ping -c 1 -W 5 10.0.0.2
ok "a connection after a reboot" stream 10.0.0.2 6001 --bytes 200000
is "it is the card's" "$(tls_stat TlsTxDevice)" 1
is "the card holds no other context" "$(stat card_tls_ctx_writes)" 1
done_testing
