"""Mail of a whole installation whose mail server misbehaves, and which many sweep at once."""

import pytest

from tests.faults.installation import SLOTS
from tests.worker.tree import until

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(900)]

REFUSED, GREYLISTED, NO_ANSWER, HUNG_UP, KEPT = (
    f"{name}@example.com" for name in ("refused", "greylisted", "hang", "hang-up", "kept")
)


def addresses(name: str, number: int) -> list[str]:
    return [f"{name}{each}@example.com" for each in range(number)]


@pytest.fixture(scope="module")
def run(whole_installation):
    """A mail to each address whose server misbehaves once: what is known after one attempt, and after another."""
    whole_installation.heal()
    sink = whole_installation.sink
    sink.troubles = {
        REFUSED: ["550 5.1.1 No such user"],
        GREYLISTED: ["451 4.7.1 Greylisted"],
        NO_ANSWER: ["hang"],
        HUNG_UP: ["hang up"],
        KEPT: ["keep and hang up"],
    }
    for address in sink.troubles:
        assert whole_installation.caller.invite(address).is_well
    mails = list(sink.troubles)
    until(lambda: all(error for _, _, error, _ in whole_installation.mails(*mails).values()))
    first = whole_installation.mails(*mails)
    whole_installation.let_time_pass("outbound_emails")
    until(lambda: all(state != "due" for state, *_ in whole_installation.mails(*mails).values()))
    return first, whole_installation.mails(*mails)


class TestAMailServer:
    """Exactly once is possible but where the server keeps a mail and its answer is lost.

    Nobody but the server knows then that it has it. The mail is sent again, under the `Message-ID` by which a server or
    a reader tells the copies apart.
    """

    def test_that_refuses_a_mail_has_it_fail_at_once_and_for_good(self, run, sink):
        for mails in run:
            assert mails[REFUSED][:3] == ("failed", 1, "550 5.1.1 No such user")
        assert (sink.tries[REFUSED], sink.mails_to(REFUSED)) == (1, [])

    @pytest.mark.parametrize(
        ("address", "reason"), [(GREYLISTED, "451 4.7.1 Greylisted"), (NO_ANSWER, "timed out"), (HUNG_UP, "closed")]
    )
    def test_that_does_not_take_a_mail_gets_it_once_when_it_does(self, run, sink, address, reason):
        (state, attempts, error, message_id), settled = run[0][address], run[1][address]
        assert (state, attempts, reason in error) == ("due", 1, True)
        assert settled == ("sent", 2, "", message_id)
        assert sink.mails_to(address) == [message_id]

    def test_that_keeps_a_mail_and_does_not_say_so_gets_a_copy_with_the_same_id(self, run, sink):
        message_id = run[0][KEPT][3]
        assert run[1][KEPT] == ("sent", 2, "", message_id)
        assert sink.mails_to(KEPT) == [message_id] * 2

    def test_that_is_down_for_an_hour_gets_every_mail_once_when_it_is_back(self, installation, caller, sink, meanwhile):
        invited = addresses("patient", 6)
        sink.stop()
        with meanwhile() as probe:
            for address in invited:
                assert caller.invite(address).is_well
            for attempt in (1, 2, 3):
                until(lambda attempt=attempt: waits(installation, attempt, invited))
                if attempt == 3:
                    sink.start()
                installation.let_time_pass("outbound_emails")
            until(lambda: installation.all_sent(*invited))
        assert sorted(mail["To"] for mail in sink.received if mail["To"] in invited) == invited
        probe.were_all_well()


def waits(installation, attempts: int, invited: list[str]) -> bool:
    """Whether so many attempts at each of these have failed, and nobody is at another one."""
    tried = "SELECT recipient, last_error FROM outbound_emails WHERE attempts = %s AND leased_until IS NULL"
    errors = dict(installation.rows(tried, attempts))
    return all("refused" in errors.get(address, "") for address in invited)


class TestTwoBeatsAndManySweepersAtOnce:
    def test_send_every_mail_once(self, installation, caller, sink, meanwhile):
        """The hints are lost, and each of many sweeps hands every mail to whichever process is free."""
        invited = addresses("swept", 40)
        with meanwhile() as probe:
            with installation.worker.frozen():
                for address in invited:
                    assert caller.invite(address).is_well
                with installation.broker() as client:
                    client.delete("mail")
                for _ in range(2 * SLOTS):
                    installation.sweep("outbound_emails")
            until(lambda: installation.all_sent(*invited))
            for beat in installation.beats:
                until(lambda beat=beat: "Sending due task deliver due mail" in beat.log.read_text())
        assert sorted(mail["To"] for mail in sink.received if mail["To"] in invited) == sorted(invited)
        assert {mail[1] for mail in installation.mails(*invited).values()} == {1}
        probe.were_all_well()
