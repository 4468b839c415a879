"""Single records of any topic, found by position, shown without personal data. `tail` and `explain` use this, too."""
