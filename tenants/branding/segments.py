"""How many messages a text message is sent as: telephones know an alphabet of their own, and count by it."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€")
_ALONE, _EACH = 160, 153  # GSM-7, in septets
_WIDE_ALONE, _WIDE_EACH = 70, 67  # UCS-2, in its units of 16 bits


def is_plain(text: str) -> bool:
    """Say whether a text is written in the alphabet of telephones alone.

    >>> is_plain("Grüße: 1 €"), is_plain("رمز")
    (True, False)
    """
    return all(letter in _BASIC or letter in _DOUBLE for letter in text)


def count(text: str) -> int:
    """Return how many messages a text is sent as.

    >>> count("x" * 160), count("x" * 161), count("ж" * 70), count("ж" * 71), count("€" * 81), count("x" * 154 + "[")
    (1, 2, 1, 2, 2, 1)
    >>> count("😀" * 35), count("😀" * 36), count("")
    (1, 2, 1)
    """
    if is_plain(text):
        return _messages([2 if letter in _DOUBLE else 1 for letter in text], _ALONE, _EACH)
    return _messages([2 if ord(letter) > 0xFFFF else 1 for letter in text], _WIDE_ALONE, _WIDE_EACH)


def _messages(sizes: list[int], alone: int, each: int) -> int:
    """Fill one message after another; what takes two places is not cut in two."""
    if sum(sizes) <= alone:
        return 1
    messages, filled = 1, 0
    for size in sizes:
        if filled + size > each:
            messages, filled = messages + 1, 0
        filled += size
    return messages
