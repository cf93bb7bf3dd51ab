"""Whatever is thrown at an operation, it answers and never breaks."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import calls, operations, people

pytestmark = pytest.mark.django_db

UNSAFE = [row for row in operations.built() if row.method != "GET"]
# The metrics take no input, and a scrape takes as long as fifty others.
READING = [row for row in operations.built() if row.method == "GET" and row.permission != operations.OWN_DOOR]
relaxed = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

texts = st.text(max_size=30) | st.sampled_from(["\0", "LEAD", "CALL", "a@example.com", "x" * 300, "\ud800", "🎉", " "])
numbers = st.integers() | st.integers(min_value=1, max_value=5) | st.floats() | st.sampled_from([2**63, 2**64, -1, 0])
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
spellings = st.text(st.characters(codec="utf-8"), max_size=30) | st.integers().map(str) | st.just("\0")


def bodies(valid):
    """Anything; or the valid body with any of its fields left out or made anything."""
    fields = sorted(valid or {})
    spoilt = st.fixed_dictionaries({}, optional={name: st.just(valid[name]) | values for name in fields})
    return (
        values
        | spoilt
        | st.builds(lambda body, more: {**body, **more}, spoilt, st.dictionaries(texts, values, max_size=2))
    )


@pytest.mark.parametrize("row", UNSAFE, ids=str)
class TestAnUnsafeOperation:
    @relaxed
    @given(data=st.data())
    def test_never_breaks(self, row, data, world):
        call = calls.of(row, world)
        body = data.draw(bodies(call.body))
        raw = json.dumps(body).encode()
        sent = calls.Call(ids=call.ids, body=raw)
        answer = calls.send(row, sent, world.owner.token)
        assert answer.status_code < 500, (body, answer.content)
        assert answer.status_code == row.status or answer.json()


@pytest.mark.parametrize("row", READING, ids=str)
class TestAReadingOperation:
    @relaxed
    @given(data=st.data())
    def test_never_breaks(self, row, data, world):
        names = [each["name"] for each in operations.published()[str(row)]["parameters"] if each["in"] == "query"]
        query = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys([*names, "other"], spellings)))
        answer = calls.send(row, replace(calls.of(row, world), query=query), world.owner.token)
        assert answer.status_code < 500, (query, answer.content)


@pytest.fixture
def world(ours):
    owner = people.person("owner", ours, "admin", password=people.PASSWORD)
    return calls.world(owner, "zarzamora")
