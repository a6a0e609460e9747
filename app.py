"""The app: `streamlit run app.py` or `python app.py`."""

from __future__ import annotations

import streamlit as st

from civicsight import ui

app = st.App(ui.SCRIPT, **ui.parts(announces=True))

if __name__ == "__main__":
    app.run(config=ui.OPTIONS)
