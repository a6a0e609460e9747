"""Whoever knows the options of one command that reads a city knows those of all."""

from __future__ import annotations

import inspect

import pytest

from civicsight.cli.inputs import city_inputs
from civicsight.cli.tree import program

COMMANDS = ("check", "export", "obstruct", "specify", "accept", "privacy", "report")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_reads_a_city_takes_all_that_belongs_to_it(name):
    own = program("en", whole=True).commands[name].params
    shared = inspect.signature(city_inputs).parameters
    taken = {param.name for param in own}
    assert set(shared) <= taken
    arguments = [param.name for param in own if param.param_type_name == "argument"]
    assert arguments == ["city", "cameras"]


@pytest.mark.parametrize("name", COMMANDS)
def test_defaults_are_the_same_everywhere(name):
    own = {param.name: param for param in program("en", whole=True).commands[name].params}
    for shared in inspect.signature(city_inputs).parameters.values():
        if shared.default is not inspect.Parameter.empty:
            assert own[shared.name].default == shared.default
