"""Full-text search over clients and leads: every word has to be there, and what is found by a name comes first."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, reduce
from operator import add
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable

from backend.core import folding, listing, search
from backend.core.actor import Actor
from backend.core.listing import Count, Page, Window
from backend.modules.contacts import queries as contacts
from backend.modules.leads import queries as leads
from backend.modules.leads.permissions import VIEW

# What a word is worth by where it is found; anywhere else, as in notes, it is worth 1.
WHOLE_NAME, BEGINS_WORD, IN_NAME = 16, 8, 4
EXCERPT = 120  # characters

CLIENT = ("first_name", "last_name", "phone", "email", "notes", "updated_at")
LEAD = ("contact_id", "status", "channel", "admin_notes", "sales_notes", "updated_at")


@dataclass(frozen=True, slots=True)
class Found:
    """A client or a lead. `notes` is what surrounds the first word in its notes; empty where that is not in them."""

    kind: str
    id: int
    score: int
    contact_id: int | None
    name: str
    phone: str
    email: str
    notes: str
    status: str | None
    channel: str | None
    updated_at: datetime

    @property
    def place(self) -> tuple[Any, ...]:
        """The best first; of equals the client, then what changed last."""
        return -self.score, self.kind, -self.updated_at.timestamp(), -self.id


def find(actor: Actor, term: str, wanted: Window) -> Page:
    """What the caller sees of clients and leads that has every word of the term, the best first, as `Found`.

    Case and accents don't count; a phone is found by its digits.
    """
    actor.require(VIEW)
    clients = search.narrow(contacts.visible_to(actor), term) if actor.may(contacts.VIEW) else None
    own = search.narrow(leads.visible_to(actor), term)
    most = wanted.offset + wanted.size + 1
    found = _leads(own, term, most) + ([] if clients is None else _clients(clients, term, most))
    rows = sorted(found, key=lambda each: each.place)[wanted.offset : most]
    counts = [listing.count_up_to_bound(each) for each in (own, clients) if each is not None]
    count = Count(sum(each.rows for each in counts), all(each.exact for each in counts))
    return Page(rows[: wanted.size], count, wanted, has_next=len(rows) > wanted.size)  # type: ignore[arg-type]


def _clients(rows: QuerySet, term: str, most: int) -> list[Found]:
    best = rows.annotate(score=_score("name_text", term)).order_by("-score", "-updated_at", "-id")[:most]
    return [
        Found(
            "client", row["id"], row["score"], row["id"],
            folding.join_name(row["first_name"], row["last_name"]), row["phone"], row["email"],
            excerpt(row["notes"], term), None, None, row["updated_at"],
        )
        for row in best.values("id", "score", *CLIENT)
    ]  # fmt: skip


def _leads(rows: QuerySet, term: str, most: int) -> list[Found]:
    best = rows.annotate(score=_score("contact__name_text", term)).order_by("-score", "-updated_at", "-id")[:most]
    names = {name: F(f"contact__{name}") for name in ("first_name", "last_name", "phone", "email")}
    return [
        Found(
            "lead", row["id"], row["score"], row["contact_id"],
            folding.join_name(row["first_name"] or "", row["last_name"] or ""), row["phone"] or "", row["email"] or "",
            excerpt(f"{row['sales_notes']}\n{row['admin_notes']}", term), row["status"], row["channel"],
            row["updated_at"],
        )
        for row in best.values("id", "score", *LEAD, **names)
    ]  # fmt: skip


def _score(name_text: str, term: str) -> Combinable:
    words = folding.fold(term).split()
    whole = Case(When(**{name_text: search.text(*words)}, then=WHOLE_NAME), default=0, output_field=IntegerField())
    return reduce(add, [_worth(name_text, word) for word in words], whole)


def _worth(name_text: str, word: str) -> Combinable:
    return Case(
        When(**{f"{name_text}__contains": f" {word}"}, then=BEGINS_WORD),
        When(**{f"{name_text}__contains": word}, then=IN_NAME),
        default=Value(1),
        output_field=IntegerField(),
    )


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    return folding.fold(char) or " "


def excerpt(text: str, term: str) -> str:
    """What surrounds the first of the term's words in the text, without regard to case and accents."""
    folded, places = "", []
    for place, char in enumerate(text):
        as_folded = _folded(char)
        folded += as_folded
        places += [place] * len(as_folded)
    at = min((found for word in folding.fold(term).split() if (found := folded.find(word)) >= 0), default=None)
    if at is None:
        return ""
    start = max(places[at] - EXCERPT // 3, 0)
    part = folding.squash(text[start : start + EXCERPT])
    return f"{'…' if start else ''}{part}{'…' if start + EXCERPT < len(text) else ''}"
