# SPDX-License-Identifier: BSD-2-Clause
# tls_tx with all its signals open to the test.
TOP := tls_tx
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv tls_pkg.sv gf128_pkg.sv aes_gcm_pkg.sv
WIDTHS := 128 512
FLAGS := -GNUM_CTX=16 --public-flat-rw -CFLAGS "-I$(top)/include/uapi -I$(top)/tests/rtl/tls_tx"
LIBS := -lcrypto
