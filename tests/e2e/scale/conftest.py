"""Thousands of operations are told of in results here, not in logs."""

from __future__ import annotations

import logging
from collections import abc

import pytest
import structlog


@pytest.fixture(autouse=True)
def quiet() -> abc.Iterator[None]:
    """Nothing below an error is logged."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.reset_defaults()
