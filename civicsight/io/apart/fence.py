"""What fences in a process that reads a file: calls of Linux, a job of Windows, formats of GDAL.

All of it holds for the process that asks and for whatever it starts, and none can be taken back. A
fence that the system has is put up, or nothing is read: only what a kernel lacks is done without.
On Linux the order is: name spaces, capabilities, no new rights, bounds, Landlock, and last the
filter of calls, for it forbids what puts up the others. Then the kernel is asked what stands.
GDAL opens formats of an allow-list alone, looked at before any file. What is done on Windows was
written after the manuals and not tried: we had no Windows. Network and files are not fenced off
there.

References
----------
Linux, "Landlock: unprivileged access control"; landlock(7), prctl(2), unshare(2), getrlimit(2),
capabilities(7), proc_pid_status(5).
Microsoft, "Job Objects", JOBOBJECT_EXTENDED_LIMIT_INFORMATION.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

from civicsight.core.errors import N_, SetupError, Text
from civicsight.io.apart import seccomp
from civicsight.io.file_formats import FORMATS

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Calls of Landlock, the same on all machines."""

VERSION: Final = 1
BENEATH: Final = 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
RIGHTS: Final = (13, 14, 15, 15, 16)
"""How many rights over files each version of Landlock knows; later ones know no more."""

WRITE_FILE: Final = 1 << 1
OWN: Final = READ_FILE | READ_DIR | WRITE_FILE | sum(1 << at for at in (4, 5, 7, 8, 12, 13, 14))
"""Rights in the scratch folder: remove and make folders, files and links, move, cut short; there
are no devices, no pipes and no sockets with a name, and nothing is started from there."""

CONNECT_AND_BIND, TO_OTHERS = 0b11, 0b11
NET_SINCE, SCOPES_SINCE = 4, 6

NO_NEW_PRIVS, DEATH_SIGNAL, SUBREAPER = 38, 1, 36
BOUNDING_HAS, BOUNDING_DROP, AMBIENT, AMBIENT_CLEAR = 23, 24, 47, 4
NEW_NET, NEW_USER = 0x40000000, 0x10000000

CAPABILITIES: Final = struct.pack("=Ii", 0x20080522, 0)
"""Head of what capget(2) and capset(2) take: their third version, for the process that asks."""

SETPCAP: Final = 1 << 8
"""The capability to take capabilities out of the bounding set."""

STATUS: Final = "/proc/self/status"
SETS: Final = ("CapInh", "CapPrm", "CapEff", "CapAmb")

SCRATCH: Final = "civicsight-read-held-"
"""How the name of a scratch folder begins; before, folders of that name were not locked."""

OPEN_FILES: Final = 256
LOWEST: Final = 19

SYSTEM: Final = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime",
                 "/etc/mime.types", "/dev/urandom", "/sys/devices/system/cpu")  # fmt: skip
"""What Python and its libraries read of the system; no home, no data of others. Of ``/opt``, where
other programs keep theirs, it is what Python lies in and what a variable names."""

ELSEWHERE: Final = ("GDAL_DATA", "LD_LIBRARY_PATH", "PROJ_DATA", "PROJ_LIB")
"""Variables in which an operator names folders of libraries."""

OURS: Final = Path(__file__).resolve().parents[2]
"""The package itself, from which modules are imported when they are needed."""

NO_NETWORK: Final = N_(
    "no network of its own: formats that fetch something and proxies are closed instead"
)
NO_FILES: Final = N_("files are not fenced off: it may read what this user may read")
NO_FENCE: Final = N_("memory is bounded by the system alone, which may not hold it")
NO_FILTER: Final = N_(
    "system calls are not filtered: it may start programs, change modes of files and call services "
    "of this machine"
)
FILTER_ALONE: Final = N_("no network of its own: the filter of system calls alone keeps it offline")
OLD_LANDLOCK: Final = {
    3: N_("the kernel is old: it may cut short files of this user"),
    5: N_("the kernel is old: it may control devices of this user"),
    6: N_("the kernel is old: it may end programs of this user"),
}
"""What versions of Landlock before these let a reading process do, unless calls are filtered."""

NO_COUNT: Final = N_("the kernel does not count what it writes: each of its files is bounded alone")

GRAVE: Final = frozenset({NO_FILES.template, NO_FILTER.template})
"""Of what a system may lack, that without which the file of another person is not read."""


LACKING: Final = frozenset({errno.ENOSYS, errno.EOPNOTSUPP})
"""How a kernel says that it was built or started without a call."""

NOT_GIVEN: Final = LACKING | {
    errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOSPC, errno.EUSERS
}  # fmt: skip
"""How a system says that it gives this user no network of its own: containers forbid it, hardened
systems count to nought, small kernels are built without. Then `lacks` says so."""

STARVED: Final = frozenset({errno.ENOMEM, errno.EAGAIN})


def refuse_unfenced(call: str, error: OSError | ValueError) -> NoReturn:
    """Refuse to read where the system has a fence and does not put it up.

    Parameters
    ----------
    call
        The call that failed, as an administrator looks it up.
    error
        What the system answered.

    Raises
    ------
    SetupError
        Always; whatever is read fails by it.
    """
    code = error.errno if isinstance(error, OSError) else None
    found = str(error) if code is None else os.strerror(code)
    if code in STARVED:
        text = N_(
            "No file is read, because the reading process cannot be protected. The system refused "
            "%(call)s: %(found)s. Free memory, then try again.",
            call=call,
            found=found,
        )
    else:
        text = N_(
            "No file is read, because the reading process cannot be protected. The system refused "
            "%(call)s: %(found)s. Allow this call in the security rules of the container or "
            "service, then try again.",
            call=call,
            found=found,
        )
    raise SetupError(text) from error


@cache
def _libc() -> ctypes.CDLL:
    """Return the C library; opened once, for a reading process makes a hundred calls."""
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *values: object) -> int:
    """Call the system.

    Raises
    ------
    OSError
        With the number of its error.
    """
    done = int(getattr(_libc(), name)(*values))
    if done == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return done


def _must(told: str, name: str, *values: object) -> int:
    """Call the system, and read nothing if it refuses."""
    try:
        return _call(name, *values)
    except OSError as error:
        refuse_unfenced(told, error)


def is_linux() -> bool:
    """Tell whether these calls are there at all."""
    return sys.platform == "linux"


def is_root() -> bool:
    """Tell whether root runs this process."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


@cache
def landlock_version() -> int:
    """Return the version of Landlock that the system has, 0 where it has none.

    Asked once: what a fork puts up is what was said of the process that it comes from.

    Raises
    ------
    SetupError
        If the kernel has it and does not tell.
    """
    if not is_linux():
        return 0
    try:
        return _call("syscall", CREATE_RULESET, None, 0, VERSION)
    except OSError as error:
        if error.errno in LACKING:
            return 0
        refuse_unfenced("landlock_create_ruleset", error)


def leave_network() -> bool:
    """Move this process into a network of its own, in which there is nothing; tell if it worked.

    Whoever is not allowed to becomes its own master first, in a list of users of its own.

    Raises
    ------
    SetupError
        If it fails for another reason than that the system does not give it.
    """
    if not is_linux():
        return False
    user, group = os.getuid(), os.getgid()
    if _is_given(NEW_NET):
        return True
    if not _is_given(NEW_USER | NEW_NET):
        return False
    for name, said in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        try:
            Path("/proc/self", name).write_text(said, encoding="ascii")
        except OSError as error:
            refuse_unfenced(f"/proc/self/{name}", error)
    return True


def _is_given(spaces: int) -> bool:
    """Move this process into name spaces of its own; tell if the system gives them."""
    try:
        return _call("unshare", spaces) == 0
    except OSError as error:
        if error.errno in NOT_GIVEN:
            return False
        refuse_unfenced("unshare", error)


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind, so that it can be ended."""
    _must("prctl(PR_SET_CHILD_SUBREAPER)", "prctl", SUBREAPER, 1, 0, 0, 0)


def follow_parent(parent: int) -> None:
    """End with the process that started this one."""
    _must("prctl(PR_SET_PDEATHSIG)", "prctl", DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def limit(memory: int, seconds: float, disk: int) -> None:
    """Bound what this process may take.

    Parameters
    ----------
    memory
        Bytes of address space beside what the libraries have mapped by now.
    seconds
        Time of a processor [s].
    disk
        Bytes of a file that it writes.

    Raises
    ------
    SetupError
        If the system refuses a bound.
    """
    import resource

    whole = int(seconds) + 1
    for name, most in (
        ("RLIMIT_AS", memory + mapped()),
        ("RLIMIT_FSIZE", disk),
        ("RLIMIT_CPU", whole),
        ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_CORE", 0),
    ):
        kind = getattr(resource, name)
        try:
            hard = resource.getrlimit(kind)[1]
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (least, least))
        except (OSError, ValueError) as error:
            refuse_unfenced(f"setrlimit({name})", error)
    try:
        os.nice(LOWEST)
    except OSError as error:
        refuse_unfenced("setpriority", error)


def mapped() -> int:
    """Return the address space that this process has taken [bytes]; 0 where it is not told."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def drop_capabilities() -> bool:
    """Give up all capabilities, also those that root or an own list of users gives.

    Returns
    -------
    bool
        Whether the bounding set is empty too. Only a process that has `SETPCAP` can empty it; to
        any other that gets no new rights it gives nothing.

    Raises
    ------
    SetupError
        If the system refuses it.
    """
    held = ctypes.create_string_buffer(24)
    _must("capget", "capget", CAPABILITIES, held)
    (effective,) = struct.unpack_from("=I", held.raw)
    bounded = bool(effective & SETPCAP)
    for number in range(64 if bounded else 0):
        try:
            has = _call("prctl", BOUNDING_HAS, number, 0, 0, 0)
        except OSError as error:
            if error.errno == errno.EINVAL:  # the kernel knows no more
                break
            refuse_unfenced("prctl(PR_CAPBSET_READ)", error)
        if has:
            _must("prctl(PR_CAPBSET_DROP)", "prctl", BOUNDING_DROP, number, 0, 0, 0)
    _must("prctl(PR_CAP_AMBIENT)", "prctl", AMBIENT, AMBIENT_CLEAR, 0, 0, 0)
    _must("capset", "capset", CAPABILITIES, bytes(24))
    return bounded


def forgo_rights() -> None:
    """Let nothing that is started have more rights than this process.

    Raises
    ------
    SetupError
        If the system refuses it.
    """
    _must("prctl(PR_SET_NO_NEW_PRIVS)", "prctl", NO_NEW_PRIVS, 1, 0, 0, 0)


@cache
def has_filter() -> bool:
    """Tell whether the system filters calls, and this machine's calls are known.

    Raises
    ------
    SetupError
        If the kernel has it and does not tell.
    """
    if not seccomp.is_known():
        return False
    try:
        return seccomp.is_there()
    except OSError as error:
        if error.errno in LACKING:
            return False
        refuse_unfenced("seccomp", error)


def filter_calls() -> None:
    """Leave this process no calls but those that readers need, where the system has a filter.

    Raises
    ------
    SetupError
        If the system has one and refuses it.
    """
    if not has_filter():
        return
    try:
        seccomp.install()
    except OSError as error:
        refuse_unfenced("seccomp", error)


def open_status() -> int:
    """Open what the kernel says of this process; once Landlock is up, that is no longer opened.

    Raises
    ------
    SetupError
        If the system does not say it.
    """
    try:
        return os.open(STATUS, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        refuse_unfenced(STATUS, error)


def require_fenced(status: int, *, bounded: bool) -> None:
    """Look whether all that was put up stands, and close what `open_status` opened.

    Parameters
    ----------
    status
        What `open_status` returned.
    bounded
        Whether the bounding set of capabilities has to be empty.

    Raises
    ------
    SetupError
        If something does not stand, although no call failed: then nothing may be read.
    """
    wanted = dict.fromkeys(SETS, 0) | {"NoNewPrivs": 1}
    wanted |= {"CapBnd": 0} if bounded else {}
    wanted |= {"Seccomp": 2} if has_filter() else {}
    lines = os.read(status, 1 << 16).decode("ascii", "replace").splitlines()
    os.close(status)
    told = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    wrong = [
        f"{name} {told.get(name, '-')}"
        for name, value in wanted.items()
        if int(told.get(name, "-1"), 16) != value
    ]
    # A container has a filter of its own, so what ours refuses is tried too.
    with contextlib.suppress(PermissionError):
        if has_filter():
            socket.socket(socket.AF_UNIX).close()
            wrong.append("seccomp")
    with contextlib.suppress(PermissionError):
        if landlock_version():
            os.close(os.open(STATUS, os.O_RDONLY))
            wrong.append("Landlock")
    if wrong:
        raise SetupError(
            N_(
                "No file is read, because the reading process is not protected: %(found)s. The "
                "system reported no error. Ask its administrator which program changes system "
                "calls here.",
                found=", ".join(wrong),
            )
        )


def close_files(read: Iterable[Path], scratch: Path) -> None:
    """Leave this process nothing but certain files, where there is Landlock.

    Parameters
    ----------
    read
        Files and folders that it may read; of a file also those beside it that belong to it, by
        name.
    scratch
        Folder in which it may do what it likes.

    Raises
    ------
    SetupError
        If the system has Landlock and refuses any part of it.
    """
    version = landlock_version()
    if not version:
        return
    known = (1 << RIGHTS[min(version, len(RIGHTS)) - 1]) - 1
    said = struct.pack(
        "=QQQ",
        known,
        CONNECT_AND_BIND if version >= NET_SINCE else 0,
        TO_OTHERS if version >= SCOPES_SINCE else 0,
    )
    size = 24 if version >= SCOPES_SINCE else 16 if version >= NET_SINCE else 8
    rules = _must("landlock_create_ruleset", "syscall", CREATE_RULESET, said, size, 0)
    look = READ_FILE | READ_DIR
    ours: list[str | Path] = [*SYSTEM, sys.prefix, sys.base_prefix, OURS]
    ours += [path for path in sys.path if path.endswith("-packages")]  # of this user, say
    named = os.pathsep.join(os.environ.get(name, "") for name in ELSEWHERE).split(os.pathsep)
    ours += filter(os.path.isabs, named)
    for place in ours:
        _grant(rules, place, look)
    for path in read:
        _grant(rules, path, look)
        if not path.is_dir():
            _grant(rules, path.parent, READ_DIR)
            for beside in _belonging(path):
                _grant(rules, beside, READ_FILE)
    _grant(rules, "/dev/null", READ_FILE | WRITE_FILE)
    _grant(rules, scratch, known & OWN)
    _must("landlock_restrict_self", "syscall", RESTRICT_SELF, rules, 0)
    os.close(rules)


def _belonging(file: Path) -> Iterator[Path]:
    """Yield what lies beside a file under its name: parts of a Shapefile, journals, masks."""
    starts = (f"{file.stem}.".lower(), f"{file.name}-".lower())
    with contextlib.suppress(OSError):
        yield from (path for path in file.parent.iterdir() if path.name.lower().startswith(starts))


def _grant(rules: int, path: str | Path, rights: int) -> None:
    """Allow something at a path and below; what is not there needs no right."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (OSError, ValueError):
        return
    try:
        if not os.path.isdir(path):  # noqa: PTH112 - a path of any kind
            rights &= READ_FILE | WRITE_FILE
        rule = struct.pack("=Qi", rights, place)
        _must("landlock_add_rule", "syscall", ADD_RULE, rules, BENEATH, rule, 0)
    finally:
        os.close(place)


def lacks(*, network: bool) -> tuple[Text, ...]:
    """Say what this system does not give; `network` tells whether `leave_network` worked."""
    if not is_linux():
        return (NO_FENCE, NO_NETWORK, NO_FILES)
    filtered, version = has_filter(), landlock_version()
    missing = [] if filtered else [NO_FILTER]
    if not network:
        missing.append(FILTER_ALONE if filtered else NO_NETWORK)
    if not version:
        missing.append(NO_FILES)
    elif not filtered:
        missing += [text for since, text in OLD_LANDLOCK.items() if version < since]
    if not Path("/proc/self/io").exists():
        missing.append(NO_COUNT)
    return tuple(missing)


OWN_DRIVERS: Final = frozenset({"MEM", "Memory"})
"""Formats without a file, which libraries make themselves."""

ALLOWED: Final = OWN_DRIVERS | {name for entry in FORMATS for name in entry.drivers}

CLOSED: Final = {
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "PROJ_NETWORK": "OFF",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GDAL_DRIVER_PATH": "disable",
    "OGR_DRIVER_PATH": "disable",
    "CPL_LOG": os.devnull,
}
"""What keeps GDAL, PROJ and all else from fetching anything, and from loading plugins."""

AGAIN: Final = "CIVICSIGHT_GDAL_AGAIN"

SKIP: Final = "GDAL_SKIP"
"""Names that GDAL leaves out. The comma is what parts them: in a list with blanks nothing is left
out, and only a line is printed. With the list in `OGR_SKIP` as well a process was seen to abort."""

OTHERS: Final = """
ACE2, ADBC, ADRG, AIG, AIVector, AVCBin, AVCE00, AirSAR, AmigoCloud, BAG, BIGGIF,
BLX, BMP, BSB, BT, BYN, CALS, CEOS, COASP, COG, COSAR, CPG, CSV, CSW, CTG, CTable2, Carto,
DAAS, DERIVED, DGN, DIMAP, DIPEx, DOQ1, DOQ2, DTED, DXF, ECRGTOC, EDIGEO, EEDA, EEDAI, EHdr,
EIR, ELAS, ENVI, ERS, ESAT, ESRIC, ESRIJSON, Elasticsearch, FAST, FIT, GDALG, GFF, GIF, GML,
GNMDatabase, GNMFile, GPKG, GPSBabel, GPX, GRASSASCIIGrid, GRIB, GS7BG, GSAG, GSBG, GSC,
GTFS, GTI, GTX, GXF, GenBin, GeoJSON, GeoJSONSeq, GeoRSS, HDF5, HDF5Image, HF2, HFA, HTTP,
ILWIS, IRIS, ISCE, ISG, ISIS2, ISIS3, Idrisi, JAXAPALSAR, JDEM, JML, JP2OpenJPEG, JPEG,
JSONFG, KML, KMLSUPEROVERLAY, KRO, L1B, LAN, LCP, LIBKML, LOSLAS, LVBAG, Leveller, MAP,
MBTiles, MFF, MFF2, MRF, MSGN, MVT, MapInfo File, MapML, MiraMonVector, NDF, NGSGEOID, NGW,
NITF, NOAA_B, NSIDCbin, NTv2, NWT_GRC, NWT_GRD, OAPIF, ODS, OGCAPI, OGR_GMT, OGR_PDS,
OGR_VRT, OSM, OZI, OpenFileGDB, PAux, PCIDSK, PCRaster, PDF, PDS, PDS4, PGDUMP, PLMOSAIC,
PLSCENES, PMTiles, PNG, PNM, PRF, R, RIK, RMF, ROI_PAC, RPFTOC, RRASTER, RS2, RST,
Rasterlite, S102, S104, S111, S57, SAFE, SAGA, SAR_CEOS, SDTS, SENTINEL2, SGI, SIGDEM,
SNAP_TIFF, SNODAS, SQLite, SRP, STACIT, STACTA, SXF, Selafin, TGA, TIL, TSX, Terragen,
TopoJSON, USGSDEM, VDV, VFK, VICAR, VRT, WAsP, WCS, WEBP, WFS, WMS, WMTS, XLSX, XPM, XYZ,
ZMap, Zarr, netCDF
"""
"""What the builds of GDAL that we know would open; those that are allowed are left in."""


def known_drivers() -> frozenset[str]:
    """Return the names of all drivers that either copy of GDAL would try."""
    import pyogrio
    from rasterio.env import Env

    with Env() as env:
        return frozenset(pyogrio.list_drivers()) | frozenset(env.drivers())


def environment() -> dict[str, str]:
    """Return what a process is started with in which GDAL opens only what is allowed."""
    names = {name.strip() for name in OTHERS.replace("\n", " ").split(",")}
    return {**CLOSED, SKIP: ",".join(sorted(names - ALLOWED))}


def require_allowed() -> None:
    """Refuse to go on if GDAL would open a format that is not on the list.

    A build of GDAL that knows more than we do is started anew, once, with those left out as well.

    Raises
    ------
    SetupError
        With the names of the drivers.
    """
    left = known_drivers() - ALLOWED
    if left and AGAIN not in os.environ:
        os.environ.update({SKIP: ",".join([os.environ.get(SKIP, ""), *sorted(left)]), AGAIN: "1"})
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - ourselves
    if left:
        raise SetupError(
            N_("GDAL would open more formats than it may: %(names)s", names=", ".join(sorted(left)))
        )


PROCESS_TIME, ACTIVE_PROCESS, PRIORITY, PROCESS_MEMORY = 0x2, 0x8, 0x20, 0x100
DIE_ON_EXCEPTION, KILL_ON_CLOSE = 0x400, 0x2000
EXTENDED: Final = 9
IDLE: Final = 0x40
TICKS: Final = 10_000_000
"""Units of time in a second: 100 ns."""

SIZE = ctypes.c_size_t


class Basic(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_set", SIZE),
        ("most_set", SIZE),
        ("processes", ctypes.c_uint32),
        ("affinity", SIZE),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class Extended(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("basic", Basic),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", SIZE),
        ("job_memory", SIZE),
        ("process_peak", SIZE),
        ("job_peak", SIZE),
    )


def limit_by_job(memory: int, seconds: float) -> None:
    """Put this process into a job of its own, which ends with it.

    Parameters
    ----------
    memory
        Bytes that it may ask for.
    seconds
        Time of a processor [s].

    Raises
    ------
    SetupError
        If the system does not allow it: then nothing is read.
    """
    kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job, process = kernel.CreateJobObjectW(None, None), kernel.GetCurrentProcess()
    asked = Extended()
    asked.basic.flags = PROCESS_TIME | ACTIVE_PROCESS | PRIORITY | PROCESS_MEMORY
    asked.basic.flags |= DIE_ON_EXCEPTION | KILL_ON_CLOSE
    asked.basic.process_time = int(seconds * TICKS)
    asked.basic.processes, asked.basic.priority = 1, IDLE
    asked.process_memory = memory
    size = ctypes.sizeof(asked)
    handle = ctypes.c_void_p(job)
    done = kernel.SetInformationJobObject(handle, EXTENDED, ctypes.byref(asked), size)
    if not done or not kernel.AssignProcessToJobObject(handle, ctypes.c_void_p(process)):
        refuse_unfenced("AssignProcessToJobObject", ctypes.WinError(kernel.GetLastError()))  # type: ignore[attr-defined,unused-ignore]
