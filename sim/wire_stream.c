// SPDX-License-Identifier: BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix_socket.h"
#include "wire.h"

#define RETRY_NS	100000000ull	/* between two attempts to connect */
#define OUT_SIZE	(256 * 1024)	/* bytes that wait for the peer */
#define IN_SIZE		(64 * 1024)

struct stream {
	struct wire wire;
	char *path;
	int listener;			/* -1: connects */
	int peer;			/* -1: none */
	wire_clock clock;
	uint64_t retry_at;
	uint8_t out[OUT_SIZE];
	size_t out_from, out_to;
	uint8_t in[IN_SIZE];
	size_t in_from, in_to;
	bool in_refused;		/* the first frame of in waits for room */
	uint64_t refused;		/* frames of a length that no card takes */
};

static void hang_up(struct stream *s)
{
	close(s->peer);
	s->peer = -1;
	s->out_from = s->out_to = s->in_from = s->in_to = 0;
	s->in_refused = false;
}

static void flush(struct stream *s)
{
	while (s->peer >= 0 && s->out_from < s->out_to) {
		ssize_t n = send(s->peer, s->out + s->out_from, s->out_to - s->out_from, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			hang_up(s);
			return;
		}
		s->out_from += n;
	}
	s->out_from = s->out_to = 0;
}

static bool stream_push(struct wire *w, enum wire_dir dir, const void *frame, size_t len, bool bad)
{
	struct stream *s = (struct stream *)w;
	uint32_t be = htonl(len);

	if (s->peer < 0)
		return true;
	if (s->out_to + 4 + len > OUT_SIZE) {
		flush(s);
		memmove(s->out, s->out + s->out_from, s->out_to - s->out_from);
		s->out_to -= s->out_from;
		s->out_from = 0;
		if (s->out_to + 4 + len > OUT_SIZE)
			return false;
	}
	memcpy(s->out + s->out_to, &be, 4);
	memcpy(s->out + s->out_to + 4, frame, len);
	s->out_to += 4 + len;
	return true;
}

/* Hands on the whole frames that have come. */
static void deliver(struct stream *s)
{
	struct wire *next = s->wire.next[WIRE_RX];

	s->in_refused = false;
	while (s->in_to - s->in_from >= 4) {
		uint32_t len;

		memcpy(&len, s->in + s->in_from, 4);
		len = ntohl(len);
		if (!len || len > IN_SIZE - 4) {
			/* there is no telling where the next frame would begin */
			fprintf(stderr, "wire: %s: frame of %u bytes, peer dropped\n", s->path, len);
			hang_up(s);
			return;
		}
		if (s->in_to - s->in_from < 4 + len)
			return;
		if (len > WIRE_MAX_FRAME) {
			s->refused++;
		} else if (!next->push(next, WIRE_RX, s->in + s->in_from + 4, len, false)) {
			s->in_refused = true;
			return;
		}
		s->in_from += 4 + len;
	}
}

static void receive(struct stream *s)
{
	while (s->peer >= 0 && !s->in_refused) {
		ssize_t n;

		memmove(s->in, s->in + s->in_from, s->in_to - s->in_from);
		s->in_to -= s->in_from;
		s->in_from = 0;
		n = recv(s->peer, s->in + s->in_to, IN_SIZE - s->in_to, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			hang_up(s);
			return;
		}
		s->in_to += n;
		deliver(s);
	}
}

static void adopt(struct stream *s, int fd)
{
	if (fd < 0)
		return;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	s->peer = fd;
}

static void find_peer(struct stream *s)
{
	if (s->listener >= 0) {
		adopt(s, accept4(s->listener, NULL, NULL, SOCK_CLOEXEC));
	} else if (s->clock() >= s->retry_at) {
		adopt(s, unix_socket_connect(s->path));
		s->retry_at = s->clock() + RETRY_NS;
	}
}

static uint64_t stream_poll(struct wire *w)
{
	struct stream *s = (struct stream *)w;
	uint64_t now;

	if (s->peer < 0)
		find_peer(s);
	if (s->peer >= 0) {
		flush(s);
		deliver(s);
		receive(s);
	}
	if (s->peer >= 0)
		return s->in_refused ? 1000000 : UINT64_MAX;
	if (s->listener >= 0)
		return UINT64_MAX;
	now = s->clock();
	return s->retry_at > now ? s->retry_at - now : 0;
}

static void stream_fd(struct wire *w, struct pollfd *p)
{
	struct stream *s = (struct stream *)w;

	p->fd = s->peer >= 0 ? s->peer : s->listener;
	p->events = s->in_refused ? 0 : POLLIN;
	if (s->peer >= 0 && s->out_from < s->out_to)
		p->events |= POLLOUT;
}

static bool stream_link(struct wire *w)
{
	return ((struct stream *)w)->peer >= 0;
}

static void stream_stats(const struct wire *w, FILE *out)
{
	fprintf(out, "wire_rx_oversize %lu\n", ((const struct stream *)w)->refused);
}

static void stream_destroy(struct wire *w)
{
	struct stream *s = (struct stream *)w;

	if (s->peer >= 0)
		close(s->peer);
	if (s->listener >= 0) {
		close(s->listener);
		unlink(s->path);
	}
	free(s->path);
	free(s);
}

static struct stream *create(const char *path)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (s)
		s->path = strdup(path);
	if (!s || !s->path) {
		fprintf(stderr, "wire: out of memory\n");
		free(s);
		return NULL;
	}
	s->peer = s->listener = -1;
	s->wire.push = stream_push;
	s->wire.poll = stream_poll;
	s->wire.fd = stream_fd;
	s->wire.link = stream_link;
	s->wire.stats = stream_stats;
	s->wire.destroy = stream_destroy;
	return s;
}

struct wire *wire_stream_listen(const char *path)
{
	struct stream *s = create(path);

	if (!s)
		return NULL;
	s->listener = unix_socket_listen(path);
	if (s->listener < 0) {
		stream_destroy(&s->wire);
		return NULL;
	}
	fcntl(s->listener, F_SETFL, O_NONBLOCK);
	return &s->wire;
}

struct wire *wire_stream_connect(const char *path, wire_clock clock)
{
	struct stream *s = create(path);

	if (!s)
		return NULL;
	s->clock = clock;
	return &s->wire;
}
