#!/usr/bin/env python3
"""Starts a program as two ranks, as torchrun would; the one of Debian 12 (torch 1.13) fails under its Python 3.11.

Usage: launch.py PROGRAM ARGUMENT...
"""
import os
import socket
import subprocess
import sys

RANKS = 2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": str(RANKS)}
    ranks = [subprocess.Popen([sys.executable, *sys.argv[1:]],
                              env={**os.environ, **place, "RANK": str(rank), "LOCAL_RANK": str(rank)})
             for rank in range(RANKS)]
    sys.exit(max(abs(rank.wait()) for rank in ranks))


if __name__ == "__main__":
    main()
