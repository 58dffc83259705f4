"""Tests use the real thing and wait for facts, never for time."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.source import files_of_tests, functions, imported_modules, name_of, parsed


def _calls_to_sleep(tree: ast.AST) -> set[int]:
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "sleep"
    }


def _sleeps_outside_loops(path: Path) -> set[int]:
    """A short sleep in a loop polls for a fact; anywhere else it hopes."""
    loops = [node for node in ast.walk(parsed(path)) if isinstance(node, ast.While | ast.For)]
    polling = {line for loop in loops for line in _calls_to_sleep(loop)}
    return _calls_to_sleep(parsed(path)) - polling


def test_no_test_sleeps_and_hopes() -> None:
    hoping = {name_of(path): _sleeps_outside_loops(path) for path in files_of_tests()}
    assert {name: lines for name, lines in hoping.items() if lines} == {}


def test_nothing_is_mocked() -> None:
    mocking = [
        name_of(path)
        for path in files_of_tests()
        if {"unittest.mock", "mock", "pytest_mock"} & set(imported_modules(path))
    ]
    assert mocking == []


def test_names_of_tests_are_sentences() -> None:
    """Three words at least: what a test is called is what fails."""
    terse = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in files_of_tests()
        for node in functions(path)
        if node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert terse == []
