// SPDX-License-Identifier: BSD-2-Clause
/*
 * mix: makes the packets that the stack itself takes care never to make: bytes from before and
 * from after the TLS offload began in one. For IPv4 flows to the ports that "ports" names,
 * from,to:
 *
 * - The first packet of data, sent in the clear, is taken away; its bytes are kept.
 * - Each packet that begins where the offload began gets them in front, as long as
 *   they are not acknowledged.
 *
 * What the stack sends again of the first packet passes as it is.
 */
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/spinlock.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#define FLOWS	128
#define ROOM	256	/* most bytes that are kept */

static unsigned short ports[2];
module_param_array(ports, ushort, NULL, 0444);
MODULE_PARM_DESC(ports, "first and last port of the flows");

static unsigned int mixed;
module_param(mixed, uint, 0444);
MODULE_PARM_DESC(mixed, "packets that were mixed");

struct flow {
	u32 begin;		/* sequence number where the offload began */
	unsigned int len;	/* bytes ahead of that, 0: nothing kept yet */
	u8 lead[ROOM];
};

static struct flow flows[FLOWS];
static DEFINE_SPINLOCK(lock);

/* Puts the kept bytes between the headers and the data. */
static bool put_ahead(struct sk_buff *skb, const struct flow *f, unsigned int headers)
{
	unsigned int network = ip_hdrlen(skb);
	struct tcphdr *th;
	struct iphdr *iph;

	if (skb->ip_summed != CHECKSUM_PARTIAL || skb_cow(skb, f->len + LL_MAX_HEADER))
		return false;
	skb_push(skb, f->len);
	memmove(skb->data, skb->data + f->len, headers);
	memcpy(skb->data + headers, f->lead, f->len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, network);
	skb->csum_start = skb_transport_header(skb) - skb->head;

	iph = ip_hdr(skb);
	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	th = tcp_hdr(skb);
	th->seq = htonl(f->begin - f->len);
	th->check = ~tcp_v4_check(skb->len - network, iph->saddr, iph->daddr, 0);
	if (skb_is_gso(skb))
		skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(skb->len - headers,
							 skb_shinfo(skb)->gso_size);
	return true;
}

static unsigned int on_packet(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	unsigned int port, headers, verdict = NF_ACCEPT;
	struct flow *f;
	u32 seq;

	if (ip_hdr(skb)->protocol != IPPROTO_TCP || !skb->sk || !sk_fullsock(skb->sk))
		return NF_ACCEPT;
	port = ntohs(tcp_hdr(skb)->dest);
	headers = ip_hdrlen(skb) + tcp_hdrlen(skb);
	if (port < ports[0] || port > ports[1] || skb->len == headers)
		return NF_ACCEPT;
	f = &flows[port - ports[0]];
	seq = ntohl(tcp_hdr(skb)->seq);

	spin_lock_bh(&lock);
	if (!skb_is_decrypted(skb)) {
		if (!f->len && skb->len - headers <= ROOM) {
			f->len = skb->len - headers;
			f->begin = seq + f->len;
			if (skb_copy_bits(skb, headers, f->lead, f->len))
				f->len = 0;
			consume_skb(skb);
			verdict = NF_STOLEN;
		}
	} else if (f->len && seq == f->begin &&
		   !after(tcp_sk(skb->sk)->snd_una, f->begin - f->len)) {
		mixed += put_ahead(skb, f, headers);
	}
	spin_unlock_bh(&lock);
	return verdict;
}

static const struct nf_hook_ops ops = {
	.hook = on_packet,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_POST_ROUTING,
	.priority = INT_MAX,
};

static int __net_init mix_net_init(struct net *net)
{
	return nf_register_net_hook(net, &ops);
}

static void __net_exit mix_net_exit(struct net *net)
{
	nf_unregister_net_hook(net, &ops);
}

static struct pernet_operations mix_net_ops = {
	.init = mix_net_init,
	.exit = mix_net_exit,
};

static int __init mix_init(void)
{
	if (!ports[0] || ports[1] < ports[0] || ports[1] - ports[0] >= FLOWS) {
		pr_err("mix: ports %u,%u: expected two, in order and less than %u apart\n",
		       ports[0], ports[1], FLOWS);
		return -EINVAL;
	}
	return register_pernet_subsys(&mix_net_ops);
}

static void __exit mix_exit(void)
{
	unregister_pernet_subsys(&mix_net_ops);
}

module_init(mix_init);
module_exit(mix_exit);

MODULE_DESCRIPTION("Packets with bytes from before and after the TLS offload began");
MODULE_LICENSE("Dual BSD/GPL");
