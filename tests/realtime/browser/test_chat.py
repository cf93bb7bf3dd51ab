"""Two browsers at /chat talk, type, react, lose the connection and catch up."""

import pytest
from playwright.sync_api import expect

from backend.modules.messaging.models import Message
from tests.realtime import served as servers
from tests.realtime.browser.chat import Chat, browsing

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("browser"),
]
ALICE, BOB = "Alice Example", "Bob Example"


def stored(person) -> list[str]:
    return list(Message.objects.of(person.actor).order_by("seq").values_list("content", flat=True))


def test_two_people_talk_type_and_react(server, alice, bob):
    with browsing() as browser:
        hers, his = Chat(browser, server.port, alice), Chat(browser, server.port, bob)
        hers.start_with(BOB)
        hers.say("Hola, Bob")
        expect(his.conversation(ALICE)).to_contain_text("Hola, Bob")
        expect(his.conversation(ALICE)).to_contain_text("1 unread")
        his.conversation(ALICE).click()
        his.expect_to_say(["Hola, Bob"])
        expect(his.conversation(ALICE)).not_to_contain_text("unread")
        expect(hers.line("Hola, Bob")).to_contain_text("read")

        his.page.get_by_role("textbox", name="Message").press_sequentially("¿Qué")
        expect(hers.typing).to_have_text(f"{BOB} is typing…")
        his.say("¿Qué <b>tal</b>?")
        expect(hers.typing).to_have_count(0)
        for chat in (hers, his):
            chat.expect_to_say(["Hola, Bob", "¿Qué <b>tal</b>?"])

        hers.react("tal", "love")
        for chat in (hers, his):
            expect(chat.line("tal").get_by_role("button", name="love, 1")).to_be_visible()
        hers.line("tal").get_by_role("button", name="love, 1").click()
        expect(his.line("tal").get_by_role("button", name="love, 1")).to_have_count(0)

        expect(hers.conversation(BOB)).to_contain_text("(online)")
        his.page.get_by_label("My status").select_option("busy")
        expect(hers.conversation(BOB)).to_contain_text("(busy)")
        assert hers.errors + his.errors == []


def test_who_lost_the_connection_catches_up_in_order(server, cable, alice, bob):
    with browsing() as browser:
        hers, his = Chat(browser, server.port, alice), Chat(browser, cable.port, bob)
        hers.start_with(BOB)
        hers.say("before")
        his.conversation(ALICE).click()
        his.expect_to_say(["before"])

        cable.cut()
        expect(his.offline).to_be_visible()
        missed = [f"missed {number}" for number in range(1, 31)]
        for text in missed:
            hers.say(text)
        hers.expect_to_say(["before", *missed])
        hers.react("before", "wow")
        his.say("written without a connection")
        expect(his.line("written without")).to_contain_text("Sending…")

        cable.mend()
        for chat in (his, hers):
            chat.expect_to_say(["before", *missed, "written without a connection"])
            expect(chat.line("before").get_by_role("button", name="wow, 1")).to_be_visible()
        expect(his.offline).to_be_hidden()
        assert hers.errors + his.errors == []
    assert stored(alice) == ["before", *missed, "written without a connection"]


def test_a_killed_server_loses_and_doubles_nothing(line, told, tmp_path, alice, bob):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    sent = [f"{who} {number}" for who in ("hers", "his") for number in range(1, 16)]
    with browsing() as browser:
        with servers.serving(first, line.url) as server:
            hers, his = Chat(browser, server.port, alice), Chat(browser, server.port, bob)
            hers.start_with(BOB)
            his.conversation(ALICE).click()
            for number in range(1, 11):
                hers.say(f"hers {number}")
                his.say(f"his {number}")
            server.process.kill()
            expect(hers.offline).to_be_visible()
            expect(his.offline).to_be_visible()
            for number in range(11, 16):
                hers.say(f"hers {number}")
                his.say(f"his {number}")
        with servers.serving(second, line.url, server.port):
            for chat in (hers, his):
                expect(chat.page.get_by_text("Sending…")).to_have_count(0)
                expect(chat.lines).to_have_count(len(sent))
            shown = hers.lines.locator("> p").all_text_contents()
            his.expect_to_say(shown)
            browser.close()
    assert hers.errors + his.errors == []
    assert stored(alice) == shown
    assert sorted(shown) == sorted(sent)
    for who in ("hers", "his"):
        assert [text for text in shown if text.startswith(f"{who} ")] == [f"{who} {n}" for n in range(1, 16)]
