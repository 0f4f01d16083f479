# SPDX-License-Identifier: BSD-2-Clause
TOP := net_stats
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv net_pkg.sv
FLAGS := -CFLAGS -I$(top)/include/uapi
