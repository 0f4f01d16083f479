// SPDX-License-Identifier: BSD-2-Clause
//
// tlsnic-sim: one thread owns the vfio-user socket, the card and the wire. While
// the card is busy its clock runs in short turns between two looks at the
// descriptors; when it is idle the process sleeps in poll().

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "faults.h"
#include "options.h"
#include "vfio_user.h"
#include "../include/uapi/linux/tlsnic.h"

#define TURN_CYCLES	256

struct server {
	struct options opt;
	struct tlsnic_sim *card;
	struct vfio_user *vfio;
	struct wire_chain wire;
	struct faults faults;
	FILE *pcie;
	int signals;
};

// ---- what the card asks for -----------------------------------------------

static int card_mem_read(void *opaque, uint64_t addr, void *buf, size_t len, enum tlsnic_sim_dma kind)
{
	struct server *s = opaque;
	int err = faults_access(&s->faults, kind) ? -EIO : vfio_user_mem_read(s->vfio, addr, buf, len);

	if (!err && kind == TLSNIC_SIM_TX_DESC)
		faults_descriptors(&s->faults, addr, buf, len);
	if (!err && s->pcie && kind == TLSNIC_SIM_TX_DATA)
		fwrite(buf, 1, len, s->pcie);
	return err;
}

static int card_mem_write(void *opaque, uint64_t addr, const void *buf, size_t len, enum tlsnic_sim_dma kind)
{
	struct server *s = opaque;

	if (faults_access(&s->faults, kind))
		return -EIO;
	return vfio_user_mem_write(s->vfio, addr, buf, len);
}

static void card_irq(void *opaque, unsigned int vector)
{
	struct server *s = opaque;

	vfio_user_irq(s->vfio, vector);
}

static bool card_wire_tx(void *opaque, const void *frame, size_t len)
{
	struct server *s = opaque;

	return !s->faults.held && wire_chain_send(&s->wire, frame, len);
}

// ---- what QEMU and the wire ask of the card -------------------------------

static void bar_read(void *opaque, uint64_t offset, void *buf, size_t len)
{
	struct server *s = opaque;

	if (s->faults.stopped)
		memset(buf, 0xff, len);
	else
		tlsnic_sim_bar_read(s->card, offset, buf, len);
}

static void bar_write(void *opaque, uint64_t offset, const void *buf, size_t len)
{
	struct server *s = opaque;

	if (!s->faults.stopped)
		tlsnic_sim_bar_write(s->card, offset, buf, len);
}

static void reset(void *opaque)
{
	struct server *s = opaque;

	s->faults.stopped = false;
	tlsnic_sim_reset(s->card);
}

static bool to_card(void *opaque, const void *frame, size_t len, bool bad)
{
	struct server *s = opaque;

	return s->faults.stopped || tlsnic_sim_wire_rx(s->card, frame, len, bad);
}

// ---- set-up ---------------------------------------------------------------

static bool make_wire(struct server *s)
{
	const struct options *o = &s->opt;
	struct wire *part;

	wire_chain_init(&s->wire, to_card, s);
	if (o->pcap) {
		part = wire_pcap(o->pcap);
		if (!part)
			return false;
		wire_chain_add(&s->wire, part);
	}
	if (o->impair) {
		part = wire_impair(o->faults, o->card.seed, wire_monotonic_ns);
		if (!part)
			return false;
		wire_chain_add(&s->wire, part);
	}
	if (!strncmp(o->wire, "stream:", 7))
		part = wire_stream_listen(o->wire + 7);
	else if (!strncmp(o->wire, "link:", 5))
		part = wire_stream_connect(o->wire + 5, wire_monotonic_ns);
	else
		part = wire_none();
	if (!part)
		return false;
	wire_chain_add(&s->wire, part);
	return true;
}

static bool make_card(struct server *s)
{
	static const struct tlsnic_sim_ops ops = {
		.mem_read = card_mem_read,
		.mem_write = card_mem_write,
		.irq = card_irq,
		.wire_tx = card_wire_tx,
	};
	struct vfio_user_device device = {
		.msi = s->opt.msi,
		.verbose = s->opt.verbose,
		.opaque = s,
		.bar_read = bar_read,
		.bar_write = bar_write,
		.reset = reset,
	};
	uint32_t queues;

	s->card = tlsnic_sim_create(&s->opt.card, &ops, s);
	if (!s->card)
		return false;
	if (tlsnic_sim_bar_read(s->card, TLSNIC_REG_QUEUES, &queues, 4) || !queues ||
	    queues > TLSNIC_MAX_QUEUES) {
		fprintf(stderr, "tlsnic-sim: the card does not say how many queues it has\n");
		return false;
	}
	device.vectors = TLSNIC_VECTOR_QUEUE + queues;
	s->vfio = vfio_user_create(s->opt.socket, &device);
	return s->vfio != NULL;
}

static bool make_signals(struct server *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals >= 0;
}

static void write_stats(struct server *s)
{
	FILE *out;

	if (s->pcie)
		fflush(s->pcie);
	if (!s->opt.stats)
		return;
	out = strcmp(s->opt.stats, "-") ? fopen(s->opt.stats, "w") : stdout;
	if (!out) {
		fprintf(stderr, "tlsnic-sim: %s: %s\n", s->opt.stats, strerror(errno));
		return;
	}
	tlsnic_sim_print_stats(s->card, out);
	wire_chain_stats(&s->wire, out);
	if (out == stdout)
		fflush(out);
	else
		fclose(out);
}

// ---- the loop -------------------------------------------------------------

/* Returns false when it is time to go. */
static bool take_signals(struct server *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			write_stats(s);
		else if (info.ssi_signo == SIGUSR2)
			tlsnic_sim_trace_now(s->card, s->opt.card.trace_cycles);
		else
			return false;
	}
	return true;
}

static int wait_ms(const struct server *s, uint64_t wire_wait_ns)
{
	if (!s->faults.stopped && !tlsnic_sim_idle(s->card))
		/* a card that only waits for the wire may as well sleep a little */
		return tlsnic_sim_wire_held(s->card) ? 1 : 0;
	if (wire_wait_ns == UINT64_MAX)
		return -1;
	return (wire_wait_ns + 999999) / 1000000;
}

static bool turn(struct server *s)
{
	struct pollfd p[3 + WIRE_MAX_PARTS];
	uint64_t wait = wire_chain_poll(&s->wire);
	unsigned int n = 3;

	tlsnic_sim_set_link(s->card, wire_chain_link(&s->wire));
	p[0] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = vfio_user_fd(s->vfio), .events = POLLIN };
	p[2] = (struct pollfd){ .fd = s->faults.fd, .events = POLLIN };
	n += wire_chain_fds(&s->wire, p + 3);
	if (poll(p, n, wait_ms(s, wait)) < 0 && errno != EINTR) {
		fprintf(stderr, "tlsnic-sim: poll: %s\n", strerror(errno));
		return false;
	}
	if (p[0].revents && !take_signals(s))
		return false;
	if (p[1].revents)
		vfio_user_serve(s->vfio);
	if (p[2].revents)
		faults_take(&s->faults);
	if (!s->faults.stopped)
		tlsnic_sim_run(s->card, TURN_CYCLES);
	return true;
}

int main(int argc, char **argv)
{
	static struct server s = { .faults.fd = -1 };
	int ret = 1;

	options_parse(&s.opt, argc, argv);
	if (s.opt.faults_file && !faults_watch(&s.faults, s.opt.faults_file))
		return 1;
	if (s.opt.pcie) {
		s.pcie = fopen(s.opt.pcie, "w");
		if (!s.pcie) {
			fprintf(stderr, "tlsnic-sim: --pcie %s: %s\n", s.opt.pcie, strerror(errno));
			return 1;
		}
	}
	if (make_signals(&s) && make_wire(&s) && make_card(&s)) {
		ret = 0;
		while (turn(&s))
			;
		write_stats(&s);
	}
	vfio_user_destroy(s.vfio);
	tlsnic_sim_destroy(s.card);
	wire_chain_destroy(&s.wire);
	faults_end(&s.faults);
	if (s.pcie)
		fclose(s.pcie);
	return ret;
}
