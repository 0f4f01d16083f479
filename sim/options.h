/* SPDX-License-Identifier: BSD-2-Clause */
/* Command line of tlsnic-sim. */
#ifndef TLSNIC_SIM_OPTIONS_H
#define TLSNIC_SIM_OPTIONS_H

#include <stdbool.h>

#include "tlsnic_sim.h"
#include "wire.h"

struct options {
	const char *socket;
	const char *wire;		/* none, stream:PATH, link:PATH */
	const char *pcap;
	const char *pcie;
	const char *faults_file;
	const char *stats;		/* file, - for stdout, or NULL */
	bool msi, verbose;
	bool impair;			/* any fault was asked for */
	struct wire_faults faults[2];	/* by direction */
	struct tlsnic_sim_options card;	/* its seed is the one seed of all */
};

/* Fills in o; on an error says which option is wrong and exits with 2. --help exits with 0. */
void options_parse(struct options *o, int argc, char **argv);

#endif /* TLSNIC_SIM_OPTIONS_H */
