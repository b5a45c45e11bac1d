"""A socket to serve HTTP on."""

import socket

WAITING_CONNECTIONS = 1_024


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; port 0 takes a free one.

    The protocol is named: asyncio turns Nagle's algorithm off only for sockets that say they are
    TCP, and with it on, each answer waits 40 ms for the client's delayed acknowledgement.

    Raises:
        OSError: the address is taken, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(WAITING_CONNECTIONS)
    except OSError:
        listener.close()
        raise
    return listener
