"""Damage to a recording, written so that the checksums around it still match."""
import struct

HEADER = 1024
INDEX_BYTES = 56

# Where fields stand in a file; see the tables of the format.
VERSION, BYTE_ORDER, TYPE = 13, 15, 8
N_ENTRIES = 32
LEVEL_OF_SECTION_2 = 1024
SECTION_2 = 2560
RATE = SECTION_2 + 6160
FACTOR = SECTION_2 + 6200
START_SAMPLE, N_SAMPLES, N_BLOCKS = SECTION_2 + 6352, SECTION_2 + 6360, SECTION_2 + 6368
MOST_BLOCK_BYTES, MOST_BLOCK_SAMPLES = SECTION_2 + 6376, SECTION_2 + 6384
TIME_OFFSET = 13312

# In an entry of the index.
INDEX_OFFSET, INDEX_TIME, INDEX_START, INDEX_SAMPLES, INDEX_BLOCK_BYTES = 0, 8, 16, 24, 28

# In a block.
BLOCK_FLAGS, BLOCK_DIFFERENCES, BLOCK_SAMPLES, BLOCK_BYTES = 4, 28, 32, 36
BLOCK_TIME, BLOCK_COUNTS, BLOCK_PAYLOAD = 40, 48, 304


def _table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xEB31D82E if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _table()


def crc(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = _TABLE[(value ^ byte) & 0xFF] ^ (value >> 8)
    return value


class Segment:
    """The files of one segment of a channel, to be written into."""

    def __init__(self, session, channel, number=0):
        name = f"{channel}-{number:06}"
        self.folder = session / f"{channel}.timd" / f"{name}.segd"
        self.tmet = self.folder / f"{name}.tmet"
        self.tidx = self.folder / f"{name}.tidx"
        self.tdat = self.folder / f"{name}.tdat"

    def put(self, path, at, layout, *values):
        """Write fields into a file and mend its checksums."""
        data = bytearray(path.read_bytes())
        struct.pack_into("<" + layout, data, at, *values)
        path.write_bytes(data)
        self.mend(path)

    def mend(self, path):
        data = bytearray(path.read_bytes())
        struct.pack_into("<I", data, 4, crc(data[HEADER:]))
        struct.pack_into("<I", data, 0, crc(data[4:HEADER]))
        path.write_bytes(data)

    def cut(self, path, n):
        path.write_bytes(path.read_bytes()[:n])

    def index(self, block):
        """An entry of the index: (offset, time, start sample, samples, bytes)."""
        return struct.unpack_from("<qqqII", self.tidx.read_bytes(), HEADER + INDEX_BYTES * block)

    def put_index(self, block, field, layout, value):
        self.put(self.tidx, HEADER + INDEX_BYTES * block + field, layout, value)

    def put_block(self, block, field, layout, *values):
        """Write into a block and mend the block's checksum, as far as it reaches."""
        at, _, _, _, n = self.index(block)
        data = bytearray(self.tdat.read_bytes())
        struct.pack_into("<" + layout, data, at + field, *values)
        struct.pack_into("<I", data, at, crc(data[at + 4:at + n]))
        self.tdat.write_bytes(data)
        self.mend(self.tdat)

    def flip(self, block, at):
        """Flip a bit of a block and leave its checksum as it was."""
        data = bytearray(self.tdat.read_bytes())
        data[self.index(block)[0] + at] ^= 0x10
        self.tdat.write_bytes(data)
        self.mend(self.tdat)
