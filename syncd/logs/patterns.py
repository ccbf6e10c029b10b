"""What looks private in any text: credentials in headers, e-mail addresses, telephone numbers, quoted client details.

Errs towards taking out too much. Times, durations, ids in paths, UUIDs and network addresses stay, so that a log can be
worked with.
"""

from __future__ import annotations

import re

REDACTED = "[redacted]"

_CLIENT_WORDS = (
    r"(?:name|client|customer|attendee|e-?mail|phone|mobile|title|note|location|summary|address|body|payload|header)s?"
)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)(\s|%20|\+)+[^\s\"',;)}\]]+"), rf"\1 {REDACTED}"),
    (
        re.compile(
            r"(?i)\b(x-api-key|api[-_]?key|authorization|x-acuity-signature|(?:access_?|refresh_?)?token|secret|password)"
            r"([\"']?\s*[:=]\s*b?[\"']?|[\"']\s*,\s*b?[\"'])(?!\[redacted\])[^\s\"',;&)}\]]+"
        ),
        rf"\1\2{REDACTED}",
    ),
    # A value that is quoted behind a client's key, as in JSON, a repr or a keyword.
    (
        re.compile(rf"(?i)\b(\w*?{_CLIENT_WORDS}\\*[\"']?\s*[:=]\s*)\\*([\"'])(?:\\.|(?!\2)[^\\\n])*(?:\2|$)"),
        rf"\1{REDACTED}",
    ),
    # What a database library or a validator quotes of the data itself.
    (re.compile(r"\[parameters: .*", re.DOTALL), f"[parameters: {REDACTED}]"),
    (re.compile(r"input_value=.*?, input_type=", re.DOTALL), f"input_value={REDACTED}, input_type="),
)

_WORD = re.compile(r"[^\s<>\"'(),;\[\]{}=&?/:|\\]+")

_NUMBERS = re.compile(
    r"""
    (?P<kept>
        (?<!\w)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)
      | (?<!\d)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\ ?[+-]\d\d:?\d\d)?)?(?!\d)
      | (?<!\d)\d{1,3}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\ ?[+-]\d\d:?\d\d)?(?!\d)
      | (?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.])
      | (?<![\w.+)-])\d+\.\d+(?![\w.-])
      | (?<![\w+)-])\d+(?:\.\d+)?\ ?(?:ms|us|s|seconds|bytes|[kM]i?B)\b
      | (?<=/)\d+(?![\w.-]\d|\w)
      | \b(?:\w*?(?:_id|Id|ID)|id)s?\\*["']?\s?[=:]\s?\\*["']?\d+(?!\d)
    )
  | (?P<phone>
        (?:(?<!\w)|(?<=%2[Bb]))
        (?:\+|%2[Bb])?\(?\d(?:(?:[ ().\-/+]|%2[089]){0,3}\d){6,14}
        (?!\w)
    )
    """,
    re.VERBOSE,
)


def without_private(text: str, *, phones: bool = True) -> str:
    """The text with whatever looks private replaced. `phones` off leaves runs of digits as they are."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    if "@" in text or "%40" in text:
        text = _WORD.sub(_without_address, text)
    return _NUMBERS.sub(_without_phone, text) if phones else text


def _without_address(match: re.Match[str]) -> str:
    word = match[0]
    return REDACTED if "@" in word[1:-1] or "%40" in word[1:-1] else word


def _without_phone(match: re.Match[str]) -> str:
    return match[0] if match["kept"] is not None else REDACTED


_PRIVATE = re.compile(
    r"^(?:name|person|people|content|raw|sql|parameter|param)s?$"
    r"|(?:^|_)(?:(?:e_?)?mail|phone|mobile|(?:first|last|full|client|customer)_name|title|note|location|summary|address"
    r"|body|payload|header|client|customer|attendee|api_key|token|secret|password|authorization|credential|cookie"
    r"|signature)(?:e?s)?$"
)
_NUMERIC = re.compile(
    r"(?:^|_)(?:id|ids|status|code|ms|seconds|duration|elapsed|at|timestamp|since|until|count|bytes|size|version|port|pid"
    r"|line|lineno|cycle|operation|appointment|mapping|fingerprint|rate|retry_after|offset|requests|records|number)$"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def plain_key(key: str) -> str:
    """A key in lower case with underscores: `clientFirstName`, `X-API-Key` and the like compare alike."""
    return _HUMP.sub("_", key).lower().replace("-", "_").replace(" ", "_")


def is_private_key(key: str) -> bool:
    """Whether what stands under this key is a client's detail or a secret whatever it is."""
    return _PRIVATE.search(plain_key(key)) is not None


def is_numeric_key(key: str) -> bool:
    """Whether digits under this key are an id, a time or a measure and so no telephone number."""
    return _NUMERIC.search(plain_key(key)) is not None
