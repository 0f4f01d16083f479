// SPDX-License-Identifier: BSD-2-Clause
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define LARGE_BUF	9344	/* a whole packet in one segment */
#define LARGE_BUFS	1500

static void set_bus(struct run *r, const struct step *s)
{
	static const uint32_t lat[] = { 2, 51, 401 }, stall[] = { 1, 50001, 150001 };

	r->bus.latency_min = s->a[A_LAT0];
	r->bus.latency_max = s->a[A_LAT1] > s->a[A_LAT0] ? s->a[A_LAT1] : s->a[A_LAT0];
	r->bus.reorder = s->a[A_ORDER] & 1;
	r->bus.interleave = s->a[A_ORDER] & 2;
	r->bus.stall_ppm = s->a[A_STALL] < 600000 ? s->a[A_STALL] : 600000;
	r->rderr = s->a[A_RDERR];
	r->wrerr = s->a[A_WRERR];
	cover_hit(r->cover, COVER_BUS, cover_class(r->bus.latency_max, lat, 3), (unsigned int)s->a[A_ORDER] & 3);
	cover_hit(r->cover, COVER_STALL, cover_class(r->bus.stall_ppm, stall, 3));
}

static void change_bus(struct run *r, const struct step *s)
{
	set_bus(r, s);
	tlsnic_sim_set_options(r->nic->sim, &r->bus);
}

static unsigned int between(uint64_t v, unsigned int low, unsigned int high)
{
	return v < low ? low : v > high ? high : v;
}

void run_queue_on(struct run *r, unsigned int q, const struct step *s)
{
	struct run_queue *k = &r->q[q];

	k->opt.log2_tx = between(s->a[A_TX], 6, 12);
	k->opt.log2_rx = between(s->a[A_RXR], 6, 12);
	k->opt.log2_cq = between(s->a[A_CQ], 6, 15);
	k->opt.buf_len = between(s->a[A_BUF] / 64 * 64, 64, ENV_BUF_LEN);
	k->rx_last = k->cq_last = k->rx_settled = 0;
	k->last_irq = 0;
	k->quiet = 0;
	run_moderate(r, q, r->card.a[A_ICYC], r->card.a[A_ICNT]);
	if (run_error(r, nic_queue_on(r->nic, q, &k->opt)))
		return;
	cover_hit(r->cover, COVER_RING, 0, k->opt.log2_tx - 6);
	cover_hit(r->cover, COVER_RING, 1, k->opt.log2_rx - 6);
	cover_hit(r->cover, COVER_RING, 2, k->opt.log2_cq - 6);
}

/* Everything on, as after a reset. */
static void all_on(struct run *r)
{
	for (unsigned int q = 0; q < r->queues && !run_failed(r); q++)
		run_queue_on(r, q, &r->card);
	if (run_failed(r))
		return;
	memset(r->queue_of, 0, sizeof(r->queue_of));
	memset(r->owner, 0, sizeof(r->owner));
	if (r->model.tags)
		nic_write(r->nic, TLSNIC_REG_TLS_TAG_MIN, r->model.tag_min);
	run_rx_config(r, &r->rxconf);
}

static bool in_flight(const struct run *r)
{
	for (unsigned int q = 0; q < r->queues; q++)
		if (r->q[q].head)
			return true;
	return r->rx_first;
}

static void turn_off(struct run *r, const struct step *s)
{
	unsigned int q = s->a[A_Q] % r->queues;

	if (r->q[q].halting || r->q[q].slots_fail || run_looping(r))
		run_settle(r);
	if (run_failed(r))
		return;
	/* a wire that takes nothing would keep the ring for ever */
	r->hold = false;
	cover_hit(r->cover, COVER_EVENT, r->q[q].head != NULL);
	r->q[q].armed = false;
	if (run_error(r, nic_queue_off(r->nic, q)))
		return;
	/* what it has taken leaves, then what has left is known */
	for (unsigned int o = 0; o < r->queues; o++)
		run_ring(r, o), r->q[o].armed = false;
	if (run_error(r, nic_settle(r->nic)))
		return;
	run_queue_off(r, q, false, false);
	run_rx_doubt(r, q);
	if (!run_failed(r))
		run_queue_on(r, q, s->a[A_TX] ? s : &r->card);
	run_settle(r);
}

/* What a function reset begins anew beside the rings. */
static void forget_all(struct run *r)
{
	memset(r->model.least, 0, sizeof(r->model.least));
	memset(r->model.most, 0, sizeof(r->model.most));
	r->errors_may = r->errors_must = 0;
	r->irqs0 = r->nic->irqs[0];
}

static void reset(struct run *r, bool hard)
{
	bool busy = in_flight(r);

	/* counters that are lost are looked at before */
	if (hard && !busy) {
		run_settle(r);
		if (!run_failed(r))
			run_statistics(r);
	}
	if (run_failed(r))
		return;
	cover_hit(r->cover, COVER_EVENT, (hard ? 16u : 2u) + busy);
	if (r->loop)
		cover_hit(r->cover, COVER_EVENT, 22u + hard);
	for (unsigned int q = 0; q < r->queues; q++)
		r->q[q].armed = false;
	/* what is on its way leaves, in loopback one way or the other */
	r->turned = run_looping(r);
	r->loop = false;
	if (run_error(r, hard ? nic_hard_reset(r->nic) : nic_reset(r->nic)))
		return;
	r->hold = false;
	if (run_error(r, nic_settle(r->nic)))
		return;
	for (unsigned int q = 0; q < r->queues && !run_failed(r); q++)
		run_queue_off(r, q, true, hard);
	run_rx_doubt(r, -1);
	run_loop_rest(r);
	model_reset(&r->model);
	nic_faults_clear(r->nic);
	r->errors_may |= nic_read(r->nic, TLSNIC_REG_ERROR) & (TLSNIC_ERR_DESC | TLSNIC_ERR_READ | TLSNIC_ERR_WRITE);
	r->errors_must = 0;
	if (hard)
		forget_all(r);
	if (!run_failed(r))
		all_on(r);
}

static void moderate(struct run *r, const struct step *s)
{
	unsigned int q = s->a[A_Q] % r->queues;
	const struct nic_queue *n = &r->nic->q[q];
	uint32_t cycles = s->a[A_ICYC] % 100000, was = r->q[q].icyc;

	/* completions of it wait then, that nobody has taken */
	if (s->a[A_N]) {
		run_ring(r, q);
		if (run_error(r, nic_cycles(r->nic, s->a[A_N] % 2000)))
			return;
	}
	cover_hit(r->cover, COVER_MODERATE, (unsigned int)(n->cq_prod != n->cq_cons), cycles < was ? 0u : cycles > was ? 1u : 2u,
		  (unsigned int)(s->a[A_ICNT] % 100 != 0));
	run_moderate(r, q, cycles, s->a[A_ICNT] % 100);
}

static void busy_events(struct run *r)
{
	unsigned int queues = 0;

	for (unsigned int q = 0; q < r->queues; q++)
		queues += r->q[q].head != NULL;
	if (queues == r->queues)
		cover_hit(r->cover, COVER_EVENT, 11);
	if (queues && r->rx_first)
		cover_hit(r->cover, COVER_EVENT, 10);
	if (queues && r->hold && tlsnic_sim_wire_held(r->nic->sim))
		cover_hit(r->cover, COVER_EVENT, 5);
}

static void one(struct run *r, const struct step *s)
{
	switch (s->op) {
	case STEP_OPEN: run_open(r, s); break;
	case STEP_RESYNC: run_resync(r, s); break;
	case STEP_DELETE: run_delete(r, s); break;
	case STEP_SEND: run_send(r, s); break;
	case STEP_PLAIN: run_plain(r, s); break;
	case STEP_BAD: run_bad(r, s); break;
	case STEP_RX: run_rx(r, s); break;
	case STEP_POST: run_rx_post(r, s); break;
	case STEP_RING:
		for (unsigned int q = 0; q < r->queues; q++)
			if (!s->a[A_Q] || s->a[A_Q] - 1 == q)
				run_ring(r, q);
		break;
	case STEP_RUN:
		busy_events(r);
		run_arm(r);
		run_clock(r, s->a[A_N] < 100000 ? s->a[A_N] : 100000);
		break;
	case STEP_SETTLE: run_settle(r); break;
	case STEP_OFF: turn_off(r, s); break;
	case STEP_RESET: reset(r, s->a[A_KIND]); break;
	case STEP_MODERATE: moderate(r, s); break;
	case STEP_LOOP: run_loop(r, s); break;
	case STEP_WIRE: r->hold = s->a[A_HOLD]; break;
	case STEP_BUS: change_bus(r, s); break;
	case STEP_FAULT: run_fault(r, s); break;
	case STEP_RXCONF: run_rx_config(r, s); break;
	default: break;
	}
}

static void begin(struct run *r, const struct plan *p, const struct run_options *o)
{
	static struct rte_mempool *large;	/* for the life of the process */
	struct nic_options options = { .sim = &r->bus, .pcap = o->pcap };
	struct nic_ops ops = { .done = run_done, .tag = run_tag, .rx = run_rx_frame, .wire_tx = run_wire, .opaque = r, .wire = r };

	r->card = p->s[0];
	r->rng = rng_seed(r->card.a[A_SEED]);
	r->rx_last = &r->rx_first;
	r->next_id = 1;
	r->bus.seed = r->card.a[A_SEED];
	r->bus.trace_file = o->trace;
	set_bus(r, &r->card);
	if (!large)
		large = env_pool("large", LARGE_BUFS, LARGE_BUF);
	r->large = large;
	r->nic = nic_create(&options, &ops);
	if (!r->nic || !large) {
		run_fail(r, "no card or no memory, see above");
		return;
	}
	r->queues = r->nic->queues < PLAN_QUEUES ? r->nic->queues : PLAN_QUEUES;
	r->features = r->nic->features;
	model_init(&r->model, r->nic->contexts, r->cover);
	r->model.frame = run_expect_frame;
	r->model.tag = run_expect_tag;
	r->model.opaque = r;
	r->model.tags = r->card.a[A_TAGS] && r->features & TLSNIC_FEAT_TLS_SEEK;
	r->model.tag_min = (r->card.a[A_TAGS] - 1) & 0xffff;
	r->rxconf.op = STEP_RXCONF;
	r->rxconf.a[A_CTRL] = TLSNIC_CTRL_RX_ENABLE;
	r->rxconf.a[A_RSS] = 63;
	all_on(r);
}

static void end(struct run *r)
{
	uint64_t cycles;

	if (!r->nic)
		return;
	if (!run_failed(r))
		run_statistics(r);
	cycles = nic_cycle(r->nic);
	run_digest(r, &cycles, 8);
	r->res->cycles = cycles;
	for (unsigned int q = 0; q < PLAN_QUEUES; q++) {
		while (r->q[q].head) {
			struct item *i = r->q[q].head;

			r->q[q].head = i->next;
			model_item_free(i);
		}
		run_free_frames(&r->q[q].expect);
		run_free_frames(&r->q[q].seen);
		run_loop_free(r, q);
		free(r->q[q].tags.t);
		free(r->q[q].early.t);
	}
	run_rx_doubt(r, -1);
	for (int c = 0; c < PLAN_CONNS; c++)
		if (r->conn[c]) {
			conn_free(r->conn[c]);
			free(r->conn[c]);
		}
	model_free(&r->model);
	nic_destroy(r->nic);
}

void run_plan(const struct plan *p, const struct run_options *o, struct cover *cover, struct run_result *result)
{
	struct run *r = calloc(1, sizeof(*r));
	struct cover c;

	if (!r)
		abort();
	memset(result, 0, sizeof(*result));
	cover_init(&c);
	r->plan = p;
	r->opt = o;
	r->res = result;
	r->cover = &c;
	result->digest = 0xcbf29ce484222325ull;
	begin(r, p, o);
	for (unsigned int i = 1; i < p->n && !run_failed(r); i++) {
		r->step = i;
		if (o->talk) {
			printf("%4u  %8llu  ", i, (unsigned long long)nic_cycle(r->nic));
			plan_print_step(&p->s[i], stdout);
		}
		one(r, &p->s[i]);
	}
	r->step = p->n;
	if (!run_failed(r))
		run_settle(r);
	end(r);
	if (cover && !result->failed)
		cover_add(cover, &c);
	cover_free(&c);
	free(r);
}

unsigned int run_contexts(uint32_t *features)
{
	struct nic *n = nic_create(NULL, NULL);
	unsigned int contexts = n ? n->contexts : 0;

	*features = n ? n->features : 0;

	if (n)
		nic_destroy(n);
	return contexts;
}
