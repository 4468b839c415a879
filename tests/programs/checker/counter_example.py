"""What a counter-example is about, where that matters to whoever counts them; any other one is a plain ``str``."""


class Lost(str):
    """One delivery or one output that must be there and is not."""

    __slots__ = ()


class Duplicate(str):
    """One record by which a reader gets something again: its source, or its id, is that of another one."""

    __slots__ = ()
