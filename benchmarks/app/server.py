"""What uvicorn starts for the measurement."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit import config

from civicsight.ui.tiles import routes

# The usual way sends 86 MB for 100,000 buildings, which the app's own settings refuse.
config.set_option("server.maxMessageSize", 500)

app = st.App(Path(__file__).with_name("page.py"), routes=routes())
