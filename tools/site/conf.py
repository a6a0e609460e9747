"""How Sphinx builds the site; language and first page come from `tools.site`."""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from civicsight.model.format_versions import own_version

project = "civicsight"
author = "civicsight"
release = own_version()

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb", ".rst": "restructuredtext"}
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "deflist"]

# Docstrings name units, shapes and errors; types stand in the signature.
numpydoc_show_class_members = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
add_module_names = False
python_use_unqualified_type_names = True

# A page loads nothing from elsewhere, whoever opens it.
html_theme = "furo"
html_title = "civicsight"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_math_renderer = "as_written"
nb_ipywidgets_js = {}

nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_execution_show_tb = True


def write_formula(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula as it was written: the renderer that Sphinx brings loads from elsewhere."""
    translator.body.append(f"<code>{escape(node.astext())}</code>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Take our own way with formulas."""
    app.add_html_math_renderer("as_written", (write_formula, None), (write_formula, None))


# A highlighted block of shell need not be valid Python or JSON in every sign.
suppress_warnings = ["misc.highlighting_failure"]
