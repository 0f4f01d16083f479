// SPDX-License-Identifier: BSD-2-Clause
/*
 * ktls: one end of a TCP connection whose keys are fixed, so that two runs
 * of the same stream can be compared byte by byte on the wire.
 *
 *   ktls send ADDR PORT [options]   connects, turns kernel TLS on, sends
 *   ktls recv ADDR PORT [options]   listens on ADDR, takes one connection
 *
 *   --cipher 128|256|none  AES-GCM key length (default 128); none: plain TCP
 *   --bytes N              length of the plaintext stream (default 65536)
 *   --record N             plaintext bytes a record (default 16384)
 *   --random               send: records of 1 to that many bytes, from the seed
 *   --sendfile copy|zero   send: from a file; zero: TLS_TX_ZEROCOPY_RO
 *   --mss N                TCP_MAXSEG (default: what the route gives)
 *   --seed N               of keys and data (default: the port; one key, one division into records)
 *   --raw FILE             recv: write the bytes as they come off the wire,
 *                          without decryption (TCP payload)
 *   --cut N                send: N bytes, then a second of silence, then go on
 *   --lead N               N bytes in the clear ahead of the stream, before the keys are set
 *   --timeout N            give up after N seconds without progress (60)
 *
 * The receiving end decrypts by software kernel TLS and compares every byte.
 * Exit code 0: all bytes came and were right. The only line on stdout is
 *   <role> <bytes> bytes
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/tls.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "stream.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif
#ifndef SOL_TLS
#define SOL_TLS 282
#endif
#ifndef TLS_TX_ZEROCOPY_RO
#define TLS_TX_ZEROCOPY_RO 3
#endif

struct options {
	const char *addr, *port;
	const char *cipher;
	const char *raw, *sendfile;
	uint64_t bytes, cut, lead, seed;
	unsigned int record, mss, timeout;
	bool send, random;
};

static void die(const char *what)
{
	fprintf(stderr, "ktls: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void set_keys(int fd, const struct options *o, int direction)
{
	union {
		struct tls12_crypto_info_aes_gcm_128 a;
		struct tls12_crypto_info_aes_gcm_256 b;
	} info = { 0 };
	struct stream_keys k;
	socklen_t len;

	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")))
		die("setsockopt TCP_ULP tls (is the module loaded?)");
	stream_keys(&k, o->seed);
	if (!strcmp(o->cipher, "128")) {
		info.a.info.version = TLS_1_2_VERSION;
		info.a.info.cipher_type = TLS_CIPHER_AES_GCM_128;
		memcpy(info.a.key, k.key, sizeof(info.a.key));
		memcpy(info.a.salt, k.salt, sizeof(info.a.salt));
		memcpy(info.a.iv, k.iv, sizeof(info.a.iv));
		memcpy(info.a.rec_seq, k.rec_seq, sizeof(info.a.rec_seq));
		len = sizeof(info.a);
	} else {
		info.b.info.version = TLS_1_2_VERSION;
		info.b.info.cipher_type = TLS_CIPHER_AES_GCM_256;
		memcpy(info.b.key, k.key, sizeof(info.b.key));
		memcpy(info.b.salt, k.salt, sizeof(info.b.salt));
		memcpy(info.b.iv, k.iv, sizeof(info.b.iv));
		memcpy(info.b.rec_seq, k.rec_seq, sizeof(info.b.rec_seq));
		len = sizeof(info.b);
	}
	if (setsockopt(fd, SOL_TLS, direction, &info, len))
		die("setsockopt TLS_TX/TLS_RX");
	explicit_bzero(&k, sizeof(k));
	explicit_bzero(&info, sizeof(info));
}

static void send_lead(int fd, const struct options *o)
{
	uint8_t buf[LEAD_MAX];

	stream_lead(buf, o->lead, o->seed);
	if (send(fd, buf, o->lead, MSG_NOSIGNAL) != (ssize_t)o->lead)
		die("send of the lead");
}

static void recv_lead(int fd, const struct options *o)
{
	uint8_t buf[LEAD_MAX], want[LEAD_MAX];

	stream_lead(want, o->lead, o->seed);
	if (recv(fd, buf, o->lead, MSG_WAITALL) != (ssize_t)o->lead)
		die("recv of the lead");
	if (memcmp(buf, want, o->lead)) {
		fprintf(stderr, "ktls: the lead is not what was sent\n");
		exit(1);
	}
}

/* The stream as a file. Its pages do not change while the card reads them. */
static void send_file(int fd, const struct options *o)
{
	uint8_t buf[RECORD_MAX];
	int file = memfd_create("stream", 0), one = 1;
	off_t at = 0;

	if (file < 0)
		die("memfd_create");
	for (uint64_t n, done = 0; done < o->bytes; done += n) {
		n = o->bytes - done < sizeof(buf) ? o->bytes - done : sizeof(buf);
		stream_fill(buf, n, o->seed, done);
		if (write(file, buf, n) != (ssize_t)n)
			die("write of the file");
	}
	if (!strcmp(o->sendfile, "zero") &&
	    setsockopt(fd, SOL_TLS, TLS_TX_ZEROCOPY_RO, &one, sizeof(one)))
		die("setsockopt TLS_TX_ZEROCOPY_RO");
	while ((uint64_t)at < o->bytes) {
		ssize_t k = sendfile(fd, file, &at, o->bytes - at);

		if (!k || (k < 0 && errno != EINTR))
			die("sendfile");
	}
	close(file);
}

static void send_all(int fd, const struct options *o)
{
	static uint8_t buf[RECORD_MAX];
	uint64_t done = 0;

	/* The receiving end says when its keys are set: kernel TLS wants an open connection. */
	if (recv(fd, buf, 1, 0) != 1)
		die("recv of the peer's start");
	if (o->lead)
		send_lead(fd, o);
	if (strcmp(o->cipher, "none"))
		set_keys(fd, o, TLS_TX);
	if (o->sendfile) {
		send_file(fd, o);
		done = o->bytes;
	}
	while (done < o->bytes) {
		size_t n = o->record, sent = 0;

		if (o->random)
			n = 1 + stream_mix(o->seed ^ ~done) % n;
		if (n > o->bytes - done)
			n = o->bytes - done;
		if (o->cut && done < o->cut && done + n >= o->cut)
			sleep(1);
		stream_fill(buf, n, o->seed, done);
		while (sent < n) {
			ssize_t k = send(fd, buf + sent, n - sent, MSG_NOSIGNAL);

			if (k < 0 && errno == EINTR)
				continue;
			if (k < 0)
				die("send");
			sent += k;
		}
		done += n;
	}
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
	/* The peer closes once it has read everything. */
	if (recv(fd, buf, 1, 0) < 0)
		die("recv of the peer's close");
	printf("send %llu bytes\n", (unsigned long long)done);
}

static void recv_all(int fd, const struct options *o)
{
	static uint8_t buf[RECORD_MAX], want[RECORD_MAX];
	FILE *raw = NULL;
	uint64_t done = 0;

	if (o->raw) {
		raw = fopen(o->raw, "wb");
		if (!raw)
			die(o->raw);
	} else if (strcmp(o->cipher, "none") && !o->lead) {
		set_keys(fd, o, TLS_RX);
	}
	if (send(fd, "", 1, MSG_NOSIGNAL) != 1)
		die("send of the start");
	if (o->lead) {
		recv_lead(fd, o);
		if (!raw && strcmp(o->cipher, "none"))
			set_keys(fd, o, TLS_RX);
	}
	for (;;) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die("recv");
		if (!n)
			break;
		if (raw) {
			if (fwrite(buf, 1, n, raw) != (size_t)n)
				die("fwrite");
		} else {
			stream_fill(want, n, o->seed, done);
			if (memcmp(buf, want, n)) {
				size_t i = 0;

				while (buf[i] == want[i])
					i++;
				fprintf(stderr, "ktls: byte %llu: expected %02x, got %02x\n",
					(unsigned long long)(done + i), want[i], buf[i]);
				exit(1);
			}
		}
		done += n;
	}
	if (raw && fclose(raw))
		die("fclose");
	if (!raw && done != o->bytes) {
		fprintf(stderr, "ktls: expected %llu bytes, got %llu\n",
			(unsigned long long)o->bytes, (unsigned long long)done);
		exit(1);
	}
	printf("recv %llu bytes\n", (unsigned long long)done);
}

static int open_socket(const struct options *o)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV }, *ai;
	struct timeval tv = { .tv_sec = o->timeout };
	int fd, one = 1, rc;

	rc = getaddrinfo(o->addr, o->port, &hints, &ai);
	if (rc) {
		fprintf(stderr, "ktls: %s port %s: %s\n", o->addr, o->port, gai_strerror(rc));
		exit(2);
	}
	fd = socket(ai->ai_family, SOCK_STREAM, 0);
	if (fd < 0)
		die("socket");
	if (o->mss && setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &o->mss, sizeof(o->mss)))
		die("setsockopt TCP_MAXSEG");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)))
		die("setsockopt SO_RCVTIMEO");
	if (!o->send) {
		int conn;	/* which inherits the time-outs */

		if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
			die("setsockopt SO_REUSEADDR");
		if (bind(fd, ai->ai_addr, ai->ai_addrlen))
			die("bind");
		if (listen(fd, 1))
			die("listen");
		conn = accept(fd, NULL, NULL);
		if (conn < 0)
			die("accept");
		close(fd);
		fd = conn;
	} else {
		/* The listener may be a moment behind. */
		for (int tries = 0; connect(fd, ai->ai_addr, ai->ai_addrlen); tries++) {
			if (errno != ECONNREFUSED || tries == 100)
				die("connect");
			usleep(50000);
		}
	}
	freeaddrinfo(ai);
	return fd;
}

static uint64_t number(const char *name, const char *text, uint64_t min, uint64_t max)
{
	char *end;
	uint64_t v = strtoull(text, &end, 0);

	if (!*text || *end || v < min || v > max) {
		fprintf(stderr, "ktls: --%s '%s': expected %llu to %llu\n", name, text,
			(unsigned long long)min, (unsigned long long)max);
		exit(2);
	}
	return v;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "cipher", required_argument, NULL, 'c' },
		{ "bytes", required_argument, NULL, 'b' },
		{ "record", required_argument, NULL, 'r' },
		{ "random", no_argument, NULL, 'a' },
		{ "sendfile", required_argument, NULL, 'f' },
		{ "mss", required_argument, NULL, 'm' },
		{ "seed", required_argument, NULL, 's' },
		{ "raw", required_argument, NULL, 'w' },
		{ "cut", required_argument, NULL, 'u' },
		{ "lead", required_argument, NULL, 'l' },
		{ "timeout", required_argument, NULL, 't' },
		{ 0 },
	};
	struct options o = { .cipher = "128", .bytes = 65536, .record = RECORD_MAX,
			     .timeout = 60 };
	bool seeded = false;
	int c, i, fd;

	while ((c = getopt_long(argc, argv, "", longs, &i)) != -1) {
		switch (c) {
		case 'c': o.cipher = optarg; break;
		case 'b': o.bytes = number("bytes", optarg, 1, UINT64_MAX); break;
		case 'r': o.record = number("record", optarg, 1, RECORD_MAX); break;
		case 'a': o.random = true; break;
		case 'f': o.sendfile = optarg; break;
		case 'm': o.mss = number("mss", optarg, 88, 65535); break;
		case 's': o.seed = number("seed", optarg, 0, UINT64_MAX); seeded = true; break;
		case 'w': o.raw = optarg; break;
		case 'u': o.cut = number("cut", optarg, 1, UINT64_MAX); break;
		case 'l': o.lead = number("lead", optarg, 1, LEAD_MAX); break;
		case 't': o.timeout = number("timeout", optarg, 1, 3600); break;
		default: return 2;
		}
	}
	if (strcmp(o.cipher, "128") && strcmp(o.cipher, "256") && strcmp(o.cipher, "none")) {
		fprintf(stderr, "ktls: --cipher '%s': expected 128, 256 or none\n", o.cipher);
		return 2;
	}
	if (o.sendfile && strcmp(o.sendfile, "copy") && strcmp(o.sendfile, "zero")) {
		fprintf(stderr, "ktls: --sendfile '%s': expected copy or zero\n", o.sendfile);
		return 2;
	}
	if (argc - optind != 3 || (strcmp(argv[optind], "send") && strcmp(argv[optind], "recv"))) {
		fprintf(stderr, "usage: ktls send|recv ADDR PORT [options]\n");
		return 2;
	}
	o.send = !strcmp(argv[optind], "send");
	o.addr = argv[optind + 1];
	o.port = argv[optind + 2];
	if (!seeded)
		o.seed = number("seed", o.port, 1, 65535);

	fd = open_socket(&o);
	if (o.send)
		send_all(fd, &o);
	else
		recv_all(fd, &o);
	close(fd);
	return 0;
}
