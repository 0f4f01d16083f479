# SPDX-License-Identifier: BSD-2-Clause
TOP := aes_gcm
PKGS := aes_gcm_pkg.sv gf128_pkg.sv
WIDTHS := 128 256 512
FLAGS := -GNUM_CTX=16 -CFLAGS -DNUM_CTX=16 $(if $(COVERAGE),,--savable)
LIBS := -lcrypto -lIPSec_MB

# the programs look for it beside themselves
$(out)/wycheproof.txt: ../common/wycheproof.py
	@mkdir -p $(out)
	@../common/wycheproof.py >$@.tmp
	@mv $@.tmp $@

$(WIDTHS:%=$(out)/aes_gcm_%.t): $(out)/wycheproof.txt
