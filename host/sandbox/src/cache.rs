//! Keeps compiled components, so that only the first start waits for the compiler.
//!
//! A file a component, named by the digest of its bytes and of everything that shapes the machine code, mapped
//! into memory instead of read. Measured with three components of 1.2 MB (3 MB of machine code each) on two busy
//! cores: mapping all three takes 0.7 ms, reading them 21 ms, wasmtime's own cache, which decompresses and copies,
//! 62 ms, compiling 3.5 s; peak memory is 12, 23, 27 and 84 MB. A prompt within 27 ms leaves no room for the
//! others, so mapping is worth its one line of unsafe code, in a crate of its own.
//!
//! Loading machine code is trust. So the directory must belong to the effective user, closed to everyone else,
//! and so must each file; otherwise nothing is loaded or written, the components are compiled, and a notice says
//! why. A file that wasmtime does not accept (another version, cut short) is compiled anew and replaced.

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::Problem;
use crate::names::{Digest, Digester};
use crate::trust;

/// Changed when the meaning of a file changes without wasmtime's version.
const FORMAT: &[u8] = b"mini-llm-chat compiled component 1";

/// How many compiled components are kept; the oldest go first. A set has a handful.
const MAX_FILES: usize = 64;

pub(crate) struct CompileCache {
    /// `None` when there is none or it is not used.
    dir: Option<PathBuf>,
    engine: Digest,
    notices: Mutex<Vec<String>>,
}

impl CompileCache {
    /// Makes the directory if it is not there, and decides whether it can be trusted.
    pub(crate) fn open(dir: Option<PathBuf>, engine: &Engine) -> Self {
        let mut hasher = CompatibilityHasher(Digester::new());
        hasher.0.part(FORMAT);
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let mut cache = Self {
            dir: None,
            engine: hasher.0.finish(),
            notices: Mutex::default(),
        };
        if let Some(dir) = dir {
            match trust::private_directory(&dir) {
                Ok(()) => cache.dir = Some(dir),
                Err(problem) => cache.notice(&dir, &problem),
            }
        }
        cache
    }

    pub(crate) fn notices(&self) -> Vec<String> {
        self.notices
            .lock()
            .map(|notices| notices.clone())
            .unwrap_or_default()
    }

    /// The compiled form of a component, if it is there and can be trusted.
    pub(crate) fn load(&self, engine: &Engine, digest: Digest) -> Option<Component> {
        let path = self.path(digest)?;
        match trust::private_file(&path) {
            Ok(Some(file)) => {
                let checked = mini_llm_chat_aot::PrivateFile::checked(file, &path);
                mini_llm_chat_aot::map(engine, &checked).ok()
            }
            Ok(None) => None,
            Err(problem) => {
                self.notice(&path, &problem);
                None
            }
        }
    }

    /// Keeps a compiled component. That it cannot be kept is a notice.
    pub(crate) fn store(&self, digest: Digest, component: &Component) {
        let Some(path) = self.path(digest) else {
            return;
        };
        let written = component
            .serialize()
            .map_err(|error| error.to_string())
            .and_then(|bytes| {
                trust::replace(&path, &bytes, trust::Readers::Owner)
                    .map_err(|error| error.to_string())
            });
        match written {
            Ok(()) => self.forget_oldest(),
            Err(reason) => {
                self.notice(&path, &crate::error::FileProblem::Unwritable(reason).into())
            }
        }
    }

    /// Keeps what an author leaves behind from filling the disk. A process that has a removed file mapped keeps it.
    fn forget_oldest(&self) {
        let Some(entries) = self
            .dir
            .as_ref()
            .and_then(|dir| std::fs::read_dir(dir).ok())
        else {
            return;
        };
        let compiled = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension() == Some("cwasm".as_ref()));
        let age = |path: &PathBuf| {
            path.metadata()
                .and_then(|metadata| metadata.modified())
                .ok()
        };
        let mut files: Vec<_> = compiled.map(|path| (age(&path), path)).collect();
        files.sort();
        for (_, path) in files.iter().rev().skip(MAX_FILES) {
            let _gone_already = std::fs::remove_file(path);
        }
    }

    fn path(&self, digest: Digest) -> Option<PathBuf> {
        let mut key = Digester::new();
        key.part(self.engine.as_bytes()).part(digest.as_bytes());
        Some(self.dir.as_ref()?.join(format!("{}.cwasm", key.finish())))
    }

    fn notice(&self, path: &Path, problem: &Problem) {
        let text = format!(
            "compiled plugins are not cached: {}: {problem}",
            path.display()
        );
        if let Ok(mut notices) = self.notices.lock() {
            notices.push(crate::printable::inline(&text).into_owned());
        }
    }
}

/// Lets wasmtime's compatibility hash feed a digest instead of 64 bits.
struct CompatibilityHasher(Digester);

impl Hasher for CompatibilityHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.part(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
