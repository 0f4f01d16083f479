/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages of the vfio-user protocol 0.x, host byte order, and constants that it
 * takes over from VFIO. All sizes are in bytes.
 */
#ifndef TLSNIC_VFIO_USER_PROTO_H
#define TLSNIC_VFIO_USER_PROTO_H

#include <stdint.h>

#include <linux/vfio.h>

enum {
	VFIO_USER_VERSION = 1,
	VFIO_USER_DMA_MAP,
	VFIO_USER_DMA_UNMAP,
	VFIO_USER_DEVICE_GET_INFO,
	VFIO_USER_DEVICE_GET_REGION_INFO,
	VFIO_USER_DEVICE_GET_REGION_IO_FDS,
	VFIO_USER_DEVICE_GET_IRQ_INFO,
	VFIO_USER_DEVICE_SET_IRQS,
	VFIO_USER_REGION_READ,
	VFIO_USER_REGION_WRITE,
	VFIO_USER_DMA_READ,
	VFIO_USER_DMA_WRITE,
	VFIO_USER_DEVICE_RESET,
	VFIO_USER_REGION_WRITE_MULTI = 15,
};

#define VFIO_USER_F_TYPE	0x0f	/* 0 command, 1 reply */
#define VFIO_USER_F_REPLY	0x01
#define VFIO_USER_F_NO_REPLY	0x10
#define VFIO_USER_F_ERROR	0x20

struct vfio_user_header {
	uint16_t id;
	uint16_t command;
	uint32_t size;		/* with this header */
	uint32_t flags;
	uint32_t error;		/* errno of a failed command's reply */
};

struct vfio_user_version {
	uint16_t major;
	uint16_t minor;
	char data[];		/* JSON with its NUL, may be absent */
};

struct vfio_user_dma_map {
	uint32_t argsz;
	uint32_t flags;		/* VFIO_DMA_MAP_FLAG_READ, _WRITE */
	uint64_t offset;	/* in the file */
	uint64_t address;
	uint64_t size;
};

struct vfio_user_dma_unmap {
	uint32_t argsz;
	uint32_t flags;		/* VFIO_DMA_UNMAP_FLAG_ALL */
	uint64_t address;
	uint64_t size;
};

struct vfio_user_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[];
};

struct vfio_user_write_multi {
	uint64_t count;
	struct {
		uint64_t offset;
		uint32_t region;
		uint32_t count;		/* at most 8 */
		uint8_t data[8];
	} writes[];
};

/* Largest payload of one REGION_READ or REGION_WRITE, and of a whole message. */
#define VFIO_USER_MAX_DATA	65536
#define VFIO_USER_MAX_MSG	(VFIO_USER_MAX_DATA + 64)
#define VFIO_USER_MAX_FDS	16

#endif /* TLSNIC_VFIO_USER_PROTO_H */
