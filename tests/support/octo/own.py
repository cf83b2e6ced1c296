"""`/v1`, our own words beside OCTO, as an agency's software meets it."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.octo.node import AgencyNode


@dataclass(frozen=True)
class Own:
    """One agency at `/v1`."""

    node: AgencyNode
    key: str

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: Any
    ) -> httpx.Response:
        said = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return self.node.http.request(
            method, f"{self.node.url}{path}", json=body, headers=said | (headers or {}), params=query
        )

    def get(self, path: str, **query: Any) -> Any:
        return self._good(self.call("GET", f"/v1{path}", **query))

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        return self._good(self.call("POST", path if path.startswith("/octo") else f"/v1{path}", body, headers))

    def _good(self, answer: httpx.Response) -> Any:
        assert answer.status_code == 200, answer.text
        return answer.json()

    def problem(self, kind: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The problem that a request is answered with, which is of this kind."""
        answer = self.call(method, f"/v1{path}", body, **more)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        said = answer.json()
        assert said["type"] == f"urn:handoff:problem:{kind}", said
        assert said["status"] == answer.status_code
        return said

    def all_pages(self, path: str, **query: Any) -> list[Any]:
        """Every entry of a list, following `next`, which is the header `Link` as well."""
        answer = self.call("GET", f"/v1{path}", **query)
        found = [*self._good(answer)["items"]]
        while (address := answer.json()["next"]) is not None:
            assert answer.links["next"]["url"] == address
            answer = self.node.http.get(address, headers={"Authorization": f"Bearer {self.key}"})
            found += self._good(answer)["items"]
        assert "next" not in answer.links
        return found
