// SPDX-License-Identifier: BSD-2-Clause
// Sources of the card, packages first. Paths are relative to the repository.
rtl/tlsnic_abi_pkg.sv
rtl/tlsnic_pkg.sv
rtl/fifo.sv
rtl/csr.sv
rtl/tlsnic.sv
