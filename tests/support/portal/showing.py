"""Switches the public page of a community on, as its coordinator does; and asks there, as a stranger does."""

from playwright.sync_api import Browser

from tests.support.browser.chromium import Device
from tests.support.portal.node import Portal

LEADS = {
    "th": "หุบเขาเงียบในแขวงไซยะบูลี ตลาดเช้าตั้งแต่ฟ้าสาง ข้าวเกรียบตากแดด ด้ายขาวผูกข้อมือ",
    "lo": "ຮ່ອມພູງຽບໃນແຂວງໄຊຍະບູລີ ຕະຫຼາດເຊົ້າແຕ່ຟ້າແຈ້ງ ເຂົ້າຂຽບຕາກແດດ ຝ້າຍຂາວຜູກແຂນ",
    "en": "A quiet valley. Morning market at first light, rice crackers in the sun, a white thread on your wrist.",
}


def switch_on(portal: Portal, started: Browser, who: str = "botaen") -> None:
    """Write a few sentences and show the page to everybody."""
    with portal.phone(started, who, Device(language="en")) as phone:
        phone.open("/community/public")
        for language, lead in LEADS.items():
            phone.page.locator(f"textarea[name={language}]").fill(lead)
        phone.choose("Everybody can see our page")
        phone.tap("Save").sees("Saved.")


def ask(portal: Portal, started: Browser, community: str = "bo-taen") -> None:
    """Send a question from the page that is switched on."""
    with portal.phone(started, device=Device(language="en")) as stranger:
        stranger.open(f"/en/{community}")
        stranger.page.locator("#contact").fill("stranger@example.org")
        stranger.page.locator("#question").fill("Is there room for four in February?")
        stranger.tap("Send the question").sees("Your question is there.")
