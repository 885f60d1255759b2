"""Amounts as one says them: bytes, times, parameters."""

from studio.i18n import t

_MB = 1_000_000


def size_words(count: int) -> str:
    """Bytes: "28 KB", "254 MB", "1.4 GB"."""
    if count < _MB:
        return t("size.kb", n=max(1, round(count / 1000)))
    if count < 1000 * _MB:
        return t("size.mb", n=round(count / _MB))
    return t("size.gb", n=f"{count / 1000 / _MB:.1f}")


def parameter_words(count: int) -> str:
    """Parameters of a model, in millions or thousands of millions."""
    if count < 1e9:
        return t("models.millions", n=max(1, round(count / 1e6)))
    return t("models.billions", n=f"{count / 1e9:.1f}")
