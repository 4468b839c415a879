"""What the bridge refuses, in sentences for people."""


class Refusal(Exception):  # noqa: N818 - what it says is no error of the program
    """Something is not as it must be. The message is for people, in whole sentences, and holds no secret."""


class FatalRefusal(Refusal):
    """The process must not go on: exit code 2."""


class SettingsError(FatalRefusal):
    """The settings cannot be used. The message names the variables."""


class RulesMismatch(FatalRefusal):
    """The settings differ from what the deployment was set up with."""


class RulesNotRecorded(Refusal):
    """Nobody has run `bridge topics apply` for this prefix, or for these rules, yet."""


class RulesUnreadable(Refusal):
    """What the rules topic holds is no record of rules: somebody else has written it."""


class Migrating(Refusal):
    """The deployment is being moved to other rules: nobody else may write meanwhile."""


class Adopting(Refusal):
    """Rules are being added: nobody may give a verdict meanwhile."""


class TopicsMissing(Refusal):
    """Topics that must exist do not: `bridge topics apply` has not been run, or not under this prefix."""


class TopicsRefused(Refusal):
    """Kafka answered, and refused."""


class NobodyAnswers(Refusal):
    """The very first deliveries of `bridge simulate` found no ingress that takes them."""


class UnreadableFile(Refusal):
    """The file cannot be read, or is damaged."""


class MigrationRefused(Refusal):
    """Something has to be done first."""


class Overtaken(Refusal):
    """Another command has begun to publish and goes on; what this one has sent so far is known to it."""


class NoSuchRecord(Refusal):
    """A place that somebody named holds no record, or none any more."""
