"""Examples run: those of docstrings, and those of the documents about Python."""

import doctest
import importlib
import pkgutil

import polarway
import pytest
from .conftest import ROOT

MODULES = sorted(
    module.name
    for module in pkgutil.iter_modules(polarway.__path__, "polarway.")
    if not module.name.startswith("polarway._")
)
DOCUMENTS = ["README.md", "docs/API_REFERENCE.md", "docs/MIGRATION.md"]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("name", ["polarway", *MODULES])
def test_the_examples_of_a_module_run(desk, name):
    module = importlib.import_module(name)
    # Not those of Polars, which has a sum and a len of its own.
    ours = {name: getattr(polarway, name) for name in polarway.streaming.__all__}
    names = {**vars(polarway.result), **ours, **vars(module), "pl": polarway}
    failed, _ = doctest.testmod(module, extraglobs=names, optionflags=OPTIONS)
    assert failed == 0


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_examples_of_a_document_run(desk, document):
    failed, tried = doctest.testfile(
        str(ROOT / document), module_relative=False, optionflags=OPTIONS, encoding="utf-8"
    )
    assert tried > 0
    assert failed == 0


def test_every_public_name_of_ours_is_explained():
    ours = {name: getattr(polarway, name) for name in polarway.streaming.__all__}
    missing = [name for name, value in ours.items() if not (value.__doc__ or "").strip()]
    assert missing == []
