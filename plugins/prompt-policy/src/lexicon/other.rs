//! Turkish, Arabic, Hindi, Indonesian and Vietnamese: the words of override and extraction.

use super::class::*;
use super::table::Entry;

#[rustfmt::skip]
pub(crate) const WORDS: &[Entry] = &[
    // Turkish.
    ("gormezden", IGNORE_LAST), ("unut*", IGNORE_LAST | IGNORE), ("yoksay*", IGNORE_LAST), ("yok", IGNORE_LAST),
    ("dikkate", IGNORE_LAST), ("onceki", PRIOR), ("yukaridaki", PRIOR), ("tum", ALL), ("butun", ALL),
    ("talimat*", INSTRUCTIONS | PROMPT), ("kural*", INSTRUCTIONS | LIMITS | PROMPT),
    ("yonerge*", INSTRUCTIONS | PROMPT), ("komut*", INSTRUCTIONS), ("kisitlama*", LIMITS | INSTRUCTIONS),
    ("sistem", SYSTEM), ("gizli", SYSTEM), ("istem*", PROMPT), ("goster*", REVEAL_LAST), ("yazdir*", REVEAL_LAST),
    ("acikla*", REVEAL_LAST), ("soyle*", REVEAL_LAST),
    // Arabic.
    ("تجاهل*", IGNORE), ("انس", IGNORE), ("انسى", IGNORE), ("السابقة", PRIOR), ("السابق", PRIOR), ("اعلاه", PRIOR),
    ("جميع", ALL), ("كل", ALL), ("التعليمات", INSTRUCTIONS | PROMPT), ("تعليمات*", INSTRUCTIONS | PROMPT),
    ("تعليماتك", INSTRUCTIONS | PROMPT | YOUR), ("الاوامر", INSTRUCTIONS | PROMPT),
    ("القواعد", INSTRUCTIONS | LIMITS | PROMPT), ("قواعدك", INSTRUCTIONS | LIMITS | PROMPT | YOUR),
    ("القيود", LIMITS | INSTRUCTIONS), ("قيود", LIMITS | INSTRUCTIONS), ("بدون", NOT), ("النظام", SYSTEM),
    ("السرية", SYSTEM), ("اظهر", REVEAL), ("اعرض", REVEAL), ("اطبع", REVEAL), ("اكشف", REVEAL), ("اخبرني", REVEAL),
    ("موجه", PROMPT), ("مطالبة", PROMPT),
    // Hindi.
    ("अनदेखा", IGNORE_LAST), ("अनदेखी", IGNORE_LAST), ("नजरअंदाज", IGNORE_LAST), ("नज़रअंदाज़", IGNORE_LAST),
    ("भूल", IGNORE_LAST), ("पिछले", PRIOR), ("पिछल*", PRIOR), ("पूर्व", PRIOR), ("ऊपर", PRIOR), ("सभी", ALL),
    ("निर्देश*", INSTRUCTIONS | PROMPT), ("नियम*", INSTRUCTIONS | LIMITS | PROMPT), ("आदेश*", INSTRUCTIONS),
    ("सिस्टम", SYSTEM), ("प्रॉम्प्ट", PROMPT), ("दिखा*", REVEAL_LAST), ("बता*", REVEAL_LAST), ("बिना", NOT),
    // Indonesian and Malay.
    ("abaikan", IGNORE), ("lupakan", IGNORE), ("sebelumnya", PRIOR), ("semua", ALL),
    ("instruksi", INSTRUCTIONS | PROMPT), ("perintah", INSTRUCTIONS | PROMPT),
    ("aturan", INSTRUCTIONS | LIMITS | PROMPT), ("arahan", INSTRUCTIONS | PROMPT), ("tampilkan", REVEAL),
    ("tunjukkan", REVEAL), ("ungkapkan", REVEAL), ("tanpa", NOT), ("batasan", LIMITS | INSTRUCTIONS),
    ("kamu", YOU | YOUR), ("anda", YOU | YOUR),
    // Vietnamese (d with a stroke folds to d).
    ("truoc", PRIOR), ("huong", INSTRUCTIONS | PROMPT), ("lenh", INSTRUCTIONS | PROMPT), ("tiet", REVEAL),
    ("thong", SYSTEM),
];
