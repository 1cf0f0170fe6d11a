//! What happened, for the record: structured events through one trait, without message text.
