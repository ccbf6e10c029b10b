"""Which account at each vendor the records are of, and setting the records of a former one aside."""

from syncd_state.access import Access
from syncd_state.columns import ACCOUNT, APPOINTMENT, JOURNAL, MAPPING, OBSERVATION, QUARANTINE
from syncd_state.journal import UNSETTLED
from syncd_state.rows import AccountRow, JournalState, MappingRow

_SAMPLE = """
SELECT remote_id FROM mapping WHERE vendor = ? AND tombstone = 0
ORDER BY live DESC, start >= ? DESC, abs(start - ?), remote_id LIMIT ?
"""
_OWNERS = "SELECT DISTINCT appointment_id FROM mapping WHERE vendor = ? AND tombstone = 0"


class Accounts(Access):
    """Reading and writing accounts."""

    def account(self, vendor: str) -> AccountRow | None:
        """The account that a vendor's records are of, or None where that was never told."""
        found = self._rows(AccountRow, ACCOUNT, vendor=vendor)
        return found[0] if found else None

    def put_account(self, row: AccountRow) -> None:
        """Put or replace the account of a vendor; that of one which is there keeps its `since`."""
        self._upsert(ACCOUNT, [row], key=("vendor",), keep=("since",))

    def has_mappings(self, vendor: str) -> bool:
        """Whether any record of a vendor is known, in use or not."""
        return bool(self._tuples("SELECT 1 FROM mapping WHERE vendor = ? LIMIT 1", vendor))

    def mappings_to_ask(self, vendor: str, now: float, number: int) -> list[MappingRow]:
        """At most so many mappings in use, by which an account is told: the live ones first, and of those the next.

        `now` is in seconds since the epoch.
        """
        ids = [row[0] for row in self._tuples(_SAMPLE, vendor, now, now, number)]
        rows = {row.remote_id: row for row in self._rows(MappingRow, MAPPING, vendor=vendor, remote_id=ids)}
        return [rows[key] for key in ids]

    def set_aside(self, vendor: str, name: str, reason: str, now: str) -> int:
        """Keep the records of a vendor under another name, out of use; returns how many were in use.

        Their appointments need work. What was seen of the vendor is forgotten, and open entries of its journal are
        settled: nothing of those is seen any more.
        """
        owners = [row[0] for row in self._tuples(_OWNERS, vendor)]
        for first in range(0, len(owners), 500):
            self._update(APPOINTMENT, {"pending": True}, id=owners[first : first + 500])
        ended = {"tombstone": True, "tombstone_reason": reason, "live": False, "fingerprint": None}
        in_use = self._update(MAPPING, ended, vendor=vendor, tombstone=False)
        self._update(MAPPING, {"vendor": name}, vendor=vendor)
        settled = {"state": JournalState.RESOLVED, "settled_at": now, "error": reason, "missed": None}
        self._update(JOURNAL, settled, vendor=vendor, state=list(UNSETTLED))
        self._update(JOURNAL, {"missed": None}, vendor=vendor)
        self._delete(OBSERVATION, vendor=vendor)
        self._delete(QUARANTINE, vendor=vendor)
        self._delete(ACCOUNT, vendor=vendor)
        return in_use
