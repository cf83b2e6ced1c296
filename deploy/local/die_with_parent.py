"""Run a program that ends when its parent ends: `die_with_parent.py PARENT SIGNAL UID GID PROGRAM ARGUMENT...`.

A program of its own, because a process that has threads must run nothing between fork and exec: a lock that another
thread holds at that moment stays locked in the child for ever. It replaces itself, so the number of the process stays.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def tethered(command: list[str], goodbye: signal.Signals, uid: int | None = None, gid: int | None = None) -> list[str]:
    """The command that runs `command` as that account; the kernel signals it when we end (Linux)."""
    account = [str(-1 if number is None else number) for number in (uid, gid)]
    own = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(os.getpid()), str(int(goodbye)), *account]
    return own + command


def become(parent: int, goodbye: int, uid: int, gid: int, command: list[str]) -> None:
    """Change the account first: it resets the parent-death signal. A parent that died meanwhile is known by its pid."""
    if gid >= 0:
        os.setgroups([])
        os.setgid(gid)
    if uid >= 0:
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, goodbye)
        if os.getppid() != parent:
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    become(*map(int, sys.argv[1:5]), sys.argv[5:])  # type: ignore[call-arg, arg-type] # four numbers, then the command
