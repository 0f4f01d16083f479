# SPDX-License-Identifier: BSD-2-Clause
TOP := tx_cpl
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv
