#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Streams with losses ahead of the card and behind it, each made from its seed: every byte
# arrives, no connection is reset, and every frame that carries a byte carries it as software
# would have encrypted it. Arguments: the first seed and how many streams (1 50).
# vm: --mem 1536 --sim-args '--pcap wire.pcap --loss 1% --reorder 1% --dup 1% --seed 11'
# vm-kernels: stable
. /tlsnic/tests/vm/guest/lib.sh
seed=${1:-1} last=$((${1:-1} + ${2:-50}))
dir=/tmp/retransmit
mkdir -p $dir
setup
ok "offload on" offload on

nic_mac=$(nic cat /sys/class/net/tlsnic0/address)
peer_mac=$(peer cat /sys/class/net/peer0/address)
for end in 2 1; do
	for addr in 10.0.0.$end fd00::$end; do
		if [ $end = 2 ]; then
			nic ip neigh replace $addr lladdr "$peer_mac" dev tlsnic0 nud permanent
		else
			peer ip neigh replace $addr lladdr "$nic_mac" dev peer0 nud permanent
		fi
	done
done
# what does not wait costs no time
nic sysctl -qw net.ipv4.tcp_rto_min_us=50000
peer sysctl -qw net.ipv4.tcp_rto_min_us=50000

# Losses behind the card, frame by frame, before the peer takes them up.
ok "a queue on the way into the peer" sh -ec '
	modprobe ifb numifbs=0
	for m in sch_netem sch_ingress cls_u32 act_mirred; do modprobe $m; done
	ip netns exec peer ethtool -K peer0 gro off
	ip -n peer link add ifb0 type ifb
	ip -n peer link set ifb0 up
	tc -n peer qdisc add dev peer0 handle ffff: ingress
	tc -n peer filter add dev peer0 parent ffff: protocol all u32 match u32 0 0 \
		action mirred egress redirect dev ifb0'
ahead() { tc -n nic qdisc replace dev tlsnic0 root "$@"; }
in_flight() {	# most bytes on each ring
	nic sh -c "for f in /sys/class/net/tlsnic0/queues/tx-*/byte_queue_limits/limit_max; do
		echo $1 >\$f; done"
}
behind() { tc -n peer qdisc replace dev ifb0 root netem limit 10000 "$@"; }

draw() {	# draw N: $drawn is 0 to N-1
	state=$(((state * 1103515245 + 12345) & 0x7fffffff))
	drawn=$(((state >> 16) % $1))
}

# one SEED PORT [BYTES]: a stream; writes what it is, and at its end how it went
one() {
	state=$(($1 * 7919 + 1))
	draw 1; draw 1
	draw 2; cipher=$((128 * (drawn + 1)))
	draw 2; [ $drawn = 0 ] && addr=10.0.0.2 || addr=fd00::2
	draw 6; mss=$(echo 88 200 536 1000 1208 1440 | cut -d' ' -f$((drawn + 1)))
	draw 8; how=$(printf '%s\n' --random --random --random "--record 16384" "--record 16384" \
		"--record 1400" "--sendfile copy" "--sendfile zero" | sed -n $((drawn + 1))p)
	draw $((mss * 80)); bytes=${3:-$((20000 + drawn))}
	[ -z "${3:-}" ] || mss=1440
	echo "$2 $cipher $bytes $1" >>$dir/streams
	echo "AES-$cipher to $addr, MSS $mss, $how, $bytes bytes" >"$dir/$2.what"
	# shellcheck disable=SC2086
	stream $addr "$2" --cipher $cipher --mss $mss $how --bytes "$bytes" --seed "$1" \
		--timeout 120 >"$dir/$2.out" 2>&1
	echo $? >"$dir/$2.rc"
}

some() {	# some WHAT COUNT [BYTES]: streams at the same time, then their verdicts
	_what=$1 _from=$seed
	while [ $seed -lt $((_from + $2)) ] && [ $seed -lt $last ]; do
		one $seed $((6000 + seed)) "${3:-}" &
		seed=$((seed + 1))
	done
	wait
	while [ $_from -lt $seed ]; do
		_f=$dir/$((6000 + _from))
		ok "$_what, seed $_from: $(cat $_f.what)" sh -c "cat $_f.out; exit $(cat $_f.rc)"
		_from=$((_from + 1))
	done
}

# The card's wire alone: one frame in a hundred is lost, another doubled, another overtaken.
behind loss 0%
some "1 % lost on the wire" 5 1000000
seeks=$(stat tx_tls_seek_packets) software=$(stat tx_tls_fallback_packets)
ok "retransmissions that the card encrypted" [ "$seeks" -gt 0 ]
ok "they are more than 95 of 100" [ $((seeks * 100)) -gt $((95 * (seeks + software))) ]
echo "# seeks $seeks, in software $software"
wire /out/wire.pcap <$dir/streams >$dir/wire
ok "every frame is what software would have sent, 1 %" wire /out/wire.pcap <$dir/streams
echo "# on the wire: $(cat $dir/wire)"
# a frame that was on the wire before went that way too, or in one packet with others
again=$(awk '{ print $6 }' $dir/wire)
ok "frames sent again" [ "$again" -gt 0 ]
ok "of them in software, at most 5 of 100" [ $((software * 100)) -le $((5 * again)) ]

while [ $seed -lt $last ]; do
	for at in "netem loss 1%" "netem loss 5%" "netem loss 20%" "netem loss gemodel 2% 30%" \
		"netem loss 10%|loss 2%" "pfifo limit 2|loss 1%" "pfifo|loss 5%" "pfifo|loss 10%" \
		"pfifo|loss 20%"; do
		[ $seed -lt $last ] || break
		to=${at%%|*} from=loss\ 0%
		case $at in *"|"*) from=${at#*|} ;; esac
		case $to in
		netem*) to="$to seed $seed limit 10000" ;;	# a delay would cost the packets their socket
		*limit*)
			nic ethtool -G tlsnic0 tx 128
			in_flight 3000
			;;
		esac
		# shellcheck disable=SC2086
		ahead $to && behind $from seed $seed || bail "tc does not take $at"
		some "ahead: ${at%%|*}, behind: $from" 5
		case $at in
		*limit*)
			ok "the short queue was full" sh -c \
				'tc -n nic -s qdisc show dev tlsnic0 | grep -q "dropped [1-9]"'
			nic ethtool -G tlsnic0 tx 512
			in_flight max
			;;
		esac
	done
done

# The way round the card: the stack is asked to begin a packet with a record.
asked=$(stat tx_tls_resync_asked)
last=$((last + 5))
ahead netem loss 5% seed 5 limit 10000
behind loss 0%
ok "ask the stack instead" nic ethtool --set-priv-flags tlsnic0 tls-resync-ask on
some "asking, ahead: loss 5%" 5
ok "the stack was asked" [ "$(stat tx_tls_resync_asked)" -gt "$asked" ]
ok "ask no more" nic ethtool --set-priv-flags tlsnic0 tls-resync-ask off

tc -n nic qdisc del dev tlsnic0 root
ok "every frame is what software would have sent" wire /out/wire.pcap <$dir/streams
echo "# on the wire: $(wire /out/wire.pcap <$dir/streams 2>/dev/null)"
is "all were the card's" "$(tls_stat TlsTxDevice)" "$(wc -l <$dir/streams)"
for name in seek_packets fallback_packets tags_returned tags_used splice mixed ooo; do
	echo "# tx_tls_$name $(stat tx_tls_$name)"
done
ok "tags came back and went down again" sh -c "[ $(stat tx_tls_tags_returned) -gt 0 ] && [ $(stat tx_tls_tags_used) -gt 0 ]"
is "errors of the card" "$(stat tx_tls_errors)" 0
done_testing
