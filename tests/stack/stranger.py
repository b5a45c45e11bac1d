"""Another user of this machine, who knows where the sockets are.

`python -m tests.stack.stranger UID SOCKET…`, as root: tries each and prints what came of it.
"""

import os
import socket
import struct
import sys

ASKED = b"user\0postgres\0database\0postgres\0\0"
STARTUP = struct.pack("!ii", len(ASKED) + 8, 196_608) + ASKED
"""How a client of PostgreSQL begins, in version 3.0 of its protocol."""


def came_of(path: str) -> str:
    """What the server, or the kernel before it, answers to a greeting."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(path)
        except OSError as error:
            return type(error).__name__
        client.sendall(STARTUP)
        return ascii(client.recv(1_000))


if __name__ == "__main__":
    os.setgroups([])
    os.setgid(int(sys.argv[1]))
    os.setuid(int(sys.argv[1]))
    for each in sys.argv[2:]:
        print(came_of(each))
