"""The words of the consent text in Thai, Lao and English. A change of any sentence is a new VERSION of the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.personal.v1 import PersonalField


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language; {sender}, {receiver}, {home}, {there} and {delete_by} stand where they are named."""

    heading: str
    purpose: str
    fields: Mapping[PersonalField, str]
    #: Said beside fields in which health or belief may show.
    delicate: str
    only: str
    abroad: str
    at_home: str
    until: str
    withdrawing: str
    refusing: str
    guardian: str
    countries: Mapping[str, str]
    months: tuple[str, ...]
    date: str


ENGLISH = Words(
    heading="May {sender} tell {receiver} about you?",
    purpose="You are invited from {sender} to {receiver} in {there}. So that {receiver} can greet you, feed you and"
    " reach you, {sender} would like to pass on:",
    fields={
        "name": "the name you want to be called by",
        "channel": "one way to reach you: a phone number, LINE, WhatsApp or an e-mail address",
        "nationality": "your nationality",
        "document_class": "which kind of travel document you carry: not its number and no picture of it",
        "food": "what you say yourself about food that you do or do not eat",
        "mobility": "what you say yourself about moving around and the help you need",
    },
    delicate="What you say in your own words may show something about your health or your belief. Say only what you"
    " want {receiver} to know.",
    only="It is used for this visit and for nothing else, and never for advertising. Nobody but these two communities"
    " receives it.",
    abroad="It leaves {home} for {there}. The law there may protect what is known about you less well than the law of"
    " {home} or of the country you come from.",
    at_home="It stays in {home}.",
    until="Both communities delete it on {delete_by} at the latest. Within a day after it is deleted, nobody can"
    " restore it from their computers either.",
    withdrawing="You can take your word back at any time, as easily as you give it: tell {sender} or {receiver}. Both"
    " then delete what they hold and show you a receipt. If you tell {sender} before you arrive, this booking ends; you"
    " can be booked again without passing anything on. If you tell {receiver}, the booking stands.",
    refusing="You can say no. It costs you nothing and the visit still takes place: {receiver} then knows only how many"
    " of you come.",
    guardian="If you are not of age, your parent or guardian decides for you. Of children only the number in each age"
    " group is passed on, never a date of birth.",
    countries={"TH": "Thailand", "LA": "Laos"},
    months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December"),
    date="{day} {month} {year}",
)  # fmt: skip

THAI = Words(
    heading="คุณยินยอมให้{sender}ส่งข้อมูลของคุณให้{receiver}หรือไม่",
    purpose="คุณได้รับเชิญจาก{sender}ไปยัง{receiver}ใน{there} เพื่อให้{receiver}ต้อนรับคุณ เตรียมอาหารให้คุณ และติดต่อคุณได้"
    " {sender}ขอส่งข้อมูลต่อไปนี้",
    fields={
        "name": "ชื่อที่คุณอยากให้เรียก",
        "channel": "ช่องทางติดต่อคุณหนึ่งช่องทาง ได้แก่ หมายเลขโทรศัพท์ LINE WhatsApp หรืออีเมล",
        "nationality": "สัญชาติของคุณ",
        "document_class": "ประเภทของเอกสารเดินทางที่คุณถือ โดยไม่มีหมายเลขและไม่มีภาพเอกสาร",
        "food": "สิ่งที่คุณบอกเองเกี่ยวกับอาหารที่คุณกินหรือไม่กิน",
        "mobility": "สิ่งที่คุณบอกเองเกี่ยวกับการเดินเหินและความช่วยเหลือที่คุณต้องการ",
    },
    delicate="สิ่งที่คุณบอกด้วยคำของคุณเองอาจแสดงถึงสุขภาพหรือความเชื่อของคุณ กรุณาบอกเฉพาะสิ่งที่คุณอยากให้{receiver}ทราบ",
    only="ข้อมูลนี้ใช้เพื่อการเยือนครั้งนี้เท่านั้น ไม่ใช้เพื่อการอื่น และไม่ใช้เพื่อการโฆษณา ไม่มีผู้ใดได้รับข้อมูลนี้นอกจากสองชุมชนนี้",
    abroad="ข้อมูลนี้จะออกจาก{home}ไปยัง{there} กฎหมายที่นั่นอาจคุ้มครองข้อมูลของคุณน้อยกว่ากฎหมายของ{home}หรือของประเทศที่คุณมา",
    at_home="ข้อมูลนี้อยู่ภายใน{home} ไม่ออกนอกประเทศ",
    until="ทั้งสองชุมชนจะลบข้อมูลนี้ภายในวันที่ {delete_by} และภายในหนึ่งวันหลังจากลบ จะไม่มีผู้ใดกู้ข้อมูลนี้คืนจากคอมพิวเตอร์ของชุมชนได้อีก",
    withdrawing="คุณถอนความยินยอมได้ทุกเมื่อ ง่ายเท่ากับตอนที่ให้ เพียงบอก{sender}หรือ{receiver}"
    " แล้วทั้งสองชุมชนจะลบข้อมูลที่เก็บไว้และแสดงหลักฐานการลบให้คุณดู หากคุณบอก{sender}ก่อนเดินทางไปถึง"
    " การจองครั้งนี้จะสิ้นสุดลง และจองใหม่ได้โดยไม่ต้องส่งข้อมูลใด หากคุณบอก{receiver} การจองยังคงอยู่",
    refusing="คุณปฏิเสธได้โดยไม่เสียค่าใช้จ่ายใด และการเยือนยังคงมีตามเดิม {receiver}จะทราบเพียงจำนวนคนที่มา",
    guardian="หากคุณยังไม่บรรลุนิติภาวะ บิดามารดาหรือผู้ปกครองของคุณเป็นผู้ตัดสินใจแทน สำหรับเด็กจะส่งเพียงจำนวนตามช่วงอายุ ไม่ส่งวันเกิด",
    countries={"TH": "ประเทศไทย", "LA": "สปป.ลาว"},
    months=("มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม",
            "พฤศจิกายน", "ธันวาคม"),
    date="{day} {month} พ.ศ. {buddhist} (ค.ศ. {year})",
)  # fmt: skip

LAO = Words(
    heading="ທ່ານຍິນຍອມໃຫ້{sender}ສົ່ງຂໍ້ມູນຂອງທ່ານໃຫ້{receiver}ຫຼືບໍ່",
    purpose="ທ່ານໄດ້ຮັບເຊີນຈາກ{sender}ໄປ{receiver}ຢູ່{there} ເພື່ອໃຫ້{receiver}ຕ້ອນຮັບທ່ານ ກຽມອາຫານໃຫ້ທ່ານ ແລະ ຕິດຕໍ່ທ່ານໄດ້"
    " {sender}ຂໍສົ່ງຂໍ້ມູນຕໍ່ໄປນີ້",
    fields={
        "name": "ຊື່ທີ່ທ່ານຢາກໃຫ້ເອີ້ນ",
        "channel": "ຊ່ອງທາງຕິດຕໍ່ທ່ານໜຶ່ງຊ່ອງທາງ ຄື ເບີໂທລະສັບ LINE WhatsApp ຫຼື ອີເມວ",
        "nationality": "ສັນຊາດຂອງທ່ານ",
        "document_class": "ປະເພດຂອງເອກະສານເດີນທາງທີ່ທ່ານຖື ໂດຍບໍ່ມີເລກທີ ແລະ ບໍ່ມີຮູບເອກະສານ",
        "food": "ສິ່ງທີ່ທ່ານບອກເອງກ່ຽວກັບອາຫານທີ່ທ່ານກິນ ຫຼື ບໍ່ກິນ",
        "mobility": "ສິ່ງທີ່ທ່ານບອກເອງກ່ຽວກັບການຍ່າງໄປມາ ແລະ ການຊ່ວຍເຫຼືອທີ່ທ່ານຕ້ອງການ",
    },
    delicate="ສິ່ງທີ່ທ່ານບອກດ້ວຍຄຳຂອງທ່ານເອງອາດສະແດງເຖິງສຸຂະພາບ ຫຼື ຄວາມເຊື່ອຂອງທ່ານ ກະລຸນາບອກສະເພາະສິ່ງທີ່ທ່ານຢາກໃຫ້{receiver}ຮູ້",
    only="ຂໍ້ມູນນີ້ໃຊ້ເພື່ອການຢ້ຽມຢາມຄັ້ງນີ້ເທົ່ານັ້ນ ບໍ່ໃຊ້ເພື່ອສິ່ງອື່ນ ແລະ ບໍ່ໃຊ້ເພື່ອການໂຄສະນາ ບໍ່ມີໃຜໄດ້ຮັບຂໍ້ມູນນີ້ນອກຈາກສອງຊຸມຊົນນີ້",
    abroad="ຂໍ້ມູນນີ້ຈະອອກຈາກ{home}ໄປ{there} ກົດໝາຍຢູ່ທີ່ນັ້ນອາດປົກປ້ອງຂໍ້ມູນຂອງທ່ານໜ້ອຍກວ່າກົດໝາຍຂອງ{home} ຫຼື ຂອງປະເທດທີ່ທ່ານມາ",
    at_home="ຂໍ້ມູນນີ້ຢູ່ພາຍໃນ{home} ບໍ່ອອກນອກປະເທດ",
    until="ທັງສອງຊຸມຊົນຈະລຶບຂໍ້ມູນນີ້ພາຍໃນວັນທີ {delete_by} ແລະ ພາຍໃນໜຶ່ງວັນຫຼັງຈາກລຶບ ຈະບໍ່ມີໃຜກູ້ຂໍ້ມູນນີ້ຄືນຈາກຄອມພິວເຕີຂອງຊຸມຊົນໄດ້ອີກ",
    withdrawing="ທ່ານຖອນຄວາມຍິນຍອມໄດ້ທຸກເວລາ ງ່າຍເທົ່າກັບຕອນທີ່ໃຫ້ ພຽງແຕ່ບອກ{sender} ຫຼື {receiver}"
    " ແລ້ວທັງສອງຊຸມຊົນຈະລຶບຂໍ້ມູນທີ່ເກັບໄວ້ ແລະ ສະແດງຫຼັກຖານການລຶບໃຫ້ທ່ານເບິ່ງ ຖ້າທ່ານບອກ{sender}ກ່ອນໄປຮອດ"
    " ການຈອງຄັ້ງນີ້ຈະສິ້ນສຸດລົງ ແລະ ຈອງໃໝ່ໄດ້ໂດຍບໍ່ຕ້ອງສົ່ງຂໍ້ມູນໃດ ຖ້າທ່ານບອກ{receiver} ການຈອງຍັງຄົງຢູ່",
    refusing="ທ່ານປະຕິເສດໄດ້ໂດຍບໍ່ເສຍຄ່າໃຊ້ຈ່າຍໃດ ແລະ ການຢ້ຽມຢາມຍັງມີຄືເກົ່າ {receiver}ຈະຮູ້ພຽງຈຳນວນຄົນທີ່ມາ",
    guardian="ຖ້າທ່ານຍັງບໍ່ບັນລຸນິຕິພາວະ ພໍ່ແມ່ ຫຼື ຜູ້ປົກຄອງຂອງທ່ານເປັນຜູ້ຕັດສິນໃຈແທນ ສຳລັບເດັກນ້ອຍຈະສົ່ງພຽງຈຳນວນຕາມຊ່ວງອາຍຸ ບໍ່ສົ່ງວັນເກີດ",
    countries={"TH": "ປະເທດໄທ", "LA": "ສປປ ລາວ"},
    months=("ມັງກອນ", "ກຸມພາ", "ມີນາ", "ເມສາ", "ພຶດສະພາ", "ມິຖຸນາ", "ກໍລະກົດ", "ສິງຫາ", "ກັນຍາ", "ຕຸລາ",
            "ພະຈິກ", "ທັນວາ"),
    date="{day} {month} {year}",
)  # fmt: skip

WORDS: Mapping[str, Words] = {"th": THAI, "lo": LAO, "en": ENGLISH}
