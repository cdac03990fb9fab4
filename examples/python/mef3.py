"""libmef3 from Python, with nothing but ctypes and NumPy.

    with mef3.Session("night.mefd") as session:
        counts, truth = session.read("Cz", session.start_uutc, session.start_uutc + 10_000_000)
        microvolts = session.values("Cz", counts)

The library writes samples where NumPy keeps them: nothing is copied. Copy this file and add what
you want. The library is found by the loader (ldconfig, LD_LIBRARY_PATH), or named by MEF3_LIBRARY.
"""
import ctypes
import os
import threading

import numpy

GAP, DATA, UNREADABLE = 0, 1, 2  # enum mef3_truth
COUNT_NAN = -2**31               # MEF3_COUNT_NAN: the count of what is not data


class Error(Exception):
    """A call of the library failed; `status` is one of enum mef3_status."""

    def __init__(self, status, words):
        super().__init__(words)
        self.status = status


# The structs of mef3/status.h and mef3/session.h. The library's version is checked below: before
# 1.0 they may change with the second number.
class _Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("offset", ctypes.c_int64), ("file", ctypes.c_char * 384),
                ("field", ctypes.c_char * 64), ("expected", ctypes.c_char * 96),
                ("found", ctypes.c_char * 96)]


class _SessionInfo(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("n_channels", ctypes.c_size_t),
                ("n_video_channels", ctypes.c_size_t), ("start_uutc", ctypes.c_int64),
                ("end_uutc", ctypes.c_int64)]  # and more, which is not used here


class _ChannelInfo(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("status", ctypes.c_int),
                ("n_segments", ctypes.c_size_t), ("start_uutc", ctypes.c_int64),
                ("end_uutc", ctypes.c_int64), ("n_samples", ctypes.c_int64),
                ("rate_hz", ctypes.c_double), ("units_factor", ctypes.c_double),
                ("units", ctypes.c_char_p)]  # and more


def _load():
    library = ctypes.CDLL(os.environ.get("MEF3_LIBRARY", "libmef3.so.0"))
    handle, number, time = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64
    counts = numpy.ctypeslib.ndpointer(numpy.int32, ndim=1, flags="C,W")
    truth = numpy.ctypeslib.ndpointer(numpy.uint8, ndim=1, flags="C,W")
    values = numpy.ctypeslib.ndpointer(numpy.float64, ndim=1, flags="C,W")
    given = numpy.ctypeslib.ndpointer(numpy.int32, ndim=1, flags="C")
    error = ctypes.POINTER(_Error)
    for name, answer, arguments in [
            ("version", ctypes.c_char_p, []),
            ("error_text", ctypes.c_char_p, [error, ctypes.c_char_p, number]),
            ("session_open_folder", ctypes.c_int,
             [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(handle), error]),
            ("session_close", None, [handle]),
            ("session_info", ctypes.POINTER(_SessionInfo), [handle]),
            ("channel_info", ctypes.POINTER(_ChannelInfo), [handle, number]),
            ("channel_find", ctypes.c_int64, [handle, ctypes.c_char_p]),
            ("window_samples", ctypes.c_int,
             [time, time, ctypes.c_double, ctypes.POINTER(ctypes.c_int64)]),
            ("read_window", ctypes.c_int,
             [handle, number, time, time, counts, truth, number, ctypes.c_void_p, ctypes.c_void_p,
              error]),
            ("counts_to_f64", None, [given, number, ctypes.c_double, values])]:
        function = getattr(library, "mef3_" + name)
        function.restype, function.argtypes = answer, arguments
    version = library.mef3_version().decode()
    if not version.startswith("0.1."):
        raise ImportError(f"this file knows the structs of libmef3 0.1, not of {version}")
    return library


_library = _load()


def _check(status, error):
    if status != 0:
        text = ctypes.create_string_buffer(512)
        words = _library.mef3_error_text(ctypes.byref(error), text, len(text))
        raise Error(status, words.decode(errors="replace"))


class Session:
    def __init__(self, path, password=None):
        self._handle = ctypes.c_void_p()
        # ctypes lets other threads run while the library works, and a session is for one at a time.
        self._lock = threading.Lock()
        error = _Error()
        _check(_library.mef3_session_open_folder(
            os.fsencode(path), None if password is None else password.encode(),
            ctypes.byref(self._handle), ctypes.byref(error)), error)
        info = _library.mef3_session_info(self._handle).contents
        self.start_uutc, self.end_uutc = info.start_uutc, info.end_uutc
        self.channels = [self._channel(i).name.decode() for i in range(info.n_channels)]

    def close(self):
        with self._lock:
            _library.mef3_session_close(self._handle)
            self._handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _channel(self, number):
        if self._handle is None:
            raise ValueError("the session is closed")
        return _library.mef3_channel_info(self._handle, number).contents

    def rate_hz(self, channel):
        return self._channel(self.channels.index(channel)).rate_hz

    def read(self, channel, start_uutc, end_uutc):
        """The window [start_uutc, end_uutc): counts, and for each its truth."""
        number = self.channels.index(channel)
        with self._lock:
            n, error = ctypes.c_int64(), _Error()
            error.offset = -1
            error.status = _library.mef3_window_samples(
                start_uutc, end_uutc, self._channel(number).rate_hz, ctypes.byref(n))
            _check(error.status, error)
            counts = numpy.empty(n.value, numpy.int32)
            truth = numpy.empty(n.value, numpy.uint8)
            _check(_library.mef3_read_window(
                self._handle, number, start_uutc, end_uutc, counts, truth, n.value, None, None,
                ctypes.byref(error)), error)
        return counts, truth

    def values(self, channel, counts):
        """Counts in the channel's units, as float64; NaN where there is no data."""
        factor = self._channel(self.channels.index(channel)).units_factor
        values = numpy.empty(len(counts), numpy.float64)
        _library.mef3_counts_to_f64(counts, len(counts), factor, values)
        return values
