//! In the place of a library in C: no target digests anything.

pub struct Context;
pub struct Algorithm;
pub static SHA256: Algorithm = Algorithm;

impl Context {
    pub fn new(_: &Algorithm) -> Self {
        Self
    }

    pub fn update(&mut self, _: &[u8]) {}

    pub fn finish(self) -> [u8; 32] {
        [0; 32]
    }
}
