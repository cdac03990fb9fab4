"""EDFlib (Debian: libedf1), a library that others wrote, as writer and reader of EDF and BDF."""
import ctypes

import numpy

EDFPLUS, BDFPLUS = 1, 3
UNIT = 10000000  # of its times, a second


class Parameter(ctypes.Structure):
    _fields_ = [("label", ctypes.c_char * 17), ("smp_in_file", ctypes.c_longlong),
                ("phys_max", ctypes.c_double), ("phys_min", ctypes.c_double),
                ("dig_max", ctypes.c_int), ("dig_min", ctypes.c_int),
                ("smp_in_datarecord", ctypes.c_int), ("physdimension", ctypes.c_char * 9),
                ("prefilter", ctypes.c_char * 81), ("transducer", ctypes.c_char * 81)]


class Header(ctypes.Structure):
    _fields_ = [("handle", ctypes.c_int), ("filetype", ctypes.c_int), ("edfsignals", ctypes.c_int),
                ("file_duration", ctypes.c_longlong), ("startdate_day", ctypes.c_int),
                ("startdate_month", ctypes.c_int), ("startdate_year", ctypes.c_int),
                ("starttime_subsecond", ctypes.c_longlong), ("starttime_second", ctypes.c_int),
                ("starttime_minute", ctypes.c_int), ("starttime_hour", ctypes.c_int),
                ("patient", ctypes.c_char * 81), ("recording", ctypes.c_char * 81),
                ("patientcode", ctypes.c_char * 81), ("gender", ctypes.c_char * 16),
                ("birthdate", ctypes.c_char * 16), ("birthdate_day", ctypes.c_int),
                ("birthdate_month", ctypes.c_int), ("birthdate_year", ctypes.c_int),
                ("patient_name", ctypes.c_char * 81), ("patient_additional", ctypes.c_char * 81),
                ("admincode", ctypes.c_char * 81), ("technician", ctypes.c_char * 81),
                ("equipment", ctypes.c_char * 81), ("recording_additional", ctypes.c_char * 81),
                ("datarecord_duration", ctypes.c_longlong),
                ("datarecords_in_file", ctypes.c_longlong),
                ("annotations_in_file", ctypes.c_longlong), ("signalparam", Parameter * 640)]


class Annotation(ctypes.Structure):
    _fields_ = [("onset", ctypes.c_longlong), ("duration_l", ctypes.c_longlong),
                ("duration", ctypes.c_char * 16), ("annotation", ctypes.c_char * 513)]


def library():
    lib = ctypes.CDLL("libedf.so.1")
    number, text, real = ctypes.c_int, ctypes.c_char_p, ctypes.c_double
    for name, *arguments in [("edf_set_physical_maximum", number, real),
                             ("edf_set_physical_minimum", number, real),
                             ("edf_set_digital_maximum", number, number),
                             ("edf_set_digital_minimum", number, number),
                             ("edf_set_samplefrequency", number, number),
                             ("edf_set_label", number, text),
                             ("edf_set_prefilter", number, text),
                             ("edf_set_transducer", number, text),
                             ("edf_set_physical_dimension", number, text),
                             ("edf_set_patientname", text), ("edf_set_patientcode", text),
                             ("edf_set_startdatetime", *[number] * 6),
                             ("edf_set_datarecord_duration", number),
                             ("edf_set_subsecond_starttime", number),
                             ("edfwrite_digital_samples", ctypes.c_void_p),
                             ("edfwrite_annotation_utf8", ctypes.c_longlong, ctypes.c_longlong,
                              text),
                             ("edfread_digital_samples", number, number, ctypes.c_void_p),
                             ("edf_get_annotation", number, ctypes.c_void_p)]:
        getattr(lib, name).argtypes = [number, *arguments]
    lib.edfopen_file_readonly.argtypes = [text, ctypes.c_void_p, number]
    lib.edfopen_file_writeonly.argtypes = [text, number, number]
    return lib


def write(path, signals, start=(2002, 3, 2, 14, 27, 5), annotations=(), kind=EDFPLUS,
          record_s=1.0, subsecond=0, name=b"", code=b""):
    """Write edf.Signals; annotations: (onset in s, duration in s or -1, text)."""
    lib = library()
    handle = lib.edfopen_file_writeonly(str(path).encode(), kind, len(signals))
    assert handle >= 0, handle

    def check(function, *arguments):
        assert getattr(lib, function)(handle, *arguments) == 0, function

    for i, signal in enumerate(signals):
        check("edf_set_samplefrequency", i, round(signal.rate * record_s))
        check("edf_set_physical_maximum", i, signal.physical[1])
        check("edf_set_physical_minimum", i, signal.physical[0])
        check("edf_set_digital_maximum", i, signal.digital[1])
        check("edf_set_digital_minimum", i, signal.digital[0])
        check("edf_set_label", i, signal.label.encode())
        check("edf_set_physical_dimension", i, signal.units.encode())
        check("edf_set_prefilter", i, signal.prefilter.encode())
        check("edf_set_transducer", i, signal.transducer.encode())
    check("edf_set_startdatetime", *start)
    check("edf_set_subsecond_starttime", int(subsecond * UNIT))
    if record_s != 1:
        check("edf_set_datarecord_duration", round(record_s * 100000))
    check("edf_set_patientname", name)
    check("edf_set_patientcode", code)
    n_records = len(signals[0].samples) // round(signals[0].rate * record_s)
    for record in range(n_records):
        for signal in signals:
            n = round(signal.rate * record_s)
            part = numpy.ascontiguousarray(signal.samples[record * n:(record + 1) * n], "<i4")
            check("edfwrite_digital_samples", part.ctypes.data)
    for onset, duration, text in annotations:
        check("edfwrite_annotation_utf8", round(onset * 10000),
              -1 if duration < 0 else round(duration * 10000), text.encode())
    assert lib.edfclose_file(handle) == 0


def read(path):
    """(header, digital samples a signal, [(onset s, duration s or -1, text)])"""
    lib = library()
    header = Header()
    status = lib.edfopen_file_readonly(str(path).encode(), ctypes.byref(header), 2)
    assert status == 0, header.filetype
    signals = []
    for i in range(header.edfsignals):
        samples = numpy.zeros(header.signalparam[i].smp_in_file, "<i4")
        n = lib.edfread_digital_samples(header.handle, i, len(samples), samples.ctypes.data)
        assert n == len(samples)
        signals.append(samples)
    annotations = []
    for i in range(header.annotations_in_file):
        found = Annotation()
        assert lib.edf_get_annotation(header.handle, i, ctypes.byref(found)) == 0
        duration = found.duration_l / UNIT if found.duration else -1
        annotations.append((found.onset / UNIT, duration, found.annotation.decode()))
    lib.edfclose_file(header.handle)
    return header, signals, annotations
