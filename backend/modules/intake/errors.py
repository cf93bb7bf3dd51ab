"""What can be wrong with what comes in by itself."""

from backend.core.errors import PermissionDenied


class WrongSignature(PermissionDenied):
    """It was not signed with the secret of the workspace's app."""

    code = "wrong_signature"


class WrongVerifyToken(PermissionDenied):
    """Who asks to be let in does not know the word that was agreed."""

    code = "wrong_verify_token"


class OriginNotAllowed(PermissionDenied):
    """The page on which the form stands is none of those that the workspace named. Fact: `origin`."""

    code = "origin_not_allowed"
