"""Weak passwords are refused with a sentence."""

from __future__ import annotations

import pytest

from scheduler.services.passwords import refusal


@pytest.mark.parametrize(
    "password",
    [
        "",
        "elevenchars",
        "x" * 257,
        "aaaaaaaaaaaa",
        "abababababab",
        "password1234",
        "PASSWORD1234",
        "qwertyuiop12",
        "123456789012",
    ],
)
def test_a_short_common_or_monotonous_password_is_refused(password: str) -> None:
    assert refusal(password)


def test_the_owners_name_and_address_may_not_be_part_of_it() -> None:
    personal = ("Dana Whitlock", "dana.w@clinic.example")
    assert refusal("whitlock the great", personal)
    assert refusal("my CLINIC password x", personal)
    assert refusal("an apple and a pear", personal) is None


def test_several_words_in_any_alphabet_are_welcome() -> None:
    assert refusal("correct horse battery staple") is None
    assert refusal("четыре слова без смысла") is None
