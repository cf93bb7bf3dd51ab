"""Every error has a sentence in every dialect, and the facts for it."""

import ast
from functools import cache
from string import Formatter

import pytest

from backend.core import errors
from backend.core.errors import DomainError
from backend.dialects import middleware, problem
from tests import operations, source

dialects = pytest.mark.parametrize("dialect", operations.BUILT.values(), ids=lambda dialect: dialect.name)

# What `problem.fault` hands over with every fault, and pydantic or `wire.py` with some.
FACTS_OF_A_FAULT = {"value", "limit", "message"}
FACTS_OF_THE_MIDDLEWARE = {"method", "reason"}


def kinds(root: type[DomainError] = DomainError) -> list[type[DomainError]]:
    """Every kind of error that has a code. All modules are imported once Django is set up."""
    found = [root] if "code" in vars(root) else []
    return found + [kind for each in root.__subclasses__() if _ours(each) for kind in kinds(each)]


def _ours(kind: type) -> bool:
    return kind.__module__.startswith("backend.")


@cache
def facts_of(kind: type[DomainError]) -> set[str]:
    """The facts that the error has wherever it is raised."""
    found = [_given(node) for _, node in source.nodes(ast.Call, "backend") if source.called(node.func) == kind.__name__]
    for _, node in source.nodes(ast.Raise, "backend"):
        if node.exc is not None and source.called(node.exc) == kind.__name__:
            found.append(set())
    if kind in {*middleware.OF_STATUS.values(), errors.ServerError}:
        found.append(FACTS_OF_THE_MIDDLEWARE)
    return set.intersection(*found) if found else set()


def _given(call: ast.Call) -> set[str]:
    return {keyword.arg for keyword in call.keywords if keyword.arg}


@cache
def fault_codes() -> dict[str, set[str]]:
    """The codes of faults, and the facts that each has wherever it is made."""
    found = {code: set(FACTS_OF_A_FAULT) for code in {*problem.FAULTS.values(), "null", "invalid"}}
    for place, node in source.nodes(ast.Call, "backend"):
        if source.called(node.func) == "Fault" and isinstance(node.args[1], ast.Constant):
            facts = node.args[2]
            assert isinstance(facts, ast.Dict), f"{place}: the facts of a fault are spelled out"
            names = {key.value for key in facts.keys if isinstance(key, ast.Constant)}
            code = node.args[1].value
            found[code] = found.get(code, names) & names
    return found


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


class TestTheCodes:
    def test_are_one_a_kind(self):
        codes = [kind.code for kind in kinds()]
        assert sorted(codes) == sorted(set(codes))

    def test_of_errors_and_of_faults_are_told_apart_but_for_invalid(self):
        assert {kind.code for kind in kinds()} & set(fault_codes()) <= {"invalid"}

    def test_are_words(self):
        assert [code for code in {*(kind.code for kind in kinds()), *fault_codes()} if not code.isidentifier()] == []

    def test_of_our_own_validators_are_known(self):
        made = {
            node.args[0].value
            for _, node in source.nodes(ast.Call, "backend")
            if source.called(node.func) == "PydanticCustomError" and isinstance(node.args[0], ast.Constant)
        }
        assert made <= set(problem.FAULTS)


@dialects
class TestTheWordsOfADialect:
    def test_have_a_sentence_for_every_error(self, dialect):
        assert {kind.code for kind in kinds()} - set(dialect.words) == set()

    def test_have_a_sentence_for_every_fault(self, dialect):
        assert set(fault_codes()) - set(dialect.words) == set()

    def test_have_none_for_what_does_not_exist(self, dialect):
        assert set(dialect.words) - {kind.code for kind in kinds()} - set(fault_codes()) == set()

    def test_speak_of_facts_that_the_error_has(self, dialect):
        unknown = {
            kind.code: placeholders(dialect.words[kind.code]) - facts_of(kind)
            for kind in kinds()
            if kind.code in dialect.words and kind.code not in fault_codes()
        }
        assert {code: names for code, names in unknown.items() if names} == {}

    def test_speak_of_facts_that_the_fault_has(self, dialect):
        unknown = {code: placeholders(dialect.words[code]) - facts for code, facts in fault_codes().items()}
        assert {code: names for code, names in unknown.items() if names} == {}

    def test_say_something_for_every_error_without_breaking(self, dialect):
        for kind in kinds():
            error = kind(**dict.fromkeys(facts_of(kind), "x")) if kind is not errors.Malformed else malformed()
            assert dialect.problem(error, dialect.status(error))


def malformed() -> errors.Malformed:
    """A request with every fault there is."""
    return errors.Malformed([
        errors.Fault(("body", code), code, dict.fromkeys(facts, "x")) for code, facts in fault_codes().items()
    ])  # fmt: skip
