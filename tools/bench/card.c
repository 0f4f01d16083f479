// SPDX-License-Identifier: BSD-2-Clause
/*
 * The whole card's rates, in simulated cycles: packets of 1448 stream bytes behind 66 bytes
 * of headers, posted before the clock runs.
 *
 * One line a measurement:
 *   WIDTH LAYOUT RECORD CONNECTIONS PACKETS STREAM_BYTES WIRE_BYTES CYCLES PCIE_READ PCIE_WRITE CPU_US
 * RECORD 0: the same packets without TLS. The last figure alone is a time.
 * LAYOUT, how packets lie in memory: mbuf: in one piece at a multiple of 64; any: in one
 * piece at any address; skb: headers, and the payload where the stream lies.
 *
 * --stages adds what each stage of the card did in those cycles, as comments.
 * Arguments LAYOUT RECORD CONNECTIONS: only this one.
 */
#include <sys/resource.h>

#include "../../tests/sim/card_tls.h"

#define STREAM	1448
#define PACKETS	2048
#define MAX_CONNS 1024

enum layout { MBUF, ANY, SKB, LAYOUTS };

static const char *const layouts[] = { "mbuf", "any", "skb" };
static bool stages;

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

static void print_stages(const struct tlsnic_sim_stage *now, const struct tlsnic_sim_stage *before, size_t n)
{
	printf("# %-14s %8s %8s %8s\n", "stage", "moved", "stalled", "starved");
	for (size_t i = 0; i < n; i++)
		printf("# %-14s %8llu %8llu %8llu\n", now[i].name, (unsigned long long)(now[i].moved - before[i].moved),
		       (unsigned long long)(now[i].stalled - before[i].stalled),
		       (unsigned long long)(now[i].starved - before[i].starved));
}

static void measure(struct card *c, enum layout layout, uint32_t record, unsigned int conns)
{
	static struct tls_conn t[MAX_CONNS];
	static uint64_t lies[MAX_CONNS];
	static uint8_t frame[66 + STREAM];
	const struct tlsnic_sim_stats *s = tlsnic_sim_stats(c->sim);
	struct tlsnic_sim_stats before;
	struct tlsnic_sim_stage stage[64];
	const struct tlsnic_sim_stage *now;
	uint64_t start, cpu, brk = c->brk;
	struct tls_opts o = { .segs = 1 };
	size_t n;

	card_reset(c);
	card_queue_on(c, 0, 12, 6, 13, 2048);
	card_enable(c, TLSNIC_CTRL_TX_ENABLE);
	c->align = layout == MBUF ? 64 : 0;
	for (unsigned int i = 0; record && i < conns; i++) {
		tls_conn_init(c, &t[i], TLSNIC_TLS_1_2, TLSNIC_CIPHER_AES_GCM_128, i, 1000 + i, 0);
		t[i].ipv6 = false;
		t[i].tcp_options = 3;
		while (t[i].ref.len < (PACKETS / conns + 1) * STREAM)
			tls_conn_record(c, &t[i], record);
		tls_conn_write_ctx(c, &t[i]);
		lies[i] = card_alloc(c, t[i].ref.len + 64, 1) + card_rnd(c, 64);
		memcpy(card_ptr(c, lies[i]), t[i].ref.down, t[i].ref.len);
	}
	card_ring(c, 0);
	card_settle(c);
	frames_clear(&c->out);

	for (unsigned int i = 0; i < PACKETS; i++) {
		o.stream = layout == SKB ? lies[i % conns] : 0;
		if (record)
			tls_conn_send(c, &t[i % conns], STREAM, &o);
		else
			card_send(c, 0, frame, sizeof(frame), layout == SKB ? 2 : 1, NULL);
	}
	before = *s;
	now = tlsnic_sim_stages(c->sim, &n);
	memcpy(stage, now, n * sizeof(*now));
	start = tlsnic_sim_cycle(c->sim);
	cpu = cpu_us();
	card_ring(c, 0);
	card_run(c);
	cpu = cpu_us() - cpu;
	printf("%u %s %u %u %u %llu %llu %llu %llu %llu %llu\n", tlsnic_sim_data_width(), layouts[layout], record, conns,
	       PACKETS, PACKETS * (unsigned long long)STREAM,
	       (unsigned long long)(s->wire_tx_bytes - before.wire_tx_bytes),
	       (unsigned long long)(tlsnic_sim_cycle(c->sim) - start),
	       (unsigned long long)(dma(s, false) - dma(&before, false)),
	       (unsigned long long)(dma(s, true) - dma(&before, true)), (unsigned long long)cpu);
	if (stages)
		print_stages(now, stage, n);
	card_settle(c);
	if (record) {
		tls_conns_check(c, t, conns, true);
		for (unsigned int i = 0; i < conns; i++)
			tls_conn_free(&t[i]);
	}
	frames_clear(&c->out);
	c->brk = brk;
}

int main(int argc, char **argv)
{
	static const uint32_t records[] = { 0, 64, 1024, 16384 };
	static struct card c;
	struct tlsnic_sim_options opt = { .seed = 1 };

	if (argc > 1 && !strcmp(argv[1], "--stages")) {
		opt.stages = stages = true;
		argv++;
		argc--;
	}
	card_new(&c, &opt);
	if (argc == 4) {
		enum layout l = MBUF;

		while (l + 1 < LAYOUTS && strcmp(argv[1], layouts[l]))
			l++;
		measure(&c, l, strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
	} else {
		for (enum layout l = 0; l < LAYOUTS; l++) {
			for (unsigned int i = 0; i < 4; i++) {
				measure(&c, l, records[i], 1);
				if (records[i])
					measure(&c, l, records[i], MAX_CONNS);
			}
		}
	}
	if (tap.failures)
		fprintf(stderr, "bench: the card sent something wrong\n");
	card_free(&c);
	return tap.failures != 0;
}
