"""Doing several things at once, so that none goes on when one of them has failed for good."""

from __future__ import annotations

import asyncio
from collections import abc
from typing import Any, TypeVar

T = TypeVar("T")


async def together(jobs: abc.Iterable[abc.Coroutine[Any, Any, T]]) -> list[T]:
    """The results of all jobs, in their order.

    Where one raises, the others are cancelled, and that error is raised.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
    # Callers know single errors, and the first one is what cancelled the others.
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
