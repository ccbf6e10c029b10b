#!/bin/sh
# email-validator 2.4.0: an address in a practice's own network (`.local`) is refused, also where it is said that it
# need not be deliverable from the outside.
#
# Guess from memory: `globally_deliverable=False` with `check_deliverability=False` leaves the form of the address
# alone to be judged, so that a special-use domain passes.
# Seen: the first of the two admits a domain without a dot; special-use names are refused by a list of their own,
# whatever is asked. Whoever compares addresses with it needs an answer for those that it does not take.
#
# Output seen:
#   ann@clinic -> ann@clinic
#   ann@clinic.local -> refused
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet email-validator==2.4.0
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
from email_validator import EmailNotValidError, validate_email

for text in ("ann@clinic", "ann@clinic.local"):
    try:
        read = validate_email(text, check_deliverability=False, globally_deliverable=False).normalized
    except EmailNotValidError:
        read = "refused"
    print(text, "->", read)
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'TEXT'
ann@clinic -> ann@clinic
ann@clinic.local -> refused
TEXT
diff "$folder/expected" "$folder/seen"
