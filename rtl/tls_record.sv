// SPDX-License-Identifier: BSD-2-Clause
//
// One step along the records of a TLS stream, combinational: what the bytes
// [p, e) of a beat are, given where in a record byte p stands, and where the
// stream stands after the step. A step takes, as far as the beat reaches,
//
//   the rest of a tag, then a header, then cipher bytes of that record, or
//   cipher bytes, then the tag if GHASH can finish in the same op, or
//   nothing but the end of GHASH that is due, then the tag.
//
// GHASH does not know a record whose payload began out of sight (foreign): its tag
// is given, and its rest is a step of its own.
//
// With p == e it takes no bytes, but does what is due: the keystream block that
// the next byte is in, the end of GHASH. A step is one op of aes_gcm.
//
// win is the record header as it lies in the beat, header byte i in bits 8*i;
// byte i is read only where header byte i is in [p, e).

module tls_record #(
  parameter int unsigned DATA_W  = 512,
  localparam int unsigned B      = DATA_W / 8,
  localparam int unsigned LANES  = DATA_W / 128,
  localparam int unsigned POS_W  = $clog2(B),          // a byte of the beat
  localparam int unsigned LEN_W  = $clog2(B + 1),      // 0 to B
  localparam int unsigned NBLK_W = $clog2(LANES + 1)   // 0 to LANES
) (
  input  logic              tls13,
  input  tls_pkg::place_t   place,
  input  logic              foreign,       // the record that p is in
  input  logic              held,          // aes_gcm holds the keystream block of the next byte
  input  logic [LEN_W-1:0]  p,
  input  logic [LEN_W-1:0]  e,
  input  logic [103:0]      win,

  output logic [LEN_W-1:0]  next_p,
  output tls_pkg::place_t   next_place,
  output logic              bad,           // header is not one of ours
  output logic              record_end,    // the last byte of a tag is in [p, next_p)

  output logic [POS_W-1:0]  c_beg,         // cipher range
  output logic [LEN_W-1:0]  c_len,
  output logic [POS_W-1:0]  t_beg,         // tag range
  output logic [4:0]        t_len,
  output logic              ks_hold,
  output logic [3:0]        ks_off,        // of the first cipher byte in its block
  output logic [15:0]       ks_blk,        // number in the record of the first new block
  output logic [NBLK_W-1:0] ks_n,          // new blocks
  output logic              begins,        // cipher bytes begin: GHASH starts with the AAD
  output logic              pad,           // GHASH pads
  output logic              finish,        // GHASH ends with the length block
  output logic [127:0]      gh_block       // the AAD or the length block
);

  localparam logic [15:0] OVERHEAD_12 = 16'd24;        // explicit nonce and tag
  localparam logic [15:0] OVERHEAD_13 = 16'd16;

  logic in_tag, in_c;

  assign in_tag = place.phase == tls_pkg::PH_TAG;

  // the rest of a tag, and the header after it
  logic             in_hdr, tag_end;
  logic [4:0]       tag_left, hdr_left, hdr_old, hdr_end;
  logic [LEN_W-1:0] room, hdr_room, hdr_beg, tag_take, hdr_take;

  assign room     = e - p;
  assign tag_left = 5'd16 - {1'b0, place.tag_cnt};
  assign tag_end  = in_tag && room >= LEN_W'(tag_left);
  assign tag_take = !in_tag ? '0 : tag_end ? LEN_W'(tag_left) : room;

  assign in_hdr   = place.phase == tls_pkg::PH_HEADER || (tag_end && !foreign);
  assign hdr_old  = in_tag ? 5'd0 : {1'b0, place.hdr_cnt};
  assign hdr_left = (tls13 ? 5'd5 : 5'd13) - hdr_old;
  assign hdr_beg  = p + tag_take;
  assign hdr_room = e - hdr_beg;
  assign begins   = in_hdr && hdr_room >= LEN_W'(hdr_left);
  assign hdr_take = !in_hdr ? '0 : begins ? LEN_W'(hdr_left) : hdr_room;
  assign hdr_end  = hdr_old + 5'(hdr_take);

  logic [12:0] here;                                   // header byte i is in the beat
  logic [7:0]  rec_type;
  logic [15:0] field;                                  // the length field as far as known
  logic [15:0] overhead;
  logic [63:0] nonce;

  assign overhead = tls13 ? OVERHEAD_13 : OVERHEAD_12;
  assign nonce    = tls_pkg::swap64(place.iv);

  always_comb begin
    for (int i = 0; i < 13; i++)
      here[i] = 5'(i) >= hdr_old && 5'(i) < hdr_end;
    rec_type    = here[0] ? win[7:0] : place.rec_type;
    field[15:8] = here[3] ? win[31:24] : place.left[15:8];
    field[7:0]  = here[4] ? win[39:32] : place.left[7:0];
    bad         = (here[1] && win[15:8] != 8'd3) || (here[2] && win[23:16] != 8'd3);
    // a TLS 1.3 record carries at least its inner type
    if (here[4] && (field < overhead || (tls13 && field == overhead)))
      bad = 1'b1;
    for (int i = 5; i < 13; i++)
      if (here[i] && win[8*i +: 8] != nonce[8*(i-5) +: 8])
        bad = 1'b1;
  end

  // cipher bytes
  logic             c_end, prime;
  logic [15:0]      left, pos, next_pos;
  logic [LEN_W-1:0] c_p, c_room, c_take;
  logic [3:0]       c_blocks;                          // touched, without those of the AAD

  assign in_c     = begins || place.phase == tls_pkg::PH_CIPHER;
  assign left     = begins ? field - overhead : place.left;
  assign pos      = begins ? 16'd0 : place.pos;
  assign c_p      = hdr_beg + hdr_take;
  assign c_beg    = c_p[POS_W-1:0];
  assign c_room   = e - c_p;
  assign c_take   = left <= 16'(c_room) ? left[LEN_W-1:0] : c_room;
  assign ks_off   = pos[3:0];
  assign c_blocks = 4'((8'(ks_off) + 8'(c_take) + 8'd15) >> 4);
  // a block that is taken up inside and is not held is one more to make: when
  // that is too many, it is made by a step of its own
  assign ks_hold  = held && ks_off != 4'd0;
  assign prime    = in_c && ks_off != 4'd0 && !held && c_blocks > 4'(LANES);
  assign c_len    = !in_c || prime ? '0 : c_take;
  assign c_end    = in_c && !prime && c_len == c_take && left <= 16'(c_room);
  assign ks_blk   = 16'(pos[15:4]) + 16'(ks_hold);
  assign ks_n     = !in_c ? '0 : prime ? NBLK_W'(1) : NBLK_W'(c_blocks - 4'(ks_hold));
  assign next_pos = pos + 16'(c_len);

  // the end of GHASH, and the tag after it. LANES blocks fit in an op: with one
  // lane, padding and the length block are two ops.
  logic [LEN_W-1:0] end_p, end_room;
  logic             short_tag;

  assign finish    = place.phase == tls_pkg::PH_FINISH ||
                     (c_end && !begins && !foreign && c_blocks < 4'(LANES));
  assign pad       = place.phase == tls_pkg::PH_PAD ||
                     (LANES == 1 && c_end && !foreign && c_blocks + 4'(begins) <= 4'd1);
  assign end_p     = c_p + c_len;
  assign end_room  = e - end_p;
  assign short_tag = 8'(end_room) < 8'd16;
  assign t_beg     = finish ? end_p[POS_W-1:0] : p[POS_W-1:0];
  assign t_len     = finish ? (short_tag ? 5'(end_room) : 5'd16) : 5'(tag_take);
  assign next_p    = finish ? end_p + LEN_W'(t_len) : end_p;
  assign record_end = finish ? !short_tag : tag_end;

  // RFC 5246 section 6.2.3.3 and RFC 8446 section 5.2; lengths in bits
  logic [63:0] aad_bits, c_bits;

  assign aad_bits = tls_pkg::swap64(tls13 ? 64'd40 : 64'd104);
  assign c_bits   = tls_pkg::swap64({45'd0, next_pos, 3'd0});

  always_comb begin
    if (!begins)
      gh_block = {c_bits, aad_bits};
    else if (tls13)
      gh_block = {88'd0, field[7:0], field[15:8], 8'd3, 8'd3, rec_type};
    else
      gh_block = {24'd0, left[7:0], left[15:8], 8'd3, 8'd3, rec_type,
                  tls_pkg::swap64(place.rec_sn)};
  end

  always_comb begin
    next_place          = place;
    next_place.rec_type = rec_type;
    if (in_tag)
      next_place.tag_cnt = place.tag_cnt + 4'(tag_take);
    if (tag_end) begin
      next_place.phase   = tls_pkg::PH_HEADER;
      next_place.hdr_cnt = 4'd0;
    end
    if (in_hdr) begin
      next_place.phase   = tls_pkg::PH_HEADER;
      next_place.hdr_cnt = hdr_end[3:0];
      next_place.left    = field;
    end
    if (in_c) begin
      next_place.phase   = !c_end            ? tls_pkg::PH_CIPHER :
                           pad || LANES != 1 ? tls_pkg::PH_FINISH : tls_pkg::PH_PAD;
      next_place.pos     = next_pos;
      next_place.left    = left - 16'(c_len);
    end
    if (place.phase == tls_pkg::PH_PAD)
      next_place.phase   = tls_pkg::PH_FINISH;
    if (finish || (c_end && foreign)) begin
      next_place.phase   = finish && !short_tag ? tls_pkg::PH_HEADER : tls_pkg::PH_TAG;
      next_place.tag_cnt = t_len[3:0];
      next_place.hdr_cnt = 4'd0;
      next_place.rec_sn  = place.rec_sn + 64'd1;
      next_place.iv      = tls13 ? place.iv : place.iv + 64'd1;
    end
  end

endmodule
