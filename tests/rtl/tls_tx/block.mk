# SPDX-License-Identifier: BSD-2-Clause
TOP := tls_tx
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv tls_pkg.sv gf128_pkg.sv aes_gcm_pkg.sv
WIDTHS := 128 256 512
FLAGS := -GNUM_CTX=16 -CFLAGS -I$(top)/include/uapi
LIBS := -lcrypto
