// SPDX-License-Identifier: BSD-2-Clause
//
// Types that pass between the blocks of the card. Constants of the contract
// are in tlsnic_abi_pkg, which is generated.

/* verilator lint_off SYMRSVDWORD */ // "queue" is a field here, nothing in C++
package tlsnic_pkg;

  // What a packet of the TX stream is. A CTX_* item has one dummy beat; its
  // content waits at the context command port, in the same order.
  typedef enum logic [1:0] {
    TX_PACKET     = 2'd0,
    TX_CTX_WRITE  = 2'd1,
    TX_CTX_DELETE = 2'd2
  } tx_kind_t;

  // Goes with every beat of a TX packet, constant from its first to its last.
  typedef struct packed {
    logic [15:0] len;            // of a packet, bytes
    tx_kind_t    kind;
    logic [4:0]  queue;
    logic [15:0] index;          // TX ring index after the packet's last slot
    logic        complete;       // write a completion
    logic        csum;
    logic [15:0] csum_start;
    logic [15:0] csum_offset;
    logic        vlan;
    logic [15:0] vlan_tci;
    logic        tls;
    logic [31:0] ctx;
    logic [31:0] seq;
    logic [15:0] stream_offset;
    logic        seek;           // TLS: a seek waits at the context command port
    logic [15:0] mss;            // not 0: to be cut into frames
    logic [7:0]  l3_start;
  } tx_meta_t;

  // Content of a context descriptor, or a seek (seek_t). Byte strings
  // have byte 0 in bits 7:0.
  typedef struct packed {
    logic         is_delete;
    logic         is_seek;
    logic [31:0]  ctx;
    logic [7:0]   cipher;
    logic [7:0]   version;
    logic [31:0]  seq;
    logic [31:0]  salt;
    logic [63:0]  iv;
    logic [63:0]  rec_sn;
    logic [255:0] key;
  } ctx_cmd_t;

  // Where a packet with meta.seek stands in the TLS stream. On the context command
  // port it is in the low bits of the key.
  typedef struct packed {
    logic         has_tag;
    logic         go_on;         // the context continues behind the packet
    logic [15:0]  rec_len;
    logic [15:0]  offset;
    logic [7:0]   rec_type;
    logic [63:0]  rec_sn;        // byte string, as the tag is
    logic [127:0] tag;
  } seek_t;

  // What the RX parser found out; valid with the last beat of a frame.
  typedef struct packed {
    logic [4:0]  queue;
    logic [15:0] flags;          // TLSNIC_RXF_* but START and END
    logic [31:0] hash;
    logic [15:0] vlan_tci;
    logic [15:0] frame_len;      // as delivered, after a tag was taken out
  } rx_meta_t;

  // A completion on its way to the ring of a queue pair; the ring adds the phase.
  typedef struct packed {
    logic [4:0]   queue;
    logic [255:0] entry;         // phase word 0
  } cpl_t;

endpackage
/* verilator lint_on SYMRSVDWORD */
