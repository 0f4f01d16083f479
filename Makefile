# SPDX-License-Identifier: BSD-2-Clause
#
# Everything runs inside the tool root (a Debian 13 tree in build/toolroot, made
# on first use); TOOLROOT=/ uses the packages of this machine instead.

IN := tools/in-toolroot
JOBS ?= $(shell nproc)
export TOOLROOT MIRROR KERNEL ACCEL JOBS SEEDS TLSNIC_STREAMS DPDK_MINUTES DPDK_SEEDS

.DEFAULT_GOAL := help

help:
	@echo 'tlsnic: an open network card that encrypts kernel TLS in line'
	@echo
	@echo '  demo         a TLS socket in a guest, encrypted by the card (start here)'
	@echo '  check        all tests: check-lint check-rtl check-sim check-dpdk check-driver check-vm'
	@echo '  check-PART   one part of them'
	@echo '  check-long   random tests and guests again, SEEDS=5 seeds, longer streams;'
	@echo '               the card under random plans, all widths, DPDK_MINUTES=15'
	@echo '  check-planted  random plans find bugs planted in rtl/ (part of check-long)'
	@echo '  coverage     lines, branches and toggles of rtl/ that the block tests reach'
	@echo '  bench        cycles, instructions and bytes, as in docs/performance.md'
	@echo '  synth        LUTs, flip-flops, RAM and clock rate, by Yosys and nextpnr (an hour)'
	@echo '  report       the card under all kinds of load, as plots: build/report/index.html'
	@echo '  vm           a guest with the card, its shell on this terminal'
	@echo
	@echo '  sim          the card as a program: build/sim/tlsnic-sim'
	@echo '  driver       tlsnic.ko for both guest kernels, or for KDIR=/path/to/headers'
	@echo '  rtl-lint     Verilator and Yosys over rtl/'
	@echo '  toolroot     only the tool root'
	@echo '  clean        remove what was built, but not the tool root'
	@echo '  distclean    remove that too'
	@echo
	@echo '  KERNEL=stable|backports|6.12|...  the guest kernel of vm and check-vm'
	@echo '  TOOLROOT=DIR  another place for the tool root;  TOOLROOT=/  none'
	@echo '  MIRROR=URL    another Debian mirror;  JOBS=N  parallel jobs'

demo: sim
	$(IN) tools/build-driver
	$(IN) make -C tests/vm
	$(IN) tools/demo

check:
	$(IN) tools/check lint rtl sim dpdk driver vm

check-lint check-rtl check-sim check-dpdk check-driver check-vm:
	$(IN) tools/check $(@:check-%=%)

check-long: sim
	$(IN) tools/build-driver
	$(IN) make -C tests/vm
	$(IN) tools/check-long

check-planted:
	$(IN) tools/planted

coverage:
	$(IN) tools/coverage

report:
	$(IN) tools/report --measure

synth:
	$(IN) tools/synth

bench: sim
	$(IN) tools/build-driver
	$(IN) make -C tests/vm
	$(IN) tools/bench/run

vm: sim
	$(IN) tools/build-driver
	$(IN) tools/vm

sim:
	$(IN) make -C sim -j $(JOBS)

# Headers of this machine go with the compiler of this machine.
driver:
ifneq ($(wildcard $(KDIR)/Makefile),)
	tools/build-driver $(KDIR)
else
	$(IN) tools/build-driver $(KDIR)
endif

rtl-lint:
	$(IN) prove -v tests/lint/rtl-*.t

toolroot:
	tools/toolroot.sh

clean:
	find build -mindepth 1 -maxdepth 1 ! -name 'toolroot*' -exec rm -rf {} + 2>/dev/null || true

distclean:
	rm -rf build

.PHONY: help demo check check-lint check-rtl check-sim check-dpdk check-driver check-vm check-long \
	check-planted coverage bench report synth vm sim driver rtl-lint toolroot clean distclean
