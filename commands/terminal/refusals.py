"""What a command refuses, in sentences for people: exit code 2."""

from bridge.refusals import Refusal


class NobodyAnswers(Refusal):
    """The very first deliveries could not be handed to anybody."""


class UnreadableFile(Refusal):
    """The file cannot be read, or is damaged."""


class MigrationRefused(Refusal):
    """Something has to be done first."""


class Overtaken(Refusal):
    """Another command has begun to publish and goes on; what this one has sent so far is known to it."""


class NoSuchRecord(Refusal):
    """A place that somebody named holds no record, or none any more."""
