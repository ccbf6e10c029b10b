#!/bin/sh
# msgspec 0.22.0: sys.getsizeof of a msgspec.Raw is no size but a number of the order of an address, so that whoever adds
# up what a listing's undecoded rows take gets nonsense without an error.
#
# Guess from memory: a slice of two bytes says some dozens of bytes, as bytes and memoryview do.
# Seen: the type says that its objects have items of one byte each, so that the inherited __sizeof__ multiplies by a field
# that holds something else. What a Raw really takes is told by tracemalloc: some 60 to 80 bytes beside the message.
#
# Output seen:
#   bytes: under 100
#   Raw: over a gigabyte
#   a thousand Raws really: under 100 bytes each
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet msgspec==0.22.0
"$folder/venv/bin/python" - > "$folder/seen" <<'PYTHON'
import sys
import tracemalloc

import msgspec


def told(size: float) -> str:
    return "under 100" if size < 100 else "over a gigabyte" if size > 2**30 else "something else"


message = b"[" + b",".join([b"{}"] * 1000) + b"]"
[first, *_] = msgspec.json.decode(message, type=list[msgspec.Raw])
print("bytes:", told(sys.getsizeof(b"{}")))
print("Raw:", told(sys.getsizeof(first)))
tracemalloc.start()
before, _ = tracemalloc.get_traced_memory()
rows = msgspec.json.decode(message, type=list[msgspec.Raw])
after, _ = tracemalloc.get_traced_memory()
print("a thousand Raws really:", told((after - before) / len(rows)), "bytes each")
PYTHON
cat "$folder/seen"
cat > "$folder/expected" <<'TEXT'
bytes: under 100
Raw: over a gigabyte
a thousand Raws really: under 100 bytes each
TEXT
diff "$folder/expected" "$folder/seen"
