"""A real text embedding model that needs no download: its weights are in a wheel."""

import logging
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MODEL_DIMENSIONS = 256
PROJECTION_SEED = 768


class Embedder:
    """Embeds texts with WordLlama's 256-dimension model, lifted to the dimensions asked for.

    The lift is a fixed matrix with orthonormal columns, so every cosine stays what it was.
    """

    def __init__(self, dimensions: int = 768) -> None:
        self.dimensions = dimensions

    @property
    def name(self) -> str:
        """The model and its version."""
        return f"wordllama-l2-supercat-{MODEL_DIMENSIONS}/{version('wordllama')}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions); a text without a token gives zeros."""
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        pooled = np.nan_to_num(self._model.embed(list(texts)))
        norms = np.linalg.norm(pooled, axis=1, keepdims=True)
        unit = np.divide(pooled, norms, out=np.zeros_like(pooled), where=norms > 0)
        lifted: NDArray[np.float32] = (unit @ self._lift).astype(np.float32)
        return lifted

    @cached_property
    def _model(self) -> Any:
        # Importing wordllama configures the root logger unless that has a handler.
        root, quiet = logging.getLogger(), logging.NullHandler()
        root.addHandler(quiet)
        try:
            import wordllama  # noqa: PLC0415 - only where it is used, and handled with care
        finally:
            root.removeHandler(quiet)
        package = Path(wordllama.__file__).parent
        return wordllama.WordLlama.load(cache_dir=package, disable_download=True)

    @cached_property
    def _lift(self) -> NDArray[np.float32]:
        normal = np.random.default_rng(PROJECTION_SEED).standard_normal(
            (max(self.dimensions, MODEL_DIMENSIONS), MODEL_DIMENSIONS)
        )
        columns, _ = np.linalg.qr(normal)
        # Fewer dimensions than the model has cannot keep cosines: the first ones are taken.
        return np.ascontiguousarray(columns.T[:, : self.dimensions], dtype=np.float32)
