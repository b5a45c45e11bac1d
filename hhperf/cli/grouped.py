"""Commands that take several of their options as one object."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Any, get_type_hints


def grouped(verb: Callable[..., None]) -> Callable[..., None]:
    """A command with an option for each field of the groups among a function's parameters.

    A group is a dataclass. Its fields become options in its place, those of a group within it too;
    their defaults are those of the parameter's default, else the group's own.

    Args:
        verb: with whatever parameters typer knows, and groups.
    """
    declared = signature(verb)
    kinds = {name: parameter.annotation for name, parameter in declared.parameters.items()}

    @wraps(verb)
    def command(**given: Any) -> None:
        verb(**_gathered(kinds, given))

    options = [
        option
        for name, parameter in declared.parameters.items()
        for option in _options(name, parameter.annotation, parameter.default)
    ]
    command.__signature__ = declared.replace(parameters=options)  # type: ignore[attr-defined]
    return command


def _options(name: str, kind: Any, default: Any) -> Iterator[Parameter]:
    if not is_dataclass(kind):
        yield Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        return
    group = kind() if default is Parameter.empty else default  # type: ignore[operator]
    for field, its_kind in _fields(kind).items():
        yield from _options(field, its_kind, getattr(group, field))


def _gathered(kinds: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given by option, put together to groups."""
    return {
        name: kind(**_gathered(_fields(kind), given)) if is_dataclass(kind) else given[name]  # type: ignore[operator]
        for name, kind in kinds.items()
    }


def _fields(group: Any) -> dict[str, Any]:
    return get_type_hints(group, include_extras=True)
