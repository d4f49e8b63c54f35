//! Which part of the self-test failed.

use super::health::RngFault;
use crate::refusals;

refusals! {
    /// Which part of the self-test failed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum SelfTestError: Refused {
        /// A computation did not return its known answer; names the computation.
        KnownAnswer(name: &'static str) => SELF_TEST,
            what("the self-test of {name} did not return the known answer", "{name} 自检未得到已知答案"),
            hint("the program or this machine is broken: compare the program's SHA-256 with the release's; if they are equal, use another machine",
                 "程序或本机已损坏：请将程序的 SHA-256 与发布值核对；如果一致，请更换机器");
        /// The random generator is not healthy.
        Rng from RngFault;
    }
}
