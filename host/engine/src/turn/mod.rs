//! One turn of chat, from a typed line to a stored answer.
