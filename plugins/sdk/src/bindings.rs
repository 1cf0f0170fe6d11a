//! What `wit-bindgen` makes of wit/, one module a world.
//!
//! The commands world imports every host interface, so its module also holds the types and host
//! functions that the other worlds share. A component keeps only the imports that it calls.
#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    reason = "generated code; what an author sees of it is documented in wit/"
)]

pub mod commands {
    wit_bindgen::generate!({
        path: ["../../wit/plugin", "../../wit/host"],
        world: "mini-llm-chat:host/commands-plugin",
        pub_export_macro: true,
        export_macro_name: "export_commands_world",
        runtime_path: "::mini_llm_chat_plugin_sdk::private::wit_bindgen::rt",
        additional_derives: [PartialEq, Clone],
        generate_all,
    });
}

pub mod redactor {
    wit_bindgen::generate!({
        path: ["../../wit/plugin", "../../wit/host"],
        world: "mini-llm-chat:host/redactor-plugin",
        pub_export_macro: true,
        export_macro_name: "export_redactor_world",
        runtime_path: "::mini_llm_chat_plugin_sdk::private::wit_bindgen::rt",
        additional_derives: [PartialEq, Clone],
        with: {
            "mini-llm-chat:plugin/types@0.1.0": super::commands::mini_llm_chat::plugin::types,
            "mini-llm-chat:host/settings@0.1.0": super::commands::mini_llm_chat::host::settings,
        },
        generate_all,
    });
}

pub mod policy {
    wit_bindgen::generate!({
        path: ["../../wit/plugin", "../../wit/host"],
        world: "mini-llm-chat:host/policy-plugin",
        pub_export_macro: true,
        export_macro_name: "export_policy_world",
        runtime_path: "::mini_llm_chat_plugin_sdk::private::wit_bindgen::rt",
        additional_derives: [PartialEq, Clone],
        with: {
            "mini-llm-chat:plugin/types@0.1.0": super::commands::mini_llm_chat::plugin::types,
            "mini-llm-chat:host/settings@0.1.0": super::commands::mini_llm_chat::host::settings,
            "mini-llm-chat:host/log@0.1.0": super::commands::mini_llm_chat::host::log,
        },
        generate_all,
    });
}

pub mod configurable {
    wit_bindgen::generate!({
        path: ["../../wit/plugin", "../../wit/host"],
        world: "mini-llm-chat:host/configurable-plugin",
        pub_export_macro: true,
        export_macro_name: "export_configurable_world",
        runtime_path: "::mini_llm_chat_plugin_sdk::private::wit_bindgen::rt",
        additional_derives: [PartialEq, Clone],
        with: {
            "mini-llm-chat:host/settings@0.1.0": super::commands::mini_llm_chat::host::settings,
        },
        generate_all,
    });
}
