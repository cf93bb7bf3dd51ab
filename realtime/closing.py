"""Why the server closes a socket."""

from enum import IntEnum


class Code(IntEnum):
    """What a client is told with the close frame."""

    UNAUTHENTICATED = 4401  # no credentials, or none that hold any longer: log in or refresh the token first
    UNKNOWN_PATH = 4404
    TOO_SLOW = 4408  # it does not read what it is sent
    FLOOD = 4429  # it went on sending after it was told that it sends too much
    UNAVAILABLE = 4503  # what happens can't be followed now, or the rights have changed: connect again


class Closed(Exception):
    """The socket ends here."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.name)
        self.code = code
