//! One turn of chat and what it needs: storage, cache, limits, model client, tokens, audit, log pipeline.
