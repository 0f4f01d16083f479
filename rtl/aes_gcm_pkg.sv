// SPDX-License-Identifier: BSD-2-Clause
//
// Constants of the AES-GCM engine that its users need.

package aes_gcm_pkg;

  // Cycles from an op's s_valid to the m_valid of the beat that it completes.
  localparam int unsigned LATENCY = 21;

endpackage
