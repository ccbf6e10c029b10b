"""Whom a record stands for that has no room for all clients of its appointment. Pure.

Where a vendor has room for one client and the appointment has several, its record is one seat of
it: what became of the record became of that client, and says nothing of the others.
    09:00 the site has Ann, Omar and Ana at 15:00; the booking page has room for one: Ann's record
    09:05 it is cancelled there: Ann does not come; Omar and Ana do
    09:10 the site's people take Ann out: the record that is hers ends, and becomes nobody else's
Who is meant is a question of evidence (`people`): whoever of those whom the vendor took is in the
record, and who that is among those who are agreed on by now. Names and addresses may have been
corrected meanwhile, in the record or elsewhere.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from itertools import product

from syncd.compare.names import Likeness
from syncd.compare.people import (
    Evidence,
    agreeing,
    has_another_name,
    in_common,
    is_doubtful,
    may_share_somebody,
    name_likeness,
    named,
    pairs,
    same_people,
    weighed,
)
from syncd.model.appointment import Appointment, Client, Field
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping

Clients = tuple[Client, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """Who of the agreed clients a record stands for, by their places; `known`: it can be told."""

    places: tuple[int, ...]
    known: bool = True

    @property
    def left(self) -> bool:
        """Whether those whose it is are not in the appointment any more."""
        return self.known and not self.places


def seat_of(
    own: Clients, taken: Clients, agreed: Clients, room: int | None, *, ended: bool = False
) -> Seat | None:
    """Whom a record with so much room stands for; None: it stands for the appointment, which it has
    room for.

    `own` are the clients that it shows, `taken` the agreed ones as its vendor took them. A record
    that names nobody is nobody's seat. Where nobody is left of a group, and one other person came,
    the appointment is another's now, and its record with it. One that `ended` while the
    appointment stands is hers again only by evidence: who has her name and her number, and another
    address, may have come in her place.
    """
    own = named(own)
    if room is None or not own or max(heads(taken), heads(agreed)) <= room:
        return None
    stay = same_people(taken, agreed) if ended else _corrected(taken, agreed)
    goes_on = bool(stay) or may_share_somebody(taken, agreed)
    if not goes_on and len(named(agreed)) <= room:
        return None
    whose = _whose(own, taken)
    if whose:
        return _where_they_are(whose, taken, agreed, stay)
    # Where two of those whom it took are meant as well, that one of them left tells nothing.
    places = () if same_people(own, taken) else _whose(own, agreed)
    return Seat(places, known=bool(places))


def _where_they_are(
    whose: tuple[int, ...], taken: Clients, agreed: Clients, stay: abc.Mapping[int, int]
) -> Seat:
    """The seat of those whose it is among the clients as its vendor took them: where they are among
    the agreed ones, if they stay; else it can be told only where none of those may be one of them.
    """
    places = tuple(sorted(stay[place] for place in whose if place in stay))
    return Seat(places, known=bool(places) or not _may_stay(taken, whose, agreed, stay))


def heads(clients: Clients) -> int:
    """How many people some clients are at least: whoever may be one of the others, corrected, does
    not count.

    09:00 the CRM shows Ann, whose address changes there
    09:05 it shows her twice, as its clients and its rows are read one after the other
    09:10 it shows her new address alone: she was one all the time, and none of two has left
    """
    known = named(clients)
    told_twice = [place for place, one in enumerate(known) if _is_one_of(one, known[:place])]
    return len(known) - len(told_twice)


def _is_one_of(one: Client, others: Clients) -> bool:
    """Whether a client may be one of others, corrected."""
    return any(_is_told_twice(one, other) for other in others)


def _is_told_twice(one: Client, other: Client) -> bool:
    """Whether two may be one client, before and after a correction: by evidence, or as nothing but
    one address, or one number, tells them apart.
    """
    evidence, names = weighed(one, other), name_likeness(one, other)
    against = list(agreeing(one, other).values()) == [False]
    corrected = evidence is Evidence.UNKNOWN and names is Likeness.SAME and against
    return evidence is Evidence.SAME or corrected or _is_corrected(one, other)


def as_before(seat: Seat | None, was: Seat | None, before: Clients, now: Clients) -> Seat | None:
    """Whose a record is `now`, where it cannot be told from the record: as it `was` among the
    clients as they were agreed before, some of whom are corrected now, and some gone.

        09:00 Ann, whose record it is, and Omar; 09:05 her address is another at the office
        09:05 whose it is now contradicts her; she is the one in whose place it is corrected
    """
    if was is None or (seat is not None and seat.known):
        return seat
    stay = _corrected(before, now)
    still = _still_theirs(was, before, now, stay)
    if still is not None:
        return still
    none_stays = stay.keys().isdisjoint(was.places)
    if seat is None:
        return Seat((), known=was.known and none_stays) if stay else None
    gone = bool(was.places) and none_stays and not _may_stay(before, was.places, now, stay)
    return Seat(()) if gone else seat


def _still_theirs(
    was: Seat, before: Clients, now: Clients, stay: abc.Mapping[int, int]
) -> Seat | None:
    """The seat of those whose it was and who stay, as long as nothing contradicts any of them."""
    still = [place for place in was.places if place in stay]
    both = ((before[place], now[stay[place]]) for place in still)
    told = all(weighed(*one) in (Evidence.SAME, Evidence.DOUBT) for one in both)
    return Seat(tuple(sorted(stay[place] for place in still))) if still and told else None


def _staying(taken: Clients, agreed: Clients) -> dict[int, int]:
    """Which of those whom a vendor took are which of the agreed ones."""
    if taken == agreed:
        return {place: place for place in range(len(agreed))}
    return pairs(taken, agreed)


def _corrected(before: Clients, now: Clients) -> dict[int, int]:
    """Which of some clients are which of those now, also where one was corrected so that nobody
    could tell, and no other can be meant by that name.

    09:00 Ann and Omar; 09:05 Ann is out, and Omar has another address: it is he, and not she
    """
    found = _staying(before, now)
    free = [place for place in range(len(now)) if place not in found.values()]
    left = [place for place in range(len(before)) if place not in found]
    alike = [both for both in product(left, free) if _is_corrected(before[both[0]], now[both[1]])]
    for place, like in alike:
        if sum(place == one or like == other for one, other in alike) == 1:
            found[place] = like
    return found


def _is_corrected(one: Client, other: Client) -> bool:
    """Whether the name and something else of a client are as before, and something is not."""
    return is_doubtful(one, other) and not has_another_name(one, other)


def _may_stay(
    taken: Clients, whose: abc.Iterable[int], agreed: Clients, stay: abc.Mapping[int, int]
) -> bool:
    """Whether somebody whose seat it is may be one of the agreed ones: one who is nobody else, as
    her address was corrected in her record, and is the old one elsewhere; or one of her name.

        09:00 the CRM shows Ann twice, as her address and her number are corrected there
        09:05 it shows the new ones alone: that she left, or a namesake of hers, nothing tells
    """
    theirs = [taken[place] for place in whose]
    others = without(agreed, set(stay.values()))
    doubtful = any(weighed(*both) is Evidence.DOUBT for both in product(theirs, others))
    return doubtful or any(_of_one_name(*both) for both in product(theirs, agreed))


def _of_one_name(one: Client, other: Client) -> bool:
    """Whether two have one name; or nearly one, and no address or number says that they are two."""
    names, against = name_likeness(one, other), False in agreeing(one, other).values()
    return names is Likeness.SAME or (names is Likeness.AKIN and not against)


def _whose(own: Clients, clients: Clients) -> tuple[int, ...]:
    """The places of those among some clients who are in a record: by evidence, or as nobody else
    could be meant. Nobody, where one of them may as well be another one: two have the name that it
    shows.
    """
    found = same_people(own, clients)
    others = without(clients, set(found.values()))
    if any(_as_well(own[mine], clients[place], others) for mine, place in found.items()):
        return ()
    if not found and len(own) == 1:
        open_ones = [
            place
            for place, one in enumerate(clients)
            if weighed(own[0], one) is Evidence.UNKNOWN and not one.empty
        ]
        return tuple(open_ones) if len(open_ones) == 1 else ()
    return tuple(sorted(found.values()))


def _as_well(shown: Client, found: Client, others: abc.Iterable[Client]) -> bool:
    """Whether who is shown may as well be one of others as the one who was found."""
    best = in_common(shown, found)
    alike = [one for one in others if weighed(shown, one) is Evidence.SAME and one != found]
    return any(in_common(shown, one) == best for one in alike)


def seated_first(clients: Clients, seat: Seat | None) -> Clients:
    """Some clients, with those first for whom a record has a place."""
    if seat is None:
        return clients
    others = [place for place in range(len(clients)) if place not in seat.places]
    return tuple(clients[place] for place in (*seat.places, *others))


def room_at(able: Capabilities, own: Appointment, agreed: Appointment) -> int | None:
    """For how many of the agreed clients a record with its `own` values has room; None: for all.

    One that is kept seat by seat is so whatever service is agreed on by now.
    """
    return None if able.seats(own) else able.room(agreed)


def fitting(values: Appointment, able: Capabilities) -> Appointment:
    """Some values with no more clients than a record has room for."""
    room = able.room(values)
    if room is None or len(values.clients) <= room:
        return values
    return values.with_values({Field.CLIENTS: values.clients[:room]})


def without(clients: Clients, places: abc.Container[int]) -> Clients:
    """Some clients without those in these places."""
    return tuple(one for place, one in enumerate(clients) if place not in places)


def reseated(clients: Clients, places: abc.Collection[int], comes: Clients) -> Clients:
    """Some clients, with others in the seats of those in these places; who is there already comes
    once.
    """
    stay = without(clients, places)
    new = tuple(one for one in comes if not same_people((one,), stay))
    first = min(places, default=len(clients))
    before = len([place for place in range(first) if place not in places])
    return (*stay[:before], *new, *stay[before:])


def leaving(taken: Clients, agreed: Clients, shown: Clients) -> Clients:
    """Who is to leave a record that shows several clients: those whom its vendor took, and who are
    not agreed on any more. Nobody, where nobody would be left in it.
    """
    if not (taken and agreed) or taken == agreed:
        return ()
    stay, whose = _staying(taken, agreed), pairs(shown, taken)
    out = [place for place, like in whose.items() if like not in stay]
    known = named(shown[place] for place in out)
    return known if len(named(shown)) > len(known) else ()


def coming(taken: Clients, agreed: Clients, shown: Clients) -> Clients:
    """Who is to get a seat in a record that shows some clients: those agreed on whom its vendor has
    not taken, and who are not in it.
    """
    if taken == agreed:
        return ()
    there = {*_staying(agreed, taken), *same_people(agreed, shown)}
    return named(one for place, one in enumerate(agreed) if place not in there)


def grown(taken: Clients, agreed: Clients) -> Clients:
    """Those whom a vendor took, and who was agreed on beside them since, whether it has heard of
    that or not.

        09:00 Ann is the only one, and the booking page is down; Omar comes at the office
        09:05 Ann leaves there; 09:10 it is up again: her record was one of two, and is not his now
    Who may be one of those whom it took, and is not there any more, comes as nobody else. Nobody
    comes beside them where all of them are others by now.
    """
    stay = _corrected(taken, agreed)
    if not stay and not may_share_somebody(taken, agreed):
        return taken
    gone = without(taken, stay)
    new = named(without(agreed, set(stay.values())))
    return (*taken, *(one for one in new if not may_share_somebody(gone, (one,))))


def grown_beside(own: Clients, taken: Clients, agreed: Clients) -> Clients:
    """Those whom a vendor took, and who came since, but for those with whom nobody could tell any
    more whose a record with its `own` clients is.

        09:00 the booking page shows names, and has Ann's record; 09:05 a namesake of hers comes
        09:10 the record is cancelled: it was Ann's, and the namesake is none whom its vendor took
    """
    clients = taken
    for one in grown(taken, agreed)[len(taken) :]:
        clients = told_apart(own, clients, (*clients, one))
    return clients


def told_apart(own: Clients, taken: Clients, now: Clients) -> Clients:
    """Those `now` for whom a record stands that has its `own` clients, as long as they tell whose
    it is; otherwise those whom its vendor took, where they did.
    """
    own = named(own)
    return taken if _whose(own, taken) and not _whose(own, now) else now


def back_again(own: Clients, taken: Clients, agreed: Clients) -> Clients:
    """The agreed clients, and beside them again those who left with a record of their own, in the
    order of those whom its vendor took. All of these, where it cannot be told whose it was.
    """
    whose = _whose(named(own), taken)
    if not whose:
        return taken
    stay = _corrected(taken, agreed)
    back = [(place, taken[place]) for place in whose if place not in stay]
    at = {like: place for place, like in stay.items()}
    there = [(at.get(like, len(taken)), one) for like, one in enumerate(agreed)]
    return tuple(one for _, one in sorted([*back, *there], key=lambda both: both[0]))


def one_by_one(shown: Clients, wanted: Clients) -> list[Clients]:
    """The clients of a record step by step, from those whom it shows to those wanted: first
    without those who leave, and with what is corrected of the others; then with one more each time.

    To make room for somebody must not be repeated, so that each has an entry in the journal:
        09:00:00 Ann's seat is made, and that is committed; Omar's is journalled and asked for
        09:00:01 the process dies; 09:05 the record shows both, or Ann alone: Omar's may come yet
    """
    there = set(pairs(shown, wanted).values())
    new = [place for place, one in enumerate(wanted) if place not in there and not one.empty]
    steps = [] if new and shown == without(wanted, new) else [without(wanted, new)]
    return steps + [without(wanted, new[number:]) for number in range(1, len(new) + 1)]


def with_group(ended: Appointment, mapping: Mapping) -> Appointment:
    """What a record that has ended stands for: where it was one seat of several, still of those
    several, so that it is known later whose seat it was.
    """
    taken = mapping.acknowledged.clients
    return ended.with_values({Field.CLIENTS: taken}) if was_of_several(mapping) else ended


def was_of_several(mapping: Mapping) -> bool:
    """Whether a record shows fewer clients than its vendor took: it is one seat of several."""
    taken, own = mapping.acknowledged.clients, mapping.base.clients
    return len(named(taken)) > len(named(own)) > 0
