#!/bin/sh
# phonenumbers 9.0.43: a remark behind a number is dialled.
#
# Guess from memory: letters around a number are skipped, as blanks, brackets and dashes are.
# Seen: three letters or more anywhere in the text make it a vanity number, and every letter becomes the digit of its
# key: "mobil" adds 66245. The number is then too long, and is none of the person's. Words have to be cut before.
#
# Output seen:
#   +49 151 12345678 -> 15112345678
#   +49 151 12345678 mobil -> 1511234567866245
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet phonenumbers==9.0.43
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import phonenumbers

for text in ("+49 151 12345678", "+49 151 12345678 mobil"):
    print(text, "->", phonenumbers.parse(text).national_number)
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'TEXT'
+49 151 12345678 -> 15112345678
+49 151 12345678 mobil -> 1511234567866245
TEXT
diff "$folder/expected" "$folder/seen"
