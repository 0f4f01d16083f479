# SPDX-License-Identifier: BSD-2-Clause
TOP := net_tx
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv net_pkg.sv
WIDTHS := 128 256 512
FLAGS := -CFLAGS -I$(top)/include/uapi
