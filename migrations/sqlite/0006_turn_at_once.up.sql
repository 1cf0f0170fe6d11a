-- A whole turn with its end in the audit trail, stored by one INSERT: each statement that a program hands to the database
-- costs it a change of threads. Where something is not as expected nothing is stored, and a transaction finds out what.
CREATE VIEW ended_turns (
    conversation_id, user_id, id, tokens, uncounted, stored_at, model, finish, cached, prompt_tokens, completion_tokens,
    usage_exact, begun_at, prompt, prompt_bytes, prompt_tokens_counted, prompt_encoding, prompt_judged_by, answer,
    answer_bytes, answer_tokens_counted, answer_encoding, partial, answer_judged_by, audit_sequence, audit_at, audit_event,
    audit_user_id, audit_turn_id, audit_body, audit_key_id, audit_link, audit_tag, audit_before
) AS SELECT
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL;

CREATE TRIGGER ended_turns_inserted INSTEAD OF INSERT ON ended_turns BEGIN
    SELECT RAISE(ABORT, 'the audit trail ends elsewhere')
        WHERE NOT EXISTS (SELECT 1 FROM audit_head WHERE sequence = new.audit_sequence - 1 AND link = new.audit_before);
    UPDATE conversations SET last_sequence = last_sequence + 2, messages = messages + 2, tokens = tokens + new.tokens,
        uncounted = uncounted + new.uncounted, updated_at = new.stored_at
        WHERE id = new.conversation_id AND user_id = new.user_id;
    SELECT RAISE(ABORT, 'the conversation is missing') WHERE changes() <> 1;
    INSERT INTO turns (id, conversation_id, sequence, model, finish, cached, prompt_tokens, completion_tokens,
        usage_exact, begun_at, stored_at)
        SELECT new.id, id, last_sequence - 1, new.model, new.finish, new.cached, new.prompt_tokens,
            new.completion_tokens, new.usage_exact, new.begun_at, new.stored_at
        FROM conversations WHERE id = new.conversation_id;
    INSERT INTO messages (conversation_id, sequence, turn, author, content, bytes, tokens, encoding, partial,
        judged_by, created_at)
        SELECT id, last_sequence - 1, last_sequence - 1, 'user', new.prompt, new.prompt_bytes,
            new.prompt_tokens_counted, new.prompt_encoding, 0, new.prompt_judged_by, new.begun_at
        FROM conversations WHERE id = new.conversation_id;
    INSERT INTO messages (conversation_id, sequence, turn, author, content, bytes, tokens, encoding, partial,
        judged_by, created_at)
        SELECT id, last_sequence, last_sequence - 1, 'assistant', new.answer, new.answer_bytes,
            new.answer_tokens_counted, new.answer_encoding, new.partial, new.answer_judged_by, new.stored_at
        FROM conversations WHERE id = new.conversation_id;
    INSERT INTO audit (sequence, at, event, user_id, turn_id, body, key_id, link, tag)
        VALUES (new.audit_sequence, new.audit_at, new.audit_event, new.audit_user_id, new.audit_turn_id, new.audit_body,
            new.audit_key_id, new.audit_link, new.audit_tag);
END;
