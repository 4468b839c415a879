"""Why a migration does not go on."""


class MigrationRefused(Exception):  # noqa: N818 - says what happened
    """Something is not as it must be. The message is a sentence for people."""
