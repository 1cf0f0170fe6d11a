//! Where files go: the XDG base directories, on every system. Nothing here touches the disk.

use std::path::PathBuf;

use etcetera::BaseStrategy;

use crate::error::{Failure, Result};

/// The name of the program's directory in each base directory, and the stem of its files.
pub(crate) const NAME: &str = "mini-llm-chat";

/// The program's own directories. They may not exist: whoever writes first makes them, closed to others.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    /// Holds `config.toml`.
    pub(crate) config: PathBuf,
    /// Holds the SQLite database and keys.
    pub(crate) data: PathBuf,
    /// Holds the log, the audit file and the line editor's history.
    pub(crate) state: PathBuf,
    /// Holds compiled components. May be deleted at any time.
    pub(crate) cache: PathBuf,
}

impl Paths {
    /// Finds the directories from `XDG_*` and the home directory.
    ///
    /// # Errors
    /// When the home directory is not known.
    pub(crate) fn find() -> Result<Self> {
        let base = etcetera::choose_base_strategy().map_err(|_| {
            Failure::config("the home directory is not known: set HOME, or XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME and XDG_CACHE_HOME")
        })?;
        Ok(Self {
            config: base.config_dir().join(NAME),
            data: base.data_dir().join(NAME),
            state: base
                .state_dir()
                .unwrap_or_else(|| base.data_dir())
                .join(NAME),
            cache: base.cache_dir().join(NAME),
        })
    }

    /// The config file that is read unless another is named.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Compiled components.
    pub(crate) fn compiled(&self) -> PathBuf {
        self.cache.join("components")
    }

    /// The embedded database.
    pub(crate) fn database(&self) -> PathBuf {
        self.data.join("mini-llm-chat.db")
    }

    /// The random key of this installation.
    pub(crate) fn install_key(&self) -> PathBuf {
        self.data.join("install.key")
    }

    /// The key of that purpose, where the operator gives none.
    pub(crate) fn key(&self, purpose: &str) -> PathBuf {
        self.data.join("keys").join(format!("{purpose}.key"))
    }

    /// The token of the last login.
    pub(crate) fn token_file(&self) -> PathBuf {
        self.state.join("token")
    }

    /// What was typed at the prompt, as the policy let it pass.
    pub(crate) fn history_file(&self) -> PathBuf {
        self.state.join("history")
    }

    /// The log file; older generations are beside it.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.state.join("mini-llm-chat.log")
    }

    /// Events without a database, one JSON object a line.
    pub(crate) fn audit_file(&self) -> PathBuf {
        self.state.join("audit.jsonl")
    }

    /// The private key that signs checkpoints of the audit trail.
    pub(crate) fn checkpoint_key(&self) -> PathBuf {
        self.data.join("keys").join("checkpoint.key")
    }

    /// The second place of checkpoints, one JSON object a line, unless the operator names another one.
    pub(crate) fn checkpoints_file(&self) -> PathBuf {
        self.state.join("audit-checkpoints.jsonl")
    }

    /// Turns that the database could not take yet.
    pub(crate) fn spool(&self) -> PathBuf {
        self.state.join("spool")
    }
}
