//! Everything that computes with secrets or keys: material, wrapping keys, paddings, wrapping, entropy, the self-test.

pub mod algorithm;
pub mod commitment;
pub mod entropy;
pub mod kcv;
pub mod material;
mod modulus;
pub mod padding;
pub mod rsaep;
pub mod scrub;
pub mod secret;
pub mod self_test;
pub mod signer;
pub mod wrap;
mod wrapped;
pub mod wrapping_key;
