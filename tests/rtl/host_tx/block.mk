# SPDX-License-Identifier: BSD-2-Clause
TOP := host_tx_bench
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv ../tests/rtl/host_tx/host_tx_bench.sv
WIDTHS := 128 256 512
FLAGS := -CFLAGS -I$(top)/include/uapi
