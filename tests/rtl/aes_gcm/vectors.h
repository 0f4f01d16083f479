/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vectors for AES-GCM: NIST CAVP (.rsp files of the Debian package
 * python3-cryptography-vectors), Wycheproof (as tests/common/wycheproof.py
 * prints them); and the same computation by libcrypto.
 */
#ifndef TLSNIC_TEST_VECTORS_H
#define TLSNIC_TEST_VECTORS_H

#include <openssl/evp.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tap.h"

typedef std::vector<uint8_t> bytes;

struct Vector {
	bytes key, iv, aad, text, cipher, tag;
	bool fail = false;
	std::string name;
};

static inline bytes from_hex(const std::string &hex)
{
	bytes out;

	for (size_t i = 0; i + 1 < hex.size(); i += 2)
		out.push_back((uint8_t)strtoul(hex.substr(i, 2).c_str(), NULL, 16));
	return out;
}

/* Where python3 has the package; empty with a report if it has not. */
static inline std::string vectors_dir()
{
	const char *command = "python3 -c 'import os, cryptography_vectors as v;"
			      "print(os.path.dirname(v.__file__))' 2>/dev/null";
	char line[4096] = "";
	FILE *f = popen(command, "r");

	if (f) {
		if (!fgets(line, sizeof(line), f))
			line[0] = 0;
		pclose(f);
	}
	line[strcspn(line, "\n")] = 0;
	if (!line[0])
		tap_fail("CAVP vectors not found: install python3-cryptography-vectors");
	return std::string(line) + "/ciphers/AES/GCM/";
}

/* The vectors of a file that have a 96-bit IV and a 128-bit tag. */
static inline std::vector<Vector> load_rsp(const std::string &path)
{
	std::vector<Vector> out;
	std::map<std::string, std::string> section, entry;
	std::ifstream in(path);
	std::string line;
	int number = 0;

	if (!in)
		tap_fail("cannot read %s", path.c_str());
	auto flush = [&] {
		if (entry.count("Tag") && section["IVlen"] == "96" && section["Taglen"] == "128") {
			Vector v;

			v.key = from_hex(entry["Key"]);
			v.iv = from_hex(entry["IV"]);
			v.aad = from_hex(entry["AAD"]);
			v.text = from_hex(entry["PT"]);
			v.cipher = from_hex(entry["CT"]);
			v.tag = from_hex(entry["Tag"]);
			v.fail = entry.count("FAIL");
			v.name = path.substr(path.rfind('/') + 1) + ":" + std::to_string(number) +
				 " PTlen " + section["PTlen"] + " AADlen " + section["AADlen"];
			out.push_back(v);
		}
		entry.clear();
	};
	for (int n = 1; std::getline(in, line); n++) {
		while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
			line.pop_back();
		size_t eq = line.find('=');

		if (line[0] == '[') {
			flush();
			if (eq != std::string::npos)
				section[line.substr(1, line.find(' ') - 1)] =
					line.substr(eq + 2, line.size() - eq - 3);
		} else if (line == "FAIL") {
			entry["FAIL"] = "";
		} else if (eq != std::string::npos) {
			std::string name = line.substr(0, line.find(' '));

			if (name == "Count") {
				flush();
				number = n;
			}
			entry[name] = eq + 2 <= line.size() ? line.substr(eq + 2) : "";
		}
	}
	flush();
	return out;
}

/* The vectors that wycheproof.py printed; what it left out goes to the output. */
static inline std::vector<Vector> load_lines(const std::string &path)
{
	std::vector<Vector> out;
	std::ifstream in(path);
	std::string line;

	if (!in)
		tap_fail("cannot read %s", path.c_str());
	while (std::getline(in, line)) {
		if (line[0] == '#') {
			printf("%s\n", line.c_str());
			continue;
		}
		std::istringstream words(line);
		std::string number, result, key, iv, aad, text, cipher, tag, comment;
		Vector v;

		words >> number >> result >> key >> iv >> aad >> text >> cipher >> tag;
		std::getline(words, comment);
		v.key = from_hex(key);
		v.iv = from_hex(iv);
		v.aad = from_hex(aad);
		v.text = from_hex(text);
		v.cipher = from_hex(cipher);
		v.tag = from_hex(tag);
		v.fail = result != "valid";
		v.name = "Wycheproof " + number + comment;
		if (v.iv.size() != 12 || v.tag.size() != 16 || v.text.size() != v.cipher.size())
			tap_fail("%s: not understood: %s", path.c_str(), line.c_str());
		else
			out.push_back(v);
	}
	return out;
}

/* AES-GCM by libcrypto: output and tag of the message, 12-byte nonce. */
static inline void gcm_encrypt(const bytes &key, const bytes &nonce, const bytes &aad,
			       const bytes &text, bytes &cipher, bytes &tag)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	cipher.resize(text.size());
	tag.resize(16);
	if (!ctx ||
	    !EVP_EncryptInit_ex(ctx, key.size() == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), NULL,
				key.data(), nonce.data()) ||
	    !EVP_EncryptUpdate(ctx, NULL, &n, aad.data(), aad.size()) ||
	    (!text.empty() && !EVP_EncryptUpdate(ctx, cipher.data(), &n, text.data(), text.size())) ||
	    !EVP_EncryptFinal_ex(ctx, tag.data(), &n) ||
	    !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag.data()))
		tap_fail("libcrypto failed");
	EVP_CIPHER_CTX_free(ctx);
}

#endif /* TLSNIC_TEST_VECTORS_H */
