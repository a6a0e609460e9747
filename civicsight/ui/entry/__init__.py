"""The script of the server, in a folder of its own: beside a folder named `pages`, Streamlit would
take the modules in there for scripts and run them past the frame, its sign-in included.
"""
