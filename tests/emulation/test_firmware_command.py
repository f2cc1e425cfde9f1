"""What ``patrolcar firmware`` promises to people and to scripts."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from emulated_host import EmulatedHost, Images

from firmware_protocol.elf import flash_bytes
from patrolcar.cli import Exit, firmware
from patrolcar.errors import CommandError, ConfigError, LinkError
from patrolcar.links.serial_address import DEFAULT_BAUD

WRITTEN = {  # what each tool is called with; IMAGE is the bare flash
    "st-flash": ["--reset", "write", "IMAGE", "0x08000000"],
    "openocd": [
        *("-f", "interface/stlink.cfg", "-f", "target/stm32f4x.cfg"),
        *("-c", "program IMAGE verify reset exit 0x08000000"),
    ],
    "dfu-util": ["-d", "0483:df11", "-a", "0", "-s", "0x08000000:leave", "-D", "IMAGE"],
    "stm32loader": [
        *("-p", "/dev/ttyUSB9", "-e", "-w", "-v", "-a", "0x08000000", "-g", "0x08000000"),
        "IMAGE",
    ],
}
FAKE_TOOL = """#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word"; done > "$0.words"
for word in "$@"; do case "$word" in *.bin*)
    file=${word#program }
    /bin/cp "${file%.bin*}.bin" "$0.image";;
esac; done
exit EXIT
"""


def called(*words: str) -> int:
    parser = argparse.ArgumentParser()
    firmware.add_arguments(parser)
    return firmware.run(parser.parse_args(words))


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def installed(tools: Path, name: str, exit_code: int = 0) -> None:
    (tools / name).write_text(FAKE_TOOL.replace("EXIT", str(exit_code)), encoding="ascii")
    (tools / name).chmod(0o755)


@pytest.fixture
def ready(image: Images, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Bare flashes of some images. Ask for them before ``tools``, which hides the compiler."""
    folder = tmp_path_factory.mktemp("ready")
    files = {name: folder / f"{name}.bin" for name in ("stm32f405", "stm32f103", "pil-f405")}
    for name, file in files.items():
        file.write_bytes(flash_bytes(image(name).file.read_bytes()))
    return files


def test_building_writes_the_bare_flash_and_prints_its_size(
    image: Images, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "car.bin"
    assert called("build", "--board", "stm32f103", "--out", str(out), "--json") == Exit.DONE
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["flash"] == out.stat().st_size
    assert out.read_bytes() == flash_bytes(image("stm32f103").file.read_bytes())
    assert [file.name for file in tmp_path.iterdir()] == ["car.bin"]
    assert report["ram"] <= report["ram_limit"] == 8192
    assert report["flash"] <= report["flash_limit"] == 32768
    assert (report["baud"], report["chassis"]) == (DEFAULT_BAUD, "DIFFERENTIAL")


def test_building_says_of_how_much(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("build", "--board", "stm32f103", "--out", str(tmp_path / "car.elf")) == Exit.DONE
    assert re.search(r"flash \d+ of 32768 bytes \(\d+%\), RAM \d+ of 8192 bytes", capsys.readouterr().out)


def test_another_line_or_chassis_is_another_image(
    image: Images, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = flash_bytes(image("stm32f405").file.read_bytes())
    for words in (("--baud", "115200"), ("--chassis", "mecanum"), ("--crystal", "12")):
        out = tmp_path / f"{words[1]}.bin"
        assert called("build", "--board", "stm32f405", "--out", str(out), *words) == Exit.DONE
        assert out.read_bytes() != usual
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("stm32f103", "--chassis", "mecanum"), "it drives two motors, and a mecanum car has four"),
        (("stm32f103", "--chassis", "skid"), "two motors"),
        (("stm32f103", "--crystal", "16"), "a crystal of 16 MHz does not fit"),
        (("stm32f405", "--crystal", "7"), "a crystal of 7 MHz"),
        (("stm32f405", "--baud", "0"), "baud 0 is nothing its UART can do well"),
        (("stm32f405", "--baud", "9599"), "baud 9599"),
        (("stm32f103", "--baud", "2000000"), "baud 2000000"),
    ],
)
def test_what_a_board_cannot_do_is_refused_before_the_compiler_is_asked(
    words: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=why):
        called("build", "--out", str(tmp_path / "car.bin"), "--board", *words)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("tool", WRITTEN)
def test_flashing_calls_the_tool_that_is_installed_with_exactly_these_words(
    tool: str, ready: dict[str, Path], tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = ready["stm32f405"]
    installed(tools, tool)
    port = ("--port", "/dev/ttyUSB9") if tool == "stm32loader" else ()
    assert called("flash", "--board", "stm32f405", "--image", str(image), *port) == Exit.DONE
    words = (tools / f"{tool}.words").read_text(encoding="ascii")
    assert re.sub(r"\S+/stm32f405\.bin", "IMAGE", words).splitlines() == WRITTEN[tool]
    assert (tools / f"{tool}.image").read_bytes() == image.read_bytes()
    said = capsys.readouterr().out
    assert shlex.split(said.splitlines()[0]) == [tool, *words.splitlines()]
    assert "never run on a real board" in said


def test_an_elf_file_is_flashed_as_its_bare_bytes(
    image: Images, ready: dict[str, Path], tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = image("stm32f405").file
    installed(tools, "st-flash")
    assert called("flash", "--board", "stm32f405", "--image", str(file)) == Exit.DONE
    assert (tools / "st-flash.image").read_bytes() == ready["stm32f405"].read_bytes()
    capsys.readouterr()


def test_a_dry_run_prints_the_command_and_calls_nothing(
    tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(tools, "st-flash")
    assert called("flash", "--board", "stm32f405", "--dry-run") == Exit.DONE
    assert capsys.readouterr().out.startswith("st-flash --reset write ")
    assert [file.name for file in tools.iterdir()] == ["st-flash"]


def test_the_f103_is_named_to_openocd_as_what_it_is(tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed(tools, "openocd")
    assert called("flash", "--board", "stm32f103", "--dry-run") == Exit.DONE
    assert "-f target/stm32f1x.cfg" in capsys.readouterr().out


def test_a_tool_that_fails_is_a_lost_link(
    ready: dict[str, Path], tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = ready["stm32f103"]
    installed(tools, "st-flash", exit_code=1)
    with pytest.raises(LinkError, match="st-flash could not write the image"):
        called("flash", "--board", "stm32f103", "--image", str(image))
    capsys.readouterr()


def test_an_image_of_another_board_is_not_flashed(ready: dict[str, Path], tools: Path) -> None:
    f405, emulated = ready["stm32f405"], ready["pil-f405"]
    installed(tools, "st-flash")
    with pytest.raises(ConfigError, match="it was built for stm32f405, not for stm32f103"):
        called("flash", "--board", "stm32f103", "--image", str(f405))
    with pytest.raises(ConfigError, match="it was built for pil-f405, not for stm32f405"):
        called("flash", "--board", "stm32f405", "--image", str(emulated))
    assert [file.name for file in tools.iterdir()] == ["st-flash"]


@pytest.mark.parametrize("name", ["car.bin", "car.elf"])
@pytest.mark.parametrize("content", [b"", b"\x7fELF\x01", bytes(4096)])
def test_what_is_no_image_is_not_flashed(name: str, content: bytes, tools: Path, tmp_path: Path) -> None:
    installed(tools, "st-flash")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=name):
        called("flash", "--board", "stm32f405", "--image", str(tmp_path / name))
    with pytest.raises(ConfigError, match=r"missing\.bin"):
        called("flash", "--board", "stm32f405", "--image", str(tmp_path / "missing.bin"))


def test_an_image_too_large_for_its_place_would_overwrite_saved_values(
    ready: dict[str, Path], tools: Path
) -> None:
    image = ready["stm32f405"]
    image.write_bytes(image.read_bytes().ljust(32769, b"\xff"))
    installed(tools, "st-flash")
    with pytest.raises(ConfigError, match="32769 bytes, and stm32f405 has 32768"):
        called("flash", "--board", "stm32f405", "--image", str(image))


def test_a_serial_port_asks_for_the_serial_loader(tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed(tools, "st-flash")
    installed(tools, "stm32loader")
    assert called("flash", "--board", "stm32f103", "--port", "/dev/ttyUSB0", "--dry-run") == Exit.DONE
    assert capsys.readouterr().out.startswith("stm32loader -p /dev/ttyUSB0 -e -w -v -a 0x08000000")


def test_the_serial_loader_needs_a_port(tools: Path) -> None:
    installed(tools, "stm32loader")
    with pytest.raises(CommandError, match="name the serial port too"):
        called("flash", "--board", "stm32f103", "--tool", "stm32loader", "--dry-run")


@pytest.mark.parametrize("tool", WRITTEN)
def test_a_tool_that_was_asked_for_and_is_missing_is_said(tool: str, tools: Path) -> None:
    installed(tools, "unrelated")
    with pytest.raises(CommandError, match=f"--tool {tool}: it is not installed"):
        called("flash", "--board", "stm32f405", "--tool", tool, "--port", "/dev/ttyUSB0")


@pytest.mark.parametrize("board", firmware.FLASHED)
def test_without_a_tool_it_says_how(board: str, tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed(tools, "unrelated")
    assert called("flash", "--board", board) == Exit.NO_CAR
    said = capsys.readouterr().out
    assert "apt install stlink-tools" in said
    assert "apt install openocd" in said
    assert "pip install stm32loader" in said
    assert f"--board {board} --out car.bin" in said
    assert ("dfu-util" in said) == (board == "stm32f405")


def test_a_chip_without_usb_loader_is_not_flashed_over_usb(tools: Path) -> None:
    installed(tools, "dfu-util")
    with pytest.raises(CommandError, match="no USB loader"):
        called("flash", "--board", "stm32f103", "--tool", "dfu-util", "--dry-run")


def test_the_emulated_board_is_reached_at_the_printed_address(image: Images, emulator: None) -> None:
    del image, emulator
    code = "import argparse\nfrom patrolcar.cli import firmware as f\np = argparse.ArgumentParser()\n"
    code += "f.add_arguments(p)\nraise SystemExit(f.run(p.parse_args(['emulate'])))"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    ) as program:
        try:
            assert program.stdout is not None
            host = EmulatedHost(program.stdout.readline().strip(), 3)
            host.connected()
            host.close()
        finally:
            program.send_signal(signal.SIGTERM)
        assert program.wait(20) == Exit.DONE
