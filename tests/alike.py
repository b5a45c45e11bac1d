"""Equality where an undefined number equals another one: a NaN is not equal to itself."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def plain(thing: Any) -> Any:
    """The thing as plain data, by type and field, with words for what is no number.

    Two of the same numbers are equal as this. As they are they may not be: up to Python 3.12
    dataclasses compare as tuples do, which take the same NaN for equal to itself; from 3.13 on they
    compare their fields.
    """
    if is_dataclass(thing) and not isinstance(thing, type):
        return type(thing).__name__, {
            each.name: plain(getattr(thing, each.name)) for each in fields(thing)
        }
    if isinstance(thing, float) and math.isnan(thing):
        return "no number"
    if isinstance(thing, np.ndarray):
        return plain(thing.tolist())
    if isinstance(thing, Mapping):
        return {plain(key): plain(value) for key, value in thing.items()}
    if isinstance(thing, (tuple, list)):
        return [plain(each) for each in thing]
    return thing
