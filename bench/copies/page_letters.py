"""The letters that `pages` sends in every shape."""

from __future__ import annotations

LETTERS = {
    "basin": """The Harbour Office
Reference HO/2031/17

To the owners of the fishing boats,

The north basin will be dredged from 5 May 2031 to 23 May 2031. During these weeks no boat
may be moored east of the ice house. Owners shall move their boats to the south basin before
sunset on 4 May 2031, and may bring them back once the harbour master has not objected.

The fee of 120 crowns for May is waived. Nobody needs to apply for it. Whoever cannot move a
boat by himself will find the tug Petrel at the coal pier between six and nine in the morning;
her master asks for nothing but a line and a fender.

Nets that are left on the quay will be taken to the storehouse, and can be fetched there until
the end of June against a receipt. The ice house stays open throughout, and so does the weighing
place, but carts must come by Cooper Street, since the rails on the mole are being renewed.

Ada Alder
Head of the Harbour Office""",
    "lights": """To the keepers of the lights

From Monday, 7 April 2031, the lamps of the eastern mole are lit one hour before sunset and are
put out one hour after sunrise, until the dredging of the basin is over and the buoys stand where
the new chart has them. Oil is fetched at the storehouse on Tuesdays; each keeper signs for
eighteen litres and may not pass on what he has left.

The fog horn is sounded twice a minute, and not three times as before. Pilots have been told.
Should a lamp fail by night, the keeper hoists two lanterns one above the other and sends word
to the watch at the custom house, who will not leave it before relief has come.

The wages for April are raised by 40 crowns to 310 crowns. They are paid on the last Friday of
the month by the bursar, who keeps his list in the room behind the chart office.

Ben Birch, for the Harbour Office""",
    "arabic": """إلى أصحاب السفن في الميناء الشمالي

نحيطكم علما بأن الحوض الشمالي سيغلق من يوم 5 مايو 2031 إلى يوم 23 مايو 2031 بسبب أعمال الحفر.
لا يجوز لأي سفينة أن ترسو شرق مخزن الثلج خلال هذه الأسابيع. يجب على الملاك نقل سفنهم إلى
الحوض الجنوبي قبل غروب الشمس.

لن تدفع رسوم شهر مايو وقدرها 120 دينارا. ومن لا يستطيع نقل سفينته بنفسه فعليه أن يطلب
المساعدة من مكتب الميناء بين الساعة السادسة والتاسعة صباحا.

مدير مكتب الميناء""",
    "mixed": """Notice to all crews

The ferry to Long Point leaves at 8 in the morning and at 4 in the afternoon. Nobody may board
after the bell has been rung. Children travel without a ticket until they are seven.

تغادر العبارة في الساعة الثامنة صباحا وفي الساعة الرابعة بعد الظهر. لا يجوز لأحد الصعود
بعد قرع الجرس. يسافر الأطفال بدون تذكرة حتى سن السابعة.

The Harbour Office, 2 June 2031""",
}
