"""`./handoff demo` as a person runs it: its own stories, somebody else's, a wrong one, over RabbitMQ, interrupted."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.scenario_file import DEMO_SCENARIOS
from deploy.local import keys
from tests.support import rabbitmq
from tests.support.database import databases, scratch_folder

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 240.0


def demo(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the verb to its end."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "deploy", "demo", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def written(tmp_path: Path, document: Any) -> str:
    path = tmp_path / "scenarios.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def of_the_demo(name: str) -> dict[str, Any]:
    """One scenario of the demonstration, to be changed."""
    told = json.loads(DEMO_SCENARIOS.read_text(encoding="utf-8"))["scenarios"]
    return next(one for one in told if one["id"] == name)


def told_whole(run: "subprocess.CompletedProcess[str]") -> None:
    """All six went as written; the numbers are read from the answer, not from the verdict."""
    assert run.returncode == 0, run.stdout + run.stderr
    answer = json.loads(run.stdout)
    scenarios = {one["id"]: one for one in answer["scenarios"]}
    assert list(scenarios) == ["s3", "s1", "s4", "s2", "s5", "s6"], "in the order of their moments"
    assert all(one["ok"] and not one["deviations"] for one in scenarios.values())
    for side in ("sender", "receiver"):
        assert scenarios["s1"][side]["state"] == "completed"
        assert scenarios["s1"][side]["total"] == {"amount": "800000.00", "currency": "LAK"}
        assert scenarios["s1"][side]["fee"] == {"amount": "40000.00", "currency": "LAK"}
        assert scenarios["s5"][side]["reason"] == "cut_off"
        assert scenarios["s6"][side]["reason"] == "closed_weekday"
    assert scenarios["s2"]["pools"][0]["taken"] == scenarios["s2"]["pools"][0]["peak"] == 30
    assert [one["personal"] for one in (scenarios["s4"]["sender"], scenarios["s4"]["receiver"])] == ["erased"] * 2
    assert scenarios["s4"]["receiver"]["party"] == {"adult": 4, "child": 0, "infant": 0}, "the counts stay"
    asked = scenarios["s3"]["sender"]
    assert asked["confirmed_by_officials"] is False
    assert "visa_before_arrival" in asked["reminders"]
    assert answer["not_told"] == []
    crossed = [part for one in answer["scenarios"] for part in one["story"] if part.get("over_border")]
    assert crossed
    assert all(0 <= part["took_ms"] < 5_000 for part in crossed)


def test_the_demonstration_plays_its_stories_and_all_pass() -> None:
    told_whole(demo("--json"))


def test_the_demonstration_runs_over_rabbitmq() -> None:
    with rabbitmq.broker() as broker:
        told_whole(demo("--json", HANDOFF_AMQP_URL=broker.url))
        assert "referral" in broker.rabbitmqctl("list_queues", "name"), "the node did not use the broker"


def test_a_wrong_expectation_is_found_and_named(tmp_path: Path) -> None:
    wrong = of_the_demo("s5")
    wrong["expect"]["reason"] = "closed"
    wrong["expect"]["pools"][0]["taken"] = 3
    run = demo("--scenarios", written(tmp_path, {"format": 1, "scenarios": [wrong]}))
    assert run.returncode == 1
    assert "DEVIATES  sender.reason: expected closed, found cut_off" in run.stdout
    assert "DEVIATES  receiver.reason: expected closed, found cut_off" in run.stdout
    assert "guests taken: expected 3, found 0" in run.stdout
    assert "0 of 1 scenarios went as written" in run.stdout


def test_a_step_that_goes_otherwise_ends_the_scenario(tmp_path: Path) -> None:
    wrong = of_the_demo("s5")
    wrong["steps"] = [wrong["steps"][0], {"wait": "held", "seconds": 1}, {"pass": "3h"}]
    run = demo("--json", "--scenarios", written(tmp_path, {"format": 1, "scenarios": [wrong]}))
    assert run.returncode == 1
    found = json.loads(run.stdout)["scenarios"][0]["deviations"]
    assert [one["what"] for one in found] == ["steps[1] wait"]
    assert "bo-taen declined" in found[0]["found"]


def test_a_database_with_communities_is_left_alone(tmp_path: Path) -> None:
    """Who has a node's database in the environment and tries the demonstration must not lose the node's clock."""
    once = written(tmp_path, {"format": 1, "scenarios": [of_the_demo("s6")]})
    kept = {
        "HANDOFF_NODE_KEYS": str(keys.made(tmp_path / "node.keys")),
        "HANDOFF_RECORD_KEYS": str(tmp_path / "records"),
    }
    with databases() as server:
        url = server.fresh()
        assert demo("--scenarios", once, HANDOFF_DATABASE_URL=url, **kept).returncode == 0
        clock = server.execute('SELECT "offset" FROM node.clock', url)
        again = demo(HANDOFF_DATABASE_URL=url, **kept)
        assert (again.returncode, again.stdout) == (2, "")
        assert "holds communities already" in again.stderr
        other = demo(HANDOFF_DATABASE_URL=url)
        assert (other.returncode, other.stdout) == (2, "")
        assert "is not of this database" in other.stderr
        assert server.execute("SELECT count(*) FROM community.communities", url) == "15"
        assert server.execute('SELECT "offset" FROM node.clock', url) == clock


def test_a_bad_file_is_refused_by_its_paths(tmp_path: Path) -> None:
    bad = of_the_demo("s5")
    bad["who"]["party"]["adult"] = "two"
    run = demo("--scenarios", written(tmp_path, {"format": 1, "scenarios": [bad]}))
    assert run.returncode == 2
    assert "scenarios[0].who.party.adult: " in run.stderr
    assert not run.stdout


# somebody else's


def community(name: str, country: str, currency: str, place: tuple[float, float], subdivision: str) -> dict[str, Any]:
    lat, lon = place
    return {
        "id": name,
        "name": {"en": name.replace("-", " ").title()},
        "country": country,
        "admin": {"iso_3166_2": subdivision},
        "location": {"lat": lat, "lon": lon, "accuracy_m": 1000},
        "timezone": {"TH": "Asia/Bangkok", "LA": "Asia/Vientiane"}[country],
        "languages": ["en"],
        "currency": currency,
        "operations": {
            "daily_visitor_capacity": 12,
            "overnight_guest_capacity": 0,
            "min_group": 1,
            "max_group": 12,
            "cutoff_hours": 12,
            "open_weekdays": [1, 2, 3, 4, 5, 6, 7],
            "handoff_arrival_window": ["08:00", "20:00"],
        },
        "contact": {"email": "office@example.org"},
    }


def far_away() -> dict[str, Any]:
    """A fishing village at the southern end of one country, a coffee village at the southern end of the other."""
    tour = {
        "id": "squid-bay.night-boat",
        "community_id": "squid-bay",
        "name": {"en": "Out with the night boat"},
        "category": "nature",
        "programme": "half_day",
        "duration_minutes": 180,
        "start_times": ["19:00"],
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "season_months": [5, 6, 7],
        "min_pax": 1,
        "max_pax": 11,
        "cutoff_hours": 12,
        "prices": [
            {"unit": "adult", "amount": "333.33", "currency": "THB"},
            {"unit": "child", "amount": "0.05", "currency": "THB"},
        ],
    }
    return {
        "currencies": [{"code": "THB", "iso_digits": 2}, {"code": "LAK", "iso_digits": 2}],
        "communities": [
            community("squid-bay", "TH", "THB", (6.2, 101.8), "TH-96"),
            community("coffee-hill", "LA", "LAK", (14.9, 106.8), "LA-AT"),
        ],
        "experiences": [tour],
        "crossings": [{"id": "southern-ferry"}],
        "partnerships": [
            {
                "members": ["coffee-hill", "squid-bay"],
                "cross_border": True,
                "crossing_ids": ["southern-ferry"],
                "response_time_hours": 8,
                "max_open_handoffs": 2,
                "referral_fee_percent": "7.50",
            }
        ],
    }


BOAT = {"experience_id": "squid-bay.night-boat", "day": "+3"}
OFFER = {"as": "coffee-hill", "do": "referral.offer_handoff", "with": {"items": [BOAT]}}
ALL_OF_THEM = {"taken": 10, "held": 0, "booked": 10}
PATIENT: dict[str, Any] = {
    "id": "a-boat-for-ten",
    "title": "Ten people go out with the night boat",
    "clock": "2028-06-05T02:00:00Z",
    "who": {
        "sender": "coffee-hill",
        "receiver": "squid-bay",
        "party": {"adult": 7, "child": 2, "infant": 1},
        "language": "en",
    },
    "steps": [
        OFFER,
        {"wait": "held"},
        {"as": "squid-bay", "do": "referral.accept_handoff"},
        {"wait": "accepted"},
        {"as": "coffee-hill", "do": "referral.give_consent", "with": {"part": {"name": "ນ້ອຍ"}}},
        {"wait": "confirmed"},
        {"pass_to": "+3 11:00"},
        {"as": "squid-bay", "do": "referral.arrive_party"},
        {"wait": "arrived"},
        {"as": "squid-bay", "do": "referral.complete_visit"},
        {"wait": "completed"},
    ],
    "expect": {
        "state": "completed",
        "money": {
            "quote": {"amount": "2333.41", "currency": "THB"},
            "total": {"amount": "2333.41", "currency": "THB"},
            "fee": {"amount": "175.01", "currency": "THB"},
        },
        "pools": [
            {"community": "squid-bay", "day": "+3", "pool": "visitors", "capacity": 12, **ALL_OF_THEM},
            {
                "community": "squid-bay",
                "day": "+3",
                "pool": "seats/squid-bay.night-boat/19:00",
                "capacity": 11,
                **ALL_OF_THEM,
            },
        ],
        "border": {
            "to_receiver": ["handoff_offered", "party_released"],
            "to_sender": ["handoff_held", "handoff_accepted", "handoff_confirmed", "party_arrived", "visit_completed"],
        },
    },
}
UNANSWERED: dict[str, Any] = PATIENT | {
    "id": "nobody-answers",
    "title": "Nobody answers, and the places come back",
    "clock": "2028-06-06T02:00:00Z",
    "steps": [OFFER, {"wait": "held"}, {"pass": "8h 1m"}, {"wait": "expired"}],
    "expect": {
        "state": "expired",
        "pools": [{"community": "squid-bay", "day": "+3", "pool": "visitors", "taken": 0, "peak": 10}],
        "border": {"to_receiver": ["handoff_offered"], "to_sender": ["handoff_held", "handoff_expired"]},
    },
}
REFUSED: dict[str, Any] = PATIENT | {
    "id": "no-such-boat",
    "title": "What is asked for is not offered",
    "clock": "2028-07-01T02:00:00Z",
    "steps": [
        {
            "as": "coffee-hill",
            "do": "referral.offer_handoff",
            "with": {"items": [{"experience_id": "squid-bay.day-boat", "day": "+3"}]},
            "refused": {"code": "unknown", "field": "items.0.experience_id"},
        }
    ],
    "expect": {"state": None, "border": {"to_receiver": [], "to_sender": []}},
}


def test_a_custom_scenario_file_works_the_same(tmp_path: Path) -> None:
    (tmp_path / "far-away.json").write_text(json.dumps(far_away()))
    document = {"format": 1, "network": "far-away.json", "scenarios": [PATIENT, UNANSWERED, REFUSED]}
    run = demo("--json", "--scenarios", written(tmp_path, document))
    assert run.returncode == 0, run.stdout + run.stderr
    assert [one["id"] for one in json.loads(run.stdout)["scenarios"]] == [
        "a-boat-for-ten",
        "nobody-answers",
        "no-such-boat",
    ]
    assert run.stderr.count("starting a node for") == 2, "the second begins before the first is over"


# an end before the end


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_the_node_never_outlives_the_demonstration(number: signal.Signals, code: int) -> None:
    if number is signal.SIGKILL and sys.platform != "linux":
        pytest.skip("only Linux tells a process that its parent was killed")
    with scratch_folder() as base:
        command = [sys.executable, "-P", "-m", "deploy", "demo", "--keep", str(base / "kept")]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with (base / "said").open("w") as said:
            running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        try:
            _until(lambda: "waiting until" in (base / "said").read_text(), "it plays")
            node = int((base / "kept" / "1" / "node" / "node.lock").read_text())
            running.send_signal(number)
            assert running.wait(60) == code
            _until(lambda: not _is_alive(node), "the node has ended")
        finally:
            running.kill()
            running.wait(60)


def _until(condition: Any, what: str) -> None:
    deadline = time.monotonic() + 90.0
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.1)


def _is_alive(process: int) -> bool:
    """Whether it runs; one that has ended and that nobody has asked about does not."""
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return not Path("/proc").is_dir()
