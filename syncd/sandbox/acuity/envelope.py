"""Acuity's refusals: the standard envelope, and the words for a slot that cannot be had."""

from syncd.sandbox.frame.exchange import Answer

_ERRORS = {
    400: ("bad_request", "The request is invalid."),
    401: ("unauthorized", "The username or password you provided is incorrect."),
    403: ("forbidden", "You are not authorized to access this resource."),
    404: ("not_found", "The resource does not exist."),
    405: ("method_not_allowed", "The method is not allowed."),
    429: ("too_many_requests", "Too many requests."),
    500: ("internal_server_error", "Something went wrong."),
}


def problem(status: int, code: str, message: str) -> Answer:
    """A refusal with the vendor's own code."""
    return Answer(status, {"status_code": status, "message": message, "error": code})


def failure(status: int) -> Answer:
    """The standard refusal of this status."""
    return problem(status, *_ERRORS.get(status, ("error", "Something went wrong.")))


def unavailable(code: str, *, moving: bool, documented: bool) -> Answer:
    """The refusal of a slot, by the vendor's page (`documented`) or by the reference."""
    if documented:
        return problem(400, "not_available" if code == "double_booked" else code, "The time is not available.")
    if code == "double_booked" and not moving:
        return problem(409, code, "The time is already booked.")
    return problem(422, "invalid_data", "time_unavailable")
