// SPDX-License-Identifier: BSD-2-Clause
//
// Stage accounting: what each stream between two stages did in each cycle.

#include "model.h"
#include "Vtlsnic___024root.h"

// In the order of the bits of stages.sv, lowest first.
static const struct {
	const char *name, *what;
	tlsnic_sim_direction direction;
} names[] = {
	{ "axi_desc_ar", "burst of descriptors or a header asked of host memory", TLSNIC_SIM_BOTH },
	{ "axi_desc_r", "beat of these from host memory, 16 bytes", TLSNIC_SIM_BOTH },
	{ "axi_ar", "burst of packet data asked of host memory", TLSNIC_SIM_TX },
	{ "axi_r", "beat of packet data from host memory", TLSNIC_SIM_TX },
	{ "tx_desc_read", "TX ring to its read", TLSNIC_SIM_TX },
	{ "tx_item", "descriptor parser to packer", TLSNIC_SIM_TX },
	{ "tx_data_read", "read of a segment, its header or a part of it; stalled: no room for its data", TLSNIC_SIM_TX },
	{ "tx_data", "beat of a segment to the packer", TLSNIC_SIM_TX },
	{ "tx_head", "header to the packer", TLSNIC_SIM_TX },
	{ "tx_packed", "packed beat to the TLS engine", TLSNIC_SIM_TX },
	{ "tls_beat", "beat and its context to the record walk", TLSNIC_SIM_TX },
	{ "tls_op", "operation into the AES-GCM pipe", TLSNIC_SIM_TX },
	{ "tls_out", "beat out of the TLS engine", TLSNIC_SIM_TX },
	{ "frame_in", "beat into the frame buffer", TLSNIC_SIM_TX },
	{ "frame_out", "beat out of the frame buffer", TLSNIC_SIM_TX },
	{ "wire_tx", "beat to the wire", TLSNIC_SIM_TX },
	{ "wire_rx", "beat from the wire", TLSNIC_SIM_RX },
	{ "rx_frame", "beat out of the RX frame buffer", TLSNIC_SIM_RX },
	{ "axi_aw", "burst to host memory", TLSNIC_SIM_BOTH },
	{ "axi_w", "beat to host memory", TLSNIC_SIM_BOTH },
	{ "rx_cpl", "RX completion", TLSNIC_SIM_RX },
	{ "tx_cpl", "TX completion", TLSNIC_SIM_TX },
};

constexpr unsigned STAGES = sizeof(names) / sizeof(names[0]);

Stages::Stages(Shared &s) : s_(s)
{
	for (const auto &n : names)
		stage_.push_back({ n.name, n.what, n.direction, 0, 0, 0, 0 });
}

void Stages::count()
{
	const Vtlsnic___024root &root = *s_.top->rootp;
	uint32_t valid = root.tlsnic__DOT__u_stages__DOT__stage_valid;
	uint32_t ready = root.tlsnic__DOT__u_stages__DOT__stage_ready;
	unsigned busy = root.tlsnic__DOT__u_stages__DOT__stage_busy;

	for (unsigned i = 0; i < STAGES; i++) {
		struct tlsnic_sim_stage &st = stage_[i];

		if (valid >> i & 1)
			(ready >> i & 1 ? st.moved : st.stalled)++;
		else if (busy & st.direction)
			st.starved++;
		else
			st.idle++;
	}
}
