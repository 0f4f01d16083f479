/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A short TLS stream, byte by byte, for tests of tlsnic_tls_decide(). Positions count from
 * where the offload began; those before it are negative.
 */
#ifndef TLSNIC_TEST_STREAM_H
#define TLSNIC_TEST_STREAM_H

#include "tlsnic_tls_decide.h"

#define STREAM_RECORDS	48

struct stream {
	u32 base;		/* TCP sequence number of position 0 */
	u64 first_sn;		/* record that starts there */
	int before;		/* bytes before it that may be sent again */
	int header;		/* of each record */
	int records;
	int len[STREAM_RECORDS];
};

/* Record that holds a position; -1: before the offload began. */
static inline int stream_owner(const struct stream *s, int pos)
{
	int i;

	if (pos < 0)
		return -1;
	for (i = 0; i < s->records; i++) {
		pos -= s->len[i];
		if (pos < 0)
			return i;
	}
	return s->records;
}

static inline int stream_start(const struct stream *s, int record)
{
	int pos = 0, i;

	for (i = 0; i < record; i++)
		pos += s->len[i];
	return pos;
}

static inline int stream_end(const struct stream *s)
{
	return stream_start(s, s->records);
}

/* Is the byte at a position one of its record's tag? */
static inline bool stream_in_tag(const struct stream *s, int pos)
{
	return stream_owner(s, pos + TLSNIC_TLS_TAG_LEN) != stream_owner(s, pos);
}

static inline struct tlsnic_tls_record stream_record(const struct stream *s,
						      int record)
{
	return (struct tlsnic_tls_record) {
		.sn = s->first_sn + record,
		.start = s->base + stream_start(s, record),
		.len = s->len[record],
	};
}

/*
 * What the stack would say of a packet of positions pos to end - 1, when it has let go of
 * all records before position acked, and, if that is not negative, of its marker.
 */
static inline void stream_look(const struct stream *s, int pos, int end,
			       int acked, struct tlsnic_tls_facts *f)
{
	int owner = stream_owner(s, pos);

	f->seq = s->base + pos;
	f->len = end - pos;
	f->header = s->header;
	if (owner < 0 && acked < 0) {
		f->where = end <= 0 ? TLSNIC_TLS_BEFORE : TLSNIC_TLS_MIXED;
		f->rec = stream_record(s, 0);
	} else if (owner < 0 || stream_start(s, owner + 1) <= acked) {
		f->where = TLSNIC_TLS_GONE;
	} else {
		f->where = TLSNIC_TLS_INSIDE;
		f->rec = stream_record(s, owner);
		if (owner + 1 < s->records)
			f->next = stream_record(s, owner + 1);
	}
}

#endif
