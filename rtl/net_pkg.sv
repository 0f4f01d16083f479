// SPDX-License-Identifier: BSD-2-Clause
//
// What the network side tells the statistics. Every field is a pulse of one
// cycle; lengths are on the wire, without the FCS.

package net_pkg;

  typedef struct packed {
    logic        valid;
    logic        mcast;          // multicast, but not broadcast
    logic        bcast;
    logic [15:0] len;
  } frame_ev_t;

  typedef struct packed {
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

endpackage
