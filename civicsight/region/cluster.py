"""Workers for a region: processes of this machine, or a cluster that somebody started.

Who reaches the scheduler of a cluster runs code on it, so that anything beyond this machine goes
by TLS with certificates on both sides, or not at all.

References
----------
Dask.distributed, "TLS/SSL" and "Scheduler": addresses, certificates, allowed failures.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from civicsight.core.errors import N_, SetupError
from civicsight.region.faults import reject

LOCAL: Final = "local"
ANSWERS_S: Final = 10
"""A scheduler that does not answer for so long is not there [s]."""

LOST: Final = frozenset({"KilledWorker", "WorkerStartTimeoutError"})
"""Errors of Dask by which a piece of work, not the cluster, is lost."""

GONE: Final = frozenset({"CancelledError", "CommClosedError", "FutureCancelledError"})
"""Errors by which the scheduler is."""

TLS_SETTINGS: Final = ("ca-file", "client.cert", "client.key")


@contextmanager
def workers_at(address: str, count: int = 0) -> Iterator[Executor]:
    """Give an executor over workers.

    Parameters
    ----------
    address
        ``local`` for processes of this machine, or a scheduler: ``tls://host:port``; one of this
        very machine may be ``tcp://127.0.0.1:port``.
    count
        Processes of this machine; by default one for each core.

    Raises
    ------
    SetupError
        If Dask is not installed, or the scheduler does not answer or went away.
    InputError
        If the address is none, or would go over a network in the clear.
    """
    if find_spec("distributed") is None:
        raise SetupError(N_("workers need Dask. Install it: pip install 'civicsight[cluster]'"))
    if address != LOCAL:
        require_safe(address)
    import distributed

    opened = _local(distributed, count) if address == LOCAL else _remote(distributed, address)
    with opened as client:
        try:
            yield client.get_executor(pure=False)
        except Exception as error:
            if type(error).__name__ in GONE:
                raise SetupError(_GONE) from error
            raise


@contextmanager
def _local(distributed: Any, count: int) -> Iterator[Any]:
    """Start processes, each with one thread, that listen to this machine alone."""
    with (
        distributed.LocalCluster(
            n_workers=count or None,
            threads_per_worker=1,
            host="127.0.0.1",
            # Without a page, and not on Dask's usual port: somebody's notebook may have it.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            # What is wrong with a piece of work comes back as its error; a log tells of goodbyes.
            silence_logs=logging.CRITICAL,
            env={"CIVICSIGHT_THREADS": "1"},
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@contextmanager
def _remote(distributed: Any, address: str) -> Iterator[Any]:
    secure = address.startswith("tls://")
    security = distributed.Security(require_encryption=True) if secure else None
    if security is not None:
        told = (security.tls_ca_file, security.tls_client_cert, security.tls_client_key)
        missing = [name for name, value in zip(TLS_SETTINGS, told, strict=True) if not value]
        if missing:
            names = ", ".join(f"distributed.comm.tls.{name}" for name in missing)
            raise SetupError(N_("TLS needs certificates; set %(names)s", names=names))
    try:
        client = distributed.Client(address, timeout=ANSWERS_S, security=security)
    except (OSError, TimeoutError, ValueError) as error:
        raise SetupError(
            N_(
                "no scheduler answers at %(address)s: %(reason)s",
                address=address,
                reason=str(error)[:200],
            )
        ) from error
    with client:
        yield client


def require_safe(address: str) -> None:
    """Refuse an address that goes over a network in the clear.

    Raises
    ------
    InputError
        If it is none, or not encrypted and not of this machine.

    Examples
    --------
    >>> require_safe("tcp://127.0.0.1:8786")
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port is None or parts.scheme not in ("tls", "tcp") or parts.username:
        reject("cluster.address:form", field="--cluster", found=address)
    if parts.scheme == "tcp" and not _is_own(host):
        reject("cluster.address:plain", field="--cluster", found=address)


def _is_own(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_GONE: Final = N_(
    "the scheduler went away. Run the same command again: what was done is kept, and it goes on "
    "where it stood"
)


def lost_by(error: BaseException) -> SetupError | None:
    """Return what to say of a piece of work whose workers died again and again, else None."""
    if type(error).__name__ not in LOST:
        return None
    return SetupError(
        N_(
            "its workers were killed again and again, most likely for want of memory; give workers "
            "more, or cut the region into smaller parts"
        )
    )
