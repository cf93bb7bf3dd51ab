"""What can be wrong with a change of a lead."""

from backend.core.errors import Invalid, PermissionDenied


class AdminNotesReserved(PermissionDenied):
    """The administration's notes are written by who holds `leads.admin_notes`."""

    code = "admin_notes_reserved"


class UnknownRotationMember(Invalid):
    """Leads can't go by turns to who is no active member of the workspace. Fact: `id`."""

    code = "unknown_rotation_member"
    field = "round_robin_members"
