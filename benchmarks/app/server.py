"""What uvicorn starts for the measurement."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from civicsight.ui.tiles import routes

app = st.App(Path(__file__).with_name("page.py"), routes=routes())
