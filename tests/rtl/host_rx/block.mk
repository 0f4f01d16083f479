# SPDX-License-Identifier: BSD-2-Clause
TOP := host_rx
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv
WIDTHS := 128 256 512
FLAGS := -GNUM_QUEUES=5
