#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# More connections than contexts: the rest run in software, and contexts come back.
. /tlsnic/tests/vm/guest/lib.sh
setup
contexts=$(dmesg | sed -n 's/.* \([0-9]*\) TLS contexts.*/\1/p' | tail -n 1)
ok "offload on" offload on
ok "the card says how many contexts it has" [ "$contexts" -gt 0 ]
run=/tlsnic/tests/vm/guest/contexts.py
count=$((contexts + 20))

for round in 1 2; do
	peer python3 $run recv 10.0.0.2 7000 $count >/tmp/right &
	_pid=$!
	wait_for 100 peer sh -c 'ss -Hltn "sport = 7000" | grep -q .'
	nic python3 $run send 10.0.0.2 7000 $count >/tmp/now
	wait $_pid
	is "round $round: every context used, the rest in software" "$(cat /tmp/now)" "$contexts 20"
	is "round $round: all $count streams arrived encrypted" "$(cat /tmp/right)" "$count"
	ok "round $round: contexts come back" wait_for 300 sh -c \
		"ip netns exec nic ethtool -S tlsnic0 | grep -q 'tx_tls_active: 0'"
done
is "connections refused" "$(stat tx_tls_refused)" 40
is "contexts written and deleted" "$(stat card_tls_ctx_deletes)" "$(stat card_tls_ctx_writes)"
done_testing
