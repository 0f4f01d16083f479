#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make the RTL's constants from the contract.

usage: tools/gen-abi-pkg.py [CONTRACT.h] > rtl/tlsnic_abi_pkg.sv

Every #define with a literal value becomes a 32-bit localparam of the same
name. Every field of a struct becomes <STRUCT>_<FIELD>_LSB and _W, its bit
offset in the little-endian descriptor and its width, and every struct
<STRUCT>_BYTES, where <STRUCT> is its name without "tlsnic_".
"""

import pathlib
import re
import sys

CONTRACT = "include/uapi/linux/tlsnic.h"
TYPES = {"__u8": 1, "__u16": 2, "__le16": 2, "__u32": 4, "__le32": 4,
         "__u64": 8, "__le64": 8}


def fail(line_no, text, why):
    sys.exit(f"gen-abi-pkg: line {line_no}: {why}: {text.strip()}")


def parse(text):
    """Return ([(name, value)], [(struct, [(field, lsb, width)], size)])."""
    # comments go, line numbers stay
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text,
                  flags=re.S)
    defines, structs = [], []
    struct = None
    for no, line in enumerate(text.splitlines(), 1):
        if m := re.match(r"#define\s+(TLSNIC_\w+)\s+(\S.*?)\s*$", line):
            value = re.fullmatch(r"0x[0-9a-f]+|[0-9]+", m[2])
            if not value:
                fail(no, line, "value is not a literal")
            number = int(value[0], 0)
            if number >= 1 << 32:
                fail(no, line, "value has more than 32 bits")
            defines.append((m[1], number))
        elif m := re.match(r"struct tlsnic_(\w+) \{", line):
            struct, fields, at, widest = m[1], [], 0, 1
        elif struct and line.startswith("};"):
            if at % widest:
                fail(no, line, f"struct {struct} ends in padding")
            structs.append((struct, fields, at))
            struct = None
        elif struct and line.strip():
            m = re.fullmatch(r"\s*(\w+)\s+(\w+)(?:\[(\d+)\])?;\s*", line)
            if not m or m[1] not in TYPES:
                fail(no, line, "not a field of fixed width")
            size = TYPES[m[1]]
            if at % size:
                fail(no, line, "field is not aligned to its size")
            length = size * int(m[3] or 1)
            fields.append((m[2], 8 * at, 8 * length))
            at += length
            widest = max(widest, size)
    return defines, structs


def main():
    top = pathlib.Path(__file__).resolve().parent.parent
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else top / CONTRACT
    defines, structs = parse(path.read_text())

    print("// SPDX-License-Identifier: BSD-2-Clause")
    print("//")
    print(f"// Constants of the contract. Made from {CONTRACT} by")
    print("// tools/gen-abi-pkg.py: change the contract and run that again.")
    print("\n/* verilator lint_off UNUSEDPARAM */")
    print("package tlsnic_abi_pkg;\n")
    for name, value in defines:
        print(f"  localparam logic [31:0] {name} = 32'h{value:08x};")
    for struct, fields, size in structs:
        prefix = struct.upper()
        print(f"\n  localparam int unsigned {prefix}_BYTES = {size};")
        for field, lsb, width in fields:
            name = f"{prefix}_{field.upper()}"
            print(f"  localparam int unsigned {name}_LSB = {lsb}, {name}_W = {width};")
    print("\nendpackage")
    print("/* verilator lint_on UNUSEDPARAM */")


if __name__ == "__main__":
    main()
