"""Whose records the vendors' are: another key, another address, another account."""

from __future__ import annotations

import httpx
import pytest
from structlog.testing import capture_logs

from syncd.engine.store import accounts
from syncd.engine.store.debts import put_owed
from syncd.engine.store.refusals import NotFound
from syncd.sandbox.acuity.server import Acuity
from syncd.sandbox.aivapad.server import Aivapad
from syncd_state import columns
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ANA, JANE, OMAR, World, at, of, steps

WAYS_OUT = (
    "put [vendors.{}] back as it was",
    "'syncd account same {}' says so",
    "'syncd account moved {}'",
    "a store of their own (url of [state])",
)


def acuity(world: World) -> Acuity:
    """The booking page."""
    book = world.servers["book"]
    assert isinstance(book, Acuity)
    return book


def another_account(world: World, user_id: str = "99000111") -> None:
    """The booking page's configuration opens a branch's account: it has one appointment of its own."""
    book = acuity(world)
    book.entries.clear()
    book.forget_rows()
    book.user_id, book.api_key = user_id, "7c" * 16
    world.enter("book", at(11), ANA)
    world.start_syncd()


def another_token(world: World) -> Aivapad:
    """The office's configuration has another token, which the office takes."""
    office = world.servers["office"]
    assert isinstance(office, Aivapad)
    office.token = "aiva_" + "e1" * 16
    world.start_syncd()
    return office


async def six_everywhere(world: World) -> None:
    """Six appointments at every vendor."""
    for hour in range(12, 18):
        world.enter("crm", at(hour), JANE if hour % 2 else OMAR)
    await world.settle()


def gets(world: World, name: str) -> int:
    """How many records were read by id in the last cycle."""
    return world.sent(name)["get"]


async def test_another_user_id_calls_nothing_off(world: World) -> None:
    """Its account lists none of the six: nothing is deleted, moved or made, and the message names both ways out."""
    await six_everywhere(world)
    before = world.calendars(["crm", "office", "site"])
    another_account(world)
    for dry_run in (True, False, False):
        result = await world.cycle(dry_run=dry_run)
        assert (steps(result), result.exit_code) == ([], 3)
        assert world.sent("book").keys() <= {"other"}
        error = of(result, "book").error or ""
        assert of(result, "book").snapshot == "failed"
        assert "it has another name for it" in error
        assert error.count("(account ") == 2
        assert all(way.format("book") in error for way in WAYS_OUT)
    assert world.calendars(["crm", "office", "site"]) == before
    assert world.starts("book") == [at(11)]


async def test_the_others_go_on_meanwhile_and_the_old_id_puts_all_right(world: World) -> None:
    """A move among the others arrives there; once the booking page opens its own account again, it gets it too."""
    await six_everywhere(world)
    book = acuity(world)
    kept, keys = dict(book.entries), (book.user_id, book.api_key)
    another_account(world)
    world.move("crm", next(iter(world.servers["crm"].entries)), at(18))
    result = await world.cycle()
    assert {step.operation.vendor for step in steps(result)} == {"office", "site"}
    book.user_id, book.api_key = keys
    book.entries.clear()
    book.entries.update(kept)
    book.forget_rows()
    world.start_syncd()
    await world.settle()
    assert len(world.calendars()) == 1
    assert at(18) in world.starts("book")


async def test_another_key_of_the_same_user_is_the_same_account(world: World) -> None:
    """Its name for the account decides: nothing is read by id, and from then on nothing is asked at all."""
    await six_everywhere(world)
    acuity(world).api_key = "8e" * 16
    world.start_syncd()
    with capture_logs() as logs:
        result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 0)
    assert dict(world.sent("book")) == {"list": 1}
    [kept] = [line for line in logs if line["event"] == "account_kept"]
    assert (kept["vendor"], kept["because"]) == ("book", "its name for the account is as before")
    assert acuity(world).api_key not in str(logs)


async def test_another_user_id_that_shows_the_name_of_before_is_the_same_account(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should Acuity tell by `/me` that a colleague's id opens the account that is known, it goes on."""
    await six_everywhere(world)
    book, name = acuity(world), acuity(world).user_id
    book.user_id = "55000222"
    monkeypatch.setattr(book, "_me", lambda: {"id": int(name)})
    world.start_syncd()
    result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 0)
    assert dict(world.sent("book")) == {"other": 1, "list": 1}


async def test_another_token_is_settled_by_one_record(world: World) -> None:
    """Aivapad has no name for an account: a known record, read by id and as it is known, is proof, and that once."""
    await six_everywhere(world)
    another_token(world)
    with capture_logs() as logs:
        result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 0)
    assert gets(world, "office") == 1
    [kept] = [line for line in logs if line["event"] == "account_kept"]
    assert "is as it is known" in kept["because"]
    world.start_syncd()
    await world.cycle()
    assert {name: dict(world.sent(name)) for name in world.servers} == {name: {"list": 1} for name in world.servers}


async def test_a_dry_run_keeps_nothing_of_that(world: World) -> None:
    """It reads as the next cycle will, and the next cycle reads once more."""
    await six_everywhere(world)
    another_token(world)
    for dry_run in (True, True, False):
        await world.cycle(dry_run=dry_run)
        assert gets(world, "office") == 1


async def test_another_token_whose_account_shows_no_known_record_concludes_nothing(world: World) -> None:
    """At most five are asked for, in each cycle until it is settled."""
    await six_everywhere(world)
    office = another_token(world)
    office.entries.clear()
    office.forget_rows()
    world.enter("office", at(11), ANA)
    result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 3)
    error = of(result, "office").error or ""
    assert "it shows no known record as it is known; asked for: " in error
    assert all(way.format("office") in error for way in WAYS_OUT)
    assert dict(world.sent("office")) == {"get": 5}
    assert len(world.live("crm")) == 6


async def test_a_record_of_that_id_with_another_content_is_no_proof(world: World) -> None:
    """Ids are numbers that start at one in every account: the branch has 742 as well, for somebody else."""
    await six_everywhere(world)
    site = world.servers["site"]
    for number, entry in enumerate(site.entries.values()):
        entry.people = [ANA]
        entry.start, entry.end = at(9 + number, day=26), at(9.5 + number, day=26)
    site.forget_rows()
    site.api_key = "4f" * 22  # type: ignore[attr-defined]
    world.start_syncd()
    result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 3)
    assert gets(world, "site") == 5
    assert "it shows no known record" in (of(result, "site").error or "")


async def test_four_records_that_people_changed_leave_the_fifth(world: World) -> None:
    """Whatever else was done in the meantime is a change like any other."""
    await six_everywhere(world)
    office = another_token(world)
    for entry in sorted(office.entries.values(), key=lambda one: one.start)[:4]:
        world.move("office", entry.id, entry.start.replace(day=27))
    result = await world.cycle()
    assert result.exit_code == 0
    assert {step.operation.vendor for step in steps(result)} == {"crm", "book", "site"}
    assert gets(world, "office") >= 5


OLD = "https://salon.example"
NEW_ADDRESSES = pytest.mark.parametrize(
    ("before", "now"),
    [
        ("http://127.0.0.9", "https://127.0.0.9"),
        (OLD, "https://www.salon.example"),
        (OLD, "https://hair.example"),
    ],
    ids=["https", "www", "another host"],
)


@NEW_ADDRESSES
async def test_another_address_of_a_site_is_settled_by_one_record(worlds: Worlds, before: str, now: str) -> None:
    """A certificate, a `www.`, a move to another host: the same records are there, and it goes on, with one line."""
    world = worlds(addresses={"site": before})
    await six_everywhere(world)
    world.start_syncd(addresses={"site": now})
    with capture_logs() as logs:
        result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 0)
    assert (gets(world, "site"), world.sent("site")["list"]) == (1, 1)
    [kept] = [line for line in logs if line["event"] == "account_kept"]
    assert (kept["vendor"], kept["place"]) == ("site", httpx.URL(now).host)
    assert "is as it is known" in kept["because"]
    await world.cycle()
    assert dict(world.sent("site")) == {"list": 1}


@NEW_ADDRESSES
async def test_another_address_behind_which_others_records_are_concludes_nothing(
    worlds: Worlds, before: str, now: str
) -> None:
    """At most five are read, both addresses are named, and neither there nor anywhere else anything is written."""
    world = worlds(addresses={"site": before})
    await six_everywhere(world)
    site = world.site
    for number, entry in enumerate(site.entries.values()):
        entry.people = [ANA]
        entry.start, entry.end = at(9 + number, day=26), at(9.5 + number, day=26)
    site.forget_rows()
    world.start_syncd(addresses={"site": now})
    for _ in range(2):
        result = await world.cycle()
        assert (steps(result), result.exit_code) == ([], 3)
        assert sum(world.written(name) for name in world.servers) == 0
        assert (gets(world, "site"), world.sent("site")["list"]) == (5, 0)
        error = of(result, "site").error or ""
        assert f"opens {httpx.URL(now).host}" in error
        assert f"the account whose records the store knows, {httpx.URL(before).host}" in error
        assert all(way.format("site") in error for way in WAYS_OUT)


@pytest.mark.parametrize("code", [503, 403])
async def test_a_vendor_that_answers_nothing_settles_nothing(world: World, code: int) -> None:
    """Neither that it is the same, nor that it is another: the next cycle asks again."""
    await six_everywhere(world)
    another_token(world)
    world.fault("office", "status", "get", code=code)
    assert (await world.cycle()).exit_code == 3
    world.mend()
    assert (await world.cycle()).exit_code == 0


async def test_a_first_cycle_asks_for_no_account(world: World) -> None:
    """Nothing is known that could be another's."""
    world.enter("crm", at(15))
    await world.cycle()
    assert world.sent("book")["other"] == 0
    assert all(kept is not None for kept in accounts.listed(world.ledger, world.servers).values())


async def test_a_store_of_an_older_version_learns_whose_records_it_has(world: World) -> None:
    """One record of each vendor is read by id, once."""
    await six_everywhere(world)
    forget_accounts(world)
    world.start_syncd()
    result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 0)
    assert {name: gets(world, name) for name in world.servers} == dict.fromkeys(world.servers, 1)
    await world.cycle()
    assert {name: gets(world, name) for name in world.servers} == dict.fromkeys(world.servers, 0)


@pytest.mark.parametrize("also", ["", "the client"])
async def test_records_that_were_all_edited_since_an_older_version_tell_it_still(world: World, also: str) -> None:
    """All moved: each is still its client's. Moved and given to others, nothing tells it, until a person does."""
    await six_everywhere(world)
    forget_accounts(world)
    for entry in world.live("site"):
        world.move("site", entry.id, entry.start.replace(day=27))
        if also:
            world.servers["site"].person_edit(entry.id, people=[ANA])
    world.start_syncd()
    result = await world.cycle()
    assert result.exit_code == (3 if also else 0)
    assert ("it shows no known record" in (of(result, "site").error or "")) is bool(also)
    if also:
        accounts.same_as_before(world.ledger, "site", world.vendors["site"].sign, bytes(16))
        assert of(await world.cycle(), "site").error is None
        with pytest.raises(NotFound, match="which its records are of"):
            accounts.same_as_before(world.ledger, "site", world.vendors["site"].sign, bytes(16))


def forget_accounts(world: World) -> None:
    """As the version before left it."""
    with world.ledger.store.write() as tx:
        for name in world.servers:
            tx._delete(columns.ACCOUNT, vendor=name)


async def test_no_secret_is_in_the_store(worlds: Worlds) -> None:
    """Neither what opens an account nor its name, in no spelling; and no two stores have the same of it."""
    found: list[set[tuple[bytes, bytes | None]]] = []
    for world in (worlds(), worlds()):
        world.rng.seed(len(found))
        await six_everywhere(world)
        with world.ledger.store.read() as tx:
            rows = [tx.account(name) for name in world.servers]
        for server in world.servers.values():
            secrets = [str(value) for value in server.settings().values()]
            assert not any(secret in repr(rows) for secret in secrets)
        found.append({(row.fingerprint, row.name) for row in rows if row is not None})
    assert not found[0] & found[1]


class TestMoved:
    """`syncd account moved`: the appointments went to another account, with other ids."""

    async def test_what_the_new_account_has_is_linked_and_what_it_lacks_is_made(self, world: World) -> None:
        """By time and client; the ids of the old account mean nothing any more, even where one comes again."""
        await six_everywhere(world)
        old = {entry.start: entry for entry in world.live("book")}
        another_account(world)
        await world.cycle()
        book = acuity(world)
        book.entries.clear()
        # The first id of the old account is another appointment's here.
        for hour, who in ((13, JANE), (12, OMAR), (15, JANE)):
            made = world.enter("book", at(hour), who)
            if hour == 13:
                del book.entries[made.id]
                made.id = old[at(12)].id
                book.entries[made.id] = made
        accounts.moved_to(world.ledger, "book", world.vendors["book"].sign)
        first = await world.cycle()
        assert {step.operation.action.value for step in first.steps} == {"adopt", "create"}
        assert {step.operation.vendor for step in first.steps} == {"book"}
        assert not [step for step in first.steps if "book@" in step.operation.reason]
        await world.settle()
        assert world.calendars() == [[at(hour) for hour in range(12, 18)]]
        jane = next(entry for entry in world.live("crm") if entry.start == at(13))
        assert world.the("crm", jane.id, "book").id == old[at(12)].id
        assert [len(world.live(name)) for name in world.servers] == [6, 6, 6, 6]

    async def test_what_was_called_off_stays_so(self, world: World) -> None:
        """The tombstones are kept: nothing that ended is made in the new account, and none comes back from it."""
        await six_everywhere(world)
        gone = world.live("crm")[0]
        world.call_off("crm", gone.id)
        await world.settle()
        another_account(world)
        await world.cycle()
        book = acuity(world)
        book.entries.clear()
        world.call_off("book", world.enter("book", at(12), OMAR).id)
        accounts.moved_to(world.ledger, "book", world.vendors["book"].sign)
        await world.cycle()
        await world.settle()
        assert world.calendars() == [[at(hour) for hour in range(13, 18)]]

    async def test_of_what_was_called_off_and_stands_in_the_new_account_a_person_is_asked(self, world: World) -> None:
        """A copy of the old account from before: it is that appointment's, nothing is revived, and nothing ended."""
        await six_everywhere(world)
        gone = world.live("crm")[0]
        world.call_off("crm", gone.id)
        await world.settle()
        another_account(world)
        await world.cycle()
        acuity(world).entries.clear()
        copied = world.enter("book", at(12), OMAR)
        accounts.moved_to(world.ledger, "book", world.vendors["book"].sign)
        [asked] = (await world.cycle()).conflicts
        assert (asked.field.value, asked.winner) == ("status", None)
        await world.settle()
        assert world.calendars(["crm", "office", "site"]) == [[at(hour) for hour in range(13, 18)]]
        assert world.servers["book"].entries[copied.id].status == "scheduled"

    async def test_nothing_moved_where_the_account_is_the_same(self, world: World) -> None:
        """It is refused, with the account's name; and so is a vendor of which nothing is known."""
        with pytest.raises(NotFound, match="no record of book is known"):
            accounts.moved_to(world.ledger, "book", world.vendors["book"].sign)
        await six_everywhere(world)
        with pytest.raises(NotFound, match="nothing moved"):
            accounts.moved_to(world.ledger, "book", world.vendors["book"].sign)

    async def test_a_create_without_an_answer_in_the_old_account_is_not_awaited(self, world: World) -> None:
        """It is made in the new one."""
        world.enter("crm", at(12), JANE)
        await world.settle()
        world.answer_instead("book", "create", 502, "")
        world.enter("crm", at(14), OMAR)
        await world.cycle()
        world.mend()
        another_account(world)
        await world.cycle()
        acuity(world).entries.clear()
        accounts.moved_to(world.ledger, "book", world.vendors["book"].sign)
        await world.cycle()
        await world.settle()
        assert world.calendars() == [[at(12), at(14)]]


async def test_nothing_is_given_back_to_records_of_another_account(world: World) -> None:
    """What a write took from the site's record is owed to that one, and not to whoever has its id at another site."""
    await six_everywhere(world)
    site = world.servers["site"]
    with world.ledger.store.write() as tx:
        put_owed(tx, "site", next(iter(site.entries)), "notifyParticipants")
    for number, entry in enumerate(site.entries.values()):
        entry.people = [ANA]
        entry.start, entry.end = at(9 + number, day=26), at(9.5 + number, day=26)
    site.forget_rows()
    site.api_key = "4f" * 22  # type: ignore[attr-defined]
    world.start_syncd()
    assert (await world.cycle()).exit_code == 3
    assert world.written("site") == 0
