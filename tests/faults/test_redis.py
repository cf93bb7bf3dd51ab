"""A redis that stands still: it takes connections, and says nothing."""

import pytest

from tests.worker.tree import until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(900)]


class TestARedisThatDoesNotAnswer:
    def test_delays_what_is_written_meanwhile_and_nothing_else(self, installation, caller, sink, meanwhile):
        invited = [f"silence{number}@example.com" for number in range(5)]
        with meanwhile() as probe:
            with installation.redis.frozen():
                for address in invited:
                    assert caller.invite(address).is_well
            until(lambda: installation.all_sent(*invited))
        assert sorted(mail["To"] for mail in sink.received if mail["To"] in invited) == invited
        probe.were_all_well()
