#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""More TLS connections at once than the card has contexts.

contexts.py recv ADDR PORT COUNT   takes COUNT connections, reads them to their end and
                                   prints how many gave the same number of bytes
contexts.py send ADDR PORT COUNT   opens COUNT connections with kernel TLS, sends on
                                   each, holds them open together, then closes
"""

import resource
import socket
import struct
import sys

TCP_ULP, SOL_TLS, TLS_TX = 31, 282, 1
TLS_1_2, AES_GCM_128 = 0x0303, 51
DATA = bytes(range(256)) * 12
RECORD = 5 + 8 + len(DATA) + 16


def crypto_info(number):
    """struct tls12_crypto_info_aes_gcm_128: iv, key, salt, rec_seq."""
    return struct.pack("=HH8s16s4s8s", TLS_1_2, AES_GCM_128, number.to_bytes(8, "big"),
                       number.to_bytes(16, "little"), b"salt", bytes(8))


def receive(address, count):
    listener = socket.create_server(address, backlog=count)
    connections = [listener.accept()[0] for _ in range(count)]
    right = 0
    for connection in connections:
        octets = b""
        while chunk := connection.recv(65536):
            octets += chunk
        # encrypted: a record's header, and not the data
        right += len(octets) == RECORD and octets[:3] == b"\x17\x03\x03" and DATA[:64] not in octets
        connection.close()
    print(right)


def send(address, count):
    connections = []
    for number in range(count):
        connection = socket.create_connection(address)
        connection.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
        connection.setsockopt(SOL_TLS, TLS_TX, crypto_info(number))
        connection.sendall(DATA)
        connections.append(connection)
    with open("/proc/net/tls_stat", encoding="ascii") as stat:
        now = dict(line.split() for line in stat)
    print(now["TlsCurrTxDevice"], now["TlsCurrTxSw"])
    for connection in connections:
        connection.close()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    {"recv": receive, "send": send}[sys.argv[1]]((sys.argv[2], int(sys.argv[3])), int(sys.argv[4]))
