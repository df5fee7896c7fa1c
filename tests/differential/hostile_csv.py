"""Generated CSV files of hostile dialects, each with the rows that are in it."""

import dataclasses
import random

DELIMITERS = [",", ",", ";", "\t", "|"]
QUOTES = ['"', '"', '"', "'", None]
LINE_ENDS = ["\n", "\n", "\r\n", "\r", "mixed"]

PIECES = [
    *("a", "Word", "two words", "007", "1e5", "-3.25", "2024-02-30", "true", "NULL", "NA", "nan"),
    *(" ", "  ", "\\", "\\n", "/", "=1+1", "#", "# no comment", ",", ";", "\t", "|", '"', '""'),
    *("'", "''", "5\" pipe", "it's", "\n", "\r\n", "\n\n", "é", "Zoë", "€", "𝄞", "e\u0301", "שלום"),
    *("\u00a0", "\u200b", "日本語", "\x01", "\x1f", "\x7f", "\u2028", "\x85"),
]  # fmt: skip


@dataclasses.dataclass
class HostileCsv:
    delimiter: str
    quote: str | None
    line_end: str  # or "mixed", LF and CRLF
    comment: str | None
    header: bool
    skip_rows: int
    names: list[str]
    rows: list[tuple]  # None: nothing stands there; "": the quoted empty field
    text: str  # what lies in the file, but for the byte order mark
    plain_text: str  # the same without comments and rows to skip
    byte_order_mark: bool

    @property
    def options(self):
        options = {"delimiter": self.delimiter, "quote_char": self.quote or "none"}
        if self.comment:
            options["comment_char"] = self.comment
        if not self.header:
            options["has_header"] = "false"
        if self.skip_rows:
            options["skip_rows"] = str(self.skip_rows)
        return options

    @property
    def bytes(self):
        return (b"\xef\xbb\xbf" if self.byte_order_mark else b"") + self.text.encode()


class Writer:
    """Makes one file."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        pick = self.random.choice
        self.delimiter = pick(DELIMITERS)
        self.quote = pick(QUOTES)
        self.line_end = pick(LINE_ENDS)
        self.comment = pick([None, None, "#"])
        self.num_columns = pick([1, 2, 3, 5, 8, 40])
        self.quotes_more = self.chance(0.3)
        self.blank_lines = self.num_columns > 1 and self.chance(0.2)
        self.quotes_stray = self.chance(0.3)  # in fields that do not begin with one

    def chance(self, probability):
        return self.random.random() < probability

    def end(self):
        return self.random.choice(["\n", "\r\n"]) if self.line_end == "mixed" else self.line_end

    def value(self):
        """A field's text; None for nothing."""
        if self.chance(0.12):
            return None
        if self.chance(0.06):
            return "" if self.quote else None
        count = self.random.choice([1, 1, 2, 3, 6]) if self.chance(0.99) else 2000
        text = "".join(self.random.choices(PIECES, k=count))
        if self.line_end == "\r":  # a LF would be how this file ends lines
            text = text.replace("\r\n", "\r").replace("\n", "\r")
        if not self.quote:
            for mark in (self.delimiter, "\n", "\r"):
                text = text.replace(mark, "")
        return text or None

    def field(self, value, begins_row):
        """As it is written."""
        if value is None:
            return ""
        marks = [mark for mark in (self.delimiter, "\n", "\r") if mark in value]
        begins_comment = begins_row and self.comment and value.startswith(self.comment)
        if not self.quote:
            return value
        literal = not self.quotes_stray and self.quote in value
        must = marks or begins_comment or literal or value == "" or value.startswith(self.quote)
        if must or self.chance(0.8 if self.quotes_more else 0.1):
            return self.quote + value.replace(self.quote, self.quote * 2) + self.quote
        return value

    def row(self):
        values = [self.value() for _ in range(self.num_columns)]
        if not self.quote and self.comment and (values[0] or "").startswith(self.comment):
            values[0] = "x" + values[0]  # it would be a comment
        return tuple(values)

    def line(self, values):
        fields = [self.field(value, i == 0) for i, value in enumerate(values)]
        return self.delimiter.join(fields)

    def names(self):
        names = []
        while len(names) < self.num_columns:
            name = self.row()[0]
            if name and name not in names and not name.startswith("\ufeff"):
                names.append(name)
        return names

    def write(self):
        header = self.chance(0.8)
        names = self.names() if header else [f"column_{i + 1}" for i in range(self.num_columns)]
        num_rows = self.random.choice([0, 1, 2, 5, 20, 60] if self.chance(0.97) else [3000])
        rows = [self.row() for _ in range(num_rows if header else num_rows + 1)]
        if not header and rows[0] == (None,):
            rows[0] = ("x",)  # blank lines before the first row are left out

        skipped = self.random.choice([0, 0, 0, 0, 1, 3])
        text = "".join(f"made by line {i}{self.end()}" for i in range(skipped))
        plain_text = ""
        for values in [names, *rows] if header else rows:
            if self.comment and self.chance(0.1):
                text += self.comment_line()
            line = self.line(values) + self.end()
            if self.blank_lines and self.chance(0.1):
                line = self.end() + line
            text += line
            plain_text += line
        if self.chance(0.3) and rows and rows[-1] != (None,):
            text = text.removesuffix("\n").removesuffix("\r")
            plain_text = plain_text.removesuffix("\n").removesuffix("\r")
        return HostileCsv(
            delimiter=self.delimiter,
            quote=self.quote,
            line_end=self.line_end,
            comment=self.comment,
            header=header,
            skip_rows=skipped,
            names=names,
            rows=rows,
            text=text,
            plain_text=plain_text,
            byte_order_mark=self.chance(0.1),
        )

    def comment_line(self):
        text = "".join(self.random.choices(PIECES, k=3)).replace("\n", "").replace("\r", "")
        return self.comment + text + self.end()


def hostile_csv(seed):
    return Writer(seed).write()
