"""`syncd check`: configuration, credentials and reachability, by reads alone."""

from __future__ import annotations

import pytest

from tests.e2e.cli.world import ALL, World

_GOOD = [
    f"{name} ({kind}): reachable, credentials accepted"
    for name, kind in zip(ALL, ("actuallycare", "acuity", "aivapad", "amelia"), strict=True)
]


def lines_of(world: World, code: int) -> list[str]:
    """What it prints; it must end with this code."""
    done = world.syncd("check")
    assert (done.code, done.told) == (code, "")
    return done.out.splitlines()


def test_a_good_configuration_is_said_to_be_good(world: World) -> None:
    """A line for each vendor in the order of the file, and what Amelia runs; exit 0, nothing written anywhere."""
    world.book(0, 1)
    lines = lines_of(world, 0)
    assert [line for line in lines if not line.startswith("  ")] == _GOOD
    assert any(line.startswith("  site: it runs Amelia 2.") for line in lines)
    assert world.requests > 0
    assert world.asked_to_write == []
    assert list(world.state.parent.iterdir()) == []


def test_what_the_account_offers_and_no_row_names_is_shown_as_a_row_to_paste(world: World) -> None:
    """With the vendor's own name; it is no doubt, and pasted it is gone."""
    lines = lines_of(world, 0)
    place = lines.index("  book: calendar 14209020 'Robin' is in no [[staff]] row:")
    row = [line.strip() for line in lines[place + 1 : place + 4]]
    assert row == ["[[staff]]", 'name = "Robin"', "ids = { book = 14209020 }"]
    world.config.write_text(world.config.read_text() + "\n".join(["", *row, ""]))
    assert not any("is in no [[" in line for line in lines_of(world, 0))


def test_a_row_that_is_marked_for_nothing_is_named(world: World) -> None:
    """`generic = true` is of use with `lengths = "cover"` alone; it puts no vendor in doubt."""
    text = world.config.read_text()
    row = '\n[[services]]\nname = "Anything"\nduration = "2h"\ngeneric = true\n'
    world.config.write_text(text + row)
    [told] = [line for line in lines_of(world, 0) if "generic" in line]
    place = text.count("[[services]]")
    assert told.startswith(f"{world.config}: services[{place}].generic: does nothing unless [sync] has lengths = ")
    world.config.write_text(text.replace("[sync]\n", '[sync]\nlengths = "cover"\n', 1) + row)
    assert not [line for line in lines_of(world, 0) if "generic" in line]


@pytest.mark.parametrize("code", [401, 403])
@pytest.mark.parametrize("names", [("crm", "office"), ("book", "site")], ids="-".join)
def test_credentials_that_are_turned_down_are_named(world: World, names: tuple[str, str], code: int) -> None:
    """Exit 3; the vendor's line says what to correct, the others are checked all the same."""
    for name in names:
        world.fault(name, "status", code=code)
    lines = lines_of(world, 3)
    assert [line for line in lines if line.endswith("credentials accepted")] == [
        _GOOD[ALL.index(n)] for n in ALL if n not in names
    ]
    for name in names:
        place = next(number for number, line in enumerate(lines) if line.startswith(f"{name} "))
        assert lines[place].endswith(": in doubt")
        assert lines[place + 1].startswith(f"  {name}: ")


def test_a_zone_that_is_not_the_site_s_is_named_with_the_key(world: World) -> None:
    """Exit 3: both zones, and which key to correct; the other vendors are well."""
    world.configure(options={"site": {"timezone": "Pacific/Auckland"}})
    lines = lines_of(world, 3)
    assert "site (amelia): in doubt" in lines
    [doubt] = [line for line in lines if "timezone in [vendors.site]" in line]
    assert "'Europe/Belgrade'" in doubt
    assert "'Pacific/Auckland'" in doubt
    assert _GOOD[0] in lines


def test_a_licence_without_an_api_is_told_from_a_wrong_address(world: World) -> None:
    """Amelia Lite answers 404 at the right address: the line says what else it may be."""
    world.vendors["site"].set_behaviour(licence="no_api")
    lines = lines_of(world, 3)
    assert any("this licence of Amelia has no API" in line and "base_url" in line for line in lines)


@pytest.mark.parametrize("kind", ["html", "empty"])
def test_an_answer_that_is_no_api_s_is_named(world: World, kind: str) -> None:
    """A maintenance page is not taken for a vendor."""
    for name in ALL:
        world.fault(name, kind)
    lines = lines_of(world, 3)
    assert [line for line in lines if line.endswith(": in doubt")] == [f"{g.split(':')[0]}: in doubt" for g in _GOOD]
    assert len(lines) == 8


def test_a_key_that_may_not_read_clients_is_named(world: World) -> None:
    """With the way out; a stand-in for them is one, and then nothing is in doubt."""
    world.vendors["crm"].set_behaviour(clients="forbidden")
    [line, doubt] = [line for line in lines_of(world, 3) if line.split()[0].startswith("crm")]
    assert line == "crm (actuallycare): in doubt"
    assert "the key may not read clients (403 INSUFFICIENT_SCOPE)" in doubt
    world.configure(options={"crm": {"clients": "stand-in"}})
    assert [line for line in lines_of(world, 0) if not line.startswith("  ")] == _GOOD


def test_a_vendor_that_is_down_is_named(world: World) -> None:
    """No connection is no answer either."""
    world.configure(
        options={
            "crm": {"base_url": "http://127.0.0.1:9/v1", "timeout": "1s"},
            "site": {"timeout": "0.3s"},
        }
    )
    world.fault("site", "hang")
    told = "\n".join(lines_of(world, 3))
    assert "crm (actuallycare): in doubt\n  crm: GET /appointments: no connection" in told
    assert "site (amelia): in doubt\n  site: GET " in told
    assert "no answer within 0.3 s" in told
    assert "book (acuity): reachable" in told


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("94517100", "99", ("book", "99")),
        ("book = 14209019", "book = 98", ("book", "98")),
        ("site = 2", "site = 97", ("site", "97")),
        ("provider = 1", "provider = 96", ("site", "96")),
        ('crm = "showing"', 'crm = "shoving"', ("crm", "shoving")),
        ("customer_id = 10", "customer_id = 95", ("site", "95")),
    ],
)
def test_an_id_that_a_vendor_does_not_have_is_named(
    world: World, before: str, after: str, words: tuple[str, str]
) -> None:
    """Vendor, id, and where it stands in the configuration; exit 3."""
    text = world.config.read_text()
    assert text.count(before) == 1
    world.config.write_text(text.replace(before, after))
    doubts = [line for line in lines_of(world, 3) if line.startswith("  ")]
    assert any(line.startswith(f"  {words[0]}: ") and words[1] in line for line in doubts), doubts
