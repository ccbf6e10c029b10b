"""Loaded into a run of the command before it starts: interrupts its own process at the moment that it was told.

Only functions of the process that the moment counts are wrapped; everything else runs as installed.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from collections import abc
from pathlib import Path
from types import FrameType
from typing import Any

import httpx

import syncd_state
from tests.kills.filters import NoFilter, forbid
from tests.kills.moments import MARK, Moment, Place

_OWN = tuple(f"{Path(__file__).resolve().parents[2] / folder}{os.sep}" for folder in ("syncd", "state"))


class _Countdown:
    """Strikes at the nth call, and at every line from there where the moment says so; leaves a mark that it did."""

    def __init__(self, moment: Moment) -> None:
        self._left = moment.number
        self._moment = moment

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.close(os.open(MARK, os.O_CREAT, 0o600))
            self._strike()
            if self._moment.again:
                sys.settrace(self._at_line)
                frame: FrameType | None = sys._getframe()
                while frame is not None:
                    frame.f_trace = self._at_line
                    frame = frame.f_back

    def _strike(self) -> None:
        os.kill(os.getpid(), self._moment.signal)

    def _at_line(self, frame: FrameType, event: str, argument: Any) -> Any:
        self._strike()
        return self._at_line


def _nothing() -> None:
    pass


def _at_commits(strike: abc.Callable[[], None], *, after_it: bool) -> None:
    opened = syncd_state.open_store
    before, after = (_nothing, strike) if after_it else (strike, _nothing)

    def open_store(url: str, **options: Any) -> syncd_state.Store:
        return opened(url, before_commit=before, after_commit=after, **options)

    syncd_state.open_store = open_store


def _at_system_calls(moment: Moment) -> None:
    assert moment.name is not None
    left, name = moment.number, moment.name

    def strike() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            die_at(name)

    if moment.number:
        _at_commits(strike, after_it=moment.after)
        return
    acquire = syncd_state.InstanceLock.acquire

    def acquire_and_die(self: syncd_state.InstanceLock) -> None:
        if moment.after:
            acquire(self)
            die_at(name)
        else:
            die_at(name)
            acquire(self)

    syncd_state.InstanceLock.acquire = acquire_and_die  # type: ignore[method-assign]


def die_at(name: str) -> None:
    """The next system call of that name, as in `filters`, is the end; where the kernel takes no filter, this is."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        forbid(name)
    except NoFilter:
        os.kill(os.getpid(), signal.SIGKILL)


def _at_sends(moment: Moment) -> None:
    send = httpx.AsyncHTTPTransport.handle_async_request
    strike = _Countdown(moment)

    async def handle(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if not moment.after:
            strike()
        response = await send(self, request)
        if moment.after:
            strike()
        return response

    httpx.AsyncHTTPTransport.handle_async_request = handle  # type: ignore[method-assign]


def _at_calls(moment: Moment) -> None:
    """From the moment at which the lock of the state store is taken: what comes before has touched nothing."""
    acquire = syncd_state.InstanceLock.acquire
    strike = _Countdown(moment)

    def trace(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(_OWN):
            strike()

    def acquire_and_trace(self: syncd_state.InstanceLock) -> None:
        acquire(self)
        threading.settrace(trace)
        sys.settrace(trace)

    syncd_state.InstanceLock.acquire = acquire_and_trace  # type: ignore[method-assign]


def _at_bytes(moment: Moment) -> None:
    """No file may grow beyond so many bytes. The signal for it ends the process in the middle of that write."""
    if moment.place is Place.BYTE:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (moment.number, hard))


def _install(moment: Moment) -> None:
    match moment.place:
        case Place.COMMIT:
            _at_commits(_Countdown(moment), after_it=moment.after)
        case Place.SYSTEM_CALL:
            _at_system_calls(moment)
        case Place.SEND:
            _at_sends(moment)
        case Place.CALL:
            _at_calls(moment)
        case Place.BYTE | Place.FULL:
            _at_bytes(moment)
        case Place.REQUEST | Place.WRITE:
            raise AssertionError("the vendors interrupt there")


_told = Moment.told(os.environ)
if _told is not None:
    _install(_told)
