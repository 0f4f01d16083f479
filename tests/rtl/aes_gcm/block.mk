# SPDX-License-Identifier: BSD-2-Clause
TOP := aes_gcm
PKGS := aes_gcm_pkg.sv gf128_pkg.sv
WIDTHS := 128 256 512
FLAGS := -GNUM_CTX=16 -CFLAGS -DNUM_CTX=16 --savable
LIBS := -lcrypto
