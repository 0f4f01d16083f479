// SPDX-License-Identifier: BSD-2-Clause
//
// What the TLS engine keeps of a connection between two packets.

package tls_pkg;

  // Where in a record the next byte of the stream stands. PAD and FINISH are
  // between the last cipher byte and the tag, when GHASH is behind.
  typedef enum logic [2:0] {
    PH_HEADER = 3'd0,              // hdr_cnt header bytes are behind
    PH_CIPHER = 3'd1,              // pos cipher bytes are behind, left more come
    PH_PAD    = 3'd2,              // the last block waits to be padded
    PH_FINISH = 3'd3,              // the length block waits
    PH_TAG    = 3'd4               // tag_cnt bytes of the tag are behind
  } phase_t;

  // Constant while the context lives.
  typedef struct packed {
    logic         tls13;
    logic         key256;
    logic [31:0]  salt;            // byte 0 in bits 7:0
    logic [255:0] key;
  } secret_t;

  // Changes as the stream advances. Numbers, not byte strings. left holds the
  // length field while the header comes in.
  typedef struct packed {
    logic         valid;
    logic         broken;
    logic [31:0]  seq;             // TCP sequence number of the next byte
    logic [63:0]  rec_sn;          // number of the present record
    logic [63:0]  iv;              // TLS 1.2: explicit nonce of the present record
    phase_t       phase;
    logic [3:0]   hdr_cnt;
    logic [3:0]   tag_cnt;
    logic [7:0]   rec_type;
    logic [15:0]  pos;
    logic [15:0]  left;
  } place_t;

  // An op's way along the stream, for the return of tags.
  typedef struct packed {
    logic         step;            // an op that moves: the fields down to rec_sn hold
    logic         first;           // of the packet
    logic         midway;          // it begins inside a record
    logic         finish;          // GHASH of the record ends: a tag will come
    logic         record_end;
    logic [6:0]   bytes;
    logic [15:0]  rec_len;         // length field, with finish
    logic [31:0]  rec_sn;          // low half, with finish
    logic         returns;         // tags of this packet's records are returned
    logic         packet_end;
  } along_t;

  function automatic logic [63:0] swap64(input logic [63:0] x);
    for (int i = 0; i < 8; i++)
      swap64[8*i +: 8] = x[56 - 8*i +: 8];
  endfunction

endpackage
