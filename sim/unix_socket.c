// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "unix_socket.h"

static int set_path(struct sockaddr_un *sun, const char *path)
{
	if (!*path || strlen(path) >= sizeof(sun->sun_path))
		return -ENAMETOOLONG;
	sun->sun_family = AF_UNIX;
	strcpy(sun->sun_path, path);
	return 0;
}

int unix_socket_connect(const char *path)
{
	struct sockaddr_un sun = { 0 };
	int err = set_path(&sun, path);
	int fd;

	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int unix_socket_listen(const char *path)
{
	struct sockaddr_un sun = { 0 };
	char fresh[sizeof(sun.sun_path) + 8];
	struct stat st;
	int fd;

	/* it gets its name when it listens: who sees the name may connect */
	if (!*path || snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh) ||
	    set_path(&sun, fresh)) {
		fprintf(stderr, "socket path '%s' is empty or longer than %zu bytes\n", path,
			sizeof(sun.sun_path) - 5);
		return -1;
	}
	if (!stat(path, &st)) {
		if (!S_ISSOCK(st.st_mode)) {
			fprintf(stderr, "%s exists and is not a socket\n", path);
			return -1;
		}
		fd = unix_socket_connect(path);
		if (fd >= 0) {
			close(fd);
			fprintf(stderr, "%s: another process listens there\n", path);
			return -1;
		}
	}
	unlink(fresh);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) || listen(fd, 8) ||
	    rename(fresh, path)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}
