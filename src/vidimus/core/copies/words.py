"""Words that change what a letter says: negations, dates, modal verbs, money, numbers.

English in full, the commonest of French, Spanish, German and Arabic. A word that is missing
here is still compared and reported; it is only called "word" instead of "negation", and a
poor photo of it may be dismissed as noise when every reading of the pixels says so.

All entries are keys as `tokens.key` makes them: lower case, without apostrophes.
"""

from __future__ import annotations


def _all(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIONS = _all("""
    not no never none nor neither nobody nothing nowhere without cannot unable refuse refuses
    refused deny denies denied except unless hardly scarcely
    dont doesnt didnt isnt arent wasnt werent wont wouldnt cant couldnt shouldnt mustnt hasnt
    havent hadnt neednt shant aint mightnt
    ne pas non jamais aucun aucune sans ni rien
    nunca jamas jamás ninguno ninguna ningun ningún sin nada tampoco
    nicht kein keine keinen keinem keiner keines nie niemals ohne weder nichts
    لا ليس ليست لم لن ما غير بدون دون
    не нет ни никогда без
""")
NEGATIVE_PREFIXES = ("un", "in", "im", "il", "ir", "non", "dis", "a", "mis", "anti", "de")

MODALS = _all("""
    shall must may will should would can could might ought need
    doit doivent peut peuvent devrait pourrait
    debe deben puede pueden debería podría
    muss müssen darf dürfen soll sollen kann können sollte könnte wird werden
    يجب يمكن قد سوف
""")

MONTHS_AND_DAYS = _all("""
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sept sep oct nov dec
    monday tuesday wednesday thursday friday saturday sunday
    today tomorrow yesterday
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    lundi mardi mercredi jeudi vendredi samedi dimanche
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    lunes martes miércoles jueves viernes sábado domingo
    januar februar märz juni juli oktober dezember
    montag dienstag mittwoch donnerstag freitag samstag sonntag
    يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
    كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين
    الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
""")

UNITS = _all("""
    % ‰ ‱ ٪ $ € £ ¥ ₽ ₹ ₪ usd eur gbp chf jpy iqd dollar dollars euro euros pound pounds franc
    francs dinar dinars yen rouble roubles cent cents percent per-cent
    km m cm mm kg g mg t ton tons tonne tonnes litre litres mile miles feet hectare hectares
    barrel barrels hour hours day days week weeks month months year years minute minutes
    دينار دولار يورو
""")

NUMBER_WORDS = _all("""
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty
    ninety hundred hundreds thousand thousands million millions billion billions trillion dozen
    half double twice once first second third fourth fifth
    deux trois quatre cinq sept huit neuf dix cent mille
    dos tres cuatro cinco seis siete ocho nueve diez cien mil
    zwei drei vier fünf sechs sieben acht neun zehn hundert tausend
""")

# Beside these, as beside a number, a sign belongs to the amount.
CURRENCIES = _all("""
    usd eur gbp chf jpy cny rub inr iqd sar aed dollar dollars euro euros pound pounds franc
    francs dinar dinars yen rouble roubles rubel دينار دولار يورو
""")

# Written in capitals, among words that are not, these are a country, an organisation, a disease.
ACRONYMS = _all("us it who aids un id")

# Words that are written with a full stop and without, and end no sentence by it.
TITLES = _all("mr mrs ms mx dr prof rev hon gen col lt capt cpt sgt maj adm st jr sr messrs mme")
