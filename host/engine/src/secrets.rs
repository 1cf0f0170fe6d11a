//! The secrets that the process itself holds, and their literal match in texts.
