# SPDX-License-Identifier: BSD-2-Clause
TOP := tls_tx
PKGS := tlsnic_abi_pkg.sv tlsnic_pkg.sv tls_pkg.sv gf128_pkg.sv aes_gcm_pkg.sv
WIDTHS := 128 256 512
FLAGS := -GNUM_CTX=16 -CFLAGS -I$(top)/include/uapi
LIBS := -lcrypto
BESIDE := aes_gcm.sv aes_pipe.sv aes_round.sv gcm_assemble.sv gcm_keystream.sv gcm_slots.sv ghash.sv ghash_align.sv
