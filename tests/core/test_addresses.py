"""Whose address a request has, and who can pretend to have another."""

from ipaddress import ip_address

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory

from backend.core import addresses
from backend.env import Environment

PROXY, CLIENT, LIAR = "10.0.0.7", "203.0.113.9", "198.51.100.1"


@pytest.fixture
def trust(settings):
    def set_(networks: str) -> None:
        settings.TRUSTED_PROXIES = Environment(trusted_proxies=networks).trusted_networks

    return set_


def seen(peer: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return str(addresses.client(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer).META))


class TestClient:
    @pytest.mark.parametrize("forwarded", [None, LIAR, f"{LIAR}, {PROXY}", "127.0.0.1"])
    def test_is_who_is_connected_while_nobody_is_trusted(self, forwarded):
        assert seen(CLIENT, forwarded) == CLIENT

    def test_behind_a_trusted_proxy_is_who_it_names(self, trust):
        trust("10.0.0.0/8")
        assert seen(PROXY, CLIENT) == CLIENT

    @pytest.mark.parametrize("forwarded", [f"{LIAR}, {CLIENT}", f"{LIAR},{PROXY},{CLIENT}", f"x, {CLIENT}, 10.9.9.9"])
    def test_is_not_what_somebody_wrote_before_the_proxy_did(self, trust, forwarded):
        trust("10.0.0.0/8")
        assert seen(PROXY, forwarded) == CLIENT

    def test_who_calls_past_the_proxy_is_not_believed(self, trust):
        trust("10.0.0.0/8")
        assert seen(CLIENT, LIAR) == CLIENT

    def test_of_proxies_alone_is_the_farthest(self, trust):
        trust("10.0.0.0/8")
        assert seen(PROXY, "10.1.1.1, 10.2.2.2") == "10.1.1.1"

    @pytest.mark.parametrize("forwarded", ["", "unknown", f"{CLIENT}, unknown", None])
    def test_is_the_proxy_where_it_names_nobody(self, trust, forwarded):
        trust("10.0.0.0/8")
        assert seen(PROXY, forwarded) == PROXY

    @pytest.mark.parametrize(
        ("entry", "expected"),
        [
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
        ],
    )
    def test_may_be_written_with_a_port(self, trust, entry, expected):
        trust("10.0.0.0/8")
        assert seen(PROXY, entry) == expected

    def test_of_who_comes_over_a_unix_socket_is_what_their_proxy_says_where_proxies_are_trusted(self, trust):
        assert seen("", CLIENT) == "None"
        trust("127.0.0.0/8")
        assert seen("", CLIENT) == CLIENT

    def test_networks_that_are_none_stop_the_start(self, trust):
        with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
            trust("my proxy")


class TestCaller:
    def test_is_known_while_the_request_runs_and_not_after(self):
        seen = []
        middleware = addresses.AddressMiddleware(lambda request: seen.append(addresses.caller()) or HttpResponse())
        middleware(RequestFactory().get("/", REMOTE_ADDR=CLIENT))
        assert (seen, addresses.caller()) == ([ip_address(CLIENT)], None)


class TestGroup:
    def test_of_ipv4_is_the_address(self):
        assert addresses.group(ip_address(CLIENT)) == CLIENT

    def test_of_ipv6_is_the_network_of_64_bits(self):
        one, other, elsewhere = ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1")
        assert addresses.group(ip_address(one)) == addresses.group(ip_address(other)) == "2001:db8::/64"
        assert addresses.group(ip_address(elsewhere)) != "2001:db8::/64"

    def test_of_a_link_leaves_out_the_interface(self):
        assert addresses.group(ip_address("fe80::1%eth0")) == "fe80::/64"
