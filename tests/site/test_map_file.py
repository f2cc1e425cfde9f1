# ruff: noqa: E501 - each row of a table is one mistake and its exact message, on one line
"""Maps of ROS map_server and the pictures in them."""

from __future__ import annotations

import contextlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from patrolcar.config.folder import MemoryFolder
from patrolcar.config.problems import BadFileError
from patrolcar.errors import ConfigError
from patrolcar.site import FREE, OCCUPIED, UNKNOWN
from patrolcar.site.map_file import load_map, read_map
from patrolcar.site.pgm import read_pgm
from patrolcar.site.png import SIGNATURE, read_png

WILD = b"image: m.pgm\nresolution: 0.050000\norigin: [-10.0, -7.4, 0.000000]\nnegate: 0       #se negate=1\noccupied_thresh: 0.65\nfree_thresh: 0.196"
MAPS = Path("/work/shared/data")


def grid_of(yaml: bytes, **files: bytes) -> NDArray[np.uint8]:
    folder = MemoryFolder({"m.yaml": yaml, **{name.replace("__", "."): body for name, body in files.items()}})
    return read_map(folder, "m.yaml").grid.cells


def mistakes(yaml: bytes, **files: bytes) -> list[str]:
    with pytest.raises(BadFileError) as caught:
        grid_of(yaml, **files)
    return [str(problem) for problem in caught.value.problems]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    rows: list[bytes], width: int, depth: int = 8, colour: int = 0, extra: bytes = b"", interlace: int = 0
) -> bytes:
    header = struct.pack(">IIBBBBB", width, len(rows), depth, colour, 0, 0, interlace)
    return (
        SIGNATURE
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + chunk(b"IEND", b"")
    )


def filtered(image: NDArray[np.uint8], kinds: list[int]) -> list[bytes]:
    """Filter rows of shape (height, width, channels) the slow way, straight from the specification."""
    height, width, channels = image.shape
    rows = []
    for row in range(height):
        out = bytearray([kinds[row]])
        for column in range(width):
            for channel in range(channels):
                here = int(image[row, column, channel])
                left = int(image[row, column - 1, channel]) if column else 0
                up = int(image[row - 1, column, channel]) if row else 0
                corner = int(image[row - 1, column - 1, channel]) if row and column else 0
                guess = left + up - corner
                paeth = min((left, up, corner), key=lambda value, guess=guess: abs(guess - value))  # type: ignore[misc]  # mypy cannot type the default
                out.append((here - (0, left, up, (left + up) // 2, paeth)[kinds[row]]) & 0xFF)
        rows.append(bytes(out))
    return rows


images = st.tuples(st.integers(1, 7), st.integers(1, 7), st.sampled_from([1, 2, 3, 4])).flatmap(
    lambda shape: st.tuples(
        arrays.arrays(np.uint8, shape), st.lists(st.integers(0, 4), min_size=shape[0], max_size=shape[0])
    )
)


@settings(deadline=None)
@given(images)
def test_every_row_filter_of_png_is_undone_exactly(drawn: tuple[NDArray[np.uint8], list[int]]) -> None:
    image, kinds = drawn
    channels = image.shape[2]
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    picture = read_png(png(filtered(image, kinds), image.shape[1], 8, colour))
    colours = image[:, :, :3] if channels > 2 else image[:, :, :1]
    assert np.array_equal(picture.shades, colours.sum(axis=2, dtype=np.uint16))
    assert picture.white == 255 * colours.shape[2]
    if channels in {2, 4}:
        assert picture.opaque is not None
        assert np.array_equal(picture.opaque, image[:, :, -1] >= 128)
    else:
        assert picture.opaque is None


@pytest.mark.parametrize(("depth", "row", "shades"), [
    (1, b"\0\xa0", [1, 0, 1]), (2, b"\0\x1b\x40", [0, 1, 2, 3, 1]), (4, b"\0\x0f\x70", [0, 15, 7]),
])  # fmt: skip
def test_grey_of_few_bits_is_read(depth: int, row: bytes, shades: list[int]) -> None:
    picture = read_png(png([row], len(shades), depth))
    assert picture.shades.tolist() == [shades]
    assert picture.white == 2**depth - 1


def test_a_palette_gives_its_colours_and_its_transparency() -> None:
    extra = chunk(b"PLTE", bytes([0, 0, 0, 255, 255, 255, 10, 20, 30])) + chunk(b"tRNS", bytes([255, 0]))
    picture = read_png(png([b"\0\x00\x01\x02"], 3, 8, 3, extra))
    assert picture.shades.tolist() == [[0, 765, 60]]
    assert picture.opaque is not None
    assert picture.opaque.tolist() == [[True, False, True]]


GOOD = png([b"\0\x01\x02", b"\0\x03\x04"], 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD[:-16], "cut short or its checksum is wrong"),
        (GOOD[:-6], "ends in the middle of a chunk"),
        (GOOD.replace(b"IDAT", b"IDAX"), "checksum is wrong"),
        (png([b"\0\x01\x02", b"\0\x03\x04"], 3), "fewer pixels than its header says"),
        (png([b"\0\x01\x02", b"\0\x03\x04"], 1), "more pixels than its header says"),
        (png([b"\5\x01\x02"], 2), "row filter 5 does not exist"),
        (png([b"\0" + bytes(4)], 2, 16), "colour type 0 with 16 bits is not read here"),
        (png([b"\0" + bytes(4)], 2, 8, 5), "colour type 5 with 8 bits is not read here"),
        (png([b"\0\x01\x02"], 2, interlace=1), "interlaced"),
        (png([b"\0\x01\x02"], 2, 8, 3), "a pixel names a colour that the palette does not have"),
        (png([b"\0\x01\x02"], 0), "0 x 1 pixels; a map needs at least one"),
        (png([b""], 60_000), "fewer pixels"),
        (SIGNATURE + chunk(b"IEND", b""), "the header IHDR must come first"),
        (SIGNATURE + chunk(b"IHDR", b"123"), "the header has the wrong length"),
        (png([b"\0\x01"], 1, extra=chunk(b"CgBI", b"")), "is required to show this picture and not known here"),
        (SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)) + chunk(b"IDAT", b"xx") + chunk(b"IEND", b""), "the pixels cannot be unpacked"),
        (b"GIF89a", "is not a PNG picture"),
    ],
)  # fmt: skip
def test_a_damaged_or_odd_png_says_what_is_wrong(content: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_png(content)


def test_a_header_of_thousands_of_millions_of_pixels_is_refused_before_memory_is_asked_for() -> None:
    huge = SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    with pytest.raises(ConfigError, match="60000 x 60000 pixels; the most is 16777216"):
        read_png(huge)
    with pytest.raises(ConfigError, match="60000 x 60000 pixels; the most is 16777216"):
        read_pgm(b"P5 60000 60000 255\n")


def test_a_png_that_unpacks_to_more_than_it_says_is_not_unpacked() -> None:
    bomb = png([bytes(50_000_000)], 10)
    assert len(bomb) < 60_000
    with pytest.raises(ConfigError, match="more pixels than its header says"):
        read_png(bomb)


@pytest.mark.parametrize(
    ("content", "shades", "white"),
    [
        (b"P5\n# made by hand\n2 2\n255\n\x00\x01\x02\x03", [[0, 1], [2, 3]], 255),
        (b"P5 2 1 # one\n# two\n9\n\x00\x09", [[0, 9]], 9),
        (b"P5 1 2 65535\n\x00\x01\xff\xff", [[1], [65535]], 65535),
        (b"P5 2 1 255 \x0a\x0d", [[10, 13]], 255),
        (b"P5 1 1 255 \x0a\n\n", [[10]], 255),
        (b"P2\n2 2\n255\n0 1 # none\n2 3\n", [[0, 1], [2, 3]], 255),
    ],
)
def test_a_pgm_is_read(content: bytes, shades: list[list[int]], white: int) -> None:
    picture = read_pgm(content)
    assert picture.shades.tolist() == shades
    assert picture.white == white


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"P5 2 2 255\n\x00\x01\x02",
            "holds 3 bytes of pixels, but its header asks for 4; the file is damaged",
        ),
        (b"P5 2 2 255\n\x00\x01\x02\x03\x04", "holds 5 bytes of pixels, but its header asks for 4"),
        (b"P5 2 2 9\n\x00\x01\x02\x0b", r"a pixel is 11, more than white \(9\)"),
        (b"P5 2 2 70000\n", "70000 for white; expected 1 to 65535"),
        (b"P5 2 2 0\n", "0 for white"),
        (b"P5 0 2 255\n", "0 x 2 pixels"),
        (b"P5 2 x 255\n", "is not a PGM picture"),
        (b"P2 2 2 255\n0 1 2", "holds 3 pixels, but its header asks for 4"),
        (b"P2 2 1 255\n0 -1", "holds something that is not a pixel value"),
        (b"P2 2 1 255\n0 999999", "holds something that is not a pixel value"),
        (b"P2 2 1 255\n", "holds 0 pixels"),
    ],
)
def test_a_damaged_pgm_says_what_is_wrong(content: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_pgm(content)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=60),
    st.sampled_from([GOOD, b"P5 2 2 255\n\x00\x01\x02\x03", b"P2 1 2 9 1 2"]),
    st.floats(0, 1),
)
def test_a_damaged_picture_is_a_picture_or_a_refusal(noise: bytes, good: bytes, where: float) -> None:
    at = int(where * len(good))
    for content in (noise, good[:at] + noise, good[:at] + noise + good[at + len(noise) :]):
        for reader in (read_png, read_pgm):
            with contextlib.suppress(ConfigError):
                assert reader(content).shades.size >= 1


# --- the YAML beside the picture


def test_a_map_as_found_in_the_wild_is_read_and_its_lowest_row_comes_first() -> None:
    cells = grid_of(WILD, m__pgm=b"P5 2 3 255\n" + bytes([0, 254, 205, 255, 100, 40]))
    assert cells.tolist() == [[UNKNOWN, OCCUPIED], [UNKNOWN, FREE], [OCCUPIED, FREE]]


def test_thresholds_are_strict_as_in_map_server() -> None:
    yaml = WILD.replace(b"0.65", b"0.5").replace(b"0.196", b"0.25")
    assert grid_of(yaml, m__pgm=b"P2 5 1 4 0 1 2 3 4").tolist() == [
        [OCCUPIED, OCCUPIED, UNKNOWN, UNKNOWN, FREE]
    ]


def test_negate_turns_black_and_white_round() -> None:
    yaml = WILD.replace(b"negate: 0", b"negate: 1")
    assert grid_of(yaml, m__pgm=b"P2 2 1 255 0 255").tolist() == [[FREE, OCCUPIED]]


def test_what_is_transparent_is_unknown() -> None:
    rgba = png([b"\0" + bytes([255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 255])], 3, 8, 6)
    assert grid_of(WILD.replace(b"m.pgm", b"m.png"), m__png=rgba).tolist() == [[FREE, UNKNOWN, OCCUPIED]]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"m.pgm", b"n.pgm", 'm.yaml:1:8: image: there is no file "n.pgm"; did you mean m.pgm?'),
        (
            b"m.pgm",
            b"../m.pgm",
            'm.yaml:1:8: image: "../m.pgm" leads out of the folder it must stay in; copy the file here',
        ),
        (b"m.pgm", b"/elsewhere/m.pgm", 'm.yaml:1:8: image: "/elsewhere/m.pgm" leads out of the folder'),
        (b"m.pgm", b"m.yaml", 'm.yaml:1:8: image: "m.yaml" is neither PGM nor PNG; convert it'),
        (b"image: m.pgm\n", b"", "m.yaml:1:1: image: missing; write image: the picture's file name"),
        (
            b"0.000000]",
            b"1.57]",
            "m.yaml:3:23: origin[2]: a turned map is not read here; turn the picture and write 0",
        ),
        (
            b", 0.000000]",
            b"]",
            "m.yaml:3:9: origin: a list of 2 values is not [x, y, yaw] of the lower left pixel",
        ),
        (b"0.050000", b"0", "m.yaml:2:13: resolution: 0 is out of range (metres per pixel, 0.01 to 10)"),
        (
            b"negate: 0",
            b"negate: 2",
            'm.yaml:4:9: negate: "2" is not 0 (black is occupied) or 1 (white is occupied)',
        ),
        (b"0.196", b"0.9", "m.yaml:6:14: free_thresh: 0.9 is above occupied_thresh (0.65)"),
        (b"negate: 0", b"mode: scale", 'm.yaml:4:7: mode: "scale" is not one of trinary'),
        (b"negate: 0", b"occ_thresh: 1", "m.yaml:4:1: occ_thresh: unknown key (known here"),
    ],
)
def test_a_mistake_in_a_map_says_where_and_what(old: bytes, new: bytes, message: str) -> None:
    assert WILD.count(old) == 1
    found = mistakes(WILD.replace(old, new), m__pgm=b"P2 1 1 255 0")
    assert any(line.startswith(message) for line in found), found


def test_a_damaged_picture_is_told_at_the_line_that_names_it() -> None:
    assert mistakes(WILD, m__pgm=b"P5 2 2 255\n") == [
        'm.yaml:1:8: image: "m.pgm" holds 0 bytes of pixels, but its header asks for 4; the file is damaged'
    ]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("patrol/cumberland/cumberland", (499, 688)),
        ("patrol/1r5/1r5", (249, 239)),
        ("rosmaps/berlin", (600, 600)),
        ("rosmaps/depot", (307, 604)),
        ("rosmaps/tb3_sandbox", (384, 384)),
    ],
)
def test_published_maps_are_read(name: str, shape: tuple[int, int]) -> None:
    if not MAPS.is_dir():
        pytest.skip("the maps are not on this machine")
    grid = load_map(MAPS / f"{name}.yaml").grid
    assert grid.cells.shape == shape
    assert set(np.unique(grid.cells)) >= {FREE, OCCUPIED}
