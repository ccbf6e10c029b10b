"""`GET /settings`: what a site tells of its zone, its build and its slots (measured in Lite on all three builds).

The reference does not show the endpoint; whether a key of Elite may read it is not known, so it may be refused.
"""

from typing import Any

from syncd.sandbox.amelia.site import Site

_ANY_STEP = 5
"""Minutes that it says where every start is free; Amelia's smallest."""
_DAYS = 365


def settings_json(site: Site) -> dict[str, Any]:
    """The data of the answer. A site at a fixed offset has no zone's name; the step is in seconds."""
    zone = site.behaviour["zone"]
    offset = site.keeper.now().astimezone(site.zone).utcoffset()
    assert offset is not None
    return {
        "settings": {
            "wordpress": {
                "timeZoneString": "" if zone[:1] in "+-" else zone,
                "gmtOffset": offset.total_seconds() / 3600,
            },
            "activation": {"version": site.generation.version},
            "general": {
                "timeSlotLength": (site.behaviour["slot_step"] or _ANY_STEP) * 60,
                "backendSlotsDaysInFuture": _DAYS,
                "backendSlotsDaysInPast": _DAYS,
            },
            "roles": {"allowAdminBookAtAnyTime": not site.behaviour["enforce_slots"]},
        }
    }
