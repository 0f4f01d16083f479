# SPDX-License-Identifier: BSD-2-Clause
TOP := axi_wr
PKGS :=
WIDTHS := 128 256 512
