# SPDX-License-Identifier: BSD-2-Clause
TOP := csr
PKGS := tlsnic_abi_pkg.sv
FLAGS := -CFLAGS -I$(top)/include/uapi
