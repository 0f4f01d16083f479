#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The guest itself: what every other test here stands on. No card is needed.
# vm: --no-card

. /tlsnic/tests/vm/guest/lib.sh

for p in bash devlink ethtool ip iperf3 openssl ping python3 socat ss tc tcpdump; do
	ok "$p is there" command -v $p
done
ok "the other end of the wire has a NIC" netdev_of virtio_net
ok "kernel TLS is there" grep -q TlsTxDevice /proc/net/tls_stat
for m in veth 8021q sch_netem bonding; do
	ok "module $m loads" modprobe $m
done
ok "OpenSSL was built with kernel TLS" sh -c 'openssl s_server -help 2>&1 | grep -q -- -ktls'
ok "Python has TLS" python3 -c 'import ssl; ssl.OP_ENABLE_KTLS'
ok "results can be written" sh -c 'echo x >/out/written && [ "$(cat /out/written)" = x ]'
is "the repository is read only" "$(sh -c ': >/tlsnic/written && echo written' 2>/dev/null)" ""
is "a fast AES-GCM is loaded" "$(grep -c 'driver.*: generic-gcm-aesni-avx$' /proc/crypto)" 1
done_testing
