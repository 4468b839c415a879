"""Kinds of counter-examples, for whoever counts them; any other counter-example is a plain `str`."""


class Lost(str):
    """A delivery or an output that must be there and is not."""

    __slots__ = ()


class Duplicate(str):
    """A record that gives a reader something again: its source or its id is that of another record."""

    __slots__ = ()
