"""The durable store: appointments, mappings, journal, and what waits for a person, in SQLite.

Knows nothing of the program that uses it: JSON texts, vendors' names and rules are opaque here. See `open_store` for
opening one, `Transaction` for what can be asked of it, and `InstanceLock` for running alone.
"""

from syncd_state.appointments import IndexEntry
from syncd_state.connecting import database_path
from syncd_state.errors import (
    BadUrl,
    Busy,
    Corrupt,
    Locked,
    MigrationFailed,
    Misused,
    NewerSchema,
    StoreError,
    Unwritable,
)
from syncd_state.lock import InstanceLock
from syncd_state.opening import open_store
from syncd_state.retention import FIRST, Bygone, Ended
from syncd_state.rows import (
    AccountRow,
    AppointmentRow,
    ConflictRow,
    Counts,
    CycleRow,
    HeldRow,
    JournalRow,
    JournalState,
    MappingRow,
    ObservationRow,
    QuarantineRow,
)
from syncd_state.store import Store
from syncd_state.transaction import Transaction

__all__ = [
    "FIRST",
    "AccountRow",
    "AppointmentRow",
    "BadUrl",
    "Busy",
    "Bygone",
    "ConflictRow",
    "Corrupt",
    "Counts",
    "CycleRow",
    "Ended",
    "HeldRow",
    "IndexEntry",
    "InstanceLock",
    "JournalRow",
    "JournalState",
    "Locked",
    "MappingRow",
    "MigrationFailed",
    "Misused",
    "NewerSchema",
    "ObservationRow",
    "QuarantineRow",
    "Store",
    "StoreError",
    "Transaction",
    "Unwritable",
    "database_path",
    "open_store",
]
