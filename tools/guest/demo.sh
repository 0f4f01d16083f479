#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The guest's part of the demo: an OpenSSL server with kernel TLS at the card, a
# client that knows nothing of it at the other end of the wire. Files, keys and
# counters go to /out, where tools/demo holds them against the capture.
# vm: --sim-args '--pcap wire.pcap --pcie pcie.bin --stats stats.txt'
. /tlsnic/tests/vm/guest/lib.sh

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
setup
title "the card"
nic ethtool -i tlsnic0 | sed -n '1,2p;5p'

cd /tmp || exit 1
export OPENSSL_CONF=/etc/ssl/openssl.cnf
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 \
	-subj /CN=tlsnic -keyout key.pem -out cert.pem 2>req.log ||
	bail "no certificate: $(tail -n 3 req.log)"

# fetch NAME CIPHER: one file through s_server and s_client, in both ends' view
fetch() {
	_name=$1 _cipher=$2
	# every 64-byte line of the file is found nowhere else
	awk -v n="$_name" 'BEGIN { for (i = 0; i < 16384; i++)
		printf "%-16s line %08d of a file that must be secret...\n", n, i }' >"$_name.txt"
	cp "$_name.txt" /out/
	nic openssl s_server -accept 443 -cert cert.pem -key key.pem -WWW -ktls -tls1_2 \
		-cipher "$_cipher" >server.log 2>&1 &
	_server=$!
	wait_for 100 nic sh -c 'ss -Hltn "sport = 443" | grep -q .' || bail "s_server does not listen"
	_before=$(tls_stat TlsTxDevice)
	{ printf 'GET /%s.txt HTTP/1.0\r\n\r\n' "$_name"; sleep 1; } |
		peer openssl s_client -connect 10.0.0.1:443 -quiet -no_ign_eof -tls1_2 \
		-keylogfile /out/keys.log 2>client.log | sed '1,/^\r$/d' >got.txt
	kill $_server 2>/dev/null
	wait $_server 2>/dev/null
	_sent=$(sha256sum <"$_name.txt" | cut -c1-64)
	_got=$(sha256sum <got.txt | cut -c1-64)
	echo "   sent $(wc -c <"$_name.txt") bytes, sha256 $_sent"
	echo "   got  $(wc -c <got.txt) bytes, sha256 $_got"
	echo "   /proc/net/tls_stat: $(nic grep TlsTx /proc/net/tls_stat | tr -s ' \t\n' ' ')"
	nic ethtool -S tlsnic0 | grep -E '^ *tx_tls_(encrypted|ctx|ooo)' | sed 's/^ */   ethtool -S: /'
	echo "$_name $_cipher $_sent $_got $(($(tls_stat TlsTxDevice) - _before))" \
		"$(stat tx_tls_encrypted_bytes)" >>/out/result
	[ "$_sent" = "$_got" ] || { tail -n 5 server.log client.log; return 1; }
}

: >/out/result
offload on || bail "no tls-hw-tx-offload"
title "AES128-GCM, encrypted by the card"
nic ethtool -k tlsnic0 | sed -n 's/^tls-hw-tx-offload/   ethtool -k: &/p'
fetch card128 ECDHE-ECDSA-AES128-GCM-SHA256 || exit 1
title "AES256-GCM, encrypted by the card"
fetch card256 ECDHE-ECDSA-AES256-GCM-SHA384 || exit 1
title "AES128-GCM, the feature turned off: software encrypts"
offload off
nic ethtool -k tlsnic0 | sed -n 's/^tls-hw-tx-offload/   ethtool -k: &/p'
fetch soft128 ECDHE-ECDSA-AES128-GCM-SHA256 || exit 1
exit 0
