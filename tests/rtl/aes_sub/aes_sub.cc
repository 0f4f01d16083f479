/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table as synthesis sees it, each entry in each byte, against the S-box
 * computed from its definition (FIPS 197, 5.1.1). The engine's tests run on
 * the table of a simulation, which is made of the same constant.
 */
#include "Vaes_sub.h"
#include "tb.h"

static uint8_t times(uint8_t a, uint8_t b)
{
	uint8_t p = 0;

	for (; b; b >>= 1) {
		if (b & 1)
			p ^= a;
		a = (uint8_t)(a << 1 ^ (a & 0x80 ? 0x1b : 0));
	}
	return p;
}

static uint8_t sbox(uint8_t x)
{
	uint8_t inverse = 1, out = 0x63;

	for (int i = 0; i < 254; i++)
		inverse = times(inverse, x);
	for (int i = 0; i < 5; i++)
		out ^= (uint8_t)(inverse << i | inverse >> (8 - i));
	return out;
}

static void test_entries()
{
	Testbench<Vaes_sub> tb;

	tb.top->s_valid = 0;
	tb.reset();
	for (unsigned x = 0; x < 256 && tap.failures < 8; x++) {
		uint8_t in[4] = { (uint8_t)x, (uint8_t)(x + 1), (uint8_t)(x ^ 0x55), (uint8_t)~x };

		memcpy(port_bytes(tb.top->s_word), in, 4);
		tb.top->s_valid = 1;
		tb.clock();
		for (int i = 0; i < 4; i++)
			tap_u64("entry", port_bytes(tb.top->m_word)[i], sbox(in[i]));
	}
}

static void test_zero()
{
	Testbench<Vaes_sub> tb;

	tb.top->s_word = 0x01020304;
	for (int reset = 0; reset < 2; reset++) {
		tb.top->rst = 0;
		tb.top->s_valid = 1;
		tb.clock();
		if (!tb.top->m_word)
			tap_fail("a valid word gave zero");
		tb.top->rst = reset;
		tb.top->s_valid = reset;
		tb.clock();
		tap_u64(reset ? "word after reset" : "word that was not valid", tb.top->m_word, 0);
	}
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	TAP_RUN("each entry in each byte", test_entries());
	TAP_RUN("zero when not valid and in reset", test_zero());
	return tap_end();
}
