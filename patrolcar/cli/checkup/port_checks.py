"""Checks of a serial port that need not open it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from patrolcar.cli.checkup.finding import Finding, ok, problem, warning
from patrolcar.cli.checkup.machine import Machine, Node, Process
from patrolcar.links.boards import BOARDS, BOOTLOADERS
from patrolcar.links.usb_ports import Port

WORST_LATENCY_MS: Final = 2
MOST_COMMAND: Final = 100
IGNORE_MARK: Final = "ID_MM_DEVICE_IGNORE"
RULE_FILE: Final = "/etc/udev/rules.d/60-patrolcar.rules"
_APPLY: Final = "then `sudo udevadm control --reload && sudo udevadm trigger` and plug it in again"
_READ, _WRITE = 4, 2


def device(machine: Machine, port: Port) -> Finding:
    """Whether the device is there, and what it is."""
    node = machine.node_at(port.device)
    if node is None:
        there = ", ".join(each.device for each in machine.list_ports()) or "no serial port at all"
        missing = next(_without_port(machine), "")
        leads = f" (it leads to {os.path.realpath(port.device)})" if Path(port.device).is_symlink() else ""
        return problem(
            f"{port.device}{leads} does not exist; there is {there}",
            missing or "plug the cable in, or start the simulator",
        )
    if not node.is_character_device:
        return problem(f"{port.device} is a file or a folder, not a device", "name a port: `patrolcar ports`")
    leads = os.path.realpath(port.device)
    described = f", {port.description}" if port.usb_id else ""
    return ok(port.device + (f" -> {leads}" if leads != port.device else "") + described)


def permission(machine: Machine, port: Port) -> Finding | None:
    """Whether this user may read and write the device."""
    node = machine.node_at(port.device)
    if node is None:
        return None
    rights = f"{node.group_name} {node.mode:04o}"
    if _may_use(machine, node):
        return ok(f"{machine.user.name} may use it ({rights})")
    if node.mode >> 3 & (_READ | _WRITE) == _READ | _WRITE:
        add = f"sudo usermod -aG {node.group_name} {machine.user.name}"
        return problem(f"{machine.user.name} is not in the group {node.group_name}", f"`{add}`, log in again")
    return problem(
        f"the device gives no rights to anybody's group ({rights})", f"sudo chmod 660 {port.device}"
    )


def _may_use(machine: Machine, node: Node) -> bool:
    user = machine.user
    if user.uid == 0:
        return True
    shift = 6 if user.uid == node.owner else 3 if node.group in user.groups else 0
    return node.mode >> shift & (_READ | _WRITE) == _READ | _WRITE


def holder(machine: Machine, port: Port) -> Finding | None:
    """Whether another program has it open."""
    if machine.node_at(port.device) is None:
        return None
    held = [process for process in machine.holders(port.device) if process.pid != os.getpid()]
    if not held:
        return ok("no other program has it open")
    remedy = "end it, or use it: `patrolcar dash`" if any(map(_is_core, held)) else "end it"
    return problem("open in " + ", ".join(map(_named, held)), remedy)


def _is_core(process: Process) -> bool:
    return "patrolcar up" in process.command


def _named(process: Process) -> str:
    return f"{process.name} (pid {process.pid}): {process.command[:MOST_COMMAND]}"


def modem_manager(machine: Machine, port: Port) -> Finding | None:
    """Whether ModemManager takes the car for a modem: it opens a new port and talks to it for seconds."""
    if not _runs(machine, "ModemManager"):
        return ok("not running")
    if not port.usb_id:
        return ok("running; it leaves this port alone")
    if _is_marked(machine, port):
        return ok("running, and told to leave this device alone")
    return warning(
        f"running, and may talk to {port.usb_id} for seconds after it is plugged in",
        f"put this line into {RULE_FILE}, {_APPLY}: {_ignore_rule(port)}",
    )


def _ignore_rule(port: Port) -> str:
    vid, _, pid = port.usb_id.partition(":")
    return f'ATTRS{{idVendor}}=="{vid}", ATTRS{{idProduct}}=="{pid}", ENV{{{IGNORE_MARK}}}="1"'


def _is_marked(machine: Machine, port: Port) -> bool:
    """Whether udev has the mark on the device, or a rule that will put it there."""
    node = machine.node_at(port.device)
    if node is not None:
        state = machine.udev_state / f"c{node.major}:{node.minor}"
        if state.is_file() and f"{IGNORE_MARK}=1" in state.read_text(errors="replace"):
            return True
    vid, _, pid = port.usb_id.partition(":")
    return bool(machine.rules_with(IGNORE_MARK, vid, pid))


def brltty(machine: Machine, port: Port) -> Finding | None:
    """Whether the braille service takes converters away, as it does on Ubuntu 22.04."""
    runs, rules = _runs(machine, "brltty"), machine.rules_with("brltty", *port.usb_id.split(":"))
    stolen = next(_without_port(machine), "")
    remedy = "`sudo apt remove brltty`, or keep it off this device: `sudo systemctl mask brltty-udev.service`"
    if runs and stolen:
        return problem(f"running, and {stolen}", remedy)
    if port.usb_id and rules:
        return warning(f"{rules[0]} gives {port.usb_id} to the braille service", remedy)
    return ok("running; it has no rule for this device") if runs else ok("not running")


def latency(machine: Machine, port: Port) -> Finding | None:
    """Whether an FTDI converter holds received bytes back."""
    name = Path(os.path.realpath(port.device)).name
    timer = machine.sys / "bus/usb-serial/devices" / name / "latency_timer"
    if not timer.is_file():
        return None
    text = timer.read_text().strip()
    if text.isdecimal() and int(text) <= WORST_LATENCY_MS:
        return ok(f"{text} ms")
    return warning(
        f"{text} ms: bytes wait that long in the converter until a program asks for less",
        f"patrolcar asks for 1 ms while it drives; to keep it: `echo 1 | sudo tee {timer}`",
    )


def _runs(machine: Machine, name: str) -> bool:
    return any(process.name == name for process in machine.processes())


def _without_port(machine: Machine) -> Iterator[str]:
    """Yield a sentence for each USB device that should have a serial port and has none."""
    for folder in sorted((machine.sys / "bus/usb/devices").glob("*")):
        usb_id = _usb_id(folder)
        if usb_id in BOOTLOADERS:
            yield BOOTLOADERS[usb_id]
        elif usb_id in BOARDS and not any(folder.glob("*/tty*")):
            yield f"a {BOARDS[usb_id].name} is plugged in but has no serial port: was it taken away?"


def _usb_id(folder: Path) -> tuple[int, int]:
    try:
        return int((folder / "idVendor").read_text(), 16), int((folder / "idProduct").read_text(), 16)
    except (OSError, ValueError):
        return 0, 0
