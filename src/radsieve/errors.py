"""The one error a user is meant to read."""


class InputError(Exception):
    """Something the user gave is wrong; the message names it and says what to do.

    Scripts print the message without a traceback and exit with status 2.
    """
