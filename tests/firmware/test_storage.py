"""What is saved is there after a power cycle, whole or not at all, whenever the power goes."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from firmware_protocol.native import library
from sim.flash import AREAS, BLANK, PowerCut, SimulatedFlash

TABLE, OTHER_TABLE = 0x29E1F6CF, 0x11111111
STORED, NOTHING, DAMAGED, OTHER = 0, -1, -2, -3
COUNT = 3
RECORD_WORDS = COUNT + 5
AREA_WORDS = 40  # five records
FULL = AREAS * (AREA_WORDS // RECORD_WORDS)

words = st.one_of(st.sampled_from([0, 1, BLANK, 0x53524150]), st.integers(0, BLANK))
values = st.tuples(words, words, words)
keeps = st.integers(0, BLANK)


class Storage:
    """The log in a flash, since one boot."""

    def __init__(self, flash: SimulatedFlash) -> None:
        self._native = library()
        self._native.pcp_storage_save.restype = ctypes.c_bool
        self._memory = ctypes.create_string_buffer(256)
        self._flash = flash
        self._native.pcp_storage_open(self._memory, ctypes.c_void_p(flash.address))

    def save(self, saved: Sequence[int], table: int = TABLE) -> bool:
        """Append a record."""
        row = (ctypes.c_uint32 * len(saved))(*saved)
        kept: bool = self._native.pcp_storage_save(self._memory, ctypes.c_uint32(table), row, len(saved))
        return kept

    def load(self, table: int = TABLE, count: int = COUNT) -> tuple[int, tuple[int, ...]]:
        """Return how it went, and the values."""
        row = (ctypes.c_uint32 * count)()
        found: int = self._native.pcp_storage_load(self._memory, ctypes.c_uint32(table), row, count)
        return found, tuple(row) if found == STORED else ()


def flash() -> SimulatedFlash:
    """Return an empty flash with small areas."""
    return SimulatedFlash(AREA_WORDS)


class TestSaving:
    def test_an_empty_flash_holds_nothing(self) -> None:
        assert Storage(flash()).load() == (NOTHING, ())

    @given(st.lists(values, min_size=1, max_size=30))
    def test_the_newest_values_come_back_after_each_power_cycle(
        self, saved: list[tuple[int, int, int]]
    ) -> None:
        memory = flash()
        for row in saved:
            assert Storage(memory).save(row)
            assert Storage(memory).load() == (STORED, row)

    def test_saving_the_same_again_writes_nothing(self) -> None:
        memory = flash()
        storage = Storage(memory)
        assert storage.save((1, 2, 3))
        before = memory.programmed
        assert storage.save((1, 2, 3))
        assert memory.programmed == before

    def test_saving_never_erases(self) -> None:
        memory = flash()
        storage = Storage(memory)
        while storage.save((memory.programmed, 0, 0)):
            pass
        assert memory.erasures == 0

    def test_a_flash_that_is_full_takes_no_more_until_the_next_boot_and_keeps_the_last(self) -> None:
        memory = flash()
        storage = Storage(memory)
        assert [storage.save((number, 0, 0)) for number in range(FULL + 1)] == [True] * FULL + [False]
        assert Storage(memory).load() == (STORED, (FULL - 1, 0, 0))
        assert memory.erasures == 1
        assert Storage(memory).save((99, 0, 0))
        assert Storage(memory).load() == (STORED, (99, 0, 0))

    def test_a_boot_erases_only_what_is_not_blank_and_not_needed(self) -> None:
        memory = flash()
        assert Storage(memory).save((1, 2, 3))
        for _ in range(5):
            assert Storage(memory).load() == (STORED, (1, 2, 3))
        assert memory.erasures == 0

    def test_values_of_another_table_are_refused(self) -> None:
        memory = flash()
        assert Storage(memory).save((1, 2, 3))
        assert Storage(memory).load(OTHER_TABLE) == (OTHER, ())
        assert Storage(memory).load(TABLE, COUNT - 1) == (OTHER, ())

    def test_more_values_than_a_record_holds_are_refused(self) -> None:
        memory = SimulatedFlash(1024)
        assert not Storage(memory).save([0] * 65)
        assert memory.programmed == 0
        assert Storage(memory).save([7] * 64)
        assert Storage(memory).load(TABLE, 64) == (STORED, (7,) * 64)

    @given(st.integers(0, RECORD_WORDS - 1), st.integers(0, 31))
    def test_one_damaged_bit_is_noticed(self, word: int, bit: int) -> None:
        memory = flash()
        assert Storage(memory).save((1, 2, 3))
        memory.damage(0, word, 1 << bit)
        assert Storage(memory).load() == (DAMAGED, ())
        assert Storage(memory).save((4, 5, 6))
        assert Storage(memory).load() == (STORED, (4, 5, 6))


class TestWhenThePowerGoes:
    @given(st.lists(values, max_size=12), values, st.integers(0, RECORD_WORDS), keeps)
    def test_at_any_word_of_a_save_the_old_or_the_new_values_hold(
        self, before: list[tuple[int, int, int]], new: tuple[int, int, int], after: int, kept: int
    ) -> None:
        memory = flash()
        for row in before:
            assert Storage(memory).save(row)
        old = Storage(memory).load()
        storage = Storage(memory)
        memory.cut = PowerCut(after, kept)
        said = storage.save(new)
        memory.cut = None
        found = Storage(memory).load()
        if said:
            assert found == (STORED, new)
        elif before:
            assert found in (old, (STORED, new))
        else:
            assert found in ((NOTHING, ()), (DAMAGED, ()), (STORED, new))
        assert Storage(memory).save((7, 7, 7))
        assert Storage(memory).load() == (STORED, (7, 7, 7))

    @given(st.integers(1, 3 * FULL), st.integers(0, 1), keeps)
    def test_while_erasing_at_boot_nothing_is_lost(self, saves: int, after: int, kept: int) -> None:
        memory = flash()
        storage = Storage(memory)
        newest = 0
        for number in range(1, saves + 1):
            newest = number if storage.save((number, 0, 0)) else newest
        memory.cut = PowerCut(after, kept)
        Storage(memory)
        memory.cut = None
        assert Storage(memory).load() == (STORED, (newest, 0, 0))
        assert Storage(memory).save((0, 0, 9))
        assert Storage(memory).load() == (STORED, (0, 0, 9))

    @given(st.lists(st.tuples(values, st.integers(0, 2 * RECORD_WORDS), keeps), min_size=1, max_size=20))
    def test_again_and_again_the_car_always_finds_something_that_was_saved_whole(
        self, tries: list[tuple[tuple[int, int, int], int, int]]
    ) -> None:
        memory = flash()
        asked: set[tuple[int, ...]] = set()
        for row, after, kept in tries:
            memory.cut = PowerCut(after, kept)
            confirmed = Storage(memory).save(row)
            memory.cut = None
            asked.add(row)
            how, found = Storage(memory).load()
            assert found in asked or (how != STORED and not confirmed)
            if confirmed:
                assert found == row

    def test_a_flash_that_does_not_keep_a_word_is_noticed_and_the_old_values_hold(self) -> None:
        memory = flash()
        storage = Storage(memory)
        assert storage.save((1, 2, 3))
        memory.damage(0, RECORD_WORDS + 5, 1)  # a cell that is no longer blank
        assert not storage.save((4, 5, 6))
        assert Storage(memory).load() == (STORED, (1, 2, 3))
        assert storage.save((4, 5, 6))
        assert Storage(memory).load() == (STORED, (4, 5, 6))

    @given(values, st.integers(0, 31))
    def test_worn_cells_that_claim_to_be_programmed_are_noticed(
        self, wanted: tuple[int, int, int], bit: int
    ) -> None:
        memory = flash()
        storage = Storage(memory)
        assert storage.save((1, 2, 3))
        memory.worn = 1 << bit
        said = storage.save(wanted)
        assert Storage(memory).load() == (STORED, wanted if said else (1, 2, 3))
