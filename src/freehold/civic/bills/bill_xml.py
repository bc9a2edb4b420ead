"""Congress's bills in XML, read as a stream: each run of letters with the bytes it stands in.

Nothing outside the file is opened: a document type is passed over and no entity is declared, so
neither a bomb of entities nor one that names a file can do anything.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from xml.parsers import expat

from freehold.civic.bills.about import About
from freehold.civic.bills.bill import Change
from freehold.civic.bills.pieces import Outline, Piece
from freehold.civic.bills.plain_text import encoding_of
from freehold.civic.bills.reading import Reading, Segment
from freehold.civic.bills.xml_words import (
    BLOCKS,
    CELLS,
    HEADINGS,
    LABELS,
    LEFT_OUT,
    LEVELS,
    QUOTED,
    RAISED,
    SAID_ONCE,
    change_of,
)
from freehold.errors import UsageError

DEEPEST = 200
"""Elements in one another; a real bill has about 25."""
_SECTION_NUMBER = re.compile(r"\d[\w.:–-]*\w|\d")


@dataclass(slots=True)
class _Frame:
    """An element that is open."""

    element: str
    piece: Piece | None
    """The numbered piece that its words belong to."""
    depth: int
    change: Change
    left_out: bool
    start: int
    """Where in the text it began."""
    part: str = ""
    """`label` or `heading` inside one."""


def read_xml(data: bytes, called: str) -> tuple[Outline, Reading, About]:
    """The outline and the text of a bill in XML, and what its first page says.

    Raises UsageError for what is not well-formed, declares entities, or is nested without end.
    """
    return _Reader(data, called).read()


class _Reader:
    """Follows the elements of one file."""

    def __init__(self, data: bytes, called: str) -> None:
        self._data = data
        self._called = called
        self._encoding = encoding_of(data)
        self._reading = Reading()
        self._pieces: list[Piece] = []
        self._said: dict[str, str] = {}
        self._stage = ""
        self._frames = [_Frame("", None, 0, Change.NONE, left_out=False, start=0)]
        self._chunk = ""
        self._chunk_start = 0
        self._parser = self._new_parser()

    def _new_parser(self) -> expat.XMLParserType:
        # What the file says of its encoding counts less than what its bytes show.
        has_mark = self._data[:2] in (b"\xff\xfe", b"\xfe\xff")
        parser = expat.ParserCreate("utf-16" if has_mark else self._encoding.replace("16-", "16"))
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._letters
        parser.EntityDeclHandler = self._refuse_entity
        parser.SkippedEntityHandler = self._skipped_entity
        for handler in (
            "CommentHandler",
            "ProcessingInstructionHandler",
            "StartCdataSectionHandler",
            "EndCdataSectionHandler",
        ):
            setattr(parser, handler, lambda *_: self._flush())
        return parser

    def read(self) -> tuple[Outline, Reading, About]:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise UsageError(
                f"{self._called} is no well-formed XML:"
                f" {expat.ErrorString(error.code)} in line {error.lineno}.",
                "Fetch it again: it may have been cut short.",
            ) from error
        except (LookupError, ValueError) as error:
            raise UsageError(
                f"{self._called} is in an encoding that is not known here ({error}).",
                "Fetch it again: Congress publishes its bills in UTF-8.",
            ) from error
        outline = Outline(self._reading.text(), [each for each in self._pieces if _counts(each)])
        return outline, self._reading, self._about()

    def _about(self) -> About:
        said = {key: " ".join(words.split()) for key, words in self._said.items()}
        number = said.get("legis-num", "")
        if not number and said.get("docNumber"):
            letters = {"senate": "S.", "house": "H. R."}.get(
                said.get("type", "").lower()[:6].strip()
            )
            number = f"{letters} {said['docNumber']}" if letters else said["docNumber"]
        stage = self._stage or said.get("docStage", "")
        version = re.split(r"[-\s]", stage)[0].capitalize() if stage else ""
        title = said.get("official-title") or said.get("officialTitle") or ""
        return About(title.rstrip(". "), number, version, "US" if number or stage else "")

    # What the parser calls.

    def _refuse_entity(self, name: str, *_: object) -> None:
        raise UsageError(
            f"{self._called} declares an entity of its own ({name[:40]}), which no bill does.",
            "It is not opened: fetch the bill from its legislature.",
        )

    def _skipped_entity(self, name: str, is_parameter: bool) -> None:
        start = self._flush()
        words = html.unescape(f"&{name};")
        if not is_parameter and not words.startswith("&"):
            end = self._data.find(b";", start) + 1
            self._put(words, start, self._data[start:end])

    def _letters(self, letters: str) -> None:
        if not self._chunk:
            self._chunk_start = self._parser.CurrentByteIndex
        self._chunk += letters

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._flush()
        element = name.rpartition(":")[2]
        above = self._frames[-1]
        if len(self._frames) > DEEPEST:
            raise UsageError(
                f"{self._called} has elements more than {DEEPEST} deep, which no bill has.",
                "It is not read: fetch the bill from its legislature.",
            )
        if len(self._frames) == 1:
            self._stage = attributes.get("bill-stage") or attributes.get("resolution-stage") or ""
        frame = _Frame(
            element,
            above.piece,
            above.depth + (element in QUOTED),
            change_of(element, attributes) or above.change,
            above.left_out or element in LEFT_OUT,
            self._reading.length,
            above.part,
        )
        self._frames.append(frame)
        if frame.left_out:
            return
        if element in LEVELS and not (element == "title" and above.element in ("meta", "")):
            self._line()
            level = LEVELS[element]
            at = self._reading.length
            frame.piece = Piece("", level, frame.depth, at, (at, at), (at, at))
            frame.start = at
            self._pieces.append(frame.piece)
        elif (element in LABELS or element in HEADINGS) and above.element in LEVELS:
            frame.part = "label" if element in LABELS else "heading"
        elif element in BLOCKS or element in QUOTED:
            self._line()
        elif element in CELLS:
            self._space()
        elif element == "quote":
            self._quotation_mark("“")

    def _end(self, name: str) -> None:
        self._flush()
        frame = self._frames.pop()
        element, piece = frame.element, frame.piece
        if element in SAID_ONCE and element not in self._said:
            self._said[element] = self._reading.tail(self._reading.length - frame.start).strip()
        if frame.left_out:
            return
        if piece and frame.part == "label" and element in LABELS:
            self._close_label(piece, frame.start)
        elif piece and frame.part == "heading" and element in HEADINGS:
            is_group = piece.level < 0 and piece.heading[0] < piece.heading[1]
            start = piece.heading[0] if is_group else frame.start
            piece.heading = (start, self._reading.length)
            self._line()
        elif element == "quote":
            self._quotation_mark("”")
        elif element in BLOCKS or element in LEVELS:
            self._line()
        if LEVELS.get(element, 0) < 0:  # what follows a title is no longer under it
            at = self._reading.length
            level = LEVELS[element]
            self._pieces.append(Piece("", level, frame.depth, at, (at, at), (at, at)))

    # What they do.

    def _flush(self) -> int:
        """Put the letters that were met since the last event; returns the byte it is at."""
        at: int = self._parser.CurrentByteIndex
        if self._chunk:
            raw = self._data[self._chunk_start : at]
            words, self._chunk = self._chunk, ""
            self._put(words, self._chunk_start, raw)
        return at

    def _put(self, words: str, where: int, raw: bytes) -> None:
        frame = self._frames[-1]
        if self._frames[-1].element in SAID_ONCE and frame.left_out:
            self._said[frame.element] = self._said.get(frame.element, "") + words
        segment = Segment(words, where, raw, self._encoding, frame.change, frame.left_out)
        if frame.left_out:
            self._reading.add(segment)
            return
        blanks = len(words) - len(words.lstrip())
        if blanks and self._reading.last in " \n":
            segment = segment.after(blanks)
            if not segment.text:
                return
        if frame.element in RAISED and self._reading.last.isdigit() and words.strip().isdigit():
            self._reading.glue("^")
        start = self._reading.length
        self._reading.add(segment)
        if frame.piece and not frame.part:
            self._extend(frame, start)

    def _extend(self, frame: _Frame, start: int) -> None:
        """Make what was just read the words of its piece, or those that follow the piece's list."""
        piece = frame.piece
        if piece is None:
            return
        if piece is not self._pieces[-1]:
            if not self._reading.tail(self._reading.length - start).strip(" .;,”\"'"):
                return
            piece = Piece("", max(1, piece.level + 1), frame.depth, start, (start, start))
            self._pieces.append(piece)
            for open_frame in reversed(self._frames):
                if open_frame.piece is not frame.piece or open_frame.element in LEVELS:
                    break
                open_frame.piece = piece
        begin = piece.body[0] if piece.body[0] < piece.body[1] else start
        piece.body = (begin, self._reading.length)

    def _close_label(self, piece: Piece, start: int) -> None:
        label = self._reading.tail(self._reading.length - start).strip(" “”\"'‘’`\n")
        if piece.level < 0:
            piece.heading = (start, self._reading.length)
        elif piece.level == 0:
            found = _SECTION_NUMBER.search(label)
            piece.label = found[0].rstrip(".") if found else label.rstrip(". ")
        else:
            piece.label = label
        if label:
            self._space()

    def _quotation_mark(self, mark: str) -> None:
        """A quotation mark that an element stands for: the element's tag is its source."""
        start = self._parser.CurrentByteIndex
        end = self._data.find(b">", start) + 1
        self._put(mark, start, self._data[start:end])

    def _line(self) -> None:
        if self._reading.last not in ("\n", ""):
            self._reading.glue("\n")

    def _space(self) -> None:
        if self._reading.last not in " \n":
            self._reading.glue(" ")


def _counts(piece: Piece) -> bool:
    """Whether a piece is more than an element without number and words."""
    if piece.level < 0:
        return True
    has_words = piece.body[0] < piece.body[1] or piece.heading[0] < piece.heading[1]
    return bool(piece.label) or has_words
