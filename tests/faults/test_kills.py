"""A worker that is killed three times, with 200 invitations and two exports to do that were ordered without redis."""

from collections import Counter
from types import SimpleNamespace

import pytest

from tests.faults.installation import SLOTS
from tests.faults.outcome import came_once, export_row
from tests.faults.probe import probing
from tests.modules.exchange.exports import sheets
from tests.worker.tree import until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(1500)]

INVITED = [f"guest{number}@example.com" for number in range(200)]


@pytest.fixture(scope="module")
def story(whole_installation, many):
    """What there was to see of it, once everything was done."""
    installation = whole_installation
    installation.heal()
    caller, sink, seen = installation.caller, installation.sink, SimpleNamespace()
    with probing(caller) as seen.probe:
        seen.statuses, seen.small_export = order_without_redis(installation)
        seen.not_taken = kill_while_mails_wait_for_their_answer(installation)
        seen.big_export = kill_in_the_middle_of_an_export(installation)
        until(lambda: len(sink.received) > 60)
        installation.worker.kill()
        start_again(installation)
        until(lambda: installation.all_sent(*INVITED), seconds=600)  # a hint at a time, with a sweep each 15 s
        for number in (seen.small_export, seen.big_export):
            until(lambda number=number: caller.export(number)["status"] == "done")
    return seen


def order_without_redis(installation) -> tuple[Counter, int]:
    """The invitations' statuses, and the number of an export."""
    sink, caller = installation.sink, installation.caller
    sink.is_held = True
    installation.redis.kill()
    statuses = Counter(caller.invite(address).status for address in INVITED)
    number = caller.order(source="sales.empresas")
    assert (sink.holding, caller.export(number)["status"]) == ([], "waiting")
    installation.redis.start()
    return statuses, number


def kill_while_mails_wait_for_their_answer(installation) -> list[str]:
    """The server has their texts and has not said that it takes them; answers to whom they are."""
    sink = installation.sink
    until(lambda: sink.holding)
    with installation.worker.frozen():
        waiting = list(sink.holding)
        installation.worker.kill()
    until(lambda: not sink.holding)
    sink.is_held = False
    start_again(installation)
    return waiting


def kill_in_the_middle_of_an_export(installation) -> int:
    """Its number. On a machine that is too quick it is done before anybody looks: then another one is ordered."""
    for _ in range(5):
        number = installation.caller.order(format="xlsx")
        until(lambda number=number: export_row(installation, number)[2] > 0)
        with installation.worker.frozen():
            if export_row(installation, number)[0] == "due":
                installation.worker.kill()
                break
    assert installation.caller.export(number)["status"] == "running"
    start_again(installation)
    return number


def start_again(installation) -> None:
    installation.let_time_pass("outbound_emails")
    installation.let_time_pass("exports")
    installation.worker.start()


class TestTwoHundredInvitationsThatWereWrittenWithoutRedis:
    def test_arrive_as_two_hundred_mails(self, installation, sink, story):
        """One each, but where the worker was killed between the server's 250 and our commit.

        Nobody can tell such a mail from one that the server did not take, so it is sent again: under its `Message-ID`,
        and each copy has a counted attempt of its own. Of the three kills the second and the third can have hit at most
        as many mails as the worker has slots.
        """
        mails = installation.mails(*INVITED)
        copies = Counter(mail["Message-ID"] for mail in sink.received if mail["To"] in mails)
        assert story.statuses == {201: 200}
        assert copies.keys() == {message_id for *_, message_id in mails.values()}
        assert len(copies) == 200
        assert all(copies[message_id] <= attempts for _, attempts, _, message_id in mails.values())
        assert copies.total() - 200 <= 2 * SLOTS

    def test_arrive_once_where_the_server_had_not_taken_them_when_the_worker_was_killed(
        self, installation, sink, story
    ):
        assert story.not_taken
        mails = installation.mails(*story.not_taken)
        assert {attempts >= 2 for _, attempts, _, _ in mails.values()} == {True}
        for recipient, (_, attempts, _, message_id) in mails.items():
            if attempts == 2:  # not hit by another kill
                assert sink.mails_to(recipient) == [message_id]

    def test_kept_nobody_from_being_answered(self, story):
        story.probe.were_all_well()


class TestAnExport:
    def test_whose_worker_was_killed_in_the_middle_is_written_anew_and_comes_once(
        self, installation, caller, story, many
    ):
        found = caller.export(story.big_export)
        assert (found["rows_done"], found["rows_total"], found["last_error"]) == (many, many, "")
        [sheet] = sheets.read(caller.get(found["download_url"]).body)
        assert len(sheet.values) == many
        assert export_row(installation, story.big_export)[1] >= 2
        came_once(installation, story.big_export)

    def test_that_was_ordered_without_redis_comes_once(self, installation, story):
        came_once(installation, story.small_export)
