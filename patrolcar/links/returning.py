"""Open one address again and again, and find its device under whatever name it came back with."""

from __future__ import annotations

from collections.abc import Sequence

from patrolcar.errors import LinkError
from patrolcar.links.serial_address import SerialAddress
from patrolcar.links.serial_port import SerialLink, open_serial
from patrolcar.links.usb_ports import Port, PortLister, found_again, port_at


class ReturningPort:
    """Opens a serial port, each time it is called.

    What was opened first is remembered by USB id, serial number and socket, so /dev/ttyUSB0 that comes
    back as /dev/ttyUSB1 is found again, and another device that now has its name is left alone. A port
    without a USB id is known by its path only.

    Args:
        address: Where the port is.
        lister: Returns the ports of this machine.

    """

    def __init__(self, address: SerialAddress, lister: PortLister) -> None:
        self._address = address
        self._lister = lister
        self._known: Port | None = None

    def __call__(self) -> SerialLink:
        """Open it.

        Raises:
            LinkError: It is not there, or not to be told from another.

        """
        port = self._here()
        link = open_serial(self._address.at(port.device), port.board)
        self._known = port
        return link

    def _here(self) -> Port:
        ports = self._lister()
        if self._known is not None and self._known.usb_id:
            return self._again(self._known, ports)
        if self._address.is_usb:
            return self._only([port for port in ports if self._address.fits(port)], ports)
        return port_at(self._address.target, ports)._replace(device=self._address.target)

    def _again(self, known: Port, ports: Sequence[Port]) -> Port:
        again = found_again(known, ports)
        if len(again) == 1 and port_at(known.device, ports).device == again[0].device:
            return again[0]._replace(device=known.device)  # a lasting name is kept
        if not again:
            message = f"{known.device}: {known.description} is not plugged in; is the cable in?"
            raise LinkError(message)
        return self._only(again, ports)

    def _only(self, fitting: Sequence[Port], ports: Sequence[Port]) -> Port:
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            there = ", ".join(f"{port.device} ({port.description})" for port in ports) or "no serial port"
            message = f"{self._address.target}: no such device is plugged in; there is {there}"
        else:
            listed = ", ".join(port.stable_name or port.device for port in fitting)
            message = f"{self._address.target}: several devices fit; name one of {listed}"
        raise LinkError(message)
