//! PostgreSQL and Redis, which the tests start for themselves.

use std::path::Path;

use test_servers::{Postgres, Redis};

use crate::command;
use crate::error::TaskError;

/// Read by Debian's packages: the tests make clusters of their own.
const CLUSTER_SETTINGS: &str = "/etc/postgresql-common/createcluster.conf";

/// Checks for both; installs what is missing through apt when it may.
///
/// # Errors
/// Names what is missing and the line that installs it.
pub(crate) fn ensure() -> Result<(), TaskError> {
    let mut packages = Vec::new();
    if Postgres::installed().is_err() {
        packages.push("postgresql");
    }
    if Redis::installed().is_err() {
        packages.push("redis-server");
    }
    if packages.is_empty() {
        return Ok(());
    }
    let missing = || TaskError::Missing {
        what: format!(
            "a server that the tests run against ({})",
            packages.join(", ")
        ),
        remedy: if cfg!(target_os = "macos") {
            "brew install postgresql redis".to_owned()
        } else {
            format!("sudo apt-get install {}", packages.join(" "))
        },
    };
    if !nix::unistd::geteuid().is_root() || command::output("apt-get", &["--version"]).is_none() {
        return Err(missing());
    }
    install(&packages).map_err(|_| missing())
}

fn install(packages: &[&str]) -> Result<(), TaskError> {
    command::run("apt-get", &["update"])?;
    if packages.contains(&"postgresql") && !Path::new(CLUSTER_SETTINGS).exists() {
        apt_install(&["postgresql-common"])?;
        command::run(
            "sh",
            &[
                "-c",
                &format!("echo create_main_cluster = false >>{CLUSTER_SETTINGS}"),
            ],
        )?;
    }
    apt_install(packages)
}

fn apt_install(packages: &[&str]) -> Result<(), TaskError> {
    let mut line = vec!["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y"];
    line.push("--no-install-recommends");
    line.extend(packages);
    command::run("env", &line)
}
