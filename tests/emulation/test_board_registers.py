"""What the boards' own code writes into the chips, against numbers from ST's manuals: no emulator here looks.

RM0090 for the F405, RM0008 and PM0075 for the F103. The code runs on this machine, and the devices are plain
memory at their addresses, so nothing here proves that a chip does what its manual says.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest
from emulated_host import lacks

from firmware_protocol.boards import FIRMWARE
from firmware_protocol.build_native import WARNINGS, compiler
from firmware_protocol.messages import ResetCause

SHARED = ("stm32", "watchdog", "car", "motors", "sonars", "servos")
RCC, F405_RCC = 0x4002_1000, 0x4002_3800
FLASH, F405_FLASH = 0x4002_2000, 0x4002_3C00
TIM1, TIM2, TIM3, TIM4, TIM5 = 0x4001_2C00, 0x4000_0000, 0x4000_0400, 0x4000_0800, 0x4000_0C00
TIM8, TIM12 = 0x4001_0400, 0x4000_1800
IWDG = 0x4000_3000
CCMR1, CCMR2, CCER, CNT, PSC, ARR, CCR1 = 0x18, 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x34
SMCR, BDTR, CR1 = 0x08, 0x44, 0x00
ENCODER_SETUP = {SMCR: 3, CCMR1: 0xF1F1, CCER: 0, ARR: 0xFFFF, CR1: 1}
ANALOG, INPUT, INPUT_UP, OUTPUT, OPEN_DRAIN, ALTERNATE, ALTERNATE_INPUT = range(7)


class Bench:
    """One chip whose devices are memory."""

    def __init__(self, program: Path, chip: str) -> None:
        self.chip = chip
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the program."""
        self._process.communicate()

    def said(self, line: str) -> list[int]:
        """Give a command and return the numbers that come back."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return [int(word) for word in self._process.stdout.readline().split()]

    def call(self, name: str, *arguments: int) -> list[int]:
        """Call a function of the port."""
        return self.said(" ".join(("call", name, *map(str, arguments))))

    def get(self, address: int) -> int:
        """Return what a register holds."""
        return self.said(f"get {address}")[0]

    def set(self, address: int, value: int) -> None:
        """Let a register hold this."""
        self.said(f"set {address} {value}")

    def started(self) -> Self:
        """Return itself with the car's pins set up, at full clock."""
        self.call(
            "car_start",
            84_000_000 if self.is_f405 else 72_000_000,
            84_000_000 if self.is_f405 else 72_000_000,
        )
        return self

    @property
    def is_f405(self) -> bool:
        """Which of the two chips it is."""
        return self.chip == "stm32f405"

    def input_register(self, port: str) -> int:
        """Return the address of IDR."""
        index = "ABCD".index(port)
        return 0x4002_0010 + 0x400 * index if self.is_f405 else 0x4001_0808 + 0x400 * index

    def switched(self, port: str) -> int:
        """Return what was last written to BSRR."""
        index = "ABCD".index(port)
        return self.get(0x4002_0018 + 0x400 * index if self.is_f405 else 0x4001_0810 + 0x400 * index)


Benches = Callable[..., Bench]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Compile the port of a chip for this machine, once for each chassis."""
    command = compiler()
    if command is None:
        lacks("no C compiler: apt-get install gcc")
    folder = tmp_path_factory.mktemp("boards")

    def compiled(chip: str, chassis: str) -> Path:
        program = folder / f"{chip}-{chassis}"
        if not program.exists():
            ports = FIRMWARE / "ports"
            files = [
                Path(__file__).with_name("board_bench.c"),
                *(ports / chip / f"{name}.c" for name in ("chip", "pins", "flash")),
                *(ports / "cortex_m" / f"{name}.c" for name in SHARED),
            ]
            folders = [f"-I{folder}" for folder in (FIRMWARE / "include", ports / "cortex_m", ports / chip)]
            fitted = "(PCP_CAPABILITY_BUMPERS|PCP_CAPABILITY_CLIFFS|PCP_CAPABILITY_CHARGER)"
            flags = [
                *(
                    "-std=gnu11",
                    "-O1",
                    "-Wno-int-to-pointer-cast",
                    "-Wno-pointer-to-int-cast",
                    "-Werror",
                    *WARNINGS,
                ),
                *(f"-DPCP_CHASSIS=PCP_CHASSIS_{chassis}", f"-DPCP_FITTED={fitted}"),
            ]
            subprocess.run([*command, *flags, *folders, *map(str, files), "-o", str(program)], check=True)
        return program

    return compiled


@pytest.fixture
def benches(programs: Callable[[str, str], Path]) -> Iterator[Benches]:
    """Start benches; they end with the test."""
    with ExitStack() as stack:

        def started(chip: str, chassis: str = "DIFFERENTIAL") -> Bench:
            return stack.enter_context(Bench(programs(chip, chassis), chip))

        yield started


BOTH = pytest.mark.parametrize("chip", ["stm32f405", "stm32f103"])


# clocks


def test_the_f405_runs_at_168_mhz_from_its_crystal(benches: Benches) -> None:
    bench = benches("stm32f405")
    bench.set(F405_RCC, 1 << 17 | 1 << 25)  # the crystal and the PLL are ready
    bench.set(F405_RCC + 0x04, 0x2400_3010)  # PLLCFGR after reset
    bench.set(F405_RCC + 0x08, 2 << 2)  # the PLL is the clock
    bench.set(F405_FLASH, 5)
    assert bench.call("chip_start") == [168_000_000, 84_000_000, 84_000_000, 84_000_000, 1]
    assert bench.get(F405_RCC + 0x04) == 0x2740_2A04  # M 4, N 168, P 2, from the crystal, Q 7
    assert bench.get(F405_FLASH) & 0x10F == 5  # wait states, and no prefetch
    assert bench.get(F405_RCC + 0x08) & 0xFCF0 == 0x9400  # APB1 / 4, APB2 / 2, AHB / 1
    assert bench.get(F405_RCC) & 1 << 19  # a crystal that stops is an NMI


def test_the_f103_runs_at_72_mhz_from_its_crystal(benches: Benches) -> None:
    bench = benches("stm32f103")
    bench.set(RCC, 1 << 17 | 1 << 25)
    bench.set(RCC + 0x04, 2 << 2)
    bench.set(FLASH, 2)
    assert bench.call("chip_start") == [72_000_000, 72_000_000, 72_000_000, 72_000_000, 1]
    assert bench.get(RCC + 0x04) == 0x001D_840A  # times 9, from the crystal, ADC / 6, APB1 / 2, PLL
    assert bench.get(FLASH) == 0x12  # 2 wait states, prefetch
    assert bench.get(RCC) & 1 << 19  # a crystal that stops is an NMI
    assert bench.get(0x4001_0004) == 2 << 24  # JTAG off, SWD on


@BOTH
def test_without_crystal_and_pll_every_wait_ends_and_the_chip_stays_on_its_own_oscillator(
    chip: str, benches: Benches
) -> None:
    bench = benches(chip)
    own = 16_000_000 if bench.is_f405 else 8_000_000
    assert bench.call("chip_start") == [own] * 4 + [0]
    rcc = F405_RCC if bench.is_f405 else RCC
    assert bench.get(rcc) & (1 << 16 | 1 << 19 | 1 << 24) == 0  # crystal, its watch and PLL are off
    assert bench.get(rcc + (0x08 if bench.is_f405 else 0x04)) == 0


def test_without_a_crystal_the_f405_still_runs_at_168_mhz(benches: Benches) -> None:
    bench = benches("stm32f405")
    bench.set(F405_RCC, 1 << 25)  # the PLL is ready, the crystal never
    bench.set(F405_RCC + 0x08, 2 << 2)
    assert bench.call("chip_start") == [168_000_000, 84_000_000, 84_000_000, 84_000_000, 0]
    assert bench.get(F405_RCC + 0x04) & 0x0FFF_FFFF == 0x0700_2A08  # M 8, from its own 16 MHz
    assert not bench.get(F405_RCC) & 1 << 19


def test_without_a_crystal_the_f103_runs_at_64_mhz(benches: Benches) -> None:
    bench = benches("stm32f103")
    bench.set(RCC, 1 << 25)
    bench.set(RCC + 0x04, 2 << 2)
    bench.set(FLASH, 2)
    assert bench.call("chip_start") == [64_000_000, 64_000_000, 64_000_000, 64_000_000, 0]
    assert bench.get(RCC + 0x04) == 0x0038_840A  # times 16, from half of its own 8 MHz
    assert not bench.get(RCC) & 1 << 19


@BOTH
@pytest.mark.parametrize(
    ("flags", "ram_survived", "cause"),
    [
        (0x0E00_0000, 0, ResetCause.POWER_ON),
        (0x0600_0000, 1, ResetCause.BROWN_OUT),
        (0x0400_0000, 1, ResetCause.PIN),
        (0x1400_0000, 1, ResetCause.SOFTWARE),
        (0x2400_0000, 1, ResetCause.WATCHDOG),
        (0x3400_0000, 1, ResetCause.WATCHDOG),
        (0, 0, ResetCause.POWER_ON),  # an emulator
        (0, 1, ResetCause.PIN),
    ],
)
def test_the_reset_flags_say_why_it_started_and_are_cleared(
    chip: str, flags: int, ram_survived: int, cause: ResetCause, benches: Benches
) -> None:
    bench = benches(chip)
    csr = F405_RCC + 0x74 if bench.is_f405 else RCC + 0x24
    bench.set(csr, flags)
    assert bench.call("reset_cause", ram_survived) == [cause]
    assert bench.get(csr) & 1 << 24


# watchdog


@BOTH
def test_the_watchdog_bites_within_100_ms_whatever_its_oscillator_does_and_never_a_healthy_loop(
    chip: str, benches: Benches
) -> None:
    bench = benches(chip)
    slowest_hz, fastest_hz = (17_000, 47_000) if bench.is_f405 else (30_000, 60_000)  # data sheets
    bench.call("watchdog_start")
    assert bench.get(IWDG + 0x04) == 3  # divided by 32
    turns = bench.get(IWDG + 0x08) + 1
    assert turns * 32 / slowest_hz <= 0.100
    assert turns * 32 / fastest_hz >= 0.030  # three control periods
    assert bench.get(IWDG) == 0xAAAA  # fed


# pins and timers


@pytest.mark.parametrize(
    ("mode", "bits"),
    [
        (ANALOG, 0x0),
        (INPUT, 0x4),
        (INPUT_UP, 0x8),
        (OUTPUT, 0x2),
        (OPEN_DRAIN, 0x6),
        (ALTERNATE, 0x9),
        (ALTERNATE_INPUT, 0x8),
    ],
)
def test_a_pin_of_the_f103_is_four_bits(mode: int, bits: int, benches: Benches) -> None:
    bench = benches("stm32f103")
    port_b = 0x4001_0C00
    bench.set(port_b + 4, 0x4444_4444)
    bench.call("pin", 1, 10, mode, 0)
    assert bench.get(port_b + 4) == 0x4444_4044 | bits << 8
    pulls_up = mode in {INPUT_UP, ALTERNATE_INPUT, OPEN_DRAIN}
    assert bench.get(port_b + 0x10) == (1 << 10 if pulls_up else 0)


@pytest.mark.parametrize(
    ("mode", "moder", "pull_up", "open_drain"),
    [
        (ANALOG, 3, 0, 0),
        (INPUT, 0, 0, 0),
        (INPUT_UP, 0, 1, 0),
        (OUTPUT, 1, 0, 0),
        (OPEN_DRAIN, 1, 1, 1),
        (ALTERNATE, 2, 0, 0),
        (ALTERNATE_INPUT, 2, 1, 0),
    ],
)
def test_a_pin_of_the_f405_is_mode_pull_drain_and_function(
    mode: int, moder: int, pull_up: int, open_drain: int, benches: Benches
) -> None:
    bench = benches("stm32f405")
    port_c = 0x4002_0800
    bench.call("pin", 2, 11, mode, 9)
    assert bench.get(port_c) == moder << 22
    assert bench.get(port_c + 0x0C) == pull_up << 22
    assert bench.get(port_c + 0x04) == open_drain << 11
    assert bench.get(port_c + 0x24) == 9 << 12


def test_two_encoders_of_the_f103_and_four_of_the_f405_count_both_edges(benches: Benches) -> None:
    for chip, timers in (("stm32f103", (TIM2, TIM3)), ("stm32f405", (TIM5, TIM3, TIM8, TIM2))):
        bench = benches(chip).started()
        for timer in timers:
            assert {register: bench.get(timer + register) for register in ENCODER_SETUP} == ENCODER_SETUP
        for wheel, timer in enumerate(timers):
            bench.set(timer + CNT, 100 + wheel)
        assert bench.call("measure")[: len(timers)] == [100 + wheel for wheel in range(len(timers))]
        for timer in timers:
            bench.set(timer + CNT, 0xFFFF)  # backwards through zero
        assert bench.call("measure")[: len(timers)] == [-1] * len(timers)


def test_the_motors_get_20_khz_and_no_pulse_before_they_are_driven(benches: Benches) -> None:
    for chip, clock_hz, channels in (
        ("stm32f103", 72_000_000, (3, 4)),
        ("stm32f405", 84_000_000, (1, 2, 3, 4)),
    ):
        bench = benches(chip).started()
        assert bench.get(TIM4 + ARR) + 1 == clock_hz // 20_000
        assert bench.get(TIM4 + CCMR2) == 0x6868
        assert bench.get(TIM4 + CCMR1) == (0x6868 if 1 in channels else 0)
        assert bench.get(TIM4 + CCER) == sum(1 << 4 * (channel - 1) for channel in channels)
        assert [bench.get(TIM4 + CCR1 + 4 * i) for i in range(4)] == [0] * 4


@BOTH
def test_a_motor_turns_both_ways_brakes_at_zero_and_is_off_without_power(chip: str, benches: Benches) -> None:
    bench = benches(chip).started()
    full = bench.get(TIM4 + ARR) + 1
    left, right = TIM4 + CCR1 + 8, TIM4 + CCR1 + 12
    bench.call("drive", 1, 1000, -500, 0, 0)
    assert (bench.get(left), bench.get(right)) == (full, full // 2)
    assert bench.switched("A") == 1 << 8  # STBY, the last pin that is written
    bench.call("drive", 1, 0, 0, 0, 0)
    assert (bench.get(left), bench.get(right)) == (0, 0)
    assert bench.switched("A") == 1 << 8  # powered, without pulses: the TB6612 brakes
    bench.call("drive", 1, 300, 300, 300, 300)
    bench.call("drive", 0, 1000, 1000, 1000, 1000)
    assert [bench.get(TIM4 + CCR1 + 4 * i) for i in range(4)] == [0] * 4
    bench.call("drive", 1, 300, 300, 300, 300)
    bench.call("car_off")
    assert [bench.get(TIM4 + CCR1 + 4 * i) for i in range(4)] == [0] * 4


@pytest.mark.parametrize(
    ("chip", "chassis", "timer", "channel"),
    [
        ("stm32f103", "ACKERMANN", TIM1, 4),
        ("stm32f405", "ACKERMANN", TIM12, 1),
        ("stm32f405", "DIFFERENTIAL", TIM12, 1),
    ],
)
def test_the_first_servo_steers_a_car_that_steers_and_else_is_servo_0(
    chip: str, chassis: str, timer: int, channel: int, benches: Benches
) -> None:
    bench = benches(chip, chassis).started()
    assert bench.get(timer + ARR) == 19_999
    assert bench.get(timer + PSC) + 1 == (84 if bench.is_f405 else 72)  # microseconds
    assert bench.get(timer + BDTR) == 1 << 15  # TIM1 drives no pin without it
    width = timer + CCR1 + 4 * (channel - 1)
    assert bench.get(width) == 1500
    steers = chassis == "ACKERMANN"
    for mrad, pulse_us in ((0, 1500), (1571, 2500), (-1571, 500), (785, 1999), (3000, 2500), (-3000, 500)):
        bench.call("drive", 0, 0, 0, 0, 0, mrad if steers else 7, 7 if steers else mrad)
        assert bench.get(width) == pulse_us


# what is only a level


def test_an_open_switch_is_pressed_and_a_closed_one_is_not(benches: Benches) -> None:
    for chip, front_left, rear, cliff, charger in (
        ("stm32f103", ("B", 3), ("A", 15), ("A", 12), ("C", 14)),
        ("stm32f405", ("C", 8), ("C", 15), ("C", 12), ("C", 14)),
    ):
        bench = benches(chip).started()
        assert bench.call("measure")[4:7] == [0, 0, 0]  # all to ground
        for (port, pin), seen in (
            (front_left, [1 << 0, 0, 0]),
            (rear, [1 << 4 | 1 << 5, 0, 0]),
            (cliff, [0, 1 << 1, 0]),
            (charger, [0, 0, 1]),
        ):
            bench.set(bench.input_register(port), 1 << pin)
            assert bench.call("measure")[4:7] == seen
            bench.set(bench.input_register(port), 0)


def test_the_lamp_goes_on_and_off_and_off_in_a_fault(benches: Benches) -> None:
    for chip in ("stm32f103", "stm32f405"):
        bench = benches(chip).started()
        bench.call("drive", 0, 0, 0, 0, 0, 0, 0, 255)
        assert bench.switched("B") == 1 << 2
        bench.call("drive", 0, 0, 0, 0, 0, 0, 0, 0)
        assert bench.switched("B") == 1 << 18
        bench.call("drive", 0, 0, 0, 0, 0, 0, 0, 1)
        bench.call("car_off")
        assert bench.switched("B") == 1 << 18


# battery


def test_the_battery_is_converted_slowly_and_counts_as_empty_without_a_conversion(benches: Benches) -> None:
    for chip, adc, status_start in (("stm32f405", 0x4001_2000, 1 << 30), ("stm32f103", 0x4001_2400, 1 << 22)):
        bench = benches(chip)
        bench.call("battery_start")
        assert bench.get(adc + 0x10) == 7 << 24  # channel 8, longest
        assert bench.get(adc + 0x34) == 8
        assert bench.get(adc + 0x08) & status_start  # the first one is under way
        assert bench.call("battery") == [-1]
        bench.set(adc, 2)
        bench.set(adc + 0x4C, 2048)
        assert bench.call("battery") == [2048]
        bench.started()
        assert bench.call("measure")[8] == 1650 * (100 + 22) // 22  # half of 3.3 V behind the divider


# sonars


@BOTH
def test_an_echo_of_5831_us_is_a_metre_and_silence_is_broken(chip: str, benches: Benches) -> None:
    bench = benches(chip).started()
    exti = 0x4001_3C00 if bench.is_f405 else 0x4001_0400
    listening = 0xF << 10 if bench.is_f405 else 0xF << 12  # B12, B13, C10, C11; B12 to B15
    assert [bench.get(exti + offset) for offset in (0x00, 0x08, 0x0C)] == [listening] * 3
    bench.call("measure")  # the first one is triggered
    bench.set(exti + 0x14, 1 << 12)  # pending
    for at_us, level in ((10_000, 1 << 12), (15_831, 0)):
        bench.said(f"now {at_us}")
        bench.set(bench.input_register("B"), level)
        bench.call("echo")
    seen = [bench.call("measure")[9:] for _ in range(8)]
    assert seen[3] == [1 << 0, 1000, 0xFFFD, 0xFFFD, 0xFFFD]
    assert seen[7] == [1 << 1, 1000, 0xFFFD, 0xFFFD, 0xFFFD]  # the second never answered


# flash


def test_the_f405_programs_words_and_erases_its_sectors_2_and_3(benches: Benches) -> None:
    bench = benches("stm32f405")
    sr, cr = F405_FLASH + 0x0C, F405_FLASH + 0x10
    assert bench.call("program", 1, 5, 0x1234_5678) == [1]
    assert bench.get(0x0800_C000 + 20) == 0x1234_5678
    assert bench.get(cr) == 1 << 31  # locked again
    bench.set(cr, 0)
    bench.set(sr, 0)
    assert bench.call("erase", 0) == [1]
    assert bench.get(cr) == 1 << 31
    bench.set(F405_FLASH, 0x605)
    bench.set(cr, 0)
    bench.set(sr, 0)
    bench.call("erase", 1)
    assert bench.get(F405_FLASH) == 0x605  # the caches are on again


def test_the_f103_programs_two_halves_and_erases_two_pages(benches: Benches) -> None:
    bench = benches("stm32f103")
    cr = FLASH + 0x10
    assert bench.call("program", 0, 3, 0xFFFF_4321) == [1]  # a blank half needs no programming
    assert bench.get(0x0800_F000 + 12) & 0xFFFF == 0x4321
    assert bench.get(cr) == 1 << 7
    bench.set(cr, 0)
    assert bench.call("program", 1, 0, 0x1234_FFFF) == [1]
    assert bench.get(0x0800_F800) >> 16 == 0x1234


@BOTH
def test_a_flash_that_stays_locked_or_busy_is_a_failure_and_not_a_hang(chip: str, benches: Benches) -> None:
    bench = benches(chip)
    flash = F405_FLASH if bench.is_f405 else FLASH
    bench.set(flash + 0x10, 1 << 31 if bench.is_f405 else 1 << 7)  # the keys do not open it
    assert bench.call("program", 0, 0, 1) == [0]
    assert bench.call("erase", 0) == [0]
    assert bench.get(0x0800_8000 if bench.is_f405 else 0x0800_F000) == 0  # nothing was written
    bench.set(flash + 0x10, 0)
    bench.set(flash + 0x0C, 1 << 16 if bench.is_f405 else 1)  # busy
    assert bench.call("program", 0, 0, 1) == [0]
    assert bench.call("erase", 0) == [0]


@pytest.mark.parametrize(
    ("chip", "status", "error"),
    [
        *(("stm32f405", F405_FLASH + 0x0C, 1 << bit) for bit in (1, 4, 5, 6, 7)),
        *(("stm32f103", FLASH + 0x0C, 1 << bit) for bit in (2, 4)),
    ],
)
def test_a_flash_that_reports_an_error_is_a_failure(
    chip: str, status: int, error: int, benches: Benches
) -> None:
    bench = benches(chip)
    bench.set(status, error)  # memory keeps it although it is cleared: as if it came again
    assert bench.call("program", 0, 0, 0x5555_5555) == [0]
    assert bench.call("erase", 0) == [0]
