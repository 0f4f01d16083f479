// SPDX-License-Identifier: BSD-2-Clause
//
// What the messages of vfio-user mean for this device, and the device's own
// accesses: DMA and interrupts.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vfio_user_impl.h"
#include "../include/uapi/linux/tlsnic.h"

_Static_assert(offsetof(struct vfio_user_msg, data) == sizeof(struct vfio_user_header),
	       "a message is read as one piece");

void vfio_user_reset(struct vfio_user *v)
{
	pci_config_reset(&v->config);
	v->device.reset(v->device.opaque);
}

static int do_version(struct vfio_user *v, const struct vfio_user_msg *m, uint8_t *reply, size_t *len)
{
	const struct vfio_user_version *req = (const void *)m->data;
	struct vfio_user_version *rep = (void *)reply;
	size_t text = m->len - sizeof(*req);
	bool multi;

	if (v->greeted)
		return EINVAL;
	if (text && (req->data[0] != '{' || req->data[text - 1] != '\0'))
		return EINVAL;
	if (req->major != 0)
		return EPROTONOSUPPORT;
	/* only what was proposed may be accepted */
	multi = text && strstr(req->data, "write_multiple");
	rep->major = 0;
	rep->minor = req->minor < 1 ? req->minor : 1;
	*len = sizeof(*rep) + 1;
	*len += sprintf(rep->data, "{\"capabilities\":{\"max_msg_fds\":%d,\"max_data_xfer_size\":%d%s}}",
			VFIO_USER_MAX_FDS, VFIO_USER_MAX_DATA, multi ? ",\"write_multiple\":true" : "");
	v->greeted = true;
	return 0;
}

static int do_dma_map(struct vfio_user *v, const struct vfio_user_msg *m)
{
	const struct vfio_user_dma_map *req = (const void *)m->data;

	if (req->argsz < sizeof(*req) || m->nfds > 1)
		return EINVAL;
	return dma_table_map(&v->dma, req->address, req->size, req->flags,
			     m->nfds ? m->fds[0] : -1, req->offset);
}

static int do_dma_unmap(struct vfio_user *v, const struct vfio_user_msg *m, uint8_t *reply, size_t *len)
{
	const struct vfio_user_dma_unmap *req = (const void *)m->data;
	int err = 0;

	if (req->argsz < sizeof(*req) || req->flags & ~VFIO_DMA_UNMAP_FLAG_ALL)
		return EINVAL;
	if (!(req->flags & VFIO_DMA_UNMAP_FLAG_ALL))
		err = dma_table_unmap(&v->dma, req->address, req->size);
	else if (req->address || req->size)
		err = EINVAL;
	else
		dma_table_clear(&v->dma);
	memcpy(reply, req, sizeof(*req));
	*len = sizeof(*req);
	return err;
}

static int do_get_info(uint8_t *reply, size_t *len)
{
	struct vfio_device_info info = {
		.argsz = 16,
		.flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI,
		.num_regions = VFIO_PCI_NUM_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};

	*len = 16;
	memcpy(reply, &info, *len);
	return 0;
}

static uint64_t region_size(const struct vfio_user *v, uint32_t region)
{
	switch (region) {
	case VFIO_PCI_BAR0_REGION_INDEX:
		return TLSNIC_BAR0_SIZE;
	case MSIX_BAR:
		return v->device.msi ? 0 : MSIX_BAR_SIZE;
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return CONFIG_SIZE;
	default:
		return 0;
	}
}

static int do_region_info(struct vfio_user *v, const struct vfio_user_msg *m, uint8_t *reply, size_t *len)
{
	const struct vfio_region_info *req = (const void *)m->data;
	struct vfio_region_info info = { .argsz = sizeof(info), .index = req->index };

	if (req->argsz < sizeof(info) || req->index >= VFIO_PCI_NUM_REGIONS)
		return EINVAL;
	info.size = region_size(v, req->index);
	if (info.size)
		info.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	*len = sizeof(info);
	memcpy(reply, &info, *len);
	return 0;
}

/*
 * The error interrupt is there because QEMU warns when it is not. It is never
 * raised: that would stop the guest for good.
 */
static uint32_t irq_count(const struct vfio_user *v, uint32_t index)
{
	if (index == VFIO_PCI_ERR_IRQ_INDEX)
		return 1;
	return index == (v->device.msi ? VFIO_PCI_MSI_IRQ_INDEX : VFIO_PCI_MSIX_IRQ_INDEX) ? v->nirqs : 0;
}

static int do_irq_info(struct vfio_user *v, const struct vfio_user_msg *m, uint8_t *reply, size_t *len)
{
	const struct vfio_irq_info *req = (const void *)m->data;
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = req->index };

	if (req->argsz < sizeof(info) || req->index >= VFIO_PCI_NUM_IRQS)
		return EINVAL;
	info.count = irq_count(v, req->index);
	if (info.count)
		info.flags = VFIO_IRQ_INFO_EVENTFD;
	*len = sizeof(info);
	memcpy(reply, &info, *len);
	return 0;
}

static void set_irq(struct vfio_user *v, unsigned int i, int fd)
{
	if (v->irqs[i] >= 0)
		close(v->irqs[i]);
	v->irqs[i] = fd;
}

void vfio_user_drop_irqs(struct vfio_user *v)
{
	for (unsigned int i = 0; i < v->nirqs; i++)
		set_irq(v, i, -1);
}

static void fire(struct vfio_user *v, unsigned int i)
{
	struct pollfd p = { .fd = v->irqs[i], .events = POLLOUT };
	const uint64_t one = 1;

	/* what is full wakes its reader anyway; never wait for it */
	if (p.fd >= 0 && poll(&p, 1, 0) == 1 && p.revents & POLLOUT)
		(void)!write(p.fd, &one, sizeof(one));
}

static int do_set_irqs(struct vfio_user *v, struct vfio_user_msg *m)
{
	const struct vfio_irq_set *req = (const void *)m->data;
	uint32_t data = req->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	uint32_t count = irq_count(v, req->index);

	if (req->argsz < sizeof(*req) || req->index >= VFIO_PCI_NUM_IRQS ||
	    (req->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) != VFIO_IRQ_SET_ACTION_TRIGGER)
		return EINVAL;
	if (req->start > count || req->count > count - req->start)
		return EINVAL;
	if (req->index == VFIO_PCI_ERR_IRQ_INDEX)
		return 0;
	switch (data) {
	case VFIO_IRQ_SET_DATA_NONE:
		if (!req->count && count)
			vfio_user_drop_irqs(v);
		for (uint32_t i = 0; i < req->count; i++)
			fire(v, req->start + i);
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		if (m->len < sizeof(*req) + req->count)
			return EINVAL;
		for (uint32_t i = 0; i < req->count; i++)
			if (req->data[i])
				fire(v, req->start + i);
		return 0;
	case VFIO_IRQ_SET_DATA_EVENTFD:
		/* none at all takes the old ones away */
		if (m->nfds && m->nfds != req->count)
			return EINVAL;
		for (uint32_t i = 0; i < req->count; i++) {
			set_irq(v, req->start + i, m->nfds ? m->fds[i] : -1);
			if (m->nfds)
				m->fds[i] = -1;
		}
		return 0;
	default:
		return EINVAL;
	}
}

static int check_access(const struct vfio_user *v, uint32_t region, uint64_t offset, uint32_t count)
{
	uint64_t size = region < VFIO_PCI_NUM_REGIONS ? region_size(v, region) : 0;

	if (count > VFIO_USER_MAX_DATA || offset > size || count > size - offset || !size)
		return EINVAL;
	return 0;
}

static int do_region_read(struct vfio_user *v, const struct vfio_user_msg *m, uint8_t *reply, size_t *len)
{
	const struct vfio_user_region_access *req = (const void *)m->data;
	struct vfio_user_region_access *rep = (void *)reply;
	int err = check_access(v, req->region, req->offset, req->count);

	if (err)
		return err;
	memcpy(rep, req, sizeof(*req));
	*len = sizeof(*rep) + req->count;
	if (req->region == VFIO_PCI_CONFIG_REGION_INDEX)
		memcpy(rep->data, v->config.space + req->offset, req->count);
	else if (!pci_config_memory(&v->config))
		memset(rep->data, 0xff, req->count);
	else if (req->region == MSIX_BAR)
		memset(rep->data, 0, req->count);	/* the client keeps table and masks */
	else
		v->device.bar_read(v->device.opaque, req->offset, rep->data, req->count);
	return 0;
}

static int write_region(struct vfio_user *v, uint32_t region, uint64_t offset, const void *data,
			uint32_t count)
{
	int err = check_access(v, region, offset, count);

	if (err)
		return err;
	if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
		if (pci_config_write(&v->config, offset, data, count))
			vfio_user_reset(v);
	} else if (region == VFIO_PCI_BAR0_REGION_INDEX && pci_config_memory(&v->config)) {
		v->device.bar_write(v->device.opaque, offset, data, count);
	}
	return 0;
}

static int do_region_write(struct vfio_user *v, const struct vfio_user_msg *m, uint8_t *reply, size_t *len)
{
	const struct vfio_user_region_access *req = (const void *)m->data;

	if (m->len - sizeof(*req) < req->count)
		return EINVAL;
	memcpy(reply, req, sizeof(*req));
	*len = sizeof(*req);
	return write_region(v, req->region, req->offset, req->data, req->count);
}

static int do_write_multi(struct vfio_user *v, const struct vfio_user_msg *m, uint8_t *reply, size_t *len)
{
	const struct vfio_user_write_multi *req = (const void *)m->data;

	if (req->count > (m->len - sizeof(*req)) / sizeof(req->writes[0]))
		return EINVAL;
	for (uint64_t i = 0; i < req->count; i++) {
		int err = req->writes[i].count > sizeof(req->writes[i].data) ? EINVAL :
			  write_region(v, req->writes[i].region, req->writes[i].offset,
				       req->writes[i].data, req->writes[i].count);

		if (err)
			return err;
	}
	memcpy(reply, &req->count, sizeof(req->count));
	*len = sizeof(req->count);
	return 0;
}

/* The least payload of each command; 0 with no entry. */
static const size_t least[] = {
	[VFIO_USER_VERSION] = sizeof(struct vfio_user_version),
	[VFIO_USER_DMA_MAP] = sizeof(struct vfio_user_dma_map),
	[VFIO_USER_DMA_UNMAP] = sizeof(struct vfio_user_dma_unmap),
	[VFIO_USER_DEVICE_GET_INFO] = 16,
	[VFIO_USER_DEVICE_GET_REGION_INFO] = sizeof(struct vfio_region_info),
	[VFIO_USER_DEVICE_GET_IRQ_INFO] = sizeof(struct vfio_irq_info),
	[VFIO_USER_DEVICE_SET_IRQS] = sizeof(struct vfio_irq_set),
	[VFIO_USER_REGION_READ] = sizeof(struct vfio_user_region_access),
	[VFIO_USER_REGION_WRITE] = sizeof(struct vfio_user_region_access),
	[VFIO_USER_REGION_WRITE_MULTI] = sizeof(struct vfio_user_write_multi),
};

int vfio_user_handle(struct vfio_user *v, struct vfio_user_msg *m, uint8_t *reply, size_t *len)
{
	uint32_t command = m->header.command;

	if (m->bad_fds)
		return E2BIG;
	if (m->nfds && command != VFIO_USER_DMA_MAP && command != VFIO_USER_DEVICE_SET_IRQS)
		return EINVAL;
	if (command != VFIO_USER_VERSION && !v->greeted)
		return EINVAL;
	if (command < sizeof(least) / sizeof(least[0]) && m->len < least[command])
		return EINVAL;
	switch (command) {
	case VFIO_USER_VERSION:
		return do_version(v, m, reply, len);
	case VFIO_USER_DMA_MAP:
		return do_dma_map(v, m);
	case VFIO_USER_DMA_UNMAP:
		return do_dma_unmap(v, m, reply, len);
	case VFIO_USER_DEVICE_GET_INFO:
		return do_get_info(reply, len);
	case VFIO_USER_DEVICE_GET_REGION_INFO:
		return do_region_info(v, m, reply, len);
	case VFIO_USER_DEVICE_GET_IRQ_INFO:
		return do_irq_info(v, m, reply, len);
	case VFIO_USER_DEVICE_SET_IRQS:
		return do_set_irqs(v, m);
	case VFIO_USER_REGION_READ:
		return do_region_read(v, m, reply, len);
	case VFIO_USER_REGION_WRITE:
		return do_region_write(v, m, reply, len);
	case VFIO_USER_DEVICE_RESET:
		vfio_user_reset(v);
		return 0;
	case VFIO_USER_REGION_WRITE_MULTI:
		return do_write_multi(v, m, reply, len);
	default:
		return ENOSYS;
	}
}

// ---- the device's own accesses --------------------------------------------

int vfio_user_mem_read(struct vfio_user *v, uint64_t addr, void *buf, size_t len)
{
	const uint8_t *host;

	if (!pci_config_bus_master(&v->config))
		return -EPERM;
	host = dma_table_find(&v->dma, addr, len, VFIO_DMA_MAP_FLAG_READ);
	if (!host)
		return -EFAULT;
	memcpy(buf, host, len);
	return 0;
}

int vfio_user_mem_write(struct vfio_user *v, uint64_t addr, const void *buf, size_t len)
{
	uint8_t *host;
	uint32_t last;

	if (!pci_config_bus_master(&v->config))
		return -EPERM;
	host = dma_table_find(&v->dma, addr, len, VFIO_DMA_MAP_FLAG_WRITE);
	if (!host)
		return -EFAULT;
	if (len > 64 || len < 4 || (addr + len) % 4) {
		memcpy(host, buf, len);
		return 0;
	}
	memcpy(host, buf, len - 4);
	memcpy(&last, (const uint8_t *)buf + len - 4, 4);
	__atomic_store_n((uint32_t *)(host + len - 4), last, __ATOMIC_RELEASE);
	return 0;
}

void vfio_user_irq(struct vfio_user *v, unsigned int vector)
{
	if (vector < v->nirqs && pci_config_bus_master(&v->config))
		fire(v, vector);
}
