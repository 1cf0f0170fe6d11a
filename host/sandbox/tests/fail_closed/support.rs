//! The sandbox and the guests that every test uses. Guests are built once for each test run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

use mini_llm_chat_componentize::Build;
use mini_llm_chat_sandbox::contract::{Access, Caller};
use mini_llm_chat_sandbox::{
    CommandsPre, Component, Grant, Origin, PluginName, PolicyPre, PolicyTurn, Redactor,
    RedactorPre, Sandbox, SandboxConfig, Settings,
};

/// One sandbox for all tests, as in the product.
pub(crate) static SANDBOX: LazyLock<Arc<Sandbox>> =
    LazyLock::new(|| Sandbox::new(SandboxConfig { cache_dir: None }).unwrap());

static GUESTS: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    let build = Build::new(here.join("tests/hostile"), here.join("../.."), target);
    let built = build.run().unwrap_or_else(|error| panic!("{error}"));
    built
        .into_iter()
        .map(|built| (built.name, built.component))
        .collect()
});

static REDACTOR: LazyLock<Arc<RedactorPre>> = LazyLock::new(|| redactor(guest("redactor")));

static POLICY: LazyLock<Arc<PolicyPre>> = LazyLock::new(|| {
    let admitted = SANDBOX.examine(component(guest("policy"), &[])).unwrap();
    Arc::new(PolicyPre::new(SANDBOX.engine(), &admitted).unwrap())
});

/// The bytes of one of the guests.
pub(crate) fn guest(kind: &str) -> Vec<u8> {
    let name = format!("hostile-{kind}");
    GUESTS
        .get(&name)
        .unwrap_or_else(|| panic!("{:?}", GUESTS.keys()))
        .clone()
}

/// A component as if it was read from a file.
pub(crate) fn component(bytes: Vec<u8>, grants: &[Grant]) -> Component {
    Component {
        name: PluginName::new("hostile").unwrap(),
        order: "hostile.wasm".to_owned(),
        origin: Origin::File("hostile.wasm".into()),
        bytes,
        settings: Settings::default(),
        grants: grants.iter().copied().collect::<BTreeSet<_>>(),
    }
}

/// Admits a redactor.
pub(crate) fn redactor(bytes: Vec<u8>) -> Arc<RedactorPre> {
    let admitted = SANDBOX.examine(component(bytes, &[])).unwrap();
    Arc::new(RedactorPre::new(SANDBOX.engine(), &admitted).unwrap())
}

/// The hostile redactor, with warm instances of its own.
pub(crate) fn warm_redactor() -> Redactor {
    let mut redactor = Redactor::new(&[Arc::clone(&REDACTOR)]);
    redactor.warm().unwrap();
    redactor
}

/// A turn under `count` hostile policies.
pub(crate) fn turn(count: usize) -> PolicyTurn {
    PolicyTurn::begin(&policies(count), &caller("someone"), "canary").unwrap()
}

/// The hostile policy, several times.
pub(crate) fn policies(count: usize) -> Vec<Arc<PolicyPre>> {
    vec![Arc::clone(&POLICY); count]
}

/// Admits the hostile commands with these grants.
pub(crate) fn commands(grants: &[Grant]) -> Arc<CommandsPre> {
    let admitted = SANDBOX
        .examine(component(guest("commands"), grants))
        .unwrap();
    Arc::new(CommandsPre::new(SANDBOX.engine(), &admitted).unwrap())
}

/// A plain user.
pub(crate) fn caller(id: &str) -> Caller {
    Caller {
        user_id: id.to_owned(),
        access: Access::User,
        conversation: "conversation".to_owned(),
    }
}
