// SPDX-License-Identifier: BSD-2-Clause
#include <string.h>

#include <linux/pci_regs.h>

#include "pci_config.h"
#include "../include/uapi/linux/tlsnic.h"

#define CAP_PM		0x40
#define CAP_MSI		0x50	/* MSI or MSI-X */
#define CAP_EXP		0x70
#define ECAP_AER	0x100

static void put(uint8_t *at, uint64_t value, unsigned int bytes)
{
	for (; bytes--; value >>= 8)
		*at++ = value;
}

/* A field of bytes bytes, its value after reset and its writable bits. */
static void field(struct pci_config *cfg, unsigned int at, unsigned int bytes, uint64_t value,
		  uint64_t writable)
{
	put(cfg->space + at, value, bytes);
	put(cfg->writable + at, writable, bytes);
}

static void bar64(struct pci_config *cfg, unsigned int bar, uint64_t size)
{
	field(cfg, PCI_BASE_ADDRESS_0 + 4 * bar, 8, PCI_BASE_ADDRESS_MEM_TYPE_64, ~(size - 1));
}

unsigned int pci_config_msi_count(unsigned int vectors)
{
	unsigned int n = 1;

	while (n < vectors)
		n *= 2;
	return n;
}

static void add_msi(struct pci_config *cfg, unsigned int at, unsigned int vectors)
{
	unsigned int log2 = 0;

	while (1u << log2 < vectors)
		log2++;
	field(cfg, at + PCI_MSI_FLAGS, 2, PCI_MSI_FLAGS_64BIT | log2 << 1,
	      PCI_MSI_FLAGS_ENABLE | PCI_MSI_FLAGS_QSIZE);
	field(cfg, at + PCI_MSI_ADDRESS_LO, 4, 0, 0xfffffffc);
	field(cfg, at + PCI_MSI_ADDRESS_HI, 4, 0, 0xffffffff);
	field(cfg, at + PCI_MSI_DATA_64, 2, 0, 0xffff);
}

static void add_msix(struct pci_config *cfg, unsigned int at, unsigned int vectors)
{
	field(cfg, at + PCI_MSIX_FLAGS, 2, vectors - 1,
	      PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	field(cfg, at + PCI_MSIX_TABLE, 4, MSIX_BAR, 0);
	field(cfg, at + PCI_MSIX_PBA, 4, MSIX_PBA_OFFSET | MSIX_BAR, 0);
}

static void add_exp(struct pci_config *cfg, unsigned int at)
{
	field(cfg, at + PCI_EXP_FLAGS, 2, 2 | PCI_EXP_TYPE_ENDPOINT << 4, 0);
	/* payload up to 512 bytes */
	field(cfg, at + PCI_EXP_DEVCAP, 4, 2 | PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR, 0);
	field(cfg, at + PCI_EXP_DEVCTL, 2, PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | 2 << 12,
	      0xffff & ~PCI_EXP_DEVCTL_BCR_FLR);
	put(cfg->clear + at + PCI_EXP_DEVSTA, 0xf, 2);
	field(cfg, at + PCI_EXP_LNKCAP, 4, PCI_EXP_LNKCAP_SLS_16_0GB | 16 << 4, 0);
	field(cfg, at + PCI_EXP_LNKCTL, 2, 0, PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_RCB |
	      PCI_EXP_LNKCTL_CCC | PCI_EXP_LNKCTL_ES);
	field(cfg, at + PCI_EXP_LNKSTA, 2, 4 | 16 << 4, 0);
	field(cfg, at + PCI_EXP_DEVCTL2, 2, 0, 0x1f);
}

static void add_aer(struct pci_config *cfg, unsigned int at)
{
	field(cfg, at, 4, PCI_EXT_CAP_ID_ERR | 2 << 16, 0);
	put(cfg->clear + at + PCI_ERR_UNCOR_STATUS, 0x07fff030, 4);
	field(cfg, at + PCI_ERR_UNCOR_MASK, 4, 0, 0x07fff030);
	field(cfg, at + PCI_ERR_UNCOR_SEVER, 4, 0x00462030, 0x07fff030);
	put(cfg->clear + at + PCI_ERR_COR_STATUS, 0xf1c1, 4);
	field(cfg, at + PCI_ERR_COR_MASK, 4, PCI_ERR_COR_ADV_NFAT, 0xf1c1);
}

void pci_config_init(struct pci_config *cfg, unsigned int vectors, bool msi)
{
	memset(cfg, 0, sizeof(*cfg));
	field(cfg, PCI_VENDOR_ID, 2, TLSNIC_PCI_VENDOR_ID, 0);
	field(cfg, PCI_DEVICE_ID, 2, TLSNIC_PCI_DEVICE_ID, 0);
	field(cfg, PCI_COMMAND, 2, 0, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY |
	      PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	field(cfg, PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0);
	put(cfg->clear + PCI_STATUS, 0xf900, 2);
	field(cfg, PCI_CLASS_REVISION, 4, 0x020000u << 8 | 1, 0);	/* Ethernet */
	field(cfg, PCI_CACHE_LINE_SIZE, 1, 0, 0xff);
	bar64(cfg, 0, TLSNIC_BAR0_SIZE);
	if (!msi)
		bar64(cfg, MSIX_BAR, MSIX_BAR_SIZE);
	field(cfg, PCI_SUBSYSTEM_VENDOR_ID, 2, TLSNIC_PCI_VENDOR_ID, 0);
	field(cfg, PCI_SUBSYSTEM_ID, 2, TLSNIC_PCI_DEVICE_ID, 0);
	field(cfg, PCI_CAPABILITY_LIST, 1, CAP_PM, 0);
	field(cfg, PCI_INTERRUPT_LINE, 1, 0, 0xff);

	field(cfg, CAP_PM, 2, PCI_CAP_ID_PM | CAP_MSI << 8, 0);
	field(cfg, CAP_PM + PCI_PM_PMC, 2, 3, 0);
	field(cfg, CAP_PM + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET, PCI_PM_CTRL_STATE_MASK);

	field(cfg, CAP_MSI, 2, (msi ? PCI_CAP_ID_MSI : PCI_CAP_ID_MSIX) | CAP_EXP << 8, 0);
	if (msi)
		add_msi(cfg, CAP_MSI, vectors);
	else
		add_msix(cfg, CAP_MSI, vectors);

	field(cfg, CAP_EXP, 2, PCI_CAP_ID_EXP, 0);
	add_exp(cfg, CAP_EXP);
	add_aer(cfg, ECAP_AER);
	memcpy(cfg->initial, cfg->space, sizeof(cfg->initial));
}

void pci_config_reset(struct pci_config *cfg)
{
	memcpy(cfg->space, cfg->initial, sizeof(cfg->space));
}

bool pci_config_write(struct pci_config *cfg, unsigned int offset, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	const unsigned int flr_byte = CAP_EXP + PCI_EXP_DEVCTL + 1;
	bool flr = false;

	for (; len--; offset++, bytes++) {
		uint8_t *at = &cfg->space[offset], mask = cfg->writable[offset];

		*at = (*at & ~mask) | (*bytes & mask);
		*at &= ~(*bytes & cfg->clear[offset]);
		if (offset == flr_byte && *bytes & PCI_EXP_DEVCTL_BCR_FLR >> 8)
			flr = true;
	}
	return flr;
}

bool pci_config_memory(const struct pci_config *cfg)
{
	return cfg->space[PCI_COMMAND] & PCI_COMMAND_MEMORY;
}

bool pci_config_bus_master(const struct pci_config *cfg)
{
	return cfg->space[PCI_COMMAND] & PCI_COMMAND_MASTER;
}
