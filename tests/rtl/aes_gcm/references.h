/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AES-GCM by ipsec_mb, and records sealed by it and by libcrypto, which share
 * no code: what both say is right.
 */
#ifndef TLSNIC_TEST_REFERENCES_H
#define TLSNIC_TEST_REFERENCES_H

#include <intel-ipsec-mb.h>

#include "vectors.h"

struct IpsecMb {
	IMB_MGR *mgr;

	IpsecMb() : mgr(alloc_mb_mgr(0))
	{
		if (mgr)
			init_mb_mgr_auto(mgr, NULL);
		if (!mgr || mgr->gcm128_enc == NULL)
			tap_fail("ipsec_mb does not start on this processor");
	}

	~IpsecMb()
	{
		if (mgr)
			free_mb_mgr(mgr);
	}

	/* Either direction; gives the output and the tag of the ciphertext. */
	void gcm(bool decrypt, const bytes &key, const bytes &nonce, const bytes &aad,
		 const bytes &input, bytes &output, bytes &tag) const
	{
		struct gcm_key_data expanded;
		struct gcm_context_data context;
		bytes in = input;

		in.resize(input.size() + 1);	/* never a null pointer */
		output.assign(in.size(), 0);
		tag.assign(16, 0);
		if (key.size() == 16)
			IMB_AES128_GCM_PRE(mgr, key.data(), &expanded);
		else
			IMB_AES256_GCM_PRE(mgr, key.data(), &expanded);
		auto run = key.size() == 16 ? (decrypt ? mgr->gcm128_dec : mgr->gcm128_enc) :
			   decrypt ? mgr->gcm256_dec : mgr->gcm256_enc;

		run(&expanded, &context, output.data(), in.data(), input.size(), nonce.data(), aad.data(),
		    aad.size(), tag.data(), 16);
		output.resize(input.size());
	}
};

/* Opening by libcrypto; false if the tag is not that of the message. */
static inline bool gcm_decrypt(const bytes &key, const bytes &nonce, const bytes &aad,
			       const bytes &cipher, bytes tag, bytes &text)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t end[16];
	int n;

	text.resize(cipher.size());
	if (!ctx ||
	    !EVP_DecryptInit_ex(ctx, key.size() == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), NULL,
				key.data(), nonce.data()) ||
	    !EVP_DecryptUpdate(ctx, NULL, &n, aad.data(), aad.size()) ||
	    (!cipher.empty() && !EVP_DecryptUpdate(ctx, text.data(), &n, cipher.data(), cipher.size())) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 16, tag.data()))
		tap_fail("libcrypto failed");

	bool good = EVP_DecryptFinal_ex(ctx, end, &n) > 0;

	EVP_CIPHER_CTX_free(ctx);
	return good;
}

#endif /* TLSNIC_TEST_REFERENCES_H */
