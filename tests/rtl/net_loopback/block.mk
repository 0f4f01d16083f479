# SPDX-License-Identifier: BSD-2-Clause
TOP := net_loopback
WIDTHS := 128
