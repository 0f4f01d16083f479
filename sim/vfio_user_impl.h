/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of the vfio-user server. */
#ifndef TLSNIC_VFIO_USER_IMPL_H
#define TLSNIC_VFIO_USER_IMPL_H

#include "pci_config.h"
#include "vfio_user.h"
#include "vfio_user_dma.h"
#include "vfio_user_proto.h"

struct vfio_user_msg {
	struct vfio_user_header header;
	uint8_t data[VFIO_USER_MAX_MSG];	/* follows the header as it came */
	size_t len;				/* of data */
	unsigned int nfds;
	bool bad_fds;				/* more came than can be taken */
	int fds[VFIO_USER_MAX_FDS];		/* a handler that keeps one sets it to -1 */
};

struct vfio_user {
	struct vfio_user_device device;
	char *path;
	int listener;
	int client;				/* -1: none */
	bool greeted;				/* versions were exchanged */
	size_t got;				/* bytes of msg so far, with the header */
	struct dma_table dma;
	struct pci_config config;
	unsigned int nirqs;
	int *irqs;				/* eventfd or -1 */
	struct vfio_user_msg msg;
	_Alignas(8) uint8_t reply[VFIO_USER_MAX_MSG];
};

/*
 * Carries out m. Returns 0, with the payload of the reply in reply and its
 * length in *len, or a positive errno.
 */
int vfio_user_handle(struct vfio_user *v, struct vfio_user_msg *m, uint8_t *reply, size_t *len);

void vfio_user_drop_irqs(struct vfio_user *v);
void vfio_user_reset(struct vfio_user *v);	/* device and configuration space */

#endif /* TLSNIC_VFIO_USER_IMPL_H */
