//! Polish, Czech, Russian and Ukrainian, folded: no accents, и for й.

use super::class::*;
use super::table::Entry;

#[rustfmt::skip]
pub(crate) const WORDS: &[Entry] = &[
    // Polish.
    ("zignoruj*", IGNORE), ("ignoruj*", IGNORE), ("zapomnij", IGNORE), ("pomin", IGNORE), ("porzuc", IGNORE),
    ("nadpisz", IGNORE), ("obejdz", IGNORE), ("poprzedni*", PRIOR), ("wczesniejsz*", PRIOR), ("powyzsz*", PRIOR),
    ("dotychczasow*", PRIOR), ("wszystkie", ALL), ("wszystkich", ALL), ("wszelkie", ALL),
    ("wszystko", ALL | ANYTHING | VERBATIM), ("twoj*", YOUR), ("swoj*", YOUR),
    ("instrukcj*", INSTRUCTIONS | PROMPT | OWN_PROMPT), ("polecen*", INSTRUCTIONS | PROMPT),
    ("zasad*", INSTRUCTIONS | LIMITS | PROMPT), ("regul*", INSTRUCTIONS | LIMITS | PROMPT),
    ("wytyczn*", INSTRUCTIONS | LIMITS | PROMPT), ("ograniczen*", LIMITS | INSTRUCTIONS), ("pokaz", REVEAL),
    ("ujawnij", REVEAL), ("wyswietl", REVEAL), ("wypisz", REVEAL), ("powtorz", REVEAL), ("podaj", REVEAL),
    ("zdradz", REVEAL), ("systemow*", SYSTEM), ("ukryt*", SYSTEM), ("tajn*", SYSTEM),
    ("poczatkow*", SYSTEM | PRIOR), ("bez", NOT), ("zadnych", NOT), ("nie", NOT), ("jestes", PERSONA | YOU),
    ("udawaj", PERSONA), ("zachowuj", PERSONA), ("wciel", PERSONA), ("teraz", NOW), ("odtad", NOW), ("nowe", NEW),
    ("haslo", SECRET), ("tryb*", MODE), ("deweloper*", PRIVILEGED | OWNER), ("odpowiadaj", ANSWER),
    ("wiadomosc", PROMPT),
    // Czech and Slovak.
    ("zapomen", IGNORE), ("predchoz*", PRIOR), ("vsechny", ALL), ("pokyn*", INSTRUCTIONS | PROMPT),
    ("pravidla", INSTRUCTIONS | LIMITS | PROMPT), ("ukaz", REVEAL), ("odhal", REVEAL), ("vypis", REVEAL),
    ("omezen*", LIMITS | INSTRUCTIONS), ("nyni", NOW), ("jsi", PERSONA | YOU),
    ("instrukce", INSTRUCTIONS | PROMPT),
    // Russian.
    ("игнорир*", IGNORE), ("проигнорир*", IGNORE), ("забудь*", IGNORE), ("отбрось*", IGNORE), ("обоиди", IGNORE),
    ("отмени*", IGNORE), ("пренебреги*", IGNORE), ("нарушь", IGNORE), ("предыдущ*", PRIOR), ("прежн*", PRIOR),
    ("предшеств*", PRIOR), ("прошлы*", PRIOR), ("выше", PRIOR), ("вышеуказанн*", PRIOR), ("ранее", PRIOR),
    ("все", ALL | ANYTHING), ("всех", ALL), ("любые", ALL | ANYTHING), ("любои", ANYTHING), ("любую", ANYTHING),
    ("твои", YOUR), ("свои", YOUR), ("своих", YOUR), ("твоих", YOUR), ("ваши", YOUR), ("твою", YOUR),
    ("свою", YOUR), ("инструкц*", INSTRUCTIONS | PROMPT | OWN_PROMPT), ("указани*", INSTRUCTIONS | PROMPT),
    ("правил*", INSTRUCTIONS | LIMITS | PROMPT), ("команд*", INSTRUCTIONS), ("приказ*", INSTRUCTIONS),
    ("предписани*", INSTRUCTIONS), ("ограничени*", LIMITS | INSTRUCTIONS), ("запрет*", LIMITS),
    ("цензур*", LIMITS), ("фильтр*", LIMITS), ("морал*", LIMITS), ("этик*", LIMITS), ("покажи*", REVEAL),
    ("раскрои*", REVEAL), ("выведи*", REVEAL), ("напечатаи*", REVEAL), ("повтори*", REVEAL), ("скажи*", REVEAL),
    ("напиши*", REVEAL | MAKE), ("сообщи*", REVEAL), ("выдаи", REVEAL), ("переведи", REVEAL | RENDER),
    ("системн*", SYSTEM), ("скрыт*", SYSTEM), ("секретн*", SYSTEM), ("внутренн*", SYSTEM),
    ("начальн*", SYSTEM | PRIOR), ("исходн*", SYSTEM | PRIOR), ("промпт*", PROMPT | INSTRUCTIONS | OWN_PROMPT),
    ("подсказк*", PROMPT), ("запрос*", PROMPT | REQUEST), ("сообщени*", PROMPT), ("без", NOT), ("никаких", NOT),
    ("не", NOT), ("нет", NOT), ("ты", YOU), ("вы", YOU), ("тебе", YOU), ("теперь", NOW), ("отныне", NOW),
    ("притворись", PERSONA), ("веди", PERSONA), ("представь", PERSONA | FICTION), ("сыграи", PERSONA),
    ("деиствуи", PERSONA), ("нов*", NEW), ("модел*", MACHINE), ("ии", MACHINE), ("неиросет*", MACHINE),
    ("чатгпт", MACHINE), ("бот", MACHINE), ("режим*", MODE), ("разработчик*", PRIVILEGED | OWNER | SYSTEM),
    ("отвечаи*", ANSWER), ("парол*", SECRET), ("дословно", VERBATIM), ("полностью", VERBATIM),
    ("целиком", VERBATIM), ("почему", ABOUT), ("как", ABOUT), ("что", ABOUT), ("объясни*", ABOUT), ("дали", GIVEN),
    ("даны", GIVEN), ("данные", GIVEN),
    // Ukrainian.
    ("ігноруи*", IGNORE), ("забудь", IGNORE), ("попередн*", PRIOR), ("усі", ALL), ("всі", ALL),
    ("інструкц*", INSTRUCTIONS | PROMPT), ("правила", INSTRUCTIONS | LIMITS), ("обмежен*", LIMITS | INSTRUCTIONS),
    ("покажи", REVEAL), ("виведи", REVEAL), ("системнии", SYSTEM), ("твоі", YOUR), ("своі", YOUR),
];
