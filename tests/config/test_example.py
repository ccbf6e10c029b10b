"""The configuration that `syncd init` writes."""

from __future__ import annotations

import re
import tomllib

from syncd.config import example
from syncd.vendors import KINDS
from tests.config.world import KINDS as INVENTED
from tests.config.world import Desk


def test_the_example_of_any_kinds_loads_once_its_secrets_are_set(desk: Desk) -> None:
    """Whatever kinds there are, each has a section that its own settings accept."""
    desk.environ.update(PLAIN_KEY="k", TOKEN="t")
    assert [vendor.kind.name for vendor in desk.load(example(INVENTED)).vendors] == ["plain", "clocked"]


def test_the_example_of_the_real_kinds_loads_once_its_secrets_are_set(desk: Desk) -> None:
    """What `syncd init` writes is a working configuration."""
    text = example()
    desk.environ.update(dict.fromkeys(re.findall(r'env = "([A-Z_]+)"', text), "4711"))
    found = desk.load(text, KINDS)
    assert [vendor.name for vendor in found.vendors] == ["crm", "book", "office", "site"]


def test_the_example_s_comments_are_right_too(desk: Desk) -> None:
    """With every commented key switched on, the sections that are no vendor's load as well."""
    desk.environ.update(PLAIN_KEY="k", TOKEN="t")
    text = example({"actuallycare": INVENTED["plain"], "acuity": INVENTED["plain"], "amelia": INVENTED["clocked"]})
    opened = re.sub(r"(?m)^# (?=\[|[a-z_]+ = )", "", text)
    found = desk.load(opened, INVENTED)
    assert found.listen is not None
    assert found.state_url.endswith("/state.db")
    assert [row.name for row in (*found.catalogue.services, *found.catalogue.staff)] == ["Showing", "Jordan"]
    assert found.sync.priority == tuple(tomllib.loads(opened)["sync"]["priority"])
