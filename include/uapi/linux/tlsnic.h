/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * The contract between the tlsnic card and whoever drives it: registers,
 * rings, descriptors, completions and contexts. The constants of the RTL are
 * generated from this file (rtl/tlsnic_abi_pkg.sv), so keep to its forms: one
 * #define a line with a literal value, structs of fixed-width fields without
 * padding.
 *
 * Registers are 32 bits wide and little-endian; other access widths are
 * refused (reads give all ones). Everything in host memory is little-endian
 * but for keys, salts, IVs, record numbers and tags, which are byte strings
 * in the order in which they stand in RFC 5288 and RFC 8446.
 */
#ifndef _UAPI_LINUX_TLSNIC_H
#define _UAPI_LINUX_TLSNIC_H

#include <linux/types.h>

#define TLSNIC_PCI_VENDOR_ID		0x1de5	/* not assigned by the PCI-SIG */
#define TLSNIC_PCI_DEVICE_ID		0x7154

#define TLSNIC_BAR0_SIZE		0x10000

/* ---- Card registers ---------------------------------------------------- */

#define TLSNIC_REG_ID			0x0000	/* RO: TLSNIC_ID */
#define TLSNIC_REG_VERSION		0x0004	/* RO: major << 16 | minor */
#define TLSNIC_REG_QUEUES		0x0008	/* RO: number of queue pairs */
#define TLSNIC_REG_CONTEXTS		0x000c	/* RO: number of contexts */
#define TLSNIC_REG_DATA_WIDTH		0x0010	/* RO: datapath width, bits */
#define TLSNIC_REG_CLK_KHZ		0x0014	/* RO: clock that the timers count */
#define TLSNIC_REG_FEATURES		0x0018	/* RO: TLSNIC_FEAT_* */
#define TLSNIC_REG_CTRL			0x001c	/* RW: TLSNIC_CTRL_* */
#define TLSNIC_REG_STATUS		0x0020	/* RO: TLSNIC_STATUS_* */
#define TLSNIC_REG_ERROR		0x0024	/* RW1C: TLSNIC_ERR_*, raises vector 0 */
#define TLSNIC_REG_SCRATCH		0x0028	/* RW: no effect, for register tests */
#define TLSNIC_REG_MAC_LO		0x002c	/* RW: station address bytes 0-3 */
#define TLSNIC_REG_MAC_HI		0x0030	/* RW: station address bytes 4-5 */
#define TLSNIC_REG_MCAST_LO		0x0034	/* RW: multicast hash filter 31:0 */
#define TLSNIC_REG_MCAST_HI		0x0038	/* RW: multicast hash filter 63:32 */
#define TLSNIC_REG_MAX_FRAME		0x003c	/* RW: longest RX frame, without FCS */
#define TLSNIC_REG_IRQ_TEST		0x0040	/* WO: raise the vector of this number */
#define TLSNIC_REG_RSS_CTRL		0x0044	/* RW: TLSNIC_RSS_* hash types */
#define TLSNIC_REG_TLS_TAG_MIN		0x0048	/* RW: least length field of an uncut record
						 * whose tag is returned, 16 bits;
						 * 0 after a reset
						 */

#define TLSNIC_REG_RSS_KEY		0x0080	/* RW: 10 words, key byte 0 in 7:0 */
#define TLSNIC_RSS_KEY_LEN		40
#define TLSNIC_REG_RSS_TABLE		0x0100	/* RW: 32 words of 4 entries, low first */
#define TLSNIC_RSS_TABLE_LEN		128

/* Statistics: 64 bits each, RO. Reading the low word holds the high word. */
#define TLSNIC_REG_STATS		0x0400	/* + 8 * TLSNIC_STAT_* */

#define TLSNIC_ID			0x434e5354	/* "TSNC" */
#define TLSNIC_VERSION			0x00010001

#define TLSNIC_FEAT_TLS_TX		0x00000001
#define TLSNIC_FEAT_TLS13		0x00000002	/* TX contexts may be TLS 1.3 */
#define TLSNIC_FEAT_TSO			0x00000004
#define TLSNIC_FEAT_TLS_SEEK		0x00000008	/* seeks, and tags in completions */

#define TLSNIC_CTRL_RESET		0x00000001	/* clears itself when taken up */
#define TLSNIC_CTRL_TX_ENABLE		0x00000002
#define TLSNIC_CTRL_RX_ENABLE		0x00000004
#define TLSNIC_CTRL_LOOPBACK		0x00000008	/* wire TX to wire RX inside the card */
#define TLSNIC_CTRL_PROMISC		0x00000010
#define TLSNIC_CTRL_ALLMULTI		0x00000020
#define TLSNIC_CTRL_VLAN_STRIP		0x00000040	/* take 802.1Q tags out of RX frames */
#define TLSNIC_CTRL_TLS_TAGS		0x00000080	/* return tags, see TLSNIC_CPL_TAG */

#define TLSNIC_STATUS_LINK		0x00000001
#define TLSNIC_STATUS_READY		0x00000002	/* 0 while a reset wipes the contexts */

/* Causes in TLSNIC_REG_ERROR; sticky until written with 1. */
#define TLSNIC_ERR_READ			0x00000001	/* descriptor read failed: queue halted */
#define TLSNIC_ERR_WRITE		0x00000002	/* write failed: frame or completion lost */
#define TLSNIC_ERR_DOORBELL		0x00000004	/* doorbell beyond the ring: ignored */
#define TLSNIC_ERR_DESC			0x00000008	/* TX slot out of place: queue halted */
#define TLSNIC_ERR_LINK			0x00000010	/* link changed: news, not an error */

#define TLSNIC_RSS_IPV4			0x00000001
#define TLSNIC_RSS_TCP_IPV4		0x00000002
#define TLSNIC_RSS_UDP_IPV4		0x00000004
#define TLSNIC_RSS_IPV6			0x00000008
#define TLSNIC_RSS_TCP_IPV6		0x00000010
#define TLSNIC_RSS_UDP_IPV6		0x00000020

/* ---- Statistics -------------------------------------------------------- */
/* Frame lengths are on the wire without the 4-byte FCS. */

#define TLSNIC_STAT_TX_FRAMES		0
#define TLSNIC_STAT_TX_BYTES		1
#define TLSNIC_STAT_TX_MCAST		2
#define TLSNIC_STAT_TX_BCAST		3
#define TLSNIC_STAT_TX_LE_64		4	/* up to 60 bytes, 64 with FCS */
#define TLSNIC_STAT_TX_65_127		5	/* ranges count the FCS, as RFC 2819 does */
#define TLSNIC_STAT_TX_128_255		6
#define TLSNIC_STAT_TX_256_511		7
#define TLSNIC_STAT_TX_512_1023		8
#define TLSNIC_STAT_TX_1024_1518	9
#define TLSNIC_STAT_TX_GE_1519		10
#define TLSNIC_STAT_TX_DROP_DMA		11	/* packet lost to a failed host read */
#define TLSNIC_STAT_TX_DROP_DESC	12	/* packet refused: its descriptors are wrong */
#define TLSNIC_STAT_TX_TSO_PACKETS	13	/* packets cut into frames */
#define TLSNIC_STAT_TX_TSO_FRAMES	14	/* frames that they became */
#define TLSNIC_STAT_RX_FRAMES		16
#define TLSNIC_STAT_RX_BYTES		17
#define TLSNIC_STAT_RX_MCAST		18
#define TLSNIC_STAT_RX_BCAST		19
#define TLSNIC_STAT_RX_LE_64		20
#define TLSNIC_STAT_RX_65_127		21
#define TLSNIC_STAT_RX_128_255		22
#define TLSNIC_STAT_RX_256_511		23
#define TLSNIC_STAT_RX_512_1023		24
#define TLSNIC_STAT_RX_1024_1518	25
#define TLSNIC_STAT_RX_GE_1519		26
#define TLSNIC_STAT_RX_BAD		27	/* MAC reported a bad frame */
#define TLSNIC_STAT_RX_TOO_LONG		28	/* longer than TLSNIC_REG_MAX_FRAME */
#define TLSNIC_STAT_RX_FILTERED		29	/* not for this station */
#define TLSNIC_STAT_RX_NO_BUFFER	30	/* dropped: queue off or its ring empty */
#define TLSNIC_STAT_RX_CSUM_BAD		31	/* delivered, L3 or L4 checksum wrong */
#define TLSNIC_STAT_TLS_PACKETS		32	/* packets encrypted and sent */
#define TLSNIC_STAT_TLS_BYTES		33	/* TLS stream bytes in those packets */
#define TLSNIC_STAT_TLS_RECORDS		34	/* records completed */
#define TLSNIC_STAT_TLS_CTX_WRITES	35
#define TLSNIC_STAT_TLS_CTX_DELETES	36
#define TLSNIC_STAT_TLS_DROP_CTX	37	/* context not valid */
#define TLSNIC_STAT_TLS_DROP_SEQ	38	/* sequence number is not the context's */
#define TLSNIC_STAT_TLS_DROP_RECORD	39	/* malformed record header */
#define TLSNIC_STAT_TLS_DROP_BROKEN	40	/* context broken by an earlier drop */
#define TLSNIC_STAT_TLS_SEEKS		41	/* of TLS_PACKETS, those with a seek */
#define TLSNIC_STAT_TLS_SEEK_BYTES	42	/* of TLS_BYTES, those of such packets */
#define TLSNIC_STAT_TLS_TAGS		43	/* tags returned */
#define TLSNIC_STAT_TLS_DROP_SEEK	44	/* seek that leads nowhere */
#define TLSNIC_STAT_COUNT		48

/* ---- Queue pair registers ---------------------------------------------- */
/*
 * Queue pair q: TLSNIC_REG_QUEUE + q * TLSNIC_QUEUE_STRIDE + TLSNIC_Q_*.
 * Base addresses are 64-byte aligned. Sizes are in entries, as a power of two.
 * Indices are free-running modulo 2^16; an index & (size - 1) is the entry.
 * Base, size and buffer length are written while the ring is off. Turning a ring
 * off takes effect between two packets: poll TLSNIC_Q_*_CTRL until
 * TLSNIC_Q_ACTIVE reads 0, after which the card does not touch the ring.
 * Turning a ring on starts all of its indices from 0.
 *
 * TLSNIC_Q_IRQ_* are written at any time. A new IRQ_COUNT holds at once, for completions
 * that wait already too. A new IRQ_CYCLES is the wait after the next interrupt that
 * is raised; the wait after the last one goes on as it began, or ends when the completion
 * ring is turned off.
 */
#define TLSNIC_REG_QUEUE		0x1000
#define TLSNIC_QUEUE_STRIDE		0x0100
#define TLSNIC_MAX_QUEUES		32

#define TLSNIC_Q_TX_BASE_LO		0x00
#define TLSNIC_Q_TX_BASE_HI		0x04
#define TLSNIC_Q_TX_SIZE		0x08	/* log2, 6 to 12 */
#define TLSNIC_Q_TX_CTRL		0x0c	/* RW: TLSNIC_Q_ENABLE; RO: ACTIVE, HALTED */
#define TLSNIC_Q_TX_TAIL		0x10	/* RW doorbell: index after the last posted slot */
#define TLSNIC_Q_TX_HEAD		0x14	/* RO: index of the next slot to be fetched */

#define TLSNIC_Q_RX_BASE_LO		0x20
#define TLSNIC_Q_RX_BASE_HI		0x24
#define TLSNIC_Q_RX_SIZE		0x28	/* log2, 6 to 12 */
#define TLSNIC_Q_RX_CTRL		0x2c
#define TLSNIC_Q_RX_TAIL		0x30	/* RW doorbell */
#define TLSNIC_Q_RX_HEAD		0x34	/* RO */
#define TLSNIC_Q_RX_BUF_LEN		0x38	/* RW: bytes, a multiple of 64 up to 16384 */

#define TLSNIC_Q_CQ_BASE_LO		0x40
#define TLSNIC_Q_CQ_BASE_HI		0x44
#define TLSNIC_Q_CQ_SIZE		0x48	/* log2, 6 to 15 */
#define TLSNIC_Q_CQ_CTRL		0x4c
#define TLSNIC_Q_CQ_CONS		0x50	/* RW doorbell: consumer index, CQ_ARM */
#define TLSNIC_Q_CQ_PROD		0x54	/* RO: producer index */
#define TLSNIC_Q_IRQ_CYCLES		0x58	/* RW: least cycles between interrupts, 24 bits */
#define TLSNIC_Q_IRQ_COUNT		0x5c	/* RW: completions that end the wait
						 * early, 16 bits; 0: never
						 */

#define TLSNIC_Q_ENABLE			0x00000001	/* RW */
#define TLSNIC_Q_ACTIVE			0x00000002	/* RO: the card may still use the ring */
#define TLSNIC_Q_HALTED			0x00000004	/* RO: stopped by an error */
#define TLSNIC_CQ_ARM			0x80000000	/* interrupt once PROD is not CONS */

/* MSI-X vectors: 0 for TLSNIC_REG_ERROR, 1 + q for queue pair q. */
#define TLSNIC_VECTOR_MISC		0
#define TLSNIC_VECTOR_QUEUE		1

/* ---- TX ring ----------------------------------------------------------- */
/*
 * The ring holds 32-byte slots. A packet is one TLSNIC_TXD_PACKET slot, which
 * also holds its first segment, and a TLSNIC_TXD_SEGMENT slot for each further
 * one; the last of them has TLSNIC_TXF_END. A context is written by two slots
 * in a row, TLSNIC_TXD_CTX_WRITE and the key, and deleted by one. A
 * TLSNIC_TXD_SEEK slot goes right ahead of the packet that it is for, and is part
 * of that item. Effects come in ring order. The owner of the ring wipes key slots once a completion
 * shows them consumed. A doorbell posts whole packets and whole context items:
 * one that TLSNIC_Q_TX_TAIL cuts short halts the queue with TLSNIC_ERR_DESC.
 */
#define TLSNIC_TXD_SIZE			32

#define TLSNIC_TXD_PACKET		1
#define TLSNIC_TXD_SEGMENT		2
#define TLSNIC_TXD_CTX_WRITE		3
#define TLSNIC_TXD_CTX_DELETE		4
#define TLSNIC_TXD_SEEK			5

#define TLSNIC_TXF_END			0x01	/* last slot of a packet */
#define TLSNIC_TXF_COMPLETE		0x02	/* PACKET, CTX_*: write a completion */
#define TLSNIC_TXF_CSUM			0x04	/* PACKET: insert the L4 checksum */
#define TLSNIC_TXF_VLAN			0x08	/* PACKET: insert an 802.1Q tag */
#define TLSNIC_TXF_TLS			0x10	/* PACKET: encrypt from stream_offset on */

/* Shortest and longest packet, bytes, before a VLAN tag is inserted. */
#define TLSNIC_TX_MIN_LEN		14
#define TLSNIC_TX_MAX_LEN		9216
/* Most segments of a packet. */
#define TLSNIC_TX_MAX_SEGMENTS		32

/*
 * Segmentation: a packet with mss not 0 has an IPv4 or IPv6 header at l3_start
 * and a TCP header at csum_start; its headers end where the TCP header's data
 * offset says. What follows is encrypted first if the packet is so marked, and then
 * cut into frames of mss bytes and a last one of what remains. Each frame has the
 * packet's headers, but for
 *   IPv4    total length, header checksum; identification plus the frame's number
 *   IPv6    payload length
 *   TCP     sequence number; FIN and PSH in the last frame only, CWR in the first
 *           only; checksum
 * TLSNIC_TXF_CSUM is set, csum_offset is 16, and the TCP checksum field holds the
 * sum of the pseudo header with a length of 0. Lengths and the header checksum in
 * the IP header do not count. A packet with another l3 or l4 protocol, headers
 * longer than TLSNIC_TSO_MAX_HEADERS, an mss below TLSNIC_TSO_MIN_MSS or a
 * frame above TLSNIC_TX_MAX_LEN gets TLSNIC_STATUS_DESC. A packet that fails
 * later (host read, TLS) is dropped from the frame on in which it failed.
 */
#define TLSNIC_TSO_MAX_LEN		65535	/* of such a packet, bytes */
#define TLSNIC_TSO_MAX_HEADERS		256
#define TLSNIC_TSO_MIN_MSS		64

struct tlsnic_txd_packet {
	__u8	op;		/* TLSNIC_TXD_PACKET */
	__u8	flags;		/* TLSNIC_TXF_* */
	__le16	len;		/* of the first segment, bytes, not 0 */
	__le32	ctx;		/* TLS: context number */
	__le64	addr;		/* of the first segment */
	__le32	seq;		/* TLS: TCP sequence number of the byte at stream_offset */
	__le16	stream_offset;	/* TLS: where in the packet the TLS stream begins */
	__le16	csum_start;	/* CSUM: first byte summed, counted from the packet's start */
	__le16	csum_offset;	/* CSUM: where the sum goes, counted from csum_start */
	__le16	mss;		/* TCP payload bytes of a frame; 0: no segmentation */
	__le16	vlan_tci;	/* VLAN: tag control information, host order */
	__le16	l3_start;	/* mss not 0: where the IP header begins; else 0 */
};

struct tlsnic_txd_segment {
	__u8	op;		/* TLSNIC_TXD_SEGMENT */
	__u8	flags;		/* TLSNIC_TXF_END or 0 */
	__le16	len;		/* bytes, not 0 */
	__le32	reserved;	/* 0 */
	__le64	addr;
	__le64	reserved2;	/* 0 */
	__le64	reserved3;	/* 0 */
};

#define TLSNIC_CIPHER_AES_GCM_128	1
#define TLSNIC_CIPHER_AES_GCM_256	2

#define TLSNIC_TLS_1_2			12
#define TLSNIC_TLS_1_3			13

/*
 * Nonce of record n (RFC 5288 section 3, RFC 8446 section 5.3):
 *   TLS 1.2: salt, then iv + (n - rec_sn) as a 64-bit big-endian number, which
 *            is also the explicit nonce in the record
 *   TLS 1.3: (salt, iv) xor n
 */
struct tlsnic_txd_ctx {
	__u8	op;		/* TLSNIC_TXD_CTX_WRITE or TLSNIC_TXD_CTX_DELETE */
	__u8	flags;		/* TLSNIC_TXF_COMPLETE or 0 */
	__u8	cipher;		/* WRITE: TLSNIC_CIPHER_* */
	__u8	version;	/* WRITE: TLSNIC_TLS_* */
	__le32	ctx;		/* context number */
	__le32	seq;		/* WRITE: TCP sequence number at which record rec_sn starts */
	__u8	salt[4];
	__u8	iv[8];
	__u8	rec_sn[8];	/* big-endian */
};

struct tlsnic_txd_key {
	__u8	key[32];	/* AES-128: the first 16, the rest 0 */
};

/*
 * A seek: encrypt the packet that follows (TLSNIC_TXF_TLS set) from another place
 * of the stream than the one that the context stands at, with the context's key
 * and IV. seq of the packet is not compared with the context's. The context stays
 * as it is, unless TLSNIC_SEEK_CONTINUE brings it to the byte after the packet, broken
 * or not: allowed when a record starts in the packet or right behind it, or the
 * seek is to a place in a header, so that the record at the packet's end is known
 * from its first byte of payload on. A packet with a seek that fails (host read, TLS) leaves
 * the context as it is.
 *
 * The tag of a record whose payload began before the packet comes from this slot. Without
 * TLSNIC_SEEK_TAG the packet must end before that tag. A seek that breaks one of
 * these rules, or is to a place behind its record's end, gets
 * TLSNIC_STATUS_TLS_SEEK.
 */
#define TLSNIC_SEEK_TAG			0x01
#define TLSNIC_SEEK_CONTINUE		0x02

struct tlsnic_txd_seek {
	__u8	op;		/* TLSNIC_TXD_SEEK */
	__u8	flags;		/* TLSNIC_SEEK_* */
	__le16	rec_len;	/* length field of the record's header */
	__le16	offset;		/* in the record, its header included, of the first byte */
	__u8	rec_type;	/* first byte of the record; counts inside the header */
	__u8	reserved;	/* 0 */
	__u8	rec_sn[8];	/* big-endian */
	__u8	tag[16];	/* TAG: of that record; else 0 */
};

/* ---- RX ring ----------------------------------------------------------- */
/*
 * 16-byte entries, one buffer each, of TLSNIC_Q_RX_BUF_LEN bytes. A frame fills
 * as many buffers as it needs; each buffer has one completion, in ring order.
 */
#define TLSNIC_RXD_SIZE			16

struct tlsnic_rxd {
	__le64	addr;		/* 64-byte aligned */
	__le64	reserved;	/* 0 */
};

/* ---- Completion ring --------------------------------------------------- */
/*
 * 32-byte entries. An entry is new when TLSNIC_CPL_PHASE of its last word
 * differs from the lap before: 1 in the first lap after the ring is turned on,
 * 0 in the second, and so on (clear the ring first). The card never overruns
 * TLSNIC_Q_CQ_CONS: it stops until there is room.
 */
#define TLSNIC_CPL_SIZE			32
#define TLSNIC_CPL_PHASE		0x80000000

#define TLSNIC_CPL_TX			1
#define TLSNIC_CPL_RX			2
#define TLSNIC_CPL_TAG			3

#define TLSNIC_STATUS_OK		0
#define TLSNIC_STATUS_DMA		1	/* a host read failed */
#define TLSNIC_STATUS_DESC		2	/* descriptors are wrong (length, offset) */
#define TLSNIC_STATUS_TLS_CTX		3	/* context not valid, or out of range */
#define TLSNIC_STATUS_TLS_SEQ		4	/* sequence number is not the context's */
#define TLSNIC_STATUS_TLS_RECORD	5	/* malformed record header */
#define TLSNIC_STATUS_TLS_BROKEN	6	/* context broken by an earlier drop */
#define TLSNIC_STATUS_TLS_SEEK		7	/* seek that leads nowhere */

/* Whatever the status, the packet's memory is free; if not OK it was dropped. */
struct tlsnic_cpl_tx {
	__u8	type;		/* TLSNIC_CPL_TX */
	__u8	status;		/* TLSNIC_STATUS_* */
	__le16	index;		/* TX ring index after the packet's last slot */
	__le32	ctx;		/* TLS: context number */
	__le64	reserved;
	__le64	reserved2;
	__le32	reserved3;
	__le32	phase;		/* TLSNIC_CPL_PHASE */
};

/*
 * The tag of a record, for seeks into it. With TLSNIC_CTRL_TLS_TAGS it comes once for each
 * record that the context completes and that is cut (its bytes are in more
 * than one frame, or may be) or whose length field is at least
 * TLSNIC_REG_TLS_TAG_MIN. On the completion ring of the packet's queue, before any
 * completion that shows the packet with the record's end consumed.
 */
struct tlsnic_cpl_tag {
	__u8	type;		/* TLSNIC_CPL_TAG */
	__u8	reserved;
	__le16	reserved2;
	__le32	ctx;		/* context number */
	__u8	tag[16];
	__le32	rec_sn;		/* low half of the record number, host order */
	__le32	phase;		/* TLSNIC_CPL_PHASE */
};

#define TLSNIC_RXF_START		0x0001	/* first buffer of a frame */
#define TLSNIC_RXF_END			0x0002	/* last buffer; the fields below hold */
#define TLSNIC_RXF_L3_OK		0x0004	/* IPv4 header checksum right (IPv6: set) */
#define TLSNIC_RXF_L4_OK		0x0008	/* TCP or UDP checksum present and right */
#define TLSNIC_RXF_VLAN			0x0010	/* tag stripped, in vlan_tci */
#define TLSNIC_RXF_HASH_L3		0x0020	/* hash over addresses */
#define TLSNIC_RXF_HASH_L4		0x0040	/* hash over addresses and ports */
#define TLSNIC_RXF_ERROR		0x0080	/* frame damaged on its way to memory: discard */

struct tlsnic_cpl_rx {
	__u8	type;		/* TLSNIC_CPL_RX */
	__u8	reserved;
	__le16	index;		/* RX ring index of the buffer */
	__le16	flags;		/* TLSNIC_RXF_* */
	__le16	len;		/* bytes in this buffer */
	__le32	hash;		/* Toeplitz hash, 0 when no type fits */
	__le16	frame_len;	/* bytes of the whole frame as delivered */
	__le16	vlan_tci;
	__le64	reserved2;
	__le32	reserved3;
	__le32	phase;
};

#endif /* _UAPI_LINUX_TLSNIC_H */
