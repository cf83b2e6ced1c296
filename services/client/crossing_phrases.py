"""The sentences of a crossing plan in English, Thai and Lao. Thai and Lao await the eye of native readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Said(NamedTuple):
    """The same in three languages."""

    en: str
    th: str
    lo: str


NOT_CONFIRMED = Said("not confirmed by officials", "ยังไม่ได้รับการยืนยันจากเจ้าหน้าที่", "ຍັງບໍ່ໄດ້ຮັບການຢືນຢັນຈາກເຈົ້າໜ້າທີ່")
#: The four words. What is missing is said by the sentence.
RESULTS: Mapping[str, Said] = {
    "looks_fine": Said("looks fine", "ดูเรียบร้อย", "ເບິ່ງຄືວ່າຮຽບຮ້ອຍ"),
    "missing": Said("missing", "ยังขาด", "ຍັງຂາດ"),
    "not_possible_here": Said("not possible here", "ที่นี่ทำไม่ได้", "ບ່ອນນີ້ເຮັດບໍ່ໄດ້"),
    "unknown": Said("unknown - ask officials", "ไม่ทราบ - ถามเจ้าหน้าที่", "ບໍ່ຮູ້ - ຖາມເຈົ້າໜ້າທີ່"),
}
ROW = Said("{id}: {source}; checked {checked}", "{id}: {source}; ตรวจเมื่อ {checked}", "{id}: {source}; ກວດເມື່ອ {checked}")
TRUST = Said("confidence {confidence}", "ความเชื่อมั่น {confidence}", "ຄວາມເຊື່ອໝັ້ນ {confidence}")
INVENTED = Said("invented for demonstration", "สมมติเพื่อสาธิต", "ສົມມຸດເພື່ອສາທິດ")
PHRASES: Mapping[str, Said] = {
    # the crossing
    "closed": Said("closed, as of {as_of}", "ปิด ณ วันที่ {as_of}", "ປິດ ນັບແຕ່ {as_of}"),
    "local_people_only": Said("for local people's trade only", "เฉพาะการค้าของคนในพื้นที่", "ສະເພາະການຄ້າຂອງຄົນໃນທ້ອງຖິ່ນ"),
    "not_open_to": Said("not open to {group}", "ไม่เปิดให้ {group}", "ບໍ່ເປີດໃຫ້ {group}"),
    "stale": Said("last looked at {checked}: too long ago", "ตรวจล่าสุด {checked} นานเกินไป", "ກວດຫຼ້າສຸດ {checked} ດົນເກີນໄປ"),
    "status_unknown": Said("whether it is open", "เปิดหรือไม่", "ເປີດຫຼືບໍ່"),
    "class_unknown": Said("the class of one side", "ประเภทด่านของฝั่งหนึ่ง", "ປະເພດດ່ານຂອງຝັ່ງໜຶ່ງ"),
    "reported_open": Said("reported open as of {as_of}", "มีรายงานว่าเปิด ณ {as_of}", "ມີລາຍງານວ່າເປີດ ນັບແຕ່ {as_of}"),
    "open_to": Said("open to {group}, as of {as_of}", "เปิดให้ {group} ณ วันที่ {as_of}", "ເປີດໃຫ້ {group} ນັບແຕ່ {as_of}"),
    "hours_unknown": Said("the opening hours", "เวลาเปิดปิด", "ເວລາເປີດປິດ"),
    "closed_weekday": Said("closed on that weekday, {day}", "ปิดในวันนั้น {day}", "ປິດໃນມື້ນັ້ນ {day}"),
    "hour_not_said": Said("when they cross; open {hours}", "ยังไม่บอกเวลาข้าม เปิด {hours}", "ຍັງບໍ່ບອກເວລາຂ້າມ ເປີດ {hours}"),
    "closed_hour": Said("closed at that time; open {hours}", "ปิดในเวลานั้น เปิด {hours}", "ປິດໃນເວລານັ້ນ ເປີດ {hours}"),
    "be_there_earlier": Said(
        "time: be there by {latest}; open {hours}",
        "เวลา ควรถึงก่อน {latest} เปิด {hours}",
        "ເວລາ ຄວນຮອດກ່ອນ {latest} ເປີດ {hours}",
    ),
    "open_then": Said(
        "open {hours}; be there by {latest}", "เปิด {hours} ควรถึงก่อน {latest}", "ເປີດ {hours} ຄວນຮອດກ່ອນ {latest}"
    ),
    # rows
    "no_rule": Said("no rule on {about} is on file", "ไม่มีกฎเรื่อง {about} ในแฟ้ม", "ບໍ່ມີລະບຽບເລື່ອງ {about} ໃນແຟ້ມ"),
    "rows_disagree": Said("rules on {about} disagree", "กฎเรื่อง {about} ขัดกัน", "ລະບຽບເລື່ອງ {about} ຂັດກັນ"),
    "rows_conflict": Said("{rows} disagree on {subject}", "{rows} ขัดกันเรื่อง {subject}", "{rows} ຂັດກັນເລື່ອງ {subject}"),
    "may_not_hold": Said(
        "this rule may not hold for them, or no longer", "กฎนี้อาจใช้ไม่ได้กับคณะนี้ หรือหมดอายุ", "ລະບຽບນີ້ອາດໃຊ້ບໍ່ໄດ້ກັບຄະນະນີ້ ຫຼືໝົດອາຍຸ"
    ),
    "source_unsure": Said("the source is not sure", "แหล่งข้อมูลไม่แน่ใจ", "ແຫຼ່ງຂໍ້ມູນບໍ່ແນ່ໃຈ"),
    # document
    "document_unknown": Said("which document they carry", "ถือเอกสารอะไร", "ຖືເອກະສານຫຍັງ"),
    "document_not_taken": Said("{document} of {group}", "{document} ของ {group}", "{document} ຂອງ {group}"),
    "document_taken": Said("{document} of {group}", "{document} ของ {group}", "{document} ຂອງ {group}"),
    "nights_unknown": Said("how many nights they stay", "พักกี่คืน", "ພັກຈັກຄືນ"),
    "stay_too_long": Said(
        "{nights} nights, at most {most} are allowed",
        "พัก {nights} คืน ได้ไม่เกิน {most} คืน",
        "ພັກ {nights} ຄືນ ໄດ້ບໍ່ເກີນ {most} ຄືນ",
    ),
    "stay_unsure": Said("whether they may stay (nights: {nights})", "พัก {nights} คืนได้หรือไม่", "ພັກ {nights} ຄືນໄດ້ຫຼືບໍ່"),
    "stay_within": Said(
        "nights: {nights} of at most {most}", "{nights} คืน จากไม่เกิน {most} คืน", "{nights} ຄືນ ຈາກບໍ່ເກີນ {most} ຄືນ"
    ),
    "return_same_point": Said(
        "a way back by the same point, {crossing}", "ต้องกลับทางด่านเดิม {crossing}", "ຕ້ອງກັບທາງດ່ານເກົ່າ {crossing}"
    ),
    "return_elsewhere": Said(
        "back by {crossing}: it must be the same point",
        "กลับทาง {crossing} ต้องเป็นด่านเดิม",
        "ກັບທາງ {crossing} ຕ້ອງເປັນດ່ານເກົ່າ",
    ),
    "return_as_asked": Said("back by the same point", "กลับทางด่านเดิม", "ກັບທາງດ່ານເກົ່າ"),
    "only_within": Said("whether they stay within {area}", "อยู่ภายใน {area} หรือไม่", "ຢູ່ພາຍໃນ {area} ຫຼືບໍ່"),
    "one_journey_only": Said("it is for one journey only", "ใช้ได้เที่ยวเดียว", "ໃຊ້ໄດ້ຖ້ຽວດຽວ"),
    "paper_needed": Said("{what}", "{what}", "{what}"),
    # visa
    "visa_held": Said("whether the visa is good here", "วีซ่าใช้ที่นี่ได้หรือไม่", "ວີຊາໃຊ້ບ່ອນນີ້ໄດ້ຫຼືບໍ່"),
    "visa_said_not_needed": Said(
        "no dated rule says that no visa is needed", "ไม่มีกฎที่ลงวันที่ว่าไม่ต้องมีวีซ่า", "ບໍ່ມີລະບຽບທີ່ລົງວັນທີວ່າບໍ່ຕ້ອງມີວີຊາ"
    ),
    "visa_before_arrival": Said(
        "a visa for {country}, held before arrival if one is needed: none is given here",
        "วีซ่า {country} ต้องมีก่อนเดินทางหากจำเป็น ที่นี่ไม่ออกให้",
        "ວີຊາ {country} ຕ້ອງມີກ່ອນເດີນທາງຖ້າຈຳເປັນ ບ່ອນນີ້ບໍ່ອອກໃຫ້",
    ),
    "visa_here_or_before": Said(
        "a visa for {country} if one is needed: before, or here as reported",
        "วีซ่า {country} หากจำเป็น ทำก่อน หรือที่นี่ตามรายงาน",
        "ວີຊາ {country} ຖ້າຈຳເປັນ ເຮັດກ່ອນ ຫຼືບ່ອນນີ້ຕາມລາຍງານ",
    ),
    "visa_unknown": Said(
        "whether {country} asks for a visa, and where", "{country} ต้องใช้วีซ่าหรือไม่ ที่ใด", "{country} ຕ້ອງໃຊ້ວີຊາຫຼືບໍ່ ຢູ່ໃສ"
    ),
    # forms, papers, duties
    "form_needed": Said("{what}, from {opens} on", "{what} ยื่นได้ตั้งแต่ {opens}", "{what} ຍື່ນໄດ້ແຕ່ {opens}"),
    "form_exempt": Said("{what}: exempt", "{what} ได้รับยกเว้น", "{what} ໄດ້ຮັບຍົກເວັ້ນ"),
    "form_elsewhere": Said("{what} here, or a paper card", "{what} ที่นี่ หรือใช้บัตรกระดาษ", "{what} ຢູ່ນີ້ ຫຼືໃຊ້ບັດເຈ້ຍ"),
    "form_for_others": Said("{what} with this document", "{what} สำหรับเอกสารนี้", "{what} ສຳລັບເອກະສານນີ້"),
    "vehicle_not_said": Said("how they travel", "เดินทางด้วยอะไร", "ເດີນທາງດ້ວຍຫຍັງ"),
    "escort_not_said": Said("who is with the children", "ใครดูแลเด็ก", "ໃຜດູແລເດັກ"),
    "refused_here": Said("refused here", "ที่นี่ไม่ให้ผ่าน", "ບ່ອນນີ້ບໍ່ໃຫ້ຜ່ານ"),
    "permitted": Said("permitted", "อนุญาต", "ອະນຸຍາດ"),
    "lodging_report": Said(
        "{what}, by the receiving host, {timing}", "{what} โดยเจ้าบ้านผู้รับ {timing}", "{what} ໂດຍເຈົ້າບ້ານຜູ້ຮັບ {timing}"
    ),
    "lodging_if_foreign": Said(
        "{what}, by you as host, {timing}, for each guest from abroad",
        "{what} โดยท่านเจ้าบ้าน {timing} สำหรับแขกต่างชาติ",
        "{what} ໂດຍທ່ານເຈົ້າບ້ານ {timing} ສຳລັບແຂກຕ່າງປະເທດ",
    ),
    "travel_not_known": Said("what they carry: it stays with the sender", "เอกสารที่ถือ อยู่กับผู้ส่ง", "ເອກະສານທີ່ຖື ຢູ່ກັບຜູ້ສົ່ງ"),
    # around a plan
    "km_by_road": Said("{km} km by road", "{km} กม. ทางถนน", "{km} ກມ. ທາງຖະໜົນ"),
    "km_by_straight_line": Said("{km} km in a straight line", "{km} กม. เส้นตรง", "{km} ກມ. ເສັ້ນຊື່"),
    "oldest_check": Said(
        "The oldest of all checks is of {checked}.", "การตรวจเก่าที่สุดเมื่อ {checked}", "ການກວດເກົ່າສຸດເມື່ອ {checked}"
    ),
    # reminders
    "form_window_reminder": Said("{what} can be submitted from today on", "ยื่น {what} ได้ตั้งแต่วันนี้", "ຍື່ນ {what} ໄດ້ແຕ່ມື້ນີ້"),
    "visa_before_arrival_reminder": Said(
        "a visa, if one is needed, is held before arrival", "หากต้องมีวีซ่า ต้องมีก่อนเดินทาง", "ຖ້າຕ້ອງມີວີຊາ ຕ້ອງມີກ່ອນເດີນທາງ"
    ),
    "papers_and_hours_reminder": Said(
        "tomorrow: papers and opening hours of the crossing", "พรุ่งนี้: เอกสารและเวลาเปิดด่าน", "ມື້ອື່ນ: ເອກະສານແລະເວລາເປີດດ່ານ"
    ),
    "lodging_report_reminder": Said("today: report the guests, {what}", "วันนี้: แจ้งที่พัก {what}", "ມື້ນີ້: ແຈ້ງທີ່ພັກ {what}"),
}
#: Codes inside a sentence.
VALUES: Mapping[str, Said] = {
    "thai": Said("Thai travellers", "คนไทย", "ຄົນໄທ"),
    "lao": Said("Lao travellers", "คนลาว", "ຄົນລາວ"),
    "third_country": Said("third-country travellers", "คนประเทศที่สาม", "ຄົນປະເທດທີສາມ"),
    "passport": Said("passport", "หนังสือเดินทาง", "ໜັງສືຜ່ານແດນ (ພາສປອດ)"),
    "border_pass": Said("border pass", "หนังสือผ่านแดน", "ບັດຜ່ານແດນ"),
    "temporary_border_pass": Said("temporary border pass", "หนังสือผ่านแดนชั่วคราว", "ບັດຜ່ານແດນຊົ່ວຄາວ"),
    "TH": Said("Thailand", "ประเทศไทย", "ປະເທດໄທ"),
    "LA": Said("the Lao PDR", "สปป.ลาว", "ສປປ ລາວ"),
    "entry_province": Said("the province of entry", "แขวงหรือจังหวัดที่เข้า", "ແຂວງທີ່ເຂົ້າ"),
    "border_area_of_entry_province": Said(
        "the agreed border area of the province of entry", "เขตชายแดนที่ตกลงกันของแขวงที่เข้า", "ເຂດຊາຍແດນທີ່ຕົກລົງກັນຂອງແຂວງທີ່ເຂົ້າ"
    ),
    "entry_province_and_two_adjacent": Said(
        "the province of entry and two adjacent ones", "แขวงที่เข้าและสองแขวงข้างเคียง", "ແຂວງທີ່ເຂົ້າແລະສອງແຂວງໃກ້ຄຽງ"
    ),
    "tdac": Said("the Thai arrival card (TDAC)", "บัตรขาเข้าดิจิทัลไทย (TDAC)", "ບັດເຂົ້າເມືອງດິຈິຕອນໄທ (TDAC)"),
    "ldif": Said("the Lao digital form (LDIF)", "แบบฟอร์มดิจิทัลลาว (LDIF)", "ແບບຟອມດິຈິຕອນລາວ (LDIF)"),
    "tm30": Said("the report TM30", "แจ้งที่พัก ตม.30", "ແຈ້ງທີ່ພັກ TM30"),
    "guest_register": Said(
        "the guest register and report to village or police", "สมุดผู้เข้าพักและแจ้งบ้านหรือตำรวจ", "ປຶ້ມແຂກພັກເຊົາແລະແຈ້ງບ້ານຫຼືຕຳຫຼວດ"
    ),
    "same_day": Said("the same day", "ในวันเดียวกัน", "ໃນມື້ດຽວກັນ"),
    "hours_after": Said("within {hours} h of arrival", "ภายใน {hours} ชม. หลังมาถึง", "ພາຍໃນ {hours} ຊມ. ຫຼັງມາຮອດ"),
    "days_before": Said("before arrival", "ก่อนมาถึง", "ກ່ອນມາຮອດ"),
    "passport_six_months": Said("a passport valid for 6 months", "หนังสือเดินทางเหลืออายุ 6 เดือน", "ພາສປອດຍັງເຫຼືອ 6 ເດືອນ"),
    "registered_lao_tour_company": Said(
        "a registered Lao tour company", "บริษัททัวร์ลาวที่จดทะเบียน", "ບໍລິສັດທ່ອງທ່ຽວລາວທີ່ຈົດທະບຽນ"
    ),
    "vehicle_passport": Said("the vehicle's passport", "หนังสือเดินทางรถ", "ພາສປອດລົດ"),
    "registration_original": Said("its registration, the original", "ทะเบียนรถตัวจริง", "ທະບຽນລົດຕົວຈິງ"),
    "owner_or_permission_letter": Said(
        "its owner, or the owner's letter", "เจ้าของรถ หรือหนังสือยินยอม", "ເຈົ້າຂອງລົດ ຫຼືໜັງສືຍິນຍອມ"
    ),
    "customs_papers": Said("customs papers of both sides", "เอกสารศุลกากรสองฝั่ง", "ເອກະສານພາສີສອງຝັ່ງ"),
    "lao_vehicle_insurance": Said(
        "the compulsory Lao insurance, bought at the border", "ประกันรถภาคบังคับลาว ซื้อที่ด่าน", "ປະກັນໄພລົດພາກບັງຄັບລາວ ຊື້ທີ່ດ່ານ"
    ),
    "childs_own_document": Said(
        "each child's own document, or on a parent's pass", "เอกสารของเด็ก หรืออยู่ในของพ่อแม่", "ເອກະສານຂອງເດັກ ຫຼືຢູ່ໃນຂອງພໍ່ແມ່"
    ),
    "birth_certificate": Said("each child's birth certificate", "สูติบัตรของเด็ก", "ໃບເກີດຂອງເດັກ"),
    "guardian_letter": Said("a letter of the parents", "หนังสือยินยอมจากพ่อแม่", "ໜັງສືຍິນຍອມຈາກພໍ່ແມ່"),
    "high": Said("high", "สูง", "ສູງ"),
    "medium": Said("medium", "ปานกลาง", "ປານກາງ"),
    "low": Said("low", "ต่ำ", "ຕ່ຳ"),
    "unknown": Said("unknown", "ไม่ทราบ", "ບໍ່ຮູ້"),
    "admission": Said("the crossing", "ด่าน", "ດ່ານ"),
    "hours": Said("opening hours", "เวลาเปิดปิด", "ເວລາເປີດປິດ"),
    "document": Said("the document", "เอกสารเดินทาง", "ເອກະສານເດີນທາງ"),
    "visa": Said("the visa", "วีซ่า", "ວີຊາ"),
    "stay": Said("the length of stay", "ระยะเวลาพัก", "ໄລຍະເວລາພັກ"),
    "return": Said("the way back", "ทางกลับ", "ທາງກັບ"),
    "area": Said("the area", "พื้นที่", "ພື້ນທີ່"),
    "paper": Said("papers", "เอกสารประกอบ", "ເອກະສານປະກອບ"),
    "form": Said("the form", "แบบฟอร์ม", "ແບບຟອມ"),
    "vehicle": Said("the vehicle", "ยานพาหนะ", "ພາຫະນະ"),
    "children": Said("children", "เด็ก", "ເດັກ"),
    "lodging": Said("lodging", "ที่พัก", "ທີ່ພັກ"),
    "travel": Said("documents", "เอกสาร", "ເອກະສານ"),
    "conflict": Said("rules that disagree", "กฎที่ขัดกัน", "ລະບຽບທີ່ຂັດກັນ"),
}
