//! `plugins build`: from a workspace of plugin crates to files for a plugin directory.

use std::fs;
use std::path::Path;

use mini_llm_chat_componentize::Build;

use crate::command;
use crate::error::TaskError;

const USAGE: &str = "usage: cargo xtask plugins build WORKSPACE --out DIR [--only NAME]";

/// Builds the plugins of the workspace in `words` and writes NAME.wasm of each, or of one, and the NAME.toml
/// that lies in its crate unless the directory has one already: settings are the operator's.
///
/// # Errors
/// Wrong words, a failed build, or a directory that cannot be written.
pub(crate) fn run(words: &[&str]) -> Result<(), TaskError> {
    let (workspace, out, only) = match words {
        ["build", workspace, "--out", out] => (workspace, out, None),
        ["build", workspace, "--out", out, "--only", name] => (workspace, out, Some(*name)),
        _ => return Err(TaskError::Usage(USAGE.to_owned())),
    };
    let workspace =
        fs::canonicalize(workspace).map_err(|error| file(Path::new(workspace), error))?;
    // A path dependency on the SDK lies outside of the author's workspace; inside of this tree it is all one.
    let root = command::root();
    let root = if workspace.starts_with(&root) {
        root
    } else {
        workspace.clone()
    };
    let target = command::target_directory().join("plugins");
    let built = Build::new(&workspace, root, target).only(only).run();
    let built = built.map_err(|error| TaskError::Unexpected(error.to_string()))?;
    let out = Path::new(out);
    if !out.exists() {
        fs::create_dir_all(out).map_err(|error| file(out, error))?;
        set_mode(out, 0o755)?;
    }
    for plugin in built {
        let path = out.join(format!("{}.wasm", plugin.name));
        write(&path, &plugin.component)?;
        crate::say(&format!(
            "{} ({} KiB)",
            path.display(),
            plugin.component.len().div_ceil(1024)
        ));
        let name = format!("{}.toml", plugin.name);
        let settings = out.join(&name);
        if let Ok(sample) = fs::read(plugin.directory.join(&name))
            && !settings.exists()
        {
            write(&settings, &sample)?;
            crate::say(&settings.display().to_string());
        }
    }
    Ok(())
}

/// Writes a file that the host will accept: only its owner may change it, whatever the umask says.
fn write(path: &Path, bytes: &[u8]) -> Result<(), TaskError> {
    fs::write(path, bytes).map_err(|error| file(path, error))?;
    set_mode(path, 0o644)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<(), TaskError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| file(path, error))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> Result<(), TaskError> {
    Ok(())
}

fn file(path: &Path, source: std::io::Error) -> TaskError {
    TaskError::File {
        path: path.to_path_buf(),
        source,
    }
}
