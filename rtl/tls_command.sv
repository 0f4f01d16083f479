// SPDX-License-Identifier: BSD-2-Clause
//
// What a context command makes of a context, combinational: a write or a delete
// makes a new one, a seek takes the present one to another place of its stream.

module tls_command #(
  parameter int unsigned CTX_W = 10
) (
  input  tlsnic_pkg::ctx_cmd_t cmd,

  output logic                 cmd_ok,
  output tls_pkg::secret_t     cmd_secret,
  output tls_pkg::place_t      cmd_place,

  // the context that the seek is in, and the sequence number of its packet
  input  logic                 tls13,
  input  tls_pkg::place_t      place,
  input  logic [31:0]          seq,
  output logic                 seek_ok,        // there is such a place
  output tls_pkg::place_t      seek_place,
  output logic                 seek_foreign,   // the record's payload began before it
  output logic                 seek_go_on,
  output logic                 seek_has_tag,
  output logic [127:0]         seek_tag
);

  localparam logic [7:0] AES_128 = tlsnic_abi_pkg::TLSNIC_CIPHER_AES_GCM_128[7:0];
  localparam logic [7:0] AES_256 = tlsnic_abi_pkg::TLSNIC_CIPHER_AES_GCM_256[7:0];
  localparam logic [7:0] TLS_1_2 = tlsnic_abi_pkg::TLSNIC_TLS_1_2[7:0];
  localparam logic [7:0] TLS_1_3 = tlsnic_abi_pkg::TLSNIC_TLS_1_3[7:0];

  // ---- write, delete --------------------------------------------------------

  assign cmd_ok = (cmd.ctx >> CTX_W) == 32'd0 &&
                  (cmd.is_delete ||
                   ((cmd.cipher == AES_128 || cmd.cipher == AES_256) &&
                    (cmd.version == TLS_1_2 || cmd.version == TLS_1_3)));

  // Without a condition, so that a simulator keeps no argument longer than the command.
  logic [63:0] iv, rec_sn;

  assign iv     = tls_pkg::swap64(cmd.iv);
  assign rec_sn = tls_pkg::swap64(cmd.rec_sn);

  always_comb begin
    cmd_secret = '0;
    cmd_place  = '0;
    if (cmd_ok && !cmd.is_delete) begin
      cmd_secret.tls13  = cmd.version == TLS_1_3;
      cmd_secret.key256 = cmd.cipher == AES_256;
      cmd_secret.salt   = cmd.salt;
      cmd_secret.key    = cmd.key;
      if (!cmd_secret.key256)
        cmd_secret.key[255:128] = '0;
      cmd_place.valid   = 1'b1;
      cmd_place.seq     = cmd.seq;
      cmd_place.rec_sn  = rec_sn;
      cmd_place.iv      = iv;
      cmd_place.phase   = tls_pkg::PH_HEADER;
    end
  end

  // ---- seek -----------------------------------------------------------------

  tlsnic_pkg::seek_t seek;
  logic              in_hdr, in_tag;
  logic [15:0]       hdr_len, least, tag_at;   // tag_at: where the tag is in the record

  assign seek    = cmd.key[$bits(seek)-1:0];
  assign hdr_len = tls13 ? 16'd5 : 16'd13;
  // header and tag; a TLS 1.3 record carries at least its inner type
  assign least   = tls13 ? 16'd17 : 16'd24;
  assign tag_at  = seek.rec_len - 16'd11;
  assign in_hdr  = seek.offset < hdr_len;
  assign in_tag  = seek.offset >= tag_at;

  assign seek_ok      = seek.rec_len >= least && 17'(seek.offset) < 17'(seek.rec_len) + 17'd5;
  assign seek_foreign = !in_hdr;
  assign seek_go_on   = seek.go_on;
  assign seek_has_tag = seek.has_tag;
  assign seek_tag     = seek.tag;

  always_comb begin
    seek_place        = place;
    seek_place.broken = 1'b0;
    seek_place.seq    = seq;
    // both are those of the next record as soon as GHASH is behind
    seek_place.rec_sn = tls_pkg::swap64(seek.rec_sn) + 64'(in_tag);
    // TLS 1.2: the nonce and the record number differ by a constant
    if (!tls13)
      seek_place.iv   = place.iv + (seek_place.rec_sn - place.rec_sn);
    seek_place.phase    = in_hdr ? tls_pkg::PH_HEADER : in_tag ? tls_pkg::PH_TAG : tls_pkg::PH_CIPHER;
    seek_place.hdr_cnt  = in_hdr ? seek.offset[3:0] : 4'd0;
    seek_place.tag_cnt  = in_tag ? 4'(seek.offset - tag_at) : 4'd0;
    seek_place.rec_type = seek.rec_type;
    seek_place.pos      = seek.offset - hdr_len;
    seek_place.left     = in_hdr ? seek.rec_len : tag_at - seek.offset;
  end

  logic unused;

  assign unused = &{1'b0, cmd.is_seek};

endmodule
