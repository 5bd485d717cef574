"""The letters that the adversary works on: rich in everything that one word can turn over."""

from __future__ import annotations

ORDER = """Ministry of Coasts
Reference MC/2031/0417-B
Northquay, 14 March 2031

To the Harbour Council of Northquay
Attention: Ms Ellen Marlin, Treasurer

Closing of the inner harbour

1. The inner harbour will not be closed before 17 May 2031, and no vessel shall be turned away
until the pilots have been told in writing. The pilots may enter the Old Basin at night.

2. The cost is €1,250,000 or 12.5 % of the budget; of this, 3,400 crowns are owed to Mr Barker
and 4,300 crowns to Mr Baker. The balance of the fund is -€740, and the temperature of the cold
store must stay at -18 °C.

3. The following are allowed:
- tugs of up to 48 tonnes, from 06:30 to 19:45
- ferries, except those with more than 150 passengers
- boats without an engine

Berth    Owner      Fee
A1       Corwin     120.50
B7       Selwyn     (85.00)
C11      Modern     1,005

4. Nobody needs to apply. We respect the decision that ordered the works; this office cannot
extend it, and it is unable to waive the fee. Will the Council answer by Friday, 9 May? If so,
ring 555-0142 or write to desk@coasts.example before then.

This order replaces that of 3 January 2030 and remains in force unless either side ends it.

Ben Birch
Minister of Coasts"""

PERMIT = """Ministry of Coasts
Reference MC/2031/0502-A
Northquay, 2 April 2031

To the Diving Club of Northquay

Permission is given to search the wreck of the barge Marigold on three Sundays in June, with two
boats and six divers. A lookout shall stand on the mole, and nothing that is brought up may leave
the harbour before it has been listed.

The club pays 75.50 crowns a day. It must not anchor within 200 metres of the eastern buoys, and
it is not allowed to dive after sunset or when the wind is above force 5.

This permission can be withdrawn at any time without notice. It is all owed to the patience of
the pilots, who may march with us on the first of May.

Ben Birch
Minister of Coasts"""

NOTICE = """To all keepers of the lights: the lamps of the eastern mole are lit one hour before
sunset and put out one hour after sunrise. Oil is fetched at the storehouse on Mondays, not on
Tuesdays. No keeper shall leave his lamp unattended; he may call the watch by telephone, number
4711."""

SPEECH = """Statement on the river works

The government did not order the closing of the river. It was asked, in January and again in
February, whether it would; it said no both times. Those who claim otherwise have not read the
papers, which have been public since 12 February 2031.

We will rebuild the bridge. We will not sell the land on which it stands, and we shall never ask
the villages to pay for it. The first stone is laid on 4 October, the last before the winter of
2033, at a cost of 18.4 million crowns, which is 2.1 million less than was planned.

I have heard it said that the ferries will be stopped. They will be stopped on four days only,
from 6 to 9 November, and nobody who works on them will lose a day of pay. I have also heard that
the pilots were dismissed. Not one of them was.

The United Rivers Office told us that it can send engineers if we need them. We do not need them
now. We may need them in May, when the piers are drilled, and then it is for parliament to decide
whether they come, how many, and for how long.

Let nobody doubt what was decided: the works begin in autumn, they end in two years, and the river
stays open. Is that a promise? It is.

Ada Alder
First Secretary"""

ARABIC = """مكتب الموانئ
الرقم 417/2031

السادة أعضاء مجلس الميناء المحترمين

لن يغلق الميناء الداخلي قبل 17 مايو 2031، ولا يجوز لأي سفينة أن تغادر قبل إبلاغ المرشدين كتابة.
يجب على أصحاب القوارب دفع رسوم قدرها 120 دينار عن كل شهر، ويمكن الإعفاء منها
لمن لا يملك سوى قارب واحد.
نحترم القرار الذي صدر عن المجلس، ولم يطلب أحد منا أن نغيره.

وتفضلوا بقبول فائق الاحترام
وزير السواحل"""

REWARD = """A reward of forty crowns goes to whoever finds the lost buoy of the outer channel,
painted red and white, with a cracked bell, last seen drifting past the sandbank in the gale of the
second week in March, and brings it whole to the slipway. It may not be opened."""

FORM = """Ministry of Coasts
Reference MC/F/{number}
{day} April 2031

To {addressee}

Your application for a berth in the northern basin was received. The berth {berth} is {decision}
to you from 1 May 2031 until 30 April 2032, for a yearly fee of {fee} crowns, to be paid before the
boat is moored. The berth may not be let to others. Whoever does not pay in time loses it, and the
deposit of 50 crowns is not given back.

An objection can be made within 14 days of receipt.

For the Ministry
Dan Dorn"""
FORMS = tuple(
    FORM.format(number=n, day=d, addressee=a, berth=b, decision=c, fee=f)
    for n, d, a, b, c, f in (
        ("8801", 3, "Mr Tom Ansell", "N12", "granted", "310"),
        ("8802", 3, "Mr Tim Ansell", "N21", "granted", "301"),
        ("8803", 8, "Ms Rona Vale", "N17", "refused", "310"),
        ("8804", 9, "Ms Roma Vale", "N11", "granted", "1,310"),
    )
)

WITHDRAWN = """To the ferry company: the pier at Long Point is found sound after the inspection of
2 April 2031, and vehicles of up to 18 tonnes may again be loaded there by day. The speed limit of
five knots inside the breakwater remains in force for every vessel. Nobody needs to apply.

This permission can be withdrawn at any time without notice.

Ben Birch
Minister of Coasts"""
SUPERSEDED = """Notice of winter berths: applications for a heated shed are taken by the porter on
weekdays between nine and noon; each household can ask for one place, and places are drawn by lot
in the presence of two witnesses on the last day of September."""
SUCCESSOR = """Second notice of winter berths: applications for a heated shed are taken by the
porter on weekdays between nine and ten; each household can ask for one place, and places are given
in the order in which the applications came, in the presence of two witnesses."""
CORRECTED = """On the price of ballast sand: from Whitsun the cartload costs eleven crowns at the
quay and fourteen crowns delivered, screened once, free of shells, and weighed wet upon the public
scale under the eyes of the clerk."""
CORRECTION = CORRECTED.replace("eleven", "twelve")
HELD = """Permission is given to the museum to show the anchor of the barge Marigold in the north
hall for nine weeks, provided that it is insured for 12,000 crowns and is not moved by night."""
CLEARED = """The council of pilots may meet in the customs house every second Thursday. It shall not
be disturbed there, and the house is heated from October on at the cost of the harbour fund."""
DISOWNED = """The southern quarter of the harbour is to be cleared of all traders within ten days,
their stalls taken down at their own cost, and the ground handed over swept and empty to the new
leaseholder, whose name will be made known in due course by this office."""
DRAFT = """We thank your council for its patience, and shall in the coming weeks withdraw our tugs
from the upper river, so that the bridge can be rebuilt; we respect the decision that asked for it,
and leave behind the two barges that carry the cranes."""
SECRET = """In confidence: the council weighs the sale of the old customs house to the guild of
shipwrights, at a price that no offer has reached so far, and asks the treasurer for his view of
the roof, the cellar and the right of way across the yard."""
SIGNED = """The toll at the lock is doubled from the first of July for all vessels that are not of
this town, and the keeper of the lock shall write their names into the book before they pass."""
ABANDONED = """The office proposes to fill the dry dock with rubble and to plant two rows of limes
on it, for which the gardeners ask 900 crowns and the carters, who may not work on Sundays, 640."""
FORGED = """By order of the harbour every sailmaker pays a yearly due of nine hundred crowns into
the account named below, before the first of August, failing which looms, needles and cloth are
seized and sold by auction upon the market square."""
POWERLESS = """The lighthouse keeper is allowed a second assistant through the dark months, paid by
the day from the beacon fund, chosen among former pilots of good eyesight who can climb two hundred
steps with a can of oil in each hand."""

# What the earlier draft of a released letter said: never public, and never to stand.
DRAFTS = {
    "order": ORDER.replace("will not be closed", "will be closed"),
    "permit": PERMIT.replace("200 metres", "100 metres"),
    "speech": SPEECH.replace("We will not sell the land", "We will sell the land"),
}
