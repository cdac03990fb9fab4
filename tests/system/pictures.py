"""Pictures that are tested: their pixels, and where on them things are."""
import io
import xml.etree.ElementTree

import numpy
from PIL import Image

# As draw/layout.h and draw/paint/paint.c have them.
HEAD, LABELS, RIGHT, AXIS = 46, 112, 12, 40
PIXELS_PER_MM = 96 / 25.4
PAPER, INK, GAP, DAMAGE = (255, 255, 255), (0x15, 0x19, 0x1d), (0xdf, 0xe3, 0xe6), (0xc2, 0x41, 0x0c)
LEFT, EVENT = (0, 0x5a, 0x9c), (0x8a, 0x2f, 0x73)
DARK_PAPER, DARK_GAP = (0x10, 0x14, 0x18), (0x2a, 0x31, 0x38)
SVG = "{http://www.w3.org/2000/svg}"


class Picture:
    def __init__(self, png, n_traces=1):
        with Image.open(io.BytesIO(png)) as image:
            assert image.format == "PNG"
            self.pixels = numpy.asarray(image.convert("RGB"))
        self.height, self.width = self.pixels.shape[:2]
        self.columns = self.width - LABELS - RIGHT
        self.lane = (self.height - HEAD - AXIS) / n_traces

    def x(self, share):
        """Of a fraction of the window."""
        return LABELS + share * self.columns

    def lane_of(self, trace, begin=0, end=1):
        """The pixels of a trace's lane, from a fraction of the window to another."""
        top = HEAD + trace * self.lane
        return self.pixels[round(top) + 1:round(top + self.lane) - 1, round(self.x(begin)):round(self.x(end))]

    def middle(self, trace):
        return HEAD + (trace + 0.5) * self.lane

    def ink(self, column):
        """(rows of a column of pixels that are not paper, how dark each is, 0 to 1); of a column without a line
        of the grid."""
        rows = self.pixels[HEAD + 1:self.height - AXIS - 1, column].astype(float).mean(axis=-1)
        dark = (255 - rows) / (255 - numpy.mean(INK))
        found = numpy.flatnonzero(dark > 0.05)
        return found + HEAD + 1, dark[found]

    def height_at(self, column):
        """Where the trace passes a column, in pixels from the top."""
        rows, dark = self.ink(column)
        assert len(rows), column
        return numpy.average(rows + 0.5, weights=dark)


def is_colour(pixels, colour):
    return (pixels == numpy.array(colour, "uint8")).all(axis=-1)


def colours_of(pixels):
    packed = numpy.unique(pixels.reshape(-1, 3).astype(int) @ (1 << 16, 1 << 8, 1))
    return {(int(c) >> 16, int(c) >> 8 & 255, int(c) & 255) for c in packed}


def parse_svg(svg):
    root = xml.etree.ElementTree.fromstring(svg)
    assert root.tag == SVG + "svg"
    return root
