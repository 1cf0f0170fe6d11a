//! Admits, limits, runs and swaps the WebAssembly components; knows nothing of databases or terminals.
