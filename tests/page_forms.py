"""Reads a page's forms as a browser would send them, for tests that fill in and press."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Button:
    name: str
    value: str
    action: str
    text: str = ""


@dataclass
class PageForm:
    """One form: where it goes, what it would send, and its buttons, also those outside of it."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def value(self, name: str) -> str:
        """The value of a field that is there once."""
        (only,) = self.values(name)
        return only

    def filled(self, **changes: str | list[str]) -> dict[str, list[str]]:
        """What is sent when these fields are filled in otherwise; an empty list leaves one out."""
        sent: dict[str, list[str]] = {}
        for name, value in self.fields:
            sent.setdefault(name, []).append(value)
        for name, change in changes.items():
            sent[name] = [change] if isinstance(change, str) else change
        return {name: values for name, values in sent.items() if values}

    def button(self, text: str) -> Button:
        """The first button whose text begins so."""
        return next(one for one in self.buttons if " ".join(one.text.split()).startswith(text))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, PageForm] = {}
        self.inside: list[str] = []
        self.select: tuple[PageForm, str, list[str]] | None = None
        self.area: tuple[PageForm, str, list[str]] | None = None
        self.pressed: Button | None = None

    def owner(self, attrs: dict[str, str | None]) -> PageForm | None:
        named = attrs.get("form")
        return self.forms.get(named or (self.inside[-1] if self.inside else ""))

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attrs = dict(pairs)
        if tag == "form":
            self._begin(attrs)
        elif (form := self.owner(attrs)) is not None:
            self._field(tag, form, attrs)

    def _begin(self, attrs: dict[str, str | None]) -> None:
        name = attrs.get("id") or attrs.get("action") or ""
        self.inside.append(name)
        self.forms[name] = PageForm(attrs.get("action") or "", attrs.get("method") or "get")

    def _field(self, tag: str, form: PageForm, attrs: dict[str, str | None]) -> None:
        name = attrs.get("name") or ""
        if tag == "input":
            self._input(form, name, attrs)
        elif tag == "textarea":
            self.area = (form, name, [])
        elif tag == "select":
            self.select = (form, name, [])
        elif tag == "option" and self.select:
            if "selected" in attrs or not self.select[2]:
                self.select[2][:] = [attrs.get("value") or ""]
        elif tag == "button" and attrs.get("type") != "button":
            action = attrs.get("formaction") or form.action
            self.pressed = Button(name, attrs.get("value") or "", action)
            form.buttons.append(self.pressed)

    @staticmethod
    def _input(form: PageForm, name: str, attrs: dict[str, str | None]) -> None:
        ticks = attrs.get("type") in ("checkbox", "radio")
        if name and (not ticks or "checked" in attrs):
            form.fields.append((name, attrs.get("value") or ("y" if ticks else "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.inside:
            self.inside.pop()
        elif tag == "select" and self.select:
            form, name, chosen = self.select
            form.fields += [(name, value) for value in chosen]
            self.select = None
        elif tag == "textarea" and self.area:
            form, name, texts = self.area
            form.fields.append((name, "".join(texts).removeprefix("\r").removeprefix("\n")))
            self.area = None
        elif tag == "button":
            self.pressed = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area[2].append(data)
        elif self.pressed:
            self.pressed.text += data


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in ("script", "style", "template")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style", "template")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.words += data.split()


def forms_on(html: str) -> dict[str, PageForm]:
    """The page's forms by id, or by address where they have none."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def text_of(html: str) -> str:
    """What a person reads, with single spaces."""
    reader = _Words()
    reader.feed(html)
    return " ".join(reader.words)
