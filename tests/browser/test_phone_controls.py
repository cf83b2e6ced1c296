"""The guards of the phone's scripts, each switched off in the script that is served: its own test must then fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import conftest, phone_site
from tests.browser import test_phone_keeps as keeps
from tests.browser import test_phone_receives as receives
from tests.browser import test_phone_sends_later as sends
from tests.vectors import make_passes

#: Long enough for a page that is there; what a control takes away is waited for in vain.
PATIENCE = 1500


@dataclass(frozen=True)
class Control:
    """In `script`, `guard` is replaced by `instead`; then `test` fails, and says `says`."""

    name: str
    script: str
    guard: str
    instead: str
    test: Callable[[Browser], None]
    says: str


def sealed(browser: Browser) -> None:
    """What is kept, in a profile of its own."""
    with TemporaryDirectory() as profile:
        keeps.test_nothing_kept_can_be_read_without_the_key_which_cannot_be_taken_out(browser, Path(profile))


def busy(browser: Browser) -> None:
    """A node that says "later, please"."""
    sends.test_what_came_of_it_is_told(browser, "busy")


def forged(browser: Browser) -> None:
    """A pass that another key has signed."""
    token = receives.signed(make_passes.OTHER_SEED)
    receives.test_another_pass_is_told_apart_offline(browser, token, "forged")


CONTROLS = [
    Control(
        "one at a time", "later.js", "navigator.locks.request('later', all)", "all()",
        sends.test_several_who_try_at_once_send_it_once, r"assert 4 == 1",
    ),
    Control(
        "sent is gone", "later.js", "Date.now() + DAY, name)", "Date.now() + DAY)",
        sends.test_a_lost_answer_is_asked_for_again_and_the_node_has_done_it_once, r"assert \(\['a1'\], ",
    ),
    Control(
        "later, please", "later.js", "over !== 'none' && judged(res)", "over !== 'none'",
        busy, r"data-waits",
    ),
    Control(
        "in the order of the taps", "sw.js", "= (await later.state()).waiting === 0 ||", "= true ||",
        sends.test_nothing_overtakes_what_waits, r"assert \['b2'",
    ),
    Control(
        "gone at sign-out", "sw.js", "await vault.wipe();\n  return fetch(request)", "return fetch(request)",
        keeps.test_all_is_gone_at_sign_out_even_without_a_network, r"== \(\[\], False\)",
    ),
    Control(
        "gone with the session", "sw.js", "if (held && held.id !== id) await vault.wipe();", "",
        keeps.test_all_is_gone_when_the_node_says_that_the_session_is_over, r"of \('page\|/today',\) the phone keeps",
    ),
    Control(
        "gone by the clock", "vault.js", "    await wipe();\n    return null;", "    return null;",
        keeps.test_all_is_gone_when_the_session_has_ended_by_the_clock, r"== \(\[\], False\)",
    ),
    Control(
        "only what says so", "sw.js", "res.ok && until > Date.now() &&", "res.ok &&",
        keeps.test_a_page_that_does_not_say_so_is_not_kept, r"'page\|/consent' not in",
    ),
    Control(
        "only for its time", "vault.js", "|| (found.until && found.until <= Date.now())", "",
        keeps.test_what_is_kept_is_gone_after_its_time, r"No signal",
    ),
    Control(
        "sealed", "vault.js", "await crypto.subtle.encrypt(sealing(name, iv), held.key, data)", "data.buffer",
        sealed, r"assert not \['\{",
    ),
    Control(
        "the key stays", "vault.js", "length: 256 }, false,", "length: 256 }, true,",
        sealed, r"assert not True",
    ),
    Control(
        "signed", "pass.js", "if (!await holds(", "if (false && !await holds(",
        forged, r"forged",
    ),
    Control(
        "used once", "receive.js", "reason === 'valid' && before ? 'used' : reason", "reason",
        receives.test_used_twice_is_known_after_a_reload_and_told_by_the_node, r"used",
    ),
]  # fmt: skip


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=conftest.PATIENCE)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name.replace(" ", "-"))
def test_a_guard_that_is_switched_off_is_missed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, control: Control
) -> None:
    assert phone_site.script(control.script).count(control.guard) == 1, "the guard reads otherwise now"
    monkeypatch.setitem(phone_site.CHANGED, control.script, (control.guard, control.instead))
    with pytest.raises((AssertionError, TimeoutError), match=control.says):
        control.test(browser)
