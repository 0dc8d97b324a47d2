"""A teacher's own lesson, whole in the link: title, text, question, choices, what is hidden, locked and covered.

It travels as `class=1.<text>`: a version, and JSON that is compressed and written in letters of an address. What is
read is bounded before it is unpacked and again after, and shown as plain text. Nothing of it is kept on the server.
"""

import base64
import binascii
import json
import zlib
from dataclasses import asdict, dataclass, fields

from engine.experiment import KEYS
from engine.experiment.settings import Text

VERSION = "1"
KEY = "class"
MOST_TITLE, MOST_TEXT, MOST_CHOICE, MOST_CHOICES = 80, 600, 160, 4
MOST_LETTERS, MOST_BYTES = 12_000, 20_000  #: of the link, and of what is unpacked from it: enough for any signs
MOST_LOOKED_AT = 100_000  #: characters of an address
SETTING = Text("", "A teacher's lesson", "The lesson of the link.", MOST_LOOKED_AT, control="address", key=KEY)

_GROUPS = {
    "data": "data samples points rows noise test folds fold features missing standardise seed dseed",
    "network": "arch act init scale bias bias_spread biases weights bug norm residual",
    "training": "loss out summed delta smoothing focal batch steps",
    "regularisation": "l1 l2 dropout patience input_noise shift",
}
_ELSEWHERE = {key for keys in _GROUPS.values() for key in keys.split()}

#: Groups of the sidebar that can be hidden or locked, and the settings in each.
GROUPS: dict[str, tuple[str, ...]] = {
    **{name: tuple(keys.split()) for name, keys in _GROUPS.items()},
    "optimizer": tuple(key for key in KEYS if key not in _ELSEWHERE),
}


class Unreadable(ValueError):
    """What is wrong with a lesson of a link, in one sentence."""


@dataclass(frozen=True)
class OwnLesson:
    """A lesson that a teacher has made of the present state.

    Raises `Unreadable` for texts that are too long, an answer that is no choice, or a group that there is not.
    """

    title: str
    text: str = ""
    question: str = ""
    choices: tuple[str, ...] = ()
    answer: int = 0
    hidden: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    covered: bool = False

    def __post_init__(self):
        if not self.title.strip():
            raise Unreadable("A lesson needs a title.")
        for name, words, most in (
            ("title", self.title, MOST_TITLE),
            ("text", self.text, MOST_TEXT),
            ("question", self.question, MOST_TEXT),
            *(("choice", choice, MOST_CHOICE) for choice in self.choices),
        ):
            if len(words) > most:
                raise Unreadable(f"The {name} has {len(words):,} characters; at most {most} fit into a lesson.")
        if self.question and not 2 <= len(self.choices) <= MOST_CHOICES:
            raise Unreadable(f"A question needs 2 to {MOST_CHOICES} choices, not {len(self.choices)}.")
        if self.question and not 0 <= self.answer < len(self.choices):
            raise Unreadable("The right answer must be one of the choices.")
        if unknown := {*self.hidden, *self.locked} - {*GROUPS}:
            raise Unreadable(f"There is no group of settings called {', '.join(sorted(unknown))}.")

    @property
    def locked_keys(self) -> tuple[str, ...]:
        """The settings that cannot be changed."""
        return tuple(key for group in self.locked for key in GROUPS[group])


def written(lesson: OwnLesson) -> str:
    """The lesson as the link has it."""
    usual = {field.name: field.default for field in fields(OwnLesson)}
    told = {name: value for name, value in asdict(lesson).items() if value != usual[name]}
    packed = zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return f"{VERSION}.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def read(text: str) -> OwnLesson:
    """The lesson of a link; raises `Unreadable` in a sentence for whatever is no lesson."""
    version, _, letters = text.partition(".")
    if version != VERSION:
        raise Unreadable("The lesson of this link is of a version that is not known here.")
    if len(letters) > MOST_LETTERS:
        raise Unreadable("The lesson of this link is too long.")
    try:
        packed = base64.b64decode(letters + "=" * (-len(letters) % 4), altchars=b"-_", validate=True)
        unpack = zlib.decompressobj()
        told = json.loads(unpack.decompress(packed, MOST_BYTES))
        if not unpack.eof:
            raise ValueError
        json.dumps(told, ensure_ascii=False).encode()  # half a character cannot be shown
    except (ValueError, zlib.error, binascii.Error, RecursionError):
        raise Unreadable("The lesson of this link is damaged.") from None
    return _checked(told)


def _checked(told: object) -> OwnLesson:
    kinds = {"title": str, "text": str, "question": str, "answer": int, "covered": bool}
    lists = ("choices", "hidden", "locked")
    if not isinstance(told, dict) or set(told) - {*kinds, *lists} or "title" not in told:
        raise Unreadable("The lesson of this link is damaged.")
    for name, value in told.items():
        texts = name in lists and isinstance(value, list) and all(isinstance(one, str) for one in value)
        if not (texts or (name in kinds and type(value) is kinds[name])):
            raise Unreadable("The lesson of this link is damaged.")
    return OwnLesson(**{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()})
