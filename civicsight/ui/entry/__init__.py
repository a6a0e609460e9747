"""The script of the server, in a folder of its own.

Beside a folder named `pages`, Streamlit would take the modules in there for scripts and run each by
its own address, past the frame and its sign-in.
"""
