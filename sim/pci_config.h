/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration space of the card: 4 KiB of bytes, of which only those that the
 * PCI specifications say are writable change.
 *
 * BAR0/1: 64 KiB of registers. BAR2/3: MSI-X table and PBA (when MSI-X is
 * offered). Capabilities: PM, MSI or MSI-X, PCI Express with FLR; extended: AER.
 */
#ifndef TLSNIC_PCI_CONFIG_H
#define TLSNIC_PCI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_SIZE		4096
#define MSIX_BAR		2
#define MSIX_BAR_SIZE		4096
#define MSIX_PBA_OFFSET		2048	/* in that BAR; the table is at 0 */

struct pci_config {
	uint8_t space[CONFIG_SIZE];
	uint8_t writable[CONFIG_SIZE];	/* mask of bits that a write sets */
	uint8_t clear[CONFIG_SIZE];		/* mask of bits that writing 1 clears */
	uint8_t initial[CONFIG_SIZE];
};

/* vectors: at most 32. msi: offer MSI instead of MSI-X. */
void pci_config_init(struct pci_config *cfg, unsigned int vectors, bool msi);

/* Back to what it was after init. */
void pci_config_reset(struct pci_config *cfg);

/*
 * A write of any length and offset within the space. Returns true if it asks for a
 * function level reset.
 */
bool pci_config_write(struct pci_config *cfg, unsigned int offset, const void *data, size_t len);

bool pci_config_memory(const struct pci_config *cfg);		/* Memory Space Enable */
bool pci_config_bus_master(const struct pci_config *cfg);

/* Vectors that MSI needs to have: a power of two. */
unsigned int pci_config_msi_count(unsigned int vectors);

#endif /* TLSNIC_PCI_CONFIG_H */
