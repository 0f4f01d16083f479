# SPDX-License-Identifier: BSD-2-Clause
TOP := host_tx_bench
TB := host_tx_bench.sv host_tx.cc rings.cc memory.cc
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv
WIDTHS := 128 256 512
FLAGS := -CFLAGS -I$(top)/include/uapi
