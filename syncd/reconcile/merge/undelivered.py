"""What was agreed and has not reached a vendor yet, beside what that vendor's own people change meanwhile.

Without it, the vendor's later listing would overrule what others agreed on while it was away, unseen.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.compare.sameness import same_at, same_value
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Known, Mapping
from syncd.model.policy import Policy
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Replica
from syncd.reconcile.merge.client_merge import changed_parts, only_parts, touched_parts


def undelivered(
    known: Known, replicas: abc.Iterable[Replica], policy: Policy, own: abc.Sequence[Change]
) -> list[Change]:
    """Agreed changes that a vendor has not taken yet, where that vendor's own people changed something meanwhile.

    Where a vendor that had taken the agreed value changed it further, that change stands for both; of a client, for
    both in the parts that it changed.
    """
    found: dict[Field, Change] = {}
    overtaken: set[Field] = set()
    mappings = [replica.mapping for replica in replicas]
    ended = {change.vendor for change in own if change.new is Status.CANCELLED and known.agreed.status.live}
    for mapping in sorted(mappings, key=lambda mapping: mapping.known_at, reverse=True):  # who was away longest counts
        vendor, acknowledged = mapping.vendor, mapping.acknowledged
        mine = {change.field for change in own if change.vendor == vendor and not change.while_cancelled}
        if not mine:
            continue
        able = policy.traits(vendor).capabilities
        for field, origin in known.provenance.items():
            # As where it was revived elsewhere while this vendor was away.
            missed = field is Field.STATUS and vendor in ended and origin.when.latest > mapping.known_at
            if field in mine and not missed and same_value(field, acknowledged.get(field), known.agreed.get(field)):
                overtaken.add(field)
                continue
            behind = missed or _behind(field, acknowledged, known.agreed, able)
            if behind and _competes(field, known.agreed, mine):
                change = Change(
                    vendor=origin.vendor,
                    field=field,
                    old=acknowledged.get(field),
                    new=known.agreed.get(field),
                    when=origin.when,
                    why=origin.text,
                    undelivered=True,
                )
                said = change if origin.vendor != vendor else _by_another(change, mappings, known.agreed, policy)
                found.update({} if said is None else {field: said})
    of_clients = found.pop(Field.CLIENTS, None)
    late = [change for change in found.values() if change.field not in overtaken and not _is_own(change, own)]
    left = of_clients and _left(of_clients, own, mappings, known.agreed, policy)
    return [*late, left] if left else late


def _by_another(missed: Change, mappings: abc.Iterable[Mapping], agreed: Appointment, policy: Policy) -> Change | None:
    """Parts of a client that were agreed together with one of this vendor's own: whoever has them stands for them."""
    if missed.field is not Field.CLIENTS:
        return None
    parts = touched_parts(missed, agreed, policy)
    for mapping in sorted(mappings, key=lambda mapping: policy.rank(mapping.vendor)):
        lacks = touched_parts(replace(missed, old=mapping.acknowledged.clients), agreed, policy)
        if parts and lacks is not None and parts.isdisjoint(lacks):
            return replace(missed, vendor=mapping.vendor)
    return None


def _is_own(change: Change, own: abc.Iterable[Change]) -> bool:
    return any((other.vendor, other.field) == (change.vendor, change.field) for other in own)


def _left(
    missed: Change, own: abc.Iterable[Change], mappings: abc.Sequence[Mapping], agreed: Appointment, policy: Policy
) -> Change | None:
    """What of a change of clients nobody who had heard of it changed further; None: nothing."""
    parts = touched_parts(missed, agreed, policy)
    for change in own:
        if change.field is not Field.CLIENTS:
            continue
        mapping = next(mapping for mapping in mappings if mapping.vendor == change.vendor)
        awaits_acknowledgement = touched_parts(
            replace(missed, old=mapping.acknowledged.clients, new=agreed.clients), agreed, policy
        )
        further = touched_parts(change, agreed, policy)
        if parts is None or further is None or awaits_acknowledgement is None:
            if awaits_acknowledgement is not None and not awaits_acknowledgement:  # it had heard of all
                parts = changed_parts(missed, agreed, policy) if further is not None and parts is None else None
                if parts is None or further is None:
                    return None
                parts -= further
            continue
        parts -= further - awaits_acknowledgement
    if parts is None:
        return missed
    return replace(missed, new=only_parts(missed, agreed, parts)) if parts else None


def _behind(field: Field, acknowledged: Appointment, agreed: Appointment, able: Capabilities) -> bool:
    """Whether a vendor has not heard of an agreed value."""
    match field:
        case Field.SLOT:  # whoever moves an appointment gives it another end too, whether or not an end is shown there
            return not same_value(field, acknowledged.slot, agreed.slot)
        case _:
            return not same_at(field, acknowledged, agreed, able)


def _competes(field: Field, agreed: Appointment, mine: abc.Set[Field]) -> bool:
    """Whether an agreed value that a vendor lacks goes against the fields that its own people changed."""
    return field in mine or (field is Field.STATUS and not agreed.status.live)
