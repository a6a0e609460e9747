"""What numba does on the way from a kernel to machine code: once, for the kernel as a whole.

As it comes, numba optimises every function, makes machine code of it, and does both again for each
function that calls it: what lies six calls deep is compiled six times, though its own code never
runs. Here a part stays as it was lowered. A kernel links all parts below it, and is optimised and
compiled as one. Results are the same to the bit: nothing here may be reckoned in another order.
"""

from __future__ import annotations

from typing import Any, Final

from numba import _dynfunc  # type: ignore[attr-defined]  # written in C
from numba.core import typed_passes as typed
from numba.core import untyped_passes as untyped
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager, register_pass

STAGES: Final = (
    untyped.TranslateByteCode,
    untyped.FixupArgs,
    untyped.IRProcessing,
    untyped.RewriteSemanticConstants,
    untyped.DeadBranchPrune,  # what is asked of a ground that is None
    untyped.GenericRewrites,
    untyped.ReconstructSSA,
    untyped.DeadBranchPrune,
    typed.NopythonTypeInference,
    typed.PreLowerStripPhis,
    typed.IRLegalization,
    typed.AnnotateTypes,
)
"""The stages of numba's own pipeline that find something to do in a kernel.

The others serve closures, functions that are inlined before they are typed, literal loops, raised
errors, expressions of whole arrays and parallel loops, none of which a kernel has; each would walk
through every function.
"""


class _Code(JITCodeLibrary):
    """Code of a kernel, or of a part, which nothing is done to before it is linked."""

    is_part = False

    def add_linking_library(self, library: Any) -> None:
        """Link what is called, and what that calls, behind who calls it.

        LLVM takes nothing in that nobody asked for yet; so a call in a branch that is never taken
        has to stay until everything is linked, too.
        """
        inner = library._linking_libraries if getattr(library, "is_part", False) else ()
        for each in (library, *inner):
            if each not in self._linking_libraries:
                super().add_linking_library(each)

    def finalize(self) -> None:
        """Link, optimise and compile a kernel; leave a part as it is."""
        if not self.is_part:
            super().finalize()
            return
        self._raise_if_finalized()
        self._finalized = True

    def _optimize_final_module(self) -> None:
        """Optimise a kernel once, as one whose parts nobody else calls.

        So the compiler knows all calls of each: a part that is called once is put where it is
        called, and the others are no longer handed what they do not look at.
        """
        for function in self._final_module.functions:
            if function.linkage.name == "linkonce_odr" and not function.is_declaration:
                function.linkage = "internal"
        passes, builder = self._codegen._module_pass_manager()
        passes.run(self._final_module, builder)

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout


def _begin_code(state: Any, *, is_part: bool) -> None:
    state.library = _Code(state.targetctx.codegen(), state.func_id.func_qualname)
    state.library.is_part = state.flags.no_compile = is_part


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerKernel(typed.NativeLowering):
    _name = "lower_kernel"

    def run_pass(self, state: Any) -> bool:
        """Lower a kernel, and compile it."""
        _begin_code(state, is_part=False)
        state.library.enable_object_caching()
        return bool(super().run_pass(state))


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(typed.NativeLowering):
    _name = "lower_part"

    def run_pass(self, state: Any) -> bool:
        """Lower a part, and let numba know it by a function of Python that leads nowhere."""
        _begin_code(state, is_part=True)
        super().run_pass(state)
        made, context, library = state.cr, state.targetctx, state.library
        home, name = made.fndesc.lookup_module(), state.func_id.func_name
        key = _dynfunc.make_function(home, name, "a part", 0, made.env, (library,))
        context.insert_user_function(key, made.fndesc, [library])
        state.cr = made._replace(cfunc=key)
        return True


class Kernel(CompilerBase):
    """How a kernel is compiled."""

    def define_pipelines(self) -> list[Any]:
        """Return the stages, in order."""
        return [_line_up(_LowerKernel)]


class Part(CompilerBase):
    """How what a kernel calls is compiled: not by itself."""

    def define_pipelines(self) -> list[Any]:
        """Return the stages, in order."""
        return [_line_up(_LowerPart)]


def _line_up(lowering: Any) -> Any:
    line = PassManager(lowering._name)
    for stage in (*STAGES, lowering, typed.NoPythonBackend):
        line.add_pass(stage, stage._name)
    line.finalize()
    return line
