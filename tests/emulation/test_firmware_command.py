"""What ``patrolcar firmware`` promises to people and to scripts."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from emulated_host import EmulatedHost, Images

from firmware_protocol.build_firmware import flash_bytes
from patrolcar.cli import Exit, firmware
from patrolcar.errors import CommandError

TOOLS = {
    "st-flash": "st-flash --reset write",
    "openocd": "openocd -f interface/stlink.cfg -f target/stm32f4x.cfg",
    "dfu-util": "dfu-util -a 0 -s 0x08000000:leave -D",
}


def called(*words: str) -> int:
    parser = argparse.ArgumentParser()
    firmware.add_arguments(parser)
    return firmware.run(parser.parse_args(words))


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def installed(tools: Path, name: str) -> None:
    (tools / name).write_text("#!/bin/sh\n", encoding="ascii")
    (tools / name).chmod(0o755)


def test_building_writes_the_bare_flash_and_prints_its_size(
    image: Images, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "car.bin"
    assert called("build", "--board", "stm32f103", "--out", str(out), "--json") == Exit.DONE
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["flash"] == out.stat().st_size
    assert out.read_bytes() == flash_bytes(image("stm32f103").file.read_bytes())
    assert [file.name for file in tmp_path.iterdir()] == ["car.bin"]
    assert report["ram"] <= 8192


@pytest.mark.parametrize("tool", TOOLS)
def test_flashing_takes_the_tool_that_is_installed(
    tool: str, tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(tools, tool)
    assert called("flash", "--board", "stm32f405", "--dry-run") == Exit.DONE
    assert capsys.readouterr().out.startswith(TOOLS[tool])


def test_a_serial_port_asks_for_the_serial_loader(tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed(tools, "st-flash")
    installed(tools, "stm32loader")
    assert called("flash", "--board", "stm32f103", "--port", "/dev/ttyUSB0", "--dry-run") == Exit.DONE
    assert capsys.readouterr().out.startswith("stm32loader -p /dev/ttyUSB0 -e -w -v -a 0x08000000")


@pytest.mark.parametrize("board", firmware.FLASHED)
def test_without_a_tool_it_says_how(board: str, tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed(tools, "unrelated")
    assert called("flash", "--board", board) == Exit.NO_CAR
    said = capsys.readouterr().out
    assert "apt install stlink-tools" in said
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
