#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tso.py send MODE INTERFACE [VLANINTERFACE]; tso.py compare CAPTURE DIRECTORY

send puts the same large TCP packets into the interface through a packet socket with
virtio headers, whatever cuts them: the card, or the stack. Frames with the
name of MODE mark the beginning and the end. compare takes what modes "off" and "on" made of
them from a capture of the wire and writes one file for each group of packets: a line that begins
with "equal" or the first differences.
"""

import os
import random
import socket
import struct
import sys

PACKET_VNET_HDR = 15
NEEDS_CSUM = 1
TCPV4, TCPV6, ECN = 1, 4, 0x80
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))
# nobody's addresses: the frames are seen on the wire and go no further
DST, SRC = bytes.fromhex("020000000099"), bytes.fromhex("020000000011")
MARK = 0x88b5
MSS = (88, 89, 127, 128, 129, 255, 256, 257, 500, 536, 1000, 1024, 1448, 1460, 2049, 4096, 8191, 8948)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


class Packet:
    """One packet of many segments, and what is said about it to the kernel."""

    def __init__(self, rnd, port, group, version, mss, **want):
        self.port, self.group, self.version, self.mss = port, group, version, mss
        self.vlan = want.get("vlan")            # in the packet
        self.device = want.get("device", 0)     # 1: through the VLAN interface
        options = want.get("options", rnd.choice((0, 12, 12, 20, 40)))
        flags = want.get("flags", ACK | rnd.choice((0, PSH, FIN, PSH | FIN, ECE, URG)))
        l3 = 14 + (4 if self.vlan is not None else 0)
        ip_options = want.get("ip_options", 0)
        l4 = l3 + (20 + ip_options if version == 4 else 40 + ip_options)
        self.l4 = l4 + (4 if self.device else 0)        # on the wire
        headers = l4 + 20 + options
        length = want.get("length") or rnd.randint(mss + 1, min(65535 - headers, 40 * mss))
        self.text = headers
        tcp = struct.pack(">HHIIBBHHH", self.port, 9, want.get("seq", rnd.getrandbits(32)),
                          rnd.getrandbits(32), (20 + options) << 2, flags, rnd.getrandbits(16),
                          0, rnd.getrandbits(16) if flags & URG else 0)
        tcp += bytes(rnd.choices(range(2, 256), k=options))
        if version == 4:
            address = bytes((10, 9, 8, 7)) + rnd.randbytes(4)
            ip = bytearray(struct.pack(">BBHHHBBH8s", 0x40 | 5 + ip_options // 4, rnd.getrandbits(8),
                                       l4 - l3 + len(tcp) + length, want.get("id", rnd.getrandbits(16)),
                                       rnd.choice((0, 0x4000)), rnd.randint(1, 255), 6, 0, address))
            ip += b"\1" * ip_options
            ip[10:12] = struct.pack(">H", ~checksum(ip) & 0xffff)
        else:
            address = rnd.randbytes(32)
            ip = struct.pack(">IHBB32s", 6 << 28 | rnd.getrandbits(28), ip_options + len(tcp) + length,
                             0 if ip_options else 6, rnd.randint(1, 255), address)
            if ip_options:
                ip += bytes((6, ip_options // 8 - 1, 1, ip_options - 4)) + bytes(ip_options - 4)
        pseudo = address + struct.pack(">II", len(tcp) + length, 6)
        tcp = tcp[:16] + struct.pack(">H", checksum(pseudo)) + tcp[18:]
        eth = DST + SRC
        if self.vlan is not None:
            eth += struct.pack(">HH", 0x8100, self.vlan)
        eth += struct.pack(">H", 0x0800 if version == 4 else 0x86dd)
        kind = (TCPV4 if version == 4 else TCPV6) | (ECN if flags & CWR else 0)
        # how much the kernel is to put into the linear part
        linear = min(want.get("linear", headers), headers + length)
        self.data = struct.pack("<BBHHHH", NEEDS_CSUM, kind, linear, mss, l4, 16) \
            + eth + ip + tcp + rnd.randbytes(length)

    def __str__(self):
        return (f"IPv{self.version}, MSS {self.mss}, {self.text} bytes of headers, "
                f"{len(self.data) - 10 - self.text} of data")


def packets():
    rnd = random.Random(1)
    made = []
    for version in (4, 6):
        name = f"ipv{version}"

        def add(group, mss, **want):
            made.append(Packet(rnd, 1001 + len(made), f"{name}-{group}", version, mss, **want))

        for mss in MSS:
            add("mss", mss)
            add("mss", mss, length=mss * rnd.randint(2, 7))
            add("mss", mss, length=mss + 1, linear=rnd.randint(100, 300))
        add("long", 88, length=65535 - 134 - (40 if version == 6 else 20), options=40)
        add("long", 1448, length=65160, options=12)
        add("long", 8948, length=65000, options=12)
        for flags in (0, FIN, PSH, FIN | PSH, CWR, CWR | ECE | PSH | FIN, URG | PSH, ECE):
            add("flags", 1448, flags=ACK | flags)
            add("flags", 200, flags=ACK | flags, seq=0xffffff00)
        for options in range(0, 44, 4):
            add("options", rnd.choice((100, 1000, 3000)), options=options)
        if version == 4:
            for ip_options in (4, 20, 40):
                add("options", 700, ip_options=ip_options)
            for first in (0, 0xfff0, 0xffff):
                add("id", 300, id=first, length=9000)
        for tci in (0, 5, 0x6fff):
            add("vlan", 1444, vlan=tci)
            add("vlan", 300, vlan=tci, flags=ACK | PSH | CWR)
        for mss in (88, 1448, 8944):
            add("vlan-inserted", mss, device=1)
        # the card does not take these: the stack cuts them in both modes
        for mss in (40, 63):
            add("left-to-stack", mss)
        if version == 6:
            for ip_options in (8, 200):
                add("left-to-stack", 1000, ip_options=ip_options)
    return made


def send(mode, *interfaces):
    sockets = []
    for name in interfaces:
        one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        one.setsockopt(263, PACKET_VNET_HDR, 1)
        one.bind((name, 0x0003))
        sockets.append(one)

    def mark(text):
        frame = DST + SRC + struct.pack(">H", MARK) + f"{mode} {text}".encode()
        sockets[0].send(bytes(10) + frame.ljust(60, b"\0"))

    mark("begin")
    for packet in packets():
        sockets[packet.device].send(packet.data)
    mark("end")


def frames(capture):
    """Frames with our source address, in the order of the wire."""
    with open(capture, "rb") as file:
        data = file.read()
    at = 24
    while at + 16 <= len(data):
        length, = struct.unpack_from("<I", data, at + 8)
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        if frame[6:12] == SRC and len(frame) == length:
            yield frame


def cuts(capture):
    """{mode: {port: [frame, ...]}}"""
    modes, at = {}, {packet.port: packet.l4 for packet in packets()}
    offsets, mode = sorted(set(at.values())), None
    for frame in frames(capture):
        if struct.unpack_from(">H", frame, 12)[0] == MARK:
            name, _, edge = frame[14:].rstrip(b"\0").decode().partition(" ")
            mode = modes.setdefault(name, {"ports": {}}) if edge == "begin" else None
            if edge == "end":
                modes[name]["end"] = True
            continue
        for l4 in offsets:
            port, = struct.unpack_from(">H", frame, l4)
            if at.get(port) == l4 and frame[l4 + 2:l4 + 4] == b"\0\t":
                mode["ports"].setdefault(port, []).append(frame)
                break
        else:
            sys.exit(f"a frame that is none of ours: {frame[:80].hex()}")
    return modes


def difference(packet, off, on):
    """None, or how the frames of one packet differ."""
    expected = -(-(len(packet.data) - 10 - packet.text) // packet.mss)
    if len(off) != expected or len(on) != expected:
        return f"{packet}: expected {expected} frames, the stack made {len(off)}, the card {len(on)}"
    for number, (want, got) in enumerate(zip(off, on)):
        if want != got:
            at = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), min(len(want), len(got)))
            return (f"{packet}: frame {number} of {expected}, byte {at} of {len(want)}, {len(got)}: "
                    f"expected {want[at:at + 16].hex(' ')}, got {got[at:at + 16].hex(' ')}")
    return None


def compare(capture, directory):
    modes = cuts(capture)
    groups = {}
    os.makedirs(directory, exist_ok=True)
    for packet in packets():
        off, on = (modes[mode]["ports"].get(packet.port, []) for mode in ("off", "on"))
        groups.setdefault(packet.group, []).append((difference(packet, off, on), len(on)))
    for group, results in groups.items():
        bad = [text for text, _ in results if text]
        with open(os.path.join(directory, group), "w", encoding="ascii") as file:
            file.write("\n".join(bad[:5]) if bad else
                       f"equal: {len(results)} packets, {sum(count for _, count in results)} frames")
            file.write("\n")


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send(*sys.argv[2:])
    elif sys.argv[1] == "count":
        # packets that the card is to cut
        print(sum(not packet.group.endswith("stack") for packet in packets()))
    elif sys.argv[1] == "ended":
        sys.exit("end" not in cuts(sys.argv[2]).get(sys.argv[3], {}))
    else:
        compare(*sys.argv[2:])
