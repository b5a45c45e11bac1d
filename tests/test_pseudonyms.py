"""What stands for words and identifiers."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from hhperf.pseudonyms import Pseudonyms

HIDDEN = Pseudonyms(b"k")


def test_keys_are_drawn_and_not_shown() -> None:
    """So that nobody can look words up."""
    assert Pseudonyms().key != Pseudonyms().key
    assert "key" not in repr(Pseudonyms())


def test_a_bare_hash_does_not_lead_to_a_pseudonym() -> None:
    """Without the key, trying likely words finds nothing."""
    assert hashlib.sha256(b"acme").hexdigest()[:16] != HIDDEN.name("acme")
    assert Pseudonyms(b"other").name("acme") != HIDDEN.name("acme")


def test_words_become_letters_in_the_same_places() -> None:
    """A word that comes again is the same again, and keeps its length from six letters on."""
    text = HIDDEN.text("Mariana Souza, Mariana!")
    first, second, third = text.replace(",", "").replace("!", "").split()
    assert (first, len(first), len(second)) == (third, 7, 6)
    assert (text[14], text[-1]) == (",", "!")


@given(st.sampled_from(["हिन्दी में नौकरी", "Инженер", "看護師", "naïve café", "a_b c1", "👩‍⚕️ 🇧🇷"]))
def test_words_of_any_script_are_replaced(text: str) -> None:
    """Nothing of them stays but what parts them."""
    left = set(HIDDEN.text(text)) & set(text)
    assert not {each for each in left if not each.isascii()} - {"\u200d"}


@given(st.text(), st.text(), st.binary(min_size=1, max_size=64))
def test_texts_stay_as_different_as_they_were(one: str, other: str, key: bytes) -> None:
    """With the same key the same text gives the same letters, another text others."""
    hidden = Pseudonyms(key)
    assert hidden.text(one) == hidden.text(one)
    assert (hidden.text(one) == hidden.text(other)) == (one == other)


def test_directions_are_of_unit_length_and_repeat() -> None:
    """As many numbers as before, none of them the same."""
    hidden = HIDDEN.direction([0.5, 0.5, 0.0])
    assert HIDDEN.direction([0.5, 0.5, 0.0]) == hidden
    assert abs(sum(each * each for each in hidden) - 1) < 1e-12
    assert HIDDEN.direction([0.5, 0.5, 0.1]) != hidden
