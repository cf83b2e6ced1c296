"""OCTO's own definitions, asked by one process for the whole room."""

import os
from collections.abc import Iterator

import pytest

from deploy.develop import packages
from deploy.develop.test import WITHOUT_OCTO
from services.client.problems import Problem
from tests.support.octo import official as definitions
from tests.support.octo.agency import Agency, release
from tests.support.octo.node import AgencyNode, running_agency_node
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


@pytest.fixture(scope="session")
def node() -> Iterator[AgencyNode]:
    with running_agency_node() as running:
        yield running


@pytest.fixture(scope="session")
def agency(node: AgencyNode, official: Official) -> Agency:
    return node.agency(official)


@pytest.fixture(scope="session")
def other(node: AgencyNode, official: Official) -> Agency:
    """Another agency; in Tha Li it books on request."""
    return node.agency(official, "slow-travel")


@pytest.fixture(scope="module", autouse=True)
def released() -> Iterator[None]:
    """A module gives back what it has only held: an agency has few holds at a time."""
    yield
    release()
