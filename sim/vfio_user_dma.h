/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's memory, as it was mapped into this process. */
#ifndef TLSNIC_VFIO_USER_DMA_H
#define TLSNIC_VFIO_USER_DMA_H

#include <stddef.h>
#include <stdint.h>

struct dma_map {
	uint64_t address, size;
	uint32_t flags;		/* VFIO_DMA_MAP_FLAG_READ, _WRITE */
	uint8_t *host;		/* NULL: came without a file, cannot be reached */
};

struct dma_table {
	struct dma_map *maps;	/* by address, without overlap */
	size_t count, room;
	size_t last;		/* where the last look-up ended */
};

/* fd: -1 or the file behind the range; not kept. Returns 0 or a positive errno. */
int dma_table_map(struct dma_table *t, uint64_t address, uint64_t size, uint32_t flags,
		  int fd, uint64_t offset);

/* Takes out every map in the range; EINVAL if the range cuts one. */
int dma_table_unmap(struct dma_table *t, uint64_t address, uint64_t size);
void dma_table_clear(struct dma_table *t);

/* Bytes at address in this process, or NULL. flag: the access that is needed. */
uint8_t *dma_table_find(struct dma_table *t, uint64_t address, size_t len, uint32_t flag);

#endif /* TLSNIC_VFIO_USER_DMA_H */
