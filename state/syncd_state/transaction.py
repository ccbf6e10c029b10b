"""One transaction: all groups of the store's methods on one connection."""

from syncd_state.accounts import Accounts
from syncd_state.appointments import Appointments
from syncd_state.attention import Attention
from syncd_state.cycles import Cycles
from syncd_state.journal import Journal
from syncd_state.retention import Retention


class Transaction(Appointments, Journal, Attention, Cycles, Retention, Accounts):
    """What can be read and written between the start of a transaction and its commit.

    It ends with the `with` block it came from; a method called later, or a write inside `read()`, raises `Misused`.
    """
