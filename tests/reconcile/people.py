"""What people do at their vendors: seeds of a world, and edits of it, as Hypothesis draws them."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.record import Record
from tests.reconcile.play import TITLE_LENGTH, World, insert, kept_by, later, put, remove
from tests.reconcile.world import ABLE, slot, visit

VENDORS = ("crm", "book", "office", "site")
CLIENTS = tuple(
    Client(first_name=f"First{n}", last_name=f"Last{n}", email=f"client{n}@example.com", phone=f"+1 555-01{n:02}")
    for n in range(5)
)
TEXTS = ("", "Short", "A title that is long", "A title that is longer")
SLOTS = tuple(slot(hour, minute, minutes=length) for hour, minute, length in ((9, 0, 30), (11, 15, 50), (16, 30, 90)))
ENDS = frozenset({"cancel", "delete"})


@dataclass(frozen=True)
class Edit:
    """What a person does to one client's record at one vendor."""

    client: int
    vendor: str
    kind: str
    value: Any = None


def _kind(kind: str, values: abc.Sequence[Any] = (None,)) -> st.SearchStrategy[tuple[str, Any]]:
    return st.tuples(st.just(kind), st.sampled_from(values))


CHANGES = st.one_of(
    _kind("slot", SLOTS),
    _kind("title", TEXTS),
    _kind("notes", ("", "Ring the bell", "Bring papers")),
    _kind("last_name", ("Newname", "Other")),
    _kind("phone", ("+1 555-0999", "")),
    _kind("status", (Status.COMPLETED, Status.NO_SHOW)),
)
ENDINGS = st.one_of(_kind("cancel"), _kind("delete"))
REVIVALS = _kind("revive")


def edits(kinds: st.SearchStrategy[tuple[str, Any]], size: int = 6) -> st.SearchStrategy[list[Edit]]:
    """Some edits, one for each vendor, client and kind at most."""
    one = st.builds(
        lambda client, vendor, kind: Edit(client, vendor, *kind),
        st.integers(0, len(CLIENTS) - 1),
        st.sampled_from(VENDORS),
        kinds,
    )
    return st.lists(one, max_size=size, unique_by=lambda edit: (edit.client, edit.vendor, edit.kind))


SEEDS = st.lists(st.sets(st.sampled_from(VENDORS), min_size=1), min_size=1, max_size=len(CLIENTS))
"""For each client, the vendors at which a record of the client's visit is found."""


def seeded(seeds: abc.Sequence[abc.Set[str]]) -> World:
    """The world in which each client has a visit of its own, already known to some vendors."""
    world = World(records={})
    for number, vendors in enumerate(seeds):
        content = visit(slot=slot(10 + number), clients=(CLIENTS[number],), title=f"Visit {number}")
        for vendor in sorted(vendors):
            world = insert(world, vendor, kept_by(vendor, content))
    return world


def edited(world: World, all_edits: abc.Iterable[Edit]) -> tuple[World, list[tuple[Edit, Record]]]:
    """The world after some edits, each some seconds after the one before, and those that changed something."""
    done = []
    for edit in all_edits:
        world = later(world, 0.2)
        old = record_of(world, edit.client, edit.vendor, cancelled=edit.kind == "revive")
        content = None if old is None else after(old.content, edit)
        if old is None or content == old.content:
            continue
        if edit.kind == "revive" and record_of(world, edit.client, edit.vendor):
            continue  # nobody books a client twice on purpose
        if edit.kind == "delete":
            world = remove(world, edit.vendor, old.remote_id)
        elif content is not None:
            world = put(world, old, content)
        done.append((edit, old))
    return later(world, 0.2), done


def record_of(world: World, client: int, vendor: str, *, cancelled: bool = False) -> Record | None:
    """A client's record at a vendor: the live one, or the one that is cancelled."""
    email = CLIENTS[client].email
    found = [
        one
        for _, one in sorted(world.at(vendor).items())
        if one.content.status.live is not cancelled and any(c.email == email for c in one.content.clients)
    ]
    return found[0] if found else None


def after(content: Appointment, edit: Edit) -> Appointment | None:
    """What a record shows after an edit; a field that its vendor does not show cannot be edited there."""
    able = ABLE[edit.vendor]
    match edit.kind:
        case "delete":
            return None
        case "cancel":
            return replace(content, status=Status.CANCELLED)
        case "revive":
            return replace(content, status=Status.SCHEDULED)
        case "last_name" | "phone":
            if edit.kind not in able.client_parts:
                return content
            return replace(content, clients=tuple(replace(c, **{edit.kind: edit.value}) for c in content.clients))
        case name:
            field = Field(name)
            if not able.ability(field).seen or (field is Field.STATUS and edit.value not in able.statuses):
                return content
            cut = field is Field.TITLE and edit.vendor == "office"
            return content.with_values({field: edit.value[:TITLE_LENGTH] if cut else edit.value})
