// SPDX-License-Identifier: BSD-2-Clause
//
// Types of the network side. Events for the statistics are pulses of one
// cycle; lengths in them are on the wire, without the FCS.

package net_pkg;

  typedef struct packed {
    logic        valid;
    logic        mcast;          // multicast, but not broadcast
    logic        bcast;
    logic [15:0] len;
  } frame_ev_t;

  // Which part of its item of the TX stream a frame is.
  typedef struct packed {
    logic cut;                   // one of the frames that a packet was cut into
    logic first;
    logic last;
  } tx_part_t;

  typedef struct packed {
    logic      tso_packet;       // the first frame of a packet that is cut,
    logic      tso_frame;        // any frame of it
    frame_ev_t frame;            // a frame leaves
    logic      drop_dma;         // a packet was lost to a failed host read
    logic      drop_desc;        // a packet was refused for its descriptors
  } tx_ev_t;

  typedef struct packed {
    frame_ev_t frame;            // a frame is accepted
    logic      bad;
    logic      too_long;
    logic      filtered;
    logic      csum_bad;
  } rx_ev_t;

  // What rx_parse found in a frame.
  typedef struct packed {
    logic ip4;                   // a whole IPv4 header
    logic ip6;
    logic l4_csum;               // TCP or UDP with a checksum, lengths consistent
    logic hash_l3;               // the hash to be taken: addresses
    logic hash_l4;               // addresses and ports
  } rx_found_t;

endpackage
