//! Chinese, Japanese and Korean. The first two write no spaces: the tokeniser takes the longest word
//! of this list at each place.

use super::class::*;
use super::table::Entry;

#[rustfmt::skip]
pub(crate) const WORDS: &[Entry] = &[
    // Chinese, simplified and traditional.
    ("忽略", IGNORE), ("忽视", IGNORE), ("忽視", IGNORE), ("无视", IGNORE), ("無視", IGNORE | IGNORE_LAST), ("忘记", IGNORE),
    ("忘記", IGNORE), ("忘掉", IGNORE), ("抛弃", IGNORE), ("绕过", IGNORE), ("繞過", IGNORE), ("不要遵守", IGNORE),
    ("不要理会", IGNORE), ("不遵守", IGNORE), ("取消", IGNORE), ("丢弃", IGNORE), ("跳过", IGNORE), ("覆盖", IGNORE),
    ("违反", IGNORE), ("之前", PRIOR), ("以前", PRIOR), ("先前", PRIOR), ("以上", PRIOR), ("上面", PRIOR), ("上述", PRIOR),
    ("前面", PRIOR), ("此前", PRIOR), ("所有", ALL), ("一切", ALL | ANYTHING), ("全部", ALL | VERBATIM),
    ("任何", ALL | ANYTHING), ("你的", YOUR | YOU), ("您的", YOUR | YOU), ("你", YOU), ("您", YOU),
    ("指令", INSTRUCTIONS | PROMPT | OWN_PROMPT), ("指示", INSTRUCTIONS | PROMPT), ("说明", INSTRUCTIONS),
    ("命令", INSTRUCTIONS | PROMPT), ("规则", INSTRUCTIONS | LIMITS | PROMPT), ("規則", INSTRUCTIONS | LIMITS | PROMPT),
    ("规定", INSTRUCTIONS | LIMITS), ("准则", INSTRUCTIONS | LIMITS | PROMPT), ("要求", INSTRUCTIONS),
    ("设定", INSTRUCTIONS | PROMPT), ("設定", INSTRUCTIONS | PROMPT), ("限制", LIMITS | INSTRUCTIONS),
    ("约束", LIMITS | INSTRUCTIONS), ("道德", LIMITS), ("伦理", LIMITS), ("过滤", LIMITS), ("审查", LIMITS),
    ("政策", LIMITS | INSTRUCTIONS), ("内容", 0), ("系统提示词", SYSTEM | PROMPT | INSTRUCTIONS | OWN_PROMPT),
    ("系统提示", SYSTEM | PROMPT | INSTRUCTIONS | OWN_PROMPT), ("系統提示", SYSTEM | PROMPT | INSTRUCTIONS), ("系统", SYSTEM),
    ("系統", SYSTEM), ("提示词", PROMPT | INSTRUCTIONS | OWN_PROMPT), ("提示詞", PROMPT | INSTRUCTIONS), ("提示", PROMPT | INSTRUCTIONS),
    ("隐藏", SYSTEM), ("隱藏", SYSTEM), ("初始", SYSTEM | PRIOR), ("原始", SYSTEM | PRIOR), ("内部", SYSTEM), ("秘密", SYSTEM),
    ("显示", REVEAL), ("顯示", REVEAL), ("告诉我", REVEAL), ("告訴我", REVEAL), ("输出", REVEAL), ("輸出", REVEAL),
    ("打印", REVEAL), ("重复", REVEAL), ("重複", REVEAL), ("展示", REVEAL), ("透露", REVEAL), ("泄露", REVEAL), ("公开", REVEAL),
    ("复述", REVEAL), ("逐字", VERBATIM), ("原文", VERBATIM), ("完整", VERBATIM), ("扮演", PERSONA), ("假装", PERSONA),
    ("假裝", PERSONA), ("模拟", PERSONA), ("充当", PERSONA), ("现在是", PERSONA | NOW), ("你是", PERSONA | YOU), ("没有", NOT),
    ("沒有", NOT), ("不受", NOT), ("无", NOT), ("不", NOT), ("不再", NOT), ("无限制", UNBOUND), ("不受限制", UNBOUND),
    ("无审查", UNBOUND), ("从现在开始", NOW), ("從現在開始", NOW), ("现在", NOW), ("現在", NOW), ("从现在起", NOW), ("模式", MODE),
    ("开发者", PRIVILEGED | OWNER | SYSTEM), ("開發者", PRIVILEGED | OWNER | SYSTEM), ("越狱", PRIVILEGED | UNBOUND),
    ("密码", SECRET), ("密碼", SECRET), ("密钥", SECRET), ("人工智能", MACHINE), ("助手", MACHINE), ("模型", MACHINE),
    ("新的", NEW), ("什么是", ABOUT), ("为什么", ABOUT), ("解释", ABOUT),
    // Japanese.
    ("無視して", IGNORE_LAST), ("無視し", IGNORE_LAST), ("忘れて", IGNORE_LAST), ("忘れろ", IGNORE_LAST), ("破って", IGNORE_LAST),
    ("従わないで", IGNORE_LAST), ("これまで", PRIOR), ("これまでの", PRIOR), ("以前の", PRIOR), ("前の", PRIOR), ("上記", PRIOR),
    ("上記の", PRIOR), ("先ほどの", PRIOR), ("すべて", ALL), ("すべての", ALL), ("全ての", ALL), ("あなたの", YOUR | YOU), ("あなた", YOU),
    ("あなたは", YOU), ("ルール", INSTRUCTIONS | LIMITS | PROMPT), ("ガイドライン", INSTRUCTIONS | LIMITS | PROMPT),
    ("制限", LIMITS | INSTRUCTIONS), ("制約", LIMITS | INSTRUCTIONS), ("システムプロンプト", SYSTEM | PROMPT | INSTRUCTIONS | OWN_PROMPT),
    ("システム", SYSTEM), ("プロンプト", PROMPT | INSTRUCTIONS | OWN_PROMPT), ("内部の", SYSTEM), ("隠された", SYSTEM), ("最初の", SYSTEM | PRIOR),
    ("初期", SYSTEM | PRIOR), ("表示して", REVEAL_LAST), ("表示し", REVEAL_LAST), ("見せて", REVEAL_LAST),
    ("教えて", REVEAL_LAST), ("出力して", REVEAL_LAST), ("出力し", REVEAL_LAST), ("公開して", REVEAL_LAST),
    ("繰り返して", REVEAL_LAST), ("明かして", REVEAL_LAST), ("になりきって", PERSONA), ("のふりをして", PERSONA), ("演じて", PERSONA),
    ("なし", NOT), ("ない", NOT), ("のない", NOT), ("今から", NOW), ("これから", NOW), ("モード", MODE), ("パスワード", SECRET),
    ("そのまま", VERBATIM),
    // Korean.
    ("무시*", IGNORE | IGNORE_LAST), ("잊어*", IGNORE | IGNORE_LAST), ("이전*", PRIOR), ("위의", PRIOR), ("지금까지*", PRIOR),
    ("앞선*", PRIOR), ("모든", ALL), ("지침*", INSTRUCTIONS | LIMITS | PROMPT), ("지시*", INSTRUCTIONS | PROMPT),
    ("명령*", INSTRUCTIONS), ("규칙*", INSTRUCTIONS | LIMITS | PROMPT), ("제한*", LIMITS | INSTRUCTIONS),
    ("시스템*", SYSTEM), ("프롬프트*", PROMPT | INSTRUCTIONS | OWN_PROMPT), ("보여*", REVEAL_LAST), ("알려*", REVEAL_LAST),
    ("출력*", REVEAL_LAST), ("공개*", REVEAL_LAST), ("없는", NOT), ("없이", NOT), ("너는", YOU), ("당신*", YOU | YOUR),
    ("이제*", NOW), ("지금부터", NOW), ("비밀번호*", SECRET),
];
