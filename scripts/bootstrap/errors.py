"""The one kind of failure that a person is meant to read."""


class SetUpError(Exception):
    """Something that stops the set-up: its text says what happened and the one thing to do."""
