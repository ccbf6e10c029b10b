"""Aivapad's endpoints as typed calls: bytes of rows in and out, every failure as an error of the model.

It decides nothing about appointments; `codec` reads the rows, `listing` judges whether they are all.
"""

from __future__ import annotations

from urllib.parse import quote

from syncd.model.errors import Unreadable
from syncd.vendors.aivapad.answers import Data, Failure, data_of
from syncd.vendors.aivapad.schemas import Conflicts, row_id
from syncd.vendors.aivapad.settings import RATE, Settings
from syncd.vendors.payloads import Body, unpack
from syncd.vendors.port import Uncertain
from syncd.vendors.transport import Answer, Surroundings, Transport

_COLLECTION = "/appointments"


def transport_of(name: str, settings: Settings, surroundings: Surroundings) -> Transport:
    """The connections to a configured account."""
    token = settings.token.get_secret_value()
    return Transport(
        vendor=name,
        base_url=settings.base_url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=settings.timeout,
        rate=settings.rate or RATE,
        surroundings=surroundings,
        ca_file=settings.ca_file,
        secrets=(token,),
    )


class ApiClient:
    """The appointment endpoints under one token.

    Reads raise `Unreachable`, `BudgetSpent`, `Misconfigured` or `Unreadable`; writes also `Refused` and `Stale`, and
    answer `Uncertain` where nobody can tell.
    """

    def __init__(self, vendor: str, transport: Transport) -> None:
        self._vendor = vendor
        self._transport = transport

    async def page(self) -> Data:
        """The listing: the bytes of its rows, and what the vendor says beside them."""
        answer = await self._transport.read("GET", _COLLECTION)
        return self._data(answer, f"GET {_COLLECTION}")

    async def get(self, remote_id: str) -> bytes | None:
        """One record; None for the vendor's own "not found"."""
        path = _path(remote_id)
        answer = await self._transport.read("GET", path, urgent=True)
        found = data_of(answer)
        if isinstance(found, Failure) and found.not_found:
            return None
        row = self._data(answer, f"GET {path}").raw
        if not _is(row, remote_id):
            raise self._unreadable(f"GET {path}", "the answer is not the record that was asked for")
        return row

    async def conflicts(self, times: Body, exclude: str | None = None) -> Conflicts:
        """Whether other records overlap `date`, `startTime`, `endTime`; `exclude` is one that does not count.

        Which records those are comes as the vendor shows it: no document says in what shape.
        """
        path = f"{_COLLECTION}/check-conflict"
        body = {key: times[key] for key in ("date", "startTime", "endTime")}
        if exclude is not None:
            body["excludeId"] = exclude
        answer = await self._transport.read("POST", path, json=body, urgent=True)
        found = unpack(self._data(answer, f"POST {path}").raw, Conflicts)
        if found is None:
            raise self._unreadable(f"POST {path}", "the answer has no hasConflict")
        return found

    async def create(self, body: Body) -> bytes | Uncertain:
        """Make a record; its row as far as the vendor shows it, with an id."""
        request = f"POST {_COLLECTION}"
        found = self._written(await self._transport.write("POST", _COLLECTION, json=body), request)
        if isinstance(found, Uncertain):
            return found
        return found.raw if row_id(found.raw) is not None else self._doubt(request, "an id")

    async def update(self, remote_id: str, body: Body, *, repeatable: bool = False) -> bytes | Uncertain:
        """Change some fields of a record; its row as far as the vendor shows it, perhaps empty."""
        path = _path(remote_id)
        answer = await self._transport.write("PUT", path, json=body, idempotent=repeatable)
        found = self._written(answer, f"PUT {path}", record=remote_id)
        return found if isinstance(found, Uncertain) else found.raw

    async def delete(self, remote_id: str) -> Uncertain | None:
        """Delete a record for good. None: the vendor says that it did."""
        path = _path(remote_id)
        answer = await self._transport.write("DELETE", path)
        if isinstance(answer, Answer) and answer.status == 204 and not answer.body:
            return None
        found = self._written(answer, f"DELETE {path}", record=remote_id)
        return found if isinstance(found, Uncertain) else None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def _data(self, answer: Answer, request: str) -> Data:
        found = data_of(answer)
        if isinstance(found, Failure):
            raise found.error(self._vendor, request)
        if found is None:
            raise self._unreadable(request, f"answered {answer.status} without Aivapad's JSON")
        return found

    def _written(self, answer: Answer | Uncertain, request: str, record: str | None = None) -> Data | Uncertain:
        """What a write was answered with; `record` is the id of the one that it is about, if that existed before."""
        if isinstance(answer, Uncertain):
            return answer
        found = data_of(answer)
        if isinstance(found, Failure):
            raise found.error(self._vendor, request, record=record is not None, write=True)
        if found is None:
            return self._doubt(request, "Aivapad's JSON")
        about = row_id(found.raw)
        if record is not None and not (found.confirmed if about is None else _is(found.raw, record)):
            return self._doubt(request, "the record that it is about")
        return found

    def _doubt(self, request: str, lacking: str) -> Uncertain:
        reason = f"the answer lacks {lacking}; whether it was done is not known"
        return Uncertain(reason=f"{self._vendor}: {request}: {reason}")

    def _unreadable(self, request: str, what: str) -> Unreadable:
        return Unreadable(self._vendor, f"{self._vendor}: {request}: {what}; it is tried again later")


def _is(raw: bytes, remote_id: str) -> bool:
    found = row_id(raw)
    return found is not None and found.casefold() == remote_id.casefold()


def _path(remote_id: str) -> str:
    return f"{_COLLECTION}/{quote(remote_id, safe='')}"
