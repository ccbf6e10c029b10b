"""Pure decisions: what the vendors show, against what is remembered, to a plan; and what an
operator's answer comes to.

The only way in. Carrying the plan out is `syncd.engine`.
"""

from syncd.reconcile.decision import decide, whose_time
from syncd.reconcile.rejection import Rejected, Verdict, reject_absence, reject_change
from syncd.reconcile.stages import reconcile

__all__ = [
    "Rejected",
    "Verdict",
    "decide",
    "reconcile",
    "reject_absence",
    "reject_change",
    "whose_time",
]
