"""Sockets while redis goes and comes: none of them believes that it hears everything when it does not."""

from itertools import islice

import pytest

from tests.realtime.served import PATIENCE, close_code, frame, frames
from tests.worker.tree import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

COME_BACK = 4503


def test_a_socket_that_may_miss_something_is_closed_and_the_next_one_hears_again(server, line, told, alice):
    clients = [server.enter(alice.token), server.enter(alice.token)]
    line.stop()
    try:
        assert [close_code(client) for client in clients] == [COME_BACK, COME_BACK]
        turned_away = server.connect("crisol.v1", f"bearer.{alice.token}")
        assert list(frames(turned_away)) == []
        assert turned_away.close_code == COME_BACK
    finally:
        line.start()

    entered = []

    def is_let_in() -> bool:
        client = server.connect("crisol.v1", f"bearer.{alice.token}")
        is_ready = any(each["type"] == "ready" for each in islice(frames(client), 1))
        if is_ready:
            entered.append(client)
        return is_ready

    until(is_let_in, PATIENCE)
    told(alice.workspace.pk, alice.user.pk, {"type": "hello"})
    assert frame(entered[0]) == {"type": "hello"}
    entered[0].close()
