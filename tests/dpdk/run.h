/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Carries out a plan on a fresh card and holds everything that comes back against the
 * model: status and order of completions, every byte on the wire, every received
 * frame and its completion, interrupts, error causes, statistics.
 */
#ifndef TLSNIC_DPDK_RUN_H
#define TLSNIC_DPDK_RUN_H

#include "conn.h"
#include "cover.h"
#include "model.h"
#include "nic.h"
#include "plan.h"
#include "rng.h"

struct run_options {
	const char *trace, *pcap;	/* files, or NULL */
	bool talk;			/* print steps as they are carried out */
};

struct run_result {
	bool failed;
	char error[700];		/* what was expected and what came */
	unsigned int step;		/* in which it was seen */
	uint64_t digest;		/* of everything seen; same plan, same digest */
	uint64_t cycles, frames, packets, rx_frames;
};

/* After env_start() and ref_start(). cover: bins reached are added, if the run did not fail; may be NULL. */
void run_plan(const struct plan *p, const struct run_options *o, struct cover *cover, struct run_result *result);

/* Contexts and features of the card that is linked. */
unsigned int run_contexts(uint32_t *features);

/* ---- between the parts of it ----------------------------------------------- */

struct frame {
	bool may;	/* expected, or not: of a packet that fails later */
	bool tls, cut;
	uint32_t id, len;
	unsigned int step;
	uint8_t *data;
};

/* A frame that has come back in loopback, as it was received. */
struct looped {
	uint32_t id, len;
	struct tlsnic_cpl_rx cpl;
	uint8_t *data;
	struct looped *next;
};

/* A queue of frames. */
struct frames {
	struct frame *f;
	unsigned int first, n, room;
};

struct tag_list {
	struct known_tag {
		uint32_t ctx, rec_sn;
		uint8_t tag[16];
		bool came;
	} *t;
	unsigned int n, room;
};

/* A frame from the wire whose fate is not known yet. */
struct pending {
	struct rx_verdict v;
	uint32_t id, wire_len;
	unsigned int step, kind, need;
	bool may_drop;		/* not enough buffers were posted when it came */
	bool gone;		/* seen, or known to be dropped */
	bool bad;
	bool thrown;		/* away: the wire is cut off by loopback */
	uint8_t *data;
	struct pending *next;
};

struct run_queue {
	struct item *head, *tail;	/* in flight */
	struct frames expect, seen;	/* on the wire */
	struct tag_list tags, early;	/* that came and were not expected yet; that may come */
	unsigned int quiet;		/* slots since the last item that has a completion */
	bool halting;			/* a slot that halts it was posted */
	bool slots_fail;		/* a read of slots will fail */
	bool entries_fail;		/* of RX entries */
	bool cpl_fail;			/* a write of a completion will */
	unsigned int lost;		/* completions that were lost so */
	bool rx_fault;			/* a buffer of its RX ring cannot be written */
	struct nic_queue_options opt;
	bool armed, live, pending;	/* for a check to come; may fire; might have fired before it was armed again */
	uint16_t armed_cons;
	uint64_t armed_irqs, last_irq;
	uint32_t icyc, icnt, gap;	/* moderation; least cycles behind last_irq */
	bool counted;			/* icnt was not 0 at some time since */
	bool woken;
	uint16_t rx_last, cq_last;	/* for coverage of wraps */
	struct looped *back[PLAN_QUEUES], **back_end[PLAN_QUEUES];	/* of its frames, what came back to each ring */
	uint16_t rx_settled;		/* RX buffers posted when all was at rest last */
};

struct run {
	const struct plan *plan;
	const struct run_options *opt;
	struct run_result *res;
	struct nic *nic;
	struct model model;
	struct cover *cover;
	unsigned int step, queues;
	struct run_queue q[PLAN_QUEUES];
	struct conn *conn[PLAN_CONNS];
	struct conn *owner[65536];	/* of each context, as the host knows it */
	uint8_t queue_of[65536];	/* the ring that a context is used through, + 1 */
	unsigned int open;		/* connections */
	bool many_queues;
	struct step card;
	struct tlsnic_sim_options bus;
	struct rx_config rx;
	struct step rxconf;		/* the last one */
	struct pending *rx_first, **rx_last;
	struct rng rng;			/* of what happens by chance */
	uint32_t next_id;
	bool hold;			/* the wire takes nothing */
	uint32_t errors_may, errors_must;	/* TLSNIC_ERR_* */
	uint64_t irqs0;
	struct rte_mempool *large;
	uint32_t rderr, wrerr;
	uint32_t features;		/* TLSNIC_FEAT_* */
	bool lenient;			/* what was cut off comes, or does not */
	uint32_t ctrl;			/* as written last */
	bool loop;			/* loopback is on */
	bool turned;			/* since all was at rest last */
	uint8_t frame[TLSNIC_TSO_MAX_LEN + 1024];
	struct packet packet;
};

void run_fail(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline bool run_failed(const struct run *r) { return r->res->failed; }
void run_digest(struct run *r, const void *p, size_t n);

/* run_post.c */
void run_open(struct run *r, const struct step *s);
void run_resync(struct run *r, const struct step *s);
void run_delete(struct run *r, const struct step *s);
void run_send(struct run *r, const struct step *s);
void run_plain(struct run *r, const struct step *s);
void run_bad(struct run *r, const struct step *s);
void run_fault(struct run *r, const struct step *s);
void run_ring(struct run *r, unsigned int q);
struct rte_mbuf *run_chain(struct run *r, const uint8_t *data, uint32_t len, unsigned int segs, uint64_t seed);
/* Free slots, whatever it takes. */
bool run_room(struct run *r, unsigned int q, unsigned int slots);
/* What lies in the ring from index first on becomes items. */
void run_track(struct run *r, unsigned int q, uint16_t first, uint32_t id);
void run_bind(struct run *r, uint32_t ctx, unsigned int q);
struct conn *run_conn(struct run *r, const struct step *s);

/* run.c */
void run_queue_on(struct run *r, unsigned int q, const struct step *s);

/* run_check.c */
void run_done(void *run, unsigned int q, const struct nic_done *d);
void run_tag(void *run, unsigned int q, const struct tlsnic_cpl_tag *t);
bool run_wire(void *run, const void *frame, size_t len);
/* Of the model: what is to come. */
void run_expect_frame(void *run, const struct item *i, const uint8_t *frame, uint32_t len, bool may);
void run_expect_tag(void *run, const struct item *i, const struct model_tag *t);
void run_settle(struct run *r);
void run_clock(struct run *r, uint64_t cycles);		/* then takes completions */
bool run_error(struct run *r, int err);			/* of a function of nic.h: a failure of the run */
/* What was cut off, after the card is idle; by a reset of all of it; one after which nothing left. */
void run_queue_off(struct run *r, unsigned int q, bool card_reset, bool hard);
void run_match(struct run *r, unsigned int q);		/* expected frames against those on the wire */
struct frame *run_front(struct frames *l);		/* NULL: none */
void run_pop(struct frames *l);
void run_free_frames(struct frames *l);
void run_statistics(struct run *r);
void run_arm(struct run *r);
void run_moderate(struct run *r, unsigned int q, uint32_t cycles, uint32_t count);

/* run_loop.c */
void run_loop(struct run *r, const struct step *s);
/* In loopback: a frame of ring from has come back to ring q. */
void run_loop_back(struct run *r, unsigned int from, uint32_t id, unsigned int q, struct rte_mbuf *m);
/* At rest, or behind a reset: what ring q has sent against what came back. */
void run_loop_settle(struct run *r, unsigned int q);
void run_loop_rest(struct run *r);			/* all is at rest */
void run_loop_free(struct run *r, unsigned int q);
static inline bool run_looping(const struct run *r) { return r->loop || r->turned; }

/* run_rx.c */
void run_rx(struct run *r, const struct step *s);
void run_rx_frame(void *run, unsigned int q, struct rte_mbuf *m);
void run_rx_config(struct run *r, const struct step *s);
void run_rx_settled(struct run *r);
void run_rx_doubt(struct run *r, int q);	/* frames to ring q, or all (-1), may have been lost */
void run_rx_post(struct run *r, const struct step *s);

#endif /* TLSNIC_DPDK_RUN_H */
