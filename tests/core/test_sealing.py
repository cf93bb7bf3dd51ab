"""Secrets that the server reads again."""

import pytest
from cryptography.fernet import Fernet

from backend.core import sealing

SECRET = "JBSWY3DPEHPK3PXP ñandú 😀"
OLD, NEW = "an old key of at least thirty-two bytes", "a new key of at least thirty-two bytes!"


class TestASealedText:
    @pytest.mark.parametrize("text", [SECRET, "", "x" * 10_000, "\0"])
    def test_is_read_again(self, text):
        assert sealing.unseal(sealing.seal(text)) == text

    def test_shows_nothing_and_never_looks_the_same_twice(self):
        first, second = sealing.seal(SECRET), sealing.seal(SECRET)
        assert "JBSWY3DPEHPK3PXP" not in first
        assert first != second

    def test_is_not_read_with_another_key(self, settings):
        sealed = sealing.seal(SECRET)
        settings.SECRET_KEY = NEW
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(sealed)

    def test_is_read_while_its_key_stands_among_those_of_before(self, settings):
        settings.SECRET_KEY = OLD
        sealed = sealing.seal(SECRET)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, ["yet another key", OLD]
        assert sealing.unseal(sealed) == SECRET

    def test_is_sealed_with_the_key_of_now(self, settings):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
        sealed = sealing.seal(SECRET)
        settings.SECRET_KEY_FALLBACKS = []
        assert sealing.unseal(sealed) == SECRET

    def test_is_not_sealed_with_the_setting_itself(self, settings):
        settings.SECRET_KEY = Fernet.generate_key().decode()
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(Fernet(settings.SECRET_KEY).encrypt(SECRET.encode()).decode())

    def test_that_was_tampered_with_is_not_read(self):
        sealed = sealing.seal(SECRET)
        for place in (0, 10, len(sealed) // 2, len(sealed) - 10):
            other = "A" if sealed[place] != "A" else "B"
            with pytest.raises(sealing.Unreadable):
                sealing.unseal(sealed[:place] + other + sealed[place + 1 :])

    @pytest.mark.parametrize("garbage", ["", "x", SECRET, "A" * 200, "\0"])
    def test_that_never_was_one_is_not_read(self, garbage):
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(garbage)
