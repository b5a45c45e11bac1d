"""The embedding model, and its lift to the dimensions asked for."""

import numpy as np
import pytest

from hhperf.stack.embedder import MODEL_DIMENSIONS, Embedder

TEXTS = ["enfermeira em São Paulo", "backend developer, Python", "data engineer", "nurse"]


@pytest.mark.parametrize("dimensions", [256, 768, 1_536])
def test_the_lift_keeps_every_cosine(dimensions: int) -> None:
    """The model's own and the lifted vectors have the same."""
    embedder = Embedder(dimensions)
    lifted, own = embedder.embed(TEXTS), embedder.directions(TEXTS)
    assert lifted.shape == (len(TEXTS), dimensions)
    np.testing.assert_allclose(lifted @ lifted.T, own @ own.T, atol=1e-6)


def test_fewer_dimensions_than_the_model_has_are_cut() -> None:
    """Cosines are then not kept, but the vectors are there."""
    vectors = Embedder(64).embed(TEXTS)
    assert vectors.shape == (len(TEXTS), 64)
    assert (np.linalg.norm(vectors, axis=1) > 0).all()


def test_texts_of_one_meaning_are_nearer_than_others() -> None:
    """It is a model, not a hash."""
    nurse, developer, programmer = Embedder().embed(["nurse", "developer", "programmer"])
    assert developer @ programmer > developer @ nurse


@pytest.mark.parametrize("blank", ["", "   ", "\n"])
def test_a_blank_text_gives_zeros(blank: str) -> None:
    """And leaves the others as they are."""
    vectors = Embedder().embed([blank, "nurse"])
    assert not vectors[0].any()
    assert np.linalg.norm(vectors[1]) == pytest.approx(1, abs=1e-5)


def test_no_texts_give_no_vectors() -> None:
    """The shape says how many and how long."""
    assert Embedder().embed([]).shape == (0, 768)
    assert Embedder().directions([]).shape == (0, MODEL_DIMENSIONS)


def test_a_text_has_one_embedding() -> None:
    """Whatever it is embedded with, and by which embedder."""
    alone = Embedder().embed(["nurse"])
    np.testing.assert_allclose(Embedder().embed(TEXTS)[3:], alone, atol=1e-6)
