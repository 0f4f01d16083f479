// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include "../common/be64.h"
#include "perf_stream.h"

#define FIRST_PORT	1024
#define TCP_AT		(RTE_ETHER_HDR_LEN + 20)

const char *const layout_names[LAYOUTS] = { "mbuf", "any", "skb" };

int stream_init(struct stream *t, uint32_t n, uint8_t version, uint8_t cipher, uint32_t content, uint32_t len,
		struct rng *r)
{
	uint8_t *bytes = malloc(content + 1);
	uint64_t number = 0;

	memset(t, 0, sizeof(*t));
	t->ctx = n;
	t->seq = rng_next(r);
	t->s.version = version;
	t->s.cipher = cipher;
	t->s.key_len = cipher == TLSNIC_CIPHER_AES_GCM_256 ? 32 : 16;
	rng_bytes(r, t->s.key, t->s.key_len);
	rng_bytes(r, t->s.salt, sizeof(t->s.salt));
	rng_bytes(r, t->s.iv, sizeof(t->s.iv));
	t->record = content ? ref_record_len(&t->s, content) : 0;
	t->len = content ? (len + t->record - 1) / t->record * t->record : len;
	t->down = malloc(t->len);
	if (!content) {
		rng_bytes(r, t->down, t->len);
		t->wire = t->down;
	} else {
		t->wire = malloc(t->len);
		t->key = ref_key_new(t->s.key, t->s.key_len);
	}
	for (uint32_t at = 0; t->record && at < t->len; at += t->record) {
		rng_bytes(r, bytes, content);
		if (!t->key || ref_record(t->key, REF_OPENSSL, &t->s, number++, 23, bytes, content, t->down + at,
					  t->wire + at) != (int)t->record) {
			fprintf(stderr, "perf: the reference fails\n");
			free(bytes);
			return -1;
		}
	}
	free(bytes);
	return 0;
}

void stream_free(struct stream *t)
{
	if (t->wire != t->down)
		free(t->wire);
	free(t->down);
	ref_key_free(t->key);
	memset(t, 0, sizeof(*t));
}

int stream_ctx(struct stream *t, struct nic *n, unsigned int q)
{
	struct tlsnic_txd_ctx ctx;

	session_ctx(&t->s, t->ctx, t->seq + t->at, t->at / t->record, 0, &ctx);
	return nic_ctx_write(n, q, &ctx, t->s.key, NULL);
}

/* Headers up to byte at of the stream; the TCP checksum field has the pseudo-header's sum. */
static void headers(const struct stream *t, uint32_t at, uint32_t len, uint8_t *h)
{
	struct rte_ether_hdr *eth = (void *)h;
	struct rte_ipv4_hdr *ip = (void *)(h + RTE_ETHER_HDR_LEN);
	struct rte_tcp_hdr *tcp = (void *)(h + TCP_AT);

	memset(h, 0, STREAM_HEADERS);
	memset(&eth->dst_addr, 2, sizeof(eth->dst_addr));
	eth->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = 0x45;
	ip->total_length = rte_cpu_to_be_16(STREAM_HEADERS - RTE_ETHER_HDR_LEN + len);
	ip->time_to_live = 64;
	ip->next_proto_id = IPPROTO_TCP;
	ip->src_addr = rte_cpu_to_be_32(RTE_IPV4(10, 0, 0, 1));
	ip->dst_addr = rte_cpu_to_be_32(RTE_IPV4(10, 0, 0, 2));
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	tcp->src_port = rte_cpu_to_be_16(FIRST_PORT + t->ctx);
	tcp->dst_port = rte_cpu_to_be_16(443);
	tcp->sent_seq = rte_cpu_to_be_32(t->seq + at);
	tcp->data_off = (sizeof(*tcp) + 12) / 4 << 4;
	tcp->tcp_flags = RTE_TCP_ACK_FLAG;
	memcpy(tcp + 1, "\x01\x01\x08\x0a", 4);
	tcp->cksum = rte_ipv4_phdr_cksum(ip, 0);
}

/* Posts len bytes from byte at on: of the stream as it is handed down, or, encrypted, without the card's help. */
static int post(struct stream *t, struct nic *n, unsigned int q, struct rte_mempool *pool, uint32_t at, uint32_t len,
		enum layout layout, uint8_t align, bool soft, const struct tlsnic_txd_seek *seek)
{
	static uint8_t packet[STREAM_HEADERS + TLSNIC_TX_MAX_LEN];
	uint32_t cut = STREAM_HEADERS;
	struct tlsnic_txd_packet d = {
		.flags = TLSNIC_TXF_COMPLETE | TLSNIC_TXF_CSUM,
		.csum_start = TCP_AT,
		.csum_offset = offsetof(struct rte_tcp_hdr, cksum),
	};
	uint8_t aligned[2] = { align };
	struct rte_mbuf *m;
	int ret;

	if (!soft) {
		d.flags |= TLSNIC_TXF_TLS;
		d.ctx = t->ctx;
		d.seq = t->seq + at;
		d.stream_offset = STREAM_HEADERS;
	}
	headers(t, at, len, packet);
	memcpy(packet + STREAM_HEADERS, (soft ? t->wire : t->down) + at, len);
	if (layout == LAYOUT_SKB)
		aligned[1] = at % 64;
	m = env_chain(pool, packet, STREAM_HEADERS + len, layout == LAYOUT_SKB ? 2 : 1, &cut, aligned);
	if (!m)
		return -ENOMEM;
	ret = nic_tx_seek(n, q, seek, m, &d, NULL);
	if (ret < 0) {
		rte_pktmbuf_free(m);
		return ret;
	}
	return len;
}

int stream_send(struct stream *t, struct nic *n, unsigned int q, struct rte_mempool *pool, uint32_t segment,
		enum layout layout, struct rng *r)
{
	uint32_t len = t->len - t->at < segment ? t->len - t->at : segment;
	int ret;

	ret = post(t, n, q, pool, t->at, len, layout, layout == LAYOUT_ANY ? rng_below(r, 64) : 0, !t->record, NULL);
	if (ret > 0)
		t->at += len;
	return ret;
}

int stream_resend(struct stream *t, struct nic *n, unsigned int q, struct rte_mempool *pool, uint32_t at, uint32_t len,
		  enum layout layout, bool soft)
{
	uint32_t offset = at % t->record, number = at / t->record;
	struct tlsnic_txd_seek k = { .rec_len = t->record - REF_HEADER, .offset = offset, .rec_type = t->down[at - offset] };

	put64(k.rec_sn, t->s.seq_no + number);
	if (offset + len > t->record - REF_TAG) {
		k.flags |= TLSNIC_SEEK_TAG;
		memcpy(k.tag, t->wire + (number + 1) * t->record - REF_TAG, REF_TAG);
	}
	return post(t, n, q, pool, at, len, layout, 0, soft, soft ? NULL : &k);
}

bool stream_check(const struct stream *t, unsigned int count, const uint8_t *frame, size_t len)
{
	const struct rte_ipv4_hdr *ip = (const void *)(frame + RTE_ETHER_HDR_LEN);
	const struct rte_tcp_hdr *tcp = (const void *)(frame + TCP_AT);
	uint32_t number, at;

	if (len <= STREAM_HEADERS || ip->total_length != rte_cpu_to_be_16(len - RTE_ETHER_HDR_LEN))
		return false;
	number = rte_be_to_cpu_16(tcp->src_port) - FIRST_PORT;
	if (number >= count)
		return false;
	at = rte_be_to_cpu_32(tcp->sent_seq) - t[number].seq;
	return at < t[number].len && len - STREAM_HEADERS <= t[number].len - at &&
	       !memcmp(frame + STREAM_HEADERS, t[number].wire + at, len - STREAM_HEADERS) &&
	       !rte_ipv4_udptcp_cksum_verify(ip, tcp);
}
