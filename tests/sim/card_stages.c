// SPDX-License-Identifier: BSD-2-Clause
/* Stage accounting of the simulation: what it counts is what went through the card. */
#include "card.h"

static struct card c;
static uint8_t buf[9300];

#define FRAMES	40
#define SPLIT	8	/* of them fit in the card */
#define PART	8192	/* bytes: reads of packet data end at multiples of it */

static struct tlsnic_sim_stage stage(const char *name)
{
	const struct tlsnic_sim_stage *s;
	size_t n;

	s = tlsnic_sim_stages(c.sim, &n);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(s[i].name, name))
			return s[i];
	tap_fail("no stage %s", name);
	return (struct tlsnic_sim_stage) { 0 };
}

static void start(bool on)
{
	struct tlsnic_sim_options opt = { .seed = tap.seed, .stages = on };

	card_new(&c, &opt);
	card_queue_on(&c, 0, 8, 8, 9, 2048);
	card_enable(&c, TLSNIC_CTRL_TX_ENABLE | TLSNIC_CTRL_RX_ENABLE);
	card_run(&c);
}

/* Each cycle of each stage is one of the four. */
static void all_cycles(void)
{
	const struct tlsnic_sim_stage *s;
	size_t n;

	s = tlsnic_sim_stages(c.sim, &n);
	for (size_t i = 1; i < n; i++)
		tap_u64(s[i].name, s[i].moved + s[i].stalled + s[i].starved + s[i].idle,
			s[0].moved + s[0].stalled + s[0].starved + s[0].idle);
}

static void transmit(void)
{
	unsigned int beat = tlsnic_sim_data_width() / 8, beats = 0;
	struct tlsnic_sim_stage idle, wire;

	start(true);
	wire = stage("wire_tx");
	card_cycles(&c, 100);
	for (unsigned int i = 0; i < FRAMES; i++) {
		struct card_packet p = { .segs = 1 + i % 2, .d = { .flags = TLSNIC_TXF_COMPLETE } };
		uint32_t len = 120 + card_rnd(&c, 1400);

		/* none over a boundary at which reads end */
		p.addr[0] = card_alloc(&c, PART, PART);
		p.addr[1] = p.addr[0] + 3000;
		p.len[0] = i % 2 ? 100 : len;
		p.len[1] = len - 100;
		card_packet(&c, 0, &p);
		beats += (len + beat - 1) / beat;
	}
	tap_u64("beats before", wire.moved, 0);
	card_ring(&c, 0);
	card_settle(&c);
	for (size_t i = 0; i < 5; i++) {
		static const char *const names[] = { "wire_tx", "frame_out", "frame_in", "tls_out", "tx_packed" };

		tap_u64(names[i], stage(names[i]).moved, beats);
		tap_u64("none waits", stage(names[i]).stalled, 0);
	}
	tap_u64("tx_item", stage("tx_item").moved, FRAMES);
	tap_u64("tx_data_read", stage("tx_data_read").moved, FRAMES + FRAMES / 2);
	tap_u64("tx_cpl", stage("tx_cpl").moved, FRAMES);
	tap_u64("wire_rx", stage("wire_rx").moved, 0);
	if (!stage("wire_tx").starved)
		tap_fail("the wire never waited for the first packet");
	idle = stage("wire_tx");
	card_rd(&c, TLSNIC_REG_ID);
	if (stage("wire_tx").idle == idle.idle || stage("wire_tx").starved != idle.starved)
		tap_fail("cycles of a card at rest are not counted as idle");
	all_cycles();
	card_free(&c);
}

/* Segments that are read in two parts: each read is one that moved, and none is taken to wait. */
static void parts(void)
{
	start(true);
	for (unsigned int i = 0; i < SPLIT; i++) {
		struct card_packet p = { .segs = 1, .len = { 1000 }, .d = { .flags = TLSNIC_TXF_COMPLETE } };

		p.addr[0] = card_alloc(&c, 2 * PART, PART) + PART - 500;
		memset(card_ptr(&c, p.addr[0]), i, 1000);
		card_packet(&c, 0, &p);
	}
	card_ring(&c, 0);
	card_settle(&c);
	tap_u64("frames", c.out.count, SPLIT);
	tap_u64("tx_data_read", stage("tx_data_read").moved, 2 * SPLIT);
	tap_u64("none waits", stage("tx_data_read").stalled, 0);
	all_cycles();
	card_free(&c);
}

static void held(void)
{
	start(true);
	c.wire_full = true;
	for (unsigned int i = 0; i < FRAMES; i++)
		card_send(&c, 0, buf, 1000, 1, NULL);
	card_ring(&c, 0);
	card_cycles(&c, 5000);
	if (stage("wire_tx").stalled < 4000)
		tap_fail("wire_tx: expected at least 4000 cycles stalled, got %llu",
			 (unsigned long long)stage("wire_tx").stalled);
	c.wire_full = false;
	card_settle(&c);
	tap_u64("frames", c.out.count, FRAMES);
	all_cycles();
	card_free(&c);
}

static void receive(void)
{
	unsigned int beat = tlsnic_sim_data_width() / 8, beats = 0, n = 0;

	start(true);
	card_rx_post(&c, 0, 200);
	for (unsigned int i = 0; i < FRAMES; i++) {
		uint32_t len = 60 + card_rnd(&c, 4000);

		card_wire_in(&c, buf, len, false);
		beats += (len + beat - 1) / beat;
		n += (len + 2047) / 2048;
	}
	card_settle(&c);
	tap_u64("frames", c.in.count, FRAMES);
	tap_u64("wire_rx", stage("wire_rx").moved, beats);
	tap_u64("rx_frame", stage("rx_frame").moved, beats);
	tap_u64("rx_cpl", stage("rx_cpl").moved, n);
	tap_u64("wire_tx", stage("wire_tx").moved, 0);
	all_cycles();
	card_free(&c);
}

static void off(void)
{
	const struct tlsnic_sim_stage *s;
	size_t n;

	start(false);
	card_send(&c, 0, buf, 100, 1, NULL);
	card_ring(&c, 0);
	card_settle(&c);
	s = tlsnic_sim_stages(c.sim, &n);
	for (size_t i = 0; i < n; i++)
		tap_u64(s[i].name, s[i].moved + s[i].stalled + s[i].starved + s[i].idle, 0);
	card_free(&c);
}

/* The wire's callback sees when the frame's first beat left: as many cycles ago as it has beats. */
static void first_beat(void)
{
	unsigned int beat = tlsnic_sim_data_width() / 8;
	uint64_t before;

	start(true);
	before = tlsnic_sim_cycle(c.sim);
	card_send(&c, 0, buf, 100 * beat, 1, NULL);
	card_ring(&c, 0);
	while (!c.out.count && tlsnic_sim_run(c.sim, 1))
		;
	if (tlsnic_sim_wire_tx_began(c.sim) <= before)
		tap_fail("first beat in cycle %llu, posted in %llu",
			 (unsigned long long)tlsnic_sim_wire_tx_began(c.sim), (unsigned long long)before);
	tap_u64("cycles of the frame", tlsnic_sim_cycle(c.sim) - tlsnic_sim_wire_tx_began(c.sim), 100);
	card_settle(&c);
	card_free(&c);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("stages: transmit", transmit());
	TAP_RUN("stages: reads in parts", parts());
	TAP_RUN("stages: the wire is held", held());
	TAP_RUN("stages: receive", receive());
	TAP_RUN("stages: off", off());
	TAP_RUN("the first beat of a frame", first_beat());
	return tap_end();
}
