"""What counts as something to read, and what does not."""

from __future__ import annotations

import pytest

from tests.project.tokens import tokens


@pytest.mark.parametrize(
    "source",
    [
        "x = f(1)\n",
        "x = f(\n    1\n)\n",
        '"""What it is."""\n\nx = f(1)  # and why\n',
        'x = f(1)\n"""What x is."""\n',
    ],
)
def test_comments_docstrings_and_layout_do_not_count(source: str) -> None:
    """Whoever explains more, or breaks a line, has not made it longer."""
    assert tokens(source) == tokens("x=f(1)\n") == 6


def test_everything_else_counts() -> None:
    """A text that is a value, too."""
    assert tokens("x = f(1, 'two')\n") == 8
