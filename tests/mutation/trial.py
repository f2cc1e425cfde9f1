"""Put one mutant before its tests, in a forked process with a limit of CPU time."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import hypothesis
import numpy as np
import pytest
from typing_extensions import override

from firmware_protocol import session
from sim import controller

from .mutant import Mutant
from .native import NativeBuild
from .targets import ROOT, WALKED

OURS: Final = ("firmware_protocol", "patrolcar", "sim")
GLANCE_S: Final = 1  # most mutants that break a law of the safety space break it at once
WALK_S: Final = 60
SPARE_S: Final = 4.0
SLOWER: Final = 2.0
MOST_MEMORY: Final = 4 << 30
_LOADED: Final = (
    np,
    session,
    controller,
)  # once, here, for all children; the library itself is loaded by each
_OPTIONS: Final = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")


class Verdict(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"  # it ran into the limit: noticed as well
    SURVIVED = "survived"
    SAME = "same code"  # the compiler makes the same of it
    INVALID = "does not compile"


class Missing(Exception):  # noqa: N818  (it says what is wrong with the tests, not with us)
    """The tests fail without any mutant."""


@dataclass(frozen=True, slots=True)
class Tests:
    """Some tests, and the CPU time after which a mutant is lost in them."""

    paths: tuple[str, ...]
    limit_s: float = 3600.0


class Court:
    """Judges mutants of one file after another.

    Args:
        folder: For what the compiler makes; the caller removes it.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._native: NativeBuild | None = None

    def judged(self, mutants: Sequence[Mutant], tests: Sequence[str]) -> Iterator[tuple[Mutant, Verdict]]:
        """Yield each mutant of one file, at least one, with its verdict.

        Raises:
            Missing: The tests fail as they are.

        """
        is_c = mutants[0].address.file.endswith(".c")
        ready = self._ready(tests, {"PATROLCAR_NATIVE": str(self._build().library())} if is_c else {})
        for mutant in mutants:
            source = (ROOT / mutant.address.file).read_text(encoding="utf-8")
            text = mutant.applied(source)
            yield mutant, self._c(mutant, text, ready) if is_c else self._python(mutant, source, text, ready)

    @staticmethod
    def _ready(tests: Sequence[str], environment: Mapping[str, str]) -> tuple[Tests, ...]:
        """Return the tests in two parts: most mutants end in the first, the second is not even collected."""
        parts = (Tests(tuple(each)) for each in (tests[:1], tests[1:]) if each)
        return tuple(replace(part, limit_s=_limit_s(part, environment)) for part in parts)

    def _build(self) -> NativeBuild:
        if self._native is None:
            self._native = NativeBuild(self._folder)
        return self._native

    def _c(self, mutant: Mutant, text: str, tests: tuple[Tests, ...]) -> Verdict:
        made = self._build().mutated(mutant.address.file, text)
        if not isinstance(made, Path):
            return Verdict.INVALID if made is None else Verdict.SAME
        is_walked = mutant.address.file in WALKED
        if is_walked and self._build().breaks_a_law(GLANCE_S, patiently=False):
            return Verdict.KILLED
        verdict = _passed(tests, {"PATROLCAR_NATIVE": str(made)}, None)
        if verdict is Verdict.SURVIVED and is_walked and self._build().breaks_a_law(WALK_S, patiently=True):
            return Verdict.KILLED
        return verdict

    @staticmethod
    def _python(mutant: Mutant, source: str, text: str, tests: tuple[Tests, ...]) -> Verdict:
        path = str(ROOT / mutant.address.file)
        try:
            code = compile(text, path, "exec", dont_inherit=True)
        except SyntaxError:
            return Verdict.INVALID
        if _same(code, compile(source, path, "exec", dont_inherit=True)):
            return Verdict.SAME
        name = mutant.address.file.removesuffix(".py").replace("/", ".")
        return _passed(tests, {}, _Finder(name, path, code))


def _limit_s(tests: Tests, environment: Mapping[str, str]) -> float:
    """Return the CPU time after which a mutant is lost: twice what the tests take without one, and some."""
    before_s = cpu_s()
    if _passed((tests,), environment, None) is not Verdict.SURVIVED:
        message = f"{' '.join(tests.paths)}: fails without any mutant"
        raise Missing(message)
    return SPARE_S + SLOWER * (cpu_s() - before_s)


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether two modules do the same, instruction by instruction, wherever it stands in the text."""
    if (one.co_code, one.co_names, one.co_varnames) != (other.co_code, other.co_names, other.co_varnames):
        return False
    pairs = list(zip(one.co_consts, other.co_consts, strict=False))
    return len(one.co_consts) == len(other.co_consts) and all(
        _same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else repr(a) == repr(b)
        for a, b in pairs
    )


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module from code that is in no file."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self._code = code

    @override
    def get_code(self, fullname: str) -> CodeType:
        return self._code


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one module, mutated."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        self._name = name
        self._loader = _Loader(name, path, code)

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._loader.path, loader=self._loader)


def _passed(tests: tuple[Tests, ...], environment: Mapping[str, str], finder: _Finder | None) -> Verdict:
    """Fork, run the tests until one fails, and say how it ended."""
    child = os.fork()
    if child == 0:
        _try(tests, environment, finder)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Verdict.TIMEOUT if os.WTERMSIG(status) == signal.SIGPROF else Verdict.KILLED
    return Verdict.SURVIVED if os.WEXITSTATUS(status) == 0 else Verdict.KILLED


def _try(tests: tuple[Tests, ...], environment: Mapping[str, str], finder: _Finder | None) -> None:
    """Be the child: never returns."""
    code = 1
    try:
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.environ.update(environment)
        os.chdir(ROOT)
        if finder is not None:
            for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
                del sys.modules[name]
            sys.meta_path.insert(0, finder)
        quick = hypothesis.settings(
            database=None,
            deadline=None,
            derandomize=True,
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        )
        hypothesis.settings.register_profile("mutants", quick)
        hypothesis.settings.load_profile("mutants")
        code = 0
        for part in tests:
            signal.setitimer(signal.ITIMER_PROF, part.limit_s)
            code = code or int(pytest.main([*_OPTIONS, *part.paths]))
    finally:
        os._exit(code)


def cpu_s() -> float:
    """Return the CPU time of the children that have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
