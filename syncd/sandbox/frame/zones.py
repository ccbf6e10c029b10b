"""Which names are time zones."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def is_zone_name(name: object) -> bool:
    """Whether it is a zone of the time zone database, without listing that database."""
    if not isinstance(name, str) or not name:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
