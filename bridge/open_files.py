"""How many files the process may have open: a connection is one, a worker's table six and those of its rows."""

import resource
from typing import Final

_MANY: Final = 65_536


def allow_many_open_files() -> None:
    """Raise the soft limit, often 1,024, as far as the hard one allows, at most to 65,536; never lower it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY if hard == resource.RLIM_INFINITY else min(hard, _MANY)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
