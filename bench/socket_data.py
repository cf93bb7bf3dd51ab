"""People with tokens, and conversations in which they take part, made by the project's own actions."""

from backend.core.actor import Actor
from backend.modules.identity import actions, tokens
from backend.modules.identity.models import Membership, User, Workspace
from backend.modules.messaging import actions as messaging
from bench.sockets import Crowd

NAME = "sockets"
TOGETHER = 10  # people of an idle conversation


SOCKETS, MEMBERS = 1000, 200


def prepare(share: float) -> Crowd:
    """So many people, as a share of all, in one conversation or in small ones; an earlier run may have kept some."""
    sockets, members = round(SOCKETS * share), round(MEMBERS * share)
    found = Workspace.objects.filter(name=NAME).first()
    workspace = found or actions.create_workspace(Actor.system(None), name=NAME)
    there = Membership.across_workspaces.filter(workspace=workspace).count()
    for number in range(there, sockets):
        actions.create_user(
            Actor.system(workspace.pk),
            username=f"socket-{number}",
            email=f"socket-{number}@example.com",
            password=None,
            first_name="Lucía",
            last_name=f"Quispe {number}",
            role_names=["sales"],
        )
    people = list(User.objects.filter(memberships__workspace=workspace).order_by("pk")[:sockets])
    ids = [each.pk for each in people]
    opener = Actor(workspace.pk, ids[0], unrestricted=True)
    made = messaging.create(opener, kind="group", title="Everybody", participant_ids=ids[:members])
    for start in range(members, sockets, TOGETHER):
        some = ids[start : start + TOGETHER]
        messaging.create(
            Actor(workspace.pk, some[0], unrestricted=True), kind="group", title="A few", participant_ids=some
        )
    return Crowd([tokens.issue(each, workspace.pk).access for each in people], members, made.conversation_id)
