"""How the CRM may behave where its documents are silent or disagree."""

from syncd.sandbox.frame.vendor import Switch, rate_switch

SWITCHES: dict[str, Switch] = {
    "rate": rate_switch((500, 900)),
    "list_rows": Switch("reference", "list rows: the reference's keys, or all", choices=("reference", "full")),
    "get_rows": Switch(
        "reference", "answers by id: the reference's keys with version, or all", choices=("reference", "full")
    ),
    "attendees_in_get": Switch(False, "answers by id also carry attendees and notes", choices=(False, True)),
    "attendees": Switch(
        "agent",
        "who attends, where attendees are shown: an agent of the agency and whoever comes beside the client (as in the "
        "reference's only example), those beside the client, or everybody with the client first",
        choices=("agent", "others", "everybody"),
    ),
    "clients": Switch(
        "readable", "forbidden: the key lacks the scope of clients, 403", choices=("readable", "forbidden")
    ),
    "start_date": Switch("lower_bound", "what the filter start_date means", choices=("lower_bound", "exact_day")),
    "order": Switch("asc", "the order of a list, by start_time", choices=("asc", "desc", "insertion")),
    "stale_version": Switch("409", "what a stale version gets", choices=("409", "400", "ignored")),
    "delete": Switch("hard", "soft: DELETE leaves a cancelled record", choices=("hard", "soft")),
    "cancelled_listed": Switch(True, "a list without a status filter has cancelled ones", choices=(True, False)),
}

UNKIND = {
    "list_rows": "reference",
    "get_rows": "reference",
    "attendees_in_get": False,
    "attendees": "agent",
    "stale_version": "400",
    "order": "desc",
    "start_date": "exact_day",
    "delete": "soft",
}
"""The reference's examples to the letter: a list and an answer by id name the client by an id and nobody else."""
