/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other side of the vfio-user socket: starts tlsnic-sim and talks to it,
 * politely or not. Every wait has an end: a server that hangs fails the test.
 */
#ifndef TLSNIC_TESTS_VFU_CLIENT_H
#define TLSNIC_TESTS_VFU_CLIENT_H

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../sim/vfio_user_proto.h"
#include "../common/tap.h"

#define PATIENCE_MS	20000

struct vfu {
	char dir[64], path[96];
	pid_t pid;
	int fd;			/* connection, -1: none */
	uint16_t id;
};

struct vfu_reply {
	struct vfio_user_header h;
	uint8_t data[VFIO_USER_MAX_MSG];
};

/* Runs tlsnic-sim (beside this program, or $TLSNIC_SIM) with more options; waits for its socket. */
static inline void vfu_start(struct vfu *v, char *const more[])
{
	char *args[32] = { NULL, "--socket", v->path };
	char self[PATH_MAX] = "", sim[PATH_MAX + 32];
	int n = 3;

	memset(v, 0, sizeof(*v));
	v->fd = -1;
	snprintf(v->dir, sizeof(v->dir), "/tmp/tlsnic-test.XXXXXX");
	if (!mkdtemp(v->dir)) {
		perror("mkdtemp");
		exit(1);
	}
	snprintf(v->path, sizeof(v->path), "%s/nic", v->dir);
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		exit(1);
	*strrchr(self, '/') = '\0';
	snprintf(sim, sizeof(sim), "%s/../../sim/tlsnic-sim", self);
	args[0] = getenv("TLSNIC_SIM") ? getenv("TLSNIC_SIM") : sim;
	while (more && *more && n < 31)
		args[n++] = *more++;
	v->pid = fork();
	if (!v->pid) {
		execv(args[0], args);
		perror(args[0]);
		_exit(127);
	}
	for (int i = 0; i < PATIENCE_MS && access(v->path, F_OK); i++) {
		if (waitpid(v->pid, NULL, WNOHANG) == v->pid) {
			printf("Bail out! %s ended at its start\n", args[0]);
			exit(1);
		}
		usleep(1000);
	}
}

static inline void vfu_hang_up(struct vfu *v)
{
	if (v->fd >= 0)
		close(v->fd);
	v->fd = -1;
}

/* Ends the server; returns its wait status. */
static inline int vfu_stop(struct vfu *v)
{
	int status = -1;

	vfu_hang_up(v);
	kill(v->pid, SIGTERM);
	for (int i = 0; i < PATIENCE_MS; i++) {
		if (waitpid(v->pid, &status, WNOHANG) == v->pid)
			break;
		usleep(1000);
		if (i == PATIENCE_MS - 1) {
			tap_fail("server did not end on SIGTERM");
			kill(v->pid, SIGKILL);
			waitpid(v->pid, &status, 0);
		}
	}
	rmdir(v->dir);
	return status;
}

/* False, and a failure, if the server has died. */
static inline bool vfu_alive(struct vfu *v)
{
	int status;

	if (waitpid(v->pid, &status, WNOHANG) != v->pid)
		return true;
	tap_fail("server died with wait status 0x%x", status);
	printf("Bail out! no server\n");
	exit(1);
}

static inline void vfu_connect(struct vfu *v)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	vfu_hang_up(v);
	strcpy(sun.sun_path, v->path);
	v->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(v->fd, (struct sockaddr *)&sun, sizeof(sun)))
		tap_fail("connect to %s: %s", v->path, strerror(errno));
}

/* Sends bytes with descriptors. False if the server has hung up. */
static inline bool vfu_raw(struct vfu *v, const void *bytes, size_t len, const int *fds, unsigned int nfds)
{
	union {
		char buf[CMSG_SPACE(64 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { (void *)bytes, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nfds) {
		struct cmsghdr *c;

		m.msg_control = control.buf;
		m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	return sendmsg(v->fd, &m, MSG_NOSIGNAL) == (ssize_t)len;
}

/* 1: read len bytes, 0: the server hung up, -1: nothing came in time. */
static inline int vfu_get(struct vfu *v, void *to, size_t len)
{
	for (size_t got = 0; got < len;) {
		struct pollfd p = { .fd = v->fd, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, PATIENCE_MS) != 1) {
			tap_fail("no answer in %d ms", PATIENCE_MS);
			return -1;
		}
		n = recv(v->fd, (char *)to + got, len - got, 0);
		if (n <= 0)
			return 0;
		got += n;
	}
	return 1;
}

/* The next reply; returns as vfu_get(). */
static inline int vfu_reply(struct vfu *v, struct vfu_reply *r)
{
	int got = vfu_get(v, &r->h, sizeof(r->h));

	if (got <= 0)
		return got;
	if (r->h.size < sizeof(r->h) || r->h.size > sizeof(*r)) {
		tap_fail("reply's size is %u", r->h.size);
		return -1;
	}
	return vfu_get(v, r->data, r->h.size - sizeof(r->h));
}

static inline bool vfu_send(struct vfu *v, uint16_t command, uint32_t flags, const void *payload, size_t len,
			    const int *fds, unsigned int nfds)
{
	uint8_t buf[VFIO_USER_MAX_MSG];
	struct vfio_user_header h = { ++v->id, command, sizeof(h) + len, flags, 0 };

	memcpy(buf, &h, sizeof(h));
	memcpy(buf + sizeof(h), payload, len);
	return vfu_raw(v, buf, h.size, fds, nfds);
}

/*
 * Sends a command and takes its reply. Returns 0, the errno of an error reply, or -1 if the
 * server hung up or broke the protocol.
 */
static inline int vfu_call(struct vfu *v, uint16_t command, const void *payload, size_t len, const int *fds,
			   unsigned int nfds, struct vfu_reply *r)
{
	static struct vfu_reply own;

	r = r ? r : &own;
	if (!vfu_send(v, command, 0, payload, len, fds, nfds) || vfu_reply(v, r) != 1)
		return -1;
	if (r->h.id != v->id || r->h.command != command || !(r->h.flags & VFIO_USER_F_REPLY)) {
		tap_fail("reply to %u/%u is of %u/%u, flags 0x%x", command, v->id, r->h.command, r->h.id,
			 r->h.flags);
		return -1;
	}
	if (!(r->h.flags & VFIO_USER_F_ERROR))
		return 0;
	if (r->h.size != sizeof(r->h))
		tap_fail("error reply carries %u bytes", r->h.size);
	return r->h.error ? (int)r->h.error : -1;
}

static inline int vfu_version(struct vfu *v, uint16_t major, const char *caps, struct vfu_reply *r)
{
	uint8_t buf[1024];
	struct vfio_user_version *ver = (void *)buf;

	ver->major = major;
	ver->minor = 0;
	strcpy(ver->data, caps);
	return vfu_call(v, VFIO_USER_VERSION, buf, sizeof(*ver) + strlen(caps) + 1, NULL, 0, r);
}

#define VFU_CAPS "{\"capabilities\":{\"max_msg_fds\":16,\"write_multiple\":true}}"

static inline void vfu_greet(struct vfu *v)
{
	vfu_connect(v);
	tap_u64("version", vfu_version(v, 0, VFU_CAPS, NULL), 0);
}

static inline int vfu_read(struct vfu *v, uint32_t region, uint64_t offset, void *buf, uint32_t count)
{
	static struct vfu_reply r;
	struct vfio_user_region_access a = { offset, region, count };
	int err = vfu_call(v, VFIO_USER_REGION_READ, &a, sizeof(a), NULL, 0, &r);

	if (!err && r.h.size != sizeof(r.h) + sizeof(a) + count) {
		tap_fail("read of %u bytes gives a reply of %u", count, r.h.size);
		return -1;
	}
	if (!err)
		memcpy(buf, r.data + sizeof(a), count);
	return err;
}

static inline int vfu_write(struct vfu *v, uint32_t region, uint64_t offset, const void *buf, uint32_t count)
{
	uint8_t m[VFIO_USER_MAX_MSG];
	struct vfio_user_region_access a = { offset, region, count };

	memcpy(m, &a, sizeof(a));
	memcpy(m + sizeof(a), buf, count);
	return vfu_call(v, VFIO_USER_REGION_WRITE, m, sizeof(a) + count, NULL, 0, NULL);
}

static inline uint32_t vfu_read32(struct vfu *v, uint32_t region, uint64_t offset)
{
	uint32_t value = 0;
	int err = vfu_read(v, region, offset, &value, 4);

	if (err)
		tap_fail("read of region %u at 0x%lx: %s", region, (unsigned long)offset, strerror(err));
	return value;
}

static inline void vfu_write32(struct vfu *v, uint32_t region, uint64_t offset, uint32_t value)
{
	int err = vfu_write(v, region, offset, &value, 4);

	if (err)
		tap_fail("write of region %u at 0x%lx: %s", region, (unsigned long)offset, strerror(err));
}

/* fd -1: none is sent. */
static inline int vfu_map(struct vfu *v, uint64_t address, uint64_t size, uint32_t flags, int fd, uint64_t offset)
{
	struct vfio_user_dma_map m = { sizeof(m), flags, offset, address, size };

	return vfu_call(v, VFIO_USER_DMA_MAP, &m, sizeof(m), &fd, fd >= 0, NULL);
}

static inline int vfu_unmap(struct vfu *v, uint64_t address, uint64_t size, uint32_t flags)
{
	struct vfio_user_dma_unmap m = { sizeof(m), flags, address, size };

	return vfu_call(v, VFIO_USER_DMA_UNMAP, &m, sizeof(m), NULL, 0, NULL);
}

static inline int vfu_set_irqs(struct vfu *v, uint32_t index, uint32_t flags, uint32_t start, uint32_t count,
			       const int *fds, unsigned int nfds)
{
	struct vfio_irq_set s = { sizeof(s), flags, index, start, count };

	return vfu_call(v, VFIO_USER_DEVICE_SET_IRQS, &s, sizeof(s), fds, nfds, NULL);
}

/* Descriptors that the server has open. */
static inline unsigned int vfu_count_fds(struct vfu *v)
{
	char path[64];
	unsigned int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", v->pid);
	d = opendir(path);
	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* Maps of a file whose name holds text that the server has. */
static inline unsigned int vfu_count_maps(struct vfu *v, const char *text)
{
	char path[64], line[512];
	unsigned int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", v->pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, text) != NULL;
	if (f)
		fclose(f);
	return n;
}

#endif /* TLSNIC_TESTS_VFU_CLIENT_H */
