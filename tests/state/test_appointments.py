"""Appointments and mappings come back as they were put, narrow or whole."""

from dataclasses import replace

from syncd_state import IndexEntry, Store
from syncd_state.appointments import INDEX_OF_A_VENDOR
from tests.state.world import LATER, NOON, appointment, mapping


def test_an_appointment_comes_back_as_it_was_put(store: Store) -> None:
    """Every column survives, whatever text it holds; unknown ids are left out."""
    rows = [appointment("a1", agreed='{"title": "Zoë – \\u0000 ✓"}', ended=True), appointment("a2", start=-0.5)]
    with store.write() as tx:
        tx.upsert_appointments(rows)
    with store.read() as tx:
        assert sorted(tx.appointments(["a2", "nobody", "a1"]), key=lambda row: row.id) == rows


def test_an_appointment_that_is_put_again_keeps_when_it_was_created(store: Store) -> None:
    """A second put replaces everything but `created_at`."""
    with store.write() as tx:
        tx.upsert_appointments([appointment(created_at=NOON)])
        tx.upsert_appointments([appointment(created_at=LATER, updated_at=LATER, agreed="{}", pending=True)])
    with store.read() as tx:
        assert tx.appointments(["a1"]) == [
            appointment(created_at=NOON, updated_at=LATER, agreed="{}", pending=True),
        ]


def test_pending_appointments_are_found_until_they_are_done_with(store: Store) -> None:
    """The pending mark is put with the row or on its own."""
    with store.write() as tx:
        tx.upsert_appointments([appointment("a1", pending=True), appointment("a2"), appointment("a3")])
        tx.set_pending(["a3"], pending=True)
        assert tx.appointments_pending() == ["a1", "a3"]
        tx.set_pending(["a1", "a3"], pending=False)
        assert tx.appointments_pending() == []


def test_appointments_are_found_by_when_they_start(store: Store) -> None:
    """The stretch is half-open: it holds its start and not its end."""
    with store.write() as tx:
        tx.upsert_appointments([appointment(f"a{start}", start=float(start)) for start in (30, 20, 10, 0)])
        assert tx.appointments_starting(10.0, 30.0) == ["a10", "a20"]
        assert tx.appointments_starting(30.0, 30.0) == []


def test_a_mapping_comes_back_as_it_was_put(store: Store) -> None:
    """Every column survives, absent values included, and the database gives the id."""
    ended = mapping("8", live=False, tombstone=True, tombstone_reason="deleted at crm")
    bare = mapping("9", start=None, fingerprint=None, version=None, modified_at=None)
    with store.write() as tx:
        tx.upsert_appointments([appointment()])
        tx.upsert_mappings([mapping("7"), ended, bare])
    with store.read() as tx:
        found = sorted(tx.mappings_of(["a1", "nobody"]), key=lambda row: row.remote_id)
    assert found == [mapping("7", id=1), replace(ended, id=2), replace(bare, id=3)]


def test_a_record_has_one_mapping(store: Store) -> None:
    """A mapping that is put again moves to another appointment and keeps its id; another vendor's is another."""
    with store.write() as tx:
        tx.upsert_appointments([appointment("a1"), appointment("a2")])
        tx.upsert_mappings([mapping("7"), mapping("7", vendor="book")])
        tx.upsert_mappings([mapping("7", appointment_id="a2", version=4, id=99)])
        assert tx.mapping("crm", "7") == mapping("7", appointment_id="a2", version=4, id=1)
        assert tx.mapping("book", "7") == mapping("7", vendor="book", id=2)
        assert tx.mapping("book", "8") is None


def some_records(store: Store) -> None:
    """Records of two vendors: from 50, 100 and 200 on, and one of which that is not known."""
    with store.write() as tx:
        tx.upsert_appointments([appointment()])
        tx.upsert_mappings(
            [
                mapping("6", start=50.0),
                mapping("7"),
                mapping("8", live=False, tombstone=True, start=200.0, fingerprint=None),
                mapping("9", start=None),
                mapping("9", vendor="book"),
            ]
        )


SEVEN = IndexEntry("7", b"\x00\xff", "a1", 100.0, live=1, tombstone=0)
EIGHT = IndexEntry("8", None, "a1", 200.0, live=0, tombstone=1)


def test_the_index_of_a_vendor_shows_its_mappings_without_their_texts(store: Store) -> None:
    """What a listing is compared with, tombstones included, from a start on; other vendors'
    mappings are not in it.
    """
    some_records(store)
    with store.read() as tx:
        assert sorted(tx.index("crm", 100.0)) == [SEVEN, EIGHT]
        assert tx.index("crm", 100.1) == [EIGHT]
        assert tx.index("nobody", 0.0) == []


def test_what_starts_before_is_found_where_it_is_asked_for(store: Store) -> None:
    """By a stretch, which is half-open, or by id, whenever it starts, also where that is not known."""
    some_records(store)
    with store.read() as tx:
        assert [entry.remote_id for entry in tx.index_between("crm", 50.0, 100.0)] == ["6"]
        assert tx.index_between("crm", 100.0, 200.0) == [SEVEN]
        found = tx.index_of("crm", ["9", "7", "6", "nobody", *map(str, range(1000, 3000))])
        assert sorted(entry.remote_id for entry in found) == ["6", "7", "9"]
        assert tx.index_of("crm", []) == []
        assert tx.index_of("book", ["7"]) == []


def test_the_index_of_a_vendor_is_answered_without_reading_a_wide_row_or_the_past(store: Store) -> None:
    """An idle cycle compares thousands of rows: the covering index alone must answer, from the
    start on.
    """
    with store.read() as tx:
        plan = tx._tuples(f"EXPLAIN QUERY PLAN {INDEX_OF_A_VENDOR}", "crm", 0.0)
    assert "COVERING INDEX ix_mapping_vendor_start (vendor=? AND start>?)" in plan[0][-1]


def test_fingerprints_are_forgotten_alone(store: Store) -> None:
    """That changes no other column, and no other vendor's record."""
    with store.write() as tx:
        tx.upsert_appointments([appointment()])
        tx.upsert_mappings([mapping("7"), mapping("7", vendor="book")])
        tx.forget_fingerprints(["crm", "nobody"])
        assert tx.mapping("crm", "7") == mapping("7", fingerprint=None, id=1)
        assert tx.mapping("book", "7") == mapping("7", vendor="book", id=2)


def test_more_ids_than_a_statement_takes_are_no_limit(store: Store) -> None:
    """Ids come in any number and any repetition."""
    rows = [appointment(f"a{number:05}") for number in range(1200)]
    ids = [row.id for row in rows]
    with store.write() as tx:
        tx.upsert_appointments(rows)
        tx.upsert_mappings([mapping(f"r{ident}", appointment_id=ident) for ident in ids])
        assert sorted(row.id for row in tx.appointments(ids * 30)) == ids
        assert sorted(row.appointment_id for row in tx.mappings_of(iter(ids))) == ids
        tx.forget_appointments(ids)
        assert (tx.counts().appointments, tx.counts().mappings) == (0, 0)


def test_nothing_asked_is_nothing_answered(store: Store) -> None:
    """Empty lists of ids and rows are valid everywhere."""
    with store.write() as tx:
        tx.upsert_appointments([])
        tx.upsert_mappings([])
        tx.set_pending([], pending=True)
        assert tx.appointments([]) == []
        assert tx.mappings_of([]) == []
        tx.forget_appointments([])
