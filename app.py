"""The app: `streamlit run app.py` or `python app.py`."""

from __future__ import annotations

import streamlit as st

from civicsight.ui.config import OPTIONS, SCRIPT
from civicsight.ui.serve import parts

app = st.App(SCRIPT, **parts(announces=True))

if __name__ == "__main__":
    app.run(config=OPTIONS)
