"""The page /chat in a real browser, as the person sees it who uses it."""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests import people
from tests.faults import services
from tests.people import Person
from tests.realtime.served import PATIENCE

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage"]  # it may run as root, in a container
MILLISECONDS = PATIENCE * 1000


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """Within it this thread has an event loop, in which Django refuses to ask the database."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    services.unless(found, "there is no Chromium")
    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS, timeout=MILLISECONDS)
        try:
            yield browser
        finally:
            browser.close()


class Chat:
    """A window of its own, in which somebody is logged in."""

    def __init__(self, browser: Browser, port: int, person: Person) -> None:
        context = browser.new_context(locale="en-US")
        context.set_default_timeout(MILLISECONDS)
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"http://127.0.0.1:{port}/chat")
        self.page.get_by_label("E-mail").fill(person.user.email)
        self.page.get_by_label("Password").fill(people.PASSWORD)
        self.page.get_by_role("button", name="Log in").click()
        self.page.get_by_role("button", name="New conversation").wait_for()

    @property
    def lines(self) -> Locator:
        """The messages that are shown, and those that are on their way."""
        return self.page.get_by_role("log").get_by_role("listitem")

    @property
    def offline(self) -> Locator:
        return self.page.get_by_text("No connection.")

    @property
    def typing(self) -> Locator:
        return self.page.get_by_text("is typing…")

    def start_with(self, name: str) -> None:
        self.page.get_by_role("button", name="New conversation").click()
        self.page.get_by_role("checkbox", name=name).check()
        self.page.get_by_role("button", name="Start").click()
        self.page.get_by_role("heading", name=name).wait_for()

    def conversation(self, name: str) -> Locator:
        return self.page.get_by_role("navigation").get_by_role("button", name=name)

    def say(self, text: str) -> None:
        self.page.get_by_role("textbox", name="Message").fill(text)
        self.page.get_by_role("button", name="Send").click()

    def line(self, text: str) -> Locator:
        return self.lines.filter(has_text=text)

    def react(self, text: str, kind: str) -> None:
        self.line(text).get_by_label("React").click()
        self.line(text).get_by_role("button", name=kind, exact=True).click()

    def expect_to_say(self, texts: list[str]) -> None:
        """These messages, in this order, each of them once, none on its way."""
        expect(self.lines.locator("> p")).to_have_text(texts)
        expect(self.page.get_by_text("Sending…")).to_have_count(0)
