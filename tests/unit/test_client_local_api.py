"""What another version answers, or another program, is told as such, and never as a mistake of whoever typed."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.node.v1 import AskStanding
from services.client.local_api import LocalApi
from services.client.problems import Problem


@pytest.mark.parametrize(
    "answer",
    [
        {"refusal": {"code": "of_tomorrow", "message": "a word that is not known here"}},
        {"refusal": {"code": "unknown", "message": "-", "params": {"about": {"more": 1}}}},
        {"result": None, "refusal": None},
        {"detail": "Not Found"},
        {"result": ["a list"]},
        {"result": {"service": "booking"}},
    ],
)
def test_an_answer_of_another_version_is_a_problem_with_a_sentence(
    answer: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalApi, "_exchange", lambda *_: answer)
    with pytest.raises(Problem, match="are both of one version"):
        LocalApi(8000, "token").send(AskStanding(), service="booking", patience=0)
