"""The store has no method that only its tests call."""

import ast
import inspect

import pytest

from syncd_state import Store, Transaction
from tests.project.sources import modules

ASKED_FOR = {
    node.attr
    for path in modules("syncd", "state")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Attribute)
}
"""Every attribute that the product asks anything for."""


@pytest.mark.parametrize("kind", [Store, Transaction])
def test_every_method_has_a_caller_in_the_product(kind: type) -> None:
    """What nobody calls is no interface, and is tested for nothing."""
    methods = {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}
    assert methods - ASKED_FOR == set()
