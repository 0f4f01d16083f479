/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TLSNIC_UNIX_SOCKET_H
#define TLSNIC_UNIX_SOCKET_H

/*
 * A listening UNIX stream socket at path; a stale one that nobody listens at is
 * replaced. Returns its descriptor, or -1 with a message on stderr.
 */
int unix_socket_listen(const char *path);

/* Connects. Returns the descriptor or a negative errno. */
int unix_socket_connect(const char *path);

#endif /* TLSNIC_UNIX_SOCKET_H */
