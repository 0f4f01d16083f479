# SPDX-License-Identifier: BSD-2-Clause
TOP := axi_rd
WIDTHS := 128 256 512
FLAGS := -GCLIENTS=3 -GMAX_BURST=7
