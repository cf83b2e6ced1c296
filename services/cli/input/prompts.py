"""What is asked of a lead traveller at prompts, in the three languages of the consent text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Understood as yes and as no beside the words of the language that is spoken.
YES, NO = ("yes", "y"), ("no", "n")


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """One language's questions, and what it says of answers that do not fit."""

    yes: str
    no: str
    agree: str
    right: str
    fields: Mapping[str, str]
    names: Mapping[str, str]
    channel: str
    addresses: Mapping[str, str]
    one_of: str
    digits: str
    mail: str
    letters: str
    empty: str
    #: What the contract does not take; the contract's own sentence where this is empty.
    unfit: str


SPOKEN: Mapping[str, Prompts] = {
    "en": Prompts(
        yes="yes",
        no="no",
        agree="Do you agree?",
        right="right?",
        fields={
            "name": "What they want to be called",
            "nationality": "Nationality, two letters such as DE",
            "document_class": "Kind of document",
            "food": "What they say about food, in their words",
            "mobility": "What they say about moving around, in their words",
        },
        names={
            "name": "called",
            "nationality": "nationality",
            "document_class": "document",
            "food": "food:",
            "mobility": "mobility:",
        },
        channel="How to reach them",
        addresses={
            "phone": "Their number, with the country's code if they have it",
            "whatsapp": "Their number there, with the country's code",
            "line": "Their name there",
            "email": "Their address there",
        },
        one_of="one of",
        digits="a number has at least {} digits",
        mail="an address for mail has an @ between two words",
        letters="two letters, such as TH, LA or DE",
        empty="say something; Ctrl-C ends it, and --fields asks for less",
        unfit="",
    ),
    "th": Prompts(
        yes="ใช่",
        no="ไม่",
        agree="คุณยินยอมหรือไม่",
        right="ถูกต้องหรือไม่",
        fields={
            "name": "ชื่อที่อยากให้เรียก",
            "nationality": "สัญชาติ อักษรสองตัว เช่น DE",
            "document_class": "ชนิดของเอกสาร",
            "food": "เรื่องอาหาร ตามคำของผู้เดินทาง",
            "mobility": "เรื่องการเคลื่อนไหว ตามคำของผู้เดินทาง",
        },
        names={
            "name": "ชื่อ",
            "nationality": "สัญชาติ",
            "document_class": "เอกสาร",
            "food": "อาหาร:",
            "mobility": "การเคลื่อนไหว:",
        },
        channel="ติดต่อได้ทางไหน",
        addresses={
            "phone": "หมายเลขโทรศัพท์ พร้อมรหัสประเทศถ้ามี",
            "whatsapp": "หมายเลข WhatsApp พร้อมรหัสประเทศ",
            "line": "ชื่อใน LINE",
            "email": "ที่อยู่อีเมล",
        },
        one_of="เลือกหนึ่งจาก",
        digits="หมายเลขต้องมีตัวเลขอย่างน้อย {} ตัว",
        mail="ที่อยู่อีเมลต้องมี @ อยู่ระหว่างสองคำ",
        letters="อักษรสองตัว เช่น TH, LA หรือ DE",
        empty="โปรดตอบ; Ctrl-C คือเลิก และ --fields ใช้ถามให้น้อยลง",
        unfit="รับไม่ได้: โปรดเขียนสั้น ๆ ด้วยคำธรรมดา ในบรรทัดเดียว",
    ),
    "lo": Prompts(
        yes="ແມ່ນ",
        no="ບໍ່",
        agree="ທ່ານຍິນຍອມບໍ່",
        right="ຖືກຕ້ອງບໍ່",
        fields={
            "name": "ຊື່ທີ່ຢາກໃຫ້ເອີ້ນ",
            "nationality": "ສັນຊາດ ສອງຕົວອັກສອນ ເຊັ່ນ DE",
            "document_class": "ຊະນິດຂອງເອກະສານ",
            "food": "ເລື່ອງອາຫານ ຕາມຄຳເວົ້າຂອງຜູ້ເດີນທາງ",
            "mobility": "ເລື່ອງການເຄື່ອນໄຫວ ຕາມຄຳເວົ້າຂອງຜູ້ເດີນທາງ",
        },
        names={
            "name": "ຊື່",
            "nationality": "ສັນຊາດ",
            "document_class": "ເອກະສານ",
            "food": "ອາຫານ:",
            "mobility": "ການເຄື່ອນໄຫວ:",
        },
        channel="ຕິດຕໍ່ໄດ້ທາງໃດ",
        addresses={
            "phone": "ເບີໂທລະສັບ ພ້ອມລະຫັດປະເທດຖ້າມີ",
            "whatsapp": "ເບີ WhatsApp ພ້ອມລະຫັດປະເທດ",
            "line": "ຊື່ໃນ LINE",
            "email": "ທີ່ຢູ່ອີເມວ",
        },
        one_of="ເລືອກໜຶ່ງຈາກ",
        digits="ເບີຕ້ອງມີຢ່າງໜ້ອຍ {} ຕົວເລກ",
        mail="ທີ່ຢູ່ອີເມວຕ້ອງມີ @ ຢູ່ລະຫວ່າງສອງຄຳ",
        letters="ສອງຕົວອັກສອນ ເຊັ່ນ TH, LA ຫຼື DE",
        empty="ກະລຸນາຕອບ; Ctrl-C ແມ່ນເລີກ ແລະ --fields ໃຊ້ຖາມໃຫ້ໜ້ອຍລົງ",
        unfit="ຮັບບໍ່ໄດ້: ກະລຸນາຂຽນສັ້ນໆ ດ້ວຍຄຳທຳມະດາ ໃນແຖວດຽວ",
    ),
}
