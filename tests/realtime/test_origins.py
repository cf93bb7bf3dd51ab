"""From which pages a browser may connect."""

import pytest

from realtime.origins import is_welcome


@pytest.fixture(autouse=True)
def server(settings):
    settings.ALLOWED_HOSTS = ["crm.example"]
    settings.PUBLIC_URL = "https://public.example/crm"
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    settings.CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://\w+\.pages\.example$"]
    settings.CORS_ALLOW_ALL_ORIGINS = False
    return settings


def welcomes(origin: str | None, host: str = "crm.example") -> bool:
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin is not None else [])
    return is_welcome({"headers": headers})


@pytest.mark.parametrize(
    "origin",
    [None, "https://crm.example", "http://CRM.example", "https://public.example", "https://app.example", "https://a.pages.example"],
)  # fmt: skip
def test_a_page_of_this_server_or_of_an_application_may(origin):
    assert welcomes(origin)


@pytest.mark.parametrize(
    "origin",
    ["https://elsewhere.example", "null", "", "crm.example", "https://crm.example:8443", "http://app.example", "http://public.example"],
)  # fmt: skip
def test_no_other_page_may(origin):
    assert not welcomes(origin)


def test_the_port_counts():
    assert welcomes("http://crm.example:8000", host="crm.example:8000")
    assert not welcomes("http://crm.example", host="crm.example:8000")


def test_any_page_may_if_any_may_call_the_api(server):
    server.CORS_ALLOW_ALL_ORIGINS = True
    assert welcomes("https://elsewhere.example")
    assert welcomes("null")


@pytest.mark.parametrize("host", ["elsewhere.example", "", "crm.example.elsewhere.example", "crm.example/x"])
def test_nobody_may_who_asks_for_a_server_of_another_name(host):
    assert not welcomes(None, host=host)
