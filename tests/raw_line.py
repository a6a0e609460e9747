"""A client of the app that is no browser: it sends what it likes, and notes what it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

from civicsight.ui.access.start import cookie_of
from tests.ui_server import TOKEN

WAIT_S = 120
TICKET = re.compile(rb'"ticket":\s*"([\w-]+)"')


@contextmanager
def raw_line(address: str, page: str) -> Iterator[Line]:
    """Open a session of a page as a browser does, without one."""
    jar = CookieJar()
    opener = build_opener(HTTPCookieProcessor(jar))
    with opener.open(f"{address}/_stcore/health", timeout=WAIT_S):
        pass
    start = "=".join(cookie_of(TOKEN, int(address.rpartition(":")[2])))
    cookie = "; ".join([start, *(f"{one.name}={one.value}" for one in jar)])
    with connect(
        f"{address.replace('http', 'ws')}/_stcore/stream",
        subprotocols=["streamlit"],
        additional_headers={"Cookie": cookie, "Origin": address},
        max_size=None,
    ) as socket:
        line = Line(address, page, socket, cookie)
        line.run()
        yield line


class Line:
    """One session: what it was shown last, and how to ask for more."""

    def __init__(self, address: str, page: str, socket: Any, cookie: str) -> None:
        self.address, self.page, self.socket, self.cookie = address, page, socket, cookie
        self.session, self.elements, self.ticket = "", [], b""
        self.query = "lang=en"

    def run(self, *widgets: WidgetState) -> None:
        """Have the page run with the states of some widgets, and note what it shows."""
        asked = BackMsg()
        asked.rerun_script.query_string = self.query
        asked.rerun_script.page_name = self.page
        asked.rerun_script.widget_states.widgets.extend(widgets)
        self.socket.send(asked.SerializeToString())
        self.listen()

    def listen(self) -> None:
        """Note what is shown until the run is over."""
        again = True
        while again:
            content = self.socket.recv(timeout=WAIT_S)
            told = ForwardMsg()
            told.ParseFromString(content)
            found = TICKET.search(content)
            self.ticket = found[1] if found else self.ticket
            kind = told.WhichOneof("type")
            if kind == "new_session":
                self.session = told.new_session.initialize.session_id or self.session
                self.elements = []
            elif kind == "delta" and told.delta.HasField("new_element"):
                self.elements.append(told.delta.new_element)
            early = told.FINISHED_EARLY_FOR_RERUN
            again = kind != "script_finished" or told.script_finished == early

    def all(self, kind: str) -> list[Any]:
        """Return what is shown of one kind."""
        return [getattr(one, kind) for one in self.elements if one.WhichOneof("type") == kind]

    def texts(self) -> list[str]:
        """Return the texts that are shown."""
        return [one.body for one in self.all("text")]

    def submit(self, label: str, *widgets: WidgetState) -> None:
        """Press a button with the states of some widgets."""
        button = next(one for one in self.all("button") if one.label == label)
        self.run(*widgets, WidgetState(id=button.id, trigger_value=True))

    def sign_in(self, name: str, password: str) -> None:
        """Sign in by the form, and have the visit kept in the cookie as a browser would."""
        given = {"Account name": name, "Password": password}
        self.submit(
            "Sign in",
            *(
                WidgetState(id=one.id, string_value=given[one.label])
                for one in self.all("text_input")
            ),
        )
        while not self.ticket:
            self.listen()
        url = f"{self.address}/visit"
        asked = Request(url, self.ticket, self.headers(), method="POST")  # noqa: S310 - our own
        with build_opener().open(asked, timeout=WAIT_S) as answer:
            self.cookie += f"; {answer.headers['Set-Cookie'].partition(';')[0]}"
        self.run()

    def headers(self) -> dict[str, str]:
        """Return what a browser sends with each request of the page."""
        token = re.search(r"_streamlit_xsrf=([^;]+)", self.cookie)
        return {
            "Cookie": self.cookie,
            "Origin": self.address,
            "X-Xsrftoken": token[1] if token else "",
        }

    def send_file(self, name: str, content: bytes, file_id: str = "a") -> int:
        """Send a file to the address of this session; return the status that is answered."""
        head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
        body = f"--b\r\n{head}\r\nContent-Type: text/csv\r\n\r\n".encode() + content
        asked = Request(  # noqa: S310 - our own
            f"{self.address}/_stcore/upload_file/{self.session}/{file_id}",
            body + b"\r\n--b--\r\n",
            self.headers() | {"Content-Type": "multipart/form-data; boundary=b"},
            method="PUT",
        )
        try:
            with build_opener().open(asked, timeout=WAIT_S) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code


def sent_files(field: str, *file_ids: str) -> WidgetState:
    """Return the state of a field that says which files were sent."""
    state = WidgetState(id=field)
    for file_id in file_ids:
        one = state.file_uploader_state_value.uploaded_file_info.add()
        one.file_id, one.name, one.size = file_id, "cams.csv", 1
    return state
