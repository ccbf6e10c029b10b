"""The suite runs for every vendor that syncd has."""

from __future__ import annotations

import pytest

from syncd.sandbox import KINDS as SERVERS
from syncd.vendors import KINDS
from tests.contract.subjects import SUBJECTS, Subject


def test_every_kind_of_vendor_is_registered_once() -> None:
    """Whoever adds a kind adds a registration, and so does the sandbox that it is proved against."""
    assert sorted(subject.kind for subject in SUBJECTS) == sorted(KINDS) == sorted(SERVERS)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.kind)
def test_a_vendor_is_tried_in_several_behaviours_of_its_sandbox(subject: Subject) -> None:
    """Each names switches that the sandbox has."""
    names = [behaviour.name for behaviour in subject.behaviours]
    assert len(names) == len(set(names)) >= 2
    for behaviour in subject.behaviours:
        assert set(behaviour.switches) <= set(SERVERS[subject.kind].all_switches())
