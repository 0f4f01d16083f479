// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the card does in how many cycles, as counts that repeat.
 *
 *   perf_W [TEST...]
 *
 * Each measurement is a line of name=value; "test" is what varies, the other names say with what. Counts:
 *   bytes, cycles     of the wire, from the frame at which an eighth of all have left to the last
 *   wire, all         of the wire, from the doorbell to the last frame
 *   pcie_read, pcie_write   bytes over the bus to host memory, descriptors and completions included
 * Only the lines of test "speed" have times in them. Every frame is compared with the reference while
 * that is not running: the exit code is 1 if one is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "perf_stream.h"

#define MAX_STREAMS	1024
#define MAX_STAGES	64
#define JUMBO		9344

struct setup {
	uint32_t content;	/* of a record; 0: no TLS */
	uint32_t segment;
	unsigned int conns;
	unsigned int packets;
	enum layout layout;
	uint8_t version, cipher;
	unsigned int latency;	/* of host memory, cycles */
	uint32_t seeks;		/* packets per million behind which one that was sent before goes again, by a seek */
	bool rewrite;		/* the context ahead of every packet */
	bool stages, unchecked;
};

struct measured {
	uint64_t bytes, cycles, wire, all, read, written, cpu_us, frames;
	uint64_t seeks;
	struct tlsnic_sim_stage stage[MAX_STAGES];
	size_t nstages;
};

static struct {
	struct stream stream[MAX_STREAMS];
	unsigned int conns;
	bool unchecked;
	uint64_t first, last, done;	/* cycles: of the last frame's first and last beat, of its completion */
	uint64_t frames, bytes, mark, mark_at, mark_bytes;
	unsigned int wrong, failed;
} run;

static struct rte_mempool *jumbo;
static unsigned int errors;

static uint64_t cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000ull + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static bool on_wire(void *opaque, const void *frame, size_t len)
{
	struct nic *n = *(struct nic **)opaque;

	run.first = tlsnic_sim_wire_tx_began(n->sim);
	run.last = nic_cycle(n);
	run.frames++;
	run.bytes += len;
	if (run.frames == run.mark) {
		run.mark_at = run.last;
		run.mark_bytes = run.bytes;
	}
	if (!run.unchecked && !stream_check(run.stream, run.conns, frame, len))
		run.wrong++;
	return true;
}

static void on_done(void *opaque, unsigned int q, const struct nic_done *d)
{
	run.done = d->written;
	if (d->status)
		run.failed++;
}

static void give_up(const char *what, int code)
{
	fprintf(stderr, "perf: %s: %s\n", what, strerror(code < 0 ? -code : code));
	exit(1);
}

static bool can_seek(void)
{
	struct nic *n = nic_create(NULL, NULL);
	bool can = n && n->features & TLSNIC_FEAT_TLS_SEEK;

	if (n)
		nic_destroy(n);
	if (!can)
		fprintf(stderr, "perf: the card has no seeks\n");
	return can;
}

/* A card with one queue pair and the streams, their contexts written. */
static struct nic *start(const struct setup *s, uint32_t bytes)
{
	static struct nic *n;
	struct tlsnic_sim_options sim = { .seed = 1, .latency_min = s->latency, .stages = s->stages };
	struct nic_options o = { .sim = &sim, .unchecked = s->unchecked };
	struct nic_ops ops = { .wire_tx = on_wire, .done = on_done, .wire = &n };
	struct nic_queue_options queue = { .log2_tx = 12, .log2_cq = 13 };
	struct rng r = rng_seed(s->content + s->segment + s->conns);

	memset(&run, 0, sizeof(run));
	run.conns = s->conns;
	run.unchecked = s->unchecked;
	n = nic_create(&o, &ops);
	if (!n || nic_queue_on(n, 0, &queue))
		give_up("the card does not start", 0);
	nic_enable(n, TLSNIC_CTRL_TX_ENABLE);
	for (unsigned int i = 0; i < s->conns; i++) {
		if (stream_init(&run.stream[i], i, s->version ? s->version : TLSNIC_TLS_1_2,
				s->cipher ? s->cipher : TLSNIC_CIPHER_AES_GCM_128, s->content, bytes, &r))
			exit(1);
		if (s->content && stream_ctx(&run.stream[i], n, 0) < 0)
			give_up("no room for a context", 0);
	}
	nic_ring(n, 0);
	if (nic_settle(n))
		give_up("contexts", 0);
	return n;
}

static void stop(struct nic *n, uint64_t frames)
{
	if (run.frames != frames)
		fprintf(stderr, "perf: %llu frames left the card, expected %llu\n", (unsigned long long)run.frames,
			(unsigned long long)frames);
	if (run.wrong || run.failed)
		fprintf(stderr, "perf: %u frames are wrong, %u packets were refused\n", run.wrong, run.failed);
	if (*n->violation)
		fprintf(stderr, "perf: %s\n", n->violation);
	errors += run.frames != frames || run.wrong || run.failed || n->violations;
	for (unsigned int i = 0; i < run.conns; i++)
		stream_free(&run.stream[i]);
	nic_destroy(n);
}

/* One packet, and what the setup says goes with it. */
static int send_one(const struct setup *s, struct nic *n, struct stream *t, struct measured *m, struct rng *r)
{
	int len;

	if (t->record && s->rewrite && stream_ctx(t, n, 0) < 0)
		give_up("no room for a context", 0);
	len = stream_send(t, n, 0, s->segment > 1448 ? jumbo : env.packets, s->segment, s->layout, r);
	if (len < 0)
		give_up("posting a packet", len);
	if (s->seeks && rng_below(r, 1000000) < s->seeks && t->at > 2 * s->segment) {
		uint32_t at = rng_below(r, t->at - s->segment);

		/* not from before the window of a connection */
		if (t->at - at > 65536)
			at = t->at - rng_range(r, s->segment, 65536);
		if (stream_resend(t, n, 0, env.packets, at, s->segment, s->layout, false) < 0)
			give_up("posting a packet again", 0);
		m->seeks++;
	}
	return len;
}

static uint64_t dma(const struct tlsnic_sim_stats *s, bool write)
{
	uint64_t sum = 0;

	for (int k = 0; k < TLSNIC_SIM_DMA_KINDS; k++)
		if ((k == TLSNIC_SIM_RX_DATA || k == TLSNIC_SIM_COMPLETION) == write)
			sum += s->dma_bytes[k];
	return sum;
}

/* The connections in turns, packet by packet; as many as the ring holds are posted before the clock runs. */
static struct measured measure(const struct setup *s)
{
	uint32_t each = (s->packets + s->conns - 1) / s->conns * s->segment;
	struct nic *n = start(s, each + s->segment);
	const struct tlsnic_sim_stats *st = nic_sim_stats(n);
	struct tlsnic_sim_stats before = *st;
	struct measured m = { 0 };
	struct rng r = rng_seed(7);
	const struct tlsnic_sim_stage *now = tlsnic_sim_stages(n->sim, &m.nstages);
	uint64_t begin = 0, cpu = cpu_us();

	if (m.nstages > MAX_STAGES)
		m.nstages = MAX_STAGES;
	memcpy(m.stage, now, m.nstages * sizeof(*now));
	run.frames = run.bytes = 0;
	run.mark = s->packets / 8;
	for (unsigned int sent = 0; sent < s->packets;) {
		for (; sent < s->packets && nic_tx_room(n, 0) >= 8; sent++)
			send_one(s, n, &run.stream[sent % s->conns], &m, &r);
		if (!begin) {
			begin = nic_cycle(n);
			cpu = cpu_us();
		}
		nic_ring(n, 0);
		if (nic_cycles(n, 512) || nic_reap(n, 0, 4096) < 0)
			give_up("the card runs", 0);
	}
	nic_settle(n);
	m.cpu_us = cpu_us() - cpu;
	for (size_t i = 0; i < m.nstages; i++) {
		m.stage[i].moved = now[i].moved - m.stage[i].moved;
		m.stage[i].stalled = now[i].stalled - m.stage[i].stalled;
		m.stage[i].starved = now[i].starved - m.stage[i].starved;
	}
	m.frames = run.frames;
	m.wire = run.bytes;
	m.all = run.last - begin;
	m.bytes = run.bytes - run.mark_bytes;
	m.cycles = run.last - run.mark_at;
	m.read = dma(st, false) - dma(&before, false);
	m.written = dma(st, true) - dma(&before, true);
	stop(n, s->packets + m.seeks);
	return m;
}

static void say(const char *test, const struct setup *s)
{
	printf("test=%s width=%u tls=%u cipher=%u record=%u segment=%u conns=%u layout=%s memory=%u", test,
	       tlsnic_sim_data_width(), s->content ? s->version ? s->version : TLSNIC_TLS_1_2 : 0,
	       s->content ? s->cipher == TLSNIC_CIPHER_AES_GCM_256 ? 256 : 128 : 0, s->content, s->segment, s->conns,
	       layout_names[s->layout], s->latency);
}

static struct measured throughput(const char *test, struct setup s)
{
	struct measured m;

	/* enough for each connection to see the end of a full record */
	if (!s.packets)
		s.packets = s.conns * 12 > 2048 ? s.conns * 12 : 2048;
	m = measure(&s);
	say(test, &s);
	printf(" frames=%llu bytes=%llu cycles=%llu wire=%llu all=%llu pcie_read=%llu pcie_write=%llu",
	       (unsigned long long)m.frames, (unsigned long long)m.bytes, (unsigned long long)m.cycles,
	       (unsigned long long)m.wire, (unsigned long long)m.all, (unsigned long long)m.read,
	       (unsigned long long)m.written);
	if (!strcmp(test, "seeks"))
		printf(" seeks=%u seek_packets=%llu", s.seeks, (unsigned long long)m.seeks);
	if (!strcmp(test, "speed"))
		printf(" cpu_us=%llu", (unsigned long long)m.cpu_us);
	printf("\n");
	for (size_t i = 0; s.stages && i < m.nstages; i++)
		if (m.stage[i].direction & TLSNIC_SIM_TX)
			printf("test=%s-stage width=%u record=%u stage=%s moved=%llu stalled=%llu starved=%llu what=%s\n",
			       test, tlsnic_sim_data_width(), s.content, m.stage[i].name,
			       (unsigned long long)m.stage[i].moved, (unsigned long long)m.stage[i].stalled,
			       (unsigned long long)m.stage[i].starved, m.stage[i].what);
	fflush(stdout);
	return m;
}

static const uint32_t sizes[] = { 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void by_record(void)
{
	throughput("record", (struct setup){ .segment = 1448, .conns = 1 });
	for (unsigned int i = 0; i < SIZES; i++)
		throughput("record", (struct setup){ .content = sizes[i], .segment = 1448, .conns = 1 });
}

static void by_segment(void)
{
	static const uint32_t segment[] = { 64, 128, 256, 536, 1024, 1448, 2896, 4344, 8948 };

	for (unsigned int i = 0; i < sizeof(segment) / sizeof(segment[0]); i++) {
		throughput("segment", (struct setup){ .segment = segment[i], .conns = 1 });
		throughput("segment", (struct setup){ .content = 16384, .segment = segment[i], .conns = 1 });
	}
}

static void by_conns(void)
{
	static const unsigned int conns[] = { 1, 2, 4, 16, 64, 256, 1024 };

	for (unsigned int i = 0; i < sizeof(conns) / sizeof(conns[0]); i++) {
		throughput("conns", (struct setup){ .content = 16384, .segment = 1448, .conns = conns[i] });
		throughput("conns", (struct setup){ .content = 1024, .segment = 1448, .conns = conns[i] });
		throughput("conns", (struct setup){ .content = 64, .segment = 1448, .conns = conns[i] });
	}
}

static void by_cipher(void)
{
	for (uint8_t v = TLSNIC_TLS_1_2; v <= TLSNIC_TLS_1_3; v++)
		for (uint8_t c = TLSNIC_CIPHER_AES_GCM_128; c <= TLSNIC_CIPHER_AES_GCM_256; c++)
			throughput("cipher", (struct setup){ .content = 16384, .segment = 1448, .conns = 16, .version = v,
							     .cipher = c });
}

static void by_layout(void)
{
	for (enum layout l = 0; l < LAYOUTS; l++) {
		struct setup s = { .segment = 1448, .conns = 1, .layout = l };

		if (l == LAYOUT_MBUF)
			throughput("layout", s);
		for (unsigned int i = l == LAYOUT_MBUF ? 0 : 2; i < 3; i++) {
			s.content = (uint32_t[]){ 64, 1024, 16384 }[i];
			s.conns = 1;
			throughput("layout", s);
			s.conns = 1024;
			throughput("layout", s);
		}
	}
}

static void by_memory(void)
{
	static const unsigned int latency[] = { 0, 50, 100, 200, 250, 300, 400, 600, 800 };

	for (unsigned int i = 0; i < sizeof(latency) / sizeof(latency[0]); i++)
		throughput("memory", (struct setup){ .content = 16384, .segment = 1448, .conns = 16, .latency = latency[i] });
}

/* Packets that are sent again by a seek, among those in sequence. */
static void by_seeks(void)
{
	static const uint32_t seeks[] = { 0, 1000, 10000, 50000, 100000, 200000, 500000, 1000000 };

	if (!can_seek())
		return;
	for (unsigned int i = 0; i < 2 * sizeof(seeks) / sizeof(seeks[0]); i++)
		throughput("seeks", (struct setup){ .content = i % 2 ? 1024 : 16384, .segment = 1448, .conns = 16, .packets = 4096,
						    .seeks = seeks[i / 2], .layout = LAYOUT_SKB });
}

static uint64_t dma_of(const struct tlsnic_sim_stats *now, const struct tlsnic_sim_stats *before, enum tlsnic_sim_dma kind)
{
	return now->dma_bytes[kind] - before->dma_bytes[kind];
}

/*
 * What the card reads of host memory for one segment that is sent again. replay: what it would take to compute the
 * record's tag anew, by definition: the same, and all of the record that is ahead of the segment. cpu: bytes that
 * tls_encrypt_skb() encrypts, which begins with the record too.
 */
static void resend(void)
{
	static const struct {
		const char *name;
		uint32_t at;	/* from the start of a record; from_end: from its end */
		bool from_end;
	} places[] = {
		{ "start", 0 }, { "middle", 8192 }, { "tag", 1448, true }, { "boundary", 700, true },
	};
	struct setup s = { .content = 16384, .segment = 1448, .conns = 1, .layout = LAYOUT_SKB };
	const uint32_t packets = 48;

	if (!can_seek())
		return;
	for (unsigned int i = 0; i < 2 * sizeof(places) / sizeof(places[0]); i++) {
		struct nic *n = start(&s, packets * s.segment);
		const struct tlsnic_sim_stats *st = nic_sim_stats(n);
		struct stream *t = &run.stream[0];
		uint32_t at = t->record + (places[i / 2].from_end ? t->record - places[i / 2].at : places[i / 2].at);
		struct tlsnic_sim_stats before;
		struct measured m = { 0 };
		struct rng r = rng_seed(7);
		bool soft = i % 2;

		run.frames = 0;
		for (unsigned int k = 0; k < packets; k++)
			send_one(&s, n, t, &m, &r);
		nic_ring(n, 0);
		if (nic_settle(n))
			give_up("the card runs", 0);
		before = *st;
		if (stream_resend(t, n, 0, env.packets, at, s.segment, s.layout, soft) < 0)
			give_up("posting a packet again", 0);
		nic_ring(n, 0);
		if (nic_settle(n))
			give_up("the card runs", 0);
		say("resend", &s);
		printf(" way=%s place=%s offset=%u descriptors=%llu data=%llu written=%llu", soft ? "software" : "seek",
		       places[i / 2].name, at % t->record, (unsigned long long)dma_of(st, &before, TLSNIC_SIM_TX_DESC),
		       (unsigned long long)dma_of(st, &before, TLSNIC_SIM_TX_DATA),
		       (unsigned long long)dma_of(st, &before, TLSNIC_SIM_COMPLETION));
		if (soft)
			printf(" cpu=%u\n", at % t->record + s.segment);
		else
			printf(" replay=%llu\n", (unsigned long long)(dma_of(st, &before, TLSNIC_SIM_TX_DESC) +
			       dma_of(st, &before, TLSNIC_SIM_TX_DATA) + at % t->record));
		stop(n, packets + 1);
	}
}

/* A context ahead of each packet, in which a record starts: what connections cost that live for one packet. */
static void by_context(void)
{
	throughput("context", (struct setup){ .content = 1419, .segment = 1448, .conns = 64 });
	throughput("rewrite", (struct setup){ .content = 1419, .segment = 1448, .conns = 64, .rewrite = true });
}

/* One packet at a time, or one record, on an idle card: from the doorbell on. */
static void latency_of(const char *test, struct setup s, unsigned int packets)
{
	uint64_t first = 0, last = 0, done = 0;
	const unsigned int times = 16;
	struct measured m = { 0 };
	struct rng r = rng_seed(7);
	struct nic *n;

	s.conns = 1;
	n = start(&s, times * packets * s.segment);
	run.frames = 0;
	for (unsigned int i = 0; i < times; i++) {
		uint64_t rung;

		for (unsigned int k = 0; k < packets; k++)
			send_one(&s, n, &run.stream[0], &m, &r);
		rung = nic_cycle(n);
		nic_ring(n, 0);
		if (nic_settle(n))
			give_up("the card runs", 0);
		first += run.first - rung;
		last += run.last - rung;
		done += run.done - rung;
	}
	stop(n, times * packets);
	say(test, &s);
	printf(" packets=%u times=%u first=%llu last=%llu done=%llu\n", packets, times, (unsigned long long)first,
	       (unsigned long long)last, (unsigned long long)done);
	fflush(stdout);
}

static void latency(void)
{
	static const uint32_t segment[] = { 64, 128, 256, 512, 1024, 1448, 2896, 4344, 8948 };
	static const unsigned int memory[] = { 0, 250 };

	for (unsigned int k = 0; k < 2; k++)
		for (unsigned int i = 0; i < sizeof(segment) / sizeof(segment[0]); i++) {
			latency_of("latency", (struct setup){ .segment = segment[i], .latency = memory[k] }, 1);
			latency_of("latency", (struct setup){ .content = 16384, .segment = segment[i],
							      .latency = memory[k] }, 1);
		}
	for (unsigned int i = 0; i < SIZES; i++) {
		uint32_t whole = sizes[i] + 29, packets = (whole + 1447) / 1448;

		latency_of("record-latency", (struct setup){ .content = sizes[i], .segment = (whole + packets - 1) / packets },
			   packets);
	}
}

static void stages(void)
{
	for (unsigned int i = 0; i < 4; i++)
		throughput("stages", (struct setup){ .content = (uint32_t[]){ 0, 64, 1024, 16384 }[i], .segment = 1448,
						     .conns = 16, .stages = true });
}

/* Of the simulation, in times. Nothing is compared, so that the card's model is all that runs. */
static void speed(void)
{
	struct setup s = { .segment = 1448, .conns = 1, .unchecked = true };
	uint64_t cycles, cpu;
	struct nic *n;

	s.packets = 8192;
	throughput("speed", s);
	s.content = 16384;
	throughput("speed", s);
	/* an idle card's clock stands still, but for register accesses */
	s.content = 0;
	n = start(&s, 1);
	cycles = nic_cycle(n);
	cpu = cpu_us();
	for (unsigned int i = 0; i < 50000; i++)
		nic_read(n, TLSNIC_REG_SCRATCH);
	printf("test=idle-speed width=%u cycles=%llu cpu_us=%llu\n", tlsnic_sim_data_width(),
	       (unsigned long long)(nic_cycle(n) - cycles), (unsigned long long)(cpu_us() - cpu));
	stop(n, 0);
}

static const struct {
	const char *name;
	void (*measure)(void);
} tests[] = {
	{ "record", by_record }, { "segment", by_segment }, { "conns", by_conns }, { "cipher", by_cipher },
	{ "layout", by_layout }, { "memory", by_memory }, { "context", by_context },
	{ "resend", resend }, { "seeks", by_seeks },
	{ "latency", latency }, { "stages", stages }, { "speed", speed },
};
#define TESTS (sizeof(tests) / sizeof(tests[0]))

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t k = 0;

		while (k < TESTS && strcmp(argv[i], tests[k].name))
			k++;
		if (k == TESTS) {
			fprintf(stderr, "perf: no test '%s'. There are:", argv[i]);
			for (k = 0; k < TESTS; k++)
				fprintf(stderr, " %s", tests[k].name);
			fprintf(stderr, "\n");
			return 2;
		}
	}
	if (env_start(NULL) || ref_start())
		return 1;
	jumbo = env_pool("jumbo", 4200, JUMBO);
	if (!jumbo)
		return 1;
	for (size_t k = 0; k < TESTS; k++) {
		bool wanted = argc == 1;

		for (int i = 1; i < argc; i++)
			wanted |= !strcmp(argv[i], tests[k].name);
		if (wanted)
			tests[k].measure();
	}
	return errors != 0;
}
