#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Each planted bug still fits the RTL: the line that it spoils is there, once.

cd "$(dirname "$0")/../.." || exit 1
exec tools/planted --fits
