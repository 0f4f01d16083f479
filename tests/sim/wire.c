// SPDX-License-Identifier: BSD-2-Clause
//
// The parts of the wire: capture, impairments, stream sockets.

#include <arpa/inet.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../sim/unix_socket.h"
#include "../../sim/wire.h"
#include "../common/tap.h"

#define MAX	70000

/* What arrived at one end of a chain. */
struct seen {
	uint32_t number;	/* the frame's first 4 bytes */
	uint32_t len, sum;
	bool bad;
};

struct sink {
	struct wire wire;
	struct seen seen[MAX];
	unsigned int count;
	bool full;		/* refuse */
};

static uint64_t now_ns;
static char dir[32] = "/tmp/tlsnic-wire.XXXXXX";
static char path[64];

static uint64_t fake_clock(void)
{
	return now_ns;
}

static uint32_t sum(const uint8_t *p, size_t len)
{
	uint32_t h = 2166136261u;

	while (len--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

static bool take(struct sink *s, const void *frame, size_t len, bool bad)
{
	struct seen *at = &s->seen[s->count];

	if (s->full || s->count == MAX)
		return false;
	memcpy(&at->number, frame, 4);
	at->len = len;
	at->sum = sum(frame, len);
	at->bad = bad;
	s->count++;
	return true;
}

static bool sink_push(struct wire *w, enum wire_dir d, const void *frame, size_t len, bool bad)
{
	return take((struct sink *)w, frame, len, bad);
}

static bool sink_card(void *opaque, const void *frame, size_t len, bool bad)
{
	return take(opaque, frame, len, bad);
}

static void sink_destroy(struct wire *w)
{
}

static struct sink far_end, card;	/* where TX and RX arrive */

static void chain(struct wire_chain *c, struct wire *part)
{
	memset(&far_end, 0, sizeof(far_end));
	memset(&card, 0, sizeof(card));
	far_end.wire.push = sink_push;
	far_end.wire.destroy = sink_destroy;
	wire_chain_init(c, sink_card, &card);
	if (!part) {
		printf("Bail out! a part was not made\n");
		exit(1);
	}
	wire_chain_add(c, part);
	wire_chain_add(c, &far_end.wire);
}

/* Frame n: its number, then bytes that follow from it; 60 to 1559 bytes. */
static size_t make(uint8_t *frame, uint32_t n)
{
	size_t len = 60 + n * 7919u % 1500;

	for (size_t i = 0; i < len; i++)
		frame[i] = n * 31 + i * (n | 1);
	memcpy(frame, &n, 4);
	return len;
}

static bool intact(const struct seen *s)
{
	uint8_t frame[2048];
	size_t len = make(frame, s->number);

	return s->number < MAX && s->len == len && s->sum == sum(frame, len);
}

static bool send_one(struct wire_chain *c, enum wire_dir d, uint32_t n)
{
	uint8_t frame[2048];
	size_t len = make(frame, n);
	struct wire *last = c->parts[c->count - 1];

	if (d == WIRE_TX)
		return wire_chain_send(c, frame, len);
	return last->next[WIRE_RX]->push(last->next[WIRE_RX], WIRE_RX, frame, len, false);
}

static void send_many(struct wire_chain *c, enum wire_dir d, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++) {
		if (!send_one(c, d, n))
			tap_fail("frame %u was refused", n);
		now_ns += 1000;
	}
}

/* Lets time pass until nothing waits any more. */
static void settle(struct wire_chain *c)
{
	for (int i = 0; i < 1000; i++) {
		uint64_t wait = wire_chain_poll(c);

		if (wait == UINT64_MAX)
			return;
		now_ns += wait;
	}
	tap_fail("the chain never comes to rest");
}

static void all_in_order(const struct sink *s, unsigned int count)
{
	tap_u64("frames", s->count, count);
	for (unsigned int i = 0; i < s->count && i < count; i++)
		if (s->seen[i].number != i || !intact(&s->seen[i])) {
			tap_fail("frame %u: number %u, intact %d", i, s->seen[i].number, intact(&s->seen[i]));
			return;
		}
}

static void capture(void)
{
	char file[80], err[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *h;
	const u_char *bytes;
	struct wire_chain c;
	uint64_t last = 0;
	uint32_t n = 0;
	pcap_t *p;

	snprintf(file, sizeof(file), "%s/wire.pcap", dir);
	chain(&c, wire_pcap(file));
	for (uint32_t i = 0; i < 100; i++)
		send_one(&c, i % 2 ? WIRE_RX : WIRE_TX, i);
	card.full = far_end.full = true;
	tap_u64("refused", send_one(&c, WIRE_TX, 1000) || send_one(&c, WIRE_RX, 1000), 0);
	wire_chain_poll(&c);
	p = pcap_open_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, err);
	if (!p) {
		tap_fail("not readable before its end: %s", err);
		return;
	}
	tap_u64("link type", pcap_datalink(p), DLT_EN10MB);
	while (pcap_next_ex(p, &h, &bytes) == 1) {
		uint8_t frame[2048];
		size_t len = make(frame, n++);
		uint64_t t = h->ts.tv_sec * 1000000000ull + h->ts.tv_usec;

		tap_u64("length", h->len, len);
		tap_u64("captured", h->caplen, len);
		tap_bytes("frame", bytes, frame, len);
		if (t < last)
			tap_fail("frame %u goes back in time", n);
		last = t;
	}
	tap_u64("frames", n, 100);
	pcap_close(p);
	wire_chain_destroy(&c);
	unlink(file);
	if (wire_pcap("/nonexistent/x.pcap"))
		tap_fail("a capture in no directory was made");
}

static void repeats(void)
{
	static struct sink first;
	struct wire_faults f[2] = { { 100000, 100000, 100000, 100000, 0, 0 } };
	struct wire_chain c;
	int differ = 0;

	for (int run = 0; run < 3; run++) {
		chain(&c, wire_impair(f, tap.seed + run / 2, fake_clock));
		/* another rhythm must not change the outcome */
		for (uint32_t n = 0; n < 5000; n++) {
			send_one(&c, WIRE_TX, n);
			now_ns += run * 500;
			if (n % 7 == 0)
				wire_chain_poll(&c);
		}
		settle(&c);
		if (run == 0)
			first = far_end;
		if (run == 1 && (first.count != far_end.count ||
				 memcmp(first.seen, far_end.seen, first.count * sizeof(first.seen[0]))))
			tap_fail("the same seed gives another outcome (%u, %u frames)", first.count, far_end.count);
		if (run == 2)
			differ = first.count != far_end.count ||
				 memcmp(first.seen, far_end.seen, first.count * sizeof(first.seen[0]));
		wire_chain_destroy(&c);
	}
	tap_u64("another seed gives another outcome", differ, 1);
}

/* count of n drawn at p per million, within six standard deviations */
static void near(const char *what, double count, double n, double ppm)
{
	double p = ppm / 1e6, want = n * p, d = count - want;

	if (d * d > 36 * (n * p * (1 - p) + 1))
		tap_fail("%s: %.0f of %.0f, expected about %.0f", what, count, n, want);
}

static void rates(void)
{
	static const unsigned int ppm[] = { 0, 1000, 10000, 100000, 500000, 1000000 };
	const uint32_t n = 20000;
	struct wire_chain c;

	for (size_t i = 0; i < sizeof(ppm) / sizeof(ppm[0]); i++) {
		struct wire_faults loss[2] = { { .loss = ppm[i] } };
		struct wire_faults dup[2] = { [WIRE_RX] = { .dup = ppm[i] } };
		struct wire_faults flip[2] = { { .corrupt = ppm[i] } };
		unsigned int damaged = 0;

		chain(&c, wire_impair(loss, tap.seed, fake_clock));
		send_many(&c, WIRE_TX, n);
		send_many(&c, WIRE_RX, n);
		near("lost", n - far_end.count, n, ppm[i]);
		all_in_order(&card, n);
		wire_chain_destroy(&c);

		chain(&c, wire_impair(dup, tap.seed, fake_clock));
		send_many(&c, WIRE_TX, n);
		send_many(&c, WIRE_RX, n);
		near("duplicated", card.count - n, n, ppm[i]);
		all_in_order(&far_end, n);
		wire_chain_destroy(&c);

		chain(&c, wire_impair(flip, tap.seed, fake_clock));
		send_many(&c, WIRE_TX, n);
		for (unsigned int k = 0; k < far_end.count; k++)
			damaged += !intact(&far_end.seen[k]);
		tap_u64("frames", far_end.count, n);
		near("corrupted", damaged, n, ppm[i]);
		wire_chain_destroy(&c);
	}
}

static void bad_frames(void)
{
	struct wire_faults f[2] = { { .bad = 200000 }, { .bad = 200000 } };
	const uint32_t n = 20000;
	struct wire_chain c;
	unsigned int bad = 0;

	chain(&c, wire_impair(f, tap.seed, fake_clock));
	send_many(&c, WIRE_TX, n);
	send_many(&c, WIRE_RX, n);
	near("lost on the way out", n - far_end.count, n, 200000);
	tap_u64("frames in", card.count, n);
	for (unsigned int i = 0; i < card.count; i++) {
		bad += card.seen[i].bad;
		if (card.seen[i].bad == intact(&card.seen[i]))
			tap_fail("frame %u: marked bad %d, intact %d", i, card.seen[i].bad, !card.seen[i].bad);
	}
	near("bad on the way in", bad, n, 200000);
	wire_chain_destroy(&c);
}

static void reorder(void)
{
	static uint8_t times[MAX];
	struct wire_faults f[2] = { { .reorder = 50000 } };
	const uint32_t n = 20000;
	unsigned int late = 0;
	struct wire_chain c;

	memset(times, 0, sizeof(times));
	chain(&c, wire_impair(f, tap.seed, fake_clock));
	send_many(&c, WIRE_TX, n);
	settle(&c);
	tap_u64("frames", far_end.count, n);
	for (unsigned int i = 0; i < far_end.count; i++) {
		const struct seen *s = &far_end.seen[i];
		int by = (int)i - (int)s->number;

		if (!intact(s) || times[s->number]++)
			tap_fail("frame %u damaged or twice", s->number);
		if (by < -1 || by > 3)
			tap_fail("frame %u moved by %d", s->number, by);
		late += by > 0;
	}
	/* while one waits no other is chosen: the share is lower than asked for */
	if (late < n * 4 / 100 || late > n * 5 / 100 + 300)
		tap_fail("%u of %u frames were overtaken", late, n);
	wire_chain_destroy(&c);

	/* a last frame does not wait for ever */
	f[WIRE_TX].reorder = 1000000;
	chain(&c, wire_impair(f, tap.seed, fake_clock));
	send_one(&c, WIRE_TX, 0);
	tap_u64("held", far_end.count, 0);
	tap_u64("for so long", wire_chain_poll(&c), 10000000);
	now_ns += 10000000;
	wire_chain_poll(&c);
	tap_u64("let go", far_end.count, 1);
	wire_chain_destroy(&c);
}

static void delays(void)
{
	struct wire_faults f[2] = { { .delay_ns = 5000 }, { .delay_ns = 0 } };
	struct wire_chain c;

	chain(&c, wire_impair(f, tap.seed, fake_clock));
	for (uint32_t n = 0; n < 50; n++) {
		send_one(&c, WIRE_TX, n);
		send_one(&c, WIRE_RX, n);
		tap_u64("no delay the other way", card.count, n + 1);
		tap_u64("on its way", far_end.count, n < 5 ? 0 : n - 4);
		now_ns += 1000;
	}
	tap_u64("next is due", wire_chain_poll(&c), 1000);
	settle(&c);
	all_in_order(&far_end, 50);
	wire_chain_destroy(&c);
}

static void everything(void)
{
	struct wire_faults f[2] = { { 30000, 30000, 30000, 30000, 30000, 20000 }, { 30000, 30000, 30000, 30000, 30000, 20000 } };
	const uint32_t n = 20000;
	struct wire_chain c;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	unsigned long lost = 0, dup = 0, bad = 0;

	chain(&c, wire_impair(f, tap.seed, fake_clock));
	send_many(&c, WIRE_TX, n);
	settle(&c);
	wire_chain_stats(&c, out);
	fclose(out);
	if (!strstr(text, "impair_tx_frames 20000\n") ||
	    sscanf(strstr(text, "impair_tx_lost"), "impair_tx_lost %lu\nimpair_tx_duplicated %lu\n", &lost, &dup) != 2 ||
	    sscanf(strstr(text, "impair_tx_bad"), "impair_tx_bad %lu\n", &bad) != 1)
		tap_fail("statistics: %s", text);
	tap_u64("none is lost but those that are counted", far_end.count, n - lost - bad + dup);
	free(text);
	wire_chain_destroy(&c);
}

static void back_pressure(void)
{
	struct wire_faults f[2] = { { 0 }, { 0 } };
	struct wire_chain c;
	uint32_t sent = 0;

	chain(&c, wire_impair(f, tap.seed, fake_clock));
	for (int round = 0; round < 20; round++) {
		card.full = true;
		while (send_one(&c, WIRE_RX, sent))
			if (++sent == MAX) {
				tap_fail("never full");
				return;
			}
		card.full = false;
		wire_chain_poll(&c);
		for (int i = 0; i < 10; i++)
			sent += send_one(&c, WIRE_RX, sent);
	}
	settle(&c);
	all_in_order(&card, sent);
	wire_chain_destroy(&c);
}

static void put_frame(uint8_t **at, uint32_t n)
{
	size_t len = make(*at + 4, n);
	uint32_t be = htonl(len);

	memcpy(*at, &be, 4);
	*at += 4 + len;
}

static void stream_chain(struct wire_chain *c, struct wire *end)
{
	memset(&card, 0, sizeof(card));
	wire_chain_init(c, sink_card, &card);
	wire_chain_add(c, end);
}

static void stream_in(void)
{
	static uint8_t bytes[200 * 1600];
	uint8_t *end = bytes;
	struct wire_chain c;
	uint64_t rng = tap.seed;
	int fd;

	stream_chain(&c, wire_stream_listen(path));
	tap_u64("link", wire_chain_link(&c), 0);
	fd = unix_socket_connect(path);
	wire_chain_poll(&c);
	tap_u64("link with a peer", wire_chain_link(&c), 1);
	for (uint32_t n = 0; n < 200; n++)
		put_frame(&end, n);
	for (uint8_t *p = bytes; p < end;) {
		size_t part;

		rng = rng * 6364136223846793005ull + 1442695040888963407ull;
		part = 1 + (rng >> 33) % (rng >> 63 ? 6000 : 20);
		if (part > (size_t)(end - p))
			part = end - p;
		if (send(fd, p, part, 0) != (ssize_t)part)
			tap_fail("send");
		p += part;
		card.full = (rng >> 40) % 4 == 0;
		wire_chain_poll(&c);
	}
	card.full = false;
	wire_chain_poll(&c);
	all_in_order(&card, 200);
	close(fd);
	wire_chain_poll(&c);
	tap_u64("link without a peer", wire_chain_link(&c), 0);
	tap_u64("frames go nowhere", send_one(&c, WIRE_TX, 0), 1);
	wire_chain_destroy(&c);
	tap_u64("socket removed", access(path, F_OK), (uint64_t)-1);
}

static void stream_out(void)
{
	static uint8_t bytes[4 << 20];
	size_t have = 0, at = 0;
	struct wire_chain c;
	uint32_t sent = 0, got = 0;
	bool refused = false;
	int fd;

	stream_chain(&c, wire_stream_listen(path));
	fd = unix_socket_connect(path);
	wire_chain_poll(&c);
	while (!refused) {		/* until socket and buffer are full */
		refused = !send_one(&c, WIRE_TX, sent);
		sent += !refused;
		wire_chain_poll(&c);
	}
	for (int idle = 0; idle < 3;) {
		ssize_t n = recv(fd, bytes + have, 10000, MSG_DONTWAIT);

		if (n > 0)
			have += n;
		idle = n > 0 ? 0 : idle + 1;
		wire_chain_poll(&c);
		if (have > sizeof(bytes) - 10000)
			break;
	}
	while (at + 4 <= have) {
		uint8_t frame[2048];
		size_t want = make(frame, got);
		uint32_t len;

		memcpy(&len, bytes + at, 4);
		tap_u64("length", ntohl(len), want);
		tap_bytes("frame", bytes + at + 4, frame, want);
		if (ntohl(len) != want)
			break;
		at += 4 + want;
		got++;
	}
	tap_u64("nothing is lost to a slow peer", got, sent);
	tap_u64("nothing is left over", have, at);
	close(fd);
	wire_chain_destroy(&c);
}

static void stream_errors(void)
{
	static const uint32_t lengths[] = { 0, 65536, 0x7fffffff, 0xffffffff };
	static uint8_t big[4 + 20000];
	uint32_t be;
	struct wire_chain c;
	uint8_t good[2048], *end = good;
	int fd;

	stream_chain(&c, wire_stream_listen(path));
	put_frame(&end, 0);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		be = htonl(lengths[i]);
		fd = unix_socket_connect(path);
		wire_chain_poll(&c);
		tap_u64("send", send(fd, &be, 4, 0), 4);
		wire_chain_poll(&c);
		tap_u64("dropped for its length", wire_chain_link(&c), 0);
		close(fd);
	}
	fd = unix_socket_connect(path);
	wire_chain_poll(&c);
	be = htonl(20000);
	memcpy(big, &be, 4);
	tap_u64("send", send(fd, big, sizeof(big), 0), sizeof(big));
	tap_u64("send", send(fd, good, end - good, 0), end - good);
	wire_chain_poll(&c);
	all_in_order(&card, 1);		/* the long one is passed over */
	close(fd);
	wire_chain_destroy(&c);
}

static void linked(void)
{
	static struct sink other;
	struct wire_chain a, b;

	/* the one that connects is there first */
	stream_chain(&a, wire_stream_connect(path, fake_clock));
	wire_chain_poll(&a);
	tap_u64("link", wire_chain_link(&a), 0);
	for (int round = 0; round < 2; round++) {
		memset(&other, 0, sizeof(other));
		card.count = 0;
		wire_chain_init(&b, sink_card, &other);
		wire_chain_add(&b, wire_stream_listen(path));
		now_ns += 200000000;
		wire_chain_poll(&a);
		wire_chain_poll(&b);
		tap_u64("link", wire_chain_link(&a) && wire_chain_link(&b), 1);
		for (uint32_t n = 0; n < 300; n++) {
			tap_u64("sent", wire_chain_link(&a) && send_one(&a, WIRE_TX, n), 1);
			tap_u64("sent", send_one(&b, WIRE_TX, n), 1);
			wire_chain_poll(&a);
			wire_chain_poll(&b);
		}
		wire_chain_poll(&a);
		all_in_order(&other, 300);
		all_in_order(&card, 300);
		wire_chain_destroy(&b);
		wire_chain_poll(&a);
		tap_u64("link to one that has gone", wire_chain_link(&a), 0);
	}
	wire_chain_destroy(&a);
}

static void listeners(void)
{
	struct wire *first = wire_stream_listen(path), *again;
	char longer[200];
	int fd;

	if (wire_stream_listen(path))
		tap_fail("two listen at one socket");
	/* a listener that was killed leaves its socket behind */
	first->destroy(first);
	fd = unix_socket_listen(path);
	close(fd);
	again = wire_stream_listen(path);
	if (!again)
		tap_fail("a stale socket is not replaced");
	else
		again->destroy(again);
	memset(longer, 'x', sizeof(longer));
	longer[199] = '\0';
	if (wire_stream_listen(longer) || wire_stream_listen("") || wire_stream_listen("/nonexistent/x"))
		tap_fail("a path that cannot be was taken");
	if (wire_stream_listen("/dev/null"))
		tap_fail("a file that is no socket was replaced");
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/wire", dir);
	TAP_RUN("capture", capture());
	TAP_RUN("same seed, same faults", repeats());
	TAP_RUN("rates of loss, duplicates, corruption", rates());
	TAP_RUN("bad frames", bad_frames());
	TAP_RUN("reordering", reorder());
	TAP_RUN("delay", delays());
	TAP_RUN("all faults at once", everything());
	TAP_RUN("impairments under back-pressure", back_pressure());
	TAP_RUN("stream: frames in, however cut", stream_in());
	TAP_RUN("stream: a slow peer", stream_out());
	TAP_RUN("stream: impossible lengths", stream_errors());
	TAP_RUN("stream: two linked", linked());
	TAP_RUN("stream: sockets that are taken", listeners());
	rmdir(dir);
	return tap_end();
}
