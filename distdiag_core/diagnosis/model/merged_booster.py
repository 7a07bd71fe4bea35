"""One booster with an output for each of several binary ones: a single prediction costs a tenth of many small ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from xgboost import Booster

# The prediction of a binary booster before its first tree, which all of them have to share.
BASE_SCORE = 0.5
# Where these begin in the JSON of a booster, which XGBoost writes without blanks.
_OUTPUTS, _TREES = '"tree_info":', '"trees":['


def merge(boosters: Sequence[Booster]) -> Booster:
    """A booster whose output k is that of `boosters[k]`, to the bit.

    Args:
        boosters: at least one, of binary logistic objective, base score 0.5 and the same columns.
    """
    import xgboost

    documents = [_document(booster) for booster in boosters]
    trees = [(output, tree) for output, each in enumerate(documents) for tree in _forest(each)["trees"]]
    merged = documents[0]
    _forest(merged).update(
        trees=[tree | {"id": number} for number, (_, tree) in enumerate(trees)],
        tree_info=[output for output, _ in trees],
        iteration_indptr=[0, len(trees)],
        gbtree_model_param={"num_trees": str(len(trees)), "num_parallel_tree": "1"},
    )
    base_scores = ",".join([f"{BASE_SCORE:E}"] * len(documents))
    merged["learner"]["learner_model_param"] |= {"num_target": str(len(documents)), "base_score": f"[{base_scores}]"}
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(json.dumps(merged).encode()))
    booster.set_param({"nthread": 1})
    return booster


def outputs(booster: Booster) -> int:
    """Number of outputs of a merged booster."""
    return int(json.loads(booster.save_config())["learner"]["learner_model_param"]["num_target"])


def gain_by_column(booster: Booster, columns: int) -> NDArray[np.float64]:
    """Gain that the trees of each output drew from each column, shape (outputs, columns)."""
    of_outputs, trees = _trees(booster)
    gains = np.zeros((max(of_outputs, default=0) + 1, columns))
    for output, tree in zip(of_outputs, trees, strict=True):
        splits = np.array(tree["left_children"]) >= 0
        np.add.at(gains[output], np.array(tree["split_indices"])[splits], np.array(tree["loss_changes"])[splits])
    return gains


def _trees(booster: Booster) -> tuple[list[int], Iterator[dict[str, Any]]]:
    """The output of each tree, and the trees.

    They are read one at a time: all at once are ten times their text, and would leave the process larger for good.
    """
    text = booster.save_raw("json").decode()
    of_outputs: list[int] = json.JSONDecoder().raw_decode(text, text.index(_OUTPUTS) + len(_OUTPUTS))[0]
    return of_outputs, _read_one_by_one(text, text.index(_TREES) + len(_TREES))


def _read_one_by_one(text: str, at: int) -> Iterator[dict[str, Any]]:
    """The values of a list whose first one is at this place of a JSON text without blanks."""
    decoder = json.JSONDecoder()
    while text[at] != "]":
        value, at = decoder.raw_decode(text, at + (text[at] == ","))
        yield value


def _document(booster: Booster) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bytes(booster.save_raw("json")))
    return document


def _forest(document: dict[str, Any]) -> dict[str, Any]:
    forest: dict[str, Any] = document["learner"]["gradient_booster"]["model"]
    return forest
