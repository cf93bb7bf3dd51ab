"""How long a fault may take to heal: leases end by themselves here, and a sweep comes each 15 s."""

from functools import partial

from tests.worker import tree

PATIENCE = 300.0  # seconds

until = partial(tree.until, seconds=PATIENCE)
