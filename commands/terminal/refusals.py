"""What a command refuses, in sentences for people."""


class NobodyAnswersError(Exception):
    """The very first deliveries could not be handed to anybody. The message is a sentence for people."""


class UnreadableFile(Exception):  # noqa: N818 - says what is the case
    """The file cannot be read, or is damaged. The message is a sentence for people."""


class MigrationRefused(Exception):  # noqa: N818 - says what happened
    """Something is not as it must be. The message is a sentence for people."""


class Overtaken(Exception):  # noqa: N818 - says what is the case
    """Another command has begun to publish and goes on; what this one has sent so far is known to it."""


class NoSuchRecord(Exception):  # noqa: N818 - says what is the case
    """A place that somebody named holds no record, or none any more."""
