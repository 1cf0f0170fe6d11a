//! The contract of storage, on every back end.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod storage;

/// Each contract becomes one test of the back end whose name is before it.
macro_rules! contracts {
    ($backend:ident $($topic:ident: $($name:ident),+ $(,)?;)+) => {
        $($(
            #[tokio::test]
            async fn $name() {
                $backend(async |store| super::storage::$topic::$name(store).await).await;
            }
        )+)+
    };
}

macro_rules! of_every_back_end {
    ($backend:ident) => {
        contracts! { $backend
            audit:
                rows_are_sealed_in_order_and_read_back,
                a_wrong_belief_about_the_end_is_put_right,
                a_turn_and_its_end_are_stored_together_and_once,
                a_second_end_of_a_turn_is_refused,
                events_are_found_by_name_user_and_time_in_pages,
                checkpoints_are_kept_once_and_paged,
                two_writers_at_once_keep_one_chain;
            conversations:
                the_current_conversation_stays_current,
                a_new_conversation_is_empty_and_the_old_one_stays,
                list_pages_through_all_last_used_first,
                search_finds_all_words_in_titles_and_messages,
                search_follows_what_is_said,
                rename_refuses_what_is_no_title,
                fork_copies_up_to_a_message_and_both_go_on_apart,
                delete_takes_only_what_the_person_was_asked_about,
                delete_of_the_current_one_leaves_none_current,
                another_users_conversation_does_not_exist;
            turns:
                a_turn_is_read_back_as_it_was_stored,
                every_finish_can_be_stored_and_says_what_is_partial,
                a_turn_is_stored_once,
                nul_is_stored_as_a_replacement_character,
                messages_come_in_pages_newest_first,
                undo_takes_the_last_turn_and_only_the_one_it_was_asked_for,
                every_change_of_what_is_said_raises_the_last_sequence,
                judgements_are_renewed_and_text_is_replaced,
                a_turn_without_its_conversation_is_refused,
                a_call_that_is_dropped_half_way_stores_all_or_nothing;
            spending:
                what_turns_used_is_summed_by_model_and_the_last_one_is_known,
                an_undone_turn_was_paid_for,
                absurd_counts_of_a_server_do_not_break_the_sum,
                what_others_used_is_not_told;
            values:
                values_are_kept_apart_by_plugin,
                keys_are_sorted_and_paged_by_prefix,
                quotas_hold_and_a_refused_value_changes_nothing,
                the_number_of_keys_is_limited,
                impossible_keys_are_refused;
            retention:
                prune_removes_what_was_not_used_since_and_nothing_else,
                prune_removes_a_bounded_batch_at_once_oldest_first;
        }
    };
}

/// A store in memory has no accounts.
macro_rules! of_every_back_end_with_accounts {
    ($backend:ident) => {
        contracts! { $backend
            accounts:
                a_login_gives_a_token_that_names_the_account,
                a_wrong_name_and_a_wrong_password_are_told_alike,
                failed_logins_wait_also_for_names_that_are_none,
                many_tries_at_once_are_counted_each,
                names_that_are_or_look_the_same_are_refused,
                bad_passwords_change_nothing,
                logging_out_ends_one_session,
                every_change_of_an_account_ends_its_sessions,
                the_last_active_administrator_stays,
                two_administrators_cannot_remove_each_other,
                setting_up_resets_an_administrator_and_promotes_nobody,
                accounts_are_listed_in_pages_by_name,
                deleting_an_account_deletes_what_is_theirs,
                expired_tokens_are_not_believed,
                keys_become_known_once_and_others_are_refused;
        }
    };
}

mod memory {
    use std::time::Duration;

    use mini_llm_chat_engine::storage::{Location, Store, open};

    async fn on_memory(contract: impl AsyncFnOnce(&dyn Store)) {
        let store = open(&Location::Memory, Duration::from_secs(5))
            .await
            .unwrap();
        contract(&store).await;
    }

    of_every_back_end!(on_memory);
    contracts! { on_memory
        conversations: the_local_user_is_made_once_and_keeps_its_name;
    }
}

mod sqlite {
    use std::sync::Arc;
    use std::time::Duration;

    use mini_llm_chat_engine::storage::{Location, Store, open};

    async fn on_sqlite(contract: impl AsyncFnOnce(&dyn Store)) {
        let directory = tempfile::tempdir().unwrap();
        let file = Location::File(directory.path().join("data/chat.db"));
        let store = open(&file, Duration::from_secs(5)).await.unwrap();
        contract(&store).await;
        store.close().await;
    }

    async fn on_shared_sqlite(contract: impl AsyncFnOnce(&Arc<dyn Store>)) {
        let directory = tempfile::tempdir().unwrap();
        let file = Location::File(directory.path().join("data/chat.db"));
        let store = open(&file, Duration::from_secs(5)).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        contract(&store).await;
        store.close().await;
    }

    of_every_back_end!(on_sqlite);
    contracts! { on_sqlite
        conversations: the_local_user_is_made_once_and_keeps_its_name;
    }
    of_every_back_end_with_accounts!(on_shared_sqlite);
    contracts! { on_shared_sqlite
        accounts: the_owner_becomes_the_administrator_with_everything;
    }
}

#[cfg(unix)]
mod postgres {
    use std::sync::Arc;

    use mini_llm_chat_engine::storage::Store;

    async fn on_postgres(contract: impl AsyncFnOnce(&dyn Store)) {
        let store = super::storage::postgres::store().await;
        contract(&store).await;
        store.close().await;
    }

    async fn on_shared_postgres(contract: impl AsyncFnOnce(&Arc<dyn Store>)) {
        let store: Arc<dyn Store> = Arc::new(super::storage::postgres::store().await);
        contract(&store).await;
        store.close().await;
    }

    of_every_back_end!(on_postgres);
    of_every_back_end_with_accounts!(on_shared_postgres);
    contracts! { on_postgres
        conversations: a_database_with_accounts_has_no_local_user;
    }
}
