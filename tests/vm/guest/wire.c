// SPDX-License-Identifier: BSD-2-Clause
/*
 * wire: look for streams of ktls in a capture of the wire, and compare every byte
 * of every frame with what software would have sent at that place of the stream.
 *
 *   wire FILE <CONNECTIONS
 *
 * Each line of CONNECTIONS is "PORT 128|256 BYTES SEED [LEAD]", PORT being the receiver's,
 * LEAD the bytes in the clear ahead of the first record. The lengths of the records are
 * taken from their headers; all else (type, version, nonce, ciphertext, tag) is made anew
 * by libcrypto from the seed. A stream must be there from its SYN to its last byte. Prints one line for all of them:
 *   frames N bytes N again_frames N again_bytes N largest N full N
 * frames and bytes that carry data, those of them that repeat bytes that had been on
 * the wire before, the most data in a frame, and how many frames carry that much.
 * A connection reset by either end before the receiver closes it is an error.
 */
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define CONNECTIONS	256
#define HEADER		13	/* of a record, explicit nonce included */
#define TAG		16

struct stream {
	unsigned int port;
	bool aes256, syn, closed;
	uint64_t plain, seed, lead;
	uint32_t start;			/* sequence number of its first byte */
	uint8_t *first, *want;		/* as it came first; as it should be */
	uint8_t *seen;			/* 1: byte was on the wire */
	size_t size, len;
};

/* TCP data of one frame. */
struct piece {
	struct stream *stream;
	unsigned int frame;		/* number in the capture, from 1 */
	const uint8_t *data;
	size_t offset, len;
};

static struct stream streams[CONNECTIONS];
static unsigned int num_streams;
static struct piece *pieces;
static size_t num_pieces, max_pieces;
static int errors;

static void die(const char *text)
{
	fprintf(stderr, "wire: %s\n", text);
	exit(1);
}

static unsigned int be16(const uint8_t *p) { return p[0] << 8 | p[1]; }
static uint32_t be32(const uint8_t *p) { return (uint32_t)be16(p) << 16 | be16(p + 2); }

static void put64(uint8_t *p, uint64_t v)
{
	for (int i = 8; i--; v >>= 8)
		p[i] = v;
}

static uint64_t get64(const uint8_t *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static uint8_t *load(const char *name, size_t *len)
{
	FILE *f = fopen(name, "rb");
	size_t room = 1 << 20, n = 0, k;
	uint8_t *p = malloc(room);

	if (!f || !p)
		die("cannot open the capture");
	while ((k = fread(p + n, 1, room - n, f)) > 0) {
		n += k;
		if (n == room)
			p = realloc(p, room *= 2);
		if (!p)
			die("out of memory");
	}
	fclose(f);
	*len = n;
	return p;
}

static void connections(void)
{
	struct stream *s = streams;
	char line[128];
	int bits;

	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%u %d %lu %lu %lu", &s->port, &bits, &s->plain, &s->seed, &s->lead) < 4)
			die("a line is not PORT BITS BYTES SEED [LEAD]");
		s->aes256 = bits == 256;
		/* at worst a record a byte */
		s->size = s->lead + s->plain * (1 + HEADER + TAG);
		s->first = calloc(1, s->size);
		s->seen = calloc(1, s->size);
		s->want = calloc(1, s->size);
		if (!s->first || !s->seen || !s->want)
			die("out of memory");
		if (++num_streams == CONNECTIONS)
			die("too many connections");
		s++;
	}
	if (!num_streams)
		die("no connections");
}

static struct stream *find(unsigned int port)
{
	for (unsigned int i = 0; i < num_streams; i++)
		if (streams[i].port == port)
			return &streams[i];
	return NULL;
}

static void data(struct stream *s, unsigned int frame, uint32_t seq, const uint8_t *p, size_t len)
{
	size_t offset = seq - s->start;

	if (!s->syn)
		die("data before the SYN");
	if (offset + len > s->size) {
		fprintf(stderr, "wire: frame %u, port %u: %zu bytes at %zu, outside of the stream\n",
			frame, s->port, len, offset);
		exit(1);
	}
	if (num_pieces == max_pieces) {
		max_pieces = max_pieces ? 2 * max_pieces : 4096;
		pieces = realloc(pieces, max_pieces * sizeof(*pieces));
		if (!pieces)
			die("out of memory");
	}
	pieces[num_pieces++] = (struct piece){ s, frame, p, offset, len };
	for (size_t i = 0; i < len; i++) {
		if (!s->seen[offset + i]) {
			s->first[offset + i] = p[i];
			s->seen[offset + i] = 1;
		}
	}
	if (offset + len > s->len)
		s->len = offset + len;
}

static void frame(unsigned int number, const uint8_t *p, size_t len)
{
	size_t l3 = 14, l4, end, text;
	unsigned int type;
	struct stream *s, *either;

	if (len < l3)
		return;
	type = be16(p + 12);
	if (type == 0x8100) {
		type = be16(p + 16);
		l3 += 4;
	}
	if (type == 0x0800 && len >= l3 + 20 && p[l3 + 9] == 6) {
		l4 = l3 + (p[l3] & 15) * 4;
		end = l3 + be16(p + l3 + 2);
	} else if (type == 0x86dd && len >= l3 + 40 && p[l3 + 6] == 6) {
		l4 = l3 + 40;
		end = l4 + be16(p + l3 + 4);
	} else {
		return;
	}
	if (end > len || l4 + 20 > end)
		die("a TCP frame is shorter than its headers say");
	s = find(be16(p + l4 + 2));
	either = s ? s : find(be16(p + l4));
	if (either && either != s && p[l4 + 13] & 1)
		either->closed = true;
	/*
	 * Before there is data it is a listener that came a moment too late, and once the
	 * receiver has closed nobody is there for what comes twice.
	 */
	if (either && either->len && !either->closed && p[l4 + 13] & 4) {
		fprintf(stderr, "wire: frame %u: the connection was reset\n", number);
		errors++;
	}
	if (!s)
		return;
	if (p[l4 + 13] & 2) {
		s->syn = true;
		s->start = be32(p + l4 + 4) + 1;
	}
	text = l4 + (p[l4 + 12] >> 4) * 4;
	if (text < end)
		data(s, number, be32(p + l4 + 4), p + text, end - text);
}

static void capture(const uint8_t *p, size_t len)
{
	unsigned int number = 0;
	uint32_t n;

	if (len < 24 || memcmp(p, "\x4d\x3c\xb2\xa1", 4))
		die("not a capture of nanoseconds");
	for (size_t at = 24; at + 16 <= len; at += 16 + n) {
		memcpy(&n, p + at + 8, 4);
		if (at + 16 + n > len)
			break;		/* not written to its end yet */
		frame(++number, p + at + 16, n);
	}
}

static void seal(struct stream *s, const struct stream_keys *k, uint64_t record, size_t at,
		 uint64_t plain, size_t n)
{
	uint8_t nonce[12], aad[13], *to = s->want + at;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t text[RECORD_MAX];
	int len;

	memcpy(to, "\x17\x03\x03", 3);
	to[3] = (n + 8 + TAG) >> 8;
	to[4] = n + 8 + TAG;
	put64(to + 5, get64(k->iv) + record);
	memcpy(nonce, k->salt, 4);
	memcpy(nonce + 4, to + 5, 8);
	put64(aad, get64(k->rec_seq) + record);
	memcpy(aad + 8, "\x17\x03\x03", 3);
	aad[11] = n >> 8;
	aad[12] = n;
	stream_fill(text, n, s->seed, plain);
	if (!c || !EVP_EncryptInit_ex(c, s->aes256 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(), NULL,
				      k->key, nonce) ||
	    !EVP_EncryptUpdate(c, NULL, &len, aad, sizeof(aad)) ||
	    !EVP_EncryptUpdate(c, to + HEADER, &len, text, n) ||
	    !EVP_EncryptFinal_ex(c, to + HEADER + n, &len) ||
	    !EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, to + HEADER + n))
		die("libcrypto");
	EVP_CIPHER_CTX_free(c);
}

static void expect(struct stream *s)
{
	uint64_t record = 0, plain = 0;
	struct stream_keys k;
	size_t at = s->lead, n;

	if (!s->syn || memchr(s->seen, 0, s->len)) {
		fprintf(stderr, "wire: port %u: not all of the stream was on the wire\n", s->port);
		exit(1);
	}
	stream_lead(s->want, s->lead, s->seed);
	stream_keys(&k, s->seed);
	while (at < s->len) {
		n = at + HEADER <= s->len ? be16(s->first + at + 3) : 0;
		if (n <= 8 + TAG || n > RECORD_MAX + 8 + TAG || at + 5 + n > s->len ||
		    plain + n - 8 - TAG > s->plain) {
			fprintf(stderr, "wire: port %u: record %lu at %zu: length %zu\n",
				s->port, record, at, n);
			exit(1);
		}
		seal(s, &k, record++, at, plain, n - 8 - TAG);
		plain += n - 8 - TAG;
		at += 5 + n;
	}
	if (plain != s->plain) {
		fprintf(stderr, "wire: port %u: expected %lu bytes of plaintext, got %lu\n",
			s->port, s->plain, plain);
		errors++;
	}
}

static void compare(const struct piece *p)
{
	const uint8_t *want = p->stream->want + p->offset;
	size_t i = 0;

	if (!memcmp(want, p->data, p->len) || ++errors > 10)
		return;
	while (want[i] == p->data[i])
		i++;
	fprintf(stderr, "wire: frame %u, port %u: byte %zu of its data, %zu of the stream: "
		"expected %02x, got %02x\n", p->frame, p->stream->port, i, p->offset + i,
		want[i], p->data[i]);
}

static void count(void)
{
	size_t bytes = 0, again_frames = 0, again_bytes = 0, largest = 0, full = 0;

	for (unsigned int i = 0; i < num_streams; i++)
		memset(streams[i].seen, 0, streams[i].size);
	for (size_t i = 0; i < num_pieces; i++) {
		const struct piece *p = &pieces[i];
		size_t again = 0;

		for (size_t j = 0; j < p->len; j++) {
			again += p->stream->seen[p->offset + j];
			p->stream->seen[p->offset + j] = 1;
		}
		bytes += p->len;
		again_frames += !!again;
		again_bytes += again;
		if (p->len > largest) {
			largest = p->len;
			full = 0;
		}
		full += p->len == largest;
	}
	printf("frames %zu bytes %zu again_frames %zu again_bytes %zu largest %zu full %zu\n",
	       num_pieces, bytes, again_frames, again_bytes, largest, full);
}

int main(int argc, char **argv)
{
	uint8_t *p;
	size_t len;

	if (argc != 2) {
		fprintf(stderr, "usage: wire FILE <CONNECTIONS\n");
		return 2;
	}
	connections();
	p = load(argv[1], &len);
	capture(p, len);
	for (unsigned int i = 0; i < num_streams; i++)
		expect(&streams[i]);
	for (size_t i = 0; i < num_pieces; i++)
		compare(&pieces[i]);
	count();
	free(p);
	return errors != 0;
}
