// SPDX-License-Identifier: BSD-2-Clause
//
// Connection and framing: a message at a time comes in, with the file
// descriptors that belong to it, and goes to its handler.

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "unix_socket.h"
#include "vfio_user_impl.h"

#define MESSAGES_PER_SERVE	64
#define SEND_TIMEOUT_S		10

static void say(const struct vfio_user *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct vfio_user *v, const char *fmt, ...)
{
	va_list ap;

	if (!v->device.verbose)
		return;
	fprintf(stderr, "vfio-user: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
}

static void close_fds(struct vfio_user_msg *m)
{
	for (unsigned int i = 0; i < m->nfds; i++)
		if (m->fds[i] >= 0)
			close(m->fds[i]);
	m->nfds = 0;
	m->bad_fds = false;
}

static void disconnect(struct vfio_user *v, const char *why)
{
	say(v, "client gone: %s", why);
	close_fds(&v->msg);
	v->got = 0;
	close(v->client);
	v->client = -1;
	v->greeted = false;
	dma_table_clear(&v->dma);
	vfio_user_drop_irqs(v);
	vfio_user_reset(v);
}

static void connect_client(struct vfio_user *v)
{
	struct timeval timeout = { .tv_sec = SEND_TIMEOUT_S };
	int fd = accept4(v->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
	v->client = fd;
	vfio_user_reset(v);
	say(v, "client connected");
}

/* Gathers the descriptors of a recvmsg(); those beyond the limit mark the message as bad. */
static void take_fds(struct vfio_user_msg *m, struct msghdr *hdr)
{
	if (hdr->msg_flags & MSG_CTRUNC)
		m->bad_fds = true;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c)) {
		const int *fds = (const int *)CMSG_DATA(c);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			if (m->nfds < VFIO_USER_MAX_FDS) {
				m->fds[m->nfds++] = fds[i];
			} else {
				close(fds[i]);
				m->bad_fds = true;
			}
		}
	}
}

/*
 * Reads on up to total bytes of the message. Never more, because descriptors
 * come with the first byte of the message that owns them. Returns 1 when they are there,
 * 0 when more must come, -1 when the client is gone.
 */
static int receive(struct vfio_user *v, size_t total)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * (VFIO_USER_MAX_FDS + 16))];
		struct cmsghdr align;
	} control;

	while (v->got < total) {
		struct iovec iov = { (uint8_t *)&v->msg.header + v->got, total - v->got };
		struct msghdr hdr = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
		};
		ssize_t n = recvmsg(v->client, &hdr, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n <= 0)
			return -1;
		take_fds(&v->msg, &hdr);
		v->got += n;
	}
	return 1;
}

static bool reply(struct vfio_user *v, int err, const void *data, size_t len)
{
	struct vfio_user_header h = {
		.id = v->msg.header.id,
		.command = v->msg.header.command,
		.size = sizeof(h) + (err ? 0 : len),
		.flags = VFIO_USER_F_REPLY | (err ? VFIO_USER_F_ERROR : 0),
		.error = err,
	};
	struct iovec iov[2] = { { &h, sizeof(h) }, { (void *)data, err ? 0 : len } };
	struct msghdr hdr = { .msg_iov = iov, .msg_iovlen = 2 };
	size_t left = h.size;

	while (left) {
		ssize_t n = sendmsg(v->client, &hdr, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		left -= n;
		for (int i = 0; i < 2; i++) {
			size_t part = (size_t)n < iov[i].iov_len ? (size_t)n : iov[i].iov_len;

			iov[i].iov_base = (uint8_t *)iov[i].iov_base + part;
			iov[i].iov_len -= part;
			n -= part;
		}
	}
	return true;
}

/* Handles the one whole message; false ends the connection. */
static bool handle(struct vfio_user *v)
{
	struct vfio_user_msg *m = &v->msg;
	const struct vfio_user_header *h = &m->header;
	size_t len = 0;
	bool alive = true;
	int err;

	m->len = h->size - sizeof(*h);
	err = vfio_user_handle(v, m, v->reply, &len);
	close_fds(m);
	if (err)
		say(v, "command %u refused: %s", h->command, strerror(err));
	if (!(h->flags & VFIO_USER_F_NO_REPLY))
		alive = reply(v, err, v->reply, len);
	/* without a common version there is nothing to talk about */
	return alive && v->greeted;
}

/* One message. Returns false when there is none left to be had now. */
static bool serve_one(struct vfio_user *v)
{
	const struct vfio_user_header *h = &v->msg.header;
	int got = receive(v, v->got < sizeof(*h) ? sizeof(*h) : h->size);

	if (got > 0 && v->got == sizeof(*h)) {
		uint32_t type = h->flags & VFIO_USER_F_TYPE;

		if (h->size < sizeof(*h) || h->size > VFIO_USER_MAX_MSG || type > VFIO_USER_F_REPLY) {
			reply(v, h->size > VFIO_USER_MAX_MSG ? EMSGSIZE : EINVAL, NULL, 0);
			disconnect(v, "bad message header");
			return false;
		}
		got = receive(v, h->size);
	}
	if (got < 0)
		disconnect(v, "end of stream");
	if (got <= 0)
		return false;

	v->got = 0;
	if ((h->flags & VFIO_USER_F_TYPE) == VFIO_USER_F_REPLY) {
		/* we never ask, so this answers nothing */
		close_fds(&v->msg);
		return true;
	}
	if (!handle(v)) {
		disconnect(v, v->greeted ? "replies not taken" : "no common version");
		return false;
	}
	return true;
}

void vfio_user_serve(struct vfio_user *v)
{
	if (v->client < 0) {
		connect_client(v);
		return;
	}
	for (int i = 0; i < MESSAGES_PER_SERVE; i++)
		if (!serve_one(v))
			return;
}

int vfio_user_fd(const struct vfio_user *v)
{
	return v->client >= 0 ? v->client : v->listener;
}

struct vfio_user *vfio_user_create(const char *path, const struct vfio_user_device *device)
{
	struct vfio_user *v = calloc(1, sizeof(*v));

	if (!v) {
		fprintf(stderr, "vfio-user: out of memory\n");
		return NULL;
	}
	v->device = *device;
	v->client = -1;
	v->nirqs = device->msi ? pci_config_msi_count(device->vectors) : device->vectors;
	v->path = strdup(path);
	v->irqs = malloc(v->nirqs * sizeof(*v->irqs));
	v->listener = v->path && v->irqs ? unix_socket_listen(path) : -1;
	if (v->listener < 0) {
		free(v->path);
		free(v->irqs);
		free(v);
		return NULL;
	}
	for (unsigned int i = 0; i < v->nirqs; i++)
		v->irqs[i] = -1;
	pci_config_init(&v->config, device->vectors, device->msi);
	return v;
}

void vfio_user_destroy(struct vfio_user *v)
{
	if (!v)
		return;
	if (v->client >= 0)
		disconnect(v, "shutting down");
	close(v->listener);
	unlink(v->path);
	free(v->path);
	free(v->irqs);
	free(v);
}
