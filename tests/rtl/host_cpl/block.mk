# SPDX-License-Identifier: BSD-2-Clause
TOP := cpl_irq
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv ../tests/rtl/host_cpl/cpl_irq.sv
WIDTHS := 128 256 512
FLAGS := -GNUM_QUEUES=5
