// SPDX-License-Identifier: BSD-2-Clause
//
// Two tlsnic-sim, wire to wire, driven over vfio-user as QEMU would: DMA through
// mapped memory, interrupts by eventfd, capture and PCIe log; and DMA that the
// maps or the configuration space forbid.

#include <linux/pci_regs.h>
#include <sys/stat.h>

#include "vfu_client.h"
#include "../../include/uapi/linux/tlsnic.h"

#define CONFIG	VFIO_PCI_CONFIG_REGION_INDEX
#define RW	(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)
#define SIZE	(1u << 20)
#define TX	0x00000		/* rings and buffers in each card's memory */
#define RX	0x10000
#define CQ	0x20000
#define BUFS	0x40000
#define FRAME	0x80000

struct end {
	struct vfu v;
	uint8_t *mem;
	int fd, irq;
	uint64_t base;		/* bus address of mem */
	uint16_t tail, cons;
};

static char dir[32] = "/tmp/tlsnic-link.XXXXXX";
static struct end a, b;

static void path(char *to, const char *name)
{
	snprintf(to, 64, "%s/%s", dir, name);
}

static void wr(struct end *e, uint32_t reg, uint32_t value)
{
	vfu_write32(&e->v, VFIO_PCI_BAR0_REGION_INDEX, reg, value);
}

static uint32_t rd(struct end *e, uint32_t reg)
{
	return vfu_read32(&e->v, VFIO_PCI_BAR0_REGION_INDEX, reg);
}

static uint32_t q0(uint32_t reg)
{
	return TLSNIC_REG_QUEUE + reg;
}

static void ring(struct end *e, uint32_t reg, uint64_t base)
{
	wr(e, q0(reg), base);
	wr(e, q0(reg + 4), base >> 32);
	wr(e, q0(reg + 8), 6);
	wr(e, q0(reg + 12), TLSNIC_Q_ENABLE);
}

static void await_status(struct end *e, uint32_t bit)
{
	for (int i = 0; i < PATIENCE_MS; i++) {
		if (rd(e, TLSNIC_REG_STATUS) & bit)
			return;
		usleep(1000);
	}
	tap_fail("STATUS never has bit 0x%x", bit);
}

static void bring_up(struct end *e, uint64_t base)
{
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	if (!e->mem) {
		e->fd = memfd_create("tlsnic-test-memory", MFD_CLOEXEC);
		if (e->fd < 0 || ftruncate(e->fd, SIZE))
			exit(1);
		e->mem = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, e->fd, 0);
		e->irq = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	}
	memset(e->mem, 0, SIZE);
	e->base = base;
	e->tail = e->cons = 0;
	vfu_greet(&e->v);
	tap_u64("map", vfu_map(&e->v, base + SIZE / 2, SIZE / 2, RW, e->fd, SIZE / 2), 0);
	tap_u64("map", vfu_map(&e->v, base, SIZE / 2, RW, e->fd, 0), 0);
	tap_u64("eventfd", vfu_set_irqs(&e->v, VFIO_PCI_MSIX_IRQ_INDEX,
					VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 1, 1, &e->irq, 1), 0);
	vfu_write(&e->v, CONFIG, PCI_COMMAND, &command, 2);
	await_status(e, TLSNIC_STATUS_READY);
	ring(e, TLSNIC_Q_CQ_BASE_LO, base + CQ);
	ring(e, TLSNIC_Q_TX_BASE_LO, base + TX);
	wr(e, q0(TLSNIC_Q_RX_BUF_LEN), 2048);
	ring(e, TLSNIC_Q_RX_BASE_LO, base + RX);
	wr(e, TLSNIC_REG_CTRL, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE | TLSNIC_CTRL_PROMISC);
	rd(e, TLSNIC_REG_ERROR);
	wr(e, TLSNIC_REG_ERROR, ~0u);
}

static void post_rx(struct end *e)
{
	for (uint32_t i = 0; i < 64; i++) {
		struct tlsnic_rxd d = { .addr = e->base + BUFS + i * 2048 };

		memcpy(e->mem + RX + i * sizeof(d), &d, sizeof(d));
	}
	wr(e, q0(TLSNIC_Q_RX_TAIL), 64);
}

static void transmit(struct end *e, const void *frame, uint16_t len)
{
	struct tlsnic_txd_packet d = {
		.op = TLSNIC_TXD_PACKET, .flags = TLSNIC_TXF_END | TLSNIC_TXF_COMPLETE, .len = len,
		.addr = e->base + FRAME + (e->tail % 64) * 2048,
	};

	memcpy(e->mem + FRAME + (e->tail % 64) * 2048, frame, len);
	memcpy(e->mem + TX + (e->tail % 64) * sizeof(d), &d, sizeof(d));
	wr(e, q0(TLSNIC_Q_TX_TAIL), ++e->tail);
}

/* The next completion, or NULL if none comes. */
static const void *completion(struct end *e)
{
	const struct tlsnic_cpl_tx *c = (const void *)(e->mem + CQ + e->cons % 64 * TLSNIC_CPL_SIZE);
	uint32_t want = e->cons / 64 % 2 ? 0 : TLSNIC_CPL_PHASE;

	for (int i = 0; i < PATIENCE_MS * 10; i++) {
		if ((__atomic_load_n(&c->phase, __ATOMIC_ACQUIRE) & TLSNIC_CPL_PHASE) == want) {
			wr(e, q0(TLSNIC_Q_CQ_CONS), ++e->cons);
			return c;
		}
		usleep(100);
	}
	tap_fail("no completion %u", e->cons);
	return NULL;
}

static void start(void)
{
	char *args[8], wire[80], pcap[64], pcie[64], link[80];
	char sock[64];

	path(sock, "wire");
	path(pcap, "pcap");
	path(pcie, "pcie");
	snprintf(wire, sizeof(wire), "stream:%s", sock);
	snprintf(link, sizeof(link), "link:%s", sock);
	memcpy(args, (char *[]){ "--wire", wire, "--pcap", pcap, "--pcie", pcie, NULL }, 7 * sizeof(*args));
	vfu_start(&a.v, args);
	vfu_start(&b.v, (char *[]){ "--wire", link, NULL });
	bring_up(&a, 0x100000000ull);
	bring_up(&b, 0x7654000000ull);
	await_status(&b, TLSNIC_STATUS_LINK);
	await_status(&a, TLSNIC_STATUS_LINK);
}

/* True if the file holds the bytes. */
static bool holds(const char *name, const void *bytes, size_t len)
{
	char file[64];
	struct stat st;
	uint8_t *all;
	FILE *f;
	bool found;

	path(file, name);
	f = fopen(file, "r");
	if (!f || fstat(fileno(f), &st))
		return false;
	all = malloc(st.st_size + 1);
	st.st_size = fread(all, 1, st.st_size, f);
	found = memmem(all, st.st_size, bytes, len) != NULL;
	free(all);
	fclose(f);
	return found;
}

static void frames(void)
{
	uint8_t frame[1514];

	post_rx(&b);
	for (int i = 0; i < 40 && !tap.failures; i++) {
		const struct tlsnic_cpl_rx *rx;
		const struct tlsnic_cpl_tx *tx;
		uint16_t len = 60 + i * 37;
		uint64_t n = 0;

		for (uint16_t k = 0; k < len; k++)
			frame[k] = i * 7 + k;
		frame[12] = 0x88;
		wr(&b, q0(TLSNIC_Q_CQ_CONS), b.cons | TLSNIC_CQ_ARM);
		transmit(&a, frame, len);
		tx = completion(&a);
		if (!tx)
			return;
		tap_u64("TX status", tx->status, TLSNIC_STATUS_OK);
		rx = completion(&b);
		if (!rx)
			return;
		tap_u64("RX type", rx->type, TLSNIC_CPL_RX);
		tap_u64("RX length", rx->frame_len, len);
		tap_bytes("RX frame", b.mem + BUFS + i * 2048, frame, len);
		for (int k = 0; k < PATIENCE_MS && read(b.irq, &n, sizeof(n)) < 0; k++)
			usleep(1000);
		tap_u64("interrupts", n, 1);
	}
	kill(a.v.pid, SIGUSR1);
	rd(&a, TLSNIC_REG_ID);
	rd(&a, TLSNIC_REG_ID);
	for (int k = 0; k < PATIENCE_MS && !holds("pcie", frame, sizeof(frame) - 11); k++)
		usleep(1000);
	tap_u64("capture holds the last frame", holds("pcap", frame, 60 + 39 * 37), 1);
	tap_u64("PCIe log holds the last frame", holds("pcie", frame, 60 + 39 * 37), 1);
	frame[20] ^= 1;
	tap_u64("capture holds another frame", holds("pcap", frame, 60 + 39 * 37), 0);
}

static void expect_error(struct end *e, uint32_t want)
{
	uint32_t got = 0;

	for (int i = 0; i < PATIENCE_MS && !(got & want); i++) {
		got = rd(e, TLSNIC_REG_ERROR);
		usleep(100);
	}
	tap_u64("ERROR", got & ~TLSNIC_ERR_LINK, want);
}

/* What the client has not mapped, or not for writing, the card does not reach. */
static void forbidden(void)
{
	const struct tlsnic_cpl_tx *tx;
	uint8_t frame[100] = { 0 };
	uint16_t command = PCI_COMMAND_MEMORY;

	/* packets' data: the second half of the memory */
	tap_u64("unmap", vfu_unmap(&a.v, a.base + SIZE / 2, SIZE / 2, 0), 0);
	transmit(&a, frame, 100);
	tx = completion(&a);
	if (tx)
		tap_u64("status without a map", tx->status, TLSNIC_STATUS_DMA);
	tap_u64("map without a file", vfu_map(&a.v, a.base + SIZE / 2, SIZE / 2, RW, -1, 0), 0);
	transmit(&a, frame, 100);
	tx = completion(&a);
	if (tx)
		tap_u64("status without a file", tx->status, TLSNIC_STATUS_DMA);
	vfu_unmap(&a.v, a.base + SIZE / 2, SIZE / 2, 0);
	tap_u64("map", vfu_map(&a.v, a.base + SIZE / 2, SIZE / 2, VFIO_DMA_MAP_FLAG_READ, a.fd, SIZE / 2), 0);
	transmit(&a, frame, 100);
	tx = completion(&a);
	if (tx)
		tap_u64("status with a map for reading", tx->status, TLSNIC_STATUS_OK);

	/* descriptors, with Bus Master Enable off */
	vfu_write(&a.v, CONFIG, PCI_COMMAND, &command, 2);
	transmit(&a, frame, 100);
	expect_error(&a, TLSNIC_ERR_READ);

	/* the completion ring, mapped for reading only */
	bring_up(&a, 0x100000000ull);
	vfu_unmap(&a.v, a.base, SIZE / 2, 0);
	tap_u64("map", vfu_map(&a.v, a.base, SIZE / 2, VFIO_DMA_MAP_FLAG_READ, a.fd, 0), 0);
	transmit(&a, frame, 100);
	expect_error(&a, TLSNIC_ERR_WRITE);
	tap_u64("completion ring", *(uint64_t *)(a.mem + CQ), 0);
}

/* A client that goes in the middle of traffic; the next finds a card that works. */
static void gone(void)
{
	uint8_t frame[1000] = { 0 };

	for (int i = 0; i < 10 && !tap.failures; i++) {
		const struct tlsnic_cpl_tx *tx;

		bring_up(&a, 0x200000000ull + ((uint64_t)i << 32));
		for (int k = 0; k < 30; k++)
			transmit(&a, frame, 1000);
		vfu_hang_up(&a.v);
		bring_up(&a, 0x100000000ull);
		transmit(&a, frame, 60);
		tx = completion(&a);
		if (tx)
			tap_u64("index", tx->index, 1);
	}
	tap_u64("the other still has its link", rd(&b, TLSNIC_REG_STATUS) & TLSNIC_STATUS_LINK, TLSNIC_STATUS_LINK);
}

int main(int argc, char **argv)
{
	char file[64];

	tap_begin(argc, argv);
	if (!mkdtemp(dir))
		return 1;
	start();
	TAP_RUN("frames from one card to the other", frames());
	TAP_RUN("memory that is not mapped", forbidden());
	TAP_RUN("a client that goes under traffic", gone());
	tap_u64("exit status", vfu_stop(&b.v), 0);
	tap_u64("exit status", vfu_stop(&a.v), 0);
	tap_result("servers end cleanly");
	path(file, "pcap");
	unlink(file);
	path(file, "pcie");
	unlink(file);
	rmdir(dir);
	return tap_end();
}
