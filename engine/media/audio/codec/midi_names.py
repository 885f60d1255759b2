"""The texts of a MIDI file, which names no encoding: → characters."""

import re
from collections.abc import Sequence

from engine.core.errors import BadInput
from engine.core.text_encoding import to_text
from engine.core.text_readings import eastern_readings

_WESTERN = frozenset((*range(0xC0, 0x100), 0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F, 0xA0, 0xB0))
_WESTERN |= {0x85, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xA9, 0xAB, 0xAE, 0xB4, 0xBB}
_LINE_ENDS = re.compile(rb"[\r\n]+")
_MUSIC = frozenset(  # characters of instruments, voices and parts, as China and Japan write them
    "钢鋼琴胡筝箏笛箫簫琵琶鼓锣鑼钹鈸旋律主副伴奏独獨合唱弦乐樂吉他贝貝斯提号號管轨軌声聲部"
    "피아노기타드럼베이스솔로바이올린첼플루트반주멜디합창"
    "曲歌调調高中低音男女二三古风風月光线線味尺八和太拍子打击擊电電子大小左右手节節前後后间間"
)
_ENOUGH = 0.8
_MOST_BYTES = 2000  # of one text


def decoded(texts: Sequence[bytes]) -> list[str]:
    """All of one file's, in the encoding that makes the most sense of them together."""
    lines = [_LINE_ENDS.sub(b" ", text[:_MOST_BYTES]) for text in texts]
    together = b"\n".join(lines)
    if _is_western(together):
        return [_cleaned(line.decode("cp1252", "replace")) for line in lines]
    found = (_musical(together) or _any(together)).split("\n")
    if len(found) != len(lines):
        found = [line.decode("cp1252", "replace") for line in lines]
    return [_cleaned(line) for line in found]


def _musical(text: bytes) -> str:
    """In an encoding of China, Japan or Korea that makes words of music of it; "" where none does.
    Names are too short for what tells texts apart: 钢琴 is good Korean too."""
    if text.isascii() or _is_utf8(text):
        return ""
    best, most = "", _ENOUGH
    for reading in eastern_readings(text):
        beyond = [c for c in reading.text if ord(c) > 0x7F]
        known = sum(map(_of_music, beyond)) / max(1, len(beyond))
        sense = max(reading.sense + known / 2, known)
        if sense > most and not reading.mended:
            best, most = reading.text, sense
    return best


def _of_music(character: str) -> float:
    """1 for what stands in the names of instruments and parts, less than 0 for Hangul that nobody
    writes."""
    if character in _MUSIC or "\u30a1" <= character <= "\u30fc":
        return 1.0
    # Python writes the syllables that KS X 1001 has not as eight bytes, letter by letter.
    return -1.0 if character >= "\uac00" and len(character.encode("euc_kr", "ignore")) > 2 else 0.0


def _any(text: bytes) -> str:
    try:
        return to_text(text, "")
    except BadInput:
        return ""


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_western(text: bytes) -> bool:
    """Mostly ASCII, and what is beyond is letters and quotation marks of Windows' code page."""
    if _is_utf8(text):
        return False
    beyond = [byte for byte in text if byte > 0x7F]
    letters = sum(chr(byte).isalpha() for byte in text if byte < 0x80)
    return len(beyond) <= letters and all(byte in _WESTERN for byte in beyond)


def _cleaned(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]
