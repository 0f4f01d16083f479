// SPDX-License-Identifier: BSD-2-Clause
//
// tlsnic-sim as a program: its options, its signals, its files, and that it
// sleeps when there is nothing to do.

#include <linux/pci_regs.h>
#include <sys/stat.h>

#include "vfu_client.h"
#include "../../include/uapi/linux/tlsnic.h"

static char dir[32] = "/tmp/tlsnic-prog.XXXXXX";

static const char *file(const char *name)
{
	static char paths[4][96];
	static int n;
	char *p = paths[n++ % 4];

	snprintf(p, sizeof(paths[0]), "%s/%s", dir, name);
	return p;
}

/* Runs the program to its end; returns its exit code, with its stderr in text. */
static int run(char *const args[], char *text, size_t size)
{
	char self[PATH_MAX] = "", sim[PATH_MAX + 32];
	int pipes[2], status;
	size_t got = 0;
	ssize_t n;
	pid_t pid;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 || pipe(pipes))
		exit(1);
	*strrchr(self, '/') = '\0';
	snprintf(sim, sizeof(sim), "%s/../../sim/tlsnic-sim", self);
	pid = fork();
	if (!pid) {
		dup2(pipes[1], 1);
		dup2(pipes[1], 2);
		close(pipes[0]);
		alarm(PATIENCE_MS / 1000);
		execv(getenv("TLSNIC_SIM") ? getenv("TLSNIC_SIM") : sim, args);
		_exit(127);
	}
	close(pipes[1]);
	while (got < size - 1 && (n = read(pipes[0], text + got, size - 1 - got)) > 0)
		got += n;
	text[got] = '\0';
	close(pipes[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void wrong_options(void)
{
	static const struct {
		const char *option, *value, *says;
		int code;
	} cases[] = {
		{ "--help", NULL, "--wire stream:PATH", 0 },
		{ "--nonsense", NULL, "nonsense", 2 },
		{ "--wire", "what", "--wire 'what'", 2 },
		{ "--wire", "stream:", "--wire 'stream:'", 2 },
		{ "--wire", "stream:/nonexistent/x", "/nonexistent/x", 1 },
		{ "--loss", "1.5", "--loss '1.5'", 2 },
		{ "--loss", "-1%", "--loss '-1%'", 2 },
		{ "--loss", "up:1%", "--loss 'up:1%'", 2 },
		{ "--loss", "tx:", "--loss 'tx:'", 2 },
		{ "--dup", "x", "--dup 'x'", 2 },
		{ "--corrupt", "1%%", "--corrupt '1%%'", 2 },
		{ "--reorder", "nan", "--reorder 'nan'", 2 },
		{ "--delay", "5", "--delay '5'", 2 },
		{ "--delay", "rx:5min", "--delay 'rx:5min'", 2 },
		{ "--delay", "1000s", "--delay '1000s'", 2 },
		{ "--latency", "9:3", "--latency '9:3'", 2 },
		{ "--latency", "3:", "--latency '3:'", 2 },
		{ "--seed", "-3", "--seed '-3'", 2 },
		{ "--seed", "", "--seed ''", 2 },
		{ "--trace-from", "x", "--trace-from 'x'", 2 },
		{ "--trace-from", "5", "--trace", 2 },
		{ "--trace", "/nonexistent/x.fst", "/nonexistent/x.fst", 1 },
		{ "--pcap", "/nonexistent/x.pcap", "/nonexistent/x.pcap", 1 },
		{ "--pcie", "/nonexistent/x", "/nonexistent/x", 1 },
		{ "--read-errors", "2", "--read-errors '2'", 2 },
		{ "--faults", "/nonexistent/x", "--faults /nonexistent/x", 1 },
		{ "--socket", "/nonexistent/x", "/nonexistent/x", 1 },
		{ "--socket", "/dev/null", "/dev/null", 1 },
		{ "--socket", NULL, "argument", 2 },
		{ "more", NULL, "'more'", 2 },
	};
	char text[8192];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool own = !strcmp(cases[i].option, "--socket");
		char *args[] = { "tlsnic-sim", (char *)(own ? cases[i].option : "--socket"),
				 (char *)(own ? cases[i].value : file("nic")),
				 own ? NULL : (char *)cases[i].option, (char *)cases[i].value, NULL };
		int code = run(args, text, sizeof(text));

		if (code != cases[i].code || !strstr(text, cases[i].says))
			tap_fail("%s %s: expected code %d and '%s', got code %d and: %s", cases[i].option,
				 cases[i].value ? cases[i].value : "", cases[i].code, cases[i].says, code, text);
	}
	tap_u64("no socket at all", run((char *[]){ "tlsnic-sim", NULL }, text, sizeof(text)), 2);
}

/* A value of the statistics file, or -1. */
static long stat_value(const char *name)
{
	char line[128], key[64];
	long value, found = -1;
	FILE *f = fopen(file("stats"), "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %ld", key, &value) == 2 && !strcmp(key, name))
			found = value;
	if (f)
		fclose(f);
	return found;
}

/* Has the program write its statistics; it does not answer before it has. */
static void ask_stats(struct vfu *v)
{
	unlink(file("stats"));
	kill(v->pid, SIGUSR1);
	for (int i = 0; i < PATIENCE_MS && stat_value("wire_rx_oversize") < 0; i++)
		usleep(1000);
}

static void enable(struct vfu *v)
{
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	vfu_greet(v);
	vfu_write(v, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, &command, 2);
}

/* The clock of an idle card stands still, with a client or without. */
static void idle(void)
{
	char stats[96], wire[96];
	struct vfu v;
	long before, after;

	snprintf(stats, sizeof(stats), "%s", file("stats"));
	snprintf(wire, sizeof(wire), "stream:%s", file("wire"));
	vfu_start(&v, (char *[]){ "--stats", stats, "--wire", wire, NULL });
	for (int client = 0; client < 2; client++) {
		if (client) {
			enable(&v);
			for (int i = 0; i < 100; i++)
				vfu_read32(&v, 0, TLSNIC_REG_ID);
		}
		after = -1;
		do {		/* it may have a few last things to do */
			before = after;
			ask_stats(&v);
			after = stat_value("cycles");
		} while (before < 0 || (after != before && after < 1000000));
		tap_u64("cycles while idle", after, before);
		if (after < 1)
			tap_fail("no cycles at all");
	}
	tap_u64("reads of the BAR", stat_value("bar_reads"), 101);
	tap_u64("exit status", vfu_stop(&v), 0);
	tap_u64("wire's socket is gone", access(file("wire"), F_OK), (uint64_t)-1);
	tap_u64("statistics at the end", stat_value("cycles") >= after, 1);
}

static void msi(void)
{
	struct vfio_irq_info ii = { .argsz = sizeof(ii), .index = VFIO_PCI_MSI_IRQ_INDEX };
	struct vfio_region_info ri = { .argsz = sizeof(ri), .index = 2 };
	static struct vfu_reply r;
	uint8_t space[256];
	unsigned int caps = 0;
	struct vfu v;
	int fd = eventfd(0, EFD_NONBLOCK);
	uint64_t n = 0;

	vfu_start(&v, (char *[]){ "--msi", NULL });
	enable(&v);
	tap_u64("irq info", vfu_call(&v, VFIO_USER_DEVICE_GET_IRQ_INFO, &ii, sizeof(ii), NULL, 0, &r), 0);
	memcpy(&ii, r.data, sizeof(ii));
	tap_u64("MSI vectors", ii.count, 8);
	ii.index = VFIO_PCI_MSIX_IRQ_INDEX;
	tap_u64("irq info", vfu_call(&v, VFIO_USER_DEVICE_GET_IRQ_INFO, &ii, sizeof(ii), NULL, 0, &r), 0);
	memcpy(&ii, r.data, sizeof(ii));
	tap_u64("MSI-X vectors", ii.count, 0);
	tap_u64("region info", vfu_call(&v, VFIO_USER_DEVICE_GET_REGION_INFO, &ri, sizeof(ri), NULL, 0, &r), 0);
	memcpy(&ri, r.data, sizeof(ri));
	tap_u64("no BAR for MSI-X", ri.size, 0);
	vfu_read(&v, VFIO_PCI_CONFIG_REGION_INDEX, 0, space, sizeof(space));
	for (uint8_t at = space[PCI_CAPABILITY_LIST], k = 0; at && k < 48; at = space[at + 1], k++)
		caps |= 1u << (space[at] & 31);
	tap_u64("capabilities PM, MSI, Express", caps,
		1u << PCI_CAP_ID_PM | 1u << PCI_CAP_ID_MSI | 1u << PCI_CAP_ID_EXP);
	tap_u64("eventfd", vfu_set_irqs(&v, VFIO_PCI_MSI_IRQ_INDEX, VFIO_IRQ_SET_DATA_EVENTFD |
					VFIO_IRQ_SET_ACTION_TRIGGER, 2, 1, &fd, 1), 0);
	vfu_write32(&v, 0, TLSNIC_REG_IRQ_TEST, 2);
	for (int i = 0; i < 100 && !n; i++) {
		vfu_read32(&v, 0, TLSNIC_REG_ID);
		if (read(fd, &n, sizeof(n)) < 0)
			n = 0;
	}
	tap_u64("interrupt", n, 1);
	vfu_stop(&v);
	close(fd);
}

static void signals(void)
{
	struct vfu v;
	int status;

	vfu_start(&v, NULL);
	vfu_connect(&v);
	kill(v.pid, SIGINT);
	waitpid(v.pid, &status, 0);
	tap_u64("SIGINT", status, 0);
	tap_u64("socket is gone", access(v.path, F_OK), (uint64_t)-1);
	rmdir(v.dir);
}

/* A waveform of a window, however the window is asked for. */
static void trace(void)
{
	static char *const windows[][8] = {
		{ "--trace-from", "0", "--trace-cycles", "50", NULL },
		{ "--trace-from", "1000000000", "--trace-cycles", "50", NULL },
	};
	char wave[96];
	struct stat st[2];

	snprintf(wave, sizeof(wave), "%s", file("wave.fst"));
	for (int i = 0; i < 2; i++) {
		char *args[10] = { "--trace", wave };
		struct vfu v;

		memcpy(args + 2, windows[i], sizeof(windows[i]));
		vfu_start(&v, args);
		enable(&v);
		for (int k = 0; k < 100; k++)
			vfu_write32(&v, 0, TLSNIC_REG_SCRATCH, k * 0x01010101u);
		tap_u64("exit status", vfu_stop(&v), 0);
		if (stat(wave, &st[i])) {
			tap_fail("no waveform was written");
			return;
		}
		unlink(wave);
	}
	if (st[0].st_size <= st[1].st_size)
		tap_fail("the window at the start holds %ld bytes, the one that never comes %ld",
			 (long)st[0].st_size, (long)st[1].st_size);
}

/* A card that is stopped answers nothing until the function is reset. */
static void stop(void)
{
	static struct vfu_reply r;
	char faults[96];
	struct vfu v;
	FILE *out;

	snprintf(faults, sizeof(faults), "%s", file("faults"));
	vfu_start(&v, (char *[]){ "--faults", faults, NULL });
	enable(&v);
	tap_u64("ID", vfu_read32(&v, 0, TLSNIC_REG_ID), TLSNIC_ID);
	vfu_write32(&v, 0, TLSNIC_REG_SCRATCH, 0x12345678);
	out = fopen(faults, "w");
	fputs("stop\n", out);
	fclose(out);
	for (int i = 0; i < PATIENCE_MS && !access(faults, F_OK); i++)
		usleep(1000);
	tap_u64("the file is gone", access(faults, F_OK), (uint64_t)-1);
	tap_u64("ID of a dead card", vfu_read32(&v, 0, TLSNIC_REG_ID), 0xffffffff);
	vfu_write32(&v, 0, TLSNIC_REG_SCRATCH, 1);
	tap_u64("reset", vfu_call(&v, VFIO_USER_DEVICE_RESET, NULL, 0, NULL, 0, &r), 0);
	enable(&v);
	tap_u64("ID after a reset", vfu_read32(&v, 0, TLSNIC_REG_ID), TLSNIC_ID);
	tap_u64("exit status", vfu_stop(&v), 0);
}

int main(int argc, char **argv)
{
	tap_begin(argc, argv);
	if (!mkdtemp(dir))
		return 1;
	TAP_RUN("options", wrong_options());
	TAP_RUN("idle", idle());
	TAP_RUN("MSI", msi());
	TAP_RUN("signals", signals());
	TAP_RUN("waveform", trace());
	TAP_RUN("a dead card", stop());
	unlink(file("stats"));
	rmdir(dir);
	return tap_end();
}
