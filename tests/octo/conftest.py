"""OCTO's own definitions, asked by one process for the whole room."""

import os
from collections.abc import Iterator

import pytest

from deploy.develop import packages
from deploy.develop.test import WITHOUT_OCTO
from services.client.problems import Problem
from tests.support.octo import official as definitions
from tests.support.octo.official import Official


@pytest.fixture(scope="session")
def official() -> Iterator[Official]:
    if os.environ.get(WITHOUT_OCTO):
        pytest.skip("without OCTO's definitions")
    if not packages.has_npm():
        pytest.fail(f"there is no npm for these tests: {packages.NPM.hint}")
    try:
        with definitions.official() as asked:
            yield asked
    except Problem as problem:
        pytest.fail(str(problem))
