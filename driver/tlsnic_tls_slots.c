// SPDX-License-Identifier: GPL-2.0-only
/*
 * tlsnic Ethernet driver: ring slots of offloaded TLS connections: the context and its
 * key, the seek, and what the packet's own slot says of TLS.
 */
#include <linux/unaligned.h>
#include <net/tls.h>

#include "tlsnic.h"
#include "tlsnic_tls.h"

void tlsnic_tls_describe(const struct tlsnic_tls_job *job,
			 struct tlsnic_txd_packet *txd)
{
	txd->flags |= TLSNIC_TXF_TLS;
	txd->ctx = cpu_to_le32(job->tls->id);
	txd->seq = cpu_to_le32(job->seq);
	txd->stream_offset = cpu_to_le16(job->offset);
}

/* The IV that the card is to use for record @rec_sn, and for others after it. */
static void tlsnic_tls_iv(struct tlsnic_txd_ctx *txd, u16 version, const u8 *iv,
			  const u8 *first_rec_sn, u64 rec_sn)
{
	u64 val = get_unaligned_be64(iv);

	/* TLS 1.2: counts records; TLS 1.3: the record number goes on top */
	if (version == TLS_1_2_VERSION)
		val += rec_sn - get_unaligned_be64(first_rec_sn);
	put_unaligned_be64(val, txd->iv);
	put_unaligned_be64(rec_sn, txd->rec_sn);
}

static void tlsnic_tls_fill_ctx(struct tlsnic_tx_ring *tx, u16 index,
				const struct tlsnic_tls_job *job,
				const struct sk_buff *skb)
{
	const struct tls_crypto_info *info =
		&tls_get_ctx(skb->sk)->crypto_send.info;
	struct tlsnic_txd_key *key = &tlsnic_tx_slot(tx, index + 1)->key;
	struct tlsnic_txd_ctx *txd = &tlsnic_tx_slot(tx, index)->ctx;
	const struct tls12_crypto_info_aes_gcm_128 *gcm128;
	const struct tls12_crypto_info_aes_gcm_256 *gcm256;

	memset(txd, 0, sizeof(*txd));
	memset(key, 0, sizeof(*key));
	txd->op = TLSNIC_TXD_CTX_WRITE;
	txd->version = info->version == TLS_1_3_VERSION ? TLSNIC_TLS_1_3 :
							  TLSNIC_TLS_1_2;
	txd->ctx = cpu_to_le32(job->tls->id);
	txd->seq = cpu_to_le32(job->place.start);
	if (info->cipher_type == TLS_CIPHER_AES_GCM_128) {
		gcm128 = container_of(info, typeof(*gcm128), info);
		txd->cipher = TLSNIC_CIPHER_AES_GCM_128;
		memcpy(txd->salt, gcm128->salt, sizeof(txd->salt));
		tlsnic_tls_iv(txd, info->version, gcm128->iv, gcm128->rec_seq,
			      job->place.sn);
		memcpy(key->key, gcm128->key, sizeof(gcm128->key));
	} else {
		gcm256 = container_of(info, typeof(*gcm256), info);
		txd->cipher = TLSNIC_CIPHER_AES_GCM_256;
		memcpy(txd->salt, gcm256->salt, sizeof(txd->salt));
		tlsnic_tls_iv(txd, info->version, gcm256->iv, gcm256->rec_seq,
			      job->place.sn);
		memcpy(key->key, gcm256->key, sizeof(gcm256->key));
	}
}

static void tlsnic_tls_fill_seek(struct tlsnic_txd_seek *txd,
				 const struct tlsnic_tls_job *job)
{
	memset(txd, 0, sizeof(*txd));
	txd->op = TLSNIC_TXD_SEEK;
	txd->rec_len = cpu_to_le16(job->place.len - TLS_HEADER_SIZE);
	txd->offset = cpu_to_le16(job->seq - job->place.start);
	txd->rec_type = job->type;
	put_unaligned_be64(job->place.sn, txd->rec_sn);
	if (job->go_on)
		txd->flags |= TLSNIC_SEEK_CONTINUE;
	if (job->with_tag) {
		txd->flags |= TLSNIC_SEEK_TAG;
		memcpy(txd->tag, job->tag, sizeof(txd->tag));
	}
}

void tlsnic_tls_fill(struct tlsnic_tx_ring *tx, u16 index,
		     const struct tlsnic_tls_job *job, const struct sk_buff *skb)
{
	if (job->write) {
		tlsnic_tls_fill_ctx(tx, index, job, skb);
		index += 2;
	}
	if (job->seek)
		tlsnic_tls_fill_seek(&tlsnic_tx_slot(tx, index)->seek, job);
}
