"""Mistakes in C, token by token: comparison, arithmetic, logic, constants, conditions, and lines left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from .mutant import Change

SWAPS: Final = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
    "&&": ("||",), "||": ("&&",), "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "%": ("/",),
    "&": ("|",), "|": ("&",), "^": ("|",), "<<": (">>",), ">>": ("<<",), "+=": ("-=",), "-=": ("+=",),
    "*=": ("/=",), "/=": ("*=",), "%=": ("/=",), "|=": ("&=", "="), "&=": ("|=", "="), "^=": ("|=",),
    "<<=": (">>=",), ">>=": ("<<=",), "++": ("--",), "--": ("++",), "!": ("",), "~": ("",),
    "true": ("false",), "false": ("true",),
}  # fmt: skip
_BINARY_ONLY: Final = frozenset(("+", "-", "*", "&"))  # the same sign is something else in front of a value
_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/|^[ ]*\#(?:\\\n|[^\n])*)|(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<number>(?:0[xX][0-9a-fA-F]+|\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+|\d+)[uUlLfF]*)
    |(?P<word>[A-Za-z_]\w*)|(?P<sign><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|[-+*/%&|^!=<>]=|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_NUMBER: Final = re.compile(r"(0[xX][0-9a-fA-F]+|[\d.]+(?:[eE][+-]?\d+)?)([uUlLfF]*)")
_DECLARES: Final = re.compile(
    r"(?:const|static|extern|typedef|struct|enum|unsigned|signed|void|bool|int|float|char|\w+_t)\b"
)


class Token(NamedTuple):
    """One token and where it stands."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


def changes(source: str) -> Iterator[Change]:
    """Yield every mistake that this file knows, in a C source."""
    tokens = list(tokens_of(source))
    for index, token in enumerate(tokens):
        if token.kind == "number":
            yield from (Change(token.start, token.end, after) for after in numbers_beside(token.text))
        elif token.text in SWAPS and not _is_unary(tokens, index):
            yield from (Change(token.start, token.end, after) for after in SWAPS[token.text])
        elif token.text in {"if", "while"}:
            yield from _conditions(tokens, index)
    yield from _left_out(source, tokens)


def tokens_of(source: str) -> Iterator[Token]:
    """Yield the tokens that mean something: no comments, no directives, no space."""
    for match in _TOKEN.finditer(source):
        kind = match.lastgroup or ""
        if kind != "skip":
            yield Token(kind, match.group(), match.start())


def numbers_beside(text: str) -> tuple[str, ...]:
    """Return the numbers one above and one below, in the notation of the first."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return ()
    digits, suffix = match.groups()
    if "." in digits or ("e" in digits.lower() and "x" not in digits.lower()):
        value = float(digits)
        return (f"{value + 1.0!r}{suffix}", f"{value / 2.0!r}{suffix}" if value else f"-1.0{suffix}")
    number = int(digits, 0)
    return (f"{number + 1}{suffix}", f"{number - 1}{suffix}") if number else (f"1{suffix}",)


def _is_unary(tokens: Sequence[Token], index: int) -> bool:
    """Whether a sign stands in front of one value instead of between two."""
    if tokens[index].text not in _BINARY_ONLY:
        return False
    before = tokens[index - 1] if index else Token("sign", ";", 0)
    is_value = before.kind in {"number", "text"} or before.text in {")", "]"}
    is_name = (
        before.kind == "word"
        and before.text not in {"return", "case"}
        and not _DECLARES.fullmatch(before.text)
    )
    return not (is_value or is_name)


def _conditions(tokens: Sequence[Token], index: int) -> Iterator[Change]:
    """Yield the condition after ``if`` or ``while`` as if it always, or never, held."""
    opening, closing = index + 1, _matching(tokens, index + 1)
    start, end = tokens[opening].end, tokens[closing].start
    if end > start:
        yield Change(start, end, "false")
        if tokens[index].text == "if":
            yield Change(start, end, "true")


def _matching(tokens: Sequence[Token], opening: int) -> int:
    depth = 0
    for index in range(opening, len(tokens)):
        depth += (tokens[index].text == "(") - (tokens[index].text == ")")
        if depth == 0:
            return index
    message = f"no closing parenthesis for {tokens[opening]}"
    raise ValueError(message)


def _left_out(source: str, tokens: Sequence[Token]) -> Iterator[Change]:
    """Yield each simple statement of a function body as if it were not there."""
    start: int | None = None
    depth = braces = 0
    for index, token in enumerate(tokens):
        depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
        braces += (token.text == "{") - (token.text == "}")
        if token.text in {"{", "}"} or (token.text == ":" and start is not None):
            start = None
        elif token.text == ";" and depth == 0:
            if start is not None and braces and _is_statement(source[start : token.end]):
                yield Change(start, token.end, ";")
            start = None
        elif (
            start is None
            and depth == 0
            and index
            and tokens[index - 1].text in {";", "{", "}", ")", ":", "else"}
        ):
            start = token.start


def _is_statement(text: str) -> bool:
    """Whether a piece up to a semicolon does something: no declaration, no control, nothing returned."""
    first = re.match(r"\w*", text)
    word = first.group() if first else ""
    if word in {"for", "if", "while", "do", "else", "switch", "case", "default", "return"}:
        return text == "return;"
    return not (
        _DECLARES.match(text) and re.match(r"[\w ]+\*?\s*\**\w+", text) and "(" not in text.split("=", 1)[0]
    ) and ("=" in text or "(" in text or "++" in text or "--" in text or text in {"break;", "continue;"})
