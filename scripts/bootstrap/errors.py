"""The one kind of failure that a person is meant to read."""


class SetUpError(Exception):
    """Something that stops the set-up: its text says what happened and the one thing to do."""


def in_words(error):
    """What to print of a failure that ends a command."""
    if isinstance(error, PermissionError):
        return f"{error}\nTo do: call make as the user that this checkout, its .local and .venv belong to."
    return str(error)
