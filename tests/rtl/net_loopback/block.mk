# SPDX-License-Identifier: BSD-2-Clause
TOP := net_loopback
PKGS := net_loopback.sv
WIDTHS := 128
