// SPDX-License-Identifier: BSD-2-Clause
/*
 * udp: datagrams of every length, there and back.
 *
 *   udp echo ADDR PORT                    sends back what comes, until killed
 *   udp probe ADDR PORT FROM TO STEP      one datagram a length, waits for each
 *
 * probe compares the echo byte by byte and fails on the first difference or
 * when an answer does not come within 10 seconds: the wire of these tests
 * loses nothing unless told to.
 */
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define MAX 65507

static uint8_t out[MAX], in[MAX];

static void die(const char *what)
{
	fprintf(stderr, "udp: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void echo(int fd)
{
	struct sockaddr_storage from;

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&from, &len);

		if (n < 0)
			die("recvfrom");
		if (sendto(fd, in, n, 0, (struct sockaddr *)&from, len) != n)
			die("sendto");
	}
}

static int probe(int fd, int from, int to, int step)
{
	struct timeval tv = { .tv_sec = 10 };
	int count = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)))
		die("setsockopt SO_RCVTIMEO");
	for (int n = from; n <= to; n += step, count++) {
		ssize_t got;

		for (int i = 0; i < n; i++)
			out[i] = rand();
		if (send(fd, out, n, 0) != n)
			die("send");
		got = recv(fd, in, sizeof(in), 0);
		if (got != n || memcmp(in, out, n)) {
			fprintf(stderr, "udp: datagram of %d bytes: %s (%zd)\n", n,
				got < 0 ? "no answer" : got != n ? "other length" : "other bytes", got);
			return 1;
		}
	}
	printf("%d datagrams\n", count);
	return 0;
}

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV }, *ai;
	int fd, rc, listening;

	listening = argc == 4 && !strcmp(argv[1], "echo");
	if (!listening && (argc != 7 || strcmp(argv[1], "probe"))) {
		fprintf(stderr, "usage: udp echo ADDR PORT | udp probe ADDR PORT FROM TO STEP\n");
		return 2;
	}
	rc = getaddrinfo(argv[2], argv[3], &hints, &ai);
	if (rc) {
		fprintf(stderr, "udp: %s port %s: %s\n", argv[2], argv[3], gai_strerror(rc));
		return 2;
	}
	fd = socket(ai->ai_family, SOCK_DGRAM, 0);
	if (fd < 0)
		die("socket");
	if ((listening ? bind : connect)(fd, ai->ai_addr, ai->ai_addrlen))
		die(listening ? "bind" : "connect");
	freeaddrinfo(ai);
	if (listening)
		echo(fd);
	if (atoi(argv[6]) < 1 || atoi(argv[5]) > MAX) {
		fprintf(stderr, "udp: STEP '%s' or TO '%s' out of range\n", argv[6], argv[5]);
		return 2;
	}
	return probe(fd, atoi(argv[4]), atoi(argv[5]), atoi(argv[6]));
}
