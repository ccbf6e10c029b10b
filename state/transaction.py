"""One transaction: all groups of the store's methods on one connection."""

from state.appointments import Appointments
from state.attention import Attention
from state.cycles import Cycles
from state.journal import Journal


class Transaction(Appointments, Journal, Attention, Cycles):
    """What can be read and written between the start of a transaction and its commit.

    It ends with the `with` block it came from; a method called later, or a write inside `read()`, raises `Misused`.
    """
