/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The register bus of the queue pairs, for a rig that has the block in `tb` and goes
 * one cycle on by step(): struct Rig : RingBus<Rig>.
 */
#ifndef TLSNIC_RING_BUS_H
#define TLSNIC_RING_BUS_H

#include <linux/types.h>
#include "../../include/uapi/linux/tlsnic.h"

#include "tb.h"

template <class Rig> struct RingBus {
	void write(unsigned q, unsigned reg, uint32_t value)
	{
		auto *t = rig().tb.top.get();

		t->reg_wr = 1;
		t->reg_addr = TLSNIC_REG_QUEUE + q * TLSNIC_QUEUE_STRIDE + reg;
		t->reg_wdata = value;
		rig().step();
		t->reg_wr = 0;
		rig().step();
	}

	uint32_t read(unsigned q, unsigned reg)
	{
		auto *t = rig().tb.top.get();

		t->reg_rd = 1;
		t->reg_addr = TLSNIC_REG_QUEUE + q * TLSNIC_QUEUE_STRIDE + reg;
		rig().step();
		t->reg_rd = 0;
		rig().tb.eval();
		uint32_t v = t->reg_rdata;

		rig().step();
		rig().tb.eval();
		tap_u64("rdata after the answer", t->reg_rdata, 0);
		return v;
	}

	/* `at` is the place of the ring's BASE_LO; the others follow as TX's do. */
	void ring_on(unsigned q, unsigned at, uint64_t base, unsigned log2_size)
	{
		write(q, at + TLSNIC_Q_TX_BASE_LO, (uint32_t)base);
		write(q, at + TLSNIC_Q_TX_BASE_HI, (uint32_t)(base >> 32));
		write(q, at + TLSNIC_Q_TX_SIZE, log2_size);
		write(q, at + TLSNIC_Q_TX_CTRL, TLSNIC_Q_ENABLE);
		tap_u64("CTRL of a ring turned on", read(q, at + TLSNIC_Q_TX_CTRL), TLSNIC_Q_ENABLE | TLSNIC_Q_ACTIVE);
	}

	void ring_off(unsigned q, unsigned at)
	{
		unsigned tries = 0;

		write(q, at + TLSNIC_Q_TX_CTRL, 0);
		while (read(q, at + TLSNIC_Q_TX_CTRL) & TLSNIC_Q_ACTIVE) {
			if (++tries == 5000) {
				tap_fail("queue %u stays active", q);
				break;
			}
		}
	}

private:
	Rig &rig() { return static_cast<Rig &>(*this); }
};

#endif /* TLSNIC_RING_BUS_H */
