"""The metrics are read with the token or from a named network, and by nobody else."""

from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from backend.core.errors import InvalidToken, PermissionDenied, Unauthenticated
from backend.env import Environment
from backend.monitoring import readers


@pytest.fixture
def allow(settings):
    def set_(networks: str = "", token: str = "") -> None:
        found = Environment(metrics_allow=networks, metrics_token=token)
        settings.METRICS_ALLOW, settings.METRICS_TOKEN = found.metrics_networks, found.metrics_token

    return set_


def call(address: str = "203.0.113.9", **headers: str):
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestFactory().get("/v1/metrics", headers=given, REMOTE_ADDR=address)


class TestAnAddress:
    @pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
    def test_of_this_machine_reads_when_nothing_is_set(self, allow, address):
        allow()
        assert readers.may_read(call(address))

    @pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.1", "fe80::1", "::ffff:10.0.0.1", "", "unix:", "x"])
    def test_elsewhere_does_not(self, allow, address):
        allow()
        assert not readers.may_read(call(address))

    def test_reads_in_a_named_network(self, allow):
        allow("10.1.0.0/16, 2001:db8::/32")
        assert readers.may_read(call("10.1.255.1"))
        assert readers.may_read(call("2001:db8::5"))
        assert not readers.may_read(call("10.2.0.1"))
        assert not readers.may_read(call("127.0.0.1"))

    @pytest.mark.parametrize("header", ["X_Forwarded_For", "Forwarded", "X_Real_IP"])
    def test_of_a_proxy_says_nothing_about_who_reads(self, allow, header):
        allow()
        assert not readers.may_read(call("127.0.0.1", **{header: "127.0.0.1"}))

    def test_that_a_header_claims_is_not_believed(self, allow):
        allow("10.1.0.0/16")
        assert not readers.may_read(call(X_Forwarded_For="10.1.0.1"))

    def test_reads_no_more_by_default_once_there_is_a_token(self, allow):
        allow(token="a secret")
        assert not readers.may_read(call("127.0.0.1"))
        allow("127.0.0.0/8", token="a secret")
        assert readers.may_read(call("127.0.0.1"))


class TestAToken:
    def test_reads_from_everywhere_also_through_a_proxy(self, allow):
        allow(token="a secret")
        assert readers.may_read(call(Authorization="Bearer a secret"))
        assert readers.may_read(call(Authorization="bearer a secret", X_Forwarded_For="198.51.100.1"))

    @pytest.mark.parametrize("value", ["Bearer wrong", "Bearer", "Bearer ", "Basic a secret", "a secret", "Bearer ñ"])
    def test_that_is_wrong_does_not(self, allow, value):
        allow(token="a secret")
        assert not readers.may_read(call(Authorization=value))

    @pytest.mark.parametrize("value", ["Bearer ", "Bearer", ""])
    def test_that_is_not_set_lets_nobody_in(self, allow, value):
        allow("10.0.0.0/8")
        assert not readers.may_read(call(Authorization=value))


class TestARefusal:
    def test_asks_for_a_token_where_one_is_set(self, allow):
        allow(token="a secret")
        with pytest.raises(Unauthenticated) as refusal:
            readers.demand_reader(call())
        assert refusal.value.code == "not_authenticated"

    def test_says_that_a_token_is_wrong(self, allow):
        allow(token="a secret")
        with pytest.raises(InvalidToken):
            readers.demand_reader(call(Authorization="Bearer wrong"))

    def test_is_a_plain_no_where_no_token_would_help(self, allow):
        allow()
        with pytest.raises(PermissionDenied):
            readers.demand_reader(call(Authorization="Bearer anything"))

    def test_is_none_for_who_may_read(self, allow):
        allow()
        assert readers.demand_reader(call("127.0.0.1")) is None


class TestTheSettings:
    def test_name_the_variable_when_a_network_is_none(self):
        with pytest.raises(ImproperlyConfigured, match="METRICS_ALLOW"):
            _ = Environment(metrics_allow="10.0.0.0/8, the office").metrics_networks

    def test_take_single_addresses(self):
        assert Environment(metrics_allow="10.0.0.7").metrics_networks == [ip_network("10.0.0.7/32")]
