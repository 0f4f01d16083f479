#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The AES-GCM encryption vectors of NIST's CAVP as lines that a test in C can read.

Prints, for each vector with a key of 128 or 256 bits, an IV of 96 and a tag of 128:
    FILE:COUNT valid KEY IV AAD TEXT CIPHERTEXT TAG
in hexadecimal, "-" for nothing; and for those left out, how many and why:
    # left out: 2250 of 23625: tag not of 128 bits
"""
import collections
import glob
import os
import sys

PLACE = "/usr/lib/python3/dist-packages/cryptography_vectors/ciphers/AES/GCM/gcmEncryptExtIV*.rsp"


def vectors(path):
    """Each vector as a dictionary: fields of its group in brackets, and its own."""
    group, vector = {}, {}
    with open(path, encoding="ascii") as file:
        for line in file:
            name, is_field, value = line.strip().strip("[]").partition("=")
            name, value = name.strip(), value.strip()
            if not is_field:
                continue
            if line.startswith("["):
                group[name] = int(value)
                continue
            vector[name] = value
            if name == "Tag":
                yield {**group, **vector}
                vector = {}


def reason(vector):
    """Why TLS cannot have this vector, or None."""
    for name, field, right in (("key", "Keylen", (128, 256)), ("IV", "IVlen", (96,)), ("tag", "Taglen", (128,))):
        if vector[field] not in right:
            return f"{name} not of {' or '.join(map(str, right))} bits"
    return None


def main():
    files = sorted(glob.glob(PLACE))
    if not files:
        sys.exit("cavp: error: no gcmEncryptExtIV*.rsp; remedy: apt install python3-cryptography-vectors")
    left_out = collections.Counter()
    total = 0
    for path in files:
        for number, vector in enumerate(vectors(path)):
            total += 1
            why = reason(vector)
            if why:
                left_out[why] += 1
                continue
            name = os.path.basename(path).removesuffix(".rsp")
            print(f"{name}:{number} valid", *(vector[f] or "-" for f in ("Key", "IV", "AAD", "PT", "CT", "Tag")))
    for why, count in sorted(left_out.items()):
        print(f"# left out: {count} of {total}: {why}")


main()
