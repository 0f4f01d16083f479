// SPDX-License-Identifier: BSD-2-Clause
/*
 * The whole card's rates, in simulated cycles: packets of 1448 stream bytes behind 66 bytes
 * of headers, in one segment each, posted before the clock runs.
 *
 * One line a measurement:
 *   WIDTH RECORD CONNECTIONS PACKETS STREAM_BYTES WIRE_BYTES CYCLES PCIE_READ PCIE_WRITE CPU_US
 * RECORD 0: the same packets without TLS. The last figure alone is a time.
 */
#include <sys/resource.h>

#include "../../tests/sim/card_tls.h"

#define STREAM	1448
#define PACKETS	2048
#define MAX_CONNS 64

static uint64_t cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000ull + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static uint64_t dma(const struct tlsnic_sim_stats *s, bool write)
{
	uint64_t sum = 0;

	for (int k = 0; k < TLSNIC_SIM_DMA_KINDS; k++)
		if ((k == TLSNIC_SIM_RX_DATA || k == TLSNIC_SIM_COMPLETION) == write)
			sum += s->dma_bytes[k];
	return sum;
}

static void measure(struct card *c, uint32_t record, unsigned int conns)
{
	static struct tls_conn t[MAX_CONNS];
	const struct tls_opts one = { .segs = 1 };
	const struct tlsnic_sim_stats *s = tlsnic_sim_stats(c->sim);
	struct tlsnic_sim_stats before;
	uint64_t start, cpu, left = PACKETS;
	static uint8_t frame[66 + STREAM];

	card_reset(c);
	card_queue_on(c, 0, 12, 6, 13, 2048);
	card_enable(c, TLSNIC_CTRL_TX_ENABLE);
	for (unsigned int i = 0; record && i < conns; i++) {
		tls_conn_init(c, &t[i], TLSNIC_TLS_1_2, TLSNIC_CIPHER_AES_GCM_128, i, 1000 + i, 0);
		t[i].ipv6 = false;
		t[i].tcp_options = 3;
		while (t[i].ref.len < (PACKETS / conns + 1) * STREAM)
			tls_conn_record(c, &t[i], record);
		tls_conn_write_ctx(c, &t[i]);
	}
	card_ring(c, 0);
	card_settle(c);
	frames_clear(&c->out);

	for (; left; left--) {
		if (record)
			tls_conn_send(c, &t[left % conns], STREAM, &one);
		else
			card_send(c, 0, frame, sizeof(frame), 1, NULL);
	}
	before = *s;
	start = tlsnic_sim_cycle(c->sim);
	cpu = cpu_us();
	card_ring(c, 0);
	card_run(c);
	cpu = cpu_us() - cpu;
	printf("%u %u %u %u %llu %llu %llu %llu %llu %llu\n", tlsnic_sim_data_width(), record, conns, PACKETS,
	       PACKETS * (unsigned long long)STREAM, (unsigned long long)(s->wire_tx_bytes - before.wire_tx_bytes),
	       (unsigned long long)(tlsnic_sim_cycle(c->sim) - start),
	       (unsigned long long)(dma(s, false) - dma(&before, false)),
	       (unsigned long long)(dma(s, true) - dma(&before, true)), (unsigned long long)cpu);
	card_settle(c);
	if (record) {
		tls_conns_check(c, t, conns, true);
		for (unsigned int i = 0; i < conns; i++)
			tls_conn_free(&t[i]);
	}
	frames_clear(&c->out);
}

int main(void)
{
	static const uint32_t records[] = { 0, 64, 1024, 16384 };
	static struct card c;

	card_new(&c, NULL);
	for (unsigned int i = 0; i < 4; i++) {
		measure(&c, records[i], 1);
		if (records[i])
			measure(&c, records[i], 64);
	}
	if (tap.failures)
		fprintf(stderr, "bench: the card sent something wrong\n");
	card_free(&c);
	return tap.failures != 0;
}
