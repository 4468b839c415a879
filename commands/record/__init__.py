"""Single records of any topic: found by position, and shown without personal data. `tail` and `explain` use it, too."""
