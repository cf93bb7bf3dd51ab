"""What a record's deletion has to ask: how many other records hold on to it, in modules that stand above its own."""

from collections import defaultdict
from collections.abc import Callable

from backend.core.actor import Actor
from backend.core.recording import RecordedModel

Counter = Callable[[Actor, int], int]
_counters: dict[type[RecordedModel], dict[str, Counter]] = defaultdict(dict)


def counted_by(model: type[RecordedModel], name: str, counter: Counter) -> None:
    """Have `counter(actor, id)` asked before a record of the model is deleted; `name` is what it counts."""
    _counters[model][name] = counter


def of(actor: Actor, record: RecordedModel) -> dict[str, int]:
    """How many records of each kind hold on to this one."""
    return {name: counter(actor, record.pk) for name, counter in _counters[type(record)].items()}
