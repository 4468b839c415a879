"""What the bridge refuses, in sentences for people."""


class TopicsMissing(Exception):  # noqa: N818 - says what is the case
    """Topics that must exist do not: `bridge topics apply` has not been run, or not under this prefix."""


class Migrating(Exception):  # noqa: N818 - says what is the case
    """The deployment is being moved to other rules: nobody else may write meanwhile."""


class RulesNotRecorded(Exception):  # noqa: N818 - says what is the case
    """Nobody has run `bridge topics apply` for this prefix, or for these rules, yet."""


class RulesMismatch(Exception):  # noqa: N818 - says what is the case
    """The settings differ from what the deployment was set up with. The message is a sentence for people."""


class SettingsError(Exception):
    """The settings cannot be used. The message is for people: it names the variables, and holds no value."""


class TopicsRefused(Exception):  # noqa: N818 - says what happened
    """Kafka answered, and refused. The message is a sentence for people."""
