"""What a short answer by text message means; everything longer is for a person (domain G)."""

from __future__ import annotations

import re

from scheduler.planning.find_text import fold

YES, NO, PROBLEM, STOP, START, HELP, TWO = "yes", "no", "problem", "stop", "start", "help", "two"
_MEANINGS = {
    YES: "ok okay okey yes y si 1 confirm confirmed confirmo vale claro coming",
    NO: "no n nope",
    PROBLEM: "problem problema cancel cancelar",
    TWO: "2",
    STOP: "stop stopall unsubscribe end quit alto baja parar detener",
    START: "start unstop subscribe empezar iniciar",
    HELP: "help info ayuda",
}
_WORDS = {word: meaning for meaning, words in _MEANINGS.items() for word in words.split()}
_KIND = re.compile(r"\b(thanks|thank you|thx|please|gracias|por favor)\b")
_MARKS = re.compile(r"[^\w\s]|_")
LONGEST = 40


def meaning(text: str) -> str | None:
    """YES, NO, PROBLEM, TWO, STOP, START, HELP, or None: a person has to read it.

    Case, accents, marks and "thank you" do not matter; any other word more does.
    """
    if len(text) > LONGEST:
        return None
    plain = _KIND.sub(" ", _MARKS.sub(" ", fold(text)))
    return _WORDS.get(" ".join(plain.split()))
