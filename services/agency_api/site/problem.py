"""An error as agencies get it, and the exception that carries it."""

from __future__ import annotations

from http import HTTPStatus

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Problem(BaseModel):
    """Why not, and what to do; with the id that was wrong, where one was."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    error: str
    error_message: str
    product_id: str | None = None
    option_id: str | None = None
    unit_id: str | None = None
    availability_id: str | None = None
    uuid: str | None = None


class OctoProblem(Exception):
    """An error of OCTO: its code, what to do, and the id that was wrong."""

    def __init__(
        self,
        error: str,
        message: str,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        *,
        retry_after: int | None = None,
        **ids: str | None,
    ) -> None:
        super().__init__(error)
        self.status, self.retry_after = status, retry_after
        self.problem = Problem(error=error, error_message=message, **ids)

    @property
    def is_open(self) -> bool:
        """Whether it may have been done all the same: the same is to be asked again."""
        return self.status is HTTPStatus.SERVICE_UNAVAILABLE
