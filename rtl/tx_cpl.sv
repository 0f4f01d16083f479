// SPDX-License-Identifier: BSD-2-Clause
//
// The end of the transmit side: completions of items and tags of records become one
// stream of completions, and host_tx is told of each item that has left the card.
//
// A completion waits while tags are held, wanted or not. The tags of a packet are held
// before its completion is made, so they are ahead of it on the ring. Tags keep their
// order among themselves, completions theirs.
//
// Combinational.

module tx_cpl (
  input  logic             s_tag_hold,
  input  logic             s_tag_valid,         // only with hold
  output logic             s_tag_ready,
  input  tlsnic_pkg::cpl_t s_tag,

  input  logic             s_done_valid,        // an item ends with a completion
  output logic             s_done_ready,
  input  tlsnic_pkg::cpl_t s_done,
  input  logic             quiet_valid,         // pulse: one of this queue ends without
  input  logic [4:0]       quiet_queue,

  output logic             m_cpl_valid,
  input  logic             m_cpl_ready,
  output tlsnic_pkg::cpl_t m_cpl,
  output logic [1:0]       left_valid,          // pulses: an item has left
  output logic [9:0]       left_queue
);

  assign m_cpl_valid  = s_tag_hold ? s_tag_valid : s_done_valid;
  assign m_cpl        = s_tag_hold ? s_tag : s_done;
  assign s_tag_ready  = m_cpl_ready;
  assign s_done_ready = m_cpl_ready && !s_tag_hold;

  assign left_valid = {quiet_valid, s_done_valid && s_done_ready};
  assign left_queue = {quiet_queue, s_done.queue};

endmodule
