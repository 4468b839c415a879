"""What readers are promised about changes; `bridge schema check` holds it."""

from typing import Final

PROMISE: Final = """\
- Within `v1` of a topic its name, key, partitioning, delivery guarantee and retention (or a longer one) stay, and so
  does every field and header: its name, its type, and whether it is always there.
- What may come at any time, so that readers must let it pass: fields, headers and event names that are not listed,
  and other values where a list of known ones stands beside a plain `string`.
- That holds backwards, too, because topics keep records for months: the newest schema reads the oldest record.
- Anything else gets a new topic, `v2`, beside the old one.
- Event bodies are NewStore's, byte for byte: of them the bridge checks the envelope and nothing in the payload. Their
  schemas describe what NewStore documents and what was seen; what NewStore changes arrives unchanged.
"""
