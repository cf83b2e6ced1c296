"""Whether everything on a page can be reached with the Tab key alone, and is seen to be reached."""

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = (Path(__file__).parent / "keyboard.js").read_text(encoding="utf-8").split("\n", 1)[1]
CALLS, FUNCTIONS = SCRIPT.split("});\n", 1)


def out_of_reach(page: Page) -> list[str]:
    """What Tab does not reach, of a group of radios one being enough; and where the focus does not show."""
    stops = page.evaluate(_call("begin"))
    reached, wrong = set[int](), list[str]()
    parts = 3 * page.locator("input[type=date], input[type=time]").count()  # a stop for each part of a day or time
    for _press in range(len(stops) + parts + 2):  # from nowhere over all of them to the browser's own
        page.keyboard.press("Tab")
        number, found = page.evaluate(_call("now"))
        wrong += [] if number in reached else found
        reached.add(number)
    groups = {stops[number][1] for number in reached if number >= 0} - {""}
    missed = [
        f"{name} is not reached" for n, (name, group) in enumerate(stops) if n not in reached and group not in groups
    ]
    return missed + wrong


def _call(name: str) -> str:
    return f"() => {{ {FUNCTIONS} return {CALLS}}}).{name}(); }}"
