"""How much there is to read in the floors that decide: `python -m tests.project.tokens [REVISION…]`.

Counts tokens of Python in `compare`, `reconcile` and `engine`, of the working tree or of revisions; comments,
docstrings and layout do not count. Names and line breaks can be chosen freely without changing it.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("compare", "engine", "reconcile")
_LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def tokens(source: str) -> int:
    """The tokens of a module."""
    told = {
        node.value.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    counted = [
        token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _LAYOUT and not (token.type == tokenize.STRING and token.start[0] in told)
    ]
    return len(counted) - sum(_is_layout(one, other) for one, other in pairwise(counted))


def _is_layout(token: tokenize.TokenInfo, following: tokenize.TokenInfo) -> bool:
    """Whether a token is there as the line was broken: a comma before a bracket, a string in two pieces."""
    closes = token.string == "," and following.string in (")", "]", "}")
    return closes or (token.type == tokenize.STRING and following.type == tokenize.STRING)


def at(revision: str | None) -> dict[str, int]:
    """The tokens of each floor, at a revision or as it is."""
    found = dict.fromkeys(FLOORS, 0)
    listed = ["git", "ls-files"] if revision is None else ["git", "ls-tree", "-r", "--name-only", revision]
    for name in _git(*listed).split():
        floor = name.split("/")[1] if name.startswith("syncd/") and name.count("/") > 1 else ""
        if floor in found and name.endswith(".py"):
            source = (ROOT / name).read_text("utf-8") if revision is None else _git("git", "show", f"{revision}:{name}")
            found[floor] += tokens(source)
    return found


def _git(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main(revisions: list[str]) -> None:
    """A line for each revision, or for the working tree."""
    for revision in (*revisions,) or (None,):
        found = at(revision)
        parts = ", ".join(f"{name} {number:,}" for name, number in found.items())
        sys.stdout.write(f"{revision or 'as it is'}: {sum(found.values()):,} tokens ({parts})\n")


if __name__ == "__main__":
    main(sys.argv[1:])
