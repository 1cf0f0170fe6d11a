//! What a word can mean to a rule. Rules are written over these classes, so one rule serves every
//! language whose words are in the lexicon.

/// A set of word classes, one bit each.
pub(crate) type Classes = u64;

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $bit:expr;)*) => {
        $($(#[$doc])* pub(crate) const $name: Classes = 1 << $bit;)*
        /// How many classes there are.
        #[cfg(test)]
        pub(crate) const COUNT: u32 = { let mut n = 0; $(let _ = $name; n += 1;)* n };
    };
}

classes! {
    /// To set aside: ignore, disregard, forget.
    IGNORE = 0;
    /// The same in languages whose verb ends the sentence.
    IGNORE_LAST = 1;
    /// What came before: previous, above, earlier.
    PRIOR = 2;
    /// All, every, any.
    ALL = 3;
    /// Belonging to the assistant: your.
    YOUR = 4;
    /// What binds the assistant: instructions, rules, guidelines.
    INSTRUCTIONS = 5;
    /// Kinds of prompt: system, hidden, initial.
    SYSTEM = 6;
    /// A text that was given to the assistant: prompt, instructions, configuration.
    PROMPT = 7;
    /// To make visible: reveal, print, repeat.
    REVEAL = 8;
    /// The same in languages whose verb ends the sentence.
    REVEAL_LAST = 9;
    /// To play someone: act, pretend, simulate.
    PERSONA = 10;
    /// Free of limits: unrestricted, uncensored, amoral.
    UNBOUND = 11;
    /// No, not, without, free of.
    NOT = 12;
    /// What limits: restrictions, filters, ethics, guidelines.
    LIMITS = 13;
    /// The assistant's kind: model, assistant, chatbot, and product names.
    MACHINE = 14;
    /// From now on.
    NOW = 15;
    /// You.
    YOU = 16;
    /// To refuse, decline, warn, apologise.
    REFUSE = 17;
    /// Words that talk about something instead of asking for it: explain, what, why, said.
    ABOUT = 18;
    /// Mode.
    MODE = 19;
    /// Kinds of mode that lift rules: developer, debug, god, jailbreak.
    PRIVILEGED = 20;
    /// New, instead, following.
    NEW = 21;
    /// Anything, everything, always.
    ANYTHING = 22;
    /// Illegal, unethical, harmful.
    HARMFUL = 23;
    /// A person to be played: character, persona, role.
    CHARACTER = 24;
    /// Verbatim, exactly, word for word, full.
    VERBATIM = 25;
    /// To send away: send, post, upload, embed.
    SEND = 26;
    /// What may be stolen: conversation, history, messages.
    CONVERSATION = 27;
    /// To turn back into text: decode, decrypt, unscramble.
    DECODE = 28;
    /// To do what a text says: follow, execute, obey, comply.
    OBEY = 29;
    /// Password, key, credentials.
    SECRET = 30;
    /// Programs made to harm: malware, keylogger, ransomware.
    MALWARE = 31;
    /// To make: write, build, create, develop.
    MAKE = 32;
    /// Against harm: detect, prevent, remove, protect.
    DEFEND = 33;
    /// Names of well-known rule-lifting characters.
    ALIAS = 34;
    /// To answer: answer, respond, reply, say.
    ANSWER = 35;
    /// Question, request, prompt of the person.
    REQUEST = 36;
    /// Two, both, separate: the shape of double answers.
    TWO = 37;
    /// To be given, told, set before the conversation.
    GIVEN = 38;
    /// Link, URL, image, Markdown.
    LINK = 39;
    /// To stay in, to break: of character.
    STAY = 40;
    /// To stop, to end.
    STOP = 41;
    /// Can, may, must, allowed.
    MAY = 42;
    /// Names encodings: base64, rot13, hex, morse.
    ENCODING = 43;
    /// Owners of the assistant: developer, creator, administrator.
    OWNER = 44;
    /// Hypothetical, fiction, story, game.
    FICTION = 45;
    /// I, me, my.
    ME = 46;
    /// To switch on: enable, activate, enter, switch.
    ENABLE = 47;
    /// To begin with; first words.
    BEGIN = 48;
    /// The assistant's own person: yourself.
    SELF = 49;
    /// To no longer hold: void, cancelled, obsolete.
    VOID = 50;
    /// Rude words, swearing.
    SWEAR = 51;
    /// Free, broken free, liberated.
    FREED = 52;
    /// Backwards, reversed.
    REVERSED = 53;
    /// To translate, summarise, rephrase.
    RENDER = 54;
    /// System, security, audit as pretext.
    PRETEXT = 55;
    /// A prompt of the assistant in any sentence: prompt, instructions, configuration.
    OWN_PROMPT = 56;
    /// Belonging to the person who writes: my, our.
    MINE = 57;
    /// To be told what to do: told, instructed, configured.
    TOLD = 58;
    /// To give back unchanged: repeat, print, echo.
    ECHO = 59;
    /// What is to be done: task, goal, purpose.
    TASK = 60;
    /// To set aside, in words of daily work: delete, cancel, remove.
    UNDO = 61;
}
