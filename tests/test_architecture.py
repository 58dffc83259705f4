"""The house's hard numbers and bans, so that a review need not look for them."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.source import (
    MIGRATIONS,
    PACKAGE,
    ROOT,
    RULES,
    calls,
    files_of_tests,
    functions,
    imported_modules,
    name_of,
    parsed,
    product_files,
    template_files,
)

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
CATCH_ALL_NAMES = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py"}
CLOCK = PACKAGE / "clock.py"
SQL_CALLS = {"execute", "exec_driver_sql", "scalar", "scalars", "text", "DDL", "executescript"}
SQL_FROM_CONSTANTS = {"scheduler/engine_sqlite.py"}  # pragmas take no parameters
BINDS_THE_SESSION = {"scheduler/web/app.py"}


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in (*product_files(), *files_of_tests())
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not too_long


def test_no_file_is_too_long_to_read_at_once() -> None:
    files = (*product_files(), *files_of_tests(), *template_files())
    assert not [
        name_of(path) for path in files if len(path.read_text().splitlines()) > LONGEST_FILE
    ]


def test_files_are_named_by_a_noun_never_a_catch_all() -> None:
    files = (*product_files(), *files_of_tests())
    assert not [name_of(path) for path in files if path.name in CATCH_ALL_NAMES]


def test_every_module_says_first_what_it_is_for() -> None:
    silent = [
        name_of(path)
        for path in product_files()
        if parsed(path).body and not ast.get_docstring(parsed(path))
    ]
    assert not silent


def test_planning_stands_on_the_standard_library_and_our_errors_only() -> None:
    ours = ("scheduler.planning", "scheduler.errors")
    strangers = [
        f"{name_of(path)}: {module}"
        for path in sorted((PACKAGE / "planning").glob("*.py"))
        for module in imported_modules(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith(ours)
    ]
    assert not strangers


def test_only_the_clock_asks_what_time_it_is() -> None:
    asks = {
        *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"),
        *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today"),
    }
    others = [
        f"{name_of(path)}:{call.lineno}"
        for path in product_files()
        if path != CLOCK
        for name, call in calls(path)
        if name in asks
    ]
    assert not others


def test_planning_is_told_the_time_and_never_looks() -> None:
    looks = [
        name_of(path)
        for path in (PACKAGE / "planning").glob("*.py")
        if "scheduler.clock" in imported_modules(path)
    ]
    assert not looks


def test_only_services_and_below_use_the_session() -> None:
    rooms = [PACKAGE / room for room in ("web", "worker", "mail", "phone")]
    users = [
        name_of(path)
        for room in rooms
        for path in room.rglob("*.py")
        if name_of(path) not in BINDS_THE_SESSION
        and "scheduler.extensions.db" in set(imported_modules(path))
    ]
    assert not users


def _glued(node: ast.expr) -> bool:
    """Text put together at run time: an f-string with values, `%`, `+` of those, or `.format()`."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod) or _glued(node.left) or _glued(node.right)
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".format")


def test_no_sql_is_glued_together_from_values() -> None:
    glued = [
        f"{name_of(path)}:{call.lineno}"
        for path in (*product_files(), *sorted(MIGRATIONS.glob("*.py")))
        if name_of(path) not in SQL_FROM_CONSTANTS
        for name, call in calls(path)
        if name.split(".")[-1] in SQL_CALLS and call.args and _glued(call.args[0])
    ]
    assert not glued


UNSAFE_MARKUP = {
    "|safe": re.compile(r"\|\s*safe\b"),
    "autoescape off": re.compile(r"autoescape\s+false"),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript address": re.compile(r"=\s*[\"']?javascript:", re.IGNORECASE),
    "a foreign asset": re.compile(
        r"<(script|link|img|iframe)[^>]+(src|href)=[\"']https?:", re.IGNORECASE
    ),
    "a script without a nonce": re.compile(r"<script(?![^>]*\b(src|nonce)=)", re.IGNORECASE),
    "a style block without a nonce": re.compile(r"<style(?![^>]*\bnonce=)", re.IGNORECASE),
}


@pytest.mark.parametrize("what", UNSAFE_MARKUP)
def test_no_page_template_carries(what: str) -> None:
    pages = [path for path in template_files() if path.parent.name != "mail"]
    found = [name_of(path) for path in pages if UNSAFE_MARKUP[what].search(_markup(path))]
    assert not found


def _markup(path: Path) -> str:
    """A template without its comments."""
    return re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)


def test_migrations_are_numbered_in_one_line() -> None:
    files = sorted(MIGRATIONS.glob("*.py"))
    before = None
    for number, path in enumerate(files, start=1):
        assert re.fullmatch(rf"{number:04d}_[a-z0-9_]+\.py", path.name), path.name
        values = _constants(path)
        assert values["revision"] == f"{number:04d}"
        assert values["down_revision"] == before
        before = values["revision"]


def _constants(path: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for node in parsed(path).body:
        if isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(node.value, ast.Constant):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            found[ast.unparse(target)] = node.value.value
    return found


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-dev.lock", "package-lock.json"]
)
def test_lock_files_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_the_development_lock_holds_every_runtime_package_at_the_same_version() -> None:
    pinned = re.compile(r"^([a-z0-9_.-]+==[^ ;\\]+)", re.MULTILINE)
    runtime = set(pinned.findall((ROOT / "requirements.lock").read_text()))
    development = set(pinned.findall((ROOT / "requirements-dev.lock").read_text()))
    assert runtime <= development


def test_the_readme_explains_every_setting() -> None:
    readme = (ROOT / "README.md").read_text()
    text = (ROOT / "config.py").read_text()
    names = set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", text))
    assert names
    assert not sorted(name for name in names if f"`{name}`" not in readme)


RULE = re.compile(r"^- \*\*([^*]+)\*\* \S", re.MULTILINE)
ID = r"(?:[A-Z]{1,2}\d+|[A-J] rules? \d+|(?:fact|decision)s? \d+|[A-J]\b)"
ANOTHER = rf"(?:(?:, | and | or |-)(?:{ID}|\d+\b))"
CITATION = re.compile(rf"\b(domain|calendar|trust|house|planner) ({ID}{ANOTHER}*)")


def known_rules() -> dict[str, set[str]]:
    return {path.stem: set(RULE.findall(path.read_text())) for path in RULES.glob("*.md")}


def cited(text: str) -> set[tuple[str, str]]:
    """(book, id) for each citation; "house decisions 1, 2" are two, "domain C rule 0" is C0."""
    found = set()
    for book, ids in CITATION.findall(" ".join(text.replace("#", " ").split())):
        kind = ""  # "fact " or "decision ", said once for a whole list
        for one in re.split(r", | and | or |-", re.sub(r"\b([A-J]) rules? ", r"\1", ids)):
            word, _, number = one.rpartition(" ")
            kind = word.rstrip("s") + " " if word else kind
            found.add((book, kind + number if number.isdigit() else number))
    return found


def test_citations_are_read_as_people_write_them() -> None:
    assert cited("(domain H5, calendar U1, U2)") == {
        *(("domain", "H5"), ("calendar", "U1"), ("calendar", "U2"))
    }
    assert cited("house decisions 1, 2; trust fact\n# 3") == {
        *(("house", "decision 1"), ("house", "decision 2"), ("trust", "fact 3"))
    }
    assert cited("domain C rule 0, then domain G.") == {("domain", "C0"), ("domain", "G")}
    assert cited("a calendar day, the house is big") == set()


def test_every_cited_rule_is_written_down() -> None:
    known = known_rules()
    missing = [
        f"{name_of(path)}: {book} {rule}"
        for path in (*product_files(), *sorted(MIGRATIONS.glob("*.py")), *files_of_tests())
        for book, rule in sorted(cited(path.read_text()))
        if rule not in known[book] and path.name != Path(__file__).name
    ]
    assert not missing


def test_no_rule_is_written_down_twice() -> None:
    for path in RULES.glob("*.md"):
        rules = RULE.findall(path.read_text())
        assert len(rules) == len(set(rules)), path.name
