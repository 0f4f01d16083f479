// SPDX-License-Identifier: BSD-2-Clause
//
// No part of a key is left in tls_tx when its context is gone.

#include "secrets.h"

/* A key's life: written, used, its stream cut in the middle of a record, parts of it
 * sent again. */
static void use_key(Bench &b, Conn &c)
{
	c.add_record(b.r, 500);
	c.add_record(b.r, 1500);
	b.write(c);
	b.send(c, 300);
	b.send(c, 900);
	b.seek(c, 20, 700, 66, true);
	b.seek(c, 520, 300, 66);
	b.drain();
}

/* At rest a key stands in the context memory, and nowhere else. */
static void test_live()
{
	Bench b(tap.seed);

	for (int kind = 0; kind < 4; kind++) {
		Conn c;
		Secrets key;
		std::string where;

		c.init(b.r, 5, kind & 1 ? TLS13 : TLS12, kind & 2);
		use_key(b, c);
		key.add("key", c.key, 8);
		unsigned found = key.find(Dump(b), where);
		if (found != 1 || where.find("u_secret.memory") == std::string::npos)
			tap_fail("expected the key once, in the memory u_secret; found it %u times, last as %s", found,
				 where.c_str());
	}
	b.finish();
}

enum end { DELETE, OVERWRITE, RESET };

/* Although nothing has come after it. */
static void test_left_over(end how, const char *name)
{
	for (int kind = 0; kind < 4; kind++) {
		Bench b(tap.seed + (uint64_t)kind);
		Conn c, next;
		std::string where;

		c.init(b.r, 5, kind & 1 ? TLS13 : TLS12, kind & 2);
		use_key(b, c);
		Secrets secrets(c);
		if (!secrets.find(Dump(b), where))
			tap_fail("live key: expected to find it, did not");
		if (how == DELETE) {
			b.remove(c.ctx);
		} else if (how == OVERWRITE) {
			next.init(b.r, 5, TLS12, kind & 1);
			next.add_record(b.r, 20);
			b.write(next);
			b.send(next, 10);
		} else {
			b.tb.reset();
			while (b.top->wipe_busy)
				b.clock();
		}
		b.drain();
		unsigned found = secrets.find(Dump(b), where);
		if (found)
			tap_fail("after %s (TLS 1.%d, AES-%d): expected no part of the key, found %u, as %s", name,
				 c.version - 10, c.key256 ? 256 : 128, found, where.c_str());
	}
}

/* A reset while the key is at work. */
static void test_reset_at_work()
{
	for (unsigned wait = 0; wait < 60; wait++) {
		Bench b(tap.seed + wait);
		Conn c;
		std::string where;

		c.init(b.r, b.r.below(CONTEXTS), TLS12, true);
		c.add_record(b.r, 4000);
		b.write(c);
		b.send(c, c.left());
		for (unsigned i = 0; i < wait; i++)
			b.clock();
		b.top->s_pkt_valid = b.top->s_ctx_valid = 0;
		memset(port_bytes(b.top->s_ctx), 0, sizeof(b.top->s_ctx));
		b.tb.reset();
		while (b.top->busy)
			b.tb.clock();
		unsigned found = Secrets(c).find(Dump(b), where);
		if (found)
			tap_fail("after %u cycles: expected no part of the key, found %u, as %s", wait, found, where.c_str());
	}
}

/* Two runs that differ in a deleted key end in the same state once other
 * packets have gone through: nothing else that was made of the key is left. */
static void test_forgotten()
{
	std::unique_ptr<Dump> dump[2];

	for (int run = 0; run < 2; run++) {
		Bench b(tap.seed);
		Conn c, other;

		c.init(b.r, 5, TLS12, true);
		other.init(b.r, 2, TLS13, true);
		c.key[7] ^= (uint8_t)run;
		c.restart();
		use_key(b, c);
		b.remove(c.ctx);
		other.add_record(b.r, 9000);
		for (int i = 0; i < 70; i++)	/* as many tags as wait to be returned */
			other.add_record(b.r, 20);
		b.write(other);
		while (other.left())
			b.send(other, std::min<size_t>(other.left(), 9000));
		b.remove(other.ctx);
		b.plain(9216);
		b.drain();
		dump[run].reset(new Dump(b));
	}
	for (const auto &var : dump[0]->state) {
		const Bytes &other = dump[1]->state[var.first];

		if (other != var.second)
			tap_bytes(var.first.c_str(), other.data(), var.second.data(), other.size());
	}
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("a live key stands in one place", test_live());
	TAP_RUN("delete leaves nothing", test_left_over(DELETE, "delete"));
	TAP_RUN("another key written over it leaves nothing", test_left_over(OVERWRITE, "another key was written"));
	TAP_RUN("reset leaves nothing", test_left_over(RESET, "reset"));
	TAP_RUN("reset at work leaves nothing", test_reset_at_work());
	TAP_RUN("a deleted key is forgotten", test_forgotten());
	return tap_end();
}
