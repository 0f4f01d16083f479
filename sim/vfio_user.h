/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vfio-user server for one PCI device with one client at a time, as QEMU's
 * vfio-user-pci wants it. The caller polls its file descriptor and calls
 * vfio_user_serve(); nothing here waits, but for a client that does not take
 * its replies (10 s, then it is dropped).
 *
 * A message that makes no sense gets an error reply; one that breaks the
 * framing also ends the connection. When the client goes, its memory
 * and eventfds are let go of and the device is reset; the next may connect.
 */
#ifndef TLSNIC_VFIO_USER_H
#define TLSNIC_VFIO_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vfio_user;

struct vfio_user_device {
	unsigned int vectors;
	bool msi;		/* MSI instead of MSI-X */
	bool verbose;		/* connections and refused messages to stderr */
	void *opaque;
	/* Fills buf whatever happens. */
	void (*bar_read)(void *opaque, uint64_t offset, void *buf, size_t len);
	void (*bar_write)(void *opaque, uint64_t offset, const void *buf, size_t len);
	void (*reset)(void *opaque);
};

/* Listens at the UNIX socket path. NULL, with a message on stderr, on failure. */
struct vfio_user *vfio_user_create(const char *path, const struct vfio_user_device *device);
void vfio_user_destroy(struct vfio_user *v);

/* To be polled for POLLIN: the client, or the listening socket without one. */
int vfio_user_fd(const struct vfio_user *v);

/* Accepts, or takes the messages that are there (a bounded number). */
void vfio_user_serve(struct vfio_user *v);

/*
 * The device's DMA, at most up to the next 4 KiB boundary, and interrupts; refused
 * unless the guest has set Bus Master Enable. Return 0 or a negative errno.
 * Of a write of up to 64 bytes the last 4 bytes are stored last (release order): a
 * completion shows its phase only when it is whole.
 */
int vfio_user_mem_read(struct vfio_user *v, uint64_t addr, void *buf, size_t len);
int vfio_user_mem_write(struct vfio_user *v, uint64_t addr, const void *buf, size_t len);
void vfio_user_irq(struct vfio_user *v, unsigned int vector);

#endif /* TLSNIC_VFIO_USER_H */
