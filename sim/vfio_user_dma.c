// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <linux/vfio.h>

#include "vfio_user_dma.h"

#define PAGE_MASK	4095ull
#define MAX_MAPS	65535

/* Index of the first map that ends beyond address. */
static size_t lower(const struct dma_table *t, uint64_t address)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->maps[mid].address + (t->maps[mid].size - 1) < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A file shorter than its map would kill this process at the first touch. */
static int map_file(int fd, uint64_t offset, uint64_t size, uint32_t flags, uint8_t **host)
{
	int prot = PROT_READ | (flags & VFIO_DMA_MAP_FLAG_WRITE ? PROT_WRITE : 0);
	struct stat st;
	void *p;

	if (fstat(fd, &st))
		return errno;
	if (!S_ISREG(st.st_mode) || offset > (uint64_t)st.st_size || size > st.st_size - offset)
		return EINVAL;
	p = mmap(NULL, size, prot, MAP_SHARED, fd, offset);
	if (p == MAP_FAILED)
		return errno;
	*host = p;
	return 0;
}

int dma_table_map(struct dma_table *t, uint64_t address, uint64_t size, uint32_t flags, int fd,
		  uint64_t offset)
{
	struct dma_map map = { .address = address, .size = size, .flags = flags };
	size_t at;
	int err;

	if (!size || (address | size | offset) & PAGE_MASK || address + (size - 1) < address ||
	    flags & ~(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE))
		return EINVAL;
	at = lower(t, address);
	if (at < t->count && t->maps[at].address <= address + (size - 1))
		return EEXIST;
	if (t->count == MAX_MAPS)
		return ENOSPC;
	if (t->count == t->room) {
		size_t room = t->room ? 2 * t->room : 32;
		struct dma_map *maps = realloc(t->maps, room * sizeof(*maps));

		if (!maps)
			return ENOMEM;
		t->maps = maps;
		t->room = room;
	}
	if (fd >= 0) {
		err = map_file(fd, offset, size, flags, &map.host);
		if (err)
			return err;
	}
	memmove(t->maps + at + 1, t->maps + at, (t->count - at) * sizeof(map));
	t->maps[at] = map;
	t->count++;
	return 0;
}

static void release(struct dma_map *map)
{
	if (map->host)
		munmap(map->host, map->size);
}

int dma_table_unmap(struct dma_table *t, uint64_t address, uint64_t size)
{
	uint64_t last = address + (size - 1);
	size_t from, to;

	if (!size || last < address)
		return EINVAL;
	from = lower(t, address);
	for (to = from; to < t->count && t->maps[to].address <= last; to++) {
		const struct dma_map *m = &t->maps[to];

		if (m->address < address || m->address + (m->size - 1) > last)
			return EINVAL;
	}
	for (size_t i = from; i < to; i++)
		release(&t->maps[i]);
	memmove(t->maps + from, t->maps + to, (t->count - to) * sizeof(*t->maps));
	t->count -= to - from;
	t->last = 0;
	return 0;
}

void dma_table_clear(struct dma_table *t)
{
	for (size_t i = 0; i < t->count; i++)
		release(&t->maps[i]);
	free(t->maps);
	memset(t, 0, sizeof(*t));
}

static bool holds(const struct dma_map *m, uint64_t address, size_t len)
{
	return address >= m->address && address - m->address < m->size &&
	       len <= m->size - (address - m->address);
}

uint8_t *dma_table_find(struct dma_table *t, uint64_t address, size_t len, uint32_t flag)
{
	struct dma_map *m;

	if (t->last >= t->count || !holds(&t->maps[t->last], address, len)) {
		t->last = lower(t, address);
		if (t->last >= t->count || !holds(&t->maps[t->last], address, len))
			return NULL;
	}
	m = &t->maps[t->last];
	if (!m->host || !(m->flags & flag))
		return NULL;
	return m->host + (address - m->address);
}
