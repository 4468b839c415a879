"""What is published now: made once for all tests that only read it, as that takes longer than each of them."""

from typing import Final

from commands.schema.publish import files

PUBLISHED: Final = files.published()
