"""A real text embedding model that needs no download: its weights are in a wheel."""

import logging
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hhperf.errors import StackError

MODEL_DIMENSIONS = 256


class Embedder:
    """Embeds texts with WordLlama's 256-dimension model, lifted to the dimensions asked for.

    The lift is a fixed matrix with orthonormal rows, so every cosine stays what it was.
    """

    def __init__(self, dimensions: int = 768) -> None:
        self.dimensions = dimensions

    @cached_property
    def name(self) -> str:
        """The model and its version."""
        return f"wordllama-l2-supercat-{MODEL_DIMENSIONS}/{version('wordllama')}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions); a blank text gives zeros."""
        return self.directions(texts) @ self._lift

    def directions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The model's own unit vectors, shape (len(texts), 256), with the same cosines."""
        if not texts:
            return np.empty((0, MODEL_DIMENSIONS), dtype=np.float32)
        pooled = np.nan_to_num(self._model.embed(list(texts))).astype(np.float32)
        pooled[[not text.strip() for text in texts]] = 0  # white space is a token to the model
        norms = np.linalg.norm(pooled, axis=1, keepdims=True)
        unit: NDArray[np.float32] = np.divide(
            pooled, norms, out=np.zeros_like(pooled), where=norms > 0
        )
        return unit

    @cached_property
    def _model(self) -> Any:
        # Importing wordllama configures the root logger unless that has a handler.
        root, quiet = logging.getLogger(), logging.NullHandler()
        root.addHandler(quiet)
        try:
            import wordllama  # noqa: PLC0415 - only where it is used, and handled with care
        finally:
            root.removeHandler(quiet)
        return wordllama.WordLlama.load(cache_dir=model_folder(), disable_download=True)

    @cached_property
    def _lift(self) -> NDArray[np.float32]:
        """The lowest 256 cosines (DCT-II), each of unit length."""
        # Fewer dimensions than the model has cannot keep cosines: the first ones are taken.
        length = max(self.dimensions, MODEL_DIMENSIONS)
        frequency, place = np.ogrid[:MODEL_DIMENSIONS, :length]
        waves = np.sqrt(2 / length) * np.cos(np.pi / length * frequency * (place + 0.5))
        waves[0] /= np.sqrt(2)
        return np.ascontiguousarray(waves[:, : self.dimensions], dtype=np.float32)


def model_folder() -> Path:
    """Where the wheel keeps the model.

    Raises:
        StackError: the wheel is not installed.
    """
    spec = find_spec("wordllama")
    if spec is None or spec.origin is None:
        raise StackError("the package wordllama is not installed: install hhperf again")
    return Path(spec.origin).parent
