"""Mistakes in Python, like those in C: operators by token, conditions and statements by syntax tree."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from .c_operators import numbers_beside
from .mutant import Change

SWAPS: Final = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
    "+": ("-",), "-": ("+",), "*": ("/",), "/": ("*",), "//": ("*",), "%": ("//",), "**": ("*",), "&": ("|",),
    "|": ("&",), "^": ("|",), "<<": (">>",), ">>": ("<<",), "+=": ("-=", "="), "-=": ("+=", "="),
    "|=": ("&=", "="), "&=": ("|=", "="), "^=": ("|=",), "and": ("or",), "or": ("and",), "not": ("",),
    "True": ("False",), "False": ("True",), "is": ("is not",), "in": ("not in",),
    "min": ("max",), "max": ("min",), "all": ("any",), "any": ("all",),
}  # fmt: skip
_BINARY_ONLY: Final = frozenset(("+", "-", "*", "**", "&"))
_Simple: Final = ast.Assign | ast.AugAssign | ast.Expr | ast.Raise | ast.Break | ast.Continue


def changes(source: str) -> Iterator[Change]:
    """Yield every mistake that this file knows, in a Python source; annotations and texts are left alone."""
    tree = ast.parse(source)
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    silent = list(_silent(tree, starts))
    found = [*_by_token(source, starts), *_by_tree(tree, starts)]
    yield from (each for each in found if not any(low <= each.start < high for low, high in silent))


def _span(node: ast.expr | ast.stmt, starts: list[int]) -> tuple[int, int]:
    """Return where a node begins and ends; sources with other letters than ASCII are not for us."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def _silent(tree: ast.Module, starts: list[int]) -> Iterator[tuple[int, int]]:
    """Yield what is never executed as an operation: annotations, imports, decorators, names of types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield _span(node, starts)
        elif isinstance(node, ast.AnnAssign):
            yield _span(node.annotation, starts)
            if isinstance(node.annotation, ast.Name) and node.annotation.id == "TypeAlias":
                yield _span(node, starts)
        elif isinstance(node, ast.arg) and node.annotation is not None:
            yield _span(node.annotation, starts)
        elif isinstance(node, ast.FunctionDef):
            yield from (_span(each, starts) for each in (*node.decorator_list, *filter(None, [node.returns])))
        elif isinstance(node, ast.ClassDef):
            yield from (_span(each, starts) for each in node.decorator_list)


def _by_token(source: str, starts: list[int]) -> Iterator[Change]:
    kept = (tokenize.OP, tokenize.NAME, tokenize.NUMBER, tokenize.STRING)
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type in kept]
    for before, token in pairwise(tokens):
        start = starts[token.start[0] - 1] + token.start[1]
        end = start + len(token.string)
        if token.type == tokenize.NUMBER:
            digits = token.string.replace("_", "")
            yield from (Change(start, end, after) for after in numbers_beside(digits))
        elif token.string in SWAPS and not _is_something_else(before, token):
            yield from (Change(start, end, after) for after in SWAPS[token.string])


def _is_something_else(before: tokenize.TokenInfo, token: tokenize.TokenInfo) -> bool:
    """Whether a token only looks like the operator: a sign, ``*args``, ``for x in``, ``is not``."""
    if token.string in {"in", "is"}:
        return (
            token.string not in token.line
            or before.string == "not"
            or f"{token.string} not" in token.line
            or ("for " in token.line)
        )
    if token.string == "not":
        return before.string == "is" or "not in" in token.line
    if token.string not in _BINARY_ONLY:
        return False
    is_value = before.type in {tokenize.NUMBER, tokenize.STRING} or before.string in {")", "]"}
    is_name = before.type == tokenize.NAME and before.string not in {
        "return",
        "and",
        "or",
        "in",
        "else",
        "if",
        "not",
    }
    return not (is_value or is_name)


def _by_tree(tree: ast.Module, starts: list[int]) -> Iterator[Change]:
    """Yield conditions that always or never hold, statements left out, and values not returned."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp):
            yield from (Change(*_span(node.test, starts), after) for after in ("True", "False"))
        elif isinstance(node, ast.While):
            yield Change(*_span(node.test, starts), "False")
        elif isinstance(node, ast.FunctionDef):
            for statement in ast.walk(node):
                if isinstance(statement, _Simple) and not _is_text(statement):
                    yield Change(*_span(statement, starts), "pass")
                elif isinstance(statement, ast.Return) and statement.value is not None:
                    yield Change(*_span(statement.value, starts), "None")


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
