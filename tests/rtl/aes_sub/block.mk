# SPDX-License-Identifier: BSD-2-Clause
TOP := aes_sub
PKGS := aes_gcm_pkg.sv
