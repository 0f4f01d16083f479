// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: self-test of the card's AES-GCM. TLS 1.2 records go
 * through the card's loopback and are compared with what the kernel's gcm(aes)
 * makes of them.
 */
#include <crypto/aead.h>
#include <linux/ip.h>
#include <linux/scatterlist.h>
#include <linux/tcp.h>
#include <linux/unaligned.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "tlsnic.h"
#include "tlsnic_compat.h"
#include "tlsnic_selftest.h"

#define TLSNIC_GCM_TCP		(ETH_HLEN + sizeof(struct iphdr))
#define TLSNIC_GCM_HEADERS	(TLSNIC_GCM_TCP + sizeof(struct tcphdr))
#define TLSNIC_GCM_PREFIX	13	/* record header and explicit nonce */
#define TLSNIC_GCM_TAG		16
#define TLSNIC_GCM_AAD		13
#define TLSNIC_GCM_MAX		1400
#define TLSNIC_GCM_SEQ		0xfffffd00	/* wraps on the way */

/* One connection, and scratch memory. On the heap: some of it is for DMA. */
struct tlsnic_gcm {
	struct crypto_aead *aead;
	struct aead_request *req;
	u8 key[32];
	u8 salt[4];
	u64 iv;
	u64 rec_sn;
	u8 nonce[12];
	u8 aad[TLSNIC_GCM_AAD];
	u8 record[TLSNIC_GCM_MAX + TLSNIC_GCM_TAG];
	u8 got[TLSNIC_TX_MAX_LEN];
};

static int tlsnic_gcm_start(struct tlsnic_gcm *g, unsigned int key_len)
{
	int err;

	g->aead = crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(g->aead))
		return PTR_ERR(g->aead);
	g->req = aead_request_alloc(g->aead, GFP_KERNEL);
	if (!g->req) {
		err = -ENOMEM;
		goto err_free;
	}
	get_random_bytes(g->key, key_len);
	get_random_bytes(g->salt, sizeof(g->salt));
	g->iv = get_random_u64();
	g->rec_sn = get_random_u64();
	err = crypto_aead_setkey(g->aead, g->key, key_len);
	if (!err)
		err = crypto_aead_setauthsize(g->aead, TLSNIC_GCM_TAG);
	if (!err)
		return 0;
	aead_request_free(g->req);
err_free:
	crypto_free_aead(g->aead);
	return err;
}

/* Encrypt record number @n of the test in place, as software would. */
static int tlsnic_gcm_expect(struct tlsnic_gcm *g, unsigned int n,
			     unsigned int len)
{
	struct scatterlist sg[2];

	memcpy(g->nonce, g->salt, sizeof(g->salt));
	put_unaligned_be64(g->iv + n, g->nonce + 4);
	put_unaligned_be64(g->rec_sn + n, g->aad);
	g->aad[8] = 23;
	put_unaligned_be16(0x0303, g->aad + 9);
	put_unaligned_be16(len, g->aad + 11);

	sg_init_table(sg, ARRAY_SIZE(sg));
	sg_set_buf(&sg[0], g->aad, sizeof(g->aad));
	sg_set_buf(&sg[1], g->record, len + TLSNIC_GCM_TAG);
	aead_request_set_callback(g->req, 0, NULL, NULL);
	aead_request_set_ad(g->req, sizeof(g->aad));
	aead_request_set_crypt(g->req, sg, sg, len, g->nonce);
	return crypto_aead_encrypt(g->req);
}

static void tlsnic_gcm_write_ctx(struct tlsnic_testq *tq,
				 const struct tlsnic_gcm *g,
				 unsigned int key_len)
{
	union tlsnic_txd *txd = tlsnic_testq_slot(tq);

	txd->ctx.op = TLSNIC_TXD_CTX_WRITE;
	txd->ctx.cipher = key_len == 16 ? TLSNIC_CIPHER_AES_GCM_128 :
					  TLSNIC_CIPHER_AES_GCM_256;
	txd->ctx.version = TLSNIC_TLS_1_2;
	txd->ctx.seq = cpu_to_le32(TLSNIC_GCM_SEQ);
	memcpy(txd->ctx.salt, g->salt, sizeof(txd->ctx.salt));
	put_unaligned_be64(g->iv, txd->ctx.iv);
	put_unaligned_be64(g->rec_sn, txd->ctx.rec_sn);
	memcpy(tlsnic_testq_slot(tq)->key.key, g->key, key_len);
}

/* A frame with one record of @len plaintext bytes; returns the frame's length. */
static unsigned int tlsnic_gcm_frame(struct tlsnic_testq *tq,
				     const struct tlsnic_gcm *g,
				     unsigned int n, unsigned int len, u32 seq)
{
	unsigned int stream = TLSNIC_GCM_PREFIX + len + TLSNIC_GCM_TAG;
	u8 *frame = tq->mem->frame;
	struct ethhdr *eth = (void *)frame;
	struct iphdr *ip = (void *)(frame + ETH_HLEN);
	struct tcphdr *tcp = (void *)(ip + 1);
	u8 *record = (void *)(tcp + 1);

	memset(frame, 0, TLSNIC_GCM_HEADERS + stream);
	eth_broadcast_addr(eth->h_dest);
	eth->h_proto = htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	ip->tot_len = htons(TLSNIC_GCM_HEADERS - ETH_HLEN + stream);
	ip_send_check(ip);
	tcp->doff = 5;
	tcp->seq = htonl(seq);
	/* the card adds what it sends: ciphertext */
	tcp->check = ~csum_tcpudp_magic(0, 0, sizeof(*tcp) + stream,
					IPPROTO_TCP, 0);

	record[0] = 23;
	put_unaligned_be16(0x0303, record + 1);
	put_unaligned_be16(stream - 5, record + 3);
	put_unaligned_be64(g->iv + n, record + 5);
	memcpy(record + TLSNIC_GCM_PREFIX, g->record, len);
	return TLSNIC_GCM_HEADERS + stream;
}

static int tlsnic_gcm_record(struct tlsnic_testq *tq, struct tlsnic_gcm *g,
			     unsigned int n, unsigned int len, u32 *seq)
{
	struct tlsnic_txd_packet *txd;
	unsigned int frame_len;
	int got, err;

	get_random_bytes(g->record, len);
	frame_len = tlsnic_gcm_frame(tq, g, n, len, *seq);
	err = tlsnic_gcm_expect(g, n, len);
	if (err)
		return err;

	txd = &tlsnic_testq_packet(tq, frame_len)->packet;
	txd->flags |= TLSNIC_TXF_TLS | TLSNIC_TXF_CSUM;
	txd->csum_start = cpu_to_le16(TLSNIC_GCM_TCP);
	txd->csum_offset = cpu_to_le16(offsetof(struct tcphdr, check));
	txd->seq = cpu_to_le32(*seq);
	txd->stream_offset = cpu_to_le16(TLSNIC_GCM_HEADERS);
	*seq += frame_len - TLSNIC_GCM_HEADERS;
	tlsnic_testq_kick(tq);

	got = tlsnic_testq_receive(tq, g->got, sizeof(g->got));
	if (got < 0)
		return got;
	if (got < frame_len ||
	    memcmp(g->got, tq->mem->frame, TLSNIC_GCM_TCP) ||
	    memcmp(g->got + TLSNIC_GCM_HEADERS,
		   tq->mem->frame + TLSNIC_GCM_HEADERS, TLSNIC_GCM_PREFIX) ||
	    memcmp(g->got + TLSNIC_GCM_HEADERS + TLSNIC_GCM_PREFIX, g->record,
		   len + TLSNIC_GCM_TAG)) {
		netdev_err(tq->nic->dev,
			   "self-test: record %u of %u bytes is not what gcm(aes) says\n",
			   n, len);
		return -EIO;
	}
	if (!(tq->flags & TLSNIC_RXF_L4_OK)) {
		netdev_err(tq->nic->dev,
			   "self-test: record %u of %u bytes has a wrong checksum\n",
			   n, len);
		return -EIO;
	}
	return 0;
}

static int tlsnic_gcm_connection(struct tlsnic_testq *tq, struct tlsnic_gcm *g,
				 unsigned int key_len)
{
	static const unsigned int lens[] = {
		0, 1, 15, 16, 17, 100, 1200, TLSNIC_GCM_MAX,
	};
	u32 seq = TLSNIC_GCM_SEQ;
	union tlsnic_txd *txd;
	unsigned int i;
	int err;

	err = tlsnic_gcm_start(g, key_len);
	if (err) {
		netdev_err(tq->nic->dev, "self-test: no gcm(aes): error %d\n",
			   err);
		return err;
	}
	tlsnic_gcm_write_ctx(tq, g, key_len);
	for (i = 0; i < ARRAY_SIZE(lens) && !err; i++)
		err = tlsnic_gcm_record(tq, g, i, lens[i], &seq);
	if (!err) {
		txd = tlsnic_testq_slot(tq);
		txd->ctx.op = TLSNIC_TXD_CTX_DELETE;
		txd->ctx.flags = TLSNIC_TXF_COMPLETE;
		tlsnic_testq_kick(tq);
		err = tlsnic_testq_wait_tx(tq);
	}
	aead_request_free(g->req);
	crypto_free_aead(g->aead);
	return err;
}

int tlsnic_test_gcm(struct tlsnic_testq *tq)
{
	struct tlsnic_gcm *g;
	int err;

	g = kzalloc_obj(*g, GFP_KERNEL);
	if (!g)
		return -ENOMEM;
	err = tlsnic_gcm_connection(tq, g, 16);
	if (!err)
		err = tlsnic_gcm_connection(tq, g, 32);
	kfree_sensitive(g);
	return err;
}
