#!/bin/sh
# phonenumbers 9.0.43: a Mexican mobile number in the form that was dialled from abroad until 2019, +52 1 and ten
# digits, is no possible number, and is no exact match of the same number without the 1.
#
# Guess from memory: the 1 is an old prefix that the library strips, as it strips national prefixes, so that both
# forms are one number (`is_number_match` EXACT_MATCH).
# Seen: it keeps the 1 as a digit of the number and calls that too long. The two forms are SHORT_NSN_MATCH, which is
# also what a number and its last seven digits are: by that word alone nobody can tell this pair from two people.
#
# Output seen:
#   with 1: 15555501431 TOO_LONG
#   without: 5555501431 IS_POSSIBLE
#   match: SHORT_NSN_MATCH
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet phonenumbers==9.0.43
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import phonenumbers as p

old, new = p.parse("+52 1 55 5550 1431"), p.parse("+52 55 5550 1431")
for name, number in (("with 1", old), ("without", new)):
    reason = p.ValidationResult.to_string(p.is_possible_number_with_reason(number))
    print(f"{name}: {number.national_number} {reason}")
print("match:", p.MatchType.to_string(p.is_number_match(old, new)))
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'TEXT'
with 1: 15555501431 TOO_LONG
without: 5555501431 IS_POSSIBLE
match: SHORT_NSN_MATCH
TEXT
diff "$folder/expected" "$folder/seen"
