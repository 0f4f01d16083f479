// SPDX-License-Identifier: BSD-2-Clause
//
// The vfio-user server: every command, what is wrong with messages, resets and
// clients that come and go. One server is talked to throughout.

#include <linux/pci_regs.h>

#include "vfu_client.h"
#include "../../include/uapi/linux/tlsnic.h"

#define CONFIG		VFIO_PCI_CONFIG_REGION_INDEX
#define BAR0		VFIO_PCI_BAR0_REGION_INDEX
#define MSIX		VFIO_PCI_MSIX_IRQ_INDEX
#define RW		(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)
#define EVENTFD_TRIGGER	(VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)

static struct vfu v;

static void enable(void)
{
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	vfu_write(&v, CONFIG, PCI_COMMAND, &command, 2);
}

static void check_works(void)
{
	vfu_greet(&v);
	enable();
	tap_u64("identity", vfu_read32(&v, BAR0, TLSNIC_REG_ID), TLSNIC_ID);
}

static int memory(size_t size)
{
	int fd = memfd_create("tlsnic-test-memory", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, size))
		tap_fail("memfd: %s", strerror(errno));
	return fd;
}

static void versions(void)
{
	static struct vfu_reply r;
	struct vfio_user_version *rep = (void *)r.data;
	uint8_t unended[] = { 0, 0, 0, 0, '{', '}' };

	vfu_connect(&v);
	tap_u64("version", vfu_version(&v, 0, VFU_CAPS, &r), 0);
	tap_u64("major", rep->major, 0);
	tap_u64("minor", rep->minor, 0);
	if (!strstr(rep->data, "\"write_multiple\":true"))
		tap_fail("write_multiple was proposed and not accepted: %s", rep->data);
	tap_u64("a second version", vfu_version(&v, 0, VFU_CAPS, NULL), EINVAL);

	vfu_connect(&v);
	tap_u64("version without capabilities", vfu_version(&v, 0, "{}", &r), 0);
	if (strstr(rep->data, "write_multiple"))
		tap_fail("write_multiple was not proposed but is in %s", rep->data);

	vfu_connect(&v);
	tap_u64("major 1", vfu_version(&v, 1, VFU_CAPS, NULL), EPROTONOSUPPORT);
	tap_u64("hangs up after it", vfu_get(&v, &r, 1), 0);

	vfu_connect(&v);
	tap_u64("text without its NUL",
		vfu_call(&v, VFIO_USER_VERSION, unended, sizeof(unended), NULL, 0, NULL), EINVAL);

	vfu_connect(&v);
	tap_u64("no version first", vfu_map(&v, 0, 4096, RW, -1, 0), EINVAL);
	tap_u64("hangs up after it", vfu_get(&v, &r, 1), 0);
	check_works();
}

static void infos(void)
{
	static struct vfu_reply r;
	struct vfio_device_info dev = { .argsz = 16 };
	static const uint64_t size[VFIO_PCI_NUM_REGIONS] = { [BAR0] = TLSNIC_BAR0_SIZE, [2] = 4096, [CONFIG] = 4096 };

	vfu_greet(&v);
	tap_u64("device info", vfu_call(&v, VFIO_USER_DEVICE_GET_INFO, &dev, 16, NULL, 0, &r), 0);
	memcpy(&dev, r.data, 16);
	tap_u64("flags", dev.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	tap_u64("regions", dev.num_regions, VFIO_PCI_NUM_REGIONS);
	tap_u64("irqs", dev.num_irqs, VFIO_PCI_NUM_IRQS);
	for (uint32_t i = 0; i < 12; i++) {
		struct vfio_region_info ri = { .argsz = sizeof(ri), .index = i };
		int err = vfu_call(&v, VFIO_USER_DEVICE_GET_REGION_INFO, &ri, sizeof(ri), NULL, 0, &r);

		tap_u64("region info", err, i < VFIO_PCI_NUM_REGIONS ? 0 : EINVAL);
		if (err)
			continue;
		memcpy(&ri, r.data, sizeof(ri));
		tap_u64("region size", ri.size, size[i]);
		tap_u64("mmap is not offered", ri.flags & VFIO_REGION_INFO_FLAG_MMAP, 0);
	}
	for (uint32_t i = 0; i < 7; i++) {
		struct vfio_irq_info ii = { .argsz = sizeof(ii), .index = i };
		int err = vfu_call(&v, VFIO_USER_DEVICE_GET_IRQ_INFO, &ii, sizeof(ii), NULL, 0, &r);

		tap_u64("irq info", err, i < VFIO_PCI_NUM_IRQS ? 0 : EINVAL);
		memcpy(&ii, r.data, sizeof(ii));
		if (!err)
			tap_u64("vectors", ii.count, i == MSIX ? 5 : i == VFIO_PCI_ERR_IRQ_INDEX);
	}
}

static void config_space(void)
{
	uint8_t space[4096], ones[4096];
	uint32_t seen = 0;

	vfu_greet(&v);
	tap_u64("whole space", vfu_read(&v, CONFIG, 0, space, 4096), 0);
	tap_u64("id", vfu_read32(&v, CONFIG, 0), TLSNIC_PCI_DEVICE_ID << 16 | TLSNIC_PCI_VENDOR_ID);
	tap_u64("class", vfu_read32(&v, CONFIG, PCI_CLASS_REVISION) >> 8, 0x020000);
	for (uint8_t at = space[PCI_CAPABILITY_LIST], n = 0; at && n < 48; at = space[at + 1], n++)
		seen |= 1u << (space[at] & 31);
	tap_u64("capabilities PM, Express, MSI-X", seen,
		1u << PCI_CAP_ID_PM | 1u << PCI_CAP_ID_EXP | 1u << PCI_CAP_ID_MSIX);

	vfu_write32(&v, CONFIG, PCI_BASE_ADDRESS_0, 0xffffffff);
	vfu_write32(&v, CONFIG, PCI_BASE_ADDRESS_1, 0xffffffff);
	tap_u64("BAR0 sized", vfu_read32(&v, CONFIG, PCI_BASE_ADDRESS_0), 0xffff0004);
	tap_u64("BAR1 sized", vfu_read32(&v, CONFIG, PCI_BASE_ADDRESS_1), 0xffffffff);

	/* all ones everywhere: what is read-only stays, FLR resets the rest */
	memset(ones, 0xff, sizeof(ones));
	tap_u64("write ones", vfu_write(&v, CONFIG, 0, ones, 4096), 0);
	vfu_read(&v, CONFIG, 0, ones, 4096);
	tap_bytes("space after FLR", ones, space, 4096);
	tap_u64("write over the end", vfu_write(&v, CONFIG, 4090, ones, 8), EINVAL);
	tap_u64("read far out", vfu_read(&v, CONFIG, UINT64_MAX - 3, ones, 8), EINVAL);
}

static void bar_accesses(void)
{
	uint8_t m[8 + 3 * 24] = { 0 };
	struct vfio_user_write_multi *multi = (void *)m;
	static struct vfu_reply r;
	uint64_t wide = 0;
	uint32_t value;

	vfu_greet(&v);
	tap_u64("memory off", vfu_read32(&v, BAR0, TLSNIC_REG_ID), 0xffffffff);
	enable();
	tap_u64("memory on", vfu_read32(&v, BAR0, TLSNIC_REG_ID), TLSNIC_ID);
	vfu_write32(&v, BAR0, TLSNIC_REG_SCRATCH, 0x12345678);
	tap_u64("scratch", vfu_read32(&v, BAR0, TLSNIC_REG_SCRATCH), 0x12345678);
	for (uint32_t n = 1; n <= 8; n *= 2) {
		if (n == 4)
			continue;
		wide = 0;
		tap_u64("other width", vfu_read(&v, BAR0, TLSNIC_REG_SCRATCH, &wide, n), 0);
		tap_u64("gives ones", wide, n == 8 ? UINT64_MAX : (1ull << 8 * n) - 1);
		tap_u64("other width", vfu_write(&v, BAR0, TLSNIC_REG_SCRATCH, &wide, n), 0);
	}
	tap_u64("misaligned", vfu_read32(&v, BAR0, TLSNIC_REG_SCRATCH + 2), 0xffffffff);
	tap_u64("no such register", vfu_read32(&v, BAR0, 0x7c), 0);
	tap_u64("nothing", vfu_read(&v, BAR0, 0, &value, 0), 0);
	tap_u64("beyond the BAR", vfu_read(&v, BAR0, 0x10000, &value, 4), EINVAL);
	tap_u64("no such region", vfu_read(&v, 1, 0, &value, 4), EINVAL);
	tap_u64("no such region", vfu_read(&v, 9, 0, &value, 4), EINVAL);
	tap_u64("PBA", vfu_read32(&v, 2, 2048), 0);
	tap_u64("scratch untouched", vfu_read32(&v, BAR0, TLSNIC_REG_SCRATCH), 0x12345678);

	multi->count = 3;
	for (uint32_t i = 0; i < 3; i++) {
		multi->writes[i].offset = TLSNIC_REG_SCRATCH;
		multi->writes[i].count = 4;
		memcpy(multi->writes[i].data, &i, 4);
	}
	tap_u64("three writes", vfu_call(&v, VFIO_USER_REGION_WRITE_MULTI, m, sizeof(m), NULL, 0, &r), 0);
	tap_bytes("writes done", r.data, &multi->count, 8);
	tap_u64("the last one holds", vfu_read32(&v, BAR0, TLSNIC_REG_SCRATCH), 2);
	multi->count = 4;
	tap_u64("more than there are",
		vfu_call(&v, VFIO_USER_REGION_WRITE_MULTI, m, sizeof(m), NULL, 0, NULL), EINVAL);
	multi->count = UINT64_MAX / 2;
	tap_u64("far more", vfu_call(&v, VFIO_USER_REGION_WRITE_MULTI, m, sizeof(m), NULL, 0, NULL), EINVAL);
	multi->count = 1;
	multi->writes[0].count = 9;
	tap_u64("one too wide", vfu_call(&v, VFIO_USER_REGION_WRITE_MULTI, m, sizeof(m), NULL, 0, NULL), EINVAL);
}

/* Posted writes are done before the reply to what follows them, and get none themselves. */
static void no_reply(void)
{
	uint8_t m[20];
	struct vfio_user_region_access a = { TLSNIC_REG_SCRATCH, BAR0, 4 };

	check_works();
	for (uint32_t i = 1; i <= 1000; i++) {
		memcpy(m, &a, sizeof(a));
		memcpy(m + sizeof(a), &i, 4);
		if (!vfu_send(&v, VFIO_USER_REGION_WRITE, VFIO_USER_F_NO_REPLY, m, sizeof(m), NULL, 0))
			tap_fail("server hung up at write %u", i);
	}
	a.region = 9;	/* also an error stays without reply */
	vfu_send(&v, VFIO_USER_REGION_READ, VFIO_USER_F_NO_REPLY, &a, sizeof(a), NULL, 0);
	tap_u64("the last write", vfu_read32(&v, BAR0, TLSNIC_REG_SCRATCH), 1000);
}

static void maps(void)
{
	int fd = memory(1 << 20), pipes[2];
	struct vfio_user_dma_map m = { sizeof(m), RW, 0, 0, 4096 };
	unsigned int fds;

	vfu_greet(&v);
	fds = vfu_count_fds(&v);
	tap_u64("map", vfu_map(&v, 0x10000, 0x10000, RW, fd, 0), 0);
	tap_u64("next to it", vfu_map(&v, 0x20000, 0x10000, RW, fd, 0x10000), 0);
	tap_u64("before it, without a file", vfu_map(&v, 0, 0x10000, VFIO_DMA_MAP_FLAG_READ, -1, 0), 0);
	tap_u64("the same again", vfu_map(&v, 0x10000, 0x10000, RW, fd, 0), EEXIST);
	tap_u64("over the end of one", vfu_map(&v, 0x2f000, 0x2000, RW, fd, 0), EEXIST);
	tap_u64("over all", vfu_map(&v, 0, 0x100000, RW, fd, 0), EEXIST);
	tap_u64("empty", vfu_map(&v, 0x100000, 0, RW, fd, 0), EINVAL);
	tap_u64("address not a page", vfu_map(&v, 0x100800, 0x1000, RW, fd, 0), EINVAL);
	tap_u64("size not a page", vfu_map(&v, 0x100000, 0x800, RW, fd, 0), EINVAL);
	tap_u64("wraps", vfu_map(&v, ~0xfffull, 0x2000, RW, fd, 0), EINVAL);
	tap_u64("the very last page", vfu_map(&v, ~0xfffull, 0x1000, RW, fd, 0), 0);
	tap_u64("unknown flag", vfu_map(&v, 0x100000, 0x1000, 0x10, fd, 0), EINVAL);
	tap_u64("beyond the file", vfu_map(&v, 0x100000, 0x2000, RW, fd, 0xff000), EINVAL);
	tap_u64("far beyond the file", vfu_map(&v, 0x100000, 0x1000, RW, fd, ~0xfffull), EINVAL);
	if (pipe(pipes))
		tap_fail("pipe");
	tap_u64("not a file", vfu_map(&v, 0x100000, 0x1000, RW, pipes[0], 0), EINVAL);
	m.argsz = 8;
	tap_u64("argsz too small", vfu_call(&v, VFIO_USER_DMA_MAP, &m, sizeof(m), NULL, 0, NULL), EINVAL);
	m.argsz = sizeof(m);
	tap_u64("two files", vfu_call(&v, VFIO_USER_DMA_MAP, &m, sizeof(m), pipes, 2, NULL), EINVAL);
	tap_u64("no descriptor is kept", vfu_count_fds(&v), fds);
	tap_u64("what is mapped", vfu_count_maps(&v, "tlsnic-test-memory"), 3);

	tap_u64("unmap cuts one", vfu_unmap(&v, 0x10000, 0x8000, 0), EINVAL);
	tap_u64("unmap cuts the second", vfu_unmap(&v, 0x10000, 0x18000, 0), EINVAL);
	tap_u64("unmap two", vfu_unmap(&v, 0x10000, 0x20000, 0), 0);
	tap_u64("what is mapped", vfu_count_maps(&v, "tlsnic-test-memory"), 1);
	tap_u64("unmap none", vfu_unmap(&v, 0x10000, 0x20000, 0), 0);
	tap_u64("unmap nothing", vfu_unmap(&v, 0x10000, 0, 0), EINVAL);
	tap_u64("unmap the whole space but a page", vfu_unmap(&v, 0, ~0xfffull, 0), 0);
	tap_u64("map again", vfu_map(&v, 0x10000, 0x10000, RW, fd, 0), 0);
	tap_u64("unmap all, with a range", vfu_unmap(&v, 0, 4096, VFIO_DMA_UNMAP_FLAG_ALL), EINVAL);
	tap_u64("unmap all", vfu_unmap(&v, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL), 0);
	tap_u64("unmap, unknown flag", vfu_unmap(&v, 0, 4096, 1), EINVAL);
	tap_u64("what is mapped", vfu_count_maps(&v, "tlsnic-test-memory"), 0);

	for (uint64_t i = 0; i < 300; i++)
		tap_u64("many maps", vfu_map(&v, (i * 7 % 300) << 13, 4096, RW, fd, (i % 256) << 12), 0);
	tap_u64("many maps", vfu_count_maps(&v, "tlsnic-test-memory"), 300);
	vfu_hang_up(&v);
	check_works();
	tap_u64("a client that goes takes its maps along", vfu_count_maps(&v, "tlsnic-test-memory"), 0);
	close(pipes[0]);
	close(pipes[1]);
	close(fd);
}

static uint64_t fired(int fd)
{
	uint64_t n = 0;

	if (read(fd, &n, sizeof(n)) < 0)
		return 0;
	return n;
}

/* The card's clock runs while its registers are read. */
static uint64_t fired_soon(int fd)
{
	uint64_t n = 0;

	for (int i = 0; i < 100 && !n; i++) {
		vfu_read32(&v, BAR0, TLSNIC_REG_ID);
		n = fired(fd);
	}
	return n;
}

static void interrupts(void)
{
	uint8_t m[sizeof(struct vfio_irq_set) + 5] = { 0 };
	struct vfio_irq_set *set = (void *)m;
	int fds[5];
	unsigned int before;

	vfu_greet(&v);
	before = vfu_count_fds(&v);
	for (int i = 0; i < 5; i++)
		fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	tap_u64("as QEMU begins", vfu_set_irqs(&v, MSIX, EVENTFD_TRIGGER, 0, 1, NULL, 0), 0);
	tap_u64("first", vfu_set_irqs(&v, MSIX, EVENTFD_TRIGGER, 0, 1, fds, 1), 0);
	tap_u64("the rest", vfu_set_irqs(&v, MSIX, EVENTFD_TRIGGER, 1, 4, fds + 1, 4), 0);
	tap_u64("five are held", vfu_count_fds(&v) - before, 5);
	tap_u64("first again", vfu_set_irqs(&v, MSIX, EVENTFD_TRIGGER, 0, 1, fds, 1), 0);
	tap_u64("five are held", vfu_count_fds(&v) - before, 5);
	tap_u64("six", vfu_set_irqs(&v, MSIX, EVENTFD_TRIGGER, 0, 6, fds, 5), EINVAL);
	tap_u64("beyond", vfu_set_irqs(&v, MSIX, EVENTFD_TRIGGER, 5, 1, fds, 1), EINVAL);
	tap_u64("start wraps", vfu_set_irqs(&v, MSIX, EVENTFD_TRIGGER, ~0u, 2, fds, 2), EINVAL);
	tap_u64("fewer than said", vfu_set_irqs(&v, MSIX, EVENTFD_TRIGGER, 0, 3, fds, 2), EINVAL);
	tap_u64("no INTx", vfu_set_irqs(&v, 0, EVENTFD_TRIGGER, 0, 1, fds, 1), EINVAL);
	tap_u64("error interrupt", vfu_set_irqs(&v, VFIO_PCI_ERR_IRQ_INDEX, EVENTFD_TRIGGER, 0, 1, fds, 1), 0);
	tap_u64("no such index", vfu_set_irqs(&v, 77, EVENTFD_TRIGGER, 0, 1, fds, 1), EINVAL);
	tap_u64("masking is not offered",
		vfu_set_irqs(&v, MSIX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK, 0, 1, NULL, 0), EINVAL);
	tap_u64("two kinds of data",
		vfu_set_irqs(&v, MSIX, VFIO_IRQ_SET_DATA_NONE | EVENTFD_TRIGGER, 0, 1, NULL, 0), EINVAL);
	tap_u64("five are held", vfu_count_fds(&v) - before, 5);

	tap_u64("trigger two",
		vfu_set_irqs(&v, MSIX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 1, 2, NULL, 0), 0);
	for (int i = 0; i < 5; i++)
		tap_u64("fired", fired(fds[i]), i == 1 || i == 2);
	set->argsz = sizeof(m);
	set->flags = VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER;
	set->index = MSIX;
	set->count = 5;
	set->data[4] = 1;
	tap_u64("trigger by bytes", vfu_call(&v, VFIO_USER_DEVICE_SET_IRQS, m, sizeof(m), NULL, 0, NULL), 0);
	for (int i = 0; i < 5; i++)
		tap_u64("fired", fired(fds[i]), i == 4);
	tap_u64("bytes that are not there",
		vfu_call(&v, VFIO_USER_DEVICE_SET_IRQS, m, sizeof(m) - 1, NULL, 0, NULL), EINVAL);

	/* the card's own: only with Bus Master Enable */
	enable();
	vfu_write32(&v, BAR0, TLSNIC_REG_IRQ_TEST, 3);
	tap_u64("card's interrupt", fired_soon(fds[3]), 1);
	vfu_write32(&v, CONFIG, PCI_COMMAND, PCI_COMMAND_MEMORY);
	vfu_write32(&v, BAR0, TLSNIC_REG_IRQ_TEST, 3);
	tap_u64("card's interrupt without bus master", fired_soon(fds[3]), 0);

	tap_u64("take one away", vfu_set_irqs(&v, MSIX, EVENTFD_TRIGGER, 2, 1, NULL, 0), 0);
	tap_u64("four are held", vfu_count_fds(&v) - before, 4);
	tap_u64("take all away",
		vfu_set_irqs(&v, MSIX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 0, NULL, 0), 0);
	tap_u64("none is held", vfu_count_fds(&v) - before, 0);
	for (int i = 0; i < 5; i++)
		close(fds[i]);
}

static void resets(void)
{
	uint32_t bar = 0xfe000000;
	uint16_t flr = PCI_EXP_DEVCTL_BCR_FLR;
	uint8_t at = 0;

	for (int how = 0; how < 3; how++) {
		check_works();
		vfu_write32(&v, CONFIG, PCI_BASE_ADDRESS_0, bar);
		vfu_write32(&v, BAR0, TLSNIC_REG_SCRATCH, 0xabcdef01);
		if (how == 0) {
			tap_u64("reset", vfu_call(&v, VFIO_USER_DEVICE_RESET, "", 0, NULL, 0, NULL), 0);
			tap_u64("and again", vfu_call(&v, VFIO_USER_DEVICE_RESET, "", 0, NULL, 0, NULL), 0);
		} else if (how == 1) {
			for (vfu_read(&v, CONFIG, PCI_CAPABILITY_LIST, &at, 1); at;
			     vfu_read(&v, CONFIG, at + 1, &at, 1)) {
				uint8_t id = 0;

				vfu_read(&v, CONFIG, at, &id, 1);
				if (id == PCI_CAP_ID_EXP)
					vfu_write(&v, CONFIG, at + PCI_EXP_DEVCTL, &flr, 2);
			}
		} else {
			vfu_greet(&v);
		}
		tap_u64("BAR0", vfu_read32(&v, CONFIG, PCI_BASE_ADDRESS_0), PCI_BASE_ADDRESS_MEM_TYPE_64);
		tap_u64("command", vfu_read32(&v, CONFIG, PCI_COMMAND) & 0xffff, 0);
		enable();
		tap_u64("scratch", vfu_read32(&v, BAR0, TLSNIC_REG_SCRATCH), 0);
	}
}

/* Messages in pieces, several at once, descriptors in their midst. */
static void framing(void)
{
	uint8_t buf[256];
	struct vfio_user_header h = { 7, VFIO_USER_DMA_MAP, 48, 0, 0 };
	struct vfio_user_dma_map m = { sizeof(m), RW, 0, 0x1000, 0x1000 };
	struct vfio_user_region_access a = { TLSNIC_REG_ID, BAR0, 4 };
	static struct vfu_reply r;
	int fd = memory(1 << 16);

	check_works();
	h.command = VFIO_USER_REGION_READ;
	h.size = sizeof(h) + sizeof(a);
	memcpy(buf, &h, sizeof(h));
	memcpy(buf + 16, &a, sizeof(a));
	for (uint32_t i = 0; i < h.size; i++) {
		vfu_raw(&v, buf + i, 1, NULL, 0);
		usleep(200);
	}
	tap_u64("byte by byte", vfu_reply(&v, &r), 1);
	tap_u64("byte by byte", *(uint32_t *)(r.data + 16), TLSNIC_ID);

	/* read, map with a file (which comes with its first byte), read; in two sends */
	memcpy(buf + 32, buf, 32);
	h.command = VFIO_USER_DMA_MAP;
	h.size = sizeof(h) + sizeof(m);
	memcpy(buf + 64, &h, sizeof(h));
	memcpy(buf + 80, &m, sizeof(m));
	memcpy(buf + 112, buf, 32);
	vfu_raw(&v, buf, 64, NULL, 0);
	vfu_raw(&v, buf + 64, 80, &fd, 1);
	for (int i = 0; i < 4; i++) {
		tap_u64("four answers", vfu_reply(&v, &r), 1);
		tap_u64("in order", r.h.command, i == 2 ? VFIO_USER_DMA_MAP : VFIO_USER_REGION_READ);
		tap_u64("without error", r.h.flags, VFIO_USER_F_REPLY);
	}
	tap_u64("the file went with its message", vfu_count_maps(&v, "tlsnic-test-memory"), 1);

	/* gone in the middle of a message, with a descriptor in hand */
	vfu_raw(&v, buf + 64, 20, &fd, 1);
	close(fd);
	check_works();
	tap_u64("nothing is kept", vfu_count_maps(&v, "tlsnic-test-memory"), 0);
}

static void malformed(void)
{
	static const uint16_t commands[] = {
		VFIO_USER_VERSION, VFIO_USER_DMA_MAP, VFIO_USER_DMA_UNMAP, VFIO_USER_DEVICE_GET_INFO,
		VFIO_USER_DEVICE_GET_REGION_INFO, VFIO_USER_DEVICE_GET_IRQ_INFO, VFIO_USER_DEVICE_SET_IRQS,
		VFIO_USER_REGION_READ, VFIO_USER_REGION_WRITE, VFIO_USER_REGION_WRITE_MULTI,
	};
	static struct vfu_reply r;
	struct vfio_user_header h;
	uint8_t junk[64] = { 0 };
	struct vfio_user_region_access a = { 0, BAR0, 4 };
	int fds[40];
	unsigned int open;

	vfu_greet(&v);
	open = vfu_count_fds(&v);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		for (size_t len = 0; len < 8; len++)
			tap_u64("too short", vfu_call(&v, commands[i], junk, len, NULL, 0, NULL), EINVAL);
	for (uint16_t c = 17; c < 40; c++)
		tap_u64("unknown command", vfu_call(&v, c, junk, 8, NULL, 0, NULL), ENOSYS);
	tap_u64("command 0", vfu_call(&v, 0, junk, 8, NULL, 0, NULL), ENOSYS);
	tap_u64("server's own command", vfu_call(&v, VFIO_USER_DMA_READ, junk, 16, NULL, 0, NULL), ENOSYS);
	tap_u64("write shorter than it says",
		vfu_call(&v, VFIO_USER_REGION_WRITE, &a, sizeof(a), NULL, 0, NULL), EINVAL);
	a.count = ~0u;
	tap_u64("read of 4 GiB", vfu_call(&v, VFIO_USER_REGION_READ, &a, sizeof(a), NULL, 0, NULL), EINVAL);
	for (int i = 0; i < 40; i++)
		fds[i] = eventfd(0, 0);
	tap_u64("files where none belong", vfu_call(&v, VFIO_USER_DEVICE_GET_INFO, junk, 16, fds, 3, NULL), EINVAL);
	tap_u64("too many files", vfu_call(&v, VFIO_USER_DMA_MAP, junk, 32, fds, 40, NULL), E2BIG);
	for (int i = 0; i < 40; i++)
		close(fds[i]);
	tap_u64("all of them closed", vfu_count_fds(&v), open);
	h = (struct vfio_user_header){ 1, VFIO_USER_DMA_READ, 16, VFIO_USER_F_REPLY, 0 };
	vfu_raw(&v, &h, sizeof(h), NULL, 0);
	tap_u64("an answer to nothing is passed over", vfu_read(&v, CONFIG, 0, junk, 4), 0);

	static const struct {
		uint32_t size, flags;
		int err;
	} headers[] = {
		{ 0, 0, EINVAL }, { 15, 0, EINVAL }, { 16, 2, EINVAL }, { 16, 15, EINVAL },
		{ VFIO_USER_MAX_MSG + 1, 0, EMSGSIZE }, { ~0u, 0, EMSGSIZE },
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		vfu_greet(&v);
		h = (struct vfio_user_header){ 9, VFIO_USER_DEVICE_RESET, headers[i].size, headers[i].flags, 0 };
		vfu_raw(&v, &h, sizeof(h), NULL, 0);
		tap_u64("bad header: reply", vfu_reply(&v, &r), 1);
		tap_u64("bad header: error", r.h.error, headers[i].err);
		tap_u64("bad header: hangs up", vfu_get(&v, &r, 1), 0);
	}
	check_works();
}

static uint64_t rng;
static uint32_t rnd(uint32_t n)
{
	rng = rng * 6364136223846793005ull + 1442695040888963407ull;
	return n ? (rng >> 33) % n : 0;
}

/* Messages that are nearly right, and some that are not at all. */
static void fuzz(int count)
{
	static uint8_t m[VFIO_USER_MAX_MSG];
	static struct vfu_reply r;
	unsigned int open;
	int mem = memory(1 << 16);

	check_works();
	open = vfu_count_fds(&v);
	rng = tap.seed;
	for (int i = 0; i < count; i++) {
		struct vfio_user_header *h = (void *)m;
		uint32_t len = rnd(8) ? rnd(80) : rnd(4096);
		int fds[4] = { mem, mem, eventfd(0, 0), mem };
		unsigned int nfds = rnd(4) ? 0 : 1 + rnd(4);

		for (uint32_t k = 0; k < len; k++)
			m[16 + k] = rnd(3) ? 0 : rnd(256);
		for (uint32_t k = 0; k + 4 <= len; k += 4)	/* small numbers reach further */
			if (rnd(2))
				*(uint32_t *)(m + 16 + k) = rnd(2) ? rnd(40) : rnd(17) << 12;
		*h = (struct vfio_user_header){ i, rnd(18), 16 + len, rnd(6) ? 0 : rnd(64), 0 };
		if (!rnd(100))
			h->size = rnd(2) ? rnd(40) : rnd(1u << 31) * 2;
		if (!vfu_raw(&v, m, 16 + len, fds, nfds) || !rnd(50)) {
			vfu_alive(&v);
			vfu_greet(&v);
		}
		close(fds[2]);
		/* drain what has come, so that replies do not pile up */
		while (recv(v.fd, &r, sizeof(r), MSG_DONTWAIT) > 0)
			;
	}
	close(mem);
	vfu_alive(&v);
	check_works();
	tap_u64("descriptors", vfu_count_fds(&v), open);
	tap_u64("maps", vfu_count_maps(&v, "tlsnic-test-memory"), 0);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	vfu_start(&v, NULL);
	TAP_RUN("version", versions());
	TAP_RUN("device, region and irq information", infos());
	TAP_RUN("configuration space", config_space());
	TAP_RUN("BAR accesses", bar_accesses());
	TAP_RUN("commands without reply", no_reply());
	TAP_RUN("maps of memory", maps());
	TAP_RUN("interrupts", interrupts());
	TAP_RUN("resets", resets());
	TAP_RUN("framing", framing());
	TAP_RUN("malformed messages", malformed());
	TAP_RUN("random messages", fuzz(getenv("TLSNIC_LONG") ? 300000 : 20000));
	tap_u64("exit status", vfu_stop(&v), 0);
	tap_result("server ends cleanly");
	return tap_end();
}
