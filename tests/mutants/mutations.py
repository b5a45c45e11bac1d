"""Every small change that a module's code can be given, and the module with one of them made.

What is changed is Cosmic Ray's: its operators over parso's tree. Of the many replacements of one
operator only those are taken that are hard to notice; `+` for `<<` fails wherever it is run.
Annotations are left alone, and what computes nothing: what decorators are given (`slots`,
`frozen`), and that a `zip` is strict.
"""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.tree import NodeOrLeaf

REPLACED = {
    "Binary": "Add_Sub Sub_Add Mul_Div Div_Mul FloorDiv_Mul Mod_Mul Pow_Mul BitAnd_BitOr"
    " BitOr_BitAnd RShift_LShift LShift_RShift",
    "Comparison": "Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Eq_NotEq NotEq_Eq"
    " Is_IsNot IsNot_Is",
    "Unary": "Delete_Not USub_UAdd Delete_Invert",
}
ALONE = (
    "AddNot ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceAndWithOr ReplaceOrWithAnd"
    " ReplaceBreakWithContinue ReplaceContinueWithBreak ExceptionReplacer NumberReplacer"
    " ZeroIterationForLoop"
)
ANNOTATIONS = {"annassign": 1, "tfpdef": 2}
"""Where the type stands among a node's children."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ALOOF = {"decorator", "import_from"}
STARRED = {"parameters", "param"}
"""Where an asterisk is no product."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of one module.

    Attributes:
        path: of the module.
        operator: Cosmic Ray's name of the change.
        node: which node of the tree, in the order of `ast_nodes`.
        index: which of the operator's changes of that node.
        line: where it begins, from 1.
        column: where it begins, from 0.
    """

    path: Path
    operator: str
    node: int
    index: int
    line: int
    column: int

    @property
    def place(self) -> tuple[Path, int, int]:
        """What the changes of the same operator, number or word share."""
        return self.path, self.line, self.column

    def made(self) -> str | None:
        """The module's code with the change; None where that is no Python."""
        tree = get_ast(self.path.read_text(encoding="utf-8"))
        old = list(ast_nodes(tree))[self.node]
        try:
            parent, new = old.parent, _operators()[self.operator].mutate(old, self.index)
        except AttributeError:  # Cosmic Ray takes an exception of a module for a plain name
            return None
        if new is not old and parent is not None:
            parent.children[next(i for i, each in enumerate(parent.children) if each is old)] = new
        code: str = tree.get_code()
        try:
            compile(code, str(self.path), "exec")
        except SyntaxError:
            return None
        return code

    def diff(self) -> str:
        """The lines that change, as a unified diff without context."""
        before = self.path.read_text(encoding="utf-8").splitlines()
        lines = difflib.unified_diff(before, (self.made() or "").splitlines(), n=0, lineterm="")
        return "\n".join(line for line in lines if not line.startswith(("---", "+++")))

    def reached_by(self) -> tuple[int, int] | None:
        """First and last line of its statement; None where importing the module runs it.

        Of a statement with a body only the head counts.
        """
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        functions = (each for each in ast.walk(tree) if isinstance(each, _FUNCTIONS))
        within = (each for function in functions for top in function.body for each in ast.walk(top))
        heads = (_head(each) for each in within if isinstance(each, ast.stmt))
        # The innermost begins last.
        return max((each for each in heads if each[0] <= self.line <= each[1]), default=None)


def mutations_of(path: Path) -> Iterator[Mutation]:
    """Every change of a module, in the order of its text."""
    tree = get_ast(path.read_text(encoding="utf-8"))
    for number, node in enumerate(ast_nodes(tree)):
        if _computes_nothing(node):
            continue
        for name, operator in _operators().items():
            for index, ((line, column), _) in enumerate(operator.mutation_positions(node)):
                yield Mutation(path, name, number, index, line, column)


def _head(statement: ast.stmt) -> tuple[int, int]:
    body = getattr(statement, "body", None)
    last = body[0].lineno - 1 if body else statement.end_lineno or 0
    return statement.lineno, max(last, statement.lineno)


@cache
def _operators() -> dict[str, Operator]:
    names = [
        f"Replace{kind}Operator_{each}" for kind in REPLACED for each in REPLACED[kind].split()
    ]
    provider = OperatorProvider()
    return {name: provider[name]() for name in [*names, *ALONE.split()]}


def _computes_nothing(node: NodeOrLeaf) -> bool:
    """Whether a node is part of an annotation, a decorator, an import or `strict=True`."""
    if node.parent is not None and node.parent.type == "argument":
        words: str = node.parent.get_code(include_prefix=False)  # type: ignore[no-untyped-call]
        if words == "strict=True":
            return True
    if node.type == "operator" and node.parent is not None and node.parent.type in STARRED:
        return True
    while (parent := node.parent) is not None:
        at = next(i for i, each in enumerate(parent.children) if each is node)
        after_arrow = parent.type == "funcdef" and parent.children[at - 1] == "->"
        if after_arrow or ANNOTATIONS.get(parent.type) == at or parent.type in ALOOF:
            return True
        node = parent
    return False
