"""The town of the tests of the map."""

from __future__ import annotations

from tests.result_factory import make_result

HOSTILE_LABEL = (
    "<img src=x onerror=\"window.ran='img'\">{{7*7}}${window.ran='tpl'}</script>"
    "<script>window.ran='script'</script>"
)


def make_project(label):
    return make_result(label)
