"""The kernel's own filter of system calls: the next one of a kind ends the process, before it does anything.

Decides which numbers a name stands for on which machine. Knows nothing of runs and moments.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections import abc

_NUMBERS: dict[str, dict[str, tuple[int, ...]]] = {
    "x86_64": {
        "flock": (73,),
        "fcntl": (72,),
        "pwrite": (18,),
        "fsync": (74, 75),
        "ftruncate": (77,),
        "link": (86, 265),
        "unlink": (87, 263),
    },
    "aarch64": {
        "flock": (32,),
        "fcntl": (25,),
        "pwrite": (68,),
        "fsync": (82, 83),
        "ftruncate": (46,),
        "link": (37,),
        "unlink": (35,),
    },
}
"""By machine and name. A name stands for its variants too (fdatasync, unlinkat): a library chooses which it makes.

Sources: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of the kernel.
"""

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_KILL_PROCESS, _ALLOW = 0x8000_0000, 0x7FFF_0000
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06


class NoFilter(Exception):
    """This kernel, this container or this machine lets no process filter its system calls."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def forbid(name: str) -> None:
    """From now on a system call of this name, by any thread, ends the process with SIGSYS. Raises `NoFilter`."""
    machine = platform.machine()
    if machine not in _NUMBERS or ctypes.sizeof(ctypes.c_void_p) != 8:
        raise NoFilter(machine)
    code = _program(_NUMBERS[machine][name])
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, *map(ctypes.c_ulong, (1, 0, 0, 0))) or libc.syscall(
        ctypes.c_long(_SECCOMP[machine]),
        ctypes.c_ulong(_SET_FILTER),
        ctypes.c_ulong(_ALL_THREADS),
        ctypes.byref(program),
    ):
        raise NoFilter(os.strerror(ctypes.get_errno()))


def _program(numbers: abc.Sequence[int]) -> bytes:
    """In the kernel's classic BPF: load the call's number; if it is one of these, kill, else allow."""
    tests = [(_JUMP_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    steps = [(_LOAD, 0, 0, 0), *tests, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _KILL_PROCESS)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
