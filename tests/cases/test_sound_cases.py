"""Recordings from public bug trackers and from hostile hands, each with its right reading."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.errors import BadInput
from engine.media.audio.codec.sound import decode
from engine.media.audio.hearing import decode as decode_any

FILES = Path(__file__).parent / "files"
READ = {  # name: (seconds, remarks)
    "PCM_U8.wav": (1.0, ()),  # eight bits are not clipping
    "ULAW.wav": (1.0, ()),
    "datasize0.wav": (1.0, ("repaired",)),
    "cut-midframe.mp3": (1.0, ("repaired",)),
    "junk-lead.mp3": (1.0, ("repaired",)),
    "zeros-lead.mp3": (1.0, ("repaired",)),
    "vbr-noxing.mp3": (3.0, ()),  # of variable bit rate, and without a word on its length
}
REFUSED = {  # name: (code, a word of the sentence)
    "real.aac": ("foreign_sound", "AAC"),
    "speex.spx": ("foreign_sound", "Speex"),
    "theora.ogg": ("foreign_sound", "Theora"),
    "playlist_sdp.wav": ("playlist", "names recordings"),
}


@pytest.mark.parametrize("name", READ)
def test_a_recording_is_read_whole(name: str) -> None:
    seconds, remarks = READ[name]
    found = decode((FILES / name).read_bytes(), name)
    assert found.remarks == remarks
    assert found.sound.seconds == pytest.approx(seconds, abs=0.06)
    middle = found.sound.mono()[len(found.sound.mono()) // 4 : -len(found.sound.mono()) // 4]
    assert np.sqrt(np.mean(middle**2)) > 0.2  # it sounds


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_called_by_its_name(name: str) -> None:
    code, word = REFUSED[name]
    for reader in (decode, decode_any):
        with pytest.raises(BadInput) as caught:
            reader((FILES / name).read_bytes(), name)
        assert caught.value.code == code
        assert word in str(caught.value)
